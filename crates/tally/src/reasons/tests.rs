//! Tests of the table of reasons against a slow but obvious implementation.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The request, the kind and the reason of a recorded failure.
type Label = (RequestIndex, Failure, Reason);

/// One failure: its label and its arrival number.
fn failure() -> impl Strategy<Value = (Label, u64)> {
    (0usize..2, 0..Cause::ALL.len(), 0u32..4, 0u32..12, 0u64..1_000).prop_map(|(request, cause, detail, origin, k)| {
        let cause = Cause::ALL[cause % 18];
        let kind = cause.kind().unwrap();
        let reason = Reason {
            cause,
            detail: detail.to_string(),
            origin: format!("http://{origin}.example:80"),
        };
        ((request.into(), kind, reason), k)
    })
}

/// Returns the expected table. The function is slow, because it keeps all failures, and truncates the table once at the
/// end.
fn expected(failures: &[(Label, u64)]) -> BTreeMap<Label, Occurrences> {
    let mut all: BTreeMap<Label, (u64, BTreeSet<u64>)> = BTreeMap::new();
    for (label, k) in failures {
        let (count, first) = all.entry(label.clone()).or_default();
        *count += 1;
        first.insert(*k);
    }
    let groups: BTreeSet<(RequestIndex, Failure)> = all.keys().map(|(request, kind, _)| (*request, *kind)).collect();
    let kept = groups.into_iter().flat_map(|group| {
        let mut labels: Vec<&Label> = all.keys().filter(|label| (label.0, label.1) == group).collect();
        labels.sort_by_key(|label| label.2.clone());
        labels.into_iter().take(Reasons::KEPT_MAX).cloned().collect::<Vec<_>>()
    });
    let seen = |label: &Label| Occurrences {
        count: all[label].0,
        first: all[label].1.iter().take(Occurrences::FIRST_MAX).copied().collect(),
    };
    kept.map(|label| (label.clone(), seen(&label))).collect()
}

fn labels(reasons: &Reasons) -> BTreeMap<Label, Occurrences> {
    reasons
        .iter()
        .map(|(request, kind, reason, seen)| ((request, kind, reason.clone()), seen.clone()))
        .collect()
}

fn record(reasons: &mut Reasons, (request, kind, reason): &Label, k: u64) {
    let mut seen = Occurrences::default();
    seen.count(k);
    reasons.record(*request, *kind, reason.clone(), &seen);
}

proptest! {
    /// Failures can be distributed over workers, and tables can be merged in any order and nesting. In every case, the
    /// sum is the table of all failures, with exact counts.
    #[test]
    fn merging_parts_in_any_order_equals_recording_the_whole(
        failures in prop::collection::vec(failure(), 0..400),
        parts in 1usize..6,
        rotate in 0usize..6,
        nested in any::<bool>(),
    ) {
        let mut tables = vec![Reasons::default(); parts];
        for (n, (label, k)) in failures.iter().enumerate() {
            record(&mut tables[(n * 7 + *k as usize) % parts], label, *k);
        }
        tables.rotate_left(rotate % parts);
        let merged = if nested {
            tables.iter().rev().fold(Reasons::default(), |sum, table| {
                let mut one = table.clone();
                one.add(&sum);
                one
            })
        } else {
            let mut sum = Reasons::default();
            tables.iter().for_each(|table| sum.add(table));
            sum
        };
        prop_assert_eq!(labels(&merged), expected(&failures));
        for request in [0, 1].map(RequestIndex::from) {
            for kind in Failure::ALL {
                let of = failures.iter().filter(|((at, of, _), _)| (*at, *of) == (request, kind)).count();
                prop_assert!(merged.known(request, kind) <= of as u64);
            }
        }
    }
}

#[test]
fn a_table_bounds_its_reasons_and_their_texts() {
    let mut reasons = Reasons::default();
    for host in 0..1_000 {
        let reason = Reason {
            cause: Cause::Refused,
            detail: "é".repeat(500),
            origin: format!("http://{host}.{}", "x".repeat(1_000)),
        };
        record(&mut reasons, &(0.into(), Failure::Connect, reason), host);
    }
    assert_eq!(reasons.iter().count(), Reasons::KEPT_MAX);
    assert_eq!(reasons.known(0.into(), Failure::Connect), Reasons::KEPT_MAX as u64);
    for (_, _, reason, _) in reasons.iter() {
        assert_eq!(reason.detail.len(), Reasons::DETAIL_MAX);
        assert_eq!(reason.origin.len(), Reasons::ORIGIN_MAX);
    }
}
