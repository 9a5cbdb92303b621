//! What is known of a run, read from the store alone.
//!
//! Any machine can do this at any time, during the run or after it, and any number of times: what
//! was read once is not read again, and reading changes nothing.

use crate::intervals::Intervals;
use plan::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::documents::{Claim, Document, Start, Stop};
use store::keys::{self, Object};
use store::{Created, RunStore, StoreError};
use tally::format::FormatError;
use tally::interval::Interval;
use tally::snapshot::{SliceResult, Snapshot};
use tally::tally::{Recorder, Tally};
use tokio::task::JoinSet;
use tokio::time::Instant;
use worker::patience::may_pass;

/// Objects that are fetched at the same time.
const FETCHES: usize = 32;
/// How many objects are asked for together, where there are many.
const SEVERAL: usize = 32;

/// How long a store may fail for one who looks again and again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a run could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("{key} cannot be used")]
    Document { key: String, source: FormatError },
    #[error("there is no run {run} in this store")]
    NoRun { run: String },
    #[error("what is kept as the run {run} is the plan of the run {planned}")]
    Renamed { run: String, planned: String },
}

/// A slice of a shard.
pub type Place = (u32, u32);

/// What is known of one slice.
#[derive(Clone, Debug, Default)]
pub struct SliceRecord {
    pub claim: Option<Claim>,
    /// Whether its worker has prepared.
    pub ready: bool,
    /// Snapshots read so far.
    pub snapshots: BTreeSet<u32>,
    /// Everything in them.
    pub recorder: Recorder,
    /// Until when they reach, in nanoseconds since T0.
    pub known_until: u64,
    pub result: Option<SliceResult>,
}

impl SliceRecord {
    /// What happened: the result, or all that is known without one.
    pub fn tally(&self) -> &Tally {
        self.result
            .as_ref()
            .map_or(&self.recorder.tally, |result| &result.tally)
    }
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub struct RunRecord {
    pub plan: Arc<Plan>,
    pub start: Option<Start>,
    pub stop: Option<Stop>,
    pub slices: BTreeMap<Place, SliceRecord>,
    /// Objects that could not be read, and why: they are as good as missing, and named.
    pub damaged: BTreeMap<String, String>,
}

impl RunRecord {
    /// The slices that the run owes: those of the shards that were in at the start.
    pub fn expected(&self) -> impl Iterator<Item = Place> {
        let slices = self.plan.slices.len() as u32;
        let shards = self.start.iter().flat_map(|start| start.shards.iter().copied());
        shards.flat_map(move |shard| (0..slices).map(move |slice| (shard, slice)))
    }

    /// What one slice is known to have done.
    pub fn slice(&self, place: Place) -> Option<&SliceRecord> {
        self.slices.get(&place)
    }
}

/// Reads a run, again and again, each object once.
#[derive(Debug)]
pub struct Gatherer {
    store: RunStore,
    seen: BTreeSet<String>,
    /// Since when the store has been failing.
    failing: Option<Instant>,
    /// What happened when, where somebody wants to know.
    intervals: Option<Intervals>,
    pub record: RunRecord,
}

impl Gatherer {
    /// Opens a run by its plan.
    ///
    /// # Errors
    /// When the run is not there or cannot be used.
    pub async fn open(store: &RunStore, run: &str) -> Result<Gatherer, GatherError> {
        let key = keys::plan(run);
        let bytes = store
            .get(&key)
            .await?
            .ok_or_else(|| GatherError::NoRun { run: run.to_owned() })?;
        let plan = Plan::decode(&bytes).map_err(|source| GatherError::Document { key, source })?;
        if plan.run != run {
            // Its workers and its other objects know it by its own name alone.
            return Err(GatherError::Renamed {
                run: run.to_owned(),
                planned: plan.run,
            });
        }
        let record = RunRecord {
            plan: Arc::new(plan),
            start: None,
            stop: None,
            slices: BTreeMap::new(),
            damaged: BTreeMap::new(),
        };
        Ok(Gatherer {
            store: store.clone(),
            seen: BTreeSet::new(),
            failing: None,
            intervals: None,
            record,
        })
    }

    /// Keeps the run's intervals too, of what is read from now on.
    #[must_use]
    pub fn keeping_intervals(mut self) -> Gatherer {
        self.intervals = Some(Intervals::new(&self.record.plan));
        self
    }

    /// The run in intervals, upwards, each with how much of it was measured; none if they were not
    /// kept. They add up to the measured requests of the record.
    ///
    /// # Errors
    /// When what a worker stored while it ran and its result contradict each other.
    pub fn intervals(&self) -> Result<Vec<Interval>, GatherError> {
        match &self.intervals {
            Some(intervals) => intervals.clone().finish(&self.record),
            None => Ok(Vec::new()),
        }
    }

    /// Reads what is new; returns whether anything was.
    ///
    /// # Errors
    /// When the store fails, or a start or stop cannot be used. A worker's object that is damaged
    /// is noted and left out.
    pub async fn look(&mut self) -> Result<bool, GatherError> {
        let run = self.record.plan.run.clone();
        if self.record.start.is_none() {
            self.record.start = self.document(&keys::start(&run)).await?;
        }
        if self.record.stop.is_none() {
            self.record.stop = self.document(&keys::stop(&run)).await?;
        }
        let listed = self.store.list(&keys::shards(&run)).await?;
        let mut fresh: Vec<String> = listed.into_iter().filter(|key| !self.seen.contains(key)).collect();
        let any = !fresh.is_empty();
        let mut fetches = JoinSet::new();
        let several = (fresh.len() / FETCHES).clamp(1, SEVERAL);
        while !fresh.is_empty() || !fetches.is_empty() {
            while fetches.len() < FETCHES && !fresh.is_empty() {
                let keys = fresh.split_off(fresh.len().saturating_sub(several));
                let store = self.store.clone();
                fetches.spawn(async move {
                    let objects = store.get_several(&keys).await;
                    (keys, objects)
                });
            }
            if let Some(Ok((keys, objects))) = fetches.join_next().await {
                for (key, bytes) in keys.into_iter().zip(objects?) {
                    if let Some(bytes) = bytes {
                        self.take(&key, &bytes);
                    }
                    self.seen.insert(key);
                }
            }
        }
        Ok(any)
    }

    /// Looks, for one who will look again: says whether the record is up to date, and bears with a
    /// store that fails for a while.
    pub(crate) async fn glance(&mut self) -> Result<bool, GatherError> {
        match self.look().await {
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

    /// Writes the stop key for a rule that the run has broken.
    pub(crate) async fn abort(&self, why: &str, rule: &str, now: u64) -> Result<Created, StoreError> {
        let stop = Stop {
            rule: Some(rule.to_owned()),
            ..Stop::new(why, now)
        };
        let key = keys::stop(&self.record.plan.run);
        self.store.put_new(&key, stop.encode()).await
    }

    async fn document<D: Document>(&self, key: &str) -> Result<Option<D>, GatherError> {
        let Some(bytes) = self.store.get(key).await? else {
            return Ok(None);
        };
        let document = D::decode(&bytes).map_err(|source| GatherError::Document {
            key: key.to_owned(),
            source,
        })?;
        Ok(Some(document))
    }

    fn take(&mut self, key: &str, bytes: &[u8]) {
        let Some((_, object)) = keys::parse(key) else { return };
        if let Err(error) = self.read(object, bytes) {
            self.record.damaged.insert(key.to_owned(), error.to_string());
        }
    }

    fn read(&mut self, object: Object, bytes: &[u8]) -> Result<(), FormatError> {
        let slices = &mut self.record.slices;
        match object {
            Object::Claim { shard, slice } => {
                slices.entry((shard, slice)).or_default().claim = Some(Claim::decode(bytes)?);
            }
            Object::Live { shard, slice, n } => {
                let snapshot = Snapshot::decode(bytes)?;
                let record = slices.entry((shard, slice)).or_default();
                record.ready = true;
                if n > 0 {
                    record.recorder.add(&snapshot.recorder);
                    record.snapshots.insert(n);
                    if let Some(intervals) = &mut self.intervals {
                        intervals.add((shard, slice), &snapshot);
                    }
                    record.known_until = record.known_until.max(snapshot.to);
                }
            }
            Object::Result { shard, slice } => {
                slices.entry((shard, slice)).or_default().result = Some(SliceResult::decode(bytes)?);
            }
            Object::Plan
            | Object::Data
            | Object::Start
            | Object::Stop
            | Object::Heartbeat
            | Object::Account
            | Object::Report => {}
        }
        Ok(())
    }
}
