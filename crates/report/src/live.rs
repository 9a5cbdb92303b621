//! Shows the progress of a run on a terminal or in a log while the run is in progress.

mod block;

use crate::arrivals::Arrivals;
use crate::part::measured_between;
use crate::show::{count, rate, time};
use crate::verdict::{Evidence, Judged, PopulationEvidence, judge};
pub use block::ProgressBlock;
use plan::cost::money::Money;
use plan::plan::Plan;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use tally::flow::FlowTally;
use tally::histogram::Histogram;
use tally::outcome::Failure;
use tally::seconds::Second;
use tally::tally::{RequestTally, Tally};

/// The progress of a run at one moment. The numbers are sums over all snapshots and results. At the end of the run,
/// these numbers equal the numbers of the report.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub scenario: String,
    pub workers: u32,
    /// The number of workers that have prepared. The next two fields count the workers that are done, and the workers
    /// that are missing.
    pub workers_in: u32,
    pub workers_done: u32,
    pub workers_missing: u32,
    /// The time since T0 in nanoseconds, negative before T0; `None` until the start of the run is written.
    pub elapsed: Option<i64>,
    /// The length of the load in nanoseconds.
    pub length: u64,
    /// The number of sent requests. This count and the next five counts include the requests of warm-up and cool-down.
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub retries: u64,
    pub failures: BTreeMap<Failure, u64>,
    /// The measured flows so far; `None` for a scenario without flows.
    pub flows: Option<FlowProgress>,
    /// The last whole second that all live workers have reported. The next field is the number of arrivals that were
    /// planned for this second.
    pub last: Option<Second>,
    pub planned_last: Option<u64>,
    /// The latency of all measured requests so far. The next field is the lag of these requests.
    pub latency: Histogram,
    pub lag: Histogram,
    /// The cost of the run so far; `None` if the fleet is not billed by use.
    pub cost: Option<Money>,
    pub stopping: bool,
    /// The results that the thresholds would have if the run ended now; empty for a scenario without thresholds.
    pub thresholds: Vec<Judged>,
}

/// The numbers of flows of a run in progress, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowProgress {
    pub started: u64,
    pub completed: u64,
    pub failed: u64,
}

impl FlowProgress {
    /// Returns the sum of the counts of all flows of a tally; `None` if the plan has no flows.
    pub fn of(plan: &Plan, tally: &Tally) -> Option<FlowProgress> {
        (!plan.flows.is_empty()).then(|| FlowProgress {
            started: tally.flows.iter().map(|flow| flow.started).sum(),
            completed: tally.flows.iter().map(|flow| flow.completed).sum(),
            failed: tally.flows.iter().map(FlowTally::failed_total).sum(),
        })
    }
}

/// Judges the thresholds of a run in progress by the measurements before `until`, which is in nanoseconds since T0.
pub fn judge_so_far(plan: &Plan, tally: &Tally, whole: &RequestTally, until: u64) -> Vec<Judged> {
    let arrivals = Arrivals::of(plan, tally);
    judge(
        &plan.thresholds,
        &Evidence {
            names: &plan.request_names(),
            flow_names: &plan.flow_names(),
            tally,
            whole,
            // An arrival that is not due yet does not count as missing.
            planned: arrivals.begun + arrivals.dropped,
            starved: whole.counts.dropped.saturating_sub(arrivals.dropped),
            measured_time: Duration::from_nanos(measured_between(plan, 0, until)),
            populations: &PopulationEvidence::of(plan, tally, until),
        },
    )
}

/// A display for the progress of a run.
pub trait SnapshotSink {
    /// Shows the progress at one moment.
    fn publish(&mut self, progress: &Progress);
}

/// A display of plain lines, one every few seconds, for output that is not a terminal.
#[derive(Debug)]
pub struct ProgressLines<W> {
    out: W,
    last: Option<i64>,
}

/// The number of seconds between two plain lines.
const LINE_INTERVAL: i64 = 5;

impl<W: Write> ProgressLines<W> {
    /// Returns a display that writes lines to `out`.
    pub fn new(out: W) -> ProgressLines<W> {
        ProgressLines { out, last: None }
    }
}

impl<W: Write> SnapshotSink for ProgressLines<W> {
    fn publish(&mut self, progress: &Progress) {
        let tick = progress.elapsed.map(|at| at.div_euclid(LINE_INTERVAL * 1_000_000_000));
        if tick.is_some() && tick != self.last {
            self.last = tick;
            // The run continues if stderr is closed.
            let _ = writeln!(self.out, "{}", line(progress));
        }
    }
}

fn line(progress: &Progress) -> String {
    let Some(elapsed) = progress.elapsed else {
        return format!("{} of {} workers ready", progress.workers_in, progress.workers);
    };
    let seconds = |nanos: i64| nanos as f64 / 1e9;
    let length = seconds(progress.length as i64);
    let mut line = match elapsed {
        ..0 => format!("starting in {:.1} s", -seconds(elapsed)),
        _ if elapsed as u64 >= progress.length => {
            format!("{} of {} workers done", progress.workers_done, progress.workers)
        }
        _ => format!("{:.0} of {length:.0} s", seconds(elapsed)),
    };
    if progress.stopping {
        line.push_str(", stopping");
    }
    if let Some(flows) = &progress.flows {
        line.push_str(&format!(" · {} flows", count(flows.started)));
        if flows.failed > 0 {
            line.push_str(&format!(", {} of them failed", count(flows.failed)));
        }
    }
    line.push_str(&format!(" · {} sent", count(progress.sent)));
    if let Some(last) = progress.last.as_ref().filter(|last| last.counts.completed > 0) {
        line.push_str(&format!(" · {}", rate(last.counts.completed as f64)));
    }
    if let Some(last) = progress.last.as_ref().filter(|last| !last.latency.is_empty()) {
        let at = |millionths| time(last.latency.quantile(millionths));
        line.push_str(&format!(" · p50 {} p99 {}", at(500_000), at(990_000)));
    }
    for (what, number) in [
        ("failed", progress.failed),
        ("dropped", progress.dropped),
        ("retries", progress.retries),
    ] {
        if number > 0 {
            line.push_str(&format!(" · {} {what}", count(number)));
        }
    }
    line
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a second with this number of sent and completed requests. Each request has a different latency.
    pub(super) fn second(completed: u64) -> Second {
        let mut second = Second::default();
        second.counts.sent = completed;
        second.counts.completed = completed;
        (1..=completed).for_each(|number| second.latency.record(number * 10_000));
        second
    }

    #[test]
    fn plain_lines_are_written_every_few_seconds() {
        let mut lines = ProgressLines::new(Vec::new());
        let mut progress = Progress {
            workers: 4,
            workers_in: 2,
            length: 12_000_000_000,
            ..Progress::default()
        };
        lines.publish(&progress);
        for tenth in -10..130 {
            progress.elapsed = Some(tenth * 100_000_000);
            progress.sent = tenth.max(0) as u64 * 50;
            progress.last = Some(second(500));
            progress.failed = u64::from(tenth > 60);
            progress.retries = 2 * u64::from(tenth > 60);
            lines.publish(&progress);
        }
        insta::assert_snapshot!(String::from_utf8(lines.out).unwrap(), @r"
        starting in 1.0 s · 0 sent · 500.0/s · p50 2.5ms p99 4.95ms
        0 of 12 s · 0 sent · 500.0/s · p50 2.5ms p99 4.95ms
        5 of 12 s · 2,500 sent · 500.0/s · p50 2.5ms p99 4.95ms
        10 of 12 s · 5,000 sent · 500.0/s · p50 2.5ms p99 4.95ms · 1 failed · 2 retries
        ");
    }
}
