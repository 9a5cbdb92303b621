//! The rows of feeds in the memory of a worker. A feed is a table of values for requests, such as a CSV file.
//!
//! A small feed is in memory as a whole. The rows of a large feed are read before the start, one part of the feed after
//! another. A worker keeps only the rows that its own arrivals use. The stripe of a worker is the set of its arrivals.
//! The stripe changes at the start if the worker takes over arrivals of missing workers. Such a worker reads the rows
//! of the new stripe before the start of the run (T0).

use crate::data;
use plan::large_feeds::{KEPT_BYTES_MAX, row_bytes};
use plan::plan::{Plan, StripeOf};
use plan::rows::RowSet;
use plan::scenario::Feed;
use plan::scenario_file::csv::Sheet;
use std::ops::Range;
use std::sync::OnceLock;
use store::RunStore;

/// The rows of a feed.
#[derive(Clone, Debug)]
pub enum FeedSheet {
    Whole(Sheet),
    Large(Box<LargeFeed>),
}

/// The rows of a large feed that this worker uses.
#[derive(Clone, Debug)]
pub struct LargeFeed {
    planned: KeptRows,
    /// The rows of the new stripe, if the stripe of the worker has changed at the start.
    restriped: OnceLock<KeptRows>,
}

/// The arrivals whose rows are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArrivalsOf {
    Stripe { slice: usize, stripe: StripeOf },
    Arrival(u64),
}

impl ArrivalsOf {
    fn rows(self, plan: &Plan, feed: usize) -> RowSet {
        match self {
            ArrivalsOf::Stripe { slice, stripe } => plan.rows_of_stripe(feed, slice, stripe),
            ArrivalsOf::Arrival(k) => plan.rows().of_arrival(feed, k),
        }
    }
}

impl From<Sheet> for FeedSheet {
    fn from(sheet: Sheet) -> FeedSheet {
        FeedSheet::Whole(sheet)
    }
}

impl FeedSheet {
    /// Returns the cell in this row and column. Rows and columns are counted from 0.
    ///
    /// # Panics
    /// Panics if the cell does not exist or is not kept.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        match self {
            FeedSheet::Whole(sheet) => sheet.cell(row, column),
            FeedSheet::Large(large) => large.rows().cell(row, column),
        }
    }

    /// Returns the first row in memory whose cell in this column does not satisfy `fits`.
    pub(crate) fn find_unfit(&self, column: usize, fits: fn(&str) -> bool) -> Option<usize> {
        match self {
            FeedSheet::Whole(sheet) => (0..sheet.rows()).find(|row| !fits(sheet.cell(*row, column))),
            FeedSheet::Large(large) => large.rows().find_unfit(column, fits),
        }
    }

    /// Reads the rows of a large feed that these arrivals use. `bytes` is the memory that the rows of large feeds use
    /// so far.
    ///
    /// # Errors
    /// Returns a sentence that names the missing object, or the limit of memory that was exceeded.
    pub(crate) async fn fetch(
        store: &RunStore,
        plan: &Plan,
        feed: usize,
        arrivals: ArrivalsOf,
        bytes: &mut u64,
    ) -> Result<FeedSheet, String> {
        let planned = KeptRows::fetch(store, plan, feed, arrivals.rows(plan, feed), bytes).await?;
        Ok(FeedSheet::Large(Box::new(LargeFeed {
            planned,
            restriped: OnceLock::new(),
        })))
    }

    /// If the feed is large, reads the rows of another stripe. The rows replace those of the planned stripe.
    ///
    /// # Errors
    /// Returns the same errors as [`FeedSheet::fetch`].
    pub(crate) async fn restripe(
        &self,
        store: &RunStore,
        plan: &Plan,
        feed: usize,
        arrivals: ArrivalsOf,
        bytes: &mut u64,
    ) -> Result<(), String> {
        if let FeedSheet::Large(large) = self {
            let rows = KeptRows::fetch(store, plan, feed, arrivals.rows(plan, feed), bytes).await?;
            // A worker is started once, so the stripe of the worker changes at most once.
            let _ = large.restriped.set(rows);
        }
        Ok(())
    }

    /// Returns the memory that the rows of the planned stripe use. Returns 0 if the feed is not large.
    pub(crate) fn kept_bytes(&self) -> u64 {
        match self {
            FeedSheet::Whole(_) => 0,
            FeedSheet::Large(large) => large.planned.bytes(),
        }
    }
}

impl LargeFeed {
    fn rows(&self) -> &KeptRows {
        self.restriped.get().unwrap_or(&self.planned)
    }
}

/// The rows of a large feed that are kept.
#[derive(Clone, Debug)]
struct KeptRows {
    rows: RowSet,
    columns: usize,
    /// The cells of the kept rows, one after another. The next field contains the end of each cell.
    text: String,
    ends: Vec<u32>,
}

impl KeptRows {
    async fn fetch(
        store: &RunStore,
        plan: &Plan,
        feed: usize,
        rows: RowSet,
        bytes: &mut u64,
    ) -> Result<KeptRows, String> {
        let feed = &plan.feeds[feed];
        let mut kept = KeptRows::empty(feed, &rows);
        let mut first = 0;
        for part in &feed.parts {
            let within = first..first + part.rows;
            first = within.end;
            let wanted = wanted(&rows, &within);
            if wanted.is_empty() {
                continue;
            }
            let sheet = {
                let content = data::fetch(store, &plan.run, &part.blob).await?;
                parse(&content, feed, part.rows)?
            };
            for index in wanted {
                let row = match &rows {
                    RowSet::All => index as u64,
                    RowSet::Some(rows) => u64::from(rows[index]),
                };
                kept.add(&sheet, (row - within.start) as usize, feed, bytes)?;
            }
        }
        kept.rows = rows;
        Ok(kept)
    }

    /// Creates an empty list of rows with about enough memory for `rows`. A list that grows could take twice as much
    /// memory.
    fn empty(feed: &Feed, rows: &RowSet) -> KeptRows {
        let (mut first, mut number, mut text) = (0, 0, 0);
        for part in &feed.parts {
            let within = first..first + part.rows;
            first = within.end;
            let wanted = wanted(rows, &within).len() as u64;
            number += wanted;
            text += part.bytes.div_ceil(part.rows.max(1)).saturating_mul(wanted);
        }
        let most = |length: u64| length.min(KEPT_BYTES_MAX) as usize;
        KeptRows {
            rows: RowSet::All,
            columns: feed.columns.len(),
            text: String::with_capacity(most(text)),
            ends: Vec::with_capacity(most(number.saturating_mul(feed.columns.len() as u64) * 4) / 4),
        }
    }

    /// Keeps a row. `sheet` is a part of the feed, and `row` is the number of the row in this part.
    fn add(&mut self, sheet: &Sheet, row: usize, feed: &Feed, bytes: &mut u64) -> Result<(), String> {
        let begin = self.text.len();
        for column in 0..self.columns {
            self.text.push_str(sheet.cell(row, column));
            self.ends.push(self.text.len() as u32);
        }
        *bytes += row_bytes((self.text.len() - begin) as u64, self.columns);
        match *bytes > KEPT_BYTES_MAX {
            true => Err(format!(
                "up to feed {} the rows of large feeds that this worker uses need more than {} MiB",
                feed.name,
                KEPT_BYTES_MAX >> 20
            )),
            false => Ok(()),
        }
    }

    fn bytes(&self) -> u64 {
        let rows = self.ends.len() / self.columns.max(1);
        row_bytes(0, self.columns) * rows as u64 + self.text.len() as u64
    }

    fn cell(&self, row: usize, column: usize) -> &str {
        let kept = match &self.rows {
            RowSet::All => row,
            RowSet::Some(rows) => rows
                .binary_search(&(row as u32))
                .expect("the rows of all arrivals of the worker are kept"),
        };
        self.kept_cell(kept, column)
    }

    fn kept_cell(&self, kept: usize, column: usize) -> &str {
        let index = kept * self.columns + column;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }

    fn find_unfit(&self, column: usize, fits: fn(&str) -> bool) -> Option<usize> {
        let mut kept = 0..self.ends.len() / self.columns.max(1);
        let unfit = kept.find(|kept| !fits(self.kept_cell(*kept, column)))?;
        Some(match &self.rows {
            RowSet::All => unfit,
            RowSet::Some(rows) => rows[unfit] as usize,
        })
    }
}

/// Returns the rows of the set that are within a part of the feed. The result is a range of indices in the set.
fn wanted(rows: &RowSet, within: &Range<u64>) -> Range<usize> {
    match rows {
        RowSet::All => within.start as usize..within.end as usize,
        RowSet::Some(rows) => {
            let from = rows.partition_point(|row| u64::from(*row) < within.start);
            from..rows.partition_point(|row| u64::from(*row) < within.end)
        }
    }
}

/// Parses the CSV file of a feed, or of a part of a feed. The file must have the planned columns and this number of
/// rows.
pub(crate) fn parse(bytes: &[u8], feed: &Feed, rows: u64) -> Result<Sheet, String> {
    let sheet = Sheet::read(bytes, feed.delimiter).map_err(|problem| format!("feed {}: {problem}", feed.name))?;
    if sheet.rows() as u64 != rows {
        let found = sheet.rows();
        return Err(format!("feed {} has {found} rows, and {rows} are planned", feed.name));
    }
    match sheet.columns() == feed.columns {
        true => Ok(sheet),
        false => Err(format!("feed {} does not have the planned columns", feed.name)),
    }
}
