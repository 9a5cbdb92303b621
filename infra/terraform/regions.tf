# The regions in which workers can run.
#
# Version 5 of the AWS provider needs one provider block for each region, and the list of blocks cannot be computed. The
# provider block of a region must exist after the region was removed from `regions`, because its provider deletes the
# resources of the region. This file therefore contains a block for each supported region. A region that is not in
# `regions` has no resources.
#
# To add a region, copy its provider block and its module block. Add the name of the new module to `workers` below, and
# the region to the validation of `regions` in variables.tf. Before you remove the blocks of a region, remove the region
# from `regions` and apply.

# The provider of the home region: the bucket, and resources without a region.
provider "aws" {
  region = local.home

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = local.tags
  }
}

module "us_east_1" {
  source    = "./worker"
  count     = contains(var.regions, "us-east-1") ? 1 : 0
  providers = { aws = aws.us_east_1 }
  region    = "us-east-1"
  fleet     = local.worker
}

provider "aws" {
  alias  = "us_west_2"
  region = "us-west-2"

  default_tags {
    tags = local.tags
  }
}

module "us_west_2" {
  source    = "./worker"
  count     = contains(var.regions, "us-west-2") ? 1 : 0
  providers = { aws = aws.us_west_2 }
  region    = "us-west-2"
  fleet     = local.worker
}

provider "aws" {
  alias  = "eu_west_1"
  region = "eu-west-1"

  default_tags {
    tags = local.tags
  }
}

module "eu_west_1" {
  source    = "./worker"
  count     = contains(var.regions, "eu-west-1") ? 1 : 0
  providers = { aws = aws.eu_west_1 }
  region    = "eu-west-1"
  fleet     = local.worker
}

provider "aws" {
  alias  = "eu_central_1"
  region = "eu-central-1"

  default_tags {
    tags = local.tags
  }
}

module "eu_central_1" {
  source    = "./worker"
  count     = contains(var.regions, "eu-central-1") ? 1 : 0
  providers = { aws = aws.eu_central_1 }
  region    = "eu-central-1"
  fleet     = local.worker
}

provider "aws" {
  alias  = "ap_southeast_1"
  region = "ap-southeast-1"

  default_tags {
    tags = local.tags
  }
}

module "ap_southeast_1" {
  source    = "./worker"
  count     = contains(var.regions, "ap-southeast-1") ? 1 : 0
  providers = { aws = aws.ap_southeast_1 }
  region    = "ap-southeast-1"
  fleet     = local.worker
}

provider "aws" {
  alias  = "ap_northeast_1"
  region = "ap-northeast-1"

  default_tags {
    tags = local.tags
  }
}

module "ap_northeast_1" {
  source    = "./worker"
  count     = contains(var.regions, "ap-northeast-1") ? 1 : 0
  providers = { aws = aws.ap_northeast_1 }
  region    = "ap-northeast-1"
  fleet     = local.worker
}

locals {
  workers = concat(
    module.us_east_1,
    module.us_west_2,
    module.eu_west_1,
    module.eu_central_1,
    module.ap_southeast_1,
    module.ap_northeast_1,
  )
}
