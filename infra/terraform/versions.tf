# The provider: 5.81 is the first that needs no thumbprint of GitHub's certificate; tested with 5.100.
# Version 6 gives resources a region of their own and is a step to take on purpose.
#
# There is no lock file: it would have to carry the registry's hashes for every platform that
# anyone deploys from. Where deployments are shared, make one and keep it with your state:
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
