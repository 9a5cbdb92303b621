//! The prices of AWS by region. The program contains a table of prices with a date, and a file can override the prices
//! of the table ([`PriceTable::overridden_by`]).
//!
//! The table contains the prices of the first tier of AWS. The prices include neither the free tier nor discounts.

use crate::cost::money::Money;
use crate::rate::decimal;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The price table that the program contains.
const BUILTIN: &str = include_str!("prices.json");

/// A price in pico-dollars. A pico-dollar is a trillionth of a US dollar. Nano-dollars would be too coarse, because the
/// prices of GB-seconds have fractions of a nano-dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(u64);

/// The number of pico-dollars in a dollar.
const PICOS: u64 = 1_000_000_000_000;

impl Price {
    /// Returns the cost of `quantity` if this price buys the quantity `unit`. The cost is rounded up to a whole
    /// nano-dollar.
    pub fn of(self, quantity: u64, unit: u64) -> Money {
        let picos = u128::from(quantity) * u128::from(self.0);
        let nanos = picos.div_ceil(u128::from(unit) * 1_000);
        Money::nanodollars(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Price {
    /// Formats the price in US dollars with as many decimals as necessary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / PICOS, self.0 % PICOS);
        let text = format!("{whole}.{fraction:012}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Price {
    type Err = String;

    fn from_str(text: &str) -> Result<Price, String> {
        let price = decimal(text).and_then(|exact| {
            let (picos, divisor) = (exact.digits * u128::from(PICOS), 10u128.pow(exact.decimals));
            let exact = picos.is_multiple_of(divisor).then(|| picos / divisor);
            exact.and_then(|picos| u64::try_from(picos).ok()).map(Price)
        });
        price.ok_or_else(|| {
            format!("`{text}` is not a price; write US dollars as text, such as \"0.09\", with at most 12 decimals")
        })
    }
}

/// The prices of one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionPrices {
    /// The price of one second of a function with 1 GB (1,024 MB) of memory.
    pub gb_second_arm64: Price,
    pub gb_second_x86_64: Price,
    pub million_invocations: Price,
    /// The price of a thousand requests to S3 Standard that write or list.
    pub thousand_puts_and_lists: Price,
    /// The price of a thousand requests to S3 Standard that read. Requests that find nothing are included.
    pub thousand_gets: Price,
    /// The price of one GB (2^30 bytes) that leaves the region for the Internet.
    pub gb_to_internet: Price,
    pub gb_to_other_region: Price,
}

/// The prices of several regions, and the day of these prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    /// The day of the prices, as `YYYY-MM-DD`.
    pub as_of: String,
    /// The day of the price file that overrides some of the prices; `None` without such a file.
    pub overridden: Option<String>,
    pub(crate) regions: BTreeMap<String, RegionPrices>,
}

/// An error in a price file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PriceError {
    pub(crate) problem: String,
    pub hint: &'static str,
}

impl PriceTable {
    /// Returns the price table that the program contains.
    pub fn builtin() -> PriceTable {
        let empty = PriceTable {
            as_of: String::new(),
            overridden: None,
            regions: BTreeMap::new(),
        };
        let table = empty.overridden_by(BUILTIN.as_bytes());
        let table = table.unwrap_or_else(|problem| unreachable!("our own prices: {problem}"));
        PriceTable {
            as_of: table.overridden.unwrap_or_default(),
            overridden: None,
            ..table
        }
    }

    /// Returns the prices of a region; `None` if the table does not contain the region.
    pub fn region(&self, region: &str) -> Option<&RegionPrices> {
        self.regions.get(region)
    }

    /// Returns the prices of a region. For a region that the table does not contain, each price is the highest price of
    /// all regions.
    pub fn or_highest(&self, region: &str) -> RegionPrices {
        self.region(region).copied().unwrap_or_else(|| {
            let dearest =
                |price: fn(&RegionPrices) -> Price| self.regions.values().map(price).max().unwrap_or(Price(0));
            RegionPrices {
                gb_second_arm64: dearest(|prices| prices.gb_second_arm64),
                gb_second_x86_64: dearest(|prices| prices.gb_second_x86_64),
                million_invocations: dearest(|prices| prices.million_invocations),
                thousand_puts_and_lists: dearest(|prices| prices.thousand_puts_and_lists),
                thousand_gets: dearest(|prices| prices.thousand_gets),
                gb_to_internet: dearest(|prices| prices.gb_to_internet),
                gb_to_other_region: dearest(|prices| prices.gb_to_other_region),
            }
        })
    }

    /// Returns a smaller table with the prices of the given regions. For a region that the table does not contain, each
    /// price is the highest price of all regions. The plan of a run contains the smaller table, so that the report uses
    /// the same prices as the estimate.
    pub fn of<'a>(&self, regions: impl Iterator<Item = &'a str>) -> PriceTable {
        PriceTable {
            as_of: self.as_of.clone(),
            overridden: self.overridden.clone(),
            regions: regions
                .map(|region| (region.to_owned(), self.or_highest(region)))
                .collect(),
        }
    }

    /// Returns the names of the regions in the table.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    /// Returns the day of the prices as a text for people.
    pub fn day(&self) -> String {
        match &self.overridden {
            Some(day) => format!("{}, some overridden by a file of {day}", self.as_of),
            None => self.as_of.clone(),
        }
    }
}

/// Returns whether a text has the form `YYYY-MM-DD`, with a year from 2000, a month from 1 to 12, and a day from 1 to
/// 31.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| match part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) {
        true => part.parse().unwrap_or(0),
        false => 0u32,
    };
    match parts.as_slice() {
        [year, month, day] => {
            number(year, 4) >= 2000 && (1..=12).contains(&number(month, 2)) && (1..=31).contains(&number(day, 2))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_has_the_documented_prices() {
        let table = PriceTable::builtin();
        assert!(is_day(&table.as_of), "{}", table.as_of);
        let home = table.region("us-east-1").expect("us-east-1");
        // A GB-second is the use of 1,024 MB for 1,000 ms. Its prices are 13,333.4 and 16,666.7 nano-dollars, which are
        // rounded up.
        assert_eq!(home.gb_second_arm64.of(1, 1), Money::nanodollars(13_334));
        assert_eq!(home.gb_second_arm64.of(10, 1), Money::nanodollars(133_334));
        assert_eq!(home.gb_second_x86_64.of(10, 1), Money::nanodollars(166_667));
        assert_eq!(home.million_invocations.of(1, 1_000_000), Money::nanodollars(200));
        assert_eq!(home.thousand_gets.of(1_000, 1_000), Money::nanodollars(400_000));
        for region in table.regions() {
            let prices = table.or_highest(region);
            assert!(prices.gb_second_arm64 < prices.gb_second_x86_64, "{region}");
            assert!(prices.gb_to_other_region < prices.gb_to_internet, "{region}");
            assert!(prices.thousand_gets < prices.thousand_puts_and_lists, "{region}");
        }
    }

    #[test]
    fn a_file_overrides_only_the_prices_that_it_contains() {
        let file = br#"{"format": 1, "as_of": "2026-11-01", "regions": {"us-east-1": {"gb_to_internet": "0.05"}}}"#;
        let (builtin, table) = (PriceTable::builtin(), PriceTable::builtin().overridden_by(file));
        let table = table.expect("a good file");
        let (before, after) = (builtin.or_highest("us-east-1"), table.or_highest("us-east-1"));
        assert_eq!(after.gb_to_internet.of(1, 1), Money::nanodollars(50_000_000));
        assert_eq!(
            RegionPrices {
                gb_to_internet: before.gb_to_internet,
                ..after
            },
            before
        );
        assert_eq!(table.region("eu-west-1"), builtin.region("eu-west-1"));
        assert_eq!(
            table.day(),
            format!("{}, some overridden by a file of 2026-11-01", builtin.as_of)
        );
    }

    #[test]
    fn an_invalid_file_is_rejected_with_a_hint() {
        let check = |file: &str, words: &str| {
            let error = PriceTable::builtin().overridden_by(file.as_bytes()).expect_err(file);
            assert!(error.to_string().contains(words), "{file}: {error}");
            assert!(!error.hint.is_empty());
        };
        let with = |prices: &str| format!(r#"{{"format": 1, "as_of": "2026-11-01", "regions": {prices}}}"#);
        check("", "EOF");
        check("[]", "invalid length");
        check(
            r#"{"format": 2, "as_of": "2026-11-01", "regions": {}}"#,
            "its format is 2",
        );
        check(r#"{"format": 1, "as_of": "yesterday", "regions": {}}"#, "not a day");
        check(
            &with(r#"{"us-east-1": {"gb_second": "1"}}"#),
            "unknown field `gb_second`",
        );
        check(&with(r#"{"us-east-1": {"gb_to_internet": 0.05}}"#), "expected a string");
        check(
            &with(r#"{"us-east-1": {"gb_to_internet": "cheap"}}"#),
            "`cheap` is not a price",
        );
        check(
            &with(r#"{"us-east-1": {"gb_to_internet": "-1"}}"#),
            "`-1` is not a price",
        );
        check(
            &with(r#"{"us-east-1": {"gb_to_internet": "0.0000000000001"}}"#),
            "12 decimals",
        );
        check(
            &with(r#"{"mars-1": {"gb_to_internet": "1"}}"#),
            "no `gb_second_arm64` for mars-1",
        );
    }

    #[test]
    fn an_unknown_region_gets_the_highest_prices() {
        let table = PriceTable::builtin();
        assert_eq!(table.region("mars-1"), None);
        let dearest = table.or_highest("mars-1");
        for region in table.regions() {
            let prices = table.or_highest(region);
            assert!(prices.gb_to_internet <= dearest.gb_to_internet);
            assert!(prices.thousand_gets <= dearest.thousand_gets);
        }
        let kept = table.of(["mars-1"].into_iter());
        assert_eq!(kept.region("mars-1"), Some(&dearest));
    }
}
