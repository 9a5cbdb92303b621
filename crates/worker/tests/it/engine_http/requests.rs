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
    let snippet = "url: '/x/{{ secret \"ssm:/in/path\" }}'\nquery: { k: '{{ secret \"env:TOKEN\" }}' }\n\
                   headers: { x-key: 'Bearer {{ secret \"env:TOKEN\" }}' }\nbody: '{{ arrival }}:{{ secret \"env:TOKEN\" }}'";
    for seen in sent_by_each(2, snippet) {
        assert_eq!(seen.line, "POST /x//in/path?k=s3cr%26t%20value HTTP/1.1");
        assert_eq!(seen.header("x-key"), ["Bearer s3cr&t value"]);
        assert_eq!(seen.header("content-length"), [seen.body.len().to_string()]);
        assert!(seen.body().ends_with(":s3cr&t value"), "{}", seen.body());
    }
}
