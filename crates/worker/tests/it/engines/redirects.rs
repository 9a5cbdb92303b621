//! Tests of the targets of redirects, and of the requests that these targets receive.

use super::target::{Reply, Seen, Target};
use crate::rig::{Expected, Rig, failed, ok, outcome, send, send_with};
use plan::scenario::Protocol;
use tally::outcome::Failure;
use test_servers::ClosedPort;

for_each_engine! {
    redirects_are_not_followed_by_default,
    locations_are_relative_to_the_request,
    absolute_locations_are_followed_to_other_hosts,
    the_status_decides_method_and_body_of_the_next_request,
    a_redirect_loop_ends_with_a_failure,
    a_redirect_that_cannot_be_followed_is_a_failure,
    a_failure_after_a_redirect_has_no_status,
    credentials_are_not_sent_to_another_host,
    credential_headers_in_any_spelling_are_not_sent_to_another_host,
    secrets_are_not_sent_to_another_host,
    cookies_are_sent_only_within_a_chain_of_redirects,
    cookies_of_a_flow_are_sent_only_with_its_next_request,
}

/// Sends arrival 0. The target answers every path except `/end` with a status and a location. Returns the requests that
/// the target received.
#[track_caller]
fn check(protocol: Protocol, status: u16, location: &str, snippet: &str, expected: Expected) -> Vec<Seen> {
    let sent = location.to_owned();
    let target = Target::start(protocol, move |seen| match sent.as_str() {
        _ if seen.path.contains("/end") => Reply::ok("end"),
        "" => Reply::new(status, ""),
        location => Reply::redirect(status, location),
    });
    let answer = Rig::new(protocol, target.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{location} {snippet}");
    target.seen()
}

fn redirects_are_not_followed_by_default(protocol: Protocol) {
    assert_eq!(check(protocol, 302, "/end", "", ok(302)).len(), 1);
    let strict = "success: { statuses: 200-299 }";
    assert_eq!(
        check(protocol, 302, "/end", strict, failed(Failure::Status, 302)).len(),
        1
    );
}

fn locations_are_relative_to_the_request(protocol: Protocol) {
    for (location, line) in [
        ("/end?x=1#part", "GET /end?x=1"),
        ("end", "GET /a/end"),
        ("../end/", "GET /end/"),
        ("?to=/end", "GET /a/b?to=/end"),
        ("/end of it", "GET /end%20of%20it"),
    ] {
        let seen = check(protocol, 302, location, "url: /a/b?y=2\nfollow_redirects: 3", ok(200));
        assert_eq!((seen.len(), seen[1].line().as_str()), (2, line), "{location}");
        assert_eq!(seen[1].connection, 0, "both requests use one connection");
    }
}

fn absolute_locations_are_followed_to_other_hosts(protocol: Protocol) {
    let other = Target::start(protocol, |_| Reply::ok("elsewhere"));
    for location in [
        format!("http://127.0.0.1:{}/x", other.port),
        format!("//127.0.0.1:{}/x", other.port),
    ] {
        let before = other.seen().len();
        let snippet = "follow_redirects: 1\nsuccess: { body_contains: elsewhere }";
        assert_eq!(check(protocol, 301, &location, snippet, ok(200)).len(), 1);
        let seen = other.seen();
        assert_eq!(seen.len(), before + 1);
        assert_eq!(seen[before].host, format!("127.0.0.1:{}", other.port));
    }
}

fn the_status_decides_method_and_body_of_the_next_request(protocol: Protocol) {
    let (kept, dropped) = (("POST", "hello", 1), ("GET", "", 0));
    for (status, (method, body, types)) in [(301, dropped), (302, dropped), (303, dropped), (307, kept), (308, kept)] {
        let snippet = "body: hello\nheaders: { content-type: text/plain }\nfollow_redirects: 3";
        let seen = check(protocol, status, "/end", snippet, ok(200));
        assert_eq!(seen[0].line(), "POST /");
        assert_eq!(seen[1].line(), format!("{method} /end"), "{status}");
        assert_eq!(seen[1].body(), body, "{status}");
        assert_eq!(seen[1].header("content-type").len(), types, "{status}");
        assert_eq!(seen[1].header("content-length").len(), types, "{status}");
    }
    let seen = check(
        protocol,
        303,
        "/end",
        "method: PUT\nbody: x\nfollow_redirects: 1",
        ok(200),
    );
    assert_eq!(seen[1].line(), "GET /end");
    let seen = check(
        protocol,
        302,
        "/end",
        "method: PUT\nbody: x\nfollow_redirects: 1",
        ok(200),
    );
    assert_eq!((seen[1].line().as_str(), seen[1].body()), ("PUT /end", "x"));
}

fn a_redirect_loop_ends_with_a_failure(protocol: Protocol) {
    let seen = check(
        protocol,
        302,
        "/again",
        "follow_redirects: 3",
        failed(Failure::Status, 302),
    );
    assert_eq!(seen.len(), 4);
}

fn a_redirect_that_cannot_be_followed_is_a_failure(protocol: Protocol) {
    for location in ["ftp://127.0.0.1/end", "http://", "mailto:me"] {
        let seen = check(
            protocol,
            302,
            location,
            "follow_redirects: 3",
            failed(Failure::Status, 302),
        );
        assert_eq!(seen.len(), 1);
    }
    // An answer without a location is not treated as a redirect.
    check(protocol, 302, "", "follow_redirects: 3", ok(302));
    check(protocol, 304, "/end", "follow_redirects: 3", ok(304));
}

fn a_failure_after_a_redirect_has_no_status(protocol: Protocol) {
    let closed = ClosedPort::new().unwrap();
    let location = format!("http://127.0.0.1:{}/", closed.port);
    check(
        protocol,
        302,
        &location,
        "follow_redirects: 1",
        failed(Failure::Connect, None),
    );
}

fn credentials_are_not_sent_to_another_host(protocol: Protocol) {
    let snippet =
        "headers: { authorization: secret, Cookie: a=b, host: shop.example, x-other: kept }\nfollow_redirects: 3";
    let seen = check(protocol, 302, "/end", snippet, ok(200));
    for (name, value) in [("authorization", "secret"), ("cookie", "a=b"), ("x-other", "kept")] {
        assert_eq!(seen[1].header(name), [value]);
    }
    assert_eq!(seen[1].host, "shop.example");

    let other = Target::start(protocol, |_| Reply::ok(""));
    check(
        protocol,
        302,
        &format!("http://127.0.0.1:{}/", other.port),
        snippet,
        ok(200),
    );
    let seen = other.seen().remove(0);
    assert!(seen.header("authorization").is_empty() && seen.header("cookie").is_empty());
    assert_eq!(seen.host, format!("127.0.0.1:{}", other.port));
    assert_eq!(seen.header("x-other"), ["kept"]);
}

fn credential_headers_in_any_spelling_are_not_sent_to_another_host(protocol: Protocol) {
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
    let seen = check(protocol, 307, "/end", &snippet, ok(200));
    for name in credentials.iter().chain(&others) {
        assert_eq!(
            seen[1].header(&name.to_lowercase()),
            [format!("v-{name}")],
            "to the same host"
        );
    }

    let other = Target::start(protocol, |_| Reply::ok(""));
    for host in ["127.0.0.1", "localhost"] {
        let location = format!("http://{host}:{}/", other.port);
        check(protocol, 307, &location, &snippet, ok(200));
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

fn secrets_are_not_sent_to_another_host(protocol: Protocol) {
    let (method, body) = (
        "method: POST\nfollow_redirects: 1\n",
        "body: '{{ secret \"env:TOKEN\" }}'",
    );
    let header = "headers: { x-key: 'Bearer {{ secret \"env:TOKEN\" }}', x-other: kept }";
    let snippet = format!("{method}{header}\n{body}");
    let seen = check(protocol, 307, "/end", &snippet, ok(200));
    assert_eq!(seen[1].header("x-key"), ["Bearer s3cr&t value"]);
    assert_eq!(seen[1].body(), "s3cr&t value");

    let other = Target::start(protocol, |_| Reply::ok(""));
    let elsewhere = format!("http://127.0.0.1:{}/", other.port);
    // A redirect with the status 307 would send the body to another host, which is refused. After the status 303, the
    // request has no body.
    check(protocol, 307, &elsewhere, &snippet, failed(Failure::Status, 307));
    assert!(other.seen().is_empty());
    check(protocol, 303, &elsewhere, &snippet, ok(200));
    check(protocol, 307, &elsewhere, &format!("{method}{header}"), ok(200));
    let seen = other.seen();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        assert!(seen.header("x-key").is_empty() && seen.body.is_empty(), "{seen:?}");
        assert_eq!(seen.header("x-other"), ["kept"]);
    }
}

/// The behaviour of a target with a login. The login sets a cookie. A request without this cookie is redirected to the
/// login.
fn behind_a_login(seen: &Seen) -> Reply {
    let logged_in = seen.header("cookie").iter().any(|cookies| cookies.contains("sid=1"));
    match seen.path.as_str() {
        "/login" => Reply::redirect(302, "/home")
            .header("Set-Cookie", "sid=1; Path=/; HttpOnly")
            .header("set-cookie", "other=2; Path=/elsewhere"),
        _ if logged_in => Reply::ok("home"),
        _ => Reply::redirect(302, "/login"),
    }
}

/// Returns the cookies of each request as one text. HTTP/2 may send each cookie in a separate header field.
fn cookies(target: &Target) -> Vec<String> {
    target
        .seen()
        .iter()
        .map(|seen| seen.header("cookie").join("; "))
        .collect()
}

fn cookies_are_sent_only_within_a_chain_of_redirects(protocol: Protocol) {
    let target = Target::start(protocol, behind_a_login);
    let snippet = "url: /home\nheaders: { Cookie: 'own=0; sid=old' }\nfollow_redirects: 3";
    let outcomes = Rig::new(protocol, target.port, snippet)
        .run(async |http| [outcome(&send(http, 0).await), outcome(&send(http, 1).await)]);
    assert_eq!(outcomes, [ok(200); 2]);
    let chain = ["own=0; sid=old", "own=0; sid=old", "own=0; sid=1"];
    assert_eq!(cookies(&target), [chain, chain].concat());
}

fn cookies_of_a_flow_are_sent_only_with_its_next_request(protocol: Protocol) {
    let target = Target::start(protocol, behind_a_login);
    let snippet = "url: /home\nfollow_redirects: 3";
    Rig::new(protocol, target.port, snippet).run(async |http| {
        let first = send(http, 0).await;
        assert_eq!(outcome(&first), ok(200));
        let next = send_with(http, 0, first.flow).await;
        assert_eq!(outcome(&next), ok(200));
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
    let chain = ["", "", "sid=1"];
    assert_eq!(cookies(&target), [&chain[..], &["sid=1"], &chain].concat());
}
