# The worker function in one region.

locals {
  # The ARN is computed here, because the role contains the ARN of the function, and the function depends on the role.
  function = "arn:aws:lambda:${var.region}:${var.fleet.account}:function:${var.fleet.name}"
  network  = lookup(var.fleet.vpc, var.region, null)
}

resource "aws_lambda_function" "worker" {
  #checkov:skip=CKV_AWS_50: a trace of one invocation adds nothing to the run's report, and the tracing daemon would take processor time from the load
  #checkov:skip=CKV_AWS_116: invocations are not retried and not queued: the report names a failed invocation
  #checkov:skip=CKV_AWS_117: `vpc` attaches the function to a VPC, and most fleets send to the internet and need no VPC
  #checkov:skip=CKV_AWS_173: the environment contains the allow-list and the store's address but no secret, and Lambda encrypts the environment with its own key
  #checkov:skip=CKV_AWS_272: the zip is built here and its hash is in the state, and a signing profile would be one more resource to maintain
  function_name = var.fleet.name
  description   = "One invocation is one worker of a vajra-cloud run"
  role          = aws_iam_role.worker.arn

  package_type = "Zip"
  filename     = var.fleet.zip
  # A precondition of the deployment checks that the zip exists. `terraform destroy` works without the zip.
  source_code_hash = fileexists(var.fleet.zip) ? filebase64sha256(var.fleet.zip) : null
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.fleet.architecture]

  memory_size                    = var.fleet.memory_mb
  timeout                        = var.fleet.timeout_s
  reserved_concurrent_executions = coalesce(var.fleet.reserved_concurrency, -1)

  environment {
    variables = {
      VAJRA_ALLOW = join(",", var.fleet.allow)
      VAJRA_STORE = var.fleet.store
      # The worker logs one line for each change of its state, which is about ten lines. An empty value disables the
      # log.
      VAJRA_LOG = "json"
    }
  }

  dynamic "vpc_config" {
    for_each = local.network[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # Lambda checks the role when it creates the function, so the policies of the role must exist before the function. The
  # log group must be deleted after the function. The function may not create log groups, so a destroyed deployment
  # leaves no log group.
  depends_on = [aws_iam_role_policy.worker, aws_iam_role_policy.network, aws_cloudwatch_log_group.worker]
}

# Asynchronous invocations are not retried and expire after one minute, because a late or duplicate worker must not
# start.
resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name                = aws_lambda_function.worker.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_cloudwatch_log_group" "worker" {
  #checkov:skip=CKV_AWS_158: the logs of workers contain no secret, and CloudWatch encrypts them with its own key
  #checkov:skip=CKV_AWS_338: `log_retention_days` sets the retention, because the reason why a worker failed is not needed after a year
  name              = "/aws/lambda/${var.fleet.name}"
  retention_in_days = var.fleet.log_retention_days
}
