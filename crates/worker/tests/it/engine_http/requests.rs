//! What is on the wire.

use super::rig::{Rig, check, ok, outcome, send};
use super::server::{Peer, Seen, Server};

fn answers(peer: &mut Peer) {
    peer.answer_all("200 OK", "");
}

/// The request of a snippet, as arrival 0 sends it.
#[track_caller]
fn sent(snippet: &str) -> Seen {
    let (_, mut seen) = check(answers, snippet, ok(200));
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

/// What the first arrivals of a snippet send.
fn sent_by_each(arrivals: u64, snippet: &str) -> Vec<Seen> {
    let server = Server::start(answers);
    Rig::new(server.port, snippet).run(async |http| {
        for k in 0..arrivals {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
    });
    server.seen()
}

#[test]
fn a_request_has_a_host_an_agent_and_nothing_that_was_not_asked_for() {
    let server = Server::start(answers);
    Rig::new(server.port, "url: /a/b?x=1&y=%20").send();
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "GET /a/b?x=1&y=%20 HTTP/1.1");
    let host = ("host".to_owned(), format!("127.0.0.1:{}", server.port));
    let agent = (
        "user-agent".to_owned(),
        concat!("vajra-cloud/", env!("CARGO_PKG_VERSION")).to_owned(),
    );
    assert_eq!(seen.headers, [host, agent]);
    assert!(seen.body.is_empty());
}

#[test]
fn the_base_of_a_target_is_kept() {
    let server = Server::start(answers);
    Rig::at(&format!("http://127.0.0.1:{}/base/", server.port), "url: /x").send();
    assert_eq!(server.seen()[0].line, "GET /base/x HTTP/1.1");
}

#[test]
fn a_request_may_name_its_host_itself() {
    let server = Server::start(answers);
    let answer = Rig::new(1, &format!("url: http://localhost:{}?x=1", server.port)).send();
    assert_eq!(outcome(&answer), ok(200));
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "GET /?x=1 HTTP/1.1");
    assert_eq!(seen.header("host"), [format!("localhost:{}", server.port)]);
}

#[test]
fn headers_of_the_scenario_win() {
    let seen = sent("headers: { host: shop.example, User-Agent: \"me/1\", X-Name: \"J\u{fc}rgen\" }");
    assert_eq!(seen.header("host"), ["shop.example"]);
    assert_eq!(seen.header("user-agent"), ["me/1"]);
    assert_eq!(seen.header("x-name"), ["J\u{fc}rgen"]);
}

#[test]
fn a_body_is_sent_with_its_length() {
    let seen = sent("method: PUT\nbody: \"h\u{e9} {{ arrival }}\"\nheaders: { content-type: text/plain }");
    assert_eq!(seen.line, "PUT / HTTP/1.1");
    assert_eq!(seen.header("content-length"), ["5"]);
    assert_eq!(seen.header("content-type"), ["text/plain"]);
    assert_eq!(seen.body(), "h\u{e9} 0");
}

#[test]
fn a_method_that_means_something_by_its_content_says_that_there_is_none() {
    for method in ["POST", "PUT", "PATCH"] {
        assert_eq!(sent(&format!("method: {method}")).header("content-length"), ["0"]);
    }
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        assert!(sent(&format!("method: {method}")).header("content-length").is_empty());
    }
}

#[test]
fn a_body_file_is_sent_as_it_is() {
    let seen = sent("body: { file: body.txt }");
    assert_eq!(seen.line, "POST / HTTP/1.1");
    assert_eq!(seen.body(), "{{ arrival }} is no placeholder here");
}

const VARIED: &str = "url: /{{ arrival }}/{{ uuid }}\nquery: { n: \"{{ random 1 1000000 }}\" }\nheaders: { host: shop.example, x-id: \"{{ uuid }}\" }\nbody: \"{{ uuid }} {{ feed users.id }}\"\nfeeds: { users: users.csv }";

#[test]
fn what_an_arrival_sends_depends_on_seed_and_number_alone() {
    let first = sent_by_each(4, VARIED);
    assert_eq!(first, sent_by_each(4, VARIED));
    assert_eq!(first[0].line.matches("/0/").count(), 1);
    let mut varied: Vec<&str> = first.iter().map(|seen| seen.header("x-id")[0]).collect();
    varied.extend(first.iter().map(|seen| seen.body().split_once(' ').unwrap().0));
    varied.extend(
        first
            .iter()
            .map(|seen| seen.line.split_once('?').unwrap().0.split_at(7).1),
    );
    varied.sort_unstable();
    varied.dedup();
    assert_eq!(varied.len(), 12, "{varied:?}");
    let rows: Vec<&str> = first
        .iter()
        .map(|seen| seen.body().split_once(' ').unwrap().1)
        .collect();
    assert_eq!(rows, ["7", "8", "7", "8"]);

    let other = sent_by_each(4, &format!("{VARIED}\nseed: 2"));
    for (first, other) in first.iter().zip(&other) {
        assert_ne!(first.line, other.line);
        assert_ne!(first.body, other.body);
    }
}

#[test]
fn a_cell_in_a_parameter_is_percent_encoded() {
    let snippet = "url: /{{ feed users.id }}\nquery: { \"m l\": \"<{{ feed users.mail }}>\" }\nheaders: { x-mail: \"{{ feed users.mail }}\" }\nfeeds: { users: users.csv }";
    let seen = sent_by_each(2, snippet);
    assert_eq!(seen[0].line, "GET /7?m%20l=%3Ca%2Bb%40x%20y%3E HTTP/1.1");
    assert_eq!(seen[0].header("x-mail"), ["a+b@x y"]);
    assert_eq!(seen[1].line, "GET /8?m%20l=%3C%C3%A9%26%3D%3E HTTP/1.1");
    assert_eq!(seen[1].header("x-mail"), ["\u{e9}&="]);
}

#[test]
fn secrets_are_filled_in_wherever_they_stand() {
    let snippet = "url: '/x/{{ secret \"ssm:/in/path\" raw }}/{{ secret \"ssm:/in/path\" }}'\nquery: { k: '{{ secret \"env:TOKEN\" }}' }\n\
                   headers: { x-key: 'Bearer {{ secret \"env:TOKEN\" }}' }\nbody: '{{ arrival }}:{{ secret \"env:TOKEN\" }}'";
    for seen in sent_by_each(2, snippet) {
        assert_eq!(seen.line, "POST /x//in/path/%2Fin%2Fpath?k=s3cr%26t%20value HTTP/1.1");
        assert_eq!(seen.header("x-key"), ["Bearer s3cr&t value"]);
        assert_eq!(seen.header("content-length"), [seen.body.len().to_string()]);
        assert!(seen.body().ends_with(":s3cr&t value"), "{}", seen.body());
    }
}

#[test]
fn values_in_a_path_are_percent_encoded() {
    let snippet =
        "url: \"/{{ feed odd.name }}/{{ feed odd.name raw }}?n={{ feed odd.name }}\"\nfeeds: { odd: odd.csv }";
    let seen: Vec<String> = sent_by_each(4, snippet).into_iter().map(|seen| seen.line).collect();
    let lines = [
        "GET /a%2Fb%3Fc%3D/a/b?c=?n=a%2Fb%3Fc%3D HTTP/1.1",
        "GET /%2E%2E/..?n=%2E%2E HTTP/1.1",
        "GET /50%2525/50%25?n=50%2525 HTTP/1.1",
        "GET /-._~/-._~?n=-._~ HTTP/1.1",
    ];
    assert_eq!(seen, lines);
}

#[test]
fn a_request_without_a_url_asks_for_the_target_itself() {
    let server = Server::start(answers);
    let line = |target: &str, snippet: &str| {
        Rig::at(&format!("http://127.0.0.1:{}{target}", server.port), snippet).send();
        server.seen().pop().unwrap().line
    };
    for (target, plain, with_query, appended) in [
        ("", "/", "/?page=1", "/x"),
        ("/", "/", "/?page=1", "/x"),
        ("/api/items", "/api/items", "/api/items?page=1", "/api/items/x"),
        ("/api/items/", "/api/items/", "/api/items/?page=1", "/api/items/x"),
    ] {
        for (snippet, path) in [
            ("method: GET", plain),
            ("query: { page: 1 }", with_query),
            ("url: /x", appended),
        ] {
            assert_eq!(line(target, snippet), format!("GET {path} HTTP/1.1"), "{target}");
        }
    }
}

#[test]
fn targets_take_turns() {
    let server = Server::start(answers);
    let base = format!("http://127.0.0.1:{}", server.port);
    let snippet = format!("url: /x\ntargets: [ '{base}/a', '{base}/b/', '{base}' ]");
    Rig::new(server.port, &snippet).run(async |http| {
        for k in 0..6 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
    });
    let lines: Vec<String> = server.seen().into_iter().map(|seen| seen.line).collect();
    let turn = ["/a/x", "/b/x", "/x"].map(|path| format!("GET {path} HTTP/1.1"));
    assert_eq!(lines, [turn.clone(), turn].concat());
}

#[test]
fn a_header_with_several_values_is_sent_as_several_lines() {
    let seen = sent("headers: { X-From: [10.0.0.1, \"{{ arrival }}\"], x-one: a }");
    assert_eq!(seen.header("x-from"), ["10.0.0.1", "0"]);
    assert_eq!(seen.header("x-one"), ["a"]);
}

#[test]
fn values_are_escaped_for_json_and_encoded_in_base64() {
    let snippet = r#"headers: { authorization: 'Basic {{ feed odd.name ":" secret "env:TOKEN" base64 }}', x-fixed: '{{ "a:" secret "env:TOKEN" base64 }}', x-run: '{{ run }}' }
        query: { q: '{{ feed odd.name base64 }}', j: '{{ feed odd.text json }}' }
        body: '{ "text": "{{ feed odd.text json }}", "run": "{{ run }} {{ run base64 }}" }'
        feeds: { odd: odd.csv }"#;
    let seen = sent_by_each(2, snippet);
    // Base64 of `a/b?c=:s3cr&t value`, `a:s3cr&t value`, `a/b?c=` and `..`.
    assert_eq!(seen[0].header("authorization"), ["Basic YS9iP2M9OnMzY3ImdCB2YWx1ZQ=="]);
    assert_eq!(seen[0].header("x-fixed"), ["YTpzM2NyJnQgdmFsdWU="]);
    assert_eq!(seen[0].header("x-run"), ["test"]);
    assert_eq!(seen[0].line, "POST /?q=YS9iP2M9&j=say%20%5C%22hi%5C%22 HTTP/1.1");
    assert_eq!(seen[1].line, "POST /?q=Li4%3D&j=two%5Cnlines HTTP/1.1");
    assert_eq!(seen[0].body(), r#"{ "text": "say \"hi\"", "run": "test dGVzdA==" }"#);
    assert_eq!(seen[1].body(), r#"{ "text": "two\nlines", "run": "test dGVzdA==" }"#);
}

#[test]
fn a_host_with_other_letters_is_asked_for_in_its_ascii_form() {
    let server = Server::start(answers);
    // IDNA takes full-width digits for those of ASCII.
    let answer = Rig::new(1, &format!("url: 'http://\u{ff11}27.0.0.1:{}/x'", server.port)).send();
    assert_eq!(outcome(&answer), ok(200));
    let host = format!("127.0.0.1:{}", server.port);
    assert_eq!(server.seen().remove(0).header("host"), [host]);
}
