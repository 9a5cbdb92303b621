//! Numbers as people read them: grouped digits, times with a unit that fits.

/// `1234567` as `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Nanoseconds with three digits: `12.3us`, `250ms`, `1.95s`.
pub fn time(nanos: u64) -> String {
    let (value, unit) = match nanos {
        0 => return "0".to_owned(),
        1..1_000 => (nanos as f64, "ns"),
        1_000..1_000_000 => (nanos as f64 / 1e3, "us"),
        1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    format!("{}{unit}", three(value))
}

/// Arrivals a second.
pub fn rate(per_second: f64) -> String {
    let text = match per_second {
        rate if rate >= 10_000.0 => count(rate.round() as u64),
        rate if rate >= 100.0 => format!("{rate:.1}"),
        rate => format!("{rate:.2}"),
    };
    format!("{text}/s")
}

/// A share in percent, with as many digits as tell it from zero and from everything.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0%".to_owned();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if percent >= 10.0 {
        format!("{percent:.1}%")
    } else {
        format!("{}%", three(percent))
    }
}

/// Three significant digits, without trailing zeros after the point.
fn three(value: f64) -> String {
    let decimals = match value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        value if value >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_clear() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(25_200_000), "25,200,000");
        assert_eq!(time(0), "0");
        assert_eq!(time(950), "950ns");
        assert_eq!(time(12_345), "12.3us");
        assert_eq!(time(250_000_000), "250ms");
        assert_eq!(time(1_950_000_000), "1.95s");
        assert_eq!(rate(499.96), "500.0/s");
        assert_eq!(rate(12_345.6), "12,346/s");
        assert_eq!(rate(0.5), "0.50/s");
        assert_eq!(share(1, 1_000_000), "0.0001%");
        assert_eq!(share(0, 5), "0%");
        assert_eq!(share(1, 3), "33.3%");
        assert_eq!(share(5, 5), "100.0%");
    }
}
