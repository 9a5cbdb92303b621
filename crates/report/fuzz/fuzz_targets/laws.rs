//! Properties of stored documents, for arbitrary bytes: decoding fails, or the decoded document is encoded and decoded
//! without loss.

use plan::plan::Plan;
use report::compare::sample::RunSample;
use report::outcome::Headline;
use serde_json::Value;
use std::fmt::Debug;
use store::Location;
use store::documents::Document;
use tally::provenance::{ExpectedSnapshot, Provenance};
use tally::snapshot::{SnapshotLabels, SliceResult, Snapshot};

/// Checks a claim, a start, or another small document.
pub fn small<D: Document + Debug + PartialEq>(bytes: &[u8]) {
    if let Ok(read) = D::decode(bytes) {
        assert_eq!(D::decode(&read.encode()), Ok(read));
    }
}

/// Checks a plan, and the functions that a worker and a report call first.
pub fn plan(bytes: &[u8]) {
    let Ok(plan) = Plan::decode(bytes) else { return };
    assert_eq!(Plan::decode(&plan.encode()).as_ref(), Ok(&plan));
    if let Some(schedules) = plan.schedules() {
        assert!(plan.arrivals().is_none_or(|arrivals| arrivals == schedules.arrivals()));
    }
    assert!(plan.measured_length() <= plan.length());
    plan.cautions();
    for (index, population) in plan.populations.iter().enumerate() {
        plan::description::describe(&population.load);
        let alone = plan.alone(index);
        (alone.mix(), alone.rows(), alone.sessions());
    }
}

/// Returns the head of a log. The caller expects the provenance in this head, so that decoding passes the check of the
/// provenance.
fn head(log: &[u8]) -> Option<Value> {
    let log = std::str::from_utf8(log).ok()?;
    serde_json::from_str(log.lines().next()?.strip_prefix("#vajra-cloud ")?).ok()
}

fn with_expected(log: &[u8], check: impl Fn(&Value, &ExpectedSnapshot<'_>)) {
    let Some(head) = head(log) else { return };
    let names = ["home".to_owned(), "buy".to_owned()];
    let stated = &head["provenance"];
    let number = |name: &str| stated[name].as_u64().unwrap_or(0);
    let provenance = Provenance {
        run: stated["run"].as_str().unwrap_or_default().to_owned(),
        shard: number("shard") as u32,
        slice: number("slice") as u32,
        mark: number("mark"),
    };
    let expected = ExpectedSnapshot {
        provenance: &provenance,
        stated: false,
        requests: &names,
        flows: 0,
        arrivals_max: 10_000,
        requests_max: 1,
        span: 0..4_000_000_000_000,
    };
    check(&head, &expected);
}

fn labels<'a>(expected: &'a ExpectedSnapshot<'_>) -> SnapshotLabels<'a> {
    SnapshotLabels {
        provenance: expected.provenance,
        requests: expected.requests,
        start: 0,
    }
}

pub fn snapshot(log: &[u8]) {
    with_expected(log, |head, expected| {
        let n = head["n"].as_u64().unwrap_or(0) as u32;
        if let Ok(read) = Snapshot::decode(log, n, expected) {
            let again = read.encode(labels(expected));
            assert_eq!(Snapshot::decode(&again, n, expected), Ok(read));
        }
    });
}

pub fn result(log: &[u8]) {
    with_expected(log, |_, expected| {
        if let Ok(read) = SliceResult::decode(log, expected) {
            let again = read.encode(labels(expected));
            assert_eq!(SliceResult::decode(&again, expected), Ok(read));
        }
    });
}

pub fn baseline(bytes: &[u8]) {
    if let Ok(read) = RunSample::decode(bytes) {
        assert_eq!(RunSample::decode(&read.encode()).as_ref(), Ok(&read));
        read.whole();
    }
}

/// Checks that a report from which only the headline is read has a verdict with a word.
pub fn report(bytes: &[u8]) {
    if let Some(Headline { verdict, .. }) = Headline::of_report(bytes) {
        assert!(!verdict.word().is_empty());
    }
}

pub fn location(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(read) = text.parse::<Location>() {
        let again: Location = read.to_string().parse().expect("a printed location is valid");
        assert_eq!(again, read);
    }
}
