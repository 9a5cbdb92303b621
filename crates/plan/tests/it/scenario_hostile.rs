//! Tests of hostile scenarios. No text makes the reader panic, hang or overflow the stack.

use plan::scenario::Scenario;
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const CHECKOUT: &str = include_str!("../../../../scenarios/checkout.yaml");
const FAULTY: &str = include_str!("faulty.yaml");

fn read_text(text: &str) -> Result<Scenario, Problems> {
    let surroundings = Surroundings {
        environment: &|name| (name.len() < 5).then(|| name.to_owned()),
        file: &|path| {
            Ok(if path.ends_with("csv") {
                b"id,email,city\n1,2,3\n".to_vec()
            } else {
                path.into()
            })
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    read(text, "hostile.yaml", &surroundings)
}

/// Reads a text and formats its problems. Asserts that each problem is well-formed.
fn check(text: &str) {
    if let Err(problems) = read_text(text) {
        assert!(problems.count() > 0);
        for problem in problems.found() {
            assert!(problem.line >= 1 && problem.column >= 1);
        }
        assert!(problems.to_string().ends_with("in hostile.yaml"));
    }
}

/// Asserts that a text is rejected with a reason, and asserts a time limit. A reader with exponential work would exceed
/// the time limit.
fn refused(name: &str, text: &str, part: &str) {
    let start = Instant::now();
    let Err(problems) = read_text(text) else {
        panic!("{name} is accepted");
    };
    let shown = problems.to_string();
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{name} took {:?}",
        start.elapsed()
    );
    assert!(
        shown.contains(part),
        "{name}: {}",
        &shown[..shown.floor_char_boundary(2000)]
    );
}

#[test]
fn a_hostile_text_is_rejected_quickly() {
    let megabyte = 1 << 20;
    let filled = |unit: &str| unit.repeat(megabyte / unit.len());
    refused("too long", &"a".repeat(100 << 20), "larger than 1 MiB");
    refused("dashes", &filled("- "), "begins after column 128");
    refused("questions", &filled("? "), "begins after column 128");
    refused("brackets", &filled("["), "not YAML");
    refused("braces", &filled("{"), "not YAML");
    refused("pairs", &filled("{a: "), "not YAML");
    refused("anchored brackets", &filled("[&a "), "not YAML");
    refused("short lines", &filled("a\n"), "");
    refused("keys", &filled("k: v\n"), "is written twice");
    let distinct: String = (0..80_000).map(|n| format!("k{n}: v\n")).collect();
    refused("unknown keys", &distinct, "more are not shown");
    let items: String = (0..60_000).map(|_| "- { a: 1 }\n").collect();
    refused("items", &format!("requests:\n{items}"), "more than 1000");
    let staircase: String = (0..120).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    refused("staircase", &staircase, "has no key `a`");
    let within: String = (0..64).map(|n| format!("{}-\n", " ".repeat(n))).collect();
    refused("requests in requests", &format!("requests:\n{within}"), "");
}

/// The reader limits nesting by the column in which a line begins. A limit by column is effective, because the YAML
/// parser opens at most one block after the first word of a line.
#[test]
fn no_line_opens_more_blocks_than_its_columns() {
    for unit in [
        "a: - ",
        "a: ? ",
        "a: b: ",
        "\"a\": - ",
        "'a': ? ",
        "\"a\":- ",
        "[]: - ",
        "{}: ? ",
        "- a: ",
        "? a: ",
        "? [] : ",
        "x - ",
        ": - : ",
        "- a: - ",
        "!t - ",
        "- !t ",
        "- !t - ",
        "!!seq - ",
        "--- - ",
        "--- !t - ",
        "- | ",
        "- > ",
        "-\t",
        "?\t",
        "a:\t- ",
        "- \"\" ",
        "- '' : ",
        "? - a: ",
        "... - ",
        "%a - ",
        "# - ",
        "-\u{a0}",
        "- \u{2028}",
        "-\u{85}",
        ",- ",
        "[? ",
        "[? a: ",
        "{? ",
        "{? a: {",
        "[a: ",
        "[\"a\":",
        "{\"a\":",
        "[[]: ",
        "[{a: ",
        "[- ",
        "[&a [",
        "- &a ",
        "&a - ",
    ] {
        for lead in ["", "- ", "a: ", "? ", "--- ", "a:\n  "] {
            check(&format!("{lead}{}", unit.repeat(20_000 / unit.len())));
            check(&format!("{lead}{}\n", unit.repeat(200_000 / unit.len())));
        }
    }
}

#[test]
fn the_deepest_nesting_that_reaches_the_parser_does_not_overflow_the_stack() {
    let mut text: String = (0..60).map(|n| format!("{0}a:\n{0}- b:\n", "  ".repeat(n))).collect();
    text.push_str(&"  ".repeat(60));
    text.push_str("a:\n");
    for opening in ["[", "[a: ", "[? a: ", "{a: ", "[[]: "] {
        for levels in [60, 126, 254] {
            let closing: String = opening
                .chars()
                .rev()
                .filter_map(|c| "[{".contains(c).then_some(if c == '[' { ']' } else { '}' }))
                .collect();
            check(&format!("{text}{}- {}x", "  ".repeat(60), opening.repeat(levels)));
            check(&format!(
                "{text}{}- {}x{}",
                "  ".repeat(60),
                opening.repeat(levels),
                closing.repeat(levels)
            ));
            check(&format!("{}x{}", opening.repeat(levels), closing.repeat(levels)));
        }
    }
}

#[test]
fn an_alias_bomb_is_rejected_quickly() {
    const TOO_LARGE: &str = "its expanded aliases have more than 1 MiB";
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
    }
    refused("lists", &bomb, TOO_LARGE);
    let keys: String = (1..30)
        .map(|n| format!("k{n}: &k{n} {{ ? [*k{0}, *k{0}] : 1 }}\n", n - 1))
        .collect();
    refused("keys", &format!("k0: &k0 [x, x]\n{keys}"), TOO_LARGE);
    let maps: String = (1..30)
        .map(|n| format!("m{n}: &m{n} {{ a: *m{0}, b: *m{0} }}\n", n - 1))
        .collect();
    refused("maps", &format!("m0: &m0 {{ a: b }}\n{maps}"), TOO_LARGE);
    let merged: String = (1..30)
        .map(|n| format!("m{n}: &m{n} {{ <<: [*m{0}, *m{0}] }}\n", n - 1))
        .collect();
    refused("merge keys", &format!("m0: &m0 {{ a: b }}\n{merged}"), TOO_LARGE);
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1000), "*a, ".repeat(100_000));
    refused("long texts", &long, TOO_LARGE);
    let deep: String = (1..2_000).map(|n| format!("d{n}: &d{n} [*d{}]\n", n - 1)).collect();
    refused("a staircase", &format!("d0: &d0 [x]\n{deep}"), TOO_LARGE);
    let brackets = (1..40).map(|n| format!("d{n}: &d{n} {}*d{}{}\n", "[".repeat(60), n - 1, "]".repeat(60)));
    let brackets: String = brackets.collect();
    refused("brackets", &format!("d0: &d0 [x]\n{brackets}"), "nested too deeply");
    let anchors = (0..60_000).map(|n| format!("- &a{n} x\n")).collect::<String>();
    refused("unused anchors", &format!("requests:\n{anchors}"), "more than 1000");
    refused("an alias of itself", "a: &a [*a]\n", "is inside its own anchor");
}

#[test]
fn problems_beyond_the_limit_are_only_counted() {
    let keys: String = (0..2500).map(|n| format!("key{n}: 1\n")).collect();
    let problems = read_text(&keys).unwrap_err();
    assert_eq!(problems.found().len(), 100);
    // The problems are 2,500 unknown keys and a missing `name`. `target` and `load` are not reported as missing,
    // because an unknown key may be a misspelling of them.
    assert_eq!(problems.count(), 2500 + 1);
}

/// The words of scenario files. Random sequences of these words reach most parts of the reader.
const WORDS: &[&str] = &[
    "name",
    "target",
    "targets",
    "load",
    "requests",
    "thresholds",
    "limits",
    "feeds",
    "constant",
    "ramp",
    "step",
    "users",
    "url",
    "query",
    "headers",
    "body",
    "rate",
    "duration",
    ": ",
    ":\n",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "{ ",
    " }",
    "[",
    "]",
    ", ",
    "\"",
    "'",
    "|\n",
    ">\n",
    "? ",
    "& ",
    "&a ",
    "*a",
    "*b",
    "!t ",
    "!!str ",
    "---\n",
    "...\n",
    "# ",
    "{{ ",
    " }}",
    "uuid",
    "random 1 2",
    "feed a.id",
    "env \"A\"",
    "10/s",
    "1s",
    "é",
    "\t",
    "\u{feff}",
    "\r\n",
    "\u{0}",
    "~",
    "null",
    "true",
    "1",
    "0x10",
    "1e999",
    "<",
    "latency p99 < 1s",
    "%YAML 1.2\n",
    "<<",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_words_do_not_panic(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        check(&words.concat());
    }

    #[test]
    fn random_changes_to_a_scenario_do_not_panic(
        faulty in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, prop::sample::select(WORDS)), 1..6),
    ) {
        let mut text: Vec<char> = if faulty { FAULTY } else { CHECKOUT }.chars().collect();
        for (place, cut, word) in changes {
            let start = place.index(text.len());
            let end = (start + cut).min(text.len());
            text.splice(start..end, word.chars());
            if text.is_empty() {
                break;
            }
        }
        check(&text.into_iter().collect::<String>());
    }
}
