//! The workers that are not ready before the start of a run, each with the reason.

use crate::crew::{Crew, Gone};
use crate::fleet::FailureKind;
use crate::gather::{Gatherer, SliceRecord};
use crate::slice_record::is_on;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tally::snapshot::SliceEnd;
use tokio::time::Instant;

/// The maximum number of replacements that the launcher starts for one shard. A replacement is a worker that is started
/// in place of a worker that died before the start of the run.
const REPLACEMENTS_MAX: u32 = 2;
/// How long the launcher waits for the newest attempt at a shard to prepare, if an older attempt has prepared. In most
/// cases, the older attempt has died. However, the newest attempt may also be a duplicate that does not prepare in
/// time.
const NEWER_ATTEMPT_GRACE: Duration = Duration::from_secs(5);

/// The workers that are not ready before the start of a run, according to the store and the fleet.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// Whether the platform replaces a worker that died.
    platform_replaces: bool,
    /// The shards whose worker will not become ready, each with the reason. [`Absent::update`] computes this map.
    pub missing: BTreeMap<u32, String>,
    /// The hint of the first failure that has a hint; `None` if no failure has a hint.
    pub hint: Option<String>,
    /// The workers whose end has not been evaluated. The end of a worker is evaluated after the store has been read,
    /// because the record then contains all objects of this worker.
    unread: Vec<Gone>,
    /// The shards whose worker has failed and is not replaced, each with the reason.
    failed: BTreeMap<u32, String>,
    /// The shards whose worker has ended, each with the reason. A shard in this map counts as missing only if the store
    /// has no claim of the shard.
    left: BTreeMap<u32, String>,
    /// The number of replacements that were started for each shard.
    replaced: BTreeMap<u32, u32>,
    /// The workers of each shard that have died.
    dead: BTreeMap<u32, Deaths>,
    /// For each shard whose newest attempt is still preparing: the number of this attempt, and the time at which the
    /// attempt was first seen.
    preparing: BTreeMap<u32, (u32, Instant)>,
    /// Whether the launcher will start no more replacements.
    is_decided: bool,
}

/// The workers of a shard that have died.
#[derive(Clone, Debug, Default)]
struct Deaths {
    /// The attempts that are known to have died.
    identified: BTreeSet<u32>,
    /// The number of dead workers whose attempt is unknown. The attempts of these workers have numbers up to `newest`.
    unidentified: usize,
    newest: u32,
}

impl Absent {
    /// Returns an empty value. If `platform_replaces` is true, the platform replaces workers that died, so the launcher
    /// starts no replacements.
    pub(crate) fn new(platform_replaces: bool) -> Absent {
        Absent {
            platform_replaces,
            ..Absent::default()
        }
    }

    /// Adds the workers that the fleet reports as ended.
    pub(crate) fn add_gone(&mut self, gone: Vec<Gone>) {
        self.unread.extend(gone);
    }

    /// Evaluates the events of the fleet and the objects that were read from the store. Returns the shards for which
    /// the launcher must start another worker. If `replace` is false, returns no shards. `has_crew` is true if the
    /// fleet reports the end of workers.
    pub(crate) fn update(&mut self, gatherer: &Gatherer, has_crew: bool, replace: bool) -> Vec<u32> {
        self.is_decided = !replace;
        let mut replacements = Vec::new();
        for Gone {
            slice_id: (shard, _),
            result,
        } in std::mem::take(&mut self.unread)
        {
            let Err(error) = result else {
                let why = "its worker exited without claiming it".to_owned();
                self.left.insert(shard, why);
                continue;
            };
            if error.kind == FailureKind::Died || error.host.is_some() {
                self.add_dead(gatherer, shard, error.host.as_deref());
            }
            if error.kind == FailureKind::Died {
                if self.platform_replaces {
                    // The platform starts a replacement. If the platform starts no more replacements, the fleet reports
                    // another kind of failure.
                    continue;
                }
                let replaced = self.replaced.entry(shard).or_default();
                if replace && *replaced < REPLACEMENTS_MAX {
                    *replaced += 1;
                    replacements.push(shard);
                    continue;
                }
            }
            self.hint = self.hint.take().or(error.hint.clone());
            let reasons = match error.leaves_doubt() {
                true => &mut self.left,
                false => &mut self.failed,
            };
            reasons.entry(shard).or_insert(error.problem);
        }
        let shards = 0..gatherer.record.plan.shards;
        let reasons = shards.filter_map(|shard| Some((shard, self.reason(gatherer, shard, has_crew)?)));
        self.missing = reasons.collect();
        replacements
    }

    /// Records that a worker of a shard has died. If the fleet names the host of the worker, the attempt on this host
    /// has died. Otherwise, each attempt that is known now may be the one that died.
    fn add_dead(&mut self, gatherer: &Gatherer, shard: u32, host: Option<&str>) {
        let Some(slice) = record_of(gatherer, shard) else {
            return;
        };
        let deaths = self.dead.entry(shard).or_default();
        let Some(host) = host else {
            deaths.unidentified += 1;
            deaths.newest = slice.attempts.keys().next_back().copied().unwrap_or(0);
            return;
        };
        let mut attempts = slice.attempts.iter().rev();
        let attempt = attempts.find(|(_, attempt)| is_on(&attempt.claim, host));
        deaths.identified.extend(attempt.map(|(number, _)| *number));
    }

    /// Returns the reason why the worker of a shard will not become ready; `None` if a worker is ready or may become
    /// ready.
    fn reason(&self, gatherer: &Gatherer, shard: u32, has_crew: bool) -> Option<String> {
        if self.attempt(gatherer, shard).is_some() {
            return None;
        }
        let attempts = record_of(gatherer, shard).map(|slice| &slice.attempts);
        let newest = attempts.and_then(|attempts| attempts.values().next_back());
        // A reason that the worker stored is more precise than a reason that the platform reported.
        match newest.and_then(|newest| newest.left.as_ref()).map(|left| &left.end) {
            Some(SliceEnd::Failed(problem)) => return Some(problem.clone()),
            // If there is a crew and the shard has not failed, the fleet has not yet reported the end of this worker,
            // or another worker was started in its place.
            Some(SliceEnd::HostStopped) if !has_crew || self.failed.contains_key(&shard) => {
                return Some("its host stopped it before the start".to_owned());
            }
            _ => {}
        }
        // A claimed shard is not missing. Either the worker ended because another worker had claimed the shard, or the
        // answer of a running worker was lost.
        let left = self.left.get(&shard).filter(|_| newest.is_none());
        self.failed.get(&shard).or(left).cloned()
    }

    /// Returns the number of the newest attempt at a shard that is ready and is not known to have died; `None` if no
    /// such attempt exists. An attempt that may have died is returned only if the launcher will not start a
    /// replacement.
    fn attempt(&self, gatherer: &Gatherer, shard: u32) -> Option<u32> {
        let record = record_of(gatherer, shard)?;
        let none = Deaths::default();
        let deaths = self.dead.get(&shard).unwrap_or(&none);
        let is_dead = |attempt: u32| deaths.identified.contains(&attempt);
        let candidate = record.newest_ready(is_dead)?;
        if candidate > deaths.newest {
            return Some(candidate);
        }
        // If more workers have claimed the shard than have died, one of these workers may be alive. The launcher uses
        // this worker only if the launcher will not start a replacement.
        let older = record.attempts.range(..=deaths.newest);
        let claimed = older.filter(|(attempt, _)| !is_dead(**attempt)).count();
        let is_last = self.is_decided || self.failed.contains_key(&shard);
        (claimed > deaths.unidentified && is_last).then_some(candidate)
    }

    /// Returns the shards that are ready, each with the attempt that can send. A shard is not ready while an attempt
    /// that is newer than this attempt prepares. This wait ends after [`NEWER_ATTEMPT_GRACE`]. If `late` is true, the
    /// shard does not wait.
    pub(crate) fn ready(&mut self, gatherer: &Gatherer, late: bool) -> BTreeMap<u32, u32> {
        let shards = 0..gatherer.record.plan.shards;
        let ready: BTreeMap<u32, u32> = shards
            .filter_map(|shard| Some((shard, self.attempt(gatherer, shard)?)))
            .collect();
        let mut is_settled = |shard: u32| {
            let Some(newest) = record_of(gatherer, shard).and_then(SliceRecord::preparing) else {
                return true;
            };
            let (number, since) = self.preparing.entry(shard).or_insert((newest, Instant::now()));
            if *number != newest {
                (*number, *since) = (newest, Instant::now());
            }
            late || since.elapsed() >= NEWER_ATTEMPT_GRACE
        };
        ready.into_iter().filter(|(shard, _)| is_settled(*shard)).collect()
    }

    /// Adds a reason for each shard that is not ready and has no reason yet. The launcher calls this function when it
    /// aborts the run. `late` is true if the start timeout has passed.
    pub(crate) async fn explain(
        &mut self,
        gatherer: &Gatherer,
        mut crew: Option<&mut Crew>,
        ready: &BTreeMap<u32, u32>,
        late: bool,
    ) {
        if let Some(crew) = crew.as_mut() {
            // More workers may have ended while the store was read.
            self.add_gone(crew.gone());
            self.update(gatherer, true, false);
        }
        let plan = &gatherer.record.plan;
        let when = match late {
            true => format!(
                "when the start timeout of {} passed",
                plan::span::show(plan.timing.start_timeout)
            ),
            false => "when the run was aborted".to_owned(),
        };
        for shard in (0..plan.shards).filter(|shard| !ready.contains_key(shard)) {
            if self.missing.contains_key(&shard) {
                continue;
            }
            if let Some(stop) = &gatherer.record.stop {
                let why = format!("stopped before it was ready: {}", stop.reason);
                self.missing.insert(shard, why);
                continue;
            }
            if is_claimed(gatherer, shard) {
                self.missing.insert(shard, format!("it was still preparing {when}"));
                continue;
            }
            let mut why = format!("it had not claimed its shard {when}");
            if let Some(crew) = &crew
                && let Some(error) = crew.why((shard, 0)).await
            {
                self.hint = self.hint.take().or(error.hint);
                why = format!("{why}; {}", error.problem);
            }
            self.missing.insert(shard, why);
        }
    }
}

fn is_claimed(gatherer: &Gatherer, shard: u32) -> bool {
    record_of(gatherer, shard).is_some_and(|slice| slice.claim().is_some())
}

/// Returns the record of the first slice of a shard; `None` if no object of this slice has been read.
fn record_of(gatherer: &Gatherer, shard: u32) -> Option<&SliceRecord> {
    gatherer.record.slice((shard, 0))
}
