//! Tests the load of one thread, with a real engine and a real target.

use super::*;
use crate::allow::Allow;
use crate::engine::Share;
use crate::http::Http;
use std::cell::RefCell;
use test_plans::Planned;
use test_servers::{ScriptedAnswer, ScriptedServer, WireRequest};

/// The maximum number of requests in flight. This number is much smaller than the number of arrivals, so flow states
/// are reused.
const CONNECTIONS: usize = 4;
const ARRIVALS: u64 = 60;

fn cookies(request: &WireRequest) -> Option<&str> {
    request.head.lines().find_map(|line| line.strip_prefix("cookie: "))
}

/// Sends all arrivals of a scenario. Returns the number of arrivals that completed.
fn completed(scenario: &str) -> u64 {
    let planned = Planned::of(scenario);
    let plan = Arc::new(planned.plan_of(&planned.scenario()).unwrap());
    let part = LoadShare {
        first_stripe: 0,
        plan: plan.clone(),
        slice: 0,
        thread: 0,
        threads: 1,
        in_flight_max: CONNECTIONS,
        sessions_max: 100,
        traced: None,
    };
    let engine = Http::new(Share {
        plan,
        supplies: Arc::default(),
        allow: Arc::new(Allow::everything()),
        connections: CONNECTIONS,
        ahead: 1,
        trace: None,
    });
    let all = StripeOf { stripe: 0, stripes: 1 };
    let (commands, listener) = watch::channel(Command::Wait);
    let ended = RefCell::new(None);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(part, engine, listener, |event| match event {
        LoadEvent::Ready(ready) => {
            ready.unwrap();
            commands.send_replace(Command::Start(LoadStart {
                t0: Instant::now(),
                epoch: 0,
                stripe: all,
            }));
        }
        LoadEvent::Snapshot(_) => {}
        LoadEvent::Ended(interval, _) => drop(ended.replace(Some(interval))),
    }));
    let interval = ended.into_inner().unwrap();
    interval.recorder.tally.requests[0].counts.completed
}

#[test]
fn an_arrival_sends_its_own_cookies_only() {
    // Each login is slow, so several logins are in flight at once.
    let server = ScriptedServer::start(|request| match request.path().strip_prefix("/login/") {
        Some(k) => {
            let headers = format!("location: /home/{k}\r\nset-cookie: user{k}=1; Path=/\r\n");
            ScriptedAnswer::new("302 Found", &headers, "").late(Duration::from_millis(5))
        }
        None => ScriptedAnswer::new("200 OK", "", "home"),
    });
    let sent = completed(&format!(
        "name: t\ntarget: {}\nload: {{ constant: {{ rate: 200/s, duration: 300ms }} }}\n\
         limits: {{ connections: {CONNECTIONS}, max_wait: 10s }}\n\
         requests: [ {{ name: r, url: '/login/{{{{ arrival }}}}', follow_redirects: 1 }} ]\n",
        server.url()
    ));
    assert_eq!(sent, ARRIVALS);
    let requests = server.requests();
    assert_eq!(requests.len() as u64, 2 * ARRIVALS);
    for request in &requests {
        let own = request.path().strip_prefix("/home/").map(|k| format!("user{k}=1"));
        assert_eq!(cookies(request), own.as_deref(), "{}", request.head);
    }
}
