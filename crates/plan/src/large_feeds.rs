//! Large feeds. A large feed is stored in parts, and each worker keeps only the rows that its arrivals can use.
//!
//! The rows that an arrival uses are known before the start of the run. A worker reads the rows of its arrivals before
//! the start of the run, part by part. The planner rejects a run if one worker would need more than [`KEPT_BYTES_MAX`]
//! bytes for these rows.

use crate::plan::{Plan, SHARDS_MAX, StripeOf};
use crate::rows::{RowSet, Rows};
use crate::scenario::Feed;

/// The maximum memory in bytes for the rows of large feeds in one worker. Functions often have only 512 MiB of memory.
pub const KEPT_BYTES_MAX: u64 = 128 << 20;

/// The memory in bytes for one number: the end position of a cell, or the number of a row.
const WORD: u64 = 4;

/// The error for rows of large feeds that do not fit into the memory of a worker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "each of {workers} workers would keep about {} MiB of the rows of large feeds, more than {} MiB",
    .needed.div_ceil(1 << 20),
    KEPT_BYTES_MAX >> 20
)]
pub struct RowsTooLarge {
    needed: u64,
    workers: u32,
    /// The smallest number of workers with which the rows fit; `None` if the rows do not fit with any number of
    /// workers.
    fit: Option<u32>,
}

impl RowsTooLarge {
    /// Returns an instruction that solves the problem.
    pub fn hint(&self) -> String {
        match self.fit {
            Some(fit) => format!("use --workers {fit} or more"),
            None => {
                "use smaller files, or write `pick: once` in a load of rates and `pick: user` in a load of users: with \
                     these, each worker uses its own rows only"
                    .to_owned()
            }
        }
    }
}

/// Returns the memory in bytes that one row takes in a worker. `text` is the length of the row's text.
pub fn row_bytes(text: u64, columns: usize) -> u64 {
    text + WORD * (columns as u64 + 1)
}

impl Plan {
    /// Returns whether the plan has a feed that is stored in parts.
    pub fn has_large_feeds(&self) -> bool {
        self.feeds.iter().any(|feed| !feed.parts.is_empty())
    }

    /// Returns the rows of a feed that the arrivals of one stripe can use in a slice. The rows of all populations are
    /// included.
    pub fn rows_of_stripe(&self, feed: usize, slice: usize, stripe: StripeOf) -> RowSet {
        let sets = (0..self.populations.len()).map(|population| {
            let own = stripe.rotated(self.first_stripe(population));
            let arrivals = self.slices[slice].arrivals[population].clone();
            let rows = self.rows_of(&self.populations[population]);
            rows.of_stripe(feed, arrivals, own.stripe, own.stripes)
        });
        RowSet::union(sets)
    }

    /// Checks that the rows of large feeds fit into the memory of each worker.
    ///
    /// # Errors
    /// Fails if the rows do not fit. The error contains the memory that the rows need in one worker, and the smallest
    /// number of workers with which the rows would fit.
    pub fn check_large_feeds(&self) -> Result<(), RowsTooLarge> {
        if !self.has_large_feeds() {
            return Ok(());
        }
        let rows = self.populations.iter().map(|population| self.rows_of(population));
        let rows: Vec<Rows> = rows.collect();
        // For each population, the largest number of arrivals of one slice.
        let arrivals = |population: usize| {
            let windows = self.slices.iter().map(|slice| &slice.arrivals[population]);
            windows.map(|window| window.end - window.start).max().unwrap_or(0)
        };
        let arrivals: Vec<u64> = (0..rows.len()).map(arrivals).collect();
        let restriped = match self.timing.restripe && self.timing.workers_min < self.shards {
            // A worker that takes over arrivals of missing workers keeps the rows of two stripes.
            true => self.kept_bytes(&rows, &arrivals, self.timing.workers_min),
            false => 0,
        };
        let needed = self.kept_bytes(&rows, &arrivals, self.shards) + restriped;
        if needed <= KEPT_BYTES_MAX {
            return Ok(());
        }
        let fit = (self.shards + 1..=SHARDS_MAX)
            .find(|workers| self.kept_bytes(&rows, &arrivals, *workers) <= KEPT_BYTES_MAX);
        Err(RowsTooLarge {
            needed,
            workers: self.shards,
            fit: fit.filter(|_| restriped == 0),
        })
    }

    /// Returns the memory in bytes that each worker is expected to need for the rows of large feeds if the run has
    /// `workers` workers. The result includes a margin for rows of unequal lengths.
    fn kept_bytes(&self, rows: &[Rows], arrivals: &[u64], workers: u32) -> u64 {
        let large = self.feeds.iter().enumerate().filter(|(_, feed)| !feed.parts.is_empty());
        let bytes = large.map(|(index, feed)| {
            let kept = rows.iter().enumerate();
            let kept = kept.map(|(population, rows)| rows.of_worker_max(index, arrivals[population], workers));
            let kept = kept.fold(0, u64::saturating_add).min(feed.rows);
            kept.saturating_mul(row_bytes(mean(feed), feed.columns.len()))
        });
        let bytes: u64 = bytes.fold(0, u64::saturating_add);
        bytes.saturating_add(bytes / 10)
    }
}

/// Returns the mean length in bytes of the rows of a large feed.
fn mean(feed: &Feed) -> u64 {
    let bytes = feed.parts.iter().map(|part| part.bytes).fold(0, u64::saturating_add);
    bytes.div_ceil(feed.rows.max(1))
}
