//! The expected cost of a run, and the bytes of its requests.

use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, CostItem, FleetShape, FunctionShape, PlannedCost};
use plan::plan::Plan;
use plan::usage::estimate::{Habits, estimate};
use plan::usage::weight::{connecting_bytes, request_bytes};
use std::collections::BTreeMap;
use std::time::Duration;
use test_plans::{Planned, habits};

/// Plans a run on functions. The scenario has no `name` line.
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
    // 3 s until ready, 1 s until T0, 100 s of load, 1 s to drain.
    assert_eq!(cost.slice_ms, [105_000]);
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 10 * 1_769 * 105_000);
    assert_eq!(quantity(&cost, CostItem::Invocations), 10);
    // Each worker: claim, snapshot 0, result, and 20 snapshots. The launcher: 13. Its listings have one page
    // each: 3 s in polls of 100 + 3 x 20 ms, and 102 s in polls of 250 + 2 x 20 ms. It lists one more key, and so does
    // each worker.
    let polls = 3_000u64.div_ceil(160) + 102_000u64.div_ceil(290);
    assert_eq!(cost.launcher.lists, 1 + polls);
    assert_eq!(quantity(&cost, CostItem::PutsAndLists), 10 * (23 + 1) + 13 + 1 + polls);
    // Each worker: the check for a start, the plan, 3 s in polls of two reads per 100 + 2 x 20 ms, the start, and 101 s
    // in polls of 1,020 ms. The launcher: 8 for the probe, the plan, 10 x 23 objects, a stop per poll, and the start until it exists.
    let worker = 1 + 1 + 2 * 3_000u64.div_ceil(140) + 1 + 101_000u64.div_ceil(1_020);
    let launcher = 8 + 1 + 10 * 23 + polls + 3_000u64.div_ceil(160) + 1;
    assert_eq!(quantity(&cost, CostItem::Gets), 10 * worker + launcher);
    // 100,000 requests of 229 bytes (see weight.rs), and 128 connections of 260 bytes for each worker.
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
    // For a window of 20 s, the next worker starts at most half of it early.
    assert_eq!(cost.slice_ms, [25_000, 31_000, 31_000, 31_000, 31_000]);
    assert_eq!(quantity(&cost, CostItem::Invocations), 8 * 5);
    assert_eq!(quantity(&cost, CostItem::X86Time), 8 * 1_769 * (25_000 + 4 * 31_000));
    assert_eq!(quantity(&cost, CostItem::Arm64Time), 0);
    // Later workers: the plan, 2 s in clock polls of 80 + 20 ms, the start, and 30 s in polls of 1,020 ms. First
    // workers: the check for a start, the plan, 3 s in polls of two reads per 140 ms, the start, and 21 s in polls of
    // 1,020 ms.
    let reads: Vec<u64> = cost.slice_requests.iter().map(|requests| requests.reads).collect();
    assert_eq!(reads[0], 1 + 1 + 2 * 22 + 1 + 21);
    assert_eq!(reads[1], 1 + 20 + 1 + 30);
}

#[test]
fn a_large_fleet_waits_for_the_platform_and_lists_many_pages() {
    let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
    let (small, large) = (plan(STEADY, 1_000), plan(STEADY, 2_001));
    // 2,001 functions start as 1,000 at once and two further steps of 10 s.
    assert_eq!(estimated(&small, &fleet, &habits()).slice_ms, [105_000]);
    assert_eq!(estimated(&large, &fleet, &habits()).slice_ms, [125_000]);
    // 1,000 workers store 23 objects each, so a poll lists up to 23 pages.
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
    // 20 snapshots and a result of 4,000 bytes, a claim and snapshot 0 of 200 from each of three workers.
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
    // 50 users for 100 s, each every 400 + 100 ms: 10,000 requests.
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
    // A beat every 10 s: for 105 s by the launcher; read for 101 s by each of 10 workers, every 10.02 s.
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
    // GET(3) /a(2) 13 + target http://10.0.0.1:8080 (20) 4 + agent 31 = 73; 1 segment + 2 of 52.
    assert_eq!(bytes[0], 73 + 3 * 52);
    // POST(4) /o/(3)999(3) 13 + 20 + 4 + X-Id(4) 36 4 + 31 + 22 + 120(3) = 147; and the same 3.
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
    // One letter more, and one record.
    assert_eq!(bytes(&text("https", "")), clear + 1 + 29);
    assert_eq!(bytes(&text("http", "connections: fresh\n")), clear + 19 + 5 * 52);
    assert_eq!(
        bytes(&text("https", "connections: fresh\n")),
        clear + 1 + 29 + 19 + 5 * 52 + 900
    );
}
