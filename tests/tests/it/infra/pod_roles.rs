//! Tests of the IAM roles of pods on EKS, which the script `infra/kubernetes/aws/roles` creates.

use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use whole_runs::machine::{Ran, root};

/// A script that replaces the command `aws`. The script appends each call as a line to the file `$CALLS`. The script
/// answers like an AWS account without any role.
const AWS: &str = r#"#!/bin/sh
printf '%s' "$*" | tr '\n' ' ' >>"$CALLS"
echo >>"$CALLS"
case "$1 $2 $*" in
"sts get-caller-identity "*) echo 123456789012 ;;
"eks describe-cluster "*) echo https://oidc.example.com/id/A1 ;;
"iam get-role "*--query*) echo "arn:aws:iam::123456789012:role/$4" ;;
"iam get-role "*) exit 254 ;;
esac
"#;
/// The words that the script `roles` replaces in the files of `infra/kubernetes/aws`.
const PLACEHOLDERS: [&str; 7] = [
    "BUCKET",
    "PREFIX",
    "ACCOUNT",
    "ISSUER",
    "CLUSTER",
    "NAMESPACE",
    "SERVICENAME",
];

fn folder() -> PathBuf {
    root().join("infra/kubernetes/aws")
}

/// Runs the script `roles`. Returns the result of the script, and the calls of the command `aws`.
fn roles(arguments: &[&str]) -> (Ran, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (aws, calls) = (folder.path().join("aws"), folder.path().join("calls"));
    std::fs::write(&aws, AWS).unwrap();
    std::fs::set_permissions(&aws, PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(self::folder().join("roles"))
        .args(arguments)
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("CALLS", &calls)
        .env_remove("NAMESPACE")
        .output()
        .unwrap();
    let calls = std::fs::read_to_string(calls).unwrap_or_default();
    (Ran::new(&output), calls.lines().map(str::to_owned).collect())
}

/// Returns the JSON documents that calls of `aws` passed with an option. `option` is the last option of each such call.
fn documents(calls: &[String], option: &str) -> Vec<Value> {
    let texts = calls.iter().filter_map(|call| call.split_once(option));
    let documents: Vec<Value> = texts.map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    for document in &documents {
        for placeholder in PLACEHOLDERS {
            assert!(
                !document.to_string().contains(placeholder),
                "{placeholder} in {document}"
            );
        }
    }
    documents
}

#[test]
fn the_roles_for_irsa_trust_one_service_account_each() {
    let (ran, calls) = roles(&["irsa", "prod", "example-load-tests", "shop/"]);
    let ran = ran.expect(0, &[]);
    let expected = "vajra-worker arn:aws:iam::123456789012:role/vajra-load-worker\n\
                    vajra-launcher arn:aws:iam::123456789012:role/vajra-load-launcher\n\
                    vajra-operator arn:aws:iam::123456789012:role/vajra-load-operator\n";
    assert_eq!(ran.stdout, expected);
    let trusts = documents(&calls, "--assume-role-policy-document ");
    let subjects: Vec<_> = trusts
        .iter()
        .map(|trust| trust["Statement"][0]["Condition"]["StringEquals"]["oidc.example.com/id/A1:sub"].clone())
        .collect();
    assert_eq!(
        subjects,
        [
            "system:serviceaccount:load:vajra-worker",
            "system:serviceaccount:load:vajra-launcher",
            "system:serviceaccount:load:vajra-operator"
        ]
    );
    let policies = documents(&calls, " --policy-document ");
    assert_eq!(policies.len(), 3, "{calls:#?}");
    let bucket = "arn:aws:s3:::example-load-tests";
    assert_eq!(
        policies[0]["Statement"][0]["Resource"][0],
        format!("{bucket}/shop/runs/*")
    );
    assert_eq!(policies[1]["Statement"][0]["Resource"][0], format!("{bucket}/shop/*"));
    assert_eq!(
        policies[2], policies[1],
        "the operator uses the bucket as a launcher does"
    );
    assert!(!calls.iter().any(|call| call.contains("pod-identity")), "{calls:#?}");
}

#[test]
fn the_roles_for_pod_identity_are_associated_with_their_service_accounts() {
    let (ran, calls) = roles(&["pod-identity", "prod", "example-load-tests", "shop"]);
    ran.expect(0, &[]);
    let trusts = documents(&calls, "--assume-role-policy-document ");
    let tag = "aws:RequestTag/kubernetes-service-account";
    let accounts: Vec<_> = trusts
        .iter()
        .map(|trust| trust["Statement"][0]["Condition"]["StringEquals"][tag].clone())
        .collect();
    assert_eq!(accounts, ["vajra-worker", "vajra-launcher", "vajra-operator"]);
    for part in ["worker", "launcher", "operator"] {
        let association = format!(
            "eks create-pod-identity-association --cluster-name prod --namespace load --service-account vajra-{part} \
             --role-arn arn:aws:iam::123456789012:role/vajra-load-{part}"
        );
        assert!(calls.contains(&association), "{calls:#?}");
    }
}

#[test]
fn a_call_with_missing_arguments_prints_the_usage() {
    let (ran, calls) = roles(&["irsa", "prod"]);
    ran.expect(
        2,
        &["usage: infra/kubernetes/aws/roles irsa|pod-identity CLUSTER BUCKET PREFIX"],
    );
    assert_eq!(calls, Vec::<String>::new());
}

#[test]
fn the_policy_of_workers_allows_what_the_policy_of_functions_allows_in_the_bucket() {
    let policy: Value = serde_json::from_slice(&std::fs::read(folder().join("worker-policy.json")).unwrap()).unwrap();
    let of_pods: BTreeSet<String> = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|statement| statement["Resource"].as_array().unwrap())
        .filter_map(|resource| resource.as_str().unwrap().split_once("/PREFIX/"))
        .map(|(_, path)| path.to_owned())
        .collect();
    let role = std::fs::read_to_string(root().join("infra/terraform/worker/role.tf")).unwrap();
    let of_functions: BTreeSet<String> = role
        .split("\"${local.objects}/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        // A worker writes a probe only for `doctor`, and `doctor` starts no pods. Pods therefore do not need the
        // permission to write probes.
        .filter(|path| !path.starts_with("probes/"))
        .collect();
    assert_eq!(of_pods, of_functions);
    assert!(of_pods.len() > 5, "{of_pods:?}");
}
