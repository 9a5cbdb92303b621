//! Sends one arrival of a scenario from this machine. The arrival comes from the plan of a run with one worker.

use crate::builtin::BuiltinTarget;
use crate::deployment::Deployment;
use crate::environment;
use crate::error::{Refused, RunError};
use crate::order::{self, BUILTIN, Choices, Workers};
use crate::run_id;
use fleet::launch::publish;
use fleet::local;
use fleet::options::FleetOptions;
use plan::mix::Drawn;
use plan::plan::Plan;
use plan::scenario::Scenario;
use std::path::Path;
use std::sync::Arc;
use store::RunStore;
use worker::clock::Clock;
use worker::secrets::{Account, Variables};
use worker::trial::{Trial, TrialEnd, Tried};

/// The maximum number of arrivals among which the first arrival of a flow or request is searched.
const SEARCHED_MAX: u64 = 1_000_000;

/// The arrival to try, which is the first arrival by default.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The number of the arrival in its population; `None` for the first arrival.
    pub arrival: Option<u64>,
    /// If `arrival` is set, the name of the population that contains the arrival. Otherwise, the name of a flow,
    /// request or population, whose first arrival is tried.
    pub of: Option<String>,
}

/// An arrival that can be sent.
#[derive(Debug)]
pub struct PreparedTrial {
    /// The plan of the population to which the arrival belongs.
    pub plan: Plan,
    /// The seed of the run, from which the seed of the population is computed.
    pub seed: u64,
    pub arrival: u64,
    store: RunStore,
    skips_pauses: bool,
    /// The built-in target, which exits when this value is dropped; `None` if the scenario does not use this target.
    _target: Option<BuiltinTarget>,
}

/// Plans a run of one worker, and finds the wanted arrival in the plan. If the scenario uses the built-in target, this
/// function starts the target.
///
/// # Errors
/// Fails if the scenario cannot be planned or does not have the wanted arrival, or if the built-in target does not
/// start.
pub async fn prepare(
    mut scenario: Scenario,
    wanted: &Wanted,
    skips_pauses: bool,
    program: &Path,
) -> Result<PreparedTrial, RunError> {
    // The requests of a worker do not depend on its region.
    scenario.regions.clear();
    let choices = Choices {
        workers: Workers::Number(1),
        fleet: &local::Kind,
        start_timeout: None,
        min_workers: None,
        restripe: false,
        dead_man: None,
        snapshot_interval: None,
        slice: None,
    };
    let deployment = Deployment::planned(&local::Kind, &FleetOptions::default(), &scenario, program).await?;
    let (run, created) = (run_id::new(&scenario.name), Clock::tie(0).now());
    let planned = |builtin_target: String| {
        let request = order::PlanRequest {
            run: run.clone(),
            created,
            workers: 1,
            fleet: &*deployment.fleet,
            builtin_target,
        };
        order::plan_for_trial(&scenario, &choices, request)
    };
    let rough = planned(BUILTIN.to_owned())?;
    let (population, arrival) = find(&rough, wanted)?;
    let target = BuiltinTarget::start(&scenario, rough.timing.start_timeout, program).await?;
    let plan = match &target {
        Some(target) => planned(target.address.clone())?,
        None => rough,
    };
    let store = RunStore::memory();
    publish(&store, &plan, &scenario).await?;
    Ok(PreparedTrial {
        seed: plan.seed,
        plan: plan.alone(population),
        arrival,
        store,
        skips_pauses,
        _target: target,
    })
}

impl PreparedTrial {
    /// Sends the arrival, and calls `show` for each step of the arrival.
    ///
    /// # Errors
    /// Fails if the arrival could not be sent.
    pub async fn send(&self, show: impl FnMut(Tried)) -> Result<TrialEnd, RunError> {
        let secrets = Account::new(Variables::referenced(&self.plan.secrets));
        let trial = Trial {
            plan: self.plan.clone(),
            arrival: self.arrival,
            skips_pauses: self.skips_pauses,
            allow: Arc::new(environment::allow()?),
            secrets: Arc::new(secrets),
        };
        let ended = worker::trial::run(&self.store, trial, show).await;
        ended.map_err(|problem| Refused::new(problem, "correct this, then try again").into())
    }
}

/// Returns the name of the request or flow of an arrival.
pub fn name(plan: &Plan, arrival: u64) -> &str {
    match plan.mix().drawn(arrival) {
        Drawn::Request(request) => &plan.requests[usize::from(request)].name,
        Drawn::Flow(flow) => &plan.flows[usize::from(flow)].name,
    }
}

/// Finds the wanted arrival. Returns the index of its population, and the number of the arrival.
fn find(plan: &Plan, wanted: &Wanted) -> Result<(usize, u64), Refused> {
    let populations = 0..plan.populations.len();
    let named = |of: &String| populations.clone().find(|index| plan.populations[*index].name == *of);
    let only = || (plan.populations.len() == 1).then_some(0);
    match (wanted.arrival, &wanted.of) {
        (None, None) => Ok((0, 0)),
        (None, Some(of)) => match named(of) {
            Some(population) => Ok((population, 0)),
            None => first_of(plan, of),
        },
        (Some(k), of) => {
            let population = of.as_ref().map_or_else(only, named);
            let population = population.ok_or_else(|| {
                let names: Vec<&str> = plan.populations.iter().map(|one| one.name.as_str()).collect();
                match (of, names.as_slice()) {
                    (_, [""]) => Refused::new(
                        format!("--arrival {k} --of NAME: the scenario has no populations"),
                        "use only one of --arrival and --of",
                    ),
                    _ => Refused::new(
                        format!("--arrival {k}: each population has its own arrival {k}"),
                        format!("add --of NAME with one of: {}", names.join(", ")),
                    ),
                }
            })?;
            // If the population has users, the number of its arrivals depends on the answers, so it is not known in
            // advance.
            match plan.alone(population).arrivals() {
                Some(all) if k >= all => Err(Refused::new(
                    format!("--arrival {k}: the run has {all} arrivals"),
                    format!("arrivals count from 0: use 0 to {}", all.saturating_sub(1)),
                )),
                _ => Ok((population, k)),
            }
        }
    }
}

/// Finds the first arrival of a request, flow or step. Returns the index of its population, and the number of the
/// arrival.
fn first_of(plan: &Plan, wanted: &str) -> Result<(usize, u64), Refused> {
    for population in 0..plan.populations.len() {
        let alone = plan.alone(population);
        let mix = alone.mix();
        let is_wanted = |k: &u64| match mix.drawn(*k) {
            Drawn::Request(request) => alone.requests[usize::from(request)].name == *wanted,
            Drawn::Flow(flow) => {
                let flow = &alone.flows[usize::from(flow)];
                let mut steps = alone.requests[flow.requests.clone()].iter();
                flow.name == *wanted || steps.any(|step| step.name == *wanted)
            }
        };
        let mut searched = 0..alone.arrivals().unwrap_or(SEARCHED_MAX).min(SEARCHED_MAX);
        if let Some(k) = searched.find(is_wanted) {
            return Ok((population, k));
        }
    }
    let flows = plan.flows.iter().map(|flow| flow.name.as_str());
    let requests = plan.requests.iter().filter(|request| !request.is_step());
    let names: Vec<&str> = requests.map(|request| request.name.as_str()).chain(flows).collect();
    Err(Refused::new(
        format!("--of {wanted}: no arrival sends it"),
        format!("name one of: {}", names.join(", ")),
    ))
}
