//! The flows in progress at the same time: how many a load needs, and how many a worker has room for.

use crate::flow::{Flow, Step};
use crate::plan::Plan;
use crate::scenario::Reuse;

/// The flows in progress on each worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// How many are in progress at the highest rate if answers take no time: those that pause. In a closed load, the
    /// users of a worker.
    pub needed: u64,
    pub room: u64,
}

impl Plan {
    /// The flows in progress on each worker; `None` for a plan without flows.
    pub fn sessions(&self) -> Option<Sessions> {
        if self.flows.is_empty() {
            return None;
        }
        let shards = u64::from(self.shards);
        let needed = match (self.schedule(), self.population()) {
            (Some(schedule), _) => {
                let weights = self.requests.iter().map(|request| request.weight);
                let weights = weights.chain(self.flows.iter().map(|flow| flow.weight));
                let whole: u128 = weights.map(u128::from).sum();
                // Nanoseconds of pauses that one arrival adds on average.
                let pauses = self
                    .flows
                    .iter()
                    .map(|flow| u128::from(flow.weight) * u128::from(pauses_mean(flow)));
                let each = pauses.sum::<u128>() / whole.max(1);
                let begun = u128::from(schedule.busiest_second()) * each / 1_000_000_000;
                (begun as u64).min(schedule.arrivals()).div_ceil(shards)
            }
            (None, Some(population)) => u64::from(population.users()).div_ceil(shards),
            (None, None) => 0,
        };
        let sessions = u64::from(self.limits.sessions);
        let connections = u64::from(self.limits.connections) / self.origins_of_flows() as u64;
        let room = match self.transport.flow_reuse {
            Reuse::User => sessions.min(connections),
            Reuse::Kept | Reuse::Fresh => sessions,
        };
        Some(Sessions { needed, room })
    }
}

/// The mean time that a flow pauses, in nanoseconds, if no step fails; of an `if`, the longer alternative.
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
