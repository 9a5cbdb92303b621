//! The section of the dashboard about a run in progress, in the form of texts.

use crate::run_report::RunReport;
use crate::show::{NOTHING, count, duration, rate};
use crate::text;
use crate::view::live::{LastSecond, Live};
use crate::view::words::{Figure, Tone, errors, failed_of_sent, figure, not_sent, time};
use crate::view::workers::WorkerView;
use schemars::JsonSchema;
use serde::Serialize;

/// The section of a page about a run in progress.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LiveView {
    #[schemars(extend("enum" = ["starting", "running", "stopping", "ended"]))]
    state: &'static str,
    /// The state as text.
    words: String,
    /// The progress as text. The field `progress` contains the progress as a share of 1.
    clock: String,
    progress: f64,
    figures: Vec<Figure>,
    /// A sentence about failures by kind and dropped arrivals; empty if the run has neither.
    errors: String,
    /// For each colour of the light, the number of workers whose light has this colour, as text.
    lights: Vec<(&'static str, String)>,
    /// The workers with problems, each with the reason.
    troubled: Vec<String>,
    again: Option<String>,
    stays: bool,
}

/// The maximum number of workers with problems that are listed.
const TROUBLED_NAMED: usize = 8;

impl LiveView {
    pub(crate) fn new(report: &RunReport, live: &Live, missing: u64, workers: &[WorkerView]) -> LiveView {
        let ended = live.state == "ended";
        let progress = live
            .elapsed_s
            .map_or(0.0, |elapsed| elapsed / report.duration_s.max(1e-9));
        let is_wrong = report.balance.failed + report.balance.dropped > 0;
        LiveView {
            state: live.state,
            words: match live.state {
                "starting" => "Starting: the workers prepare".to_owned(),
                "running" => "Running".to_owned(),
                "stopping" => "Stopping: the workers finish their requests".to_owned(),
                _ => format!("Ended: {}", report.verdict.word()),
            },
            clock: match live.elapsed_s {
                None => format!("not yet started, {} planned", duration(report.duration_s)),
                Some(_) if ended => text::length(report, duration),
                Some(elapsed) => format!(
                    "{} elapsed, {} left of {}",
                    duration(elapsed.round()),
                    duration(live.left_s.unwrap_or(0.0).max(0.0).round()),
                    duration(report.duration_s)
                ),
            },
            progress: progress.min(1.0),
            figures: if ended {
                Vec::new()
            } else {
                figures(report, live, missing)
            },
            errors: match is_wrong && !ended {
                true => format!("Errors by kind: {}.", errors(report)),
                false => String::new(),
            },
            lights: ["green", "yellow", "red", "none"]
                .into_iter()
                .map(|light| {
                    let number = workers.iter().filter(|worker| worker.light == light).count();
                    (light, format!("{} {}", count(number as u64), light_word(light)))
                })
                .collect(),
            troubled: workers
                .iter()
                .filter(|worker| matches!(worker.light, "red" | "yellow"))
                .filter_map(|worker| {
                    let why = worker.why.as_ref()?;
                    Some(format!("{}, {}: {why}", worker.name, light_word(worker.light)))
                })
                .take(TROUBLED_NAMED)
                .collect(),
            again: live.again.clone(),
            stays: live.stays,
        }
    }
}

/// Returns the word for the colour of a worker's light.
pub(crate) fn light_word(light: &str) -> &'static str {
    match light {
        "green" => "good",
        "yellow" => "watch",
        "red" => "bad",
        _ => "waiting",
    }
}

fn figures(report: &RunReport, live: &Live, missing: u64) -> Vec<Figure> {
    let (total, balance) = (&report.total, &report.balance);
    let per_second = |value: Option<f64>| value.map_or(NOTHING.to_owned(), rate);
    let last = |label, of: fn(&LastSecond) -> f64, overall| {
        let overall = format!("overall {}", time(overall));
        figure(label, time(live.last.as_ref().map(of)), overall, Tone::Plain)
    };
    let none_or = |number: u64, words: String| if number == 0 { "none".to_owned() } else { words };
    let planned = match live.rate_planned {
        Some(planned) if report.has_flows() => format!("arrivals planned {}", rate(planned)),
        Some(planned) => format!("planned {}", rate(planned)),
        None => "last second".to_owned(),
    };
    let quantiles = &total.latency.quantiles;
    let (failed, dropped) = (balance.failed, balance.dropped);
    let lag_note = match report.generator.bound {
        true => "the generator is limited",
        false => "requests sent late",
    };
    let workers_in = format!("{} of {}", count(live.workers_in.into()), count(live.workers.into()));
    let done = format!(
        "{} done, {} missing",
        count(live.done.into()),
        count(live.missing.into())
    );
    let mut figures = vec![
        figure("rate sent", per_second(live.rate_sent), planned, Tone::Plain),
        figure(
            "rate completed",
            per_second(live.rate_completed),
            "last second",
            Tone::Plain,
        ),
        last("last p50", |last| last.p50, quantiles.p50),
        last("last p90", |last| last.p90, quantiles.p90),
        last("last p99", |last| last.p99, quantiles.p99),
        last("last max", |last| last.max, total.latency.max_ms),
        figure(
            "failed",
            count(failed),
            none_or(failed, failed_of_sent(total)),
            Tone::bad_if(failed > 0),
        ),
        figure(
            "dropped",
            count(dropped),
            none_or(dropped + balance.starved, not_sent(balance)),
            Tone::bad_if(dropped + balance.starved > 0),
        ),
        figure(
            "missing",
            count(missing),
            none_or(missing, "not reported by a worker".to_owned()),
            Tone::warn_if(missing > 0),
        ),
        figure(
            "lag p99",
            time(total.lag.quantiles.p99),
            lag_note,
            Tone::warn_if(report.generator.bound),
        ),
        figure("workers ready", workers_in, done, Tone::warn_if(live.missing > 0)),
    ];
    figures.extend(live.cost_so_far.as_ref().map(|cost| {
        let expected = report
            .cost
            .as_ref()
            .map(|cost| format!("expected {}", cost.estimated_bill.total()));
        figure("cost so far", cost.clone(), expected.unwrap_or_default(), Tone::Plain)
    }));
    figures
}
