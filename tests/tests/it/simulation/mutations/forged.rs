//! Tests of forged results. A forged result has a valid format and refers to the right claim.

use super::super::world::RUN;
use super::{Judged, Run, block_on, reported};
use plan::plan::Plan;
use report::verdict::Verdict;
use store::documents::{Claim, Document};
use store::keys;
use tally::histogram::Histogram;
use tally::reasons::Reasons;
use tally::snapshot::{SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{RequestTally, Tally, Timings};
use tally::waits::LagParts;

/// A function that changes the counts of one request name in a result.
type Forgery = fn(&mut RequestTally);

fn of_one_value(count: u64) -> Histogram {
    let mut histogram = Histogram::default();
    (0..count).for_each(|_| histogram.record(1_000_000));
    histogram
}

fn fast(timings: &mut Timings) {
    for histogram in [&mut timings.latency, &mut timings.service, &mut timings.lag] {
        *histogram = of_one_value(histogram.len());
    }
}

/// Applies a forgery to all results of a run. Returns the values on which the verdict of this run depends.
fn verdict(run: Run, forgery: Forgery) -> Judged {
    let mut objects = run.objects().clone();
    let plan = Plan::decode(&objects[&keys::plan(RUN)]).expect("the document is not modified");
    let names = plan.request_names();
    for (shard, slice) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let claim = Claim::decode(&objects[&keys::claim(RUN, shard, slice, 1)]).expect("the document is not modified");
        let from = claim.provenance(RUN, shard, slice);
        let expected = plan.expected(&names, &from, Some(plan.stripe(shard)));
        let key = keys::result(RUN, shard, slice);
        let mut result = SliceResult::decode(&objects[&key], &expected).expect("the document is not modified");
        result.tally.requests.iter_mut().for_each(forgery);
        // The reasons, the latency by kind of failure, and the parts of the lag would contradict the changed counts.
        // The test removes or replaces these three values.
        result.tally.reasons = Reasons::default();
        let failed = result.tally.measured().failed;
        result.tally.failure_latency.retain(|kind, _| failed.contains_key(kind));
        result.tally.lag = LagParts::default();
        let lag = result.tally.whole().all().lag;
        result.tally.lag.generator.add(&lag);
        let labels = SnapshotLabels {
            provenance: &from,
            requests: &names,
            start: 0,
        };
        objects.insert(key, result.encode(labels).into());
    }
    Judged::new(&block_on(reported(&objects)).expect("the run can be read"))
}

#[track_caller]
fn check(run: Run, forgery: Forgery) {
    let judged = verdict(run, forgery);
    assert_eq!(judged.verdict, Verdict::Incomplete);
    let reasons = judged.reasons.join("\n");
    for (shard, slice) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let key = keys::result(RUN, shard, slice);
        assert!(
            reasons.contains(&format!(
                "{key} could not be read: the result is damaged: its snapshots count more"
            )),
            "{reasons}"
        );
    }
}

#[test]
fn a_result_with_other_latencies_than_its_snapshots_is_damaged() {
    check(Run::Crossed, |request| {
        fast(&mut request.completed);
        fast(&mut request.failed);
    });
    check(Run::Passed, |request| fast(&mut request.completed));
}

#[test]
fn a_result_with_failures_counted_as_completed_is_damaged() {
    check(Run::Crossed, |request| {
        let failed = std::mem::take(&mut request.failed);
        request.counts.completed += request.counts.failed_total();
        request.counts.failed.clear();
        request.completed.add(&failed);
    });
}

#[test]
fn a_result_with_failures_counted_as_dropped_is_damaged() {
    check(Run::Crossed, |request| {
        let failed = std::mem::take(&mut request.failed).latency.len();
        request.counts.failed.clear();
        request.counts.sent -= failed;
        request.counts.dropped += failed;
        request.counts.statuses.remove(&tally::outcome::Code::Http(500));
    });
}

#[test]
fn unmodified_results_match_their_snapshots() {
    assert_eq!(verdict(Run::Passed, |_| {}).verdict, Verdict::Passed);
}

/// The snapshot is small, but the memory for its seconds is the maximum that a reader permits.
#[test]
fn a_small_snapshot_with_many_seconds_is_read_within_the_memory_limit() {
    let objects = Run::Passed.objects();
    let plan = Plan::decode(&objects[&keys::plan(RUN)]).expect("the document is not modified");
    let names = plan.request_names();
    let claim = Claim::decode(&objects[&keys::claim(RUN, 0, 1, 1)]).expect("the document is not modified");
    let from = claim.provenance(RUN, 0, 1);
    let mut snapshot = Snapshot {
        n: 4,
        from: plan.slices[1].from,
        to: plan.slices[1].to + 3_000_000_000_000,
        connections: None,
        recorder: tally::tally::Recorder::new(names.len()),
    };
    let request = &mut snapshot.recorder.tally;
    *request = Tally::new(names.len());
    for at in 0..plan.owed(0, 1) / 2 {
        let second = snapshot.recorder.seconds.at(10 + at as u32);
        second.latency.record(1);
        second.latency.record(tally::histogram::HIGHEST_NS);
        (second.counts.sent, second.counts.completed) = (2, 2);
        snapshot.recorder.tally.unmeasured.sent += 2;
        snapshot.recorder.tally.unmeasured.completed += 2;
    }
    let labels = SnapshotLabels {
        provenance: &from,
        requests: &names,
        start: 0,
    };
    let mut objects = objects.clone();
    let key = keys::live(RUN, 0, 1, 4);
    assert!(objects.contains_key(&key));
    objects.insert(key, snapshot.encode(labels).into());
    let (broken, report) = super::bounded(|| block_on(reported(&objects)));
    assert_eq!(broken, None);
    let report = report.and_then(Result::ok).expect("the others can be read");
    assert_eq!(report.verdict, Verdict::Incomplete);
}
