//! Tests of the reports of runs with flows.

use plan::threshold::Threshold;
use proptest::prelude::*;
use report::compare::Comparison;
use report::compare::rule::RegressionRule;
use report::compare::sample::{RunSample, SampleError};
use report::run_report::RunReport;
use serde_json::Value;
use tally::interval::Interval;
use test_reports::flows::shop;

/// Returns the values of a report that do not depend on the number of workers.
fn of_flows(report: &RunReport) -> Value {
    let json: Value = serde_json::from_str(&report.json()).expect("a report is JSON");
    let keys = ["flows", "requests", "balance", "thresholds", "total"];
    keys.map(|key| json[key].clone()).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_flows_of_merged_shards_equal_those_of_one_worker(workers in 2u32..12, seed in 0u64..1_000) {
        let (_, whole) = shop(1, seed);
        let (_, merged) = shop(workers, seed);
        prop_assert_eq!(of_flows(&merged), of_flows(&whole));
    }
}

#[test]
fn flows_and_their_steps_add_up() {
    let (plan, report) = shop(3, 0);
    let balance = &report.balance;
    assert!(balance.holds, "{balance:?}");
    assert_eq!(balance.planned, 400);
    assert_eq!(balance.planned, balance.begun + balance.dropped);
    assert!(balance.dropped > 0 && balance.starved > 0, "{balance:?}");
    let home = &report.requests[0];
    let started: u64 = report.flows.iter().map(|flow| flow.started).sum();
    assert_eq!(balance.begun, home.sent + started);
    for flow in &report.flows {
        assert_eq!(
            flow.started,
            flow.completed + flow.failed + flow.stopped + flow.in_flight
        );
        assert_eq!(flow.failed, flow.steps.iter().map(|step| step.failed).sum::<u64>());
        assert_eq!(flow.starved, flow.steps.iter().map(|step| step.starved).sum::<u64>());
        assert_eq!(
            (flow.latency.count, flow.session.count),
            (flow.completed, flow.completed)
        );
        for step in &flow.steps {
            let request = report.requests.iter().find(|request| request.name == step.name);
            let request = request.expect("a step is a request");
            // No step of these flows has `on_failure: continue`, so every failure of a step ends its flow.
            assert_eq!(step.failed - step.starved, request.failed, "{}", step.name);
        }
    }
    let buy = &report.flows[0];
    assert_eq!(buy.started, buy.completed + buy.failed);
    // A session contains the pauses of 2 s to 3 s, and a latency does not contain them.
    let shortest = buy.session.values.min() - buy.latency.values.max();
    assert!(shortest > 1_500_000_000, "{shortest}");
    let thanks = buy.steps.last().expect("it has steps");
    assert_eq!((thanks.name.as_str(), thanks.not_reached), ("buy/thanks", buy.failed));
    assert_eq!(plan.flows.len(), report.flows.len());
    assert!(
        plan.thresholds
            .iter()
            .any(|line| line == &Threshold::parse("session p95 of buy < 30s").expect("it is valid"))
    );
}

/// Returns the report of a run, and the sample of this run for a comparison.
fn sample(workers: u32, seed: u64) -> (RunReport, Result<RunSample, SampleError>) {
    let (plan, report) = shop(workers, seed);
    let intervals = report.timeline.intervals.iter().map(|interval| Interval {
        length: 1_000_000_000,
        ..interval.clone()
    });
    let sample = RunSample::new(&plan, &report, intervals.collect());
    (report, sample)
}

#[test]
fn a_comparison_has_the_flows_of_both_runs_as_rows() {
    let ((report, a), (_, b)) = (sample(3, 0), sample(2, 17));
    let (a, b) = (a.expect("it adds up"), b.expect("it adds up"));
    assert_eq!(RunSample::decode(&a.encode()).as_ref(), Ok(&a));
    let rules = ["errors of buy > +1%", "latency p50 of browse > +10%"];
    let rules = rules.map(|rule| RegressionRule::parse(rule).expect("it is a rule"));
    let comparison = Comparison::new(&a, &b, &rules).expect("both runs have the flows");
    let buy = &report.flows[0];
    let row = |statistic: &str| {
        let mut rows = comparison.rows.iter();
        let row = rows.find(|row| row.request.as_deref() == Some("buy") && row.statistic == statistic);
        row.and_then(|row| row.a)
    };
    assert_eq!(row("rate"), Some(buy.rate_per_s));
    assert_eq!(row("errors"), Some(buy.failed as f64 / buy.started as f64));
    assert_eq!(row("latency p95"), buy.latency.quantiles.p95);
    assert_eq!(comparison.rules.len(), 2);
    let unknown = RegressionRule::parse("errors of sell > +1%").expect("it is a rule");
    let refused = Comparison::new(&a, &b, &[unknown]).expect_err("no run has it");
    assert!(
        refused
            .to_string()
            .contains("the request or flow sell is not in both runs")
    );
}

#[test]
fn intervals_without_some_flows_are_rejected() {
    let (plan, report) = shop(2, 0);
    let intervals = report
        .timeline
        .intervals
        .iter()
        .enumerate()
        .map(|(at, interval)| Interval {
            length: 1_000_000_000,
            flows: interval.flows.iter().filter(|_| at > 0).cloned().collect(),
            ..interval.clone()
        });
    let refused = RunSample::new(&plan, &report, intervals.collect()).expect_err("flows are missing");
    assert!(refused.to_string().contains("their flows differ"), "{refused}");
}
