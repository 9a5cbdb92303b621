# The policy for users and CI jobs that launch runs.

locals {
  functions = [for region in var.regions : "arn:aws:lambda:${region}:${local.account}:function:${var.name}"]
}

resource "aws_iam_policy" "launch" {
  #checkov:skip=CKV_AWS_355: GetAccountSettings, GetMetricData and GetMetricStatistics do not support resources, and only read numbers
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
        # The permission is limited to a prefix, and a request for a single key has no prefix. If the key does not
        # exist, S3 answers "denied" because of this limit. After this answer, the command line lists the key to find
        # out whether the key exists.
        Sid       = "ListRuns"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::${local.bucket}"]
        Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/*"] } }
      },
      {
        # The actions of this statement do not support resources.
        Sid      = "QuotasAndMetrics"
        Effect   = "Allow"
        Action   = ["lambda:GetAccountSettings", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics"]
        Resource = ["*"]
      },
    ]
  })
}
