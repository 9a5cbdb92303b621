//! A plan from a few lines of a scenario, and an engine that sends it.

use crate::server::{Peer, Seen, Server};
use plan::plan::{Order, Plan, Timing};
use plan::scenario_file::csv::Sheet;
use plan::scenario_file::{self, Surroundings};
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Failure;
use tokio::time::Instant;
use worker::engine::{Answer, Engine, Share};
use worker::http::Http;
use worker::supplies::Supplies;

/// No request of a test may take longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// How large the file `big.bin` is: more than sockets buffer.
pub const BIG: usize = 16 << 20;

/// Keys that do not belong to the request.
const OUTER: [&str; 4] = ["limits:", "feeds:", "seed:", "targets:"];

pub struct Rig {
    plan: Arc<Plan>,
    supplies: Supplies,
}

impl Rig {
    /// A plan of one request to `http://127.0.0.1:port`. Lines of the snippet belong to the
    /// request, but for those that begin with one of [`OUTER`].
    pub fn new(port: u16, snippet: &str) -> Rig {
        Rig::at(&format!("http://127.0.0.1:{port}"), snippet)
    }

    pub fn at(target: &str, snippet: &str) -> Rig {
        let (outer, request): (Vec<&str>, Vec<&str>) = snippet
            .lines()
            .map(str::trim)
            .partition(|line| OUTER.iter().any(|key| line.starts_with(key)));
        let target = match snippet.contains("targets:") {
            true => String::new(),
            false => format!("target: {target}"),
        };
        Rig::read(&format!(
            "name: t\n{target}\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\n{}\nrequests:\n- name: r\n  {}\n",
            outer.join("\n"),
            request.join("\n  "),
        ))
    }

    fn read(text: &str) -> Rig {
        let surroundings = Surroundings {
            environment: &|_| None,
            file: &|path| match path {
                "body.txt" => Ok(b"{{ arrival }} is no placeholder here".to_vec()),
                "big.bin" => Ok(vec![b'x'; BIG]),
                "users.csv" => Ok("id,mail\n7,a+b@x y\n8,\u{e9}&=\n".into()),
                _ => Err("no such file".to_owned()),
            },
        };
        let scenario = scenario_file::read(text, "test.yaml", &surroundings)
            .unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        let order = Order {
            run: "test".to_owned(),
            created: 0,
            fleet: "test".to_owned(),
            workers: 1,
            slice_max: None,
            workers_max: 1,
            builtin_target: String::new(),
            timing: Timing {
                snapshot_interval: Duration::from_secs(1),
                start_timeout: Duration::from_secs(1),
                workers_min: 1,
            },
        };
        let plan = Plan::new(&scenario, &order).unwrap();
        let feeds = plan.feeds.iter().map(|feed| &scenario.blobs[&feed.blob]);
        let supplies = Supplies {
            feeds: feeds.map(|csv| Sheet::read(csv).unwrap()).collect(),
            bodies: scenario
                .blobs
                .iter()
                .map(|(name, bytes)| (name.clone(), bytes.clone().into()))
                .collect(),
        };
        Rig {
            plan: Arc::new(plan),
            supplies,
        }
    }

    /// Runs a script with a new engine, as a worker does: on one thread.
    pub fn run<T>(&self, script: impl AsyncFnOnce(&mut Http) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let share = Share {
                plan: self.plan.clone(),
                supplies: self.supplies.clone(),
                connections: self.plan.limits.connections as usize,
                ahead: 1,
            };
            let mut http = Http::new(share).unwrap();
            script(&mut http).await
        })
    }

    /// Sends arrival 0 with a new engine.
    pub fn send(&self) -> Answer {
        self.run(async |http| send(http, 0).await)
    }
}

/// Sends arrival `k`, which must end.
pub async fn send(http: &mut Http, k: u64) -> Answer {
    let mut answers = Vec::new();
    // What has happened to its connections meanwhile is known to an engine that is looked after.
    http.wait(Instant::now(), &mut answers).await;
    http.send(0, k, 0);
    let until = Instant::now() + PATIENCE;
    while answers.is_empty() {
        assert!(Instant::now() < until, "an answer in time");
        http.wait(until, &mut answers).await;
    }
    let (ticket, answer) = answers.remove(0);
    assert_eq!((ticket, answers.len()), (0, 0));
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
    (answer.result, answer.status)
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
