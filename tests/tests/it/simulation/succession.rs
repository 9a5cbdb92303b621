//! Tests of runs that continue without their launcher, or without some of their workers.

use super::invariants::{CALIBRATED, TICK, simulate_checked};
use super::run::Ran;
use super::world::{Attach, Delivery, Invocation, World, ahead, seconds};
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::BTreeSet;
use std::time::Duration;

/// Returns a world with a load of ten seconds. A slice lasts at most four seconds, so the run has three slices.
fn sliced() -> World {
    World {
        slice_max: Some(seconds(4)),
        ..World::calm()
    }
}

/// Returns the times of a launcher that is killed, and of a command that attaches long after the end of the run.
fn killed(after: Duration) -> Option<Attach> {
    Some(Attach {
        killed: after,
        attached: seconds(120),
        skew: 0,
    })
}

/// Returns the time at which the last request was sent.
#[track_caller]
fn last_sent(ran: &Ran) -> Duration {
    let sent = ran.truth.iter().map(|sent| sent.at);
    sent.max().expect("the run sent requests")
}

#[track_caller]
fn whole(ran: &Ran) {
    assert_eq!(
        ran.report_after.verdict,
        Verdict::Passed,
        "{:?}",
        ran.report_after.reasons
    );
    assert_eq!(
        ran.truth.len() as u64,
        ran.record.plan.arrivals().expect("an open load")
    );
}

#[test]
fn a_run_continues_to_its_end_without_its_launcher() {
    let ran = simulate_checked(World {
        attach: killed(seconds(3)),
        ..sliced()
    });
    whole(&ran);
    assert_eq!(ran.lives.len(), 9, "three workers in three windows");
    let last = last_sent(&ran);
    assert!(
        last < seconds(15),
        "the load continued until the run was attached: {last:?}"
    );
}

#[test]
fn without_hand_overs_a_run_without_its_launcher_ends_after_its_first_window() {
    let ran = simulate_checked(World {
        attach: killed(seconds(3)),
        hands_over: false,
        ..sliced()
    });
    assert_eq!(ran.report_after.verdict, Verdict::Incomplete);
    assert_eq!(ran.lives.len(), 3);
}

#[test]
fn the_launcher_starts_the_next_slice_of_a_killed_worker() {
    let dies = Invocation::once(Delivery::dying(seconds(2)));
    let ran = simulate_checked(sliced().with((1, 0), dies));
    let slice_ids: BTreeSet<_> = ran.lives.iter().map(|life| life.slice_id).collect();
    assert_eq!(slice_ids.len(), 9);
    let lost: Vec<_> = ran
        .report
        .workers
        .iter()
        .filter(|w| w.state == WorkerState::Lost)
        .collect();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].shard, lost[0].slice), (1, 0));
}

#[test]
fn a_wrong_clock_is_corrected_in_every_slice() {
    for skew in [4_000, -4_000] {
        let wrong = || Invocation::once(Delivery::skewed(ahead(skew)));
        let ran = simulate_checked(sliced().with((0, 1), wrong()).with((2, 2), wrong()));
        whole(&ran);
        for sent in &ran.truth {
            let due = ran.due(sent.k).expect("the run started");
            assert!(due.abs_diff(sent.at) <= CALIBRATED + TICK, "{skew}: {due:?}, {sent:?}");
        }
        for worker in &ran.report.workers {
            let recorded = worker.clock_offset_ms;
            match (worker.shard, worker.slice) {
                (0, 1) | (2, 2) => assert!(
                    (recorded.expect("the offset is recorded") - skew as f64).abs() < 1.0,
                    "{recorded:?}"
                ),
                _ => assert_eq!(recorded, None),
            }
            assert!(worker.clock_uncertainty_ms.expect("the uncertainty is recorded") < 1.0);
        }
    }
}

#[test]
fn a_restriped_start_shares_all_arrivals_among_the_present_workers() {
    for slice_max in [None, Some(seconds(4))] {
        let ran = simulate_checked(World {
            workers_min: 2,
            restripe: true,
            slice_max,
            ..World::calm().with((1, 0), Invocation::never())
        });
        whole(&ran);
        let shards: BTreeSet<u32> = ran.truth.iter().map(|sent| sent.slice_id.0).collect();
        assert_eq!(shards, BTreeSet::from([0, 2]));
        assert!(ran.report.workers.iter().all(|worker| worker.shard != 1));
        assert!(
            ran.report
                .notes
                .iter()
                .any(|note| note.contains("worker 1 was not ready")),
            "{:?}",
            ran.report.notes
        );
        for sent in &ran.truth {
            let due = ran.due(sent.k).expect("the run started");
            assert!(due.abs_diff(sent.at) <= TICK, "{due:?}, {sent:?}");
        }
    }
}

#[test]
fn a_worker_left_out_by_a_restriped_start_sends_nothing() {
    let late = Invocation::once(Delivery::after(seconds(22)));
    let ran = simulate_checked(World {
        workers_min: 2,
        restripe: true,
        ..World::calm().with((1, 0), late)
    });
    whole(&ran);
    assert!(ran.truth.iter().all(|sent| sent.slice_id.0 != 1));
}

#[test]
fn a_run_with_a_dead_man_timeout_stops_without_a_follower() {
    let world = |dead_man| World {
        attach: killed(seconds(3)),
        dead_man,
        load: super::world::Load::Open {
            warm_up: 2,
            rate: 30,
            seconds: 12,
        },
        ..World::calm()
    };
    let ran = simulate_checked(world(Some(seconds(5))));
    let last = last_sent(&ran);
    assert!((seconds(7)..seconds(11)).contains(&last), "{last:?}");
    assert_eq!(ran.report_after.verdict, Verdict::Incomplete);
    let reasons = &ran.report_after.reasons;
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("no process has followed the run for 5s")),
        "{reasons:?}"
    );
    whole(&simulate_checked(world(None)));
}

#[test]
fn a_run_with_a_dead_man_timeout_continues_with_a_follower() {
    whole(&simulate_checked(World {
        dead_man: Some(seconds(5)),
        ..sliced()
    }));
}

#[test]
fn a_run_stops_when_its_abort_rule_is_broken() {
    // About 30% of the requests fail. A rule of 20% is always broken, and a rule of 90% is never broken.
    let world = |lines| World {
        engine: super::truth::Behaviour {
            failing: 30,
            ..super::truth::Behaviour::quick()
        },
        load: super::world::Load::Open {
            warm_up: 1,
            rate: 200,
            seconds: 30,
        },
        lines,
        ..World::calm()
    };
    let ran = simulate_checked(world("abort_if: errors > 20% for 5s\n"));
    assert_eq!(ran.report.verdict, Verdict::Crossed, "{:?}", ran.report.reasons);
    let last = last_sent(&ran);
    // The time of the last request is the sum of these times: one second until T0, five seconds of the rule, the
    // interval of a snapshot, and the polling of two keys.
    assert!((seconds(6)..seconds(10)).contains(&last), "{last:?}");
    let why = "the run was stopped: `abort_if: errors > 20% for 5s` is broken from 0 s to 5 s, last value ";
    assert!(
        ran.report.reasons.iter().any(|reason| reason.starts_with(why)),
        "{:?}",
        ran.report.reasons
    );
    assert_eq!(ran.report_after.verdict, Verdict::Crossed);
    for lines in [
        "abort_if: errors > 90% for 1s\n",
        "abort_if: [ errors > 20% for 60s, latency max > 2s for 1s ]\n",
    ] {
        whole(&simulate_checked(world(lines)));
    }
}

#[test]
fn a_run_that_is_aborted_with_a_missing_worker_is_incomplete() {
    let ran = simulate_checked(World {
        engine: super::truth::Behaviour {
            failing: 30,
            ..super::truth::Behaviour::quick()
        },
        lines: "abort_if: errors > 5% for 3s\n",
        ..World::calm().with((1, 0), Invocation::once(Delivery::dying(seconds(3))))
    });
    assert_eq!(ran.report.verdict, Verdict::Incomplete, "{:?}", ran.report.reasons);
}

#[test]
fn regions_share_one_run_and_are_reported_separately() {
    let ran = simulate_checked(World {
        workers: 5,
        workers_min: 5,
        lines: "regions: { us-east-1: 60%, eu-west-1: 40% }\n",
        ..World::calm()
    });
    whole(&ran);
    let regions: Vec<_> = ran
        .report
        .regions
        .iter()
        .map(|region| (region.name.as_str(), region.sent))
        .collect();
    assert_eq!(regions, [("us-east-1", 144), ("eu-west-1", 96)]);
    let latencies: u64 = ran.report.regions.iter().map(|region| region.latency.count).sum();
    assert_eq!(latencies, ran.report.total.latency.count);
    for worker in &ran.report.workers {
        assert_eq!(worker.region.as_deref(), ran.record.plan.region(worker.shard));
    }
}
