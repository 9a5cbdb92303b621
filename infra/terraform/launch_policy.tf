# What a person or a CI job may do with the fleet: attach it to whoever launches.

locals {
  functions = [for region in var.regions : "arn:aws:lambda:${region}:${local.account}:function:${var.name}"]
}

resource "aws_iam_policy" "launch" {
  #checkov:skip=CKV_AWS_355: GetAccountSettings, GetMetricData and GetMetricStatistics know no resource; they read numbers and nothing else
  name        = "${var.name}-launch"
  description = "Launch, follow, stop and report runs of the fleet ${var.name}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StartWorkers"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"]
        Resource = local.functions
      },
      {
        Sid      = "Runs"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        Resource = ["arn:aws:s3:::${local.bucket}/${var.prefix}/*"]
      },
      {
        # S3 says that a key is not there only to those who may list the bucket, and the request for
        # that key has no s3:prefix: hence IfExists. The bucket has nothing but runs.
        Sid       = "ListRuns"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::${local.bucket}"]
        Condition = { StringLikeIfExists = { "s3:prefix" = ["${var.prefix}/*"] } }
      },
      {
        # These have no resource that could be named.
        Sid      = "QuotasAndMetrics"
        Effect   = "Allow"
        Action   = ["lambda:GetAccountSettings", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics"]
        Resource = ["*"]
      },
    ]
  })
}
