//! The request or flow of an arrival, and its target: a function of (seed, arrival) alone.

use crate::draw;
use tally::flow::FlowIndex;
use tally::request::RequestIndex;

/// Slots of the draws that every arrival makes. Placeholders use the slots from [`PLACEHOLDERS`] on.
const REQUEST: u32 = 0;
const THINK: u32 = 2;
/// The first slot of a scenario's placeholders.
pub const PLACEHOLDERS: u32 = 16;

/// What an arrival does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    Request(RequestIndex),
    Flow(FlowIndex),
}

/// The weighted choice among a plan's requests and flows, and the rotation of its targets.
#[derive(Clone, Debug)]
pub struct Mix {
    seed: u64,
    /// Running sums of the weights: of the requests, then of the flows.
    sums: Vec<u64>,
    requests: usize,
    targets: u64,
}

impl Mix {
    pub(crate) fn new(
        seed: u64,
        requests: impl ExactSizeIterator<Item = u32>,
        flows: impl Iterator<Item = u32>,
        targets: usize,
    ) -> Mix {
        let number = requests.len();
        let sums = requests
            .chain(flows)
            .scan(0, |sum, weight| {
                *sum += u64::from(weight);
                Some(*sum)
            })
            .collect();
        Mix {
            seed,
            sums,
            requests: number,
            targets: targets as u64,
        }
    }

    /// The request or flow of arrival `k`.
    pub fn drawn(&self, k: u64) -> Drawn {
        let whole = self.sums.last().copied().unwrap_or(1);
        let drawn = draw::below(draw::bits(self.seed, k, REQUEST), whole);
        let index = self.sums.partition_point(|sum| *sum <= drawn);
        match index.checked_sub(self.requests) {
            None => Drawn::Request(index.into()),
            Some(flow) => Drawn::Flow(flow.into()),
        }
    }

    /// The request of arrival `k`, in a plan without flows.
    pub fn request(&self, k: u64) -> RequestIndex {
        match self.drawn(k) {
            Drawn::Request(request) => request,
            Drawn::Flow(_) => RequestIndex::default(),
        }
    }

    /// The index in the plan of the target of arrival `k`. Targets take turns, so the counts of any two differ by at
    /// most one.
    pub fn target(&self, k: u64) -> usize {
        (k % self.targets) as usize
    }

    /// A uniform number in `0..=span` for the pause after arrival `k`.
    pub fn pause(&self, k: u64, span: u64) -> u64 {
        draw::below(draw::bits(self.seed, k, THINK), span.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_mixed_by_weight() {
        let mix = Mix::new(3, [1, 0, 9].into_iter(), [].into_iter(), 2);
        let mut counts = [0u32; 3];
        let mut targets = [0u32; 2];
        for k in 0..100_000 {
            counts[usize::from(mix.request(k))] += 1;
            targets[mix.target(k)] += 1;
        }
        assert!(counts[0].abs_diff(10_000) < 400 && counts[1] == 0, "{counts:?}");
        assert_eq!(targets, [50_000, 50_000]);
    }

    #[test]
    fn targets_take_turns() {
        let mix = Mix::new(3, [1].into_iter(), [].into_iter(), 3);
        let turns: Vec<usize> = (0..7).map(|k| mix.target(k)).collect();
        assert_eq!(turns, [0, 1, 2, 0, 1, 2, 0]);
    }
}
