//! Tests that an invalid variable of the deployment is rejected with a hint before any resource is created.

use super::terraform::Terraform;
use whole_runs::machine::root;

/// Returns a Terraform folder that contains only the variables. A plan in this folder needs no provider and no account.
fn variables(test: &str) -> Option<Terraform> {
    let terraform = Terraform::of(test, |name| name == "variables.tf")?;
    terraform.run(&["init", "-input=false"]).expect();
    Some(terraform)
}

fn plan(terraform: &Terraform, assignments: &str) -> super::terraform::TerraformOutput {
    terraform.write("terraform.tfvars", assignments);
    terraform.run(&["plan", "-input=false"])
}

#[test]
fn allow_accepts_hosts_and_networks() {
    let Some(terraform) = variables("allow_accepts_hosts_and_networks") else {
        return;
    };
    plan(
        &terraform,
        r#"allow = [
          "api.example.com", "*.example.com", "*.eu-1.example.com", "localhost", "203.0.113.7", "10.1.0.0/16", "10.0.0.0/8",
          "2001:db8::1", "2001:db8::/32", "fd12:3456::/32", "127.0.0.1", "127.0.0.0/8", "::1", "1e100.net", "169.253.0.0/16",
        ]"#,
    )
    .expect();
}

#[test]
fn every_assignment_of_the_page_is_accepted() {
    let Some(terraform) = variables("every_assignment_of_the_page_is_accepted") else {
        return;
    };
    let page = std::fs::read_to_string(root().join("infra/README.md")).unwrap();
    let blocks = page.split("```hcl\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|rest| rest.split("```").next().unwrap()).collect();
    let prose: String = page.split("```").step_by(2).collect();
    let spans: Vec<&str> = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| span.contains(" = "))
        .collect();
    assert!(blocks.len() >= 4 && spans.len() >= 4, "{blocks:?} {spans:?}");
    for assignments in blocks.iter().chain(&spans) {
        let allow = "allow = [\"shop.example.com\"]\n";
        let assignments = match assignments.strip_prefix("provider_arn") {
            Some(_) => &format!("github = {{ subjects = [\"repo:example/shop:pull_request\"], {assignments} }}"),
            None => *assignments,
        };
        let planned = plan(&terraform, &format!("{allow}{assignments}\n"));
        // Terraform prints only a warning for an undeclared variable, so the plan would succeed.
        assert!(
            !planned.text.contains("undeclared variable"),
            "{assignments}: {}",
            planned.text
        );
        planned.expect();
    }
}

#[test]
fn allow_rejects_entries_that_are_neither_hosts_nor_permitted_ranges() {
    let Some(terraform) = variables("allow_rejects_everything_else") else {
        return;
    };
    let shape = "is a host name in lower case";
    let wide = "is too wide";
    let forbidden = "The function rejects these addresses in any case";
    for (entry, words) in [
        ("*", shape),
        ("*.com", shape),
        ("api.*", shape),
        ("**.example.com", shape),
        ("https://api.example.com", shape),
        ("api.example.com:443", shape),
        ("api.example.com/path", shape),
        ("API.example.com", shape),
        ("", shape),
        ("a.example.com,b.example.com", shape),
        ("1.2.3", shape),
        ("256.1.1.1", shape),
        ("0x7f.1", shape),
        ("2130706433", shape),
        ("010.1.2.3", shape),
        ("10.0.0.0/33", shape),
        ("10.0.0.0/", shape),
        ("10.1.2.3/16", "write 10.1.0.0/16"),
        ("2001:db8::1/32", "does not begin with the first address of its network"),
        ("0.0.0.0/0", wide),
        ("::/0", wide),
        ("8.0.0.0/7", wide),
        ("2000::/3", wide),
        ("169.254.169.254", forbidden),
        ("169.254.170.2/32", forbidden),
        ("169.254.0.0/16", forbidden),
        ("169.254.100.0/20", forbidden),
        ("169.0.0.0/8", forbidden),
        ("fd00:ec2::254", forbidden),
        ("fd00:ec2::/64", forbidden),
        ("fe80::1", forbidden),
        ("224.0.0.1", forbidden),
        ("255.255.255.255", forbidden),
        ("0.0.0.0", forbidden),
        ("::", forbidden),
        ("::ffff:169.254.169.254", "write the IPv4 address itself"),
        ("0:0:0:0:0:ffff:a9fe:a9fe", "write the IPv4 address itself"),
        ("64:ff9b::a9fe:a9fe", "write the IPv4 address itself"),
    ] {
        // The list contains a valid entry and an invalid entry, and is rejected.
        plan(&terraform, &format!("allow = [\"api.example.com\", \"{entry}\"]")).expect_error(words);
    }
    plan(&terraform, "allow = []").expect_error("name what it may send to");
    plan(&terraform, "").expect_error("No value for required variable");
    let many = "\"0123456789.0123456789.example.com\",".repeat(100);
    plan(&terraform, &format!("allow = [{many}]")).expect_error("longer than 3,000 characters");
}

#[test]
fn invalid_variables_are_rejected_with_a_hint() {
    let Some(terraform) = variables("invalid_variables_are_rejected_with_a_hint") else {
        return;
    };
    for (assignment, words) in [
        ("regions = []", "and at least one"),
        (r#"regions = ["us-east-1", "us-east-1"]"#, "names each region once"),
        (r#"regions = ["us-east-1", "xx-north-1"]"#, "add a block to regions.tf"),
        (r#"name = "Vajra_Worker""#, "3 to 28 lower-case letters"),
        (r#"architecture = "amd64""#, "\"arm64\" or \"x86_64\""),
        ("memory_mb = 256", "from 512 to 10240"),
        ("memory_mb = 10241", "from 512 to 10240"),
        ("timeout_s = 30", "from 60 to 900"),
        ("timeout_s = 901", "from 60 to 900"),
        ("log_retention_days = 10", "1, 3, 5, 7, 14, 30"),
        ("reserved_concurrency = 0", "a whole number from 1, or null"),
        (r#"bucket = "runs.example.com""#, "A dot would break TLS"),
        (r#"prefix = "team/""#, "neither begins nor ends with `/`"),
        (r#"prefix = "*""#, "letters, digits"),
        ("runs_expire_after_days = 0", "a whole number of days, from 1"),
        (r#"secrets = ["*"]"#, "is a whole ARN"),
        (
            r#"secrets = ["arn:aws:ssm:us-east-1:123456789012:parameter/*"]"#,
            "without `*`",
        ),
        (
            r#"secret_keys = ["arn:aws:kms:us-east-1:123456789012:alias/load"]"#,
            "not of an alias",
        ),
        (
            r#"vpc = { us-east-1 = { subnet_ids = [], security_group_ids = ["sg-0123456789abcdef0"] } }"#,
            "at least one of subnet_ids",
        ),
        (
            r#"vpc = { us-east-1 = { subnet_ids = ["subnet-0123456789abcdef0"], security_group_ids = ["default"] } }"#,
            "one of security_group_ids",
        ),
        ("github = { subjects = [] }", "names one repository"),
        (
            r#"github = { subjects = ["repo:example/shop:*"] }"#,
            "without `*` or `?`",
        ),
        (
            r#"github = { subjects = ["repo:example/*:ref:refs/heads/main"] }"#,
            "without `*` or `?`",
        ),
        (
            r#"github = { subjects = ["repo:example/shop:pull_request"], provider_arn = "arn:aws:iam::123456789012:oidc-provider/example.com" }"#,
            "oidc-provider/token.actions",
        ),
        (
            r#"github = { subjects = ["repo:example/shop:pull_request"], session_s = 60 }"#,
            "from 3600 to 43200",
        ),
    ] {
        plan(&terraform, &format!("allow = [\"api.example.com\"]\n{assignment}")).expect_error(words);
    }
}
