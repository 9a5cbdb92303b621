//! Starts a run: stores the plan, starts the workers, waits until they are ready, and writes the start.
//!
//! A run starts when all planned workers are ready. With the option `--min-workers`, a smaller number of ready workers
//! is enough if no other worker can become ready in time. In all other cases, the run is aborted, and the error names
//! each missing worker with the reason. Every wait has a deadline.

use crate::absent::Absent;
use crate::crew::Crew;
use crate::gather::{GatherError, Gatherer, RunRecord};
use crate::stop::stop;
use plan::plan::{Plan, name_shards};
use plan::scenario::Scenario;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use store::documents::{Document, Start};
use store::{Created, RunStore, StoreError, keys};
use tokio::time::Instant;
use worker::clock::Clock;
use worker::retry::may_pass;

/// The minimum time between writing the start and T0, for workers on other machines.
pub const START_LEAD: Duration = Duration::from_secs(1);
/// The minimum time between writing the start and T0 if the store is a folder and the launcher started the workers.
const START_LEAD_HERE: Duration = Duration::from_millis(50);
/// The maximum time between writing the start and T0 for a slow store. The time is limited because functions are billed
/// while they wait. Only large feeds may require a longer time: see [`FEEDS_LEAD`].
const START_LEAD_MAX: Duration = Duration::from_secs(5);
/// The minimum time between writing the start and T0 for a run with large feeds, if workers take over the arrivals of
/// missing workers. Such workers must read more rows before T0. The first constant applies to a store in a bucket, and
/// the second constant to a store in a folder.
const FEEDS_LEAD: Duration = Duration::from_secs(10);
const FEEDS_LEAD_FOLDER: Duration = Duration::from_secs(3);
/// How long to wait for more failures when too few workers can become ready. Other workers often fail for the same
/// reason.
const OTHERS_REASONS: Duration = Duration::from_millis(500);
/// A worker may take this many times longer than the launcher to read the start.
const READ_FACTOR: u32 = 8;

/// The reason why a run could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the run could not be read back")]
    Gather(#[from] GatherError),
    #[error("the run {run} already exists in this store")]
    RunExists { run: String },
    #[error("{}", .0)]
    Aborted(Abort),
}

/// The report about a run that was aborted before its start. No load was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    pub workers: u32,
    pub ready: u32,
    pub wanted: u32,
    /// The missing shards, each with the reason.
    pub missing: BTreeMap<u32, String>,
    /// The hint of the first failure that has a hint; `None` if no failure has a hint.
    pub hint: Option<String>,
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the run was not started: {} of {} workers were ready, {} are needed",
            self.ready, self.workers, self.wanted
        )?;
        let mut reasons: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (shard, why) in &self.missing {
            reasons.entry(why).or_default().push(*shard);
        }
        for (why, shards) in reasons {
            let who = name_shards(&shards);
            write!(f, "\n  {who}: {why}")?;
        }
        Ok(())
    }
}

/// Stores the objects that workers read. The files of the scenario are stored first, and the plan last. An existing
/// plan is not replaced.
///
/// # Errors
/// Fails if the store fails, does not support create-only writes, or already has a run of this name.
pub async fn publish(store: &RunStore, plan: &Plan, scenario: &Scenario) -> Result<(), StartError> {
    store.check_create_only(&keys::probe()).await?;
    for (sha256, bytes) in &scenario.blobs {
        store.put(&keys::data(&plan.run, sha256), bytes.clone()).await?;
    }
    match store.put_new(&keys::plan(&plan.run), plan.encode()).await? {
        Created::Yes => Ok(()),
        Created::AlreadyThere => Err(StartError::RunExists { run: plan.run.clone() }),
    }
}

/// Starts the workers of a published plan, and starts the run when the workers are ready. If a worker dies before the
/// start, this function starts another worker in its place, unless the platform does this. Calls `progress` after every
/// poll.
///
/// Without a crew, this function does not start workers, and waits for workers that are already running. So the user
/// can continue a run whose launcher died before the start.
///
/// # Errors
/// Fails if the store fails, or if too few workers became ready. If too few workers became ready, this function writes
/// the stop key, and the ready workers exit.
pub async fn start(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    mut progress: impl FnMut(&RunRecord),
) -> Result<(), StartError> {
    let plan = gatherer.record.plan.clone();
    let until = Instant::now() + time_left(gatherer, clock.now());
    if let Some(crew) = &mut crew {
        crew.launch((0..plan.shards).map(|shard| (shard, 0)));
    }
    let mut absent = Absent::new(crew.as_ref().is_some_and(|crew| crew.platform_replaces()));
    let mut written = false;
    let mut short_since = None;
    let interval = store.poll_interval(1);
    loop {
        // The events of ended workers are read before the poll, so that the poll reads all objects of these workers.
        // After the start, `follow` handles the workers that end.
        if let Some(crew) = crew.as_mut().filter(|_| !written) {
            absent.add_gone(crew.gone());
        }
        if !gatherer.poll(clock.now()).await? {
            tokio::time::sleep(interval).await;
            continue;
        }
        progress(&gatherer.record);
        if gatherer.record.start.is_some() {
            return Ok(());
        }
        let late = Instant::now() >= until;
        let is_open = !late && gatherer.record.stop.is_none();
        let replacements = absent.update(gatherer, crew.is_some(), is_open);
        if let Some(crew) = &mut crew {
            crew.launch(replacements.into_iter().map(|shard| (shard, 0)));
        }
        let in_now = absent.ready(gatherer, late);
        let (all, wanted) = (plan.shards as usize, plan.timing.workers_min as usize);
        let settled = in_now.len() + absent.missing.len() >= all;
        let short = all - absent.missing.len() < wanted;
        let since = short_since.filter(|_| short).unwrap_or_else(Instant::now);
        short_since = short.then_some(since);
        let given_up = short && (settled || since.elapsed() >= OTHERS_REASONS);
        let enough = in_now.len() == all || (in_now.len() >= wanted && (settled || late));
        if enough && gatherer.record.stop.is_none() {
            let began = Instant::now();
            // This read measures the latency of the store. An error is ignored, because the write below reports a
            // failure of the store.
            let _ = store.get(&keys::start(&plan.run)).await;
            let lead = lead(store, crew.is_some(), plan.shards, began.elapsed());
            match write_start(store, &plan, clock, lead, &in_now).await {
                // The next poll reads the start. Another process may have written a start before this process.
                Ok(_) => {
                    written = true;
                    continue;
                }
                Err(error) if !may_pass(&error) || late => return Err(error.into()),
                Err(_) => {}
            }
        } else if late || gatherer.record.stop.is_some() || given_up {
            absent.explain(gatherer, crew.as_deref_mut(), &in_now, late).await;
            // If this write fails, the workers exit on their own at the start timeout.
            let _ = stop(store, &plan.run, "the run was not started", clock).await;
            if let Some(crew) = &crew {
                crew.withdraw(false).await;
            }
            return Err(StartError::Aborted(Abort {
                workers: plan.shards,
                ready: in_now.len() as u32,
                wanted: plan.timing.workers_min,
                missing: absent.missing,
                hint: absent.hint,
            }));
        }
        tokio::time::sleep(interval).await;
    }
}

/// Returns the rest of the start timeout. If this process has taken the run over, the start timeout counts from the
/// publication of the run. Otherwise, a process that ends often would begin the start timeout again and again.
pub fn time_left(gatherer: &Gatherer, now: u64) -> Duration {
    let plan = &gatherer.record.plan;
    let passed = match gatherer.takeover {
        Some(_) => Duration::from_nanos(now.saturating_sub(plan.created)),
        None => Duration::ZERO,
    };
    plan.timing.start_timeout.saturating_sub(passed)
}

/// Returns the time between writing the start and T0. A worker reads the start once per poll interval. `read_time` is
/// the duration of a read by the launcher, and a read by a worker may take longer.
fn lead(store: &RunStore, started_here: bool, workers: u32, read_time: Duration) -> Duration {
    let least = match store.is_folder() && started_here {
        true => START_LEAD_HERE,
        false => START_LEAD,
    };
    least.max((store.poll_interval(workers) + read_time * READ_FACTOR).min(START_LEAD_MAX))
}

async fn write_start(
    store: &RunStore,
    plan: &Plan,
    clock: &Clock,
    lead: Duration,
    ready: &BTreeMap<u32, u32>,
) -> Result<Created, StoreError> {
    let (shards, attempts): (Vec<u32>, Vec<u32>) = ready.iter().unzip();
    let restriped = plan.timing.restripe && shards.len() < plan.shards as usize;
    let lead = match restriped && plan.has_large_feeds() {
        true if store.is_folder() => lead.max(FEEDS_LEAD_FOLDER),
        true => lead.max(FEEDS_LEAD),
        false => lead,
    };
    let t0 = clock.now() + lead.as_nanos() as u64;
    let start = Start {
        attempts,
        ..start_of(store, clock, t0, shards, restriped)
    };
    store.put_new(&keys::start(&plan.run), start.encode()).await
}

/// Writes the start of a published run for all of its workers. `t0` is in nanoseconds since the Unix epoch. Workers
/// that are not ready at `t0` are missing from the run.
///
/// # Errors
/// Fails if the store fails, or if the run has already been started.
pub async fn start_at(store: &RunStore, plan: &Plan, clock: &Clock, t0: u64) -> Result<(), StartError> {
    let start = start_of(store, clock, t0, (0..plan.shards).collect(), false);
    match store.put_new(&keys::start(&plan.run), start.encode()).await? {
        Created::Yes => Ok(()),
        Created::AlreadyThere => Err(StartError::RunExists { run: plan.run.clone() }),
    }
}

fn start_of(store: &RunStore, clock: &Clock, t0: u64, shards: Vec<u32>, restriped: bool) -> Start {
    let (written, store_time) = (clock.now(), store.now());
    Start {
        t0,
        written,
        store_time: store_time.map(|time| (time.earliest, time.latest)),
        shards,
        attempts: Vec::new(),
        restriped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_start_lead_grows_with_the_workers_and_the_latency_of_the_store() {
        let folder = std::env::temp_dir().join(format!("vajra-lead-{}", std::process::id()));
        let here = RunStore::open(&format!("{}", folder.display()).parse().expect("a folder"))
            .await
            .expect("a store");
        let away = RunStore::memory();
        let ms = Duration::from_millis;
        assert_eq!(lead(&here, true, 4, ms(1)), ms(50));
        // With 256 workers, each worker polls a folder less often than with a few workers. A slow disk makes every poll
        // longer.
        assert_eq!(lead(&here, true, 256, ms(1)), ms(5 * 17 + 8));
        assert_eq!(lead(&here, true, 4, ms(100)), ms(805));
        // Without a crew, workers that use this folder may run on another machine.
        assert_eq!(lead(&here, false, 4, ms(1)), START_LEAD);
        assert_eq!(lead(&away, true, 4, ms(1)), START_LEAD);
        assert_eq!(lead(&away, true, 4, ms(400)), ms(3_300));
        assert_eq!(lead(&away, true, 4, ms(20_000)), START_LEAD_MAX);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
