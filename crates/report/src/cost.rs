//! The costs in the report of a run: the actual cost and the estimate. `plan::usage` computes these two costs.

use crate::part::{Facts, SliceReport, SliceState};
use crate::show::count;
use plan::cost::{Bill, BillLine, CostItem, GB, PlannedCost, gb_second_tenths};
use plan::plan::Plan;
use plan::usage::account::{self, Basis, SliceFacts};
use schemars::JsonSchema;
use serde::Serialize;

/// The cost of a run in US dollars, without the free tier and without discounts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostReport {
    /// The date of the prices.
    pub prices_of: String,
    /// Regions without known prices. The highest known prices are used for these regions.
    pub unpriced: Vec<String>,
    pub estimated_usd: f64,
    pub actual_usd: f64,
    pub estimated: Vec<CostLine>,
    pub actual: Vec<CostLine>,
    pub basis: CostBasis,
    #[serde(skip)]
    pub estimated_bill: Bill,
    #[serde(skip)]
    pub actual_bill: Bill,
}

/// The quantity of one item that was used in one region, and the cost of this quantity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostLine {
    pub item: String,
    pub region: String,
    pub quantity: f64,
    pub unit: String,
    pub usd: f64,
}

/// The sources of the actual cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostBasis {
    /// Invocations whose billed time the platform reported.
    pub billed: u64,
    /// Invocations whose time the worker measured, in whole milliseconds.
    pub by_worker_clock: u64,
    /// Invocations whose time is estimated, because the time was not reported.
    pub assumed: u64,
    /// Invocations whose worker ended at once, because another worker had claimed the slice. These invocations are
    /// included in `billed`, `by_worker_clock` and `assumed`.
    pub left: u64,
    /// Workers whose requests to the store were counted.
    pub requests_counted: u64,
    /// Workers whose requests to the store are estimated.
    pub requests_assumed: u64,
    /// Whether the launcher's requests to the store were counted.
    pub launcher_counted: bool,
}

/// Returns the cost of a run; `None` if the plan of the run has no estimate.
pub(crate) fn account(plan: &Plan, facts: &Facts, parts: &[SliceReport<'_>]) -> Option<CostReport> {
    let planned = plan.cost.as_ref()?;
    let slices = parts.iter().map(|part| SliceFacts {
        shard: part.shard,
        slice: part.slice,
        claimed: part.worker.is_some(),
        ended: matches!(part.state, SliceState::Ended(_)),
        tally: &part.tally,
        health: part.health.as_ref(),
    });
    let (actual, basis) = account::account(plan, &facts.receipts, facts.launcher, slices)?;
    Some(CostReport {
        prices_of: planned.prices.day(),
        unpriced: planned.unpriced.clone(),
        estimated_usd: planned.estimate.total().dollars(),
        actual_usd: actual.total().dollars(),
        estimated: planned.estimate.lines.iter().map(CostLine::of).collect(),
        actual: actual.lines.iter().map(CostLine::of).collect(),
        basis: basis.into(),
        estimated_bill: planned.estimate.clone(),
        actual_bill: actual,
    })
}

impl From<Basis> for CostBasis {
    fn from(basis: Basis) -> CostBasis {
        CostBasis {
            billed: basis.billed,
            by_worker_clock: basis.by_worker_clock,
            assumed: basis.assumed,
            left: basis.left,
            requests_counted: basis.requests_counted,
            requests_assumed: basis.requests_assumed,
            launcher_counted: basis.launcher_counted,
        }
    }
}

impl CostLine {
    fn of(line: &BillLine) -> CostLine {
        let item = match line.item {
            CostItem::Arm64Time => "functions on arm64",
            CostItem::X86Time => "functions on x86_64",
            CostItem::Invocations => "invocations",
            CostItem::PutsAndLists => "puts and lists",
            CostItem::Gets => "gets",
            CostItem::BytesToInternet => "sent to the Internet",
            CostItem::BytesToOtherRegion => "sent to another region",
        };
        let (quantity, unit) = line.item.in_billed_unit(line.quantity);
        CostLine {
            item: item.to_owned(),
            region: line.region.clone(),
            quantity,
            unit: unit.to_owned(),
            usd: line.cost.dollars(),
        }
    }
}

/// Returns a bill as text: one line for each item.
pub fn lines(bill: &Bill) -> Vec<String> {
    let line = |[cost, what, region]: [String; 3]| format!("{cost:<11} {what}, {region}");
    rows(bill).into_iter().map(line).collect()
}

/// Returns a bill as rows of cells: the cost, the quantity with its item, and the region.
pub(crate) fn rows(bill: &Bill) -> Vec<[String; 3]> {
    let shown = bill.lines.iter().map(|line| {
        let time = |name: &str| {
            let tenths = gb_second_tenths(line.quantity);
            format!("{}.{} GB-s of {name}", count(tenths / 10), tenths % 10)
        };
        let what = match line.item {
            CostItem::Arm64Time => time("arm64"),
            CostItem::X86Time => time("x86_64"),
            CostItem::Invocations => format!("{} invocations", count(line.quantity)),
            CostItem::PutsAndLists => format!("{} puts and lists", count(line.quantity)),
            CostItem::Gets => format!("{} gets", count(line.quantity)),
            CostItem::BytesToInternet => format!("{} to the Internet", bytes(line.quantity)),
            CostItem::BytesToOtherRegion => format!("{} to another region", bytes(line.quantity)),
        };
        [line.cost.to_string(), what, line.region.clone()]
    });
    shown.collect()
}

/// Returns the estimate on one line: `$0.043 expected, at AWS prices of …`.
pub fn expected(planned: &PlannedCost) -> String {
    let text = format!(
        "{} expected, at AWS prices of {}, without free tier and discounts",
        planned.estimate.total(),
        planned.prices.day()
    );
    match planned.unpriced.as_slice() {
        [] => text,
        regions => format!("{text}; {}", unpriced(regions)),
    }
}

fn unpriced(regions: &[String]) -> String {
    format!(
        "no prices are known for {}; the highest known prices are used",
        regions.join(", ")
    )
}

/// Returns sentences about the sources of the actual cost.
pub(crate) fn basis(report: &CostReport) -> Vec<String> {
    let basis = &report.basis;
    let all = basis.billed + basis.by_worker_clock + basis.assumed;
    let mut parts = Vec::new();
    for (number, how) in [
        (basis.billed, "as billed"),
        (basis.by_worker_clock, "by the worker's clock"),
        (basis.assumed, "as estimated"),
    ] {
        if number > 0 {
            parts.push(format!("{} {how}", count(number)));
        }
    }
    let mut time = format!("time of {} invocations: {}", count(all), parts.join(", "));
    if basis.left > 0 {
        time.push_str(&format!("; duplicates: {}", count(basis.left)));
    }
    let whose = |workers: u64, launcher: bool| {
        let workers = (workers > 0).then(|| format!("{} workers", count(workers)));
        let whose: Vec<String> = workers
            .into_iter()
            .chain(launcher.then(|| "the launcher".to_owned()))
            .collect();
        whose.join(" and ")
    };
    let counted = whose(basis.requests_counted, basis.launcher_counted);
    let assumed = whose(basis.requests_assumed, !basis.launcher_counted);
    let requests = match (counted.as_str(), assumed.as_str()) {
        (counted, "") => format!("counted for {counted}"),
        ("", assumed) => format!("as estimated for {assumed}"),
        (counted, assumed) => format!("counted for {counted}, as estimated for {assumed}"),
    };
    let mut lines = vec![
        time,
        format!("requests {requests}; bytes computed from the sent requests"),
    ];
    lines.extend((!report.unpriced.is_empty()).then(|| unpriced(&report.unpriced)));
    lines
}

/// Formats a number of bytes with a unit. The units are powers of 1,024.
fn bytes(n: u64) -> String {
    let (value, unit) = match n {
        n if n >= GB => (n as f64 / GB as f64, "GB"),
        n if n >= 1 << 20 => (n as f64 / (1 << 20) as f64, "MB"),
        n => (n as f64 / 1_024.0, "KB"),
    };
    format!("{value:.1} {unit}")
}
