//! Encodes metrics for Prometheus's remote write.
//!
//! Source: the Prometheus Remote-Write 1.0 specification. A request is a `WriteRequest` of `prometheus/prompb`, encoded
//! as protobuf and in Snappy's block format. The labels of a series are sorted by name. Times are milliseconds since
//! the Unix epoch.

use super::exposure::Exposure;
use super::metrics::{Family, Points, families};
use super::samples::{Sample, samples};
use prost::Message;

/// The headers that the protocol requires in every request.
pub const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/x-protobuf"),
    ("content-encoding", "snappy"),
    ("x-prometheus-remote-write-version", "0.1.0"),
];

/// The maximum number of series in one request. Prometheus itself sends requests with this number of series, so
/// receivers can be expected to accept them.
const SERIES_MAX: usize = 2_000;

#[derive(Clone, PartialEq, Message)]
pub(super) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub timeseries: Vec<TimeSeries>,
    #[prost(message, repeated, tag = "3")]
    pub metadata: Vec<Metadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    pub labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<TimedValue>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Message)]
pub(super) struct Label {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct TimedValue {
    #[prost(double, tag = "1")]
    pub value: f64,
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Metadata {
    #[prost(enumeration = "Kind", tag = "1")]
    pub kind: i32,
    #[prost(string, tag = "2")]
    pub family: String,
    #[prost(string, tag = "4")]
    pub help: String,
    #[prost(string, tag = "5")]
    pub unit: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(super) enum Kind {
    Unknown = 0,
    Counter = 1,
    Gauge = 2,
    Histogram = 3,
}

/// Returns the request bodies of an exposure, in the order in which they must be sent.
pub fn bodies(exposure: &Exposure) -> Vec<Vec<u8>> {
    requests(exposure)
        .iter()
        .map(|request| {
            let plain = request.encode_to_vec();
            snap::raw::Encoder::new()
                .compress_vec(&plain)
                .unwrap_or_else(|_| unreachable!("a request of {SERIES_MAX} series is far below 4 GiB"))
        })
        .collect()
}

fn requests(exposure: &Exposure) -> Vec<WriteRequest> {
    let families = families(exposure);
    let timestamp = i64::try_from(exposure.at / 1_000_000).unwrap_or(i64::MAX);
    let series: Vec<TimeSeries> = families
        .iter()
        .flat_map(samples)
        .map(|sample| timeseries(sample, timestamp))
        .collect();
    let mut requests: Vec<WriteRequest> = series
        .chunks(SERIES_MAX)
        .map(|part| WriteRequest {
            timeseries: part.to_vec(),
            metadata: Vec::new(),
        })
        .collect();
    if let Some(first) = requests.first_mut() {
        first.metadata = families.iter().map(metadata).collect();
    }
    requests
}

fn timeseries(sample: Sample, timestamp: i64) -> TimeSeries {
    let label = |name: &str, value| Label {
        name: name.to_owned(),
        value,
    };
    let mut labels: Vec<Label> = sample
        .labels
        .into_iter()
        .map(|(name, value)| label(name, value))
        .collect();
    labels.push(label("__name__", sample.name));
    labels.sort();
    TimeSeries {
        labels,
        samples: vec![TimedValue {
            value: sample.value,
            timestamp,
        }],
    }
}

fn metadata(family: &Family) -> Metadata {
    let kind = match family.points {
        Points::Counter(_) => Kind::Counter,
        Points::Gauge(_) => Kind::Gauge,
        Points::Histogram(_) => Kind::Histogram,
    };
    Metadata {
        kind: kind.into(),
        family: family.prometheus_name(),
        help: family.help.to_owned(),
        unit: String::new(),
    }
}
