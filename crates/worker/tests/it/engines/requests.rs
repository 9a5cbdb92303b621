//! Tests of the requests that a target receives.

use super::target::{Reply, Seen, Target};
use crate::rig::{Rig, ok, outcome, send};
use plan::scenario::Protocol;

for_each_engine! {
    the_base_of_a_target_is_kept,
    a_request_may_name_its_host_itself,
    headers_of_the_scenario_override_the_defaults,
    a_body_is_sent_with_its_length,
    post_put_and_patch_send_the_length_of_an_empty_body,
    a_body_file_is_sent_as_it_is,
    a_large_body_arrives_whole,
    the_request_of_an_arrival_depends_only_on_seed_and_number,
    a_cell_in_a_parameter_is_percent_encoded,
    secrets_are_filled_in_at_every_position,
    values_in_a_path_are_percent_encoded,
    a_request_without_a_url_uses_the_url_of_the_target,
    targets_take_turns,
    a_header_with_several_values_is_sent_as_several_lines,
    values_are_escaped_for_json_and_encoded_in_base64,
    a_host_with_other_letters_is_requested_in_its_ascii_form,
}

fn start(protocol: Protocol) -> Target {
    Target::start(protocol, |_| Reply::ok(""))
}

/// Returns the request that arrival 0 sends. The snippet is a part of the scenario.
#[track_caller]
fn sent(protocol: Protocol, snippet: &str) -> Seen {
    let mut seen = sent_by_each(protocol, 1, snippet);
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

/// Returns the requests that the first `arrivals` arrivals send. The snippet is a part of the scenario.
#[track_caller]
fn sent_by_each(protocol: Protocol, arrivals: u64, snippet: &str) -> Vec<Seen> {
    let target = start(protocol);
    Rig::new(protocol, target.port, snippet).run(async |http| {
        for k in 0..arrivals {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
    });
    target.seen()
}

fn the_base_of_a_target_is_kept(protocol: Protocol) {
    let target = start(protocol);
    let base = format!("http://127.0.0.1:{}/base/", target.port);
    Rig::at(protocol, &base, "url: /x").send();
    assert_eq!(target.seen()[0].line(), "GET /base/x");
}

fn a_request_may_name_its_host_itself(protocol: Protocol) {
    let target = start(protocol);
    let url = format!("url: http://localhost:{}?x=1", target.port);
    assert_eq!(outcome(&Rig::new(protocol, 1, &url).send()), ok(200));
    let seen = target.seen().remove(0);
    assert_eq!(seen.line(), "GET /?x=1");
    assert_eq!(seen.host, format!("localhost:{}", target.port));
}

fn headers_of_the_scenario_override_the_defaults(protocol: Protocol) {
    let seen = sent(
        protocol,
        "headers: { host: shop.example, User-Agent: \"me/1\", X-Name: \"J\u{fc}rgen\" }",
    );
    assert_eq!(seen.host, "shop.example");
    assert_eq!(seen.header("user-agent"), ["me/1"]);
    assert_eq!(seen.header("x-name"), ["J\u{fc}rgen"]);
}

fn a_body_is_sent_with_its_length(protocol: Protocol) {
    let seen = sent(
        protocol,
        "method: PUT\nbody: \"h\u{e9} {{ arrival }}\"\nheaders: { content-type: text/plain }",
    );
    assert_eq!(seen.line(), "PUT /");
    assert_eq!(seen.header("content-length"), ["5"]);
    assert_eq!(seen.header("content-type"), ["text/plain"]);
    assert_eq!(seen.body(), "h\u{e9} 0");
}

fn post_put_and_patch_send_the_length_of_an_empty_body(protocol: Protocol) {
    for method in ["POST", "PUT", "PATCH"] {
        let seen = sent(protocol, &format!("method: {method}"));
        assert_eq!(seen.header("content-length"), ["0"], "{method}");
    }
    // hyper's client sends a `content-length` for OPTIONS too.
    let without = match protocol {
        Protocol::Http1 => &["GET", "HEAD", "DELETE", "OPTIONS"][..],
        Protocol::Http2 => &["GET", "HEAD", "DELETE"],
    };
    for method in without {
        let seen = sent(protocol, &format!("method: {method}"));
        assert!(seen.header("content-length").is_empty(), "{method}");
    }
}

fn a_body_file_is_sent_as_it_is(protocol: Protocol) {
    let seen = sent(protocol, "body: { file: body.txt }");
    assert_eq!(seen.line(), "POST /");
    assert_eq!(seen.body(), "{{ arrival }} is not a placeholder here");
}

fn a_large_body_arrives_whole(protocol: Protocol) {
    let seen = sent(protocol, "body: { file: big.bin }\ntimeout: 20s");
    assert_eq!(seen.body.len(), test_engines::plans::BIG);
}

const VARIED: &str = "url: /{{ arrival }}/{{ uuid }}\nquery: { n: \"{{ random 1 1000000 }}\" }\nheaders: { host: shop.example, x-id: \"{{ uuid }}\" }\nbody: \"{{ uuid }} {{ feed users.id }}\"\nfeeds: { users: users.csv }";

fn the_request_of_an_arrival_depends_only_on_seed_and_number(protocol: Protocol) {
    let first = sent_by_each(protocol, 4, VARIED);
    assert_eq!(first, sent_by_each(protocol, 4, VARIED));
    assert!(first[0].path.starts_with("/0/"), "{}", first[0].path);
    let mut varied: Vec<&str> = first.iter().map(|seen| seen.header("x-id")[0]).collect();
    varied.extend(first.iter().map(|seen| seen.body().split_once(' ').unwrap().0));
    varied.extend(first.iter().map(|seen| &seen.path.split_once('?').unwrap().0[3..]));
    varied.sort_unstable();
    varied.dedup();
    assert_eq!(varied.len(), 12, "{varied:?}");
    let rows: Vec<&str> = first
        .iter()
        .map(|seen| seen.body().split_once(' ').unwrap().1)
        .collect();
    assert_eq!(rows, ["7", "8", "7", "8"]);

    let other = sent_by_each(protocol, 4, &format!("{VARIED}\nseed: 2"));
    for (first, other) in first.iter().zip(&other) {
        assert_ne!(first.path, other.path);
        assert_ne!(first.body, other.body);
    }
}

fn a_cell_in_a_parameter_is_percent_encoded(protocol: Protocol) {
    let snippet = "url: /{{ feed users.id }}\nquery: { \"m l\": \"<{{ feed users.mail }}>\" }\nheaders: { x-mail: \"{{ feed users.mail }}\" }\nfeeds: { users: users.csv }";
    let seen = sent_by_each(protocol, 2, snippet);
    assert_eq!(seen[0].path, "/7?m%20l=%3Ca%2Bb%40x%20y%3E");
    assert_eq!(seen[0].header("x-mail"), ["a+b@x y"]);
    assert_eq!(seen[1].path, "/8?m%20l=%3C%C3%A9%26%3D%3E");
    assert_eq!(seen[1].header("x-mail"), ["\u{e9}&="]);
}

fn secrets_are_filled_in_at_every_position(protocol: Protocol) {
    let snippet = "url: '/x/{{ secret \"ssm:/in/path\" raw }}/{{ secret \"ssm:/in/path\" }}'\nquery: { k: '{{ secret \"env:TOKEN\" }}' }\n\
                   headers: { x-key: 'Bearer {{ secret \"env:TOKEN\" }}' }\nbody: '{{ arrival }}:{{ secret \"env:TOKEN\" }}'";
    for seen in sent_by_each(protocol, 2, snippet) {
        assert_eq!(seen.line(), "POST /x//in/path/%2Fin%2Fpath?k=s3cr%26t%20value");
        assert_eq!(seen.header("x-key"), ["Bearer s3cr&t value"]);
        assert_eq!(seen.header("content-length"), [seen.body.len().to_string()]);
        assert!(seen.body().ends_with(":s3cr&t value"), "{}", seen.body());
    }
}

fn values_in_a_path_are_percent_encoded(protocol: Protocol) {
    let snippet =
        "url: \"/{{ feed odd.name }}/{{ feed odd.name raw }}?n={{ feed odd.name }}\"\nfeeds: { odd: odd.csv }";
    let seen: Vec<String> = sent_by_each(protocol, 4, snippet)
        .into_iter()
        .map(|seen| seen.path)
        .collect();
    let paths = [
        "/a%2Fb%3Fc%3D/a/b?c=?n=a%2Fb%3Fc%3D",
        "/%2E%2E/..?n=%2E%2E",
        "/50%2525/50%25?n=50%2525",
        "/-._~/-._~?n=-._~",
    ];
    assert_eq!(seen, paths);
}

fn a_request_without_a_url_uses_the_url_of_the_target(protocol: Protocol) {
    let server = start(protocol);
    let path = |target: &str, snippet: &str| {
        Rig::at(protocol, &format!("http://127.0.0.1:{}{target}", server.port), snippet).send();
        server.seen().pop().unwrap().path
    };
    for (target, plain, with_query, appended) in [
        ("", "/", "/?page=1", "/x"),
        ("/", "/", "/?page=1", "/x"),
        ("/api/items", "/api/items", "/api/items?page=1", "/api/items/x"),
        ("/api/items/", "/api/items/", "/api/items/?page=1", "/api/items/x"),
    ] {
        for (snippet, expected) in [
            ("method: GET", plain),
            ("query: { page: 1 }", with_query),
            ("url: /x", appended),
        ] {
            assert_eq!(path(target, snippet), expected, "{target}");
        }
    }
}

fn targets_take_turns(protocol: Protocol) {
    let target = start(protocol);
    let base = format!("http://127.0.0.1:{}", target.port);
    let snippet = format!("url: /x\ntargets: [ '{base}/a', '{base}/b/', '{base}' ]");
    Rig::new(protocol, target.port, &snippet).run(async |http| {
        for k in 0..6 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
    });
    let paths: Vec<String> = target.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/a/x", "/b/x", "/x", "/a/x", "/b/x", "/x"]);
}

fn a_header_with_several_values_is_sent_as_several_lines(protocol: Protocol) {
    let seen = sent(protocol, "headers: { X-From: [10.0.0.1, \"{{ arrival }}\"], x-one: a }");
    assert_eq!(seen.header("x-from"), ["10.0.0.1", "0"]);
    assert_eq!(seen.header("x-one"), ["a"]);
}

fn values_are_escaped_for_json_and_encoded_in_base64(protocol: Protocol) {
    let snippet = r#"headers: { authorization: 'Basic {{ feed odd.name ":" secret "env:TOKEN" base64 }}', x-fixed: '{{ "a:" secret "env:TOKEN" base64 }}', x-run: '{{ run }}' }
        query: { q: '{{ feed odd.name base64 }}', j: '{{ feed odd.text json }}' }
        body: '{ "text": "{{ feed odd.text json }}", "run": "{{ run }} {{ run base64 }}" }'
        feeds: { odd: odd.csv }"#;
    let seen = sent_by_each(protocol, 2, snippet);
    // The values are base64 of `a/b?c=:s3cr&t value`, `a:s3cr&t value`, `a/b?c=` and `..`.
    assert_eq!(seen[0].header("authorization"), ["Basic YS9iP2M9OnMzY3ImdCB2YWx1ZQ=="]);
    assert_eq!(seen[0].header("x-fixed"), ["YTpzM2NyJnQgdmFsdWU="]);
    assert_eq!(seen[0].header("x-run"), ["test"]);
    assert_eq!(seen[0].line(), "POST /?q=YS9iP2M9&j=say%20%5C%22hi%5C%22");
    assert_eq!(seen[1].line(), "POST /?q=Li4%3D&j=two%5Cnlines");
    assert_eq!(seen[0].body(), r#"{ "text": "say \"hi\"", "run": "test dGVzdA==" }"#);
    assert_eq!(seen[1].body(), r#"{ "text": "two\nlines", "run": "test dGVzdA==" }"#);
}

fn a_host_with_other_letters_is_requested_in_its_ascii_form(protocol: Protocol) {
    let target = start(protocol);
    // IDNA converts full-width digits to ASCII digits.
    let url = format!("url: 'http://\u{ff11}27.0.0.1:{}/x'", target.port);
    assert_eq!(outcome(&Rig::new(protocol, 1, &url).send()), ok(200));
    assert_eq!(target.seen().remove(0).host, format!("127.0.0.1:{}", target.port));
}
