//! What workers, and those who launch them, may do: all of it, word for word, as AWS has it.

use super::cloud::Cloud;
use super::deploying::zip;
use super::terraform::Terraform;
use serde_json::{Value, json};

const EVERYTHING: &str = r#"
allow       = ["api.example.com"]
regions     = ["us-east-1", "eu-west-1"]
secrets     = ["arn:aws:ssm:us-east-1:123456789012:parameter/load/token", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:load/key-AbCdEf"]
secret_keys = ["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
github      = { subjects = ["repo:example/shop:environment:load-test"] }
"#;

fn documents(cloud: &Cloud) -> Value {
    cloud.python(
        r#"
iam = client("iam")
found = {}
for role in iam.list_roles()["Roles"]:
    name = role["RoleName"]
    found[name] = {
        "trust": role["AssumeRolePolicyDocument"]["Statement"],
        "attached": [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]],
        "inline": {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        },
    }
for policy in iam.list_policies(Scope="Local")["Policies"]:
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    found[policy["PolicyName"]] = version["PolicyVersion"]["Document"]["Statement"]
say(found)
"#,
    )
}

fn allow(sid: &str, actions: &[&str], resources: &[&str]) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources })
}

fn with(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

/// A text or a list of texts, as policies have both.
fn texts(value: &Value) -> Vec<&str> {
    value.as_str().map_or_else(
        || {
            value
                .as_array()
                .unwrap()
                .iter()
                .map(|text| text.as_str().unwrap())
                .collect()
        },
        |text| vec![text],
    )
}

#[test]
fn roles_may_do_what_is_needed_and_nothing_else() {
    let Some(terraform) = Terraform::new("roles_may_do_what_is_needed_and_nothing_else") else {
        return;
    };
    let cloud = Cloud::start();
    let variables = format!("zip = \"{}\"\n{EVERYTHING}", zip(&terraform));
    terraform.apply(&cloud, &variables).expect();
    let found = documents(&cloud);

    let bucket = "arn:aws:s3:::vajra-worker-123456789012-us-east-1";
    let objects = format!("{bucket}/vajra/*");
    let below = json!({ "StringLikeIfExists": { "s3:prefix": ["vajra/*"] } });
    let work = |region: &str, secrets: Vec<Value>| {
        let log = format!("arn:aws:logs:{region}:123456789012:log-group:/aws/lambda/vajra-worker:log-stream:*");
        let function = format!("arn:aws:lambda:{region}:123456789012:function:vajra-worker");
        let mut statements = vec![
            allow("Runs", &["s3:GetObject", "s3:PutObject"], &[&objects]),
            with(allow("ListRuns", &["s3:ListBucket"], &[bucket]), below.clone()),
            allow("Log", &["logs:CreateLogStream", "logs:PutLogEvents"], &[&log]),
            allow("HandOver", &["lambda:InvokeFunction"], &[&function]),
        ];
        statements.extend(secrets);
        json!({
            "trust": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" } }],
            "attached": [],
            "inline": { "work": statements },
        })
    };
    let token = allow(
        "Parameters",
        &["ssm:GetParameter"],
        &["arn:aws:ssm:us-east-1:123456789012:parameter/load/token"],
    );
    let key = with(
        allow(
            "KeysOfSecrets",
            &["kms:Decrypt"],
            &["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"],
        ),
        json!({ "StringEquals": { "kms:ViaService": ["ssm.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com"] } }),
    );
    let vault = allow(
        "Secrets",
        &["secretsmanager:GetSecretValue"],
        &["arn:aws:secretsmanager:eu-west-1:123456789012:secret:load/key-AbCdEf"],
    );
    assert_eq!(found["vajra-worker-us-east-1"], work("us-east-1", vec![token, key]));
    assert_eq!(found["vajra-worker-eu-west-1"], work("eu-west-1", vec![vault]));

    let functions = [
        "arn:aws:lambda:us-east-1:123456789012:function:vajra-worker",
        "arn:aws:lambda:eu-west-1:123456789012:function:vajra-worker",
    ];
    let start = [
        "lambda:InvokeFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConcurrency",
    ];
    let numbers = [
        "lambda:GetAccountSettings",
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
    ];
    assert_eq!(
        found["vajra-worker-launch"],
        json!([
            allow("StartWorkers", &start, &functions),
            allow(
                "Runs",
                &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                &[&objects]
            ),
            with(allow("ListRuns", &["s3:ListBucket"], &[bucket]), below),
            allow("QuotasAndMetrics", &numbers, &["*"]),
        ])
    );
    assert_eq!(
        found["vajra-worker-github"],
        json!({
            "trust": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
                "Condition": { "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": ["repo:example/shop:environment:load-test"],
                } },
            }],
            "attached": ["vajra-worker-launch"],
            "inline": {},
        })
    );
    no_wildcards(&found);
}

/// No action is a pattern, and a resource only where it is what is inside of one that is named whole.
fn no_wildcards(found: &Value) {
    let inside = ["/vajra/*", ":log-group:/aws/lambda/vajra-worker:log-stream:*"];
    for role in ["vajra-worker-us-east-1", "vajra-worker-eu-west-1"] {
        for statement in found[role]["inline"]["work"].as_array().unwrap() {
            for action in texts(&statement["Action"]) {
                assert!(!action.contains('*'), "{role} may do {action}");
            }
            for resource in texts(&statement["Resource"]) {
                let named = inside
                    .iter()
                    .find_map(|end| resource.strip_suffix(end))
                    .unwrap_or(resource);
                assert!(!named.contains('*'), "{role} may do something to {resource}");
            }
        }
    }
}
