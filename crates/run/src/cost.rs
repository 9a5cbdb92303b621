//! Estimates the cost of a run, and checks the cost against the user's limit.

use crate::deployment::Deployment;
use crate::error::Refused;
use fleet::{follow, heartbeat, launch};
use plan::cost::money::Money;
use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, FleetShape, FunctionShape, PlannedCost};
use plan::plan::Plan;
use plan::scenario::Scenario;
use plan::usage::estimate::{Assumptions, Habits, estimate};
use report::cost::expected;
use std::path::PathBuf;
use worker::shard;

/// The region whose prices are used if the region of the functions is unknown. Every AWS account can use this region.
const REGION: &str = "us-east-1";
/// The memory of a function in MB if the memory is unknown. A function with this memory gets one processor.
const MEMORY_MB: u32 = 1_769;

/// The options that affect the price of a run, and the user's cost limit.
#[derive(Clone, Debug, Default)]
pub struct CostChoices {
    pub max_cost: Option<Money>,
    /// A file with prices that replace the built-in prices.
    pub prices: Option<PathBuf>,
    /// The memory of the function; `None` for the value of the deployed function.
    pub memory_mb: Option<u32>,
    /// The processor of the function; `None` for the value of the deployed function.
    pub architecture: Option<Architecture>,
}

/// The prices and the fleet from which the cost of a run is computed. The prices are read and checked before the run is
/// planned.
#[derive(Debug)]
pub struct Pricing {
    prices: PriceTable,
    /// The functions of the fleet; `None` if the fleet has no functions, in which case a plan costs nothing.
    fleet: Option<FleetShape>,
    /// Whether the prices are those of [`REGION`], because the region of the functions is unknown.
    pub guessed: bool,
}

impl Pricing {
    /// Reads the prices, and takes the facts that affect the price from the fleet.
    ///
    /// # Errors
    /// Fails if the file with prices cannot be used.
    pub fn new(choices: &CostChoices, deployment: &Deployment, store_region: Option<&str>) -> Result<Pricing, Refused> {
        let prices = prices(choices)?;
        let Some(paid_by) = &deployment.fleet.capabilities().price else {
            return Ok(Pricing {
                prices,
                fleet: None,
                guessed: false,
            });
        };
        let architecture = choices.architecture.or(paid_by.architecture);
        let mut fleet = FleetShape::single(
            paid_by.region.as_deref().unwrap_or(REGION),
            choices.memory_mb.or(paid_by.memory_mb).unwrap_or(MEMORY_MB),
            architecture.unwrap_or(Architecture::Arm64),
        );
        if let Some(store_region) = store_region {
            store_region.clone_into(&mut fleet.store_region);
        }
        Ok(Pricing {
            prices,
            fleet: Some(fleet),
            guessed: paid_by.region.is_none(),
        })
    }

    /// Estimates the cost of a plan; `None` if the plan costs nothing.
    pub fn price(&self, plan: &Plan, scenario: &Scenario) -> Option<PlannedCost> {
        let fleet = self.fleet.as_ref()?;
        let blobs = scenario
            .blobs
            .iter()
            .map(|(sha256, bytes)| (sha256.clone(), bytes.len() as u64))
            .collect();
        Some(estimate(plan, &placed(fleet, plan), &habits(), &blobs, &self.prices))
    }

    /// Returns the estimate as one line of text.
    pub fn line(&self, cost: &PlannedCost) -> String {
        let guess = match self.guessed {
            true => "; prices of us-east-1, because no region is set",
            false => "",
        };
        format!("{}{guess}", expected(cost))
    }
}

/// Returns the fleet with a function in each region of the plan. These functions differ only in their regions and their
/// shards.
fn placed(fleet: &FleetShape, plan: &Plan) -> FleetShape {
    if plan.regions.is_empty() {
        return fleet.clone();
    }
    let placed = plan.regions.iter().filter(|region| !region.shards.is_empty());
    FleetShape {
        functions: placed
            .map(|region| FunctionShape {
                region: region.name.clone(),
                shards: region.shards.clone(),
                ..fleet.functions[0].clone()
            })
            .collect(),
        ..fleet.clone()
    }
}

/// The maximum size of a file with prices, in bytes. A table of prices has some hundred lines.
const PRICES_BYTES_MAX: u64 = 1 << 20;

fn prices(choices: &CostChoices) -> Result<PriceTable, Refused> {
    let builtin = PriceTable::builtin();
    let Some(path) = &choices.prices else {
        return Ok(builtin);
    };
    let named = format!("--prices {}", path.display());
    let json = store::plain_file::read(path, PRICES_BYTES_MAX)
        .map_err(|error| Refused::new(format!("{named}: {error}"), "name a price file that can be read"))?;
    builtin
        .overridden_by(&json)
        .map_err(|error| Refused::new(format!("{named}: {error}"), error.hint))
}

/// Rejects a run if its expected cost exceeds the user's limit, or if the user set a limit and a price is not known.
pub fn check(choices: &CostChoices, cost: Option<&PlannedCost>) -> Result<(), Refused> {
    let (Some(most), Some(cost)) = (choices.max_cost, cost) else {
        return Ok(());
    };
    if !cost.unpriced.is_empty() {
        let problem = format!(
            "--max-cost {most}: no prices are known for {}, so the limit cannot be checked",
            cost.unpriced.join(", ")
        );
        let hint = "give the prices of the region with --prices FILE, or leave out --max-cost";
        return Err(Refused::new(problem, hint));
    }
    let total = cost.estimate.total();
    if total > most {
        let problem = format!("the run is expected to cost {total}, more than --max-cost {most}");
        let hint = "raise --max-cost, or send less: a shorter load, fewer workers, or less --memory-mb; \
                    `vajra-cloud plan` shows the cost of each part";
        return Err(Refused::new(problem, hint));
    }
    Ok(())
}

/// Returns the polling intervals and other constants of this version on which the number of store requests of a run
/// depends.
fn habits() -> Habits {
    Habits {
        start_lead: launch::START_LEAD,
        start_poll: store::POLL_INTERVAL,
        stop_poll: shard::STOP_POLL,
        ready_poll: store::POLL_INTERVAL,
        follow_poll: follow::POLL,
        clock_poll: shard::CLOCK_POLL,
        clock_timeout: shard::CLOCK_PATIENCE,
        heartbeats: heartbeat::BEATS,
        probe_writers: store::PROBE_WRITERS,
        assumptions: Assumptions::default(),
    }
}
