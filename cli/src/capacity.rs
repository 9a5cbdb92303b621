//! What one worker can send of a scenario's mix: measured once, kept in the store, and used to say how
//! many workers a load needs.

use crate::args::{CalibrateArgs, OrderArgs, Workers};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::interrupts::Interrupts;
use crate::launch::BuiltinTarget;
use crate::printer::{Printer, Stated};
use crate::{order, run_id, scenario};
use ::fleet::follow::follow;
use ::fleet::gather::Gatherer;
use ::fleet::inspection::{Finding, Found};
use ::fleet::launch::{Crew, publish, start, stop};
use ::worker::clock::Clock;
use anyhow::Context;
use plan::plan::Plan;
use plan::rate::Rate;
use plan::scenario::{Limits, Load, OpenPhase, Request, Sampling, Scenario, Shape, Spacing, Transport};
use plan::schedule::Schedule;
use report::failures;
use report::generator::{WAITING, waiting};
use report::show::{count, rate, share, time};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::time::Duration;
use store::documents::{Calibration, Claim, Document};
use store::{RunStore, keys};
use tally::format::{FORMAT, FormatError};
use tally::histogram::Histogram;
use tally::outcome::Failure;
use tally::provenance::Expected;
use tally::snapshot::{SliceResult, Snapshot};
use tally::tally::{Counts, Tally};

/// Where the search begins, and how long each rate is held.
const RATE_MIN: u64 = 200;
const STEP: Duration = Duration::from_secs(2);
/// How many rates lie between the last that was kept and the first that was not.
const FINE: u64 = 8;
/// A worker that is so late has no hope of the rates above.
const HOPELESS: Duration = Duration::from_millis(100);
/// A mix of which more than this share fails has no capacity to measure: an answer that fails is seldom
/// the work that a good one is.
const FAILED_MAX: f64 = 0.01;
/// Of what a worker can send, what it is asked to.
const HEADROOM: f64 = 0.8;

/// A rate that was tried.
#[derive(Clone, Debug)]
struct Tried {
    rate: u64,
    /// Of the generator and of waiting for a free connection: how long the target takes to be connected to says
    /// nothing of the worker.
    lag_p99: u64,
    /// How requests failed, if too many did.
    failing: Option<String>,
    /// Why the worker was too slow for it.
    slow: Vec<String>,
}

impl Tried {
    fn of(rate: u64, due: u64, tally: &Tally, max_lag: Duration) -> Tried {
        let counts = &tally.measured();
        let lag_p99 = lag_p99(tally);
        let max_lag = max_lag.as_nanos() as u64;
        let late = (lag_p99 > max_lag).then(|| format!("late: lag p99 is above {}", time(max_lag)));
        let dropped = (counts.dropped > 0).then(|| format!("{} dropped", count(counts.dropped)));
        // An arrival at the end of a step may be sent in the next.
        let behind = (counts.sent * 1_000 < due * 995)
            .then(|| format!("behind: {} of {} due were sent", count(counts.sent), count(due)));
        Tried {
            rate,
            lag_p99,
            failing: failing(counts),
            slow: [late, dropped, behind].into_iter().flatten().collect(),
        }
    }

    fn kept(&self) -> bool {
        self.failing.is_none() && self.slow.is_empty()
    }

    /// `kept`, or every reason why not.
    fn verdict(&self) -> String {
        let reasons: Vec<&str> = self.failing.iter().chain(&self.slow).map(String::as_str).collect();
        match reasons.is_empty() {
            true => "kept".to_owned(),
            false => reasons.join("; "),
        }
    }
}

/// How late a worker was by itself, or because it had no connection left.
fn lag_p99(tally: &Tally) -> u64 {
    let (generator, waiting) = (&tally.lag.generator, &tally.lag.waiting);
    let of = |part: &Histogram| part.quantile_among(generator.len(), 990_000);
    of(generator).max(of(waiting))
}

/// How requests failed, if more than [`FAILED_MAX`] did: `100% of 400 fail: status (400 × 401)`.
fn failing(counts: &Counts) -> Option<String> {
    let failed = counts.failed_total();
    let done = counts.completed + failed;
    if failed as f64 <= done as f64 * FAILED_MAX {
        return None;
    }
    let kinds = counts.failed.iter().map(|(kind, number)| {
        let odd = counts.statuses.iter().filter(|(code, _)| !code.says_success());
        let statuses: Vec<String> = odd
            .map(|(code, number)| format!("{} × {code}", count(*number)))
            .collect();
        match *kind == Failure::Status && !statuses.is_empty() {
            true => format!("{} ({})", kind.name(), statuses.join(", ")),
            false => format!("{} ({})", kind.name(), count(*number)),
        }
    });
    let kinds: Vec<String> = kinds.collect();
    Some(format!(
        "{} of {} fail: {}",
        share(failed, done),
        count(done),
        kinds.join(", ")
    ))
}

/// What a run of rates showed.
#[derive(Debug)]
struct Attempt {
    tried: Vec<Tried>,
    /// How long the worker had no processor, as a share of its time, if that is known.
    waited: Option<f64>,
}

/// By what a calibration is found again: what a worker sends, how, and on what.
fn mark(requests: &[Request], limits: &Limits, transport: Transport, deployment: &Deployment) -> String {
    let fleet = (deployment.kind.name(), deployment.memory_mb);
    let json = serde_json::to_vec(&(requests, limits, transport, fleet))
        .unwrap_or_else(|_| unreachable!("a scenario is always JSON"));
    Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The most arrivals of a second of the load; `None` where users set the pace.
fn busiest(load: &Load, seed: u64) -> Option<u64> {
    let Load::Open { phases, spacing } = load else {
        return None;
    };
    Some(Schedule::new(phases, *spacing, seed).busiest_second())
}

fn workers_for(peak: u64, calibration: &Calibration) -> u32 {
    if calibration.at_least && peak <= calibration.rate {
        return 1;
    }
    (peak as f64 / (calibration.rate as f64 * HEADROOM)).ceil().max(1.0) as u32
}

async fn read(store: &RunStore, mark: &str) -> anyhow::Result<Option<Calibration>> {
    let Some(bytes) = store.get(&keys::calibration(mark)).await? else {
        return Ok(None);
    };
    // One of another version, or a damaged one, is measured again.
    Ok(Calibration::decode(&bytes).ok())
}

/// How many workers were asked for, or how many the calibration says that the load needs.
pub(crate) async fn workers(
    args: &OrderArgs,
    scenario: &Scenario,
    deployment: &Deployment,
    store: &RunStore,
) -> anyhow::Result<u32> {
    let Workers::Auto = args.workers else {
        return Ok(args.workers.number().unwrap_or(1));
    };
    let Some(peak) = busiest(&scenario.load, scenario.planned_seed()) else {
        let problem = "--workers auto: how fast users ask depends on the answers, so no number follows from a rate";
        return Err(Stated::usage(problem, "give a number of workers").into());
    };
    let mark = mark(&scenario.requests, &scenario.limits, scenario.transport, deployment);
    match read(store, &mark).await? {
        Some(calibration) => Ok(workers_for(peak, &calibration)),
        None => {
            let problem = "--workers auto: nobody has measured yet what one worker can send of this mix";
            let hint = "run `vajra-cloud calibrate` with the same scenario, fleet and store first";
            Err(Stated::usage(problem, hint).into())
        }
    }
}

/// Whether the workers of a plan can send what it asks of each.
pub(crate) async fn judge(plan: &Plan, deployment: &Deployment, store: &RunStore) -> Option<Finding> {
    let peak = plan.schedule()?.busiest_second();
    let mark = mark(&plan.requests, &plan.limits, plan.transport, deployment);
    let found = match read(store, &mark).await {
        Ok(Some(calibration)) => {
            let (each, can) = (peak.div_ceil(u64::from(plan.shards)), calibration.rate);
            if each <= can {
                Found::Good(format!(
                    "each worker sends up to {}, and can send {}",
                    rate(each as f64),
                    rate(can as f64)
                ))
            } else {
                let workers = workers_for(peak, &calibration);
                Found::Bad {
                    problem: format!(
                        "each of {} workers would have to send {}, and one can send {} of this mix",
                        plan.shards,
                        rate(each as f64),
                        rate(can as f64)
                    ),
                    hint: format!("use --workers {workers}, or --workers auto"),
                }
            }
        }
        Ok(None) => {
            Found::Unknown("what one worker can send of this mix; `vajra-cloud calibrate` measures it".to_owned())
        }
        Err(error) => Found::Unknown(format!("{error}")),
    };
    Some(Finding {
        about: "capacity",
        found,
    })
}

pub(crate) async fn run(args: CalibrateArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let scenario = scenario::load(&args.scenario.scenario, printer)?;
    let deployment = Deployment::find(args.fleet, &args.deploy, &args.store, &scenario)?;
    let Some(peak) = busiest(&scenario.load, scenario.planned_seed()) else {
        let problem = "how fast users ask depends on the answers: there is no rate to find";
        return Err(Stated::usage(problem, "calibrate a scenario whose load has rates").into());
    };
    let most = args
        .up_to
        .map_or(peak, |rate| rate.as_per_second().ceil() as u64)
        .max(1);
    let store = RunStore::open(&deployment.location).await?;
    printer.note(&format!(
        "calibrating {}: one worker, at most {}",
        scenario.name,
        rate(most as f64)
    ));
    let interrupts = Interrupts::begin(&store, &deployment.location, &Clock::tie(0), printer)?;
    let search = Search {
        interrupts: &interrupts,
        args: &args,
        scenario: &scenario,
        deployment: &deployment,
        store: &store,
        printer,
    };
    tokio::select! {
        exit = search.calibrate(most, peak) => exit,
        () = interrupts.leaving() => Ok(Exit::Interrupted),
    }
}

/// A search for the highest rate that is kept.
struct Search<'a> {
    interrupts: &'a Interrupts,
    args: &'a CalibrateArgs,
    scenario: &'a Scenario,
    deployment: &'a Deployment,
    store: &'a RunStore,
    printer: &'a Printer,
}

impl Search<'_> {
    /// Finds, keeps and prints what one worker can send, up to `most`.
    async fn calibrate(&self, most: u64, peak: u64) -> anyhow::Result<Exit> {
        let coarse: Vec<u64> = std::iter::successors(Some(RATE_MIN), |rate| Some(rate * 2))
            .take_while(|rate| *rate < most)
            .chain([most])
            .collect();
        let Attempt { mut tried, mut waited } = self.attempt(&coarse).await?;
        // Where the lowest rate fails, the mix does, and failures are no capacity.
        if let Some(failing) = tried.first().and_then(|one| one.failing.as_ref()) {
            let problem = format!(
                "the mix fails, so there is no capacity to measure and nothing is kept: at {} {failing}",
                rate(coarse[0] as f64)
            );
            let hint = "see that the scenario works first: `vajra-cloud launch` it at a low rate";
            return Err(Stated::usage(problem, hint).into());
        }
        let best = |tried: &[Tried]| tried.iter().filter(|one| one.kept()).map(|one| one.rate).max();
        let mut found = best(&tried).unwrap_or(0);
        if found < most {
            // The rates above the best that was kept were not; the next of them bounds the search.
            let bad = coarse.iter().copied().find(|rate| *rate > found).unwrap_or(most);
            let fine: Vec<u64> = (1..FINE)
                .map(|step| found + (bad - found) * step / FINE)
                .filter(|rate| *rate > 0)
                .collect();
            let attempt = self.attempt(&fine).await?;
            tried.extend(attempt.tried);
            waited = waited.into_iter().chain(attempt.waited).reduce(f64::max);
            found = best(&tried).unwrap_or(found).max(found);
        }
        if found == 0 {
            let problem = format!(
                "one worker cannot send {} of this mix: {}",
                rate(coarse[0] as f64),
                tried
                    .first()
                    .map_or_else(|| "nothing was measured".to_owned(), Tried::verdict)
            );
            let hint = match busy_machine(waited) {
                Some(busy) => busy,
                None => "is the target up, and are `limits: { connections }` enough? Arrivals that wait for a connection are late".to_owned(),
            };
            return Err(Stated::usage(problem, hint).into());
        }
        let calibration = Calibration {
            format: FORMAT,
            rate: found,
            at_least: found >= most,
        };
        let mark = mark(
            &self.scenario.requests,
            &self.scenario.limits,
            self.scenario.transport,
            self.deployment,
        );
        self.store
            .put(&keys::calibration(&mark), calibration.encode())
            .await
            .context("the calibration could not be kept")?;
        let workers = workers_for(peak, &calibration);
        let least = if calibration.at_least { "at least " } else { "" };
        self.printer.result(&format!(
        "one worker can send {least}{} of {}, with lag p99 up to {}\n{} in the busiest second of its load need {workers} worker{} (--workers {workers}, or --workers auto)\n",
        rate(found as f64),
        self.scenario.name,
        time(self.args.max_lag.as_nanos() as u64),
        rate(peak as f64),
        if workers == 1 { "" } else { "s" },
    ))?;
        self.printer.result(&doubts(found, &tried, waited))?;
        Ok(Exit::Passed)
    }

    /// Holds each of these rates for a while, in one run of one worker, until it is hopelessly late.
    async fn attempt(&self, rates: &[u64]) -> anyhow::Result<Attempt> {
        let steps = rates.iter().map(|rate| Ok((Rate::parse(&format!("{rate}/s"))?, STEP)));
        let steps: Result<Vec<_>, String> = steps.collect();
        let mut scenario = Scenario {
            load: Load::Open {
                phases: vec![OpenPhase {
                    shape: Shape::Step {
                        steps: steps.map_err(anyhow::Error::msg)?,
                    },
                    sampling: Sampling::Measured,
                }],
                spacing: Spacing::Even,
            },
            thresholds: Vec::new(),
            regions: Vec::new(),
            ..self.scenario.clone()
        };
        scenario::draw_seed(&mut scenario);
        let target = BuiltinTarget::start(&scenario, self.args.start_timeout).await?;
        let clock = Clock::tie(0);
        let asked = order::Asked {
            run: run_id::new(&format!("calibrate-{}", self.scenario.name)),
            created: clock.now(),
            workers: 1,
            limits: self.deployment.limits(),
            builtin_target: target.as_ref().map(|target| target.address.clone()).unwrap_or_default(),
        };
        let mut plan = order::plan(&scenario, &self.args.order(), asked)?;
        plan.timing.snapshot_interval = STEP;
        publish(self.store, &plan, &scenario).await?;
        let fleet = self.deployment.fleet(&scenario, self.args.start_timeout).await?;
        let mut gatherer = Gatherer::open(self.store, &plan.run).await?;
        let mut crew = Crew::new(fleet, gatherer.record.plan.clone());
        self.interrupts.running(&plan.run);
        if let Err(error) = self.conduct(&plan, &mut gatherer, &mut crew, &clock).await {
            self.interrupts.give_up(&plan.run, &error.to_string()).await;
            return Err(error);
        }
        self.interrupts.settle(&plan.run).await;
        self.interrupts.idle();
        if self.interrupts.interrupted() {
            let text = "interrupted: nothing was measured".to_owned();
            let exit = Exit::Interrupted;
            return Err(Stated { text, exit }.into());
        }
        let (tried, tally) = self.judge(&plan, rates).await?;
        for one in &tried {
            self.printer.note(&format!(
                "{:>12}  lag p99 {:>8}  {}",
                rate(one.rate as f64),
                time(one.lag_p99),
                one.verdict()
            ));
        }
        let failed = failures::failures(&plan.request_names(), &tally);
        for line in failures::all_lines(&failed) {
            self.printer.note(&format!("failed: {line}"));
        }
        let waited = result(self.store, &plan).await?.map(|result| waiting(&result.health));
        Ok(Attempt { tried, waited })
    }

    /// Starts the worker of a run, and follows it until it is done or hopelessly late.
    async fn conduct(
        &self,
        plan: &Plan,
        gatherer: &mut Gatherer,
        crew: &mut Crew,
        clock: &Clock,
    ) -> anyhow::Result<()> {
        start(self.store, gatherer, Some(crew), clock, |_| {}).await?;
        tokio::select! {
            followed = follow(gatherer, Some(crew), clock, |_| {}) => drop(followed?),
            never = stop_when_hopeless(self.store, plan, clock) => match never {},
        }
        Ok(())
    }

    /// How each rate went, by the snapshot of its step, and what happened in all of them.
    async fn judge(&self, plan: &Plan, rates: &[u64]) -> anyhow::Result<(Vec<Tried>, Tally)> {
        let schedule = plan.schedule().context("the load has rates")?;
        let step = STEP.as_nanos() as u64;
        let (mut tried, mut tally) = (Vec::new(), Tally::new(plan.requests.len()));
        for (at, rate) in rates.iter().enumerate() {
            let Some(snapshot) = snapshot(self.store, plan, at as u32 + 1).await? else {
                break;
            };
            tally.add(&snapshot.recorder.tally);
            let due = schedule.due_before(step * (at as u64 + 1)) - schedule.due_before(step * at as u64);
            tried.push(Tried::of(*rate, due, &snapshot.recorder.tally, self.args.max_lag));
        }
        Ok((tried, tally))
    }
}

async fn snapshot(store: &RunStore, plan: &Plan, n: u32) -> anyhow::Result<Option<Snapshot>> {
    let key = keys::live(&plan.run, 0, 0, n);
    stored(store, plan, &key, |bytes, expected| {
        Snapshot::decode(bytes, n, expected)
    })
    .await
}

/// What the worker of a run stored under a key, if it did.
async fn stored<T>(
    store: &RunStore,
    plan: &Plan,
    key: &str,
    decode: impl Fn(&[u8], &Expected<'_>) -> Result<T, FormatError>,
) -> anyhow::Result<Option<T>> {
    let claim = store.get(&keys::claim(&plan.run, 0, 0)).await?;
    let (Some(claim), Some(bytes)) = (claim, store.get(key).await?) else {
        return Ok(None);
    };
    let (from, names) = (Claim::decode(&claim)?.provenance(&plan.run, 0, 0), plan.request_names());
    let expected = plan.expected(&names, &from, Some(plan.stripe(0)));
    Ok(Some(decode(&bytes, &expected)?))
}

/// What a reader should know of the number that was found, in lines.
fn doubts(found: u64, tried: &[Tried], waited: Option<f64>) -> String {
    let mut lines = String::new();
    let above = tried.iter().filter(|one| one.rate > found);
    let failing = above.filter_map(|one| Some((one.rate, one.failing.as_ref()?))).min();
    if let Some((rate, failing)) = failing {
        let rate = self::rate(rate as f64);
        lines.push_str(&format!(
            "the target, not the worker, set the limit: at {rate} {failing}\n"
        ));
    }
    if let Some(busy) = busy_machine(waited) {
        lines.push_str(&busy);
        lines.push('\n');
    }
    lines
}

/// What to know of a worker that had no processor for a good part of the time.
fn busy_machine(waited: Option<f64>) -> Option<String> {
    let percent = (waited.filter(|waited| *waited >= WAITING)? * 100.0).round();
    Some(format!(
        "the worker had no processor for {percent}% of the time: its machine is busy, and a free one can send more"
    ))
}

/// What the worker of a run stored at its end, if it did.
async fn result(store: &RunStore, plan: &Plan) -> anyhow::Result<Option<SliceResult>> {
    stored(store, plan, &keys::result(&plan.run, 0, 0), SliceResult::decode).await
}

/// Looks at each snapshot as it comes, and stops the run when its worker is hopelessly late or its
/// requests fail.
async fn stop_when_hopeless(store: &RunStore, plan: &Plan, clock: &Clock) -> Infallible {
    let mut n = 1;
    loop {
        match snapshot(store, plan, n).await {
            Ok(Some(snapshot)) => {
                n += 1;
                let tally = &snapshot.recorder.tally;
                let (counts, late) = (tally.measured(), lag_p99(tally) > HOPELESS.as_nanos() as u64);
                let why = match failing(&counts) {
                    Some(_) => Some("the mix fails"),
                    None if late || counts.dropped > 0 => Some("the worker is too late for more"),
                    None => None,
                };
                if let Some(why) = why {
                    // A run that is not stopped ends by itself.
                    let _ = stop(store, &plan.run, why, clock).await;
                    return std::future::pending().await;
                }
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

impl CalibrateArgs {
    /// What a run of one worker is ordered with.
    fn order(&self) -> OrderArgs {
        OrderArgs {
            workers: Workers::Number(1),
            fleet: Some(self.fleet),
            start_timeout: self.start_timeout,
            min_workers: None,
            restripe: false,
            dead_man: None,
            snapshot_interval: Some(STEP),
            slice: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tally::outcome::{Code, Outcome};
    use tally::tally::{Recorder, Sample};

    const LIMIT: Duration = Duration::from_millis(1);

    /// A step of 500 due arrivals, of which so many were sent and so many failed, each so late.
    fn step(sent: u64, failed: u64, lag_us: u64) -> Tried {
        let mut recorder = Recorder::new(1);
        let sample = Sample::Measured { request: 0 };
        for k in 0..sent {
            let is_failed = k < failed;
            recorder.sent(sample, lag_us * 1_000);
            let outcome = Outcome {
                due: 0,
                sent: lag_us * 1_000,
                done: 10_000_000,
                result: if is_failed { Err(Failure::Status) } else { Ok(()) },
                code: Some(Code::Http(if is_failed { 401 } else { 200 })),
                body_bytes: 0,
                ..Outcome::default()
            };
            recorder.finished(sample, &outcome);
        }
        Tried::of(250, 500, &recorder.tally, LIMIT)
    }

    #[test]
    fn failures_are_no_capacity_and_every_reason_is_named() {
        assert!(step(500, 5, 300).kept());
        let wall = step(500, 500, 300);
        assert!(!wall.kept());
        assert_eq!(wall.verdict(), "100% of 500 fail: status (500 × 401)");
        assert_eq!(step(480, 0, 330).verdict(), "behind: 480 of 500 due were sent");
        assert_eq!(
            step(480, 24, 2_000).verdict(),
            "5% of 480 fail: status (24 × 401); late: lag p99 is above 1ms; behind: 480 of 500 due were sent"
        );
    }

    #[test]
    fn a_limit_of_the_target_and_a_busy_machine_are_said() {
        let failing = Tried {
            rate: 400,
            ..step(500, 500, 300)
        };
        assert_eq!(
            doubts(400, std::slice::from_ref(&failing), Some(0.05)),
            "",
            "nothing is above it"
        );
        let said = doubts(200, &[failing], Some(0.14));
        assert!(
            said.contains("the target, not the worker, set the limit: at 400.0/s 100% of 500 fail"),
            "{said}"
        );
        assert!(said.contains("no processor for 14% of the time"), "{said}");
    }
}
