//! What can go wrong before T0.

use super::laws::happen;
use super::run::{Launched, Ran};
use super::weather::Outage;
use super::world::{Attach, Delivery, Invocation, Word, World, millis, seconds};
use fleet::launch::Abort;
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use store::Op;
use tally::snapshot::End;
use worker::shard::Ended;

fn aborted(ran: &Ran) -> &Abort {
    match &ran.launched {
        Some(Launched::Aborted(abort)) => abort,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_whose_worker_never_comes_is_aborted_and_says_who_is_missing() {
    let ran = happen(World::calm().with((1, 0), Invocation::never()));
    let abort = aborted(&ran);
    assert_eq!((abort.ready, abort.wanted, abort.workers), (2, 3, 3));
    assert_eq!(abort.missing.len(), 1);
    assert!(abort.missing[&1].contains("never claimed"), "{abort}");
    assert!(ran.truth.is_empty());
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    // Those who came have left within a look or two of the stop.
    let ended = ran.ended.expect("it ended");
    assert!(ended <= seconds(20) + millis(200), "{ended:?}");
    assert!(
        ran.lives
            .iter()
            .all(|life| life.to.is_some_and(|to| to <= ended + seconds(1)))
    );
    assert!(
        ran.lives
            .iter()
            .all(|life| life.ended == Some(Ok(Ended::Done(End::Stopped))))
    );
}

#[test]
fn a_run_whose_worker_cannot_be_started_is_aborted_at_once() {
    let refused = Invocation {
        deliveries: Vec::new(),
        word: Word::LostAfter(millis(500)),
    };
    let ran = happen(World::calm().with((2, 0), refused));
    assert!(aborted(&ran).missing[&2].contains("connection was reset"));
    assert!(ran.ended.expect("it ended") < seconds(1));
}

#[test]
fn a_short_start_begins_with_those_that_are_in_and_reports_the_others_as_missing() {
    let world = World {
        workers_min: 2,
        ..World::calm()
    };
    let ran = happen(world.with((1, 0), Invocation::never()));
    assert_eq!(
        ran.record.start.as_ref().map(|start| start.shards.clone()),
        Some(vec![0, 2])
    );
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert_eq!((ran.report.balance.sent, ran.report.balance.missing), (160, 80));
    assert!(
        ran.report
            .reasons
            .iter()
            .any(|reason| reason == "worker 1: not in at the start"),
        "{:?}",
        ran.report.reasons
    );
}

#[test]
fn a_worker_that_comes_after_the_start_sends_nothing() {
    let world = World {
        workers_min: 2,
        start_timeout: seconds(3),
        ..World::calm()
    };
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(6)))));
    assert!(ran.truth.iter().all(|sent| sent.place.0 != 1));
    assert_eq!(ran.report.workers[1].state, WorkerState::Failed);
    assert_eq!(
        ran.report.workers[1].why.as_deref(),
        Some("the run had started without this shard")
    );
    assert_eq!(ran.report.balance.missing, 80);
}

#[test]
fn a_worker_that_comes_after_an_abort_leaves() {
    let world = World {
        start_timeout: seconds(3),
        ..World::calm()
    };
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(9)))));
    aborted(&ran);
    let late = ran.lives.iter().find(|life| life.place == (1, 0)).expect("it came");
    assert_eq!(late.ended, Some(Ok(Ended::Done(End::Stopped))));
}

#[test]
fn a_worker_that_comes_late_but_in_time_is_waited_for() {
    let ran = happen(World::calm().with((1, 0), Invocation::once(Delivery::after(seconds(15)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
}

#[test]
fn a_worker_that_dies_while_it_waits_for_the_start_aborts_the_run() {
    let world = World::calm().with((0, 0), Invocation::once(Delivery::dying(seconds(2))));
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(5)))));
    assert!(aborted(&ran).missing[&0].contains("a power cut"));
}

#[test]
fn the_loser_of_a_claim_does_not_make_its_shard_missing() {
    let twice = Invocation {
        deliveries: vec![Delivery::default(), Delivery::after(seconds(1))],
        word: Word::Of(1),
    };
    let world = World::calm().with((0, 0), twice);
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(5)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
}

#[test]
fn an_engine_that_never_gets_ready_ends_with_a_reason() {
    let mut world = World::calm();
    world.engine.prepares = None;
    let ran = happen(world);
    let abort = aborted(&ran);
    assert_eq!((abort.ready, abort.missing.len()), (0, 3));
    assert!(abort.missing[&0].contains("still preparing"), "{abort}");
    let wait = ran
        .lives
        .iter()
        .map(|life| life.to.expect("it ended"))
        .max()
        .expect("there are workers");
    assert!(wait <= seconds(20 + 30 + 1), "{wait:?}");
}

#[test]
fn a_stop_before_the_start_aborts_the_run_and_nothing_is_sent() {
    let world = World {
        stop: Some(seconds(2)),
        ..World::calm()
    };
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(10)))));
    assert!(aborted(&ran).missing[&1].contains("stopped before it was in: pressed"));
    assert!(ran.ended.expect("it ended") < seconds(3));
    assert!(ran.truth.is_empty());
    assert!(
        ran.lives
            .iter()
            .all(|life| life.ended == Some(Ok(Ended::Done(End::Stopped))))
    );
}

#[test]
fn a_stop_at_any_moment_around_the_start_leaves_a_result_for_every_worker() {
    for at in (0..1_400).step_by(7) {
        let ran = happen(World {
            stop: Some(millis(at)),
            ..World::calm()
        });
        for life in &ran.lives {
            assert_eq!(
                life.ended,
                Some(Ok(Ended::Done(End::Stopped))),
                "stopped at {at} ms: {life:?}"
            );
        }
        assert_eq!(
            ran.after.slices.values().filter(|slice| slice.result.is_some()).count(),
            3,
            "stopped at {at} ms"
        );
    }
}

#[test]
fn a_launcher_that_is_killed_before_the_start_leaves_a_run_that_another_starts() {
    let world = World {
        attach: Some(Attach {
            killed: seconds(3),
            taken_up: seconds(6),
            skew: super::world::ahead(4_000),
        }),
        ..World::calm()
    };
    let ran = happen(world.with((1, 0), Invocation::once(Delivery::after(seconds(9)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(ran.truth.len(), 270);
}

#[test]
fn workers_whose_launcher_died_before_the_start_leave_when_they_have_waited_enough() {
    let ran = happen(World {
        attach: Some(Attach {
            killed: millis(20),
            taken_up: seconds(90),
            skew: 0,
        }),
        ..World::calm()
    });
    let abort = aborted(&ran);
    assert!(abort.missing[&0].contains("no start came within"), "{abort}");
    assert!(ran.lives.iter().all(|life| life.to.expect("it ended") <= seconds(51)));
    assert!(
        ran.ended.expect("it ended") < seconds(92),
        "nobody is waited for in vain"
    );
}

#[test]
fn a_store_that_fails_for_a_moment_keeps_nobody_from_the_start() {
    let cases: [(&'static [Op], &'static str); 7] = [
        (&[Op::Get], "plan.json"),
        (&[Op::PutNew], "/claim"),
        (&[Op::Put], "/live/"),
        (&[Op::PutNew], "/start"),
        (&[Op::List], ""),
        (&[Op::Get], "/shards/"),
        (&[Op::Put, Op::PutNew, Op::Get, Op::List], ""),
    ];
    for (ops, keys) in cases {
        let mut world = World {
            outages: vec![Outage::new(ops, keys, millis(1), seconds(5))],
            ..World::calm()
        };
        // Invocations take a moment, so that the outage is there before them.
        for shard in 0..3 {
            world = world.with((shard, 0), Invocation::once(Delivery::after(millis(20))));
        }
        let ran = happen(world);
        assert_eq!(
            ran.report.verdict,
            Verdict::Passed,
            "{ops:?} {keys}: {:?}",
            ran.report.reasons
        );
    }
}
