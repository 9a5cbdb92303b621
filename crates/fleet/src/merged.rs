//! What a run is known to have done, added up by region while it is read.
//!
//! Law: the sum is that of [`SliceRecord::tally`] over all slices. A result takes the place of what the
//! snapshots of its slice held, so a sum that has such snapshots in it is made anew, once a look.

use crate::slice_record::{SILENT_INTERVALS, SliceId, SliceRecord};
use plan::plan::Plan;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tally::seconds::Second;
use tally::series::Series;
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
    pub series: Series,
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

/// Seconds that are there one by one beside those that not all workers have told of yet: whoever follows looks at
/// each.
const NEWEST: u64 = 60;

/// How many of the newest seconds of a run are looked at one by one.
fn newest(plan: &Plan) -> u32 {
    let behind = (plan.timing.snapshot_interval).saturating_mul(SILENT_INTERVALS as u32 + 1);
    u32::try_from(behind.as_secs().saturating_add(NEWEST)).unwrap_or(u32::MAX)
}

impl Merged {
    pub(crate) fn new(plan: &Plan) -> Merged {
        let sum = |name| RegionSum {
            name,
            series: Series::keeping(newest(plan)),
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

    /// All regions over time.
    pub fn series(&self) -> Cow<'_, Series> {
        let mut regions = self.regions.iter().map(|region| &region.series);
        match (regions.next(), self.regions.len()) {
            (None, _) => Cow::Owned(Series::default()),
            (Some(one), 1) => Cow::Borrowed(one),
            (Some(first), _) => {
                let mut series = first.clone();
                regions.for_each(|region| series.add_series(region));
                Cow::Owned(series)
            }
        }
    }

    /// The second of all regions that begins `at` seconds after T0; `None` where it is not there by itself.
    pub fn second(&self, at: u32) -> Option<Second> {
        let mut second = Second::default();
        for region in &self.regions {
            if at < region.series.fine_from() {
                return None;
            }
            if let Some(part) = region.series.second(at) {
                second.add(part);
            }
        }
        Some(second)
    }

    fn region(&mut self, plan: &Plan, shard: u32) -> &mut RegionSum {
        let slice_id = plan.regions.iter().position(|region| region.shards.contains(&shard));
        &mut self.regions[slice_id.unwrap_or(0)]
    }

    /// Adds a snapshot of a slice, `ended` if its result is known already.
    pub(crate) fn snapshot(&mut self, plan: &Plan, shard: u32, snapshot: &Snapshot, ended: bool) {
        let region = self.region(plan, shard);
        region.series.add(&snapshot.recorder.seconds);
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
    pub(crate) fn settle(&mut self, plan: &Plan, slices: &BTreeMap<SliceId, SliceRecord>) {
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
