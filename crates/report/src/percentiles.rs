//! The columns of a text table that show a histogram. A narrow layout omits some of these columns.

use crate::layout::{Cell, Column};
use crate::show::{NOTHING, time};
use crate::timing::TimingReport;
use tally::histogram::Histogram;

/// The width of a cell with a time. A time has at most six characters: `12.3us`, `99.9ms`.
const WIDTH: usize = 6;

/// The minimum number of values above a percentile. With fewer values, a single slow request may change the percentile
/// a lot.
const ABOVE_MIN: u64 = 10;
/// The maximum number of names that a [`caution`] lists for each percentile.
const NAMED: usize = 5;

/// The statistic that a column shows.
#[derive(Clone, Copy, Debug)]
enum Value {
    Min,
    /// A quantile in millionths.
    Quantile(u32),
    Max,
    Mean,
}

impl Value {
    fn of(self, values: &Histogram) -> u64 {
        match self {
            Value::Min => values.min(),
            Value::Quantile(millionths) => values.quantile(millionths),
            Value::Max => values.max(),
            Value::Mean => values.mean().round() as u64,
        }
    }
}

const fn column(head: &str, rank: u8) -> Column<'_> {
    Column::number(head, WIDTH, rank)
}

const PERCENTILES: [(Column<'static>, Value); 10] = [
    (column("min", 7), Value::Min),
    (column("p50", 0), Value::Quantile(500_000)),
    (column("p75", 6), Value::Quantile(750_000)),
    (column("p90", 3), Value::Quantile(900_000)),
    (column("p95", 1), Value::Quantile(950_000)),
    (column("p99", 0), Value::Quantile(990_000)),
    (column("p99.9", 2), Value::Quantile(999_000)),
    (column("p99.99", 4), Value::Quantile(999_900)),
    (column("max", 0), Value::Max),
    (column("mean", 5), Value::Mean),
];

/// Returns the columns `others`, followed by the columns of a histogram.
pub(crate) fn columns(others: &[Column<'static>]) -> Vec<Column<'static>> {
    let times = PERCENTILES.iter().map(|(column, _)| *column);
    others.iter().copied().chain(times).collect()
}

/// Returns the cells of the columns of a histogram; dashes if the histogram is empty.
pub(crate) fn cells(values: &Histogram) -> impl Iterator<Item = Cell> {
    PERCENTILES.iter().map(|(_, value)| match values.is_empty() {
        true => NOTHING.to_owned().into(),
        false => time(value.of(values)).into(),
    })
}

/// Returns the median and the p99 as text. If too few values support the p99, the text contains the maximum in its
/// place.
pub(crate) fn median_and_most(timing: &TimingReport) -> String {
    let values = &timing.values;
    if values.is_empty() {
        return NOTHING.to_owned();
    }
    let most = match is_supported(990_000, values.len()) {
        true => ("p99", values.quantile(990_000)),
        false => ("max", values.max()),
    };
    format!("p50 {}, {} {}", time(values.quantile(500_000)), most.0, time(most.1))
}

/// Returns whether enough of the `count` values are above a quantile.
pub(crate) fn is_supported(millionths: u32, count: u64) -> bool {
    u128::from(count) * u128::from(1_000_000 - millionths) / 1_000_000 >= u128::from(ABOVE_MIN)
}

/// Returns a sentence about the percentiles that too few values support; `None` if all percentiles have enough values.
///
/// `rows` contains the name and the number of values of each row. `heads` contains the headers of the printed columns.
pub(crate) fn caution(rows: &[(&str, u64)], heads: &[&str]) -> Option<String> {
    let printed = PERCENTILES.iter().filter(|(column, _)| heads.contains(&column.head));
    let quantiles: Vec<(&str, u32)> = printed
        .filter_map(|(column, value)| match value {
            Value::Quantile(millionths) => Some((column.head, *millionths)),
            Value::Min | Value::Max | Value::Mean => None,
        })
        .collect();
    let rows = rows.iter().filter(|(_, count)| *count > 0);
    let is_lowest = |at: usize, count: u64| {
        let (unsupported, below) = (!is_supported(quantiles[at].1, count), at.checked_sub(1));
        unsupported && below.is_none_or(|below| is_supported(quantiles[below].1, count))
    };
    let groups = (0..quantiles.len()).rev().filter_map(|at| {
        let names = rows.clone().filter(|(_, count)| is_lowest(at, *count));
        let names: Vec<&str> = names.map(|(name, _)| name.trim_start()).collect();
        let above = if at + 1 < quantiles.len() { " and above" } else { "" };
        let of = match names.len() {
            0 => return None,
            all if all == rows.clone().count() => String::new(),
            all if all > NAMED => format!(" of {} and {} more", names[..NAMED].join(", "), all - NAMED),
            _ => format!(" of {}", names.join(", ")),
        };
        Some(format!("{}{above}{of}", quantiles[at].0))
    });
    let groups: Vec<String> = groups.collect();
    (!groups.is_empty()).then(|| {
        let groups = groups.join("; ");
        format!("uncertain percentiles, with fewer than {ABOVE_MIN} values above them: {groups}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_too_few_values_are_named() {
        let heads = ["p50", "p95", "p99", "p99.9", "max"];
        let named = |rows: &[(&str, u64)]| {
            let caution = caution(rows, &heads)?;
            Some(
                caution
                    .strip_prefix("uncertain percentiles, with fewer than 10 values above them: ")?
                    .to_owned(),
            )
        };
        assert_eq!(named(&[("home", 10_000), ("cart", 20_000)]), None);
        assert_eq!(named(&[("home", 9_999)]).as_deref(), Some("p99.9"));
        assert_eq!(named(&[("home", 999)]).as_deref(), Some("p99 and above"));
        assert_eq!(named(&[("home", 19)]).as_deref(), Some("p50 and above"));
        assert_eq!(named(&[("never sent", 0)]), None);
        assert_eq!(
            named(&[("home", 10_000), ("  cart", 200), ("order", 5_000), ("pay", 999)]).as_deref(),
            Some("p99.9 of order; p99 and above of cart, pay")
        );
        let many = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, 5_000));
        let many: Vec<(&str, u64)> = many.into_iter().chain([("all", 35_000)]).collect();
        assert_eq!(named(&many).as_deref(), Some("p99.9 of a, b, c, d, e and 2 more"));
        // The sentence does not name columns that are not printed.
        assert_eq!(caution(&[("home", 9_999)], &["p50", "p99", "max"]), None);
    }
}
