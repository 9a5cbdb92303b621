//! Tests of imports of HTTP archives (HAR).

use crate::{golden, import_as, refused};
use import::Format;

const FIREFOX: &str = include_str!("samples/firefox.har");

#[test]
fn an_archive_of_chromium_is_imported() {
    let imported = golden("har_chromium", include_str!("samples/chromium.har"), Format::Har);
    for secret in ["5f2c", "eyJabc", "t0k"] {
        assert!(!imported.yaml.contains(secret), "{secret}: {}", imported.yaml);
    }
}

#[test]
fn an_archive_of_firefox_with_pauses_becomes_a_flow() {
    let imported = golden("har_firefox", FIREFOX, Format::Har);
    assert!(!imported.yaml.contains("p%40ss"), "{}", imported.yaml);
}

#[test]
fn requests_to_other_sites_are_left_out() {
    let har = |urls: &[&str]| {
        let entry = |url: &&str| {
            format!(r#"{{"request": {{"method": "GET", "url": "{url}"}}, "response": {{"status": 200}}}}"#)
        };
        let entries: Vec<String> = urls.iter().map(entry).collect();
        format!(r#"{{"log": {{"entries": [{}]}}}}"#, entries.join(","))
    };
    for (urls, requests) in [
        (
            [
                "https://www.shop.example/",
                "https://api.shop.example/",
                "https://shop.example/x",
            ],
            3,
        ),
        (
            [
                "https://shop.example/",
                "https://api.shop.example/",
                "https://myshop.example/",
            ],
            2,
        ),
        (
            ["https://shop.co.uk/", "https://www.shop.co.uk/", "https://other.co.uk/"],
            2,
        ),
        (["http://10.0.0.1/", "http://10.0.0.1:81/", "http://11.0.0.1/"], 2),
    ] {
        let imported = import_as(har(&urls).as_bytes(), None).unwrap();
        assert_eq!(imported.yaml.matches("- name: ").count(), requests, "{}", imported.yaml);
    }
}

#[test]
fn a_file_that_is_not_a_whole_archive_is_an_error() {
    let cut = &FIREFOX[..FIREFOX.len() / 2];
    let line = cut.lines().count();
    assert_eq!(refused(cut), format!("line {line}: the JSON text ends too early"));
    assert_eq!(refused(r#"{"log": 1}"#), "$.log: the list `entries` is missing");
    assert_eq!(
        refused(r#"{"log": {"entries": []}}"#),
        "the file: it contains no request that can be sent"
    );
}
