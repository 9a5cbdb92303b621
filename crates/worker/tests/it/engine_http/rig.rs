//! A plan from a few lines of a scenario, and an engine that sends it.

use super::server::{Peer, Seen, Server};
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::{Code, Failure};
use test_engines::plans;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::engine::{Answer, Engine, FlowState, Share};
use worker::http::{Http, Lookup};
use worker::http2::Http2;
use worker::supplies::Supplies;

/// No request of a test may take longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Rig {
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    allow: Arc<Allow>,
}

impl Rig {
    /// A plan of one request to `http://127.0.0.1:port`. Lines of the snippet belong to the
    /// request, but for those that begin with one of [`plans::OUTER`].
    pub fn new(port: u16, snippet: &str) -> Rig {
        Rig::at(&format!("http://127.0.0.1:{port}"), snippet)
    }

    pub fn at(target: &str, snippet: &str) -> Rig {
        let (plan, supplies) = plans::read(target, snippet);
        let allow = Arc::new(Allow::everything());
        Rig { plan, supplies, allow }
    }

    /// The same, with files and secrets that the snippet names.
    pub fn with(target: &str, snippet: &str, more: &[(&str, String)]) -> Rig {
        let (plan, supplies) = plans::read_with(target, snippet, more);
        let allow = Arc::new(Allow::everything());
        Rig { plan, supplies, allow }
    }

    /// The same, where only so much is allowed.
    pub fn allowing(self, list: &str) -> Rig {
        let allow = Arc::new(Allow::parse(list).unwrap());
        Rig { allow, ..self }
    }

    /// Runs a script with a new engine, as a worker does: on one thread.
    pub fn run<T>(&self, script: impl AsyncFnOnce(&mut Http) -> T) -> T {
        drive(Http::new(self.share(1)).unwrap(), script)
    }

    /// The same, with another resolver, that is asked again after so long, and with so many
    /// connections opened ahead.
    pub fn run_with<T>(
        &self,
        lookup: Lookup,
        kept: Duration,
        ahead: usize,
        script: impl AsyncFnOnce(&mut Http) -> T,
    ) -> T {
        drive(Http::with_names(self.share(ahead), lookup, kept).unwrap(), script)
    }

    /// Runs a script with a new HTTP/2 engine, and another resolver that is asked again after so long.
    pub fn run_http2<T>(&self, lookup: Lookup, kept: Duration, script: impl AsyncFnOnce(&mut Http2) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let mut http = Http2::with_names(self.share(1), lookup, kept);
            script(&mut http).await
        })
    }

    fn share(&self, ahead: usize) -> Share {
        Share {
            plan: self.plan.clone(),
            supplies: self.supplies.clone(),
            allow: self.allow.clone(),
            connections: self.plan.limits.connections as usize,
            ahead,
        }
    }

    /// Sends arrival 0 with a new engine.
    pub fn send(&self) -> Answer {
        self.run(async |http| send(http, 0).await)
    }
}

fn drive<T>(mut http: Http, script: impl AsyncFnOnce(&mut Http) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(script(&mut http))
}

/// Sends arrival `k`, which must end.
pub async fn send(http: &mut impl Engine, k: u64) -> Answer {
    let mut answers = Vec::new();
    // What has happened to its connections meanwhile is known to an engine that is looked after.
    http.wait(Instant::now(), &mut answers).await;
    http.send(0.into(), k, 0.into(), FlowState::default());
    let until = Instant::now() + PATIENCE;
    while answers.is_empty() {
        assert!(Instant::now() < until, "an answer in time");
        http.wait(until, &mut answers).await;
    }
    let (ticket, answer) = answers.remove(0);
    assert_eq!((usize::from(ticket), answers.len()), (0, 0));
    assert!(answer.sent <= answer.done);
    answer
}

pub type Expected = (Result<(), Failure>, Option<u16>);

pub fn ok(status: u16) -> Expected {
    (Ok(()), Some(status))
}

pub fn failed(failure: Failure, status: impl Into<Option<u16>>) -> Expected {
    (Err(failure), status.into())
}

/// What came of an arrival, beside its instants.
pub fn outcome(answer: &Answer) -> Expected {
    (answer.result, answer.code.map(|Code::Http(status)| status))
}

/// Sends arrival 0 to a target and looks at what comes of it.
#[track_caller]
pub fn check(
    behaviour: impl Fn(&mut Peer) + Send + Sync + 'static,
    snippet: &str,
    expected: Expected,
) -> (Answer, Vec<Seen>) {
    let server = Server::start(behaviour);
    let answer = Rig::new(server.port, snippet).send();
    assert_eq!(outcome(&answer), expected, "{snippet}");
    let seen = server.seen();
    (answer, seen)
}
