//! The mix of a load. The entries of a mix are requests and flows with weights. The mix determines which entry each
//! arrival sends, and to which target. For a given mix, the choice depends only on the seed and the number of the
//! arrival.

use crate::draw::{self, Stream};
use crate::permutation::permuted;
use crate::scenario::MixOrder;
use std::collections::BTreeSet;
use tally::flow::FlowIndex;
use tally::request::RequestIndex;

/// The slots of the random draws that every arrival makes. Placeholders use other slots, which begin at
/// [`PLACEHOLDERS`].
const REQUEST: u32 = 0;
const THINK: u32 = 2;
/// The slot of the draw that orders the arrivals of one block of an exact mix.
const BLOCK: u32 = 3;
/// The first slot of the placeholders of a scenario.
pub const PLACEHOLDERS: u32 = 16;

/// The maximum number of arrivals in a block of an exact mix. The limit exists because the counts of the entries are
/// exact only after whole blocks.
pub const BLOCK_MAX: u64 = 1_000_000;

/// The request or the flow that was drawn from the mix for an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    Request(RequestIndex),
    Flow(FlowIndex),
}

impl Drawn {
    /// Returns the request that was drawn; `None` if a flow was drawn.
    pub fn request(self) -> Option<RequestIndex> {
        match self {
            Drawn::Request(request) => Some(request),
            Drawn::Flow(_) => None,
        }
    }
}

/// The choice of a request or flow by weight, and the rotation of the targets.
#[derive(Clone, Debug)]
pub struct Mix {
    seed: u64,
    order: MixOrder,
    /// The running sums of the weights: first the weights of the requests, and then the weights of the flows. All
    /// weights are divided by their greatest common divisor first.
    sums: Vec<u64>,
    requests: usize,
    targets: u64,
}

/// A subset of the entries of a mix. The arrivals of the subset are numbered separately.
#[derive(Clone, Debug)]
pub(crate) enum Share {
    /// The arrivals of all entries are numbered together.
    All,
    /// In an exact mix, `of_block` arrivals of each block belong to the subset. `before` has one sum for each entry of
    /// the mix: the sum of the weights of all earlier entries that belong to the subset.
    Some { before: Vec<u64>, of_block: u64 },
}

impl Mix {
    /// Creates a mix of requests and flows with these weights.
    pub fn new(
        seed: u64,
        order: MixOrder,
        requests: impl ExactSizeIterator<Item = u32>,
        flows: impl Iterator<Item = u32>,
        targets: usize,
    ) -> Mix {
        let number = requests.len();
        let weights: Vec<u64> = requests.chain(flows).map(u64::from).collect();
        let divisor = weights.iter().copied().fold(0, gcd).max(1);
        let sums = weights.into_iter().scan(0, |sum, weight| {
            *sum += weight / divisor;
            Some(*sum)
        });
        Mix {
            seed,
            order,
            sums: sums.collect(),
            requests: number,
            targets: targets as u64,
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn order(&self) -> MixOrder {
        self.order
    }

    /// Returns the number of arrivals in a block of an exact mix: the sum of the weights, divided by the greatest
    /// common divisor of the weights.
    pub fn block(&self) -> u64 {
        self.sums.last().copied().unwrap_or(1).max(1)
    }

    /// Returns a number in `0..self.block()` for arrival `k`. The number determines the entry of the mix that the
    /// arrival sends.
    ///
    /// In an exact mix, every block of consecutive arrivals contains each of these numbers once. The seed and the
    /// number of the block determine the order of the numbers. In each block, the number of arrivals of an entry is
    /// exactly the weight of the entry, divided by the greatest common divisor of the weights. The number of an arrival
    /// among the arrivals of its entry depends only on `k`.
    fn number(&self, k: u64) -> u64 {
        let block = self.block();
        match self.order {
            MixOrder::Drawn => draw::below(draw::bits(self.seed, k, REQUEST), block),
            MixOrder::Exact => permuted(Stream::new(self.seed, k / block, BLOCK.into()), block, k % block),
        }
    }

    fn entry(&self, number: u64) -> usize {
        self.sums.partition_point(|sum| *sum <= number)
    }

    /// Returns the request or flow of arrival `k`.
    pub fn drawn(&self, k: u64) -> Drawn {
        let index = self.entry(self.number(k));
        match index.checked_sub(self.requests) {
            None => Drawn::Request(index.into()),
            Some(flow) => Drawn::Flow(flow.into()),
        }
    }

    /// Returns whether the entry of arrival `k` is one of `entries`. The index of an entry counts first the requests,
    /// and then the flows.
    pub(crate) fn is_one_of(&self, entries: &BTreeSet<usize>, k: u64) -> bool {
        entries.contains(&self.entry(self.number(k)))
    }

    /// Returns the subset of the entries for which `counts` returns true. In a drawn mix, the result is always
    /// [`Share::All`]. The argument of `counts` is the index of an entry. The index counts first the requests, and then
    /// the flows.
    pub(crate) fn share(&self, counts: impl Fn(usize) -> bool) -> Share {
        let (mut before, mut of_block, mut start) = (Vec::new(), 0, 0);
        for (entry, end) in self.sums.iter().enumerate() {
            before.push(of_block);
            if counts(entry) {
                of_block += end - start;
            }
            start = *end;
        }
        match self.order {
            MixOrder::Exact if of_block < self.block() => Share::Some { before, of_block },
            MixOrder::Drawn | MixOrder::Exact => Share::All,
        }
    }

    /// Returns the number of arrival `k` among the arrivals of a subset. The entry of the arrival must belong to the
    /// subset.
    pub(crate) fn index(&self, share: &Share, k: u64) -> u64 {
        let Share::Some { before, of_block } = share else {
            return k;
        };
        let number = self.number(k);
        let entry = self.entry(number);
        let start = entry.checked_sub(1).map_or(0, |entry| self.sums[entry]);
        k / self.block() * of_block + before[entry] + number - start
    }

    /// Returns an exclusive upper bound of the results of [`Mix::index`] for the first `arrivals` arrivals. For whole
    /// blocks of an exact mix, the bound equals the number of arrivals of the subset.
    pub(crate) fn indices(&self, share: &Share, arrivals: u64) -> u64 {
        match share {
            Share::All => arrivals,
            Share::Some { of_block, .. } => arrivals.div_ceil(self.block()).saturating_mul(*of_block),
        }
    }

    /// Returns the target of arrival `k`, as an index in the targets of the plan. Targets take turns, so the numbers of
    /// arrivals of any two targets differ by at most one.
    pub fn target(&self, k: u64) -> usize {
        (k % self.targets) as usize
    }

    /// Returns a uniformly random number in `0..=span` for the pause after arrival `k`.
    pub fn pause(&self, k: u64, span: u64) -> u64 {
        draw::below(draw::bits(self.seed, k, THINK), span.saturating_add(1))
    }
}

/// Returns the greatest common divisor of two numbers (Euclid). The greatest common divisor of 0 and a number is this
/// number.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn mix(order: MixOrder, weights: &[u32], targets: usize) -> Mix {
        Mix::new(3, order, weights.iter().copied(), [].into_iter(), targets)
    }

    #[test]
    fn requests_are_mixed_by_weight() {
        for weights in [[1, 0, 9], [100, 0, 900]] {
            let mix = mix(MixOrder::Drawn, &weights, 2);
            let mut counts = [0u32; 3];
            let mut targets = [0u32; 2];
            for k in 0..100_000 {
                counts[usize::from(mix.drawn(k).request().unwrap())] += 1;
                targets[mix.target(k)] += 1;
            }
            assert!(counts[0].abs_diff(10_000) < 400 && counts[1] == 0, "{counts:?}");
            assert_eq!(targets, [50_000, 50_000]);
        }
    }

    #[test]
    fn targets_take_turns() {
        let mix = mix(MixOrder::Drawn, &[1], 3);
        let turns: Vec<usize> = (0..7).map(|k| mix.target(k)).collect();
        assert_eq!(turns, [0, 1, 2, 0, 1, 2, 0]);
    }

    proptest! {
        /// The expected numbers come from a slow implementation that counts the arrivals of each entry one by one.
        #[test]
        fn each_entry_of_an_exact_mix_gets_its_weight_of_every_block_and_its_arrivals_are_numbered_without_gaps(
            weights in prop::collection::vec(0u32..12, 1..6).prop_filter("a mix", |weights| weights.iter().any(|w| *w > 0)),
            factor in 1u32..4,
            counted in any::<u8>(),
            blocks in 1u64..6,
            shards in 1u64..6,
        ) {
            let weights: Vec<u32> = weights.iter().map(|weight| weight * factor).collect();
            let mix = mix(MixOrder::Exact, &weights, 1);
            let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
            prop_assert_eq!(sum % mix.block(), 0);
            let in_share = |entry: usize| counted >> entry & 1 == 1;
            let shares: Vec<Share> = (0..weights.len()).map(|one| mix.share(|entry| entry == one)).collect();
            let several = mix.share(in_share);
            let mut counts = vec![0u64; weights.len()];
            let mut own = vec![BTreeSet::new(); weights.len()];
            let mut together = BTreeSet::new();
            let mut asked = 0;
            for block in 0..blocks {
                // Compute all arrivals of one worker, and then all arrivals of the next worker. The order of the
                // computation must not change the result.
                for k in (0..shards).flat_map(|shard| (block * sum..(block + 1) * sum).filter(move |k| k % shards == shard)) {
                    let entry = usize::from(mix.drawn(k).request().unwrap());
                    counts[entry] += 1;
                    prop_assert!(own[entry].insert(mix.index(&shares[entry], k)), "entry {} at {}", entry, k);
                    if in_share(entry) {
                        asked += 1;
                        prop_assert!(together.insert(mix.index(&several, k)));
                    }
                }
                let arrivals = (block + 1) * sum;
                for (entry, weight) in weights.iter().enumerate() {
                    let expected = u64::from(*weight) * (block + 1);
                    prop_assert_eq!(counts[entry], expected);
                    prop_assert!(own[entry].iter().copied().eq(0..expected));
                    if *weight > 0 {
                        prop_assert_eq!(mix.indices(&shares[entry], arrivals), expected);
                    }
                }
                let every = matches!(several, Share::All);
                prop_assert_eq!(together.len(), asked);
                prop_assert!(every || together.iter().copied().eq(0..asked as u64));
                prop_assert!(mix.indices(&several, arrivals) >= asked as u64);
            }
        }
    }

    #[test]
    fn an_unfinished_block_repeats_no_number() {
        let mix = mix(MixOrder::Exact, &[90, 10], 1);
        let share = mix.share(|entry| entry == 1);
        for arrivals in 1..45 {
            let own: Vec<u64> = (0..arrivals)
                .filter(|k| usize::from(mix.drawn(*k).request().unwrap()) == 1)
                .map(|k| mix.index(&share, k))
                .collect();
            let unique: BTreeSet<u64> = own.iter().copied().collect();
            assert_eq!(unique.len(), own.len());
            assert!(unique.last().is_none_or(|last| *last < mix.indices(&share, arrivals)));
        }
    }

    #[test]
    fn blocks_have_different_orders() {
        let mix = mix(MixOrder::Exact, &[1, 1], 1);
        let first: Vec<usize> = (0..200)
            .map(|block| usize::from(mix.drawn(2 * block).request().unwrap()))
            .collect();
        let ones = first.iter().filter(|entry| **entry == 1).count();
        assert!((60..140).contains(&ones), "{ones}");
    }
}
