//! The input of a report: the parts of a run, and facts about the whole run. A part is one slice of one shard.

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
    /// The stripe that contains the arrivals of this slice. If the run started with all shards, this stripe is the
    /// shard's own.
    pub stripe: StripeOf,
    /// The name of the worker that claimed the slice; `None` if no worker claimed it.
    pub worker: Option<String>,
    pub state: SliceState,
    pub tally: Cow<'a, Tally>,
    pub health: Option<Health>,
    /// The outline of the snapshots of the slice.
    pub snapshots: Cow<'a, Outline>,
    /// The time until which the worker sent its arrivals, in nanoseconds since T0. The objects in the store prove this
    /// time.
    pub paced_until: u64,
}

/// Whether the store has the result of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceState {
    Ended(SliceEnd),
    /// The store has no result, for this reason. The tally of the slice is then the sum of its snapshots.
    Lost(String),
}

/// Facts about a whole run.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// T0 in nanoseconds since the Unix epoch; `None` for a run that never started.
    pub started: Option<u64>,
    /// The reason why the run was stopped; `None` if the run was not stopped.
    pub stopped: Option<String>,
    /// The broken rule of `abort_if` that stopped the run; `None` if no rule stopped the run.
    pub rule: Option<String>,
    /// The shards that were not ready at the start of the run. Other shards sent the arrivals of these shards.
    pub left_out: Vec<u32>,
    /// The objects in the store that could not be read, by key, each with the reason.
    pub damaged: BTreeMap<String, String>,
    /// The platform's receipts for invocations, and the launcher's requests to the store, if these are known.
    pub receipts: Vec<Receipt>,
    pub launcher: Option<Requests>,
    /// The end of the time that the report of a run in progress covers, in nanoseconds since T0; `None` if the run is
    /// over.
    pub until: Option<u64>,
    /// The time at which the load of a finished run ended, in nanoseconds since T0; `None` if the load ended as
    /// planned.
    pub ended: Option<u64>,
    /// The fleet's advice for workers without processor time; `None` for the general advice.
    pub processor_hint: Option<&'static str>,
    /// The counts of each request over time, for pages; empty if no page is written.
    pub timeline: Arc<Timeline>,
}

/// Returns for how long any population is measured between `from` and `to`, in nanoseconds.
pub(crate) fn measured_between(plan: &Plan, from: u64, to: u64) -> u64 {
    within(&plan.measured_spans(), from, to)
}

/// Returns the total length of the spans of time inside an interval, in nanoseconds.
pub(crate) fn within(spans: &[Range<u64>], from: u64, to: u64) -> u64 {
    let inside = spans
        .iter()
        .map(|span| span.end.min(to).saturating_sub(span.start.max(from)));
    inside.sum()
}
