//! The view: the input of a page, both for a finished report and for the dashboard of a run in progress.
//!
//! The view of a finished run is computed from one [`RunReport`]. So every number in this view is a number of the
//! report, or is computed from such numbers. Times are in milliseconds, and are rounded as in the text report. Unknown
//! values are null and are drawn as gaps.

mod against;
mod choices;
mod columns;
mod generator;
mod live;
mod now;
mod rows;
mod timeline;
mod words;
mod workers;

use crate::cost::{self, CostReport};
use crate::failures::FailureReport;
use crate::run_report::{Balance, RunReport};
use crate::series::SecondReport;
use crate::show;
use crate::verdict::Judged;
use against::{AgainstView, against};
use choices::{ChoiceView, choices, kinds, of_all};
use columns::{DistributionView, HeatView, IntervalColumns, SecondsView};
use generator::{GeneratorView, generator};
pub use live::{LastSecond, Live, WorkerLive};
use now::LiveView;
use plan::description::{NOT_MEASURED, describe};
use plan::plan::{Plan, name_shards};
use plan::scenario::{Load, Population, Sampling};
use plan::span;
use rows::{FlowRow, RequestRow, flow_row, row};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use timeline::{WaitsView, spans, waits};
use words::{BalanceWords, Figure, LimitedView};
use workers::{WorkerView, worker_views, workers_in_words};

/// The format number of the view.
const FORMAT: u32 = 1;

/// The input of a page.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct View {
    format: u32,
    run: String,
    scenario: String,
    /// The run, its fleet, its start and its length, on one line.
    heading: String,
    started: Option<String>,
    /// The name of the verdict, or `running`.
    #[schemars(extend("enum" = ["passed", "crossed", "incomplete", "unjudged", "running"]))]
    verdict: &'static str,
    /// The verdict as text.
    verdict_word: &'static str,
    /// A sentence about the verdict.
    summary: String,
    reasons: Vec<String>,
    notes: Vec<String>,
    live: Option<LiveView>,
    limited: Option<LimitedView>,
    figures: Vec<Figure>,
    /// The arrivals that the percentiles exclude, and the percentiles that are uncertain.
    percentiles_of: Option<String>,
    generator: GeneratorView,
    balance: Balance,
    balance_words: BalanceWords,
    thresholds: Vec<ThresholdView>,
    phases: Vec<PhaseView>,
    missing: Vec<GapView>,
    /// Explanations of the shaded, hatched and omitted parts of charts.
    bands: Vec<String>,
    seconds: SecondsView,
    distribution: Vec<DistributionView>,
    heat: HeatView,
    /// The charts of the requests of each name.
    choices: Vec<ChoiceView>,
    /// The charts of the failures of each kind; empty for a run without failures, and for a run of older workers.
    kinds: Vec<ChoiceView>,
    waits: WaitsView,
    against: Option<AgainstView>,
    total: RequestRow,
    /// The requests of the mix, and the requests of the steps of flows.
    requests: Vec<RequestRow>,
    flows: Vec<FlowRow>,
    failures: Vec<FailureReport>,
    /// Failures by kind, and dropped arrivals, on one line.
    errors: String,
    populations: Vec<RequestRow>,
    regions: Vec<RequestRow>,
    workers: Vec<WorkerView>,
    /// A summary of all workers.
    workers_in_words: String,
    plan: Vec<(&'static str, String)>,
    source: Option<String>,
    cost: Option<CostView>,
}

/// A threshold with its result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct ThresholdView {
    threshold: String,
    /// `met`, `not met`, or `not judged yet` while the run is in progress.
    word: &'static str,
    measured: String,
    limit: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PhaseView {
    text: String,
    /// The begin and the end of the phase as text.
    when: String,
    from_s: f64,
    to_s: f64,
    measured: bool,
}

/// An interval that some workers did not report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GapView {
    from_s: f64,
    to_s: f64,
    what: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct CostView {
    actual: Option<String>,
    expected: String,
    prices_of: String,
    /// The lines of the bill. Each line has the cost, the quantity with its item, and the region.
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
    /// Returns the view of a run. `live` is the state of a run in progress; `None` for a finished run.
    pub fn new(report: &RunReport, plan: &Plan, live: Option<Live>) -> View {
        let going = live.as_ref().is_some_and(|live| live.state != "ended");
        let until = live
            .as_ref()
            .filter(|_| going)
            .map_or(u32::MAX, |live| live.whole_until);
        let whole = report.seconds.partition_point(|interval| interval.end() <= until);
        let phases = phases(&plan.populations);
        let own_phases: Vec<Vec<PhaseView>> = plan.populations.chunks(1).map(self::phases).collect();
        let phases_of_request = |request: usize| own_phases[plan.population_of(request).0].as_slice();
        let columns = IntervalColumns::new(&report.seconds[..whole]);
        let load_end = if going { f64::INFINITY } else { report.lasted_s };
        let started = report.started.is_some();
        let users = plan.users();
        let missing = if going { Vec::new() } else { gaps(report) };
        let balance = balance(&report.balance, going);
        let workers = worker_views(report, live.as_ref().filter(|_| going));
        let seconds = match started {
            true => columns
                .seconds(&phases, users.as_ref(), load_end)
                .with(columns.connections(&report.timeline), report.has_flows()),
            false => SecondsView::default(),
        };
        View {
            format: FORMAT,
            run: report.run.clone(),
            scenario: report.scenario.clone(),
            heading: words::heading(report, going),
            started: report.started.clone(),
            verdict: if going { "running" } else { report.verdict.name() },
            verdict_word: if going { "running" } else { report.verdict.word() },
            summary: words::summary(report, going),
            reasons: if going { Vec::new() } else { report.reasons.clone() },
            notes: report.notes.clone(),
            limited: words::limited(report, going),
            figures: if going { Vec::new() } else { words::key_figures(report) },
            percentiles_of: words::percentiles_of(report),
            generator: generator(report),
            balance_words: words::balance(report, &balance, going),
            thresholds: report
                .thresholds
                .iter()
                .map(|judged| threshold(judged, going))
                .collect(),
            bands: words::bands(&phases, &missing, seconds.whole_until()),
            seconds,
            distribution: of_all(report),
            heat: columns.heat(),
            choices: choices(report, phases_of_request, until, load_end),
            kinds: kinds(report, &phases, until, load_end),
            waits: waits(report, &spans(report, &phases, until), None),
            against: against(report, &phases, &plan.populations, load_end),
            total: row(&report.total),
            requests: report.requests.iter().map(row).collect(),
            flows: report.flows.iter().map(flow_row).collect(),
            failures: report.failures.clone(),
            errors: words::errors(report),
            populations: report.populations.iter().map(row).collect(),
            regions: report.regions.iter().map(row).collect(),
            workers_in_words: workers_in_words(&workers),
            plan: planned(plan),
            source: Some(plan.source.clone()).filter(|source| !source.is_empty()),
            cost: report.cost.as_ref().map(|cost| match live.as_ref().filter(|_| going) {
                Some(live) => CostView::so_far(cost, live),
                None => CostView::whole(cost),
            }),
            live: live.map(|live| LiveView::new(report, &live, balance.missing, &workers)),
            balance,
            missing,
            workers,
            phases,
        }
    }

    /// Returns the name of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Returns the name of the scenario.
    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// Returns the view as the JSON that the page reads.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| unreachable!("a view is always JSON"))
    }

    /// Returns the JSON Schema of [`View::json`], from which the types of the page's script are generated.
    pub fn schema() -> String {
        let schema = SchemaSettings::default()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<View>();
        serde_json::to_string_pretty(&schema).unwrap_or_else(|_| unreachable!("a schema is always JSON"))
    }
}

/// Returns the balance. While the run is in progress, arrivals that no worker has reported do not count as missing.
fn balance(balance: &Balance, going: bool) -> Balance {
    let mut balance = balance.clone();
    if going {
        balance.planned = balance.planned.saturating_sub(balance.missing);
        balance.missing = 0;
    }
    balance
}

fn threshold(judged: &Judged, going: bool) -> ThresholdView {
    ThresholdView {
        threshold: judged.threshold.clone(),
        word: match going {
            true => "not judged yet",
            false => judged.word(),
        },
        measured: judged.measured.clone(),
        limit: words::limit(judged),
    }
}

/// Returns the description of each phase of each population.
fn loads(plan: &Plan) -> Vec<String> {
    let populations = plan.populations.iter();
    populations
        .flat_map(|population| {
            let name = &population.name;
            describe(&population.load)
                .into_iter()
                .map(move |text| match name.is_empty() {
                    true => text,
                    false => format!("{name}: {text}"),
                })
        })
        .collect()
}

/// Returns the phases that a page shows for several populations. Such a phase ends where a phase of any population
/// ends. The phase counts as measured if any population is measured in this phase.
fn phases(populations: &[Population]) -> Vec<PhaseView> {
    let all: Vec<Vec<Phase>> = populations.iter().map(phases_of).collect();
    let mut edges: Vec<Duration> = all.iter().flatten().map(|phase| phase.to).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut from = Duration::ZERO;
    let phases = edges.into_iter().map(|to| {
        let begins = std::mem::replace(&mut from, to);
        let within = |phase: &&Phase| phase.from <= begins && to <= phase.to;
        let active = all.iter().flatten().filter(within);
        let texts: Vec<&str> = active.clone().map(|phase| phase.text.as_str()).collect();
        PhaseView {
            text: texts.join("; "),
            when: words::between(begins.as_secs_f64(), to.as_secs_f64()),
            from_s: begins.as_secs_f64(),
            to_s: to.as_secs_f64(),
            measured: active
                .map(|phase| phase.sampling)
                .any(|sampling| sampling == Sampling::Measured),
        }
    });
    phases.collect()
}

struct Phase {
    from: Duration,
    to: Duration,
    text: String,
    sampling: Sampling,
}

fn phases_of(population: &Population) -> Vec<Phase> {
    let parts: Vec<(Duration, Sampling)> = match &population.load {
        Load::Open { phases, .. } => phases
            .iter()
            .map(|phase| (phase.shape.duration(), phase.sampling))
            .collect(),
        Load::Closed { phases, .. } => phases.iter().map(|phase| (phase.duration, phase.sampling)).collect(),
    };
    let mut from = Duration::ZERO;
    let described = describe(&population.load).into_iter().zip(parts);
    let phases = described.map(|(text, (length, sampling))| {
        let begins = from;
        from += length;
        // The view states in a field `measured` whether a phase is measured, so the text of a phase omits this fact. If
        // several populations have phases at the same time, the field is the same for all of them, so their texts
        // contain the fact.
        let text = match population.name.as_str() {
            "" => text.strip_suffix(NOT_MEASURED).unwrap_or(&text).to_owned(),
            name => format!("{name}: {text}"),
        };
        Phase {
            from: begins,
            to: from,
            text,
            sampling,
        }
    });
    phases.collect()
}

/// Returns the intervals before the end of the run that some workers did not report. If several workers have the same
/// interval and the same reason, the result contains one entry for all of them.
fn gaps(report: &RunReport) -> Vec<GapView> {
    let end = report.seconds.last().map_or(0, SecondReport::end);
    let end = u64::from(end) * 1_000_000_000;
    let mut shards: BTreeMap<(u64, u64, &str), Vec<u32>> = BTreeMap::new();
    for worker in &report.workers {
        for gap in worker.gaps.iter().filter(|gap| gap.start < end) {
            let why = worker
                .why
                .as_deref()
                .unwrap_or("a snapshot could not be read; the totals include it");
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

fn planned(plan: &Plan) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("workers", show::count(plan.shards.into())),
        ("load", loads(plan).join("; ")),
        ("length", span::show(Duration::from_nanos(plan.length()))),
    ];
    if let Some(schedules) = plan.schedules() {
        let (arrivals, measured) = (schedules.arrivals(), schedules.measured());
        let arrivals = match measured == arrivals {
            true => show::count(arrivals),
            false => format!("{}, {} of them measured", show::count(arrivals), show::count(measured)),
        };
        rows.push(("arrivals", arrivals));
    }
    if plan.slices.len() > 1 {
        rows.push(("slices", show::count(plan.slices.len() as u64)));
    }
    let requests: Vec<String> = plan
        .requests
        .iter()
        .map(|request| match request.weight {
            0 => format!("{} {}", request.method, request.name),
            weight => format!("{} {}, weight {weight}", request.method, request.name),
        })
        .collect();
    rows.push(("requests", requests.join("; ")));
    if !plan.flows.is_empty() {
        let flows = plan
            .flows
            .iter()
            .map(|flow| format!("{}, weight {}", flow.name, flow.weight));
        rows.push(("flows", flows.collect::<Vec<_>>().join("; ")));
    }
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
