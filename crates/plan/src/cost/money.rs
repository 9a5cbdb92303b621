//! Amounts of money, as whole nano-dollars. Sums of amounts are exact.

use crate::rate::decimal;
use std::fmt;
use std::iter::Sum;

/// An amount of money in nano-dollars. A nano-dollar is a billionth of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u64);

const NANOS: u64 = 1_000_000_000;

impl Money {
    /// Creates an amount from a number of nano-dollars.
    pub const fn nanodollars(nanos: u64) -> Money {
        Money(nanos)
    }

    /// Returns the amount as a number of nano-dollars.
    pub const fn as_nanodollars(self) -> u64 {
        self.0
    }

    /// Returns the floating-point number of dollars that is nearest to the amount, for machine-readable output. All
    /// digits are exact up to eight million dollars.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / NANOS as f64
    }

    /// Returns the amount that is nearest to a number of dollars. This function is the inverse of [`Money::dollars`].
    pub fn nearest(dollars: f64) -> Money {
        Money((dollars * NANOS as f64).round() as u64)
    }

    /// Parses an amount such as `5usd`, `0.50 usd` or `$5`.
    ///
    /// # Errors
    /// Returns an error text that names the expected form.
    pub fn parse(text: &str) -> Result<Money, String> {
        const WANTED: &str = "write an amount as `5usd` or `$0.50`";
        let trimmed = text.trim();
        let lower = trimmed.to_ascii_lowercase();
        let number = match (trimmed.strip_prefix('$'), lower.strip_suffix("usd")) {
            (Some(number), _) => number,
            (None, Some(number)) => number,
            (None, None) => return Err(format!("`{text}` has no currency; {WANTED}")),
        };
        let exact = decimal(number.trim()).ok_or_else(|| format!("`{text}` is not an amount; {WANTED}"))?;
        let divisor = 10u128.pow(exact.decimals);
        let nanos = exact.digits * u128::from(NANOS);
        if !nanos.is_multiple_of(divisor) {
            return Err(format!("`{text}` is finer than a billionth of a dollar"));
        }
        u64::try_from(nanos / divisor)
            .map(Money)
            .map_err(|_| format!("`{text}` is above the maximum amount"))
    }
}

impl std::ops::Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::default(), std::ops::Add::add)
    }
}

impl fmt::Display for Money {
    /// Formats an amount of at least ten dollars with two decimals, and a smaller amount with at least two significant
    /// digits. The amount is rounded to these digits, and zeros after the second decimal are omitted. Examples are
    /// `$12.35`, `$0.043` and `$0.0000002`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals: u32 = match self.0 {
            0 => return f.write_str("$0"),
            nanos if nanos >= 10 * NANOS => 2,
            nanos if nanos >= NANOS / 100 => 3,
            nanos => 9 - nanos.ilog10() + 1,
        };
        let decimals = decimals.min(9);
        let step = 10u64.pow(9 - decimals);
        let rounded = u128::from(self.0 / step) + u128::from(self.0 % step * 2 >= step);
        let scale = 10u128.pow(decimals);
        let fraction = format!("{:0width$}", rounded % scale, width = decimals as usize);
        // At least two decimals are shown. Further zeros at the end are omitted.
        let shown = fraction.trim_end_matches('0').len().max(2);
        write!(f, "${}.{}", rounded / scale, &fraction[..shown])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_parse_in_their_usual_forms() {
        let check = |text: &str, expected: Result<u64, &str>| match (Money::parse(text), expected) {
            (Ok(money), Ok(nanos)) => assert_eq!(money, Money(nanos), "{text}"),
            (Err(problem), Err(words)) => assert!(problem.contains(words), "{text}: {problem}"),
            (got, wanted) => panic!("{text}: {got:?}, wanted {wanted:?}"),
        };
        check("5usd", Ok(5_000_000_000));
        check("5 USD", Ok(5_000_000_000));
        check("$0.50", Ok(500_000_000));
        check("0.000000001usd", Ok(1));
        check("0usd", Ok(0));
        check("5", Err("no currency; write an amount as `5usd`"));
        check("5eur", Err("no currency"));
        check("-5usd", Err("not an amount"));
        check("usd", Err("not an amount"));
        check("$5usd", Err("not an amount"));
        check("$0.0000000001", Err("finer"));
        check("$99999999999", Err("above the maximum"));
    }

    #[test]
    fn amounts_are_shown_with_their_significant_digits() {
        let check = |nanos: u64, shown: &str| assert_eq!(Money(nanos).to_string(), shown);
        check(0, "$0");
        check(1, "$0.000000001");
        check(200, "$0.0000002");
        check(123_456, "$0.00012");
        check(1_500_000, "$0.0015");
        check(9_999_999, "$0.01");
        check(43_210_000, "$0.043");
        check(999_600_000, "$1.00");
        check(5_250_000_000, "$5.25");
        check(5_254_600_000, "$5.255");
        check(12_345_678_901, "$12.35");
        check(1_234_000_000_000, "$1234.00");
        check(u64::MAX, "$18446744073.71");
    }

    #[test]
    fn a_sum_is_exact_and_never_wraps() {
        let pennies = std::iter::repeat_n(Money(10_000_001), 1_000);
        assert_eq!(pennies.sum::<Money>(), Money(10_000_001_000));
        assert_eq!(Money(u64::MAX) + Money(1), Money(u64::MAX));
        // The machine-readable form has the same digits as the amount.
        let amount = Money(43_123_456_789);
        assert_eq!(amount.dollars().to_string(), "43.123456789");
        assert_eq!(Money::nearest(amount.dollars()), amount);
        assert_eq!(Money::nearest(0.000_000_001_6), Money(2));
    }
}
