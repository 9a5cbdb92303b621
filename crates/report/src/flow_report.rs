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

/// The results of the flows with one name. The equation `started = completed + failed + stopped + in_flight` holds. The
/// list `requests` of the report also contains the steps of these flows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FlowReport {
    pub name: String,
    pub started: u64,
    /// Flows that were not started, because no connection or session was free within `max_wait`, or because the run was
    /// stopped.
    pub dropped: u64,
    /// Flows whose last step completed.
    pub completed: u64,
    /// Flows that ended because a step failed, or because no connection was free for a step.
    pub failed: u64,
    /// The flows in `failed` that ended because no connection was free for the next step within `max_wait`.
    pub starved: u64,
    /// Flows that ended between two steps because the run was stopped.
    pub stopped: u64,
    /// Flows that had not ended when their worker ended.
    pub in_flight: u64,
    /// Completed flows divided by the measured time.
    pub rate_per_s: f64,
    /// For each completed flow, the sum of the latencies of its steps, without pauses.
    pub latency: TimingReport,
    /// For each completed flow, the time from its due time to the end of its last step, including pauses.
    pub session: TimingReport,
    /// The steps of the flow that send a request, in the order of the scenario.
    pub steps: Vec<FlowStepReport>,
}

/// The number of flows that ended at one step, and the number of flows that ended before this step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowStepReport {
    /// The name of the request: the flow's name, a slash, and the step's name.
    pub name: String,
    /// Flows that ended at this step.
    pub failed: u64,
    /// The flows in `failed` that ended because no connection was free for this step.
    pub starved: u64,
    /// Flows that ended before this step, and would certainly have sent this step later.
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

/// Returns the reports of all flows of a plan, in the order of the plan. `populations` contains the measurements of
/// each population of the plan.
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
