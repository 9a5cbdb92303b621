//! Tests of the requests that populations send: with any number of workers, after a stop, and after the death of a
//! worker.

use super::invariants::simulate_checked;
use super::truth::Sent;
use super::world::{Content, Delivery, Invocation, World, seconds};
use report::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

fn world(workers: u32) -> World {
    World {
        content: Content::Populations,
        workers,
        workers_min: workers,
        ..World::calm()
    }
}

/// Returns the requests of each arrival, in the order in which they were sent.
fn arrivals(truth: &[Sent]) -> BTreeMap<(usize, u64), Vec<usize>> {
    let mut arrivals: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
    for sent in truth {
        let requests = arrivals.entry((sent.population, sent.k)).or_default();
        requests.push(sent.request.into());
    }
    arrivals
}

#[test]
fn populations_send_the_same_for_any_number_of_workers() {
    let sent = |world: World| arrivals(&simulate_checked(world).truth);
    let mut alone = sent(world(1));
    let populations: BTreeSet<usize> = alone.keys().map(|(population, _)| *population).collect();
    assert_eq!(populations, BTreeSet::from([0, 1, 2]));
    assert_eq!(alone.keys().filter(|(population, _)| *population == 1).count(), 18);
    // The last requests of a user depend on the answers, and the answers are the same for any number of workers.
    for workers in [2, 7] {
        assert_eq!(sent(world(workers)), alone);
    }
    let sliced = World {
        slice_max: Some(seconds(4)),
        ..world(2)
    };
    let mut sliced = sent(sliced);
    // Population 2 has users, and the number of requests of a user depends on the ends of the slices.
    sliced.retain(|(population, _), _| *population < 2);
    alone.retain(|(population, _), _| *population < 2);
    assert_eq!(sliced, alone);
}

#[test]
fn a_stop_ends_every_population_and_no_flow_sends_another_step() {
    let mut world = world(3);
    world.stop = Some(seconds(6));
    let ran = simulate_checked(world);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.report.flows[0].stopped > 0, "{:?}", ran.report.flows);
}

#[test]
fn a_worker_that_dies_loses_its_share_of_every_population() {
    let world = world(3).with((1, 0), Invocation::once(Delivery::dying(seconds(5))));
    let ran = simulate_checked(world);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.report.balance.missing > 0, "{:?}", ran.report.balance);
}
