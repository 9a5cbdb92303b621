//! The points of a histogram by percentile, for charts.

use crate::show::shown;
use tally::histogram::Histogram;

/// The number of points while 1 / (1 - quantile) grows by a factor of ten. The horizontal axis of HdrHistogram's plots
/// shows this expression on a logarithmic scale.
const POINTS_PER_DECADE: i32 = 10;

/// Returns pairs of a quantile and its value, in ascending order. The list ends with the quantile 1. With more values
/// in the histogram, the list contains more quantiles close to 1.
pub(crate) fn points(values: &Histogram) -> Vec<(f64, f64)> {
    let at = |millionths: u32| shown(values.quantile(millionths));
    let mut points = vec![(0.0, shown(values.min()))];
    for step in 1.. {
        let rest = 10f64.powf(-f64::from(step) / f64::from(POINTS_PER_DECADE));
        // At higher quantiles than this one, less than one value is expected, or the quantile differs from 1 by less
        // than a millionth.
        if rest * (values.len() as f64) < 1.0 || rest < 1e-6 {
            break;
        }
        let millionths = ((1.0 - rest) * 1e6).round() as u32;
        points.push((f64::from(millionths) / 1e6, at(millionths)));
    }
    points.push((1.0, at(1_000_000)));
    points
}
