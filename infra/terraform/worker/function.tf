# The worker function of one region.

locals {
  # Written out, since the role names it and the function needs the role.
  function = "arn:aws:lambda:${var.region}:${var.fleet.account}:function:${var.fleet.name}"
  network  = lookup(var.fleet.vpc, var.region, null)
}

resource "aws_lambda_function" "worker" {
  #checkov:skip=CKV_AWS_50: a trace of one invocation says nothing that the run's report does not, and its sender would take processor time from the load
  #checkov:skip=CKV_AWS_116: nothing is retried and nothing waits in a queue: an invocation that fails is named in the report
  #checkov:skip=CKV_AWS_117: `vpc` attaches it; most fleets send to the internet and need none
  #checkov:skip=CKV_AWS_173: the environment has the allow-list, the store's address and no secret; Lambda encrypts it with its own key
  #checkov:skip=CKV_AWS_272: the zip is built here and its hash is in the state; a signing profile would be one more thing to keep
  function_name = var.fleet.name
  description   = "One invocation is one worker of a vajra-cloud run"
  role          = aws_iam_role.worker.arn

  package_type = "Zip"
  filename     = var.fleet.zip
  # That the zip is there is checked before an apply; a destroy does without it.
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
      # One line for each change of a worker's state, some ten a worker; empty for none.
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

  # Lambda tries the role when it makes the function. The log group outlives the function by this
  # order, and the function may not make one by itself: so none is left behind.
  depends_on = [aws_iam_role_policy.worker, aws_iam_role_policy.network, aws_cloudwatch_log_group.worker]
}

# For whoever invokes asynchronously: a worker that comes late, or twice, is of no use.
resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name                = aws_lambda_function.worker.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_cloudwatch_log_group" "worker" {
  #checkov:skip=CKV_AWS_158: what workers print has no secret, and CloudWatch encrypts it with its own key
  #checkov:skip=CKV_AWS_338: `log_retention_days`; the lines say why a worker failed, and nobody asks that after a year
  name              = "/aws/lambda/${var.fleet.name}"
  retention_in_days = var.fleet.log_retention_days
}
