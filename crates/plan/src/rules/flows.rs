//! The rules for the flows of a plan.

use super::{WEIGHT_MAX, is_flow_name, is_variable_name};
use crate::condition::Condition;
use crate::flow::{FLOW_REQUESTS_MAX, FLOWS_MAX, Flow, RETRIES_MAX, Step, VARIABLES_MAX};
use crate::plan::Plan;
use crate::scenario::Limits;
use std::collections::BTreeSet;
use std::time::Duration;

/// The maximum length of a pause in a flow.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// Checks that the steps of the flows are requests of the plan, that every flow ends, and that no two flows share
/// requests.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    let ok = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(problem.to_owned()) };
    ok(plan.flows.len() <= FLOWS_MAX, "it has too many flows")?;
    let mut names = BTreeSet::new();
    for population in &plan.populations {
        let prefix = population.name_of("");
        let own_names = plan.requests[population.requests.clone()].iter();
        ok(
            own_names
                .map(|request| &request.name)
                .all(|name| name.starts_with(&prefix)),
            "the name of a request does not begin with that of its population",
        )?;
        let flows = &plan.flows[population.flows.clone()];
        let requests = &plan.requests[population.requests.clone()];
        let in_mix = requests.iter().filter(|request| !request.is_step()).count();
        let end = population.requests.end;
        let first = flows.first().map_or(end, |flow| flow.requests.start);
        let in_order = (population.requests.start..=end).contains(&first);
        let alone = population.requests.start..if in_order { first } else { population.requests.start };
        ok(
            in_order && plan.requests[alone].iter().all(|request| !request.is_step()),
            "a step is in no flow, or a flow has requests of another population",
        )?;
        let mut free = first;
        for flow in flows {
            let own = match population.name.is_empty() {
                true => Some(flow.name.as_str()),
                false => flow
                    .name
                    .strip_prefix(&population.name)
                    .and_then(|name| name.strip_prefix('/')),
            };
            let sound = own.is_some_and(is_flow_name)
                && names.insert(&flow.name)
                && (1..=WEIGHT_MAX).contains(&flow.weight)
                && flow.variables.len() <= VARIABLES_MAX
                && flow.variables.iter().all(|name| is_variable_name(name))
                && flow.requests.start == free
                && !flow.requests.is_empty()
                && flow.requests.end <= end
                && steps_are_sound(&flow.steps, flow)
                && flow.requests_max() <= FLOW_REQUESTS_MAX;
            ok(sound, "a flow has invalid steps, names or weights")?;
            free = flow.requests.end;
        }
        ok(
            free == end && in_mix + flows.len() > 0,
            "a request is in no flow and not in the mix",
        )?;
    }
    Ok(())
}

fn steps_are_sound(steps: &[Step], flow: &Flow) -> bool {
    let known = |variable: Option<u32>| variable.is_none_or(|at| (at as usize) < flow.variables.len());
    steps.iter().all(|step| match step {
        Step::Request(step) => {
            let on_failure = step.on_failure;
            flow.requests.contains(&usize::from(step.request))
                && on_failure.retries <= RETRIES_MAX
                && on_failure.after <= Limits::WAIT_MAX
        }
        Step::Pause(pause) => pause.min <= pause.max && pause.max <= PAUSE_MAX,
        Step::Repeat(repeat) => {
            repeat.times > 0
                && repeat.every.is_none_or(|every| every <= PAUSE_MAX)
                && known(repeat.until.as_ref().and_then(Condition::variable))
                && steps_are_sound(&repeat.steps, flow)
        }
        Step::Choose(choose) => {
            let option =
                |(weight, steps): &(u32, Vec<Step>)| (1..=WEIGHT_MAX).contains(weight) && steps_are_sound(steps, flow);
            !choose.options.is_empty() && choose.options.iter().all(option)
        }
        Step::If(branch) => {
            known(branch.condition.variable())
                && steps_are_sound(&branch.then, flow)
                && steps_are_sound(&branch.otherwise, flow)
        }
    })
}
