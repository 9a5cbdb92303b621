//! Computes the cost of a run from the stored documents of the run: the total cost after the run, or the cost so far
//! during the run.
//!
//! The time of an invocation is the billed time if the platform reported the billed time. If the platform did not
//! report the billed time, the time of an invocation is the worker's own measurement. The worker's measurement excludes
//! the time before the worker's program starts, and the time after the worker has stored its result. For a worker
//! without a stored measurement, the time is the expected time. [`Basis`] counts the invocations for each of these
//! three cases.

use crate::cost::money::Money;
use crate::cost::{Bill, CostItem, FunctionShape, PlannedCost, Usage};
use crate::plan::Plan;
use crate::usage::weight::largest_mix_bytes;
use std::collections::BTreeMap;
use tally::account::{Receipt, Requests};
use tally::snapshot::Health;
use tally::tally::Tally;

/// The facts that determine the cost of one slice of one shard.
#[derive(Clone, Copy, Debug)]
pub struct SliceFacts<'a> {
    pub shard: u32,
    pub slice: u32,
    /// Whether a worker has claimed the slice.
    pub claimed: bool,
    /// Whether the result of the slice is stored.
    pub ended: bool,
    pub tally: &'a Tally,
    pub health: Option<&'a Health>,
}

/// The kinds of data from which the bill of a run was computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// The number of invocations whose billed time the platform reported.
    pub billed: u64,
    /// The number of invocations whose time was measured by the worker, in whole milliseconds.
    pub by_worker_clock: u64,
    /// The number of invocations for which the expected time is used.
    pub assumed: u64,
    /// The number of invocations that ended at once because another worker had already claimed the slice. The three
    /// numbers above include these invocations.
    pub left: u64,
    /// The number of workers that counted their requests to the store, and the number of workers for which the expected
    /// number of requests is used.
    pub requests_counted: u64,
    pub requests_assumed: u64,
    /// Whether the launcher's own requests were counted.
    pub launcher_counted: bool,
}

/// Returns the bill of a run and the basis of the bill; `None` if the plan has no expected cost. `receipts` are the
/// facts that the platform reported after the invocations. `launcher` contains the launcher's requests to the store, if
/// the launcher counted them.
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

/// Estimates the cost of a run so far. For each claimed slice, the estimate contains the time for which the worker has
/// run, and the expected requests to the store. The estimate also contains the bytes of the requests that were sent to
/// the target. Each sent request is assumed to have the average size. The function returns `None` if the plan has no
/// expected cost.
///
/// For each claimed slice, `claimed` contains three numbers: the shard, the slice, and the number of nanoseconds for
/// which the worker has run.
pub fn so_far(
    plan: &Plan,
    claimed: impl Iterator<Item = (u32, u32, u64)>,
    sent_by_shard: impl Fn(u32) -> u64,
) -> Option<Money> {
    let planned = plan.cost.as_ref()?;
    let mut usage = Usage::default();
    usage.add_launcher_requests(&planned.launcher, &planned.fleet.store_region);
    let (bytes, whole) = largest_mix_bytes(plan, &planned.request_bytes);
    for (shard, slice, age) in claimed {
        let function = planned.fleet.function(shard);
        add_ran(&mut usage, function, age);
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

/// Adds an invocation that ran for `ran` nanoseconds by the worker's clock. The time is rounded up, because platforms
/// bill whole milliseconds.
fn add_ran(usage: &mut Usage, function: &FunctionShape, ran: u64) {
    const MS: u64 = 1_000_000;
    usage.add_invocation(function, function.memory_mb, ran.div_ceil(MS));
}

/// Adds every known invocation of a slice to the usage.
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
            // The worker found the claim of another worker and ended. The platform bills at least one millisecond.
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
        // Neither a document nor a receipt shows that a worker was invoked for this slice.
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

/// Adds the bytes that a worker sent to the target. Each sent request is assumed to have the length in the plan's
/// expected cost.
fn sent(plan: &Plan, planned: &PlannedCost, slice: &SliceFacts<'_>, usage: &mut Usage) {
    let requests = slice.tally.requests.iter().zip(&planned.request_bytes);
    let measured = requests.map(|(request, bytes)| u128::from(request.counts.sent) * u128::from(*bytes));
    // The result does not contain the names of the requests of unmeasured arrivals. Requests without a name are assumed
    // to follow the mix of the population with the largest requests.
    let (bytes, whole) = largest_mix_bytes(plan, &planned.request_bytes);
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
