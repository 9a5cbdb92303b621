//! The section of a page about the generator: the lag that the generator caused, the other waits of requests, and the
//! times of opening connections.

use crate::percentiles;
use crate::run_report::{RunReport, TimingReport};
use crate::show::{NOTHING, count, percent};
use crate::view::words::time;
use crate::waits::OriginReport;
use crate::worker_report::WorkerReport;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GeneratorView {
    /// A sentence that states whether the generator limited the rate.
    sentence: &'static str,
    /// The signs that the generator limited the rate.
    why: Vec<String>,
    /// The other waits of arrivals.
    waits: Vec<String>,
    /// Facts about the generator, as pairs of a name and a text.
    facts: Vec<(String, String)>,
}

pub(crate) fn generator(report: &RunReport) -> GeneratorView {
    let generator = &report.generator;
    GeneratorView {
        sentence: generator.kept_up().unwrap_or("The generator was limited:"),
        why: match generator.bound {
            true => generator.signs.clone(),
            false => Vec::new(),
        },
        waits: generator.waits.clone(),
        facts: facts(report),
    }
}

fn facts(report: &RunReport) -> Vec<(String, String)> {
    let most = |of: fn(&WorkerReport) -> Option<f64>| report.workers.iter().filter_map(of).reduce(f64::max);
    let percent = |share: Option<f64>| share.map(|share| format!("{}%", percent(share)));
    let known = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let mut facts = vec![fact("lag, how late requests were sent", quantiles(&report.total.lag))];
    facts.extend(report.lag_parts.shown().into_iter().map(|part| {
        let number = count(part.timing.count);
        let text = format!("{number} requests: {}", quantiles(part.timing));
        (format!("of that, {}", part.what), text)
    }));
    facts.extend(report.openings.iter().map(opening));
    let start =
        most(|worker| worker.start_skew_ms).map(|ms| format!("the last worker started {} late", time(Some(ms))));
    let clocks = most(|worker| worker.clock_uncertainty_ms).map(|ms| format!("known to within {}", time(Some(ms))));
    let queued = percent(most(|worker| worker.run_queue)).map(|percent| format!("{percent} of the time"));
    facts.extend([
        fact("start", known(start)),
        fact("workers’ clocks", known(clocks)),
        fact("processor time used", known(percent(most(|worker| worker.busy)))),
        fact("waited for a processor", known(queued)),
        fact("throttled by the container", time(most(|worker| worker.throttled_ms))),
    ]);
    facts
}

fn quantiles(timing: &TimingReport) -> String {
    format!(
        "p50 {} · p99 {} · max {}",
        time(timing.quantiles.p50),
        time(timing.quantiles.p99),
        time(timing.max_ms)
    )
}

/// Returns an origin, and text about the times of opening connections to this origin.
fn opening(origin: &OriginReport) -> (String, String) {
    let steps = origin.steps().map(|(name, timing)| {
        let number = count(timing.count);
        format!("{number} × {name}: {}", percentiles::median_and_most(timing))
    });
    let steps: Vec<String> = steps.collect();
    (format!("connections to {}", origin.origin), steps.join(" · "))
}
