//! Adds a stored object to the record of a run, after checking that the object belongs to the run.
//!
//! The objects of a worker are checked against the worker's claim. An object that cannot be used is noted as damaged
//! and is not counted.

use super::{Gatherer, RunRecord, SliceId, SliceRecord};
use crate::slice_record::AttemptRecord;
use plan::plan::Plan;
use std::collections::BTreeMap;
use store::documents::{Claim, Document};
use store::keys::{self, ONLY_ATTEMPT, Object};
use tally::format::FormatError;
use tally::provenance::Provenance;
use tally::snapshot::{SliceResult, Snapshot};
use tally::stretch::Stretch;
use tally::tally::Tally;

/// Returns the slice of an object; `None` if the object belongs to the whole run.
fn slice_of(object: Object) -> Option<SliceId> {
    match object {
        Object::Claim { shard, slice, .. }
        | Object::Prepared { shard, slice, .. }
        | Object::Left { shard, slice, .. }
        | Object::Live { shard, slice, .. }
        | Object::Result { shard, slice } => Some((shard, slice)),
        Object::Plan
        | Object::Data
        | Object::Start
        | Object::Stop
        | Object::Heartbeat
        | Object::Account
        | Object::Report => None,
    }
}

/// Returns the claim that is required to check an object; `None` if no claim is required. A worker of an older version
/// stored snapshot 0 after it had prepared.
fn attempt_of(object: Object) -> Option<RequiredClaim> {
    match object {
        Object::Prepared { attempt, .. } | Object::Left { attempt, .. } => Some(RequiredClaim::Of(attempt)),
        Object::Live { n: 0, .. } => Some(RequiredClaim::Of(ONLY_ATTEMPT)),
        Object::Live { .. } | Object::Result { .. } => Some(RequiredClaim::OfSender),
        _ => None,
    }
}

/// The claim that is required to check an object.
#[derive(Clone, Copy, Debug)]
enum RequiredClaim {
    /// The claim of the attempt with this number.
    Of(u32),
    /// The claim of the attempt that sends.
    OfSender,
}

impl RequiredClaim {
    fn find(self, record: &SliceRecord) -> Option<&Claim> {
        match self {
            RequiredClaim::Of(attempt) => record.attempts.get(&attempt).map(|attempt| &attempt.claim),
            RequiredClaim::OfSender => record.sender_claim(),
        }
    }
}

/// Returns an error if the plan does not have the shard or the slice of an object.
fn belongs(plan: &Plan, object: Object) -> Result<(), FormatError> {
    let Some((shard, slice)) = slice_of(object) else {
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
        let Some(provenance) = self.provenance(object) else {
            // The claim or the start may have been written after the gatherer tried to read it, so this object is read
            // again later. Until then, the object is not counted.
            let problem = "the claim of its worker does not exist".to_owned();
            self.record.damaged.insert(key.to_owned(), problem);
            return false;
        };
        match self.read(object, &provenance, bytes) {
            Ok(()) => drop(self.record.damaged.remove(key)),
            Err(error) => drop(self.record.damaged.insert(key.to_owned(), error.to_string())),
        }
        self.note_contradiction(object);
        true
    }

    /// Notes the result of a slice as damaged if the snapshots of the slice contradict the result. The result and the
    /// snapshots may be read in either order.
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

    /// Returns the provenance that an object must have; `None` if the claim of its worker has not been read. For an
    /// object whose provenance is not checked, the returned provenance is empty.
    fn provenance(&self, object: Object) -> Option<Provenance> {
        let plan = &self.record.plan;
        let (Some((shard, slice)), Some(required)) = (slice_of(object), attempt_of(object)) else {
            return Some(Provenance::default());
        };
        if belongs(plan, object).is_err() {
            return Some(Provenance::default());
        }
        let claim = required.find(self.record.slice((shard, slice))?)?;
        Some(claim.provenance(&plan.run, shard, slice))
    }

    fn read(&mut self, object: Object, from: &Provenance, bytes: &[u8]) -> Result<(), FormatError> {
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
            Object::Claim { shard, slice, attempt } => {
                let claim = Claim::decode(bytes)?;
                if claim.plan.as_ref().is_some_and(|read| *read != self.digest) {
                    return Err(damaged("claim", "its worker read another plan than the stored one"));
                }
                let record = slot(slices, plan, (shard, slice));
                let attempt = record.attempts.entry(attempt);
                attempt.or_insert(AttemptRecord {
                    claim,
                    has_prepared: false,
                    left: None,
                });
                record.settle((shard, slice), start.as_ref());
            }
            Object::Prepared { shard, slice, attempt } => {
                Snapshot::decode(bytes, 0, &plan.expected(&self.names, from, None))?;
                let record = slot(slices, plan, (shard, slice));
                record
                    .attempts
                    .entry(attempt)
                    .and_modify(|attempt| attempt.has_prepared = true);
                record.settle((shard, slice), start.as_ref());
            }
            Object::Left { shard, slice, attempt } => {
                let left = SliceResult::decode(bytes, &plan.expected(&self.names, from, None))?;
                if left.tally != Tally::new(plan.requests.len()) {
                    return Err(damaged(
                        "result",
                        "its worker left before the start, and it counts requests",
                    ));
                }
                let record = slot(slices, plan, (shard, slice));
                record
                    .attempts
                    .entry(attempt)
                    .and_modify(|attempt| attempt.left = Some(left));
                record.settle((shard, slice), start.as_ref());
            }
            Object::Live { shard, slice, n } => {
                let record = slot(slices, plan, (shard, slice));
                let snapshot = Snapshot::decode(bytes, n, &plan.expected(&self.names, from, own(shard)))?;
                record.ready = true;
                if n == 0 {
                    record
                        .attempts
                        .entry(ONLY_ATTEMPT)
                        .and_modify(|attempt| attempt.has_prepared = true);
                }
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
                let mut result = SliceResult::decode(bytes, &plan.expected(&self.names, from, own(shard)))?;
                merged.result(plan, shard, &result, !record.snapshots.is_empty());
                record.beyond = result.tally.less(&std::mem::take(&mut record.told));
                // A run may have many slices, and their tallies are rarely read. So each tally is packed to save
                // memory.
                result.tally.pack();
                record.result = Some(result);
                record.has_left = false;
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
