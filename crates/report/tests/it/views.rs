//! Tests that compare the view with snapshots. The view is the input of the page.

#![expect(clippy::unwrap_used, reason = "an unexpected view must fail the test")]

use plan::scenario::{Load, Sampling};
use report::view::View;
use serde_json::{Value, json};
use std::sync::Arc;
use tally::interval::IntervalTimes;
use test_reports::shown;

/// The five columns over time that the snapshots contain. In the run with failures, the failures occur in these
/// columns.
const COLUMNS: std::ops::Range<usize> = 14..19;

/// Shortens a view for review. Keeps five columns of each series over time, and writes short lists on one line.
fn short(view: Value) -> Value {
    match view {
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, short(value))).collect(),
        Value::Array(items) if items.len() > 30 && !items.iter().any(Value::is_object) => {
            let kept = items[COLUMNS].iter().cloned().map(short);
            [format!("of {}", items.len()).into()].into_iter().chain(kept).collect()
        }
        // A short list without objects is written on one line.
        Value::Array(items) if items.len() < 30 && !items.iter().any(Value::is_object) && !items.is_empty() => {
            Value::String(Value::Array(items).to_string())
        }
        Value::Array(items) => items.into_iter().map(short).collect(),
        other => other,
    }
}

#[test]
fn views_of_all_kinds_of_runs_equal_their_snapshots() {
    for (name, plan, report) in shown() {
        let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&short(view)).unwrap());
    }
}

fn view(name: &str) -> Value {
    let (_, plan, report) = shown().into_iter().find(|(known, _, _)| *known == name).unwrap();
    serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap()
}

fn sum(values: &Value) -> u64 {
    values.as_array().unwrap().iter().filter_map(Value::as_u64).sum()
}

#[test]
fn a_request_has_no_counts_while_its_population_is_not_measured() {
    let (_, mut plan, report) = shown().into_iter().find(|(name, ..)| *name == "local").unwrap();
    // The first population is measured from 10 s to 30 s. The second population is measured from the start to the end.
    let mut orders = plan.populations[0].clone();
    let Load::Open { phases, .. } = &mut orders.load else {
        panic!("{:?}", orders.load)
    };
    phases.iter_mut().for_each(|phase| phase.sampling = Sampling::Measured);
    orders.requests = 1..2;
    plan.populations[0].requests = 0..1;
    plan.populations.push(orders);
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    for (choice, expected) in [(0, [false, true, false]), (1, [true, true, true])] {
        let seconds = &view["choices"][choice]["seconds"];
        let at = [5, 20, 32];
        assert_eq!(at.map(|at| seconds["measured"][at] == true), expected, "{choice}");
        assert_eq!(at.map(|at| seconds["sent"][at].is_u64()), expected, "{choice}");
    }
}

#[test]
fn the_series_of_each_request_add_up_to_its_row() {
    for name in ["local", "aborted", "every_failure", "ramp"] {
        let view = view(name);
        let choices = view["choices"].as_array().unwrap();
        assert_eq!(choices.len(), 2, "{name}");
        for (choice, row) in choices.iter().zip(view["requests"].as_array().unwrap()) {
            assert_eq!(choice["name"], row["name"]);
            for key in ["sent", "completed", "failed"] {
                assert_eq!(
                    sum(&choice["seconds"][key]),
                    row[key].as_u64().unwrap(),
                    "{key} of {name}"
                );
            }
            assert_eq!(
                in_heat(&choice["heat"]),
                row["completed"].as_u64().unwrap() + row["failed"].as_u64().unwrap()
            );
            // The counts of a request name exclude requests that are not measured.
            let sent = choice["seconds"]["sent"].as_array().unwrap();
            assert_eq!(sent[0].is_null(), name != "ramp");
        }
    }
}

/// Returns the number of requests in a heat map.
fn in_heat(heat: &Value) -> u64 {
    let cells = heat["seconds"].as_array().unwrap().iter();
    let cells = cells.flat_map(|column| column.as_array().unwrap());
    cells.map(|cell| cell[1].as_u64().unwrap()).sum()
}

#[test]
fn the_charts_of_each_kind_of_failure_contain_all_its_failures() {
    for name in ["dropped", "aborted", "every_failure"] {
        let view = view(name);
        let kinds = view["kinds"].as_array().unwrap();
        let counted = view["total"]["failures"].as_object().unwrap();
        assert_eq!(kinds.len(), counted.len(), "{name}");
        for kind in kinds {
            let failed = counted[kind["name"].as_str().unwrap()].as_u64().unwrap();
            assert_eq!(sum(&kind["seconds"]["failed"]), failed, "{name}");
            assert_eq!(in_heat(&kind["heat"]), failed, "{name}");
            let distribution = kind["distribution"].as_array().unwrap();
            assert_eq!(distribution.len(), 1, "{name}");
            // The largest latency over time equals the largest latency of the distribution.
            let most = |values: &Value| {
                values
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_f64)
                    .fold(0.0, f64::max)
            };
            let points = distribution[0]["points"].as_array().unwrap();
            assert_eq!(
                most(&kind["seconds"]["max"]),
                points.last().unwrap()[1].as_f64().unwrap(),
                "{name}"
            );
        }
    }
    assert_eq!(view("local")["kinds"], json!([]), "nothing failed");
}

#[test]
fn a_view_of_an_older_run_has_no_charts_of_times_that_its_workers_did_not_report() {
    let (_, plan, mut report) = shown()
        .into_iter()
        .find(|(name, _, _)| *name == "every_failure")
        .unwrap();
    report.failure_latency.clear();
    let timeline = Arc::make_mut(&mut report.timeline);
    let intervals = timeline.intervals.len();
    timeline.times = vec![IntervalTimes::default(); intervals];
    timeline.connections = vec![None; intervals];
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    assert_eq!(view["kinds"], json!([]));
    assert_eq!(view["waits"]["lines"], json!([]));
    assert_eq!(view["choices"][0]["waits"]["lines"], json!([]));
    assert_eq!(view["seconds"]["connections"], json!([]));
}

#[test]
fn first_byte_connect_and_tls_have_series_over_time() {
    let view = view("ramp");
    let names = |waits: &Value| -> Vec<String> {
        let lines = waits["lines"].as_array().unwrap().iter();
        lines.map(|line| line["name"].as_str().unwrap().to_owned()).collect()
    };
    let waits = &view["waits"];
    assert_eq!(names(waits), ["first byte", "connect", "TLS"]);
    assert_eq!(names(&view["choices"][0]["waits"]), ["first byte"]);
    let [connect, tls] = [&waits["lines"][1], &waits["lines"][2]];
    // Opening connection k in second s took (s + k) * 50us, and its handshake took nine times as long.
    assert_eq!((&connect["p50"][0], &connect["p99"][0]), (&json!(0.15), &json!(0.25)));
    assert_eq!((&tls["p50"][19], &tls["p99"][19]), (&json!(9.9), &json!(10.8)));
    let columns = waits["at"].as_array().unwrap().len();
    for line in waits["lines"].as_array().unwrap() {
        assert_eq!(line["p99"].as_array().unwrap().len(), columns);
    }
}

#[test]
fn open_connections_have_a_series_until_a_worker_is_lost() {
    let lost = view("lost_worker");
    let open = lost["seconds"]["connections"].as_array().unwrap();
    assert!(open[..18].iter().all(|open| *open == 90), "{open:?}");
    assert!(open[18..].iter().all(Value::is_null), "{open:?}");
    // The intervals of the timeline are longer than the columns of the chart.
    let (_, plan, mut report) = shown().into_iter().find(|(name, _, _)| *name == "local").unwrap();
    let timeline = Arc::make_mut(&mut report.timeline);
    timeline.width = 10_000_000_000;
    timeline.connections = vec![Some(3), None, Some(5), Some(4)];
    let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
    let open = view["seconds"]["connections"].as_array().unwrap();
    assert_eq!([&open[0], &open[9], &open[20], &open[34]], [3, 3, 5, 4]);
    assert!(open[10].is_null() && open[19].is_null());
}

#[test]
fn users_and_requests_in_flight_have_series_over_time() {
    let closed = view("closed_loop");
    let users: Vec<u64> = serde_json::from_value(closed["seconds"]["users"].clone()).unwrap();
    assert_eq!(users[..12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
    let open = closed["seconds"]["in_flight"].as_array().unwrap();
    for (open, users) in open.iter().zip(&users) {
        assert!(open.as_u64().unwrap() <= *users, "{open} of {users} users");
    }
    assert!(open.iter().any(|open| open.as_u64() > Some(2)), "{open:?}");
    // In this run, all requests are answered at the end. In the run with a lost worker, the number of requests in
    // flight is unknown after the last snapshot of this worker.
    let ramp = view("ramp");
    assert_eq!(ramp["seconds"]["in_flight"].as_array().unwrap().last().unwrap(), 0);
    assert_eq!(ramp["seconds"]["users"], Value::Null);
    let lost = view("lost_worker");
    let open = lost["seconds"]["in_flight"].as_array().unwrap();
    assert!(open[17].is_u64() && open[18].is_null() && open[34].is_null());
}

#[test]
fn an_incomplete_last_second_has_no_percentiles() {
    // The run `aborted` ended after 15.5 s, and the last answers arrived later.
    let aborted = view("aborted");
    let seconds = &aborted["seconds"];
    let whole = seconds["whole"].as_array().unwrap();
    let end = whole.iter().position(|whole| *whole == false).unwrap();
    for key in ["p50", "p90", "p99", "p99_9"] {
        let values = seconds[key].as_array().unwrap();
        assert!(values[end - 1].is_number(), "{key}");
        assert!(values[end..].iter().all(Value::is_null), "{key}: {values:?}");
    }
    assert!(seconds["max"][end].is_number());
    let expected = format!("Rates and percentiles end at {end} s, with the last whole interval of the load");
    let bands: Vec<String> = serde_json::from_value(aborted["bands"].clone()).unwrap();
    assert!(bands.iter().any(|band| band.starts_with(&expected)), "{bands:?}");
}

#[test]
fn latency_is_compared_with_a_load_that_changes() {
    let ramp = view("ramp");
    assert_eq!(ramp["against"]["load"], "planned rate");
    let points = ramp["against"]["points"].as_array().unwrap();
    assert!(points.len() > 8, "{points:?}");
    let seconds: u64 = points.iter().map(|point| point["seconds"].as_u64().unwrap()).sum();
    assert_eq!(seconds, 30);
    for key in ["load", "p50"] {
        let values: Vec<f64> = points.iter().map(|point| point[key].as_f64().unwrap()).collect();
        assert!(values.is_sorted(), "{key}: {values:?}");
    }
    assert_eq!(view("closed_loop")["against"]["load"], "users");
    let find = |name: &str| shown().into_iter().find(|(known, ..)| *known == name).unwrap();
    let (_, mut mixed, report) = find("closed_loop");
    mixed.populations.push(find("local").1.populations[0].clone());
    let mixed: Value = serde_json::from_str(&View::new(&report, &mixed, None).json()).unwrap();
    assert_eq!(mixed["against"], Value::Null, "users and rates are not one load");
    assert_eq!(view("local")["against"], Value::Null, "its measured rate is constant");
}
