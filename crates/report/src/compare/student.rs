//! Quantiles of Student's t distribution.
//!
//! Source: Abramowitz and Stegun, Handbook of Mathematical Functions, formulas 26.7.3 and 26.7.4, which are closed
//! forms for integer degrees of freedom.

use std::f64::consts::PI;

/// An upper bound of all quantiles that this file computes. For one degree of freedom, P(|t| < 10⁹) equals 1 to nine
/// digits.
const FARTHEST: f64 = 1e9;
/// The number of halvings of the binary search. After this number, the search has the precision of a double.
const HALVINGS: u32 = 120;

/// Returns P(|t| < `x`) for a t distribution with `degrees` degrees of freedom. `degrees` is at least 1.
fn within(x: f64, degrees: u32) -> f64 {
    let angle = (x / f64::from(degrees).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let square = cosine * cosine;
    // The factors advance in steps of two: 2/3, 4/5, … for odd degrees, and 1/2, 3/4, … for even degrees.
    let series = |first: f64, mut factor: u32| {
        let (mut term, mut sum) = (first, first);
        while factor + 2 <= degrees {
            term *= square * f64::from(factor - 1) / f64::from(factor);
            sum += term;
            factor += 2;
        }
        sum
    };
    match (degrees % 2, degrees) {
        (0, _) => sine * series(1.0, 2),
        (_, 1) => angle * 2.0 / PI,
        _ => (angle + sine * series(cosine, 3)) * 2.0 / PI,
    }
}

/// Returns the x for which P(|t| < x) = `confidence`, for a t distribution with `degrees` degrees of freedom. `degrees`
/// is at least 1.
pub(super) fn quantile(confidence: f64, degrees: u32) -> f64 {
    let (mut low, mut high) = (0.0, FARTHEST);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if within(middle, degrees) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_equal_those_of_printed_tables() {
        for (confidence, degrees, expected) in [
            (0.95, 1, 12.7062),
            (0.95, 2, 4.3027),
            (0.95, 3, 3.1824),
            (0.95, 4, 2.7764),
            (0.95, 10, 2.2281),
            (0.99, 7, 3.4995),
            (0.99, 20, 2.8453),
            (0.999, 5, 6.8688),
            (0.999, 60, 3.4602),
        ] {
            let found = quantile(confidence, degrees);
            assert!((found - expected).abs() < 1e-4, "{confidence} {degrees}: {found}");
        }
    }
}
