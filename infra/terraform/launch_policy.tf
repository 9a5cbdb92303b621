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
        # A request for a key that is not there names no prefix, so S3 answers it with "denied". The
        # command line asks once, by a list of that key alone, whether it means "not there".
        Sid       = "ListRuns"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::${local.bucket}"]
        Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/*"] } }
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
