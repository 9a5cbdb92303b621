//! Tests that apply the deployment, apply it again, and destroy it. The tests read the resources through AWS APIs.

use super::cloud::Cloud;
use super::terraform::Terraform;
use serde_json::{Value, json};
use std::process::Command;
use whole_runs::machine::root;

/// Checks the format of the Terraform files, validates them, and runs the tests in `infra/terraform/tests`.
#[test]
fn the_terraform_files_are_valid_and_their_tests_pass() {
    let Some(terraform) = Terraform::new("the_terraform_files_are_valid_and_their_tests_pass") else {
        return;
    };
    terraform.run(&["fmt", "-check", "-recursive", "-diff"]).expect();
    terraform.run(&["validate"]).expect();
    let tested = terraform.run(&["test"]).expect();
    let runs: usize = ["deployment", "worker"]
        .iter()
        .map(|name| {
            let file = terraform.path("tests").join(format!("{name}.tftest.hcl"));
            let text = std::fs::read_to_string(file).unwrap();
            text.lines().filter(|line| line.starts_with("run \"")).count()
        })
        .sum();
    assert!(
        tested.text.contains(&format!("Success! {runs} passed, 0 failed")),
        "{}",
        tested.text
    );
}

/// Writes a valid zip file and returns its path. The zip contains no program, because these tests run no function.
pub(crate) fn zip(terraform: &Terraform) -> String {
    let path = terraform.path("bootstrap.zip");
    if !path.exists() {
        let made = Command::new("python3")
            .args(["-m", "zipfile", "-c"])
            .arg(&path)
            .arg(root().join("functions/payload.json"))
            .status()
            .unwrap();
        assert!(made.success());
    }
    path.display().to_string()
}

const TWO_REGIONS: &str = r#"
allow                = ["api.example.com", "10.1.0.0/16"]
regions              = ["us-east-1", "eu-west-1"]
reserved_concurrency = 50
memory_mb            = 3538
timeout_s            = 600
tags                 = { team = "shop" }
github               = { subjects = ["repo:example/shop:environment:load-test"] }
"#;

#[test]
fn a_deployment_has_the_expected_resources_and_a_destroy_removes_all() {
    let Some(terraform) = Terraform::new("a_deployment_has_the_expected_resources_and_a_destroy_removes_all") else {
        return;
    };
    let cloud = Cloud::start();
    let before = cloud.inventory();
    let elsewhere = r#"
        secrets = ["arn:aws:ssm:us-west-2:123456789012:parameter/load/token"]
        vpc     = { eu-central-1 = { subnet_ids = ["subnet-0123456789abcdef0"], security_group_ids = ["sg-0123456789abcdef0"] } }
    "#;
    let missing = terraform.path("none.zip").display().to_string();
    terraform
        .apply(&cloud, &format!("zip = \"{missing}\"\n{TWO_REGIONS}{elsewhere}"))
        .expect_error("build it with infra/build --arm64")
        .expect_error(
            "name a region without workers, which read only in their own region; workers are in us-east-1, eu-west-1",
        )
        .expect_error("`vpc` names eu-central-1, which `regions` does not have");
    assert_eq!(
        cloud.inventory(),
        before,
        "resources were created although the zip is missing"
    );

    let variables = format!("zip = \"{}\"\n{TWO_REGIONS}", zip(&terraform));
    terraform.apply(&cloud, &variables).expect();
    let function = |region: &str| format!("arn:aws:lambda:{region}:123456789012:function:vajra-worker");
    let bucket = "vajra-worker-123456789012-us-east-1";
    let place = |region: &str| json!({ "function": function(region), "memory_mb": 3538, "timeout_s": 600, "architecture": "arm64" });
    assert_eq!(
        terraform.fleet(),
        json!({
            "format": 1,
            "store": format!("s3://{bucket}/vajra?region=us-east-1"),
            "regions": { "us-east-1": place("us-east-1"), "eu-west-1": place("eu-west-1") },
        })
    );
    assert_eq!(
        cloud.inventory(),
        json!({
            "buckets": [bucket],
            "functions": [function("eu-west-1"), function("us-east-1")],
            "identity providers": ["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"],
            "log groups": ["eu-west-1 /aws/lambda/vajra-worker", "us-east-1 /aws/lambda/vajra-worker"],
            "policies": ["vajra-worker-launch"],
            "roles": ["vajra-worker-eu-west-1", "vajra-worker-github", "vajra-worker-us-east-1"],
        })
    );
    for region in ["us-east-1", "eu-west-1"] {
        check_function(&cloud, region);
    }
    check_bucket(&cloud, bucket);

    // A plan after the deployment contains no changes.
    let planned = terraform
        .run_in(&cloud, &["plan", "-input=false", "-detailed-exitcode"])
        .expect();
    assert!(planned.text.contains("No changes."), "{}", planned.text);

    // The deployment without one region deletes the resources of this region. The resources of the other region do not
    // change.
    let one = variables.replace(r#"["us-east-1", "eu-west-1"]"#, r#"["us-east-1"]"#);
    terraform.apply(&cloud, &one).expect();
    let left = cloud.inventory();
    assert_eq!(left["functions"], json!([function("us-east-1")]));
    assert_eq!(left["log groups"], json!(["us-east-1 /aws/lambda/vajra-worker"]));
    assert_eq!(left["roles"], json!(["vajra-worker-github", "vajra-worker-us-east-1"]));

    // `terraform destroy` succeeds while the bucket contains runs, and without the zip.
    cloud.open(bucket);
    cloud.python(&format!(
        "s3 = client('s3')\n\
         for n in range(3):\n    s3.put_object(Bucket='{bucket}', Key=f'vajra/run-{{n}}', Body=b'x')\n\
         say(s3.list_objects_v2(Bucket='{bucket}')['KeyCount'])"
    ));
    std::fs::remove_file(terraform.path("bootstrap.zip")).unwrap();
    terraform
        .run_in(&cloud, &["destroy", "-auto-approve", "-input=false"])
        .expect();
    assert_eq!(cloud.inventory(), before, "the destroy left resources");
}

fn check_function(cloud: &Cloud, region: &str) {
    let found = cloud.python(&format!(
        "functions = client('lambda', '{region}')\n\
         logs = client('logs', '{region}').describe_log_groups()['logGroups'][0]\n\
         name = 'vajra-worker'\n\
         say({{\n\
             'configuration': functions.get_function_configuration(FunctionName=name),\n\
             'asynchronous': functions.get_function_event_invoke_config(FunctionName=name),\n\
             'reserved': functions.get_function_concurrency(FunctionName=name).get('ReservedConcurrentExecutions'),\n\
             'tags': functions.list_tags(Resource=functions.get_function_configuration(FunctionName=name)['FunctionArn'])['Tags'],\n\
             'retention': logs['retentionInDays'],\n\
         }})"
    ));
    let configuration = &found["configuration"];
    for (name, value) in [
        ("Runtime", json!("provided.al2023")),
        ("Handler", json!("bootstrap")),
        ("MemorySize", json!(3538)),
        ("Timeout", json!(600)),
        ("Architectures", json!(["arm64"])),
        (
            "Environment",
            json!({ "Variables": {
                "VAJRA_ALLOW": "api.example.com,10.1.0.0/16",
                "VAJRA_LOG": "json",
                "VAJRA_STORE": "s3://vajra-worker-123456789012-us-east-1/vajra?region=us-east-1",
            } }),
        ),
        (
            "Role",
            json!(format!("arn:aws:iam::123456789012:role/vajra-worker-{region}")),
        ),
    ] {
        assert_eq!(configuration[name], value, "{name} in {region}");
    }
    assert_eq!(found["asynchronous"]["MaximumRetryAttempts"], 0);
    assert_eq!(found["asynchronous"]["MaximumEventAgeInSeconds"], 60);
    assert_eq!(found["reserved"], 50);
    assert_eq!(found["retention"], 14);
    assert_eq!(
        found["tags"],
        json!({ "project": "vajra-cloud", "deployment": "vajra-worker", "team": "shop" })
    );
}

fn check_bucket(cloud: &Cloud, bucket: &str) {
    let found = cloud.python(&format!(
        "s3 = client('s3')\nname = '{bucket}'\n\
         say({{\n\
             'public': s3.get_public_access_block(Bucket=name)['PublicAccessBlockConfiguration'],\n\
             'encryption': s3.get_bucket_encryption(Bucket=name)['ServerSideEncryptionConfiguration']['Rules'],\n\
             'ownership': s3.get_bucket_ownership_controls(Bucket=name)['OwnershipControls']['Rules'],\n\
             'lifecycle': s3.get_bucket_lifecycle_configuration(Bucket=name)['Rules'],\n\
             'policy': json.loads(s3.get_bucket_policy(Bucket=name)['Policy']),\n\
         }})"
    ));
    for setting in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(found["public"][setting], true, "{setting}");
    }
    assert_eq!(
        found["encryption"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "AES256"
    );
    assert_eq!(
        found["ownership"],
        json!([{ "ObjectOwnership": "BucketOwnerEnforced" }])
    );
    let rule = |id: &str| -> &Value {
        let rules = found["lifecycle"].as_array().unwrap();
        rules.iter().find(|rule| rule["ID"] == id).unwrap()
    };
    for kept in ["runs", "calibrations", "probes"] {
        let expiry = rule(&format!("{kept}-expire"));
        assert_eq!(
            (
                &expiry["Status"],
                &expiry["Expiration"]["Days"],
                &expiry["Filter"]["Prefix"]
            ),
            (&json!("Enabled"), &json!(90), &json!(format!("vajra/{kept}/")))
        );
    }
    let rules = found["lifecycle"].as_array().unwrap();
    let expires = |key: &str| {
        let expiring = rules.iter().filter(|rule| rule.get("Expiration").is_some());
        expiring
            .into_iter()
            .any(|rule| key.starts_with(rule["Filter"]["Prefix"].as_str().unwrap()))
    };
    assert!(expires("vajra/runs/r/plan.json"));
    assert!(!expires("vajra/baselines/main"), "a baseline must not expire");
    let uploads = rule("uploads-that-were-never-finished");
    assert_eq!(
        uploads["AbortIncompleteMultipartUpload"],
        json!({ "DaysAfterInitiation": 1 })
    );
    let everything = [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")];
    let denied = |sid: &str, condition: Value| {
        json!({
            "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": everything, "Condition": condition,
        })
    };
    assert_eq!(
        found["policy"]["Statement"],
        json!([
            denied("OnlyOverTls", json!({ "Bool": { "aws:SecureTransport": "false" } })),
            denied(
                "OnlyTls12AndNewer",
                json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } })
            ),
        ])
    );
}
