//! Tests of the JSON report and its schema, and of the notes and costs in reports.

#![expect(clippy::unwrap_used, reason = "a test whose run cannot be created must fail")]

use jsonschema::Validator;
use report::cost::CostBasis;
use report::layout::Layout;
use report::rendering::Rendering;
use report::run_report::{Facts, RunReport};
use report::verdict::Verdict;
use serde_json::{Value, json};
use tally::snapshot::Health;
use tally::waits::Step;
use test_reports::*;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/report.schema.json");

#[test]
fn the_committed_schema_equals_the_generated_one() {
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

/// Returns a validator for the schema of reports. The validator rejects members that the schema does not list.
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
fn every_report_matches_the_schema() {
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
        assert_eq!(
            json["seconds"].as_array().unwrap().len(),
            35,
            "a second without requests has an entry"
        );
        assert_eq!(json["cost"].is_null(), report.fleet == "local");
    }
}

#[test]
fn the_schema_rejects_invalid_reports() {
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
fn a_saturated_generator_is_reported_as_the_bottleneck() {
    let check = |tune: &dyn Fn(u32, &mut Health), expected: &[&str]| {
        let report = report_with(&facts(), healthy, None, tune);
        assert_eq!(report.generator.signs, expected);
        assert_eq!(report.generator.bound, !expected.is_empty());
        let noted = report.notes.iter().any(|note| note.starts_with("generator-bound: "));
        assert_eq!(noted, !expected.is_empty(), "{:?}", report.notes);
        // The text and the page contain this sentence only if no sign of a limited generator was found.
        let text = Rendering::Text.render(&report, &plan());
        let html = Rendering::Html.render(&report, &plan());
        for shown in [text, html] {
            let says = shown.contains("There is no sign that the generator was limited.");
            assert_eq!(says, expected.is_empty(), "{shown}");
        }
    };
    check(&|_, _| {}, &[]);
    check(
        &|_, health| health.load_cpu = health.load_wall * 97 / 100,
        &["workers 0-2 sent without a pause for 97 % of the time"],
    );
    check(
        &|shard, health| health.run_queue = health.load_wall * u64::from(shard) / 10,
        &["workers 1-2 had no processor for 20 % of the time"],
    );
    check(
        &|shard, health| health.throttled = Some(health.load_wall / 20 * u64::from(shard == 2)),
        &["worker 2 was throttled by its container for 5 % of the time"],
    );
}

/// A worker that waits for a processor is one problem, and arrivals that wait for connections are another problem. Each
/// of these problems has its own remedy.
#[test]
fn every_reason_for_late_requests_is_noted_with_its_remedy() {
    let busy = |shard: u32, health: &mut Health| {
        if shard == 0 {
            health.run_queue = health.load_wall * 43 / 100;
        }
    };
    let on_this_machine = Facts {
        processor_hint: Some("use a lower rate"),
        ..facts()
    };
    let report = report_with(&on_this_machine, troubled, None, busy);
    let notes: Vec<&str> = report.notes.iter().map(String::as_str).collect();
    assert_eq!(
        notes[..2],
        [
            "generator-bound: worker 0 had no processor for 43 % of the time; use a lower rate",
            "waiting for a free connection p99 is 39ms, 36 arrivals were dropped: all of a worker's 128 connections were \
             in use; raise `limits: connections`?",
        ]
    );
    assert!(report.generator.bound && report.generator.signs.len() == 1 && report.generator.waits.len() == 1);
    let anywhere = report_with(&facts(), troubled, None, busy);
    assert!(anywhere.notes[0].ends_with("use more workers, on hosts that have processors to spare"));
    // Busy connections alone do not make the generator the bottleneck.
    let calm = report_with(&facts(), troubled, None, |_, _| {});
    assert!(!calm.generator.bound && calm.generator.signs.is_empty());
    assert_eq!(calm.generator.waits, report.generator.waits);
    // If arrivals are late while processor time and free connections are available, the machine stalled.
    let stalled = |k, due| {
        let outcome = troubled(k, due)?;
        Some(tally::outcome::Outcome { waiting: 0, ..outcome })
    };
    let stalled = report_with(&facts(), stalled, None, |_, _| {});
    assert_eq!(stalled.generator.signs, ["the generator's own lag p99 is 40ms"]);
    assert_eq!(stalled.generator.waits, [""; 0]);
}

#[test]
fn a_target_that_is_slow_to_connect_does_not_make_a_run_generator_bound() {
    let plan = planned(&SCENARIO.replace("thresholds:", "connections: fresh\nthresholds:"));
    let mut parts = Vec::new();
    for shard in 0..plan.shards {
        let mut recorder = record(&plan, shard, u64::MAX, |k, due| {
            healthy(k, due).map(|outcome| tally::outcome::Outcome {
                sent: outcome.sent + 150 * MILLISECOND,
                done: outcome.done + 150 * MILLISECOND,
                opening: 150 * MILLISECOND,
                ..outcome
            })
        });
        let openings = &mut recorder.tally.openings;
        (0..400).for_each(|_| openings.record("https://shop.example", Step::Connect, MILLISECOND));
        (0..400).for_each(|_| openings.record("https://shop.example", Step::Tls, 149 * MILLISECOND));
        parts.push(part(&plan, shard, &recorder));
    }
    let report = RunReport::new(&plan, &facts(), &parts, &Default::default());
    assert!(!report.generator.bound, "{:?}", report.generator);
    let waits = ["opening a connection p99 is 150ms (TLS to https://shop.example p99 is 149ms)"];
    assert_eq!(report.generator.waits, waits);
    assert!(
        report.notes[0].ends_with("the target, or the network to it, is slow to connect"),
        "{:?}",
        report.notes
    );
}

#[test]
fn a_run_that_never_started_is_incomplete() {
    let report = never_started();
    assert_eq!(report.verdict, Verdict::Incomplete);
}

#[test]
fn the_actual_cost_is_computed_from_receipts_and_counts() {
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
    // The platform billed 41 ms and 38,200 ms. A worker measured 38,001 ms by its own clock. The time of the lost
    // worker is estimated as 3 + 1 + 35 + 1 s. In total:
    // 116,242 ms of 1,769 MB are 205,632,098 MB-ms, / 1,024,000 x 13,333.4 = 2,677,514.6… nano-dollars.
    assert_eq!(line("functions on arm64").usd, 0.002_677_515);
    assert_eq!(line("functions on arm64").quantity, 205_632_098.0 / 1_024_000.0);
    assert_eq!(line("invocations").quantity, 4.0);
    assert_eq!(line("invocations").usd, 0.000_000_8);
    // Each of two workers made 38 requests, and another worker made 3. The lost worker stored 35 snapshots and made one
    // list. The launcher made 7 puts and 150 lists.
    assert_eq!(line("puts and lists").quantity, 272.0);
    assert_eq!(line("puts and lists").usd, 0.001_36);
    // Each of two workers made 90 requests, and the launcher made 600. The requests of the lost worker are estimated:
    // the check for a start, the plan, 2 reads in each 140 ms of 3 s, the start, and a read in each 1,020 ms of 36 s.
    assert_eq!(
        line("gets").quantity,
        f64::from(2 * 90 + 600 + (1 + 1 + 2 * 22 + 1 + 36))
    );
    // The run sent 1,773 items of 266 bytes and 627 orders of 267 bytes over TLS (see weight.rs). Each worker also sent
    // 110 unmeasured requests of 266.25 bytes, rounded up, and opened 128 connections with 1,160 bytes each. The
    // launcher read 1 MiB:
    // 2,220,907 / 2^30 x 90,000,000 = 186,154.6… nano-dollars.
    let sent = 1_773 * 266 + 627 * 267 + 3 * 29_288 + 3 * 128 * 1_160 + (1 << 20);
    assert_eq!(line("sent to the Internet").quantity, f64::from(sent) / 1_073_741_824.0);
    assert_eq!(line("sent to the Internet").usd, 0.000_186_155);
    // This cost is a sum of whole nano-dollars. The sum of the lines' binary fractions would be inexact.
    assert_eq!(cost.actual_usd, 0.004_569_670);
    assert!(cost.estimated_usd > 0.0);
    let text = report::text::render(&report, Layout::LOG);
    insta::assert_snapshot!(&text[text.find("cost ").unwrap()..text.find("note ").unwrap()], @r"
    cost       $0.0046, $0.0047 expected, at AWS prices of 2025-10-01, without free tier and discounts
      $0.0027     200.9 GB-s of arm64, us-east-1
      $0.0000008  4 invocations, us-east-1
      $0.0014     272 puts and lists, us-east-1
      $0.00035    863 gets, us-east-1
      $0.00019    2.1 MB to the Internet, us-east-1
      time of 4 invocations: 2 as billed, 1 by the worker's clock, 1 as estimated; duplicates: 1
      requests counted for 2 workers and the launcher, as estimated for 1 workers; bytes computed from the sent requests
    ");
    assert!(finished().cost.is_none(), "local processes cost nothing");
    assert!(!report::text::render(&finished(), Layout::LOG).contains("cost"));
}

#[test]
fn the_actual_cost_without_receipts_uses_the_workers_clocks() {
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
        report::text::render(&report, Layout::LOG).contains(
            "time of 3 invocations: 2 by the worker's clock, 1 as estimated\n  requests counted for 2 workers, as estimated for 1 workers and the launcher;"
        ),
        "{}",
        report::text::render(&report, Layout::LOG)
    );
}
