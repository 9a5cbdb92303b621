//! Tests of values in a scenario and of the texts that are sent for these values: URLs, headers, forms of values, feeds
//! and anchors.

use crate::made_whole::made_whole;
use plan::form::Form;
use plan::scenario::{Body, Scenario, Target};
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use plan::template::{Encoding, TemplatePart};

fn read_here(text: &str) -> Result<Scenario, Problems> {
    let surroundings = Surroundings {
        environment: &|name| match name {
            "EMPTY" => Some(String::new()),
            "BASE" => Some("/v1/shop".to_owned()),
            "RATE" => Some("5/s".to_owned()),
            _ => None,
        },
        file: &|path| match path {
            "values.csv" => Ok(b"plain,odd,json\n1,a/b?c,{}\n2,50%,\"\"\"x\"\"\"\n".to_vec()),
            "hosts.csv" => Ok(b"name,bad\na,x\nb.example:80,a b\n".to_vec()),
            "mixed.csv" => Ok(b"name\na\n\nb..c\n".to_vec()),
            "semicolons.csv" => Ok(b"id; first name\r1;Ann\r2;\"B;ob\"\r".to_vec()),
            _ => Err("no such file".to_owned()),
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    read(text, "test.yaml", &surroundings)
}

/// Returns a scenario that consists of `lines` and of default lines.
fn whole(lines: &str) -> String {
    let others = [
        ("requests:", "requests: [ { name: home } ]\n"),
        ("feeds:", "feeds: { v: values.csv, h: hosts.csv, m: mixed.csv }\n"),
    ];
    made_whole(lines, &others)
}

#[track_caller]
fn right(lines: &str) -> Scenario {
    read_here(&whole(lines)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Checks that a scenario has exactly one problem. The message must contain every text in `parts`.
#[track_caller]
fn wrong(lines: &str, parts: &[&str]) {
    let problems = match read_here(&whole(lines)) {
        Ok(scenario) => panic!("{lines}\n{scenario:?}"),
        Err(problems) => problems,
    };
    assert_eq!(problems.count(), 1, "{problems}");
    for part in parts {
        assert!(problems.to_string().contains(part), "no `{part}` in\n{problems}");
    }
}

fn request(line: &str) -> String {
    format!("requests:\n- name: home\n  {line}")
}

#[track_caller]
fn url(line: &str) -> Vec<TemplatePart> {
    right(&request(line)).requests.remove(0).url.0
}

fn text(text: &str) -> TemplatePart {
    TemplatePart::Text(text.to_owned())
}

fn cell(column: u32, form: Form) -> TemplatePart {
    TemplatePart::Feed { feed: 0, column, form }
}

#[test]
fn a_url_must_have_a_valid_host() {
    let bucher = [text("http://xn--bcher-kva.example/x")];
    assert_eq!(url("url: http://bücher.example/x"), bucher);
    assert_eq!(url("url: http://b%C3%BCcher.example/x"), bucher);
    assert_eq!(url("url: https://shop.example:443"), [text("https://shop.example")]);
    assert_eq!(url("url: 'http://shop.example?x=1'"), [text("http://shop.example?x=1")]);
    let target = |line: &str| right(&format!("target: {line}")).targets.remove(0);
    assert_eq!(
        target("http://bücher.example/"),
        Target::Url("http://xn--bcher-kva.example".to_owned())
    );
    for host in ["http:///x", "'http://{{ env \"EMPTY\" }}/x'", "http://:80/x"] {
        wrong(
            &request(&format!("url: {host}")),
            &["host", "https://shop.example.com/path"],
        );
        wrong(&format!("target: {host}"), &["host"]);
    }
    for url in ["http://a..b/x", "'http://a b.example/x'", "http://[::1/x"] {
        wrong(&request(&format!("url: {url}")), &["is not a host"]);
        wrong(&format!("target: {url}"), &["is not a host"]);
    }
}

#[test]
fn credentials_in_a_url_are_rejected_with_a_hint() {
    for url in ["http://alice:s3cret@shop.example/x", "https://alice@shop.example"] {
        let words = [
            "must not contain a user name or password",
            "write an `Authorization` header",
        ];
        wrong(&request(&format!("url: {url}")), &words);
        wrong(&format!("target: {url}"), &words);
    }
}

#[test]
fn a_host_made_of_cells_is_checked_row_by_row() {
    assert_eq!(
        url("url: 'http://{{ feed h.name }}/{{ feed v.plain }}'"),
        [
            text("http://"),
            TemplatePart::Feed {
                feed: 1,
                column: 0,
                form: Form::AsIs
            },
            text("/"),
            cell(0, Form::Percent)
        ]
    );
    wrong(
        &request("url: 'http://{{ feed h.bad }}/'"),
        &["row 2 of the feed `h`", "not allowed in a host"],
    );
    wrong(
        &request("url: 'http://x{{ feed m.name }}/'"),
        &["with row 2 of its feeds", "is not a host"],
    );
    wrong(
        &request("url: 'http://{{ feed h.name }}@a.example/'"),
        &["user name or password"],
    );
    right(&request("url: 'http://{{ uuid }}.example/'"));
}

#[test]
fn values_in_a_path_are_percent_encoded_unless_raw() {
    assert_eq!(
        url("url: '/{{ feed v.odd }}/{{ feed v.plain raw }}?x={{ secret \"ssm:/a\" }}'"),
        [
            text("/"),
            cell(1, Form::Percent),
            text("/"),
            cell(0, Form::Raw),
            text("?x="),
            TemplatePart::Secret {
                secret: 0,
                form: Form::Percent
            },
        ]
    );
    // Values of environment variables become part of the text of the scenario.
    assert_eq!(url("url: '{{ env \"BASE\" }}/x'"), [text("/v1/shop/x")]);
    wrong(
        &request("url: '/{{ feed v.odd raw }}'"),
        &["row 2 of the feed `v` has a `%` without", "`%25`"],
    );
    wrong(
        &request("url: /50%"),
        &["its text has a `%` without two hexadecimal digits"],
    );
    wrong(&request("url: /a%2/b"), &["its text has a `%` without"]);
    right(&request("url: /50%25"));
    wrong(&request("query: { a: '{{ feed v.odd raw }}' }"), &["remove `raw`"]);
    assert_eq!(
        url("query: { a: '{{ feed v.json json }}', b: '{{ feed v.odd base64 }}' }"),
        [
            text("?a="),
            cell(2, Form::JsonPercent),
            text("&b="),
            TemplatePart::Encoded {
                parts: vec![cell(1, Form::AsIs)],
                encoding: Encoding::Base64,
                form: Form::Percent
            },
        ]
    );
}

#[test]
fn a_request_without_a_url_is_sent_to_the_target_itself() {
    assert_eq!(url("method: GET"), []);
    assert_eq!(url("query: { page: 1 }"), [text("?page=1")]);
    let targets = |line: &str| right(&format!("target: {line}")).targets;
    for target in [
        "http://shop.example/api/items",
        "http://shop.example/api/items/",
        "http://shop.example",
    ] {
        assert_eq!(targets(target), [Target::Url(target.to_owned())]);
    }
    assert_eq!(
        targets("http://shop.example/"),
        [Target::Url("http://shop.example".to_owned())]
    );
}

#[test]
fn a_target_may_be_a_list() {
    let urls = ["http://a.example", "http://b.example/x"].map(|url| Target::Url(url.to_owned()));
    for key in ["target", "targets"] {
        let scenario = right(&format!("{key}: [http://a.example/, http://b.example/x]"));
        assert_eq!(scenario.targets, urls, "{key}");
    }
    wrong("target: []", &["`target` is empty"]);
    wrong(
        "target: [builtin, http://a.example]",
        &["cannot be one of several targets"],
    );
    wrong("target: [a.example]", &["not an http or https URL"]);
}

#[test]
fn a_header_with_a_list_of_values_is_sent_several_times() {
    let headers = |line: &str| {
        let request = right(&request(line)).requests.remove(0);
        let fixed = |value: &plan::template::Template| value.as_fixed().unwrap().to_owned();
        request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), fixed(value)))
            .collect::<Vec<_>>()
    };
    let both = [("X-From", "10.0.0.1"), ("X-From", "5"), ("B", "c")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(headers("headers: { X-From: [10.0.0.1, 5], B: c }"), both);
    wrong(
        &request("headers: { A: b, a: c }"),
        &["written twice", "`a: [ONE, OTHER]`"],
    );
    wrong(&request("headers: { A: [] }"), &["`A` is empty"]);
    wrong(&request("headers: { A: [b, [c]] }"), &["`A` is text, not a list"]);
    wrong(&request("headers: { host: [a, b] }"), &["only one `host` header"]);
    let many = vec!["x"; 101].join(", ");
    wrong(
        &request(&format!("headers: {{ A: [{many}] }}")),
        &["101 values, more than 100"],
    );
}

#[test]
fn a_connection_header_is_rejected_with_the_key_that_sets_it() {
    wrong(
        &request("headers: { Connection: close }"),
        &["cannot be set", "write `connections: fresh`"],
    );
    wrong(
        &request("headers: { Content-Length: 5 }"),
        &["it is set to the length of the body", "remove it"],
    );
}

#[test]
fn a_cell_in_a_json_string_must_not_need_escaping() {
    let json = "headers: { Content-Type: application/json }\n  body: ";
    let words = [
        "row 2 of the feed `v` needs escaping in a JSON text",
        "write `{{ feed v.json json }}`",
        "`raw`",
    ];
    wrong(
        &request(&format!("{json}'{{\"a\": \"{{{{ feed v.json }}}}\"}}'")),
        &words,
    );
    for body in [
        "'{\"a\": \"{{ feed v.json json }}\"}'",
        "'{\"a\": \"{{ feed v.json raw }}\"}'",
        "'{\"a\": {{ feed v.json }}}'",
        "'{\"a\\\"\": {{ feed v.json }}}'",
        "'{\"a\": \"{{ feed v.odd }}\"}'",
        "'{\"a\": \"{{ feed v.json base64 }}\"}'",
    ] {
        right(&request(&format!("{json}{body}")));
    }
    right(&request("body: '{\"a\": \"{{ feed v.json }}\"}'"));
    let Body::Inline(body) = right(&request("body: '{{ feed v.json json }}'"))
        .requests
        .remove(0)
        .body
    else {
        panic!("a body")
    };
    assert_eq!(body.0, [cell(2, Form::Json)]);
}

#[test]
fn base64_of_fixed_values_is_fixed() {
    let scenario = right(&request(
        "headers: { Authorization: 'Basic {{ \"alice:s3cret\" base64 }}' }",
    ));
    assert_eq!(
        scenario.requests[0].headers[0].1.as_fixed(),
        Some("Basic YWxpY2U6czNjcmV0")
    );
}

#[test]
fn a_placeholder_in_a_static_value_is_reported() {
    let words = ["only variables are allowed here", "vars: {"];
    for lines in [
        "load: { constant: { rate: '{{ env \"RATE\" }}', duration: 1s } }",
        "load: { constant: { rate: {{ env \"RATE\" }}, duration: 1s } }",
        "load: { constant: { rate: 1/s, duration: '{{ env \"RATE\" }}' } }",
        "load: { step: '{{ env \"RATE\" }}:1s' }",
        "load: { users: { users: '{{ env \"RATE\" }}', duration: 1s } }",
        "thresholds: [ 'latency p99 < {{ env \"RATE\" }}' ]",
        "abort_if: 'errors > {{ env \"RATE\" }} for 5s'",
        "seed: '{{ env \"RATE\" }}'",
        "name: '{{ env \"RATE\" }}'",
        "protocol: '{{ env \"RATE\" }}'",
        "regions: { us-east-1: '{{ env \"RATE\" }}' }",
        "limits: { insecure_tls: '{{ env \"RATE\" }}' }",
        "limits: { body_bytes_max: '{{ env \"RATE\" }}' }",
        "feeds: { v: '{{ env \"RATE\" }}' }",
        "requests: [ { name: home, weight: '{{ env \"RATE\" }}' } ]",
        "requests: [ { name: home, method: '{{ env \"RATE\" }}' } ]",
        "requests: [ { name: home, timeout: '{{ env \"RATE\" }}' } ]",
        "requests: [ { name: home, success: { statuses: '{{ env \"RATE\" }}' } } ]",
        "requests: [ { name: home, body: { file: '{{ env \"RATE\" }}' } } ]",
    ] {
        wrong(lines, &words);
    }
}

#[test]
fn thresholds_and_rules_without_effect_are_rejected() {
    wrong(
        "thresholds: [ errors < 0% ]",
        &["no run can meet `errors < 0%`", "write `<= 0%`"],
    );
    wrong("thresholds: [ rate < 0/s ]", &["no run can meet `rate < 0/s`"]);
    wrong("thresholds: [ dropped >= 0% ]", &["every run meets `dropped >= 0%`"]);
    // If the scenario does not have this threshold, a run that drops an arrival does not pass.
    right("thresholds: [ dropped <= 100% ]");
    wrong(
        "abort_if: errors > 100% for 5s",
        &["no second can break `errors > 100%`"],
    );
    wrong(
        "abort_if: dropped >= 0% for 5s",
        &["every second breaks `dropped >= 0%`"],
    );
    right("thresholds: [ errors <= 0%, dropped <= 0%, rate > 0/s ]");
}

#[test]
fn a_feed_has_the_given_or_detected_delimiter() {
    let lines = |feed: &str| {
        format!(
            "feeds: {{ s: {feed} }}\n{}",
            request("url: '/{{ feed s.id }}/{{ feed s.first name }}'")
        )
    };
    for feed in [
        "semicolons.csv",
        "{ file: semicolons.csv }",
        "{ file: semicolons.csv, delimiter: ';' }",
    ] {
        let feeds = right(&lines(feed)).feeds;
        assert_eq!(
            (feeds[0].columns.join("|").as_str(), feeds[0].rows),
            ("id|first name", 2)
        );
    }
    let tabs = read_here(&whole(&lines("{ file: semicolons.csv, delimiter: \"\\t\" }")));
    assert!(
        tabs.unwrap_err()
            .to_string()
            .contains("its columns are `id; first name`")
    );
    wrong(
        &lines("{ file: semicolons.csv, delimiter: ab }"),
        &["`ab` is not a delimiter", "one ASCII character"],
    );
}

const ANCHORED: &str = r"
name: anchored
target: http://shop.example
x-notes:
  common: &common { timeout: 5s, headers: &json { Content-Type: application/json, X-A: &a 5 } }
  slow: &slow { timeout: 9s, weight: 3 }
load: { constant: { rate: 10/s, duration: &length 1s } }
requests:
- { <<: *common, name: one, headers: *json }
- { name: two, <<: [*slow, *common], weight: 2 }
- { name: three, timeout: *length, headers: { X-A: *a } }
";

#[test]
fn anchors_aliases_and_merge_keys_are_expanded() {
    let scenario = read_here(ANCHORED).unwrap_or_else(|problems| panic!("{problems}"));
    let seen: Vec<_> = scenario
        .requests
        .iter()
        .map(|request| {
            let headers = request
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.as_fixed().unwrap()));
            (
                request.name.as_str(),
                request.weight,
                request.timeout.as_secs(),
                headers.collect::<Vec<_>>().join(", "),
            )
        })
        .collect();
    let json = "Content-Type: application/json, X-A: 5".to_owned();
    assert_eq!(
        seen,
        [
            ("one", 1, 5, json.clone()),
            ("two", 2, 9, json),
            ("three", 1, 1, "X-A: 5".to_owned())
        ]
    );
}

#[test]
fn a_problem_in_anchored_text_has_the_position_of_the_anchor() {
    let text = ANCHORED.replace("timeout: 9s", "timeout: soon");
    let problems = read_here(&text).unwrap_err();
    let [problem] = problems.found() else {
        panic!("{problems}")
    };
    assert_eq!(problem.line, 6, "{problems}");
    let shown = read_here(&ANCHORED.replace("weight: 2 }", "wieght: 2 }"))
        .unwrap_err()
        .to_string();
    assert!(shown.contains("did you mean `weight`?"), "{shown}");
    let shown = read_here(&ANCHORED.replace("<<: *common", "<<: *a"))
        .unwrap_err()
        .to_string();
    assert!(shown.contains("has no key `<<`"), "{shown}");
}
