//! What cannot be planned, and what is planned to the arrival.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use plan::plan::{Order, PLAN_BYTES_MAX, Plan, PlanError, Timing};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Surroundings};
use std::time::Duration;

fn scenario(body: &str, environment: &str) -> Scenario {
    let text = format!(
        "name: s\ntarget: http://127.0.0.1:9\nload: {{ constant: {{ rate: 50/s, duration: 2s }} }}\n\
         requests: [ {{ name: home, body: '{body}' }} ]\n"
    );
    let surroundings = Surroundings {
        environment: &|_| Some(environment.to_owned()),
        file: &|_| Err("there is none".to_owned()),
    };
    scenario_file::read(&text, "s.yaml", &surroundings).unwrap()
}

fn order(workers: u32) -> Order {
    Order {
        run: "r".to_owned(),
        created: 0,
        fleet: "local".to_owned(),
        workers,
        slice_max: Some(Duration::from_millis(700)),
        workers_max: 200,
        builtin_target: String::new(),
        timing: Timing {
            snapshot_interval: Duration::from_secs(1),
            start_timeout: Duration::from_secs(10),
            workers_min: workers,
            ..Timing::default()
        },
    }
}

#[test]
fn a_plan_that_is_too_large_says_what_to_move() {
    let large = scenario("{{ env \"BODY\" }}", &"x".repeat(PLAN_BYTES_MAX));
    let error = Plan::new(&large, &order(1)).unwrap_err();
    assert!(matches!(error, PlanError::TooLarge { .. }), "{error}");
    assert!(error.hint().contains("body: { file: … }"), "{}", error.hint());
}

#[test]
fn workers_and_load_must_fit_each_other() {
    let small = scenario("x", "");
    for (workers, hint) in [
        (0, "--workers 1 or more"),
        (101, "--workers 100 or fewer"),
        (201, "--workers 200 or fewer"),
    ] {
        let error = Plan::new(&small, &order(workers)).unwrap_err();
        assert!(error.hint().contains(hint), "{error}: {}", error.hint());
    }
}

#[test]
fn every_slice_owes_its_exact_share_and_the_plan_reads_back() {
    let plan = Plan::new(&scenario("x", ""), &order(3)).unwrap();
    assert_eq!(plan.slices.len(), 3);
    let owed: Vec<u64> = (0..3)
        .flat_map(|slice| (0..3).map(move |shard| (shard, slice)))
        .map(|(shard, slice)| plan.owed(shard, slice))
        .collect();
    // 34, 33 and 33 arrivals are due in the thirds of 100; each is dealt out in turn.
    assert_eq!(owed, [12, 11, 11, 11, 11, 11, 11, 11, 11]);
    assert_eq!(owed.iter().sum::<u64>(), 100);
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan));
}

#[test]
fn a_plan_that_this_version_could_not_have_made_is_refused() {
    let plan = Plan::new(&scenario("x", ""), &order(3)).unwrap();
    let text = String::from_utf8(plan.encode()).unwrap();
    let newer = text.replacen("\"format\": 2", "\"format\": 3", 1);
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
