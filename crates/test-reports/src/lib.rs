//! Reports of runs with known numbers, for tests.

#![expect(clippy::unwrap_used, reason = "a test whose run cannot be created must fail")]

pub mod flows;

use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, FleetShape};
use plan::plan::{Plan, stripe};
use plan::scenario::Sampling;
use plan::usage::estimate::estimate;
use report::run_report::{Facts, RunReport, SliceReport, SliceState};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tally::account::{Billed, Receipt, Requests};
use tally::cause::Cause;
use tally::interval::{Interval, IntervalTimes, Timeline};
use tally::outcome::{Code, Failure, Outcome};
use tally::reasons::{Occurrences, Reason};
use tally::seconds::Seconds;
use tally::series::Series;
use tally::snapshot::{Health, SliceEnd, Snapshot};
use tally::stretch::{Outline, Stretch};
use tally::tally::{Recorder, SampleKind, Tally};
use tally::waits::Step;
use test_plans::{Planned, habits};

/// A scenario with 2,730 arrivals, of which 2,400 are measured. The warm-up is a ramp that begins at zero, and the
/// cool-down is a ramp that ends at zero.
pub const SCENARIO: &str = "
name: checkout
target: https://shop.example.com
load:
  - warm_up:   { rate: 60/s, duration: 10s }
  - constant:  { rate: 120/s, duration: 20s }
  - cool_down: { rate: 12/s, duration: 5s }
requests:
  - { name: item, weight: 3, url: /items }
  - { name: order, url: /orders, method: PUT }
thresholds:
  - latency p99 < 250ms
  - errors of order < 0.5%
  - rate > 100/s
  - dropped <= 0%
";

pub const MILLISECOND: u64 = 1_000_000;
pub const SECOND: u64 = 1_000 * MILLISECOND;

pub fn plan() -> Plan {
    planned(SCENARIO)
}

pub fn planned(scenario: &str) -> Plan {
    Planned::of(scenario)
        .run("checkout-20260301-120000-ab3d")
        .created(1_772_366_400 * SECOND)
        .workers(3)
        .plan()
}

pub fn facts() -> Facts {
    Facts {
        started: Some(1_772_366_402 * SECOND + 345 * MILLISECOND),
        ..Facts::default()
    }
}

/// A function that returns the outcome of an arrival; `None` for an arrival that is dropped.
pub type Target = fn(k: u64, due: u64) -> Option<Outcome>;

/// The outcomes of a target that answers in 20 to 60 ms. The lag is less than a millisecond.
pub fn healthy(k: u64, due: u64) -> Option<Outcome> {
    let sent = due + 20_000 + k % 7 * 60_000;
    let done = sent + (20 + k * 37 % 41) * MILLISECOND;
    Some(Outcome {
        due,
        sent,
        first_byte: Some(done - 4 * MILLISECOND),
        done,
        result: Ok(()),
        code: Some(Code::Http(200)),
        body_bytes: 512,
        ..Outcome::default()
    })
}

/// The outcomes of a target that is slow from second 15 to second 18. In this time, some requests fail and some
/// arrivals are dropped.
pub fn troubled(k: u64, due: u64) -> Option<Outcome> {
    if !(15 * SECOND..18 * SECOND).contains(&due) {
        return healthy(k, due);
    }
    let sent = due + 40 * MILLISECOND;
    let late = Outcome {
        due,
        sent,
        done: sent + 900 * MILLISECOND,
        result: Ok(()),
        code: Some(Code::Http(200)),
        body_bytes: 512,
        waiting: 39 * MILLISECOND,
        ..Outcome::default()
    };
    match k % 10 {
        0 => None,
        1 => Some(Outcome {
            result: Err(Failure::Timeout),
            code: None,
            body_bytes: 0,
            done: sent + 10 * SECOND,
            ..late
        }),
        2 | 3 => Some(Outcome {
            result: Err(Failure::Status),
            code: Some(Code::Http(503)),
            body_bytes: 19,
            ..late
        }),
        _ => Some(late),
    }
}

/// Returns a random outcome that depends on `seed` and `k`: a drop, a failure, or a latency from 0.1 ms to several
/// seconds.
pub fn random(seed: u64, k: u64, due: u64) -> Option<Outcome> {
    // The generator of random numbers is SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
    // generators" (2014).
    let mut state = (seed ^ k).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(k);
    let mut draw = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    if draw() % 20 == 0 {
        return None;
    }
    let sent = due + draw() % (30 * MILLISECOND);
    let (result, status) = match draw() % 10 {
        0 => (Err(Failure::Timeout), None),
        1 => (Err(Failure::Status), Some(500)),
        _ => (Ok(()), Some(200)),
    };
    Some(Outcome {
        due,
        sent,
        done: sent + (100_000 << (draw() % 15)) + draw() % 100_000,
        result,
        code: status.map(Code::Http),
        body_bytes: draw() % 1_000,
        ..Outcome::default()
    })
}

fn reason(outcome: &Outcome) -> Reason {
    let (cause, detail) = match (outcome.result, outcome.code) {
        (Err(Failure::Status), Some(status)) => (Cause::Status, status.to_string()),
        (Err(Failure::Timeout), _) => (Cause::Timeout, "while waiting for the first byte".to_owned()),
        (result, _) => {
            let first = Cause::ALL.iter().find(|cause| cause.kind() == result.err());
            (first.copied().unwrap_or(Cause::Unknown), String::new())
        }
    };
    Reason {
        cause,
        detail,
        origin: "https://shop.example:443".to_owned(),
    }
}

/// Returns a recorder with the outcomes of the arrivals of one shard in the first slice. The recorder contains only the
/// arrivals that are due before `until`.
pub fn record(plan: &Plan, shard: u32, until: u64, target: Target) -> Recorder {
    record_with(plan, shard, until, target)
}

/// Returns the same recorder as [`record`], for a target that may be a closure.
pub fn record_with(plan: &Plan, shard: u32, until: u64, target: impl Fn(u64, u64) -> Option<Outcome>) -> Recorder {
    let (schedule, mix) = (plan.schedule().unwrap(), plan.mix());
    let mut recorder = Recorder::new(plan.requests.len());
    for arrival in stripe(&schedule, &plan.slices[0], shard, plan.shards) {
        if arrival.due >= until {
            break;
        }
        let sample = match arrival.sampling {
            Sampling::Measured => SampleKind::Measured {
                request: mix.drawn(arrival.k).request().expect("a plan without flows"),
            },
            _ => SampleKind::Unmeasured,
        };
        match target(arrival.k, arrival.due) {
            Some(outcome) => {
                recorder.sent(sample, outcome.sent);
                recorder.finished(sample, &outcome);
                if let (Err(kind), SampleKind::Measured { request }) = (outcome.result, sample) {
                    let mut seen = Occurrences::default();
                    seen.count(arrival.k);
                    recorder.tally.reasons.record(request, kind, reason(&outcome), &seen);
                }
                // A target that answered with status 503 has rejected the request once before.
                if outcome.code == Some(Code::Http(503)) {
                    recorder.retried(sample, 1, outcome.done);
                }
            }
            None => recorder.dropped(sample, arrival.due),
        }
    }
    recorder
}

/// Returns the timeline of a run in intervals of one second. The last interval also contains the events after the end
/// of the load.
fn timeline(plan: &Plan, until: u64, target: Target) -> Arc<Timeline> {
    let (schedule, mix) = (plan.schedule().unwrap(), plan.mix());
    let mut recorders = vec![Recorder::new(plan.requests.len()); (plan.length() / SECOND) as usize];
    let shards = (0..plan.shards).flat_map(|shard| stripe(&schedule, &plan.slices[0], shard, plan.shards));
    for arrival in shards.filter(|arrival| arrival.due < until && arrival.sampling == Sampling::Measured) {
        let request = mix.drawn(arrival.k).request().expect("a plan without flows");
        if let Some(outcome) = target(arrival.k, arrival.due) {
            let last = recorders.len() - 1;
            let second = |at: u64| ((at / SECOND) as usize).min(last);
            recorders[second(outcome.sent)].sent(SampleKind::Measured { request }, outcome.sent);
            recorders[second(outcome.done)].finished(SampleKind::Measured { request }, &outcome);
        }
    }
    Arc::new(Timeline {
        width: SECOND,
        intervals: recorders.iter().map(|recorder| Interval::of(&recorder.tally)).collect(),
        times: recorders
            .iter()
            .map(|recorder| IntervalTimes::of(&recorder.tally))
            .collect(),
        // Each worker has 30 open connections.
        connections: (0..recorders.len() as u64)
            .map(|at| Some(30 * u64::from(plan.shards)).filter(|_| at * SECOND < until))
            .collect(),
    })
}

pub fn part(plan: &Plan, shard: u32, recorder: &Recorder) -> SliceReport<'static> {
    SliceReport {
        shard,
        slice: 0,
        stripe: plan.stripe(shard),
        worker: Some(format!("host-{shard}")),
        state: SliceState::Ended(SliceEnd::Finished),
        tally: Cow::Owned(recorder.tally.clone()),
        snapshots: Cow::Owned(outline(recorder, None)),
        paced_until: plan.length(),
        health: Some(Health {
            start_skew: 2 * MILLISECOND * u64::from(shard),
            clock_offset: (shard == 1).then_some(-12 * MILLISECOND as i64),
            clock_uncertainty: Some(3 * MILLISECOND),
            tokens: None,
            hand_over_problem: None,
            snapshots: recorder.seconds.end(),
            cpu: 1_250 * MILLISECOND,
            // Arrivals are dropped only while all connections are in use. A worker with dropped arrivals had as many
            // requests in flight as connections.
            in_flight_max: match recorder.tally.measured().dropped {
                0 => 9,
                _ => u64::from(plan.limits.connections),
            },
            load_cpu: 900 * MILLISECOND,
            load_wall: 35_000 * MILLISECOND,
            run_queue: 20 * MILLISECOND,
            throttled: None,
            descriptors_max: 40,
            ran: None,
            requests: None,
        }),
    }
}

/// Returns an outline with one snapshot per second. The snapshot of the second `missing` is left out.
pub fn outline(recorder: &Recorder, missing: Option<u32>) -> Outline {
    let mut outline = Outline::new(240);
    for at in (0..recorder.seconds.end()).filter(|at| Some(*at) != missing) {
        let mut seconds = Seconds::default();
        if let Some(second) = recorder.seconds.get(at) {
            seconds.at(at).add(second);
        }
        let stretch = Stretch::of(&Snapshot {
            n: at + 1,
            from: u64::from(at) * SECOND,
            to: u64::from(at + 1) * SECOND,
            connections: None,
            recorder: Recorder {
                tally: Tally::default(),
                seconds,
            },
        });
        outline.add(at + 1, stretch);
    }
    outline
}

pub fn report(facts: &Facts, target: Target, lost: Option<u32>) -> RunReport {
    report_with(facts, target, lost, |_, _| {})
}

/// Returns a report like [`report()`]. The function `tune` may change the health measurements of each worker.
pub fn report_with(facts: &Facts, target: Target, lost: Option<u32>, tune: impl Fn(u32, &mut Health)) -> RunReport {
    let plan = plan();
    let mut seconds = Seconds::default();
    let mut parts = Vec::new();
    for shard in 0..plan.shards {
        let dies = lost == Some(shard);
        let mut recorder = record(&plan, shard, if dies { 17 * SECOND } else { u64::MAX }, target);
        if dies {
            // Two requests of the worker were in flight at the last snapshot.
            let sample = SampleKind::Measured { request: 0.into() };
            for _ in 0..2 {
                recorder.sent(sample, 17 * SECOND);
                recorder.abandoned(sample);
            }
        }
        seconds.add(&recorder.seconds);
        let mut part = part(&plan, shard, &recorder);
        if dies {
            part.state = SliceState::Lost("no snapshot for 15 s".to_owned());
            part.health = None;
            part.paced_until = 17 * SECOND;
        }
        if let Some(health) = &mut part.health {
            tune(shard, health);
        }
        parts.push(part);
    }
    let facts = Facts {
        timeline: timeline(&plan, u64::MAX, target),
        ..facts.clone()
    };
    RunReport::new(&plan, &facts, &parts, &Series::of(&seconds))
}

/// Returns the report of a run that passed.
pub fn finished() -> RunReport {
    report(&facts(), healthy, None)
}

pub fn with_a_lost_worker() -> RunReport {
    report(&facts(), healthy, Some(1))
}

pub fn crossed() -> RunReport {
    report(&facts(), troubled, None)
}

/// Returns the report of a run on functions in us-east-1. The run has three workers. One worker has no receipt, one
/// worker has two receipts, and one worker was lost.
pub fn priced(account: bool) -> RunReport {
    let mut plan = plan();
    plan.fleet = "lambda".to_owned();
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    plan.cost = Some(estimate(
        &plan,
        &fleet,
        &habits(),
        &BTreeMap::new(),
        &PriceTable::builtin(),
    ));
    // The plan is encoded and decoded, as if the plan had been read from the store.
    let plan = Plan::decode(&plan.encode()).unwrap();
    let mut seconds = Seconds::default();
    let parts: Vec<SliceReport> = (0..plan.shards)
        .map(|shard| {
            let recorder = record(&plan, shard, u64::MAX, healthy);
            seconds.add(&recorder.seconds);
            let mut part = part(&plan, shard, &recorder);
            let health = part.health.as_mut().unwrap();
            health.ran = Some(38 * SECOND + 1);
            health.requests = Some(Requests {
                writes: 38,
                lists: 0,
                reads: 90,
                written_bytes: 150_000,
                read_bytes: 3_000,
            });
            if shard == 2 {
                part.state = SliceState::Lost("no snapshot for 15 s".to_owned());
                part.health = None;
            }
            part
        })
        .collect();
    let receipt = |shard, milliseconds, left| Receipt {
        shard,
        slice: 0,
        billed: Some(Billed {
            milliseconds,
            memory_mb: 1_769,
        }),
        left,
    };
    let facts = Facts {
        receipts: vec![receipt(0, 41, true), receipt(0, 38_200, false)],
        launcher: Some(Requests {
            writes: 7,
            lists: 150,
            reads: 600,
            written_bytes: 9_000,
            read_bytes: 1 << 20,
        }),
        ..self::facts()
    };
    let facts = if account { facts } else { self::facts() };
    RunReport::new(&plan, &facts, &parts, &Series::of(&seconds))
}

/// A scenario with ten users, who join within 10 s and stay for 10 s. Each user sends one request after another.
pub const USERS: &str = "
name: browsing
target: https://shop.example.com
load:
  - ramp_users: { from: 0, to: 10, duration: 10s }
  - users: { users: 10, duration: 10s }
think_time: 100ms
requests: [ { name: item, url: /items } ]
";

/// Returns the plan and the report of a run of the scenario [`USERS`].
pub fn closed_loop() -> (Plan, RunReport) {
    let plan = planned(USERS);
    let population = plan.only().users().unwrap();
    let mut recorders: Vec<Recorder> = (0..plan.shards).map(|_| Recorder::new(1)).collect();
    let mut k = 0;
    for user in 0..population.users() {
        let recorder = &mut recorders[(user % plan.shards) as usize];
        for span in population.presence(user) {
            let mut due = span.start;
            while due < span.end {
                let outcome = healthy(k, due).unwrap();
                let sample = SampleKind::Measured { request: 0.into() };
                recorder.sent(sample, outcome.sent);
                recorder.finished(sample, &outcome);
                due = outcome.done + 100 * MILLISECOND;
                k += 1;
            }
        }
    }
    let mut seconds = Seconds::default();
    let parts: Vec<SliceReport> = (0..)
        .zip(&recorders)
        .map(|(shard, recorder)| {
            seconds.add(&recorder.seconds);
            part(&plan, shard, recorder)
        })
        .collect();
    let report = RunReport::new(&plan, &facts(), &parts, &Series::of(&seconds));
    (plan, report)
}

/// Returns the report of a run in which one of every twelve arrivals fails. The failed arrivals have different kinds of
/// failures.
pub fn with_every_failure() -> RunReport {
    report(&facts(), failing, None)
}

fn failing(k: u64, due: u64) -> Option<Outcome> {
    let outcome = healthy(k, due)?;
    let kind = Failure::ALL[(k / 12) as usize % Failure::ALL.len()];
    if !k.is_multiple_of(12) {
        return Some(outcome);
    }
    let answered = matches!(kind, Failure::Status | Failure::Check | Failure::BodyTooLarge);
    Some(Outcome {
        result: Err(kind),
        code: answered.then_some(Code::Http(503)),
        first_byte: outcome.first_byte.filter(|_| answered),
        body_bytes: 0,
        ..outcome
    })
}

/// Returns the report of a run that its `abort_if` rule stopped after 15 s.
pub fn aborted() -> RunReport {
    let plan = plan();
    let facts = Facts {
        stopped: Some("`abort_if: errors > 20% for 10s` is broken".to_owned()),
        rule: Some("errors > 20% for 10s".to_owned()),
        ended: Some(15 * SECOND),
        timeline: timeline(&plan, 15 * SECOND, failing),
        ..facts()
    };
    let mut seconds = Seconds::default();
    let parts: Vec<SliceReport> = (0..plan.shards)
        .map(|shard| {
            let recorder = record(&plan, shard, 15 * SECOND, failing);
            seconds.add(&recorder.seconds);
            let mut part = part(&plan, shard, &recorder);
            part.state = SliceState::Ended(SliceEnd::Stopped);
            part.paced_until = 15 * SECOND;
            part
        })
        .collect();
    RunReport::new(&plan, &facts, &parts, &Series::of(&seconds))
}

/// Returns the runs whose report pages are tested. Each run has a name, a plan and a report.
pub fn shown() -> Vec<(&'static str, Plan, RunReport)> {
    let (browsing, closed) = closed_loop();
    let (ramp, ramped) = ramped();
    let (shop_plan, shop) = flows::shop(3, 0);
    vec![
        ("local", plan(), finished()),
        ("lambda", plan(), priced(true)),
        ("aborted", plan(), aborted()),
        ("dropped", plan(), crossed()),
        ("every_failure", plan(), with_every_failure()),
        ("lost_worker", plan(), with_a_lost_worker()),
        ("closed_loop", browsing, closed),
        ("ramp", ramp, ramped),
        ("never_started", plan(), never_started()),
        ("shop", shop_plan, shop),
    ]
}

/// A scenario whose rate increases until the target becomes slow.
pub const RAMP: &str = "
name: ramp
target: https://shop.example.com
load: { ramp: { from: 10/s, to: 200/s, ramp_duration: 30s } }
requests:
  - { name: item, weight: 3, url: /items }
  - { name: order, weight: 1, url: /orders }
";

/// Returns the plan and the report of a run of the scenario [`RAMP`].
pub fn ramped() -> (Plan, RunReport) {
    let slower: Target = |k, due| {
        let outcome = healthy(k, due)?;
        let rate = 10 + 190 * due / (30 * SECOND);
        let done = outcome.done + rate * rate / 100 * MILLISECOND;
        Some(Outcome { done, ..outcome })
    };
    let plan = planned(RAMP);
    let mut seconds = Seconds::default();
    let parts: Vec<SliceReport> = (0..plan.shards)
        .map(|shard| {
            let mut recorder = record(&plan, shard, u64::MAX, slower);
            for nanos in (1..=40).map(|k| k * MILLISECOND / 20) {
                let openings = &mut recorder.tally.openings;
                openings.record("https://shop.example.com:443", Step::Connect, nanos);
                openings.record("https://shop.example.com:443", Step::Tls, nanos * 9);
            }
            seconds.add(&recorder.seconds);
            part(&plan, shard, &recorder)
        })
        .collect();
    let mut timeline = timeline(&plan, u64::MAX, slower);
    for (at, times) in (1..).zip(&mut Arc::make_mut(&mut timeline).times) {
        for nanos in (1..=4).map(|k| (k + at) * MILLISECOND / 20) {
            times.openings.connect.record(nanos);
            times.openings.tls.record(nanos * 9);
        }
    }
    let facts = Facts { timeline, ..facts() };
    let report = RunReport::new(&plan, &facts, &parts, &Series::of(&seconds));
    (plan, report)
}

pub fn never_started() -> RunReport {
    let plan = plan();
    let parts: Vec<SliceReport> = (0..plan.shards)
        .map(|shard| SliceReport {
            worker: (shard > 0).then(|| format!("host-{shard}")),
            state: SliceState::Lost("not ready at the start".to_owned()),
            health: None,
            ..part(&plan, shard, &Recorder::new(plan.requests.len()))
        })
        .collect();
    let facts = Facts {
        started: None,
        stopped: Some("2 of 3 workers were ready after 30 s".to_owned()),
        rule: None,
        left_out: Vec::new(),
        damaged: BTreeMap::from([("shards/00000/00000/claim".to_owned(), "it is not JSON".to_owned())]),
        ..Facts::default()
    };
    RunReport::new(&plan, &facts, &parts, &Series::default())
}
