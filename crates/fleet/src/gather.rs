//! Reads the objects of a run from the store.
//!
//! Any machine can read a run, during the run or later, and any number of times. A [`Gatherer`] counts each object
//! once. Reading changes nothing in the store.

use crate::intervals::Intervals;
use crate::merged::Merged;
use crate::stop::stop_before;
use plan::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::documents::{Document, Start, Stop};
use store::keys::{self, FIRST_ATTEMPT, Object};
use store::{Created, RunStore, StoreError};
use tally::interval::Interval;
use tokio::task::JoinSet;
use tokio::time::Instant;
use worker::clock::Clock;
use worker::retry::may_pass;

mod objects;
mod seen;

pub use crate::record::{GatherError, RunRecord};
pub use crate::slice_record::{SILENT_INTERVALS, SliceId, SliceRecord};
use objects::damaged;
use seen::ReadKeys;

/// The maximum number of fetches at the same time.
const FETCHES: usize = 32;
/// The maximum number of objects that are requested in one fetch.
const SEVERAL: usize = 32;

/// The minimum time between two listings, as a multiple of the duration of the last listing. Listing the objects of a
/// long run with many workers takes seconds. Between two listings, the gatherer fetches the next expected objects by
/// name.
const LISTING_REST: u32 = 10;
/// If a shard may have at most this number of snapshots, it is listed together with other shards. A shard that may have
/// more snapshots is listed alone, which limits the duration of one listing. The value is the maximum number of keys in
/// one list answer of S3.
const LISTED_TOGETHER: u128 = 1_000;

fn has_long_shards(plan: &Plan) -> bool {
    let snapshots = u128::from(plan.length()) / plan.timing.snapshot_interval.as_nanos().max(1);
    plan.shards > 1 && snapshots > LISTED_TOGETHER
}

/// The minimum interval between two fetches by name for the same slice, in nanoseconds. Workers store an object only
/// every few seconds.
const ASK_INTERVAL: u64 = 500_000_000;

/// The time for which the store may fail before polling returns an error.
const PATIENCE: Duration = Duration::from_secs(30);

/// Polls the store for the objects of a run, and adds each object to the record once.
#[derive(Debug)]
pub struct Gatherer {
    store: RunStore,
    /// The names of the requests in the plan.
    names: Vec<String>,
    /// The digest of the plan.
    digest: String,
    seen: ReadKeys,
    /// The highest snapshot number of each slice. Snapshots that could not be read are included.
    newest: BTreeMap<SliceId, u32>,
    /// The last listing.
    listing: Option<Listing>,
    /// Whether the last read was a listing of all objects, and not a fetch by name.
    complete: bool,
    /// The time at which each slice was last fetched by name, in nanoseconds since the Unix epoch.
    asked: BTreeMap<SliceId, u64>,
    /// The time since which the store has been failing; `None` if the last read succeeded.
    failing: Option<Instant>,
    /// The intervals of the run; `None` if the caller did not ask for intervals.
    intervals: Option<Intervals>,
    /// Whether this process has taken the run over from another process; `None` if this process has published the run.
    pub takeover: Option<Takeover>,
    pub record: RunRecord,
}

/// The circumstances in which a process takes a run over from the process that published the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Whether the store has failed for this process until now. The store may have failed for the workers too.
    pub store_failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Listing {
    at: Instant,
    took: Duration,
}

impl Gatherer {
    /// Opens a run by reading its plan.
    ///
    /// # Errors
    /// Fails if the store has no such run, or if the plan cannot be used.
    pub async fn open(store: &RunStore, run: &str) -> Result<Gatherer, GatherError> {
        let key = keys::plan(run);
        let bytes = store
            .get(&key)
            .await?
            .ok_or_else(|| GatherError::NoRun { run: run.to_owned() })?;
        let plan = Plan::decode(&bytes).map_err(|source| GatherError::Document { key, source })?;
        if plan.run != run {
            // The workers and the other objects of the run use the name in the plan, so this name must equal the name
            // of the run.
            return Err(GatherError::Renamed {
                run: run.to_owned(),
                planned: plan.run,
            });
        }
        let names = plan.request_names();
        let record = RunRecord {
            merged: Merged::new(&plan),
            plan: Arc::new(plan),
            start: None,
            stop: None,
            slices: BTreeMap::new(),
            damaged: BTreeMap::new(),
            timeline: Arc::default(),
        };
        Ok(Gatherer {
            store: store.clone(),
            names,
            digest: Plan::digest(&bytes),
            seen: ReadKeys::default(),
            newest: BTreeMap::new(),
            listing: None,
            complete: false,
            asked: BTreeMap::new(),
            failing: None,
            intervals: None,
            takeover: None,
            record,
        })
    }

    /// Starts to collect the intervals of the run from the objects that are read later.
    pub fn keep_intervals(&mut self) {
        self.intervals = Some(Intervals::new(&self.record.plan));
    }

    /// Returns the intervals of the run in ascending order, each with its measured length; empty if intervals are not
    /// collected. The sum of the intervals equals the measured requests of the record.
    ///
    /// # Errors
    /// Fails if the snapshots of a worker contradict its result.
    pub fn intervals(&self) -> Result<Vec<Interval>, GatherError> {
        match &self.intervals {
            Some(intervals) => intervals.finish(&self.record),
            None => Ok(Vec::new()),
        }
    }

    /// Lists all objects and reads every new one. Returns whether any object was new.
    ///
    /// # Errors
    /// Fails if the store fails. A damaged object is noted and not counted.
    pub async fn poll_listing(&mut self) -> Result<bool, GatherError> {
        self.read_start_and_stop().await?;
        let (began, mut took, mut any) = (Instant::now(), Duration::ZERO, false);
        let run = self.record.plan.run.clone();
        let prefixes = match has_long_shards(&self.record.plan) {
            true => {
                let names = self.store.list_dirs(&keys::shards(&run)).await?;
                names.iter().map(|name| keys::shard(&run, name)).collect()
            }
            false => vec![keys::shards(&run)],
        };
        for prefix in prefixes {
            let listing = Instant::now();
            let mut listed = self.store.list(&prefix).await?;
            took += listing.elapsed();
            listed.retain(|key| !self.seen.has(key));
            any |= self.fetch(listed).await?;
        }
        self.listing = Some(Listing { at: began, took });
        self.complete = true;
        Ok(any)
    }

    /// Reads new objects, for a caller that polls. Returns whether the record is up to date. A failure of the store
    /// that may pass becomes an error only after [`PATIENCE`]. `now` is in nanoseconds since the Unix epoch.
    pub(crate) async fn poll(&mut self, now: u64) -> Result<bool, GatherError> {
        let looked = match self.listing_rests() {
            true => self.ask(now).await,
            false => self.poll_listing().await,
        };
        self.tolerate(looked)
    }

    /// Reads new objects like [`Gatherer::poll`], but always by a listing of all objects. The listing is skipped if the
    /// last read was a listing, or if every expected slice is completely read. A caller uses this function when it
    /// assumes that the run is over.
    pub(crate) async fn poll_all(&mut self) -> Result<bool, GatherError> {
        let is_whole = |slice_id| self.record.slice(slice_id).is_some_and(SliceRecord::is_whole);
        if self.complete || self.record.expected().all(is_whole) {
            return Ok(true);
        }
        let looked = self.poll_listing().await;
        self.tolerate(looked)
    }

    /// Converts an error of the store that may pass to `false`. After the store has failed for [`PATIENCE`], the error
    /// is returned.
    fn tolerate(&mut self, looked: Result<bool, GatherError>) -> Result<bool, GatherError> {
        match looked {
            Ok(_) => {
                self.failing = None;
                Ok(true)
            }
            Err(GatherError::Store(error)) if may_pass(&error) => {
                let since = *self.failing.get_or_insert_with(Instant::now);
                match since.elapsed() < PATIENCE {
                    true => Ok(false),
                    false => Err(error.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Returns whether it is too early for another listing. The result is false before the start of the run, because
    /// objects can be fetched by name only after the start.
    fn listing_rests(&self) -> bool {
        self.record.start.is_some()
            && self
                .listing
                .is_some_and(|listing| listing.at.elapsed() < listing.took * LISTING_REST)
    }

    /// Fetches by name the objects that the workers should have stored by now.
    async fn ask(&mut self, now: u64) -> Result<bool, GatherError> {
        self.read_start_and_stop().await?;
        let wanted = self.next_keys(now);
        self.complete = false;
        self.fetch(wanted).await
    }

    /// Returns the keys that the workers should have written before `now`, without the keys that have been read.
    fn next_keys(&mut self, now: u64) -> Vec<String> {
        let (record, asked) = (&self.record, &mut self.asked);
        let Some(start) = &record.start else {
            return Vec::new();
        };
        let t0 = start.t0;
        let run = &record.plan.run;
        let interval = record.plan.timing.snapshot_interval.as_nanos() as u64;
        let mut wanted = Vec::new();
        for (shard, slice) in record.expected() {
            let known = record.slice((shard, slice));
            let window = &record.plan.slices[slice as usize];
            let lead = record.plan.handover_lead(slice as usize).as_nanos() as u64;
            let ended = record.has_result((shard, slice));
            let is_whole = known.is_some_and(SliceRecord::is_whole);
            if is_whole || (slice > 0 && now + lead < t0 + window.from) {
                continue;
            }
            if asked.get(&(shard, slice)).is_some_and(|last| now < last + ASK_INTERVAL) {
                continue;
            }
            let before = wanted.len();
            let mut want = |key: String| {
                if !self.seen.has(&key) {
                    wanted.push(key);
                }
            };
            if known.is_none_or(|known| known.sender_claim().is_none()) {
                let named = start.attempt(shard).filter(|_| slice == 0);
                want(keys::claim(run, shard, slice, named.unwrap_or(FIRST_ATTEMPT)));
            }
            let until = known.map_or(0, |known| known.known_until);
            let due = t0 + until.max(window.from) + interval;
            if now >= due || ended {
                let newest = self.newest.get(&(shard, slice)).copied().unwrap_or(0);
                want(keys::live(run, shard, slice, newest.saturating_add(1)));
            }
            if !ended && (record.stop.is_some() || now >= t0 + window.to || now >= due + 2 * interval) {
                want(keys::result(run, shard, slice));
            }
            if wanted.len() > before {
                asked.insert((shard, slice), now);
            }
        }
        wanted
    }

    /// Reads the start and the stop of the run.
    ///
    /// A start that cannot be used counts as absent. A stop that cannot be read still stops the run. In both cases, the
    /// object is noted as damaged, and is not read again.
    async fn read_start_and_stop(&mut self) -> Result<(), GatherError> {
        let run = self.record.plan.run.clone();
        let (start, stop) = (keys::start(&run), keys::stop(&run));
        if self.record.start.is_none()
            && !self.record.damaged.contains_key(&start)
            && let Some(bytes) = self.store.get(&start).await?
        {
            let read = Start::decode(&bytes).and_then(|start| match start.check(&self.record.plan) {
                Ok(()) => Ok(start),
                Err(problem) => Err(damaged("start", problem)),
            });
            match read {
                Ok(read) => {
                    for (slice_id, slice) in &mut self.record.slices {
                        slice.settle(*slice_id, Some(&read));
                    }
                    self.record.start = Some(read);
                }
                Err(error) => drop(self.record.damaged.insert(start, error.to_string())),
            }
        }
        if self.record.stop.is_none()
            && let Some(bytes) = self.store.get(&stop).await?
        {
            self.record.stop = Some(Stop::decode(&bytes).unwrap_or_else(|error| {
                self.record.damaged.insert(stop, error.to_string());
                Stop::new("the reason cannot be read", 0)
            }));
        }
        Ok(())
    }

    /// Reads the wanted objects that exist in the store. Returns whether any object was read. Claims are read first,
    /// because every other object of a worker is checked against the claim of the worker.
    async fn fetch(&mut self, wanted: Vec<String>) -> Result<bool, GatherError> {
        let is_claim = |key: &String| matches!(keys::parse(key), Some((_, Object::Claim { .. })));
        let (claims, others): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_claim);
        let claimed = self.fetch_all(claims).await?;
        Ok(self.fetch_all(others).await? || claimed)
    }

    async fn fetch_all(&mut self, mut wanted: Vec<String>) -> Result<bool, GatherError> {
        let (mut any, mut failed) = (false, None);
        // Drop the shared copy, so that new objects can extend the intervals without a copy.
        self.record.timeline = Arc::default();
        let mut fetches = JoinSet::new();
        let several = (wanted.len() / FETCHES).clamp(1, SEVERAL);
        while (!wanted.is_empty() && failed.is_none()) || !fetches.is_empty() {
            while fetches.len() < FETCHES && !wanted.is_empty() && failed.is_none() {
                let keys = wanted.split_off(wanted.len().saturating_sub(several));
                let store = self.store.clone();
                fetches.spawn(async move {
                    let objects = store.get_several(&keys).await;
                    (keys, objects)
                });
            }
            if let Some(Ok((keys, objects))) = fetches.join_next().await {
                let objects = match objects {
                    Ok(objects) => objects,
                    Err(error) => {
                        failed.get_or_insert(error);
                        continue;
                    }
                };
                for (key, bytes) in keys.into_iter().zip(objects) {
                    if let Some(bytes) = bytes
                        && self.take(&key, &bytes)
                    {
                        self.seen.add(key);
                        any = true;
                    }
                }
            }
        }
        if let Some(intervals) = &self.intervals {
            self.record.timeline = intervals.timeline();
        }
        // The sums must include every object that was read, even if a fetch has failed.
        let RunRecord {
            plan, slices, merged, ..
        } = &mut self.record;
        merged.settle(plan, slices);
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(any),
        }
    }

    /// Returns whether the run has a report; `false` if the store fails.
    pub(crate) async fn is_reported(&self) -> bool {
        let report = self.store.get(&keys::report(&self.record.plan.run)).await;
        report.is_ok_and(|report| report.is_some())
    }

    /// Writes the stop key unless it exists. Failures that may pass are retried.
    ///
    /// # Errors
    /// Returns the last failure of the store.
    pub(crate) async fn stop(&mut self, reason: &str, clock: &Clock) -> Result<(), GatherError> {
        if self.record.stop.is_none() {
            let until = Instant::now() + PATIENCE;
            stop_before(&self.store, &self.record.plan.run, reason, clock, until).await?;
            // Another process may have written the stop first.
            if self.read_start_and_stop().await.is_err() {
                self.record.stop = Some(Stop::new(reason, clock.now()));
            }
        }
        Ok(())
    }

    /// Writes the stop key because the run has broken a rule of its `abort_if`.
    pub(crate) async fn abort(&self, why: &str, rule: &str, now: u64) -> Result<Created, StoreError> {
        let stop = Stop {
            rule: Some(rule.to_owned()),
            ..Stop::new(why, now)
        };
        let key = keys::stop(&self.record.plan.run);
        self.store.put_new(&key, stop.encode()).await
    }
}

#[cfg(test)]
mod tests;
