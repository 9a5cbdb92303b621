//! Tests of the expected cost of a run, and of the expected number of bytes of a request.

use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, CostItem, FleetShape, FunctionShape, PlannedCost};
use plan::plan::Plan;
use plan::usage::estimate::{Habits, estimate};
use plan::usage::weight::{connecting_bytes, request_bytes};
use std::collections::BTreeMap;
use std::time::Duration;
use test_plans::{Planned, habits};

/// Plans a run on functions. The scenario has no line `name`, because this function adds it.
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
    // A function is billed for 3 s until it is ready, 1 s until T0, 100 s of load, and 1 s to drain.
    assert_eq!(cost.slice_ms, [105_000]);
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 10 * 1_769 * 105_000);
    assert_eq!(quantity(&cost, CostItem::Invocations), 10);
    // Each worker writes its claim, snapshot 0, its result and 20 snapshots, and lists one key. The launcher writes 6
    // objects and lists one key.
    //
    // The launcher also polls the store, and each poll lists one page. The launcher polls every 100 + 3 x 20 ms for 3
    // s, and every 250 + 2 x 20 ms for 102 s.
    let polls = 3_000u64.div_ceil(160) + 102_000u64.div_ceil(290);
    assert_eq!(cost.launcher.lists, 1 + polls);
    assert_eq!(quantity(&cost, CostItem::PutsAndLists), 10 * (23 + 1) + 6 + 1 + polls);
    // Each worker reads the plan, and polls two objects every 100 + 2 x 20 ms for 3 s. Each worker reads the start, and
    // polls one object every 1,020 ms for 101 s.
    //
    // The launcher reads 2 objects, 23 objects of each of the 10 workers, and the stop in each poll. Until the start
    // exists, the launcher polls the start too.
    let worker = 1 + 2 * 3_000u64.div_ceil(140) + 1 + 101_000u64.div_ceil(1_020);
    let launcher = 2 + 10 * 23 + polls + 3_000u64.div_ceil(160) + 1;
    assert_eq!(quantity(&cost, CostItem::Gets), 10 * worker + launcher);
    // The load consists of 100,000 requests of 229 bytes (see weight.rs). Each worker opens 128 connections of 260
    // bytes.
    let sent = 100_000 * 229 + 10 * 128 * 260;
    assert_eq!(
        quantity(&cost, CostItem::BytesToInternet),
        sent + cost.launcher.read_bytes
    );
    assert_eq!(quantity(&cost, CostItem::BytesToOtherRegion), 0);
    // 1,857,450,000 MB-ms / 1,024,000 x 13,333.4 = 24,185,667.8… nano-dollars.
    assert_eq!(cost.estimate.lines[0].cost.as_nanodollars(), 24_185_668);
    assert!(cost.unpriced.is_empty());
}

#[test]
fn the_estimate_has_one_invocation_per_slice_with_its_early_start() {
    let plan = on_functions(STEADY, 8).slice_max(Duration::from_secs(20)).plan();
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::X86);
    let cost = estimated(&plan, &fleet, &habits());
    // The window of a slice lasts 20 s. The worker of a later slice starts at most 10 s early, which is half of the
    // window.
    assert_eq!(cost.slice_ms, [25_000, 31_000, 31_000, 31_000, 31_000]);
    assert_eq!(quantity(&cost, CostItem::Invocations), 8 * 5);
    assert_eq!(quantity(&cost, CostItem::X86Time), 8 * 1_769 * (25_000 + 4 * 31_000));
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 0);
    // A worker of a later slice reads the plan, polls the clock for 2 s every 80 + 20 ms, reads the start, and polls
    // for 30 s every 1,020 ms. A worker of the first slice reads the plan, polls two objects for 3 s every 140 ms,
    // reads the start, and polls for 21 s every 1,020 ms.
    let reads: Vec<u64> = cost.slice_requests.iter().map(|requests| requests.reads).collect();
    assert_eq!(reads[0], 1 + 2 * 22 + 1 + 21);
    assert_eq!(reads[1], 1 + 20 + 1 + 30);
}

#[test]
fn a_large_fleet_waits_for_the_platform_and_lists_many_pages() {
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    let (small, large) = (plan(STEADY, 1_000), plan(STEADY, 2_001));
    // Of 2,001 functions, 1,000 start at once. The other functions start in two steps, each after 10 s.
    assert_eq!(estimated(&small, &fleet, &habits()).slice_ms, [105_000]);
    assert_eq!(estimated(&large, &fleet, &habits()).slice_ms, [125_000]);
    // 1,000 workers store 23 objects each, so a poll of the launcher lists up to 23 pages.
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
    // Each of 50 users sends a request every 400 + 100 ms for 100 s. The sum is 10,000 requests.
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
    // The launcher writes a heartbeat every 10 s for 105 s. Each of 10 workers reads the heartbeat every 10.02 s for
    // 101 s.
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
    // The request line is GET (3), /a (2) and 13 bytes. The headers are the target http://10.0.0.1:8080 (20) with 4
    // bytes, and the user agent (31). The sum is 73 bytes. The overhead is one segment for the request and two other
    // segments, of 52 bytes each.
    assert_eq!(bytes[0], 73 + 3 * 52);
    // The request line is POST (4), /o/ (3), 999 (3) and 13 bytes. The headers are the target (20) with 4 bytes, X-Id
    // (4) with its value (36) and 4 bytes, the user agent (31), and 22 bytes. The body is 120 (3). The sum is 147
    // bytes, and the overhead is the same three segments.
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
    // The request with `https` has one more byte in its scheme, and the overhead of one TLS record.
    assert_eq!(bytes(&text("https", "")), clear + 1 + 29);
    assert_eq!(bytes(&text("http", "connections: fresh\n")), clear + 19 + 5 * 52);
    assert_eq!(
        bytes(&text("https", "connections: fresh\n")),
        clear + 1 + 29 + 19 + 5 * 52 + 900
    );
}
