//! Tests that a new kind of fleet needs one new file and its module declaration, one entry in a list, and a change of
//! one page.
//!
//! The tests add a kind of fleet whose workers are threads.

use super::threads;
use crate::end_to_end::conducting::{conduct_to_report, small_run};
use fleet::fleet::FleetKind;
use std::collections::BTreeMap;
use std::process::Command;
use whole_runs::machine::{Desk, Target, root, sent};

/// The patch that adds the new kind of fleet to the source code.
const PATCH: &str = "tests/fixtures/adding-a-fleet.diff";

/// Returns the added lines and the removed lines of each file in a patch.
fn changes(patch: &str) -> BTreeMap<&str, (Vec<&str>, Vec<&str>)> {
    let mut changes: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    let mut file = "";
    for line in patch.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            file = name;
        } else if line.starts_with("--- ") {
            continue;
        } else if let Some(added) = line.strip_prefix('+') {
            changes.entry(file).or_default().0.push(added);
        } else if let Some(removed) = line.strip_prefix('-') {
            changes.entry(file).or_default().1.push(removed);
        }
    }
    changes
}

#[test]
fn a_new_fleet_is_one_file_one_entry_and_one_page() {
    let patch = std::fs::read_to_string(root().join(PATCH)).unwrap();
    let applies = Command::new("git")
        .args(["apply", "--check", PATCH])
        .current_dir(root())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&applies.stderr);
    assert!(
        applies.status.success(),
        "{PATCH} no longer applies to the tree: {problem}"
    );

    let mut changes = changes(&patch);
    let (new, _) = changes
        .remove("crates/fleet/src/threads.rs")
        .expect("the file of the fleet");
    let (entries, before) = changes.remove("crates/fleet/src/kinds.rs").expect("the list of kinds");
    let (module, removed) = changes.remove("crates/fleet/src/lib.rs").expect("the list of modules");
    let (page, _) = changes.remove("docs/fleets.md").expect("the page of fleets");
    assert!(
        changes.is_empty(),
        "the patch changes other files: {:?}",
        changes.keys()
    );
    assert_eq!((entries, before), (vec!["    &crate::threads::Kind,"], Vec::new()));
    assert_eq!((module, removed), (vec!["pub mod threads;"], Vec::new()));
    assert!(page.iter().any(|line| line.starts_with("| `threads` |")), "{page:?}");

    // The tested file names the crate `fleet` in its imports. Apart from this name, the file in the patch is equal to
    // the tested file.
    let here = include_str!("threads.rs").replace("use fleet::", "use crate::");
    assert_eq!(here, new.join("\n") + "\n");
}

#[test]
fn a_run_on_the_new_fleet_needs_no_other_change() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let report = conduct_to_report(small_run(&desk, &target, &threads::Kind));
    assert_eq!(report.fleet, threads::Kind.name());
    assert!(
        report.notes.iter().all(|note| !note.contains("missing")),
        "{:?}",
        report.notes
    );
    assert_eq!(sent(&serde_json::from_str(&report.json()).unwrap()), 50);
    assert_eq!(target.requests(), 50);
}
