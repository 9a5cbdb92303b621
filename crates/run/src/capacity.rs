//! Computes the number of workers that a load requires, from the stored calibration of its mix.

use crate::deployment::Deployment;
use crate::error::{Refused, RunError};
use crate::order::Workers;
use fleet::finding::{Finding, FindingState};
use plan::flow::Flow;
use plan::plan::Plan;
use plan::population::Schedules;
use plan::scenario::{Limits, Load, Population, Request, Scenario, Spacing};
use plan::{sha256, wire};
use report::show::rate;
use store::documents::{Calibration, Document};
use store::{RunStore, StoreError, keys};

/// The maximum share of its calibrated rate that a worker should send.
const HEADROOM: f64 = 0.8;

/// The parts of a scenario on which the rate of one worker depends.
pub(crate) struct MixToCalibrate<'a> {
    requests: &'a [Request],
    flows: &'a [Flow],
    limits: &'a Limits,
    populations: &'a [Population],
    peaks: &'a Peaks,
}

/// The numbers of arrivals in the busiest seconds of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    /// The number of arrivals in the busiest second of each population. These numbers assume even spacing, so that they
    /// do not depend on the seed of a run. A calibration sends all populations together in the proportion of these
    /// numbers.
    pub weights: Vec<u64>,
    /// The number of arrivals in the busiest second of the whole load.
    pub busiest: u64,
    /// The lowest total rate at which a calibration, which uses the proportion of `weights`, reaches the busiest second
    /// of every population. This rate exceeds `busiest` if the populations are busiest at different times.
    pub needed: u64,
}

impl<'a> MixToCalibrate<'a> {
    pub(crate) fn of_scenario(scenario: &'a Scenario, peaks: &'a Peaks) -> MixToCalibrate<'a> {
        MixToCalibrate {
            requests: &scenario.requests,
            flows: &scenario.flows,
            limits: &scenario.limits,
            populations: &scenario.populations,
            peaks,
        }
    }

    fn of_plan(plan: &'a Plan, peaks: &'a Peaks) -> MixToCalibrate<'a> {
        MixToCalibrate {
            requests: &plan.requests,
            flows: &plan.flows,
            limits: &plan.limits,
            populations: &plan.populations,
            peaks,
        }
    }
}

/// Returns the key of a calibration: a digest of the requests, the flows, the limits, the transport, and the name and
/// the memory of the fleet. If the mix has several populations, the digest also includes the names of the populations
/// and the proportion of their busiest seconds.
pub(crate) fn mark(mix: &MixToCalibrate<'_>, deployment: &Deployment) -> String {
    let price = deployment.fleet.capabilities().price.as_ref();
    let memory_mb = price.and_then(|price| price.memory_mb);
    mark_on(mix, (deployment.fleet.name(), memory_mb))
}

fn mark_on(mix: &MixToCalibrate<'_>, fleet: (&str, Option<u32>)) -> String {
    let requests: Vec<wire::request::Request> = mix.requests.iter().cloned().map(Into::into).collect();
    let limits = wire::transport::Limits::from(mix.limits.clone());
    let flows = || -> Vec<wire::flow::Flow> { mix.flows.iter().cloned().map(Into::into).collect() };
    let transport = |population: &Population| wire::transport::Transport::from(population.transport);
    let json = match (mix.populations, mix.flows) {
        // For a mix without flows, the key equals the key that older versions computed.
        ([only], []) => serde_json::to_vec(&(requests, limits, transport(only), fleet)),
        ([only], _) => serde_json::to_vec(&(requests, flows(), limits, transport(only), fleet)),
        (several, _) => {
            let whole = mix.peaks.weights.iter().copied().fold(0, gcd).max(1);
            let parts = several.iter().zip(&mix.peaks.weights);
            let parts: Vec<_> = parts
                .map(|(population, weight)| (&population.name, transport(population), weight / whole))
                .collect();
            serde_json::to_vec(&(requests, flows(), limits, parts, fleet))
        }
    };
    sha256::hex(&json.unwrap_or_else(|_| unreachable!("a scenario is always JSON")))
}

/// Returns the greatest common divisor of two numbers.
fn gcd(a: u64, b: u64) -> u64 {
    match b {
        0 => a,
        b => gcd(b, a % b),
    }
}

/// Returns the numbers of arrivals in the busiest seconds of a scenario.
///
/// # Errors
/// Fails if the load cannot be calibrated. The error is the reason.
pub fn peaks(scenario: &Scenario) -> Result<Peaks, &'static str> {
    peaks_of(&scenario.populations, scenario.planned_seed())
}

fn peaks_of(populations: &[Population], seed: u64) -> Result<Peaks, &'static str> {
    const USERS: &str = "the load has users and no rates";
    let all = Schedules::of(populations, seed).ok_or(USERS)?;
    let even = populations.iter().map(|population| match &population.load {
        Load::Open { phases, .. } => Ok(Population {
            load: Load::Open {
                phases: phases.clone(),
                spacing: Spacing::Even,
            },
            ..population.clone()
        }),
        Load::Closed { .. } => Err("a population has users and no rates"),
    });
    let even = Schedules::of(&even.collect::<Result<Vec<_>, _>>()?, seed).ok_or(USERS)?;
    let (weights, busiest) = (even.busiest_seconds(), all.busiest_second());
    let sum = weights.iter().sum::<u64>();
    let needed = (u128::from(busiest) * u128::from(sum)).div_ceil(u128::from(even.busiest_second().max(1)));
    Ok(Peaks {
        weights,
        busiest,
        needed: needed as u64,
    })
}

/// Returns the number of workers that are required to send `peak` arrivals per second.
pub fn workers_for(peak: u64, calibration: &Calibration) -> u32 {
    if calibration.at_least && peak <= calibration.rate {
        return 1;
    }
    (peak as f64 / (calibration.rate as f64 * HEADROOM)).ceil().max(1.0) as u32
}

async fn read(store: &RunStore, mark: &str) -> Result<Option<Calibration>, StoreError> {
    let Some(bytes) = store.get(&keys::calibration(mark)).await? else {
        return Ok(None);
    };
    // A calibration that this version cannot decode counts as absent, so the user must calibrate again.
    Ok(Calibration::decode(&bytes).ok())
}

/// Returns the requested number of workers. If the user asks for `auto`, the number is computed from the stored
/// calibration of the load. Fails if the store has no such calibration.
pub async fn workers(
    asked: Workers,
    scenario: &Scenario,
    deployment: &Deployment,
    store: &RunStore,
) -> Result<u32, RunError> {
    if let Some(workers) = asked.number() {
        return Ok(workers);
    }
    let peaks = peaks(scenario).map_err(|why| {
        let problem = format!("--workers auto: {why}, so no number of workers follows from it");
        Refused::new(problem, "give a number of workers")
    })?;
    let mix = MixToCalibrate::of_scenario(scenario, &peaks);
    let mark = mark(&mix, deployment);
    match read(store, &mark).await? {
        Some(calibration) => Ok(workers_for(peaks.needed, &calibration)),
        None => {
            let problem = "--workers auto: no calibration of this mix in this store";
            let hint = "run `vajra-cloud calibrate` with the same scenario, fleet and store first";
            Err(Refused::new(problem, hint).into())
        }
    }
}

/// Checks whether each worker of a plan can send its share of the load. Returns `None` for a load with users, because
/// such a load has no planned rate.
pub async fn judge(plan: &Plan, deployment: &Deployment, store: &RunStore) -> Option<Finding> {
    let peaks = peaks_of(&plan.populations, plan.seed).ok()?;
    let peak = peaks.needed;
    let mix = MixToCalibrate::of_plan(plan, &peaks);
    let mark = mark(&mix, deployment);
    let found = match read(store, &mark).await {
        Ok(Some(calibration)) => {
            let (each, can) = (peak.div_ceil(u64::from(plan.shards)), calibration.rate);
            if each <= can {
                FindingState::Good(format!(
                    "each worker sends up to {}, and can send {}",
                    rate(each as f64),
                    rate(can as f64)
                ))
            } else {
                let workers = workers_for(peak, &calibration);
                FindingState::Bad {
                    problem: format!(
                        "each of {} workers would have to send {}, but one can send {} of this mix",
                        plan.shards,
                        rate(each as f64),
                        rate(can as f64)
                    ),
                    hint: format!("use --workers {workers}, or --workers auto"),
                }
            }
        }
        Ok(None) => FindingState::Unknown(
            "no calibration of this mix; `vajra-cloud calibrate` measures what one worker can send".to_owned(),
        ),
        Err(error) => FindingState::Unknown(format!("{error}")),
    };
    Some(Finding {
        about: "capacity",
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::scenario_file::{Settings, Surroundings, read};

    fn scenario(text: &str) -> Scenario {
        let surroundings = Surroundings {
            environment: &|_| None,
            file: &|_| Err("no such file".to_owned()),
            pem: &|_| Ok(()),
            settings: Settings::default(),
        };
        read(text, "s.yaml", &surroundings).expect("it is sound")
    }

    fn mark_of(scenario: &Scenario) -> String {
        let peaks = peaks(scenario).expect("it has rates");
        mark_on(&MixToCalibrate::of_scenario(scenario, &peaks), ("lambda", Some(1_769)))
    }

    /// If the key of a mix changed, the stored calibration of the mix would not be found.
    #[test]
    fn the_mark_of_a_mix_does_not_change() {
        let text = "name: s\ntarget: http://a.example\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                    requests: [ { name: home, url: /, body: '{{ uuid }}', headers: { A: b } } ]\n";
        assert_eq!(
            mark_of(&scenario(text)),
            "40f0db77bdbd2ddc2e5487fe2c472ec1e59de3f9d1dea8db8a6d845d96996ca3"
        );
    }

    /// Returns a scenario with two populations. `first` and `second` are the lines that define the loads of these
    /// populations.
    fn two(seed: u32, first: &str, second: &str) -> Scenario {
        scenario(&format!(
            "name: s\ntarget: http://a.example\nseed: {seed}\npopulations:\n\
             \x20 a:\n    {first}\n    requests: [ {{ name: home }} ]\n\
             \x20 b:\n    {second}\n    requests: [ {{ name: cart }} ]\n"
        ))
    }

    #[test]
    fn the_mark_of_populations_is_that_of_their_proportion() {
        let load =
            |rate: u32| format!("load: {{ constant: {{ rate: {rate}/s, duration: 9s }} }}\n    arrivals: poisson");
        let mark = |seed: u32, a: u32, b: u32| mark_of(&two(seed, &load(a), &load(b)));
        assert_eq!(
            mark(1, 30, 20),
            mark(2, 60, 40),
            "neither the seed nor the rate matters"
        );
        assert_ne!(mark(1, 30, 20), mark(1, 20, 30));
    }

    #[test]
    fn the_needed_rate_contains_the_busiest_second_of_each_population() {
        let check = |first: &str, second: &str, expected: Result<(u64, u64), &str>| {
            let found = peaks(&two(1, first, second)).map(|peaks| (peaks.busiest, peaks.needed));
            assert_eq!(found, expected, "{first} {second}");
        };
        let load = "load: { constant: { rate: 30/s, duration: 4s } }";
        check(load, "load: { constant: { rate: 10/s, duration: 4s } }", Ok((40, 40)));
        // The second population begins when the first population ends.
        let later = "start: 4s\n    load: { constant: { rate: 10/s, duration: 4s } }";
        check(load, later, Ok((30, 40)));
        let users = "load: { users: { users: 5, duration: 4s } }";
        check(load, users, Err("a population has users and no rates"));
        check(users, users, Err("the load has users and no rates"));
    }
}
