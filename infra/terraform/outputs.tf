output "fleet" {
  description = "The fleet file that the command line reads: terraform output -json fleet > vajra-cloud.json"
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
  description = "The policy to attach to the people and roles that launch runs."
  value       = aws_iam_policy.launch.arn
}

output "worker_role_arns" {
  description = "The role of the workers in each region, to be named in your own resource policies."
  value       = { for worker in local.workers : worker.region => worker.role }
}

output "github_role_arn" {
  description = "The role-to-assume of aws-actions/configure-aws-credentials; null without `github`."
  value       = one(aws_iam_role.github[*].arn)
}

output "bucket" {
  description = "The results bucket."
  value       = aws_s3_bucket.results.id
}
