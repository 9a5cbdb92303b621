//! Why workers are not in before the start of a run.

use crate::crew::{Crew, Gone};
use crate::gather::Gatherer;
use std::collections::BTreeMap;
use tally::snapshot::SliceEnd;

/// The workers that are not in, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// Shards that will not come in, and why.
    pub missing: BTreeMap<u32, String>,
    /// Shards whose worker is gone, unless the store shows that it or another one has claimed them.
    left: BTreeMap<u32, String>,
    /// What helps against the first failure that has a hint.
    pub hint: Option<String>,
}

impl Absent {
    /// Notes the workers that the fleet reports as gone.
    pub(crate) fn hear(&mut self, gone: Vec<Gone>) {
        for Gone {
            place: (shard, _),
            result,
        } in gone
        {
            match result {
                Ok(()) => {
                    let why = "its worker left without having claimed it".to_owned();
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

    /// Notes what a look at the store shows.
    pub(crate) fn see(&mut self, gatherer: &Gatherer) {
        for (shard, why) in &self.left {
            // A worker that leaves because another has its shard leaves nobody missing, nor does a
            // lost answer of one that is in.
            if !is_claimed(gatherer, *shard) {
                self.missing.entry(*shard).or_insert_with(|| why.clone());
            }
        }
        for ((shard, _), slice) in &gatherer.record.slices {
            match slice.result.as_ref().map(|result| &result.end) {
                // The worker's own reason is nearer to the cause.
                Some(SliceEnd::Failed(problem)) => drop(self.missing.insert(*shard, problem.clone())),
                Some(SliceEnd::HostStopped) => {
                    let why = "its host stopped it before the start".to_owned();
                    self.missing.insert(*shard, why);
                }
                _ => {}
            }
        }
    }

    /// Names why each other shard is not in, when the run is given up; `late` if that is because the start timeout has
    /// passed.
    pub(crate) async fn explain(
        &mut self,
        gatherer: &Gatherer,
        mut crew: Option<&mut Crew>,
        in_now: &[u32],
        late: bool,
    ) {
        if let Some(crew) = crew.as_mut() {
            // What came in during the look.
            self.hear(crew.gone());
            self.see(gatherer);
        }
        let plan = &gatherer.record.plan;
        let when = match late {
            true => format!(
                "when the start timeout, {}, had passed",
                plan::span::show(plan.timing.start_timeout)
            ),
            false => "when the run was given up".to_owned(),
        };
        for shard in (0..plan.shards).filter(|shard| !in_now.contains(shard)) {
            if self.missing.contains_key(&shard) {
                continue;
            }
            if let Some(stop) = &gatherer.record.stop {
                let why = format!("stopped before it was in: {}", stop.reason);
                self.missing.insert(shard, why);
                continue;
            }
            if is_claimed(gatherer, shard) {
                self.missing.insert(shard, format!("it was still preparing {when}"));
                continue;
            }
            let mut why = format!("it never claimed its shard {when}");
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
