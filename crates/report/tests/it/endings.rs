//! Tests of the reports of three kinds of runs: runs that dropped arrivals, were not judged, or ended early.

#![expect(clippy::unwrap_used, reason = "a test whose run cannot be created must fail")]

use plan::plan::Plan;
use report::rendering::Rendering;
use report::run_report::{Facts, RunReport, SliceState};
use report::show::{rate, share, time};
use report::verdict::Verdict;
use report::view::{Live, View, WorkerLive};
use report::worker_report::WorkerState;
use serde_json::Value;
use tally::seconds::Seconds;
use tally::series::Series;
use tally::snapshot::SliceEnd;
use tally::tally::Recorder;
use test_reports::*;

/// Returns a plan of the scenario without its thresholds.
fn without_thresholds() -> Plan {
    let (head, _) = SCENARIO.split_once("thresholds:").unwrap();
    planned(head)
}

/// Returns the report of a run of the plan. The run is stopped at the time `stopped`; if `stopped` is `None`, the run
/// ends as planned.
fn run(plan: &Plan, facts: &Facts, target: Target, stopped: Option<u64>) -> RunReport {
    let until = stopped.unwrap_or(u64::MAX);
    let mut seconds = Seconds::default();
    let mut parts = Vec::new();
    for shard in 0..plan.shards {
        let recorder = record(plan, shard, until, target);
        seconds.add(&recorder.seconds);
        let mut part = part(plan, shard, &recorder);
        if let Some(until) = stopped {
            part.state = SliceState::Ended(SliceEnd::Stopped);
            part.paced_until = until;
        }
        parts.push(part);
    }
    let facts = Facts {
        ended: stopped,
        ..facts.clone()
    };
    RunReport::new(plan, &facts, &parts, &Series::of(&seconds))
}

fn view(report: &RunReport, plan: &Plan, live: Option<Live>) -> Value {
    serde_json::from_str(&View::new(report, plan, live).json()).unwrap()
}

#[test]
fn dropped_arrivals_cross_and_are_noted_at_the_percentiles_in_every_format() {
    let plan = planned(&SCENARIO.replace("  - dropped <= 0%\n", ""));
    // The 36 dropped arrivals, of 2,400 arrivals, are the only reason for the verdict `crossed`.
    let target: Target = |k, due| match (15 * SECOND..18 * SECOND).contains(&due) && k % 10 == 0 {
        true => None,
        false => healthy(k, due),
    };
    let report = run(&plan, &facts(), target, None);
    assert_eq!(report.verdict, Verdict::Crossed);
    let reason = "dropped <= 0 (by default) is not met: 36 of 2,400 arrivals (1.5%)";
    assert_eq!(report.reasons, [reason]);
    for form in [
        Rendering::Text,
        Rendering::Json,
        Rendering::Html,
        Rendering::JUnit,
        Rendering::Markdown,
    ] {
        let text = form.render(&report, &plan);
        let expected = "percentiles include the 2,364 sent requests, but not the 36 dropped arrivals";
        assert!(text.to_lowercase().contains(expected), "{form:?}");
        assert!(text.contains("60.3ms (of the requests sent)"), "{form:?}: {text}");
    }
    let junit = Rendering::JUnit.render(&report, &plan);
    assert!(junit.contains("failures=\"1\""), "{junit}");
    // A threshold on `dropped` replaces the default rule that no arrival may be dropped.
    for (line, verdict) in [
        ("dropped < 2%", Verdict::Passed),
        ("dropped < 37", Verdict::Passed),
        ("dropped < 36", Verdict::Crossed),
    ] {
        let plan = planned(&SCENARIO.replace("dropped <= 0%", line));
        assert_eq!(run(&plan, &facts(), target, None).verdict, verdict, "{line}");
    }
}

#[test]
fn a_run_without_thresholds_is_finished_and_not_judged() {
    let plan = without_thresholds();
    let report = run(&plan, &facts(), healthy, None);
    assert_eq!(report.verdict, Verdict::Unjudged);
    assert!(report.thresholds.is_empty() && report.reasons.is_empty());
    let text = Rendering::Text.render(&report, &plan);
    assert!(text.starts_with("checkout: finished, nothing was judged\n"), "{text}");
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["verdict"], "unjudged");
    let view = view(&report, &plan, None);
    assert_eq!(view["verdict"], "unjudged");
    assert!(
        view["summary"].as_str().unwrap().ends_with("nothing was judged."),
        "{view}"
    );
    assert!(Rendering::JUnit.render(&report, &plan).contains("failures=\"0\""));
    // A run without thresholds also gets the verdict `crossed` if it dropped arrivals.
    let dropping = run(&plan, &facts(), troubled, None);
    assert_eq!(dropping.verdict, Verdict::Crossed);
}

#[test]
fn nothing_is_judged_while_a_run_is_in_progress() {
    let plan = plan();
    // In the warm-up, no request is measured, so no threshold can be judged.
    let facts = Facts {
        until: Some(5 * SECOND),
        ..facts()
    };
    let report = run(&plan, &facts, healthy, Some(5 * SECOND));
    let live = Live {
        state: "running",
        whole_until: 5,
        ..Live::default()
    };
    let view = view(&report, &plan, Some(live));
    let thresholds = view["thresholds"].as_array().unwrap();
    assert_eq!(thresholds.len(), 4, "{thresholds:?}");
    assert!(
        thresholds.iter().all(|line| line["word"] == "not judged yet"),
        "{thresholds:?}"
    );
    assert_eq!(thresholds[0]["measured"], "nothing was measured");
    assert_eq!(thresholds[2]["measured"], "nothing was measured");
    assert_eq!(view["verdict"], "running");
}

#[test]
fn the_rate_of_a_stopped_run_is_over_the_time_until_the_stop() {
    let plan = plan();
    let stopped = Facts {
        stopped: Some("Ctrl-C".to_owned()),
        ..facts()
    };
    let report = run(&plan, &stopped, healthy, Some(15 * SECOND + SECOND / 2));
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!((report.lasted_s - 15.5).abs() < 1e-9 && (report.measured_s - 5.5).abs() < 1e-9);
    assert!(
        (report.total.rate_per_s - 120.0).abs() < 1.0,
        "{}",
        report.total.rate_per_s
    );
    let rate = report
        .thresholds
        .iter()
        .find(|judged| judged.threshold == "rate > 100/s");
    assert!(rate.unwrap().kept, "{rate:?}");
    let text = Rendering::Text.render(&report, &plan);
    assert!(
        text.contains("ended after 15.5 s of 35 s, 5.5 s of it measured"),
        "{text}"
    );
    // The charts contain no arrivals that were planned after the end, and show no drop of the rate in the last half
    // second.
    assert_eq!(report.seconds.len(), 16);
    let view = view(&report, &plan, None);
    let whole = view["seconds"]["whole"].as_array().unwrap();
    assert!(
        whole[..15].iter().all(|whole| whole == true) && whole[15] == false,
        "{whole:?}"
    );
    assert!(!view["summary"].as_str().unwrap().contains("accounted for"), "{view}");
    // The rates of workers exclude the warm-up, as the rate of the run does.
    for worker in &report.workers {
        let rate = worker.rate_per_s.unwrap();
        assert!((rate - 40.0).abs() < 0.5, "{rate}");
    }
    let rates = view["workers"][0]["series"]["rate"].as_array().unwrap();
    let last = rates.iter().filter_map(Value::as_f64).next_back().unwrap();
    assert!((30.0..60.0).contains(&last), "{rates:?}");
    let junit = Rendering::JUnit.render(&report, &plan);
    assert!(junit.contains("time=\"15.500\""), "{junit}");
}

#[test]
fn the_summary_of_a_run_that_its_rule_stopped_counts_the_unsent_arrivals() {
    let plan = plan();
    let aborted = Facts {
        stopped: Some("`abort_if: errors > 20% for 10s` is broken".to_owned()),
        rule: Some("errors > 20% for 10s".to_owned()),
        ..facts()
    };
    let report = run(&plan, &aborted, troubled, Some(20 * SECOND));
    assert_eq!(report.verdict, Verdict::Crossed);
    let view = view(&report, &plan, None);
    assert_eq!(
        view["summary"],
        "A rule of the scenario stopped the run after 20 s of 35 s: 1,200 of 2,400 arrivals were not sent; \
         3 of 4 thresholds are not met."
    );
}

#[test]
fn an_empty_histogram_has_no_percentiles() {
    let plan = plan();
    let report = run(
        &plan,
        &facts(),
        |k, due| healthy(k, due).filter(|_| due < 10 * SECOND),
        None,
    );
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    for name in ["p50_ms", "p99_99_ms", "max_ms", "mean_ms"] {
        assert!(json["total"]["latency"][name].is_null(), "{name}");
        assert!(json["total"]["latency_failed"][name].is_null(), "{name}");
    }
    assert!(json["workers"][0]["lag_p99_ms"].is_null() && json["workers"][0]["latency"]["p50_ms"].is_null());
    let latency = json["thresholds"].as_array().unwrap().iter();
    let latency = latency.filter(|judged| judged["threshold"] == "latency p99 < 250ms");
    assert!(latency.clone().count() == 1 && latency.clone().all(|judged| judged["value"].is_null()));
    assert!(json["seconds"][20]["latency_max_ms"].is_null() && json["seconds"][20]["latency"]["p50_ms"].is_null());
    let text = Rendering::Text.render(&report, &plan);
    let line = text.lines().find(|line| line.starts_with("latency  ")).unwrap();
    assert_eq!(line.split_whitespace().skip(1).collect::<String>(), "–".repeat(10));
}

#[test]
fn a_figure_has_the_same_digits_in_text_and_page() {
    let plan = plan();
    for seed in 0..20 {
        let mut parts = Vec::new();
        let mut seconds = Seconds::default();
        for shard in 0..plan.shards {
            let recorder = record_with(&plan, shard, u64::MAX, |k, due| random(seed, k, due));
            seconds.add(&recorder.seconds);
            parts.push(part(&plan, shard, &recorder));
        }
        let report = RunReport::new(&plan, &facts(), &parts, &Series::of(&seconds));
        let view = view(&report, &plan, None);
        let values = &report.total.latency.values;
        for (key, millionths) in [("p50", 500_000), ("p90", 900_000), ("p99", 990_000), ("max", 1_000_000)] {
            let nanos = values.quantile(millionths);
            let shown = view["total"][key].as_f64().unwrap();
            // The value is rounded, so a second rounding does not change it.
            let digits = shown.to_string().replace('.', "");
            assert!(digits.trim_matches('0').len() <= 3, "{key} of {seed}: {shown}");
            assert_eq!(time((shown * 1e6).round() as u64), time(nanos), "{key} of {seed}");
        }
        for (row, request) in view["requests"].as_array().unwrap().iter().zip(&report.requests) {
            let shown = row["rate_per_s"].as_f64().unwrap();
            let hundredths = shown * 100.0;
            assert!((hundredths - hundredths.round()).abs() < 1e-6, "{shown}");
            assert_eq!(rate(shown), rate(request.rate_per_s));
            let failed = share(request.failed, request.sent);
            assert_eq!(format!("{}%", row["failed_percent"].as_f64().unwrap()), failed);
        }
    }
}

/// Asserts that every format for people contains a note exactly once.
fn assert_every_format_contains(plan: &Plan, report: &RunReport, note: &str) {
    for form in [Rendering::Text, Rendering::Markdown, Rendering::Json, Rendering::Html] {
        let text = form.render(report, plan);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words.matches(note).count(), 1, "{form:?}: {text}");
    }
}

#[test]
fn every_format_has_a_note_about_the_latencies_of_a_closed_load() {
    let note = "closed loop: each user waits for an answer before it sends again, so a target that stalls is sent \
        fewer requests, and these latencies do not show the stall; use a load with a rate to see it";
    let (plan, report) = closed_loop();
    assert_every_format_contains(&plan, &report, note);
    for form in [Rendering::Text, Rendering::Json] {
        assert!(
            !form.render(&finished(), &self::plan()).contains("closed loop"),
            "{form:?}"
        );
    }
    let closed = planned(USERS);
    let waiting = RunReport::new(&closed, &Facts::default(), &[], &Series::default());
    assert_eq!(
        waiting.notes,
        Vec::<String>::new(),
        "a run that never started has no latencies"
    );
}

#[test]
fn every_format_has_a_note_about_batched_pacing() {
    let note = "pacing: batched sends all arrivals of a millisecond at its end, which adds 0.5 ms to lag and latency on \
        average, and at most 1 ms; service does not include it, and pacing: precise does not add it";
    let plan = planned(&format!("{SCENARIO}pacing: batched\n"));
    let report = run(&plan, &facts(), healthy, None);
    assert_every_format_contains(&plan, &report, note);
    let notes = |plan: &Plan| run(plan, &facts(), healthy, None).notes;
    assert!(!notes(&self::plan()).iter().any(|note| note.contains("batched")));
    // A user of a closed loop sends a request as soon as the user has an answer, so no requests are batched.
    let closed = planned(&format!("{USERS}pacing: batched\n"));
    let part = part(&closed, 0, &Recorder::new(1));
    let users = RunReport::new(&closed, &facts(), &[part], &Series::default());
    assert!(
        !users.notes.iter().any(|note| note.contains("batched")),
        "{:?}",
        users.notes
    );
}

#[test]
fn junit_cases_contain_the_measured_values() {
    let junit = Rendering::JUnit.render(&crossed(), &plan());
    let case = |name: &str| {
        let at = junit.find(&format!("<testcase name=\"{name}\"")).unwrap();
        let end = junit[at..].find("</testcase>").unwrap();
        junit[at..at + end].to_owned()
    };
    let kept = case("rate &gt; 100/s");
    assert!(kept.contains("<system-out>measured: 112.8/s</system-out>"), "{kept}");
    let crossed = case("latency p99 &lt; 250ms");
    assert!(
        crossed.contains("\">latency p99 &lt; 250ms is not met: 10s (of the requests sent)\n"),
        "{crossed}"
    );
    assert!(
        crossed.contains("\n23 timeout while waiting for the first byte · item · "),
        "{crossed}"
    );
    let whole = case("every arrival is accounted for");
    assert!(
        whole.contains("2,400 planned = 2,364 sent + 36 dropped + 0 missing"),
        "{whole}"
    );
}

#[test]
fn the_page_has_the_cost_as_rows_of_cells() {
    let report = priced(true);
    let view = view(&report, &plan(), None);
    let rows = view["cost"]["lines"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[1], serde_json::json!(["$0.0000008", "4 invocations", "us-east-1"]));
}

#[test]
fn a_light_that_is_not_green_has_a_reason_and_phases_do_not_repeat_that_they_are_unmeasured() {
    let report = crossed();
    let view = view(&report, &plan(), None);
    for worker in view["workers"].as_array().unwrap() {
        assert_eq!(worker["light"], "yellow");
        let why = worker["why"].as_str().unwrap();
        assert!(why.contains("failed") && why.contains("dropped"), "{why}");
    }
    let phases = view["phases"].as_array().unwrap();
    assert!(phases[0]["measured"] == false && phases[1]["measured"] == true);
    let texts: Vec<&str> = phases.iter().map(|phase| phase["text"].as_str().unwrap()).collect();
    assert!(texts.iter().all(|text| !text.contains("not measured")), "{texts:?}");
}

#[test]
fn a_worker_without_snapshots_has_a_red_light_and_a_reason() {
    let plan = plan();
    let facts = Facts {
        until: Some(15 * SECOND),
        ..facts()
    };
    let report = run(&plan, &facts, healthy, Some(15 * SECOND));
    let live = |silent| Live {
        state: "running",
        whole_until: 15,
        workers_live: (0..plan.shards)
            .map(|shard| {
                let worker = WorkerLive {
                    state: "running",
                    silent: silent && shard == 1,
                    last_seen_s: Some(7.0),
                };
                ((shard, 0), worker)
            })
            .collect(),
        ..Live::default()
    };
    let mut running = report;
    for worker in &mut running.workers {
        worker.state = WorkerState::Lost;
    }
    let lights = |silent| {
        let view = view(&running, &plan, Some(live(silent)));
        let workers = view["workers"].as_array().unwrap().clone();
        let shown = workers
            .into_iter()
            .map(|worker| (worker["light"].clone(), worker["why"].clone()));
        shown.collect::<Vec<_>>()
    };
    let green = ("green".into(), Value::Null);
    assert_eq!(lights(false), [green.clone(), green.clone(), green.clone()]);
    let red = ("red".into(), "it stores no snapshots".into());
    assert_eq!(lights(true), [green.clone(), red, green]);
}
