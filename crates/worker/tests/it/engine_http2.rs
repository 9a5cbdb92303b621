//! Tests of the HTTP/2 engine alone. Tests of all engines are in [`crate::engines`].

use crate::certificates::{INSECURE, config};
use crate::engines::target::{Reply, Seen, Target, Tls};
use crate::rig::{Rig, failed, ok, outcome, send_all, until};
use plan::scenario::Protocol::{Http1, Http2};
use std::time::Duration;
use tally::cause::Cause;
use tally::outcome::Failure;
use worker::engine::Engine;

/// Returns an answer that is delayed by the number of milliseconds in the path of the request.
fn slow(seen: &Seen) -> Reply {
    Reply::ok("late").late(Duration::from_millis(seen.path[1..].parse().unwrap()))
}

#[test]
fn many_requests_share_a_connection_at_once() {
    let target = Target::start(Http2, slow);
    let snippet = "url: /300\nlimits: { connections: 2, streams: 32 }";
    let answers = Rig::new(Http2, target.port, snippet).run(async |http| {
        http.prepare().await.unwrap();
        send_all(http, 0..64).await
    });
    assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())));
    assert_eq!(target.connections(), 2);
    assert_eq!(target.at_once().1, 64);
}

#[test]
fn a_failed_stream_does_not_affect_the_others() {
    let target = Target::start(Http2, slow);
    let snippet = "url: \"/{{ random 10 400 }}\"\ntimeout: 200ms\nlimits: { connections: 1, streams: 40 }";
    let answers = Rig::new(Http2, target.port, snippet).run(async |http| send_all(http, 0..40).await);
    let completed = answers.iter().filter(|(_, answer)| outcome(answer) == ok(200)).count();
    assert!((5..35).contains(&completed), "{completed} completed");
    let late = failed(Failure::Timeout, None);
    let failed = answers.iter().filter(|(_, answer)| outcome(answer) == late).count();
    assert_eq!(completed + failed, 40, "{answers:?}");
    assert_eq!(target.connections(), 1);
}

#[test]
fn a_target_without_http2_is_a_protocol_failure() {
    let hello = |_: &Seen| Reply::ok("hello");
    let plain = Target::start(Http1, hello);
    let answer = Rig::new(Http2, plain.port, "timeout: 2s").send();
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
    let tls = Tls::new(config("127.0.0.1", None)).without_protocols();
    let secure = Target::secure(Http1, tls, hello);
    let origin = format!("https://127.0.0.1:{}", secure.port);
    let reported = Rig::at(Http2, &origin, INSECURE).fail();
    assert_eq!((reported.why.cause, &*reported.origin), (Cause::NoHttp2, &*origin));
    assert_eq!(reported.why.kind(), Failure::Protocol);
}

#[test]
fn shared_connections_respect_the_limit() {
    let targets = [(); 3].map(|()| Target::start(Http2, slow));
    let urls = targets
        .each_ref()
        .map(|target| format!("\"http://127.0.0.1:{}\"", target.port));
    let open = || targets.iter().map(Target::open).sum::<usize>();
    for connections in [1, 2] {
        let limits = format!("limits: {{ connections: {connections} }}");
        let snippet = format!("url: /20\ntargets: [{}]\n{limits}", urls.join(", "));
        Rig::new(Http2, 0, &snippet).run(async |http| {
            let answers = send_all(http, 0..40).await;
            assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
            until(http, || open() <= connections).await;
        });
    }
    assert!(targets.iter().all(|target| target.connections() > 0));
}
