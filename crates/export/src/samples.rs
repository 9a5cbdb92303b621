//! Converts a metric to the samples of Prometheus. Each sample has a name, labels and one number.

use super::buckets::{BOUNDS_NS, seconds};
use super::metrics::{Distribution, Family, Labels, Number, Points};
use std::iter::once;

/// One value of one series of Prometheus.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub name: String,
    pub labels: Labels,
    pub value: f64,
}

/// Returns the samples of a metric. A number is one sample. A histogram has one sample for each cumulative bucket, one
/// for its sum and one for its count.
pub(super) fn samples(family: &Family) -> Vec<Sample> {
    let name = family.prometheus_name();
    match &family.points {
        Points::Counter(points) | Points::Gauge(points) => points.iter().map(|point| number(&name, point)).collect(),
        Points::Histogram(points) => points.iter().flat_map(|point| distribution(&name, point)).collect(),
    }
}

fn number(name: &str, point: &Number) -> Sample {
    Sample {
        name: name.to_owned(),
        labels: point.labels.clone(),
        value: point.value as f64,
    }
}

fn distribution(name: &str, point: &Distribution) -> Vec<Sample> {
    // Bounds that are whole numbers are written with a decimal point, as Prometheus 3 and later versions write them. So
    // a series has the same labels in every system.
    let bounds = BOUNDS_NS.iter().map(|bound| format!("{:?}", seconds(*bound)));
    let mut seen = 0;
    let buckets = bounds
        .chain(once("+Inf".to_owned()))
        .zip(point.bucket_counts)
        .map(|(bound, count)| {
            seen += count;
            let mut labels = point.labels.clone();
            labels.push(("le", bound));
            Sample {
                name: format!("{name}_bucket"),
                labels,
                value: seen as f64,
            }
        });
    let mut samples: Vec<Sample> = buckets.collect();
    for (part, value) in [("sum", point.sum), ("count", point.count as f64)] {
        samples.push(Sample {
            name: format!("{name}_{part}"),
            labels: point.labels.clone(),
            value,
        });
    }
    samples
}
