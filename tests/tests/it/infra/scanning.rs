//! Tests that a scanner of policies finds no problem in the deployment, and that each skipped check has a reason.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use whole_runs::machine::root;

fn scan(folder: &Path) -> Value {
    let checkov = root().join(".tools/checkov/bin/checkov");
    assert!(
        checkov.exists(),
        "{} is missing: run tests/run, which installs it",
        checkov.display()
    );
    let output = Command::new(checkov)
        .args([
            "--framework",
            "terraform",
            "--skip-download",
            "--compact",
            "--output",
            "json",
        ])
        .arg("--directory")
        .arg(folder)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn checks<'a>(report: &'a Value, of: &str) -> Vec<(&'a str, &'a str, &'a Value)> {
    let list = report["results"][of].as_array().unwrap();
    list.iter()
        .map(|check| {
            let text = |name: &str| check[name].as_str().unwrap();
            (text("check_id"), text("resource"), check)
        })
        .collect()
}

#[test]
fn the_scanner_finds_no_unexplained_problems() {
    let report = scan(&root().join("infra/terraform"));
    let failed: Vec<_> = checks(&report, "failed_checks")
        .iter()
        .map(|(id, resource, check)| format!("{resource}: {id} {}", check["check_name"]))
        .collect();
    assert!(
        failed.is_empty(),
        "fix these, or add `#checkov:skip=ID: reason` to the resource: {failed:#?}"
    );
    assert_eq!(report["results"]["parsing_errors"], serde_json::json!([]));
    // The scanner checks the workers of all regions, and the resources without a region.
    let passed = checks(&report, "passed_checks");
    assert!(passed.len() > 100, "only {} checks", passed.len());
    for (id, resource, check) in checks(&report, "skipped_checks") {
        let reason = check["check_result"]["suppress_comment"].as_str().unwrap_or_default();
        assert!(
            reason.split_whitespace().count() >= 6,
            "{resource}: {id} is skipped with the reason `{reason}`: give the reason as a sentence"
        );
    }
}

#[test]
fn the_scanner_finds_a_problem_in_an_open_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = "resource \"aws_s3_bucket\" \"open\" {\n  bucket = \"example\"\n}\n\n\
                  resource \"aws_s3_bucket_public_access_block\" \"open\" {\n  bucket = aws_s3_bucket.open.id\n  \
                  block_public_acls = false\n}\n";
    std::fs::write(folder.path().join("main.tf"), bucket).unwrap();
    let report = scan(folder.path());
    let failed = checks(&report, "failed_checks");
    assert!(failed.iter().any(|(id, ..)| *id == "CKV_AWS_53"), "{failed:?}");
}
