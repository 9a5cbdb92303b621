//! The form of price files, and the stored form of the prices in a plan. Prices are stored as texts, because JSON
//! numbers are read as binary fractions, and a price must be exact.

use crate::cost::prices::{self, Price, PriceError, is_day};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tally::wire::Text;

/// The stored form of the prices of one region, in US dollars.
#[derive(Serialize, Deserialize)]
struct RegionPrices {
    gb_second_arm64: Text<Price>,
    gb_second_x86_64: Text<Price>,
    million_invocations: Text<Price>,
    thousand_puts_and_lists: Text<Price>,
    thousand_gets: Text<Price>,
    gb_to_internet: Text<Price>,
    gb_to_other_region: Text<Price>,
}

impl From<prices::RegionPrices> for RegionPrices {
    fn from(region: prices::RegionPrices) -> RegionPrices {
        let prices::RegionPrices {
            gb_second_arm64,
            gb_second_x86_64,
            million_invocations,
            thousand_puts_and_lists,
            thousand_gets,
            gb_to_internet,
            gb_to_other_region,
        } = region;
        RegionPrices {
            gb_second_arm64: Text(gb_second_arm64),
            gb_second_x86_64: Text(gb_second_x86_64),
            million_invocations: Text(million_invocations),
            thousand_puts_and_lists: Text(thousand_puts_and_lists),
            thousand_gets: Text(thousand_gets),
            gb_to_internet: Text(gb_to_internet),
            gb_to_other_region: Text(gb_to_other_region),
        }
    }
}

impl From<RegionPrices> for prices::RegionPrices {
    fn from(stored: RegionPrices) -> prices::RegionPrices {
        prices::RegionPrices {
            gb_second_arm64: stored.gb_second_arm64.0,
            gb_second_x86_64: stored.gb_second_x86_64.0,
            million_invocations: stored.million_invocations.0,
            thousand_puts_and_lists: stored.thousand_puts_and_lists.0,
            thousand_gets: stored.thousand_gets.0,
            gb_to_internet: stored.gb_to_internet.0,
            gb_to_other_region: stored.gb_to_other_region.0,
        }
    }
}

/// The stored form of the prices in a plan.
#[derive(Serialize, Deserialize)]
pub(super) struct PriceTable {
    as_of: String,
    overridden: Option<String>,
    regions: BTreeMap<String, RegionPrices>,
}

fn each<A, B: From<A>>(regions: BTreeMap<String, A>) -> BTreeMap<String, B> {
    regions
        .into_iter()
        .map(|(region, prices)| (region, prices.into()))
        .collect()
}

impl From<prices::PriceTable> for PriceTable {
    fn from(table: prices::PriceTable) -> PriceTable {
        let prices::PriceTable {
            as_of,
            overridden,
            regions,
        } = table;
        PriceTable {
            as_of,
            overridden,
            regions: each(regions),
        }
    }
}

impl From<PriceTable> for prices::PriceTable {
    fn from(stored: PriceTable) -> prices::PriceTable {
        prices::PriceTable {
            as_of: stored.as_of,
            overridden: stored.overridden,
            regions: each(stored.regions),
        }
    }
}

/// The format number of price files.
const FORMAT: u32 = 1;

const SHAPE: &str = r#"a price file looks like {"format": 1, "as_of": "2025-10-01", "regions": {"us-east-1": {"gb_to_internet": "0.05"}}}; its names are those of crates/plan/src/cost/prices.json"#;

/// The prices of a region in a price file. Any price may be absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SomePrices {
    gb_second_arm64: Option<Text<Price>>,
    gb_second_x86_64: Option<Text<Price>>,
    million_invocations: Option<Text<Price>>,
    thousand_puts_and_lists: Option<Text<Price>>,
    thousand_gets: Option<Text<Price>>,
    gb_to_internet: Option<Text<Price>>,
    gb_to_other_region: Option<Text<Price>>,
}

impl SomePrices {
    /// Completes these prices with the known prices of the same region. If a price is missing in both, the function
    /// fails and returns the name of the first missing price.
    fn over(&self, known: Option<&prices::RegionPrices>) -> Result<prices::RegionPrices, &'static str> {
        type Of = fn(&prices::RegionPrices) -> Price;
        let or = |given: Option<Text<Price>>, of: Of, name| given.map(|given| given.0).or(known.map(of)).ok_or(name);
        Ok(prices::RegionPrices {
            gb_second_arm64: or(self.gb_second_arm64, |known| known.gb_second_arm64, "gb_second_arm64")?,
            gb_second_x86_64: or(
                self.gb_second_x86_64,
                |known| known.gb_second_x86_64,
                "gb_second_x86_64",
            )?,
            million_invocations: or(
                self.million_invocations,
                |known| known.million_invocations,
                "million_invocations",
            )?,
            thousand_puts_and_lists: or(
                self.thousand_puts_and_lists,
                |known| known.thousand_puts_and_lists,
                "thousand_puts_and_lists",
            )?,
            thousand_gets: or(self.thousand_gets, |known| known.thousand_gets, "thousand_gets")?,
            gb_to_internet: or(self.gb_to_internet, |known| known.gb_to_internet, "gb_to_internet")?,
            gb_to_other_region: or(
                self.gb_to_other_region,
                |known| known.gb_to_other_region,
                "gb_to_other_region",
            )?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    format: u32,
    /// The day of the prices in the file, as `YYYY-MM-DD`.
    as_of: String,
    #[serde(default, rename = "sources")]
    _sources: Vec<String>,
    regions: BTreeMap<String, SomePrices>,
}

impl prices::PriceTable {
    /// Returns this table after the prices of a price file have replaced prices of the table.
    ///
    /// # Errors
    /// Fails if the file is not a price file. Also fails if the file adds a new region, and contains only some of the
    /// prices of this region.
    pub fn overridden_by(mut self, json: &[u8]) -> Result<prices::PriceTable, PriceError> {
        let wrong = |problem: String| PriceError { problem, hint: SHAPE };
        let file: PriceFile = serde_json::from_slice(json).map_err(|error| wrong(error.to_string()))?;
        if file.format != FORMAT {
            return Err(wrong(format!(
                "its format is {}, and this version reads {FORMAT}",
                file.format
            )));
        }
        if !is_day(&file.as_of) {
            return Err(wrong(format!("`as_of` is `{}`, not a day", file.as_of)));
        }
        for (region, some) in file.regions {
            let prices = some.over(self.regions.get(&region)).map_err(|missing| PriceError {
                problem: format!("it has no `{missing}` for {region}, which is not in the built-in table"),
                hint: "add every price of a region that is not in the built-in table",
            })?;
            self.regions.insert(region, prices);
        }
        self.overridden = Some(file.as_of);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_unchanged() {
        let table = prices::PriceTable::builtin();
        let json = serde_json::to_string(&PriceTable::from(table.clone())).expect("JSON");
        let read: PriceTable = serde_json::from_str(&json).expect("itself");
        assert_eq!(prices::PriceTable::from(read), table);
        assert!(json.contains(r#""gb_second_arm64":"0.0000133334""#), "{json}");
    }
}
