//! The start of a run: store the plan, start the workers, wait until they are in, write the start.
//!
//! A run starts with every worker that was planned, or with as many as the policy asks for; else it
//! is aborted, and who is missing is named with the reason. Nothing waits without a limit.

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
use worker::patience::may_pass;

/// How far ahead of its writing T0 lies at least, where workers are on machines of their own.
pub const START_LEAD: Duration = Duration::from_secs(1);
/// How far at least where the store is a folder, and the workers were started by the launcher.
const START_LEAD_HERE: Duration = Duration::from_millis(50);
/// How far at most, however slow the store is: functions are paid for while they wait.
const START_LEAD_MAX: Duration = Duration::from_secs(5);
/// When too few workers are left, the others are waited for so long: they often fail for the same reason.
const OTHERS_REASONS: Duration = Duration::from_millis(500);
/// How many times longer than a look of the launcher a look of a worker may take.
const LOOKS: u32 = 8;

/// Why a run did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the run could not be read back")]
    Gather(#[from] GatherError),
    #[error("there is a run {run} in this store already")]
    RunExists { run: String },
    #[error("{}", .0)]
    Aborted(Abort),
}

/// The run was given up before its start; no load was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    pub workers: u32,
    pub ready: u32,
    pub wanted: u32,
    /// Who is missing, and why.
    pub missing: BTreeMap<u32, String>,
    /// What can be done about it, if all have one reason.
    pub hint: Option<String>,
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the run was not started: {} of {} workers were in, {} are needed",
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

/// Stores what workers need: files first, the plan last and once.
///
/// # Errors
/// When the store fails, cannot keep create-only writes, or has a run of this name.
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

/// Starts the workers of a published plan and, when they are in, the run. `progress` sees every look.
/// Without a crew the workers are somebody else's to start, and this only waits for them: so a run
/// whose launcher died before the start is taken up.
///
/// # Errors
/// When too few workers came in; the stop key is then written, so that those who did come leave.
pub async fn start(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    mut progress: impl FnMut(&RunRecord),
) -> Result<(), StartError> {
    let plan = gatherer.record.plan.clone();
    let until = Instant::now() + plan.timing.start_timeout;
    if let Some(crew) = &mut crew {
        crew.launch((0..plan.shards).map(|shard| (shard, 0)));
    }
    let mut absent = Absent::default();
    let mut written = false;
    let mut short_since = None;
    let interval = store.look_interval(1);
    loop {
        // Who is gone is asked before the look, so that the look shows all that they stored. Who
        // goes after the start is for those to hear who follow.
        if let Some(crew) = crew.as_mut().filter(|_| !written) {
            absent.hear(crew.gone());
        }
        if !gatherer.glance(clock.now()).await? {
            tokio::time::sleep(interval).await;
            continue;
        }
        progress(&gatherer.record);
        if gatherer.record.start.is_some() {
            return Ok(());
        }
        absent.see(gatherer);
        let in_now = ready(gatherer, &absent.missing);
        let (all, wanted) = (plan.shards as usize, plan.timing.workers_min as usize);
        let settled = in_now.len() + absent.missing.len() >= all;
        let late = Instant::now() >= until;
        let short = all - absent.missing.len() < wanted;
        let since = short_since.filter(|_| short).unwrap_or_else(Instant::now);
        short_since = short.then_some(since);
        let given_up = short && (settled || since.elapsed() >= OTHERS_REASONS);
        let enough = in_now.len() == all || (in_now.len() >= wanted && (settled || late));
        if enough && gatherer.record.stop.is_none() {
            let began = Instant::now();
            // A failure is that of the next write, too.
            let _ = store.get(&keys::start(&plan.run)).await;
            let lead = lead(store, crew.is_some(), plan.shards, began.elapsed());
            match write_start(store, &plan, clock, lead, in_now).await {
                // The next look reads it back: it may be another's.
                Ok(_) => {
                    written = true;
                    continue;
                }
                Err(error) if !may_pass(&error) || late => return Err(error.into()),
                Err(_) => {}
            }
        } else if late || gatherer.record.stop.is_some() || given_up {
            absent.explain(gatherer, crew.as_deref_mut(), &in_now, late).await;
            // A store that fails now is named by the workers' own words; they give up by themselves.
            let _ = stop(store, &plan.run, "the run was not started", clock).await;
            if let Some(crew) = &crew {
                crew.withdraw().await;
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

/// How far ahead of its writing T0 lies: workers look for the start once in an interval, and a look of theirs may take
/// longer than the launcher's own took.
fn lead(store: &RunStore, started_here: bool, workers: u32, look: Duration) -> Duration {
    let least = match store.is_folder() && started_here {
        true => START_LEAD_HERE,
        false => START_LEAD,
    };
    least.max((store.look_interval(workers) + look * LOOKS).min(START_LEAD_MAX))
}

/// The shards that are prepared and not known to be gone.
fn ready(gatherer: &Gatherer, missing: &BTreeMap<u32, String>) -> Vec<u32> {
    let slices = &gatherer.record.slices;
    slices
        .iter()
        .filter(|((shard, slice), record)| *slice == 0 && record.ready && !missing.contains_key(shard))
        .map(|((shard, _), _)| *shard)
        .collect()
}

async fn write_start(
    store: &RunStore,
    plan: &Plan,
    clock: &Clock,
    lead: Duration,
    shards: Vec<u32>,
) -> Result<Created, StoreError> {
    let restriped = plan.timing.restripe && shards.len() < plan.shards as usize;
    let t0 = clock.now() + lead.as_nanos() as u64;
    let start = start_of(store, clock, t0, shards, restriped);
    store.put_new(&keys::start(&plan.run), start.encode()).await
}

/// Starts a published run at `t0`, in nanoseconds since the Unix epoch, for whichever of its workers are in by then.
///
/// # Errors
/// When the store fails, or the run has been started already.
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
        restriped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t0_is_as_far_ahead_as_the_looks_of_workers_need() {
        let folder = std::env::temp_dir().join(format!("vajra-lead-{}", std::process::id()));
        let here = RunStore::open(&format!("{}", folder.display()).parse().expect("a folder"))
            .await
            .expect("a store");
        let away = RunStore::memory();
        let ms = Duration::from_millis;
        assert_eq!(lead(&here, true, 4, ms(1)), ms(50));
        // 256 workers look at a folder less often, and a slow disk makes every look longer.
        assert_eq!(lead(&here, true, 256, ms(1)), ms(5 * 17 + 8));
        assert_eq!(lead(&here, true, 4, ms(100)), ms(805));
        // Whoever starts the workers of this folder may be on another machine.
        assert_eq!(lead(&here, false, 4, ms(1)), START_LEAD);
        assert_eq!(lead(&away, true, 4, ms(1)), START_LEAD);
        assert_eq!(lead(&away, true, 4, ms(400)), ms(3_300));
        assert_eq!(lead(&away, true, 4, ms(20_000)), START_LEAD_MAX);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
