//! Checks the `abort_if` rules of a run against its merged live snapshots.

use crate::gather::RunRecord;
use plan::abort::{AbortRule, ObservedSecond};
use plan::threshold::Statistic;
use tally::seconds::Second;

/// The progress of checking the `abort_if` rules of a run, second by second.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The first second that has not been checked yet, in seconds after T0.
    next: u32,
    /// For each rule, the number of consecutive seconds before `next` that broke the rule.
    in_a_row: Vec<u32>,
}

/// A rule of `abort_if` that the run has broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenRule {
    pub rule: String,
    /// A sentence for the user, with the rule, the seconds that broke the rule, and the last value.
    pub why: String,
}

impl Rules {
    /// Checks the seconds that have become complete since the last call. Returns the first rule that is broken; `None`
    /// if no rule is broken.
    pub(crate) fn check(&mut self, record: &RunRecord) -> Option<BrokenRule> {
        let rules = &record.plan.abort_if;
        if rules.is_empty() {
            return None;
        }
        self.in_a_row.resize(rules.len(), 0);
        let until = record.whole_until();
        while self.next < until {
            let at = self.next;
            self.next += 1;
            let Some(second) = record.merged.second(at) else {
                // The record keeps only the newest seconds one by one, and this second is older. The second had passed
                // before this follower began to follow the run.
                self.in_a_row.fill(0);
                continue;
            };
            for (rule, in_a_row) in rules.iter().zip(&mut self.in_a_row) {
                let Some(value) = broken_by(rule, &second) else {
                    *in_a_row = 0;
                    continue;
                };
                *in_a_row += 1;
                if *in_a_row >= rule.seconds {
                    let (from, to) = (at + 1 - *in_a_row, at + 1);
                    return Some(BrokenRule {
                        rule: rule.text.clone(),
                        why: format!("`abort_if: {rule}` is broken from {from} s to {to} s, last value {value}"),
                    });
                }
            }
        }
        None
    }
}

fn broken_by(rule: &AbortRule, second: &Second) -> Option<String> {
    let latency = |statistic: Statistic| (!second.latency.is_empty()).then(|| statistic.of(&second.latency));
    rule.broken_by(&ObservedSecond {
        sent: second.counts.sent,
        completed: second.counts.completed,
        failed: second.counts.failed,
        dropped: second.counts.dropped,
        latency: &latency,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::Gatherer;
    use std::time::Duration;
    use store::documents::{Claim, Document, Start};
    use store::{RunStore, keys};
    use tally::outcome::{Code, Failure, Outcome};
    use tally::snapshot::{Snapshot, SnapshotLabels};
    use tally::tally::{Recorder, SampleKind};
    use test_plans::Planned;

    const SECOND: u64 = 1_000_000_000;

    /// Returns ten seconds of a run, with one request in each second. The requests of second `fails_from` and later
    /// fail.
    fn ten_seconds(from: u64, fails_from: u64) -> Recorder {
        let mut recorder = Recorder::new(1);
        for due in (from..from + 10).map(|at| at * SECOND) {
            recorder.sent(SampleKind::Measured { request: 0.into() }, due);
            let outcome = Outcome {
                due,
                sent: due,
                done: due + 1_000_000,
                result: if due >= fails_from * SECOND {
                    Err(Failure::Status)
                } else {
                    Ok(())
                },
                code: Some(Code::Http(200)),
                body_bytes: 0,
                ..Outcome::default()
            };
            recorder.finished(SampleKind::Measured { request: 0.into() }, &outcome);
        }
        recorder
    }

    #[tokio::test]
    async fn a_rule_is_checked_second_by_second_in_a_long_run() {
        let scenario = "name: small\ntarget: http://shop.example.com\nload: { constant: { rate: 1/s, duration: 2h } }\n\
                        requests: [ { name: home } ]\nabort_if: [ errors > 20% for 7s ]\n";
        let planned = Planned::of(scenario)
            .run("r")
            .snapshot_interval(Duration::from_secs(10));
        let (store, plan) = (RunStore::memory(), planned.plan());
        let claim = Claim {
            worker: "w".to_owned(),
            claimed: 0,
            mark: 7,
            plan: None,
        };
        let start = Start {
            shards: vec![0],
            ..Start::default()
        };
        for (key, bytes) in [
            (keys::plan("r"), plan.encode()),
            (keys::claim("r", 0, 0, 1), claim.encode()),
            (keys::start("r"), start.encode()),
        ] {
            store.put(&key, bytes).await.unwrap();
        }
        let names = plan.request_names();
        let labels = SnapshotLabels {
            provenance: &claim.provenance("r", 0, 0),
            requests: &names,
            start: 0,
        };
        let mut gatherer = Gatherer::open(&store, "r").await.unwrap();
        let mut rules = Rules::default();
        let mut broken = None;
        for n in 1..=500 {
            let from = u64::from(n - 1) * 10;
            let snapshot = Snapshot {
                n,
                from: from * SECOND,
                to: (from + 10) * SECOND,
                connections: None,
                recorder: ten_seconds(from, 4_503),
            };
            store
                .put(&keys::live("r", 0, 0, n), snapshot.encode(labels))
                .await
                .unwrap();
            // At the beginning of the run, the test polls rarely, so that the test is faster.
            if n % 30 == 0 || n > 440 {
                gatherer.poll_listing().await.unwrap();
                broken = broken.or(rules.check(&gatherer.record));
            }
        }
        let why = broken.expect("requests fail from second 4503 on").why;
        assert!(why.contains("from 4503 s to 4510 s"), "{why}");
        assert_eq!(gatherer.record.merged.series().length(), 4);

        // A follower that begins late checks only the newest seconds. The counts of older seconds are added up in
        // intervals of several seconds.
        let mut late = Gatherer::open(&store, "r").await.unwrap();
        late.poll_listing().await.unwrap();
        let why = Rules::default().check(&late.record).expect("requests still fail").why;
        let fine = late.record.merged.series().fine_from();
        assert!(
            fine > 4_503 && why.contains(&format!("from {fine} s to {} s", fine + 7)),
            "{why}"
        );
    }
}
