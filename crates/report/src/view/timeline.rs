//! The charts that are computed from the timeline of a report. A timeline divides a run into at most 64 intervals.

use crate::run_report::RunReport;
use crate::series::SecondReport;
use crate::show::shown;
use crate::view::PhaseView;
use schemars::JsonSchema;
use serde::Serialize;
use tally::histogram::Histogram;
use tally::interval::IntervalTimes;

const SECOND: u64 = 1_000_000_000;

/// One interval of the timeline, as a range of seconds since T0.
pub(crate) struct Span {
    /// The index of the interval in the timeline.
    pub index: usize,
    pub from: u32,
    pub to: u32,
    pub measured: bool,
}

/// Returns the intervals of the timeline that begin before the end of the run. For a run in progress, returns the
/// intervals that end at or before `until`, which is in seconds since T0.
pub(crate) fn spans(report: &RunReport, phases: &[PhaseView], until: u32) -> Vec<Span> {
    let timeline = &report.timeline;
    // The axis has whole seconds, so a timeline whose intervals are not whole seconds long is not drawn.
    let width = match timeline.width % SECOND {
        0 => (timeline.width / SECOND) as u32,
        _ => 0,
    };
    let end = report.seconds.last().map_or(0, SecondReport::end).min(until);
    if width == 0 {
        return Vec::new();
    }
    let starts = (0..timeline.intervals.len()).map(|index| (index, index as u32 * width));
    starts
        .take_while(|(_, from)| *from < end && (until == u32::MAX || from + width <= until))
        .map(|(index, from)| {
            let to = (from + width).min(end);
            let middle = f64::from(from).midpoint(f64::from(to));
            let phase = phases.iter().find(|phase| middle < phase.to_s);
            Span {
                index,
                from,
                to,
                measured: phase.or(phases.last()).is_none_or(|phase| phase.measured),
            }
        })
        .collect()
}

/// The charts that show times other than latency over the run. These charts are empty for runs of older workers.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct WaitsView {
    at: Vec<u32>,
    /// The number of seconds of each interval.
    lengths: Vec<u32>,
    lines: Vec<WaitView>,
}

/// The percentiles of one kind of time, such as the time to the first byte, in milliseconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct WaitView {
    name: &'static str,
    p50: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
}

/// Returns the times to the first byte, either of all requests or of the request with this index. For all requests, the
/// result also contains the times of opening connections.
pub(crate) fn waits(report: &RunReport, spans: &[Span], request: Option<usize>) -> WaitsView {
    let mut lines = vec![("first byte", first_bytes(report, spans, request))];
    if request.is_none() {
        lines.push((
            "connect",
            of_each(report, spans, |times| times.openings.connect.clone()),
        ));
        lines.push(("TLS", of_each(report, spans, |times| times.openings.tls.clone())));
    }
    lines.retain(|(_, values)| values.iter().any(|values| !values.is_empty()));
    if lines.is_empty() {
        return WaitsView::default();
    }
    let quantiles = |values: &[Histogram], millionths| {
        let at = |values: &Histogram| (!values.is_empty()).then(|| shown(values.quantile(millionths)));
        values.iter().map(at).collect()
    };
    let line = |(name, values): (_, Vec<Histogram>)| WaitView {
        name,
        p50: quantiles(&values, 500_000),
        p99: quantiles(&values, 990_000),
    };
    WaitsView {
        at: spans.iter().map(|span| span.from).collect(),
        lengths: spans.iter().map(|span| span.to - span.from).collect(),
        lines: lines.into_iter().map(line).collect(),
    }
}

fn first_bytes(report: &RunReport, spans: &[Span], request: Option<usize>) -> Vec<Histogram> {
    of_each(report, spans, |times| match request {
        Some(at) => times.first_byte.get(at).cloned().unwrap_or_default(),
        None => {
            let mut sum = Histogram::default();
            times.first_byte.iter().for_each(|values| sum.add(values));
            sum
        }
    })
}

/// Returns for each span the histogram that `of` takes from the interval of the span.
pub(crate) fn of_each(report: &RunReport, spans: &[Span], of: impl Fn(&IntervalTimes) -> Histogram) -> Vec<Histogram> {
    let times = |span: &Span| report.timeline.times.get(span.index);
    spans
        .iter()
        .map(|span| times(span).map(&of).unwrap_or_default())
        .collect()
}
