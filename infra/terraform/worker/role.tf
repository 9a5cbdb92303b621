# The role of the workers in one region. The role allows only the actions that a worker performs.

locals {
  secrets    = [for arn in var.fleet.secrets : arn if split(":", arn)[3] == var.region]
  parameters = [for arn in local.secrets : arn if split(":", arn)[2] == "ssm"]
  vaults     = [for arn in local.secrets : arn if split(":", arn)[2] == "secretsmanager"]
  keys       = [for arn in var.fleet.secret_keys : arn if split(":", arn)[3] == var.region]
  objects    = "arn:aws:s3:::${var.fleet.bucket}/${var.fleet.prefix}"
  interfaces = "arn:aws:ec2:${var.region}:${var.fleet.account}:network-interface/*"
}

resource "aws_iam_role" "worker" {
  name        = "${var.fleet.name}-${var.region}"
  description = "Workers of the fleet ${var.fleet.name} in ${var.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "worker" {
  name = "work"
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ReadRuns"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${local.objects}/runs/*", "${local.objects}/probes/*"]
        },
        {
          # A worker cannot overwrite existing objects, such as the plan, or the claim or result of another worker.
          Sid    = "WriteOnce"
          Effect = "Allow"
          Action = ["s3:PutObject"]
          Resource = [
            "${local.objects}/runs/*/shards/*/claims/*",
            "${local.objects}/runs/*/shards/*/prepared/*",
            "${local.objects}/runs/*/shards/*/left/*",
            "${local.objects}/runs/*/shards/*/result",
            "${local.objects}/runs/*/stop",
            "${local.objects}/probes/*",
          ]
          Condition = { Null = { "s3:if-none-match" = "false" } }
        },
        {
          # If the answer to a write of a snapshot is lost, the worker writes the snapshot again with newer data.
          # Snapshots show the progress of a run. If a worker has stored a result, the report uses this result in place
          # of the snapshots.
          Sid      = "WriteSnapshots"
          Effect   = "Allow"
          Action   = ["s3:PutObject"]
          Resource = ["${local.objects}/runs/*/shards/*/live/*"]
        },
        {
          # Before a run, `doctor` asks a worker whether it can write to the bucket. The worker writes a probe and
          # deletes it.
          Sid      = "CleanUp"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject"]
          Resource = ["${local.objects}/probes/*"]
        },
        {
          # The permission is limited to a prefix, and a request for a single key has no prefix. If the key does not
          # exist, S3 answers "denied" because of this limit. After this answer, the worker lists the key to find out
          # whether the key exists.
          Sid       = "ListRuns"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = ["arn:aws:s3:::${var.fleet.bucket}"]
          Condition = { StringLike = { "s3:prefix" = ["${var.fleet.prefix}/*"] } }
        },
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["arn:aws:logs:${var.region}:${var.fleet.account}:log-group:/aws/lambda/${var.fleet.name}:log-stream:*"]
        },
        {
          Sid      = "HandOver"
          Effect   = "Allow"
          Action   = ["lambda:InvokeFunction"]
          Resource = [local.function]
        },
      ],
      [for arns in [local.parameters] : {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = arns
      } if length(arns) > 0],
      [for arns in [local.vaults] : {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = arns
      } if length(arns) > 0],
      [for arns in [local.keys] : {
        Sid      = "KeysOfSecrets"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = arns
        Condition = {
          StringEquals = { "kms:ViaService" = ["ssm.${var.region}.amazonaws.com", "secretsmanager.${var.region}.amazonaws.com"] }
        }
      } if length(arns) > 0],
    )
  })
}

# In a VPC, Lambda creates network interfaces with this role. The policy denies the same actions to the code of the
# function.
resource "aws_iam_role_policy" "network" {
  #checkov:skip=CKV_AWS_355: the two Describe actions, which Lambda requires, support no resource
  count = local.network == null ? 0 : 1

  name = "network"
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "MakeInterfaces"
        Effect = "Allow"
        Action = ["ec2:CreateNetworkInterface"]
        Resource = concat(
          [local.interfaces],
          [for id in local.network.subnet_ids : "arn:aws:ec2:${var.region}:${var.fleet.account}:subnet/${id}"],
          [for id in local.network.security_group_ids : "arn:aws:ec2:${var.region}:${var.fleet.account}:security-group/${id}"],
        )
      },
      {
        Sid      = "KeepInterfaces"
        Effect   = "Allow"
        Action   = ["ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
        Resource = [local.interfaces]
      },
      {
        Sid      = "FindInterfaces"
        Effect   = "Allow"
        Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
        Resource = "*"
      },
      {
        Sid    = "NotFromTheFunction"
        Effect = "Deny"
        Action = [
          "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
          "ec2:UnassignPrivateIpAddresses", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
        ]
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.function] } }
      },
    ]
  })
}
