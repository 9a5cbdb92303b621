//! Tests of the workflows of GitHub Actions. A linter finds no problems in the workflows.
//!
//! The tests run the commands of the workflows that are fast and need no network. The commands are run as they are
//! written.

use super::{run, strip};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use whole_runs::machine::{Ran, root, tool};

/// The commands of the release workflow that are not run here, each with the reason.
const NOT_RUN: [(&str, &str); 7] = [
    (
        "install the program",
        "builds for minutes; `tests/run` checks the built program",
    ),
    ("install Rust", "needs a network"),
    ("install cargo-lambda", "needs a network; `tests/run` does the same"),
    ("build for arm64", "needs a standard library that rustup fetches"),
    ("build for x86_64", "`infra::zip` runs it"),
    ("push the image", "needs a registry"),
    ("publish the release", "needs GitHub"),
];

/// Runs the linter on the files in a folder. Returns the exit code and the output of the linter.
fn lint(folder: &Path) -> Ran {
    // The linter does not call other linters, because they are not installed on every machine.
    let mut command = Command::new(tool("actionlint"));
    command
        .args(["-shellcheck=", "-pyflakes=", "-no-color"])
        .args(folder.read_dir().unwrap().map(|file| file.unwrap().path()));
    Ran::new(&command.current_dir(root()).output().unwrap())
}

#[test]
fn the_linter_finds_no_problem_in_the_workflows() {
    let ran = lint(&root().join(".github/workflows"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
}

#[test]
fn the_linter_finds_a_problem_in_a_broken_workflow() {
    let folder = tempfile::tempdir().unwrap();
    let release = std::fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    let wrong = release.replace("needs: [program, function]", "needs: [programs]");
    assert_ne!(wrong, release);
    std::fs::write(folder.path().join("release.yml"), wrong).unwrap();
    let ran = lint(folder.path());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("programs"), "{}", ran.stdout);
}

#[test]
fn actions_and_containers_are_pinned() {
    let mut found = 0;
    for file in root().join(".github/workflows").read_dir().unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().map(|line| line.trim().trim_start_matches("- ")) {
            let pin = if let Some(action) = line.strip_prefix("uses: ") {
                action.split_once('@').map(|(_, pin)| (pin, 40))
            } else if line.starts_with("image: ") || line.starts_with("container: rust") {
                line.split_once("@sha256:").map(|(_, pin)| (pin, 64))
            } else {
                continue;
            };
            let is_pinned =
                pin.is_some_and(|(pin, length)| pin.chars().take_while(char::is_ascii_hexdigit).count() == length);
            assert!(is_pinned, "not pinned: {line}");
            found += 1;
        }
    }
    assert!(found >= 8, "only {found} actions and containers were found");
}

/// Returns the name and the commands of each step of the release workflow, in the order of the steps.
fn commands() -> Vec<(String, String)> {
    let printed = run(Command::new(tool("python"))
        .args([
            "-c",
            "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))",
        ])
        .arg(root().join(".github/workflows/release.yml")));
    let workflow: Value = serde_json::from_str(&printed).unwrap();
    let steps = ["program", "function", "publish"].map(|job| workflow["jobs"][job]["steps"].as_array().unwrap());
    let steps = steps.into_iter().flatten().filter(|step| step.get("run").is_some());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|step| (text(&step["name"]), text(&step["run"]))).collect()
}

/// Returns a copy of the files that a release needs. In this copy, the newest entry of the changelog has a date.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let files = [
        "Cargo.toml",
        "CHANGELOG.md",
        "README.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
    ];
    for name in files {
        std::fs::copy(root().join(name), path(name)).unwrap();
    }
    run(Command::new("cp")
        .arg("-r")
        .arg(root().join("infra"))
        .arg(path("infra")));
    let changes = std::fs::read_to_string(path("CHANGELOG.md")).unwrap();
    std::fs::write(
        path("CHANGELOG.md"),
        changes.replace("] - Unreleased", "] - 2027-01-31"),
    )
    .unwrap();
    folder
}

fn bash(folder: &Path, commands: &str, tag: &str) -> Ran {
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", commands])
        .current_dir(folder)
        .env("GITHUB_REF_NAME", tag);
    Ran::new(&command.output().unwrap())
}

#[test]
fn the_commands_of_the_release_create_its_files() {
    let folder = checkout();
    let path = |name: &str| folder.path().join(name);
    let version = env!("CARGO_PKG_VERSION");
    // The steps that are not run here would create these files.
    std::fs::create_dir_all(path("target/installed/bin")).unwrap();
    strip(&path("target/installed/bin/vajra-cloud"));
    for architecture in ["arm64", "x86_64"] {
        let zip = path(&format!("target/lambda/{architecture}/vajra-worker"));
        std::fs::create_dir_all(&zip).unwrap();
        std::fs::write(zip.join("bootstrap.zip"), architecture).unwrap();
    }
    let mut not_run = BTreeSet::new();
    for (name, command) in commands() {
        if NOT_RUN.iter().any(|(left_out, _)| *left_out == name) {
            not_run.insert(name);
        } else {
            bash(folder.path(), &command, &format!("v{version}")).expect(0, &[]);
        }
    }
    assert_eq!(not_run, NOT_RUN.iter().map(|(name, _)| (*name).to_owned()).collect());

    let machine = std::env::consts::ARCH;
    let name = format!("vajra-cloud-{version}-{machine}-linux");
    let sums = std::fs::read_to_string(path("target/dist/SHA256SUMS")).unwrap();
    let files: Vec<_> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let expected = [
        format!("{name}-image.tar"),
        format!("{name}.tar.gz"),
        format!("vajra-worker-{version}-arm64.zip"),
        format!("vajra-worker-{version}-x86_64.zip"),
    ];
    assert_eq!(files, expected);
    // The step `push the image` of the workflow names the same file.
    let push = commands()
        .into_iter()
        .find(|(name, _)| name == "push the image")
        .unwrap()
        .1;
    assert!(
        push.contains("target/dist/vajra-cloud-$version-$machine-linux-image.tar"),
        "{push}"
    );

    let unpacked = path("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    let archive = path(&format!("target/dist/{name}.tar.gz"));
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&unpacked));
    let parts = unpacked.join(name);
    let printed = run(Command::new(parts.join("vajra-cloud")).arg("--version"));
    assert_eq!(printed, format!("vajra-cloud {version}\n"));
    for part in [
        "man1/vajra-cloud-launch.1",
        "completions/_vajra-cloud",
        "CHANGELOG.md",
        "LICENSE-MIT",
    ] {
        assert!(parts.join(part).metadata().unwrap().len() > 0, "{part}");
    }
    let notes = std::fs::read_to_string(path("target/notes.md")).unwrap();
    assert!(notes.contains("### Added") && !notes.contains("## ["), "{notes}");
}

#[test]
fn a_release_with_another_version_or_without_a_date_is_rejected() {
    let folder = checkout();
    let (name, check) = commands().swap_remove(0);
    assert_eq!(name, "check the tag");
    bash(folder.path(), &check, "v9.9.9").expect(1, &["the tag is v9.9.9, and the version in Cargo.toml is"]);
    let changelog = folder.path().join("CHANGELOG.md");
    let changes = std::fs::read_to_string(&changelog).unwrap();
    std::fs::write(changelog, changes.replace("2027-01-31", "Unreleased")).unwrap();
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    bash(folder.path(), &check, &tag).expect(1, &["CHANGELOG.md has no line"]);
}
