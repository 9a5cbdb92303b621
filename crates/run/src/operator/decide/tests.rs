//! The properties of decisions in a simulated cluster with two copies of the operator. The copies read old versions of
//! the load test, and calls fail. A user may stop or delete the load test at any time.

use super::super::resource::{ScenarioSource, Spec};
use super::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeSet;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(5);

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn test() -> LoadTest {
    LoadTest {
        name: "checkout".to_owned(),
        uid: "1f2e3d4c-0000".to_owned(),
        generation: 1,
        created: at(1_000),
        deleted: None,
        has_finalizer: true,
        spec: Ok(Spec {
            scenario: ScenarioSource::Inline(String::new()),
            store: "s3://bucket".to_owned(),
            workers: 2,
            min_workers: None,
            start_timeout: START_TIMEOUT,
            stop: false,
            env: Vec::new(),
            service_account: None,
            cpu: None,
            memory: None,
            node_selector: Vec::new(),
            ttl: None,
        }),
        status: Status::default(),
    }
}

fn observed(run: Run) -> Observed {
    Observed {
        run,
        conducting: false,
        stop_asked: false,
        leaving_since: None,
    }
}

fn over(phase: Phase) -> Run {
    Run::Over(Ending {
        phase,
        started: phase != Phase::Aborted,
        message: "the end".to_owned(),
        workers: WorkerCounts {
            planned: 2,
            ready: 2,
            missing: 0,
        },
        arrivals: ArrivalCounts::default(),
    })
}

/// The state of the store and of the cluster, which all copies of the operator share.
#[derive(Default)]
struct Shared {
    published: bool,
    started: bool,
    stopped: bool,
    /// The phase with which the run ended; `None` while the run is in progress.
    end: Option<Phase>,
    /// Whether the scenario exists.
    scenario: bool,
    events: BTreeSet<String>,
    /// The phases with which the load test finished.
    finished: Vec<Phase>,
    removed: bool,
}

/// The task of one copy of the operator.
struct Task {
    publish: bool,
    stop: Option<String>,
    run: Run,
}

struct World {
    random: StdRng,
    now: i64,
    shared: Shared,
    /// All versions of the load test. The cluster stores the last version.
    versions: Vec<LoadTest>,
    tasks: [Option<Task>; 2],
    /// The number of tasks that each copy has begun, and the number of tasks that each copy has lost.
    begun: [u32; 2],
    lost: [u32; 2],
    /// The time since which each copy observes the run of a deleted load test.
    leaving_since: [Option<OffsetDateTime>; 2],
    /// Whether the run never ends, even if it is stopped.
    stuck: bool,
}

impl World {
    fn new(seed: u64) -> World {
        let mut fresh = test();
        fresh.has_finalizer = false;
        fresh.spec.as_mut().unwrap().ttl = seed.is_multiple_of(4).then_some(TTL);
        World {
            random: StdRng::seed_from_u64(seed),
            now: 1_000,
            shared: Shared::default(),
            versions: vec![fresh],
            tasks: [None, None],
            begun: [0, 0],
            lost: [0, 0],
            leaving_since: [None, None],
            stuck: seed % 10 == 1,
        }
    }

    fn stored(&self) -> &LoadTest {
        self.versions.last().unwrap()
    }

    fn change(&mut self, change: impl FnOnce(&mut LoadTest)) {
        let mut next = self.stored().clone();
        change(&mut next);
        self.versions.push(next);
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// Does one step of the task of a copy, as `run_task` does.
    fn step(&mut self, copy: usize) {
        let (ends, stuck) = (self.chance(20), self.stuck);
        let shared = &mut self.shared;
        let Some(task) = &mut self.tasks[copy] else { return };
        if matches!(task.run, Run::Over(_) | Run::Rejected { .. } | Run::Absent { .. }) {
            return;
        }
        if !shared.published {
            if task.stop.is_some() || !task.publish {
                shared.stopped = true;
                task.run = Run::Absent {
                    problem: task.stop.clone().unwrap_or_default(),
                };
                return;
            }
            if !shared.scenario {
                task.run = Run::Waiting {
                    reason: "ScenarioMissing",
                    problem: "the ConfigMap does not exist".to_owned(),
                };
                return;
            }
            shared.published = true;
        }
        shared.stopped |= task.stop.is_some();
        if !stuck && shared.end.is_none() && (ends || shared.stopped) {
            shared.end = Some(match (shared.started, shared.stopped) {
                (false, true) => Phase::Aborted,
                (true, true) => Phase::Incomplete,
                (_, false) => Phase::Passed,
            });
        }
        shared.started |= shared.end.is_none();
        task.run = match shared.end {
            Some(phase) => over(phase),
            None => Run::Underway(Progress {
                started: shared.started,
                stopping: shared.stopped,
                ..Progress::default()
            }),
        };
    }

    /// A copy decides about one version of the load test, and carries out the actions. Each call fails with a
    /// probability of `fails` percent.
    fn reconcile(&mut self, copy: usize, version: usize, fails: u32) -> Vec<Action> {
        let seen = self.versions[version].clone();
        let is_newest = version + 1 == self.versions.len();
        let task = self.tasks[copy].as_ref();
        if seen.deleted.is_some() && task.is_some_and(|task| task.run != Run::Unknown) {
            self.leaving_since[copy].get_or_insert(at(self.now));
        }
        let observed = Observed {
            run: task.map_or(Run::Unknown, |task| task.run.clone()),
            conducting: task.is_some(),
            stop_asked: task.is_some_and(|task| task.stop.is_some()),
            leaving_since: self.leaving_since[copy],
        };
        let actions = decide(&seen, &observed, at(self.now));
        let mut is_newest = is_newest;
        for action in &actions {
            let is_call = !matches!(action, Action::Conduct { .. } | Action::Stop { .. } | Action::Emit(_));
            if self.shared.removed || (is_call && self.chance(fails)) {
                break;
            }
            match action.clone() {
                Action::AddFinalizer => {
                    // The cluster rejects new finalizers of an object that is being deleted.
                    if self.stored().deleted.is_some() {
                        break;
                    }
                    self.change(|test| test.has_finalizer = true);
                }
                Action::Conduct { publish } => {
                    let spec = seen.spec.as_ref().unwrap();
                    let may_publish = seen.deleted.is_none() && !spec.stop && seen.status.finished().is_none();
                    assert!(may_publish || !publish, "a run that must not begin is published");
                    self.begun[copy] += 1;
                    self.tasks[copy] = Some(Task {
                        publish,
                        stop: None,
                        run: Run::Unknown,
                    });
                }
                Action::Stop { reason } => {
                    if let Some(task) = &mut self.tasks[copy] {
                        assert!(task.stop.is_none(), "the stop is asked for twice");
                        task.stop = Some(reason);
                    }
                }
                Action::Emit(note) => {
                    // The cluster accepts each name of an Event only once.
                    self.shared.events.insert(note.reason);
                }
                Action::SetStatus(status) => {
                    // The cluster rejects a status for an old version.
                    if !is_newest {
                        break;
                    }
                    if status.finished().is_some() && self.stored().status.finished().is_none() {
                        self.shared.finished.push(status.phase);
                    }
                    self.change(|test| test.status = *status);
                    is_newest = true;
                }
                Action::RemoveFinalizer => {
                    if self.stored().deleted.is_some() {
                        self.shared.removed = true;
                    }
                }
                Action::Delete => {
                    let (ttl, finished) = (seen.spec.as_ref().unwrap().ttl, self.stored().status.finished());
                    assert!(at(self.now) >= finished.unwrap() + ttl.unwrap(), "deleted too early");
                    let now = at(self.now);
                    self.change(|test| test.deleted = test.deleted.or(Some(now)));
                    self.shared.removed |= !self.stored().has_finalizer;
                }
                Action::Requeue(_) => {}
            }
        }
        actions
    }

    /// Runs random events in a random order, in which many calls fail.
    fn chaos(&mut self) {
        let (stops, deletes) = (self.chance(25), self.chance(25));
        for _ in 0..60 {
            self.now += i64::from(self.chance(30));
            if self.chance(2) {
                // No copy decides for a long time, and the tasks continue.
                self.now += 150;
                self.step(0);
                self.step(1);
            }
            let copy = self.random.random_range(0..2);
            match self.random.random_range(0..10) {
                0 => self.shared.scenario = true,
                1 if stops => self.change(|test| {
                    let spec = test.spec.as_mut().unwrap();
                    test.generation += i64::from(!spec.stop);
                    spec.stop = true;
                }),
                2 if deletes && self.chance(30) => {
                    let now = at(self.now);
                    self.change(|test| test.deleted = test.deleted.or(Some(now)));
                    self.shared.removed |= !self.stored().has_finalizer;
                }
                3 => {
                    // The copy ends, and the next copy begins.
                    self.lost[copy] += u32::from(self.tasks[copy].take().is_some());
                    self.leaving_since[copy] = None;
                }
                4..7 => self.step(copy),
                _ => {
                    let newest = self.versions.len() - 1;
                    let version = newest - self.random.random_range(0..=newest.min(2));
                    self.reconcile(copy, version, 20);
                }
            }
        }
    }

    /// One copy continues without faults. Returns the number of rounds after which the copy has no more actions.
    fn settle(&mut self) -> u32 {
        self.shared.scenario = true;
        if self.stuck {
            let now = at(self.now);
            self.change(|test| test.deleted = test.deleted.or(Some(now)));
            self.shared.removed |= !self.stored().has_finalizer;
        }
        for round in 1..60 {
            if self.shared.removed {
                return round;
            }
            let newest = self.versions.len() - 1;
            let actions = self.reconcile(0, newest, 0);
            if actions.is_empty() {
                return round;
            }
            self.step(0);
            self.now += if self.stuck { 10 } else { 1 };
        }
        panic!(
            "the actions are repeated: {:?}",
            self.reconcile(0, self.versions.len() - 1, 0)
        );
    }
}

#[test]
fn every_order_of_observations_ends_and_nothing_is_done_twice() {
    let (mut finished, mut removed, mut expired, mut stuck) = (0, 0, 0, 0);
    for seed in 0..3_000 {
        let mut world = World::new(seed);
        world.chaos();
        world.settle();
        let shared = &world.shared;
        for copy in 0..2 {
            let (begun, lost) = (world.begun[copy], world.lost[copy]);
            assert!(begun <= lost + 1, "seed {seed}: {begun} tasks begun, {lost} lost");
        }
        assert!(
            shared.finished.len() <= 1,
            "seed {seed}: finished as {:?}",
            shared.finished
        );
        let status = &world.stored().status;
        if shared.removed {
            removed += 1;
            expired += u32::from(world.stored().spec.as_ref().unwrap().ttl.is_some());
            stuck += u32::from(world.stuck && shared.published);
            assert!(
                !shared.published || shared.end.is_some() || shared.stopped,
                "seed {seed}: the test was removed while its run was under way"
            );
        } else {
            finished += 1;
            assert!(
                world.stored().spec.as_ref().unwrap().ttl.is_none(),
                "seed {seed}: not removed"
            );
            assert!(status.finished().is_some(), "seed {seed}: {status:?}");
            assert_eq!(shared.finished, [status.phase], "seed {seed}");
            assert!(
                shared.events.contains(status.phase.name()),
                "seed {seed}: {:?}",
                shared.events
            );
            assert_eq!(
                status.observed_generation,
                Some(world.stored().generation),
                "seed {seed}"
            );
        }
        let phases = world.versions.iter().map(|test| test.status.phase);
        assert!(
            phases.is_sorted(),
            "seed {seed}: a phase was followed by an earlier one"
        );
    }
    assert!(finished > 1_000 && removed > 100, "{finished} {removed}");
    assert!(expired > 500 && stuck > 100, "{expired} {stuck}");
}

#[test]
fn a_finished_test_stays_finished() {
    let mut finished = test();
    let actions = decide(&finished, &observed(over(Phase::Crossed)), at(1_100));
    let [Action::SetStatus(status), Action::Emit(note), ..] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(note.reason, "Accepted");
    finished.status = (**status).clone();
    for run in [
        Run::Unknown,
        over(Phase::Passed),
        Run::Underway(Progress::default()),
        Run::Rejected { problem: String::new() },
    ] {
        assert_eq!(decide(&finished, &observed(run), at(2_000)), []);
    }
    assert_eq!(finished.status.phase, Phase::Crossed);
    assert!(finished.status.is("Finished") && !finished.status.is("Passed"));
}

#[test]
fn a_finished_test_is_deleted_after_its_time_to_live() {
    let mut finished = test();
    finished.spec.as_mut().unwrap().ttl = Some(Duration::from_secs(100));
    let actions = decide(&finished, &observed(over(Phase::Passed)), at(1_000));
    let status = actions.iter().find_map(|action| match action {
        Action::SetStatus(status) => Some((**status).clone()),
        _ => None,
    });
    finished.status = status.unwrap();
    let later = |seconds| decide(&finished, &observed(Run::Unknown), at(seconds));
    assert_eq!(later(1_040), [Action::Requeue(Duration::from_secs(60))]);
    assert_eq!(later(1_100), [Action::Delete]);
}

#[test]
fn nothing_is_begun_before_the_finalizer() {
    let fresh = LoadTest {
        has_finalizer: false,
        ..test()
    };
    assert_eq!(
        decide(&fresh, &observed(Run::Unknown), at(1_000)),
        [Action::AddFinalizer]
    );
    let deleted = LoadTest {
        deleted: Some(at(1_001)),
        ..fresh
    };
    assert_eq!(decide(&deleted, &observed(Run::Unknown), at(1_001)), []);
}

#[test]
fn a_deleted_test_waits_for_results_at_most_for_the_patience() {
    let deleted = LoadTest {
        deleted: Some(at(2_000)),
        ..test()
    };
    let underway = |stopping| {
        Run::Underway(Progress {
            started: true,
            stopping,
            ..Progress::default()
        })
    };
    // The deletion was long before this copy began, so the patience counts from the first observation by this copy.
    let actions = decide(&deleted, &observed(Run::Unknown), at(9_000));
    assert!(actions.contains(&Action::Conduct { publish: false }));
    let since = |run| Observed {
        leaving_since: Some(at(9_000)),
        ..observed(run)
    };
    let actions = decide(&deleted, &since(underway(false)), at(9_000));
    assert!(actions.contains(&Action::Stop {
        reason: "its LoadTest was deleted".to_owned()
    }));
    assert!(!actions.contains(&Action::RemoveFinalizer));
    let actions = decide(&deleted, &since(underway(true)), at(9_119));
    assert!(
        !actions
            .iter()
            .any(|action| matches!(action, Action::Stop { .. } | Action::RemoveFinalizer))
    );
    assert_eq!(
        decide(&deleted, &since(underway(true)), at(9_120)),
        [Action::RemoveFinalizer]
    );
    let actions = decide(&deleted, &since(over(Phase::Incomplete)), at(9_010));
    assert_eq!(actions.last(), Some(&Action::RemoveFinalizer));
    assert!(actions.iter().any(|action| matches!(action, Action::SetStatus(_))));
}

#[test]
fn a_scenario_that_stays_missing_ends_the_wait_at_the_start_timeout() {
    let waiting = Run::Waiting {
        reason: "ScenarioMissing",
        problem: "the ConfigMap shop does not exist".to_owned(),
    };
    let stops = |now| {
        let actions = decide(&test(), &observed(waiting.clone()), at(now));
        actions.iter().any(|action| match action {
            Action::Stop { reason } => reason.contains("within 1m: the ConfigMap shop does not exist"),
            _ => false,
        })
    };
    assert!(!stops(1_059) && stops(1_060));
}

#[test]
fn a_scenario_that_is_not_valid_finishes_the_test_with_its_problems() {
    let rejected = Run::Rejected {
        problem: "`rate` is missing\n`url` is missing".to_owned(),
    };
    let actions = decide(&test(), &observed(rejected), at(1_001));
    let [Action::SetStatus(status), Action::Emit(first), Action::Emit(second)] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!((&*first.reason, &*second.reason), ("ScenarioInvalid", "Aborted"));
    let accepted = status.condition("Accepted").unwrap();
    assert_eq!(accepted.status, "False");
    assert!(accepted.message.contains("`rate`") && accepted.message.contains("`url`"));
    assert!(status.is("Finished"));
    assert_eq!(status.condition("Passed").unwrap().reason, "Aborted");
}
