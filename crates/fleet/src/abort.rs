//! A run that is given up, because merged live snapshots break a rule of its `abort_if`.

use crate::gather::RunRecord;
use plan::abort::{AbortRule, Seen};
use plan::threshold::Statistic;
use tally::seconds::Second;

/// How far the rules of a run have been looked at.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The first second that has not been.
    next: u32,
    /// How many seconds up to it have broken each rule, one after the other.
    in_a_row: Vec<u32>,
}

/// A rule that is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub rule: String,
    /// Which, since when, by how much: for people.
    pub why: String,
}

impl Rules {
    /// Looks at the seconds that have become whole since the last look.
    pub(crate) fn look(&mut self, record: &RunRecord) -> Option<Broken> {
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
                // It came long ago, before anybody followed the run from here.
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
                    return Some(Broken {
                        rule: rule.text.clone(),
                        why: format!("`abort_if: {rule}` is broken from {from} s to {to} s, at last by {value}"),
                    });
                }
            }
        }
        None
    }
}

fn broken_by(rule: &AbortRule, second: &Second) -> Option<String> {
    let latency = |statistic: Statistic| (!second.latency.is_empty()).then(|| statistic.of(&second.latency));
    rule.broken_by(&Seen {
        sent: second.counts.sent,
        completed: second.counts.completed,
        failed: second.counts.failed,
        dropped: second.counts.dropped,
        latency: &latency,
    })
}
