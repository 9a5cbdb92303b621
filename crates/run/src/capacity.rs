//! Computes the number of workers that a load requires, from the stored calibration of its mix.

use crate::deployment::Deployment;
use crate::error::{Refused, RunError};
use crate::order::Workers;
use fleet::finding::{Finding, FindingState};
use plan::flow::Flow;
use plan::plan::Plan;
use plan::scenario::{Limits, Request, Scenario, Transport};
use plan::{sha256, wire};
use report::show::rate;
use store::documents::{Calibration, Document};
use store::{RunStore, StoreError, keys};

/// The share of its calibrated rate that each worker is asked to send.
const HEADROOM: f64 = 0.8;

/// The parts of a scenario on which the rate of one worker depends.
pub(crate) struct MixToCalibrate<'a> {
    requests: &'a [Request],
    flows: &'a [Flow],
    limits: &'a Limits,
    transport: Transport,
}

impl MixToCalibrate<'_> {
    pub(crate) fn of_scenario(scenario: &Scenario) -> MixToCalibrate<'_> {
        MixToCalibrate {
            requests: &scenario.requests,
            flows: &scenario.flows,
            limits: &scenario.limits,
            transport: scenario.populations[0].transport,
        }
    }

    fn of_plan(plan: &Plan) -> MixToCalibrate<'_> {
        MixToCalibrate {
            requests: &plan.requests,
            flows: &plan.flows,
            limits: &plan.limits,
            transport: plan.only().transport,
        }
    }
}

/// Returns the key of a calibration: a digest of the requests, the flows, the limits, the transport, the fleet and its
/// memory.
pub(crate) fn mark(mix: &MixToCalibrate<'_>, deployment: &Deployment) -> String {
    let price = deployment.fleet.capabilities().price.as_ref();
    let memory_mb = price.and_then(|price| price.memory_mb);
    mark_on(mix, (deployment.fleet.name(), memory_mb))
}

fn mark_on(mix: &MixToCalibrate<'_>, fleet: (&str, Option<u32>)) -> String {
    let requests: Vec<wire::request::Request> = mix.requests.iter().cloned().map(Into::into).collect();
    let limits = wire::transport::Limits::from(mix.limits.clone());
    let transport = wire::transport::Transport::from(mix.transport);
    let json = match mix.flows {
        // For a mix without flows, the key equals the key that older versions computed.
        [] => serde_json::to_vec(&(requests, limits, transport, fleet)),
        flows => {
            let flows: Vec<wire::flow::Flow> = flows.iter().cloned().map(Into::into).collect();
            serde_json::to_vec(&(requests, flows, limits, transport, fleet))
        }
    };
    sha256::hex(&json.unwrap_or_else(|_| unreachable!("a scenario is always JSON")))
}

/// Returns the maximum number of arrivals in one second of the load.
///
/// # Errors
/// Fails with the reason if the load cannot be calibrated.
pub fn busiest(scenario: &Scenario) -> Result<u64, &'static str> {
    match scenario.populations.as_slice() {
        [only] => match only.schedule(scenario.planned_seed()) {
            Some(schedule) => Ok(schedule.busiest_second()),
            None => Err("the load has users and no rates"),
        },
        _ => Err("the scenario has several populations, and a calibration measures one mix"),
    }
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
    // A calibration that is damaged or from another version counts as absent, so the rate is measured again.
    Ok(Calibration::decode(&bytes).ok())
}

/// Returns the requested number of workers. If the number is `auto`, returns the number that the load requires by its
/// calibration.
pub async fn workers(
    asked: Workers,
    scenario: &Scenario,
    deployment: &Deployment,
    store: &RunStore,
) -> Result<u32, RunError> {
    if let Some(workers) = asked.number() {
        return Ok(workers);
    }
    let peak = busiest(scenario).map_err(|why| {
        let problem = format!("--workers auto: {why}, so no number of workers follows from it");
        Refused::new(problem, "give a number of workers")
    })?;
    let mix = MixToCalibrate::of_scenario(scenario);
    let mark = mark(&mix, deployment);
    match read(store, &mark).await? {
        Some(calibration) => Ok(workers_for(peak, &calibration)),
        None => {
            let problem = "--workers auto: no calibration of this mix in this store";
            let hint = "run `vajra-cloud calibrate` with the same scenario, fleet and store first";
            Err(Refused::new(problem, hint).into())
        }
    }
}

/// Checks whether each worker of a plan can send its share of the load.
pub async fn judge(plan: &Plan, deployment: &Deployment, store: &RunStore) -> Option<Finding> {
    if plan.populations.len() > 1 {
        return None;
    }
    let peak = plan.schedule()?.busiest_second();
    let mix = MixToCalibrate::of_plan(plan);
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

    /// If the key of a mix changed, the stored calibration of the mix would not be found.
    #[test]
    fn the_mark_of_a_mix_does_not_change() {
        let text = "name: s\ntarget: http://a.example\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                    requests: [ { name: home, url: /, body: '{{ uuid }}', headers: { A: b } } ]\n";
        let surroundings = Surroundings {
            environment: &|_| None,
            file: &|_| Err("no such file".to_owned()),
            pem: &|_| Ok(()),
            settings: Settings::default(),
        };
        let scenario = read(text, "s.yaml", &surroundings).expect("it is sound");
        let fleet = ("lambda", Some(1_769));
        let mix = MixToCalibrate::of_scenario(&scenario);
        let mark = mark_on(&mix, fleet);
        assert_eq!(mark, "40f0db77bdbd2ddc2e5487fe2c472ec1e59de3f9d1dea8db8a6d845d96996ca3");
    }
}
