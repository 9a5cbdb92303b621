//! Follows a run until it is over.
//!
//! A run is over when every slice has its result or is lost. A slice is lost when its worker is known to be gone, or
//! has stored nothing for longer than any wait allows. Following therefore always ends, whichever process died.

use crate::abort::Rules;
use crate::crew::{Crew, Gone};
use crate::fleet::FleetError;
use crate::gather::{GatherError, Gatherer, RunRecord, SliceId};
pub use crate::presence::Losses;
use plan::plan::name_shards;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use worker::clock::Clock;

/// The interval at which the store is polled.
pub const POLL: Duration = Duration::from_millis(250);
/// The time that a result may take after the last sign of its worker: a store may fail for a while.
const RESULT_GRACE: Duration = Duration::from_secs(15);
/// A worker that is known to be gone may have stored its result a moment ago.
const GONE_GRACE: Duration = Duration::from_secs(2);
/// A running worker stores a snapshot every interval. A worker without a new snapshot for this many intervals, and for
/// at least [`SILENT_MIN`], is gone.
const SILENT_INTERVALS: u32 = 4;
const SILENT_MIN: Duration = Duration::from_secs(20);

/// Reads a run until it is over; calls `progress` after every poll. A run that breaks a rule of its `abort_if` is
/// stopped. With a crew, slices that are due are started, and the crew reports the workers that are gone.
///
/// A run that ends without all results is stopped, unless the missing workers are known to be gone: a worker that was
/// only frozen, or cut off from the store, would continue to send when it resumes.
///
/// # Errors
/// When the run cannot be read, or cannot be stopped.
pub async fn follow(
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    mut progress: impl FnMut(&RunRecord),
) -> Result<Losses, GatherError> {
    let mut watch = Watch::default();
    let mut rules = Rules::default();
    let mut broken = None;
    let mut withdrawn = false;
    loop {
        let now = clock.now();
        let fresh = gatherer.poll(now).await?;
        progress(&gatherer.record);
        let now = clock.now();
        if let Some(crew) = crew.as_deref_mut() {
            watch.add_gone(crew.gone(), now);
            watch.hand_over(crew, &gatherer.record, now);
            if gatherer.record.stop.is_some() && !withdrawn {
                withdrawn = true;
                crew.withdraw().await;
            }
        }
        if broken.is_none() && gatherer.record.stop.is_none() {
            broken = rules.check(&gatherer.record);
        }
        if let Some(rule) = broken.as_ref().filter(|_| gatherer.record.stop.is_none()) {
            // If the store fails now, the next poll tries again.
            let _ = gatherer.abort(&rule.why, &rule.rule, now).await;
        }
        if fresh {
            watch.update(&gatherer.record, now);
            if watch.over(&gatherer.record, now).is_some() && gatherer.poll_all().await? {
                // The listing may have found objects that the polls by name did not.
                watch.update(&gatherer.record, now);
                if let Some(losses) = watch.over(&gatherer.record, now) {
                    let possibly_alive = watch.possibly_alive(&losses);
                    // The first follower to conclude has written the stop; attaching to an old run changes nothing.
                    if !possibly_alive.is_empty() && (crew.is_some() || !gatherer.is_reported().await) {
                        let who = name_shards(&possibly_alive);
                        let why = format!("{who} stored no result, and a worker may still be running");
                        gatherer.stop(&why, clock).await?;
                    }
                    return Ok(losses);
                }
            }
        } else {
            watch.store_failed = now;
        }
        match crew.as_deref_mut() {
            // A worker that has ended has stored its result.
            Some(crew) => crew.wait(POLL).await,
            None => tokio::time::sleep(POLL).await,
        }
    }
}

/// Returns the slices of a run without a result, judged by the store alone, for a run that no process follows.
pub fn losses(record: &RunRecord) -> Losses {
    record
        .expected()
        .filter(|slice_id| !record.has_result(*slice_id))
        .map(|slice_id| (slice_id, silence(record, slice_id)))
        .collect()
}

#[derive(Debug, Default)]
struct Watch {
    /// The workers that are known to be gone: since when (wall time), and the error of the fleet.
    gone: BTreeMap<SliceId, (u64, Option<String>)>,
    /// The workers whose answer was lost: they may be running.
    doubtful: BTreeSet<SliceId>,
    /// The number of snapshots of each slice, and since when it has that number.
    snapshots: BTreeMap<SliceId, (usize, u64)>,
    launched: BTreeSet<SliceId>,
    /// When this process first read the stop: the writer of the stop may have had another clock.
    stopped: Option<u64>,
    /// When the store last failed. It may have failed for the workers too, so no worker is given up soon after.
    store_failed: u64,
}

impl Watch {
    fn add_gone(&mut self, gone: Vec<Gone>, now: u64) {
        for Gone { slice_id, result } in gone {
            if result.as_ref().is_err_and(FleetError::leaves_doubt) {
                self.doubtful.insert(slice_id);
            }
            self.gone
                .insert(slice_id, (now, result.err().map(|error| error.to_string())));
        }
    }

    /// Starts the next slices shortly before their windows, if they are not claimed.
    fn hand_over(&mut self, crew: &mut Crew, record: &RunRecord, now: u64) {
        let Some(start) = record.start.as_ref().filter(|_| record.stop.is_none()) else {
            return;
        };
        let mut due = Vec::new();
        for slice_id in record.expected().filter(|(_, slice)| *slice > 0) {
            let window = &record.plan.slices[slice_id.1 as usize];
            // The worker of the previous slice has had a third of the lead to start it.
            let lead = nanos(record.plan.handover_lead(slice_id.1 as usize) * 2 / 3);
            let claimed = record.slice(slice_id).is_some_and(|slice| slice.claim.is_some());
            if now + lead >= start.t0 + window.from && !claimed && self.launched.insert(slice_id) {
                due.push(slice_id);
            }
        }
        crew.launch(due);
    }

    fn update(&mut self, record: &RunRecord, now: u64) {
        for (slice_id, slice) in &record.slices {
            let number = slice.snapshots.len();
            let last = self.snapshots.entry(*slice_id).or_insert((number, now));
            if last.0 != number {
                *last = (number, now);
            }
        }
        if record.stop.is_some() {
            self.stopped.get_or_insert(now);
        }
    }

    /// Returns the losses once the run is over; `None` while it has something to wait for.
    fn over(&self, record: &RunRecord, now: u64) -> Option<Losses> {
        let Some(start) = &record.start else {
            // A run that never started is over when it is stopped, or when the start timeout of its workers has passed.
            let waited = record.plan.created + nanos(record.plan.timing.start_timeout + RESULT_GRACE);
            return (record.stop.is_some() || now > waited).then(Losses::new);
        };
        let mut losses = Losses::new();
        for slice_id in record.expected().filter(|slice_id| !record.has_result(*slice_id)) {
            losses.insert(slice_id, self.lost(record, start.t0, slice_id, now)?);
        }
        (losses.is_empty() || now > self.store_failed + nanos(RESULT_GRACE)).then_some(losses)
    }

    /// Returns the shards of lost slices whose workers may still be alive.
    fn possibly_alive(&self, losses: &Losses) -> Vec<u32> {
        let is_gone = |slice_id: &SliceId| self.gone.contains_key(slice_id) && !self.doubtful.contains(slice_id);
        let shards: BTreeSet<u32> = losses
            .keys()
            .filter(|slice_id| !is_gone(slice_id))
            .map(|slice_id| slice_id.0)
            .collect();
        shards.into_iter().collect()
    }

    /// Returns why a slice without a result will not get one, if that is certain.
    fn lost(&self, record: &RunRecord, t0: u64, slice_id: SliceId, now: u64) -> Option<String> {
        let silence = || silence(record, slice_id);
        let claimed = record.slice(slice_id).is_some_and(|slice| slice.claim.is_some());
        let window = &record.plan.slices[slice_id.1 as usize];
        let open = t0 + window.from;
        let (_, since) = self.snapshots.get(&slice_id).copied().unwrap_or((0, open));
        if let Some((gone, error)) = self.gone.get(&slice_id) {
            // The store decides. A worker that exited may have found its slice claimed by another, and the answer of a
            // running worker may be lost: a slice that still gets snapshots is not lost.
            let certain = error.is_some() && !self.doubtful.contains(&slice_id);
            let grace = match (claimed, certain) {
                (false, _) => Some(nanos(GONE_GRACE)),
                (true, true) => Some(nanos(GONE_GRACE + record.plan.timing.snapshot_interval)),
                (true, false) => None,
            };
            let quiet = if claimed { since.max(open).max(*gone) } else { *gone };
            if grace.is_some_and(|grace| now > quiet + grace) {
                let why = error.as_deref().unwrap_or("its worker exited without claiming it");
                return Some(format!("{why}; {}", silence()));
            }
        }
        let drained = nanos(record.plan.wait_max() + RESULT_GRACE);
        if let Some(stopped) = self.stopped
            && (!claimed || now > stopped + drained)
        {
            return Some(format!("the run was stopped; {}", silence()));
        }
        // Flows continue after the window until they end.
        let ended = nanos(record.plan.arrival_max() + RESULT_GRACE);
        if now > t0 + window.to + ended {
            return Some(silence());
        }
        let silent = (record.plan.timing.snapshot_interval * SILENT_INTERVALS).max(SILENT_MIN);
        // While it drains after its window, a worker stores no snapshot until its last requests end.
        let patience = nanos(silent) + if now > t0 + window.to { drained } else { 0 };
        (now > since.max(open) + patience).then(silence)
    }
}

/// Describes a slice without a result, from the store alone.
fn silence(record: &RunRecord, slice_id: SliceId) -> String {
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    match record.slice(slice_id) {
        None => match hand_over_problem(record, slice_id) {
            Some(problem) => format!("it was never claimed; the worker before it could not start it: {problem}"),
            None => "it was never claimed".to_owned(),
        },
        Some(slice) => {
            let who = slice
                .claim
                .as_ref()
                .map_or("an unknown worker", |claim| claim.worker.as_str());
            if slice.snapshots.is_empty() {
                return format!("claimed by {who}, which stored nothing afterwards");
            }
            let end = record.plan.slices[slice_id.1 as usize].to;
            format!(
                "the last snapshot of {who} ends at {:.1} s: its arrivals from {:.1} s to {:.1} s are missing",
                seconds(slice.known_until),
                seconds(slice.known_until),
                seconds(end.max(slice.known_until)),
            )
        }
    }
}

fn hand_over_problem(record: &RunRecord, slice_id: SliceId) -> Option<&str> {
    let before = record.slice((slice_id.0, slice_id.1.checked_sub(1)?))?;
    before.result.as_ref()?.health.hand_over_problem.as_deref()
}

fn nanos(span: Duration) -> u64 {
    span.as_nanos() as u64
}
