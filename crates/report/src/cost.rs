//! What a run cost, beside what it was expected to cost.
//!
//! The time of functions is what the platform billed, where it said so; else what the worker's own
//! clock counted, which leaves out what came before its program and after its result; else, for a
//! worker that never said, what was expected. The report says how many of each there are.

use crate::part::{Facts, Part, PartState};
use crate::show::count;
use plan::cost::{Bill, GB, Item, Line, MB_MS_PER_GB_S, PlannedCost, Usage};
use plan::money::Money;
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use tally::account::Receipt;

/// What a run cost, in US dollars, without free tier and discounts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostReport {
    /// Of when the prices are.
    pub prices_of: String,
    /// Regions whose prices were not known: the dearest known ones stand for them.
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

/// What was used of something in a region, and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostLine {
    pub item: String,
    pub region: String,
    pub quantity: f64,
    pub unit: String,
    pub usd: f64,
}

/// What the actual cost is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CostBasis {
    /// Invocations whose time is as the platform billed it.
    pub billed: u64,
    /// Whose time is as the worker counted it, in whole milliseconds.
    pub by_worker_clock: u64,
    /// Whose time is as it was expected: nobody said how long they were there.
    pub assumed: u64,
    /// Of all these, invocations that left at once, because another had their slice.
    pub left: u64,
    /// Workers whose requests to the store were counted, and those whose are as expected.
    pub requests_counted: u64,
    pub requests_assumed: u64,
    /// Whether the launcher's own requests were counted.
    pub launcher_counted: bool,
}

/// The cost of a run, if its plan has an estimate of it.
pub(crate) fn account(plan: &Plan, facts: &Facts, parts: &[Part<'_>]) -> Option<CostReport> {
    let planned = plan.cost.as_ref()?;
    let (mut usage, mut basis) = (Usage::default(), CostBasis::default());
    let mut by_place: BTreeMap<(u32, u32), Vec<&Receipt>> = BTreeMap::new();
    for receipt in &facts.receipts {
        by_place
            .entry((receipt.shard, receipt.slice))
            .or_default()
            .push(receipt);
    }
    for part in parts {
        let receipts = by_place.get(&(part.shard, part.slice)).map_or(&[][..], Vec::as_slice);
        time(planned, part, receipts, &mut usage, &mut basis);
        let there = part.worker.is_some() || part.health.is_some();
        if there {
            requests(planned, part, &mut usage, &mut basis);
            sent(plan, planned, part, &mut usage);
        }
    }
    basis.launcher_counted = facts.launcher.is_some();
    let launcher = facts.launcher.unwrap_or(planned.launcher);
    usage.add_launcher_requests(&launcher, &planned.fleet.store_region);
    let actual = usage.bill(&planned.prices);
    Some(CostReport {
        prices_of: planned.prices.day(),
        unpriced: planned.unpriced.clone(),
        estimated_usd: planned.estimate.total().dollars(),
        actual_usd: actual.total().dollars(),
        estimated: planned.estimate.lines.iter().map(CostLine::of).collect(),
        actual: actual.lines.iter().map(CostLine::of).collect(),
        basis,
        estimated_bill: planned.estimate.clone(),
        actual_bill: actual,
    })
}

/// What a run has cost until now, roughly: for each slice that was claimed, its time and its requests
/// to the store as far as they must have come, and the average request for each that was sent.
///
/// `claimed` gives, for each slice that was claimed, its shard, its number and for how many
/// milliseconds its worker has been there.
pub fn so_far(
    plan: &Plan,
    claimed: impl Iterator<Item = (u32, u32, u64)>,
    sent_by_shard: impl Fn(u32) -> u64,
) -> Option<Money> {
    let planned = plan.cost.as_ref()?;
    let mut usage = Usage::default();
    usage.add_launcher_requests(&planned.launcher, &planned.fleet.store_region);
    let weights = plan.requests.iter().map(|request| u64::from(request.weight));
    let whole: u64 = weights.clone().sum();
    let weighted = weights.zip(&planned.request_bytes);
    let bytes: u128 = weighted
        .map(|(weight, bytes)| u128::from(weight) * u128::from(*bytes))
        .sum();
    for (shard, slice, there) in claimed {
        let function = planned.fleet.function(shard);
        usage.add_invocation(function, function.memory_mb, there);
        let requests = planned.slice_requests.get(slice as usize).copied().unwrap_or_default();
        usage.add_worker_requests(&requests, &function.region, &planned.fleet.store_region);
        if slice == 0 {
            let sent = u128::from(sent_by_shard(shard)).saturating_mul(bytes) / u128::from(whole.max(1));
            let sent = u64::try_from(sent).unwrap_or(u64::MAX);
            usage.add(Item::BytesToInternet, &function.region, sent);
        }
    }
    Some(usage.bill(&planned.prices).total())
}

/// Adds every invocation of a slice that is known.
fn time(planned: &PlannedCost, part: &Part<'_>, receipts: &[&Receipt], usage: &mut Usage, basis: &mut CostBasis) {
    const MS: u64 = 1_000_000;
    let function = planned.fleet.function(part.shard);
    let mut worker_billed = false;
    for receipt in receipts {
        basis.left += u64::from(receipt.left);
        if let Some(billed) = receipt.billed {
            usage.add_invocation(function, billed.memory_mb, billed.milliseconds);
            basis.billed += 1;
            worker_billed |= !receipt.left;
        } else if receipt.left {
            // It found the claim and left: a millisecond at least.
            usage.add_invocation(function, function.memory_mb, 1);
            basis.assumed += 1;
        }
    }
    if worker_billed {
        return;
    }
    let invoked = part.worker.is_some() || receipts.iter().any(|receipt| !receipt.left);
    match part.health.as_ref().and_then(|health| health.ran) {
        Some(ran) => {
            usage.add_invocation(function, function.memory_mb, ran.div_ceil(MS));
            basis.by_worker_clock += 1;
        }
        None if invoked || matches!(part.state, PartState::Ended(_)) => {
            let expected = planned.slice_ms.get(part.slice as usize).copied().unwrap_or(0);
            usage.add_invocation(function, function.memory_mb, expected);
            basis.assumed += 1;
        }
        // Nobody has heard of it.
        None => {}
    }
}

fn requests(planned: &PlannedCost, part: &Part<'_>, usage: &mut Usage, basis: &mut CostBasis) {
    let counted = part.health.as_ref().and_then(|health| health.requests);
    let expected = planned.slice_requests.get(part.slice as usize).copied();
    basis.requests_counted += u64::from(counted.is_some());
    basis.requests_assumed += u64::from(counted.is_none());
    let requests = counted.or(expected).unwrap_or_default();
    let region = &planned.fleet.function(part.shard).region;
    usage.add_worker_requests(&requests, region, &planned.fleet.store_region);
}

/// Adds what a worker sent to the target: its requests, each as long as it was planned to be.
fn sent(plan: &Plan, planned: &PlannedCost, part: &Part<'_>, usage: &mut Usage) {
    let requests = part.tally.requests.iter().zip(&planned.request_bytes);
    let measured = requests.map(|(request, bytes)| u128::from(request.counts.sent) * u128::from(*bytes));
    // Which request an unmeasured arrival was is not kept: they are taken to be as the mix is.
    let weights = plan.requests.iter().map(|request| u64::from(request.weight));
    let whole: u64 = weights.clone().sum();
    let weighted = weights.zip(&planned.request_bytes);
    let sum = weighted.map(|(weight, bytes)| u128::from(weight) * u128::from(*bytes));
    let unmeasured = u128::from(part.tally.unmeasured.sent).saturating_mul(sum.sum());
    let unmeasured = unmeasured.div_ceil(u128::from(whole.max(1)));
    let region = &planned.fleet.function(part.shard).region;
    let bytes = measured.sum::<u128>().saturating_add(unmeasured);
    let bytes = bytes.saturating_add(u128::from(planned.connecting_bytes));
    usage.add(Item::BytesToInternet, region, u64::try_from(bytes).unwrap_or(u64::MAX));
}

impl CostLine {
    fn of(line: &Line) -> CostLine {
        let quantity = line.quantity as f64;
        let (item, quantity, unit) = match line.item {
            Item::Arm64Time => ("functions on arm64", quantity / MB_MS_PER_GB_S as f64, "GB-s"),
            Item::X86Time => ("functions on x86_64", quantity / MB_MS_PER_GB_S as f64, "GB-s"),
            Item::Invocations => ("invocations", quantity, "invocations"),
            Item::PutsAndLists => ("puts and lists", quantity, "requests"),
            Item::Gets => ("gets", quantity, "requests"),
            Item::BytesToInternet => ("sent to the Internet", quantity / GB as f64, "GB"),
            Item::BytesToOtherRegion => ("sent to another region", quantity / GB as f64, "GB"),
        };
        CostLine {
            item: item.to_owned(),
            region: line.region.clone(),
            quantity,
            unit: unit.to_owned(),
            usd: line.cost.dollars(),
        }
    }
}

/// A bill for people, a line for each of its own.
pub fn lines(bill: &Bill) -> Vec<String> {
    let line = |[cost, what, region]: [String; 3]| format!("{cost:<11} {what}, {region}");
    rows(bill).into_iter().map(line).collect()
}

/// The same as cells: what it comes to, what of, and where.
pub(crate) fn rows(bill: &Bill) -> Vec<[String; 3]> {
    let shown = bill.lines.iter().map(|line| {
        let time = |name: &str| {
            let tenths = line.quantity.div_ceil(MB_MS_PER_GB_S / 10);
            format!("{}.{} GB-s of {name}", count(tenths / 10), tenths % 10)
        };
        let what = match line.item {
            Item::Arm64Time => time("arm64"),
            Item::X86Time => time("x86_64"),
            Item::Invocations => format!("{} invocations", count(line.quantity)),
            Item::PutsAndLists => format!("{} puts and lists", count(line.quantity)),
            Item::Gets => format!("{} gets", count(line.quantity)),
            Item::BytesToInternet => format!("{} to the Internet", bytes(line.quantity)),
            Item::BytesToOtherRegion => format!("{} to another region", bytes(line.quantity)),
        };
        [line.cost.to_string(), what, line.region.clone()]
    });
    shown.collect()
}

/// What the estimate is an estimate of, in a line: `$0.043 expected, at AWS prices of …`.
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
        "no prices are known for {}: the dearest known stand for them",
        regions.join(", ")
    )
}

/// What the account stands on, in sentences.
pub(crate) fn basis(report: &CostReport) -> Vec<String> {
    let basis = &report.basis;
    let all = basis.billed + basis.by_worker_clock + basis.assumed;
    let mut parts = Vec::new();
    for (number, how) in [
        (basis.billed, "as billed"),
        (basis.by_worker_clock, "by the worker's clock"),
        (basis.assumed, "as expected"),
    ] {
        if number > 0 {
            parts.push(format!("{} {how}", count(number)));
        }
    }
    let mut time = format!("time of {} invocations: {}", count(all), parts.join(", "));
    if basis.left > 0 {
        time.push_str(&format!("; {} came in vain", count(basis.left)));
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
        ("", assumed) => format!("as expected for {assumed}"),
        (counted, assumed) => format!("counted for {counted}, as expected for {assumed}"),
    };
    let mut lines = vec![time, format!("requests {requests}; bytes by what was sent")];
    lines.extend((!report.unpriced.is_empty()).then(|| unpriced(&report.unpriced)));
    lines
}

/// Bytes with a unit that fits, of 1,024.
fn bytes(n: u64) -> String {
    let (value, unit) = match n {
        n if n >= GB => (n as f64 / GB as f64, "GB"),
        n if n >= 1 << 20 => (n as f64 / (1 << 20) as f64, "MB"),
        n => (n as f64 / 1_024.0, "KB"),
    };
    format!("{value:.1} {unit}")
}
