//! The regions of a scenario, and their shares of the load.

/// A region and its share of the load, in millionths. The shares of all regions of a scenario add up to one million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub name: String,
    pub share_millionths: u32,
}

/// The name of a region, and the shards in this region in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRegion {
    pub name: String,
    pub shards: Vec<u32>,
}

/// Assigns the shards to regions one by one. Each shard is assigned to the region that is furthest below its share, so
/// that the shards of each region are spread evenly. All shards send nearly the same number of arrivals. The load of a
/// region differs from the share of the region mainly because each region has a whole number of workers.
pub(crate) fn place(regions: &[Region], shards: u32) -> Vec<PlacedRegion> {
    let whole: i128 = regions.iter().map(|region| i128::from(region.share_millionths)).sum();
    let mut placed: Vec<PlacedRegion> = regions
        .iter()
        .map(|region| PlacedRegion {
            name: region.name.clone(),
            shards: Vec::new(),
        })
        .collect();
    for shard in 0..shards {
        let behind = |at: usize| {
            let share = i128::from(regions[at].share_millionths) * i128::from(shard + 1);
            share - placed[at].shards.len() as i128 * whole
        };
        // If several regions are equally far below their shares, take the first of these regions.
        let Some(next) = (0..regions.len()).rev().max_by_key(|at| behind(*at)) else {
            break;
        };
        placed[next].shards.push(shard);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn regions(shares: &[u32]) -> Vec<Region> {
        let numbered = shares.iter().enumerate();
        numbered
            .map(|(number, share)| Region {
                name: format!("region-{number}"),
                share_millionths: *share,
            })
            .collect()
    }

    #[test]
    fn shards_take_turns_by_share() {
        let placed = place(&regions(&[600_000, 400_000]), 10);
        assert_eq!(placed[0].shards, [0, 2, 4, 5, 7, 9]);
        assert_eq!(placed[1].shards, [1, 3, 6, 8]);
    }

    proptest! {
        #[test]
        fn every_shard_has_one_region_and_shares_hold_within_rounding(
            shares in proptest::collection::vec(1u32..1000, 1..6), shards in 1u32..300
        ) {
            let placed = place(&regions(&shares), shards);
            let mut all: Vec<u32> = placed.iter().flat_map(|region| region.shards.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..shards).collect::<Vec<_>>());
            let whole: u32 = shares.iter().sum();
            for (region, share) in placed.iter().zip(&shares) {
                let wanted = f64::from(*share) / f64::from(whole) * f64::from(shards);
                prop_assert!((region.shards.len() as f64 - wanted).abs() < shares.len() as f64);
            }
        }
    }
}
