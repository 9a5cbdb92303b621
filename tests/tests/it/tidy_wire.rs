//! Tests that only the modules that define stored documents use serde.
//!
//! The type of a stored document and the type that the program computes with are different types.

use crate::tidy::{Source, assert_no_faults, sources};
use crate::words::{self, Kind, Word};

/// The crates that define the types that the program computes with.
const DOMAIN: [&str; 2] = ["crates/tally/src/", "crates/plan/src/"];

/// The files and folders of the crates [`DOMAIN`] that use serde, each with the reason.
const STORED: [(&str, &str); 4] = [
    ("crates/tally/src/wire/", "the stored forms of results"),
    (
        "crates/tally/src/format.rs",
        "the format of every document is read first",
    ),
    ("crates/plan/src/wire/", "the stored form of plans"),
    ("crates/plan/src/scenario_file/schema.rs", "a JSON schema is JSON"),
];

/// Returns whether a word refers to serde. A word that refers to serde is a path into a crate of serde, the name of an
/// imported trait, or an attribute.
fn refers_to_serde(word: &Word) -> bool {
    match word.kind {
        Kind::Path => {
            ["serde", "serde_json"]
                .iter()
                .any(|path| words::begins(&word.text, path))
                || ["Serialize", "Deserialize"]
                    .iter()
                    .any(|name| words::ends(&word.text, name))
        }
        Kind::Attribute => {
            let names = ["serde", "Serialize", "Deserialize"];
            word.text.split_whitespace().any(|part| names.contains(&part))
        }
        _ => false,
    }
}

#[test]
fn domain_types_do_not_use_serde() {
    let sources = sources();
    let domain = |source: &&Source| source.is_in(&DOMAIN);
    let mut faults = Vec::new();
    let mut used = Vec::new();
    for source in sources.iter().filter(domain) {
        for word in source.shipped().filter(|word| refers_to_serde(word)) {
            match STORED.iter().find(|(place, _)| source.path.starts_with(place)) {
                Some((place, _)) => used.push(*place),
                None => faults.push(source.at(
                    word,
                    &format!(
                        "`{}` outside `wire`: define the stored form there and convert it",
                        word.text
                    ),
                )),
            }
        }
    }
    for (place, why) in STORED {
        if !used.contains(&place) {
            faults.push(format!(
                "{place}:1: no longer uses serde; remove it from STORED ({why})"
            ));
        }
    }
    assert_no_faults(faults);
}
