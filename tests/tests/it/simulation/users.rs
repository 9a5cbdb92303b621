//! Closed loads: users that ask, wait and think.

use super::laws::happen;
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
fn users_wait_for_their_answer_and_leave_at_the_end() {
    let ran = happen(users());
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    let there: BTreeSet<u64> = ran.truth.iter().map(|sent| sent.k % 10).collect();
    assert_eq!(there.len(), 10);
    let end = ran.t0.expect("it started") + seconds(10);
    assert!(ran.truth.iter().all(|sent| sent.at < end));
    // Ten users, one second between two requests of theirs at most, and half a second on average.
    assert!((130..200).contains(&ran.truth.len()), "{}", ran.truth.len());
}

#[test]
fn what_a_users_iteration_sends_does_not_depend_on_the_shard_count() {
    let sent = |workers| {
        let ran = happen(World {
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
fn a_user_whose_answer_never_comes_keeps_neither_the_others_nor_the_end() {
    let mut world = users();
    world.engine.hanging = 3;
    world.engine.timeout = None;
    let ran = happen(world);
    let open = ran.truth.iter().filter(|sent| sent.answered.is_none()).count() as u64;
    assert!(open > 0);
    assert_eq!(ran.report.balance.in_flight, open);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.ended.expect("it ended") < seconds(18), "{:?}", ran.ended);
}

#[test]
fn users_are_stopped_like_everybody() {
    let ran = happen(World {
        stop: Some(seconds(5)),
        ..users()
    });
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.state == WorkerState::Stopped)
    );
    assert!(ran.ended.expect("it ended") < seconds(8), "{:?}", ran.ended);
    for slice in ran.after.slices.values() {
        let paced = slice.result.as_ref().expect("there is a result").paced_until;
        assert!(paced < 6_000_000_000, "stopped at about 4 s, paced until {paced}");
    }
}

#[test]
fn users_of_a_worker_that_dies_are_missed() {
    let ran = happen(users().with((1, 0), Invocation::once(Delivery::dying(seconds(6)))));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(
        ran.report.reasons.iter().any(|reason| reason.starts_with("worker 1: ")),
        "{:?}",
        ran.report.reasons
    );
}

#[test]
fn users_go_on_over_slices() {
    let ran = happen(World {
        slice_max: Some(seconds(4)),
        ..users()
    });
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(ran.record.plan.slices.len(), 3);
}
