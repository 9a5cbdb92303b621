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
use report::show::{rate, time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::time::Duration;
use store::documents::{Claim, Document};
use store::{RunStore, keys};
use tally::format::{self, FORMAT};
use tally::snapshot::Snapshot;
use tally::tally::Tally;

/// Where the search begins, and how long each rate is held.
const RATE_MIN: u64 = 200;
const STEP: Duration = Duration::from_secs(2);
/// How many rates lie between the last that was kept and the first that was not.
const FINE: u64 = 8;
/// A worker that is so late has no hope of the rates above.
const HOPELESS: Duration = Duration::from_millis(100);
/// Of what a worker can send, what it is asked to.
const HEADROOM: f64 = 0.8;

/// What one worker can send of a mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Calibration {
    format: u32,
    /// Arrivals a second.
    rate: u64,
    /// Whether it was as much as was tried.
    at_least: bool,
}

/// A rate that was tried.
#[derive(Clone, Debug)]
struct Tried {
    rate: u64,
    lag_p99: u64,
    kept: bool,
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
    // One of another version is measured again.
    Ok(format::read("calibration", &bytes).ok())
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
    let Some(peak) = busiest(&scenario.load, scenario.seed) else {
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
    let Some(peak) = busiest(&scenario.load, scenario.seed) else {
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
        let mut tried = self.attempt(&coarse).await?;
        let best = |tried: &[Tried]| tried.iter().filter(|one| one.kept).map(|one| one.rate).max();
        let mut found = best(&tried).unwrap_or(0);
        if found < most {
            // The rates above the best that was kept were not; the next of them bounds the search.
            let bad = coarse.iter().copied().find(|rate| *rate > found).unwrap_or(most);
            let fine: Vec<u64> = (1..FINE)
                .map(|step| found + (bad - found) * step / FINE)
                .filter(|rate| *rate > 0)
                .collect();
            tried = self.attempt(&fine).await?;
            found = best(&tried).unwrap_or(found).max(found);
        }
        if found == 0 {
            let problem = format!(
                "one worker cannot send {} of this mix without being late",
                rate(coarse[0] as f64)
            );
            let hint = "is the target up, and are `limits: { connections }` enough? Arrivals that wait for a connection are late";
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
        let json = serde_json::to_vec(&calibration)?;
        self.store
            .put(&keys::calibration(&mark), json)
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
        Ok(Exit::Passed)
    }

    /// Holds each of these rates for a while, in one run of one worker, until it is hopelessly late.
    async fn attempt(&self, rates: &[u64]) -> anyhow::Result<Vec<Tried>> {
        let steps = rates.iter().map(|rate| Ok((Rate::parse(&format!("{rate}/s"))?, STEP)));
        let steps: Result<Vec<_>, String> = steps.collect();
        let scenario = Scenario {
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
                if one.kept { "kept" } else { "late" }
            ));
        }
        let failed = failures::failures(&plan.request_names(), &tally);
        for line in failures::all_lines(&failed) {
            self.printer.note(&format!("failed: {line}"));
        }
        Ok(tried)
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
            let whole = snapshot.recorder.tally.whole();
            let due = schedule.due_before(step * (at as u64 + 1)) - schedule.due_before(step * at as u64);
            let lag_p99 = whole.all().lag.quantile(990_000);
            // An arrival at the end of a step may be sent in the next.
            let sent = whole.counts.sent * 1_000 >= due * 995;
            tried.push(Tried {
                rate: *rate,
                lag_p99,
                kept: sent && whole.counts.dropped == 0 && lag_p99 <= self.args.max_lag.as_nanos() as u64,
            });
        }
        Ok((tried, tally))
    }
}

async fn snapshot(store: &RunStore, plan: &Plan, n: u32) -> anyhow::Result<Option<Snapshot>> {
    let (claim, bytes) = (keys::claim(&plan.run, 0, 0), keys::live(&plan.run, 0, 0, n));
    let (Some(claim), Some(bytes)) = (store.get(&claim).await?, store.get(&bytes).await?) else {
        return Ok(None);
    };
    let (from, names) = (Claim::decode(&claim)?.provenance(&plan.run, 0, 0), plan.request_names());
    let expected = plan.expected(&names, &from, Some(plan.stripe(0)));
    Ok(Some(Snapshot::decode(&bytes, n, &expected)?))
}

/// Looks at each snapshot as it comes, and stops the run when its worker is hopelessly late.
async fn stop_when_hopeless(store: &RunStore, plan: &Plan, clock: &Clock) -> Infallible {
    let mut n = 1;
    loop {
        match snapshot(store, plan, n).await {
            Ok(Some(snapshot)) => {
                n += 1;
                let whole = snapshot.recorder.tally.whole();
                let late = whole.all().lag.quantile(990_000) > HOPELESS.as_nanos() as u64;
                if late || whole.counts.dropped > 0 {
                    // A run that is not stopped ends by itself.
                    let _ = stop(store, &plan.run, "the worker is too late for more", clock).await;
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
