//! What reports say of three runs, to machines and to people: one that went well, one that lost a
//! worker, and one whose target was slow and failed.

#![expect(clippy::unwrap_used, reason = "a test stops where its own run cannot be made")]

use crate::runs::*;
use jsonschema::Validator;
use report::cost::CostBasis;
use report::run_report::RunReport;
use report::text::render;
use report::verdict::Verdict;
use serde_json::{Value, json};
use tally::snapshot::Health;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/report.schema.json");

#[test]
fn the_committed_schema_is_the_one_made_from_the_types() {
    let made = RunReport::schema();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(COMMITTED, format!("{made}\n")).unwrap();
    }
    assert!(
        std::fs::read_to_string(COMMITTED).unwrap() == format!("{made}\n"),
        "run `UPDATE_GOLDENS=1 cargo test -p report` and look at the difference"
    );
    assert!(jsonschema::meta::is_valid(&serde_json::from_str(&made).unwrap()));
}

/// The schema, and no member beside those that it describes.
fn strict() -> Validator {
    fn close(schema: &mut Value) {
        if let Value::Object(object) = schema {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            object.values_mut().for_each(close);
        }
    }
    let mut schema = serde_json::from_str(&RunReport::schema()).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_report_is_as_the_schema_says() {
    let validator = strict();
    for report in [
        finished(),
        with_a_lost_worker(),
        crossed(),
        never_started(),
        priced(true),
    ] {
        let json: Value = serde_json::from_str(&report.json()).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&json)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{:?}: {faults:#?}", report.verdict);
        assert_eq!(json["seconds"].as_array().unwrap().len(), 35, "a gap is a zero");
        assert_eq!(json["cost"].is_null(), report.fleet == "local");
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = jsonschema::validator_for(&serde_json::from_str(&RunReport::schema()).unwrap()).unwrap();
    let whole: Value = serde_json::from_str(&finished().json()).unwrap();
    let check = |pointer: &str, value: Option<Value>| {
        let mut json = whole.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let object = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        assert!(object.remove(name).is_some(), "{pointer}");
        object.extend(value.map(|value| (name.to_owned(), value)));
        assert!(!validator.is_valid(&json), "{pointer}");
    };
    assert!(validator.is_valid(&whole));
    check("/verdict", None);
    check("/verdict", Some(json!("fine")));
    check("/balance/missing", None);
    check("/total/sent", Some(json!("2400")));
    check("/total/latency/p99_ms", Some(json!("7ms")));
    check("/requests/0/latency/histogram", None);
    check("/workers/0/state", Some(json!("sleeping")));
}

#[test]
fn the_counts_of_a_report_add_up() {
    for report in [finished(), with_a_lost_worker(), crossed(), never_started()] {
        let balance = &report.balance;
        assert!(balance.holds, "{balance:?}");
        assert_eq!(balance.planned, 2_400);
        assert_eq!(balance.planned, balance.sent + balance.dropped + balance.missing);
        assert_eq!(balance.sent, balance.completed + balance.failed + balance.in_flight);
        let seconds = report.seconds.iter().map(|second| second.sent).sum::<u64>();
        assert_eq!(seconds, balance.sent + balance.unmeasured_sent);
        let planned = report.seconds.iter().filter_map(|second| second.planned).sum::<u64>();
        assert_eq!(planned, 2_730);
    }
}

#[test]
fn a_run_that_went_well_reads_well() {
    let report = finished();
    assert_eq!(report.verdict, Verdict::Passed);
    insta::assert_snapshot!(render(&report), @r"
    checkout: passed
    run checkout-20260301-120000-ab3d · local fleet, 3 workers · 35 s, 20 s of it measured
    started 2026-03-01T12:00:02.345Z

    arrivals   2,400 planned = 2,400 sent + 0 dropped + 0 missing
    answers    2,400 sent = 2,400 completed + 0 failed + 0 in flight
    rate       120.0/s completed
    unmeasured 330 sent to warm up and cool down

                    p50      p75      p90      p95      p99    p99.9   p99.99      max     mean
    latency      40.2ms   50.3ms   56.4ms   58.4ms   60.2ms   60.4ms   60.4ms   60.4ms   40.2ms
    service        40ms     50ms     56ms     58ms     60ms     60ms     60ms     60ms     40ms
    lag           200us    320us    380us    380us    380us    380us    380us    380us    200us

    request            sent     failed         rate       p50       p95       p99       max
    item              1,773          0      88.65/s    40.3ms      59ms    60.3ms    60.4ms
    order               627          0      31.35/s    40.1ms    58.4ms    60.2ms    60.4ms

    kept       latency p99 < 250ms     60.2ms
    kept       errors of order < 0.5%  0%
    kept       rate > 100/s            120.0/s
    kept       dropped <= 0%           0%

    workers    3 of 3 finished · started at most 4ms late · clocks compared to ±3ms
    note       the clock of shard 1 is 12ms behind the launcher's; its start was corrected for it
    ");
}

#[test]
fn a_lost_worker_is_named_and_nothing_is_made_up_for_it() {
    let report = with_a_lost_worker();
    assert_eq!(report.verdict, Verdict::Incomplete);
    insta::assert_snapshot!(render(&report), @r"
    checkout: incomplete
    run checkout-20260301-120000-ab3d · local fleet, 3 workers · 35 s, 20 s of it measured
    started 2026-03-01T12:00:02.345Z

    arrivals   2,400 planned = 1,882 sent + 0 dropped + 518 missing
    answers    1,882 sent = 1,880 completed + 0 failed + 2 in flight
    rate       94.00/s completed
    unmeasured 320 sent to warm up and cool down

                    p50      p75      p90      p95      p99    p99.9   p99.99      max     mean
    latency      40.2ms   50.3ms   56.4ms   58.4ms   60.3ms   60.4ms   60.4ms   60.4ms   40.2ms
    service        40ms     50ms     56ms     58ms     60ms     60ms     60ms     60ms     40ms
    lag           200us    320us    380us    380us    380us    380us    380us    380us    200us

    request            sent     failed         rate       p50       p95       p99       max
    item              1,398          0      69.80/s    40.3ms      59ms    60.3ms    60.4ms
    order               484          0      24.20/s    39.3ms    58.3ms    60.2ms    60.3ms

    kept       latency p99 < 250ms     60.3ms
    kept       errors of order < 0.5%  0%
    crossed    rate > 100/s            94.00/s
    kept       dropped <= 0%           0%

    workers    2 of 3 finished · started at most 4ms late · clocks compared to ±3ms
      shard 1 lost: 282 sent, 518 missing; host-1

    incomplete because
      shard 1: nothing was heard of it for 15 s
      518 of 2,400 arrivals are missing
      2 requests have no outcome
    ");
}

#[test]
fn a_crossed_threshold_says_what_was_measured() {
    let report = crossed();
    assert_eq!(report.verdict, Verdict::Crossed);
    insta::assert_snapshot!(render(&report), @r"
    checkout: crossed
    run checkout-20260301-120000-ab3d · local fleet, 3 workers · 35 s, 20 s of it measured
    started 2026-03-01T12:00:02.345Z

    arrivals   2,400 planned = 2,364 sent + 36 dropped + 0 missing
    answers    2,364 sent = 2,256 completed + 108 failed + 0 in flight
    rate       112.8/s completed
    unmeasured 330 sent to warm up and cool down
    retries    72 of requests that the target had not looked at
    failed     72 by status
      59 status 503 · item · https://shop.example:443 · first at arrival 903, 912, 913
      13 status 503 · order · https://shop.example:443 · first at arrival 902, 922, 963
    failed     36 by timeout
      23 timeout while waiting for the first byte · item · https://shop.example:443 · first at arrival 901, 911, 921
      13 timeout while waiting for the first byte · order · https://shop.example:443 · first at arrival 931, 941, 991
    statuses   72 × 503

                    p50      p75      p90      p95      p99    p99.9   p99.99      max     mean
    latency      43.4ms   55.3ms    940ms    940ms      10s      10s      10s      10s    302ms
    service        43ms     55ms    900ms    900ms      10s      10s      10s      10s    297ms
    lag           260us    380us     40ms     40ms     40ms     40ms     40ms     40ms   5.65ms
    percentiles are of the 2,364 requests sent; 36 dropped arrivals are in none of them

    request            sent     failed         rate       p50       p95       p99       max
    item              1,748         82      83.30/s      44ms     940ms       10s       10s
    order               616         26      29.50/s    43.1ms     940ms       10s       10s

    crossed    latency p99 < 250ms     10s (of the requests sent)
    crossed    errors of order < 0.5%  4.22%
    kept       rate > 100/s            112.8/s
    crossed    dropped <= 0%           1.5%

    workers    3 of 3 finished · started at most 4ms late · clocks compared to ±3ms
    note       lag p99 is 40ms, 36 were dropped: arrivals waited for one of 128 connections; raise `limits: connections`?
    note       the clock of shard 1 is 12ms behind the launcher's; its start was corrected for it

    crossed because
      latency p99 < 250ms is not kept: 10s (of the requests sent)
      errors of order < 0.5% is not kept: 4.22%
      dropped <= 0% is not kept: 1.5%
    ");
}

#[test]
fn a_generator_that_had_no_time_left_is_named_as_the_bottleneck() {
    let check = |tune: &dyn Fn(u32, &mut Health), expected: &[&str]| {
        let report = report_with(&facts(), healthy, None, tune);
        assert_eq!(report.generator.signs, expected);
        assert_eq!(report.generator.bound, !expected.is_empty());
        let noted = report.notes.iter().any(|note| note.starts_with("generator-bound: "));
        assert_eq!(noted, !expected.is_empty(), "{:?}", report.notes);
    };
    check(&|_, _| {}, &[]);
    check(
        &|_, health| health.load_cpu = health.load_wall * 97 / 100,
        &["shards 0-2 sent without a pause for 97 % of the time"],
    );
    check(
        &|shard, health| health.run_queue = health.load_wall * u64::from(shard) / 10,
        &["shards 1-2 had no processor for 20 % of the time"],
    );
    check(
        &|shard, health| health.throttled = Some(health.load_wall / 20 * u64::from(shard == 2)),
        &["shard 2 was held back by its container for 5 % of the time"],
    );
}

/// A worker without a processor and arrivals that wait for connections are two troubles with two remedies.
#[test]
fn every_reason_for_late_requests_is_noted_with_what_helps() {
    let busy = |shard: u32, health: &mut Health| {
        if shard == 0 {
            health.run_queue = health.load_wall * 43 / 100;
        }
    };
    let report = report_with(&facts(), troubled, None, busy);
    let notes: Vec<&str> = report.notes.iter().map(String::as_str).collect();
    assert_eq!(
        notes[..2],
        [
            "generator-bound: shard 0 had no processor for 43 % of the time; more workers on this machine would \
             make it worse; use a lower rate, or workers on other machines",
            "lag p99 is 40ms, 36 were dropped: arrivals waited for one of 128 connections; raise `limits: connections`?",
        ]
    );
    assert!(report.generator.bound && report.generator.signs.len() == 1 && report.generator.waits.len() == 1);
    // Connections alone are no fault of the generator.
    let calm = report_with(&facts(), troubled, None, |_, _| {});
    assert!(!calm.generator.bound && calm.generator.signs.is_empty());
    assert_eq!(calm.generator.waits, report.generator.waits);
    // Lag with time and connections to spare: nothing else is left but the machine.
    let stalled = report_with(&facts(), troubled, None, |_, health| health.in_flight_max = 9);
    assert_eq!(stalled.generator.signs, ["lag p99 is 40ms, and connections were free"]);
}

#[test]
fn a_target_that_is_slow_to_connect_is_not_the_generators_fault() {
    let plan = planned(&SCENARIO.replace("thresholds:", "connections: fresh\nthresholds:"));
    let mut parts = Vec::new();
    for shard in 0..plan.shards {
        let recorder = record(&plan, shard, u64::MAX, |k, due| {
            healthy(k, due).map(|outcome| tally::outcome::Outcome {
                sent: outcome.sent + 150 * MILLISECOND,
                done: outcome.done + 150 * MILLISECOND,
                ..outcome
            })
        });
        parts.push(part(&plan, shard, &recorder));
    }
    let report = RunReport::new(&plan, &facts(), &parts, &Default::default());
    assert!(!report.generator.bound, "{:?}", report.generator);
    let waits = &report.generator.waits;
    assert!(
        waits.len() == 1 && waits[0].contains("opening each connection took that long"),
        "{waits:?}"
    );
    assert!(
        report.notes[0].ends_with("the target, or the way to it, is slow to connect"),
        "{:?}",
        report.notes
    );
}

#[test]
fn a_run_that_never_started_says_why() {
    let report = never_started();
    assert_eq!(report.verdict, Verdict::Incomplete);
    insta::assert_snapshot!(render(&report), @r"
    checkout: incomplete
    run checkout-20260301-120000-ab3d · local fleet, 3 workers · 35 s planned


    incomplete because
      the run never started
      the run was stopped: 2 of 3 workers were in after 30 s
      shards 0-2: not in at the start
      2,400 of 2,400 arrivals are missing
      shards/00000/00000/claim could not be read: it is not JSON
    ");
}

#[test]
fn the_cost_is_accounted_from_what_was_billed_and_counted() {
    let report = priced(true);
    let cost = report.cost.as_ref().unwrap();
    assert_eq!(
        cost.basis,
        CostBasis {
            billed: 2,
            by_worker_clock: 1,
            assumed: 1,
            left: 1,
            requests_counted: 2,
            requests_assumed: 1,
            launcher_counted: true,
        }
    );
    let line = |item: &str| cost.actual.iter().find(|line| line.item == item).unwrap();
    // Billed 41 and 38,200 ms, by its clock 38,001 ms, and the expected 3 + 1 + 35 + 1 s of the lost one:
    // 116,242 ms of 1,769 MB are 205,632,098 MB-ms, / 1,024,000 x 13,333.4 = 2,677,514.6… nano-dollars.
    assert_eq!(line("functions on arm64").usd, 0.002_677_515);
    assert_eq!(line("functions on arm64").quantity, 205_632_098.0 / 1_024_000.0);
    assert_eq!(line("invocations").quantity, 4.0);
    assert_eq!(line("invocations").usd, 0.000_000_8);
    // 38 of each of two workers, 3, 35 snapshots and a list of the lost one, 7 and 150 of the launcher.
    assert_eq!(line("puts and lists").quantity, 272.0);
    assert_eq!(line("puts and lists").usd, 0.001_36);
    // 90 of each of two, 600 of the launcher; the lost one: the plan, 3 s of two looks in 140 ms, the
    // start, 36 s of looks in 1,020 ms.
    assert_eq!(line("gets").quantity, f64::from(2 * 90 + 600 + (1 + 2 * 22 + 1 + 36)));
    // 1,773 items of 266 bytes and 627 orders of 267 (see weight.rs; over TLS), 110 unmeasured requests
    // of each worker at 266.25, rounded up, 128 connections each of 1,160, and what the launcher read:
    // 2,220,907 / 2^30 x 90,000,000 = 186,154.6… nano-dollars.
    let sent = 1_773 * 266 + 627 * 267 + 3 * 29_288 + 3 * 128 * 1_160 + (1 << 20);
    assert_eq!(line("sent to the Internet").quantity, f64::from(sent) / 1_073_741_824.0);
    assert_eq!(line("sent to the Internet").usd, 0.000_186_155);
    // The sum is of whole nano-dollars; that of the lines' binary fractions would be off.
    assert_eq!(cost.actual_usd, 0.004_569_270);
    assert!(cost.estimated_usd > 0.0);
    let text = render(&report);
    insta::assert_snapshot!(&text[text.find("cost ").unwrap()..text.find("note ").unwrap()], @r"
    cost       $0.0046, $0.0047 expected, at AWS prices of 2025-10-01, without free tier and discounts
      $0.0027     200.9 GB-s of arm64, us-east-1
      $0.0000008  4 invocations, us-east-1
      $0.0014     272 puts and lists, us-east-1
      $0.00034    862 gets, us-east-1
      $0.00019    2.1 MB to the Internet, us-east-1
      time of 4 invocations: 2 as billed, 1 by the worker's clock, 1 as expected; 1 came in vain
      requests counted for 2 workers and the launcher, as expected for 1 workers; bytes by what was sent
    ");
    assert!(finished().cost.is_none(), "processes of this machine cost nothing");
    assert!(!render(&finished()).contains("cost"));
}

#[test]
fn without_the_launchers_account_the_report_stands_on_the_workers_clocks() {
    let report = priced(false);
    let cost = report.cost.as_ref().unwrap();
    assert_eq!(
        cost.basis,
        CostBasis {
            billed: 0,
            by_worker_clock: 2,
            assumed: 1,
            left: 0,
            requests_counted: 2,
            requests_assumed: 1,
            launcher_counted: false,
        }
    );
    let time = cost
        .actual
        .iter()
        .find(|line| line.item == "functions on arm64")
        .unwrap();
    assert_eq!(time.quantity, f64::from(1_769 * (38_001 * 2 + 40_000)) / 1_024_000.0);
    assert!(
        render(&report).contains(
            "time of 3 invocations: 2 by the worker's clock, 1 as expected\n  requests counted for 2 workers, as expected for 1 workers and the launcher;"
        ),
        "{}",
        render(&report)
    );
}
