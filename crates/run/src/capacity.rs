//! How many workers a load needs: from what one worker can send of its mix, which the store keeps.

use crate::deployment::Deployment;
use crate::error::{Refused, RunError};
use crate::order::Workers;
use fleet::finding::{Finding, FindingState};
use plan::plan::Plan;
use plan::scenario::{Limits, Load, Request, Scenario, Transport};
use plan::schedule::Schedule;
use plan::{sha256, wire};
use report::show::rate;
use store::documents::{Calibration, Document};
use store::{RunStore, StoreError, keys};

/// Of what a worker can send, what it is asked to.
const HEADROOM: f64 = 0.8;

/// By what a calibration is found again: what a worker sends, how, and on what.
pub(crate) fn mark(requests: &[Request], limits: &Limits, transport: Transport, deployment: &Deployment) -> String {
    let price = deployment.fleet.capabilities().price.as_ref();
    let memory_mb = price.and_then(|price| price.memory_mb);
    mark_on(requests, limits, transport, (deployment.fleet.name(), memory_mb))
}

fn mark_on(requests: &[Request], limits: &Limits, transport: Transport, fleet: (&str, Option<u32>)) -> String {
    let requests: Vec<wire::request::Request> = requests.iter().cloned().map(Into::into).collect();
    let limits = wire::transport::Limits::from(limits.clone());
    let transport = wire::transport::Transport::from(transport);
    let json = serde_json::to_vec(&(requests, limits, transport, fleet))
        .unwrap_or_else(|_| unreachable!("a scenario is always JSON"));
    sha256::hex(&json)
}

/// The most arrivals of a second of the load; `None` where users set the pace.
pub fn busiest(load: &Load, seed: u64) -> Option<u64> {
    let Load::Open { phases, spacing } = load else {
        return None;
    };
    Some(Schedule::new(phases, *spacing, seed).busiest_second())
}

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
    // One of another version, or a damaged one, is measured again.
    Ok(Calibration::decode(&bytes).ok())
}

/// How many workers were asked for, or how many the calibration says that the load needs.
pub async fn workers(
    asked: Workers,
    scenario: &Scenario,
    deployment: &Deployment,
    store: &RunStore,
) -> Result<u32, RunError> {
    if let Some(workers) = asked.number() {
        return Ok(workers);
    }
    let Some(peak) = busiest(&scenario.load, scenario.planned_seed()) else {
        let problem = "--workers auto: how fast users ask depends on the answers, so no number follows from a rate";
        return Err(Refused::new(problem, "give a number of workers").into());
    };
    let mark = mark(&scenario.requests, &scenario.limits, scenario.transport, deployment);
    match read(store, &mark).await? {
        Some(calibration) => Ok(workers_for(peak, &calibration)),
        None => {
            let problem = "--workers auto: nobody has measured yet what one worker can send of this mix";
            let hint = "run `vajra-cloud calibrate` with the same scenario, fleet and store first";
            Err(Refused::new(problem, hint).into())
        }
    }
}

/// Whether the workers of a plan can send what it asks of each.
pub async fn judge(plan: &Plan, deployment: &Deployment, store: &RunStore) -> Option<Finding> {
    let peak = plan.schedule()?.busiest_second();
    let mark = mark(&plan.requests, &plan.limits, plan.transport, deployment);
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
                        "each of {} workers would have to send {}, and one can send {} of this mix",
                        plan.shards,
                        rate(each as f64),
                        rate(can as f64)
                    ),
                    hint: format!("use --workers {workers}, or --workers auto"),
                }
            }
        }
        Ok(None) => FindingState::Unknown(
            "what one worker can send of this mix; `vajra-cloud calibrate` measures it".to_owned(),
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

    /// Another mark for the same mix would lose what was measured.
    #[test]
    fn a_mix_is_found_again_by_the_mark_that_it_had() {
        let text = "name: s\ntarget: http://a.example\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                    requests: [ { name: home, url: /, body: '{{ uuid }}', headers: { A: b } } ]\n";
        let surroundings = Surroundings {
            environment: &|_| None,
            file: &|_| Err("no such file".to_owned()),
            settings: Settings::default(),
        };
        let scenario = read(text, "s.yaml", &surroundings).expect("it is sound");
        let fleet = ("lambda", Some(1_769));
        let mark = mark_on(&scenario.requests, &scenario.limits, scenario.transport, fleet);
        assert_eq!(mark, "40f0db77bdbd2ddc2e5487fe2c472ec1e59de3f9d1dea8db8a6d845d96996ca3");
    }
}
