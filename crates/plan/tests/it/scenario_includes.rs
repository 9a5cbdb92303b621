//! Tests of files that a scenario includes.

use crate::scenario_vars::without_source;
use plan::rows::Work;
use plan::scenario::Scenario;
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Reads the scenario `shop/shop.yaml`. The paths of `files` are relative to the folder `shop`.
fn read_with(files: &[(&str, &str)], settings: Settings) -> Result<Scenario, Problems> {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|path| match files.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err("no such file".to_owned()),
        },
        pem: &|_| Ok(()),
        settings,
    };
    read(files["shop.yaml"], "shop/shop.yaml", &surroundings)
}

#[track_caller]
fn right(files: &[(&str, &str)]) -> Scenario {
    read_with(files, Settings::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Checks that the scenario is rejected, and that its problems contain every text in `parts`.
#[track_caller]
fn wrong(files: &[(&str, &str)], parts: &[&str]) {
    let problems = match read_with(files, Settings::default()) {
        Ok(scenario) => panic!("{scenario:?}"),
        Err(problems) => problems,
    };
    for part in parts {
        assert!(problems.to_string().contains(part), "no `{part}` in\n{problems}");
    }
}

const BASE: &str = "name: t\ntarget: http://shop.example\nload: { constant: { rate: 10/s, duration: 1s } }\n";

fn with(lines: &str) -> String {
    format!("{BASE}{lines}")
}

#[test]
fn included_keys_are_merged_below_those_of_the_including_file() {
    let shop = with(
        "\
include: [common.yaml, auth.yaml]
vars: { rate: 7/s }
defaults: { headers: { accept: text/html }, timeout: 2s }
requests: [{ name: own }]
thresholds: errors < 2%
environments: { ci: { rate: 1/s } }
",
    );
    let common = "\
name: replaced
targets: [https://replaced.example]
load: { ramp: { to: 5/s, ramp_duration: 9s } }
vars: { rate: 5/s, item: '7' }
environments: { ci: { item: '8' }, night: { item: '9' } }
defaults: { headers: { Accept: application/json, X-Item: '{{ var item }}' }, timeout: 1s }
requests: { name: common, url: /common }
thresholds: [latency p99 < 1s]
x-anything: 1
";
    let auth = "\
auth: { api: { bearer: '{{ secret \"env:TOKEN\" }}' }, unused: { bearer: no }  }
defaults: { auth: api, headers: { X-Auth: 'yes' } }
requests: [{ name: login, url: /login }]
limits: { connections: 5 }
";
    let whole = with(
        "\
vars: { rate: 7/s, item: '7' }
auth: { api: { bearer: '{{ secret \"env:TOKEN\" }}' } }
environments: { ci: { rate: 1/s, item: '8' }, night: { item: '9' } }
defaults: { headers: { accept: text/html, X-Auth: 'yes', X-Item: '{{ var item }}' }, timeout: 2s, auth: api }
requests: [{ name: common, url: /common }, { name: login, url: /login }, { name: own }]
thresholds: [latency p99 < 1s, errors < 2%]
limits: { connections: 5 }
",
    );
    let files = [
        ("shop.yaml", shop.as_str()),
        ("common.yaml", common),
        ("auth.yaml", auth),
    ];
    for environment in [None, Some("ci"), Some("night")] {
        let settings = || Settings {
            environment: environment.map(str::to_owned),
            variables: Vec::new(),
        };
        let merged = read_with(&files, settings()).unwrap_or_else(|problems| panic!("{problems}"));
        let expected = read_with(&[("shop.yaml", &whole)], settings()).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(without_source(merged), without_source(expected), "{environment:?}");
    }
}

#[test]
fn a_scenario_may_consist_of_included_files() {
    let files = [("shop.yaml", "include: parts/all.yaml\n"), ("parts/all.yaml", BASE)];
    assert_eq!(
        without_source(right(&files)),
        without_source(right(&[("shop.yaml", BASE)]))
    );
    // If two included files contain the same key, the later file takes precedence. The including file takes precedence
    // over both files.
    let files = [
        ("shop.yaml", "include: [a.yaml, b.yaml]\nname: own\n"),
        ("a.yaml", &with("seed: 1\nprotocol: http2\n")),
        ("b.yaml", "name: b\nseed: 2\n"),
    ];
    let scenario = right(&files);
    assert_eq!((scenario.name.as_str(), scenario.seed), ("own", Some(2)));
}

#[test]
fn paths_are_relative_to_the_file_that_contains_them() {
    let files = [
        (
            "shop.yaml",
            &*with("include: parts/a.yaml\nfeeds: { own: users.csv }\nrequests: [{ name: own }]\n"),
        ),
        ("users.csv", "name\nann\nbob\n"),
        (
            "parts/a.yaml",
            "include: ../other/b.yaml\nrequests: [{ name: a, method: POST, body: { file: body.txt } }]\n",
        ),
        ("parts/body.txt", "hello"),
        ("parts/../other/b.yaml", "feeds: { users: { file: users.csv } }\n"),
        ("parts/../other/users.csv", "name\neve\n"),
    ];
    let scenario = right(&files);
    let rows: BTreeMap<&str, u64> = scenario
        .feeds
        .iter()
        .map(|feed| (feed.name.as_str(), feed.rows))
        .collect();
    assert_eq!(rows, BTreeMap::from([("own", 2), ("users", 1)]));
    assert!(scenario.blobs.values().any(|blob| blob == b"hello"));
}

#[test]
fn a_problem_in_an_included_file_has_its_name_line_and_column() {
    let shop = with("include: [\"parts/a.yaml\", b.yaml]\nrequests: [{ name: own, wieght: 1 }]\n");
    wrong(
        &[
            ("shop.yaml", &shop),
            (
                "parts/a.yaml",
                "# é\nrequests:\n  - { name: é, weight: 0 }\nfeeds: { users: none.csv }\nthresholds: latency p99 < 5\n",
            ),
            (
                "b.yaml",
                "vars: { b: x }\nprotocol: '{{ var b }}'\nlimits: { connections: none }\nextra: 1",
            ),
        ],
        &[
            "shop/shop.yaml:5:25",
            "shop/parts/a.yaml:3:24",
            "shop/parts/a.yaml:4:17",
            "use a path relative to the folder of the included file",
            "shop/parts/a.yaml:5:13",
            "shop/b.yaml:2:11",
            "`vars` in line 1 of shop/b.yaml",
            "shop/b.yaml:3:24",
            "a scenario has no key `extra`",
            "shop/b.yaml:4:1",
            "problems in shop/shop.yaml and shop/parts/a.yaml and shop/b.yaml",
        ],
    );
    // The included files have these faults: a text that is not YAML, a repeated key, and a key without a value.
    wrong(
        &[("shop.yaml", "include: a.yaml\n"), ("a.yaml", "name: t\nseed: [1\n")],
        &["not YAML", "shop/a.yaml:3:1"],
    );
    wrong(
        &[
            ("shop.yaml", &with("include: a.yaml\n")),
            ("a.yaml", "seed: 1\nseed: 2\n"),
        ],
        &["`seed` is written twice", "shop/a.yaml:2:1"],
    );
    wrong(
        &[
            (
                "shop.yaml",
                &with("include: a.yaml\nrequests: [{ name: a }]\nvars: { a: 1 }\n"),
            ),
            ("a.yaml", "requests:\nvars:\n"),
        ],
        &["shop/a.yaml:1:1", "shop/a.yaml:2:1"],
    );
    wrong(
        &[("shop.yaml", "include: a.yaml\n"), ("a.yaml", "seed: 1\n")],
        &["a scenario needs `name`", "shop/shop.yaml:1:1"],
    );
}

#[test]
fn an_include_that_cannot_be_followed_is_a_problem() {
    for (include, part) in [
        ("none.yaml", "`none.yaml` cannot be read: no such file"),
        ("shop.yaml", "`shop.yaml` includes itself"),
        ("../shop/./shop.yaml", "includes itself"),
        ("[a.yaml, ./a.yaml]", "`./a.yaml` is included twice"),
        ("[a.yaml, b.yaml]", "`a.yaml` is included twice"),
        (
            "round.yaml",
            "`round.yaml` includes itself, directly or through other files",
        ),
        ("[]", "`include` is empty"),
        ("''", "an included file is named by a text"),
        ("{ file: a.yaml }", "an included file is named by a text, not a map"),
        ("[7]", "an included file is named by a text, not a number"),
        ("'{{ var file }}.yaml'", "placeholders are not allowed here"),
        ("list.yaml", "an included file is a map, not a list"),
        ("empty.yaml", "the file contains no scenario"),
        ("two.yaml", "a second document begins here"),
        ("huge.yaml", "the scenario and its included files are larger than 1 MiB"),
        ("alias.yaml", "not YAML"),
    ] {
        let huge = format!("x-long: {}\n", "a".repeat(1 << 20));
        let shop = with(&format!("include: {include}\nx-a: &here {{ a: 1 }}\n"));
        let files = [
            ("shop.yaml", shop.as_str()),
            ("a.yaml", "seed: 1\n"),
            ("b.yaml", "include: a.yaml\n"),
            ("round.yaml", "include: back.yaml\n"),
            ("back.yaml", "include: round.yaml\n"),
            ("list.yaml", "- name: a\n"),
            ("empty.yaml", "# nothing\n"),
            ("two.yaml", "seed: 1\n---\nseed: 2\n"),
            ("huge.yaml", &huge),
            ("alias.yaml", "vars: *here\n"),
        ];
        wrong(&files, &[part]);
    }
}

/// Reads a scenario. The function `file` computes the text of each included file from its path. Returns the problems,
/// and the number of files that were read.
fn computed(shop: &str, file: &dyn Fn(&str) -> String) -> (String, usize) {
    let read_files = RefCell::new(0);
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|path| {
            *read_files.borrow_mut() += 1;
            Ok(file(path).into_bytes())
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    let start = Instant::now();
    let problems = read(shop, "shop.yaml", &surroundings)
        .expect_err("a bounded number of files")
        .to_string();
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
    (problems, read_files.into_inner())
}

#[test]
fn hostile_includes_are_rejected_quickly() {
    // The chain of files has no end. A symbolic link to its own folder would cause a chain without an end.
    let (problems, files) = computed(&with("include: self/a.yaml\n"), &|_| {
        "include: self/a.yaml\n".to_owned()
    });
    assert!(problems.contains("is included through more than 8 files"), "{problems}");
    assert_eq!(files, 8);
    // The scenario includes many files, first as one list and then as a tree.
    let many: Vec<String> = (0..1000).map(|n| format!("a{n}.yaml")).collect();
    let (problems, files) = computed(&with(&format!("include: [{}]\n", many.join(", "))), &|_| String::new());
    assert!(
        problems.contains("`include` has 1000 items, more than 32"),
        "{problems}"
    );
    assert_eq!(files, 0);
    let (problems, files) = computed(&with("include: [a/0, a/1]\n"), &|_| {
        "include: [a/0, a/1, a/2, a/3, a/4, a/5]\n".to_owned()
    });
    assert!(problems.contains("one of more than 32 included files"), "{problems}");
    assert_eq!(files, 32);
    // Each file is small. Together, the files are too large, or contain too many values.
    let twenty: Vec<String> = (0..20).map(|n| format!("a{n}.yaml")).collect();
    let twenty = with(&format!("include: [{}]\n", twenty.join(", ")));
    let (problems, _) = computed(&twenty, &|_| format!("x-a: {}\n", "a".repeat(100_000)));
    assert!(problems.contains("larger than 1 MiB"), "{problems}");
    let (problems, _) = computed(&twenty, &|_| format!("x-a: [{}]\n", "a,".repeat(20_000)));
    assert!(problems.contains("more than 262144 values"), "{problems}");
}

#[test]
fn the_plan_has_the_result_and_the_text_of_every_file() {
    let shop = with("include: common.yaml\n");
    let common = "defaults: { timeout: 3s }\n";
    let scenario = right(&[("shop.yaml", &shop), ("common.yaml", common)]);
    assert_eq!(
        scenario.source,
        format!("{shop}\n--- # common.yaml, included\n{common}")
    );
    assert!(
        scenario
            .requests
            .iter()
            .all(|request| request.timeout == Duration::from_secs(3))
    );
}

#[test]
fn populations_are_merged_by_name_and_replace_an_included_load() {
    let people = "people: { load: { users: { users: 2, duration: 1s } }, requests: { name: home } }";
    let partners = "partners: { load: { constant: { rate: 5/s, duration: 1s } }, requests: { name: api } }";
    let shop = format!("include: [a.yaml, b.yaml]\npopulations: {{ {people} }}\n");
    let files = [
        ("shop.yaml", shop.as_str()),
        ("a.yaml", BASE),
        (
            "b.yaml",
            &*format!(
                "populations: {{ {partners}, {} }}\n",
                people.replace("users: 2", "users: 9")
            ),
        ),
    ];
    let merged = right(&files);
    let names: Vec<&str> = merged
        .populations
        .iter()
        .map(|population| population.name.as_str())
        .collect();
    assert_eq!(names, ["people", "partners"]);
    assert_eq!(merged.populations[0].work(), Work::Users(2));
    // A scenario with its own load replaces the populations of included files.
    let files = [
        ("shop.yaml", &*with("include: b.yaml\n")),
        ("b.yaml", &*format!("populations: {{ {partners} }}\n")),
    ];
    assert_eq!(right(&files).populations.len(), 1);
}
