//! Converts an exposure to metrics. A metric is a family of points. The points do not depend on an output format.
//!
//! The code contains each name only once, in the form of OpenTelemetry. The name for Prometheus is derived by the rules
//! that collectors use: dots become underscores, then the unit is appended, then `_total`. So one dashboard can show
//! the metrics from Prometheus and from OpenTelemetry. Invariant: every count of the report is a metric. In the last
//! exposure, the point of this metric equals the count of the report.
//!
//! Sources: Prometheus, "Metric and label naming"; OpenTelemetry, "Prometheus and OpenMetrics Compatibility", and the
//! metric semantic conventions of OpenTelemetry. The codes of units are those of UCUM.

use super::buckets::{BUCKETS, bucket_counts};
use super::exposure::{Cell, Exposure, FlowCell};
use tally::flow::FlowTally;
use tally::histogram::Histogram;
use tally::outcome::Failure;
use tally::tally::{Counts, RequestTally, Timings};

/// The labels that distinguish the points of one metric.
pub type Labels = Vec<(&'static str, String)>;

/// The points of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The name in the form of OpenTelemetry, such as `vajra.requests.sent`.
    pub name: &'static str,
    /// The description of the metric.
    pub help: &'static str,
    pub unit: Unit,
    pub points: Points,
}

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Bytes,
    /// A number of things, such as requests. The name of the things is written in braces. In UCUM, text in braces is an
    /// annotation, not a unit.
    Things(&'static str),
    /// The metric has no unit, because it is a fact, not a number.
    None,
}

impl Unit {
    /// Returns the code of the unit in UCUM.
    pub fn code(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Bytes => "By",
            Unit::Things(name) => name,
            Unit::None => "",
        }
    }
}

/// The points of a metric. Each kind of metric has a separate kind of points.
#[derive(Clone, Debug, PartialEq)]
pub enum Points {
    /// Numbers that never decrease during a run.
    Counter(Vec<Number>),
    Gauge(Vec<Number>),
    Histogram(Vec<Distribution>),
}

/// A point with one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub labels: Labels,
    pub value: u64,
}

/// A point with one histogram. The upper bounds of its buckets are [`super::buckets::BOUNDS_NS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub labels: Labels,
    /// The number of values in each bucket. The numbers are not cumulative.
    pub bucket_counts: [u64; BUCKETS],
    pub count: u64,
    /// The sum of the values in seconds. Each value counts as the middle of its bucket, as in the mean of the report.
    pub sum: f64,
}

impl Family {
    /// Returns the name of the metric in Prometheus, without the suffixes that Prometheus adds for the parts of a
    /// histogram.
    pub fn prometheus_name(&self) -> String {
        let mut name = self.name.replace('.', "_");
        match self.unit {
            Unit::Seconds => name.push_str("_seconds"),
            Unit::Bytes => name.push_str("_bytes"),
            Unit::Things(_) | Unit::None => {}
        }
        if matches!(self.points, Points::Counter(_)) {
            name.push_str("_total");
        }
        name
    }

    /// Returns the number of points of the metric.
    pub fn len(&self) -> usize {
        match &self.points {
            Points::Counter(points) | Points::Gauge(points) => points.len(),
            Points::Histogram(points) => points.len(),
        }
    }

    /// Returns whether the metric has no points.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Returns all metrics of a run at one moment. Metrics without points are left out.
pub fn families(exposure: &Exposure) -> Vec<Family> {
    let run = of_the_run(exposure).into_iter();
    let families = run
        .chain(of_requests(exposure))
        .chain(of_times(exposure))
        .chain(of_waits(exposure))
        .chain(of_flows(exposure));
    families.filter(|family| !family.is_empty()).collect()
}

const REQUESTS: Unit = Unit::Things("{request}");

fn of_the_run(exposure: &Exposure) -> [Family; 6] {
    let run = || run_labels(exposure);
    let with = |name, value: &str| {
        let mut labels = run();
        labels.push((name, value.to_owned()));
        labels
    };
    let workers = exposure.workers;
    let states = [
        ("planned", workers.planned),
        ("ready", workers.ready),
        ("done", workers.done),
        ("missing", workers.missing),
    ];
    let number = |labels, value| Number { labels, value };
    let unmeasured = |count: fn(&Counts) -> u64| {
        let points = exposure.unmeasured.iter().map(|(region, counts)| {
            let mut labels = run();
            labels.extend(region.clone().map(|region| ("region", region)));
            number(labels, count(counts))
        });
        Points::Counter(points.collect())
    };
    [
        Family {
            name: "vajra.run.info",
            help: "The run and its fleet. Always 1.",
            unit: Unit::None,
            points: Points::Gauge(vec![number(with("fleet", &exposure.fleet), 1)]),
        },
        Family {
            name: "vajra.run.ended",
            help: "Whether the run is over: 1 when the other numbers are final.",
            unit: Unit::None,
            points: Points::Gauge(vec![number(run(), u64::from(exposure.ended))]),
        },
        Family {
            name: "vajra.workers",
            help: "Workers of the run by state: planned (all), ready (have prepared), done, missing (not ready at the start, overdue or lost).",
            unit: Unit::Things("{worker}"),
            points: Points::Gauge(
                states
                    .iter()
                    .map(|(state, count)| number(with("state", state), u64::from(*count)))
                    .collect(),
            ),
        },
        Family {
            name: "vajra.arrivals.planned",
            help: "Measured arrivals that were due so far. It is the sum of sent, dropped and missing; a flow is one arrival.",
            unit: Unit::Things("{arrival}"),
            points: Points::Counter(
                exposure
                    .planned
                    .map(|planned| number(run(), planned))
                    .into_iter()
                    .collect(),
            ),
        },
        Family {
            name: "vajra.unmeasured.requests.sent",
            help: "Requests sent in warm-up and cool-down. No other metric counts them.",
            unit: REQUESTS,
            points: unmeasured(|counts| counts.sent),
        },
        Family {
            name: "vajra.unmeasured.requests.dropped",
            help: "Arrivals of warm-up and cool-down that were not sent.",
            unit: REQUESTS,
            points: unmeasured(|counts| counts.dropped),
        },
    ]
}

fn of_requests(exposure: &Exposure) -> [Family; 8] {
    let numbers = |value: fn(&Counts) -> u64| {
        let cells = exposure.cells.iter();
        cells
            .map(|cell| Number {
                labels: cell_labels(exposure, cell),
                value: value(&cell.tally.counts),
            })
            .collect()
    };
    let family = |name, help, points| Family {
        name,
        help,
        unit: REQUESTS,
        points,
    };
    [
        family(
            "vajra.requests.sent",
            "Measured requests handed to a connection, or to the attempt to make one.",
            Points::Counter(numbers(|counts| counts.sent)),
        ),
        family(
            "vajra.requests.completed",
            "Measured requests that were answered and met their success rule.",
            Points::Counter(numbers(|counts| counts.completed)),
        ),
        family(
            "vajra.requests.failed",
            "Measured requests that failed, by kind.",
            Points::Counter(each(exposure, |counts| {
                // The first exposure contains all kinds of failure, because `rate()` ignores the first value of a new
                // series.
                let kinds = Failure::ALL.into_iter();
                kinds
                    .map(|kind| {
                        let count = counts.failed.get(&kind).copied().unwrap_or_default();
                        (vec![("kind", kind.name().to_owned())], count)
                    })
                    .collect()
            })),
        ),
        family(
            "vajra.requests.dropped",
            "Measured arrivals that were never sent: no connection was free within the longest wait.",
            Points::Counter(numbers(|counts| counts.dropped)),
        ),
        family(
            "vajra.requests.in_flight",
            "Measured requests that were sent and have no outcome yet; at the end, those without an outcome.",
            Points::Gauge(numbers(|counts| {
                counts.sent.saturating_sub(counts.completed + counts.failed_total())
            })),
        ),
        Family {
            unit: Unit::Things("{retry}"),
            ..family(
                "vajra.requests.retries",
                "Retries of measured requests that the target had not processed.",
                Points::Counter(numbers(|counts| counts.retries)),
            )
        },
        Family {
            unit: Unit::Things("{response}"),
            ..family(
                "vajra.responses",
                "Answers to measured requests by status and status class, successful or not.",
                Points::Counter(each(exposure, |counts| {
                    let statuses = counts.statuses.iter();
                    statuses
                        .map(|(code, count)| {
                            let labels = vec![("status", code.to_string()), ("status_class", code.class())];
                            (labels, *count)
                        })
                        .collect()
                })),
            )
        },
        Family {
            unit: Unit::Bytes,
            ..family(
                "vajra.response.body",
                "Bytes of response bodies of measured requests.",
                Points::Counter(numbers(|counts| counts.body_bytes)),
            )
        },
    ]
}

fn of_times(exposure: &Exposure) -> [Family; 3] {
    let family = |name, help, of: fn(&Timings) -> &Histogram| Family {
        name,
        help,
        unit: Unit::Seconds,
        points: Points::Histogram(
            exposure
                .cells
                .iter()
                .flat_map(|cell| distributions(exposure, cell, of))
                .collect(),
        ),
    };
    [
        family(
            "vajra.request.latency",
            "Time from when a measured request was due to when it was done, by outcome.",
            |timings| &timings.latency,
        ),
        family(
            "vajra.request.service",
            "Time from when a measured request was sent to when it was done, by outcome.",
            |timings| &timings.service,
        ),
        family(
            "vajra.request.lag",
            "Time from when a measured request was due to when it was sent, by outcome.",
            |timings| &timings.lag,
        ),
    ]
}

fn of_waits(exposure: &Exposure) -> [Family; 3] {
    let family = |name, help, points: Vec<Distribution>| Family {
        name,
        help,
        unit: Unit::Seconds,
        points: Points::Histogram(points),
    };
    let first_bytes = exposure.cells.iter();
    let first_bytes = first_bytes.map(|cell| distribution(cell_labels(exposure, cell), &cell.tally.first_byte));
    let (mut parts, mut steps) = (Vec::new(), Vec::new());
    for waits in &exposure.waits {
        let labels = |more: &[(&'static str, &str)]| {
            let mut labels = run_labels(exposure);
            labels.extend(waits.region.clone().map(|region| ("region", region)));
            labels.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            labels
        };
        let named = waits.lag.named();
        parts.extend(named.map(|(part, histogram)| distribution(labels(&[("part", part)]), histogram)));
        for (origin, opening) in waits.openings.iter() {
            let taken = opening
                .named()
                .into_iter()
                .filter(|(_, histogram)| !histogram.is_empty());
            steps.extend(
                taken.map(|(step, histogram)| distribution(labels(&[("origin", origin), ("step", step)]), histogram)),
            );
        }
    }
    [
        family(
            "vajra.request.first_byte",
            "Time from when a measured request was sent to the first byte of its answer.",
            first_bytes.collect(),
        ),
        family(
            "vajra.lag.parts",
            "The parts of the lag of measured requests: the generator's own lag, waiting for a free connection, and opening \
             a connection.",
            parts,
        ),
        family(
            "vajra.connection.opening",
            "Duration of the steps of opening connections, by origin, including warm-up.",
            steps,
        ),
    ]
}

fn of_flows(exposure: &Exposure) -> [Family; 9] {
    let counter = |name, help, count: fn(&FlowTally) -> u64| Family {
        name,
        help,
        unit: Unit::Things("{flow}"),
        points: Points::Counter(flow_numbers(exposure, count)),
    };
    let times = |name, help, of: fn(&FlowTally) -> &Histogram| {
        let cells = exposure.flows.iter();
        Family {
            name,
            help,
            unit: Unit::Seconds,
            points: Points::Histogram(
                cells
                    .map(|cell| distribution(flow_labels(exposure, cell), of(&cell.tally)))
                    .collect(),
            ),
        }
    };
    [
        counter("vajra.flows.started", "Measured flows that were started.", |flow| {
            flow.started
        }),
        counter(
            "vajra.flows.completed",
            "Measured flows whose last step ended.",
            |flow| flow.completed,
        ),
        counter(
            "vajra.flows.failed",
            "Measured flows that ended at a step that failed, or that no connection was free for.",
            FlowTally::failed_total,
        ),
        counter(
            "vajra.flows.starved",
            "The part of the failed flows for whose next step no connection was free within the longest wait.",
            |flow| flow.starved.values().sum(),
        ),
        counter(
            "vajra.flows.stopped",
            "Measured flows that ended between two steps because the run was stopped.",
            |flow| flow.stopped,
        ),
        counter(
            "vajra.flows.dropped",
            "Measured flows that never started: no connection or session was free within the longest wait.",
            |flow| flow.dropped,
        ),
        Family {
            name: "vajra.flows.in_flight",
            help: "Measured flows that were started and have no end yet; at the end, those without an end.",
            unit: Unit::Things("{flow}"),
            points: Points::Gauge(flow_numbers(exposure, |flow| {
                let ended = flow.completed + flow.failed_total() + flow.stopped;
                flow.started.saturating_sub(ended)
            })),
        },
        times(
            "vajra.flow.latency",
            "Sum of the latencies of the steps of a completed flow, without its pauses.",
            |flow| &flow.latency,
        ),
        times(
            "vajra.flow.session",
            "Time from when a completed flow was due to the end of its last step, with its pauses.",
            |flow| &flow.session,
        ),
    ]
}

fn flow_numbers(exposure: &Exposure, value: fn(&FlowTally) -> u64) -> Vec<Number> {
    let cells = exposure.flows.iter();
    cells
        .map(|cell| Number {
            labels: flow_labels(exposure, cell),
            value: value(&cell.tally),
        })
        .collect()
}

/// Returns the histograms of a cell. The histogram of completed requests is always present. The histogram of failed
/// requests is present only if a request has failed. Most cells have no failures, and each histogram costs one series
/// for each bucket.
fn distributions(exposure: &Exposure, cell: &Cell, of: fn(&Timings) -> &Histogram) -> Vec<Distribution> {
    let RequestTally { completed, failed, .. } = &cell.tally;
    let outcomes = [("completed", of(completed)), ("failed", of(failed))];
    outcomes
        .into_iter()
        .filter(|(outcome, histogram)| *outcome == "completed" || !histogram.is_empty())
        .map(|(outcome, histogram)| {
            let mut labels = cell_labels(exposure, cell);
            labels.push(("outcome", outcome.to_owned()));
            distribution(labels, histogram)
        })
        .collect()
}

fn distribution(labels: Labels, histogram: &Histogram) -> Distribution {
    Distribution {
        labels,
        bucket_counts: bucket_counts(histogram),
        count: histogram.len(),
        sum: histogram.sum() as f64 / 1e9,
    }
}

/// Returns the numbers that `numbers` computes for each cell, with the labels of the cell.
fn each(exposure: &Exposure, numbers: impl Fn(&Counts) -> Vec<(Labels, u64)>) -> Vec<Number> {
    let of_cell = |cell| {
        let own = cell_labels(exposure, cell);
        numbers(&cell.tally.counts)
            .into_iter()
            .map(move |(more, value)| Number {
                labels: own.iter().cloned().chain(more).collect(),
                value,
            })
    };
    exposure.cells.iter().flat_map(of_cell).collect()
}

fn run_labels(exposure: &Exposure) -> Labels {
    vec![("run", exposure.run.clone()), ("scenario", exposure.scenario.clone())]
}

fn cell_labels(exposure: &Exposure, cell: &Cell) -> Labels {
    let mut labels = run_labels(exposure);
    labels.push(("request", cell.request.clone()));
    labels.extend(cell.region.clone().map(|region| ("region", region)));
    labels
}

fn flow_labels(exposure: &Exposure, cell: &FlowCell) -> Labels {
    let mut labels = run_labels(exposure);
    labels.push(("flow", cell.flow.clone()));
    labels.extend(cell.region.clone().map(|region| ("region", region)));
    labels
}

/// Splits metrics into parts. Each part has at most `most` points. The order of the points does not change.
pub fn parts(families: Vec<Family>, most: usize) -> Vec<Vec<Family>> {
    let mut parts = vec![Vec::new()];
    let mut room = most;
    for family in families {
        let mut rest = Some(family);
        while let Some(family) = rest.take() {
            if room == 0 {
                parts.push(Vec::new());
                room = most;
            }
            let (first, more) = cut(family, room);
            room -= first.len();
            if let Some(part) = parts.last_mut() {
                part.push(first);
            }
            rest = more;
        }
    }
    parts
}

/// Splits a metric after its first `at` points. Returns the first part and the second part. The second part is `None`
/// if the metric has at most `at` points.
fn cut(mut family: Family, at: usize) -> (Family, Option<Family>) {
    if family.len() <= at {
        return (family, None);
    }
    let points = match &mut family.points {
        Points::Counter(points) => Points::Counter(points.split_off(at)),
        Points::Gauge(points) => Points::Gauge(points.split_off(at)),
        Points::Histogram(points) => Points::Histogram(points.split_off(at)),
    };
    let rest = Family { points, ..family };
    (family, Some(rest))
}
