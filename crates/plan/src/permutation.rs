//! Permutations of small ranges. A key determines the permutation, and each position is computed separately.
//!
//! A balanced or nearly balanced Feistel network (Luby and Rackoff, 1988) permutes the numbers below the next power of
//! two. A value outside of the range is permuted again until it is inside the range ("cycle walking": Black and
//! Rogaway, Ciphers with Arbitrary Finite Domains, 2002). The power of two is less than twice the size of the range, so
//! a value needs at most two steps on average. The result depends only on the key, and no state is stored, so any
//! worker can compute any position.

use crate::draw::{self, Stream};

/// The number of rounds of the Feistel network. The proof requires four rounds. More rounds are used because each half
/// of a value has few bits.
const ROUNDS: usize = 8;

/// Returns the value at position `index` of a permutation of `0..size`. The stream `keys` determines the permutation.
/// `index` must be less than `size`.
pub(crate) fn permuted(mut keys: Stream, size: u64, index: u64) -> u64 {
    debug_assert!(index < size, "{index} of {size}");
    // The shift makes each value equally likely at each position, even if the range is small.
    let shift = draw::below(keys.next(), size);
    let keys: [u64; ROUNDS] = std::array::from_fn(|_| keys.next());
    let bits = u64::BITS - (size - 1).leading_zeros();
    let low = bits / 2;
    let (low_mask, high_mask) = ((1 << low) - 1, (1 << (bits - low)) - 1);
    let mut value = match index.checked_sub(size - shift) {
        Some(wrapped) => wrapped,
        None => index + shift,
    };
    // The network permutes a finite set, so the repeated permutation of a value in `0..size` always returns to
    // `0..size`.
    loop {
        let (mut left, mut right) = (value >> low, value & low_mask);
        for pair in keys.chunks_exact(2) {
            left ^= draw::mix(pair[0] ^ right) & high_mask;
            right ^= draw::mix(pair[1] ^ left) & low_mask;
        }
        value = left << low | right;
        if value < size {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(seed: u64, block: u64, size: u64) -> Vec<u64> {
        (0..size)
            .map(|index| permuted(Stream::new(seed, block, 0), size, index))
            .collect()
    }

    proptest! {
        #[test]
        fn every_value_occurs_once(seed: u64, block: u64, size in 1u64..3_000) {
            let mut values = all(seed, block, size);
            values.sort_unstable();
            prop_assert!(values.iter().copied().eq(0..size));
        }
    }

    #[test]
    fn every_value_is_equally_likely_at_every_position_and_pair_of_positions() {
        const BLOCKS: u64 = 40_000;
        for size in [2, 3, 5, 8] {
            let mut counts = vec![vec![0u64; size as usize]; size as usize];
            let mut pairs = vec![vec![0u64; size as usize]; size as usize];
            for block in 0..BLOCKS {
                let values = all(7, block, size);
                for (index, value) in values.iter().enumerate() {
                    counts[index][*value as usize] += 1;
                }
                pairs[values[0] as usize][values[1] as usize] += 1;
            }
            let expected = BLOCKS / size;
            let near = |count: u64, expected: u64| count.abs_diff(expected) * 10 < expected;
            assert!(
                counts.iter().flatten().all(|count| near(*count, expected)),
                "{size}: {counts:?}"
            );
            let expected = BLOCKS / size / (size - 1);
            for (first, seconds) in pairs.iter().enumerate() {
                let others = seconds.iter().enumerate().filter(|(second, _)| *second != first);
                assert!(
                    others.into_iter().all(|(_, count)| near(*count, expected)),
                    "{size}: {pairs:?}"
                );
            }
        }
    }

    #[test]
    fn large_ranges_are_permuted_without_a_table() {
        for size in [1 << 20, (1 << 32) + 1, 1 << 63] {
            for index in [0, 1, size / 2, size - 1] {
                assert!(permuted(Stream::new(1, 2, 3), size, index) < size);
            }
        }
    }
}
