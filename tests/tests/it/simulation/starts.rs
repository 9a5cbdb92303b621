//! Tests of runs with faults before T0.

use super::invariants::simulate_checked;
use super::outages::Outage;
use super::run::{Launched, Ran};
use super::world::{Attach, Delivery, Freeze, Invocation, Reply, World, millis, seconds};
use fleet::launch::Abort;
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use store::Op;
use tally::snapshot::SliceEnd;
use worker::shard::Ended;

fn aborted(ran: &Ran) -> &Abort {
    match &ran.launched {
        Some(Launched::Aborted(abort)) => abort,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_with_a_missing_worker_is_aborted_and_names_it() {
    let ran = simulate_checked(World::calm().with((1, 0), Invocation::never()));
    let abort = aborted(&ran);
    assert_eq!((abort.ready, abort.wanted, abort.workers), (2, 3, 3));
    assert_eq!(abort.missing.len(), 1);
    assert!(abort.missing[&1].contains("had not claimed"), "{abort}");
    assert!(ran.truth.is_empty());
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    // The ready workers end soon after the launcher has written the stop.
    let ended = ran.ended.expect("the run ended");
    assert!(ended <= seconds(20) + millis(200), "{ended:?}");
    assert!(
        ran.lives
            .iter()
            .all(|life| life.to.is_some_and(|to| to <= ended + seconds(1)))
    );
    assert!(
        ran.lives
            .iter()
            .all(|life| life.ended == Some(Ok(Ended::Left(SliceEnd::Stopped))))
    );
}

#[test]
fn a_run_is_aborted_at_once_if_a_worker_cannot_be_started() {
    let refused = Invocation {
        deliveries: Vec::new(),
        reply: Reply::LostAfter(millis(500)),
    };
    let ran = simulate_checked(World::calm().with((2, 0), refused));
    assert!(aborted(&ran).missing[&2].contains("connection was reset"));
    assert!(ran.ended.expect("the run ended") < seconds(1));
}

#[test]
fn a_short_start_runs_the_present_workers_and_reports_the_others_as_missing() {
    let world = World {
        workers_min: 2,
        ..World::calm()
    };
    let ran = simulate_checked(world.with((1, 0), Invocation::never()));
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
            .any(|reason| reason == "worker 1: not ready at the start"),
        "{:?}",
        ran.report.reasons
    );
}

#[test]
fn a_worker_that_arrives_after_the_start_sends_nothing() {
    let world = World {
        workers_min: 2,
        start_timeout: seconds(3),
        ..World::calm()
    };
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(6)))));
    assert!(ran.truth.iter().all(|sent| sent.slice_id.0 != 1));
    assert_eq!(ran.report.workers[1].state, WorkerState::Failed);
    assert_eq!(
        ran.report.workers[1].why.as_deref(),
        Some("the run started without this shard")
    );
    assert_eq!(ran.report.balance.missing, 80);
}

#[test]
fn a_worker_that_arrives_after_an_abort_stops() {
    let world = World {
        start_timeout: seconds(3),
        ..World::calm()
    };
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(9)))));
    aborted(&ran);
    let late = ran
        .lives
        .iter()
        .find(|life| life.slice_id == (1, 0))
        .expect("the worker started");
    assert_eq!(late.ended, Some(Ok(Ended::Left(SliceEnd::Stopped))));
}

#[test]
fn the_launcher_waits_for_a_worker_until_the_start_timeout() {
    let ran = simulate_checked(World::calm().with((1, 0), Invocation::once(Delivery::after(seconds(15)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
}

#[test]
fn a_worker_killed_while_it_waits_for_the_start_is_replaced() {
    let world = World::calm().with((0, 0), Invocation::once(Delivery::dying(seconds(2))));
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(5)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(ran.truth.len(), 270);
    let start = ran.record.start.as_ref().expect("the run started");
    assert_eq!(start.attempts, [2, 1, 1]);
}

#[test]
fn a_shard_whose_workers_die_again_and_again_before_the_start_aborts_the_run() {
    let world = World::calm().with((0, 0), Invocation::once(Delivery::dying(seconds(2))));
    let world = world.replaced_with(0, Invocation::once(Delivery::dying(seconds(1))));
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(15)))));
    assert!(aborted(&ran).missing[&0].contains("a power cut"));
    let lives = ran.lives.iter().filter(|life| life.slice_id == (0, 0)).count();
    assert_eq!(lives, 3, "the first worker and two replacements");
}

#[test]
fn of_two_workers_of_a_shard_the_start_names_one_and_the_other_leaves_without_sending() {
    for after in [0, 10, 500, 2_000] {
        let twice = Invocation {
            deliveries: vec![Delivery::default(), Delivery::after(millis(after))],
            reply: Reply::Of(0),
        };
        let world = World::calm().with((0, 0), twice);
        let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(4)))));
        assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
        let ended: Vec<_> = ran
            .lives
            .iter()
            .filter(|life| life.slice_id == (0, 0))
            .map(|life| life.ended.clone())
            .collect();
        let left = ended
            .iter()
            .filter(|ended| **ended == Some(Ok(Ended::AlreadyClaimed)))
            .count();
        assert_eq!(
            (ended.len(), left),
            (2, 1),
            "second delivery after {after} ms: {ended:?}"
        );
    }
}

#[test]
fn a_newer_attempt_that_never_prepares_delays_the_start_only_for_a_while() {
    let twice = Invocation {
        deliveries: vec![Delivery::default(), Delivery::after(seconds(3))],
        reply: Reply::Of(0),
    };
    let mut world = World::calm().with((0, 0), twice);
    world.engine.prepares = Some(seconds(2));
    // The second worker claims the shard three seconds after the launcher has started. The second worker dies before it
    // has prepared.
    if let Some(invocation) = world.invocations.get_mut(&(0, 0)) {
        invocation.deliveries[1].dies = Some(seconds(1));
    }
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(2)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    let start = ran.record.start.as_ref().expect("the run started");
    assert_eq!(start.attempts, [1, 1, 1]);
    let t0 = ran.t0.expect("the run started");
    assert!((seconds(8)..seconds(11)).contains(&t0), "{t0:?}");
}

#[test]
fn a_worker_that_dies_at_any_time_around_the_start_is_replaced_or_missing_by_name() {
    let (mut replaced, mut missing) = (0, 0);
    for at in (0..3_000).step_by(13) {
        let ran = simulate_checked(World::calm().with((1, 0), Invocation::once(Delivery::dying(millis(at)))));
        match ran.report.verdict {
            Verdict::Passed => replaced += 1,
            Verdict::Incomplete => {
                missing += 1;
                let reasons = &ran.report.reasons;
                assert!(
                    reasons.iter().any(|reason| reason.starts_with("worker 1: ")),
                    "{at} ms: {reasons:?}"
                );
            }
            other => panic!("died at {at} ms: {other:?}"),
        }
    }
    assert!(replaced > 0 && missing > 0, "{replaced} replaced, {missing} missing");
}

#[test]
fn a_worker_that_is_frozen_at_any_time_around_the_start_takes_part_or_is_missing_by_name() {
    let (mut took_part, mut missing) = (0, 0);
    for length in [millis(300), seconds(4), seconds(60)] {
        for at in (0..3_000).step_by(37) {
            let frozen = Delivery::frozen(millis(at), length);
            let ran = simulate_checked(World::calm().with((1, 0), Invocation::once(frozen)));
            match ran.report.verdict {
                Verdict::Passed => took_part += 1,
                Verdict::Incomplete => {
                    missing += 1;
                    let reasons = &ran.report.reasons;
                    let named = match &ran.launched {
                        Some(Launched::Aborted(abort)) => abort.missing.contains_key(&1),
                        _ => reasons.iter().any(|reason| reason.starts_with("worker 1: ")),
                    };
                    assert!(named, "frozen after {at} ms for {length:?}: {reasons:?}");
                }
                other => panic!("frozen after {at} ms for {length:?}: {other:?}"),
            }
        }
    }
    assert!(took_part > 0 && missing > 0, "{took_part} took part, {missing} missing");
}

#[test]
fn of_two_workers_of_a_shard_one_sends_if_either_is_frozen() {
    for at in (0..3_000).step_by(113) {
        for frozen in [0, 1] {
            let mut twice = Invocation {
                deliveries: vec![Delivery::default(), Delivery::after(millis(500))],
                reply: Reply::Of(0),
            };
            twice.deliveries[frozen].freeze = Some(Freeze {
                after: millis(at),
                length: seconds(6),
            });
            let world = World::calm().with((0, 0), twice);
            simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(2)))));
        }
    }
}

#[test]
fn a_duplicate_without_the_claim_does_not_make_its_shard_missing() {
    let twice = Invocation {
        deliveries: vec![Delivery::default(), Delivery::after(seconds(1))],
        reply: Reply::Of(1),
    };
    let world = World::calm().with((0, 0), twice);
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(5)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
}

#[test]
fn an_engine_that_never_prepares_aborts_the_run_with_a_reason() {
    let mut world = World::calm();
    world.engine.prepares = None;
    let ran = simulate_checked(world);
    let abort = aborted(&ran);
    assert_eq!((abort.ready, abort.missing.len()), (0, 3));
    assert!(abort.missing[&0].contains("still preparing"), "{abort}");
    let wait = ran
        .lives
        .iter()
        .map(|life| life.to.expect("the run ended"))
        .max()
        .expect("the run has workers");
    assert!(wait <= seconds(20 + 30 + 1), "{wait:?}");
}

#[test]
fn a_stop_before_the_start_aborts_the_run_and_no_request_is_sent() {
    let world = World {
        stop: Some(seconds(2)),
        ..World::calm()
    };
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(10)))));
    assert!(aborted(&ran).missing[&1].contains("stopped before it was ready: pressed"));
    assert!(ran.ended.expect("the run ended") < seconds(3));
    assert!(ran.truth.is_empty());
    assert!(
        ran.lives
            .iter()
            .all(|life| life.ended == Some(Ok(Ended::Left(SliceEnd::Stopped))))
    );
}

#[test]
fn after_a_stop_around_the_start_every_worker_stores_a_result() {
    // The loop omits a stop at 0 ms, because the launcher would read this stop before it starts a worker.
    for at in (7..1_400).step_by(7) {
        let ran = simulate_checked(World {
            stop: Some(millis(at)),
            ..World::calm()
        });
        for life in &ran.lives {
            // If the start names a worker, this worker stores a result, even if it has sent no request.
            let stopped = [Ended::Left(SliceEnd::Stopped), Ended::Done(SliceEnd::Stopped)];
            let ended = life.ended.clone().and_then(Result::ok);
            assert!(
                ended.is_some_and(|ended| stopped.contains(&ended)),
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
fn another_command_starts_the_run_of_a_killed_launcher() {
    let world = World {
        attach: Some(Attach {
            killed: seconds(3),
            attached: seconds(6),
            skew: super::world::ahead(4_000),
        }),
        ..World::calm()
    };
    let ran = simulate_checked(world.with((1, 0), Invocation::once(Delivery::after(seconds(9)))));
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(ran.truth.len(), 270);
}

#[test]
fn workers_without_a_launcher_end_after_the_start_timeout() {
    let ran = simulate_checked(World {
        attach: Some(Attach {
            killed: millis(20),
            attached: seconds(90),
            skew: 0,
        }),
        ..World::calm()
    });
    let abort = aborted(&ran);
    assert!(abort.missing[&0].contains("no start was written within"), "{abort}");
    assert!(
        ran.lives
            .iter()
            .all(|life| life.to.expect("the run ended") <= seconds(51))
    );
    assert!(
        ran.ended.expect("the run ended") < seconds(92),
        "the command waited for workers that had ended"
    );
}

#[test]
fn a_short_outage_of_the_store_does_not_prevent_the_start() {
    let cases: [(&'static [Op], &'static str); 8] = [
        (&[Op::Get], "plan.json"),
        (&[Op::PutNew], "/claims/"),
        (&[Op::PutNew], "/prepared/"),
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
        // The invocations are delayed, so that the workers start during the outage.
        for shard in 0..3 {
            world = world.with((shard, 0), Invocation::once(Delivery::after(millis(20))));
        }
        let ran = simulate_checked(world);
        assert_eq!(
            ran.report.verdict,
            Verdict::Passed,
            "{ops:?} {keys}: {:?}",
            ran.report.reasons
        );
    }
}
