//! Where redirects lead, and what goes there.

use super::target::{Reply, Seen, Target};
use crate::rig::{Expected, Rig, failed, ok, outcome, send, send_with};
use plan::scenario::Protocol;
use tally::outcome::Failure;
use test_servers::ClosedPort;

for_each_engine! {
    redirects_are_not_followed_unless_that_is_asked_for,
    locations_are_read_as_seen_from_the_request,
    absolute_locations_lead_to_other_hosts,
    the_status_decides_what_is_asked_for_next,
    a_loop_is_a_failure_and_ends,
    a_redirect_that_leads_nowhere_is_a_failure,
    what_fails_behind_a_redirect_has_no_status,
    credentials_stay_with_the_host_they_were_written_for,
    headers_that_carry_credentials_stay_with_their_host_however_they_are_spelt,
    secrets_stay_with_the_host_they_were_written_for,
    cookies_are_sent_along_within_a_chain_and_not_beyond_it,
    cookies_of_a_flow_are_sent_with_its_next_request_and_no_other,
}

/// Sends arrival 0 to a target that answers everything but `/end` with a status and a location; returns what the target
/// was asked for.
#[track_caller]
fn check(protocol: Protocol, status: u16, location: &str, snippet: &str, expected: Expected) -> Vec<Seen> {
    let leads_to = location.to_owned();
    let target = Target::start(protocol, move |seen| match leads_to.as_str() {
        _ if seen.path.contains("/end") => Reply::ok("end"),
        "" => Reply::new(status, ""),
        location => Reply::redirect(status, location),
    });
    let answer = Rig::new(protocol, target.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{location} {snippet}");
    target.seen()
}

fn redirects_are_not_followed_unless_that_is_asked_for(protocol: Protocol) {
    assert_eq!(check(protocol, 302, "/end", "", ok(302)).len(), 1);
    let strict = "success: { statuses: 200-299 }";
    assert_eq!(
        check(protocol, 302, "/end", strict, failed(Failure::Status, 302)).len(),
        1
    );
}

fn locations_are_read_as_seen_from_the_request(protocol: Protocol) {
    for (location, line) in [
        ("/end?x=1#part", "GET /end?x=1"),
        ("end", "GET /a/end"),
        ("../end/", "GET /end/"),
        ("?to=/end", "GET /a/b?to=/end"),
        ("/end of it", "GET /end%20of%20it"),
    ] {
        let seen = check(protocol, 302, location, "url: /a/b?y=2\nfollow_redirects: 3", ok(200));
        assert_eq!((seen.len(), seen[1].line().as_str()), (2, line), "{location}");
        assert_eq!(seen[1].connection, 0, "one connection is enough for both");
    }
}

fn absolute_locations_lead_to_other_hosts(protocol: Protocol) {
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

fn the_status_decides_what_is_asked_for_next(protocol: Protocol) {
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

fn a_loop_is_a_failure_and_ends(protocol: Protocol) {
    let seen = check(
        protocol,
        302,
        "/again",
        "follow_redirects: 3",
        failed(Failure::Status, 302),
    );
    assert_eq!(seen.len(), 4);
}

fn a_redirect_that_leads_nowhere_is_a_failure(protocol: Protocol) {
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
    // Without a location it is an answer like any other.
    check(protocol, 302, "", "follow_redirects: 3", ok(302));
    check(protocol, 304, "/end", "follow_redirects: 3", ok(304));
}

fn what_fails_behind_a_redirect_has_no_status(protocol: Protocol) {
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

fn credentials_stay_with_the_host_they_were_written_for(protocol: Protocol) {
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

fn headers_that_carry_credentials_stay_with_their_host_however_they_are_spelt(protocol: Protocol) {
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

fn secrets_stay_with_the_host_they_were_written_for(protocol: Protocol) {
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
    // The body would have to be sent again, and is not; a redirect to a page has none.
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

/// A target with a page behind a login: the login sets a cookie, and the page leads to the login without it.
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

/// The cookies of every request, in pairs: HTTP/2 may send each on a line of its own.
fn cookies(target: &Target) -> Vec<String> {
    target
        .seen()
        .iter()
        .map(|seen| seen.header("cookie").join("; "))
        .collect()
}

fn cookies_are_sent_along_within_a_chain_and_not_beyond_it(protocol: Protocol) {
    let target = Target::start(protocol, behind_a_login);
    let snippet = "url: /home\nheaders: { Cookie: 'own=0; sid=old' }\nfollow_redirects: 3";
    let outcomes = Rig::new(protocol, target.port, snippet)
        .run(async |http| [outcome(&send(http, 0).await), outcome(&send(http, 1).await)]);
    assert_eq!(outcomes, [ok(200); 2]);
    let chain = ["own=0; sid=old", "own=0; sid=old", "own=0; sid=1"];
    assert_eq!(cookies(&target), [chain, chain].concat());
}

fn cookies_of_a_flow_are_sent_with_its_next_request_and_no_other(protocol: Protocol) {
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
