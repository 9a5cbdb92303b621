//! The results of the flows of one name.

use crate::timing::TimingReport;
use crate::verdict::{PopulationEvidence, per_second};
use plan::flow::Flow;
use plan::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use tally::flow::FlowTally;
use tally::tally::Tally;

/// The results of the flows of one name. `started = completed + failed + stopped + in_flight`. Their steps are also
/// among the requests.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FlowReport {
    pub name: String,
    pub started: u64,
    /// Flows that never started: no connection or session was free within the longest wait, or the run was stopped.
    pub dropped: u64,
    /// Flows whose last step ended.
    pub completed: u64,
    /// Flows that ended at a step that failed, or that no connection was free for.
    pub failed: u64,
    /// The part of them for whose next step no connection was free within the longest wait.
    pub starved: u64,
    /// Flows that ended between two steps because the run was stopped.
    pub stopped: u64,
    /// Flows without an end when their worker left.
    pub in_flight: u64,
    /// Completed flows divided by the measured time.
    pub rate_per_s: f64,
    /// The sum of the latencies of the steps of a completed flow: without its pauses.
    pub latency: TimingReport,
    /// From the due time of a completed flow to the end of its last step, pauses included.
    pub session: TimingReport,
    /// The requests of its steps, in the order of the scenario.
    pub steps: Vec<FlowStepReport>,
}

/// The flows that ended at or before one of their steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowStepReport {
    /// The name of the request: the flow's name, a slash, and the step's name.
    pub name: String,
    /// Flows that ended at this step.
    pub failed: u64,
    /// The part of them that found no free connection for it.
    pub starved: u64,
    /// Flows that ended early, and would have sent this step later with any answers.
    pub not_reached: u64,
}

impl FlowReport {
    fn new(plan: &Plan, flow: &Flow, tally: &FlowTally, measured_time: Duration) -> FlowReport {
        let steps = flow.requests.clone().map(|at| {
            let of = |counts: &std::collections::BTreeMap<_, u64>| counts.get(&at.into()).copied().unwrap_or(0);
            FlowStepReport {
                name: plan.requests[at].name.clone(),
                failed: of(&tally.failed),
                starved: of(&tally.starved),
                not_reached: of(&tally.not_reached),
            }
        });
        FlowReport {
            name: flow.name.clone(),
            started: tally.started,
            dropped: tally.dropped,
            completed: tally.completed,
            failed: tally.failed_total(),
            starved: tally.starved.values().sum(),
            stopped: tally.stopped,
            in_flight: tally.in_flight,
            rate_per_s: per_second(tally.completed, measured_time),
            latency: TimingReport::of(&tally.latency),
            session: TimingReport::of(&tally.session),
            steps: steps.collect(),
        }
    }
}

/// Returns the reports of all flows of a plan, in the order of the plan. `populations` are the populations of the plan.
pub(crate) fn flows(plan: &Plan, tally: &Tally, populations: &[PopulationEvidence]) -> Vec<FlowReport> {
    let none = FlowTally::default();
    let of = |at: usize| tally.flows.get(at).unwrap_or(&none);
    let flows = plan.flows.iter().enumerate();
    flows
        .map(|(at, flow)| {
            let (population, _) = plan.population_of(flow.requests.start);
            FlowReport::new(plan, flow, of(at), populations[population].measured_time)
        })
        .collect()
}
