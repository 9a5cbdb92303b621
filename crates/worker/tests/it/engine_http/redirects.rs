//! Where redirects lead, and what goes there.

use super::rig::{Expected, Rig, failed, ok, outcome, send};
use super::server::{Peer, Seen, Server};
use tally::outcome::Failure;
use test_servers::ClosedPort;

/// A target that sends everything but `/end` to `location`, with a status.
fn redirects(status: &str, location: &str) -> impl Fn(&mut Peer) + Send + Sync + 'static + use<> {
    let redirect = format!("HTTP/1.1 {status}\r\n{location}content-length: 2\r\n\r\nno");
    move |peer| {
        while let Some(seen) = peer.read() {
            if seen.line.contains("/end") {
                peer.answer("200 OK", "end");
            } else {
                peer.write(&redirect);
            }
        }
    }
}

#[track_caller]
fn check(status: &str, location: &str, snippet: &str, expected: Expected) -> Vec<Seen> {
    let location = match location {
        "" => String::new(),
        _ => format!("location: {location}\r\n"),
    };
    let server = Server::start(redirects(status, &location));
    let answer = Rig::new(server.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{location} {snippet}");
    server.seen()
}

#[test]
fn redirects_are_not_followed_unless_that_is_asked_for() {
    assert_eq!(check("302 Found", "/end", "", ok(302)).len(), 1);
    let strict = "success: { statuses: 200-299 }";
    assert_eq!(
        check("302 Found", "/end", strict, failed(Failure::Status, 302)).len(),
        1
    );
}

#[test]
fn locations_are_read_as_seen_from_the_request() {
    for (location, line) in [
        ("/end?x=1#part", "GET /end?x=1 HTTP/1.1"),
        ("end", "GET /a/end HTTP/1.1"),
        ("../end/", "GET /end/ HTTP/1.1"),
        ("?to=/end", "GET /a/b?to=/end HTTP/1.1"),
        ("/end of it", "GET /end%20of%20it HTTP/1.1"),
    ] {
        let seen = check("302 Found", location, "url: /a/b?y=2\nfollow_redirects: 3", ok(200));
        assert_eq!((seen.len(), seen[1].line.as_str()), (2, line), "{location}");
        assert_eq!(seen[1].connection, 0, "one connection is enough for both");
    }
}

#[test]
fn absolute_locations_lead_to_other_hosts() {
    let other = Server::start(|peer| peer.answer_all("200 OK", "elsewhere"));
    for location in [
        format!("http://127.0.0.1:{}/x", other.port),
        format!("//127.0.0.1:{}/x", other.port),
    ] {
        let before = other.seen().len();
        let snippet = "follow_redirects: 1\nsuccess: { body_contains: elsewhere }";
        assert_eq!(check("301 Moved Permanently", &location, snippet, ok(200)).len(), 1);
        let seen = other.seen();
        assert_eq!(seen.len(), before + 1);
        assert_eq!(seen[before].header("host"), [format!("127.0.0.1:{}", other.port)]);
    }
}

#[test]
fn the_status_decides_what_is_asked_for_next() {
    let (kept, dropped) = (("POST", "hello", 1), ("GET", "", 0));
    for (status, (method, body, types)) in [
        ("301 Moved Permanently", dropped),
        ("302 Found", dropped),
        ("303 See Other", dropped),
        ("307 Temporary Redirect", kept),
        ("308 Permanent Redirect", kept),
    ] {
        let snippet = "body: hello\nheaders: { content-type: text/plain }\nfollow_redirects: 3";
        let seen = check(status, "/end", snippet, ok(200));
        assert_eq!(seen[0].line, "POST / HTTP/1.1");
        assert_eq!(seen[1].line, format!("{method} /end HTTP/1.1"), "{status}");
        assert_eq!(seen[1].body(), body, "{status}");
        assert_eq!(seen[1].header("content-type").len(), types, "{status}");
        assert_eq!(seen[1].header("content-length").len(), types, "{status}");
    }
    let seen = check(
        "303 See Other",
        "/end",
        "method: PUT\nbody: x\nfollow_redirects: 1",
        ok(200),
    );
    assert_eq!(seen[1].line, "GET /end HTTP/1.1");
    let seen = check(
        "302 Found",
        "/end",
        "method: PUT\nbody: x\nfollow_redirects: 1",
        ok(200),
    );
    assert_eq!((seen[1].line.as_str(), seen[1].body()), ("PUT /end HTTP/1.1", "x"));
}

#[test]
fn a_loop_is_a_failure_and_ends() {
    let seen = check(
        "302 Found",
        "/again",
        "follow_redirects: 3",
        failed(Failure::Status, 302),
    );
    assert_eq!(seen.len(), 4);
}

#[test]
fn a_redirect_that_leads_nowhere_is_a_failure() {
    for location in ["ftp://127.0.0.1/end", "http://", "mailto:me"] {
        let seen = check(
            "302 Found",
            location,
            "follow_redirects: 3",
            failed(Failure::Status, 302),
        );
        assert_eq!(seen.len(), 1);
    }
    // Without a location it is an answer like any other.
    check("302 Found", "", "follow_redirects: 3", ok(302));
    check("304 Not Modified", "/end", "follow_redirects: 3", ok(304));
}

#[test]
fn what_fails_behind_a_redirect_has_no_status() {
    let closed = ClosedPort::new().unwrap();
    let location = format!("http://127.0.0.1:{}/", closed.port);
    check(
        "302 Found",
        &location,
        "follow_redirects: 1",
        failed(Failure::Connect, None),
    );
}

#[test]
fn credentials_stay_with_the_host_they_were_written_for() {
    let snippet =
        "headers: { authorization: secret, Cookie: a=b, host: shop.example, x-other: kept }\nfollow_redirects: 3";
    let seen = check("302 Found", "/end", snippet, ok(200));
    for (name, value) in [
        ("authorization", "secret"),
        ("cookie", "a=b"),
        ("host", "shop.example"),
        ("x-other", "kept"),
    ] {
        assert_eq!(seen[1].header(name), [value]);
    }

    let other = Server::start(|peer| peer.answer_all("200 OK", ""));
    check(
        "302 Found",
        &format!("http://127.0.0.1:{}/", other.port),
        snippet,
        ok(200),
    );
    let seen = other.seen().remove(0);
    assert!(seen.header("authorization").is_empty() && seen.header("cookie").is_empty());
    assert_eq!(seen.header("host"), [format!("127.0.0.1:{}", other.port)]);
    assert_eq!(seen.header("x-other"), ["kept"]);
}

#[test]
fn headers_that_carry_credentials_stay_with_their_host_however_they_are_spelt() {
    let credentials = [
        "Authorization",
        "PROXY-AUTHORIZATION",
        "cookie",
        "X-Api-Key",
        "x-apikey",
        "Api-Key",
        "X-Auth-Token",
        "x-ACCESS-token",
        "X-Amz-Security-Token",
        "X-Goog-Api-Key",
        "Ocp-Apim-Subscription-Key",
        "X-CSRF-Token",
        "PRIVATE-TOKEN",
        "X-Vault-Token",
        "x-client-secret",
        "X-User-Password",
        "X-Session-Id",
    ];
    let others = [
        "Accept",
        "X-Request-Id",
        "Idempotency-Key",
        "X-Tokens-Left",
        "x-cookie-consent",
    ];
    let headers: Vec<String> = credentials
        .iter()
        .chain(&others)
        .map(|name| format!("{name}: v-{name}"))
        .collect();
    let snippet = format!("headers: {{ {} }}\nfollow_redirects: 3", headers.join(", "));
    let seen = check("307 Temporary Redirect", "/end", &snippet, ok(200));
    for name in credentials.iter().chain(&others) {
        assert_eq!(
            seen[1].header(&name.to_lowercase()),
            [format!("v-{name}")],
            "to the same host"
        );
    }

    let other = Server::start(|peer| peer.answer_all("200 OK", ""));
    for host in ["127.0.0.1", "localhost"] {
        let location = format!("http://{host}:{}/", other.port);
        check("307 Temporary Redirect", &location, &snippet, ok(200));
    }
    let seen = other.seen();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        for name in credentials {
            assert!(
                seen.header(&name.to_lowercase()).is_empty(),
                "{name} went to another host"
            );
        }
        for name in others {
            assert_eq!(seen.header(&name.to_lowercase()), [format!("v-{name}")]);
        }
    }
}

#[test]
fn secrets_stay_with_the_host_they_were_written_for() {
    let (method, body) = (
        "method: POST\nfollow_redirects: 1\n",
        "body: '{{ secret \"env:TOKEN\" }}'",
    );
    let header = "headers: { x-key: 'Bearer {{ secret \"env:TOKEN\" }}', x-other: kept }";
    let snippet = format!("{method}{header}\n{body}");
    let seen = check("307 Temporary Redirect", "/end", &snippet, ok(200));
    assert_eq!(seen[1].header("x-key"), ["Bearer s3cr&t value"]);
    assert_eq!(seen[1].body(), "s3cr&t value");

    let other = Server::start(|peer| peer.answer_all("200 OK", ""));
    let elsewhere = format!("http://127.0.0.1:{}/", other.port);
    // The body would have to be sent again, and is not; a redirect to a page has none.
    check(
        "307 Temporary Redirect",
        &elsewhere,
        &snippet,
        failed(Failure::Status, 307),
    );
    assert!(other.seen().is_empty());
    check("303 See Other", &elsewhere, &snippet, ok(200));
    check(
        "307 Temporary Redirect",
        &elsewhere,
        &format!("{method}{header}"),
        ok(200),
    );
    let seen = other.seen();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        assert!(seen.header("x-key").is_empty() && seen.body.is_empty(), "{seen:?}");
        assert_eq!(seen.header("x-other"), ["kept"]);
    }
}

/// A target with a page behind a login: the login sets a cookie, and the page leads to the login without it.
fn behind_a_login(peer: &mut Peer) {
    while let Some(seen) = peer.read() {
        let path = seen.line.split(' ').nth(1).unwrap();
        let logged_in = seen.header("cookie").iter().any(|cookies| cookies.contains("sid=1"));
        match path {
            "/login" => peer.write(
                "HTTP/1.1 302 Found\r\nlocation: /home\r\nSet-Cookie: sid=1; Path=/; HttpOnly\r\n\
                 set-cookie: other=2; Path=/elsewhere\r\ncontent-length: 0\r\n\r\n",
            ),
            _ if logged_in => peer.answer("200 OK", "home"),
            _ => peer.write("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n"),
        };
    }
}

#[test]
fn cookies_are_sent_along_within_a_chain_and_not_beyond_it() {
    let server = Server::start(behind_a_login);
    let snippet = "url: /home\nheaders: { Cookie: 'own=0; sid=old' }\nfollow_redirects: 3";
    let outcomes =
        Rig::new(server.port, snippet).run(async |http| [outcome(&send(http, 0).await), outcome(&send(http, 1).await)]);
    assert_eq!(outcomes, [ok(200); 2]);
    let seen = server.seen();
    let cookies: Vec<_> = seen.iter().map(|seen| seen.header("cookie")).collect();
    let chain = [["own=0; sid=old"], ["own=0; sid=old"], ["own=0; sid=1"]];
    assert_eq!(cookies, [chain, chain].concat());
}
