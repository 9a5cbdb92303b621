//! Applies the rules for flows: every captured value is used, every value is captured before it is used, and the size
//! of a flow is limited.

use crate::found::Import;
use crate::left_out::shown;
use crate::model::{Flow, Request, Step};
use plan::flow::{DEPTH_MAX, FLOW_REQUESTS_MAX, STEPS_MAX, VARIABLES_MAX};
use std::collections::BTreeSet;

/// Removes the parts of a flow that a scenario cannot contain. Returns `None` if nothing remains, or if the flow is too
/// large.
pub(crate) fn checked(import: &mut Import<'_>, mut flow: Flow) -> Option<Flow> {
    let place = format!("the flow {}", shown(&flow.name));
    let mut known = BTreeSet::new();
    flow.steps = without_unknown(flow.steps, &mut known, &place, import);
    let mut used = BTreeSet::new();
    each(&flow.steps, &mut |request| used.extend(request.captured()));
    keep_captures(&mut flow.steps, &used, &place, import);
    let size = Size::of(&flow.steps);
    if size.requests == 0 {
        import.left_out.add(&place, "the flow, which sends no request");
        return None;
    }
    let fits = size.steps <= STEPS_MAX
        && size.depth <= DEPTH_MAX
        && size.requests <= FLOW_REQUESTS_MAX
        && used.len() <= VARIABLES_MAX;
    if !fits {
        let what = format!(
            "the flow: a flow has at most {STEPS_MAX} steps, {FLOW_REQUESTS_MAX} requests, {VARIABLES_MAX} captures and \
             {DEPTH_MAX} levels of loops"
        );
        import.left_out.add(&place, what);
    }
    fits.then_some(flow)
}

/// Removes the requests that use a value before it is captured.
fn without_unknown(steps: Vec<Step>, known: &mut BTreeSet<String>, place: &str, import: &mut Import<'_>) -> Vec<Step> {
    let mut kept = Vec::new();
    for step in steps {
        match step {
            Step::Send(request) => match request.captured().into_iter().find(|name| !known.contains(name)) {
                Some(name) => {
                    let what = format!("requests with the value {}, which is not captured before", shown(&name));
                    import.left_out.add(place, what);
                }
                None => {
                    known.extend(request.captures.iter().map(|capture| capture.name.clone()));
                    kept.push(Step::Send(request));
                }
            },
            Step::Repeat { times, steps } => {
                let steps = without_unknown(steps, known, place, import);
                if Size::of(&steps).requests > 0 {
                    kept.push(Step::Repeat { times, steps });
                }
            }
            pause @ Step::Pause { .. } => kept.push(pause),
        }
    }
    kept
}

/// Removes the captures whose value no step uses.
fn keep_captures(steps: &mut [Step], used: &BTreeSet<String>, place: &str, import: &mut Import<'_>) {
    for step in steps {
        match step {
            Step::Send(request) => request.captures.retain(|capture| {
                let is_used = used.contains(&capture.name);
                if !is_used {
                    let what = format!("the capture {}, which no request uses", shown(&capture.name));
                    import.left_out.add(place, what);
                }
                is_used
            }),
            Step::Repeat { steps, .. } => keep_captures(steps, used, place, import),
            Step::Pause { .. } => {}
        }
    }
}

fn each(steps: &[Step], visit: &mut dyn FnMut(&Request)) {
    for step in steps {
        match step {
            Step::Send(request) => visit(request),
            Step::Repeat { steps, .. } => each(steps, visit),
            Step::Pause { .. } => {}
        }
    }
}

/// The size of a list of steps, including the steps of its loops.
struct Size {
    steps: usize,
    depth: usize,
    requests: u64,
}

impl Size {
    fn of(steps: &[Step]) -> Size {
        let mut size = Size {
            steps: 0,
            depth: 1,
            requests: 0,
        };
        for step in steps {
            size.steps += 1;
            match step {
                Step::Send(_) => size.requests = size.requests.saturating_add(1),
                Step::Pause { .. } => {}
                Step::Repeat { times, steps } => {
                    let inner = Size::of(steps);
                    size.steps += inner.steps;
                    size.depth = size.depth.max(inner.depth + 1);
                    size.requests = size.requests.saturating_add(inner.requests.saturating_mul(*times));
                }
            }
        }
        size
    }
}
