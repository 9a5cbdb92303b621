//! Renders latency in the two text formats of HdrHistogram's tools.
//!
//! The format `.hgrm` is the percentile distribution that `outputPercentileDistribution` prints. This format has five
//! lines for each halving of the distance to 100%, and its values are in milliseconds. The format `.hlog` is an
//! interval log with one interval for each second, or for each longer interval of a long run. Source: HdrHistogram's
//! `Histogram.java` and `HistogramLogWriter.java`.

use crate::run_report::RunReport;
use std::fmt::Write;
use tally::histogram::{Histogram, SLOTS_PER_DOUBLING};
use tally::interval_log;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The number of lines for each halving of the distance to 100%.
const TICKS_PER_HALF: f64 = 5.0;

/// Returns the distribution of the measured latency of all requests.
pub fn distribution(report: &RunReport) -> String {
    let values = &report.total.latency.values;
    let mut out = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    // Writing to a string cannot fail.
    let _ = lines(&mut out, values).and_then(|()| footer(&mut out, values));
    out
}

fn lines(out: &mut String, values: &Histogram) -> std::fmt::Result {
    let total = values.len();
    let (mut counted, mut level) = (0u64, 0.0f64);
    for (value, count) in values.values() {
        counted += count;
        let ms = value as f64 / 1e6;
        // Write one line for each level that this value reaches. The last value reaches all remaining levels.
        while level <= counted as f64 / total as f64 {
            writeln!(out, "{ms:12.6} {level:2.12} {counted:10} {:14.2}", 1.0 / (1.0 - level))?;
            level = next(level);
            if counted == total {
                return writeln!(out, "{ms:12.6} {:2.12} {counted:10}", 1.0);
            }
        }
    }
    Ok(())
}

/// Returns the percentile level after `level`. Each halving of the remaining distance to 100% is divided into five
/// steps.
fn next(level: f64) -> f64 {
    let halves = (1.0 / (1.0 - level)).log2().floor();
    let ticks = TICKS_PER_HALF * 2f64.powf(halves + 1.0);
    level + 1.0 / ticks
}

fn footer(out: &mut String, values: &Histogram) -> std::fmt::Result {
    let mean = values.mean();
    let squares: f64 = values
        .values()
        .map(|(value, count)| (value as f64 - mean).powi(2) * count as f64)
        .sum();
    let deviation = (squares / values.len().max(1) as f64).sqrt();
    writeln!(
        out,
        "#[Mean    = {:12.6}, StdDeviation   = {:12.6}]\n#[Max     = {:12.6}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]",
        mean / 1e6,
        deviation / 1e6,
        values.max() as f64 / 1e6,
        values.len(),
        tally::histogram::DOUBLINGS,
        SLOTS_PER_DOUBLING,
    )
}

/// Returns an interval log of the latency of every interval with answers, including the intervals of warm-up. Values
/// are in nanoseconds.
pub fn log(report: &RunReport) -> String {
    let started = report.started.as_deref();
    let start = started
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .and_then(|instant| u64::try_from(instant.unix_timestamp_nanos()).ok());
    let intervals = report.seconds.iter();
    let intervals = intervals.map(|interval| (interval.second..interval.end(), &interval.values));
    interval_log::of_intervals(start.unwrap_or(0), intervals)
}
