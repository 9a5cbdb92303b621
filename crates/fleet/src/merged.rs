//! What a run is known to have done, added up by region while it is read.
//!
//! Law: the sum is that of [`SliceRecord::tally`] over all slices. A result takes the place of what the
//! snapshots of its slice held, so a sum that has such snapshots in it is made anew, once a look.

use crate::gather::{Place, SliceRecord};
use plan::plan::Plan;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tally::seconds::Seconds;
use tally::snapshot::{SliceResult, Snapshot};
use tally::tally::Tally;

/// The sums of a run: one for each region, or one where the plan names none.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    pub regions: Vec<RegionSum>,
}

/// The sum of one region.
#[derive(Clone, Debug, Default)]
pub struct RegionSum {
    /// `None` where the plan names no regions.
    pub name: Option<String>,
    /// What snapshots told, measured or not.
    pub seconds: Seconds,
    /// Of the slices that have their result, and of those that have not.
    ended: Tally,
    going: Tally,
    /// Whether `going` still has snapshots of a slice that has its result now.
    stale: bool,
}

impl RegionSum {
    /// What is known by request: results, and snapshots where there is no result yet.
    pub fn tally(&self) -> Tally {
        let mut tally = self.ended.clone();
        tally.add(&self.going);
        tally
    }
}

impl Merged {
    pub(crate) fn new(plan: &Plan) -> Merged {
        let sum = |name| RegionSum {
            name,
            seconds: Seconds::default(),
            ended: Tally::new(plan.requests.len()),
            going: Tally::new(plan.requests.len()),
            stale: false,
        };
        let mut regions: Vec<RegionSum> = plan
            .regions
            .iter()
            .map(|region| sum(Some(region.name.clone())))
            .collect();
        if regions.is_empty() {
            regions.push(sum(None));
        }
        Merged { regions }
    }

    /// All requests of all regions.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.regions.iter().for_each(|region| {
            tally.add(&region.ended);
            tally.add(&region.going);
        });
        tally
    }

    /// The seconds of all regions.
    pub fn seconds(&self) -> Cow<'_, Seconds> {
        match self.regions.as_slice() {
            [one] => Cow::Borrowed(&one.seconds),
            several => {
                let mut seconds = Seconds::default();
                several.iter().for_each(|region| seconds.add(&region.seconds));
                Cow::Owned(seconds)
            }
        }
    }

    fn region(&mut self, plan: &Plan, shard: u32) -> &mut RegionSum {
        let place = plan.regions.iter().position(|region| region.shards.contains(&shard));
        &mut self.regions[place.unwrap_or(0)]
    }

    /// Adds a snapshot of a slice, `ended` if its result is known already.
    pub(crate) fn snapshot(&mut self, plan: &Plan, shard: u32, snapshot: &Snapshot, ended: bool) {
        let region = self.region(plan, shard);
        region.seconds.add(&snapshot.recorder.seconds);
        if !ended {
            region.going.add(&snapshot.recorder.tally);
        }
    }

    /// Adds a result; `told` says whether snapshots of its slice were added before.
    pub(crate) fn result(&mut self, plan: &Plan, shard: u32, result: &SliceResult, told: bool) {
        let region = self.region(plan, shard);
        region.ended.add(&result.tally);
        region.stale |= told;
    }

    /// Makes anew what has become stale.
    pub(crate) fn settle(&mut self, plan: &Plan, slices: &BTreeMap<Place, SliceRecord>) {
        if self.regions.iter().all(|region| !region.stale) {
            return;
        }
        for region in self.regions.iter_mut().filter(|region| region.stale) {
            region.going = Tally::new(plan.requests.len());
        }
        for ((shard, _), slice) in slices.iter().filter(|(_, slice)| slice.result.is_none()) {
            let region = self.region(plan, *shard);
            if region.stale {
                region.going.add(&slice.told);
            }
        }
        self.regions.iter_mut().for_each(|region| region.stale = false);
    }
}
