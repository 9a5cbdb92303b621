//! Tests of reading scenario files. The result is a scenario or a list of problems.

use plan::form::Form;
use plan::mix::PLACEHOLDERS;
use plan::rate::Rate;
use plan::scenario::{Body, Load, OpenPhase, Sampling, Scenario, Shape, Spacing, Target};
use plan::scenario_file::{Problems, Settings, Surroundings, read};
use plan::template::TemplatePart;
use std::time::Duration;

/// Reads a scenario with an environment and a folder of some files.
pub(crate) fn read_here(text: &str) -> Result<Scenario, Problems> {
    let surroundings = Surroundings {
        environment: &|name| match name {
            "HOST" => Some("https://shop.example.com/".to_owned()),
            "TRICK" => Some("{{ uuid }} &".to_owned()),
            "SHOP_TOKEN" | "AWS_SECRET_ACCESS_KEY" => panic!("the value of {name} is read"),
            "LINES" => Some("a\r\nb".to_owned()),
            _ => None,
        },
        file: &|path| match path {
            "order.json" => Ok(b"{{ not a template }}".to_vec()),
            "users.csv" => Ok(b"id,email\n1,a@b.c\n2,\"d\ne\"\n".to_vec()),
            "marked.csv" => Ok(b"id\nfine\na#b\n".to_vec()),
            "ragged.csv" => Ok(b"id,email\n1\n".to_vec()),
            "ca.pem" => Ok(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_vec()),
            "both.pem" => Ok(
                b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n".to_vec(),
            ),
            "big.bin" => Ok(vec![0; (64 << 20) + 1]),
            _ => Err("no such file".to_owned()),
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    read(text, "test.yaml", &surroundings)
}

const HEAD: &str = "name: t\ntarget: builtin\n";
const LOAD: &str = "load: { constant: { rate: 10/s, duration: 1s } }\n";
const REQUESTS: &str = "requests:\n- name: home\n";

/// Completes a scenario with default lines and reads it. Checks that the scenario is valid, or that its problems
/// contain a text.
fn check(text: &str, expected: Result<(), &str>) {
    let mut whole = String::new();
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    if !has("name:") {
        whole.push_str("name: t\n");
    }
    if !has("target") {
        whole.push_str("target: builtin\n");
    }
    if !has("load:") {
        whole.push_str(LOAD);
    }
    whole.push_str(text);
    if !has("requests:") {
        whole.push_str("\nrequests:\n- name: home\n");
    }
    match (read_here(&whole), expected) {
        (Ok(_), Ok(())) => {}
        (Err(problems), Err(part)) => {
            let shown = problems.to_string();
            assert!(shown.contains(part), "{text}\n{shown}");
        }
        (Ok(scenario), Err(part)) => panic!("{text}\nwanted `{part}`, got {scenario:?}"),
        (Err(problems), Ok(())) => panic!("{text}\n{problems}"),
    }
}

fn request(text: &str, expected: Result<(), &str>) {
    check(&format!("requests:\n- name: home\n  {text}\n"), expected);
}

fn load(text: &str, expected: Result<(), &str>) {
    check(&format!("load:\n- {text}\n"), expected);
}

fn template_of(url: &str) -> Vec<TemplatePart> {
    read_here(&format!(
        "{HEAD}{LOAD}feeds: {{ users: users.csv }}\nrequests:\n- name: home\n  {url}\n"
    ))
    .unwrap_or_else(|problems| panic!("{problems}"))
    .requests
    .remove(0)
    .url
    .0
}

#[test]
fn a_short_scenario_has_the_defaults() {
    let scenario = read_here(&format!("{HEAD}{LOAD}{REQUESTS}")).unwrap();
    assert_eq!(scenario.seed, None);
    assert_eq!(scenario.targets, [Target::Builtin(String::new())]);
    assert_eq!(scenario.limits, plan::scenario::Limits::default());
    let phase = OpenPhase {
        shape: Shape::Constant {
            rate: Rate::per_second(10),
            duration: Duration::from_secs(1),
        },
        sampling: Sampling::Measured,
    };
    assert_eq!(
        scenario.populations[0].load,
        Load::Open {
            phases: vec![phase],
            spacing: Spacing::Even
        }
    );
    let home = &scenario.requests[0];
    assert_eq!(
        (home.weight, home.method.as_str(), home.url.as_fixed()),
        (1, "GET", Some(""))
    );
    assert_eq!((home.timeout, home.follow_redirects), (Duration::from_secs(10), 0));
    assert_eq!(
        (&home.body, home.success.statuses.as_slice()),
        (&Body::Empty, [(200, 399)].as_slice())
    );
}

#[test]
fn all_spellings_of_a_shape_are_equivalent() {
    let shapes = [
        (vec!["warm_up", "warm-up"], "{ rate: 10/s, duration: 1s }"),
        (vec!["constant", "static"], "{ rate: 10/s, duration: 1s }"),
        (
            vec!["ramp_sustain", "ramp-sustain", "ramp_and_hold", "ramp-and-hold"],
            "{ to: 9/s, ramp_duration: 1s, sustain_duration: 1s }",
        ),
        (vec!["step", "steps"], "{ steps: \"5/s:1s, 6/s:2s\" }"),
        (vec!["cool_down", "cool-down"], "{ rate: 10/s, duration: 1s }"),
    ];
    for (names, shape) in shapes {
        let mut loads = names.iter().map(|name| {
            let text = format!(
                "{HEAD}load: [{{ constant: {{ rate: 1/s, duration: 1s }} }}, {{ {name}: {shape} }}]\n{REQUESTS}"
            );
            read_here(&text)
                .unwrap_or_else(|problems| panic!("{problems}"))
                .populations
        });
        let first = loads.next().unwrap();
        assert!(loads.all(|load| load == first), "{names:?}");
    }
    let text = |load: &str| {
        read_here(&format!("{HEAD}load: {load}\n{REQUESTS}"))
            .unwrap()
            .populations
    };
    assert_eq!(text("{ step: \"5/s:1s\" }"), text("[{ steps: { steps: 5/s:1s } }]"));
    assert_eq!(
        text("{ ramp-users: { to: 3, duration: 1s } }"),
        text("{ ramp_users: { from: 0, to: 3, duration: 1s } }")
    );
}

#[test]
fn a_load_is_checked_shape_by_shape() {
    load("constant: { rate: 2500, duration: 10s }", Err("write `2500/s`"));
    load("constant: { rate: 10/s, duration: 10 }", Err("write `10s` or `10ms`"));
    load("constant: { rate: 10/s, duration: 0s }", Err("`duration` is zero"));
    load("constant: { rate: 0/s, duration: 1s }", Err("`rate` is zero"));
    load("constant: { rate: 11M/s, duration: 1s }", Err("above the largest rate"));
    load(
        "constant: { rate: 10m/s, duration: 1s }",
        Err("use `10M/s` for 10 million a second"),
    );
    load(
        "ramp: { to: 10m/s, ramp_duration: 1s }",
        Err("use `10M/s` for 10 million a second"),
    );
    load("step: 5/s:1s, 10m/s:1s", Err("use `10M/s` for 10 million a second"));
    load("constant: { rat: 1/s, duration: 1s }", Err("did you mean `rate`?"));
    load("constant: { rate: 1/s, duration: 25h }", Err("longer than 24h"));
    load("constant: 5/s", Err("`constant` is a map, not text"));
    load("ramp: { to: 0/s, ramp_duration: 5s }", Err("this load sends nothing"));
    load("ramp: { from: 5/s, to: 0/s, ramp_duration: 5s }", Ok(()));
    load("step: 0/s:5s, 0/s:1s", Err("this load sends nothing"));
    load("step: 0/s:5s, 1/s:1s", Ok(()));
    load("step: 5/s, 1/s:1s", Err("`5/s` is not a step"));
    load("step: 5/s:0s", Err("has no duration"));
    load(
        "sine: { mean_rate: 5/s, amplitude: 6/s, period: 1s, duration: 1s }",
        Err("above the mean rate"),
    );
    load(
        "sine: { mean_rate: 9M/s, amplitude: 9M/s, period: 1s, duration: 1s }",
        Err("rises above the largest rate"),
    );
    load(
        "spike: { base_rate: 0/s, spike_rate: 9/s, spike_interval: 1s, spike_duration: 1s, duration: 5s }",
        Err("does not fit an interval"),
    );
    load(
        "warm_up: { rate: 5/s, duration: 1s }",
        Err("this load has no measured phase"),
    );
    load("users: { users: 0, duration: 1s }", Err("this load sends nothing"));
    load(
        "users: { users: 5, duration: 1s }\n- constant: { rate: 5/s, duration: 1s }",
        Err("cannot contain both users and rates"),
    );
    load(
        "users: { users: 5, duration: 1s }\narrivals: even",
        Err("`arrivals` is for a load of rates"),
    );
    load(
        "users: { users: 5, duration: 1s }\nthink_time: { min: 2s, max: 1s }",
        Err("`min` is longer than `max`"),
    );
    load("constnat: { rate: 5/s, duration: 1s }", Err("did you mean `constant`?"));
    load(
        "ramp: { to: 5/s, ramp_duration: 1s }\n  constant: { rate: 5/s, duration: 1s }",
        Err("can have only one of"),
    );
    check("think_time: 1s", Err("`think_time` is for a load of users"));
    check("arrivals: random", Err("write `even` or `poisson`"));
    check("load: []", Err("`load` is empty"));
}

#[test]
fn targets_are_urls_or_the_builtin() {
    check("target: https://a.example/base/", Ok(()));
    check("target: { builtin: \"latency 5ms\" }", Ok(()));
    check("target: { builtin: \"latency 1ms..5ms, errors 100%\" }", Ok(()));
    check("target: { builtin: \"\" }", Ok(()));
    check("target: { builtin: \"errors 200%\" }", Err("0% to 100%"));
    check(
        "target: { builtin: \"latency 5ms..1ms\" }",
        Err("ends before it begins"),
    );
    check("target: { builtin: -x }", Err("`-x` is not a clause"));
    check("target: '{{ env \"HOST\" }}'", Ok(()));
    check("target: {{ env \"HOST\" }}", Err("quotes"));
    check("target: '{{ uuid }}'", Err("cannot vary"));
    check("target: ftp://a.example", Err("not an http or https URL"));
    check("target: a.example", Err("not an http or https URL"));
    check("target: https://a.example/?x=1", Err("query or fragment"));
    check("target: https://me:pw@a.example/", Err("user name or password"));
    check(
        "targets: [https://a.example, builtin]",
        Err("cannot be one of several targets"),
    );
    check(
        "targets: [https://a.example]\ntarget: builtin",
        Err("can have only one of `targets`, `target`"),
    );
    let both = read_here(&format!(
        "name: t\ntargets: [https://a.example/, http://b.example:80/x]\n{LOAD}{REQUESTS}"
    ));
    let urls = ["https://a.example", "http://b.example/x"].map(|url| Target::Url(url.to_owned()));
    assert_eq!(both.unwrap().targets, urls);
}

#[test]
fn credentials_of_the_environment_are_rejected_with_a_hint() {
    request(
        "headers: { A: '{{ env \"SHOP_TOKEN\" }}' }",
        Err("write `{{ secret \"env:SHOP_TOKEN\" }}`"),
    );
    request(
        "body: '{{ env \"AWS_SECRET_ACCESS_KEY\" }}'",
        Err("into a variable with another name"),
    );
    check("target: '{{ env \"SHOP_TOKEN\" }}'", Err("named like a credential"));
}

#[test]
fn requests_are_checked_key_by_key() {
    request("weight: 0", Err("from 1 to 1000000"));
    request("weight: \"3\"", Err("remove the quotes"));
    request("method: get", Err("write `GET`"));
    request("method: G ET", Err("is not a method"));
    request("method: CONNECT", Err("opens a tunnel"));
    request("url: home", Err("neither a path nor a URL"));
    request("url: /a b", Err("percent-encoded"));
    request("url: \"/a#b\"", Err("never sent"));
    request("url: http://", Err("has no host"));
    request("headers: { \"a b\": c }", Err("not a valid header name"));
    request(
        "headers: { content-length: 5 }",
        Err("cannot be set: it is set to the length"),
    );
    request("headers: { Host: shop.example.com, X-Count: 5, X-On: true }", Ok(()));
    request("headers: { A: b, a: c }", Err("written twice"));
    request(
        "headers: { A: \"b\\nc\" }",
        Err("line break or control character in its text"),
    );
    request(
        "headers: { A: '{{ env \"LINES\" }}' }",
        Err("line break or control character"),
    );
    request(
        "headers: { A: '{{ feed users.email }}' }\nfeeds: { users: users.csv }",
        Err("row 2 of the feed `users`"),
    );
    request("headers:", Err("`headers` has no value"));
    request("headers: [A]", Err("`headers` is a map, not a list"));
    request("body: { file: none.json }", Err("cannot be read: no such file"));
    request("body: { file: big.bin }", Err("more than 64 MiB in total"));
    request("body: {{ uuid }}", Err("quotes"));
    request("json: { a: 1 }", Ok(()));
    request("timeout: 11m", Err("write at most `10m`"));
    request("timeout: 0s", Err("`timeout` is zero"));
    request("follow_redirects: 11", Err("from 0 to 10"));
    request("success: { statuses: 299-200 }", Err("not a range of statuses"));
    request("success: { statuses: [200, 301-302, 999] }", Err("out of range"));
    request("success: { statuses: [200, 301-302] }", Ok(()));
    request("success: { body_contains: \"\" }", Err("every body contains"));
    request("url: /{{ guid }}", Err("`guid` is not a placeholder"));
    request(
        "url: \"/{{ env 'NONE' }}\"",
        Err("the environment variable `NONE` is not set"),
    );
    request(
        "url: /{{ secret \"KEY\" }}",
        Err("`KEY` does not name the source of the secret"),
    );
    request("url: /{{ secret KEY }}", Err("write `secret \"ssm:/shop/token\"`"));
    request(
        "url: '/{{ secret \"env:AWS_SESSION_TOKEN\" }}'",
        Err("the machine's own"),
    );
    request(
        "url: 'https://{{ secret \"env:HOST\" }}/'",
        Err("a host must not be a secret"),
    );
    request(
        "url: 'https://a.{{ uuid }}{{ secret \"env:HOST\" }}.example?x'",
        Err("a host must not be a secret"),
    );
    request("url: 'https://a.example?{{ secret \"env:QUERY\" }}'", Ok(()));
    request("url: 'https://a.example/{{ secret \"env:PATH\" }}'", Ok(()));
    check(
        "target: 'https://{{ secret \"env:HOST\" }}'",
        Err("a target must not be a secret"),
    );
    request("url: /{{ feed users.id }}", Err("the feed `users` is not declared"));
    request(
        "url: /{{ feed users.name }}\nfeeds: { users: users.csv }",
        Err("its columns are `id`, `email`"),
    );
    request(
        "url: /{{ feed marks.id raw }}\nfeeds: { marks: marked.csv }",
        Err("row 2 of the feed `marks` has a `#`"),
    );
    check(
        "requests:\n- name: home\n- name: home",
        Err("two requests have the name `home`"),
    );
    check("requests:\n- name: -home", Err("`-home` is not a name"));
    check("requests:\n- url: /", Err("a request needs `name`"));
}

#[test]
fn the_other_keys_are_checked() {
    check("seed: 18446744073709551615", Ok(()));
    check("protocol: http1\nconnections: fresh", Ok(()));
    check("protocol: http2\nconnections: kept", Ok(()));
    check("protocol: http2\nconnections: fresh", Err("remove `connections`"));
    check("seed: -1", Err("out of range"));
    check("name: a/b", Err("is not a name"));
    check("name: -x", Err("beginning with a letter or digit"));
    check("name: --help", Err("beginning with a letter or digit"));
    check("name: .x", Err("beginning with a letter or digit"));
    check("name: _x", Err("beginning with a letter or digit"));
    check("name: 4x-", Ok(()));
    check("name: 5", Err("put it in quotes: `\"5\"`"));
    check("feeds: { users: ragged.csv }", Err("line 2 has 1 fields, the header 2"));
    check("feeds: { \"a b\": users.csv }", Err("not a valid feed name"));
    check("thresholds: [errors of hme < 1%]", Err("did you mean `home`?"));
    check("thresholds: [latency p99 < 250]", Err("without a unit"));
    check("limits: { connections: 901 }", Err("from 1 to 900"));
    check("limits: { body_bytes_max: 16mb }", Err("is not a size"));
    check("limits: { body_bytes_max: 2GiB }", Err("out of range"));
    check("limits: { insecure_tls: yes }", Err("`true` or `false`"));
    check(
        "limits: { max_wait: 0s, connect_timeout: 1s, body_bytes_max: 4096 }",
        Ok(()),
    );
    check("vus: 5", Err("write `load: { users:"));
    check("colour: red", Err("a scenario has `name`, `seed`"));
}

#[test]
fn a_text_that_is_not_one_yaml_document_is_rejected() {
    let refused = |text: &str, part: &str, line: usize, column: usize| {
        let problems = read_here(text).unwrap_err();
        let first = &problems.found()[0];
        assert!(first.message.contains(part), "{problems}");
        assert_eq!((first.line, first.column), (line, column), "{problems}");
    };
    refused("", "contains no scenario", 1, 1);
    refused("# nothing\n", "contains no scenario", 1, 1);
    refused("- a\n", "a scenario is a map, not a list", 1, 1);
    refused(
        &format!("{HEAD}{LOAD}{REQUESTS}---\nname: b\n"),
        "second document",
        7,
        1,
    );
    refused("name: [a\nb: c", "not YAML", 2, 2);
    refused("name: a\n\tb: c", "found a tab", 1, 7);
    refused("a: 1\nb: *x\n", "unknown anchor", 2, 4);
}

#[test]
fn text_with_placeholders_is_split_into_parts() {
    let text = |text: &str| TemplatePart::Text(text.to_owned());
    assert_eq!(
        template_of("url: /{{ uuid }}\n  query: { 'a b': 'x y{{ random 1 2 }}', e: '{{ env \"TRICK\" }}', n: 1 }"),
        [
            text("/"),
            TemplatePart::Uuid { slot: PLACEHOLDERS },
            text("?a%20b=x%20y"),
            TemplatePart::Random {
                slot: PLACEHOLDERS + 1,
                min: 1,
                max: 2
            },
            text("&e=%7B%7B%20uuid%20%7D%7D%20%26&n=1"),
        ]
    );
    let cell = |column, form| TemplatePart::Feed { feed: 0, column, form };
    assert_eq!(
        template_of("url: /{{ feed users.id }}"),
        [text("/"), cell(0, Form::Percent)]
    );
    assert_eq!(
        template_of("url: /{{ feed users.id }}\n  query: { mail: '{{ feed users.email }}' }"),
        [
            text("/"),
            cell(0, Form::Percent),
            text("?mail="),
            cell(1, Form::Percent)
        ]
    );
    assert_eq!(
        template_of("url: \"{{ env 'HOST' }}x\""),
        [text("https://shop.example.com/x")]
    );
}

#[test]
fn a_secret_is_a_reference_in_every_position() {
    let text = format!(
        "{HEAD}{LOAD}requests:\n- name: a\n  url: '/x/{{{{ secret \"ssm:/a\" }}}}'\n  query: {{ k: '{{{{ secret \"env:B\" }}}}' }}\n  \
         headers: {{ X: 'Bearer {{{{ secret \"ssm:/a\" }}}}' }}\n  body: '{{{{ secret \"secretsmanager:c#d\" }}}}'\n"
    );
    let scenario = read_here(&text).unwrap();
    let references: Vec<String> = scenario.secrets.iter().map(ToString::to_string).collect();
    assert_eq!(references, ["ssm:/a", "env:B", "secretsmanager:c#d"]);
    let request = &scenario.requests[0];
    let secret = |secret, form| TemplatePart::Secret { secret, form };
    let text = |text: &str| TemplatePart::Text(text.to_owned());
    assert_eq!(
        request.url.0,
        [
            text("/x/"),
            secret(0, Form::Percent),
            text("?k="),
            secret(1, Form::Percent)
        ]
    );
    assert_eq!(request.headers[0].1.0, [text("Bearer "), secret(0, Form::AsIs)]);
    assert!(matches!(&request.body, Body::Inline(body) if body.0 == [secret(2, Form::AsIs)]));
}

#[test]
fn an_invalid_reference_is_reported_at_its_position() {
    let text = format!("{HEAD}{LOAD}requests:\n- name: a\n  headers:\n    X: 'Bearer {{{{ secret \"vault:a\" }}}}'\n");
    let problems = read_here(&text).unwrap_err();
    let [problem] = problems.found() else {
        panic!("{problems}")
    };
    assert_eq!((problem.line, problem.column), (7, 16));
    assert_eq!(problem.message, "`vault:a` does not name the source of the secret");
    assert!(
        problem
            .help
            .as_ref()
            .unwrap()
            .contains("write `secret \"ssm:/shop/token\"`")
    );
}

#[test]
fn no_two_draws_of_a_scenario_share_a_slot() {
    let text = format!(
        "{HEAD}{LOAD}requests:\n- {{ name: a, body: '{{{{ uuid }}}}', url: '/{{{{ uuid }}}}' }}\n- {{ name: b, headers: {{ X: '{{{{ uuid }}}}' }} }}\n"
    );
    let scenario = read_here(&text).unwrap();
    assert_eq!(scenario.requests[0].url.0[1], TemplatePart::Uuid { slot: PLACEHOLDERS });
    assert!(
        matches!(&scenario.requests[0].body, Body::Inline(body) if body.0 == [TemplatePart::Uuid { slot: PLACEHOLDERS + 1 }])
    );
    assert_eq!(
        scenario.requests[1].headers[0].1.0,
        [TemplatePart::Uuid { slot: PLACEHOLDERS + 2 }]
    );
}

#[test]
fn a_body_file_is_stored_unchanged_by_its_content() {
    let scenario = read_here(&format!(
        "{HEAD}{LOAD}requests:\n- {{ name: a, body: {{ file: order.json }} }}\n"
    ))
    .unwrap();
    let request = &scenario.requests[0];
    assert_eq!(request.method, "POST");
    let Body::Blob(name) = &request.body else {
        panic!("{request:?}")
    };
    assert_eq!(scenario.blobs[name], b"{{ not a template }}");
    assert_eq!(name.len(), 64);
}

/// A scenario file with many faults. The faults are reported in the order of their lines.
const FAULTY: &str = include_str!("faulty.yaml");

#[test]
fn every_fault_of_a_file_is_listed_with_its_line_and_column() {
    let problems = read_here(FAULTY).unwrap_err();
    insta::assert_snapshot!("faulty", problems.to_string());
    assert!(problems.render(true).contains("\u{1b}["));
    assert!(!problems.to_string().contains('\u{1b}'));
    for problem in problems.found() {
        let before = &FAULTY[..problem.span.start];
        assert_eq!(problem.line, before.matches('\n').count() + 1);
        assert_eq!(
            problem.column,
            before.chars().rev().take_while(|&c| c != '\n').count() + 1
        );
    }
}

#[test]
fn columns_are_counted_in_characters_and_lines_end_either_way() {
    let text = format!("{HEAD}{LOAD}requests:\n- {{ name: a, url: '/é', wieght: 2 }}\n").replace('\n', "\r\n");
    let problems = read_here(&format!("\u{feff}{text}")).unwrap_err();
    let positions: Vec<_> = problems
        .found()
        .iter()
        .map(|p| (p.line, p.column, p.message.as_str()))
        .collect();
    let url = "its text has a character that is not allowed in a URL";
    assert_eq!(positions, [(5, 19, url), (5, 25, "a request has no key `wieght`")]);
    assert!(!problems.to_string().contains('\r'));
}

#[test]
fn abort_rules_and_regions_are_checked() {
    let with = |lines: &str| {
        format!(
            "name: x\ntarget: http://127.0.0.1:1\nload: {{ constant: {{ rate: 1/s, duration: 1m }} }}\nrequests: [ {{ name: a }} ]\n{lines}\n"
        )
    };
    let scenario = read_here(&with(
        "abort_if: errors > 20% for 10s\nregions: { us-east-1: 60%, eu-west-1: 40% }",
    ))
    .unwrap();
    assert_eq!(scenario.abort_if.len(), 1);
    assert_eq!(scenario.abort_if[0].seconds, 10);
    let shares: Vec<_> = scenario
        .regions
        .iter()
        .map(|region| (region.name.as_str(), region.share_millionths))
        .collect();
    assert_eq!(shares, [("us-east-1", 600_000), ("eu-west-1", 400_000)]);
    for (lines, part) in [
        ("abort_if: errors > 20%", "no `for` with a duration"),
        ("abort_if: [ errors > 20% for 10s, rate < 5 for 1s ]", "needs a unit"),
        (
            "regions: { us-east-1: 60%, eu-west-1: 30% }",
            "add up to 90%, not to 100%",
        ),
        (
            "regions: { us-east-1: 0%, eu-west-1: 100% }",
            "has no share of the load",
        ),
        ("regions: { us-east-1: 60, eu-west-1: 40% }", "`60` is not a share"),
        ("regions: { 'US East': 100% }", "is not a valid region name"),
        ("regions: { -x: 100% }", "is not a valid region name"),
        ("regions: [ us-east-1 ]", "`regions` is a map"),
    ] {
        let problems = read_here(&with(lines)).unwrap_err().to_string();
        assert!(problems.contains(part), "{lines}:\n{problems}");
    }
}

#[test]
fn hosts_are_names_with_addresses() {
    check("hosts: { shop.example: 10.1.2.3 }\n", Ok(()));
    check(
        "hosts: { Shop.Example: [10.1.2.3, '[::1]:8443'], 10.0.0.1: 10.0.0.2, '::1': 10.0.0.2 }\n",
        Ok(()),
    );
    check(
        "hosts: { shop.example: example.com }\n",
        Err("`example.com` is not an IP address"),
    );
    check("hosts: { shop.example: [] }\n", Err("has 0 addresses"));
    check(
        "hosts: { 'shop.example:443': 10.1.2.3 }\n",
        Err("is not a valid host name"),
    );
    check(
        "hosts: { 'http://shop.example': 10.1.2.3 }\n",
        Err("is not a valid host name"),
    );
    check(
        "hosts: { shop.example: 10.1.2.3, SHOP.example: 10.1.2.3 }\n",
        Err("is written twice"),
    );
    check(
        "hosts: { shop.example: '{{ uuid }}' }\n",
        Err("only variables are allowed here"),
    );
    check("hosts: [ 10.1.2.3 ]\n", Err("`hosts` is a map"));
}

#[test]
fn certificates_are_files_or_secrets_and_a_key_is_never_stored() {
    let key = "key: '{{ secret \"env:CLIENT_KEY\" }}'";
    check("tls: { ca: ca.pem }\n", Ok(()));
    check(
        &format!("tls: {{ ca: '{{{{ secret \"ssm:/ca\" }}}}', cert: ca.pem, {key} }}\n"),
        Ok(()),
    );
    check("tls: { ca: order.json }\n", Err("contains no certificate"));
    check("tls: { ca: none.pem }\n", Err("cannot be read"));
    check(
        "tls: { ca: both.pem }\n",
        Err("contains a private key, and this file is stored"),
    );
    check("tls: { cert: ca.pem }\n", Err("needs its `key`"));
    check(&format!("tls: {{ {key} }}\n"), Err("needs its certificate"));
    for stored in ["ca.pem", "'{{ env \"HOST\" }}'", "'x{{ secret \"env:CLIENT_KEY\" }}'"] {
        let text = format!("tls: {{ cert: ca.pem, key: {stored} }}\n");
        check(&text, Err("a private key is never stored, so `key` must be a secret"));
    }
    check("tls: { ca: '{{ uuid }}' }\n", Err("neither a file nor a secret"));
}
