//! Tests of the expected cost of a run, and of the expected bytes of its requests.

use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, CostItem, FleetShape, FunctionShape, PlannedCost};
use plan::plan::Plan;
use plan::usage::estimate::{Habits, estimate};
use plan::usage::weight::{connecting_bytes, request_bytes};
use std::collections::BTreeMap;
use std::time::Duration;
use test_plans::{Planned, habits};

/// Returns the inputs of a run on functions. `scenario` is the text of a scenario without the line with its `name`.
fn on_functions(scenario: &str, workers: u32) -> Planned {
    Planned::of(&format!("name: t\n{scenario}"))
        .fleet("lambda")
        .workers(workers)
        .snapshot_interval(Duration::from_secs(5))
        .start_timeout(Duration::from_secs(60))
}

fn plan(scenario: &str, workers: u32) -> Plan {
    on_functions(scenario, workers).plan()
}

const STEADY: &str = "target: http://10.0.0.1:8080\nload: { constant: { rate: 1000/s, duration: 100s } }\n\
                      requests: [ { name: home, url: /a } ]\n";

fn estimated(plan: &Plan, fleet: &FleetShape, habits: &Habits) -> PlannedCost {
    estimate(plan, fleet, habits, &BTreeMap::new(), &PriceTable::builtin())
}

fn quantity(cost: &PlannedCost, item: CostItem) -> u64 {
    let lines = cost.estimate.lines.iter().filter(|line| line.item == item);
    lines.map(|line| line.quantity).sum()
}

#[test]
fn the_estimate_of_one_slice_is_the_sum_of_its_parts() {
    let (plan, fleet) = (
        plan(STEADY, 10),
        FleetShape::single("us-east-1", 1_769, Architecture::Arm64),
    );
    let cost = estimated(&plan, &fleet, &habits());
    // A worker needs 3 s until it is ready, and 1 s until the start of the run. The load takes 100 s, and the storing
    // of the result takes 1 s.
    assert_eq!(cost.slice_ms, [105_000]);
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 10 * 1_769 * 105_000);
    assert_eq!(quantity(&cost, CostItem::Invocations), 10);
    // Each worker writes a claim, snapshot 0, 20 further snapshots and a result. The launcher writes 9 probe objects
    // and 4 others. Each listing of the launcher has one page. Before the start of the run, the launcher lists for 3 s in
    // polls of 100 + 3 x 20 ms. During the run, the launcher lists for 102 s in polls of 250 + 2 x 20 ms. The launcher
    // and each worker also list one key once.
    let polls = 3_000u64.div_ceil(160) + 102_000u64.div_ceil(290);
    assert_eq!(cost.launcher.lists, 1 + polls);
    assert_eq!(quantity(&cost, CostItem::PutsAndLists), 10 * (23 + 1) + 13 + 1 + polls);
    // Each worker checks whether the run has started, reads the plan, and polls for 3 s with two reads per 100 + 2 x
    // 20 ms. After the start of the run, each worker reads the start, and polls for 101 s with one read per 1,020 ms.
    // The launcher reads the probe 8 times, the plan, and the 10 x 23 objects of the workers. In each poll, the launcher
    // also reads `stop`, and before the start of the run also `start`.
    let worker = 1 + 1 + 2 * 3_000u64.div_ceil(140) + 1 + 101_000u64.div_ceil(1_020);
    let launcher = 8 + 1 + 10 * 23 + polls + 3_000u64.div_ceil(160) + 1;
    assert_eq!(quantity(&cost, CostItem::Gets), 10 * worker + launcher);
    // The workers send 100,000 requests of 229 bytes, as `weight.rs` computes, and each worker opens 128 connections of
    // 260 bytes.
    let sent = 100_000 * 229 + 10 * 128 * 260;
    assert_eq!(
        quantity(&cost, CostItem::BytesToInternet),
        sent + cost.launcher.read_bytes
    );
    assert_eq!(quantity(&cost, CostItem::BytesToOtherRegion), 0);
    // The cost is 1,857,450,000 MB-ms / 1,024,000 x 13,333.4 = 24,185,667.8… nano-dollars.
    assert_eq!(cost.estimate.lines[0].cost.as_nanodollars(), 24_185_668);
    assert!(cost.unpriced.is_empty());
}

#[test]
fn the_estimate_has_one_invocation_per_slice_with_its_early_start() {
    let plan = on_functions(STEADY, 8).slice_max(Duration::from_secs(20)).plan();
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::X86);
    let cost = estimated(&plan, &fleet, &habits());
    // For a slice of 20 s, the next worker starts at most 10 s early, which is half of the slice.
    assert_eq!(cost.slice_ms, [25_000, 31_000, 31_000, 31_000, 31_000]);
    assert_eq!(quantity(&cost, CostItem::Invocations), 8 * 5);
    assert_eq!(quantity(&cost, CostItem::X86Time), 8 * 1_769 * (25_000 + 4 * 31_000));
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 0);
    // A worker of a later slice reads the plan and the start. A later worker polls the clock for 2 s with one read per
    // 80 + 20 ms, and polls for 30 s with one read per 1,020 ms. A worker of the first slice also checks before its claim
    // whether the run has started. A first worker polls for 3 s with two reads per 140 ms, and then for 21 s with one
    // read per 1,020 ms.
    let reads: Vec<u64> = cost.slice_requests.iter().map(|requests| requests.reads).collect();
    assert_eq!(reads[0], 1 + 1 + 2 * 22 + 1 + 21);
    assert_eq!(reads[1], 1 + 20 + 1 + 30);
}

#[test]
fn a_large_fleet_waits_for_the_platform_and_lists_many_pages() {
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    let (small, large) = (plan(STEADY, 1_000), plan(STEADY, 2_001));
    // Of 2,001 functions, 1,000 start at once, 1,000 start after 10 s, and one starts after 20 s.
    assert_eq!(estimated(&small, &fleet, &habits()).slice_ms, [105_000]);
    assert_eq!(estimated(&large, &fleet, &habits()).slice_ms, [125_000]);
    // 1,000 workers store 23 objects each, so a listing has up to 23 pages.
    let launcher = estimated(&small, &fleet, &habits()).launcher;
    let polls = launcher.reads - 23_000;
    assert!(
        launcher.lists > 5 * polls && launcher.lists < 23 * polls,
        "{launcher:?}"
    );
}

#[test]
fn regions_share_the_load_and_traffic_to_the_store_is_billed() {
    let function = |region: &str, shards: &[u32]| FunctionShape {
        region: region.to_owned(),
        memory_mb: 1_024,
        architecture: Architecture::Arm64,
        shards: shards.to_vec(),
    };
    let fleet = FleetShape {
        store_region: "us-east-1".to_owned(),
        functions: vec![function("us-east-1", &[]), function("mars-1", &[7, 8, 9])],
    };
    let cost = estimated(&plan(STEADY, 10), &fleet, &habits());
    let line = |item, region: &str| {
        let found = cost
            .estimate
            .lines
            .iter()
            .find(|line| line.item == item && line.region == region);
        found.map_or(0, |line| line.quantity)
    };
    assert_eq!(line(CostItem::Invocations, "us-east-1"), 7);
    assert_eq!(line(CostItem::Invocations, "mars-1"), 3);
    assert_eq!(
        line(CostItem::BytesToInternet, "mars-1"),
        (100_000 * 229) * 3 / 10 + 3 * 128 * 260
    );
    // Each of three workers writes 20 snapshots and a result of 4,000 bytes each, and a claim and snapshot 0 of 200
    // bytes each.
    assert_eq!(line(CostItem::BytesToOtherRegion, "mars-1"), 3 * (21 * 4_000 + 400));
    assert!(line(CostItem::BytesToOtherRegion, "us-east-1") > 0);
    assert_eq!(line(CostItem::PutsAndLists, "mars-1"), 0);
    assert_eq!(cost.unpriced, ["mars-1"]);
}

#[test]
fn closed_load_requests_follow_think_and_answer_time() {
    let users = "target: http://10.0.0.1:8080\nload: { users: { users: 50, duration: 100s } }\n\
                 think_time: { min: 400ms, max: 400ms }\nrequests: [ { name: home, url: /a } ]\n";
    let plan = plan(users, 2);
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    let cost = estimated(&plan, &fleet, &habits());
    // 50 users send a request every 400 + 100 ms for 100 s, which are 10,000 requests.
    let sent = 10_000 * 229 + 2 * 128 * 260;
    assert_eq!(
        quantity(&cost, CostItem::BytesToInternet),
        sent + cost.launcher.read_bytes
    );
}

#[test]
fn a_heartbeat_adds_writes_and_reads() {
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    let silent = plan(STEADY, 10);
    let mut beating = silent.clone();
    beating.timing.dead_man = Some(Duration::from_secs(40));
    let (without, with) = (
        estimated(&silent, &fleet, &habits()),
        estimated(&beating, &fleet, &habits()),
    );
    // The launcher writes a heartbeat every 10 s for 105 s. Each of 10 workers reads a heartbeat every 10.02 s for 101
    // s.
    assert_eq!(
        quantity(&with, CostItem::PutsAndLists) - quantity(&without, CostItem::PutsAndLists),
        11
    );
    assert_eq!(
        quantity(&with, CostItem::Gets) - quantity(&without, CostItem::Gets),
        10 * 11
    );
}

#[test]
fn a_request_counts_its_text_and_the_protocol_overhead() {
    let plan = plan(
        "target: http://10.0.0.1:8080\nload: { constant: { rate: 100/s, duration: 10s } }\nrequests:\n\
         - { name: home, url: /a }\n\
         - { name: order, method: POST, url: '/o/{{ arrival }}', headers: { X-Id: '{{ uuid }}' }, body: '{{ random -5 120 }}' }\n",
        2,
    );
    let bytes = [0, 1].map(|request| request_bytes(&plan, request, &BTreeMap::new()));
    // The text has 73 bytes. `GET` has 3 bytes, `/a` has 2, the rest of the head with the target has 13 + 20 + 4, and
    // the header `user-agent` has 31. One segment for the text and two acknowledgements add 52 bytes each.
    assert_eq!(bytes[0], 73 + 3 * 52);
    // The text has 147 bytes. `POST` has 4 bytes, `/o/999` has 6, and the rest of the head with the target has 13 + 20
    // + 4. The header `X-Id` has 4 + 36 + 4 bytes, `user-agent` has 31, `content-length` has 22, and the body `120` has
    // 3. One segment for the text and two acknowledgements add 52 bytes each.
    assert_eq!(bytes[1], 147 + 3 * 52);
    assert_eq!(connecting_bytes(&plan), 128 * 5 * 52);
}

#[test]
fn tls_and_fresh_connections_add_bytes() {
    let text = |scheme: &str, more: &str| {
        format!(
            "target: {scheme}://example.com\n{more}load: {{ constant: {{ rate: 1/s, duration: 10s }} }}\n\
             requests: [ {{ name: r, url: / }} ]\n"
        )
    };
    let bytes = |text: &str| {
        let plan = plan(text, 1);
        request_bytes(&plan, 0, &BTreeMap::new())
    };
    let clear = bytes(&text("http", ""));
    // HTTPS adds one letter to the URL, and one TLS record of 29 bytes.
    assert_eq!(bytes(&text("https", "")), clear + 1 + 29);
    assert_eq!(bytes(&text("http", "connections: fresh\n")), clear + 19 + 5 * 52);
    assert_eq!(
        bytes(&text("https", "connections: fresh\n")),
        clear + 1 + 29 + 19 + 5 * 52 + 900
    );
}
