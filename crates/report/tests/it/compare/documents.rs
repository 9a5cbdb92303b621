//! Tests of stored baselines. A baseline is read without loss, or it is rejected.

use super::made::{Nature, run, sample};
use plan::cost::money::Money;
use proptest::prelude::*;
use report::compare::sample::{PopulationNames, RunSample};
use report::verdict::Verdict;
use serde_json::{Value, json};
use tally::interval::{Brief, Interval};

/// The number of flows in each generated sample.
const FLOWS: usize = 2;

fn brief() -> impl Strategy<Value = Brief> {
    let latencies = prop::collection::vec(0..5_000_000_000u64, 0..8);
    (latencies, 0..4u64, any::<prop::sample::Index>()).prop_map(|(values, in_flight, failed)| {
        let mut brief = Brief::default();
        values.iter().for_each(|value| brief.latency.record(*value));
        brief.failed = failed.index(values.len() + 1) as u64;
        brief.completed = values.len() as u64 - brief.failed;
        brief.sent = values.len() as u64 + in_flight;
        brief
    })
}

fn intervals() -> impl Strategy<Value = (usize, Vec<Interval>)> {
    (1..4usize).prop_flat_map(|names| {
        let flow = brief().prop_map(|brief| Brief {
            completed: brief.latency.len(),
            ..brief
        });
        let flows = prop::collection::vec(flow, 0..=FLOWS);
        let interval = (0..u64::from(u32::MAX), prop::collection::vec(brief(), names), flows).prop_map(
            |(length, requests, flows)| Interval {
                length,
                population_lengths: vec![length, length / 2],
                requests,
                flows,
            },
        );
        (Just(names), prop::collection::vec(interval, 1..=64))
    })
}

proptest! {
    #[test]
    fn a_baseline_is_stored_and_read_without_loss(
        (names, intervals) in intervals(),
        run in "\\PC{0,20}",
        cost in prop::option::of(any::<u64>()),
        crossed in any::<bool>(),
    ) {
        let sample = RunSample {
            run,
            cost: cost.map(Money::nanodollars),
            verdict: if crossed { Verdict::Crossed } else { Verdict::Incomplete },
            generator: vec!["worker 1 had no processor for 12 % of the time".to_owned()],
            flows: (0..FLOWS).map(|at| format!("flow {at}")).collect(),
            populations: vec![PopulationNames { requests: names, flows: 0 }, PopulationNames { requests: 0, flows: FLOWS }],
            ..sample("", names, intervals)
        };
        prop_assert_eq!(RunSample::decode(&sample.encode()), Ok(sample));
    }
}

#[test]
fn the_load_and_the_cost_of_a_baseline_are_stored() {
    let sample = RunSample {
        cost: Some(Money::nanodollars(7)),
        ..run("a", Nature::ordinary(1, 50.0), 1)
    };
    let stored = String::from_utf8(sample.encode()).unwrap();
    let load = concat!(
        r#","load":{"open":{"phases":[{"shape":{"constant":{"rate":3600000000,"duration":{"secs":1,"nanos":0}}},"#,
        r#""sampling":"measured"}],"spacing":"poisson"}},"measured":1000000000,"#,
    );
    for part in [load, r#","cost":7,"#] {
        assert!(stored.contains(part), "no {part} in {stored}");
    }
}

fn refused(change: impl FnOnce(&mut Value), problem: &str) {
    let sample = run("a", Nature::ordinary(10, 50.0), 1);
    let mut stored: Value = serde_json::from_slice(&sample.encode()).unwrap();
    change(&mut stored);
    let error = RunSample::decode(&serde_json::to_vec(&stored).unwrap())
        .unwrap_err()
        .to_string();
    assert!(error.contains(problem), "{error}");
}

#[test]
fn a_damaged_baseline_is_rejected() {
    refused(|stored| stored["format"] = json!(2), "upgrade vajra-cloud");
    refused(
        |stored| stored["counts"]["sent"] = json!(7),
        "in its intervals, 7 in total",
    );
    refused(
        |stored| stored["intervals"][3]["requests"][0]["completed"] = json!(u64::MAX),
        "the counts of a histogram and of its outcomes differ",
    );
    refused(
        |stored| stored["intervals"][3]["requests"][0]["latency"] = json!("AAAA"),
        "the baseline is damaged",
    );
    refused(|stored| stored["intervals"] = json!([]), "it has 0 intervals");
    refused(
        |stored| {
            let interval = stored["intervals"][0].clone();
            stored["intervals"] = Value::Array(vec![interval; 65]);
        },
        "it has 65 intervals",
    );
    refused(
        |stored| stored["requests"] = json!(["a", "b"]),
        "an interval has other requests",
    );
    refused(
        |stored| stored["populations"] = json!([{ "requests": 1, "flows": 0 }]),
        "an interval has other populations",
    );
    refused(
        |stored| {
            stored["intervals"][0]["length"] = json!(u64::MAX);
            stored["intervals"][1]["length"] = json!(u64::MAX);
        },
        "overflows",
    );
}

#[test]
fn a_baseline_of_a_usual_run_is_smaller_than_4_mib() {
    let nature = Nature {
        names: 10,
        ..Nature::ordinary(64, 2_000.0)
    };
    let bytes = run("a", nature, 1).encode().len();
    println!("{bytes} bytes");
    assert!(bytes < 4 << 20, "{bytes}");
}
