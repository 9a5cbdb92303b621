//! What is stored and what it means are different types: only the modules of stored forms know serde.

use crate::tidy::{Source, none, sources};
use crate::words::{self, Kind, Word};

/// Crates whose types are computed with.
const DOMAIN: [&str; 2] = ["crates/tally/src/", "crates/plan/src/"];

/// Where these crates use serde, and why.
const STORED: [(&str, &str); 4] = [
    ("crates/tally/src/wire/", "the stored forms of results"),
    (
        "crates/tally/src/format.rs",
        "the format of every document is read first",
    ),
    ("crates/plan/src/wire/", "the stored form of plans"),
    ("crates/plan/src/scenario_file/schema.rs", "a JSON schema is JSON"),
];

/// Whether the word is of serde: a path into its crates, a trait's name that was imported, or an attribute.
fn is_of_serde(word: &Word) -> bool {
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
fn types_that_are_computed_with_are_not_stored_documents() {
    let sources = sources();
    let domain = |source: &&Source| source.is_in(&DOMAIN);
    let mut faults = Vec::new();
    let mut used = Vec::new();
    for source in sources.iter().filter(domain) {
        for word in source.shipped().filter(|word| is_of_serde(word)) {
            match STORED.iter().find(|(place, _)| source.path.starts_with(place)) {
                Some((place, _)) => used.push(*place),
                None => faults.push(source.at(
                    word,
                    &format!(
                        "`{}` outside of `wire`: describe the stored form there, and convert it",
                        word.text
                    ),
                )),
            }
        }
    }
    for (place, why) in STORED {
        if !used.contains(&place) {
            faults.push(format!(
                "{place}:1: does not use serde any more; take it out of STORED ({why})"
            ));
        }
    }
    none(faults);
}
