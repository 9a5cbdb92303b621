//! Tests of a worker whose plan, start, stop or claim was modified. The worker ends in time, and sends at most as many
//! requests as planned.

use super::super::truth::{Behaviour, Scripted, Truth};
use super::super::world::{RUN, WorkerNumber};
use super::changes::{Change, Objects, changes, kind};
use super::{Run, assert_none, bounded, seed, share};
use bytes::Bytes;
use plan::plan::Plan;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use store::{RunStore, keys};
use tokio::task::LocalSet;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::assignment::Assignment;
use worker::clock::Clock;
use worker::host::{Host, Placement};
use worker::notice::Notice;
use worker::secrets::Account;
use worker::shard;

/// The maximum lifetime of a worker: the sum of the longest waits for the start and for T0, and of the longest run.
const LIFE_MAX: Duration = Duration::from_secs(4 * 86_400);

/// The lifetime of a worker, and the number of requests that the worker sent.
struct Life {
    ended: Option<Duration>,
    sent: usize,
}

fn run_worker(objects: &Objects) -> Life {
    let hung = std::time::Instant::now();
    // A worker that does not end polls the store, so this function is called again and again.
    let watchdog = move |_, _: &str| {
        assert!(hung.elapsed() < super::TIMEOUT, "the worker does not end");
        None
    };
    let store = RunStore::memory_with(Arc::new(watchdog));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without any input or output can be built");
    LocalSet::new().block_on(&runtime, async {
        for (key, bytes) in objects {
            store
                .put(key, bytes.clone())
                .await
                .expect("a store in memory accepts any object");
        }
        let (truth, epoch) = (Truth::default(), Instant::now());
        let host = Host {
            name: "host".to_owned(),
            clock: Clock::tie(0),
            began: epoch,
            deadline: None,
            threads: NonZeroUsize::MIN,
            placement: Placement::Caller,
            hand_over: None,
            allow: Arc::new(Allow::everything()),
            notice: Notice::never(),
            secrets: Arc::new(Account::default()),
        };
        let assignment = Assignment {
            run: RUN.to_owned(),
            shard: 0,
            slice: 0,
        };
        let seen = truth.clone();
        let engine = move |_| {
            Ok(Scripted {
                seed: 1,
                behaviour: Behaviour::quick(),
                truth: truth.clone(),
                epoch,
                population: 0,
                slice_id: (0, 0),
                number: WorkerNumber::default(),
                in_flight: Vec::new(),
            })
        };
        let life = tokio::time::timeout(LIFE_MAX, shard::run(&store, &assignment, &host, engine)).await;
        Life {
            ended: life.is_ok().then(|| epoch.elapsed()),
            sent: seen.sent().len(),
        }
    })
}

/// Returns the objects in the store before any worker of shard 0 has written a claim.
fn before() -> Objects {
    let run = Run::Passed.objects();
    let found = run
        .iter()
        .filter(|(key, _)| ["plan.json", "data", "start"].contains(&kind(key)));
    let mut found: Objects = found.map(|(key, bytes)| (key.clone(), bytes.clone())).collect();
    let start = found.get_mut(&keys::start(RUN)).expect("the run has started");
    *start = soon(start);
    found
}

/// Returns the start with a T0 in one second, because the worker uses the clock of the machine.
fn soon(start: &Bytes) -> Bytes {
    let now = Clock::tie(0).now();
    let mut start: serde_json::Value = serde_json::from_slice(start).expect("the document is JSON");
    start["written"] = now.into();
    start["t0"] = (now + 1_000_000_000).into();
    start["store_time"] = serde_json::json!([now, now + 1_000_000_000]);
    // A start without attempts is valid for the first attempt at each shard.
    start
        .as_object_mut()
        .expect("a document is an object")
        .remove("attempts");
    start.to_string().into()
}

fn problem(change: &Change) -> Option<String> {
    let mut objects = before();
    match &change.bytes {
        Some(bytes) => objects.insert(change.key.clone(), bytes.clone()),
        None => objects.remove(&change.key),
    };
    let most = objects
        .get(&keys::plan(RUN))
        .and_then(|plan| Plan::decode(plan).ok())
        .map_or(0, |plan| plan.owed(0, 0));
    let (broken, life) = bounded(|| run_worker(&objects));
    let words = broken.or_else(|| match life? {
        Life { ended: None, .. } => Some("it had not ended after four days".to_owned()),
        Life { sent, .. } if sent as u64 > most => Some(format!("it sent {sent} of {most}")),
        _ => None,
    })?;
    Some(format!("{}: {}: {words}", change.key, change.name))
}

fn check(key: &str, fields: usize) {
    let run = before();
    let others = Run::Passed.others();
    let all = changes(key, &run, &others, share(fields, 0, 20, 20), seed());
    let problems: Vec<String> = all.iter().filter_map(problem).collect();
    assert_none(seed(), all.len(), &problems);
}

#[test]
fn a_worker_with_unmodified_documents_sends_its_share() {
    let life = run_worker(&before());
    let plan = Plan::decode(&before()[&keys::plan(RUN)]).expect("the document is not modified");
    assert_eq!(life.sent as u64, plan.owed(0, 0));
    assert!(life.ended.is_some_and(|ended| ended < Duration::from_secs(60)));
}

#[test]
fn a_worker_with_a_modified_plan_ends() {
    check(&keys::plan(RUN), 300);
}

#[test]
fn a_worker_with_a_modified_start_ends() {
    check(&keys::start(RUN), 300);
}

#[test]
fn a_worker_with_a_modified_stop_ends() {
    let mut objects = before();
    objects.insert(keys::stop(RUN), Run::Stopped.objects()[&keys::stop(RUN)].clone());
    let all = changes(
        &keys::stop(RUN),
        &objects,
        &Run::Passed.others(),
        share(40, 0, 20, 20),
        seed(),
    );
    let problems: Vec<String> = all.iter().filter_map(problem).collect();
    assert_none(seed(), all.len(), &problems);
}

#[test]
fn a_worker_whose_slice_is_claimed_sends_nothing_with_any_claim() {
    let key = keys::claim(RUN, 0, 0, 1);
    let mut objects = before();
    objects.insert(key.clone(), Run::Passed.objects()[&key].clone());
    for change in changes(&key, &objects, &Run::Passed.others(), share(60, 0, 20, 20), seed()) {
        let Some(bytes) = change.bytes else { continue };
        objects.insert(key.clone(), bytes);
        let life = run_worker(&objects);
        assert_eq!((life.sent, life.ended), (0, Some(Duration::ZERO)), "{}", change.name);
    }
}
