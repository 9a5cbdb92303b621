# Version 5.81 of the provider is the first that needs no thumbprint of GitHub's certificate; tested with 5.100.
# Version 6 adds a region to each resource; the upgrade must be deliberate.
#
# No lock file is included, because it would need the registry's hashes for every platform from which users deploy. If
# several people deploy, create one and keep it with your state:
# `terraform providers lock -platform=linux_amd64 -platform=darwin_arm64`.
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.81"
    }
  }
}
