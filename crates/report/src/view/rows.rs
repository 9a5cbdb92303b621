//! The rows of two tables of a page: requests by name or region, and flows by name.

use crate::run_report::{FlowReport, FlowStepReport, RequestReport};
use crate::show::{rounded_ms, rounded_percent, rounded_rate, size};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The results of the requests of one name, of one population or of one region, or of all requests.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RequestRow {
    name: String,
    sent: u64,
    completed: u64,
    failed: u64,
    /// The failed requests as a share of the sent requests, in percent, rounded.
    failed_percent: Option<f64>,
    dropped: u64,
    retries: u64,
    failures: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
    body_bytes: u64,
    /// `body_bytes` as text.
    received: String,
    rate_per_s: f64,
    p50: Option<f64>,
    p90: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    p99_9: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    service_p50: Option<f64>,
    service_p99: Option<f64>,
    first_byte_p50: Option<f64>,
    first_byte_p99: Option<f64>,
    lag_p99: Option<f64>,
}

pub(crate) fn row(request: &RequestReport) -> RequestRow {
    let (latency, service, lag) = (&request.latency, &request.service, &request.lag);
    RequestRow {
        name: request.name.clone(),
        sent: request.sent,
        completed: request.completed,
        failed: request.failed,
        failed_percent: rounded_percent(request.failed, request.sent),
        dropped: request.dropped,
        retries: request.retries,
        failures: request.failures.clone(),
        statuses: request.statuses.clone(),
        body_bytes: request.body_bytes,
        received: size(request.body_bytes),
        rate_per_s: rounded_rate(request.rate_per_s),
        p50: latency.quantiles.p50.map(rounded_ms),
        p90: latency.quantiles.p90.map(rounded_ms),
        p95: latency.quantiles.p95.map(rounded_ms),
        p99: latency.quantiles.p99.map(rounded_ms),
        p99_9: latency.quantiles.p99_9.map(rounded_ms),
        max: latency.max_ms.map(rounded_ms),
        mean: latency.mean_ms.map(rounded_ms),
        service_p50: service.quantiles.p50.map(rounded_ms),
        service_p99: service.quantiles.p99.map(rounded_ms),
        first_byte_p50: request.first_byte.quantiles.p50.map(rounded_ms),
        first_byte_p99: request.first_byte.quantiles.p99.map(rounded_ms),
        lag_p99: lag.quantiles.p99.map(rounded_ms),
    }
}

/// The results of the flows of one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FlowRow {
    name: String,
    started: u64,
    completed: u64,
    failed: u64,
    /// The failed flows as a share of the started flows, in percent, rounded.
    failed_percent: Option<f64>,
    /// The number of failed flows whose next step found no free connection.
    starved: u64,
    stopped: u64,
    in_flight: u64,
    dropped: u64,
    rate_per_s: f64,
    /// Percentiles of the latency of a completed flow. This latency is the sum of the latencies of the steps of the
    /// flow.
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
    /// Percentiles of the time of a completed flow, including the pauses between its steps.
    session_p50: Option<f64>,
    session_p95: Option<f64>,
    session_max: Option<f64>,
    steps: Vec<FlowStepReport>,
}

pub(crate) fn flow_row(flow: &FlowReport) -> FlowRow {
    let (latency, session) = (&flow.latency, &flow.session);
    FlowRow {
        name: flow.name.clone(),
        started: flow.started,
        completed: flow.completed,
        failed: flow.failed,
        failed_percent: rounded_percent(flow.failed, flow.started),
        starved: flow.starved,
        stopped: flow.stopped,
        in_flight: flow.in_flight,
        dropped: flow.dropped,
        rate_per_s: rounded_rate(flow.rate_per_s),
        p50: latency.quantiles.p50.map(rounded_ms),
        p95: latency.quantiles.p95.map(rounded_ms),
        p99: latency.quantiles.p99.map(rounded_ms),
        max: latency.max_ms.map(rounded_ms),
        session_p50: session.quantiles.p50.map(rounded_ms),
        session_p95: session.quantiles.p95.map(rounded_ms),
        session_max: session.max_ms.map(rounded_ms),
        steps: flow.steps.clone(),
    }
}
