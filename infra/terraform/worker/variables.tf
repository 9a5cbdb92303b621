variable "region" {
  description = "The region of this worker, which is that of its provider."
  type        = string
}

variable "fleet" {
  description = "The settings that the workers of all regions share."
  type = object({
    name                 = string
    account              = string
    architecture         = string
    zip                  = string
    memory_mb            = number
    timeout_s            = number
    log_retention_days   = number
    reserved_concurrency = number
    allow                = list(string)
    store                = string
    bucket               = string
    prefix               = string
    vpc                  = map(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    secrets              = list(string)
    secret_keys          = list(string)
  })
}
