//! Renders the run over time as comma-separated values (RFC 4180, with `\n`). Each line is one second, or a longer
//! interval of a long run.
//!
//! The column `planned` counts arrivals. The other columns count requests: an arrival that is a flow may send several
//! requests.
//!
//! The order of the columns never changes; new columns are added at the end. A cell is empty if it has no data. This
//! applies to counts that no worker reported, and to the latency of an interval without answers.

use crate::run_report::RunReport;
use std::fmt::Write;
use tally::outcome::Failure;

/// Renders the intervals of a report. Times are in milliseconds.
pub fn render(report: &RunReport) -> String {
    let mut out = String::from(
        "second,planned,sent,completed,failed,dropped,p50_ms,p75_ms,p90_ms,p95_ms,p99_ms,p99_9_ms,p99_99_ms,max_ms,\
         workers,workers_missing",
    );
    for kind in Failure::ALL {
        out.push_str(",failed_");
        out.push_str(kind.name());
    }
    out.push_str(",retries,length_s\n");
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
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", cells.join(","));
    }
    out
}
