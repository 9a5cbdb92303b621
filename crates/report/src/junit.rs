//! Renders the verdict as JUnit XML for CI systems. Each threshold is a test case.
//!
//! The first test case reports whether the run is complete. An incomplete run may meet a threshold that the complete
//! run would not meet.

use crate::failures;
use crate::run_report::{FlowReport, RunReport};
use crate::verdict::Verdict;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The name of the first test case, which every run has.
pub(crate) const WHOLE: &str = "every arrival is accounted for";

/// Renders a report as JUnit XML.
pub fn render(report: &RunReport) -> String {
    let mut suite = TestSuite::new(report.scenario.as_str());
    suite.set_time(Duration::from_secs_f64(report.lasted_s.max(0.0)));
    let properties = [
        ("run", report.run.clone()),
        ("fleet", report.fleet.clone()),
        ("started", report.started.clone().unwrap_or_default()),
        ("verdict", report.verdict.name().to_owned()),
        ("planned", report.balance.planned.to_string()),
        ("sent", report.balance.sent.to_string()),
        ("completed", report.balance.completed.to_string()),
        ("failed", report.balance.failed.to_string()),
        ("dropped", report.balance.dropped.to_string()),
        ("missing", report.balance.missing.to_string()),
        ("retries", report.total.retries.to_string()),
    ];
    let of = report.total.percentiles_of.iter().map(|of| ("percentiles", of.clone()));
    let flows = |of: fn(&FlowReport) -> u64| report.flows.iter().map(of).sum::<u64>().to_string();
    let flows = [
        ("begun", report.balance.begun.to_string()),
        ("flows_started", flows(|flow| flow.started)),
        ("flows_completed", flows(|flow| flow.completed)),
        ("flows_failed", flows(|flow| flow.failed)),
        ("starved", report.balance.starved.to_string()),
    ];
    let flows = flows.into_iter().filter(|_| report.has_flows());
    for (name, value) in properties.into_iter().chain(of).chain(flows) {
        suite.add_property(Property::new(name, value));
    }
    // A run that an abort rule stopped may meet all of its thresholds.
    let has_failed_threshold = report.thresholds.iter().any(|judged| !judged.kept);
    let whole = match report.verdict {
        Verdict::Passed | Verdict::Unjudged => TestCaseStatus::success(),
        Verdict::Crossed if has_failed_threshold && report.balance.missing == 0 => TestCaseStatus::success(),
        Verdict::Crossed | Verdict::Incomplete => failure(report, report.verdict.name(), &report.reasons.join("\n")),
    };
    let measured = report.balance.arrivals(report.has_flows());
    suite.add_test_case(case(report, WHOLE, whole, &measured));
    for judged in &report.thresholds {
        let status = match judged.kept {
            true => TestCaseStatus::success(),
            false => failure(report, judged.word(), &judged.reason()),
        };
        let measured = format!("measured: {}", judged.measured);
        suite.add_test_case(case(report, &judged.threshold, status, &measured));
    }
    let mut junit = Report::new("vajra-cloud");
    junit.add_test_suite(suite);
    junit
        .to_string()
        .unwrap_or_else(|_| unreachable!("XML is written to memory"))
}

/// Returns a test case whose output contains the measured value.
fn case(report: &RunReport, name: &str, status: TestCaseStatus, measured: &str) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(report.scenario.as_str());
    case.set_system_out(measured);
    case
}

/// Returns the status of a failed test case. The body lists the reasons for failed requests.
fn failure(report: &RunReport, kind: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let mut body = vec![message.to_owned()];
    body.extend(failures::all_lines(&report.failures));
    status
        .set_type(kind)
        .set_message(message)
        .set_description(body.join("\n"));
    status
}
