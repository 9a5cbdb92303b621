//! The rules for the populations of a plan.

use super::is_flow_name;
use crate::mix::BLOCK_MAX;
use crate::plan::Plan;
use crate::population::POPULATIONS_MAX;
use crate::scenario::MixOrder;
use std::collections::BTreeSet;

/// Checks that the populations contain all requests and flows of the plan in order, and that the load and the settings
/// of each population are possible.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    let populations = &plan.populations;
    let (mut requests, mut flows, mut names) = (0, 0, BTreeSet::new());
    for one in populations {
        let is_only = populations.len() == 1 && one.name.is_empty();
        let is_named = is_only || is_flow_name(&one.name) && names.insert(&one.name);
        let consecutive = (one.requests.start, one.flows.start) == (requests, flows)
            && one.requests.start <= one.requests.end
            && one.flows.start <= one.flows.end;
        if !is_named || !consecutive {
            return Err("its populations have invalid names, requests or flows".to_owned());
        }
        (requests, flows) = (one.requests.end, one.flows.end);
        super::load(&one.load)?;
        if let Some(problem) = one.problem() {
            return Err(problem.to_owned());
        }
    }
    let whole = (requests, flows) == (plan.requests.len(), plan.flows.len());
    let of_slices = plan
        .slices
        .iter()
        .all(|slice| slice.arrivals.len() == populations.len());
    match (1..=POPULATIONS_MAX).contains(&populations.len()) && whole && of_slices {
        true => Ok(()),
        false => Err("it has no populations, too many, or some that are in no slice".to_owned()),
    }
}

/// Checks that the mix of each population has blocks of a permitted size, and that the feeds have enough rows. The
/// function also checks that at most one population uses a feed with `pick: once`.
pub(super) fn rows(plan: &Plan) -> Result<(), String> {
    let mut once = BTreeSet::new();
    for population in &plan.populations {
        let rows = plan.rows_of(population);
        if population.mix_order == MixOrder::Exact && rows.block() > BLOCK_MAX {
            return Err("its weights do not permit an exact mix".to_owned());
        }
        if let Some((_, problem)) = rows.problems().next() {
            return Err(problem.to_string());
        }
        if rows.used_once().any(|feed| !once.insert(feed)) {
            return Err("two populations use the rows of one feed once each".to_owned());
        }
    }
    Ok(())
}
