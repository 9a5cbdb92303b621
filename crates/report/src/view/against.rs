//! The chart of latency against the load. The load is the planned rate, or the number of users.
//!
//! A point of the chart contains all seconds with about the same load. The histograms of these seconds are added up, so
//! a percentile of the point includes all requests that were answered in these seconds.

use crate::run_report::RunReport;
use crate::series::SecondReport;
use crate::show::{short, shown};
use crate::view::PhaseView;
use plan::population::UserSchedules;
use plan::scenario::Population;
use schemars::JsonSchema;
use serde::Serialize;
use tally::histogram::Histogram;

/// The maximum number of points. The limit is low so that each point contains several seconds.
const POINTS_MAX: usize = 20;
/// The minimum factor by which the load must change in a run. If the load changes less, the page does not have this
/// chart.
const CHANGE_MIN: f64 = 1.5;
/// The minimum number of measured intervals. With fewer intervals, the page does not have this chart.
const INTERVALS_MIN: usize = 6;

/// The chart of latency against the load.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AgainstView {
    #[schemars(extend("enum" = ["planned rate", "users"]))]
    load: &'static str,
    /// The points, in ascending order of the load.
    points: Vec<PointView>,
}

/// The measured seconds of about the same load, as one point of the chart.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct PointView {
    /// The mean load in the seconds of this point, in requests per second or in users.
    load: f64,
    seconds: u32,
    /// Completed requests per second.
    completed: f64,
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
}

/// Returns the chart of latency against the load. Returns `None` in three cases: the load is nearly constant, few
/// intervals were measured, or some populations have users and others have rates.
pub(crate) fn against(
    report: &RunReport,
    phases: &[PhaseView],
    populations: &[Population],
    load_end: f64,
) -> Option<AgainstView> {
    let users = UserSchedules::of(populations);
    if users.is_some() && populations.iter().any(|population| population.users().is_none()) {
        return None;
    }
    let load = |second: &SecondReport| match &users {
        Some(users) => {
            let middle = (u64::from(second.second) + u64::from(second.end())) * 500_000_000;
            Some(f64::from(users.at(middle)))
        }
        None => Some(second.planned? as f64 / f64::from(second.length_s)),
    };
    let measured = |second: &SecondReport| {
        let middle = f64::from(second.second).midpoint(f64::from(second.end()));
        f64::from(second.end()) <= load_end
            && second.workers_missing == 0
            && phases
                .iter()
                .any(|phase| phase.measured && (phase.from_s..phase.to_s).contains(&middle))
    };
    let seconds: Vec<(f64, &SecondReport)> = report
        .seconds
        .iter()
        .filter(|second| measured(second))
        .filter_map(|second| Some((load(second)?, second)).filter(|(load, _)| *load > 0.0))
        .collect();
    let least = seconds.iter().map(|(load, _)| *load).reduce(f64::min)?;
    let most = seconds.iter().map(|(load, _)| *load).reduce(f64::max)?;
    if seconds.len() < INTERVALS_MIN || most < least * CHANGE_MIN {
        return None;
    }
    let number = POINTS_MAX.min(seconds.len() / 2);
    let mut bins: Vec<Vec<(f64, &SecondReport)>> = vec![Vec::new(); number];
    for (load, second) in seconds {
        let place = ((load - least) / (most - least) * number as f64) as usize;
        bins[place.min(number - 1)].push((load, second));
    }
    Some(AgainstView {
        load: if users.is_some() { "users" } else { "planned rate" },
        points: bins
            .iter()
            .filter(|bin| !bin.is_empty())
            .map(|bin| point(bin))
            .collect(),
    })
}

fn point(bin: &[(f64, &SecondReport)]) -> PointView {
    let mut latency = Histogram::default();
    bin.iter().for_each(|(_, second)| latency.add(&second.values));
    let seconds: u32 = bin.iter().map(|(_, second)| second.length_s).sum();
    let load: f64 = bin.iter().map(|(load, second)| load * f64::from(second.length_s)).sum();
    let completed: u64 = bin.iter().map(|(_, second)| second.completed).sum();
    let at = |millionths| (!latency.is_empty()).then(|| shown(latency.quantile(millionths)));
    PointView {
        load: short(load / f64::from(seconds)),
        seconds,
        completed: short(completed as f64 / f64::from(seconds)),
        p50: at(500_000),
        p90: at(900_000),
        p99: at(990_000),
    }
}
