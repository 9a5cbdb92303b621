//! The cases. Each launches a run on the fleet that it is given, with the program that people start, and holds the
//! report against what the target counted.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use store::documents::{Claim, Document};
use store::keys;
use whole_runs::machine::{Desk, Ran, Running, Target, sent, wait_for};

/// A fleet, its store, and a folder to launch from.
pub(crate) trait Ground {
    fn desk(&self) -> &Desk;

    /// The options of the command line that choose the fleet.
    fn fleet(&self) -> Vec<String>;

    /// The location of the store.
    fn store(&self) -> String;

    /// Gives a command what it needs to reach fleet and store.
    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command;

    /// Stores an object.
    fn put(&self, key: &str, bytes: &[u8]);

    /// Whether the store has an object.
    fn has(&self, key: &str) -> bool;

    /// Delivers an assignment of shard and slice 0 once more, and returns when its worker has ended.
    fn deliver(&self, run: &str, shard: u32);

    /// Kills the machine of one worker that is sending.
    fn kill_a_worker(&self, run: &str);
}

/// A case, and its name.
type Case = (&'static str, fn(&dyn Ground));

/// The cases that may run side by side.
const CASES: [Case; 8] = [
    ("counts equal those of the target", counts_equal_those_of_the_target),
    (
        "a duplicate of each shard sends nothing",
        a_duplicate_of_each_shard_sends_nothing,
    ),
    ("a worker lost before T0 is named", a_worker_lost_before_t0_is_named),
    (
        "a short start leaves out the stripe of the missing",
        a_short_start_leaves_out_a_stripe,
    ),
    (
        "a restriped start sends all arrivals",
        a_restriped_start_sends_all_arrivals,
    ),
    ("a stopped run is reported", a_stopped_run_is_reported),
    ("a run outlives its launcher", a_run_outlives_its_launcher),
    (
        "the same seed sends the same requests",
        the_same_seed_sends_the_same_requests,
    ),
];

/// How many cases run side by side.
const AT_ONCE: usize = 2;

/// Runs every case on a fleet.
pub(crate) fn check(ground: &(dyn Ground + Sync)) {
    let next = AtomicUsize::new(0);
    let (killed, was_killed) = mpsc::channel();
    std::thread::scope(|scope| {
        // No other worker sends while one is killed. That it is lost is noticed only after a while.
        let lost = move || a_worker_lost_after_t0_is_named(ground, &killed);
        named("a worker lost after T0 is named")
            .spawn_scoped(scope, lost)
            .unwrap();
        // An error: the case has failed, and its panic ends the scope.
        let _ = was_killed.recv();
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((case, check)) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = named(case).spawn_scoped(scope, || check(ground)).unwrap().join();
                    ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                }
            });
        }
    });
}

/// A thread that a panic names.
fn named(case: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(case.to_owned())
}

const WORKERS: u32 = 3;
const RATE: u64 = 90;
const SHARD_LOST: u32 = 1;

/// A run on a fleet.
struct Run<'a> {
    ground: &'a dyn Ground,
    name: String,
    target: Target,
}

impl<'a> Run<'a> {
    /// A run whose target counts, and that has not been launched.
    fn new(ground: &'a dyn Ground, name: &str) -> Run<'a> {
        Run {
            ground,
            name: name.to_owned(),
            target: Target::start("latency 2ms"),
        }
    }

    /// Launches the run; its load lasts so many seconds.
    fn launch(&self, seconds: u64, more: &[&str]) -> Running {
        let scenario = format!(
            "name: small\ntarget: {}\nload: {{ constant: {{ rate: {RATE}/s, duration: {seconds}s }} }}\n\
             requests: [ {{ name: home, url: /home, timeout: 2s }} ]\nlimits: {{ max_wait: 2s }}\nthresholds: [ errors <= 0% ]\n",
            self.target.url()
        );
        let file = format!("{}.yaml", self.name);
        self.ground.desk().write(&file, &scenario);
        let workers = WORKERS.to_string();
        let launch = ["launch", &file, "--run", &self.name, "--workers", &workers];
        let rest = ["--snapshot-interval", "1s"];
        self.start(&[&launch[..], &rest, more].concat(), true)
    }

    fn start(&self, args: &[&str], fleet: bool) -> Running {
        let (fleet, store, out) = (
            if fleet { self.ground.fleet() } else { Vec::new() },
            self.ground.store(),
            self.out(),
        );
        let mut all: Vec<&str> = args.to_vec();
        all.extend(fleet.iter().map(String::as_str));
        all.extend(["--store", &store]);
        if args[0] != "stop" {
            all.extend(["--out", &out]);
        }
        Running::start(self.ground.prepare(&mut self.ground.desk().command(&all)))
    }

    /// Follows or reports or stops the run by its name.
    fn command(&self, verb: &str) -> Ran {
        self.start(&[verb, &self.name], false).finish()
    }

    fn out(&self) -> String {
        format!("{}.json", self.name)
    }

    /// The report, once it is known to balance: what was sent, and what is missing.
    fn report(&self) -> (u64, u64, Value) {
        let json = self.ground.desk().json(&self.out());
        let missing = json["balance"]["missing"].as_u64().unwrap();
        (sent(&json), missing, json)
    }

    /// Every arrival of so many seconds was sent and counted once.
    fn assert_whole(&self, ran: Ran, seconds: u64) {
        ran.expect(0, &[]);
        let (sent, missing, json) = self.report();
        assert_eq!((sent, missing), (RATE * seconds, 0), "{json}");
        assert_eq!(json["verdict"], "passed");
        assert_eq!(
            self.target.requests(),
            RATE * seconds,
            "the target counted something else"
        );
    }

    /// What is missing is named with the words, and never passes.
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

    /// Leaves behind what a worker leaves that died after its claim.
    fn lose_a_worker(&self) {
        let claim = Claim {
            worker: "a machine that was lost".to_owned(),
            claimed: 1,
            mark: 7,
            plan: None,
        };
        self.ground
            .put(&keys::claim(&self.name, SHARD_LOST, 0), &claim.encode());
    }

    fn wait_for_claims(&self) {
        wait_for("every claim", Duration::from_secs(30), || {
            let claimed = |shard| self.ground.has(&keys::claim(&self.name, shard, 0));
            (0..WORKERS).all(claimed).then_some(())
        });
    }
}

fn counts_equal_those_of_the_target(ground: &dyn Ground) {
    let run = Run::new(ground, "counts");
    run.assert_whole(run.launch(3, &[]).finish(), 3);
}

fn a_duplicate_of_each_shard_sends_nothing(ground: &dyn Ground) {
    let run = Run::new(ground, "duplicates");
    let launch = run.launch(5, &[]);
    run.wait_for_claims();
    (0..WORKERS).for_each(|shard| ground.deliver(&run.name, shard));
    run.assert_whole(launch.finish(), 5);
    (0..WORKERS).for_each(|shard| ground.deliver(&run.name, shard));
    assert_eq!(run.target.requests(), RATE * 5, "a duplicate sent load after the run");
}

fn a_worker_lost_before_t0_is_named(ground: &dyn Ground) {
    let run = Run::new(ground, "lost-before");
    run.lose_a_worker();
    let ran = run.launch(3, &["--start-timeout", "6s"]).finish();
    ran.expect(
        3,
        &[
            "2 of 3 workers were in, 3 are needed",
            "worker 1: it was still preparing when the start timeout, 6s, had passed",
        ],
    );
    assert_eq!(run.target.requests(), 0, "load of a run that was not started");
}

fn a_worker_lost_after_t0_is_named(ground: &dyn Ground, killed: &mpsc::Sender<()>) {
    let run = Run::new(ground, "lost-after");
    let launch = run.launch(5, &[]);
    // By then its first snapshots are stored.
    run.target.wait_for_more_than(RATE * 5 / 2);
    ground.kill_a_worker(&run.name);
    killed.send(()).unwrap();
    let (sent, missing) = run.assert_incomplete(launch.finish(), &["worker ", "are missing"]);
    assert_eq!(sent + missing, RATE * 5);
    assert!(missing > 0 && missing < RATE * 5 / u64::from(WORKERS), "{missing}");
    // What a worker sent after its last snapshot is only known to the target.
    let counted = run.target.requests();
    assert!((sent..=sent + missing).contains(&counted), "{counted}, {sent} reported");
}

fn a_short_start_leaves_out_a_stripe(ground: &dyn Ground) {
    let run = Run::new(ground, "short");
    run.lose_a_worker();
    let options = ["--start-timeout", "6s", "--min-workers", "2"];
    let ran = run.launch(3, &options).finish();
    let (sent, missing) = run.assert_incomplete(ran, &["worker 1"]);
    assert_eq!((sent, missing), (RATE * 2, RATE));
    assert_eq!(run.target.requests(), sent, "the target counted something else");
}

fn a_restriped_start_sends_all_arrivals(ground: &dyn Ground) {
    let run = Run::new(ground, "restriped");
    run.lose_a_worker();
    let options = ["--start-timeout", "6s", "--min-workers", "2", "--restripe"];
    run.assert_whole(run.launch(3, &options).finish(), 3);
}

fn a_stopped_run_is_reported(ground: &dyn Ground) {
    let run = Run::new(ground, "stopped");
    let launch = run.launch(60, &[]);
    run.target.wait_for_more_than(RATE);
    run.command("stop").expect(0, &[]);
    let (sent, missing) = run.assert_incomplete(launch.finish(), &["stopped"]);
    assert_eq!(sent + missing, RATE * 60);
    assert_eq!(run.target.requests(), sent, "the target counted something else");
}

fn a_run_outlives_its_launcher(ground: &dyn Ground) {
    let run = Run::new(ground, "left");
    let launch = run.launch(5, &[]);
    run.target.wait_for_more_than(RATE);
    launch.signal("KILL");
    launch.finish();
    run.assert_whole(run.command("attach"), 5);
}

fn the_same_seed_sends_the_same_requests(ground: &dyn Ground) {
    let scenario = |target: &Target| {
        format!(
            "name: seeded\ntarget: {}\nseed: 11\nload: {{ constant: {{ rate: 100/s, duration: 1s }} }}\n\
             requests:\n  - {{ name: item, url: '/item/{{{{ uuid }}}}', weight: 2 }}\n  - {{ name: home, url: /home }}\n",
            target.url()
        )
    };
    let sends = |run: &Run<'_>, workers: &str, options: &[String]| -> BTreeMap<String, u64> {
        let file = format!("{}.yaml", run.name);
        ground.desk().write(&file, &scenario(&run.target));
        let args = ["launch", &file, "--run", &run.name, "--workers", workers];
        let mut all: Vec<&str> = args.to_vec();
        all.extend(options.iter().map(String::as_str));
        let command = &mut ground.desk().command(&all);
        Running::start(ground.prepare(command)).finish().expect(0, &[]);
        run.target.by_path()
    };
    let here = Run::new(ground, "seed-here");
    let there = Run::new(ground, "seed-there");
    let fleet = [ground.fleet(), vec!["--store".to_owned(), ground.store()]].concat();
    let on_fleet = sends(&there, "3", &fleet);
    assert_eq!(on_fleet.values().sum::<u64>(), 100);
    assert!(on_fleet.len() > 50, "{on_fleet:?}");
    // Two processes of this machine send the same as three workers of the fleet.
    let processes = ["--fleet".to_owned(), "local".to_owned(), "--store=seeds".to_owned()];
    assert_eq!(sends(&here, "2", &processes), on_fleet);
}
