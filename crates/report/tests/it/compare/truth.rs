//! Tests of comparisons of pairs of runs whose true difference is known. The tests check the results and their error
//! rates.

use super::made::{Nature, run};
use report::compare::row::Judgement;
use report::compare::rule::RegressionRule;
use report::compare::sample::{PopulationNames, RunSample};
use report::compare::{Comparison, ERROR_RATE};
use std::sync::Mutex;

/// Simulates the pairs `0..number` on two threads, and returns the numbers of the pairs for which `is` is true.
fn found(number: u64, pair: impl Fn(u64) -> Comparison + Sync, is: impl Fn(&Comparison) -> bool + Sync) -> Vec<u64> {
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for first in 0..2 {
            let (found, pair, is) = (&found, &pair, &is);
            scope.spawn(move || {
                for seed in (first..number).step_by(2) {
                    if is(&pair(seed)) {
                        found.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn compared(a: Nature, b: Nature, seed: u64) -> Comparison {
    let (a, b) = (run("a", a, 2 * seed), run("b", b, 2 * seed + 1));
    Comparison::new(&a, &b, &[]).unwrap()
}

fn differs(comparison: &Comparison) -> bool {
    comparison.number(Judgement::Better) + comparison.number(Judgement::Worse) > 0
}

fn word(comparison: &Comparison, statistic: &str) -> Judgement {
    let row = comparison
        .rows
        .iter()
        .find(|row| row.request.is_none() && row.statistic == statistic);
    row.unwrap().word
}

/// Compares `number` pairs of equal runs. Asserts that the number of pairs that are reported as different exceeds the
/// stated share by less than three standard deviations.
fn assert_error_rate(number: u64, nature: impl Fn(u64) -> Nature + Sync) {
    let wrong = found(number, |seed| compared(nature(seed), nature(seed), seed), differs);
    let expected = number as f64 * ERROR_RATE;
    let most = expected + 3.0 * (expected * (1.0 - ERROR_RATE)).sqrt();
    assert!(
        (wrong.len() as f64) < most,
        "{} of {number} equal pairs differ: {wrong:?}",
        wrong.len()
    );
}

#[test]
fn the_false_positive_rate_of_equal_runs_is_at_most_the_stated_one() {
    assert_error_rate(400, |seed| Nature {
        names: 3,
        ..Nature::ordinary([8, 16, 30, 60][seed as usize % 4], 500.0)
    });
}

#[test]
fn the_false_positive_rate_with_one_request_is_at_most_the_stated_one() {
    assert_error_rate(200, |_| Nature::ordinary(60, 500.0));
}

/// An interval may miss the true change as often as its own confidence allows. At most the stated share of comparisons
/// contains an interval that misses the true change.
#[test]
fn all_words_together_share_the_error_rate_and_p95_is_among_them() {
    for names in [1, 2, 5] {
        let nature = Nature {
            names,
            ..Nature::ordinary(30, 3_000.0)
        };
        let comparison = compared(nature, nature, 1);
        let all: Vec<&str> = comparison.rows.iter().map(|row| row.statistic.as_str()).collect();
        let of_each = [
            "rate",
            "errors",
            "latency mean",
            "latency p50",
            "latency p90",
            "latency p95",
            "latency p99",
        ];
        assert_eq!(all[..7], of_each);
        let misses = comparison
            .rows
            .iter()
            .map(|row| row.confidence.map_or(0.0, |confidence| 1.0 - confidence));
        let judged = comparison.rows.iter().filter(|row| row.confidence.is_some()).count();
        assert!(judged >= 7 * names, "{judged}");
        let together: f64 = misses.sum();
        assert!(
            together < ERROR_RATE + 1e-9 && together > ERROR_RATE * 0.7,
            "{names}: {together}"
        );
    }
}

#[test]
fn a_slowdown_of_five_percent_is_found() {
    let slower = |seed| {
        let nature = Nature::ordinary(60, 2_000.0);
        compared(nature, Nature { slower: 1.05, ..nature }, seed)
    };
    let worse = |comparison: &Comparison| {
        word(comparison, "latency p50") == Judgement::Worse && word(comparison, "latency mean") == Judgement::Worse
    };
    let found = found(100, slower, worse).len();
    println!("{found} of 100 slowdowns were found");
    assert!(found >= 95, "{found} of 100");
}

#[test]
fn a_speedup_and_fewer_failures_are_better() {
    let nature = Nature {
        failing: 0.02,
        ..Nature::ordinary(60, 1_000.0)
    };
    let better = Nature {
        slower: 0.9,
        failing: 0.005,
        ..nature
    };
    let comparison = compared(nature, better, 7);
    for statistic in ["latency mean", "latency p50", "latency p99", "errors"] {
        assert_eq!(word(&comparison, statistic), Judgement::Better, "{statistic}");
    }
    assert_eq!(comparison.number(Judgement::Worse), 0);
}

#[test]
fn one_stalled_interval_is_not_significant() {
    let nature = Nature::ordinary(30, 500.0);
    let (a, mut b) = (run("a", nature, 1), run("b", nature, 2));
    // The target stalls in one second of run B, so all requests of this second take one second.
    let stalled = &mut b.intervals[11].requests[0];
    let number = stalled.latency.len();
    stalled.latency.clear();
    (0..number).for_each(|_| stalled.latency.record(1_000_000_000));
    let comparison = Comparison::new(&a, &b, &[]).unwrap();
    let p99 = comparison
        .rows
        .iter()
        .find(|row| row.statistic == "latency p99")
        .unwrap();
    assert!(p99.change.unwrap() > 5.0, "{p99:?}");
    assert_eq!(p99.word, Judgement::CannotTell, "{p99:?}");
}

#[test]
fn a_ramp_of_the_load_is_not_noise_in_a_paired_comparison() {
    let nature = Nature {
        ramp: true,
        moody: 0.005,
        ..Nature::ordinary(60, 2_000.0)
    };
    let slower = Nature { slower: 1.05, ..nature };
    let (a, b) = (run("a", nature, 3), run("b", slower, 4));
    let paired = Comparison::new(&a, &b, &[]).unwrap();
    assert!(paired.paired);
    assert_eq!(word(&paired, "latency p50"), Judgement::Worse);
    // B has the same numbers and a different timeline, so the runs are not paired.
    let mut apart = b.clone();
    apart.intervals[0].length -= 1;
    apart.measured -= 1;
    let apart = Comparison::new(&a, &apart, &[]).unwrap();
    assert!(!apart.paired);
    assert_eq!(word(&apart, "latency p50"), Judgement::CannotTell);
}

#[test]
fn a_run_equals_itself_and_comparisons_are_deterministic() {
    let (a, b) = (
        run("a", Nature::ordinary(20, 300.0), 1),
        run("b", Nature::ordinary(20, 300.0), 2),
    );
    let itself = Comparison::new(&a, &a, &[]).unwrap();
    assert!(!differs(&itself), "{:?}", itself.rows);
    let again = || Comparison::new(&a, &b, &[]).unwrap().json();
    assert_eq!(again(), again());
}

#[test]
fn too_few_values_give_cannot_tell() {
    let short = Nature::ordinary(7, 1_000.0);
    let comparison = compared(short, short, 1);
    assert_eq!(comparison.number(Judgement::CannotTell), comparison.rows.len());
    assert!(
        comparison.cautions[0].contains("A has only 7 of the 8 required intervals"),
        "{:?}",
        comparison.cautions
    );
    // Of 60 × 100 requests, six values are above p99.9, and sixty values are above p99.
    let few = Nature::ordinary(60, 100.0);
    let comparison = compared(few, few, 1);
    assert_eq!(word(&comparison, "latency p99.9"), Judgement::CannotTell);
    let why = |statistic: &str| {
        let row = comparison.rows.iter().find(|row| row.statistic == statistic).unwrap();
        row.why.clone()
    };
    assert!(why("latency p99.9").unwrap().contains("values beyond it"));
    assert_eq!(why("latency p99"), None);
}

#[test]
fn the_rate_of_a_request_is_that_in_the_measured_time_of_its_population() {
    let nature = Nature {
        names: 2,
        ..Nature::ordinary(30, 400.0)
    };
    // In B, the second population is measured for half of the time, with the same number of requests as in A.
    let sample = |name: &str, seed: u64, share: u64| {
        let mut sample = run(name, nature, seed);
        sample.populations = vec![
            PopulationNames { requests: 1, flows: 0 },
            PopulationNames { requests: 1, flows: 0 },
        ];
        for interval in &mut sample.intervals {
            interval.population_lengths = vec![interval.length, interval.length / share];
        }
        sample
    };
    let (a, b) = (sample("a", 1, 1), sample("b", 2, 2));
    let comparison = Comparison::new(&a, &b, &[]).unwrap();
    let row = |name: &str| {
        let mut rows = comparison.rows.iter();
        rows.find(|row| row.request.as_deref() == Some(name) && row.statistic == "rate")
            .unwrap()
    };
    let completed = |sample: &RunSample, place: usize| -> f64 {
        let intervals = sample.intervals.iter();
        intervals
            .map(|interval| interval.requests[place].completed)
            .sum::<u64>() as f64
    };
    assert_eq!(row("request-0").b, Some(completed(&b, 0) / 30.0));
    assert_eq!(row("request-1").a, Some(completed(&a, 1) / 30.0));
    assert_eq!(row("request-1").b, Some(completed(&b, 1) / 15.0));
    assert_ne!(row("request-0").word, Judgement::Better);
    assert_eq!(row("request-1").word, Judgement::Better);
}

#[test]
fn a_target_that_stops_answering_has_a_worse_rate() {
    let up = Nature::ordinary(30, 200.0);
    let down = Nature { failing: 1.1, ..up };
    let rule = RegressionRule::parse("rate < -5%").unwrap();
    let comparison = Comparison::new(&run("a", up, 1), &run("b", down, 2), &[rule]).unwrap();
    assert_eq!(word(&comparison, "rate"), Judgement::Worse);
    assert!(comparison.regressed());
}

#[test]
fn percentiles_equal_those_of_the_merged_histogram() {
    let nature = Nature {
        names: 2,
        ..Nature::ordinary(12, 400.0)
    };
    let (a, b) = (run("a", nature, 1), run("b", nature, 2));
    let comparison = Comparison::new(&a, &b, &[]).unwrap();
    let p99 = |request: Option<&str>| {
        let row = comparison
            .rows
            .iter()
            .find(|row| row.request.as_deref() == request && row.statistic == "latency p99");
        row.unwrap().b.unwrap()
    };
    assert_eq!(p99(None), b.whole().latency.quantile(990_000) as f64 / 1e6);
    let mut second = tally::histogram::Histogram::default();
    b.intervals
        .iter()
        .for_each(|interval| second.add(&interval.requests[1].latency));
    assert_eq!(p99(Some("request-1")), second.quantile(990_000) as f64 / 1e6);
}
