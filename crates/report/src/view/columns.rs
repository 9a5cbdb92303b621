//! The charts of a page: counts, percentiles and a heat map over time, and distributions. Charts over time consist of
//! columns, and each column covers one or more intervals.

use crate::distribution_points::points;
use crate::series::SecondReport;
use crate::show::{short, shown};
use crate::view::PhaseView;
use plan::population::UserSchedules;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use tally::histogram::Histogram;
use tally::interval::Timeline;

/// The maximum number of columns. More columns would not be visible. If a run has more intervals, two or more intervals
/// are added up in one column.
const COLUMNS_MAX: usize = 900;
/// The number of bands of the heat map for each factor of ten in latency.
const BANDS_PER_DECADE: i32 = 10;
const SECOND: u64 = 1_000_000_000;

/// The columns of the charts over time. Each count is the count of a whole column.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct SecondsView {
    at: Vec<u32>,
    /// For each column, whether the column ends before the load ends. Only these columns have rates and percentiles. If
    /// no column ends before the load ends, all values are true.
    whole: Vec<bool>,
    /// The number of seconds of each column. The last column may have fewer seconds than the others.
    lengths: Vec<u32>,
    measured: Vec<bool>,
    /// Planned requests; null if any population has users, and for a scenario with flows.
    planned: Option<Vec<u64>>,
    /// The number of users in the middle of each column; null for a load without users.
    users: Option<Vec<u32>>,
    /// Requests that were sent and had no outcome at the end of each column; null after the first missing snapshot.
    in_flight: Vec<Option<u64>>,
    /// The open connections in each column; null if a snapshot is missing. The number is a sum over the workers. Each
    /// worker contributes the largest number in its snapshots around the column. The list is empty if no worker
    /// reported open connections.
    connections: Vec<Option<u64>>,
    sent: Vec<Option<u64>>,
    completed: Vec<Option<u64>>,
    failed: Vec<Option<u64>>,
    dropped: Vec<Option<u64>>,
    failures: BTreeMap<String, Vec<Option<u64>>>,
    p50: Vec<Option<f64>>,
    p90: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    p99_9: Vec<Option<f64>>,
    max: Vec<Option<f64>>,
}

impl SecondsView {
    /// Returns the time, in seconds, from which on columns are not completely within the load. Returns `None` if the
    /// load contains all columns, or if the columns after this time have no answers.
    pub(crate) fn whole_until(&self) -> Option<f64> {
        let rest = self.whole.iter().position(|whole| !whole)?;
        let some = self.max[rest..].iter().any(Option::is_some);
        some.then(|| f64::from(self.at[rest]))
    }

    /// Adds the number of open connections to these columns. If the scenario has flows, removes the planned numbers,
    /// because planned numbers count arrivals, and the other numbers count requests.
    pub(crate) fn with(self, connections: Vec<Option<u64>>, with_flows: bool) -> SecondsView {
        SecondsView {
            connections,
            planned: self.planned.filter(|_| !with_flows),
            ..self
        }
    }
}

/// Times of requests by percentile.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DistributionView {
    name: &'static str,
    /// Whether the page shows this distribution initially.
    shown: bool,
    /// Pairs of a quantile and a time in milliseconds. The quantile 1 is the maximum.
    points: Vec<(f64, f64)>,
}

/// The number of requests in each cell of a heat map, by column and by band of latency. Band b reaches from `edges[b]`
/// to `edges[b + 1]` milliseconds.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct HeatView {
    edges: Vec<f64>,
    seconds: Vec<Vec<(u32, u64)>>,
}

/// The columns of the charts over time. Each column is the sum of one or more intervals of a report.
pub(crate) struct IntervalColumns<'a> {
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    seconds: &'a [SecondReport],
    latency: Histogram,
    /// Whether the counts of at least one interval of the column are known.
    known: bool,
}

impl<'a> IntervalColumns<'a> {
    pub(crate) fn new(seconds: &'a [SecondReport]) -> IntervalColumns<'a> {
        let step = seconds.len().div_ceil(COLUMNS_MAX).max(1);
        let columns = seconds.chunks(step).map(|seconds| {
            let mut latency = Histogram::default();
            seconds.iter().for_each(|second| latency.add(&second.values));
            latency.pack();
            Column {
                seconds,
                known: seconds.iter().any(SecondReport::is_known),
                latency,
            }
        });
        IntervalColumns {
            columns: columns.collect(),
        }
    }

    fn counts(&self, of: impl Fn(&SecondReport) -> u64) -> Vec<Option<u64>> {
        let count = |column: &Column<'_>| column.known.then(|| column.seconds.iter().map(&of).sum());
        self.columns.iter().map(count).collect()
    }

    /// Returns a quantile of the latency in each column, in milliseconds; `None` for each column that has no answers,
    /// or whose value in `whole` is false.
    fn quantiles(&self, whole: &[bool], millionths: u32) -> Vec<Option<f64>> {
        let at = |(column, whole): (&Column<'_>, &bool)| {
            let some = *whole && !column.latency.is_empty();
            some.then(|| shown(column.latency.quantile(millionths)))
        };
        self.columns.iter().zip(whole).map(at).collect()
    }

    fn maxima(&self) -> Vec<Option<f64>> {
        let most = |column: &Column<'_>| (!column.latency.is_empty()).then(|| shown(column.latency.max()));
        self.columns.iter().map(most).collect()
    }

    /// Returns for each column whether the column ends before the load ends. If no column ends before the load ends,
    /// all values are true.
    fn whole(&self, load_end: f64) -> Vec<bool> {
        let ends = self
            .columns
            .iter()
            .map(|column| column.seconds.last().map_or(0, SecondReport::end));
        let whole: Vec<bool> = ends.map(|end| f64::from(end) <= load_end).collect();
        match whole.contains(&true) {
            true => whole,
            false => vec![true; whole.len()],
        }
    }

    /// Returns for each column the number of requests that have been sent and not answered at the end of the column.
    fn in_flight(&self) -> Vec<Option<u64>> {
        let mut open = Some(0u64);
        let at_end = |column: &Column<'_>| {
            let whole = column.seconds.iter().all(|second| second.workers_missing == 0);
            let sent: u64 = column.seconds.iter().map(|second| second.sent).sum();
            let done: u64 = column
                .seconds
                .iter()
                .map(|second| second.completed + second.failed)
                .sum();
            open = open.filter(|_| whole).map(|open| (open + sent).saturating_sub(done));
            open
        };
        self.columns.iter().map(at_end).collect()
    }

    /// Returns the number of open connections of each column; empty if no worker reported open connections.
    pub(crate) fn connections(&self, timeline: &Timeline) -> Vec<Option<u64>> {
        let known = &timeline.connections;
        if known.iter().all(Option::is_none) {
            return Vec::new();
        }
        // The last interval also contains the answers that arrived after the end of the load.
        let index = |nanos: u64| (nanos / timeline.width.max(1)).min(known.len() as u64 - 1) as usize;
        let most = |column: &Column<'_>| {
            let whole = column.seconds.iter().all(|second| second.workers_missing == 0);
            let (first, last) = (column.seconds.first()?, column.seconds.last()?);
            let from = u64::from(first.second) * SECOND;
            let to = u64::from(last.end()) * SECOND - 1;
            let most = known[index(from)..=index(to)].iter().copied().max().flatten();
            most.filter(|_| whole)
        };
        self.columns.iter().map(most).collect()
    }

    fn users(&self, users: &UserSchedules) -> Vec<u32> {
        let at = |column: &Column<'_>| {
            let from = column.seconds.first().map_or(0, |second| second.second);
            let to = column.seconds.last().map_or(0, SecondReport::end);
            users.at((u64::from(from) + u64::from(to)) * 500_000_000)
        };
        self.columns.iter().map(at).collect()
    }

    pub(crate) fn seconds(&self, phases: &[PhaseView], users: Option<&UserSchedules>, load_end: f64) -> SecondsView {
        let first = |column: &Column<'_>| column.seconds.first().map_or(0, |second| second.second);
        let end = |column: &Column<'_>| column.seconds.last().map_or(0, SecondReport::end);
        let measured = |column: &Column<'_>| {
            let middle = f64::from(first(column)).midpoint(f64::from(end(column)));
            let phase = phases.iter().find(|phase| middle < phase.to_s);
            phase.or(phases.last()).is_none_or(|phase| phase.measured)
        };
        let kinds = self
            .columns
            .iter()
            .flat_map(|column| column.seconds.iter().flat_map(|second| second.failures.keys()));
        let kinds: std::collections::BTreeSet<&String> = kinds.collect();
        let failures = kinds.into_iter().map(|kind| {
            let counts = self.counts(|second| second.failures.get(kind).copied().unwrap_or(0));
            (kind.clone(), counts)
        });
        // The planned arrivals of a column are known even if workers stored no snapshots.
        let planned = |column: &Column<'_>| column.seconds.iter().filter_map(|second| second.planned).sum();
        let open = self
            .columns
            .iter()
            .flat_map(|column| column.seconds)
            .any(|second| second.planned.is_some());
        let whole = self.whole(load_end);
        SecondsView {
            lengths: self.columns.iter().map(|column| end(column) - first(column)).collect(),
            at: self.columns.iter().map(first).collect(),
            measured: self.columns.iter().map(measured).collect(),
            planned: open.then(|| self.columns.iter().map(planned).collect()),
            users: users.map(|users| self.users(users)),
            in_flight: self.in_flight(),
            connections: Vec::new(),
            sent: self.counts(|second| second.sent),
            completed: self.counts(|second| second.completed),
            failed: self.counts(|second| second.failed),
            dropped: self.counts(|second| second.dropped),
            failures: failures.collect(),
            p50: self.quantiles(&whole, 500_000),
            p90: self.quantiles(&whole, 900_000),
            p99: self.quantiles(&whole, 990_000),
            p99_9: self.quantiles(&whole, 999_000),
            max: self.maxima(),
            whole,
        }
    }

    pub(crate) fn heat(&self) -> HeatView {
        let band = |nanos: u64| (nanos.max(1) as f64).log10() * f64::from(BANDS_PER_DECADE);
        let all = self.columns.iter().filter(|column| !column.latency.is_empty());
        let ends = all.clone().map(|column| (column.latency.min(), column.latency.max()));
        let Some((low, high)) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
            return HeatView {
                seconds: self.columns.iter().map(|_| Vec::new()).collect(),
                ..HeatView::default()
            };
        };
        let (low, high) = (band(low).floor() as i32, band(high).floor() as i32);
        let edges = (low..=high + 1).map(|edge| short(10f64.powf(f64::from(edge) / f64::from(BANDS_PER_DECADE)) / 1e6));
        let column = |column: &Column<'_>| {
            let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
            for (value, count) in column.latency.values() {
                let place = (band(value).floor() as i32).clamp(low, high) - low;
                *counts.entry(place as u32).or_default() += count;
            }
            counts.into_iter().collect()
        };
        HeatView {
            edges: edges.collect(),
            seconds: self.columns.iter().map(column).collect(),
        }
    }
}

/// Returns the distributions that contain values, each with its name.
pub(crate) fn distributions(lines: &[(&'static str, bool, &Histogram)]) -> Vec<DistributionView> {
    let some = lines.iter().filter(|(_, _, values)| !values.is_empty());
    some.map(|(name, shown, values)| DistributionView {
        name,
        shown: *shown,
        points: points(values),
    })
    .collect()
}
