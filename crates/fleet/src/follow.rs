//! A run on its way, until it is over.
//!
//! It is over when every slice has its result, or is lost: its worker is known to be gone, or
//! nothing was heard of it for longer than anything takes. So following always ends, whoever died.

use crate::abort::Rules;
use crate::crew::{Crew, Gone};
use crate::fleet::FleetError;
use crate::gather::{GatherError, Gatherer, Place, RunRecord};
pub use crate::presence::Losses;
use plan::plan::name_shards;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use worker::clock::Clock;

/// How often the store is looked at.
pub const POLL: Duration = Duration::from_millis(250);
/// How long a result may take after its worker was last heard of: a store may fail for a while.
const RESULT_GRACE: Duration = Duration::from_secs(15);
/// A worker that is known to be gone may have stored its result a moment ago.
const GONE_GRACE: Duration = Duration::from_secs(2);
/// A worker that runs stores a snapshot every interval; so many intervals, and at least so long,
/// without one mean that it is gone.
const SILENT_INTERVALS: u32 = 4;
const SILENT_MIN: Duration = Duration::from_secs(20);

/// Reads a run until it is over; `progress` sees every look. A run that breaks a rule of its
/// `abort_if` is stopped. With a crew, slices that are due are started and the crew's word on who is
/// gone is used.
///
/// A run that ends without all results is stopped, unless the workers that are missing are known to be gone: one that
/// was only frozen, or cut off from the store, would go on sending when it wakes.
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
        let fresh = gatherer.glance(now).await?;
        progress(&gatherer.record);
        let now = clock.now();
        if let Some(crew) = crew.as_deref_mut() {
            watch.hear(crew.gone(), now);
            watch.hand_over(crew, &gatherer.record, now);
            if gatherer.record.stop.is_some() && !withdrawn {
                withdrawn = true;
                crew.withdraw().await;
            }
        }
        if broken.is_none() && gatherer.record.stop.is_none() {
            broken = rules.look(&gatherer.record);
        }
        if let Some(rule) = broken.as_ref().filter(|_| gatherer.record.stop.is_none()) {
            // A store that fails now is asked again at the next look.
            let _ = gatherer.abort(&rule.why, &rule.rule, now).await;
        }
        if fresh {
            watch.see(&gatherer.record, now);
            if watch.over(&gatherer.record, now).is_some() && gatherer.glance_whole().await? {
                // There may be more than was known.
                watch.see(&gatherer.record, now);
                if let Some(losses) = watch.over(&gatherer.record, now) {
                    let at_large = watch.at_large(&losses);
                    // The first to conclude has seen to the stop; one who attaches to an old run changes nothing.
                    if !at_large.is_empty() && (crew.is_some() || !gatherer.is_reported().await) {
                        let who = name_shards(&at_large);
                        let why = format!("no result of {who} came, and it may still be running");
                        gatherer.stop(&why, clock).await?;
                    }
                    return Ok(losses);
                }
            }
        } else {
            watch.blind = now;
        }
        match crew.as_deref_mut() {
            // A worker that has ended has stored its result.
            Some(crew) => crew.wait(POLL).await,
            None => tokio::time::sleep(POLL).await,
        }
    }
}

/// Slices of a run without a result, as the store alone tells, for a run that nobody follows.
pub fn losses(record: &RunRecord) -> Losses {
    record
        .expected()
        .filter(|place| !record.has_result(*place))
        .map(|place| (place, silence(record, place)))
        .collect()
}

#[derive(Debug, Default)]
struct Watch {
    /// Who is known to be gone: since when (wall time), and its last words.
    gone: BTreeMap<Place, (u64, Option<String>)>,
    /// Whose answer was lost: they may run all the same.
    doubtful: BTreeSet<Place>,
    /// How many snapshots each slice had, and since when.
    heard: BTreeMap<Place, (usize, u64)>,
    launched: BTreeSet<Place>,
    /// When the stop was first seen here: whoever wrote it may have had another clock.
    stopped: Option<u64>,
    /// When the store last failed: it may have failed for the workers too, so nobody is given up soon after.
    blind: u64,
}

impl Watch {
    fn hear(&mut self, gone: Vec<Gone>, now: u64) {
        for Gone { place, result } in gone {
            if result.as_ref().is_err_and(FleetError::leaves_doubt) {
                self.doubtful.insert(place);
            }
            self.gone
                .insert(place, (now, result.err().map(|error| error.to_string())));
        }
    }

    /// Starts the next slices shortly before their windows, where nobody has claimed them.
    fn hand_over(&mut self, crew: &mut Crew, record: &RunRecord, now: u64) {
        let Some(start) = record.start.as_ref().filter(|_| record.stop.is_none()) else {
            return;
        };
        let mut due = Vec::new();
        for place in record.expected().filter(|(_, slice)| *slice > 0) {
            let window = &record.plan.slices[place.1 as usize];
            // Its predecessor has had some time to start it.
            let lead = nanos(record.plan.handover_lead(place.1 as usize) * 2 / 3);
            let claimed = record.slice(place).is_some_and(|slice| slice.claim.is_some());
            if now + lead >= start.t0 + window.from && !claimed && self.launched.insert(place) {
                due.push(place);
            }
        }
        crew.launch(due);
    }

    fn see(&mut self, record: &RunRecord, now: u64) {
        for (place, slice) in &record.slices {
            let heard = slice.snapshots.len();
            let last = self.heard.entry(*place).or_insert((heard, now));
            if last.0 != heard {
                *last = (heard, now);
            }
        }
        if record.stop.is_some() {
            self.stopped.get_or_insert(now);
        }
    }

    /// The losses, once there is nothing to wait for.
    fn over(&self, record: &RunRecord, now: u64) -> Option<Losses> {
        let Some(start) = &record.start else {
            // A run that never started is over when it is stopped, or when its workers have given up waiting.
            let waited = record.plan.created + nanos(record.plan.timing.start_timeout + RESULT_GRACE);
            return (record.stop.is_some() || now > waited).then(Losses::new);
        };
        let mut losses = Losses::new();
        for place in record.expected().filter(|place| !record.has_result(*place)) {
            losses.insert(place, self.lost(record, start.t0, place, now)?);
        }
        (losses.is_empty() || now > self.blind + nanos(RESULT_GRACE)).then_some(losses)
    }

    /// The shards of lost slices whose workers may be alive all the same.
    fn at_large(&self, losses: &Losses) -> Vec<u32> {
        let is_gone = |place: &Place| self.gone.contains_key(place) && !self.doubtful.contains(place);
        let shards: BTreeSet<u32> = losses
            .keys()
            .filter(|place| !is_gone(place))
            .map(|place| place.0)
            .collect();
        shards.into_iter().collect()
    }

    /// Why a slice without a result will not get one, if that is certain.
    fn lost(&self, record: &RunRecord, t0: u64, place: Place, now: u64) -> Option<String> {
        let silence = || silence(record, place);
        let claimed = record.slice(place).is_some_and(|slice| slice.claim.is_some());
        let window = &record.plan.slices[place.1 as usize];
        let open = t0 + window.from;
        let (_, since) = self.heard.get(&place).copied().unwrap_or((0, open));
        if let Some((gone, words)) = self.gone.get(&place) {
            // The store is the truth. A worker that left may have found its slice claimed, and
            // the answer of one that runs may be lost: somebody who is heard of is not gone.
            let certain = words.is_some() && !self.doubtful.contains(&place);
            let grace = match (claimed, certain) {
                (false, _) => Some(nanos(GONE_GRACE)),
                (true, true) => Some(nanos(GONE_GRACE + record.plan.timing.snapshot_interval)),
                (true, false) => None,
            };
            let quiet = if claimed { since.max(open).max(*gone) } else { *gone };
            if grace.is_some_and(|grace| now > quiet + grace) {
                let words = words.as_deref().unwrap_or("its worker left without having claimed it");
                return Some(format!("{words}; {}", silence()));
            }
        }
        let drained = nanos(record.plan.wait_max() + RESULT_GRACE);
        if let Some(stopped) = self.stopped
            && (!claimed || now > stopped + drained)
        {
            return Some(format!("the run was stopped; {}", silence()));
        }
        if now > t0 + window.to + drained {
            return Some(silence());
        }
        let silent = (record.plan.timing.snapshot_interval * SILENT_INTERVALS).max(SILENT_MIN);
        // While it drains after its window, a worker has nothing new to tell for as long as a request may take.
        let patience = nanos(silent) + if now > t0 + window.to { drained } else { 0 };
        (now > since.max(open) + patience).then(silence)
    }
}

/// What the store tells of a slice that has no result.
fn silence(record: &RunRecord, place: Place) -> String {
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    match record.slice(place) {
        None => match hand_over_problem(record, place) {
            Some(problem) => format!("it was never claimed; the worker before it could not start it: {problem}"),
            None => "it was never claimed".to_owned(),
        },
        Some(slice) => {
            let who = slice.claim.as_ref().map_or("somebody", |claim| claim.worker.as_str());
            if slice.snapshots.is_empty() {
                return format!("claimed by {who}, which stored nothing after it");
            }
            let end = record.plan.slices[place.1 as usize].to;
            format!(
                "last heard of at {:.1} s from {who}: {:.1} s to {:.1} s of its stripe are missing",
                seconds(slice.known_until),
                seconds(slice.known_until),
                seconds(end.max(slice.known_until)),
            )
        }
    }
}

fn hand_over_problem(record: &RunRecord, place: Place) -> Option<&str> {
    let before = record.slice((place.0, place.1.checked_sub(1)?))?;
    before.result.as_ref()?.health.hand_over_problem.as_deref()
}

fn nanos(span: Duration) -> u64 {
    span.as_nanos() as u64
}
