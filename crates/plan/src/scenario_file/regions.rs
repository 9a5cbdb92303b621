//! Reads the regions and their shares of the load.

use super::document::Node;
use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::region::Region;
use crate::rules;
use crate::threshold::share;

/// The share of the whole load, in millionths.
const WHOLE: u64 = 1_000_000;

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<Region>> {
    let Some(entry) = fields.get("regions") else {
        return Some(Vec::new());
    };
    let named = entry.named(reading);
    let read: Vec<Option<Region>> = named
        .iter()
        .map(|(written, name, value)| one(reading, written, name, value))
        .collect();
    let regions: Vec<Region> = read.into_iter().collect::<Option<_>>()?;
    let sum: u64 = regions.iter().map(|region| u64::from(region.share_millionths)).sum();
    if sum != WHOLE && reading.is_clean() {
        let message = format!("the shares add up to {}%, not to 100%", sum as f64 / 10_000.0);
        return reading.problem(
            entry.written,
            message,
            "write `regions: { us-east-1: 60%, eu-west-1: 40% }`",
        );
    }
    Some(regions)
}

fn one(reading: &mut ScenarioReader<'_>, written: &Node, name: &str, value: &Node) -> Option<Region> {
    if !rules::is_region_name(name) {
        let message = format!("`{}` is not a valid region name", name.escape_debug());
        return reading.problem(written, message, "write it as `us-east-1`");
    }
    reading.no_placeholder(name, value)?;
    let text = reading.spelt(name, value)?;
    match share(&text) {
        Ok(0) => reading.problem(value, format!("`{name}` has no share of the load"), "remove it"),
        Ok(share_millionths) => Some(Region {
            name: name.to_owned(),
            share_millionths,
        }),
        Err(fault) => reading.refused(value, &fault),
    }
}
