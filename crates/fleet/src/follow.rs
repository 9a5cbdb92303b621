//! Follows a run until it is over.
//!
//! A run that has started is over when every slice has a result or is lost. A slice is lost if its worker has ended
//! without a result, or has stored nothing for longer than all of the worker's waits can take. If a run is stopped, the
//! slices that no worker has claimed are also lost. A run that never starts is over when it is stopped, or some seconds
//! after its start timeout. So following a run always ends, even if all other processes of the run have died.

use crate::abort::Rules;
use crate::crew::{Crew, Gone};
use crate::fleet::FleetError;
use crate::gather::{GatherError, Gatherer, RunRecord, SliceId};
pub use crate::presence::Losses;
use crate::slice_record::is_on;
use plan::plan::name_shards;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use worker::clock::Clock;

/// The interval at which the store is polled.
pub const POLL: Duration = Duration::from_millis(250);
/// The time that is added to each wait for a result, in case the store fails for a short time.
const RESULT_GRACE: Duration = Duration::from_secs(15);
/// How long to wait for the result of a worker that has ended. The worker may have stored its result just before it
/// ended.
const GONE_GRACE: Duration = Duration::from_secs(2);
/// A running worker stores a snapshot in every interval. A worker counts as ended if it has stored no new snapshot for
/// this many intervals, and for at least [`SILENT_MIN`].
const SILENT_INTERVALS: u32 = 4;
const SILENT_MIN: Duration = Duration::from_secs(20);

/// Reads a run until it is over, and calls `progress` after every poll. If the run breaks a rule of its `abort_if`,
/// this function stops the run. If there is a crew, the crew starts the workers of slices that are due, and reports the
/// workers that have ended.
///
/// If the run is over without all results, this function stops the run, unless all workers without a result are known
/// to have ended. The stop is required because a worker may have been frozen, or cut off from the store. Such a worker
/// would continue to send when it resumes. Without a crew that starts workers, a run that already has a report is not
/// stopped.
///
/// # Errors
/// Fails if the run cannot be read, or cannot be stopped.
pub async fn follow(
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    mut progress: impl FnMut(&RunRecord),
) -> Result<Losses, GatherError> {
    let mut watch = Watch::default();
    if gatherer.takeover.is_some_and(|takeover| takeover.store_failed) {
        watch.store_failed = clock.now();
    }
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
                crew.withdraw(gatherer.record.start.is_some()).await;
            }
        }
        if broken.is_none() && gatherer.record.stop.is_none() {
            broken = rules.check(&gatherer.record);
        }
        if let Some(rule) = broken.as_ref().filter(|_| gatherer.record.stop.is_none()) {
            // If this write fails, the stop is written again after the next poll.
            let _ = gatherer.abort(&rule.why, &rule.rule, now).await;
        }
        if fresh {
            watch.update(&gatherer.record, now);
            if watch.over(&gatherer.record, now).is_some() && gatherer.poll_all().await? {
                // The listing may have found objects that were not found by name.
                watch.update(&gatherer.record, now);
                if let Some(losses) = watch.over(&gatherer.record, now) {
                    let possibly_alive = watch.possibly_alive(&losses);
                    // If the run has a report, an earlier follower has already ended, so this follower must not change
                    // the store.
                    if !possibly_alive.is_empty() && (starts(&crew) || !gatherer.is_reported().await) {
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
            // An event ends the wait, because a worker that has ended has already stored its result.
            Some(crew) => crew.wait(POLL).await,
            None => tokio::time::sleep(POLL).await,
        }
    }
}

fn starts(crew: &Option<&mut Crew>) -> bool {
    crew.as_ref().is_some_and(|crew| crew.starts())
}

/// Returns the slices of a run that have no result, with the reasons. The reasons are computed from the store alone,
/// because no process follows the run.
pub fn losses(record: &RunRecord) -> Losses {
    record
        .expected()
        .filter(|slice_id| !record.has_result(*slice_id))
        .map(|slice_id| (slice_id, silence(record, slice_id)))
        .collect()
}

#[derive(Debug, Default)]
struct Watch {
    /// The workers whose end or error the fleet has reported. Each value is the wall time at which this process read
    /// the event, and the error; the error is `None` if the worker ended normally.
    gone: BTreeMap<SliceId, (u64, Option<FleetError>)>,
    /// The workers whose answer was lost. A worker in this set may be running.
    doubtful: BTreeSet<SliceId>,
    /// For each slice, the number of its snapshots, and the time at which this number last changed.
    snapshots: BTreeMap<SliceId, (usize, u64)>,
    launched: BTreeSet<SliceId>,
    /// The time at which this process first read the stop. The time inside the stop is not used, because the clock of
    /// the process that wrote the stop may differ.
    stopped: Option<u64>,
    /// The time at which the store last failed for this process. The store may have failed for the workers too. So no
    /// slice counts as lost until [`RESULT_GRACE`] after this time.
    store_failed: u64,
}

impl Watch {
    fn add_gone(&mut self, gone: Vec<Gone>, now: u64) {
        for Gone { slice_id, result } in gone {
            if result.as_ref().is_err_and(FleetError::leaves_doubt) {
                self.doubtful.insert(slice_id);
            }
            self.gone.insert(slice_id, (now, result.err()));
        }
    }

    /// Starts the workers of the next slices shortly before these slices begin, unless the slices are already claimed.
    fn hand_over(&mut self, crew: &mut Crew, record: &RunRecord, now: u64) {
        let Some(start) = record.start.as_ref().filter(|_| record.stop.is_none()) else {
            return;
        };
        let mut due = Vec::new();
        for slice_id in record.expected().filter(|(_, slice)| *slice > 0) {
            let window = &record.plan.slices[slice_id.1 as usize];
            // The worker of the previous slice should have started the next worker in the first third of the hand-over
            // lead.
            let lead = nanos(record.plan.handover_lead(slice_id.1 as usize) * 2 / 3);
            let claimed = record.slice(slice_id).is_some_and(|slice| slice.claim().is_some());
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

    /// Returns the lost slices if the run is over; `None` if a result may still be stored.
    fn over(&self, record: &RunRecord, now: u64) -> Option<Losses> {
        let Some(start) = &record.start else {
            // A run that never started is over if the run was stopped, or if the start timeout of its workers has
            // passed.
            let waited = record.plan.created + nanos(record.plan.timing.start_timeout + RESULT_GRACE);
            return (record.stop.is_some() || now > waited).then(Losses::new);
        };
        let mut losses = Losses::new();
        for slice_id in record.expected().filter(|slice_id| !record.has_result(*slice_id)) {
            losses.insert(slice_id, self.lost(record, start.t0, slice_id, now)?);
        }
        (losses.is_empty() || now > self.store_failed + nanos(RESULT_GRACE)).then_some(losses)
    }

    /// Returns the shards of the lost slices whose workers may still be running.
    fn possibly_alive(&self, losses: &Losses) -> Vec<u32> {
        let is_gone = |slice_id: &SliceId| self.gone.contains_key(slice_id) && !self.doubtful.contains(slice_id);
        let shards: BTreeSet<u32> = losses
            .keys()
            .filter(|slice_id| !is_gone(slice_id))
            .map(|slice_id| slice_id.0)
            .collect();
        shards.into_iter().collect()
    }

    /// Returns the reason why a slice will not get a result; `None` if the slice may still get one.
    fn lost(&self, record: &RunRecord, t0: u64, slice_id: SliceId, now: u64) -> Option<String> {
        let silence = || silence(record, slice_id);
        let claimed = record.slice(slice_id).is_some_and(|slice| slice.claim().is_some());
        let window = &record.plan.slices[slice_id.1 as usize];
        let open = t0 + window.from;
        let (_, since) = self.snapshots.get(&slice_id).copied().unwrap_or((0, open));
        // The error of a worker that another worker has replaced is ignored.
        let claim = record.slice(slice_id).and_then(|slice| slice.claim());
        let is_sender = |error: &FleetError| match (&error.host, claim) {
            (Some(host), Some(claim)) => is_on(claim, host),
            _ => true,
        };
        let gone = self.gone.get(&slice_id);
        if let Some((gone, error)) = gone.filter(|(_, error)| error.as_ref().is_none_or(is_sender)) {
            // The end of a worker does not always mean that the slice is lost. The worker may have ended because
            // another worker had claimed the slice, or the answer of a running worker may have been lost. A slice that
            // still gets snapshots is not lost.
            let certain = error.is_some() && !self.doubtful.contains(&slice_id);
            let grace = match (claimed, certain) {
                (false, _) => Some(nanos(GONE_GRACE)),
                (true, true) => Some(nanos(GONE_GRACE + record.plan.timing.snapshot_interval)),
                (true, false) => None,
            };
            let quiet = if claimed { since.max(open).max(*gone) } else { *gone };
            if grace.is_some_and(|grace| now > quiet + grace) {
                let why = error.as_ref().map(|error| error.problem.as_str());
                let why = why.unwrap_or("its worker exited without claiming it");
                return Some(format!("{why}; {}", silence()));
            }
        }
        let drained = nanos(record.plan.wait_max() + RESULT_GRACE);
        if let Some(stopped) = self.stopped
            && (!claimed || now > stopped + drained)
        {
            return Some(format!("the run was stopped; {}", silence()));
        }
        // Flows that have begun continue after the window until they end.
        let ended = nanos(record.plan.arrival_max() + RESULT_GRACE);
        if now > t0 + window.to + ended {
            return Some(silence());
        }
        let silent = (record.plan.timing.snapshot_interval * SILENT_INTERVALS).max(SILENT_MIN);
        // A worker stores no snapshot between the end of its window and the end of its last requests.
        let patience = nanos(silent) + if now > t0 + window.to { drained } else { 0 };
        (now > since.max(open) + patience).then(silence)
    }
}

/// Returns text about a slice without a result. The text is computed from the store alone.
fn silence(record: &RunRecord, slice_id: SliceId) -> String {
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    match record.slice(slice_id) {
        None => match hand_over_problem(record, slice_id) {
            Some(problem) => format!("it was never claimed; the worker before it could not start it: {problem}"),
            None => "it was never claimed".to_owned(),
        },
        Some(slice) => {
            let who = slice.claim().map_or("an unknown worker", |claim| claim.worker.as_str());
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
