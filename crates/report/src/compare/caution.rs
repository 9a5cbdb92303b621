//! Why two runs may differ, whatever the target does: what a reader should know first.

use super::bootstrap::INTERVALS_MIN;
use super::sample::{Arrivals, Sample};
use crate::show;
use crate::verdict::Verdict;

/// Why the runs may differ, whatever the target does.
pub(super) fn cautions(a: &Sample, b: &Sample) -> Vec<String> {
    let mut cautions = Vec::new();
    if a.scenario != b.scenario {
        cautions.push(format!("A is of the scenario {}, B of {}", a.scenario, b.scenario));
    }
    if a.load != b.load {
        let planned = |sample: &Sample| {
            let (planned, seconds) = (show::count(sample.counts.planned), sample.measured as f64 / 1e9);
            format!("{planned} arrivals in {seconds} s")
        };
        cautions.push(format!(
            "their loads differ: A planned {}, B {}",
            planned(a),
            planned(b)
        ));
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
                "{name} is generator-bound, its numbers are not the target's: {signs}"
            ));
        }
    }
    let only = |here: &Sample, there: &Sample| {
        let names = here.requests.iter().filter(|name| !there.requests.contains(name));
        names.cloned().collect::<Vec<String>>().join(", ")
    };
    for (name, names) in [("A", only(a, b)), ("B", only(b, a))] {
        if !names.is_empty() {
            cautions.push(format!("only {name} has the requests {names}; they are in its totals"));
        }
    }
    if let Some(few) = too_few_intervals(a, b) {
        cautions.push(format!(
            "{few}: nothing can be said; run for longer, or with a shorter --snapshot-interval"
        ));
    }
    cautions
}

/// Which run is too short to say anything.
pub(super) fn too_few_intervals(a: &Sample, b: &Sample) -> Option<String> {
    let few = |name: &str, sample: &Sample| {
        let number = sample.intervals.len();
        (number < INTERVALS_MIN)
            .then(|| format!("{name} has only {number} of the {INTERVALS_MIN} intervals that are needed"))
    };
    few("A", a).or_else(|| few("B", b))
}
