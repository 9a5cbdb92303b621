//! Tests of variables, environments, defaults, and a scenario without requests.

use crate::made_whole::made_whole;
use plan::form::Form;
use plan::scenario::{Body, Request, Scenario};
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use plan::template::TemplatePart;
use std::time::{Duration, Instant};

/// Parses options from one text such as `ci rate=5/s`. A word with `=` is a value of `--set`, and another word is the
/// value of `--env`.
fn settings(options: &str) -> Settings {
    let (variables, environments): (Vec<&str>, Vec<&str>) = options.split_whitespace().partition(|o| o.contains('='));
    Settings {
        environment: environments.first().map(|&name| name.to_owned()),
        variables: variables
            .iter()
            .filter_map(|option| option.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

fn read_with(text: &str, settings: Settings) -> Result<Scenario, Problems> {
    let surroundings = Surroundings {
        environment: &|name| (name == "HOST").then(|| "https://env.example".to_owned()),
        file: &|path| match path {
            "users.csv" => Ok(b"name\nann\n".to_vec()),
            _ => Err("no such file".to_owned()),
        },
        pem: &|_| Ok(()),
        settings,
    };
    read(text, "test.yaml", &surroundings)
}

/// Returns a scenario that consists of `lines` and of default lines.
fn whole(lines: &str) -> String {
    made_whole(lines, &[])
}

#[track_caller]
fn right(lines: &str, options: &str) -> Scenario {
    read_with(&whole(lines), settings(options)).unwrap_or_else(|problems| panic!("{lines}\n{problems}"))
}

/// Checks that a scenario has exactly one problem. The message must contain every text in `parts`.
#[track_caller]
fn wrong(lines: &str, options: &str, parts: &[&str]) {
    let problems = match read_with(&whole(lines), settings(options)) {
        Ok(scenario) => panic!("{lines}\n{scenario:?}"),
        Err(problems) => problems,
    };
    assert_eq!(problems.count(), 1, "{lines}\n{problems}");
    for part in parts {
        assert!(problems.to_string().contains(part), "no `{part}` in\n{problems}");
    }
}

/// Returns the scenario without its source text, so that scenarios from different texts can be compared.
pub(crate) fn without_source(scenario: Scenario) -> Scenario {
    Scenario {
        source: String::new(),
        ..scenario
    }
}

#[test]
fn each_kind_of_value_may_come_from_a_variable() {
    for (value, line) in [
        ("7/s", "load: { constant: { rate: V, duration: 1s } }"),
        ("90s", "load: { constant: { rate: 1/s, duration: V } }"),
        ("5", "load: { users: { users: V, duration: 1s } }"),
        ("20", "load: { ramp_users: { to: V, duration: 1s } }"),
        ("5/s:1s, 6/s:2s", "load: { step: V }"),
        ("3", "requests: [{ name: a, weight: V }, { name: b }]"),
        ("home", "requests: [{ name: V }]\nthresholds: [errors of home < 1%]"),
        ("3s", "requests: [{ name: a, timeout: V }]"),
        ("2", "requests: [{ name: a, follow_redirects: V }]"),
        ("204", "requests: [{ name: a, success: { statuses: V } }]"),
        ("200-204", "requests: [{ name: a, success: { statuses: [V] } }]"),
        ("PUT", "requests: [{ name: a, method: V }]"),
        ("/items", "requests: [{ name: a, url: V }]"),
        ("a b", "requests: [{ name: a, query: { q: V } }]"),
        ("yes", "requests: [{ name: a, headers: { A: [V, b] } }]"),
        ("hello", "requests: [{ name: a, body: V }]"),
        ("found", "requests: [{ name: a, success: { body_contains: V } }]"),
        ("latency p99 < 1s", "thresholds: [V]"),
        ("errors > 20% for 10s", "abort_if: V"),
        ("60%", "regions: { us-east-1: V, eu-west-1: 40% }"),
        ("64", "limits: { connections: V }"),
        ("4096", "limits: { body_bytes_max: V }"),
        ("16MiB", "limits: { body_bytes_max: V }"),
        ("0s", "limits: { max_wait: V }"),
        ("true", "limits: { insecure_tls: V }"),
        ("http2", "protocol: V"),
        ("fresh", "connections: V"),
        ("batched", "pacing: V"),
        ("poisson", "arrivals: V"),
        ("42", "seed: V"),
        ("9s", "load: { users: { users: 1, duration: 1s } }\nthink_time: V"),
        ("shop-2", "name: V"),
        ("https://a.example", "target: V"),
        ("https://a.example", "targets: [V, https://b.example]"),
        ("10.1.2.3", "hosts: { shop.example: V }"),
        ("users.csv", "feeds: { users: V }"),
    ] {
        // `plain` is the value in the form that it has in a scenario without variables. A number or a flag is written
        // without quotes.
        let plain = match value.parse::<u64>().is_ok() || value == "true" {
            true => value.to_owned(),
            false => format!("\"{value}\""),
        };
        let text = |v: &str| line.replace('V', v);
        let written = match line.contains("headers") {
            true => without_source(right(&text("\"yes\""), "")),
            false => without_source(right(&text(&plain), "")),
        };
        for declared in [plain.clone(), format!("\"{value}\"")] {
            let lines = format!("vars: {{ v: {declared} }}\n{}", text("'{{ var v }}'"));
            assert_eq!(without_source(right(&lines, "")), written, "{lines}");
        }
        let mut set = settings("");
        set.variables.push(("v".to_owned(), value.to_owned()));
        let from_outside = read_with(&whole(&text("'{{var v}}'")), set).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(without_source(from_outside), written, "{line}");
    }
}

#[test]
fn a_part_of_a_text_may_come_from_variables() {
    for (line, filled) in [
        (
            "thresholds: ['latency p99 < {{ var a }}ms']",
            "thresholds: ['latency p99 < 7ms']",
        ),
        (
            "load: { step: '{{ var a }}/s:1s, {{ var b }}/s:2s' }",
            "load: { step: '7/s:1s, 30/s:2s' }",
        ),
        (
            "target: 'http://{{ var a }}.example:{{ var b }}'",
            "target: 'http://7.example:30'",
        ),
        ("name: t{{ var a }}{{ var b }}", "name: t730"),
        (
            "requests: [{ name: r, url: '/{{ var a }}/{{ uuid }}', headers: { A: 'x {{ var a \":\" var b base64 }}' } }]",
            "requests: [{ name: r, url: '/7/{{ uuid }}', headers: { A: 'x {{ \"7\" \":\" \"30\" base64 }}' } }]",
        ),
    ] {
        let vars = "vars: { a: 7, b: '30' }\n";
        assert_eq!(
            without_source(right(&format!("{vars}{line}"), "")),
            without_source(right(filled, "")),
            "{line}"
        );
    }
}

#[test]
fn the_command_line_overrides_an_environment_which_overrides_the_scenario() {
    let lines = "vars: { rate: 1/s, length: 1s }\nenvironments: { ci: { rate: 2/s }, other: { rate: 3/s } }\n\
                 load: { constant: { rate: '{{ var rate }}', duration: '{{ var length }}' } }";
    for (options, written) in [
        ("", "1/s"),
        ("ci", "2/s"),
        ("other", "3/s"),
        ("rate=4/s", "4/s"),
        ("ci rate=5/s", "5/s"),
        ("rate=9/s ci rate=6/s", "6/s"),
    ] {
        let load = format!("load: {{ constant: {{ rate: {written}, duration: 1s }} }}");
        assert_eq!(
            right(lines, options).populations,
            right(&load, "").populations,
            "{options}"
        );
    }
}

#[test]
fn the_source_begins_with_the_chosen_settings() {
    let lines = "vars: { rate: 1/s, note: a }\nenvironments: { ci: { rate: 2/s } }\n\
                 load: { constant: { rate: '{{ var rate }}', duration: 1s } }\n\
                 requests: [{ name: a, headers: { X: '{{ var note }}' } }]";
    assert_eq!(right(lines, "").source, whole(lines));
    let scenario = right(lines, "ci rate=3/s note=\"x\"");
    let above = "# --env ci\n# --set rate=3/s\n# --set note=\"x\"\n";
    assert_eq!(scenario.source, format!("{above}{}", whole(lines)));
    // A line break in a value must not end the comment that contains the value.
    let mut set = settings("");
    set.variables.push(("name".to_owned(), "a\nload: none".to_owned()));
    let text = whole("requests: [{ name: a, body: '{{ var name }}' }]");
    let scenario = read_with(&text, set).unwrap();
    assert_eq!(scenario.source, format!("# --set name=a\\nload: none\n{text}"));
    assert!(read_with(&scenario.source, settings("name=b")).is_ok());
}

#[test]
fn variable_values_are_not_searched_for_placeholders() {
    let lines = "vars: { a: '{', b: '{ uuid }}' }\nrequests: [{ name: r, body: '{{ var a }}{{ var b }}' }]";
    let scenario = right(lines, "");
    let Body::Inline(body) = &scenario.requests[0].body else {
        panic!("{:?}", scenario.requests)
    };
    assert_eq!(body.as_fixed(), Some("{{ uuid }}"));
    wrong(
        "vars: { a: '{{ uuid }}' }\nrequests: [{ name: r, body: '{{ var a }}' }]",
        "",
        &[
            "placeholders are not allowed here",
            "test.yaml:4",
            "where the variable is used",
        ],
    );
    let mut set = settings("");
    set.variables
        .push(("a".to_owned(), "{{ secret \"env:TOKEN\" }}".to_owned()));
    let problems = read_with(&whole("requests: [{ name: r, body: 'x {{ var a }}' }]"), set).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("--set a: placeholders are not allowed here"),
        "{problems}"
    );
}

#[test]
fn a_variable_without_a_value_is_reported_with_its_line() {
    for line in [
        "load: { constant: { rate: '{{ var rte }}', duration: 1s } }",
        "requests: [{ name: a, weight: '{{ var rte }}' }]",
        "requests: [{ name: a, body: 'x {{ uuid }} {{ var rte }}' }]",
        "requests: [{ name: a, success: { body_contains: '{{ var rte }}' } }]",
        "limits: { insecure_tls: '{{ var rte }}' }",
        "thresholds: ['latency p99 < {{ var rte }}']",
        "connections: '{{ var rte }}'",
        "targets: ['{{ var rte }}']",
    ] {
        let lines = format!("vars: {{ rate: 1/s }}\n{line}");
        wrong(
            &lines,
            "",
            &[
                "the variable `rte` has no value",
                "the variables are `rate`",
                "test.yaml:",
            ],
        );
        wrong(
            line,
            "",
            &[
                "the variable `rte` has no value",
                "`vars: { rte: VALUE }`",
                "--set rte=VALUE",
            ],
        );
    }
    wrong(
        "requests: [{ name: a, body: '{{ uuid }} {{ var }}' }]",
        "",
        &["`var` takes the name of a variable", "write `var rate`"],
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_reported_with_its_origin() {
    let load = "load: { constant: { rate: '{{ var v }}', duration: 1s } }";
    let weight = "requests: [{ name: a, weight: '{{ var v }}' }]";
    let flag = "limits: { insecure_tls: '{{ var v }}' }";
    for (lines, options, parts) in [
        (load, "v=fast", ["a rate needs a unit, from `--set v`", "`2500/s`"]),
        (load, "v=500", ["500", "/s"]),
        (
            weight,
            "v=heavy",
            ["`weight` is a whole number, not `heavy`, from `--set v`", "from 1 to"],
        ),
        (
            weight,
            "v=0",
            ["`0` is out of range for `weight`, from `--set v`", "from 1 to"],
        ),
        (
            flag,
            "v=maybe",
            ["`insecure_tls` is `true` or `false`", "from `--set v`"],
        ),
        (
            "connections: '{{ var v }}'",
            "v=one",
            ["`one` is not a connection mode", "`kept`"],
        ),
        (
            "thresholds: ['errors < {{ var v }}']",
            "v=some",
            ["some", "from `--set v`"],
        ),
    ] {
        wrong(lines, options, &parts);
        wrong(lines, options, &["test.yaml:"]);
    }
    wrong(
        &format!("vars: {{ v: fast }}\n{load}"),
        "",
        &["a rate needs a unit", "from `vars` in line 3"],
    );
    wrong(
        &format!("vars: {{ v: 1/s }}\nenvironments:\n  ci: {{ v: fast }}\n{load}"),
        "ci",
        &["a rate needs a unit", "from `environments` in line 5"],
    );
}

#[test]
fn unused_settings_are_rejected() {
    let load = "vars: { rate: 1/s }\nload: { constant: { rate: '{{ var rate }}', duration: 1s } }";
    wrong(
        load,
        "rte=5/s",
        &["--set rte: no placeholder uses this variable", "did you mean `rate`?"],
    );
    wrong(load, "colour=red", &["--set colour", "the used variables are `rate`"]);
    wrong("vars: { rate: 1/s }", "rate=5/s", &["--set rate: no placeholder uses"]);
    wrong("", "rate=5/s", &["--set rate", "the scenario uses no variables"]);
    wrong(
        load,
        "prod",
        &["--env prod: the environment does not exist", "environments: { prod:"],
    );
    let environments = format!("{load}\nenvironments:\n  ci: {{ rte: 5/s }}");
    wrong(
        &environments,
        "",
        &[
            "`rte` is neither in `vars` nor used",
            "did you mean `rate`?",
            "test.yaml:6",
        ],
    );
    let environments = format!("{load}\nenvironments: {{ ci: {{ rate: 5/s }} }}");
    wrong(
        &environments,
        "cd",
        &["--env cd: the environment does not exist", "the environments are `ci`"],
    );
}

#[test]
fn a_variable_needs_a_valid_name_and_a_single_value() {
    wrong(
        "vars: { a b: 1 }",
        "",
        &["`a b` is not a valid variable name", "test.yaml:4"],
    );
    wrong("vars: { a: [1] }", "", &["`a` is text, not a list", "test.yaml:4"]);
    wrong("vars: { a: }", "", &["`a` has no value"]);
    wrong("vars: [a]", "", &["`vars` is a map, not a list"]);
    wrong("vars:", "", &["`vars` has no value"]);
    wrong(
        "environments: { ci: 5 }",
        "ci",
        &["the environment `ci` is a map, not a number"],
    );
    wrong("environments: 5", "", &["`environments` is a map, not a number"]);
    // YAML reads a placeholder without quotes as a map.
    wrong(
        "vars: { a: 1/s }\nload: { constant: { rate: {{ var a }}, duration: 1s } }",
        "",
        &["test.yaml:4", "quotes"],
    );
}

#[test]
fn the_total_size_of_variables_is_bounded() {
    let value = "v".repeat(64 << 10);
    let uses = "      - '{{ var a }}'\n".repeat(20_000);
    let text = whole(&format!(
        "vars: {{ a: {value} }}\nrequests:\n- name: a\n  headers:\n    X:\n{uses}"
    ));
    let start = Instant::now();
    let problems = read_with(&text, Settings::default()).unwrap_err();
    assert!(
        problems.to_string().contains("more than 8 MiB in total"),
        "{}",
        problems.count()
    );
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // The total size of default headers is also limited. Each request contains a copy of the default headers.
    let requests: String = (0..500).map(|n| format!("- name: r{n}\n")).collect();
    let lines = format!("defaults: {{ headers: {{ A: {value} }} }}\nrequests:\n{requests}");
    wrong(
        &lines,
        "",
        &[
            "the default headers of 500 requests have more than 8 MiB in total",
            "test.yaml:4",
        ],
    );
}

fn header<'s>(request: &'s Request, name: &str) -> Vec<&'s [TemplatePart]> {
    let named = request.headers.iter().filter(|(other, _)| other == name);
    named.map(|(_, value)| value.0.as_slice()).collect()
}

#[test]
fn defaults_apply_to_requests_without_their_own_values() {
    let scenario = right(
        "feeds: { users: users.csv }\n\
         defaults:\n  headers: { Accept: application/json, X-User: '{{ feed users.name }}', X-Id: '{{ uuid }}' }\n  \
         timeout: 5s\n  success: { statuses: 204 }\n  follow_redirects: 3\n\
         requests:\n- name: plain\n\
         - { name: other, headers: { accept: text/html, X-Own: a }, timeout: 1s, success: { body_contains: x }, follow_redirects: 0 }\n",
        "",
    );
    let [plain, other] = scenario.requests.as_slice() else {
        panic!("{:?}", scenario.requests)
    };
    let text = |text: &str| vec![TemplatePart::Text(text.to_owned())];
    assert_eq!(header(plain, "Accept"), [text("application/json")]);
    let cell = TemplatePart::Feed {
        feed: 0,
        column: 0,
        form: Form::AsIs,
    };
    assert_eq!(header(plain, "X-User"), [[cell.clone()]]);
    assert_eq!((plain.timeout, plain.follow_redirects), (Duration::from_secs(5), 3));
    assert_eq!(plain.success.statuses, [(204, 204)]);
    // A request's own header replaces the default header with the same name. Names are compared without regard to case.
    assert_eq!(
        (header(other, "Accept").len(), header(other, "accept")),
        (0, vec![text("text/html").as_slice()])
    );
    assert_eq!(
        (header(other, "X-Own"), header(other, "X-User")),
        (vec![text("a").as_slice()], vec![[cell].as_slice()])
    );
    assert_eq!((other.timeout, other.follow_redirects), (Duration::from_secs(1), 0));
    assert_eq!(other.success.statuses, [(204, 204)]);
    assert_eq!(other.success.body_contains.as_deref(), Some("x"));
    assert_ne!(
        header(plain, "X-Id"),
        header(other, "X-Id"),
        "no two requests share a draw"
    );
}

#[test]
fn a_problem_in_the_defaults_is_reported_once() {
    let requests = "requests: [{ name: a }, { name: b }]";
    for (defaults, parts) in [
        (
            "{ timeout: 5 }",
            ["`timeout` is a duration, which needs a unit", "test.yaml:4"],
        ),
        (
            "{ headers: { 'A B': x } }",
            ["is not a valid header name", "test.yaml:4"],
        ),
        (
            "{ headers: { A: '{{ guid }}' } }",
            ["`guid` is not a placeholder", "test.yaml:4"],
        ),
        ("{ url: / }", ["`defaults` has no key `url`", "test.yaml:4"]),
        ("5", ["`defaults` is a map, not a number", "test.yaml:4"]),
    ] {
        wrong(&format!("defaults: {defaults}\n{requests}"), "", &parts);
    }
    // The default headers also determine whether the body is JSON.
    wrong(
        "feeds: { users: users.csv }\ndefaults: { headers: { Content-Type: application/json } }\n\
         requests: [{ name: a, body: '{\"a\": \"{{ feed users.nme }}\"}' }]",
        "",
        &["has no column `nme`"],
    );
}

#[test]
fn a_scenario_without_requests_requests_its_target() {
    let written = right("requests: [{ name: target }]\nthresholds: [errors of target < 1%]", "");
    let absent = right("thresholds: [errors of target < 1%]", "");
    assert_eq!(without_source(absent), without_source(written));
    let scenario = right("defaults: { headers: { A: b }, timeout: 1s }", "");
    assert_eq!(
        header(&scenario.requests[0], "A"),
        [[TemplatePart::Text("b".to_owned())]]
    );
    assert_eq!(scenario.requests[0].timeout, Duration::from_secs(1));
    wrong(
        "thresholds: [errors of home < 1%]",
        "",
        &["the request `home` does not exist", "`target`"],
    );
    wrong("requests:", "", &["`requests` has no value"]);
}
