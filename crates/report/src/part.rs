//! What a report is made of: the parts of a run, and what is known beside them.

use plan::plan::{Plan, StripeOf};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tally::account::{Receipt, Requests};
use tally::interval::ByRequest;
use tally::snapshot::{Health, SliceEnd};
use tally::stretch::Outline;
use tally::tally::Tally;

/// What is known of one slice of one shard.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    pub shard: u32,
    pub slice: u32,
    /// What it sent: its shard's stripe, or another one after a start without all shards.
    pub stripe: StripeOf,
    /// Who claimed it.
    pub worker: Option<String>,
    pub state: PartState,
    pub tally: Cow<'a, Tally>,
    pub health: Option<Health>,
    /// Its snapshots, outlined.
    pub snapshots: Cow<'a, Outline>,
    /// Until when it is known to have paced its load, in nanoseconds since T0.
    pub paced_until: u64,
}

/// Whether a part has its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartState {
    Ended(SliceEnd),
    /// No result, for this reason: the tally is what its snapshots hold.
    Lost(String),
}

/// What is known of a run beside its parts.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// T0 in nanoseconds since the Unix epoch; `None` for a run that never started.
    pub started: Option<u64>,
    /// Why the run was stopped, if it was.
    pub stopped: Option<String>,
    /// The rule of `abort_if` that was broken, if that is why.
    pub rule: Option<String>,
    /// Shards that were not in at the start, and whose arrivals the others sent.
    pub left_out: Vec<u32>,
    /// Objects that could not be read, and why.
    pub damaged: BTreeMap<String, String>,
    /// What the platform said of invocations, and what the launcher asked of the store, where that
    /// is known.
    pub receipts: Vec<Receipt>,
    pub launcher: Option<Requests>,
    /// How far a run has come that is on its way, in nanoseconds since T0; `None` for one that is over.
    pub until: Option<u64>,
    /// When the load of a run that is over ended, in nanoseconds since T0, if that was before its
    /// planned end.
    pub ended: Option<u64>,
    /// What helps workers of this fleet that have no processor time left; `None` for what helps on any.
    pub processor_hint: Option<&'static str>,
    /// The run by request over time, for pages; empty where nobody asked for one.
    pub by_request: Arc<ByRequest>,
}

/// How much of an interval was measured, in nanoseconds.
pub(crate) fn measured_between(plan: &Plan, from: u64, to: u64) -> u64 {
    let spans = plan.measured_spans();
    let inside = spans
        .iter()
        .map(|span| span.end.min(to).saturating_sub(span.start.max(from)));
    inside.sum()
}
