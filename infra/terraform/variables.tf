# The variables of a deployment. Only the variable `allow` has no default, because only you know the targets that you
# may load.

variable "allow" {
  description = <<-TEXT
    The only targets that the fleet may send to: host names (api.example.com), all subdomains of one
    (*.example.com), addresses (203.0.113.7) and ranges (10.1.0.0/16). Name only targets that you own.
    Private addresses are allowed only if they are named here. Link-local and metadata addresses are never allowed.
  TEXT
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.allow) > 0
    error_message = "`allow` is empty, so the fleet would reject every target: name what it may send to, such as [\"api.example.com\"]."
  }

  # A name whose last part is a number is another way to write an address. Some parsers read a number that begins with 0
  # as an octal number.
  validation {
    condition = alltrue([for entry in var.allow :
      can(cidrhost(entry, 0)) || can(cidrhost("${entry}/32", 0)) || can(cidrhost("${entry}/128", 0)) ? !can(regex("^[0-9.]*\\b0[0-9][0-9./]*$", entry)) : can(regex(
        "^([*][.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", entry
      )) && !can(regex("(^|[.])([0-9]+|0x[0-9a-f]*)$", entry))
    ])
    error_message = "Each of `allow` is a host name in lower case (api.example.com), *. and a domain of at least two parts (*.example.com), an address (203.0.113.7) or a range (10.1.0.0/16): no scheme, no port, no path, and never `*` alone."
  }

  validation {
    condition = alltrue([for entry in var.allow :
      try(cidrhost("${split("/", entry)[0]}/${can(regex(":", entry)) ? 128 : 32}", 0) == cidrhost(entry, 0), true)
    ])
    error_message = "A range in `allow` does not begin with the first address of its network: write 10.1.0.0/16, not 10.1.2.3/16."
  }

  validation {
    condition = alltrue([for entry in var.allow :
      try(tonumber(split("/", entry)[1]) >= (can(regex(":", entry)) ? 32 : 8), !can(cidrhost(entry, 0)))
    ])
    error_message = "A range in `allow` is too wide: at most a /8 of IPv4, or a /32 of IPv6. Name only your own networks."
  }

  # Two ranges overlap if they are the same network at the shorter of their two prefix lengths. A host name overlaps
  # with no range, and an address overlaps with no range of the other IP version.
  validation {
    condition = alltrue(flatten([for entry in var.allow : [
      for forbidden in ["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128", "fe80::/10", "fd00:ec2::/32", "ff00::/8"] : [
        for bits in [min(try(tonumber(split("/", entry)[1]), can(regex(":", entry)) ? 128 : 32), tonumber(split("/", forbidden)[1]))] :
        can(regex(":", entry)) != can(regex(":", forbidden)) || try(
          cidrhost("${split("/", entry)[0]}/${bits}", 0) != cidrhost("${split("/", forbidden)[0]}/${bits}", 0), true
        )
      ]
    ]]))
    error_message = "`allow` names a link-local, metadata, multicast, reserved or unspecified address (169.254.0.0/16, fe80::/10, fd00:ec2::/32, 224.0.0.0/3, ff00::/8, 0.0.0.0/8, ::). The function rejects these addresses in any case: remove the entry."
  }

  validation {
    condition     = alltrue([for entry in var.allow : !can(regex("^[0:]*:ffff:|^64:ff9b:", lower(entry)))])
    error_message = "`allow` has an IPv4 address in the form of an IPv6 address (::ffff:…, 64:ff9b:…): write the IPv4 address itself."
  }

  validation {
    condition     = length(join(",", var.allow)) <= 3000
    error_message = "`allow` is longer than 3,000 characters, and the whole environment of a function has 4,096: name ranges or *.example.com instead of single hosts."
  }
}

variable "regions" {
  description = "The regions in which workers run. The first is the home region, which has the bucket and cannot change later. Each must have a block in regions.tf."
  type        = list(string)
  default     = ["us-east-1"]
  nullable    = false

  validation {
    condition     = length(var.regions) > 0 && length(distinct(var.regions)) == length(var.regions)
    error_message = "`regions` names each region once, and at least one, such as [\"us-east-1\", \"eu-west-1\"]."
  }

  validation {
    condition     = length(setsubtract(var.regions, ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ap-northeast-1"])) == 0
    error_message = "`regions` may name us-east-1, us-west-2, eu-west-1, eu-central-1, ap-southeast-1 and ap-northeast-1; for another, add a block to regions.tf as its first comment describes."
  }
}

variable "name" {
  description = "The name of the function; the names of roles, policies and the bucket begin with it. Two deployments in one account need two names."
  type        = string
  default     = "vajra-worker"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name))
    error_message = "`name` has 3 to 28 lower-case letters, digits and `-`, begins with a letter and does not end in `-`. With account and region appended it names the bucket, which has at most 63 characters."
  }
}

variable "architecture" {
  description = "The processor architecture. arm64 costs a fifth less for each GB-second than x86_64. Build the zip for it: infra/build --arm64, or --x86-64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "`architecture` is \"arm64\" or \"x86_64\"."
  }
}

variable "zip" {
  description = "The path of the function's code; by default the output of infra/build for the architecture."
  type        = string
  default     = null
}

variable "memory_mb" {
  description = "The memory of the function. Lambda gives a processor for every 1,769 MB, and a worker sends from one thread per processor. One whole processor is the cheapest size for a given rate; more memory means fewer and larger workers."
  type        = number
  default     = 1769
  nullable    = false

  validation {
    condition     = var.memory_mb >= 512 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "`memory_mb` is a whole number from 512 to 10240: with less, a worker has too little processor time to pace arrivals."
  }
}

variable "timeout_s" {
  description = "The timeout of the function. Longer runs are handed over from one function to the next, so the platform's maximum suffices for every run; a shorter timeout means more hand-overs."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_s >= 60 && var.timeout_s <= 900 && floor(var.timeout_s) == var.timeout_s
    error_message = "`timeout_s` is a whole number from 60 to 900: Lambda ends every function after 900 s, and under 60 a worker would hand over before it has measured anything."
  }
}

variable "log_retention_days" {
  description = "The days for which CloudWatch keeps the logs of the functions: a few lines for each worker. Two weeks suffice to find out why a worker failed."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "`log_retention_days` is one of the values of CloudWatch: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "reserved_concurrency" {
  description = <<-TEXT
    The maximum number of concurrent workers in a region. It is reserved for them: the fleet can never take the
    concurrency of the account's other functions, nor they that of the fleet. The default limits the damage and
    cost of a mistake or of stolen credentials. Raise it for larger runs; `doctor` reports when it is too low.
    AWS keeps 100 of an account's quota unreserved: with a quota below 200, request a higher quota first, or set
    null. With null, the fleet shares the unreserved concurrency of the account, up to all of it.
  TEXT
  type        = number
  default     = 100

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "`reserved_concurrency` is a whole number from 1, or null: 0 would disable the function."
  }
}

variable "vpc" {
  description = <<-TEXT
    The private subnets and security groups of the workers by region, such as
    { us-east-1 = { subnet_ids = ["subnet-…"], security_group_ids = ["sg-…"] } }. For a fixed egress address,
    route the subnets to the internet through your own NAT gateway (infra/README.md, Fixed egress address).
  TEXT
  type = map(object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue(flatten([for network in values(var.vpc) : [
      length(network.subnet_ids) > 0,
      length(network.security_group_ids) > 0,
      [for id in network.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))],
      [for id in network.security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", id))],
    ]]))
    error_message = "Each region of `vpc` has at least one of subnet_ids (subnet-0123456789abcdef0) and one of security_group_ids (sg-0123456789abcdef0)."
  }
}

variable "secrets" {
  description = "The ARNs of SSM parameters and Secrets Manager secrets that scenarios may reference. A worker reads those of its own region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for arn in var.secrets : can(regex(
      "^arn:aws:(ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]+|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})$", arn
    ))])
    error_message = "Each of `secrets` is a whole ARN, without `*`: arn:aws:ssm:us-east-1:123456789012:parameter/load/token, or arn:aws:secretsmanager:us-east-1:123456789012:secret:load/token-AbCdEf."
  }
}

variable "secret_keys" {
  description = "The ARNs of the customer managed KMS keys that encrypt `secrets`; keys managed by AWS need no permission."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_keys : can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Each of `secret_keys` is the ARN of a key, not of an alias: arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555."
  }
}

variable "bucket" {
  description = "The name of the results bucket; by default it consists of name, account and home region."
  type        = string
  default     = null

  validation {
    condition     = var.bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "`bucket` has 3 to 63 lower-case letters, digits and `-`, and begins and ends with a letter or digit. A dot would break TLS."
  }
}

variable "prefix" {
  description = "The prefix of all objects of the fleet in the bucket."
  type        = string
  default     = "vajra"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", var.prefix))
    error_message = "`prefix` consists of letters, digits, `-`, `_` and single `/`, and neither begins nor ends with `/`."
  }
}

variable "runs_expire_after_days" {
  description = "The days after which S3 deletes a run, counted for each object from when it was written."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.runs_expire_after_days >= 1 && floor(var.runs_expire_after_days) == var.runs_expire_after_days
    error_message = "`runs_expire_after_days` is a whole number of days, from 1."
  }
}

variable "keep_runs" {
  description = "Whether `terraform destroy` fails while the bucket contains runs. By default it deletes them too."
  type        = bool
  default     = false
  nullable    = false
}

variable "github" {
  description = <<-TEXT
    A role with only the launch policy, which GitHub Actions assume without a stored key.
    subjects: the exact workflows, such as repo:example/shop:environment:load-test.
    provider_arn: the account's OIDC provider for GitHub, if it exists already; an account can have only one.
    session_s: the maximum time for which a job can follow a run with one login. A run continues without its launcher.
  TEXT
  type = object({
    subjects     = list(string)
    provider_arn = optional(string)
    session_s    = optional(number, 3600)
  })
  default = null

  validation {
    condition = var.github == null || try(length(var.github.subjects) > 0 && alltrue([for subject in var.github.subjects :
      can(regex("^repo:[A-Za-z0-9-]+/[A-Za-z0-9._-]+:(ref:refs/(heads|tags)/[^*?]+|environment:[^*?]+|pull_request)$", subject))
    ]), false)
    error_message = "Each of `github.subjects` names one repository and one ref, environment or event of it, without `*` or `?`: repo:OWNER/NAME:ref:refs/heads/main, repo:OWNER/NAME:environment:NAME, or repo:OWNER/NAME:pull_request."
  }

  validation {
    condition     = try(var.github.provider_arn, null) == null || can(regex("^arn:aws:iam::[0-9]{12}:oidc-provider/token[.]actions[.]githubusercontent[.]com$", var.github.provider_arn))
    error_message = "`github.provider_arn` is arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com, with your account."
  }

  validation {
    condition     = var.github == null || try(var.github.session_s >= 3600 && var.github.session_s <= 43200, false)
    error_message = "`github.session_s` is from 3600 to 43200, the limits of IAM."
  }
}

variable "tags" {
  description = "Tags for all resources that support tags, in addition to `project` and `deployment`."
  type        = map(string)
  default     = {}
  nullable    = false
}
