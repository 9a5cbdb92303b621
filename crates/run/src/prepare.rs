//! Prepares a run, from the request to the published plan. All checks that need no running process are made before any
//! process is started.

use crate::builtin::BuiltinTarget;
use crate::cost::{self, CostChoices, Pricing};
use crate::deployment::Deployment;
use crate::error::{Refused, RunError};
use crate::examine::examine;
use crate::order::{self, Choices};
use crate::{capacity, run_id};
use fleet::crew::Crew;
use fleet::finding::Finding;
use fleet::gather::Gatherer;
use fleet::launch::{StartError, publish};
use fleet::options::FleetOptions;
use plan::cost::PlannedCost;
use plan::plan::Plan;
use plan::scenario::Scenario;
use std::path::PathBuf;
use store::{Location, RunStore, keys};
use worker::clock::Clock;

/// The request for a run.
#[derive(Debug)]
pub struct RunRequest {
    pub scenario: Scenario,
    /// The name of the run; `None` to make a new name.
    pub run: Option<String>,
    pub choices: Choices,
    pub fleet_options: FleetOptions,
    /// The location of the store; `None` for the store of the fleet.
    pub store: Option<String>,
    pub cost: CostChoices,
    /// The program that runs the local workers and the built-in target.
    pub program: PathBuf,
}

/// A run that was checked and planned, and of which nothing is stored yet.
#[derive(Debug)]
pub struct Prepared {
    pub run: String,
    pub deployment: Deployment,
    pub store: RunStore,
    pub clock: Clock,
    pub workers: u32,
    /// The plan, with a placeholder in place of the address of the built-in target.
    pub rough: Plan,
    pub cost: Option<PlannedCost>,
    pub pricing: Pricing,
    asked: RunRequest,
}

/// A run whose workers can be started.
#[derive(Debug)]
pub struct Published {
    pub gatherer: Gatherer,
    /// The crew that starts the workers; `None` if the user or a scheduler starts the workers.
    pub crew: Option<Crew>,
    /// The built-in target, which exits when this value is dropped; `None` if the scenario does not use this target.
    _target: Option<BuiltinTarget>,
}

/// Checks the request and plans the run.
///
/// # Errors
/// Fails if the request is rejected, or if the store or the fleet fails.
pub async fn prepare(asked: RunRequest) -> Result<Prepared, RunError> {
    let (scenario, choices) = (&asked.scenario, &asked.choices);
    order::check(choices)?;
    let run = asked.run.clone().unwrap_or_else(|| run_id::new(&scenario.name));
    keys::check_run_id(&run).map_err(|error| Refused::new(format!("--run {run}: {error}"), error.hint()))?;
    let (options, named) = (&asked.fleet_options, asked.store.as_deref());
    let deployment = Deployment::find(choices.fleet, options, named, scenario, &asked.program).await?;
    deployment.check(scenario)?;
    let clock = Clock::tie(0);
    let store_region = match &deployment.location {
        Location::S3(bucket) => bucket.region(),
        Location::Folder(_) => None,
    };
    let pricing = Pricing::new(&asked.cost, &deployment, store_region)?;
    let store = RunStore::open(&deployment.location).await?;
    let workers = capacity::workers(choices.workers, scenario, &deployment, &store).await?;
    // The first plan contains a placeholder address. So if the scenario cannot be planned, no built-in target is
    // started.
    let order = order::PlanRequest {
        run: run.clone(),
        created: clock.now(),
        workers,
        fleet: &*deployment.fleet,
        builtin_target: order::BUILTIN.to_owned(),
    };
    let rough = order::plan(scenario, choices, order)?;
    Ok(Prepared {
        cost: pricing.price(&rough, scenario),
        run,
        deployment,
        store,
        clock,
        workers,
        rough,
        pricing,
        asked,
    })
}

impl Prepared {
    /// Rejects the run if its expected cost exceeds the user's limit.
    ///
    /// # Errors
    /// Fails if the cost exceeds the limit, or if a price is not known.
    pub fn check_cost(&self) -> Result<(), Refused> {
        cost::check(&self.asked.cost, self.cost.as_ref())
    }

    /// Returns the number of workers that the fleet starts; 0 if the user or a scheduler starts the workers.
    pub fn workers_here(&self) -> u32 {
        match self.deployment.fleet.capabilities().starts_workers {
            true => self.workers,
            false => 0,
        }
    }

    /// Returns whether a launch inspects the fleet before it publishes the plan.
    pub fn is_inspected(&self) -> bool {
        self.deployment.fleet.capabilities().inspected
    }

    /// Checks the store. For a kind of fleet that is inspected before a run, also checks all requirements of the run.
    pub async fn examine(&self) -> Vec<Finding> {
        let answer_timeout = self.rough.timing.start_timeout;
        examine(&self.deployment, &self.rough, &self.store, answer_timeout).await
    }

    /// Starts the built-in target if the scenario uses it, and stores the plan.
    ///
    /// # Errors
    /// Fails if the run is too expensive, or if the built-in target does not start. Also fails if the store fails or
    /// already has a run of this name.
    pub async fn publish(&self) -> Result<Published, RunError> {
        self.check_cost()?;
        let RunRequest {
            scenario,
            choices,
            program,
            ..
        } = &self.asked;
        let target = BuiltinTarget::start(scenario, self.rough.timing.start_timeout, program).await?;
        let order = order::PlanRequest {
            run: self.run.clone(),
            created: self.clock.now(),
            workers: self.workers,
            fleet: &*self.deployment.fleet,
            builtin_target: target.as_ref().map(|target| target.address.clone()).unwrap_or_default(),
        };
        let mut plan = order::plan(scenario, choices, order)?;
        plan.cost = self.cost.clone();
        publish(&self.store, &plan, scenario)
            .await
            .map_err(|error| match error {
                StartError::RunExists { .. } => Refused::new(&error, "leave out --run, or give it another name").into(),
                error => RunError::from(error),
            })?;
        let gatherer = Gatherer::open(&self.store, &self.run).await?;
        let fleet = &self.deployment.fleet;
        let starts_workers = fleet.capabilities().starts_workers;
        let crew = starts_workers.then(|| Crew::new(fleet.clone(), gatherer.record.plan.clone()));
        Ok(Published {
            gatherer,
            crew,
            _target: target,
        })
    }
}
