//! What a run cost, from what is known of it afterwards, and what it has cost so far.
//!
//! The time of functions is what the platform billed, where it said so; else what the worker's own
//! clock counted, which leaves out what came before its program and after its result; else, for a
//! worker that never said, what was expected. [`Basis`] counts how many of each there are.

use crate::cost::money::Money;
use crate::cost::{Bill, CostItem, FunctionShape, PlannedCost, Usage};
use crate::plan::Plan;
use crate::usage::weight::mix_bytes;
use std::collections::BTreeMap;
use tally::account::{Receipt, Requests};
use tally::snapshot::Health;
use tally::tally::Tally;

/// What is known of one slice of one shard.
#[derive(Clone, Copy, Debug)]
pub struct SliceFacts<'a> {
    pub shard: u32,
    pub slice: u32,
    /// Whether a worker has claimed it.
    pub claimed: bool,
    /// Whether it has its result.
    pub ended: bool,
    pub tally: &'a Tally,
    pub health: Option<&'a Health>,
}

/// What the bill of a run is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// Invocations whose time is as the platform billed it.
    pub billed: u64,
    /// Whose time is as the worker counted it, in whole milliseconds.
    pub by_worker_clock: u64,
    /// Whose time is as it was expected.
    pub assumed: u64,
    /// Of all these, invocations that left at once, because another had their slice.
    pub left: u64,
    /// Workers whose requests to the store were counted, and those whose are as expected.
    pub requests_counted: u64,
    pub requests_assumed: u64,
    /// Whether the launcher's own requests were counted.
    pub launcher_counted: bool,
}

/// The bill of a run and what it is made from; `None` if the run costs nothing. `receipts` are what the platform said of
/// invocations, `launcher` what the launcher asked of the store, where that is known.
pub fn account<'a>(
    plan: &Plan,
    receipts: &[Receipt],
    launcher: Option<Requests>,
    slices: impl Iterator<Item = SliceFacts<'a>>,
) -> Option<(Bill, Basis)> {
    let planned = plan.cost.as_ref()?;
    let (mut usage, mut basis) = (Usage::default(), Basis::default());
    let mut by_slice: BTreeMap<(u32, u32), Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts {
        by_slice
            .entry((receipt.shard, receipt.slice))
            .or_default()
            .push(receipt);
    }
    for slice in slices {
        let receipts = by_slice.get(&(slice.shard, slice.slice)).map_or(&[][..], Vec::as_slice);
        time(planned, &slice, receipts, &mut usage, &mut basis);
        if slice.claimed || slice.health.is_some() {
            requests(planned, &slice, &mut usage, &mut basis);
            sent(plan, planned, &slice, &mut usage);
        }
    }
    basis.launcher_counted = launcher.is_some();
    let launcher = launcher.unwrap_or(planned.launcher);
    usage.add_launcher_requests(&launcher, &planned.fleet.store_region);
    Some((usage.bill(&planned.prices), basis))
}

/// What a run has cost until now, roughly: for each slice that was claimed, its time and its requests
/// to the store as far as they must have come, and the average request for each that was sent.
///
/// `claimed` gives, for each slice that was claimed, its shard, its number and for how many
/// nanoseconds its worker has been there.
pub fn so_far(
    plan: &Plan,
    claimed: impl Iterator<Item = (u32, u32, u64)>,
    sent_by_shard: impl Fn(u32) -> u64,
) -> Option<Money> {
    let planned = plan.cost.as_ref()?;
    let mut usage = Usage::default();
    usage.add_launcher_requests(&planned.launcher, &planned.fleet.store_region);
    let (bytes, whole) = mix_bytes(plan, &planned.request_bytes);
    for (shard, slice, there) in claimed {
        let function = planned.fleet.function(shard);
        add_ran(&mut usage, function, there);
        let requests = planned.slice_requests.get(slice as usize).copied().unwrap_or_default();
        usage.add_worker_requests(&requests, &function.region, &planned.fleet.store_region);
        if slice == 0 {
            let sent = u128::from(sent_by_shard(shard)).saturating_mul(bytes) / whole;
            let sent = u64::try_from(sent).unwrap_or(u64::MAX);
            usage.add(CostItem::BytesToInternet, &function.region, sent);
        }
    }
    Some(usage.bill(&planned.prices).total())
}

/// Adds an invocation by its worker's clock, in nanoseconds: platforms bill whole milliseconds.
fn add_ran(usage: &mut Usage, function: &FunctionShape, ran: u64) {
    const MS: u64 = 1_000_000;
    usage.add_invocation(function, function.memory_mb, ran.div_ceil(MS));
}

/// Adds every invocation of a slice that is known.
fn time(planned: &PlannedCost, slice: &SliceFacts<'_>, receipts: &[&Receipt], usage: &mut Usage, basis: &mut Basis) {
    let function = planned.fleet.function(slice.shard);
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
    let invoked = slice.claimed || receipts.iter().any(|receipt| !receipt.left);
    match slice.health.and_then(|health| health.ran) {
        Some(ran) => {
            add_ran(usage, function, ran);
            basis.by_worker_clock += 1;
        }
        None if invoked || slice.ended => {
            let expected = planned.slice_ms.get(slice.slice as usize).copied().unwrap_or(0);
            usage.add_invocation(function, function.memory_mb, expected);
            basis.assumed += 1;
        }
        // Nobody has heard of it.
        None => {}
    }
}

fn requests(planned: &PlannedCost, slice: &SliceFacts<'_>, usage: &mut Usage, basis: &mut Basis) {
    let counted = slice.health.and_then(|health| health.requests);
    let expected = planned.slice_requests.get(slice.slice as usize).copied();
    basis.requests_counted += u64::from(counted.is_some());
    basis.requests_assumed += u64::from(counted.is_none());
    let requests = counted.or(expected).unwrap_or_default();
    let region = &planned.fleet.function(slice.shard).region;
    usage.add_worker_requests(&requests, region, &planned.fleet.store_region);
}

/// Adds what a worker sent to the target: its requests, each as long as it was planned to be.
fn sent(plan: &Plan, planned: &PlannedCost, slice: &SliceFacts<'_>, usage: &mut Usage) {
    let requests = slice.tally.requests.iter().zip(&planned.request_bytes);
    let measured = requests.map(|(request, bytes)| u128::from(request.counts.sent) * u128::from(*bytes));
    // Which request an unmeasured arrival was is not kept: they are taken to be as the mix is.
    let (bytes, whole) = mix_bytes(plan, &planned.request_bytes);
    let unmeasured = u128::from(slice.tally.unmeasured.sent).saturating_mul(bytes);
    let unmeasured = unmeasured.div_ceil(whole);
    let region = &planned.fleet.function(slice.shard).region;
    let bytes = measured.sum::<u128>().saturating_add(unmeasured);
    let bytes = bytes.saturating_add(u128::from(planned.connecting_bytes));
    usage.add(
        CostItem::BytesToInternet,
        region,
        u64::try_from(bytes).unwrap_or(u64::MAX),
    );
}
