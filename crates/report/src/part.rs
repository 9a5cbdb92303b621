//! The input of a report: the parts of a run, and facts about the whole run.

use plan::plan::{Plan, StripeOf};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use tally::account::{Receipt, Requests};
use tally::interval::Timeline;
use tally::snapshot::{Health, SliceEnd};
use tally::stretch::Outline;
use tally::tally::Tally;

/// The data of one slice of one shard.
#[derive(Clone, Debug)]
pub struct SliceReport<'a> {
    pub shard: u32,
    pub slice: u32,
    /// The stripe that it sent: its shard's, or another one after a start without all shards.
    pub stripe: StripeOf,
    /// The name of the worker that claimed it.
    pub worker: Option<String>,
    pub state: SliceState,
    pub tally: Cow<'a, Tally>,
    pub health: Option<Health>,
    /// The outline of its snapshots.
    pub snapshots: Cow<'a, Outline>,
    /// The end of the pacing that its objects in the store prove, in nanoseconds since T0.
    pub paced_until: u64,
}

/// Whether a part has its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceState {
    Ended(SliceEnd),
    /// No result, for this reason; the tally is the sum of its snapshots.
    Lost(String),
}

/// Facts about a whole run.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// T0 in nanoseconds since the Unix epoch; `None` for a run that never started.
    pub started: Option<u64>,
    /// The reason of the stop, if the run was stopped.
    pub stopped: Option<String>,
    /// The broken rule of `abort_if`, if it caused the stop.
    pub rule: Option<String>,
    /// Shards that were not ready at the start, and whose arrivals the others sent.
    pub left_out: Vec<u32>,
    /// Objects that could not be read, each with the reason.
    pub damaged: BTreeMap<String, String>,
    /// The platform's receipts for invocations, and the launcher's requests to the store, if they are known.
    pub receipts: Vec<Receipt>,
    pub launcher: Option<Requests>,
    /// The progress of a running run, in nanoseconds since T0; `None` for a run that is over.
    pub until: Option<u64>,
    /// The end of the load of a finished run, in nanoseconds since T0, if it was before the planned end.
    pub ended: Option<u64>,
    /// The fleet's advice for workers without processor time; `None` for the general advice.
    pub processor_hint: Option<&'static str>,
    /// The run by request over time, for pages; empty if no page is written.
    pub timeline: Arc<Timeline>,
}

/// Returns the part of an interval in which any population is measured, in nanoseconds.
pub(crate) fn measured_between(plan: &Plan, from: u64, to: u64) -> u64 {
    within(&plan.measured_spans(), from, to)
}

/// Returns the part of an interval that spans of time cover, in nanoseconds.
pub(crate) fn within(spans: &[Range<u64>], from: u64, to: u64) -> u64 {
    let inside = spans
        .iter()
        .map(|span| span.end.min(to).saturating_sub(span.start.max(from)));
    inside.sum()
}
