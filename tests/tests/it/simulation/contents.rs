//! Flows and populations without faults: what they send, and for any number of workers.

use super::invariants::simulate_checked;
use super::truth::Sent;
use super::world::{Content, Delivery, Invocation, World, seconds};
use report::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};

fn world(content: Content, workers: u32) -> World {
    World {
        content,
        workers,
        workers_min: workers,
        ..World::calm()
    }
}

/// The requests of each arrival, in order.
fn arrivals(truth: &[Sent]) -> BTreeMap<(usize, u64), Vec<usize>> {
    let mut arrivals: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
    for sent in truth {
        let requests = arrivals.entry((sent.population, sent.k)).or_default();
        requests.push(sent.request.into());
    }
    arrivals
}

#[test]
fn flows_send_the_same_steps_for_any_number_of_workers_slices_and_stripes() {
    let sent = |world: World| {
        let ran = simulate_checked(world);
        assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
        arrivals(&ran.truth)
    };
    let alone = sent(world(Content::Flows, 1));
    assert_eq!(alone.len(), 270);
    assert!(alone.values().filter(|requests| requests.len() == 4).count() > 60);
    for workers in [3, 8] {
        assert_eq!(sent(world(Content::Flows, workers)), alone);
    }
    assert_eq!(
        sent(World {
            slice_max: Some(seconds(3)),
            ..world(Content::Flows, 3)
        }),
        alone
    );
    // Two of four workers share all arrivals.
    let short = World {
        workers_min: 2,
        restripe: true,
        start_timeout: seconds(5),
        ..world(Content::Flows, 4)
    };
    let short = short
        .with((1, 0), Invocation::never())
        .with((3, 0), Invocation::never());
    assert_eq!(arrivals(&simulate_checked(short).truth), alone);
}

#[test]
fn a_flow_continues_or_ends_after_a_failed_step() {
    let mut world = world(Content::Flows, 2);
    world.engine.failing = 30;
    let ran = simulate_checked(world);
    let flow = &ran.report.flows[0];
    assert!(flow.failed > 0 && flow.completed > 0, "{flow:?}");
    // The first step may fail; the second one ends the flow, so the third one is never sent.
    let failed = flow.steps.iter().map(|step| step.failed).collect::<Vec<_>>();
    assert_eq!(failed, [0, flow.failed, 0]);
    assert_eq!(flow.steps[2].not_reached, flow.failed);
}

#[test]
fn populations_send_the_same_for_any_number_of_workers() {
    let sent = |world: World| arrivals(&simulate_checked(world).truth);
    let mut alone = sent(world(Content::Populations, 1));
    let populations: BTreeSet<usize> = alone.keys().map(|(population, _)| *population).collect();
    assert_eq!(populations, BTreeSet::from([0, 1, 2]));
    assert_eq!(alone.keys().filter(|(population, _)| *population == 1).count(), 18);
    // When a user sends its last requests depends on the answers, which are the same for any number of workers.
    for workers in [2, 7] {
        assert_eq!(sent(world(Content::Populations, workers)), alone);
    }
    let sliced = World {
        slice_max: Some(seconds(4)),
        ..world(Content::Populations, 2)
    };
    let mut sliced = sent(sliced);
    // A user of a later slice begins anew.
    sliced.retain(|(population, _), _| *population < 2);
    alone.retain(|(population, _), _| *population < 2);
    assert_eq!(sliced, alone);
}

#[test]
fn a_stop_ends_every_population_and_no_flow_sends_another_step() {
    let mut world = world(Content::Populations, 3);
    world.stop = Some(seconds(6));
    let ran = simulate_checked(world);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.report.flows[0].stopped > 0, "{:?}", ran.report.flows);
}

#[test]
fn a_worker_that_dies_loses_its_share_of_every_population() {
    let world = world(Content::Populations, 3).with((1, 0), Invocation::once(Delivery::dying(seconds(5))));
    let ran = simulate_checked(world);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.report.balance.missing > 0, "{:?}", ran.report.balance);
}
