//! Tests of pages of runs with fixed numbers. A page contains the same values as the view and the text report of its
//! run.

use super::{assert_no_foreign_requests, browser, open, table};
use report::page;
use report::run_report::RequestReport;
use report::show::{count, duration, instant, moment, percentile, rate, share, size, time};
use report::view::View;
use serde_json::{Value, json};
use std::sync::Arc;
use test_reports::shown;
use whole_runs::browser::Browser;
use whole_runs::machine::Desk;

fn texts(browser: &mut Browser, selector: &str) -> Vec<String> {
    let texts = browser.eval(&format!(
        "[...document.querySelectorAll('{selector}')].map(node => node.textContent)"
    ));
    serde_json::from_value(texts).unwrap()
}

fn strings(values: &Value, key: &str) -> Vec<String> {
    let values = values.as_array().unwrap().iter();
    values.map(|value| value[key].as_str().unwrap().to_owned()).collect()
}

/// Returns the cells in the table row of a request that the text report also contains.
fn row(request: &RequestReport) -> Vec<String> {
    let at = |millionths| match request.latency.values.is_empty() {
        true => "–".to_owned(),
        false => time(request.latency.values.quantile(millionths)),
    };
    let failed = match request.sent {
        0 => "–".to_owned(),
        sent => share(request.failed, sent),
    };
    vec![
        request.name.clone(),
        count(request.sent),
        count(request.completed),
        count(request.failed),
        failed,
        count(request.dropped),
        count(request.retries),
        rate(request.rate_per_s),
        at(500_000),
        at(900_000),
        at(950_000),
        at(990_000),
        at(999_000),
        at(1_000_000),
    ]
}

#[test]
fn the_page_of_every_kind_of_run_shows_the_numbers_of_its_view() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "shown", 1280, 900) else {
        return;
    };
    for (name, plan, report) in shown() {
        let view = View::new(&report, &plan, None);
        desk.write("r.html", &page::render(&view));
        let view: Value = serde_json::from_str(&view.json()).unwrap();
        open(&mut browser, &desk.path("r.html"));
        assert_eq!(
            browser.eval("document.getElementById('run-line').textContent"),
            view["heading"]
        );
        assert_eq!(
            texts(&mut browser, ".verdict-line p"),
            [view["summary"].as_str().unwrap()]
        );
        assert_eq!(
            texts(&mut browser, ".balance-line"),
            [view["balance_words"]["line"].as_str().unwrap()]
        );
        for (part, key) in [("dt", "label"), (".value", "value"), (".more", "more")] {
            let figures = texts(&mut browser, &format!("#verdict .figures {part}"));
            assert_eq!(figures, strings(&view["figures"], key), "{name}");
        }
        let (_, rows) = table(&mut browser, "Requests by name");
        let last: Vec<String> = rows.iter().filter_map(|cells| cells.last().cloned()).collect();
        let rows: Vec<Vec<String>> = rows.into_iter().map(|cells| cells[..14].to_vec()).collect();
        let requests: Vec<Vec<String>> = report.requests.iter().map(row).collect();
        assert_eq!(rows, requests, "{name}");
        let received: Vec<String> = report.requests.iter().map(|request| size(request.body_bytes)).collect();
        assert_eq!(last, received, "{name}");
        let (_, rows) = table(&mut browser, "Table of workers");
        assert_eq!(rows.len(), report.workers.len(), "{name}");
        let words = browser.eval("document.body.innerText");
        let words = words.as_str().unwrap();
        let summary = view["workers_in_words"].as_str().unwrap();
        let notes = view["notes"].as_array().unwrap().iter();
        let reasons = view["reasons"].as_array().unwrap().iter();
        for text in notes.chain(reasons).map(|note| note.as_str().unwrap()).chain([summary]) {
            assert!(words.contains(text), "{name}: `{text}` is not on the page");
        }
        // The page of a run has charts exactly if the run has started.
        let drawn = "Object.values(vajraPage.charts).length";
        assert_eq!(
            browser.eval(drawn).as_u64() > Some(0),
            report.started.is_some(),
            "{name}"
        );
    }
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn the_page_of_a_run_with_flows_shows_flows_and_the_steps_at_which_they_ended() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "flows", 1280, 900) else {
        return;
    };
    let (plan, report) = test_reports::flows::shop(3, 0);
    desk.write("r.html", &page::render(&View::new(&report, &plan, None)));
    open(&mut browser, &desk.path("r.html"));
    let (heads, rows) = table(&mut browser, "Flows by name");
    let place = |head: &str| heads.iter().position(|known| known == head).unwrap();
    assert_eq!(rows.len(), 2);
    for (cells, flow) in rows.iter().zip(&report.flows) {
        let expected = [
            ("flow", flow.name.clone()),
            ("started", count(flow.started)),
            ("failed", count(flow.failed)),
            ("starved", count(flow.starved)),
            ("rate", rate(flow.rate_per_s)),
            ("p95", time(flow.latency.values.quantile(950_000))),
            ("session p50", time(flow.session.values.quantile(500_000))),
        ];
        for (head, text) in expected {
            assert_eq!(cells[place(head)], text, "{head} of {}", flow.name);
        }
    }
    // No flow was stopped, so the table has no column `stopped`.
    assert!(!heads.iter().any(|head| head == "stopped"), "{heads:?}");
    let (_, steps) = table(&mut browser, "Steps at which flows ended");
    let ended = report.flows.iter().flat_map(|flow| &flow.steps);
    let ended = ended.filter(|step| step.failed + step.not_reached > 0);
    let ended: Vec<Vec<String>> = ended
        .map(|step| {
            let numbers = [step.failed, step.starved, step.not_reached].map(count);
            std::iter::once(step.name.clone()).chain(numbers).collect()
        })
        .collect();
    assert_eq!(steps, ended);
    let options = texts(&mut browser, "#choice-select optgroup:first-of-type option");
    let names: Vec<&str> = report.requests.iter().map(|request| request.name.as_str()).collect();
    assert_eq!(options, names);
    // The seconds of a run with flows contain no planned requests, so the chart does not show any.
    let planned = browser.eval("vajraPage.model.seconds.planned");
    assert!(planned.is_null(), "{planned}");
}

/// Returns the names of all visible charts.
fn seen(browser: &mut Browser) -> Vec<String> {
    let seen = browser.eval(
        "[...document.querySelectorAll('figure.chart')].filter(figure => figure.checkVisibility()).map(figure => figure.id.slice(6))",
    );
    serde_json::from_value(seen).unwrap()
}

/// Returns the sum of all values of one line of a chart.
fn drawn(browser: &mut Browser, chart: &str, line: usize) -> f64 {
    let sum = format!("vajraPage.charts.{chart}.data[{line}].reduce((sum, value) => sum + (value ?? 0), 0)");
    browser.eval(&sum).as_f64().unwrap()
}

/// Returns the maximum time of one line of a chart, formatted as the report formats it.
fn longest(browser: &mut Browser, chart: &str, line: usize) -> String {
    let longest = browser.eval(&format!("Math.max(...vajraPage.charts.{chart}.data[{line}])"));
    time((longest.as_f64().unwrap() * 1e6).round() as u64)
}

fn numbers(values: &Value) -> Vec<Option<f64>> {
    values.as_array().unwrap().iter().map(Value::as_f64).collect()
}

fn choose(browser: &mut Browser, value: &str) {
    browser.eval(&format!("document.getElementById('choice-select').value = '{value}'"));
    browser.eval("document.getElementById('choice-select').dispatchEvent(new Event('change'))");
}

#[test]
fn the_page_of_an_older_run_shows_all_failures_together_and_no_empty_charts() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "older", 1280, 900) else {
        return;
    };
    let (_, plan, mut report) = shown()
        .into_iter()
        .find(|(name, _, _)| *name == "every_failure")
        .unwrap();
    report.failure_latency.clear();
    let timeline = Arc::make_mut(&mut report.timeline);
    timeline.times.clear();
    timeline.connections.clear();
    desk.write("r.html", &page::render(&View::new(&report, &plan, None)));
    open(&mut browser, &desk.path("r.html"));
    assert_eq!(
        seen(&mut browser),
        ["rate", "latency", "open", "errors", "distribution", "heat"]
    );
    choose(&mut browser, "failure timeout");
    assert_eq!(seen(&mut browser), ["errors", "distribution"]);
    assert_eq!(
        longest(&mut browser, "distribution", 1),
        time(report.total.latency_failed.values.max())
    );
    let words = browser.eval("document.getElementById('choice').innerText");
    assert!(
        words.as_str().unwrap().contains("do not contain latency by kind"),
        "{words}"
    );
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn the_page_draws_first_byte_connect_tls_and_connections_over_time() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "waits", 1280, 900) else {
        return;
    };
    let (_, plan, report) = shown().into_iter().find(|(name, _, _)| *name == "ramp").unwrap();
    let view = View::new(&report, &plan, None);
    desk.write("r.html", &page::render(&view));
    let view: Value = serde_json::from_str(&view.json()).unwrap();
    open(&mut browser, &desk.path("r.html"));
    let lines = browser.eval(
        "[...document.querySelectorAll('#chart-waits .legend button')].map(button => [button.innerText, button.ariaPressed])",
    );
    let expected = json!([
        ["first byte p50", "true"],
        ["first byte p99", "true"],
        ["connect p50", "false"],
        ["connect p99", "true"],
        ["TLS p50", "false"],
        ["TLS p99", "true"],
    ]);
    assert_eq!(lines, expected);
    for (line, name) in ["first byte", "connect", "TLS"].into_iter().enumerate() {
        for (place, key) in ["p50", "p99"].into_iter().enumerate() {
            let drawn = browser.eval(&format!("vajraPage.charts.waits.data[{}]", 1 + line * 2 + place));
            let expected = &view["waits"]["lines"][line][key];
            assert_eq!(numbers(&drawn), numbers(expected), "{key} of {name}");
        }
    }
    let label = browser.eval("document.querySelector('#chart-waits .plot').ariaLabel");
    assert!(label.as_str().unwrap().contains("TLS p99 2.25ms to 15.3ms"), "{label}");
    let open = "[...document.querySelectorAll('#chart-open .legend button')].map(button => button.innerText)";
    assert_eq!(browser.eval(open), json!(["connections", "in flight"]));
    assert_eq!(
        browser.eval("vajraPage.charts.open.data[1]"),
        view["seconds"]["connections"]
    );
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn a_reader_chooses_with_keys_whose_requests_the_charts_show() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "choice", 1280, 900) else {
        return;
    };
    let (_, plan, report) = shown()
        .into_iter()
        .find(|(name, _, _)| *name == "every_failure")
        .unwrap();
    desk.write("r.html", &page::render(&View::new(&report, &plan, None)));
    open(&mut browser, &desk.path("r.html"));
    assert_eq!(
        seen(&mut browser),
        ["rate", "latency", "waits", "open", "errors", "distribution", "heat"]
    );
    let all = drawn(&mut browser, "rate", 2);
    browser.eval("document.getElementById('choice-select').focus()");
    // Each press of the key selects the next choice. The request names come first, and the kinds of failures follow.
    browser.press("ArrowDown");
    let item = &report.requests[0];
    assert_eq!(
        browser.eval("document.getElementById('choice-select').selectedOptions[0].text"),
        item.name
    );
    // The chart has no line for planned arrivals, so its first line shows the number of requests that were sent in each
    // second.
    assert!((drawn(&mut browser, "rate", 1) - item.sent as f64).abs() < 0.5);
    assert!((drawn(&mut browser, "errors", 1) - item.failed as f64).abs() < 0.5);
    assert_eq!(
        seen(&mut browser),
        ["rate", "latency", "waits", "errors", "distribution", "heat"]
    );
    assert_eq!(
        longest(&mut browser, "distribution", 1),
        time(item.latency.values.max())
    );
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    let kind = browser.eval("document.getElementById('choice-select').value");
    let kind = kind.as_str().unwrap().strip_prefix("failure ").unwrap().to_owned();
    assert_eq!(seen(&mut browser), ["latency", "errors", "distribution", "heat"]);
    let values = &report.failure_latency[&kind].values;
    // The last line of the chart of latency over time shows the maximum.
    for (chart, line) in [("latency", 5), ("distribution", 1)] {
        assert_eq!(longest(&mut browser, chart, line), time(values.max()), "{chart}");
    }
    let heat = browser.eval("document.getElementById('chart-heat').querySelector('.plot').ariaLabel");
    assert!(heat.as_str().unwrap().contains("at most"), "{heat}");
    let words = browser.eval("document.getElementById('choice').innerText");
    let words = words.as_str().unwrap();
    for failure in report.failures.iter().filter(|failure| failure.kind == kind) {
        let first: Vec<String> = failure.first.iter().map(ToString::to_string).collect();
        let said = format!("{} × {}: {}", failure.count, failure.reason, failure.request);
        assert!(words.contains(&said), "{said}: {words}");
        assert!(
            words.contains(&format!("first arrivals {}", first.join(", "))),
            "{words}"
        );
    }
    choose(&mut browser, "all");
    assert!((drawn(&mut browser, "rate", 2) - all).abs() < 1e-9);
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn every_axis_has_a_name() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "axes", 1280, 900) else {
        return;
    };
    for (name, plan, report) in shown() {
        desk.write("r.html", &page::render(&View::new(&report, &plan, None)));
        open(&mut browser, &desk.path("r.html"));
        let nameless = "Object.entries(vajraPage.charts).flatMap(([key, chart]) => \
            chart.axes.filter(axis => !axis.label).map(() => key))";
        assert_eq!(browser.eval(nameless), json!([]), "{name}");
        let load = browser.eval("vajraPage.charts.against?.axes[0].label ?? null");
        let expected = match name {
            "ramp" => json!("planned requests per second"),
            "closed_loop" => json!("users"),
            _ => Value::Null,
        };
        assert_eq!(load, expected, "{name}");
    }
    assert_no_foreign_requests(&mut browser, "file://");
}

/// The page formats the values at a cursor, and the report formats all other values. The page and the report must use
/// the same formats.
#[test]
fn the_page_formats_numbers_dates_and_percentiles_like_the_report() {
    let desk = Desk::new();
    let Some(mut browser) = browser(&desk, "numbers", 800, 600) else {
        return;
    };
    let (_, plan, report) = shown().remove(0);
    desk.write("r.html", &page::render(&View::new(&report, &plan, None)));
    open(&mut browser, &desk.path("r.html"));
    // The values range from zero to some days in uneven steps. The values include the values at which the format
    // changes.
    let mut nanos: Vec<u64> = std::iter::successors(Some(1), |last| Some(last + last / 7 + 1))
        .take_while(|last| *last < 400_000_000_000_000)
        .collect();
    nanos.extend((3..15).flat_map(|power| [10u64.pow(power) - 1, 10u64.pow(power), 9_995 * 10u64.pow(power - 3)]));
    nanos.push(0);
    let numbers: Vec<f64> = nanos.iter().map(|nanos| *nanos as f64 / 1e9).collect();
    let quarters: Vec<f64> = (0..4_000u32).map(|number| f64::from(number) * 0.125).collect();
    let list = |texts: Vec<String>| json!(texts);
    let mut same = |form: &str, values: Value, expected: Value| {
        let texts = browser.eval(&format!("{values}.map(value => vajraPage.format.{form}(value))"));
        assert_eq!(texts.as_array().unwrap().len(), expected.as_array().unwrap().len());
        for (at, (text, expected)) in texts
            .as_array()
            .unwrap()
            .iter()
            .zip(expected.as_array().unwrap())
            .enumerate()
        {
            assert_eq!(text, expected, "{form} of {}", values[at]);
        }
    };
    same(
        "time",
        json!(nanos.iter().map(|nanos| *nanos as f64 / 1e6).collect::<Vec<_>>()),
        list(nanos.iter().map(|nanos| time(*nanos)).collect()),
    );
    same(
        "count",
        json!(nanos),
        list(nanos.iter().map(|number| count(*number)).collect()),
    );
    let mut quantiles: Vec<f64> = (0..=140)
        .map(|step| 1.0 - 10f64.powf(-f64::from(step) / 20.0))
        .collect();
    quantiles.extend((0..=200).map(|step| f64::from(step) / 200.0));
    quantiles.extend([0.995, 0.9999, 0.999_99, 0.999_999, 0.999_999_9]);
    same(
        "percentile",
        json!(quantiles),
        list(quantiles.iter().map(|quantile| percentile(*quantile)).collect()),
    );
    // The dates begin in 1970 and follow each other in steps of a little more than 400 days.
    let days = (0..120u64).map(|step| step * 400 * 86_400_123_456_789);
    let mut moments: Vec<String> = days.filter_map(moment).collect();
    moments.extend(["soon".to_owned(), String::new()]);
    same(
        "instant",
        json!(moments),
        list(moments.iter().map(|moment| instant(moment)).collect()),
    );
    for values in [numbers, quarters] {
        same(
            "rate",
            json!(values),
            list(values.iter().map(|value| rate(*value)).collect()),
        );
        same(
            "duration",
            json!(values),
            list(values.iter().map(|value| duration(*value)).collect()),
        );
    }
}
