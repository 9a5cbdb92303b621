//! Tests of runs without faults, and of runs with one kind of fault after T0.

use super::invariants::{CALIBRATED, TICK, simulate_checked};
use super::outages::Outage;
use super::run::Ran;
use super::truth::Behaviour;
use super::world::{Attach, Delivery, Invocation, Load, Reply, World, ahead, millis, seconds};
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::BTreeSet;
use store::Op;
use worker::shard::Ended;

#[track_caller]
fn passed(ran: &Ran) {
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert_eq!(
        ran.truth.len() as u64,
        ran.record.plan.arrivals().expect("an open load")
    );
}

#[test]
fn a_run_without_faults_passes_and_sends_every_arrival_when_it_is_due() {
    let ran = simulate_checked(World::calm());
    passed(&ran);
    assert_eq!(ran.report.balance.planned, 240);
    assert_eq!((ran.report.balance.sent, ran.report.balance.completed), (240, 240));
    assert_eq!(
        (
            ran.report.balance.unmeasured_sent,
            ran.report.balance.unmeasured_dropped
        ),
        (30, 0)
    );
    assert!(ran.report.notes.is_empty(), "{:?}", ran.report.notes);
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.owed == Some(80) && worker.sent == 80)
    );
    assert!(
        ran.report.total.lag.max_ms <= Some(2.0),
        "{:?}",
        ran.report.total.lag.max_ms
    );
    // The run takes one second until T0, ten seconds for the load, and some time until the store is polled.
    let ended = ran.ended.expect("the run ended");
    assert!(ended < seconds(12), "{ended:?}");
}

#[test]
fn failures_and_timeouts_are_counted_and_the_run_is_complete() {
    let mut world = World::calm();
    world.engine.failing = 20;
    world.engine.hanging = 10;
    let ran = simulate_checked(world);
    passed(&ran);
    assert!(
        ran.report.total.failures.contains_key("status"),
        "{:?}",
        ran.report.total.failures
    );
    assert!(
        ran.report.total.failures.contains_key("timeout"),
        "{:?}",
        ran.report.total.failures
    );
}

#[test]
fn the_request_of_an_arrival_does_not_depend_on_the_number_of_shards() {
    let sent = |workers| {
        let world = World {
            workers,
            workers_min: workers,
            ..World::calm()
        };
        let ran = simulate_checked(world);
        passed(&ran);
        ran.truth
            .iter()
            .map(|sent| (sent.k, sent.request))
            .collect::<BTreeSet<_>>()
    };
    let alone = sent(1);
    assert_eq!(alone.len(), 270);
    assert_eq!(alone, sent(3));
    assert_eq!(alone, sent(8));
}

#[test]
fn a_shard_delivered_twice_runs_once() {
    for (after, reply) in [(0, 0), (0, 1), (4_000, 0), (4_000, 1), (30_000, 0)] {
        let twice = Invocation {
            deliveries: vec![Delivery::default(), Delivery::after(millis(after))],
            reply: Reply::Of(reply),
        };
        let alone = World {
            workers: 1,
            workers_min: 1,
            ..World::calm()
        };
        passed(&simulate_checked(alone.with((0, 0), twice.clone())));
        let ran = simulate_checked(World::calm().with((1, 0), twice));
        passed(&ran);
        let lives = ran.lives.iter().filter(|life| life.slice_id == (1, 0));
        let claimed = lives
            .filter(|life| life.ended != Some(Ok(Ended::AlreadyClaimed)))
            .count();
        assert_eq!(claimed, 1, "second delivery after {after} ms");
    }
}

#[test]
fn a_worker_whose_reply_was_lost_is_not_lost() {
    // The connection of the invocation is closed after `after` seconds, and the worker continues.
    for (workers, after) in [(1, 3), (1, 8), (3, 3), (3, 10)] {
        let cut = Invocation {
            deliveries: vec![Delivery::default()],
            reply: Reply::LostAfter(seconds(after)),
        };
        let world = World {
            workers,
            workers_min: workers,
            ..World::calm()
        };
        passed(&simulate_checked(world.with((0, 0), cut)));
    }
}

#[test]
fn a_killed_worker_is_named_and_loses_at_most_one_interval() {
    let ran = simulate_checked(World::calm().with((1, 0), Invocation::once(Delivery::dying(millis(6_700)))));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    let why = ran.losses().get(&(1, 0)).expect("shard 1 is lost");
    assert!(why.contains("a power cut") && why.contains("5.0 s to 10.0 s"), "{why}");
    assert!(
        ran.report.reasons.iter().any(|reason| reason.starts_with("worker 1: ")),
        "{:?}",
        ran.report.reasons
    );
    let dead = &ran.report.workers[1];
    assert_eq!(dead.state, WorkerState::Lost);
    // In the measured 8 seconds, the worker would send ten arrivals per second.
    assert_eq!((dead.sent, dead.missing), (30, 50));
    assert_eq!(ran.report.balance.missing, 50);
    let others = ran.report.workers.iter().filter(|worker| worker.shard != 1);
    assert!(
        others
            .clone()
            .all(|worker| worker.state == WorkerState::Finished && worker.sent == 80)
    );
    // The launcher waits for the living workers, but not for the dead worker.
    assert!(ran.ended.expect("the run ended") < seconds(16), "{:?}", ran.ended);
}

#[test]
fn a_killed_worker_without_a_reply_is_detected_by_missing_snapshots() {
    let silent = Invocation {
        deliveries: vec![Delivery::dying(seconds(4))],
        reply: Reply::Never,
    };
    let ran = simulate_checked(World::calm().with((2, 0), silent));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.losses().contains_key(&(2, 0)));
    assert!(
        ran.ended.expect("the run ended") <= seconds(11 + 4 + 15 + 1),
        "{:?}",
        ran.ended
    );
}

#[test]
fn a_worker_with_a_wrong_clock_starts_with_the_others() {
    for skew in [5_000, -5_000, 10_000, -10_000, 800, -800] {
        let ran = simulate_checked(World::calm().with((1, 0), Invocation::once(Delivery::skewed(ahead(skew)))));
        passed(&ran);
        for sent in ran.truth.iter().filter(|sent| sent.slice_id.0 == 1) {
            let due = ran.due(sent.k).expect("the run started");
            assert!(
                due.abs_diff(sent.at) <= CALIBRATED + TICK,
                "{skew} ms off: due {due:?}, {sent:?}"
            );
        }
        let recorded = ran.report.workers[1]
            .clock_offset_ms
            .expect("the clock offset is recorded");
        assert!(
            (recorded - skew as f64).abs() <= 60.0,
            "{skew} ms off, {recorded} ms recorded"
        );
        assert!(ran.report.workers[0].clock_offset_ms.is_none());
        assert!(
            ran.report.notes.iter().any(|note| note.contains("clock of worker 1")),
            "{:?}",
            ran.report.notes
        );
    }
}

#[test]
fn all_workers_follow_a_launcher_with_a_wrong_clock() {
    for skew in [7_000, -7_000] {
        let ran = simulate_checked(World {
            launcher_skew: ahead(skew),
            ..World::calm()
        });
        passed(&ran);
        assert_eq!(ran.report.notes.len(), 3, "{:?}", ran.report.notes);
    }
}

#[test]
fn a_correct_clock_is_not_adjusted_while_the_store_fails() {
    // The worker can read the start only after several seconds. The worker must not treat this delay as an error of its
    // clock.
    let around = Outage::new(&[Op::Get], "/start", millis(1_000), millis(6_000));
    let late = Invocation::once(Delivery::after(millis(5_000)));
    let ran = simulate_checked(
        World {
            outages: vec![around],
            ..World::calm()
        }
        .with((1, 0), late),
    );
    passed(&ran);
    assert!(
        ran.report.notes.iter().all(|note| !note.contains("clock")),
        "{:?}",
        ran.report.notes
    );
}

#[test]
fn the_next_snapshot_includes_those_that_could_not_be_stored() {
    let away = Outage::new(&[Op::Put], "/live/", seconds(3), seconds(7));
    let ran = simulate_checked(World {
        outages: vec![away],
        ..World::calm()
    });
    passed(&ran);
    let series: u64 = ran.report.seconds.iter().map(|second| second.sent).sum();
    assert_eq!(series, 270);
    assert!(ran.record.slices.values().all(|slice| slice.snapshots.len() < 10));
}

#[test]
fn the_last_snapshot_is_retried_until_the_store_works() {
    let away = Outage::new(&[Op::Put], "/live/", millis(9_500), millis(11_500));
    let mut world = World {
        outages: vec![away],
        ..World::calm()
    };
    // During the outage, no worker can write its last snapshot or its result. The workers retry both writes until the
    // store works.
    world
        .outages
        .push(Outage::new(&[Op::PutNew], "/result", millis(9_500), millis(11_500)));
    let ran = simulate_checked(world);
    passed(&ran);
    let series: u64 = ran.report.seconds.iter().map(|second| second.sent).sum();
    assert_eq!(series, 270);
}

#[test]
fn a_result_is_stored_after_an_outage_of_the_store() {
    let away = Outage::new(&[Op::PutNew], "/result", seconds(9), seconds(20));
    let ran = simulate_checked(World {
        outages: vec![away],
        ..World::calm()
    });
    passed(&ran);
}

#[test]
fn a_follower_survives_an_outage_of_the_store() {
    for ops in [&[Op::List][..], &[Op::Get], &[Op::Get, Op::List, Op::Put, Op::PutNew]] {
        let away = Outage::new(ops, "", seconds(4), seconds(14));
        let ran = simulate_checked(World {
            outages: vec![away],
            ..World::calm()
        });
        passed(&ran);
    }
}

#[test]
fn another_command_follows_the_run_of_a_killed_launcher() {
    for killed in [1_500, 5_000, 10_500] {
        let ran = simulate_checked(World {
            attach: Some(Attach {
                killed: millis(killed),
                attached: millis(killed + 2_000),
                skew: 0,
            }),
            ..World::calm()
        });
        passed(&ran);
    }
}

#[test]
fn a_stop_ends_the_load_within_two_seconds_and_all_sent_requests_are_reported() {
    let ran = simulate_checked(World {
        stop: Some(seconds(6)),
        ..World::calm()
    });
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.state == WorkerState::Stopped)
    );
    assert!(
        ran.report
            .reasons
            .iter()
            .any(|reason| reason == "the run was stopped: pressed")
    );
    let (balance, sent) = (&ran.report.balance, ran.truth.len() as u64);
    assert_eq!(balance.sent + balance.unmeasured_sent, sent);
    assert_eq!((balance.sent, balance.in_flight), (balance.completed, 0));
    assert!(balance.missing > 0);
    assert!(ran.ended.expect("the run ended") < seconds(9), "{:?}", ran.ended);
}

#[test]
fn a_stop_waits_for_requests_in_flight_up_to_their_maximum_duration() {
    let mut world = World {
        stop: Some(seconds(6)),
        ..World::calm()
    };
    world.engine.timeout = None;
    world.engine.hanging = 10;
    let ran = simulate_checked(world);
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.state == WorkerState::Stopped)
    );
    let open = ran.truth.iter().filter(|sent| sent.answered.is_none()).count();
    assert!(open > 0 && ran.report.balance.in_flight <= open as u64);
    assert!(
        ran.ended.expect("the run ended") < seconds(6 + 2 + 4 + 1),
        "{:?}",
        ran.ended
    );
}

#[test]
fn a_run_ends_although_its_engine_waits_for_ever() {
    let mut world = World::calm();
    world.engine.timeout = None;
    world.engine.hanging = 5;
    let ran = simulate_checked(world);
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(
        ran.report
            .workers
            .iter()
            .all(|worker| worker.state == WorkerState::Finished)
    );
    assert!(ran.report.balance.in_flight > 0);
    assert_eq!(ran.report.balance.missing, 0);
    // The load ends 11 s after the launcher has started, and a request may take 4 s.
    assert!(ran.ended.expect("the run ended") < seconds(18), "{:?}", ran.ended);
}

#[test]
fn arrivals_without_a_connection_in_time_are_dropped_and_not_missing() {
    let mut world = World {
        connections: 2,
        ..World::calm()
    };
    world.engine.stall = Some((seconds(4), seconds(9)));
    world.engine.timeout = Some(seconds(2));
    let ran = simulate_checked(world);
    let balance = &ran.report.balance;
    assert!(balance.dropped > 0 && balance.missing == 0, "{balance:?}");
    assert_eq!(balance.planned, balance.sent + balance.dropped);
    assert_eq!(ran.report.verdict, Verdict::Passed, "{:?}", ran.report.reasons);
    assert!(ran.report.total.latency.max_ms >= Some(2_000.0));
    // The time that an arrival waits for a connection does not count as lag of the generator.
    let lag = &ran.report.lag_parts;
    assert!(lag.waiting.max_ms >= Some(1_000.0), "{:?}", lag.waiting.max_ms);
    assert!(lag.generator.max_ms <= Some(5.0), "{:?}", lag.generator.max_ms);
    assert_eq!(lag.generator.count, ran.report.total.lag.count);
}

#[test]
fn a_worker_stores_its_result_before_the_deadline_of_its_host() {
    let ends = Delivery {
        lifetime: Some(seconds(14)),
        dies: Some(seconds(14)),
        ..Delivery::default()
    };
    let ran = simulate_checked(World::calm().with((0, 0), Invocation::once(ends)));
    let worker = &ran.report.workers[0];
    assert_eq!(worker.state, WorkerState::Deadline, "{:?}", ran.report.reasons);
    // From its lifetime of 14 s, the worker reserves 5 s for storing the result and 4 s for the last request. The
    // worker stops sending at 5 s, which is 1.9 s after the begin of the measured load.
    assert_eq!((worker.sent, worker.missing), (19, 61));
    assert_eq!(ran.report.balance.missing, 61);
}

/// Returns a world with a load of ten seconds. A slice lasts at most four seconds, so the run has three slices.
fn sliced() -> World {
    World {
        slice_max: Some(seconds(4)),
        ..World::calm()
    }
}

#[test]
fn a_run_in_slices_sends_every_arrival_once() {
    let ran = simulate_checked(sliced());
    assert_eq!(ran.record.plan.slices.len(), 3);
    passed(&ran);
    assert_eq!(ran.lives.len(), 9);
    assert!(
        ran.report.total.lag.max_ms <= Some(2.0),
        "{:?}",
        ran.report.total.lag.max_ms
    );
}

#[test]
fn only_a_slice_that_is_never_delivered_is_missing() {
    let ran = simulate_checked(sliced().with((1, 1), Invocation::never()));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert_eq!(ran.losses().keys().copied().collect::<Vec<_>>(), [(1, 1)]);
    assert!(
        ran.report
            .reasons
            .iter()
            .any(|reason| reason == "worker 1, slice 1: it was never claimed"),
        "{:?}",
        ran.report.reasons
    );
    let owed = ran
        .report
        .workers
        .iter()
        .find(|worker| (worker.shard, worker.slice) == (1, 1))
        .and_then(|worker| worker.owed);
    assert_eq!(Some(ran.report.balance.missing), owed);
}

#[test]
fn a_late_worker_of_a_slice_sends_all_its_arrivals() {
    let ran = simulate_checked(sliced().with((2, 1), Invocation::once(Delivery::after(seconds(4)))));
    passed(&ran);
    let late = ran
        .report
        .workers
        .iter()
        .find(|worker| (worker.shard, worker.slice) == (2, 1))
        .expect("the worker is listed");
    assert!(late.start_skew_ms.expect("the run started") > 500.0, "{late:?}");
}

#[test]
fn no_slice_starts_after_a_stop() {
    let ran = simulate_checked(World {
        stop: Some(seconds(3)),
        ..sliced()
    });
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
    assert!(ran.lives.iter().all(|life| life.slice_id.1 < 2), "{:?}", ran.lives);
    assert!(ran.ended.expect("the run ended") < seconds(6), "{:?}", ran.ended);
}

#[test]
fn a_slice_delivered_twice_runs_once_with_either_reply() {
    for reply in [0, 1] {
        let twice = Invocation {
            deliveries: vec![Delivery::default(), Delivery::after(millis(300))],
            reply: Reply::Of(reply),
        };
        passed(&simulate_checked(sliced().with((0, 1), twice)));
    }
}

#[test]
fn a_load_with_a_high_rate_is_sent_exactly() {
    let mut world = World {
        load: Load::Open {
            warm_up: 1,
            rate: 2_000,
            seconds: 3,
        },
        workers: 2,
        workers_min: 2,
        ..World::calm()
    };
    world.engine = Behaviour {
        latency: (millis(1), millis(9)),
        ..Behaviour::quick()
    };
    let ran = simulate_checked(world);
    passed(&ran);
    assert_eq!(ran.truth.len(), 7_000);
}
