//! The texts of a page: the heading, the sentence about the verdict, the key figures and the balance.

use crate::percentiles;
use crate::run_report::{Balance, FlowReport, RequestReport, RunReport, begun_word};
use crate::show::{self, NOTHING, count, duration, instant, rate, rounded_percent};
use crate::text;
use crate::verdict::{Judged, Verdict, per_second};
use crate::view::{GapView, PhaseView};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Formats a time in milliseconds. Returns a dash if `ms` is `None`.
pub(crate) fn time(ms: Option<f64>) -> String {
    ms.map_or(NOTHING.to_owned(), show::time_of_ms)
}

/// Formats a number with its noun: `1 worker`, `1,200 workers`.
pub(crate) fn number_of(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// Formats a kind of failure for text.
pub(crate) fn kind(name: &str) -> String {
    name.replace('_', " ")
}

/// The colour of a key figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    Plain,
    Warn,
    Bad,
}

impl Tone {
    /// Returns `Bad` if `wrong` is true, and `Plain` otherwise.
    pub(crate) fn bad_if(wrong: bool) -> Tone {
        if wrong { Tone::Bad } else { Tone::Plain }
    }

    pub(crate) fn warn_if(wrong: bool) -> Tone {
        if wrong { Tone::Warn } else { Tone::Plain }
    }
}

/// A key figure: its label, its value, and a smaller line below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Figure {
    pub label: &'static str,
    pub value: String,
    pub more: String,
    pub tone: Tone,
}

pub(crate) fn figure(label: &'static str, value: String, more: impl Into<String>, tone: Tone) -> Figure {
    Figure {
        label,
        value,
        more: more.into(),
        tone,
    }
}

/// Returns the line below the name of the scenario.
pub(crate) fn heading(report: &RunReport, going: bool) -> String {
    let shards: BTreeSet<u32> = report.workers.iter().map(|worker| worker.shard).collect();
    let regions = match report.regions.len() {
        0 | 1 => String::new(),
        regions => format!(" in {regions} regions"),
    };
    let started = match &report.started {
        Some(started) => format!("started {}", instant(started)),
        None => "not started".to_owned(),
    };
    let length = match going && report.started.is_some() {
        true => duration(report.duration_s),
        false => text::length(report, duration),
    };
    let workers = number_of(shards.len() as u64, "worker");
    format!(
        "run {} · {} fleet, {workers}{regions} · {started} · {length}",
        report.run, report.fleet
    )
}

/// Returns a sentence about the verdict. The sentence is also correct for a run that ended early.
pub(crate) fn summary(report: &RunReport, going: bool) -> String {
    if going {
        return "The run is in progress; the verdict follows at its end.".to_owned();
    }
    if report.started.is_none() {
        return "The run never started: nothing was sent.".to_owned();
    }
    let (judged, balance) = (report.thresholds.len(), &report.balance);
    let crossed = report.thresholds.iter().filter(|judged| !judged.kept).count();
    let all = "The whole plan is accounted for";
    let crossed = match (crossed, judged) {
        (0, _) => String::new(),
        (1, 1) => "the threshold is not met".to_owned(),
        (1, all) => format!("1 of {all} thresholds is not met"),
        (crossed, all) => format!("{crossed} of {all} thresholds are not met"),
    };
    match report.verdict {
        Verdict::Passed if judged == 1 => format!("{all}, and the threshold is met."),
        Verdict::Passed => format!("{all}, and all {judged} thresholds are met."),
        Verdict::Unjudged => format!("{all}. The scenario has no thresholds, so nothing was judged."),
        Verdict::Incomplete => "A part of the plan is missing from the result, so this run cannot pass.".to_owned(),
        Verdict::Crossed if report.lasted_s < report.duration_s || balance.missing > 0 => {
            let (missing, planned) = (count(balance.missing), count(balance.planned));
            let (lasted, length) = (duration(report.lasted_s), duration(report.duration_s));
            let more = if crossed.is_empty() {
                crossed
            } else {
                format!("; {crossed}")
            };
            format!(
                "A rule of the scenario stopped the run after {lasted} of {length}: \
                 {missing} of {planned} arrivals were not sent{more}."
            )
        }
        Verdict::Crossed => format!("{all}, but {crossed}."),
    }
}

/// Returns the key figures, which the page shows below the verdict.
pub(crate) fn key_figures(report: &RunReport) -> Vec<Figure> {
    let (total, balance) = (&report.total, &report.balance);
    let (latency, service) = (&total.latency, &total.service);
    let at_p50 = |timing: &crate::run_report::TimingReport| time(timing.quantiles.p50);
    let at_p99 = |timing: &crate::run_report::TimingReport| time(timing.quantiles.p99);
    let failed = match balance.failed {
        0 => format!("of {} sent", count(balance.sent)),
        _ => failed_of_sent(total),
    };
    let plain = Tone::Plain;
    // The completed flows of all populations are divided by the measured time of the run, like the completed requests.
    let flows: u64 = report.flows.iter().map(|flow| flow.completed).sum();
    let flows_per_s = per_second(flows, Duration::from_secs_f64(report.measured_s));
    let completed = match report.has_flows() {
        true => format!("requests; {} flows", rate(flows_per_s)),
        false => "completed".to_owned(),
    };
    vec![
        figure("rate", rate(total.rate_per_s), completed, plain),
        figure(
            "latency p50",
            at_p50(latency),
            format!("service {}", at_p50(service)),
            plain,
        ),
        figure(
            "latency p99",
            at_p99(latency),
            format!("service {}", at_p99(service)),
            plain,
        ),
        figure(
            "latency max",
            time(latency.max_ms),
            format!("p99.9 {}", time(latency.quantiles.p99_9)),
            plain,
        ),
        figure(
            "failed",
            count(balance.failed),
            failed,
            Tone::bad_if(balance.failed > 0),
        ),
        figure(
            "dropped",
            count(balance.dropped),
            not_sent(balance),
            Tone::bad_if(balance.dropped + balance.starved > 0),
        ),
        figure(
            "missing",
            count(balance.missing),
            "not reported by a worker",
            Tone::warn_if(balance.missing > 0),
        ),
        figure(
            "lag p99",
            at_p99(&total.lag),
            "sent after the due time",
            Tone::warn_if(report.generator.bound),
        ),
    ]
}

/// Returns the text below the number of dropped arrivals.
pub(crate) fn not_sent(balance: &Balance) -> String {
    match balance.starved {
        0 => "not sent: no free connection".to_owned(),
        starved => format!("no free connection; {} starved", number_of(starved, "flow")),
    }
}

/// Returns the share of failed requests, such as `4% of sent`.
pub(crate) fn failed_of_sent(total: &RequestReport) -> String {
    match rounded_percent(total.failed, total.sent) {
        Some(percent) => format!("{percent}% of sent"),
        None => "of none sent".to_owned(),
    }
}

/// Returns the numbers of failures and of dropped arrivals, such as `23 timeout, 46 status, 36 dropped`. Returns `none`
/// if all of these numbers are zero.
pub(crate) fn errors(report: &RunReport) -> String {
    let mut kinds: Vec<(&String, &u64)> = report
        .total
        .failures
        .iter()
        .filter(|(_, number)| **number > 0)
        .collect();
    kinds.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let kinds = kinds
        .into_iter()
        .map(|(name, number)| format!("{} {}", count(*number), kind(name)));
    let dropped = (report.balance.dropped > 0).then(|| format!("{} dropped", count(report.balance.dropped)));
    let words: Vec<String> = kinds.chain(dropped).collect();
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(", "),
    }
}

/// Returns sentences about the arrivals that the percentiles exclude, and about uncertain percentiles. Returns `None`
/// if no arrivals are excluded and no percentiles are uncertain.
pub(crate) fn percentiles_of(report: &RunReport) -> Option<String> {
    let rows = report.requests.iter().filter(|_| report.requests.len() > 1);
    let rows = rows
        .chain(&report.populations)
        .chain(&report.regions)
        .map(RequestReport::counted);
    let rows: Vec<_> = [("all requests", report.total.latency.count)]
        .into_iter()
        .chain(rows)
        .collect();
    let caution = percentiles::caution(&rows, &["p50", "p90", "p95", "p99", "p99.9", "max"]);
    let sentence = |words: &String| {
        let mut letters = words.chars();
        let first = letters.next()?;
        Some(format!("{}{}.", first.to_uppercase(), letters.as_str()))
    };
    let sentences = [&report.total.percentiles_of, &caution].into_iter().flatten();
    let sentences: Vec<String> = sentences.filter_map(sentence).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The alert for a run whose generator limited the rate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LimitedView {
    title: &'static str,
    text: &'static str,
    signs: Vec<String>,
}

pub(crate) fn limited(report: &RunReport, going: bool) -> Option<LimitedView> {
    let (title, text) = match going {
        true => (
            "The generator is limited.",
            "The workers cannot keep up, so these numbers describe them as much as the target.",
        ),
        false => (
            "The generator was limited.",
            "The workers could not keep up, so these numbers describe them as much as the target.",
        ),
    };
    report.generator.bound.then(|| LimitedView {
        title,
        text,
        signs: report.generator.signs.clone(),
    })
}

/// The balance of arrivals as text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct BalanceWords {
    /// The balance on one line.
    line: String,
    sums: Vec<SumView>,
    /// Sentences about starved flows, about retries, and about the requests of warm-up and cool-down.
    besides: Vec<String>,
}

/// A total and its parts, cell by cell. The field `off` is true if the run has ended and the parts do not add up to the
/// total.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct SumView {
    cells: Vec<String>,
    judged: String,
    off: bool,
}

pub(crate) fn balance(report: &RunReport, balance: &Balance, going: bool) -> BalanceWords {
    let end = match (balance.holds, going) {
        (true, _) => ".",
        (false, true) => " (the rest is still to come).",
        (false, false) => ". The counts do not add up.",
    };
    let with_flows = report.has_flows();
    let line = format!("Arrivals: {}{end}", balance.arrivals(with_flows));
    let unmeasured = (balance.unmeasured_sent + balance.unmeasured_dropped > 0).then(|| {
        format!(
            "In warm-up and cool-down, {} more were sent and {} dropped; they are not measured.",
            count(balance.unmeasured_sent),
            count(balance.unmeasured_dropped)
        )
    });
    let retries = report.retries();
    let retries = retries.map(|retries| format!("retries: {retries}; no other number includes them."));
    let starved = report.starved().map(|starved| format!("{starved}."));
    let flows = |of: fn(&FlowReport) -> u64| report.flows.iter().map(of).sum::<u64>();
    let flows = with_flows.then(|| {
        sum(
            ("flows started", flows(|flow| flow.started)),
            &[
                ("completed", flows(|flow| flow.completed)),
                ("failed", flows(|flow| flow.failed)),
                ("stopped", flows(|flow| flow.stopped)),
                ("in flight", flows(|flow| flow.in_flight)),
            ],
            going,
        )
    });
    BalanceWords {
        line,
        sums: [
            Some(sum(
                ("planned", balance.planned),
                &[
                    (begun_word(with_flows), balance.begun),
                    ("dropped", balance.dropped),
                    ("missing", balance.missing),
                ],
                going,
            )),
            flows,
            Some(sum(
                (if with_flows { "requests sent" } else { "sent" }, balance.sent),
                &[
                    ("completed", balance.completed),
                    ("failed", balance.failed),
                    ("in flight", balance.in_flight),
                ],
                going,
            )),
        ]
        .into_iter()
        .flatten()
        .collect(),
        besides: [starved, retries, unmeasured].into_iter().flatten().collect(),
    }
}

fn sum(whole: (&str, u64), parts: &[(&str, u64)], going: bool) -> SumView {
    let off = whole.1.abs_diff(parts.iter().map(|part| part.1).sum());
    let signs = ["="].into_iter().chain(std::iter::repeat("+"));
    let parts = parts
        .iter()
        .zip(signs)
        .map(|((name, number), sign)| format!("{sign} {} {name}", count(*number)));
    SumView {
        cells: [format!("{} {}", count(whole.1), whole.0)]
            .into_iter()
            .chain(parts)
            .collect(),
        judged: match (off, going) {
            (0, _) => "✓ adds up".to_owned(),
            (_, true) => "still counting".to_owned(),
            (off, false) => format!("✗ {} off", count(off)),
        },
        off: off > 0 && !going,
    }
}

/// The maximum number of missing intervals that are listed.
const GAPS_NAMED: usize = 5;

/// Returns explanations of the shaded, hatched and omitted parts of the charts over time. From `whole_until` on, the
/// charts omit rates and percentiles.
pub(crate) fn bands(phases: &[PhaseView], gaps: &[GapView], whole_until: Option<f64>) -> Vec<String> {
    let unmeasured: Vec<String> = phases
        .iter()
        .filter(|phase| !phase.measured)
        .map(|phase| format!("{} ({})", phase.when, kind(&phase.text)))
        .collect();
    let shaded = (!unmeasured.is_empty()).then(|| format!("Shaded, sent but not measured: {}.", unmeasured.join(", ")));
    let named: Vec<String> = gaps
        .iter()
        .take(GAPS_NAMED)
        .map(|gap| format!("{} ({})", between(gap.from_s, gap.to_s), gap.what))
        .collect();
    let more = match gaps.len().saturating_sub(GAPS_NAMED) {
        0 => String::new(),
        more => format!("; and {} more", number_of(more as u64, "interval")),
    };
    let hatched = (!gaps.is_empty()).then(|| format!("Hatched, data is missing: {}{more}.", named.join("; ")));
    let omitted = whole_until.map(|end| {
        let end = duration(end);
        format!("Rates and percentiles end at {end}, with the last whole interval of the load; the maximum is of all answers.")
    });
    [shaded, hatched, omitted].into_iter().flatten().collect()
}

/// Returns a range of time, such as `10 s to 1 min 5 s`.
pub(crate) fn between(from_s: f64, to_s: f64) -> String {
    format!("{} to {}", duration(from_s), duration(to_s))
}

/// Returns the limit of a threshold as the scenario writes it, with its unit.
pub(crate) fn limit(judged: &Judged) -> String {
    let written = judged.threshold.find(['<', '>']).and_then(|at| {
        let rest = judged.threshold[at..].trim_start_matches(['<', '>', '=']);
        rest.split_whitespace().next()
    });
    written.map_or_else(|| judged.limit.to_string(), str::to_owned)
}

/// Returns each distinct word with the number of its occurrences, in the order of the first occurrences.
pub(crate) fn tallied<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(&'a str, u64)> {
    let mut order = Vec::new();
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for word in words {
        let number = numbers.entry(word).or_default();
        if *number == 0 {
            order.push(word);
        }
        *number += 1;
    }
    order.into_iter().map(|word| (word, numbers[word])).collect()
}
