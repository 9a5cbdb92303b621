//! Tests that the printed objects of a run are valid for Kubernetes, and are equal to the objects in the repository.

use std::path::Path;
use std::process::Command;
use whole_runs::machine::{Desk, Ran, root, tool};

/// The versions of Kubernetes for which the objects must be valid.
const VERSIONS: [&str; 3] = ["1.33", "1.35", "1.37"];
const SCENARIO: &str = "name: shop\ntarget: https://shop.example.com\n\
     load: { constant: { rate: 100/s, duration: 10m } }\n\
     requests: [ { name: home, url: /, headers: { x-shop: '{{ secret \"env:TOKEN\" }}' } } ]\n";
const REGIONS: &str = "name: shop\ntarget: https://shop.example.com\nload: { constant: { rate: 100/s, duration: 10m } }\n\
     requests: [ { name: home, url: / } ]\nregions: { eu: 50%, us: 50% }\n";

fn manifests(scenario: &str, options: &[&str]) -> Ran {
    let desk = Desk::new();
    desk.write("shop.yaml", scenario);
    let image = ["--image", "registry.example.com/vajra-cloud:1"];
    let fixed = [
        "kubernetes",
        "manifests",
        "shop.yaml",
        "--run",
        "Nightly_1",
        "--workers",
        "4",
    ];
    desk.run(&[&fixed[..], &image, options].concat())
}

/// Asserts that documents are valid in each version, and that they contain no field that Kubernetes does not know.
pub(super) fn assert_valid(text: &str) {
    let desk = Desk::new();
    desk.write("objects.yaml", text);
    for version in VERSIONS {
        let validated = Command::new(tool("kubernetes-validate"))
            .args(["--strict", "-k", version])
            .arg(desk.path("objects.yaml"))
            .output()
            .unwrap();
        let ran = Ran::new(&validated);
        assert_eq!(ran.code, Some(0), "{version}: {}{}", ran.stdout, ran.stderr);
    }
}

/// Compares a file of the repository with the expected text. If `UPDATE_GOLDENS` is set, writes the expected text to
/// the file before the comparison.
pub(super) fn assert_in_tree(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "{} is out of date; rewrite it with UPDATE_GOLDENS=1 and review the diff",
        path.display()
    );
}

#[test]
fn the_printed_objects_are_valid_and_equal_the_objects_in_the_tree() {
    let options = [
        "--store=s3://bucket/prefix",
        "--namespace=load",
        "--service-account=load",
        "--cpu=2",
        "--memory=2Gi",
        "--node-selector=kubernetes.io/arch=amd64",
        "--queue=team",
        "--pod-env=TOKEN=secret:shop/token",
        "--pod-env=AWS_REGION=eu-central-1",
    ];
    let ran = manifests(SCENARIO, &options).expect(0, &[]);
    assert_valid(&ran.stdout);
    assert_in_tree("tests/fixtures/kubernetes/objects.yaml", &ran.stdout);
}

#[test]
fn the_objects_for_a_volume_and_for_several_clusters_are_valid() {
    let ran = manifests(
        &SCENARIO.replace("env:TOKEN", "env:T"),
        &[
            "--store=/srv/runs",
            "--store-claim=runs",
            "--pod-env=T=secret:shop/token",
        ],
    );
    assert_valid(&ran.expect(0, &[]).stdout);
    let ran = manifests(REGIONS, &["--store=s3://bucket/prefix"]).expect(0, &[]);
    assert_valid(&ran.stdout);
    assert_eq!(ran.stdout.matches("kind: Job\n").count(), 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("# context: eu\n") && ran.stdout.contains("# context: us\n"));
    assert_eq!(ran.stdout.matches("completions: 2\n").count(), 2, "{}", ran.stdout);
}

#[test]
fn a_validator_that_accepts_everything_would_fail_here() {
    let ran = manifests(REGIONS, &["--store=s3://bucket/prefix"]).expect(0, &[]);
    let wrong = ran.stdout.replace("backoffLimitPerIndex", "backoffLimitForIndex");
    assert_ne!(wrong, ran.stdout);
    let result = std::panic::catch_unwind(|| assert_valid(&wrong));
    assert!(result.is_err(), "an unknown field was accepted");
}

#[test]
fn the_role_in_the_tree_contains_exactly_the_permissions_of_a_launcher() {
    let role = fleet::kubernetes::role();
    assert_valid(&role);
    assert_in_tree("infra/kubernetes/base/launcher-role.yaml", &role);
}

#[test]
fn pods_that_could_not_run_the_scenario_are_refused() {
    let check = |scenario: &str, options: &[&str], words: &[&str]| {
        manifests(scenario, options).expect(2, words);
    };
    let store = "--store=s3://bucket/prefix";
    check(
        SCENARIO,
        &[store],
        &[
            "env:TOKEN, which the pods do not have",
            "--pod-env TOKEN=secret:SECRET/KEY",
        ],
    );
    check(
        REGIONS,
        &["--store=./runs"],
        &["pods cannot reach the folder", "--store-claim"],
    );
    check(REGIONS, &[store, "--store-claim=runs"], &["the store is not a folder"]);
    check(
        REGIONS,
        &[store, "--image=Not An Image"],
        &["cannot be used multiple times"],
    );
    let builtin = REGIONS.replace("https://shop.example.com", "{ builtin: '' }");
    check(&builtin, &[store], &["the built-in target, which pods cannot reach"]);
    let desk = Desk::new();
    desk.write("shop.yaml", REGIONS);
    let ran = desk.run(&["kubernetes", "manifests", "shop.yaml", "--run", "r", store]);
    ran.expect(2, &["no image for the pods is given", "--image or VAJRA_IMAGE"]);
}
