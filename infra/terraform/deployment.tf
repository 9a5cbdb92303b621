# The account, the names of the resources, and the checks that involve several variables.

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  home    = var.regions[0]
  bucket  = coalesce(var.bucket, "${var.name}-${local.account}-${local.home}")
  store   = "s3://${local.bucket}/${var.prefix}?region=${local.home}"
  tags    = merge({ project = "vajra-cloud", deployment = var.name }, var.tags)

  # The settings that are the same for the workers of all regions.
  worker = {
    name                 = var.name
    account              = local.account
    architecture         = var.architecture
    zip                  = coalesce(var.zip, "${path.module}/../../target/lambda/${var.architecture}/vajra-worker/bootstrap.zip")
    memory_mb            = var.memory_mb
    timeout_s            = var.timeout_s
    log_retention_days   = var.log_retention_days
    reserved_concurrency = var.reserved_concurrency
    allow                = var.allow
    store                = local.store
    bucket               = local.bucket
    prefix               = var.prefix
    vpc                  = var.vpc
    secrets              = var.secrets
    secret_keys          = var.secret_keys
  }
}

# A bucket cannot move to another region. With another home region, Terraform would create a second bucket there and
# abandon the bucket that contains the runs. The deployment records its first home region to prevent this.
resource "terraform_data" "deployment" {
  input = local.home

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == local.home
      error_message = "The bucket of this deployment is in ${self.output}, but `regions` begins with ${local.home}. Put ${self.output} first again, or destroy this deployment and deploy a new one."
    }

    precondition {
      condition     = fileexists(local.worker.zip)
      error_message = "The file ${local.worker.zip} does not exist: build it with infra/build --${replace(var.architecture, "_", "-")}, or set `zip` to its path."
    }

    precondition {
      condition     = length(setsubtract(keys(var.vpc), var.regions)) == 0
      error_message = "`vpc` names ${join(", ", setsubtract(keys(var.vpc), var.regions))}, which `regions` does not have: it may name ${join(", ", var.regions)}."
    }

    precondition {
      condition     = alltrue([for arn in concat(var.secrets, var.secret_keys) : contains(var.regions, split(":", arn)[3])])
      error_message = "`secrets` or `secret_keys` name a region without workers, which read only in their own region; workers are in ${join(", ", var.regions)}."
    }
  }
}
