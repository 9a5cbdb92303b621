//! The rows of a feed that one worker uses.

use super::{Rows, Work};
use crate::scenario::Pick;
use std::ops::Range;

/// The smallest number of arrivals per row for which a worker keeps all rows. With this number of arrivals per row,
/// nearly every row is used, so the used rows are not determined one by one.
const REPEATED: u64 = 4;

/// A set of rows of a feed. The first row of the feed has the number 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSet {
    All,
    /// The rows with these numbers, in ascending order and without repetitions.
    Some(Vec<u32>),
}

impl RowSet {
    /// Returns the union of several sets of rows.
    pub fn union(sets: impl Iterator<Item = RowSet>) -> RowSet {
        let mut all = Vec::new();
        let mut number = 0;
        for set in sets {
            match set {
                RowSet::All => return RowSet::All,
                RowSet::Some(rows) => {
                    number += 1;
                    all.extend(rows);
                }
            }
        }
        if number > 1 {
            all.sort_unstable();
            all.dedup();
        }
        RowSet::Some(all)
    }
}

impl Rows {
    /// Returns the set that contains only the row of a feed for arrival `k`. The set is empty if the arrival does not
    /// use the feed.
    pub fn of_arrival(&self, feed: usize, k: u64) -> RowSet {
        let is_used = self.mix.is_one_of(&self.feeds[feed].users, k);
        RowSet::Some(is_used.then(|| self.row(feed, k) as u32).into_iter().collect())
    }

    /// Returns the rows of a feed that one stripe uses. In an open load, a stripe uses the rows of the arrivals k in
    /// `arrivals` with k ≡ `stripe` (mod `stripes`). In a closed load, a stripe uses the rows of the users u with u ≡
    /// `stripe` (mod `stripes`). The set may contain further rows.
    pub fn of_stripe(&self, feed: usize, arrivals: Range<u64>, stripe: u32, stripes: u32) -> RowSet {
        let rows = &self.feeds[feed];
        if !rows.is_used {
            return RowSet::Some(Vec::new());
        }
        let (stripe, stripes) = (u64::from(stripe), u64::from(stripes.max(1)));
        let mut marked = Marked::new(rows.rows);
        match (self.work, rows.pick) {
            (Work::Users(users), Pick::User) => (stripe..u64::from(users))
                .step_by(stripes as usize)
                .take(rows.rows.min(u64::from(users)) as usize)
                .for_each(|user| marked.mark(user % rows.rows)),
            (Work::Users(_), _) => return RowSet::All,
            (Work::Arrivals(_), pick) => {
                let first = arrivals.start + (stripe + stripes - arrivals.start % stripes) % stripes;
                let number = arrivals.end.saturating_sub(first).div_ceil(stripes);
                if pick != Pick::Once && number / REPEATED >= rows.rows {
                    return RowSet::All;
                }
                (first..arrivals.end)
                    .step_by(stripes as usize)
                    .filter(|k| rows.is_used_by_all || self.mix.is_one_of(&rows.users, *k))
                    .for_each(|k| marked.mark(self.row(feed, k)));
            }
        }
        marked.into_set()
    }

    /// Returns an upper bound of the number of rows of a feed that one worker uses in a slice. `arrivals` is the number
    /// of arrivals of all workers in the slice, and `workers` is the number of workers.
    pub fn of_worker_max(&self, feed: usize, arrivals: u64, workers: u32) -> u64 {
        let rows = &self.feeds[feed];
        let used = match (self.work, rows.pick) {
            _ if !rows.is_used => 0,
            (Work::Users(users), Pick::User) => u64::from(users.div_ceil(workers.max(1))),
            (Work::Users(_), _) => rows.rows,
            (Work::Arrivals(_), _) => arrivals.div_ceil(u64::from(workers.max(1))),
        };
        used.min(rows.rows)
    }
}

/// A set of rows that is stored as one bit for each row of the feed.
struct Marked {
    rows: u64,
    bits: Vec<u64>,
    number: u64,
}

impl Marked {
    fn new(rows: u64) -> Marked {
        Marked {
            rows,
            bits: vec![0; rows.div_ceil(64) as usize],
            number: 0,
        }
    }

    fn mark(&mut self, row: u64) {
        // A damaged plan may need more rows than its feed has. The check of the plan reports this problem, so rows that
        // do not exist are ignored here.
        let Some(bits) = self.bits.get_mut((row / 64) as usize).filter(|_| row < self.rows) else {
            return;
        };
        let bit = 1 << (row % 64);
        self.number += u64::from(*bits & bit == 0);
        *bits |= bit;
    }

    fn into_set(self) -> RowSet {
        if self.number == self.rows {
            return RowSet::All;
        }
        let is_marked = |row: &u64| self.bits[(row / 64) as usize] >> (row % 64) & 1 == 1;
        RowSet::Some((0..self.rows).filter(is_marked).map(|row| row as u32).collect())
    }
}
