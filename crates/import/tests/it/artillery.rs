//! Tests of imports of Artillery test scripts.

use crate::{golden, refused};
use import::Format;

const SHOP: &str = include_str!("samples/shop-artillery.yml");

#[test]
fn a_script_becomes_flows_with_pauses_loops_and_captures() {
    let imported = golden("artillery", SHOP, Format::Artillery);
    assert!(!imported.yaml.contains("hunter2"), "{}", imported.yaml);
}

#[test]
fn a_script_without_a_target_or_requests_is_an_error() {
    assert_eq!(refused("config:\n  phases: []\n"), "line 2: `config` has no `target`");
    assert_eq!(refused("scenarios: []\n"), "line 1: the map `config` is missing");
    let nothing = "config: { target: 'http://x' }\nscenarios: [ { flow: [ { think: 1 } ] } ]\n";
    assert_eq!(refused(nothing), "the file: it contains no flow that can be sent");
    let deep = format!("config: {}{}\n", "[".repeat(500), "]".repeat(500));
    assert!(refused(&deep).starts_with("line 1: "), "{}", refused(&deep));
}
