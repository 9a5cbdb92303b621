//! Runs that go on without whoever started them, or without some of their workers.

use super::laws::{CALIBRATED, TICK, happen};
use super::run::Ran;
use super::world::{Attach, Delivery, Invocation, World, ahead, seconds};
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::BTreeSet;
use std::time::Duration;

/// Ten seconds in windows of three and a bit.
fn sliced() -> World {
    World {
        slice_max: Some(seconds(4)),
        ..World::calm()
    }
}

/// Killed after so long, and taken up when everything is long over.
fn killed(after: Duration) -> Option<Attach> {
    Some(Attach {
        killed: after,
        taken_up: seconds(120),
        skew: 0,
    })
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
fn a_run_whose_launcher_dies_goes_on_to_its_end() {
    let ran = happen(World {
        attach: killed(seconds(3)),
        ..sliced()
    });
    whole(&ran);
    assert_eq!(ran.lives.len(), 9, "three workers, three windows");
    let last = ran.truth.iter().map(|sent| sent.at).max().expect("it sent");
    assert!(last < seconds(15), "nobody had taken the run up by then: {last:?}");
}

#[test]
fn without_a_hand_over_the_same_run_ends_with_its_first_window() {
    let ran = happen(World {
        attach: killed(seconds(3)),
        hands_over: false,
        ..sliced()
    });
    assert_eq!(ran.report_after.verdict, Verdict::Incomplete);
    assert_eq!(ran.lives.len(), 3);
}

#[test]
fn a_launcher_that_is_there_starts_what_a_dead_worker_could_not() {
    let dies = Invocation::once(Delivery::dying(seconds(2)));
    let ran = happen(sliced().with((1, 0), dies));
    let places: BTreeSet<_> = ran.lives.iter().map(|life| life.place).collect();
    assert_eq!(places.len(), 9);
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
fn a_wrong_clock_is_corrected_in_every_window() {
    for skew in [4_000, -4_000] {
        let wrong = || Invocation::once(Delivery::skewed(ahead(skew)));
        let ran = happen(sliced().with((0, 1), wrong()).with((2, 2), wrong()));
        whole(&ran);
        for sent in &ran.truth {
            let due = ran.due(sent.k).expect("it started");
            assert!(due.abs_diff(sent.at) <= CALIBRATED + TICK, "{skew}: {due:?}, {sent:?}");
        }
        for worker in &ran.report.workers {
            let noted = worker.clock_offset_ms;
            match (worker.shard, worker.slice) {
                (0, 1) | (2, 2) => assert!((noted.expect("noted") - skew as f64).abs() < 1.0, "{noted:?}"),
                _ => assert_eq!(noted, None),
            }
            assert!(worker.clock_uncertainty_ms.expect("measured") < 1.0);
        }
    }
}

#[test]
fn those_who_are_in_share_all_arrivals_if_they_are_told_to() {
    for slice_max in [None, Some(seconds(4))] {
        let ran = happen(World {
            workers_min: 2,
            restripe: true,
            slice_max,
            ..World::calm().with((1, 0), Invocation::never())
        });
        whole(&ran);
        let shards: BTreeSet<u32> = ran.truth.iter().map(|sent| sent.place.0).collect();
        assert_eq!(shards, BTreeSet::from([0, 2]));
        assert!(ran.report.workers.iter().all(|worker| worker.shard != 1));
        assert!(
            ran.report.notes.iter().any(|note| note.contains("worker 1 was not in")),
            "{:?}",
            ran.report.notes
        );
        for sent in &ran.truth {
            let due = ran.due(sent.k).expect("it started");
            assert!(due.abs_diff(sent.at) <= TICK, "{due:?}, {sent:?}");
        }
    }
}

#[test]
fn a_worker_that_comes_after_a_start_without_it_sends_nothing() {
    let late = Invocation::once(Delivery::after(seconds(22)));
    let ran = happen(World {
        workers_min: 2,
        restripe: true,
        ..World::calm().with((1, 0), late)
    });
    whole(&ran);
    assert!(ran.truth.iter().all(|sent| sent.place.0 != 1));
}

#[test]
fn a_run_that_nobody_follows_stops_if_it_is_told_to() {
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
    let ran = happen(world(Some(seconds(5))));
    let last = ran.truth.iter().map(|sent| sent.at).max().expect("it sent");
    assert!((seconds(7)..seconds(11)).contains(&last), "{last:?}");
    assert_eq!(ran.report_after.verdict, Verdict::Incomplete);
    let reasons = &ran.report_after.reasons;
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("nobody has followed the run for 5s")),
        "{reasons:?}"
    );
    whole(&happen(world(None)));
}

#[test]
fn a_run_that_is_followed_never_stops_by_itself() {
    whole(&happen(World {
        dead_man: Some(seconds(5)),
        ..sliced()
    }));
}

#[test]
fn a_target_in_trouble_is_left_alone() {
    // Three of ten requests fail, so a rule of 20% is broken at once, and one of 90% never.
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
    let ran = happen(world("abort_if: errors > 20% for 5s\n"));
    assert_eq!(ran.report.verdict, Verdict::Crossed, "{:?}", ran.report.reasons);
    let last = ran.truth.iter().map(|sent| sent.at).max().expect("it sent");
    // T0 lies a second and a bit ahead; then five seconds, a snapshot, and the looks at both keys.
    assert!((seconds(6)..seconds(10)).contains(&last), "{last:?}");
    let why = "the run was stopped: `abort_if: errors > 20% for 5s` is broken from 0 s to 5 s, at last by ";
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
        whole(&happen(world(lines)));
    }
}

#[test]
fn a_run_that_is_given_up_with_a_worker_missing_is_incomplete() {
    let ran = happen(World {
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
fn regions_share_one_run_and_are_reported_apart() {
    let ran = happen(World {
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
