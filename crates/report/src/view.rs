//! What a page shows of a run: the finished report's, and the dashboard's while it is on its way.
//!
//! It is made from one [`RunReport`], so every number in it is the report's or a sum of the report's.
//! Times are milliseconds, rounded as all forms of the report round them; what is not known is null, and
//! is drawn as a gap.

use crate::cost::{self, CostReport};
use crate::failures::FailureReport;
use crate::run_report::{Balance, RequestReport, RunReport};
use crate::series::SecondReport;
use crate::show::{self, rounded_ms, rounded_percent, rounded_rate, short, shown};
use crate::verdict::{Judged, Verdict};
use crate::view_generator::{GeneratorView, OpeningView, generator, openings};
pub use crate::view_live::{LastSecond, Live, WorkerLive};
use crate::view_workers::{WorkerView, worker_view};
use crate::worker_report::WorkerReport;
use plan::plan::{NOT_MEASURED, Plan, PlannedLoad, describe, name_shards};
use plan::scenario::Sampling;
use plan::span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tally::histogram::Histogram;

/// The format of what a page is given.
const FORMAT: u32 = 1;

/// More columns than this are narrower than what can be seen: intervals are added up in pairs, threes …
const COLUMNS_MAX: usize = 900;
/// Bands of the heat map in each tenfold of latency.
const BANDS_PER_DECADE: i32 = 10;
/// Points of the distribution for each tenfold of 1 / (1 - quantile), as HdrHistogram plots it.
const POINTS_PER_DECADE: i32 = 10;

/// What a page shows.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    format: u32,
    run: String,
    scenario: String,
    fleet: String,
    started: Option<String>,
    duration_s: f64,
    lasted_s: f64,
    measured_s: f64,
    verdict: &'static str,
    /// What the verdict means, in a sentence.
    summary: String,
    reasons: Vec<String>,
    notes: Vec<String>,
    live: Option<Live>,
    generator: GeneratorView,
    openings: Vec<OpeningView>,
    balance: Balance,
    thresholds: Vec<ThresholdView>,
    phases: Vec<PhaseView>,
    missing: Vec<GapView>,
    seconds: SecondsView,
    distribution: Vec<DistributionView>,
    heat: HeatView,
    total: Row,
    requests: Vec<Row>,
    failures: Vec<FailureReport>,
    regions: Vec<Row>,
    workers: Vec<WorkerView>,
    skew: SkewView,
    plan: Vec<(&'static str, String)>,
    source: Option<String>,
    cost: Option<CostView>,
}

/// A threshold, and what is known of it.
#[derive(Clone, Debug, Serialize)]
struct ThresholdView {
    threshold: String,
    /// `kept`, `crossed`, or `not judged yet` of a run on its way.
    word: &'static str,
    measured: String,
    limit: f64,
}

#[derive(Clone, Debug, Serialize)]
struct PhaseView {
    text: String,
    from_s: f64,
    to_s: f64,
    measured: bool,
}

/// An interval of which some workers never told.
#[derive(Clone, Debug, Serialize)]
struct GapView {
    from_s: f64,
    to_s: f64,
    what: String,
}

/// Columns over time; counts are of the whole column.
#[derive(Clone, Debug, Default, Serialize)]
struct SecondsView {
    at: Vec<u32>,
    /// Columns that lie whole within the load: the others have no rate.
    whole: Vec<bool>,
    /// How many seconds each column has: the last may have fewer than the others.
    lengths: Vec<u32>,
    measured: Vec<bool>,
    planned: Option<Vec<u64>>,
    sent: Vec<Option<u64>>,
    completed: Vec<Option<u64>>,
    failed: Vec<Option<u64>>,
    dropped: Vec<Option<u64>>,
    failures: BTreeMap<String, Vec<Option<u64>>>,
    p50: Vec<Option<f64>>,
    p90: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    p99_9: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
}

#[derive(Clone, Debug, Serialize)]
struct DistributionView {
    name: &'static str,
    /// Quantile and milliseconds; the quantile 1 is the maximum.
    points: Vec<(f64, f64)>,
}

/// Counts by column and band; band b reaches from `edges[b]` to `edges[b + 1]` milliseconds.
#[derive(Clone, Debug, Default, Serialize)]
struct HeatView {
    edges: Vec<f64>,
    seconds: Vec<Vec<(u32, u64)>>,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    name: String,
    sent: u64,
    completed: u64,
    failed: u64,
    /// Of those sent, rounded.
    failed_percent: Option<f64>,
    dropped: u64,
    retries: u64,
    failures: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
    body_bytes: u64,
    rate_per_s: f64,
    percentiles_of: Option<String>,
    p50: Option<f64>,
    p90: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    p99_9: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    service_p50: Option<f64>,
    service_p99: Option<f64>,
    first_byte_p50: Option<f64>,
    first_byte_p99: Option<f64>,
    lag_p99: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct SkewView {
    max_ms: Option<f64>,
    clock_uncertainty_ms: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct CostView {
    actual: Option<String>,
    expected: String,
    prices_of: String,
    /// Each is what it comes to, what of, and where.
    lines: Vec<[String; 3]>,
    basis: Vec<String>,
}

impl CostView {
    fn whole(cost: &CostReport) -> CostView {
        CostView {
            actual: Some(cost.actual_bill.total().to_string()),
            expected: cost.estimated_bill.total().to_string(),
            prices_of: cost.prices_of.clone(),
            lines: cost::rows(&cost.actual_bill),
            basis: cost::basis(cost),
        }
    }

    fn so_far(cost: &CostReport, live: &Live) -> CostView {
        CostView {
            actual: live.cost_so_far.clone(),
            lines: Vec::new(),
            basis: Vec::new(),
            ..CostView::whole(cost)
        }
    }
}

impl View {
    /// What is shown of a run: finished, or `live`.
    pub fn new(report: &RunReport, plan: &Plan, live: Option<Live>) -> View {
        let going = live.as_ref().is_some_and(|live| live.state != "ended");
        let until = live
            .as_ref()
            .filter(|_| going)
            .map_or(u32::MAX, |live| live.whole_until);
        let whole = report.seconds.partition_point(|interval| interval.end() <= until);
        let phases = phases(plan);
        let columns = Columns::new(&report.seconds[..whole]);
        let started = report.started.is_some();
        View {
            format: FORMAT,
            run: report.run.clone(),
            scenario: report.scenario.clone(),
            fleet: report.fleet.clone(),
            started: report.started.clone(),
            duration_s: report.duration_s,
            lasted_s: report.lasted_s,
            measured_s: report.measured_s,
            verdict: if going { "running" } else { report.verdict.name() },
            summary: summary(report, going),
            reasons: if going { Vec::new() } else { report.reasons.clone() },
            notes: report.notes.clone(),
            generator: generator(report),
            openings: openings(report),
            balance: balance(&report.balance, going),
            thresholds: report
                .thresholds
                .iter()
                .map(|judged| threshold(judged, going))
                .collect(),
            missing: if going { Vec::new() } else { gaps(report) },
            seconds: if started {
                columns.seconds(&phases, if going { f64::INFINITY } else { report.lasted_s })
            } else {
                SecondsView::default()
            },
            distribution: vec![
                distribution("latency", &report.total.latency.values),
                distribution("service", &report.total.service.values),
            ],
            heat: columns.heat(),
            total: row(&report.total),
            requests: report.requests.iter().map(row).collect(),
            failures: report.failures.clone(),
            regions: report.regions.iter().map(row).collect(),
            workers: report
                .workers
                .iter()
                .map(|worker| worker_view(worker, live.as_ref().filter(|_| going)))
                .collect(),
            skew: skew(&report.workers),
            plan: planned(plan),
            source: Some(plan.source.clone()).filter(|source| !source.is_empty()),
            cost: report.cost.as_ref().map(|cost| match live.as_ref().filter(|_| going) {
                Some(live) => CostView::so_far(cost, live),
                None => CostView::whole(cost),
            }),
            phases,
            live,
        }
    }

    /// The run's name, and that of its scenario.
    pub fn run(&self) -> &str {
        &self.run
    }

    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// The JSON that the page reads.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| unreachable!("a view is always JSON"))
    }
}

/// Arrivals of a run on its way that nobody has told of are still to come.
fn balance(balance: &Balance, going: bool) -> Balance {
    let mut balance = balance.clone();
    if going {
        balance.planned = balance.planned.saturating_sub(balance.missing);
        balance.missing = 0;
    }
    balance
}

/// What the verdict means, in a sentence that holds for a run that ended early, too.
fn summary(report: &RunReport, going: bool) -> String {
    if going {
        return "The run is on its way; the verdict comes at its end.".to_owned();
    }
    if report.started.is_none() {
        return "The run never started: nothing was sent.".to_owned();
    }
    let (judged, balance) = (report.thresholds.len(), &report.balance);
    let crossed = report.thresholds.iter().filter(|judged| !judged.kept).count();
    let all = "All that was planned is accounted for";
    let crossed = match (crossed, judged) {
        (0, _) => String::new(),
        (1, 1) => "the threshold is crossed".to_owned(),
        (1, all) => format!("1 of {all} thresholds is crossed"),
        (crossed, all) => format!("{crossed} of {all} thresholds are crossed"),
    };
    match report.verdict {
        Verdict::Passed if judged == 1 => format!("{all}, and the threshold is kept."),
        Verdict::Passed => format!("{all}, and all {judged} thresholds are kept."),
        Verdict::Unjudged => format!("{all}. The scenario has no thresholds, so nothing was judged."),
        Verdict::Incomplete => {
            "Something that was planned is missing from the result, so this run cannot pass.".to_owned()
        }
        Verdict::Crossed if report.lasted_s < report.duration_s || balance.missing > 0 => {
            let (missing, planned) = (show::count(balance.missing), show::count(balance.planned));
            let (lasted, length) = (show::seconds(report.lasted_s), show::seconds(report.duration_s));
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

fn threshold(judged: &Judged, going: bool) -> ThresholdView {
    ThresholdView {
        threshold: judged.threshold.clone(),
        word: match (going, judged.kept) {
            (true, _) => "not judged yet",
            (false, true) => "kept",
            (false, false) => "crossed",
        },
        measured: judged.measured.clone(),
        limit: judged.limit,
    }
}

fn phases(plan: &Plan) -> Vec<PhaseView> {
    let parts: Vec<(Duration, Sampling)> = match &plan.load {
        PlannedLoad::Open { phases, .. } => phases
            .iter()
            .map(|phase| (phase.shape.duration(), phase.sampling))
            .collect(),
        PlannedLoad::Closed { phases, .. } => phases.iter().map(|phase| (phase.duration, phase.sampling)).collect(),
    };
    let mut from = Duration::ZERO;
    let described = describe(&plan.load).into_iter().zip(parts);
    described
        .map(|(text, (length, sampling))| {
            let begins = from;
            from += length;
            PhaseView {
                // Whether it is measured is a field of its own.
                text: text.strip_suffix(NOT_MEASURED).unwrap_or(&text).to_owned(),
                from_s: begins.as_secs_f64(),
                to_s: from.as_secs_f64(),
                measured: sampling == Sampling::Measured,
            }
        })
        .collect()
}

/// Intervals of which workers never told; those with one interval and one reason are named together.
/// After the end of the run there is nothing to know.
fn gaps(report: &RunReport) -> Vec<GapView> {
    let end = report.seconds.last().map_or(0, SecondReport::end);
    let end = u64::from(end) * 1_000_000_000;
    let mut shards: BTreeMap<(u64, u64, &str), Vec<u32>> = BTreeMap::new();
    for worker in &report.workers {
        for gap in worker.gaps.iter().filter(|gap| gap.start < end) {
            let why = worker
                .why
                .as_deref()
                .unwrap_or("a snapshot could not be read; the totals have it");
            shards
                .entry((gap.start, gap.end.min(end), why))
                .or_default()
                .push(worker.shard);
        }
    }
    let gaps = shards.into_iter().map(|((from, to, why), shards)| GapView {
        from_s: from as f64 / 1e9,
        to_s: to as f64 / 1e9,
        what: format!("{}: {why}", name_shards(&shards)),
    });
    gaps.collect()
}

/// The intervals of a report, added up by columns.
struct Columns<'a> {
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    seconds: &'a [SecondReport],
    latency: Histogram,
    /// Whether anybody told of it.
    known: bool,
}

impl<'a> Columns<'a> {
    fn new(seconds: &'a [SecondReport]) -> Columns<'a> {
        let step = seconds.len().div_ceil(COLUMNS_MAX).max(1);
        let columns = seconds.chunks(step).map(|seconds| {
            let mut latency = Histogram::default();
            seconds.iter().for_each(|second| latency.add(&second.values));
            latency.pack();
            Column {
                seconds,
                known: seconds.iter().any(SecondReport::is_known),
                latency,
            }
        });
        Columns {
            columns: columns.collect(),
        }
    }

    fn counts(&self, of: impl Fn(&SecondReport) -> u64) -> Vec<Option<u64>> {
        let count = |column: &Column<'_>| column.known.then(|| column.seconds.iter().map(&of).sum());
        self.columns.iter().map(count).collect()
    }

    fn quantiles(&self, millionths: u32) -> Vec<Option<f64>> {
        let at = |column: &Column<'_>| {
            let some = !column.latency.is_empty();
            some.then(|| shown(column.latency.quantile(millionths)))
        };
        self.columns.iter().map(at).collect()
    }

    fn seconds(&self, phases: &[PhaseView], load_end: f64) -> SecondsView {
        let first = |column: &Column<'_>| column.seconds.first().map_or(0, |second| second.second);
        let end = |column: &Column<'_>| column.seconds.last().map_or(0, SecondReport::end);
        let measured = |column: &Column<'_>| {
            let middle = f64::from(first(column)).midpoint(f64::from(end(column)));
            let phase = phases.iter().find(|phase| middle < phase.to_s);
            phase.or(phases.last()).is_none_or(|phase| phase.measured)
        };
        let kinds = self
            .columns
            .iter()
            .flat_map(|column| column.seconds.iter().flat_map(|second| second.failures.keys()));
        let kinds: std::collections::BTreeSet<&String> = kinds.collect();
        let failures = kinds.into_iter().map(|kind| {
            let counts = self.counts(|second| second.failures.get(kind).copied().unwrap_or(0));
            (kind.clone(), counts)
        });
        // What is planned is known, whoever tells of it.
        let planned = |column: &Column<'_>| column.seconds.iter().filter_map(|second| second.planned).sum();
        let open = self
            .columns
            .iter()
            .flat_map(|column| column.seconds)
            .any(|second| second.planned.is_some());
        let whole = |column: &Column<'_>| f64::from(end(column)) <= load_end;
        SecondsView {
            whole: self.columns.iter().map(whole).collect(),
            lengths: self.columns.iter().map(|column| end(column) - first(column)).collect(),
            at: self.columns.iter().map(first).collect(),
            measured: self.columns.iter().map(measured).collect(),
            planned: open.then(|| self.columns.iter().map(planned).collect()),
            sent: self.counts(|second| second.sent),
            completed: self.counts(|second| second.completed),
            failed: self.counts(|second| second.failed),
            dropped: self.counts(|second| second.dropped),
            failures: failures.collect(),
            p50: self.quantiles(500_000),
            p90: self.quantiles(900_000),
            p99: self.quantiles(990_000),
            p99_9: self.quantiles(999_000),
            max: self.quantiles(1_000_000),
        }
    }

    fn heat(&self) -> HeatView {
        let band = |nanos: u64| (nanos.max(1) as f64).log10() * f64::from(BANDS_PER_DECADE);
        let all = self.columns.iter().filter(|column| !column.latency.is_empty());
        let ends = all.clone().map(|column| (column.latency.min(), column.latency.max()));
        let Some((low, high)) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
            return HeatView {
                seconds: self.columns.iter().map(|_| Vec::new()).collect(),
                ..HeatView::default()
            };
        };
        let (low, high) = (band(low).floor() as i32, band(high).floor() as i32);
        let edges = (low..=high + 1).map(|edge| short(10f64.powf(f64::from(edge) / f64::from(BANDS_PER_DECADE)) / 1e6));
        let column = |column: &Column<'_>| {
            let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
            for (value, count) in column.latency.values() {
                let place = (band(value).floor() as i32).clamp(low, high) - low;
                *counts.entry(place as u32).or_default() += count;
            }
            counts.into_iter().collect()
        };
        HeatView {
            edges: edges.collect(),
            seconds: self.columns.iter().map(column).collect(),
        }
    }
}

/// Quantiles ever closer to 1, as far as there are values to tell them apart.
fn distribution(name: &'static str, values: &Histogram) -> DistributionView {
    if values.is_empty() {
        return DistributionView {
            name,
            points: Vec::new(),
        };
    }
    let at = |millionths: u32| shown(values.quantile(millionths));
    let mut points = vec![(0.0, shown(values.min()))];
    for step in 1.. {
        let rest = 10f64.powf(-f64::from(step) / f64::from(POINTS_PER_DECADE));
        // Beyond this there is only the largest value, and quantiles are asked in millionths.
        if rest * (values.len() as f64) < 1.0 || rest < 1e-6 {
            break;
        }
        let millionths = ((1.0 - rest) * 1e6).round() as u32;
        points.push((f64::from(millionths) / 1e6, at(millionths)));
    }
    points.push((1.0, at(1_000_000)));
    DistributionView { name, points }
}

fn row(request: &RequestReport) -> Row {
    let (latency, service, lag) = (&request.latency, &request.service, &request.lag);
    Row {
        name: request.name.clone(),
        sent: request.sent,
        completed: request.completed,
        failed: request.failed,
        failed_percent: rounded_percent(request.failed, request.sent),
        dropped: request.dropped,
        retries: request.retries,
        failures: request.failures.clone(),
        statuses: request.statuses.clone(),
        body_bytes: request.body_bytes,
        rate_per_s: rounded_rate(request.rate_per_s),
        percentiles_of: request.percentiles_of.clone(),
        p50: latency.quantiles.p50.map(rounded_ms),
        p90: latency.quantiles.p90.map(rounded_ms),
        p95: latency.quantiles.p95.map(rounded_ms),
        p99: latency.quantiles.p99.map(rounded_ms),
        p99_9: latency.quantiles.p99_9.map(rounded_ms),
        max: latency.max_ms.map(rounded_ms),
        mean: latency.mean_ms.map(rounded_ms),
        service_p50: service.quantiles.p50.map(rounded_ms),
        service_p99: service.quantiles.p99.map(rounded_ms),
        first_byte_p50: request.first_byte.quantiles.p50.map(rounded_ms),
        first_byte_p99: request.first_byte.quantiles.p99.map(rounded_ms),
        lag_p99: lag.quantiles.p99.map(rounded_ms),
    }
}

fn skew(workers: &[WorkerReport]) -> SkewView {
    let most = |of: fn(&WorkerReport) -> Option<f64>| workers.iter().filter_map(of).reduce(f64::max).map(rounded_ms);
    SkewView {
        max_ms: most(|worker| worker.start_skew_ms),
        clock_uncertainty_ms: most(|worker| worker.clock_uncertainty_ms),
    }
}

fn planned(plan: &Plan) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("workers", show::count(plan.shards.into())),
        ("load", describe(&plan.load).join("; ")),
        ("length", span::show(Duration::from_nanos(plan.length()))),
    ];
    if let Some(arrivals) = plan.arrivals() {
        rows.push(("arrivals", show::count(arrivals)));
    }
    if plan.slices.len() > 1 {
        rows.push(("slices", show::count(plan.slices.len() as u64)));
    }
    let requests: Vec<String> = plan
        .requests
        .iter()
        .map(|request| format!("{} {}, weight {}", request.method, request.name, request.weight))
        .collect();
    rows.push(("requests", requests.join("; ")));
    rows.push(("targets", plan.targets.join("; ")));
    rows.push(("seed", plan.seed.to_string()));
    rows.push((
        "snapshots",
        format!("every {}", span::show(plan.timing.snapshot_interval)),
    ));
    if !plan.abort_if.is_empty() {
        let rules: Vec<String> = plan.abort_if.iter().map(ToString::to_string).collect();
        rows.push(("abort if", rules.join("; ")));
    }
    rows
}
