//! Tests of imports of hostile files. No file makes an importer panic, hang or overflow the stack, and every scenario
//! that an importer writes is valid.

use crate::{import_as, read};
use import::Format;
use plan::scenario_file::Problem;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const SAMPLES: [(&str, Format); 10] = [
    (include_str!("samples/chromium.sh"), Format::Curl),
    (include_str!("samples/chromium.bat"), Format::Curl),
    (include_str!("samples/firefox.sh"), Format::Curl),
    (include_str!("samples/by_hand.sh"), Format::Curl),
    (include_str!("samples/firefox.har"), Format::Har),
    (include_str!("samples/chromium.har"), Format::Har),
    (include_str!("samples/targets.txt"), Format::Vegeta),
    (include_str!("samples/targets.json"), Format::Vegeta),
    (include_str!("samples/shop-3.0.yaml"), Format::OpenApi),
    (include_str!("samples/shop-artillery.yml"), Format::Artillery),
];

/// Imports bytes. Asserts that the result is a valid scenario, or an error with a position. Returns the scenario, or
/// `None` for an error.
fn check(bytes: &[u8], format: Option<Format>) -> Option<String> {
    match import_as(bytes, format) {
        Ok(imported) => {
            if let Err(problems) = read(&imported.yaml) {
                // Two kinds of problems are accepted. A damaged file may name a column that the feed lacks, and the
                // test's value of an environment variable may not be a host.
                let of_surroundings = |problem: &Problem| {
                    let line = imported.yaml.lines().nth(problem.line - 1).unwrap();
                    problem.message.contains("column") || line.contains("{{ env ")
                };
                let is_sound = problems.found().iter().all(of_surroundings);
                assert!(is_sound, "{}\n{}", imported.yaml, problems.render(false));
            }
            Some(imported.yaml)
        }
        Err(error) => {
            let begins = ["line ", "$", "the file"];
            assert!(begins.iter().any(|begin| error.place.starts_with(begin)), "{error}");
            assert!(!error.problem.is_empty());
            None
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_imported_or_rejected(
        sample in 0..SAMPLES.len(),
        cut in 0.0..1.0_f64,
        edits in prop::collection::vec((0.0..1.0_f64, 0_u8..4, any::<u8>(), 0_usize..9), 0..6),
        is_forced in any::<bool>(),
    ) {
        const PIECES: [&str; 9] = ["'", "\"", "{{", "}}", "\n", "$'", "\u{f0000}", "\\", "&a *a"];
        let (text, format) = SAMPLES[sample];
        let mut bytes = text.as_bytes().to_vec();
        for (place, kind, byte, piece) in edits {
            let at = (place * bytes.len() as f64) as usize;
            let piece = PIECES[piece].as_bytes().to_vec();
            match kind {
                0 => bytes[at] = byte,
                1 => { bytes.splice(at..at, piece); }
                2 => { bytes.drain(at..(at + usize::from(byte)).min(bytes.len())); }
                _ => { let copy = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec(); bytes.splice(at..at, copy); }
            }
            if bytes.is_empty() {
                break;
            }
        }
        if cut < 0.3 {
            bytes.truncate((cut / 0.3 * bytes.len() as f64) as usize);
        }
        check(&bytes, is_forced.then_some(format));
    }

    #[test]
    fn any_text_is_imported_or_rejected(text in ".{0,200}", format in 0..Format::ALL.len()) {
        check(text.as_bytes(), Some(Format::ALL[format]));
        check(text.as_bytes(), None);
    }

    #[test]
    fn any_body_is_sent_as_it_is(body in "[ -~\u{0}-\u{1f}é\u{2028}\u{feff}\u{85}{}\"']{1,40}") {
        let json = serde_json::json!({ "log": { "entries": [{
            "request": { "method": "PUT", "url": "http://x/", "postData": { "mimeType": "text/plain", "text": body } },
            "response": { "status": 200 },
        }] } });
        let imported = import_as(json.to_string().as_bytes(), None).unwrap();
        let scenario = read(&imported.yaml).unwrap_or_else(|problems| panic!("{}\n{problems}", imported.yaml));
        let plan::scenario::Body::Inline(sent) = &scenario.requests[0].body else { panic!("{}", imported.yaml) };
        prop_assert_eq!(sent.as_fixed(), Some(body.as_str()), "{}", imported.yaml);
    }
}

/// Imports a text, and asserts a time limit. An importer with exponential work would exceed the time limit.
fn ends(name: &str, text: &str, format: Format) -> Option<String> {
    let start = Instant::now();
    let imported = check(text.as_bytes(), Some(format));
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{name} took {:?}",
        start.elapsed()
    );
    imported
}

#[test]
fn huge_and_deep_inputs_end() {
    let filled = |unit: &str| unit.repeat((1 << 18) / unit.len());
    for unit in [
        "[",
        "{",
        "{\"a\":",
        "[[",
        "- ",
        "? ",
        "a:\n ",
        "[&a ",
        "curl x '",
        "curl 'http://x/' ;\n",
        "$'",
        "^\"",
        "\\",
        "\"",
        "GET http://x/\n",
        "a: &a\n",
        "$(",
        "--next ",
        "-",
        "{{",
    ] {
        for format in Format::ALL {
            ends(unit, &filled(unit), format);
        }
        ends(
            unit,
            &format!("openapi: 3.0.0\npaths: {}", filled(unit)),
            Format::OpenApi,
        );
        ends(unit, &format!("{{\"log\": {}", filled(unit)), Format::Har);
        ends(
            unit,
            &format!("curl http://x/ -d '{}'", filled(unit).replace('\'', "")),
            Format::Curl,
        );
        ends(
            unit,
            &format!("curl http://x/ -H \"{}\"", filled(unit).replace('"', "")),
            Format::Curl,
        );
    }
    let laughs: String = (1..30)
        .map(|n| format!("b{n}: &b{n} [*b{0}, *b{0}, *b{0}]\n", n - 1))
        .collect();
    let text = format!("openapi: 3.0.0\nb0: &b0 [x]\n{laughs}paths: {{}}\n");
    assert_eq!(ends("aliases", &text, Format::OpenApi), None);
}

#[test]
fn requests_beyond_the_limits_of_a_scenario_are_left_out() {
    let many: String = (0..3000).map(|n| format!("GET http://x/{n}\n")).collect();
    let yaml = ends("many", &many, Format::Vegeta).unwrap();
    assert!(
        yaml.contains("2000 requests: a scenario has at most 1000"),
        "{}",
        &yaml[..500]
    );
    let body = "x".repeat(60 << 10);
    let long: String = (0..40).map(|n| format!("curl http://x/{n} -d {body}\n")).collect();
    let yaml = ends("long", &long, Format::Curl).unwrap();
    assert!(
        yaml.contains("requests: a scenario has at most 1000, 100 flows, and 896 KiB"),
        "{}",
        &yaml[..500]
    );
    let one = format!("curl http://x/ -d {}", "x".repeat(70 << 10));
    assert!(ends("one", &one, Format::Curl).unwrap().contains("larger than 64 KiB"));
    let secrets: String = (0..300).map(|n| format!("curl http://x/{n} -u a:{n}\n")).collect();
    let yaml = ends("secrets", &secrets, Format::Curl).unwrap();
    assert!(yaml.contains("there are too many secrets"), "{}", &yaml[..500]);
}

#[test]
fn bytes_that_are_not_utf_8_are_rejected_with_their_line() {
    let line = |bytes: &[u8]| import_as(bytes, None).unwrap_err().to_string();
    assert_eq!(line(b"curl http://x/\ncurl \xff"), "line 2: the text is not UTF-8");
    assert_eq!(line(b"\xff\xfec\0"), "line 1: the text is in UTF-16");
    assert_eq!(line(b""), "the file: it is empty");
    assert_eq!(line(b"hello"), "the file: its format is not recognised");
    assert!(check("\u{feff}curl http://x/".as_bytes(), None).is_some());
}
