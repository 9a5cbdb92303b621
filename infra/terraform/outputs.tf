output "fleet" {
  description = "What the command line reads: terraform output -json fleet > vajra-cloud.json"
  value = {
    format = 1
    store  = local.store
    regions = { for worker in local.workers : worker.region => {
      function     = worker.function
      memory_mb    = var.memory_mb
      timeout_s    = var.timeout_s
      architecture = var.architecture
    } }
  }
}

output "launch_policy_arn" {
  description = "Attach it to the people and roles that launch runs."
  value       = aws_iam_policy.launch.arn
}

output "worker_role_arns" {
  description = "By region: what the workers run as. A resource policy of your own may name them."
  value       = { for worker in local.workers : worker.region => worker.role }
}

output "github_role_arn" {
  description = "role-to-assume of aws-actions/configure-aws-credentials; null without `github`."
  value       = one(aws_iam_role.github[*].arn)
}

output "bucket" {
  description = "The results bucket."
  value       = aws_s3_bucket.results.id
}
