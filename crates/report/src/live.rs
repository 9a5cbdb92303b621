//! Progress of a running run on a terminal or in a log.

use crate::show::{count, rate, share, time};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plan::cost::money::Money;
use plan::span;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;
use tally::histogram::Histogram;
use tally::outcome::Failure;
use tally::seconds::Second;

/// The progress of a run at one moment. Its numbers come from merged snapshots and results, so at the end of the run
/// they equal those of the report.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub scenario: String,
    pub workers: u32,
    /// Workers that are in, workers that have ended, and workers that are missing.
    pub workers_in: u32,
    pub workers_done: u32,
    pub workers_missing: u32,
    /// Nanoseconds since T0, negative before it; `None` before the start is written.
    pub elapsed: Option<i64>,
    /// The length of the load in nanoseconds.
    pub length: u64,
    /// Counts of all requests, measured or not.
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub retries: u64,
    pub failures: BTreeMap<Failure, u64>,
    /// The last whole second that every worker has reported, and the arrivals that were planned for it.
    pub last: Option<Second>,
    pub planned_last: Option<u64>,
    /// The latency and lag of all measured requests so far.
    pub latency: Histogram,
    pub lag: Histogram,
    /// The cost so far, on a fleet that is billed by use.
    pub cost: Option<Money>,
    pub stopping: bool,
}

/// A display of the progress of runs.
pub trait SnapshotSink {
    /// Shows the progress of a moment.
    fn publish(&mut self, progress: &Progress);
}

/// A block of a terminal, redrawn in place.
#[derive(Debug)]
pub struct Block(ProgressBar);

/// The maximum number of redraws per second: more would flicker.
const REDRAWS: u8 = 4;

impl Block {
    /// Returns a block on stderr.
    pub fn new() -> Block {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAWS));
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Block(bar)
    }
}

impl Default for Block {
    fn default() -> Block {
        Block::new()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl SnapshotSink for Block {
    fn publish(&mut self, progress: &Progress) {
        self.0.set_message(block(progress));
        self.0.tick();
    }
}

/// The number of characters of the bar.
const BAR: u64 = 24;
/// The maximum number of named kinds of failures in a block.
const KINDS: usize = 3;

/// Returns the text of the block. It always has the same number of lines, at most 80 columns wide, so that it does not
/// jump.
fn block(progress: &Progress) -> String {
    let mut lines = vec![heading(progress)];
    let last = progress.last.as_ref();
    let known = |number: Option<u64>| number.map_or("–".to_owned(), |number| format!("{}/s", count(number)));
    lines.push(format!(
        "rate      {:>10} planned  {:>10} sent  {:>10} completed",
        known(progress.planned_last),
        known(last.map(|second| second.counts.sent)),
        known(last.map(|second| second.counts.completed)),
    ));
    let of = last.map(|second| &second.latency);
    lines.push(format!("latency   {}  last second", percentiles(of)));
    lines.push(format!("          {}  overall", percentiles(Some(&progress.latency))));
    lines.push(format!("errors    {}", errors(progress)));
    let counted = |what: &str, number: u64| match number {
        0 => String::new(),
        number => format!("  ·  {} {what}", count(number)),
    };
    let counts = counted("dropped", progress.dropped) + &counted("retries", progress.retries);
    let at = |millionths| match progress.lag.is_empty() {
        true => "–".to_owned(),
        false => time(progress.lag.quantile(millionths)),
    };
    lines.push(format!("lag       p99 {}  max {}{counts}", at(990_000), at(1_000_000)));
    let cost = progress
        .cost
        .map_or_else(String::new, |cost| format!("  ·  cost so far {cost}"));
    lines.push(format!(
        "workers   {} in  {} done  {} missing of {}{cost}",
        progress.workers_in, progress.workers_done, progress.workers_missing, progress.workers
    ));
    lines.join("\n")
}

fn heading(progress: &Progress) -> String {
    let elapsed = progress.elapsed.unwrap_or(0).max(0) as u64;
    let filled =
        (u128::from(elapsed.min(progress.length)) * u128::from(BAR) / u128::from(progress.length.max(1))) as usize;
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(BAR as usize - filled));
    let whole = |nanos: u64| span::show(Duration::from_secs(nanos.div_ceil(1_000_000_000)));
    let state = match progress.elapsed {
        _ if progress.stopping => "stopping".to_owned(),
        None => "waiting for workers".to_owned(),
        Some(until @ ..0) => format!("starting in {:.1} s", -until as f64 / 1e9),
        Some(_) if elapsed >= progress.length => "waiting for the last answers".to_owned(),
        Some(_) => format!("{} left", whole(progress.length - elapsed)),
    };
    let name: String = progress.scenario.chars().take(24).collect();
    format!(
        "{name}  {bar}  {} of {}, {state}",
        whole(elapsed.min(progress.length)),
        whole(progress.length)
    )
}

fn percentiles(histogram: Option<&Histogram>) -> String {
    let at = |millionths: u32| match histogram.filter(|histogram| !histogram.is_empty()) {
        Some(histogram) => time(histogram.quantile(millionths)),
        None => "–".to_owned(),
    };
    format!(
        "p50 {:<8} p90 {:<8} p99 {:<8} max {:<8}",
        at(500_000),
        at(900_000),
        at(990_000),
        at(1_000_000)
    )
}

fn errors(progress: &Progress) -> String {
    let done = progress.completed + progress.failed;
    let mut text = match (progress.failed, done) {
        (_, 0) => "–".to_owned(),
        (0, _) => "none".to_owned(),
        (failed, done) => share(failed, done),
    };
    let mut kinds: Vec<(&Failure, &u64)> = progress.failures.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (kind, number) in kinds.iter().take(KINDS) {
        text.push_str(&format!("  {} {}", kind.name(), count(**number)));
    }
    if kinds.len() > KINDS {
        text.push_str(&format!("  and {} more", kinds.len() - KINDS));
    }
    text
}

/// Plain lines, one every few seconds, for output that is not a terminal.
#[derive(Debug)]
pub struct Lines<W> {
    out: W,
    last: Option<i64>,
}

/// Seconds between two plain lines.
const LINE_INTERVAL: i64 = 5;

impl<W: Write> Lines<W> {
    /// Returns a display that writes lines to `out`.
    pub fn new(out: W) -> Lines<W> {
        Lines { out, last: None }
    }
}

impl<W: Write> SnapshotSink for Lines<W> {
    fn publish(&mut self, progress: &Progress) {
        let tick = progress.elapsed.map(|at| at.div_euclid(LINE_INTERVAL * 1_000_000_000));
        if tick.is_some() && tick != self.last {
            self.last = tick;
            // A closed stderr does not end a run.
            let _ = writeln!(self.out, "{}", line(progress));
        }
    }
}

fn line(progress: &Progress) -> String {
    let Some(elapsed) = progress.elapsed else {
        return format!("{} of {} workers in", progress.workers_in, progress.workers);
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
mod tests {
    use super::*;

    /// Returns a second with this number of sent and completed requests, each with another latency.
    fn second(completed: u64) -> Second {
        let mut second = Second::default();
        second.counts.sent = completed;
        second.counts.completed = completed;
        (1..=completed).for_each(|number| second.latency.record(number * 10_000));
        second
    }

    #[test]
    fn the_block_has_the_same_number_of_lines_during_a_run() {
        let mut progress = Progress {
            scenario: "checkout".to_owned(),
            workers: 4,
            workers_in: 2,
            length: 312_000_000_000,
            ..Progress::default()
        };
        insta::assert_snapshot!(block(&progress), @r"
        checkout  ░░░░░░░░░░░░░░░░░░░░░░░░  0s of 5m12s, waiting for workers
        rate               – planned           – sent           – completed
        latency   p50 –        p90 –        p99 –        max –         last second
                  p50 –        p90 –        p99 –        max –         overall
        errors    –
        lag       p99 –  max –
        workers   2 in  0 done  0 missing of 4
        ");
        progress.elapsed = Some(72_300_000_000);
        progress.workers_in = 4;
        progress.workers_missing = 1;
        progress.planned_last = Some(2_500);
        progress.last = Some(second(2_400));
        (1..=100_000).for_each(|number| progress.latency.record(number * 1_000));
        (1..=100_000).for_each(|number| progress.lag.record(number));
        (progress.sent, progress.completed, progress.failed, progress.dropped) = (180_000, 179_000, 900, 12);
        progress.retries = 40;
        progress.failures = Failure::ALL
            .iter()
            .zip([1, 2, 300, 4, 500, 6, 7])
            .map(|(kind, count)| (*kind, count))
            .collect();
        progress.cost = Money::parse("0.0123usd").ok();
        let busy = block(&progress);
        insta::assert_snapshot!(busy, @r"
        checkout  █████░░░░░░░░░░░░░░░░░░░  1m13s of 5m12s, 4m left
        rate         2,500/s planned     2,400/s sent     2,400/s completed
        latency   p50 12ms     p90 21.6ms   p99 23.8ms   max 24ms      last second
                  p50 50ms     p90 90ms     p99 99ms     max 100ms     overall
        errors    0.5%  timeout 500  connect 300  protocol 7  and 4 more
        lag       p99 99us  max 100us  ·  12 dropped  ·  40 retries
        workers   4 in  0 done  1 missing of 4  ·  cost so far $0.012
        ");
        assert!(busy.lines().all(|line| line.chars().count() <= 80), "{busy}");
        progress.elapsed = Some(400_000_000_000);
        progress.stopping = true;
        assert_eq!(block(&progress).lines().count(), busy.lines().count());
    }

    #[test]
    fn plain_lines_are_written_every_few_seconds() {
        let mut lines = Lines::new(Vec::new());
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
