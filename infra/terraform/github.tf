# An optional role with which GitHub Actions launch runs without a stored key.

locals {
  github_host     = "token.actions.githubusercontent.com"
  github_provider = var.github == null ? null : coalesce(var.github.provider_arn, "arn:aws:iam::${local.account}:oidc-provider/${local.github_host}")
}

resource "aws_iam_openid_connect_provider" "github" {
  count = try(var.github.provider_arn == null, false) ? 1 : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  count = var.github == null ? 0 : 1

  name                 = "${var.name}-github"
  description          = "Launches runs of the fleet ${var.name} from GitHub Actions"
  max_session_duration = var.github.session_s

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github_provider }
      Condition = {
        StringEquals = {
          "${local.github_host}:aud" = "sts.amazonaws.com"
          "${local.github_host}:sub" = var.github.subjects
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "github_launches" {
  count = var.github == null ? 0 : 1

  role       = aws_iam_role.github[0].name
  policy_arn = aws_iam_policy.launch.arn
}
