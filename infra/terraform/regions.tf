# The regions in which workers can run. With version 5 of the provider, each region needs its own provider block, and
# the list of providers cannot be computed. It must not depend on `regions` either, because the provider of a region
# deletes its resources after the region was removed from `regions`. So each region has a block here; the regions that
# `regions` does not name stay empty.
#
# To add a region, copy a block, and add its name to `workers` below and to the validation of `regions` in variables.tf.
# Remove a block only after an apply without its region.

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
