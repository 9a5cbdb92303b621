//! Measures what one worker can send of a scenario's mix, and keeps it in the store.

use crate::builtin::BuiltinTarget;
use crate::capacity::{busiest, mark, workers_for};
use crate::deployment::Deployment;
use crate::error::{Refused, RunError};
use crate::order::{Choices, Workers};
use crate::stopping::Stopping;
use crate::{order, run_id};
use fleet::crew::Crew;
use fleet::fleet::FleetKind;
use fleet::follow::follow;
use fleet::gather::Gatherer;
use fleet::launch::{publish, start};
use fleet::stop::stop;
use plan::plan::Plan;
use plan::rate::Rate;
use plan::scenario::{Load, OpenPhase, Sampling, Scenario, Shape, Spacing};
use report::failures;
use report::generator::{WAITING, waiting};
use report::show::{count, rate, share, time};
use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::time::Duration;
use store::documents::{Calibration, Claim, Document};
use store::{RunStore, keys};
use tally::format::FormatError;
use tally::histogram::Histogram;
use tally::outcome::Failure;
use tally::provenance::ExpectedSnapshot;
use tally::snapshot::{SliceResult, Snapshot};
use tally::tally::{Counts, Tally};
use worker::clock::Clock;

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

/// A rate that was tried.
#[derive(Clone, Debug)]
pub struct Tried {
    pub rate: u64,
    /// Of the generator and of waiting for a free connection: how long the target takes to be connected to says
    /// nothing of the worker.
    pub lag_p99: u64,
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
    pub fn verdict(&self) -> String {
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

/// What is asked of a calibration.
#[derive(Clone, Debug)]
pub struct CalibrationChoices {
    pub fleet: &'static dyn FleetKind,
    /// How long to wait for the worker before it is given up; `None` for what suits the fleet.
    pub start_timeout: Option<Duration>,
    /// The highest rate to try; `None` for that of the busiest second of the load.
    pub up_to: Option<Rate>,
    /// How late arrivals may be sent, at p99.
    pub max_lag: Duration,
}

/// A step of a calibration.
#[derive(Debug)]
pub enum Event<'a> {
    /// Workers of this run may send from now on.
    Running(&'a str),
    /// No worker runs any more.
    Idle,
    /// The run had to be stopped, and the stop could not be stored.
    NotStopped(&'a str),
    Tried(&'a Tried),
    /// How requests failed, in a line.
    Failed(&'a str),
}

/// What one worker can send of a mix.
#[derive(Clone, Debug)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// The most arrivals of a second of the load, and how many workers they need.
    pub peak: u64,
    pub workers: u32,
    /// What a reader should know of the number that was found, in lines.
    pub doubts: String,
}

/// A search for the highest rate that is kept.
pub struct Search<'a> {
    pub scenario: &'a Scenario,
    pub choices: &'a CalibrationChoices,
    pub deployment: &'a Deployment,
    pub store: &'a RunStore,
    /// The program of local workers and of the built-in target.
    pub program: &'a Path,
    pub stopping: &'a Stopping,
    pub on: &'a (dyn Fn(Event<'_>) + Sync),
}

/// The busiest second of a load, and the highest rate to try.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub peak: u64,
    pub most: u64,
}

impl Bounds {
    /// # Errors
    /// When the load has no rates.
    pub fn of(scenario: &Scenario, up_to: Option<Rate>) -> Result<Bounds, Refused> {
        let Some(peak) = busiest(&scenario.load, scenario.planned_seed()) else {
            let problem = "how fast users ask depends on the answers: there is no rate to find";
            return Err(Refused::new(problem, "calibrate a scenario whose load has rates"));
        };
        let most = up_to.map_or(peak, |rate| rate.as_per_second().ceil() as u64);
        Ok(Bounds {
            peak,
            most: most.max(1),
        })
    }
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("choices", self.choices)
            .finish_non_exhaustive()
    }
}

impl CalibrationChoices {
    /// How a run of one worker is ordered.
    fn order(&self) -> Choices {
        Choices {
            workers: Workers::Number(1),
            fleet: self.fleet,
            start_timeout: self.start_timeout,
            min_workers: None,
            restripe: false,
            dead_man: None,
            snapshot_interval: Some(STEP),
            slice: None,
        }
    }
}

impl Search<'_> {
    /// Finds and keeps what one worker can send.
    ///
    /// # Errors
    /// When the mix fails, or one worker cannot send the lowest rate, or the run is stopped or fails.
    pub async fn calibrate(&self, Bounds { peak, most }: Bounds) -> Result<Calibrated, RunError> {
        let fleet = &self.deployment.fleet;
        if !fleet.capabilities().starts_workers {
            let problem = format!("--fleet {}: a calibration starts its worker itself", fleet.name());
            return Err(Refused::new(problem, "name the fleet whose workers are to be measured").into());
        }
        self.deployment.check(self.scenario)?;
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
            return Err(Refused::new(problem, hint).into());
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
            return Err(Refused::new(problem, hint).into());
        }
        let calibration = Calibration {
            rate: found,
            at_least: found >= most,
        };
        let mark = mark(
            &self.scenario.requests,
            &self.scenario.limits,
            self.scenario.transport,
            self.deployment,
        );
        self.store.put(&keys::calibration(&mark), calibration.encode()).await?;
        Ok(Calibrated {
            workers: workers_for(peak, &calibration),
            doubts: doubts(found, &tried, waited),
            calibration,
            peak,
        })
    }

    /// Holds each of these rates for a while, in one run of one worker, until it is hopelessly late.
    async fn attempt(&self, rates: &[u64]) -> Result<Attempt, RunError> {
        let steps = rates.iter().map(|rate| Ok((Rate::parse(&format!("{rate}/s"))?, STEP)));
        let steps: Result<Vec<_>, String> = steps.collect();
        let mut scenario = Scenario {
            load: Load::Open {
                phases: vec![OpenPhase {
                    shape: Shape::Step {
                        steps: steps.map_err(|problem| Refused::new(problem, "use a lower --up-to"))?,
                    },
                    sampling: Sampling::Measured,
                }],
                spacing: Spacing::Even,
            },
            thresholds: Vec::new(),
            regions: Vec::new(),
            ..self.scenario.clone()
        };
        order::draw_seed(&mut scenario);
        let fleet = &self.deployment.fleet;
        let start_timeout = fleet.capabilities().start_timeout;
        let start_timeout = self.choices.start_timeout.unwrap_or(start_timeout);
        let target = BuiltinTarget::start(&scenario, start_timeout, self.program).await?;
        let clock = Clock::tie(0);
        let asked = order::Asked {
            run: run_id::new(&format!("calibrate-{}", self.scenario.name)),
            created: clock.now(),
            workers: 1,
            fleet: &**fleet,
            builtin_target: target.as_ref().map(|target| target.address.clone()).unwrap_or_default(),
        };
        let mut plan = order::plan(&scenario, &self.choices.order(), asked)?;
        plan.timing.snapshot_interval = STEP;
        publish(self.store, &plan, &scenario).await?;
        let mut gatherer = Gatherer::open(self.store, &plan.run).await?;
        let mut crew = Crew::new(fleet.clone(), gatherer.record.plan.clone());
        (self.on)(Event::Running(&plan.run));
        let conducted = self.conduct(&plan, &mut gatherer, &mut crew, &clock).await;
        let settled = match &conducted {
            Ok(()) => self.stopping.settle().await,
            Err(error) => self.stopping.give_up(&plan.run, &error.to_string()).await,
        };
        if !settled {
            (self.on)(Event::NotStopped(&plan.run));
        }
        conducted?;
        (self.on)(Event::Idle);
        if self.stopping.is_asked() {
            return Err(RunError::Stopped);
        }
        let (tried, tally) = self.judge(&plan, rates).await?;
        for one in &tried {
            (self.on)(Event::Tried(one));
        }
        let failed = failures::failures(&plan.request_names(), &tally);
        for line in failures::all_lines(&failed) {
            (self.on)(Event::Failed(&line));
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
    ) -> Result<(), RunError> {
        start(self.store, gatherer, Some(crew), clock, |_| {}).await?;
        tokio::select! {
            followed = follow(gatherer, Some(crew), clock, |_| {}) => drop(followed?),
            never = stop_when_hopeless(self.store, plan, clock) => match never {},
        }
        Ok(())
    }

    /// How each rate went, by the snapshot of its step, and what happened in all of them.
    async fn judge(&self, plan: &Plan, rates: &[u64]) -> Result<(Vec<Tried>, Tally), RunError> {
        let schedule = plan.schedule().unwrap_or_else(|| unreachable!("the load has rates"));
        let step = STEP.as_nanos() as u64;
        let (mut tried, mut tally) = (Vec::new(), Tally::new(plan.requests.len()));
        for (at, rate) in rates.iter().enumerate() {
            let Some(snapshot) = snapshot(self.store, plan, at as u32 + 1).await? else {
                break;
            };
            tally.add(&snapshot.recorder.tally);
            let due = schedule.due_before(step * (at as u64 + 1)) - schedule.due_before(step * at as u64);
            tried.push(Tried::of(*rate, due, &snapshot.recorder.tally, self.choices.max_lag));
        }
        Ok((tried, tally))
    }
}

async fn snapshot(store: &RunStore, plan: &Plan, n: u32) -> Result<Option<Snapshot>, RunError> {
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
    decode: impl Fn(&[u8], &ExpectedSnapshot<'_>) -> Result<T, FormatError>,
) -> Result<Option<T>, RunError> {
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
async fn result(store: &RunStore, plan: &Plan) -> Result<Option<SliceResult>, RunError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tally::outcome::{Code, Outcome};
    use tally::tally::{Recorder, SampleKind};

    const LIMIT: Duration = Duration::from_millis(1);

    /// A step of 500 due arrivals, of which so many were sent and so many failed, each so late.
    fn step(sent: u64, failed: u64, lag_us: u64) -> Tried {
        let mut recorder = Recorder::new(1);
        let sample = SampleKind::Measured { request: 0.into() };
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
