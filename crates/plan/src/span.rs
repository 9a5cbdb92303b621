//! Durations in their usual text form: `250ms`, `1m30s`, `2h`.

use crate::rate::decimal;
use std::time::Duration;

const WANTED: &str = "write a duration as `250ms`, `30s` or `1m30s`";

/// Parses a duration. A duration is the sum of one or more numbers with a unit (`h`, `m`, `s`, `ms`, `us`, `ns`).
///
/// # Errors
/// Returns an error text that names the expected form.
pub fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("an empty duration; {WANTED}"));
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let unit_length = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_length);
        let nanos: u128 = match unit {
            "h" => 3_600_000_000_000,
            "m" | "min" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" => 1_000,
            "ns" => 1,
            "" => return Err(format!("`{text}` has a number without a unit; {WANTED}")),
            other => return Err(format!("`{other}` is not a unit of time; {WANTED}")),
        };
        let exact = decimal(number).ok_or_else(|| format!("`{text}` is not a duration; {WANTED}"))?;
        let divisor = 10u128.pow(exact.decimals);
        if !(exact.digits * nanos).is_multiple_of(divisor) {
            return Err(format!("`{text}` is finer than a nanosecond"));
        }
        total += exact.digits * nanos / divisor;
        rest = tail.trim_start();
    }
    u64::try_from(total)
        .map(Duration::from_nanos)
        .map_err(|_| format!("`{text}` is longer than the maximum duration"))
}

/// Formats a duration exactly, as a sum of whole numbers with units that [`parse`] accepts: `1m30s`, `250ms`, `0s`.
pub fn show(span: Duration) -> String {
    let mut nanos = span.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    let mut out = String::new();
    for (unit, length) in [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        if nanos >= length {
            out.push_str(&format!("{}{unit}", nanos / length));
            nanos %= length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<u64, &str>) {
        match (parse(text), expected) {
            (Ok(span), Ok(nanos)) => {
                assert_eq!(span, Duration::from_nanos(nanos), "{text}");
                assert_eq!(parse(&show(span)), Ok(span), "{text} round trip");
            }
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{text}: {problem}"),
            (got, wanted) => panic!("{text}: {got:?}, wanted {wanted:?}"),
        }
    }

    #[test]
    fn durations_parse_in_their_usual_forms() {
        check("1m30s", Ok(90_000_000_000));
        check("250ms", Ok(250_000_000));
        check("1.5s", Ok(1_500_000_000));
        check("1h 2m", Ok(3_720_000_000_000));
        check("0s", Ok(0));
        check("10", Err("without a unit"));
        check("10 parsecs", Err("without a unit"));
        check("10parsecs", Err("not a unit of time"));
        check("s", Err("not a duration"));
        check("", Err("empty"));
        check("0.1ns", Err("finer than a nanosecond"));
        check("9999999999h", Err("longer than"));
        check("-1s", Err("without a unit"));
    }
}
