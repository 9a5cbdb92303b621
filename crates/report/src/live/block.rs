//! Shows the progress of a run as a block of lines on a terminal. The block is redrawn in place.
//!
//! Invariant: on the same terminal, the block has the same number of lines at every moment of a run, and no line is
//! wider than the terminal. So no line changes its position.

use super::{FlowProgress, Progress, SnapshotSink};
use crate::layout::{Cell, Table};
use crate::percentiles;
use crate::show::{count, share};
use crate::verdict::Judged;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plan::span;
use std::time::Duration;
use tally::histogram::Histogram;
use tally::outcome::Failure;
use terminal_size::{Width, terminal_size_of};
use textwrap::core::display_width;

/// The maximum number of redraws per second, because the block would flicker at a higher rate.
const REDRAWS: u8 = 4;
/// The minimum width for which the block is laid out. On a narrower terminal, the lines are cut off.
const COLUMNS_MIN: usize = 40;
const COLUMNS_MAX: usize = 120;
/// The number of columns if the width of the terminal is unknown.
const COLUMNS_USUAL: usize = 80;
/// The minimum width for the wide form of the block. In this form, the heading is one line, and all rates are on one
/// line.
const ROOMY: usize = 76;
/// The width of the column of labels.
const LABEL: usize = 9;
/// The minimum length of the progress bar in characters. The next constant is the maximum length of the bar.
const BAR_MIN: usize = 8;
const BAR_MAX: usize = 40;
const NAME_MAX: usize = 24;
/// The maximum number of thresholds that the block lists.
const THRESHOLDS: usize = 3;

/// A display that redraws a block of lines on a terminal in place.
#[derive(Debug)]
pub struct ProgressBlock(ProgressBar);

impl ProgressBlock {
    /// Returns a block on stderr.
    pub fn new() -> ProgressBlock {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAWS));
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        ProgressBlock(bar)
    }
}

impl Default for ProgressBlock {
    fn default() -> ProgressBlock {
        ProgressBlock::new()
    }
}

impl Drop for ProgressBlock {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl SnapshotSink for ProgressBlock {
    fn publish(&mut self, progress: &Progress) {
        // The width is read for each redraw, because the user may resize the terminal.
        let columns = terminal_size_of(std::io::stderr()).map(|(Width(columns), _)| usize::from(columns));
        let columns = columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS_USUAL);
        self.0.set_message(block(progress, columns));
        self.0.tick();
    }
}

/// Returns the lines of the block for a terminal with this number of columns.
fn block(progress: &Progress, columns: usize) -> String {
    let width = columns.clamp(COLUMNS_MIN, COLUMNS_MAX);
    let mut lines = heading(progress, width);
    lines.extend(progress.flows.as_ref().map(|flows| flows_line(flows, width)));
    lines.extend(rates(progress, width));
    lines.extend(timings(progress, width));
    lines.push(entry("errors", &errors(progress, width - LABEL)));
    let retries = (progress.retries > 0).then(|| format!("{} retries", count(progress.retries)));
    let dropped = [count(progress.dropped)].into_iter().chain(retries);
    lines.push(entry("dropped", &fitting(dropped, width - LABEL)));
    lines.push(entry("workers", &fitting(workers(progress), width - LABEL)));
    lines.extend(thresholds(&progress.thresholds, width));
    // If the terminal is narrower than the minimum width, each line is cut off at the width of the terminal.
    let lines = lines.iter().map(|line| cut(line, columns.min(width)));
    lines.collect::<Vec<_>>().join("\n")
}

fn entry(label: &str, text: &str) -> String {
    format!("{label:<LABEL$}{text}")
}

/// Returns a text of at most `most` columns. If the text is cut off, it ends with `…`.
fn cut(text: &str, most: usize) -> String {
    if display_width(text) <= most {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if display_width(&shown) + display_width(&character.to_string()) + 1 > most {
            break;
        }
        shown.push(character);
    }
    shown.truncate(shown.trim_end().len());
    shown + "…"
}

/// Returns as many of the parts, in order, as fit into `room` columns.
fn fitting(parts: impl IntoIterator<Item = String>, room: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { "  " };
        if display_width(&line) + gap.len() + display_width(&part) > room {
            break;
        }
        line.push_str(gap);
        line.push_str(&part);
    }
    line
}

/// Returns the name, the bar and the time of the run, in one line, or in two lines if the block is narrow.
fn heading(progress: &Progress, width: usize) -> Vec<String> {
    let elapsed = progress.elapsed.unwrap_or(0).max(0) as u64;
    let whole = |nanos: u64| span::show(Duration::from_secs(nanos.div_ceil(1_000_000_000)));
    let (now, length) = (whole(elapsed.min(progress.length)), whole(progress.length));
    let (time, state) = match progress.elapsed {
        _ if progress.stopping => (format!("{now} of {length}"), "stopping".to_owned()),
        None => (length.clone(), "waiting for workers".to_owned()),
        Some(until @ ..0) => (length.clone(), format!("starting in {:.1} s", -until as f64 / 1e9)),
        Some(_) if elapsed >= progress.length => (length.clone(), "waiting for the last answers".to_owned()),
        Some(_) => (
            format!("{now} of {length}"),
            format!("{} left", whole(progress.length - elapsed)),
        ),
    };
    let name = cut(&progress.scenario, NAME_MAX);
    let bar = |room: usize| {
        let bar = room.clamp(BAR_MIN, BAR_MAX);
        let filled = u128::from(elapsed.min(progress.length)) * bar as u128 / u128::from(progress.length.max(1));
        let filled = filled as usize;
        format!("{}{}", "█".repeat(filled), "░".repeat(bar - filled))
    };
    // The width of the bar depends on the longest text that a run of less than an hour needs. So the bar has the same
    // length at every moment.
    if width < ROOMY {
        let room = width - "59m59s of 59m59s".len() - 2;
        return vec![format!("{name}  {state}"), format!("{}  {time}", bar(room))];
    }
    let room = width.saturating_sub(display_width(&name) + 4 + "59m59s, waiting for the last answers".len());
    vec![format!("{name}  {}  {time}, {state}", bar(room))]
}

fn rates(progress: &Progress, width: usize) -> Vec<String> {
    let last = progress.last.as_ref();
    let known = |number: Option<u64>| number.map_or("–".to_owned(), |number| format!("{}/s", count(number)));
    // An arrival that is a flow sends several requests, so the planned rate of arrivals is not the rate of requests.
    let planned = match progress.flows {
        None => format!("{:>11} planned", known(progress.planned_last)),
        Some(_) => format!("{:>11} arrivals", known(progress.planned_last)),
    };
    let sent = format!("{:>11} sent", known(last.map(|second| second.counts.sent)));
    let completed = format!("{:>11} completed", known(last.map(|second| second.counts.completed)));
    match width < ROOMY {
        true => vec![entry("rate", &planned), entry("", &completed)],
        false => vec![entry("rate", &[planned, sent, completed].join("  "))],
    }
}

fn flows_line(flows: &FlowProgress, width: usize) -> String {
    let parts = [
        (flows.started, "started"),
        (flows.completed, "completed"),
        (flows.failed, "failed"),
    ];
    let room = if width < ROOMY { 0 } else { 11 };
    let parts = parts.map(|(number, word)| format!("{:>room$} {word}", count(number)));
    entry("flows", &fitting(parts, width - LABEL))
}

fn timings(progress: &Progress, width: usize) -> Vec<String> {
    let nothing = Histogram::default();
    let last = progress.last.as_ref().map_or(&nothing, |second| &second.latency);
    let rows = [
        ("  last second", last),
        ("  overall", &progress.latency),
        ("lag", &progress.lag),
    ];
    let cells = |values| percentiles::cells(values).collect::<Vec<Cell>>();
    let table = Table {
        title: "latency",
        names: 13,
        columns: &percentiles::columns(&[]),
        rows: rows.map(|(name, values)| (name, cells(values))).into(),
    };
    table.lines(width).into_iter().map(|line| line.plain()).collect()
}

fn errors(progress: &Progress, room: usize) -> String {
    let done = progress.completed + progress.failed;
    let all = match (progress.failed, done) {
        (_, 0) => "–".to_owned(),
        (0, _) => "none".to_owned(),
        (failed, done) => share(failed, done),
    };
    let mut kinds: Vec<(&Failure, &u64)> = progress.failures.iter().collect();
    kinds.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let kinds = kinds
        .iter()
        .map(|(kind, number)| format!("{} {}", kind.name(), count(**number)));
    listed(all, &kinds.collect::<Vec<_>>(), room)
}

/// Returns `first` and as many of `others` as fit into `room` columns, with the number of omitted texts.
fn listed(first: String, others: &[String], room: usize) -> String {
    for shown in (0..=others.len()).rev() {
        let mut line = [std::slice::from_ref(&first), &others[..shown]].concat().join("  ");
        if shown < others.len() {
            line.push_str(&format!("  and {} more", others.len() - shown));
        }
        if display_width(&line) <= room {
            return line;
        }
    }
    first
}

fn workers(progress: &Progress) -> impl Iterator<Item = String> {
    let cost = progress.cost.map(|cost| format!("·  cost so far {cost}"));
    [
        format!("{}/{} ready", progress.workers_in, progress.workers),
        format!("{} done", progress.workers_done),
        format!("{} missing", progress.workers_missing),
    ]
    .into_iter()
    .chain(cost)
}

/// Returns lines about the thresholds so far: first the thresholds that are not met, then those whose value is closest
/// to the limit.
fn thresholds(all: &[Judged], width: usize) -> Vec<String> {
    let mut all: Vec<&Judged> = all.iter().collect();
    all.sort_by(|one, other| {
        one.kept
            .cmp(&other.kept)
            .then(distance(one).total_cmp(&distance(other)))
    });
    let room = width - LABEL;
    let mut lines: Vec<String> = all
        .iter()
        .take(THRESHOLDS)
        .map(|judged| {
            let word = judged.value.map_or("–", |_| judged.word());
            let measured = match judged.value {
                Some(_) => cut(&judged.measured, room / 2),
                None => String::new(),
            };
            let text = cut(&judged.threshold, room - display_width(&measured) - 2);
            entry(word, format!("{text}  {measured}").trim_end())
        })
        .collect();
    if let Some(others) = all.get(THRESHOLDS..).filter(|others| !others.is_empty()) {
        let not_met = others.iter().filter(|judged| judged.value.is_some() && !judged.kept);
        let not_met = match not_met.count() {
            0 => String::new(),
            number => format!(", {number} not met"),
        };
        lines.push(entry("", &format!("and {} more{not_met}", others.len())));
    }
    lines
}

/// Returns the distance between a value and its limit, divided by the larger of these two numbers. The distance is
/// infinite if the value is 0 or missing.
fn distance(judged: &Judged) -> f64 {
    match judged.value {
        Some(value) if value > 0.0 => (judged.limit - value).abs() / judged.limit.max(value),
        Some(_) | None => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::tests::second;
    use plan::cost::money::Money;

    fn judged(threshold: &str, kept: bool, value: Option<f64>, limit: f64, measured: &str) -> Judged {
        Judged {
            threshold: threshold.to_owned(),
            kept,
            measured: measured.to_owned(),
            value,
            limit,
        }
    }

    /// Returns the thresholds of the run, with or without measured values.
    fn judgements(measured: bool) -> Vec<Judged> {
        let all = [
            judged("latency p99 < 250ms", true, Some(99.0), 250.0, "99ms"),
            judged(
                "latency p99.9 of checkout-with-a-long-name < 100ms",
                true,
                Some(99.9),
                100.0,
                "99.9ms",
            ),
            judged(
                "dropped <= 10",
                false,
                Some(12.0),
                10.0,
                "12 of 180,012 arrivals (0.0067%)",
            ),
            judged("errors < 1%", true, Some(0.005), 0.01, "0.5%"),
            judged("errors of home <= 0%", true, Some(0.0), 0.0, "0%"),
        ];
        let nothing = |judged: Judged| Judged {
            value: None,
            kept: false,
            measured: "nothing was measured".to_owned(),
            ..judged
        };
        all.map(|judged| if measured { judged } else { nothing(judged) }).into()
    }

    fn waiting() -> Progress {
        Progress {
            scenario: "checkout".to_owned(),
            workers: 4,
            workers_in: 2,
            length: 312_000_000_000,
            thresholds: judgements(false),
            ..Progress::default()
        }
    }

    fn busy() -> Progress {
        let mut progress = Progress {
            elapsed: Some(72_300_000_000),
            workers_in: 4,
            workers_missing: 1,
            planned_last: Some(2_500),
            last: Some(second(2_400)),
            sent: 180_000,
            completed: 179_000,
            failed: 900,
            dropped: 12,
            retries: 40,
            failures: Failure::ALL
                .iter()
                .zip([1, 2, 300, 4, 500, 6, 7])
                .map(|(kind, count)| (*kind, count))
                .collect(),
            cost: Money::parse("0.0123usd").ok(),
            thresholds: judgements(true),
            ..waiting()
        };
        (1..=100_000).for_each(|number| progress.latency.record(number * 1_000));
        (1..=100_000).for_each(|number| progress.lag.record(number));
        progress
    }

    fn with_flows() -> Progress {
        Progress {
            flows: Some(FlowProgress {
                started: 60_000,
                completed: 59_400,
                failed: 300,
            }),
            ..busy()
        }
    }

    #[test]
    fn the_block_of_a_scenario_with_flows() {
        insta::assert_snapshot!(block(&with_flows(), 80));
        insta::assert_snapshot!(block(&with_flows(), 40));
    }

    #[test]
    fn the_block_of_a_narrow_terminal() {
        insta::assert_snapshot!(block(&busy(), 40));
    }

    #[test]
    fn the_block_of_a_usual_terminal() {
        insta::assert_snapshot!(block(&busy(), 80));
    }

    #[test]
    fn the_block_of_a_wide_terminal() {
        insta::assert_snapshot!(block(&busy(), 120));
    }

    #[test]
    fn the_block_before_the_start() {
        insta::assert_snapshot!(block(&waiting(), 80));
    }

    #[test]
    fn the_block_has_the_same_lines_at_every_moment_and_fits_its_terminal() {
        let mut huge = busy();
        huge.scenario = "a scenario of the longest name that there may be".to_owned();
        huge.length = 90_000_000_000_000;
        huge.elapsed = Some(86_399_000_000_000);
        (huge.workers, huge.workers_in, huge.workers_done) = (10_000, 10_000, 9_999);
        huge.planned_last = Some(12_345_678);
        let mut over = busy();
        over.elapsed = Some(400_000_000_000);
        let stopping = Progress {
            stopping: true,
            ..busy()
        };
        let starting = Progress {
            elapsed: Some(-1_500_000_000),
            ..waiting()
        };
        for columns in [20, 40, 60, 76, 80, 100, 120, 200] {
            let lines = block(&busy(), columns).lines().count();
            for progress in [&waiting(), &starting, &busy(), &stopping, &over, &huge] {
                let block = block(progress, columns);
                assert_eq!(block.lines().count(), lines, "{columns}:\n{block}");
                assert!(
                    block.lines().all(|line| display_width(line) <= columns),
                    "{columns}:\n{block}"
                );
            }
        }
    }

    #[test]
    fn the_most_urgent_thresholds_come_first() {
        let lines = thresholds(&judgements(true), 80);
        let begins = [
            "not met  dropped <= 10",
            "met      latency p99.9 of",
            "met      errors < 1%",
            "         and 2 more",
        ];
        assert_eq!(lines.len(), begins.len());
        for (line, begin) in lines.iter().zip(begins) {
            assert!(line.starts_with(begin), "{lines:?}");
        }
    }
}
