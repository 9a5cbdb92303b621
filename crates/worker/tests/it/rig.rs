//! Makes plans from a few lines of a scenario, and engines that send the requests of these plans.

use plan::plan::Plan;
use plan::scenario::Protocol;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::{Code, Failure};
use test_engines::plans;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::client::Client;
use worker::engine::{Answer, Engine, FlowState, Reported, Share, Ticket};
use worker::http::{Http, Lookup};
use worker::http2::Http2;
use worker::supplies::Supplies;

/// The maximum time that a request of a test may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A plan with one request, and the other inputs of an engine for this plan.
pub(crate) struct Rig {
    protocol: Protocol,
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    allow: Arc<Allow>,
}

impl Rig {
    /// Returns a plan with one request to `http://127.0.0.1:port`. The lines of the snippet belong to the request,
    /// except the lines that begin with one of [`plans::OUTER`].
    pub(crate) fn new(protocol: Protocol, port: u16, snippet: &str) -> Rig {
        Rig::at(protocol, &format!("http://127.0.0.1:{port}"), snippet)
    }

    pub(crate) fn at(protocol: Protocol, target: &str, snippet: &str) -> Rig {
        Rig::with(protocol, target, snippet, &[])
    }

    /// Returns a plan with the files and secrets that the snippet names.
    pub(crate) fn with(protocol: Protocol, target: &str, snippet: &str, more: &[(&str, String)]) -> Rig {
        let name = match protocol {
            Protocol::Http1 => "http1",
            Protocol::Http2 => "http2",
        };
        let (plan, supplies) = plans::read_with(target, &format!("protocol: {name}\n{snippet}"), more);
        Rig {
            protocol,
            plan,
            supplies,
            allow: Arc::new(Allow::everything()),
        }
    }

    /// Returns the same rig with this allow-list.
    pub(crate) fn allowing(self, list: &str) -> Rig {
        let allow = Arc::new(Allow::parse(list).unwrap());
        Rig { allow, ..self }
    }

    /// Runs a script with a new engine on one thread, as a worker does.
    pub(crate) fn run<T>(&self, script: impl AsyncFnOnce(&mut Client) -> T) -> T {
        let share = self.share(1);
        drive(|| Client::new(share).unwrap(), script)
    }

    /// Runs a script with another resolver. Addresses are looked up again after `kept`. `ahead` connections are opened
    /// before the start.
    pub(crate) fn run_with<T>(
        &self,
        lookup: Lookup,
        kept: Duration,
        ahead: usize,
        script: impl AsyncFnOnce(&mut Client) -> T,
    ) -> T {
        let share = self.share(ahead);
        let engine = || match self.protocol {
            Protocol::Http1 => Client::Http1(Box::new(Http::with_resolver(share, lookup, kept).unwrap())),
            Protocol::Http2 => Client::Http2(Http2::with_resolver(share, lookup, kept)),
        };
        drive(engine, script)
    }

    fn share(&self, ahead: usize) -> Share {
        Share {
            plan: self.plan.clone(),
            supplies: self.supplies.clone(),
            allow: self.allow.clone(),
            connections: self.plan.limits.connections as usize,
            ahead,
            trace: None,
        }
    }

    /// Sends arrival 0 with a new engine, and returns the answer.
    pub(crate) fn send(&self) -> Answer {
        self.run(async |http| send(http, 0).await)
    }

    /// Sends arrival 0 with a new engine, checks that the arrival fails, and returns the report of the failure.
    pub(crate) fn fail(&self) -> Reported {
        self.run(async |http| {
            let answer = send(http, 0).await;
            let reported = http.reported(0.into()).unwrap();
            assert_eq!(answer.result, Err(reported.why.kind()), "{reported:?}");
            reported
        })
    }
}

fn drive<T>(engine: impl FnOnce() -> Client, script: impl AsyncFnOnce(&mut Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async { script(&mut engine()).await })
}

/// Sends arrival `k` and waits for its answer.
pub(crate) async fn send(http: &mut impl Engine, k: u64) -> Answer {
    send_with(http, k, FlowState::default()).await
}

/// Sends a request of arrival `k`, with the state of the flow to which the request belongs.
pub(crate) async fn send_with(http: &mut impl Engine, k: u64, flow: FlowState) -> Answer {
    let mut answers = Vec::new();
    // Let the engine handle the events of its connections first.
    http.wait(Instant::now(), &mut answers).await;
    http.send(0.into(), k, 0.into(), flow);
    let until = Instant::now() + PATIENCE;
    while answers.is_empty() {
        assert!(Instant::now() < until, "no answer in time");
        http.wait(until, &mut answers).await;
    }
    let (ticket, answer) = answers.remove(0);
    assert_eq!((usize::from(ticket), answers.len()), (0, 0));
    assert!(answer.sent <= answer.done);
    answer
}

/// Sends these arrivals at once, and waits until all of them are answered.
pub(crate) async fn send_all(http: &mut impl Engine, arrivals: Range<usize>) -> Vec<(Ticket, Answer)> {
    let mut answers = Vec::new();
    let began = Instant::now();
    for k in arrivals.clone() {
        http.send(k.into(), k as u64, 0.into(), FlowState::default());
    }
    while answers.len() < arrivals.len() {
        assert!(began.elapsed() < PATIENCE, "not all answers in time");
        http.wait(Instant::now() + Duration::from_secs(1), &mut answers).await;
    }
    for (_, answer) in &answers {
        assert!(answer.sent >= began && answer.sent <= answer.done, "{answer:?}");
    }
    answers.sort_by_key(|(ticket, _)| *ticket);
    let tickets: Vec<Ticket> = answers.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!(
        tickets,
        arrivals.map(Ticket::from).collect::<Vec<_>>(),
        "one answer each"
    );
    answers
}

/// Runs an engine until a condition is true. Then runs the engine once more, so that it can handle the change.
pub(crate) async fn until(http: &mut impl Engine, holds: impl Fn() -> bool) {
    let patience = Instant::now() + PATIENCE;
    loop {
        let held = holds();
        let soon = Instant::now() + Duration::from_millis(5);
        http.wait(soon, &mut Vec::new()).await;
        if held {
            return;
        }
        assert!(Instant::now() < patience, "the condition does not hold in time");
    }
}

pub(crate) type Expected = (Result<(), Failure>, Option<u16>);

pub(crate) fn ok(status: u16) -> Expected {
    (Ok(()), Some(status))
}

pub(crate) fn failed(failure: Failure, status: impl Into<Option<u16>>) -> Expected {
    (Err(failure), status.into())
}

/// Returns the outcome of an arrival, without instants.
pub(crate) fn outcome(answer: &Answer) -> Expected {
    (answer.result, answer.code.map(|Code::Http(status)| status))
}
