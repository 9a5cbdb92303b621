output "region" {
  value = var.region
}

output "function" {
  value = aws_lambda_function.worker.arn
}

output "role" {
  value = aws_iam_role.worker.arn
}
