//! The report of a run with flows, for tests.

use crate::{SECOND, facts, healthy, part};
use plan::flow::{NextStep, Program, Walk};
use plan::mix::Drawn;
use plan::plan::{Plan, stripe};
use report::run_report::{Facts, RunReport, SliceReport};
use std::sync::Arc;
use tally::cause::Cause;
use tally::flow::FlowEnd;
use tally::interval::{Interval, IntervalTimes, Timeline};
use tally::outcome::{Code, Failure, Outcome};
use tally::reasons::{Occurrences, Reason};
use tally::seconds::Seconds;
use tally::series::Series;
use tally::tally::{Recorder, SampleKind};
use test_plans::Planned;

/// A scenario with 400 arrivals. The mix contains a single request, a flow of four steps with pauses, and a flow of one
/// step.
pub const SHOP: &str = "
name: shop
target: https://shop.example.com
load: { constant: { rate: 20/s, duration: 20s } }
requests: [ { name: home, weight: 4, url: / } ]
flows:
  - name: buy
    weight: 5
    steps:
      - { name: login, post: /login }
      - pause: 1s to 2s
      - repeat: 2
        steps:
          - { name: list, get: /items }
          - pause: 500ms
      - { name: order, post: /orders, on_failure: retry 1 }
      - { name: thanks, get: /thanks }
  - name: browse
    steps: [ { name: list, get: /items } ]
thresholds:
  - latency p95 of buy < 3s
  - session p95 of buy < 30s
  - errors of buy < 5%
  - errors of buy/order < 20%
  - rate of buy > 5/s
  - dropped <= 3%
";

/// Records the requests and flows of arrival `k`. The outcomes depend on `seed` and `k`.
fn record(plan: &Plan, recorder: &mut Recorder, k: u64, due: u64, seed: u64) {
    let luck = k.wrapping_add(seed) % 50;
    let flow = match plan.mix().drawn(k) {
        Drawn::Request(request) => {
            let (sample, outcome) = (SampleKind::Measured { request }, healthy(k, due).unwrap());
            recorder.sent(sample, outcome.sent);
            return recorder.finished(sample, &outcome);
        }
        Drawn::Flow(flow) => flow,
    };
    let spec = &plan.flows[usize::from(flow)];
    if luck == 7 {
        let request = spec.requests.start.into();
        recorder.dropped(SampleKind::Measured { request }, due + SECOND);
        return recorder.flow_dropped(flow);
    }
    recorder.flow_started(flow);
    let (program, mut walk) = (Program::new(spec), Walk::default());
    let (mut at, mut latency) = (due, 0);
    while let Some(next) = walk.next(&program, (plan.seed, k), at, &|_| None) {
        let end = step(plan, recorder, (k, luck), &next);
        match end {
            Ok(outcome) => (at, latency) = (outcome.done, latency + outcome.done - outcome.due),
            Err(end) => return recorder.flow_ended(flow, end, (0, 0), walk.rest(&program)),
        }
    }
    recorder.flow_ended(flow, FlowEnd::Completed, (latency, at - due), std::iter::empty());
}

/// Records one step of a flow, and returns the outcome of the step.
fn step(plan: &Plan, recorder: &mut Recorder, (k, luck): (u64, u64), next: &NextStep) -> Result<Outcome, FlowEnd> {
    let request = next.step.request;
    let sample = SampleKind::Measured { request };
    if luck == 11 && next.visit == 2 {
        recorder.dropped(sample, next.due + SECOND);
        return Err(FlowEnd::Starved(request));
    }
    let outcome = healthy(k + u64::from(next.visit), next.due).unwrap();
    recorder.sent(sample, outcome.sent);
    let is_order = plan.requests[usize::from(request)].name == "buy/order";
    if is_order && luck.is_multiple_of(3) {
        recorder.retried(sample, 1, outcome.done);
    }
    if !is_order || !luck.is_multiple_of(6) {
        recorder.finished(sample, &outcome);
        return Ok(outcome);
    }
    let failed = Outcome {
        result: Err(Failure::Status),
        code: Some(Code::Http(503)),
        ..outcome
    };
    recorder.finished(sample, &failed);
    let mut seen = Occurrences::default();
    seen.count(k);
    let reason = Reason {
        cause: Cause::Status,
        detail: "503".to_owned(),
        origin: "https://shop.example.com:443".to_owned(),
    };
    recorder.tally.reasons.record(request, Failure::Status, reason, &seen);
    Err(FlowEnd::Failed(request))
}

/// Returns the plan and the report of a run of [`SHOP`] with this number of workers.
pub fn shop(workers: u32, seed: u64) -> (Plan, RunReport) {
    let planned = Planned::of(SHOP).run("shop-20260301-120000-ab3d");
    let plan = planned.created(1_772_366_400 * SECOND).workers(workers).plan();
    let schedule = plan.schedule().unwrap();
    // Each second of the load has its own recorder. The timeline is made from these recorders.
    let seconds = (plan.length() / SECOND) as usize;
    let mut by_second = vec![Recorder::new(plan.requests.len()); seconds];
    let mut all = Seconds::default();
    let parts: Vec<SliceReport<'_>> = (0..plan.shards)
        .map(|shard| {
            let mut whole = Recorder::new(plan.requests.len());
            for arrival in stripe(&schedule, &plan.slices[0], shard, plan.shards) {
                let mut recorder = Recorder::new(plan.requests.len());
                record(&plan, &mut recorder, arrival.k, arrival.due, seed);
                by_second[(arrival.due / SECOND) as usize].add(&recorder);
                whole.add(&recorder);
            }
            all.add(&whole.seconds);
            part(&plan, shard, &whole)
        })
        .collect();
    let timeline = Timeline {
        width: SECOND,
        intervals: by_second.iter().map(|recorder| Interval::of(&recorder.tally)).collect(),
        times: by_second
            .iter()
            .map(|recorder| IntervalTimes::of(&recorder.tally))
            .collect(),
        connections: vec![None; seconds],
    };
    let facts = Facts {
        timeline: Arc::new(timeline),
        ..facts()
    };
    let report = RunReport::new(&plan, &facts, &parts, &Series::of(&all));
    (plan, report)
}
