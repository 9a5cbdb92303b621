//! Modifies stored documents, and runs the code that reads these documents.
//!
//! Each test simulates a run, modifies one of its objects, and then reads and judges the run again. No modification may
//! cause a panic. Every reader must end within a time limit and a memory limit.
//!
//! A modification must not make a run pass that did not pass before. A run that passed may pass again only if all
//! judged values are unchanged ([`Judged`]). Values that only describe a run, such as the processor time of a worker,
//! may differ.

mod changes;
mod forged;
mod readers;
mod workers;

use super::invariants::violations;
use super::run::simulate;
use super::world::{Delivery, Invocation, Load, RUN, World};
use ::run::summary;
use changes::{Change, Objects, Share, changes, kind, numbers};
use fleet::follow::losses;
use fleet::gather::{GatherError, Gatherer};
use report::compare::sample::RunSample;
use report::rendering::Rendering;
use report::run_report::{Balance, RequestReport, RunReport};
use report::verdict::{Judged as Threshold, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};
use store::documents::{Account, Document};
use store::{RunStore, keys};
use tally::account::{Billed, Receipt, Requests};
use tally::histogram::Histogram;

/// The maximum time for reading one modified run, and the maximum memory of a process that reads many modified runs.
const TIMEOUT: Duration = Duration::from_secs(5);
const MEMORY_MAX_KB: u64 = 500 << 10;

/// Returns a world with two shards of two slices in two regions. The scenario of the world has a feed and thresholds.
/// The plan has an estimate of the cost.
fn world() -> World {
    World {
        load: Load::Open {
            warm_up: 2,
            rate: 60,
            seconds: 6,
        },
        workers: 2,
        workers_min: 2,
        dead_man: Some(Duration::from_secs(30)),
        slice_max: Some(Duration::from_secs(4)),
        thresholds: "[ latency p99 < 80ms, errors <= 10%, errors of buy <= 20%, rate >= 20/s, dropped <= 1% ]",
        lines: "feeds: { users: users.csv }\nregions: { us-east-1: 50%, eu-west-1: 50% }\nabort_if: errors > 90% for 3s\n",
        priced: true,
        ..World::calm()
    }
}

/// The runs whose objects are modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Passed,
    /// A run that does not meet two thresholds: its latency is too high, and it has too many failures.
    Crossed,
    /// A run in which a worker dies.
    Incomplete,
    /// A run that is stopped before its end.
    Stopped,
}

impl Run {
    fn world(self) -> World {
        let mut world = world();
        match self {
            Run::Passed => {}
            Run::Crossed => {
                world.engine.failing = 30;
                world.engine.latency.1 = Duration::from_millis(300);
            }
            Run::Incomplete => {
                let dies = Delivery::dying(Duration::from_secs(4));
                world = world.with((1, 0), Invocation::once(dies));
            }
            Run::Stopped => world.stop = Some(Duration::from_secs(5)),
        }
        world
    }

    fn objects(self) -> &'static Objects {
        static RUNS: OnceLock<BTreeMap<Run, Objects>> = OnceLock::new();
        let all = [Run::Passed, Run::Crossed, Run::Incomplete, Run::Stopped];
        let runs = RUNS.get_or_init(|| all.into_iter().map(|run| (run, objects_of(run.world()))).collect());
        &runs[&self]
    }

    fn others(self) -> Vec<&'static Objects> {
        let all = [Run::Passed, Run::Crossed, Run::Incomplete, Run::Stopped];
        all.into_iter().filter(|run| *run != self).map(Run::objects).collect()
    }
}

/// Simulates the run of a world. Returns all stored objects of the run. The objects include the account and the report
/// that the launcher stores.
fn objects_of(world: World) -> Objects {
    let ran = simulate(world);
    assert_eq!(violations(&ran), Vec::<String>::new());
    let mut objects = ran.objects;
    let account = Account {
        receipts: (0..2)
            .flat_map(|shard| (0..2).map(move |slice| (shard, slice)))
            .map(|(shard, slice)| Receipt {
                shard,
                slice,
                billed: Some(Billed {
                    milliseconds: 5_000,
                    memory_mb: 1_769,
                }),
                left: false,
            })
            .collect(),
        launcher: Requests {
            writes: 9,
            lists: 20,
            reads: 30,
            written_bytes: 40_000,
            read_bytes: 50_000,
        },
    };
    objects.insert(keys::account(RUN), account.encode().into());
    objects.insert(keys::report(RUN), ran.report_after.json().into());
    objects
}

/// The judged values of one request name.
#[derive(Clone, Debug, PartialEq)]
struct OfRequest {
    name: String,
    counts: [u64; 4],
    failures: BTreeMap<String, u64>,
    statuses: BTreeMap<String, u64>,
    latency: Histogram,
    service: Histogram,
    lag: Histogram,
}

impl OfRequest {
    fn new(request: &RequestReport) -> OfRequest {
        OfRequest {
            name: request.name.clone(),
            counts: [request.sent, request.completed, request.failed, request.dropped],
            failures: request.failures.clone(),
            statuses: request.statuses.clone(),
            latency: request.latency.values.clone(),
            service: request.service.values.clone(),
            lag: request.lag.values.clone(),
        }
    }
}

/// All values on which a verdict depends.
#[derive(Clone, Debug, PartialEq)]
struct Judged {
    verdict: Verdict,
    reasons: Vec<String>,
    balance: Balance,
    thresholds: Vec<Threshold>,
    requests: Vec<OfRequest>,
    measured_s: f64,
}

impl Judged {
    fn new(report: &RunReport) -> Judged {
        Judged {
            verdict: report.verdict,
            reasons: report.reasons.clone(),
            balance: report.balance.clone(),
            thresholds: report.thresholds.clone(),
            requests: report.requests.iter().map(OfRequest::new).collect(),
            measured_s: report.measured_s,
        }
    }
}

async fn stored(objects: &Objects) -> RunStore {
    let store = RunStore::memory();
    for (key, bytes) in objects {
        store
            .put(key, bytes.clone())
            .await
            .expect("a store in memory accepts any object");
    }
    store
}

/// Reads a run, makes its report, and renders the report in one format. Returns the report, or the error if the run
/// cannot be read.
async fn reported(objects: &Objects) -> Result<RunReport, GatherError> {
    let store = stored(objects).await;
    let mut gatherer = Gatherer::open(&store, RUN).await?;
    gatherer.keep_intervals();
    gatherer.poll_listing().await?;
    let record = &gatherer.record;
    let account = match objects.get(&keys::account(RUN)).filter(|_| record.plan.cost.is_some()) {
        Some(bytes) => Account::decode(bytes).ok(),
        None => None,
    };
    let report = summary::report(record, &losses(record), account);
    // Each call renders the next format of the list. Rendering a page takes as long as rendering all other formats, so
    // not every call renders a page.
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let forms = [
        Rendering::Text,
        Rendering::Json,
        Rendering::Markdown,
        Rendering::Csv,
        Rendering::Html,
    ];
    let form = forms[TURN.fetch_add(1, Ordering::Relaxed) % forms.len()];
    assert!(!form.render(&report, &record.plan).is_empty());
    summary::so_far(record);
    // `compare` makes a sample of a run in the same way, and rejects a run without a sample.
    if let Ok(intervals) = gatherer.intervals() {
        let _ = RunSample::new(&record.plan, &report, intervals);
    }
    Ok(report)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without any input or output can be built");
    runtime.block_on(future)
}

/// Returns the peak memory of this process in kB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has a status of each process");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = peak.and_then(|peak| peak.trim().strip_suffix("kB"));
    number.expect("the status has a peak").trim().parse().expect("a number")
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
        .to_owned()
}

/// Runs a reader and checks its limits. Returns the limit that the reader exceeded, if any, and the result of the
/// reader.
fn bounded<T>(reader: impl FnOnce() -> T) -> (Option<String>, Option<T>) {
    shorten_panics();
    let (before, began) = (memory(), Instant::now());
    let read = catch_unwind(AssertUnwindSafe(reader));
    let (took, peak) = (began.elapsed(), memory());
    match read {
        Err(panic) => (Some(words_of(&*panic)), None),
        Ok(read) if took > TIMEOUT => (Some(format!("it took {took:?}")), Some(read)),
        Ok(read) if peak > MEMORY_MAX_KB && peak > before => (
            Some(format!("the memory grew from {before} kB to {peak} kB")),
            Some(read),
        ),
        Ok(read) => (None, Some(read)),
    }
}

/// Reads a modified run. Returns a description of the problem; `None` if the reader met all rules.
fn problem(run: Run, truth: &Judged, change: &Change) -> Option<String> {
    let mut objects = run.objects().clone();
    match &change.bytes {
        Some(bytes) => objects.insert(change.key.clone(), bytes.clone()),
        None => objects.remove(&change.key),
    };
    let (broken, report) = bounded(|| block_on(reported(&objects)));
    let judged = report.and_then(Result::ok).map(|report| Judged::new(&report));
    let passed = judged.as_ref().is_some_and(|judged| judged.verdict == Verdict::Passed);
    let wrong = match passed {
        true if truth.verdict != Verdict::Passed => Some(format!("it passed, and was {:?}", truth.verdict)),
        true if judged.as_ref() != Some(truth) => Some("it passed with other numbers than the stored ones".to_owned()),
        _ => None,
    };
    let words = broken.or(wrong)?;
    Some(format!("{}: {}: {words}", change.key, change.name))
}

/// Installs a panic hook that prints each panic without its backtrace.
#[expect(
    clippy::print_stderr,
    reason = "a panic hook prints the message of the panic, like the default one"
)]
fn shorten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))));
}

fn seed() -> u64 {
    std::env::var("SEED").map_or(20_260_714, |seed| seed.parse().expect("a number"))
}

/// Panics if the list of problems is not empty. The message contains the first problems, and the seed that repeats
/// them.
fn assert_none(seed: u64, tried: usize, problems: &[String]) {
    let first = problems.iter().take(30).cloned().collect::<Vec<String>>().join("\n  ");
    assert!(
        problems.is_empty(),
        "SEED={seed}: {} of {tried} changes went wrong\n  {first}",
        problems.len()
    );
}

/// Modifies all documents of a run whose kind is in the list `kinds`, and checks the readers. Returns the number of
/// modifications.
fn check(run: Run, kinds: &[&str], share: Share) -> usize {
    let seed = seed();
    let truth = block_on(reported(run.objects())).map(|report| Judged::new(&report));
    let truth = truth.expect("an unmodified run can be read");
    let expected = match run {
        Run::Passed => Verdict::Passed,
        Run::Crossed => Verdict::Crossed,
        Run::Incomplete | Run::Stopped => Verdict::Incomplete,
    };
    assert_eq!(truth.verdict, expected, "{:?}", truth.reasons);
    let (mut tried, mut problems) = (0, Vec::new());
    let mut attempt = |changes: Vec<Change>| {
        tried += changes.len();
        problems.extend(changes.iter().filter_map(|change| problem(run, &truth, change)));
    };
    let keys = run.objects().keys().filter(|key| kinds.contains(&kind(key)));
    for (at, key) in keys.enumerate() {
        attempt(changes(key, run.objects(), &run.others(), share, seed + at as u64));
    }
    if kinds.contains(&"live") {
        attempt(under_new_keys(run));
    }
    assert_none(seed, tried, &problems);
    tried
}

/// Returns modifications that store each object of a run under keys that the run does not use.
fn under_new_keys(run: Run) -> Vec<Change> {
    let keys = [
        keys::live(RUN, 0, 0, 99_999),
        keys::live(RUN, 1, 1, u32::MAX),
        keys::result(RUN, 7, 0),
        keys::claim(RUN, 0, u32::MAX, 1),
        keys::live(RUN, u32::MAX, 0, 1),
        keys::stop(RUN),
        format!("{}past/plan.json", keys::shards(RUN)),
    ];
    let keys = keys.iter().filter(|key| !run.objects().contains_key(*key));
    let changes = keys.flat_map(|key| {
        run.objects().iter().map(|(from, bytes)| Change {
            key: key.clone(),
            name: format!("replaced by {from}"),
            bytes: Some(bytes.clone()),
        })
    });
    changes.collect()
}

/// The claims of this run do not name their plan, so a reader accepts the modified plan and uses its cost.
#[test]
fn costs_and_accounts_of_any_numbers_are_reported() {
    let mut objects = Run::Passed.objects().clone();
    for (key, bytes) in objects.iter_mut().filter(|(key, _)| kind(key) == "claim") {
        let mut claim: Value = serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{key} is JSON"));
        claim["plan"] = Value::Null;
        *bytes = claim.to_string().into();
    }
    let (plan, account) = (keys::plan(RUN), keys::account(RUN));
    let mut all = numbers(&account, &objects[&account], "");
    all.extend(numbers(&plan, &objects[&plan], "/cost"));
    let mut problems = Vec::new();
    for change in &all {
        let mut changed = objects.clone();
        changed.insert(
            change.key.clone(),
            change.bytes.clone().expect("the object is replaced"),
        );
        let (broken, _) = bounded(|| block_on(reported(&changed)));
        problems.extend(broken.map(|words| format!("{}: {}: {words}", change.key, change.name)));
    }
    assert!(all.len() > 300, "{}", all.len());
    assert_none(seed(), all.len(), &problems);
}

const FEW: [&str; 8] = [
    "start",
    "stop",
    "heartbeat",
    "account.json",
    "report.json",
    "data",
    "claim",
    "prepared",
];

fn share(fields: usize, histograms: usize, bytes: usize, moved: usize) -> Share {
    Share {
        fields,
        histograms,
        bytes,
        moved,
    }
}

#[test]
fn a_passed_run_with_a_modified_plan_passes_only_with_the_same_values() {
    assert!(check(Run::Passed, &["plan.json"], share(600, 0, 60, 30)) > 600);
}

#[test]
fn a_crossed_run_does_not_pass_with_a_modified_plan() {
    assert!(check(Run::Crossed, &["plan.json"], share(600, 0, 60, 30)) > 600);
}

#[test]
fn a_passed_run_with_a_modified_small_document_passes_only_with_the_same_values() {
    assert!(check(Run::Passed, &FEW, share(35, 0, 8, 6)) > 350);
}

#[test]
fn a_run_that_did_not_pass_does_not_pass_with_a_modified_small_document() {
    let tried = [Run::Crossed, Run::Incomplete, Run::Stopped].map(|run| check(run, &FEW, share(15, 0, 3, 5)));
    assert!(tried.iter().sum::<usize>() > 450, "{tried:?}");
}

#[test]
fn a_passed_run_with_a_modified_result_passes_only_with_the_same_values() {
    assert!(check(Run::Passed, &["result"], share(60, 40, 8, 10)) > 450);
}

#[test]
fn a_run_that_did_not_pass_does_not_pass_with_a_modified_result() {
    let tried = [Run::Crossed, Run::Incomplete, Run::Stopped].map(|run| check(run, &["result"], share(25, 20, 3, 8)));
    assert!(tried.iter().sum::<usize>() > 450, "{tried:?}");
}

#[test]
fn a_passed_run_with_a_modified_snapshot_passes_only_with_the_same_values() {
    assert!(check(Run::Passed, &["live"], share(12, 10, 2, 3)) > 450);
}

#[test]
fn a_run_that_did_not_pass_does_not_pass_with_a_modified_snapshot() {
    let tried = [Run::Crossed, Run::Incomplete, Run::Stopped].map(|run| check(run, &["live"], share(4, 4, 1, 2)));
    assert!(tried.iter().sum::<usize>() > 450, "{tried:?}");
}
