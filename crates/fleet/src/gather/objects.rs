//! Adds a stored object to the record of a run, after checking that the object belongs to the run.
//!
//! The objects of a worker are checked against the worker's claim. An object that cannot be used is noted as damaged
//! and is not counted.

use super::{Gatherer, RunRecord, SliceId, SliceRecord};
use plan::plan::Plan;
use std::collections::BTreeMap;
use store::documents::{Claim, Document};
use store::keys::{self, Object};
use tally::format::FormatError;
use tally::provenance::Provenance;
use tally::snapshot::{SliceResult, Snapshot};
use tally::stretch::Stretch;

/// Returns an error if the plan does not have the shard or the slice of an object.
fn belongs(plan: &Plan, object: Object) -> Result<(), FormatError> {
    let (Object::Claim { shard, slice } | Object::Live { shard, slice, .. } | Object::Result { shard, slice }) = object
    else {
        return Ok(());
    };
    match shard < plan.shards && (slice as usize) < plan.slices.len() {
        true => Ok(()),
        false => Err(damaged("object", "the plan has no such shard or slice")),
    }
}

pub(super) fn damaged(document: &'static str, problem: &str) -> FormatError {
    FormatError::Damaged {
        document,
        problem: problem.to_owned(),
    }
}

/// Returns the provenance that every object of a slice must have. The worker that has the claim of the slice writes it.
fn provenance(plan: &Plan, record: &SliceRecord, shard: u32, slice: u32) -> Provenance {
    let claim = record.claim.as_ref();
    claim.map_or_else(Provenance::default, |claim| claim.provenance(&plan.run, shard, slice))
}

fn slot<'a>(slices: &'a mut BTreeMap<SliceId, SliceRecord>, plan: &Plan, slice_id: SliceId) -> &'a mut SliceRecord {
    slices.entry(slice_id).or_insert_with(|| SliceRecord::new(plan))
}

impl Gatherer {
    /// Adds an object to the record. Returns `true` if the object does not have to be read again.
    pub(super) fn take(&mut self, key: &str, bytes: &[u8]) -> bool {
        let Some((_, object)) = keys::parse(key) else {
            return true;
        };
        if let Object::Live { shard, slice, n } = object {
            let newest = self.newest.entry((shard, slice)).or_default();
            *newest = n.max(*newest);
        }
        if let Some(claim) = self.unread_claim(object) {
            // The claim may have been written after the claims were read. Without a claim, the object is not counted.
            let problem = format!("its claim {claim} does not exist");
            self.record.damaged.insert(key.to_owned(), problem);
            return false;
        }
        match self.read(object, bytes) {
            Ok(()) => drop(self.record.damaged.remove(key)),
            Err(error) => drop(self.record.damaged.insert(key.to_owned(), error.to_string())),
        }
        self.note_contradiction(object);
        true
    }

    /// Notes the result of a slice as damaged if the snapshots contradict it. The result and the snapshots may be read
    /// in either order.
    fn note_contradiction(&mut self, object: Object) {
        let (Object::Live { shard, slice, .. } | Object::Result { shard, slice }) = object else {
            return;
        };
        let known = self.record.slice((shard, slice));
        if known.is_some_and(SliceRecord::is_contradictory) {
            let error = damaged("result", "its snapshots count more than it does");
            let key = keys::result(&self.record.plan.run, shard, slice);
            self.record.damaged.insert(key, error.to_string());
        }
    }

    /// Returns the key of the claim that is required to check an object; `None` if this claim has been read.
    fn unread_claim(&self, object: Object) -> Option<String> {
        let (Object::Live { shard, slice, .. } | Object::Result { shard, slice }) = object else {
            return None;
        };
        let planned = belongs(&self.record.plan, object).is_ok();
        let claimed = self
            .record
            .slice((shard, slice))
            .is_some_and(|slice| slice.claim.is_some());
        (planned && !claimed).then(|| keys::claim(&self.record.plan.run, shard, slice))
    }

    fn read(&mut self, object: Object, bytes: &[u8]) -> Result<(), FormatError> {
        let RunRecord {
            plan,
            start,
            slices,
            merged,
            ..
        } = &mut self.record;
        belongs(plan, object)?;
        let own = |shard| start.as_ref().and_then(|start| start.stripe(shard, plan.shards));
        match object {
            Object::Claim { shard, slice } => {
                let claim = Claim::decode(bytes)?;
                if claim.plan.as_ref().is_some_and(|read| *read != self.digest) {
                    return Err(damaged("claim", "its worker read another plan than the stored one"));
                }
                slot(slices, plan, (shard, slice)).claim = Some(claim);
            }
            Object::Live { shard, slice, n } => {
                let record = slot(slices, plan, (shard, slice));
                let from = provenance(plan, record, shard, slice);
                let snapshot = Snapshot::decode(bytes, n, &plan.expected(&self.names, &from, own(shard)))?;
                record.ready = true;
                if n > 0 {
                    let ended = record.result.is_some();
                    match &record.beyond {
                        _ if !ended => record.told.add(&snapshot.recorder.tally),
                        Some(beyond) => record.beyond = beyond.less(&snapshot.recorder.tally),
                        None => {}
                    }
                    merged.snapshot(plan, shard, &snapshot, ended);
                    record.snapshots.add(n, Stretch::of(&snapshot));
                    if let Some(intervals) = &mut self.intervals {
                        intervals.add((shard, slice), &snapshot);
                    }
                    record.known_until = record.known_until.max(snapshot.to);
                }
            }
            Object::Result { shard, slice } => {
                let record = slot(slices, plan, (shard, slice));
                let from = provenance(plan, record, shard, slice);
                let mut result = SliceResult::decode(bytes, &plan.expected(&self.names, &from, own(shard)))?;
                merged.result(plan, shard, &result, !record.snapshots.is_empty());
                record.beyond = result.tally.less(&std::mem::take(&mut record.told));
                // A run has many slices, and each tally is rarely read, so the tallies are packed.
                result.tally.pack();
                record.result = Some(result);
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
