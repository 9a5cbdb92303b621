//! Tests of loads that cannot be planned, and of the exact numbers in plans.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue must fail")]

use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, FleetShape};
use plan::plan::{PLAN, PLAN_BYTES_MAX, Plan};
use plan::planning::PlanError;
use plan::usage::estimate::estimate;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use test_plans::{Planned, habits};

/// Returns a scenario with 100 arrivals in slices of at most 700 ms.
fn small(body: &str) -> Planned {
    let scenario = format!(
        "name: s\ntarget: http://127.0.0.1:9\nload: {{ constant: {{ rate: 50/s, duration: 2s }} }}\n\
         requests: [ {{ name: home, body: '{body}' }} ]\n"
    );
    Planned::of(&scenario)
        .slice_max(Duration::from_millis(700))
        .workers_max(200)
}

#[test]
fn a_plan_that_is_too_large_is_rejected_with_a_hint() {
    let large = small("{{ env \"BODY\" }}").variable("BODY", "x".repeat(PLAN_BYTES_MAX));
    let error = large.try_plan().unwrap_err();
    assert!(matches!(error, PlanError::TooLarge { .. }), "{error}");
    assert!(error.hint().contains("body: { file: … }"), "{}", error.hint());
}

#[test]
fn workers_and_load_must_fit_each_other() {
    for (workers, hint) in [
        (0, "--workers 1 or more"),
        (101, "--workers 100 or fewer"),
        (201, "--workers 200 or fewer"),
    ] {
        let error = small("x").workers(workers).try_plan().unwrap_err();
        assert!(error.hint().contains(hint), "{error}: {}", error.hint());
    }
}

#[test]
fn every_slice_owes_its_exact_share_and_the_plan_reads_back() {
    let plan = small("x").workers(3).plan();
    assert_eq!(plan.slices.len(), 3);
    let owed: Vec<u64> = (0..3)
        .flat_map(|slice| (0..3).map(move |shard| (shard, slice)))
        .map(|(shard, slice)| plan.owed(shard, slice))
        .collect();
    // 34, 33 and 33 of the 100 arrivals are due in the windows of the three slices. In each window, the shards take
    // turns.
    assert_eq!(owed, [12, 11, 11, 11, 11, 11, 11, 11, 11]);
    assert_eq!(owed.iter().sum::<u64>(), 100);
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan));
}

/// Plans a load and computes its cautions and its cost, as the command line does. Asserts a time limit, which a
/// computation for each arrival would exceed.
fn planned_quickly(name: &str, load: &str, workers: u32, slice_max: Option<Duration>) -> Plan {
    let text = format!("name: s\ntarget: http://127.0.0.1:9\n{load}\nrequests: [ {{ name: home }} ]\n");
    let start = Instant::now();
    let plan = Planned::of(&text).workers(workers).slice_max(slice_max).plan();
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    estimate(&plan, &fleet, &habits(), &BTreeMap::new(), &PriceTable::builtin());
    plan.cautions();
    plan.schedule().unwrap().measured();
    assert!(
        start.elapsed() < Duration::from_secs(6),
        "{name} took {:?}",
        start.elapsed()
    );
    plan
}

#[test]
fn planning_time_does_not_depend_on_the_number_of_arrivals() {
    let day = "connections: fresh\narrivals: poisson\nload: { constant: { rate: 100k/s, duration: 24h } }";
    let plan = planned_quickly("a day of Poisson arrivals", day, 10_000, Some(Duration::from_secs(600)));
    assert_eq!(plan.arrivals(), Some(8_640_000_000));
    planned_quickly("a day in short slices", day, 10_000, Some(Duration::from_secs(5)));
    let waves = "- sine: { mean_rate: 1k/s, amplitude: 1k/s, period: 7s, duration: 80s }\n";
    for spacing in ["even", "poisson"] {
        let waves = format!(
            "connections: fresh\narrivals: {spacing}\nload:\n{}",
            waves.repeat(1_000)
        );
        planned_quickly("waves", &waves, 1_000, None);
        let mixed = "- warm_up: { rate: 1/s, duration: 40s }\n- ramp: { to: 9/s, ramp_duration: 40s }\n".repeat(500);
        let mixed = format!("connections: fresh\narrivals: {spacing}\nload:\n{mixed}");
        planned_quickly("warm-ups", &mixed, 1_000, None);
    }
}

#[test]
fn a_plan_that_this_version_could_not_have_created_is_rejected() {
    let plan = small("x").workers(3).plan();
    let text = String::from_utf8(plan.encode()).unwrap();
    let format = |number: u32| format!("\"format\": {number}");
    let newer = text.replacen(&format(PLAN.format), &format(PLAN.format + 1), 1);
    assert!(
        Plan::decode(newer.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("upgrade vajra-cloud")
    );
    let empty = text.replacen("\"shards\": 3", "\"shards\": 0", 1);
    assert!(
        Plan::decode(empty.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("damaged")
    );
}
