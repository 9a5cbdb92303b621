//! The sums of a run by region, which are updated while the run is read.
//!
//! Invariant: the total equals the sum of [`SliceRecord::tally`] over all slices. A result replaces the snapshots of
//! its slice. If a sum contains snapshots that a result has replaced, the sum is recomputed, at most once per poll.

use crate::slice_record::{SILENT_INTERVALS, SliceId, SliceRecord};
use plan::plan::Plan;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tally::seconds::Second;
use tally::series::Series;
use tally::snapshot::{SliceResult, Snapshot};
use tally::tally::Tally;

/// The sums of a run: one sum for each region, or a single sum if the plan names no regions.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    pub regions: Vec<RegionSum>,
}

/// The sum of one region.
#[derive(Clone, Debug, Default)]
pub struct RegionSum {
    /// The name of the region; `None` if the plan names no regions.
    pub name: Option<String>,
    /// The counts of each second in all snapshots, including the seconds of warm-up and cool-down.
    pub series: Series,
    /// The sum of the results of all slices that have a result.
    ended: Tally,
    /// The sum of the snapshots of all slices that have no result.
    going: Tally,
    /// Whether `going` still contains snapshots of a slice that has a result now.
    stale: bool,
}

impl RegionSum {
    /// Returns the tally by request: the sum of all results, and of the snapshots of slices without a result.
    pub fn tally(&self) -> Tally {
        let mut tally = self.ended.clone();
        tally.add(&self.going);
        tally
    }
}

/// The number of complete seconds that are kept one by one, because a follower checks each of the newest seconds. The
/// seconds that some workers have not stored yet are kept in addition.
const NEWEST: u64 = 60;

/// Returns the number of the newest seconds that a run keeps one by one.
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

    /// Returns the sum of the tallies of all regions.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.regions.iter().for_each(|region| {
            tally.add(&region.ended);
            tally.add(&region.going);
        });
        tally
    }

    /// Returns the sum of the series of all regions.
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

    /// Returns the counts of the second that begins `at` seconds after T0, added up over all regions; `None` if this
    /// second is not kept one by one.
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
        let at = plan.regions.iter().position(|region| region.shards.contains(&shard));
        &mut self.regions[at.unwrap_or(0)]
    }

    /// Adds a snapshot of a slice. `ended` is true if the result of the slice was added before.
    pub(crate) fn snapshot(&mut self, plan: &Plan, shard: u32, snapshot: &Snapshot, ended: bool) {
        let region = self.region(plan, shard);
        region.series.add(&snapshot.recorder.seconds);
        if !ended {
            region.going.add(&snapshot.recorder.tally);
        }
    }

    /// Adds the result of a slice. `told` is true if snapshots of the slice were added before.
    pub(crate) fn result(&mut self, plan: &Plan, shard: u32, result: &SliceResult, told: bool) {
        let region = self.region(plan, shard);
        region.ended.add(&result.tally);
        region.stale |= told;
    }

    /// Recomputes the sums that are stale.
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
