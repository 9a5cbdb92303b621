//! Formats numbers for text. Digits are grouped, and times have a suitable unit.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Formats nanoseconds since the Unix epoch as RFC 3339 in UTC, to the millisecond; `None` for times after the year
/// 9999.
pub fn moment(nanos: u64) -> Option<String> {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(nanos / 1_000_000) * 1_000_000).ok()?;
    instant.format(&Rfc3339).ok()
}

/// Formats a time in RFC 3339 in UTC, to the second: `2026-03-01 12:00:02 UTC`.
pub fn instant(moment: &str) -> String {
    match moment.get(..19) {
        Some(seconds) => format!("{} UTC", seconds.replace('T', " ")),
        None => moment.to_owned(),
    }
}

/// The maximum length of external text, in characters. Longer text is cut off.
const LINE_MAX: usize = 2_000;

/// The text that follows the number of retries.
pub(crate) const RETRIED: &str = "of requests that the target had not processed";

/// The text that follows the number of retries if the scenario has flows, because steps of flows may be retried.
pub(crate) const RETRIED_STEPS: &str = "of requests that failed in a flow, or that the target had not processed";

/// Returns whether a character can change how a terminal or a page shows the text around it. Such characters are
/// control characters (C0, DEL, C1), marks of text direction, and separators of lines and paragraphs.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Filters external text, such as a worker's name, a reason, or text of an answer. The result is one line that cannot
/// change the text around it.
pub fn line(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LINE_MAX)
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if is_unsafe(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    if text.chars().nth(LINE_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Filters external text of several lines. Characters that control a terminal are replaced; line breaks and tabs are
/// kept.
pub fn block(text: &str) -> std::borrow::Cow<'_, str> {
    let kept = |c: char| matches!(c, '\n' | '\t') || !is_unsafe(c);
    match text.chars().all(kept) {
        true => text.into(),
        false => text
            .chars()
            .map(|c| if kept(c) { c } else { '\u{fffd}' })
            .collect::<String>()
            .into(),
    }
}

/// Formats `1234567` as `1,234,567`.
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

/// Rounds nanoseconds to three digits. Times of 1,000 s or more are rounded to whole seconds.
///
/// Every format that rounds times rounds each time once, with this function. So a time is the same in all of these
/// formats.
pub(crate) fn rounded(nanos: u64) -> u64 {
    let mut unit = 1;
    while nanos / unit >= 1_000 && unit < 1_000_000_000 {
        unit *= 10;
    }
    nanos.saturating_add(unit / 2) / unit * unit
}

/// Rounds milliseconds like [`rounded`].
pub(crate) fn rounded_ms(ms: f64) -> f64 {
    let size = rounded((ms.abs() * 1e6).round() as u64) as f64 / 1e6;
    size.copysign(ms)
}

/// Formats milliseconds as [`time`] formats nanoseconds.
pub(crate) fn time_of_ms(ms: f64) -> String {
    time((ms * 1e6).round() as u64)
}

/// Formats nanoseconds with three digits: `12.3us`, `250ms`, `1.95s`.
pub fn time(nanos: u64) -> String {
    let (value, unit) = match rounded(nanos) {
        0 => return "0".to_owned(),
        nanos @ 1..1_000 => (nanos as f64, "ns"),
        nanos @ 1_000..1_000_000 => (nanos as f64 / 1e3, "us"),
        nanos @ 1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        nanos => (nanos as f64 / 1e9, "s"),
    };
    format!("{}{unit}", three(value))
}

/// The text that is shown if a value is missing.
pub(crate) const NOTHING: &str = "–";

/// Formats a duration in seconds, to the hundredth: `35 s`, `5.21 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{} s", (seconds * 100.0).round() / 100.0)
}

/// Formats a duration in seconds for pages: `5.2 s`, `2 min 5 s`, `1 h`.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", (seconds * 10.0).round() / 10.0);
    }
    let whole = seconds.round() as u64;
    let parts = [(whole / 3_600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Formats bytes with three digits: `512 B`, `1.23 MB`. The units are powers of 1,000.
pub fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.5 && unit < units.len() - 1 {
        (value, unit) = (value / 1_000.0, unit + 1);
    }
    let number = match value >= 999.5 {
        true => count(value.round() as u64),
        false => three(value),
    };
    format!("{number} {}", units[unit])
}

/// Formats a quantile as a percentile: `50%`, `99.9%`. The number of digits grows with the number of nines. The
/// quantile 1 is `max`.
pub fn percentile(quantile: f64) -> String {
    if quantile >= 1.0 {
        return "max".to_owned();
    }
    let nines = (-(1.0 - quantile).log10() - 1e-9).ceil() as i32;
    let scale = 10f64.powi((nines - 1).clamp(0, 6));
    format!("{}%", (quantile * 100.0 * scale).round() / scale)
}

/// Formats arrivals per second.
pub fn rate(per_second: f64) -> String {
    let text = match per_second {
        rate if rate >= 10_000.0 => count(rate.round() as u64),
        // The number is rounded half up, as in JavaScript.
        rate if rate >= 100.0 => format!("{:.1}", (rate * 10.0).round() / 10.0),
        rate => format!("{:.2}", (rate * 100.0).round() / 100.0),
    };
    format!("{text}/s")
}

/// Rounds arrivals per second like [`rate`].
pub(crate) fn rounded_rate(per_second: f64) -> f64 {
    // Parsing cannot fail, because `rate` wrote the text.
    let text = rate(per_second).replace(',', "");
    text.trim_end_matches("/s").parse().unwrap_or(per_second)
}

/// Converts a share, where 1 is the whole, to percent. The result is rounded like the result of [`share`].
pub(crate) fn percent(share: f64) -> f64 {
    three(share * 100.0).parse().unwrap_or(share * 100.0)
}

/// Returns the number that [`share`] prints; `None` if `whole` is 0.
pub(crate) fn rounded_percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| share(part, whole).trim_end_matches('%').parse().ok())?
}

/// Formats a share in percent, with three significant digits.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0%".to_owned();
    }
    format!("{}%", three(part as f64 / whole as f64 * 100.0))
}

/// Formats three significant digits, without trailing zeros after the point.
pub(crate) fn three(value: f64) -> String {
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

/// Converts nanoseconds to milliseconds, rounded for display, because the script of the page does not round numbers.
pub(crate) fn shown(nanos: u64) -> f64 {
    rounded(nanos) as f64 / 1e6
}

/// Rounds a number to four significant digits. Four digits exceed the precision of a histogram, and make a page a third
/// smaller than all digits do.
pub(crate) fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_text_stays_on_its_line() {
        assert_eq!(line("a\nverdict: passed\t\u{1b}[31m"), "a verdict: passed \u{fffd}[31m");
        assert_eq!(
            line("\u{9b}31m \u{202e}x\u{2066} \u{2028}y \u{7f}\r"),
            "\u{fffd}31m \u{fffd}x\u{fffd} \u{fffd}y \u{fffd}\u{fffd}"
        );
        assert_eq!(line("Größe 日本 – ok"), "Größe 日本 – ok");
        assert_eq!(line(&"x".repeat(3_000)).chars().count(), LINE_MAX + 1);
        assert_eq!(block("a\n\tb"), "a\n\tb");
        assert_eq!(block("a\u{1b}]0;t\u{7}\n"), "a\u{fffd}]0;t\u{fffd}\n");
    }

    #[test]
    fn numbers_are_formatted_with_units() {
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
        assert_eq!(share(5, 5), "100%");
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(duration(5.25), "5.3 s");
        assert_eq!(duration(59.96), "60 s");
        assert_eq!(duration(125.4), "2 min 5 s");
        assert_eq!(duration(7_200.0), "2 h");
        assert_eq!(rate(100.25), "100.3/s");
        assert_eq!(
            [0, 999, 999_499, 1_234_567].map(size),
            ["0 B", "999 B", "999 kB", "1.23 MB"]
        );
        assert_eq!(size(1_234_000_000_000_000), "1,234 TB");
        let percentiles = [0.0, 0.5, 0.125, 0.9, 0.95, 0.995, 0.9999, 1.0].map(percentile);
        assert_eq!(
            percentiles,
            ["0%", "50%", "13%", "90%", "95%", "99.5%", "99.99%", "max"]
        );
        assert_eq!(instant("2026-03-01T12:00:02.345Z"), "2026-03-01 12:00:02 UTC");
        assert_eq!(seconds(35.0), "35 s");
        assert_eq!(seconds(5.214_999), "5.21 s");
    }

    #[test]
    fn rounding_twice_equals_rounding_once() {
        assert_eq!(time(999_600), "1ms");
        assert_eq!(time(7_384_999), "7.38ms");
        assert_eq!(time(1_234_567_000_000), "1235s");
        assert!((rounded_ms(7.384_999) - 7.38).abs() < 1e-12 && (rounded_ms(-0.012_345) + 0.012_3).abs() < 1e-12);
        let mut nanos = 1;
        while nanos < 5_000_000_000_000 {
            let once = rounded(nanos);
            assert_eq!(rounded(once), once, "{nanos}");
            assert_eq!(time(once), time(nanos), "{nanos}");
            nanos += nanos / 17 + 1;
        }
    }
}
