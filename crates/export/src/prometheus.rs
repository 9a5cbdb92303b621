//! Renders metrics as text for scrapers.
//!
//! Source: Prometheus, "Exposition formats", text-based format 0.0.4. Every version of Prometheus reads this format.
//! OpenMetrics adds exemplars and creation times, which a run of some minutes does not require.
//!
//! ```text
//! # HELP name text        text: \ and line feed escaped
//! # TYPE name kind
//! name{label="value"} 1   value: \, " and line feed escaped
//! ```

use super::metrics::{Family, Points};
use super::samples::samples;
use std::fmt::Write;

/// The media type of the text that [`render`] returns.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns metrics in the text format of Prometheus.
pub fn render(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        let name = family.prometheus_name();
        let kind = match family.points {
            Points::Counter(_) => "counter",
            Points::Gauge(_) => "gauge",
            Points::Histogram(_) => "histogram",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {}", help(family.help));
        let _ = writeln!(text, "# TYPE {name} {kind}");
        for sample in samples(family) {
            let labels: Vec<String> = sample
                .labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", label(value)))
                .collect();
            let _ = writeln!(text, "{}{{{}}} {}", sample.name, labels.join(","), sample.value);
        }
    }
    text
}

fn help(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn label(value: &str) -> String {
    help(value).replace('"', "\\\"")
}
