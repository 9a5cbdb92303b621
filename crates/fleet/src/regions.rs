//! Fleets in several regions, as one: a worker starts in the region that the plan has for it.

use crate::fleet::{Fleet, LaunchError, Launching, Limits};
use std::collections::BTreeMap;
use std::sync::Arc;
use tally::account::Receipt;
use worker::shard::Assignment;

/// One fleet for each region.
#[derive(Debug)]
pub struct Regions {
    fleets: BTreeMap<String, Arc<dyn Fleet>>,
    /// Where workers are that have no region.
    home: String,
}

impl Regions {
    /// Fleets by the names of their regions, of which one is the home; `None` if it is not there.
    pub fn new(fleets: BTreeMap<String, Arc<dyn Fleet>>, home: &str) -> Option<Regions> {
        fleets.contains_key(home).then(|| Regions {
            home: home.to_owned(),
            fleets,
        })
    }
}

impl Fleet for Regions {
    fn name(&self) -> &'static str {
        self.fleets[&self.home].name()
    }

    /// What they can run together; a plan that overfills one of them is told so at its start.
    fn limits(&self) -> Limits {
        let limits = self.fleets.values().map(|fleet| fleet.limits());
        limits
            .reduce(|all, one| Limits {
                workers_max: all.workers_max + one.workers_max,
                lifetime_max: match (all.lifetime_max, one.lifetime_max) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                },
            })
            .unwrap_or_else(|| unreachable!("there is a home"))
    }

    fn receipts(&self) -> Vec<Receipt> {
        self.fleets.values().flat_map(|fleet| fleet.receipts()).collect()
    }

    fn under_way(&self) -> usize {
        self.fleets.values().map(|fleet| fleet.under_way()).sum()
    }

    fn launch(&self, assignment: Assignment, region: Option<&str>) -> Launching {
        let region = region.unwrap_or(&self.home);
        match self.fleets.get(region) {
            Some(fleet) => fleet.launch(assignment, Some(region)),
            None => {
                let problem = format!("the fleet has no region {region}");
                Box::pin(async move { Err(LaunchError::Other { problem }) })
            }
        }
    }
}
