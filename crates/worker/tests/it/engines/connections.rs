//! Tests of opening, keeping and closing connections.

use super::target::{Reply, Target};
use crate::engine_http::Silent;
use crate::rig::{Rig, failed, ok, outcome, send, send_all, until};
use plan::scenario::Protocol;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tally::outcome::Failure;
use test_servers::ClosedPort;
use tokio::time::Instant;
use worker::engine::{Engine, FlowState};
use worker::http::Lookup;

for_each_engine! {
    connections_are_reused,
    a_connection_that_closes_while_idle_causes_no_failure,
    a_connection_that_ends_during_a_request_fails_only_that_request,
    requests_succeed_again_when_a_stopped_target_returns,
    a_refusing_target_is_retried_with_pauses,
    a_late_answer_is_not_used_for_the_next_request,
    connections_to_all_targets_together_respect_the_limit,
    an_address_that_does_not_answer_does_not_delay_other_connections,
}

fn connections_are_reused(protocol: Protocol) {
    // A connection is also reused if the success rule rejects the answer.
    for snippet in ["", "body: \"{{ uuid }}\"", "success: { statuses: 503 }", "method: HEAD"] {
        let target = Target::start(protocol, |_| Reply::ok("hello"));
        Rig::new(protocol, target.port, snippet).run(async |http| {
            for k in 0..3 {
                assert_eq!(send(http, k).await.result.is_err(), snippet.contains("503"));
            }
        });
        assert_eq!(target.connections(), 1, "{snippet}");
    }
}

fn a_connection_that_closes_while_idle_causes_no_failure(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok(""));
    Rig::new(protocol, target.port, "").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        target.close_connections();
        until(http, || target.open() == 0).await;
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
    assert_eq!(target.connections(), 2);
}

fn a_connection_that_ends_during_a_request_fails_only_that_request(protocol: Protocol) {
    let target = Target::start(protocol, |seen| match seen.path.as_str() {
        "/0" => Reply::never(),
        _ => Reply::ok("fine"),
    });
    Rig::new(protocol, target.port, "url: '/{{ arrival }}'").run(async |http| {
        http.send(0.into(), 0, 0.into(), FlowState::default());
        until(http, || target.at_once().0 == 1).await;
        target.close_connections();
        let mut answers = Vec::new();
        while answers.is_empty() {
            http.wait(Instant::now() + Duration::from_secs(20), &mut answers).await;
        }
        assert_eq!(outcome(&answers[0].1), failed(Failure::Reset, None));
        assert_eq!(outcome(&send(http, 1).await), ok(200));
    });
    assert_eq!((target.connections(), target.seen().len()), (2, 2));
}

fn requests_succeed_again_when_a_stopped_target_returns(protocol: Protocol) {
    let target = Target::start(protocol, |_| Reply::ok(""));
    let port = target.port;
    Rig::new(protocol, port, "").run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), ok(200));
        target.stop();
        // The first request may be sent on the old connection.
        let (result, status) = outcome(&send(http, 1).await);
        assert!(
            matches!(result, Err(Failure::Connect | Failure::Reset | Failure::Closed)),
            "{result:?}"
        );
        assert_eq!(status, None);
        assert_eq!(outcome(&send(http, 2).await), failed(Failure::Connect, None));
        let _target = Target::at(("127.0.0.1", port), protocol, |_| Reply::ok(""));
        let back = Instant::now();
        while outcome(&send(http, 3).await) != ok(200) {
            assert!(
                back.elapsed() < Duration::from_secs(5),
                "the returned target is not used"
            );
        }
    });
}

fn a_refusing_target_is_retried_with_pauses(protocol: Protocol) {
    let closed = ClosedPort::new().unwrap();
    Rig::new(protocol, closed.port, "limits: { connections: 20 }").run(async |http| {
        let (began, mut rounds) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(1) {
            for (_, answer) in send_all(http, 0..20).await {
                assert_eq!(outcome(&answer), failed(Failure::Connect, None));
            }
            rounds += 1;
        }
        // After some failed connections, each pause is at least 25 ms.
        assert!((2..60).contains(&rounds), "{rounds} rounds of requests in a second");
    });
}

fn a_late_answer_is_not_used_for_the_next_request(protocol: Protocol) {
    let asked = AtomicUsize::new(0);
    let target = Target::start(protocol, move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::ok("late").late(Duration::from_millis(300)),
        _ => Reply::ok("fresh"),
    });
    let snippet = "timeout: 200ms\nsuccess: { body_contains: fresh }";
    Rig::new(protocol, target.port, snippet).run(async |http| {
        assert_eq!(outcome(&send(http, 0).await), failed(Failure::Timeout, None));
        let (late, mut k) = (Instant::now() + Duration::from_millis(300), 0);
        while Instant::now() < late {
            k += 1;
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
    });
}

fn connections_to_all_targets_together_respect_the_limit(protocol: Protocol) {
    let targets = [(); 3].map(|()| Target::start(protocol, |_| Reply::ok("")));
    let urls = targets
        .each_ref()
        .map(|target| format!("\"http://127.0.0.1:{}\"", target.port));
    let open = || targets.iter().map(Target::open).sum::<usize>();
    for connections in [1, 2] {
        let limits = format!("limits: {{ connections: {connections} }}");
        let snippet = format!("targets: [{}]\n{limits}", urls.join(", "));
        Rig::new(protocol, 0, &snippet).run(async |http| {
            for k in 0..12 {
                assert_eq!(outcome(&send(http, k).await), ok(200));
                until(http, || open() <= connections).await;
            }
        });
        let gone = Instant::now();
        while open() > 0 {
            assert!(
                gone.elapsed() < Duration::from_secs(20),
                "the dropped engine keeps connections open"
            );
            std::thread::yield_now();
        }
    }
    assert!(targets.iter().all(|target| target.seen().len() == 8));
}

fn an_address_that_does_not_answer_does_not_delay_other_connections(protocol: Protocol) {
    // Each of the two connections has one request, so one of the connections tries the silent address first.
    let pause = Duration::from_millis(600);
    let good = Target::start(protocol, move |_| Reply::ok("").late(pause));
    let port = good.port;
    let _silent = Silent::at(("127.0.0.4", port));
    let lookup: Lookup = Arc::new(|_, port| {
        Ok([4, 1]
            .map(|last| SocketAddr::new(IpAddr::from([127, 0, 0, last]), port))
            .into())
    });
    let limits = "timeout: 15s\nlimits: { connections: 2, connect_timeout: 15s }";
    let rig = Rig::at(protocol, &format!("http://two.example:{port}"), limits);
    let began = Instant::now();
    let answers = rig.run_with(lookup, Duration::from_secs(60), 1, async |http| {
        send_all(http, 0..2).await
    });
    assert!(answers.iter().all(|(_, answer)| answer.result == Ok(())), "{answers:?}");
    assert_eq!(good.connections(), 2);
    // The second address is tried 250 ms after the first.
    let last = answers.iter().map(|(_, answer)| answer.sent).max().unwrap() - began;
    assert!(
        (Duration::from_millis(200)..Duration::from_secs(5)).contains(&last),
        "{last:?}"
    );
}
