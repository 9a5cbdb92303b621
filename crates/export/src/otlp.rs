//! Encodes metrics as OTLP.
//!
//! Source: OpenTelemetry Protocol 1.x, `opentelemetry/proto/{collector/metrics,metrics,resource,common}/v1`. This file
//! defines only the fields that are sent or read, with the field numbers of the protocol. Sums and histograms are
//! cumulative since the start of the run (T0). Histograms have explicit bounds.

use super::buckets::{BOUNDS_NS, seconds};
use super::exposure::Exposure;
use super::metrics::{Distribution, Family, Labels, Number, Points, families, parts};
use prost::{Message, Oneof};

/// The path of the metrics service in gRPC.
pub const GRPC_PATH: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/// The maximum number of points in one request. A histogram takes about 1 kB, and receivers of gRPC accept 4 MiB by
/// default.
const POINTS_MAX: usize = 2_000;

/// The value of `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: i32 = 2;

#[derive(Clone, PartialEq, Message)]
pub struct ExportRequest {
    #[prost(message, repeated, tag = "1")]
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    pub partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
pub struct PartialSuccess {
    #[prost(int64, tag = "1")]
    pub rejected_data_points: i64,
    #[prost(string, tag = "2")]
    pub error_message: String,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Value", tags = "1")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Value {
    #[prost(string, tag = "1")]
    Text(String),
}

#[derive(Clone, PartialEq, Message)]
struct ScopeMetrics {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    unit: String,
    #[prost(oneof = "Data", tags = "5, 7, 9")]
    data: Option<Data>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Data {
    #[prost(message, tag = "5")]
    Gauge(Gauge),
    #[prost(message, tag = "7")]
    Sum(Sum),
    #[prost(message, tag = "9")]
    Histogram(Histogram),
}

#[derive(Clone, PartialEq, Message)]
struct Gauge {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<NumberPoint>,
}

#[derive(Clone, PartialEq, Message)]
struct Sum {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<NumberPoint>,
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
    #[prost(bool, tag = "3")]
    is_monotonic: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<HistogramPoint>,
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
}

#[derive(Clone, PartialEq, Message)]
struct NumberPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(oneof = "NumberValue", tags = "6")]
    value: Option<NumberValue>,
    #[prost(message, repeated, tag = "7")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Oneof)]
enum NumberValue {
    #[prost(sfixed64, tag = "6")]
    Whole(i64),
}

#[derive(Clone, PartialEq, Message)]
struct HistogramPoint {
    #[prost(fixed64, tag = "2")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    count: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(fixed64, repeated, tag = "6")]
    bucket_counts: Vec<u64>,
    #[prost(double, repeated, tag = "7")]
    explicit_bounds: Vec<f64>,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
}

/// Returns the requests of an exposure, in the order in which they must be sent.
pub fn requests(exposure: &Exposure) -> Vec<ExportRequest> {
    parts(families(exposure), POINTS_MAX)
        .into_iter()
        .map(|families| ExportRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(resource(exposure)),
                scope_metrics: vec![ScopeMetrics {
                    scope: Some(Scope {
                        name: "vajra-cloud".to_owned(),
                        version: env!("CARGO_PKG_VERSION").to_owned(),
                    }),
                    metrics: families.iter().map(|family| metric(exposure, family)).collect(),
                }],
            }],
        })
        .collect()
}

/// Returns the resource of an exposure. The labels of the points contain the name of the run too. Receivers such as
/// Prometheus store the attributes of a resource separately from the numbers.
fn resource(exposure: &Exposure) -> Resource {
    let attributes = [
        ("service.name", "vajra-cloud"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", &exposure.run),
        ("vajra.run", &exposure.run),
        ("vajra.scenario", &exposure.scenario),
        ("vajra.fleet", &exposure.fleet),
    ];
    Resource {
        attributes: attributes
            .into_iter()
            .map(|(key, value)| attribute(key, value))
            .collect(),
    }
}

fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::Text(value.to_owned())),
        }),
    }
}

fn attributes(labels: &Labels) -> Vec<KeyValue> {
    labels.iter().map(|(key, value)| attribute(key, value)).collect()
}

fn metric(exposure: &Exposure, family: &Family) -> Metric {
    let numbers = |points: &[Number]| points.iter().map(|point| number(exposure, point)).collect();
    let data = match &family.points {
        Points::Counter(points) => Data::Sum(Sum {
            data_points: numbers(points),
            aggregation_temporality: CUMULATIVE,
            is_monotonic: true,
        }),
        Points::Gauge(points) => Data::Gauge(Gauge {
            data_points: numbers(points),
        }),
        Points::Histogram(points) => Data::Histogram(Histogram {
            data_points: points.iter().map(|point| distribution(exposure, point)).collect(),
            aggregation_temporality: CUMULATIVE,
        }),
    };
    Metric {
        name: family.name.to_owned(),
        description: family.help.to_owned(),
        unit: family.unit.code().to_owned(),
        data: Some(data),
    }
}

fn number(exposure: &Exposure, point: &Number) -> NumberPoint {
    NumberPoint {
        start_time_unix_nano: exposure.started.min(exposure.at),
        time_unix_nano: exposure.at,
        value: Some(NumberValue::Whole(i64::try_from(point.value).unwrap_or(i64::MAX))),
        attributes: attributes(&point.labels),
    }
}

fn distribution(exposure: &Exposure, point: &Distribution) -> HistogramPoint {
    HistogramPoint {
        start_time_unix_nano: exposure.started.min(exposure.at),
        time_unix_nano: exposure.at,
        count: point.count,
        sum: Some(point.sum),
        bucket_counts: point.bucket_counts.to_vec(),
        explicit_bounds: BOUNDS_NS.iter().map(|bound| seconds(*bound)).collect(),
        attributes: attributes(&point.labels),
    }
}
