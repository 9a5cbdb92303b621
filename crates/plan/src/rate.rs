//! The rate of a load: a number of arrivals per time, stored as an integer.
//!
//! A rate is stored as a whole number of arrivals per 1,000 hours. In this unit, `0.001/s`, `100/min` and `1/h` are
//! whole numbers, so the rates of a scenario are never rounded.

use std::fmt;

/// A number of arrivals per 1,000 hours, which are 3,600,000 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// The number of seconds in the unit of a rate.
    pub const UNIT_SECONDS: u64 = 3_600_000;
    /// The maximum rate: ten million arrivals per second. The arithmetic of due times is proved correct up to this
    /// rate.
    pub const MAX: Rate = Rate::per_second(10_000_000);
    /// The rate of a load without arrivals.
    pub const ZERO: Rate = Rate(0);

    /// Creates a rate from a number of arrivals per 1,000 hours, the unit in which rates are stored.
    pub const fn per_1000_hours(arrivals: u64) -> Rate {
        Rate(arrivals)
    }

    /// Creates a rate from a whole number of arrivals per second.
    pub const fn per_second(arrivals: u64) -> Rate {
        Rate(arrivals * Self::UNIT_SECONDS)
    }

    /// Returns the number of arrivals per 1,000 hours, the unit in which rates are stored.
    pub const fn arrivals_per_1000_hours(self) -> u64 {
        self.0
    }

    /// Returns the number of arrivals per second, for display.
    pub fn as_per_second(self) -> f64 {
        self.0 as f64 / Self::UNIT_SECONDS as f64
    }

    /// Parses a rate such as `2500/s`, `90k/min` or `1.5M/h`. A rate consists of a number, an optional `k` (thousand)
    /// or `M` (million), a slash and a unit (`s`, `sec`, `second`, `m`, `min`, `minute`, `h`, `hour`). `m` always means
    /// minute, and is never a multiplier.
    ///
    /// # Errors
    /// Returns an error text that names the problem and the expected form.
    pub fn parse(text: &str) -> Result<Rate, String> {
        const WANTED: &str = "write a rate as `2500/s`, `90k/min` or `40/h`";
        let (number, unit) = text
            .trim()
            .split_once('/')
            .ok_or_else(|| format!("a rate needs a unit; {WANTED}"))?;
        let (unit, unit_name, per_1000_hours): (_, _, u128) = match unit.trim() {
            "s" | "sec" | "second" => ("s", "second", 3_600_000),
            "m" | "min" | "minute" => ("min", "minute", 60_000),
            "h" | "hour" => ("h", "hour", 1_000),
            other => return Err(format!("`{other}` is not a unit of a rate; {WANTED}")),
        };
        let number = number.trim();
        let (digits, multiplier) = number.split_at(number.find(char::is_alphabetic).unwrap_or(number.len()));
        let digits = digits.trim();
        let exact = decimal(digits).ok_or_else(|| format!("`{number}` is not a number; {WANTED}"))?;
        let scale = match multiplier {
            "" => 1,
            "k" | "K" => 1_000,
            "M" => 1_000_000,
            "m" => {
                return Err(format!(
                    "the `m` of `{}` means minutes, not millions; use `{digits}M/{unit}` for {digits} million a \
                     {unit_name}, or `{digits}/min` for {digits} a minute",
                    text.trim()
                ));
            }
            other => {
                return Err(format!(
                    "`{other}` is not a multiplier of a rate; use `{digits}k/{unit}` for {digits} thousand a \
                     {unit_name}, or `{digits}M/{unit}` for {digits} million"
                ));
            }
        };
        let scaled = exact.digits * scale * per_1000_hours;
        let divisor = 10u128.pow(exact.decimals);
        if !scaled.is_multiple_of(divisor) {
            return Err(format!(
                "`{text}` is finer than the smallest rate step, one arrival in 1,000 hours; use fewer decimals"
            ));
        }
        let rate = scaled / divisor;
        if rate > u128::from(Rate::MAX.0) {
            return Err(format!("`{text}` is above the largest rate, {}", Rate::MAX));
        }
        Ok(Rate(rate as u64))
    }

    /// Parses a rate of a stored plan. Older versions accepted both `m` and `M` for a million.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`Rate::parse`], except for the multiplier `m`.
    pub(crate) fn parse_stored(text: &str) -> Result<Rate, String> {
        match text.split_once('/') {
            Some((number, unit)) => match number.trim_end().strip_suffix('m') {
                Some(digits) => Rate::parse(&format!("{digits}M/{unit}")),
                None => Rate::parse(text),
            },
            None => Rate::parse(text),
        }
    }
}

/// A decimal number: all its digits, and the number of digits after the decimal point.
pub(crate) struct Decimal {
    pub digits: u128,
    pub decimals: u32,
}

/// Parses a decimal number such as `12`, `12.5` or `1_000`. The number has at most 18 digits, no sign and no exponent.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits: String = format!("{whole}{fraction}").replace('_', "");
    if whole.is_empty() || digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let decimals = fraction.replace('_', "").len() as u32;
    Some(Decimal {
        digits: digits.parse().ok()?,
        decimals,
    })
}

impl fmt::Display for Rate {
    /// Formats the exact rate: per second if three decimals are enough, otherwise per minute if three decimals are
    /// enough, and otherwise per hour.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, per_1000_hours) in [("s", 3_600_000), ("min", 60_000), ("h", 1_000)] {
            if self.0.is_multiple_of(per_1000_hours / 1_000) {
                let thousandths = self.0 / (per_1000_hours / 1_000);
                let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
                if rest == 0 {
                    return write!(f, "{whole}/{unit}");
                }
                let fraction = format!("{rest:03}");
                return write!(f, "{whole}.{}/{unit}", fraction.trim_end_matches('0'));
            }
        }
        write!(f, "{}/1000h", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        match Rate::parse(text) {
            Ok(rate) => assert_eq!(rate.to_string(), shown, "{text}"),
            Err(problem) => assert!(problem.contains(shown), "{text}: {problem}"),
        }
    }

    #[test]
    fn rates_parse_in_their_usual_forms_and_stay_exact() {
        check("2500/s", "2500/s");
        check("90k/min", "1500/s");
        check("100/min", "100/min");
        check("1.5M/h", "25000/min");
        check("10M/s", "10000000/s");
        check("2 K / m", "2000/min");
        check("0.001/s", "0.001/s");
        check("7 / h", "7/h");
        check("1_000/s", "1000/s");
        check("0/s", "0/s");
    }

    #[test]
    fn an_invalid_rate_is_rejected_with_the_expected_form() {
        check("2500", "needs a unit");
        check("2500/d", "`d` is not a unit");
        check("fast/s", "is not a number");
        check("-1/s", "is not a number");
        check("1./s", "is not a number");
        check("0.00000001/h", "finer than the smallest");
        check("11M/s", "above the largest");
        check("999999999999999999M/s", "above the largest");
    }

    #[test]
    fn an_unknown_multiplier_is_rejected_with_the_expected_form() {
        check(
            "10m/s",
            "use `10M/s` for 10 million a second, or `10/min` for 10 a minute",
        );
        check(" 1.5 m / hour ", "the `m` of `1.5 m / hour` means minutes");
        check("1.5m/hour", "use `1.5M/h` for 1.5 million a hour, or `1.5/min`");
        check("11m/s", "means minutes");
        for letter in ["g", "G", "B", "t", "e3", "kk", "kM", "mio", "%", "µ"] {
            let wrong = Rate::parse(&format!("5{letter}/s")).unwrap_err();
            let wanted = match letter {
                "%" => "`5%` is not a number; write a rate as `2500/s`",
                _ => "is not a multiplier of a rate; use `5k/s` for 5 thousand a second, or `5M/s` for 5 million",
            };
            assert!(wrong.contains(wanted), "{letter}: {wrong}");
        }
    }
}
