//! Tests that reading takes time proportional to the length of a scenario, and that every exceeded limit is reported.
//!
//! The time of reading a text is compared with the time of reading a harmless text of the same length. The harmless
//! text is read immediately before the text, because a busy machine slows down both readings. A reader with quadratic
//! work exceeds the limit by a factor of at least ten.

use plan::scenario::Scenario;
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const CHECKOUT: &str = include_str!("../../../../scenarios/checkout.yaml");
const TEXT_MAX: usize = 1 << 20;
const HEAD: &str = "name: s\ntarget: http://127.0.0.1:9\nload: { constant: { rate: 1/s, duration: 10s } }\n";
const REQUESTS: &str = "requests: [ { name: r } ]\n";

fn read_here(text: &str) -> Result<Scenario, Problems> {
    let wide: String = (0..100_000).map(|n| format!("c{n},")).collect();
    let rows = "a,b\nx,y\n".to_owned() + &"1,2\n".repeat(20_000);
    let surroundings = Surroundings {
        environment: &|name| (name.len() < 5).then(|| name.repeat(40_000)),
        file: &|path| match path {
            "wide.csv" => Ok(format!("{wide}z\n{wide}z\n").into_bytes()),
            "large.bin" => Ok(vec![b'x'; 4 << 20]),
            path if path.ends_with("csv") => Ok(rows.clone().into_bytes()),
            path => Err(format!("{path} does not exist")),
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    read(text, "s.yaml", &surroundings)
}

/// Reads a text and formats its problems. Returns the time of both, and the problems.
fn timed(text: &str) -> (Duration, Option<Problems>) {
    let start = Instant::now();
    let problems = read_here(text).err();
    if let Some(problems) = &problems {
        let shown = problems.to_string();
        assert!(shown.len() < 1 << 20, "{} bytes of problems", shown.len());
    }
    (start.elapsed(), problems)
}

/// Returns the time limit for a text of this length: four times the time of reading a harmless text of the same length,
/// and one additional second.
fn bound(length: usize) -> Duration {
    let lines = "- { a: 1 }\n".repeat(length.min(TEXT_MAX) / 11 - 1);
    timed(&format!("requests:\n{lines}")).0 * 4 + Duration::from_secs(1)
}

/// Reads a text of at most the maximum size within the time limit. Checks that the problems contain `part`. If `part`
/// is empty, the text must have no problems.
fn check(name: &str, text: &str, part: &str) {
    assert!(text.len() <= TEXT_MAX, "{name} has {} bytes", text.len());
    let bound = bound(text.len());
    let (took, problems) = timed(text);
    assert!(took < bound, "{name} took {took:?}, more than {bound:?}");
    match problems {
        None => assert_eq!(part, "", "{name} is accepted"),
        Some(problems) => {
            let shown = problems.to_string();
            assert!(!part.is_empty() && shown.contains(part), "{name}: {shown}");
        }
    }
}

/// Returns a text of almost the maximum size. The text consists of `before`, a repeated line with a number, and
/// `after`.
fn filled(before: &str, line: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = before.to_owned();
    for number in 0.. {
        let line = line(number);
        if text.len() + line.len() + after.len() > TEXT_MAX {
            break;
        }
        text.push_str(&line);
    }
    text + after
}

#[test]
fn each_placeholder_is_parsed_once() {
    let body = format!("{HEAD}requests:\n- name: r\n  body: '");
    let bad = filled(&body, |_| "{{x}}".to_owned(), "'\n");
    check("one line of bad placeholders", &bad, "more are not shown");
    let bad = filled(&body, |_| "é{{x}}".to_owned(), "'\n");
    check("a line that is not ASCII", &bad, "`x` is not a placeholder");
    let block = format!("{HEAD}requests:\n- name: r\n  body: |\n");
    let bad = filled(&block, |_| "    {{x}}\n".to_owned(), "");
    check("lines of bad placeholders", &bad, "more are not shown");
    let quotes = filled(&block, |_| "    {{ \"' }} {{ ' }}\n".to_owned(), "");
    check("placeholders with open quotes", &quotes, "is not a placeholder");
    check(
        "good placeholders",
        &filled(&body, |_| "{{uuid}}".to_owned(), "'\n"),
        "",
    );
    let url = format!("{HEAD}requests:\n- name: r\n  url: '/");
    check(
        "placeholders in a URL",
        &filled(&url, |_| "{{uuid}}".to_owned(), "'\n"),
        "",
    );
}

#[test]
fn feed_cells_are_looked_up_by_name_and_searched_once() {
    let feeds: String = (0..900).map(|n| format!("  f{n}: rows.csv\n")).collect();
    let feeds = format!("{HEAD}feeds:\n{feeds}requests:\n- name: r\n  ");
    let cell = |n: usize| format!("{{{{feed f{}.b}}}}", n % 900);
    check("cells in a body", &filled(&format!("{feeds}body: '"), cell, "'\n"), "");
    check(
        "cells in a header",
        &filled(&format!("{feeds}headers: {{ A: '"), cell, "' }\n"),
        "",
    );
    check("cells in a URL", &filled(&format!("{feeds}url: '/"), cell, "'\n"), "");
    let none = filled(&format!("{feeds}body: '"), |_| "{{feed g.a}}".to_owned(), "'\n");
    check("unknown feeds", &none, "the feeds are `f0`, `f1`");
    let none = filled(&format!("{feeds}body: '"), |_| "{{feed f0.c}}".to_owned(), "'\n");
    check("unknown columns", &none, "has no column `c`");
}

#[test]
fn the_limits_of_lists_and_maps_are_reported() {
    let steps = |count: usize, step: &str| {
        let steps = vec![step; count].join(",");
        format!("name: s\ntarget: http://127.0.0.1:9\nload: {{ step: '{steps}' }}\n{REQUESTS}")
    };
    check(
        "steps",
        &steps(100_000, "1/s:1s"),
        "`steps` has 100000 steps, more than 1000",
    );
    check("the maximum number of steps", &steps(1_000, "1/s:1s"), "");
    check("bad steps", &steps(1_000, &"1".repeat(900)), "is not a step");
    let map = |key: &str| {
        filled(
            &format!("{HEAD}requests:\n- name: r\n  {key}:\n"),
            |n| format!("    h{n}: x\n"),
            "",
        )
    };
    check("headers", &map("headers"), "entries, more than 100\n");
    check("parameters", &map("query"), "entries, more than 1000\n");
    let top = |key: &str, value: &str| {
        filled(
            &format!("{HEAD}{REQUESTS}{key}:\n"),
            |n| format!("  h{n}: {value}\n"),
            "",
        )
    };
    check("regions", &top("regions", "1%"), "entries, more than 100\n");
    check("feeds", &top("feeds", "rows.csv"), "entries, more than 1000\n");
    check("missing feeds", &top("feeds", "none"), "entries, more than 1000\n");
    let secrets = filled(
        &format!("{HEAD}requests:\n- name: r\n  body: '"),
        |n| format!("{{{{secret \"env:S{n}\"}}}}"),
        "'\n",
    );
    check("secrets", &secrets, "at most 100 secrets, and `env:S100` exceeds that");
    let targets = filled("name: s\ntargets:\n", |_| "- http://127.0.0.1:9\n".to_owned(), "");
    check("targets", &targets, "items, more than 1000");
}

#[test]
fn a_file_of_many_small_values_is_rejected_before_they_are_stored() {
    for (name, begin, unit) in [
        ("maps of one pair", "[", "a: b,"),
        ("maps of one pair in a map", "a: [", "? a,"),
        ("empty lists", "[", "[],"),
        ("empty maps", "[", "{},"),
        ("letters", "[", "a,"),
        ("values without keys", "[", ":,"),
    ] {
        let text = filled(begin, |_| unit.to_owned(), "");
        check(name, &text, "the file has more than 262144 values");
    }
    // Because of the repeated key, the reader parses the file again.
    let twice = format!("k: 1\nk: 2\na: [{}]\n", "a: b,".repeat(TEXT_MAX / 5 / 3));
    check("a repeated key before many values", &twice, "`k` is written twice");
    let twice = format!("a: [{}]\nk: 1\nk: 2\n", "a: b,".repeat(TEXT_MAX / 5 / 3));
    check("a repeated key after many values", &twice, "`k` is written twice");
}

#[test]
fn the_number_of_name_comparisons_is_bounded() {
    let requests =
        |count: usize, name: &str| -> String { (0..count).map(|n| format!("- {{ name: {name}{n:05} }}\n")).collect() };
    let thresholds: String = (0..1_000)
        .map(|n| format!("- errors of {}{n:05} < 1%\n", "b".repeat(50)))
        .collect();
    let long = format!(
        "{HEAD}requests:\n{}thresholds:\n{thresholds}",
        requests(1_000, &"a".repeat(50))
    );
    check("thresholds of unknown requests", &long, "the request `bbb");
    let many = format!("{HEAD}requests:\n{}thresholds:\n{thresholds}", requests(40_000, "n"));
    check("too many requests", &many, "has 40000 items, more than 1000");
    let unknown = filled(HEAD, |n| format!("{n:064}: 1\n"), REQUESTS);
    check("unknown keys", &unknown, "more are not shown");
    let repeated: String = (0..50_000)
        .map(|n| format!("k{n}: v\n"))
        .chain((0..30).map(|n| format!("k{n}: v\n")))
        .collect();
    check("repeated keys", &repeated, "is written twice");
}

#[test]
fn long_texts_are_quoted_in_part() {
    let long = |key: &str, unit: &str| {
        format!(
            "{HEAD}requests:\n- name: r\n  {key}: '{}'\n",
            unit.repeat(TEXT_MAX / 2 / unit.len())
        )
    };
    check("a long URL", &long("url", "é"), "is neither a path nor a URL");
    check("a long method", &long("method", "a b"), "is not a method");
    check("a long duration", &long("timeout", "9"), "has a number without a unit");
    let host = format!("name: s\ntarget: 'http://{}/'\n{REQUESTS}", "é".repeat(TEXT_MAX / 4));
    check("a long host", &host, "a scenario needs one of `load`, `populations`");
    let problems = read_here(&long("url", "x")).unwrap_err();
    assert!(
        problems.found()[0].message.len() < 1_100,
        "{}",
        problems.found()[0].message.len()
    );
}

#[test]
fn a_long_line_is_shown_around_its_problem_with_its_column() {
    let text = format!(
        "{HEAD}requests:\n- name: r\n  body: '{}{{{{ guid }}}}{}'\n",
        "x".repeat(5_000),
        "y".repeat(5_000)
    );
    let shown = read_here(&text).unwrap_err().to_string();
    assert!(shown.len() < 2_000, "{shown}");
    assert!(shown.contains("s.yaml:6:5010"), "{shown}");
    assert!(shown.contains("xx{{ guid }}yy"), "{shown}");
}

#[test]
fn the_limits_of_files_and_variables_are_reported() {
    check(
        "a wide feed",
        &format!("{HEAD}feeds: {{ a: wide.csv }}\n{REQUESTS}"),
        "has 100001 columns, more than 1000",
    );
    let feeds: String = (0..900).map(|n| format!("  f{n}: wide.csv\n")).collect();
    let one = format!("{HEAD}feeds:\n{feeds}{REQUESTS}");
    check(
        "one wide file of many feeds",
        &one,
        "has 100001 columns, more than 1000",
    );
    let file = |n: usize| format!("- {{ name: r{n}, body: {{ file: large.bin }} }}\n");
    let requests: String = (0..900).map(file).collect();
    check("one file of many requests", &format!("{HEAD}requests:\n{requests}"), "");
    let variables = filled(
        &format!("{HEAD}requests:\n- name: r\n  body: '"),
        |_| "{{env \"A\"}}".to_owned(),
        "'\n",
    );
    check(
        "variables",
        &variables,
        "up to `A` the values of the environment and of variables have more than 8 MiB in total",
    );
}

/// Fragments from which the test generates texts.
const UNITS: &[&str] = &[
    "{{",
    "}}",
    "{{ uuid }}",
    "{{ x }}",
    "{{ feed a.b }}",
    "{{ env \"A\" }}",
    "{{ secret \"env:A\" }}",
    "'",
    "\"",
    "\\",
    ",",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a ",
    "!t ",
    "? ",
    "# ",
    "|\n",
    ">\n",
    "é",
    "\t",
    "\r\n",
    "1/s:1s,",
    "a: 1\n",
    "- a\n",
    "- { name: r }\n",
    "    A: b\n",
    "  r: 1%\n",
    "  a: a.csv\n",
    "- constant: { rate: 1/s, duration: 1s }\n",
    "- errors of x < 1%\n",
    "- http://a.b\n",
    "k: v, ",
    "<",
    "%",
    "~",
    "0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    /// Sequences of a few fragments are repeated and inserted into a scenario, up to the maximum size.
    #[test]
    fn reading_time_is_proportional_to_the_length(
        runs in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::collection::vec(prop::sample::select(UNITS), 1..4), 1usize..=8), 1..4),
    ) {
        let mut text = CHECKOUT.to_owned();
        let whole: usize = runs.iter().map(|(.., part)| part).sum();
        for (place, units, part) in runs {
            let unit = units.concat();
            let length = (TEXT_MAX - CHECKOUT.len()) * part / whole.max(8);
            let at = text.floor_char_boundary(place.index(CHECKOUT.len()));
            text.insert_str(at, &unit.repeat(length / unit.len()));
        }
        let bound = bound(text.len());
        let (took, problems) = timed(&text);
        prop_assert!(took < bound, "{took:?}, more than {bound:?}: {problems:?}");
    }
}
