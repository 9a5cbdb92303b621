//! Tests of the text report in terminals of several widths, and without a terminal.

#![expect(clippy::unwrap_used, reason = "a test whose line is missing must fail")]

use report::compare::{Comparison, text as comparison_text};
use report::layout::Layout;
use report::rendering::Rendering;
use report::run_report::RunReport;
use report::text::render;
use std::collections::BTreeSet;
use test_reports::*;

const WIDTHS: [usize; 5] = [80, 81, 99, 100, 120];

fn terminal(columns: usize) -> Layout {
    Layout::terminal(Some(columns), false)
}

/// Returns the number of columns of a line. Every character of a report has the width of one column.
fn width(line: &str) -> usize {
    line.chars().count()
}

fn reports() -> [RunReport; 5] {
    [
        finished(),
        crossed(),
        with_a_lost_worker(),
        never_started(),
        priced(true),
    ]
}

fn heads(text: &str, title: &str) -> Vec<String> {
    let line = text
        .lines()
        .find(|line| line.starts_with(title) && line.contains("p99 "));
    line.unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn lines_fit_the_terminal_and_words_are_not_cut() {
    for report in reports() {
        let log = render(&report, Layout::LOG);
        let words: BTreeSet<&str> = log.split_whitespace().collect();
        for columns in WIDTHS {
            let text = render(&report, terminal(columns));
            for line in text.lines() {
                assert!(width(line) <= columns, "{} > {columns}: {line}\n{text}", width(line));
            }
            // Compared with a log, a terminal may show more columns in tables, but no other words.
            let sentences = text.lines().filter(|line| !line.contains("ms  "));
            for word in sentences
                .flat_map(str::split_whitespace)
                .filter(|word| *word != "count")
            {
                assert!(words.contains(word), "`{word}` at {columns} columns:\n{text}");
            }
        }
    }
}

#[test]
fn a_report_at_80_columns() {
    insta::assert_snapshot!(render(&crossed(), terminal(80)));
}

#[test]
fn a_report_at_120_columns() {
    insta::assert_snapshot!(render(&crossed(), terminal(120)));
}

#[test]
fn a_wider_terminal_shows_more_percentiles() {
    let (report, narrow) = (
        finished(),
        ["p50", "p90", "p95", "p99", "p99.9", "p99.99", "max", "mean"],
    );
    assert_eq!(heads(&render(&report, terminal(80)), "  "), narrow);
    let wide = heads(&render(&report, terminal(120)), "  ");
    let all = [
        "count", "min", "p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "max", "mean",
    ];
    assert_eq!(wide, all);
    let of_requests = ["request", "sent", "failed", "rate", "p50", "p95", "p99", "max"];
    assert_eq!(heads(&render(&report, terminal(80)), "request"), of_requests);
    // Text has at most 120 columns, because longer lines are hard to read.
    assert_eq!(render(&report, terminal(300)), render(&report, terminal(120)));
    // If the width of the terminal is unknown, the report uses 80 columns.
    assert_eq!(
        render(&report, Layout::terminal(None, false)),
        render(&report, terminal(80))
    );
    assert_eq!(render(&report, terminal(0)), render(&report, terminal(80)));
}

#[test]
fn a_long_name_of_a_request_has_its_own_line() {
    let mut report = finished();
    let name = "GET /api/v1/products/{id}/reviews";
    name.clone_into(&mut report.requests[0].name);
    let text = render(&report, terminal(80));
    let mut lines = text.lines().skip_while(|line| *line != name);
    assert_eq!(lines.next(), Some(name), "{text}");
    let numbers = lines.next().unwrap();
    assert!(numbers.starts_with("      ") && numbers.contains("1,773"), "{text}");
    assert!(text.lines().all(|line| width(line) <= 80), "{text}");
}

#[test]
fn large_counts_omit_columns_instead_of_breaking_lines() {
    let mut report = finished();
    for request in &mut report.requests {
        request.sent = 20_000_000_000;
        request.failed = 1_999_999_999;
        request.rate_per_s = 1_234_567.0;
    }
    let text = render(&report, terminal(80));
    assert!(text.lines().all(|line| width(line) <= 80), "{text}");
    assert!(
        heads(&text, "request").ends_with(&["p50".into(), "p99".into(), "max".into()]),
        "{text}"
    );
}

#[test]
fn a_log_has_a_line_for_each_sentence() {
    let log = Rendering::Text.render(&crossed(), &plan());
    let note = log.lines().find(|line| line.starts_with("note       waiting")).unwrap();
    assert!(note.ends_with("raise `limits: connections`?"), "{log}");
    let tables = log.lines().filter(|line| line.contains("ms  "));
    assert!(
        tables.clone().count() > 5 && tables.clone().all(|line| width(line) <= 100),
        "{log}"
    );
}

/// Returns a text without its control sequences for colours.
fn without_colour(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('m').unwrap();
        assert!(code.starts_with('['), "{part:?}");
        plain.push_str(rest);
    }
    plain
}

#[test]
fn coloured_text_equals_plain_text_without_its_colours() {
    for report in reports() {
        let coloured = render(&report, Layout::terminal(Some(80), true));
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        assert_eq!(without_colour(&coloured), render(&report, terminal(80)));
    }
    let coloured = render(&crossed(), Layout::terminal(Some(80), true));
    let line = coloured.lines().find(|line| line.contains("rate > 100/s")).unwrap();
    assert_eq!(line, "\u{1b}[32mmet\u{1b}[0m        rate > 100/s            112.8/s");
    assert!(
        coloured.contains("\u{1b}[31mnot met\u{1b}[0m    latency p99 < 250ms"),
        "{coloured}"
    );
}

#[test]
fn control_sequences_in_names_are_filtered() {
    let mut report = crossed();
    let hostile = "\u{1b}[31mred\u{1b}]0;title\u{7}";
    report.scenario = hostile.to_owned();
    report.run = hostile.to_owned();
    report.requests[0].name = hostile.to_owned();
    report.reasons.push(hostile.to_owned());
    report.notes.push(hostile.to_owned());
    report.thresholds[0].threshold = hostile.to_owned();
    report.openings.clear();
    let text = render(&report, Layout::terminal(Some(80), false));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    let text = without_colour(&render(&report, Layout::terminal(Some(80), true)));
    assert!(text.contains("\u{fffd}[31mred"), "{text:?}");
}

#[test]
fn a_comparison_fits_its_terminal() {
    let comparison: Comparison = crate::compare::example();
    for columns in WIDTHS {
        let text = comparison_text::render(&comparison, terminal(columns));
        assert!(text.lines().all(|line| width(line) <= columns), "{columns}:\n{text}");
    }
    let coloured = comparison_text::render(&comparison, Layout::terminal(Some(80), true));
    assert!(coloured.contains("\u{1b}[31mworse\u{1b}[0m"), "{coloured}");
    assert_eq!(
        without_colour(&coloured),
        comparison_text::render(&comparison, terminal(80))
    );
}
