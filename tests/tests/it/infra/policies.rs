//! Tests of the policies of workers and launchers. The tests read the complete policies from the server of AWS APIs.

use super::cloud::Cloud;
use super::deploying::zip;
use super::terraform::Terraform;
use serde_json::{Value, json};
use whole_runs::policy::{Context, Policy, texts};

const EVERYTHING: &str = r#"
allow       = ["api.example.com"]
regions     = ["us-east-1", "eu-west-1"]
secrets     = ["arn:aws:ssm:us-east-1:123456789012:parameter/load/token", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:load/key-AbCdEf"]
secret_keys = ["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
github      = { subjects = ["repo:example/shop:environment:load-test"] }
"#;

/// Returns the statements of each role of a deployment, and the statements of the launch policy.
pub(crate) fn documents(cloud: &Cloud) -> Value {
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

#[test]
fn roles_have_only_the_needed_permissions() {
    let Some(terraform) = Terraform::new("roles_have_only_the_needed_permissions") else {
        return;
    };
    let cloud = Cloud::start();
    let variables = format!("zip = \"{}\"\n{EVERYTHING}", zip(&terraform));
    terraform.apply(&cloud, &variables).expect();
    let found = documents(&cloud);

    let bucket = "arn:aws:s3:::vajra-worker-123456789012-us-east-1";
    let object = |key: &str| format!("{bucket}/vajra/{key}");
    let below = json!({ "StringLike": { "s3:prefix": ["vajra/*"] } });
    let created = json!({ "Null": { "s3:if-none-match": "false" } });
    let (read, written_once, snapshots) = (
        [object("runs/*"), object("probes/*")],
        [
            object("runs/*/shards/*/claims/*"),
            object("runs/*/shards/*/prepared/*"),
            object("runs/*/shards/*/left/*"),
            object("runs/*/shards/*/result"),
            object("runs/*/stop"),
            object("probes/*"),
        ],
        object("runs/*/shards/*/live/*"),
    );
    let work = |region: &str, secrets: Vec<Value>| {
        let log = format!("arn:aws:logs:{region}:123456789012:log-group:/aws/lambda/vajra-worker:log-stream:*");
        let function = format!("arn:aws:lambda:{region}:123456789012:function:vajra-worker");
        let mut statements = vec![
            allow("ReadRuns", &["s3:GetObject"], &read.each_ref().map(String::as_str)),
            with(
                allow(
                    "WriteOnce",
                    &["s3:PutObject"],
                    &written_once.each_ref().map(String::as_str),
                ),
                created.clone(),
            ),
            allow("WriteSnapshots", &["s3:PutObject"], &[&snapshots]),
            allow("CleanUp", &["s3:DeleteObject"], &[&object("probes/*")]),
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
                &[&object("*")]
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
    assert_no_wildcards(&found);
    assert_workers_only_create(&found["vajra-worker-us-east-1"]["inline"]["work"]);
}

fn assert_workers_only_create(statements: &Value) {
    let policy = Policy::new(statements);
    let bucket = "arn:aws:s3:::vajra-worker-123456789012-us-east-1";
    let may = |action: &str, key: &str, created: bool| {
        let context = created.then_some(("s3:if-none-match", "*")).into_iter().collect();
        policy.allows(action, &format!("{bucket}/vajra/{key}"), &context)
    };
    let written = |key: &str| (may("s3:PutObject", key, false), may("s3:PutObject", key, true));
    for key in [
        "runs/r/shards/00001/00000/claims/00001",
        "runs/r/shards/00001/00000/prepared/00001",
        "runs/r/shards/00001/00000/left/00001",
        "runs/r/shards/00001/00000/result",
        "runs/r/stop",
        "probes/a",
    ] {
        assert_eq!(written(key), (false, true), "{key}");
    }
    assert_eq!(written("runs/r/shards/00001/00000/live/00003"), (true, true));
    for key in [
        "runs/r/plan.json",
        "runs/r/start",
        "runs/r/heartbeat",
        "runs/r/report.json",
        "runs/r/account.json",
        "runs/r/data/0123",
        "calibrations/0123",
        "baselines/main",
        "other",
    ] {
        assert_eq!(written(key), (false, false), "{key}");
    }
    for key in ["runs/r/plan.json", "runs/r/shards/00001/00000/result", "baselines/main"] {
        assert!(!may("s3:DeleteObject", key, false), "{key}");
    }
    assert!(!may("s3:GetObject", "baselines/main", false));
    let lists = |prefix: Option<&str>| {
        let context: Context = prefix.map(|prefix| ("s3:prefix", prefix)).into_iter().collect();
        policy.allows("s3:ListBucket", bucket, &context)
    };
    assert!(lists(Some("vajra/runs/r/stop")));
    assert!(!lists(Some("")) && !lists(Some("other/")) && !lists(None));
}

/// Asserts that no action in a policy of the workers contains `*`. A resource may contain `*` only in one of the
/// endings in `inside`.
fn assert_no_wildcards(found: &Value) {
    let inside = [
        "/vajra/runs/*",
        "/vajra/runs/*/shards/*/claims/*",
        "/vajra/runs/*/shards/*/prepared/*",
        "/vajra/runs/*/shards/*/left/*",
        "/vajra/runs/*/shards/*/result",
        "/vajra/runs/*/shards/*/live/*",
        "/vajra/runs/*/stop",
        "/vajra/probes/*",
        ":log-group:/aws/lambda/vajra-worker:log-stream:*",
    ];
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
                assert!(!named.contains('*'), "{role} has a permission on {resource}");
            }
        }
    }
}
