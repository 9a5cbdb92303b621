//! A chart of the latencies of two runs by percentile.

use super::sample::RunSample;
use crate::distribution_points::points;
use crate::page::escape;
use crate::show::{percentile, time_of_ms};
use tally::histogram::Histogram;

/// The size of the chart, and the widths of the margins for its axes.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 40.0;
/// The minimum latency on the chart, in milliseconds. A minimum is required because a logarithmic axis has no zero.
const LEAST_MS: f64 = 0.001;

/// The latency of both runs by percentile, for all requests or for the requests of one name.
#[derive(Clone, Debug)]
pub struct Overlay {
    pub request: Option<String>,
    a: Vec<(f64, f64)>,
    b: Vec<(f64, f64)>,
}

/// Returns a chart of all requests. If both runs have several names in common, also returns a chart for each of these
/// names. A chart is omitted if one of the runs has no latencies for it.
pub(super) fn overlays(a: &RunSample, b: &RunSample, common: &[(&str, usize, usize)]) -> Vec<Overlay> {
    let whole = (None, &a.whole().latency, &b.whole().latency);
    let mut overlays: Vec<Overlay> = overlay(whole.0, whole.1, whole.2).into_iter().collect();
    for (name, in_a, in_b) in common.iter().filter(|_| common.len() > 1) {
        overlays.extend(overlay(
            Some((*name).to_owned()),
            &a.sum_of(*in_a).latency,
            &b.sum_of(*in_b).latency,
        ));
    }
    overlays
}

fn overlay(request: Option<String>, a: &Histogram, b: &Histogram) -> Option<Overlay> {
    (!a.is_empty() && !b.is_empty()).then(|| Overlay {
        request,
        a: points(a),
        b: points(b),
    })
}

/// The scales of the chart.
struct Scales {
    /// The number of nines at the right end of the horizontal axis. The maximum is drawn at this end.
    nines: f64,
    /// The bounds of the vertical axis, as decimal logarithms of milliseconds.
    low: f64,
    high: f64,
}

impl Scales {
    fn new(overlay: &Overlay) -> Scales {
        let both = || overlay.a.iter().chain(&overlay.b);
        let below_one = both().map(|(quantile, _)| *quantile).filter(|quantile| *quantile < 1.0);
        let least = both().map(|(_, ms)| ms.max(LEAST_MS)).fold(f64::MAX, f64::min);
        let most = both().map(|(_, ms)| ms.max(LEAST_MS)).fold(0.0, f64::max);
        Scales {
            nines: nines(below_one.fold(0.0, f64::max)).max(1.0) + 0.2,
            low: (least.log10() * 4.0).floor() / 4.0,
            high: (most.log10() * 4.0).floor() / 4.0 + 0.25,
        }
    }

    fn x(&self, quantile: f64) -> f64 {
        LEFT + nines(quantile).min(self.nines) / self.nines * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, ms: f64) -> f64 {
        let share = (ms.max(LEAST_MS).log10() - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }

    /// Returns the latencies that the vertical axis labels: 1, 2 and 5 of each decade, or only the decades if the range
    /// is wide.
    fn times(&self) -> Vec<f64> {
        let steps: &[f64] = if self.high - self.low > 3.0 {
            &[1.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        (self.low.floor() as i32..=self.high.ceil() as i32)
            .flat_map(|decade| steps.iter().map(move |step| step * 10f64.powi(decade)))
            .filter(|ms| (self.low - 1e-9..=self.high + 1e-9).contains(&ms.log10()))
            .collect()
    }
}

/// Returns the number of nines of a quantile: 0.9 has one nine, 0.99 has two.
fn nines(quantile: f64) -> f64 {
    if quantile >= 1.0 {
        f64::INFINITY
    } else {
        -(1.0 - quantile).log10()
    }
}

/// The quantiles that the horizontal axis labels.
const MARKED: [f64; 8] = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.999_99, 1.0];

impl Overlay {
    /// Returns the chart as SVG. The lines of the two runs differ in dashes as well as in colour.
    pub(super) fn svg(&self) -> String {
        let scales = Scales::new(self);
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        let mut marks = String::new();
        let is_shown = |quantile: &f64| *quantile >= 1.0 || nines(*quantile) < scales.nines - 0.1;
        for quantile in MARKED.into_iter().filter(is_shown) {
            let (x, foot, name) = (scales.x(quantile), bottom + 14.0, percentile(quantile));
            marks += &format!(
                "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
                 <text x=\"{x:.1}\" y=\"{foot}\" text-anchor=\"middle\">{name}</text>"
            );
        }
        for ms in scales.times() {
            let (y, end, foot) = (scales.y(ms), LEFT - 6.0, scales.y(ms) + 3.5);
            marks += &format!(
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
                 <text x=\"{end}\" y=\"{foot:.1}\" text-anchor=\"end\">{}</text>",
                time_of_ms(ms)
            );
        }
        let line = |class: &str, points: &[(f64, f64)]| {
            let places: Vec<String> = points
                .iter()
                .map(|(quantile, ms)| format!("{:.1},{:.1}", scales.x(*quantile), scales.y(*ms)))
                .collect();
            format!("<polyline class=\"{class}\" points=\"{}\"/>", places.join(" "))
        };
        let (middle_x, middle_y) = (LEFT.midpoint(right), TOP.midpoint(bottom));
        let foot = HEIGHT - 8.0;
        format!(
            "<svg class=\"overlay\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">{marks}{}{}\
             <text x=\"{middle_x}\" y=\"{foot}\" text-anchor=\"middle\">percentile</text>\
             <text transform=\"translate(12 {middle_y}) rotate(-90)\" text-anchor=\"middle\">latency, logarithmic</text>\
             <polyline class=\"a\" points=\"{LEFT},10 {},10\"/><text x=\"{}\" y=\"13.5\">A</text>\
             <polyline class=\"b\" points=\"{},10 {},10\"/><text x=\"{}\" y=\"13.5\">B</text></svg>",
            escape(&self.in_words()),
            line("a", &self.a),
            line("b", &self.b),
            LEFT + 24.0,
            LEFT + 30.0,
            LEFT + 60.0,
            LEFT + 84.0,
            LEFT + 90.0,
        )
    }

    fn in_words(&self) -> String {
        let at = |points: &[(f64, f64)], quantile: f64| {
            let point = points.iter().find(|(known, _)| *known >= quantile - 1e-9);
            point.map_or(String::new(), |(_, ms)| time_of_ms(*ms))
        };
        let side = |name: &str, points: &[(f64, f64)]| {
            let (p50, p99, most) = (at(points, 0.5), at(points, 0.99), at(points, 1.0));
            format!("{name} p50 {p50}, p99 {p99}, max {most}")
        };
        format!("latency by percentile: {}; {}", side("A", &self.a), side("B", &self.b))
    }
}
