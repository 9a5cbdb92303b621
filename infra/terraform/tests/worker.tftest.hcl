# Plans of the function and of its role in one region.

mock_provider "aws" {}

variables {
  region = "eu-west-1"
  fleet = {
    name                 = "vajra-worker"
    account              = "123456789012"
    architecture         = "arm64"
    zip                  = "tests/worker.tftest.hcl"
    memory_mb            = 1769
    timeout_s            = 900
    log_retention_days   = 14
    reserved_concurrency = null
    allow                = ["api.example.com", "10.1.0.0/16"]
    store                = "s3://example-runs/vajra?region=us-east-1"
    bucket               = "example-runs"
    prefix               = "vajra"
    vpc                  = {}
    secrets              = []
    secret_keys          = []
  }
}

run "the_function" {
  command = plan

  module {
    source = "./worker"
  }

  assert {
    condition     = aws_lambda_function.worker.runtime == "provided.al2023" && aws_lambda_function.worker.architectures == tolist(["arm64"])
    error_message = "the function has another runtime or architecture"
  }

  assert {
    condition     = aws_lambda_function.worker.memory_size == 1769 && aws_lambda_function.worker.timeout == 900
    error_message = "the function has another memory size or timeout"
  }

  assert {
    condition     = aws_lambda_function.worker.source_code_hash == filebase64sha256("tests/worker.tftest.hcl")
    error_message = "new code would not be deployed"
  }

  assert {
    condition     = aws_lambda_function.worker.environment[0].variables == tomap({ VAJRA_ALLOW = "api.example.com,10.1.0.0/16", VAJRA_LOG = "json", VAJRA_STORE = "s3://example-runs/vajra?region=us-east-1" })
    error_message = "the environment has other targets, another store or further variables"
  }

  assert {
    condition     = aws_lambda_function.worker.reserved_concurrent_executions == -1 && length(aws_lambda_function.worker.vpc_config) == 0 && length(aws_iam_role_policy.network) == 0
    error_message = "the function has reserved concurrency or a VPC by default"
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.worker.maximum_retry_attempts == 0 && aws_lambda_function_event_invoke_config.worker.maximum_event_age_in_seconds == 60
    error_message = "an asynchronous invocation could run late or twice"
  }

  assert {
    condition     = aws_cloudwatch_log_group.worker.name == "/aws/lambda/vajra-worker" && aws_cloudwatch_log_group.worker.retention_in_days == 14
    error_message = "the log group has another name or retention"
  }
}

run "the_role_allows_only_the_actions_of_a_worker" {
  command = plan

  module {
    source = "./worker"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.worker.policy).Statement == [
      { Sid = "ReadRuns", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::example-runs/vajra/runs/*", "arn:aws:s3:::example-runs/vajra/probes/*"] },
      {
        Sid       = "WriteOnce", Effect = "Allow", Action = ["s3:PutObject"]
        Resource  = ["arn:aws:s3:::example-runs/vajra/runs/*/shards/*/claims/*", "arn:aws:s3:::example-runs/vajra/runs/*/shards/*/prepared/*", "arn:aws:s3:::example-runs/vajra/runs/*/shards/*/left/*", "arn:aws:s3:::example-runs/vajra/runs/*/shards/*/result", "arn:aws:s3:::example-runs/vajra/runs/*/stop", "arn:aws:s3:::example-runs/vajra/probes/*"]
        Condition = { Null = { "s3:if-none-match" = "false" } }
      },
      { Sid = "WriteSnapshots", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::example-runs/vajra/runs/*/shards/*/live/*"] },
      { Sid = "CleanUp", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = ["arn:aws:s3:::example-runs/vajra/probes/*"] },
      { Sid = "ListRuns", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::example-runs"], Condition = { StringLike = { "s3:prefix" = ["vajra/*"] } } },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/vajra-worker:log-stream:*"] },
      { Sid = "HandOver", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:vajra-worker"] },
    ]
    error_message = "the role has other permissions: ${aws_iam_role_policy.worker.policy}"
  }

  assert {
    condition     = jsondecode(aws_iam_role.worker.assume_role_policy).Statement == [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
    error_message = "other principals could assume the role: ${aws_iam_role.worker.assume_role_policy}"
  }
}

run "a_worker_reads_the_secrets_of_its_region" {
  command = plan

  module {
    source = "./worker"
  }

  variables {
    fleet = {
      name                 = "vajra-worker"
      account              = "123456789012"
      architecture         = "x86_64"
      zip                  = "tests/worker.tftest.hcl"
      memory_mb            = 3538
      timeout_s            = 300
      log_retention_days   = 1
      reserved_concurrency = 50
      allow                = ["api.example.com"]
      store                = "s3://example-runs/vajra?region=us-east-1"
      bucket               = "example-runs"
      prefix               = "vajra"
      vpc                  = { eu-west-1 = { subnet_ids = ["subnet-0123456789abcdef0"], security_group_ids = ["sg-0123456789abcdef0"] } }
      secrets = [
        "arn:aws:ssm:eu-west-1:123456789012:parameter/load/token",
        "arn:aws:ssm:us-east-1:123456789012:parameter/load/token",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:load/key-AbCdEf",
      ]
      secret_keys = ["arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
    }
  }

  assert {
    condition = slice(jsondecode(aws_iam_role_policy.worker.policy).Statement, 7, 10) == [
      { Sid = "Parameters", Effect = "Allow", Action = ["ssm:GetParameter"], Resource = ["arn:aws:ssm:eu-west-1:123456789012:parameter/load/token"] },
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:load/key-AbCdEf"] },
      {
        Sid       = "KeysOfSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
        Condition = { StringEquals = { "kms:ViaService" = ["ssm.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"] } }
      },
    ]
    error_message = "the role may read other secrets: ${aws_iam_role_policy.worker.policy}"
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.worker.policy).Statement) == 10
    error_message = "the role has further permissions: ${aws_iam_role_policy.worker.policy}"
  }

  assert {
    condition     = aws_lambda_function.worker.reserved_concurrent_executions == 50
    error_message = "the concurrency is not reserved"
  }

  assert {
    condition     = aws_lambda_function.worker.architectures == tolist(["x86_64"]) && aws_lambda_function.worker.memory_size == 3538 && aws_lambda_function.worker.timeout == 300 && aws_cloudwatch_log_group.worker.retention_in_days == 1
    error_message = "a variable has no effect"
  }

  assert {
    condition     = aws_lambda_function.worker.vpc_config[0].subnet_ids == toset(["subnet-0123456789abcdef0"]) && aws_lambda_function.worker.vpc_config[0].security_group_ids == toset(["sg-0123456789abcdef0"])
    error_message = "the function is not in the VPC"
  }

  # An action is allowed on all resources only if it does not support resources. All actions that the policy allows to
  # Lambda are denied to the code of the function.
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.network[0].policy).Statement : statement.Sid if statement.Effect == "Allow" && statement.Resource == "*"] == ["FindInterfaces"]
    error_message = "the role allows further actions on all resources: ${aws_iam_role_policy.network[0].policy}"
  }

  assert {
    condition = (
      sort(flatten([for statement in jsondecode(aws_iam_role_policy.network[0].policy).Statement : statement.Action if statement.Effect == "Allow"])) ==
      sort(flatten([for statement in jsondecode(aws_iam_role_policy.network[0].policy).Statement : statement.Action if statement.Effect == "Deny"])) &&
      jsondecode(aws_iam_role_policy.network[0].policy).Statement[3].Condition == { ArnEquals = { "lambda:SourceFunctionArn" = ["arn:aws:lambda:eu-west-1:123456789012:function:vajra-worker"] } }
    )
    error_message = "the function's own code has network permissions: ${aws_iam_role_policy.network[0].policy}"
  }
}
