//! Tests of every output format: snapshots, reading the output with independent readers, and sums that equal the tally.

#![expect(clippy::unwrap_used, reason = "a test whose run cannot be created must fail")]

use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use plan::plan::Plan;
use proptest::prelude::*;
use report::rendering::Rendering;
use report::run_report::{Facts, RunReport, SliceState};
use report::verdict::Verdict;
use report::view::View;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use tally::histogram::Histogram;
use tally::seconds::{Second, Seconds};
use tally::series::Series;
use tally::snapshot::SliceEnd;
use tally::tally::Tally;
use test_reports::*;

fn check(name: &str, report: &RunReport) {
    check_with(name, &plan(), report);
}

fn check_with(name: &str, plan: &Plan, report: &RunReport) {
    for (form, rendering) in [
        ("text", Rendering::Text),
        ("junit", Rendering::JUnit),
        ("markdown", Rendering::Markdown),
        ("csv", Rendering::Csv),
    ] {
        insta::assert_snapshot!(format!("{name}_{form}"), rendering.render(report, plan));
    }
    let json: Value = serde_json::from_str(&Rendering::Json.render(report, plan)).unwrap();
    insta::assert_snapshot!(
        format!("{name}_json"),
        serde_json::to_string_pretty(&short(json)).unwrap()
    );
}

/// Shortens a report for review: omits encoded histograms, and all but two of the seconds.
fn short(report: Value) -> Value {
    match report {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("histogram", Value::String(code)) if !code.is_empty() => (key, "[histogram]".into()),
                ("seconds", Value::Array(seconds)) => {
                    let kept = seconds.into_iter().skip(16).take(2);
                    (key, kept.collect())
                }
                (_, value) => (key, short(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(short).collect(),
        other => other,
    }
}

#[test]
fn the_formats_of_a_run_with_flows_equal_their_snapshots() {
    let (plan, report) = flows::shop(3, 0);
    check_with("flows", &plan, &report);
    // The lines about flows do not change the sums of requests.
    let csv = Rendering::Csv.render(&report, &plan);
    let lines: Vec<&str> = csv.lines().filter(|line| line.starts_with(',')).collect();
    assert_eq!(lines.len(), report.flows.len());
    let columns = csv.lines().next().unwrap().matches(',').count();
    assert!(csv.lines().all(|line| line.matches(',').count() == columns));
    assert_eq!(
        column(&csv, "sent"),
        report.seconds.iter().map(|second| second.sent).sum::<u64>()
    );
    for (name, count) in [
        (
            "flow_started",
            report.flows.iter().map(|flow| flow.started).sum::<u64>(),
        ),
        ("flow_completed", report.flows.iter().map(|flow| flow.completed).sum()),
        ("flow_failed", report.flows.iter().map(|flow| flow.failed).sum()),
    ] {
        assert!(count > 0, "{name}");
        assert_eq!(column(&csv, name), count, "{name}");
    }
}

#[test]
fn the_formats_of_a_passed_run_equal_their_snapshots() {
    check("passed", &finished());
}

#[test]
fn the_formats_of_a_crossed_run_equal_their_snapshots() {
    check("crossed", &crossed());
}

#[test]
fn the_formats_of_an_incomplete_run_equal_their_snapshots() {
    check("incomplete", &with_a_lost_worker());
}

#[test]
fn the_formats_of_a_run_that_never_started_equal_their_snapshots() {
    check("never_started", &never_started());
}

/// An abort rule stopped the run after 15 s. The plan has no thresholds.
#[test]
fn a_run_that_its_rule_stopped_fails_in_every_format() {
    let mut plan = plan();
    plan.thresholds.clear();
    let facts = Facts {
        stopped: Some("`abort_if: errors > 20% for 10s` is broken".to_owned()),
        rule: Some("errors > 20% for 10s".to_owned()),
        ended: Some(15 * SECOND),
        ..facts()
    };
    let recorders: Vec<_> = (0..plan.shards)
        .map(|shard| record(&plan, shard, 15 * SECOND, healthy))
        .collect();
    let mut seconds = Seconds::default();
    let mut parts = Vec::new();
    for (shard, recorder) in (0..).zip(&recorders) {
        seconds.add(&recorder.seconds);
        let mut part = part(&plan, shard, recorder);
        part.state = SliceState::Ended(SliceEnd::Stopped);
        part.paced_until = 15 * SECOND;
        parts.push(part);
    }
    let report = RunReport::new(&plan, &facts, &parts, &Series::of(&seconds));
    assert_eq!(report.verdict, Verdict::Crossed);
    let junit = Rendering::JUnit.render(&report, &plan);
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("abort_if: errors &gt; 20% for 10s"),
        "{junit}"
    );
    let markdown = Rendering::Markdown.render(&report, &plan);
    assert!(
        markdown.contains("**crossed**") && markdown.contains("errors &gt; 20% for 10s"),
        "{markdown}"
    );
}

/// If a run has more seconds than a chart can have columns, each column contains two or more seconds.
#[test]
fn a_long_run_has_fewer_columns_and_the_same_sums() {
    let plan = planned(&SCENARIO.replace("duration: 20s", "duration: 1786s"));
    let recorder = record(&plan, 0, u64::MAX, healthy);
    let parts = [part(&plan, 0, &recorder)];
    let report = RunReport::new(&plan, &facts(), &parts, &Series::of(&recorder.seconds));
    assert_eq!(report.seconds.len(), 1_801);
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    let columns = view["seconds"]["at"].as_array().unwrap();
    assert_eq!((columns.len(), &columns[1]), (601, &3.into()));
    let sent: u64 = recorder.seconds.iter().map(|(_, second)| second.counts.sent).sum();
    assert!((sum(&view["seconds"]["sent"]) - sent as f64).abs() < 0.5);
    assert!((sum(&view["seconds"]["lengths"]) - 1_801.0).abs() < 0.5);
    // The last column contains one second, which begins after the end of the load.
    assert_eq!(view["seconds"]["lengths"][600], 1);
}

/// The intervals of a run of more than 2,000 s last 2 s, 4 s or longer. Every format contains the lengths of the
/// intervals.
#[test]
fn the_intervals_of_a_very_long_run_are_longer_and_add_up_to_it() {
    let plan = planned(&SCENARIO.replace("duration: 20s", "duration: 6002s"));
    let recorder = record(&plan, 0, u64::MAX, healthy);
    let part = part(&plan, 0, &recorder);
    let report = RunReport::new(&plan, &facts(), &[part], &Series::of(&recorder.seconds));
    // The warm-up takes 10 s, the load 6,002 s, and the cool-down 5 s.
    assert_eq!(report.seconds.len(), 1_505);
    let mut end = 0;
    for interval in &report.seconds {
        assert_eq!(interval.second, end);
        end += interval.length_s;
        let seconds = (interval.second..end).filter_map(|at| recorder.seconds.get(at));
        let mut sum = Second::default();
        seconds.for_each(|second| sum.add(second));
        assert_eq!(
            (interval.sent, interval.completed, &interval.values),
            (sum.counts.sent, sum.counts.completed, &sum.latency)
        );
        assert_eq!((interval.workers, interval.workers_missing), (1, 0));
    }
    assert_eq!(end, 6_017);
    let planned: u64 = report.seconds.iter().filter_map(|interval| interval.planned).sum();
    assert_eq!(Some(planned), plan.arrivals());
    let lengths: BTreeSet<u32> = report.seconds.iter().map(|interval| interval.length_s).collect();
    assert_eq!(lengths, BTreeSet::from([1, 4]), "only the last one ends with the run");
    let csv = Rendering::Csv.render(&report, &plan);
    assert!(csv.starts_with("second,planned,") && csv.lines().next().unwrap().contains(",length_s,flow,"));
    let second = csv.lines().nth(2).unwrap();
    assert!(
        second.starts_with("4,") && second.trim_end_matches(',').ends_with(",4"),
        "{second}"
    );
    let log = Rendering::Hlog.render(&report, &plan);
    assert!(log.contains("\n4.000,4.000,"), "{}", &log[..400]);
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    assert!((sum(&view["seconds"]["lengths"]) - 6_017.0).abs() < 0.5);
    assert_eq!(
        (&view["seconds"]["at"][1], &view["seconds"]["lengths"][1]),
        (&8.into(), &8.into())
    );
}

/// One snapshot of a worker is missing, but the totals are complete.
#[test]
fn a_missing_snapshot_is_a_gap_and_not_a_zero() {
    let plan = plan();
    let recorder = record(&plan, 0, u64::MAX, healthy);
    let mut parts: Vec<_> = (0..1).map(|shard| part(&plan, shard, &recorder)).collect();
    parts[0].snapshots = Cow::Owned(outline(&recorder, Some(20)));
    let mut seconds = Seconds::default();
    for (at, second) in recorder.seconds.iter().filter(|(at, _)| *at != 20) {
        seconds.at(at).add(second);
    }
    let report = RunReport::new(&plan, &facts(), &parts, &Series::of(&seconds));
    let csv = Rendering::Csv.render(&report, &plan);
    assert!(csv.lines().nth(21).unwrap().starts_with("20,120,,,,,"), "{csv}");
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    assert!(view["seconds"]["sent"][20].is_null() && view["seconds"]["sent"][21].is_u64());
    let missing = &view["missing"][0];
    assert_eq!((&missing["from_s"], &missing["to_s"]), (&20.0.into(), &21.0.into()));
}

#[test]
fn every_format_ends_with_one_line_feed() {
    for rendering in ALL {
        let text = rendering.render(&crossed(), &plan());
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{rendering:?}");
    }
}

const ALL: [Rendering; 8] = [
    Rendering::Text,
    Rendering::Json,
    Rendering::Html,
    Rendering::JUnit,
    Rendering::Markdown,
    Rendering::Csv,
    Rendering::Hgrm,
    Rendering::Hlog,
];

/// Returns a histogram of the crate `hdrhistogram` with the same values.
fn oracle(values: &Histogram) -> hdrhistogram::Histogram<u64> {
    let mut oracle = hdrhistogram::Histogram::new_with_bounds(1, tally::histogram::HIGHEST_NS, 3).unwrap();
    for (value, count) in values.values() {
        oracle.record_n(value, count).unwrap();
    }
    oracle
}

#[test]
fn the_distribution_equals_that_of_hdr_histogram() {
    for report in [finished(), crossed()] {
        let text = Rendering::Hgrm.render(&report, &plan());
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|cell| cell.parse().unwrap()).collect())
            .collect();
        let oracle = oracle(&report.total.latency.values);
        let expected: Vec<(f64, f64, u64)> = oracle
            .iter_quantiles(5)
            .scan(0, |sum, step| {
                *sum += step.count_since_last_iteration();
                Some((step.value_iterated_to() as f64 / 1e6, step.quantile_iterated_to(), *sum))
            })
            .collect();
        assert_eq!(rows.len(), expected.len(), "{text}");
        for (row, (value, quantile, count)) in rows.iter().zip(expected) {
            assert!((row[0] - value).abs() < 1e-6, "{row:?} {value}");
            assert!((row[1] - quantile).abs() < 1e-9, "{row:?} {quantile}");
            assert!((row[2] - count as f64).abs() < 0.5, "{row:?} {count}");
        }
        assert!(
            text.contains(&format!("Total count    = {:12}]", oracle.len())),
            "{text}"
        );
        let mean = oracle.mean() / 1e6;
        assert!(text.contains(&format!("#[Mean    = {mean:12.6}")), "{mean} {text}");
    }
}

/// Reads an interval log with an independent implementation. Returns the start of the log. For each interval, returns
/// its begin in seconds and its histogram.
fn read_log(log: &str) -> (Option<f64>, Vec<(f64, hdrhistogram::Histogram<u64>)>) {
    let (mut start, mut intervals) = (None, Vec::new());
    for entry in IntervalLogIterator::new(log.as_bytes()) {
        match entry.unwrap() {
            LogEntry::StartTime(at) => start = Some(at.as_secs_f64()),
            LogEntry::BaseTime(_) => {}
            LogEntry::Interval(interval) => {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(interval.encoded_histogram())
                    .unwrap();
                let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
                intervals.push((interval.start_timestamp().as_secs_f64(), histogram));
            }
        }
    }
    (start, intervals)
}

#[test]
fn another_reader_reads_every_second_of_the_interval_log() {
    let report = crossed();
    let (start, intervals) = read_log(&Rendering::Hlog.render(&report, &plan()));
    assert_eq!(start, Some(1_772_366_402.345));
    let answered: Vec<_> = report
        .seconds
        .iter()
        .filter(|second| !second.values.is_empty())
        .collect();
    assert_eq!(intervals.len(), answered.len());
    for ((at, histogram), second) in intervals.iter().zip(answered) {
        assert!((at - f64::from(second.second)).abs() < 1e-9);
        assert_eq!(histogram.len(), second.completed + second.failed);
        assert_eq!(histogram.value_at_quantile(0.99), second.values.quantile(990_000));
    }
}

#[test]
fn hostile_names_are_escaped_in_every_format() {
    let mut report = crossed();
    let hostile = "</script><b>|`@all`\u{1}\n\"&<!--";
    report.scenario = hostile.to_owned();
    report.requests[0].name = hostile.to_owned();
    report.reasons.push(hostile.to_owned());
    report.thresholds[0].threshold = hostile.to_owned();
    let plan = plan();
    let junit = Rendering::JUnit.render(&report, &plan);
    assert!(!junit.contains("<b>") && !junit.contains('\u{1}'), "{junit}");
    let markdown = Rendering::Markdown.render(&report, &plan);
    assert!(!markdown.contains("<b>") && !markdown.contains("@all"), "{markdown}");
    // Every row of a table has as many cells as the head of the table.
    for table in markdown.split("\n\n").filter(|block| block.starts_with('|')) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(
            table
                .lines()
                .all(|line| cells(line) == cells(table.lines().next().unwrap())),
            "{table}"
        );
    }
    let page = Rendering::Html.render(&report, &plan);
    assert!(!page.contains("<b>|"), "a name became markup of the page");
}

fn sum(values: &Value) -> f64 {
    values.as_array().unwrap().iter().filter_map(Value::as_f64).sum()
}

/// Returns the sum of a column of a CSV file.
fn column(csv: &str, name: &str) -> u64 {
    let place = csv
        .lines()
        .next()
        .unwrap()
        .split(',')
        .position(|head| head == name)
        .unwrap();
    let cells = csv.lines().skip(1).map(|line| line.split(',').nth(place).unwrap());
    cells
        .filter(|cell| !cell.is_empty())
        .map(|cell| cell.parse::<u64>().unwrap())
        .sum()
}

fn attribute(junit: &str, property: &str) -> u64 {
    let mark = format!("name=\"{property}\" value=\"");
    let at = junit.find(&mark).unwrap() + mark.len();
    junit[at..].split('"').next().unwrap().parse().unwrap()
}

/// Asserts that the totals of every format equal the totals of the tally.
fn assert_totals(report: &RunReport, tally: &Tally, seconds: &Seconds) {
    let plan = plan();
    let whole = tally.whole();
    let (counts, latency) = (&whole.counts, &whole.all().latency);
    let failed = counts.failed_total();
    let all = |of: fn(&tally::seconds::SecondCounts) -> u64| {
        seconds.iter().map(|(_, second)| of(&second.counts)).sum::<u64>()
    };

    let json: Value = serde_json::from_str(&Rendering::Json.render(report, &plan)).unwrap();
    let by_request = |key: &str| -> u64 {
        let requests = json["requests"].as_array().unwrap().iter();
        requests.map(|request| request[key].as_u64().unwrap()).sum()
    };
    for (key, count) in [
        ("sent", counts.sent),
        ("completed", counts.completed),
        ("failed", failed),
        ("dropped", counts.dropped),
    ] {
        assert_eq!(json["balance"][key], count, "{key}");
        assert_eq!(json["total"][key], count, "{key}");
        assert_eq!(by_request(key), count, "{key}");
    }

    let csv = Rendering::Csv.render(report, &plan);
    assert_eq!(column(&csv, "sent"), all(|counts| counts.sent));
    assert_eq!(column(&csv, "completed"), all(|counts| counts.completed));
    assert_eq!(column(&csv, "failed"), all(|counts| counts.failed));
    assert_eq!(column(&csv, "dropped"), all(|counts| counts.dropped));
    assert_eq!(
        column(&csv, "failed_timeout") + column(&csv, "failed_status"),
        all(|counts| counts.failed)
    );
    if report.started.is_some() {
        assert_eq!(column(&csv, "planned"), plan.arrivals().unwrap());
    }

    let junit = Rendering::JUnit.render(report, &plan);
    assert_eq!(attribute(&junit, "sent"), counts.sent);
    assert_eq!(attribute(&junit, "completed"), counts.completed);
    assert_eq!(attribute(&junit, "failed"), failed);

    let hgrm = Rendering::Hgrm.render(report, &plan);
    assert!(
        hgrm.contains(&format!("Total count    = {:12}]", latency.len())),
        "{hgrm}"
    );
    let (_, intervals) = read_log(&Rendering::Hlog.render(report, &plan));
    let logged: u64 = intervals.iter().map(|(_, histogram)| histogram.len()).sum();
    assert_eq!(logged, all(|counts| counts.completed + counts.failed));

    let view: Value = serde_json::from_str(&View::new(report, &plan, None).json()).unwrap();
    for (key, count) in [
        ("sent", all(|counts| counts.sent)),
        ("completed", all(|counts| counts.completed)),
        ("failed", all(|counts| counts.failed)),
        ("dropped", all(|counts| counts.dropped)),
    ] {
        // The run lasts 35 s, so the chart has one column for each second.
        assert!((sum(&view["seconds"][key]) - count as f64).abs() < 0.5, "{key}");
    }
    let heat: f64 = view["heat"]["seconds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            column
                .as_array()
                .unwrap()
                .iter()
                .map(|cell| cell[1].as_f64().unwrap())
                .sum::<f64>()
        })
        .sum();
    assert!((heat - logged as f64).abs() < 0.5);
    let workers = view["workers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|worker| worker["sent"].as_u64().unwrap());
    assert_eq!(workers.sum::<u64>(), counts.sent);
    let kinds = view["seconds"]["failures"]
        .as_object()
        .unwrap()
        .values()
        .map(sum)
        .sum::<f64>();
    assert!((kinds - all(|counts| counts.failed) as f64).abs() < 0.5);

    let grouped = report::show::count(counts.completed);
    assert!(
        Rendering::Text
            .render(report, &plan)
            .contains(&format!("{grouped} completed"))
    );
    assert!(
        Rendering::Markdown
            .render(report, &plan)
            .contains(&format!("{grouped} completed"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_totals_of_every_format_equal_those_of_the_tally(seed in any::<u64>(), lost in prop::option::of(0u32..3), died in 0u64..36) {
        let plan = plan();
        let (mut tally, mut seconds, mut recorders) = (Tally::new(2), Seconds::default(), Vec::new());
        for shard in 0..plan.shards {
            let until = if lost == Some(shard) { died * SECOND } else { u64::MAX };
            let recorder = record_with(&plan, shard, until, |k, due| random(seed, k, due));
            tally.add(&recorder.tally);
            seconds.add(&recorder.seconds);
            recorders.push(recorder);
        }
        let parts: Vec<_> = recorders.iter().enumerate().map(|(shard, recorder)| {
            let mut part = part(&plan, shard as u32, recorder);
            if lost == Some(shard as u32) {
                part.state = SliceState::Lost("gone".to_owned());
                part.health = None;
            }
            part
        }).collect();
        assert_totals(&RunReport::new(&plan, &facts(), &parts, &Series::of(&seconds)), &tally, &seconds);
    }
}
