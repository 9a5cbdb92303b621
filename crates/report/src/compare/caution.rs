//! Cautions of a comparison: causes other than the target for a difference between two runs.

use super::bootstrap::INTERVALS_MIN;
use super::sample::{Arrivals, RunSample};
use crate::show;
use crate::verdict::Verdict;

/// Returns the possible causes for a difference between the runs, except the target.
pub(super) fn cautions(a: &RunSample, b: &RunSample) -> Vec<String> {
    let mut cautions = Vec::new();
    if a.scenario != b.scenario {
        cautions.push(format!(
            "the scenarios differ: A ran {}, B ran {}",
            a.scenario, b.scenario
        ));
    }
    if a.loads != b.loads {
        let planned = |sample: &RunSample| {
            let (planned, seconds) = (show::count(sample.counts.planned), sample.measured as f64 / 1e9);
            format!("{planned} arrivals in {seconds} s")
        };
        cautions.push(format!("the loads differ: A planned {}, B {}", planned(a), planned(b)));
    }
    if a.fleet != b.fleet {
        cautions.push(format!("A ran on the {} fleet, B on the {} fleet", a.fleet, b.fleet));
    }
    for (name, sample) in [("A", a), ("B", b)] {
        let Arrivals {
            planned,
            missing,
            dropped,
            ..
        } = sample.counts;
        if sample.verdict == Verdict::Incomplete {
            let (missing, planned) = (show::count(missing), show::count(planned));
            cautions.push(format!(
                "{name} is incomplete: {missing} of {planned} arrivals are missing"
            ));
        }
        if dropped > 0 {
            let (dropped, planned) = (show::count(dropped), show::count(planned));
            cautions.push(format!("{name} dropped {dropped} of {planned} arrivals"));
        }
        if !sample.generator.is_empty() {
            let signs = sample.generator.join("; ");
            cautions.push(format!(
                "{name} is generator-bound, so its numbers are not those of the target: {signs}"
            ));
        }
    }
    let only = |here: &RunSample, there: &RunSample| {
        let names = here.names().filter(|name| !there.names().any(|other| other == *name));
        names.cloned().collect::<Vec<String>>().join(", ")
    };
    for (name, names) in [("A", only(a, b)), ("B", only(b, a))] {
        if !names.is_empty() {
            cautions.push(format!("only {name} has the requests {names}; its totals include them"));
        }
    }
    if let Some(few) = too_few_intervals(a, b) {
        cautions.push(format!(
            "{few}, so no change can be judged; use a longer run or a shorter --snapshot-interval"
        ));
    }
    cautions
}

/// Returns a text that names the first run with too few intervals for a comparison; `None` if both runs have enough
/// intervals.
pub(super) fn too_few_intervals(a: &RunSample, b: &RunSample) -> Option<String> {
    let few = |name: &str, sample: &RunSample| {
        let number = sample.intervals.len();
        (number < INTERVALS_MIN).then(|| format!("{name} has only {number} of the {INTERVALS_MIN} required intervals"))
    };
    few("A", a).or_else(|| few("B", b))
}
