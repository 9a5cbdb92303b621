//! What requests are made of, besides the plan: bodies and feeds, fetched once before the start.

use plan::plan::Plan;
use plan::scenario_file::csv::Sheet;
use std::collections::BTreeMap;
use store::{RunStore, keys};

/// Bodies and feeds of a run, in memory.
#[derive(Clone, Debug, Default)]
pub struct Supplies {
    /// Whole files by the SHA-256 of their content.
    pub bodies: BTreeMap<String, bytes::Bytes>,
    /// The feeds of the plan, in its order.
    pub feeds: Vec<Sheet>,
}

impl Supplies {
    /// Fetches what the plan names.
    ///
    /// # Errors
    /// A sentence that says what is missing or damaged.
    pub(crate) async fn fetch(store: &RunStore, plan: &Plan) -> Result<Supplies, String> {
        let mut supplies = Supplies::default();
        for sha256 in &plan.data {
            let key = keys::data(&plan.run, sha256);
            let bytes = match store.get(&key).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Err(format!("{key} is not in the store")),
                Err(error) => return Err(format!("{key} could not be read: {error}")),
            };
            supplies.bodies.insert(sha256.clone(), bytes);
        }
        for feed in &plan.feeds {
            let bytes = supplies
                .bodies
                .get(&feed.blob)
                .ok_or_else(|| format!("feed {} has no file", feed.name))?;
            let sheet = Sheet::read(bytes).map_err(|problem| format!("feed {}: {problem}", feed.name))?;
            if sheet.rows() as u64 != feed.rows {
                return Err(format!(
                    "feed {} has {} rows, and {} are planned",
                    feed.name,
                    sheet.rows(),
                    feed.rows
                ));
            }
            supplies.feeds.push(sheet);
        }
        Ok(supplies)
    }
}
