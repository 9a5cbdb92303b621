//! Tests of closed loads. Each user sends a request, waits for the answer, and then pauses.

use super::invariants::simulate_checked;
use super::world::{Delivery, Invocation, Load, World, seconds};
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::BTreeSet;

fn users() -> World {
    World {
        load: Load::Closed {
            users: 10,
            ramp: 2,
            seconds: 8,
        },
        ..World::calm()
    }
}

#[test]
fn users_wait_for_their_response_and_stop_at_the_end() {
    let ran = simulate_checked(users());
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    let users: BTreeSet<u64> = ran.truth.iter().map(|sent| sent.k % 10).collect();
    assert_eq!(users.len(), 10);
    let end = ran.t0.expect("the run started") + seconds(10);
    assert!(ran.truth.iter().all(|sent| sent.at < end));
    // Ten users send requests for ten seconds. A user pauses for half a second on average, and for less than a second.
    assert!((130..200).contains(&ran.truth.len()), "{}", ran.truth.len());
}

#[test]
fn the_requests_of_users_do_not_depend_on_the_number_of_shards() {
    let sent = |workers| {
        let ran = simulate_checked(World {
            workers,
            workers_min: workers,
            ..users()
        });
        ran.truth
            .iter()
            .map(|sent| (sent.k, sent.request))
            .collect::<BTreeSet<_>>()
    };
    let alone = sent(1);
    assert_eq!(alone, sent(3));
    assert_eq!(alone, sent(8));
}

#[test]
fn a_user_without_a_response_does_not_block_other_users_or_the_end() {
    let mut world = users();
    world.engine.hanging = 3;
    world.engine.timeout = None;
    let ran = simulate_checked(world);
    let open = ran.truth.iter().filter(|sent| sent.answered.is_none()).count() as u64;
    assert!(open > 0);
    assert_eq!(ran.report.balance.in_flight, open);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.ended.expect("the run ended") < seconds(18), "{:?}", ran.ended);
}

#[test]
fn a_stop_ends_a_run_of_users() {
    let ran = simulate_checked(World {
        stop: Some(seconds(5)),
        ..users()
    });
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.state == WorkerState::Stopped)
    );
    assert!(ran.ended.expect("the run ended") < seconds(8), "{:?}", ran.ended);
    for slice in ran.after.slices.values() {
        let paced = slice.result.as_ref().expect("the slice has a result").paced_until;
        assert!(paced < 6_000_000_000, "stopped at about 4 s, paced until {paced}");
    }
}

#[test]
fn a_killed_worker_with_users_is_reported_as_missing() {
    let ran = simulate_checked(users().with((1, 0), Invocation::once(Delivery::dying(seconds(6)))));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(
        ran.report.reasons.iter().any(|reason| reason.starts_with("worker 1: ")),
        "{:?}",
        ran.report.reasons
    );
}

#[test]
fn users_continue_over_slices() {
    let ran = simulate_checked(World {
        slice_max: Some(seconds(4)),
        ..users()
    });
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(ran.record.plan.slices.len(), 3);
}
