//! A run on its way, for whoever watches it.

use crate::show::{count, rate, time};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use tally::histogram::Histogram;

/// How a run is doing at one moment. Figures come from merged snapshots.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub workers: u32,
    /// Workers that are in, and those that have ended.
    pub workers_in: u32,
    pub workers_done: u32,
    /// Nanoseconds since T0, negative before it; `None` before the start is written.
    pub elapsed: Option<i64>,
    /// The length of the load in nanoseconds.
    pub length: u64,
    /// Arrivals of the whole run; `None` for a closed load.
    pub planned: Option<u64>,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// Completed in the last whole second that every worker has reported.
    pub completed_last: u64,
    pub latency: Histogram,
    pub stopping: bool,
}

/// Somebody who watches runs.
pub trait SnapshotSink {
    /// Takes the state of a moment.
    fn publish(&mut self, progress: &Progress);
}

/// One line of a terminal, redrawn in place.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A line on stderr.
    pub fn new() -> Bar {
        let bar = ProgressBar::new(1);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {msg}") {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

impl Default for Bar {
    fn default() -> Bar {
        Bar::new()
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl SnapshotSink for Bar {
    fn publish(&mut self, progress: &Progress) {
        self.0.set_length(progress.length.max(1));
        self.0.set_position(
            progress
                .elapsed
                .map_or(0, |at| at.clamp(0, progress.length as i64) as u64),
        );
        self.0.set_message(line(progress));
    }
}

/// Plain lines, one every few seconds, where there is no terminal to redraw.
#[derive(Debug)]
pub struct Lines<W> {
    out: W,
    last: Option<i64>,
}

/// Seconds between two plain lines.
const LINE_INTERVAL: i64 = 5;

impl<W: Write> Lines<W> {
    /// Lines to `out`.
    pub fn new(out: W) -> Lines<W> {
        Lines { out, last: None }
    }
}

impl<W: Write> SnapshotSink for Lines<W> {
    fn publish(&mut self, progress: &Progress) {
        let tick = progress.elapsed.map(|at| at.div_euclid(LINE_INTERVAL * 1_000_000_000));
        if tick.is_some() && tick != self.last {
            self.last = tick;
            // A closed stderr is no reason to end a run.
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
    if progress.completed_last > 0 {
        line.push_str(&format!(" · {}", rate(progress.completed_last as f64)));
    }
    if !progress.latency.is_empty() {
        let at = |millionths| time(progress.latency.quantile(millionths));
        line.push_str(&format!(" · p50 {} p99 {}", at(500_000), at(990_000)));
    }
    for (what, number) in [("failed", progress.failed), ("dropped", progress.dropped)] {
        if number > 0 {
            line.push_str(&format!(" · {} {what}", count(number)));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_come_every_few_seconds_and_say_what_matters() {
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
            progress.completed_last = 500;
            progress.failed = u64::from(tenth > 60);
            lines.publish(&progress);
        }
        insta::assert_snapshot!(String::from_utf8(lines.out).unwrap(), @r"
        starting in 1.0 s · 0 sent · 500.0/s
        0 of 12 s · 0 sent · 500.0/s
        5 of 12 s · 2,500 sent · 500.0/s
        10 of 12 s · 5,000 sent · 500.0/s · 1 failed
        ");
    }
}
