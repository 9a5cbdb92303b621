# Plans of the deployment with the defaults, and with each optional part. A run starts a provider for every region, so
# each run makes many assertions.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mocked" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

mock_provider "aws" {
  alias = "us_west_2"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

mock_provider "aws" {
  alias = "eu_west_1"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

mock_provider "aws" {
  alias = "eu_central_1"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

mock_provider "aws" {
  alias = "ap_southeast_1"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

mock_provider "aws" {
  alias = "ap_northeast_1"

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

variables {
  allow = ["api.example.com"]
  # The path of any existing file is accepted, because the provider is a mock.
  zip = "tests/deployment.tftest.hcl"
}

run "by_default" {
  command = plan

  assert {
    condition     = length(module.us_east_1) == 1 && length(local.workers) == 1
    error_message = "workers are not only in us-east-1"
  }

  assert {
    condition     = aws_s3_bucket.results.bucket == "vajra-worker-123456789012-us-east-1"
    error_message = "the bucket is ${aws_s3_bucket.results.bucket}"
  }

  assert {
    condition     = length(aws_iam_role.github) == 0 && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "a role for GitHub exists without `github`"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.results.block_public_acls,
      aws_s3_bucket_public_access_block.results.block_public_policy,
      aws_s3_bucket_public_access_block.results.ignore_public_acls,
      aws_s3_bucket_public_access_block.results.restrict_public_buckets,
    ])
    error_message = "the bucket allows public access"
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.results.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "another account could own a result"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.results.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "results are not encrypted"
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.results.policy).Statement : [statement.Effect, statement.Principal, statement.Action, jsonencode(statement.Condition)]] == [
      ["Deny", "*", "s3:*", jsonencode({ Bool = { "aws:SecureTransport" = "false" } })],
      ["Deny", "*", "s3:*", jsonencode({ NumericLessThan = { "s3:TlsVersion" = "1.2" } })],
    ]
    error_message = "the bucket allows requests without TLS 1.2: ${aws_s3_bucket_policy.results.policy}"
  }

  assert {
    condition     = toset([for rule in aws_s3_bucket_lifecycle_configuration.results.rule : rule.filter[0].prefix if try(rule.expiration[0].days, 0) == 90]) == toset(["vajra/calibrations/", "vajra/probes/", "vajra/runs/"])
    error_message = "runs, calibrations and probes do not expire, or other objects do"
  }

  assert {
    condition     = anytrue([for rule in aws_s3_bucket_lifecycle_configuration.results.rule : try(rule.abort_incomplete_multipart_upload[0].days_after_initiation == 1, false)])
    error_message = "unfinished uploads are not deleted"
  }

  assert {
    condition     = aws_s3_bucket.results.force_destroy
    error_message = "a destroy would leave the runs"
  }
}

run "with_everything" {
  command = plan

  variables {
    regions   = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ap-northeast-1"]
    keep_runs = true
    github    = { subjects = ["repo:example/shop:ref:refs/heads/main", "repo:example/shop:environment:load-test"] }
  }

  assert {
    condition     = !aws_s3_bucket.results.force_destroy
    error_message = "a destroy would delete the runs"
  }

  assert {
    condition     = sort([for worker in local.workers : worker.region]) == sort(var.regions)
    error_message = "workers are in ${join(", ", [for worker in local.workers : worker.region])}"
  }

  assert {
    condition     = jsondecode(aws_iam_policy.launch.policy).Statement[0].Resource == [for region in var.regions : "arn:aws:lambda:${region}:123456789012:function:vajra-worker"]
    error_message = "the launch policy names other functions: ${aws_iam_policy.launch.policy}"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && one(aws_iam_openid_connect_provider.github[0].client_id_list) == "sts.amazonaws.com"
    error_message = "GitHub's tokens would not be accepted"
  }

  assert {
    condition = jsondecode(aws_iam_role.github[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = ["repo:example/shop:ref:refs/heads/main", "repo:example/shop:environment:load-test"]
      } }
    }]
    error_message = "other principals could assume GitHub's role: ${aws_iam_role.github[0].assume_role_policy}"
  }

  assert {
    condition     = aws_iam_role_policy_attachment.github_launches[0].role == "vajra-worker-github"
    error_message = "the role has no launch policy"
  }
}

run "with_an_existing_provider_for_github" {
  variables {
    regions = ["eu-west-1", "us-east-1"]
    bucket  = "example-runs"
    prefix  = "load/tests"
    tags    = { team = "shop" }
    github = {
      subjects     = ["repo:example/shop:environment:load-test"]
      provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "an account can have only one provider for GitHub"
  }

  assert {
    condition     = aws_s3_bucket.results.bucket == "example-runs" && local.tags == { project = "vajra-cloud", deployment = "vajra-worker", team = "shop" }
    error_message = "a variable has no effect"
  }

  assert {
    condition     = output.fleet.format == 1 && sort(keys(output.fleet.regions)) == sort(["us-east-1", "eu-west-1"]) && endswith(output.fleet.store, "/load/tests?region=eu-west-1")
    error_message = "the command line would read ${jsonencode(output.fleet)}"
  }
}

run "contradicting_variables_are_rejected" {
  command = plan

  variables {
    regions = ["eu-west-1", "us-east-1"]
    zip     = "tests/no-such.zip"
    secrets = ["arn:aws:ssm:us-west-2:123456789012:parameter/load/token"]
    vpc     = { us-west-2 = { subnet_ids = ["subnet-0123456789abcdef0"], security_group_ids = ["sg-0123456789abcdef0"] } }
  }

  expect_failures = [terraform_data.deployment]
}

run "the_home_region_cannot_change" {
  command = plan

  variables {
    regions = ["us-east-1", "eu-west-1"]
  }

  expect_failures = [terraform_data.deployment]
}
