//! The columns of a histogram in a text table. A narrow layout omits some of them.

use crate::layout::{Cell, Column};
use crate::show::{NOTHING, time};
use tally::histogram::Histogram;

/// The width of a time, which has at most six characters: `12.3us`, `99.9ms`.
const WIDTH: usize = 6;

/// Computes the value of a column.
type Value = fn(&Histogram) -> u64;

const fn column(head: &str, rank: u8) -> Column<'_> {
    Column::number(head, WIDTH, rank)
}

const PERCENTILES: [(Column<'static>, Value); 10] = [
    (column("min", 7), Histogram::min),
    (column("p50", 0), |values| values.quantile(500_000)),
    (column("p75", 6), |values| values.quantile(750_000)),
    (column("p90", 3), |values| values.quantile(900_000)),
    (column("p95", 1), |values| values.quantile(950_000)),
    (column("p99", 0), |values| values.quantile(990_000)),
    (column("p99.9", 2), |values| values.quantile(999_000)),
    (column("p99.99", 4), |values| values.quantile(999_900)),
    (column("max", 0), Histogram::max),
    (column("mean", 5), |values| values.mean().round() as u64),
];

/// Returns `others`, followed by these columns.
pub(crate) fn columns(others: &[Column<'static>]) -> Vec<Column<'static>> {
    let times = PERCENTILES.iter().map(|(column, _)| *column);
    others.iter().copied().chain(times).collect()
}

/// Returns the cells of these columns; dashes for an empty histogram.
pub(crate) fn cells(values: &Histogram) -> impl Iterator<Item = Cell> {
    PERCENTILES.iter().map(|(_, value)| match values.is_empty() {
        true => NOTHING.to_owned().into(),
        false => time(value(values)).into(),
    })
}
