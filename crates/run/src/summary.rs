//! Converts the record of a run to its report.

use fleet::follow::Losses;
use fleet::gather::RunRecord;
use fleet::kinds;
use fleet::presence;
use report::run_report::{Facts, RunReport, SliceReport, SliceState};
use std::borrow::Cow;
use store::documents::Account;
use tally::stretch::Outline;
use tally::tally::Tally;

/// Returns the report of a run that is over. `losses` contains the reasons why slices have no result.
pub fn report(record: &RunRecord, losses: &Losses, account: Option<Account>) -> RunReport {
    of(record, losses, account, None)
}

/// Returns a report of a run in progress: the report that the run would have if it ended after the last second that all
/// live workers have stored.
pub fn so_far(record: &RunRecord) -> RunReport {
    let until = u64::from(record.whole_until()) * 1_000_000_000;
    of(record, &Losses::new(), None, Some(until))
}

fn of(record: &RunRecord, losses: &Losses, account: Option<Account>, until: Option<u64>) -> RunReport {
    let plan = &record.plan;
    let parts: Vec<SliceReport<'_>> = (0..plan.shards)
        .flat_map(|shard| (0..plan.slices.len() as u32).map(move |slice| (shard, slice)))
        .filter_map(|slice_id| part(record, losses, slice_id))
        .collect();
    let launcher = account.as_ref().map(|account| account.launcher);
    let facts = Facts {
        started: record.start.as_ref().map(|start| start.t0),
        stopped: record.stop.as_ref().map(|stop| stop.reason.clone()),
        rule: record.stop.as_ref().and_then(|stop| stop.rule.clone()),
        left_out: (0..plan.shards)
            .filter(|shard| !presence::owes(record, *shard))
            .collect(),
        damaged: record.damaged.clone(),
        receipts: account.map(|account| account.receipts).unwrap_or_default(),
        launcher,
        until,
        ended: record.ended(),
        processor_hint: kinds::named(&plan.fleet).and_then(|kind| kind.processor_hint()),
        timeline: record.timeline.clone(),
    };
    RunReport::new(plan, &facts, &parts, &record.merged.series())
}

/// Returns the data of a slice for the report; `None` if the shard of the slice owes no arrivals.
fn part<'a>(record: &'a RunRecord, losses: &Losses, slice_id: (u32, u32)) -> Option<SliceReport<'a>> {
    if !presence::owes(record, slice_id.0) {
        return None;
    }
    let known = record.slice(slice_id);
    let start = record.start.as_ref();
    let stripe = match start.filter(|start| start.restriped) {
        Some(start) => start.stripe(slice_id.0, record.plan.shards)?,
        None => record.plan.stripe(slice_id.0),
    };
    let part = |state, tally| SliceReport {
        shard: slice_id.0,
        slice: slice_id.1,
        stripe,
        worker: known.and_then(|slice| slice.claim()).map(|claim| claim.worker.clone()),
        state,
        tally,
        health: known
            .and_then(|slice| slice.result.as_ref())
            .map(|result| result.health.clone()),
        snapshots: known.map_or_else(|| Cow::Owned(Outline::new(0)), |slice| Cow::Borrowed(&slice.snapshots)),
        paced_until: known.map_or(0, |slice| slice.paced_until(&record.plan.slices[slice_id.1 as usize])),
    };
    if let Some(result) = known.and_then(|slice| slice.result.as_ref()) {
        return Some(part(
            SliceState::Ended(result.end.clone()),
            Cow::Borrowed(&result.tally),
        ));
    }
    let in_at_start = start.is_some_and(|start| start.shards.contains(&slice_id.0));
    let why = losses.get(&slice_id).cloned().unwrap_or_else(|| match in_at_start {
        true => "no result".to_owned(),
        false => "not ready at the start".to_owned(),
    });
    let tally = match known {
        Some(slice) => Cow::Borrowed(&slice.told),
        None => Cow::Owned(Tally::new(record.plan.requests.len())),
    };
    Some(part(SliceState::Lost(why), tally))
}
