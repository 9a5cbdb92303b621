# The results bucket. Workers and launchers communicate only through this bucket.

resource "aws_s3_bucket" "results" {
  #checkov:skip=CKV_AWS_18: access logs need a second bucket, and CloudTrail records the accesses in accounts that enable it
  #checkov:skip=CKV_AWS_21: an object is written once or only its newest state is read, so old versions would cost money without being read
  #checkov:skip=CKV_AWS_144: a new run replaces a lost result, so a result needs no copy in another region
  #checkov:skip=CKV_AWS_145: S3 encrypts the objects with its own keys, and a KMS key would cost a monthly fee and a call for each object
  #checkov:skip=CKV2_AWS_62: no object triggers an action, because readers poll the bucket
  bucket        = local.bucket
  force_destroy = !var.keep_runs

  depends_on = [terraform_data.deployment]
}

resource "aws_s3_bucket_public_access_block" "results" {
  bucket                  = aws_s3_bucket.results.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "results" {
  bucket = aws_s3_bucket.results.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "results" {
  bucket = aws_s3_bucket.results.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "results" {
  bucket = aws_s3_bucket.results.id

  # Baselines do not expire. A baseline is kept until a user removes it.
  dynamic "rule" {
    for_each = toset(["runs", "calibrations", "probes"])

    content {
      id     = "${rule.key}-expire"
      status = "Enabled"

      filter {
        prefix = "${var.prefix}/${rule.key}/"
      }

      expiration {
        days = var.runs_expire_after_days
      }
    }
  }

  rule {
    id     = "uploads-that-were-never-finished"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "results" {
  bucket = aws_s3_bucket.results.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OnlyTls12AndNewer"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ]
  })

  # While another setting of the bucket is being changed, S3 rejects a new policy with a conflict.
  depends_on = [aws_s3_bucket_public_access_block.results]
}
