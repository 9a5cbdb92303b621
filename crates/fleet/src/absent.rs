//! The workers that are not ready before the start of a run, each with the reason.

use crate::crew::{Crew, Gone};
use crate::gather::Gatherer;
use std::collections::BTreeMap;
use tally::snapshot::SliceEnd;

/// The workers that will not become ready, each with the reason.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// The shards whose worker will not become ready, each with the reason.
    pub missing: BTreeMap<u32, String>,
    /// The shards whose worker has ended, each with the reason. Such a shard counts as missing only if the store has no
    /// claim of the shard.
    left: BTreeMap<u32, String>,
    /// The hint of the first failure that has a hint; `None` if no failure has one.
    pub hint: Option<String>,
}

impl Absent {
    /// Adds the workers that the fleet reports as ended.
    pub(crate) fn add_gone(&mut self, gone: Vec<Gone>) {
        for Gone {
            slice_id: (shard, _),
            result,
        } in gone
        {
            match result {
                Ok(()) => {
                    let why = "its worker exited without claiming it".to_owned();
                    self.left.insert(shard, why);
                }
                Err(error) => {
                    self.hint = self.hint.take().or(error.hint.clone());
                    let gone = match error.leaves_doubt() {
                        true => &mut self.left,
                        false => &mut self.missing,
                    };
                    gone.entry(shard).or_insert(error.problem);
                }
            }
        }
    }

    /// Updates the missing shards from the objects that were read from the store.
    pub(crate) fn update(&mut self, gatherer: &Gatherer) {
        for (shard, why) in &self.left {
            // A claimed shard is not missing. Either the worker ended because another worker has claimed the shard, or
            // the answer of a running worker was lost.
            if !is_claimed(gatherer, *shard) {
                self.missing.entry(*shard).or_insert_with(|| why.clone());
            }
        }
        for ((shard, _), slice) in &gatherer.record.slices {
            match slice.result.as_ref().map(|result| &result.end) {
                // The reason that the worker stored is closer to the cause than the reason that the platform reported.
                Some(SliceEnd::Failed(problem)) => drop(self.missing.insert(*shard, problem.clone())),
                Some(SliceEnd::HostStopped) => {
                    let why = "its host stopped it before the start".to_owned();
                    self.missing.insert(*shard, why);
                }
                _ => {}
            }
        }
    }

    /// Adds the reason for every other shard that is not ready. This function is called when the run is aborted. `late`
    /// is true if the start timeout has passed.
    pub(crate) async fn explain(
        &mut self,
        gatherer: &Gatherer,
        mut crew: Option<&mut Crew>,
        in_now: &[u32],
        late: bool,
    ) {
        if let Some(crew) = crew.as_mut() {
            // More workers may have ended while the store was read.
            self.add_gone(crew.gone());
            self.update(gatherer);
        }
        let plan = &gatherer.record.plan;
        let when = match late {
            true => format!(
                "when the start timeout of {} passed",
                plan::span::show(plan.timing.start_timeout)
            ),
            false => "when the run was aborted".to_owned(),
        };
        for shard in (0..plan.shards).filter(|shard| !in_now.contains(shard)) {
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
    let slice = gatherer.record.slice((shard, 0));
    slice.is_some_and(|slice| slice.claim.is_some())
}
