//! Tests of imports of vegeta targets.

use crate::{golden, refused};
use import::Format;

#[test]
fn targets_in_the_http_format_are_imported() {
    let imported = golden("vegeta_http", include_str!("samples/targets.txt"), Format::Vegeta);
    assert!(!imported.yaml.contains("DEADBEEF"), "{}", imported.yaml);
}

#[test]
fn targets_in_the_json_format_are_imported() {
    golden("vegeta_json", include_str!("samples/targets.json"), Format::Vegeta);
}

#[test]
fn a_line_that_is_not_part_of_a_target_is_an_error() {
    assert_eq!(
        refused("GET http://x/\nhello"),
        "line 2: this is neither a header nor a body"
    );
    assert_eq!(refused("GET http://x/\n\nhello"), "line 3: this is not a target");
    let json = "{\"method\":\"GET\",\"url\":\"http://x/\"}\n{\"method\"";
    assert!(
        refused(json).starts_with("line 2: this is not JSON"),
        "{}",
        refused(json)
    );
}
