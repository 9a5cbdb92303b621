//! The number of flows that are in progress at the same time: the number that a load needs, and the maximum number on a
//! worker.

use crate::flow::{Flow, Step};
use crate::scenario::Request;

/// The number of flows in progress on each worker: the needed number, and the maximum number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// The number of flows that are in progress at the highest rate if answers take no time. With such answers, a flow
    /// takes only the time of its pauses. In a closed load, the number is the number of users of a worker.
    pub needed: u64,
    pub room: u64,
}

/// Returns the mean time for which an arrival pauses, in nanoseconds.
pub(crate) fn pauses_of_arrival(requests: &[Request], flows: &[Flow]) -> u128 {
    let weights = requests.iter().map(|request| request.weight);
    let weights = weights.chain(flows.iter().map(|flow| flow.weight));
    let whole: u128 = weights.map(u128::from).sum();
    let pauses = flows
        .iter()
        .map(|flow| u128::from(flow.weight) * u128::from(pauses_mean(flow)));
    pauses.sum::<u128>() / whole.max(1)
}

/// Returns the mean time for which a flow pauses if no step fails, in nanoseconds. For an `if`, the branch with the
/// longer pauses is counted.
fn pauses_mean(flow: &Flow) -> u64 {
    of(&flow.steps)
}

fn of(steps: &[Step]) -> u64 {
    let one = |step: &Step| match step {
        Step::Request(_) => 0,
        Step::Pause(pause) => ((pause.min + pause.max) / 2).as_nanos() as u64,
        Step::Repeat(repeat) => {
            let every = repeat.every.map_or(0, |every| every.as_nanos() as u64);
            of(&repeat.steps).max(every).saturating_mul(u64::from(repeat.times))
        }
        Step::Choose(choose) => {
            let whole: u128 = choose.options.iter().map(|(weight, _)| u128::from(*weight)).sum();
            let sum = choose
                .options
                .iter()
                .map(|(weight, steps)| u128::from(*weight) * u128::from(of(steps)));
            (sum.sum::<u128>() / whole.max(1)) as u64
        }
        Step::If(branch) => of(&branch.then).max(of(&branch.otherwise)),
    };
    steps.iter().map(one).fold(0, u64::saturating_add)
}
