//! Renders a comparison as JUnit XML, which CI systems show. Each rule is a test case.
//!
//! A test case fails if its rule is broken. A test case is skipped if its rule is undecided; the message then contains
//! the measured change. If an undecided rule counted as passed, the reader would overlook the missing decision. If the
//! rule counted as failed, the reader might rerun the job, but a rerun cannot decide the rule. The first test case
//! fails if one of the runs is incomplete.

use super::rule::{Ruled, Ruling};
use super::text::{standing, summary};
use super::{Comparison, Side};
use crate::junit::WHOLE;
use crate::show::count;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// Renders a comparison as JUnit XML.
pub fn render(comparison: &Comparison) -> String {
    let (a, b) = (&comparison.a, &comparison.b);
    let mut suite = TestSuite::new(format!("{} against {}", b.run, a.run));
    for (name, value) in [
        ("a", a.run.clone()),
        ("b", b.run.clone()),
        ("result", summary(comparison)),
        ("basis", standing(comparison)),
    ] {
        suite.add_property(Property::new(name, value));
    }
    for caution in &comparison.cautions {
        suite.add_property(Property::new("caution", caution));
    }
    let case = |name: &str, status: TestCaseStatus, measured: &str| {
        let mut case = TestCase::new(name, status);
        case.set_classname(b.scenario.as_str());
        case.set_system_out(measured);
        case
    };
    let missing = format!("{}; {}", missing("A", a), missing("B", b));
    let whole = match comparison.incomplete() {
        true => non_success(NonSuccessKind::Failure, "incomplete", &missing),
        false => TestCaseStatus::success(),
    };
    suite.add_test_case(case(WHOLE, whole, &missing));
    for ruled in &comparison.rules {
        suite.add_test_case(case(
            &ruled.rule,
            status(ruled),
            &format!("measured: {}", ruled.measured),
        ));
    }
    let mut junit = Report::new("vajra-cloud");
    junit.add_test_suite(suite);
    junit
        .to_string()
        .unwrap_or_else(|_| unreachable!("XML is written to memory"))
}

fn status(ruled: &Ruled) -> TestCaseStatus {
    let word = ruled.ruling.word();
    let message = format!("{} is {word}: {}", ruled.rule, ruled.measured);
    match ruled.ruling {
        Ruling::Kept => TestCaseStatus::success(),
        Ruling::Broken => non_success(NonSuccessKind::Failure, word, &message),
        Ruling::Undecided => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(word).set_message(message);
            status
        }
    }
}

fn non_success(kind: NonSuccessKind, word: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word).set_message(message).set_description(message);
    status
}

fn missing(name: &str, side: &Side) -> String {
    let (missing, planned) = (count(side.missing), count(side.planned));
    format!("{name}: {missing} of {planned} arrivals are missing")
}
