//! The suite of test cases that every fleet must pass.
//!
//! Each case launches a run on the fleet with the real program. After the run, the case compares the report with the
//! counts of the target.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use store::documents::{Claim, Document};
use store::keys;
use whole_runs::machine::{Desk, Ran, Running, Target, sent, wait_for};
use worker::claiming::ATTEMPTS_MAX;

/// The facts about a fleet that the suite and the table of the cases use.
#[derive(Debug)]
pub(crate) struct Traits {
    /// The name of the fleet, as in `--fleet NAME`.
    pub(crate) name: &'static str,
    /// Whether the platform replaces each worker that was lost. If not, the launcher replaces the workers that were
    /// lost before the start.
    pub(crate) replaces_workers: bool,
}

/// A fleet under test, with its store and a folder in which commands run.
pub(crate) trait TestFleet {
    fn traits(&self) -> &'static Traits;

    fn desk(&self) -> &Desk;

    /// Returns the command-line options that select the fleet.
    fn fleet(&self) -> Vec<String>;

    /// Returns the location of the store of the fleet.
    fn store(&self) -> String;

    /// Adds environment variables to a command. The fleet and the store require these variables.
    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command;

    /// Writes an object to the store of the fleet.
    fn put(&self, key: &str, bytes: &[u8]);

    /// Returns whether the store of the fleet contains an object.
    fn has(&self, key: &str) -> bool;

    /// Delivers the assignment of slice 0 of a shard again, and waits until the worker of this delivery has ended.
    /// Returns whether the start of the run names this worker.
    fn deliver(&self, run: &str, shard: u32) -> bool;

    /// Kills one worker of a run while the worker sends load.
    fn kill_a_worker(&self, run: &str);

    /// Returns the number of workers that the platform has started in place of workers of the run that were lost.
    /// Waits until at least `least` of these workers have ended. Returns 0 if the platform replaces no workers.
    fn replacements(&self, _run: &str, least: usize) -> usize {
        assert_eq!(least, 0, "this fleet replaces no workers");
        0
    }
}

/// A test case with its name.
type Case = (&'static str, fn(&dyn TestFleet));

/// The names of the two test cases in which a worker is lost.
const LOST_BEFORE: &str = "a worker that is lost before the start is replaced";
const LOST_AFTER: &str = "a worker that is lost after the start is named";

/// The test cases that may run at the same time.
const CASES: [Case; 9] = [
    (
        "the counts in the report equal those of the target",
        counts_equal_those_of_the_target,
    ),
    (
        "a duplicate of each worker sends nothing",
        a_duplicate_of_each_shard_sends_nothing,
    ),
    (LOST_BEFORE, a_worker_lost_before_t0_is_replaced),
    (
        "a shard whose workers are all lost before the start is named",
        a_shard_whose_workers_are_all_lost_before_t0_is_named,
    ),
    (
        "a start without a worker leaves out the arrivals of this worker",
        a_short_start_leaves_out_a_stripe,
    ),
    (
        "a start without a worker sends all arrivals, with `--restripe`",
        a_restriped_start_sends_all_arrivals,
    ),
    ("a stopped run is reported", a_stopped_run_is_reported),
    ("a run continues when its launcher dies", a_run_outlives_its_launcher),
    (
        "the same seed sends the same requests",
        the_same_seed_sends_the_same_requests,
    ),
];

/// Returns the table of the test cases, with a column for each fleet.
pub(crate) fn table(fleets: &[&Traits]) -> String {
    let row = |first: &str, cells: Vec<String>| format!("| {first} | {} |\n", cells.join(" | "));
    let cell = |case: &str, fleet: &Traits| match (case, fleet.replaces_workers) {
        (LOST_BEFORE, true) => "yes, by the platform",
        (LOST_BEFORE, false) => "yes, by the launcher",
        (LOST_AFTER, true) => "yes, and its replacement sends nothing",
        _ => "yes",
    };
    let names = fleets.iter().map(|fleet| format!("`{}`", fleet.name)).collect();
    let mut table = row("case", names) + &row("---", vec!["---".to_owned(); fleets.len()]);
    let cases = CASES.iter().map(|(case, _)| *case);
    for case in cases.chain([LOST_AFTER]) {
        let cells = fleets.iter().map(|fleet| cell(case, fleet).to_owned());
        table.push_str(&row(case, cells.collect()));
    }
    table
}

/// The number of test cases that run at the same time.
const AT_ONCE: usize = 2;

/// Runs every test case on a fleet.
pub(crate) fn check(fleet: &(dyn TestFleet + Sync)) {
    let next = AtomicUsize::new(0);
    let (killed, was_killed) = mpsc::channel();
    std::thread::scope(|scope| {
        // The case that kills a worker begins alone, so that no worker of another case is killed. All other cases begin
        // after the kill, and do not wait until the launcher detects the loss.
        let lost = move || a_worker_lost_after_t0_is_named(fleet, &killed);
        named(LOST_AFTER).spawn_scoped(scope, lost).unwrap();
        // The receiver returns an error if the case has failed. In this case, the panic ends the scope.
        let _ = was_killed.recv();
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((case, check)) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = named(case).spawn_scoped(scope, || check(fleet)).unwrap().join();
                    ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                }
            });
        }
    });
}

/// Returns a builder for a thread that has the name of the test case. A panic message contains the name of its thread.
fn named(case: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(case.to_owned())
}

const WORKERS: u32 = 3;
const RATE: u64 = 90;
const SHARD_LOST: u32 = 1;

/// A run on a fleet, and its target.
struct Run<'a> {
    fleet: &'a dyn TestFleet,
    name: String,
    target: Target,
}

impl<'a> Run<'a> {
    /// Starts a target for a run. Does not launch the run.
    fn new(fleet: &'a dyn TestFleet, name: &str) -> Run<'a> {
        Run {
            fleet,
            name: name.to_owned(),
            target: Target::start("latency 2ms"),
        }
    }

    /// Launches the run with a load that lasts `seconds` seconds.
    fn launch(&self, seconds: u64, more: &[&str]) -> Running {
        let scenario = format!(
            "name: small\ntarget: {}\nload: {{ constant: {{ rate: {RATE}/s, duration: {seconds}s }} }}\n\
             requests: [ {{ name: home, url: /home, timeout: 2s }} ]\nlimits: {{ max_wait: 2s }}\nthresholds: [ errors <= 0% ]\n",
            self.target.url()
        );
        let file = format!("{}.yaml", self.name);
        self.fleet.desk().write(&file, &scenario);
        let workers = WORKERS.to_string();
        let launch = ["launch", &file, "--run", &self.name, "--workers", &workers];
        let rest = ["--snapshot-interval", "1s"];
        self.start(&[&launch[..], &rest, more].concat(), true)
    }

    fn start(&self, args: &[&str], fleet: bool) -> Running {
        let (fleet, store, out) = (
            if fleet { self.fleet.fleet() } else { Vec::new() },
            self.fleet.store(),
            self.out(),
        );
        let mut all: Vec<&str> = args.to_vec();
        all.extend(fleet.iter().map(String::as_str));
        all.extend(["--store", &store]);
        if args[0] != "stop" {
            all.extend(["--out", &out]);
        }
        Running::start(self.fleet.prepare(&mut self.fleet.desk().command(&all)))
    }

    /// Runs the command `attach`, `report` or `stop` for the run.
    fn command(&self, verb: &str) -> Ran {
        self.start(&[verb, &self.name], false).finish()
    }

    fn out(&self) -> String {
        format!("{}.json", self.name)
    }

    /// Reads the report of the run. Asserts that the counts of the report balance. Returns the number of sent requests,
    /// the number of missing requests, and the report.
    fn report(&self) -> (u64, u64, Value) {
        let json = self.fleet.desk().json(&self.out());
        let missing = json["balance"]["missing"].as_u64().unwrap();
        (sent(&json), missing, json)
    }

    /// Asserts that every arrival of the run was sent once and counted once.
    fn assert_whole(&self, ran: Ran, seconds: u64) {
        ran.expect(0, &[]);
        let (sent, missing, json) = self.report();
        assert_eq!((sent, missing), (RATE * seconds, 0), "{json}");
        assert_eq!(json["verdict"], "passed");
        assert_eq!(self.target.requests(), RATE * seconds, "the target's count differs");
    }

    /// Asserts that the run is incomplete, and that the reasons in the report contain all `words`. Returns the number
    /// of sent requests and the number of missing requests.
    fn assert_incomplete(&self, ran: Ran, words: &[&str]) -> (u64, u64) {
        ran.expect(3, &[]);
        let (sent, missing, json) = self.report();
        assert_eq!(json["verdict"], "incomplete", "{json}");
        let reasons = json["reasons"].to_string();
        for word in words {
            assert!(reasons.contains(word), "no `{word}` in {reasons}");
        }
        (sent, missing)
    }

    /// Stores the claim of a worker that no longer exists.
    fn lose_a_worker(&self) {
        self.lose_attempts(1);
    }

    /// Stores the maximum number of claims for a shard. The workers of these claims no longer exist, and no other
    /// worker can claim the shard.
    fn lose_every_worker(&self) {
        self.lose_attempts(ATTEMPTS_MAX);
    }

    fn lose_attempts(&self, attempts: u32) {
        let claim = Claim {
            worker: "a lost machine".to_owned(),
            claimed: 1,
            mark: 7,
            plan: None,
        };
        for attempt in 1..=attempts {
            let key = keys::claim(&self.name, SHARD_LOST, 0, attempt);
            self.fleet.put(&key, &claim.encode());
        }
    }

    fn wait_for_claims(&self) {
        wait_for("every claim", Duration::from_secs(30), || {
            let claimed = |shard| self.fleet.has(&keys::claim(&self.name, shard, 0, 1));
            (0..WORKERS).all(claimed).then_some(())
        });
    }
}

fn counts_equal_those_of_the_target(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "counts");
    run.assert_whole(run.launch(3, &[]).finish(), 3);
}

fn a_duplicate_of_each_shard_sends_nothing(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "duplicates");
    let launch = run.launch(5, &[]);
    run.wait_for_claims();
    // Two workers attempt each shard before the start, and the start names one of the two workers.
    for shard in 0..WORKERS {
        fleet.deliver(&run.name, shard);
    }
    run.assert_whole(launch.finish(), 5);
    (0..WORKERS).for_each(|shard| assert!(!fleet.deliver(&run.name, shard), "shard {shard}"));
    assert_eq!(run.target.requests(), RATE * 5, "a duplicate sent load after the run");
}

fn a_worker_lost_before_t0_is_replaced(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "replaced");
    run.lose_a_worker();
    run.assert_whole(run.launch(3, &[]).finish(), 3);
}

fn a_shard_whose_workers_are_all_lost_before_t0_is_named(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "lost-before");
    run.lose_every_worker();
    let ran = run.launch(3, &["--start-timeout", "6s"]).finish();
    ran.expect(
        3,
        &[
            "2 of 3 workers were ready, 3 are needed",
            "worker 1: it was still preparing when the start timeout of 6s passed",
        ],
    );
    assert_eq!(run.target.requests(), 0, "requests of a run that was not started");
}

fn a_worker_lost_after_t0_is_named(fleet: &dyn TestFleet, killed: &mpsc::Sender<()>) {
    let run = Run::new(fleet, "lost-after");
    let launch = run.launch(5, &[]);
    // After this number of requests, the first snapshots of every worker are stored.
    run.target.wait_for_more_than(RATE * 5 / 2);
    fleet.kill_a_worker(&run.name);
    killed.send(()).unwrap();
    let (sent, missing) = run.assert_incomplete(launch.finish(), &["worker ", "are missing"]);
    assert_eq!(sent + missing, RATE * 5);
    assert!(missing > 0 && missing < RATE * 5 / u64::from(WORKERS), "{missing}");
    // The report does not contain the requests that the killed worker sent after its last snapshot. The target has
    // counted the requests after the last snapshot.
    let counted = run.target.requests();
    assert!((sent..=sent + missing).contains(&counted), "{counted}, {sent} reported");
    // A replacement after the start sends nothing, so the number of requests does not change.
    let replaced = usize::from(fleet.traits().replaces_workers);
    assert_eq!(fleet.replacements(&run.name, replaced), replaced);
    assert_eq!(run.target.requests(), counted, "the replacement has sent requests");
}

fn a_short_start_leaves_out_a_stripe(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "short");
    run.lose_every_worker();
    let options = ["--start-timeout", "6s", "--min-workers", "2"];
    let ran = run.launch(3, &options).finish();
    let (sent, missing) = run.assert_incomplete(ran, &["worker 1"]);
    assert_eq!((sent, missing), (RATE * 2, RATE));
    assert_eq!(run.target.requests(), sent, "the target's count differs");
}

fn a_restriped_start_sends_all_arrivals(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "restriped");
    run.lose_every_worker();
    let options = ["--start-timeout", "6s", "--min-workers", "2", "--restripe"];
    run.assert_whole(run.launch(3, &options).finish(), 3);
}

fn a_stopped_run_is_reported(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "stopped");
    let launch = run.launch(60, &[]);
    run.target.wait_for_more_than(RATE);
    run.command("stop").expect(0, &[]);
    let (sent, missing) = run.assert_incomplete(launch.finish(), &["stopped"]);
    assert_eq!(sent + missing, RATE * 60);
    assert_eq!(run.target.requests(), sent, "the target's count differs");
}

fn a_run_outlives_its_launcher(fleet: &dyn TestFleet) {
    let run = Run::new(fleet, "left");
    let launch = run.launch(5, &[]);
    run.target.wait_for_more_than(RATE);
    launch.signal("KILL");
    launch.finish();
    run.assert_whole(run.command("attach"), 5);
}

fn the_same_seed_sends_the_same_requests(fleet: &dyn TestFleet) {
    let scenario = |target: &Target| {
        format!(
            "name: seeded\ntarget: {}\nseed: 11\nload: {{ constant: {{ rate: 100/s, duration: 1s }} }}\n\
             requests:\n  - {{ name: item, url: '/item/{{{{ uuid }}}}', weight: 2 }}\n  - {{ name: home, url: /home }}\n",
            target.url()
        )
    };
    let sends = |run: &Run<'_>, workers: &str, options: &[String]| -> BTreeMap<String, u64> {
        let file = format!("{}.yaml", run.name);
        fleet.desk().write(&file, &scenario(&run.target));
        let args = ["launch", &file, "--run", &run.name, "--workers", workers];
        let mut all: Vec<&str> = args.to_vec();
        all.extend(options.iter().map(String::as_str));
        let command = &mut fleet.desk().command(&all);
        Running::start(fleet.prepare(command)).finish().expect(0, &[]);
        run.target.by_path()
    };
    let local = Run::new(fleet, "seed-here");
    let remote = Run::new(fleet, "seed-there");
    let fleet = [fleet.fleet(), vec!["--store".to_owned(), fleet.store()]].concat();
    let on_fleet = sends(&remote, "3", &fleet);
    assert_eq!(on_fleet.values().sum::<u64>(), 100);
    assert!(on_fleet.len() > 50, "{on_fleet:?}");
    // Three workers of the fleet and two local processes send the same requests.
    let processes = ["--fleet".to_owned(), "local".to_owned(), "--store=seeds".to_owned()];
    assert_eq!(sends(&local, "2", &processes), on_fleet);
}
