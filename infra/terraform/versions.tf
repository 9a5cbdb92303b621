# Version 5.81 of the AWS provider is the first version that needs no thumbprint of GitHub's certificate. Version 5.100
# is tested. Version 6 adds a region to each resource, so an upgrade to version 6 must be deliberate.
#
# The project contains no lock file. A lock file would need the hashes of the provider for every platform from which
# users deploy. If several people deploy, create a lock file and keep it with your state: `terraform providers lock
# -platform=linux_amd64 -platform=darwin_arm64`.
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.81"
    }
  }
}
