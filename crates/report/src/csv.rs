//! Renders the run over time as comma-separated values (RFC 4180, with `\n`). Each line describes one second, or a
//! longer interval of a long run. After the lines of the intervals, each flow has one line with its totals.
//!
//! The column `planned` counts arrivals. The columns `sent`, `completed` and `failed` count requests, because an
//! arrival that is a flow may send several requests. The lines of flows have columns of their own, so the sum of a
//! column never counts flows and requests together.
//!
//! The order of the columns never changes; new columns are added at the end. A cell without data is empty. Examples are
//! counts that no worker reported, and the latency of an interval without answers.

use crate::run_report::RunReport;
use crate::timing::Quantiles;
use std::fmt::Write;
use tally::outcome::Failure;

/// The columns that contain values in the lines of flows.
const FLOW_COLUMNS: [&str; 12] = [
    "flow",
    "flow_started",
    "flow_completed",
    "flow_failed",
    "flow_stopped",
    "flow_in_flight",
    "flow_dropped",
    "flow_p50_ms",
    "flow_p90_ms",
    "flow_p95_ms",
    "flow_p99_ms",
    "flow_max_ms",
];

/// Renders the intervals and flows of a report. Times are in milliseconds.
pub fn render(report: &RunReport) -> String {
    let mut out = String::from(
        "second,planned,sent,completed,failed,dropped,p50_ms,p75_ms,p90_ms,p95_ms,p99_ms,p99_9_ms,p99_99_ms,max_ms,\
         workers,workers_missing",
    );
    for kind in Failure::ALL {
        out.push_str(",failed_");
        out.push_str(kind.name());
    }
    out.push_str(",retries,length_s,");
    out.push_str(&FLOW_COLUMNS.join(","));
    out.push('\n');
    for second in &report.seconds {
        let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let counted = |count: u64| number(second.is_known().then_some(count));
        let latency = &second.latency;
        let timed = |ms: Option<f64>| ms.map_or_else(String::new, |ms| ms.to_string());
        let mut cells = vec![
            second.second.to_string(),
            number(second.planned),
            counted(second.sent),
            counted(second.completed),
            counted(second.failed),
            counted(second.dropped),
        ];
        let quantiles = [
            latency.p50,
            latency.p75,
            latency.p90,
            latency.p95,
            latency.p99,
            latency.p99_9,
            latency.p99_99,
            second.latency_max_ms,
        ];
        cells.extend(quantiles.map(timed));
        cells.extend([second.workers.to_string(), second.workers_missing.to_string()]);
        cells.extend(Failure::ALL.map(|kind| counted(second.failures.get(kind.name()).copied().unwrap_or(0))));
        cells.push(counted(second.retries));
        cells.push(second.length_s.to_string());
        cells.extend(FLOW_COLUMNS.map(|_| String::new()));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", cells.join(","));
    }
    let others = out.lines().next().map_or(0, |head| head.matches(',').count() + 1) - FLOW_COLUMNS.len();
    for flow in &report.flows {
        let timed = |ms: Option<f64>| ms.map_or_else(String::new, |ms| ms.to_string());
        let Quantiles { p50, p90, p95, p99, .. } = flow.latency.quantiles;
        let counts = [
            flow.started,
            flow.completed,
            flow.failed,
            flow.stopped,
            flow.in_flight,
            flow.dropped,
        ];
        let mut cells = vec![String::new(); others];
        cells.push(flow.name.clone());
        cells.extend(counts.map(|count| count.to_string()));
        cells.extend([p50, p90, p95, p99, flow.latency.max_ms].map(timed));
        let _ = writeln!(out, "{}", cells.join(","));
    }
    out
}
