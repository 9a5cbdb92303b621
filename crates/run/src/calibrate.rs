//! Measures the highest rate at which one worker can send a scenario's mix, and stores this rate.

use crate::builtin::BuiltinTarget;
use crate::capacity::{MixToCalibrate, Peaks, mark, peaks, workers_for};
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
use plan::scenario::{Load, OpenPhase, Pick, Population, Sampling, Scenario, Shape, Spacing};
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

/// The first rate of the search, in requests per second.
const RATE_MIN: u64 = 200;
/// The time for which the worker sends each rate.
const STEP: Duration = Duration::from_secs(2);
/// The number of parts into which the second run of a calibration divides a range of rates. The range begins at the
/// highest rate that the worker kept in the first run, and ends at the next higher rate of the first run.
const FINE: u64 = 8;
/// If the p99 of a worker's lag exceeds this duration, the calibration does not try a higher rate.
const HOPELESS: Duration = Duration::from_millis(100);
/// The maximum share of failed requests. If a larger share fails, the rate of the mix cannot be measured, because a
/// failed answer rarely costs as much work as a successful answer.
const FAILED_MAX: f64 = 0.01;

/// The measurements at one rate.
#[derive(Clone, Debug)]
pub struct TriedRate {
    pub rate: u64,
    /// The larger p99 of two parts of the lag, in nanoseconds: the part that the generator caused, and the wait for a
    /// free connection. The time to connect is not included, because the target causes it.
    pub lag_p99: u64,
    /// The kinds of failures, if too many requests failed.
    failing: Option<String>,
    /// The signs that the worker was too slow.
    slow: Vec<String>,
}

impl TriedRate {
    fn of(rate: u64, due: u64, tally: &Tally, max_lag: Duration) -> TriedRate {
        let counts = &tally.measured();
        let lag_p99 = lag_p99(tally);
        let max_lag = max_lag.as_nanos() as u64;
        let late = (lag_p99 > max_lag).then(|| format!("late: lag p99 is above {}", time(max_lag)));
        let dropped = (counts.dropped > 0).then(|| format!("{} dropped", count(counts.dropped)));
        // An arrival at the end of a step may be sent in the next step.
        let behind = (counts.sent * 1_000 < due * 995)
            .then(|| format!("behind: {} of {} due were sent", count(counts.sent), count(due)));
        TriedRate {
            rate,
            lag_p99,
            failing: failing(counts),
            slow: [late, dropped, behind].into_iter().flatten().collect(),
        }
    }

    fn kept(&self) -> bool {
        self.failing.is_none() && self.slow.is_empty()
    }

    /// Returns `kept`, or the reasons why the rate was not kept.
    pub fn verdict(&self) -> String {
        let reasons: Vec<&str> = self.failing.iter().chain(&self.slow).map(String::as_str).collect();
        match reasons.is_empty() {
            true => "kept".to_owned(),
            false => reasons.join("; "),
        }
    }
}

/// Returns the larger p99 of two parts of the lag, in nanoseconds: the part that the generator caused, and the wait for
/// a free connection.
fn lag_p99(tally: &Tally) -> u64 {
    let (generator, waiting) = (&tally.lag.generator, &tally.lag.waiting);
    let of = |part: &Histogram| part.quantile_among(generator.len(), 990_000);
    of(generator).max(of(waiting))
}

/// Returns the kinds of failures, such as `100% of 400 fail: status (400 × 401)`; `None` if the share of failed
/// requests is at most [`FAILED_MAX`].
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

/// The measurements of one run of a calibration.
#[derive(Debug)]
struct Attempt {
    tried: Vec<TriedRate>,
    /// The share of its time in which the worker waited for a processor; `None` if the worker did not report this
    /// share.
    waited: Option<f64>,
}

/// The options of a calibration.
#[derive(Clone, Debug)]
pub struct CalibrationChoices {
    pub fleet: &'static dyn FleetKind,
    /// The start timeout of the worker; `None` for the default of the fleet.
    pub start_timeout: Option<Duration>,
    /// The highest rate to try; `None` for the rate of the busiest second of the load.
    pub up_to: Option<Rate>,
    /// The maximum p99 of the lag of arrivals. At a higher lag, a rate does not count as kept.
    pub max_lag: Duration,
}

/// An event during a calibration.
#[derive(Debug)]
pub enum CalibrationEvent<'a> {
    /// A run with this name begins. Its workers may send from now on.
    Running(&'a str),
    /// The workers of the run have ended.
    Idle,
    /// The run with this name had to be stopped, but the stop could not be stored.
    NotStopped(&'a str),
    Tried(&'a TriedRate),
    /// One line that describes failed requests.
    Failed(&'a str),
}

/// The result of a calibration.
#[derive(Clone, Debug)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// The rate for which `workers` is computed, in arrivals per second: the value [`Peaks::needed`] of the load.
    pub peak: u64,
    /// The number of workers that the peak requires.
    pub workers: u32,
    /// Lines of text about reasons to doubt the result.
    pub doubts: String,
}

/// A search for the highest rate that one worker can keep.
pub struct RateSearch<'a> {
    pub scenario: &'a Scenario,
    pub choices: &'a CalibrationChoices,
    pub deployment: &'a Deployment,
    pub store: &'a RunStore,
    /// The program that runs the local workers and the built-in target.
    pub program: &'a Path,
    pub stopping: &'a Stopping,
    pub on: &'a (dyn Fn(CalibrationEvent<'_>) + Sync),
}

/// The arrivals of the busiest seconds of a load, and the highest rate to try.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub peaks: Peaks,
    pub most: u64,
}

impl Bounds {
    /// Returns the bounds of a search for this scenario.
    ///
    /// # Errors
    /// Fails if a population has users in place of rates.
    pub fn of(scenario: &Scenario, up_to: Option<Rate>) -> Result<Bounds, Refused> {
        let peaks = peaks(scenario).map_err(|why| {
            let problem = format!("{why}, so it has no rate to measure");
            Refused::new(problem, "calibrate a scenario in which all loads are rates")
        })?;
        let most = up_to.map_or(peaks.busiest, |rate| rate.as_per_second().ceil() as u64);
        Ok(Bounds {
            peaks,
            most: most.max(1),
        })
    }
}

impl fmt::Debug for RateSearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("choices", self.choices)
            .finish_non_exhaustive()
    }
}

impl CalibrationChoices {
    /// Returns the choices for a run of one worker.
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

impl RateSearch<'_> {
    /// Finds the highest rate that one worker can keep, and stores this rate.
    ///
    /// # Errors
    /// Fails if too many requests fail, if one worker cannot send the lowest rate, or if a run is stopped or fails.
    pub async fn calibrate(&self, Bounds { peaks, most }: Bounds) -> Result<Calibrated, RunError> {
        let fleet = &self.deployment.fleet;
        if !fleet.capabilities().starts_workers {
            let problem = format!("--fleet {}: a calibration starts its worker itself", fleet.name());
            return Err(Refused::new(problem, "name a fleet that starts workers").into());
        }
        self.deployment.check(self.scenario)?;
        let coarse: Vec<u64> = std::iter::successors(Some(RATE_MIN), |rate| Some(rate * 2))
            .take_while(|rate| *rate < most)
            .chain([most])
            .collect();
        let Attempt { mut tried, mut waited } = self.attempt(&coarse, &peaks).await?;
        // If requests fail at the lowest rate, the mix itself fails, so its rate cannot be measured.
        if let Some(failing) = tried.first().and_then(|one| one.failing.as_ref()) {
            let problem = format!(
                "the mix fails, so it has no capacity to measure and nothing is kept: at {} {failing}",
                rate(coarse[0] as f64)
            );
            let hint = "first make the scenario work: `vajra-cloud launch` it at a low rate";
            return Err(Refused::new(problem, hint).into());
        }
        let best = |tried: &[TriedRate]| tried.iter().filter(|one| one.kept()).map(|one| one.rate).max();
        let mut found = best(&tried).unwrap_or(0);
        if found < most {
            // No rate above the best rate was kept. The next higher rate is the upper bound of the search.
            let bad = coarse.iter().copied().find(|rate| *rate > found).unwrap_or(most);
            let fine: Vec<u64> = (1..FINE)
                .map(|step| found + (bad - found) * step / FINE)
                .filter(|rate| *rate > 0)
                .collect();
            let attempt = self.attempt(&fine, &peaks).await?;
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
                    .map_or_else(|| "nothing was measured".to_owned(), TriedRate::verdict)
            );
            let hint = match busy_machine(waited) {
                Some(busy) => busy,
                None => "check that the target is up and that `limits: { connections }` is high enough: arrivals that wait for a connection are late".to_owned(),
            };
            return Err(Refused::new(problem, hint).into());
        }
        let calibration = Calibration {
            rate: found,
            at_least: found >= most,
        };
        let mix = MixToCalibrate::of_scenario(self.scenario, &peaks);
        let mark = mark(&mix, self.deployment);
        let peak = peaks.needed;
        self.store.put(&keys::calibration(&mark), calibration.encode()).await?;
        Ok(Calibrated {
            workers: workers_for(peak, &calibration),
            doubts: doubts(found, &tried, waited),
            calibration,
            peak,
        })
    }

    /// Sends each of these rates for [`STEP`], in one run of one worker. The run ends early if the worker becomes
    /// hopelessly late, or if too many requests fail.
    async fn attempt(&self, rates: &[u64], peaks: &Peaks) -> Result<Attempt, RunError> {
        let populations = self.scenario.populations.iter().zip(shares(&peaks.weights));
        let populations = populations.map(|(population, share)| {
            Ok::<_, Refused>(Population {
                load: steps(rates, share).map_err(|problem| Refused::new(problem, "use a lower --up-to"))?,
                ..population.clone()
            })
        });
        let mut scenario = Scenario {
            populations: populations.collect::<Result<_, _>>()?,
            thresholds: Vec::new(),
            regions: Vec::new(),
            ..self.scenario.clone()
        };
        // The scenario may have feeds with too few rows for the arrivals of a calibration, so the calibration repeats
        // the rows.
        for feed in &mut scenario.feeds {
            feed.pick = Pick::Turn;
        }
        order::draw_seed(&mut scenario);
        let fleet = &self.deployment.fleet;
        let start_timeout = fleet.capabilities().start_timeout;
        let start_timeout = self.choices.start_timeout.unwrap_or(start_timeout);
        let target = BuiltinTarget::start(&scenario, start_timeout, self.program).await?;
        let clock = Clock::tie(0);
        let asked = order::PlanRequest {
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
        (self.on)(CalibrationEvent::Running(&plan.run));
        let conducted = self.conduct(&plan, &mut gatherer, &mut crew, &clock).await;
        let settled = match &conducted {
            Ok(()) => self.stopping.settle().await,
            Err(error) => self.stopping.give_up(&plan.run, &error.to_string()).await,
        };
        if !settled {
            (self.on)(CalibrationEvent::NotStopped(&plan.run));
        }
        conducted?;
        (self.on)(CalibrationEvent::Idle);
        if self.stopping.is_asked() {
            return Err(RunError::Stopped);
        }
        let (tried, tally) = self.judge(&plan, rates).await?;
        for one in &tried {
            (self.on)(CalibrationEvent::Tried(one));
        }
        let failed = failures::failures(&plan.request_names(), &tally);
        for line in failures::all_lines(&failed) {
            (self.on)(CalibrationEvent::Failed(&line));
        }
        let waited = result(self.store, &plan).await?.map(|result| waiting(&result.health));
        Ok(Attempt { tried, waited })
    }

    /// Starts the worker of a run, and follows the run to its end. If the worker is hopelessly late, or if too many of
    /// its requests fail, the run is stopped.
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

    /// Returns the measurements of each rate, and the tally of all steps. The measurements of a rate come from the
    /// snapshot of its step.
    async fn judge(&self, plan: &Plan, rates: &[u64]) -> Result<(Vec<TriedRate>, Tally), RunError> {
        let schedules = plan.schedules().unwrap_or_else(|| unreachable!("the load has rates"));
        let step = STEP.as_nanos() as u64;
        let (mut tried, mut tally) = (Vec::new(), Tally::new(plan.requests.len()));
        for (at, rate) in rates.iter().enumerate() {
            let Some(snapshot) = snapshot(self.store, plan, at as u32 + 1).await? else {
                break;
            };
            tally.add(&snapshot.recorder.tally);
            let due = schedules.due_before(step * (at as u64 + 1)) - schedules.due_before(step * at as u64);
            tried.push(TriedRate::of(
                *rate,
                due,
                &snapshot.recorder.tally,
                self.choices.max_lag,
            ));
        }
        Ok((tried, tally))
    }
}

/// Returns two numbers for each population: the arrivals of the population, and the arrivals of all populations.
fn shares(weights: &[u64]) -> impl Iterator<Item = (u64, u64)> {
    let whole: u64 = weights.iter().sum();
    weights.iter().map(move |weight| (*weight, whole.max(1)))
}

/// Returns the load of a population that sends this share of each rate. The rates of this load are rounded up to whole
/// numbers of arrivals in 1,000 hours.
fn steps(rates: &[u64], (part, whole): (u64, u64)) -> Result<Load, String> {
    let steps = rates.iter().map(|rate| {
        let all = Rate::parse(&format!("{rate}/s"))?.arrivals_per_1000_hours();
        let own = (u128::from(all) * u128::from(part)).div_ceil(u128::from(whole));
        Ok((Rate::per_1000_hours(own as u64), STEP))
    });
    Ok(Load::Open {
        phases: vec![OpenPhase {
            shape: Shape::Step {
                steps: steps.collect::<Result<_, String>>()?,
            },
            sampling: Sampling::Measured,
        }],
        spacing: Spacing::Even,
    })
}

async fn snapshot(store: &RunStore, plan: &Plan, n: u32) -> Result<Option<Snapshot>, RunError> {
    let key = keys::live(&plan.run, 0, 0, n);
    stored(store, plan, &key, |bytes, expected| {
        Snapshot::decode(bytes, n, expected)
    })
    .await
}

/// Reads and decodes an object that the worker of a run stored; `None` if the object or the claim of the worker does
/// not exist.
async fn stored<T>(
    store: &RunStore,
    plan: &Plan,
    key: &str,
    decode: impl Fn(&[u8], &ExpectedSnapshot<'_>) -> Result<T, FormatError>,
) -> Result<Option<T>, RunError> {
    let claim = store.get(&keys::claim(&plan.run, 0, 0, 1)).await?;
    let (Some(claim), Some(bytes)) = (claim, store.get(key).await?) else {
        return Ok(None);
    };
    let (from, names) = (Claim::decode(&claim)?.provenance(&plan.run, 0, 0), plan.request_names());
    let expected = plan.expected(&names, &from, Some(plan.stripe(0)));
    Ok(Some(decode(&bytes, &expected)?))
}

/// Returns lines of text about reasons to doubt the result.
fn doubts(found: u64, tried: &[TriedRate], waited: Option<f64>) -> String {
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

/// Returns a warning that the worker waited for a processor; `None` if the wait was insignificant or is not known.
fn busy_machine(waited: Option<f64>) -> Option<String> {
    let percent = (waited.filter(|waited| *waited >= WAITING)? * 100.0).round();
    Some(format!(
        "the worker had no processor for {percent}% of the time: its machine is busy, and on an idle one it can send more"
    ))
}

/// Reads the result that the worker of a run stored; `None` if the result does not exist.
async fn result(store: &RunStore, plan: &Plan) -> Result<Option<SliceResult>, RunError> {
    stored(store, plan, &keys::result(&plan.run, 0, 0), SliceResult::decode).await
}

/// Reads each new snapshot. Stops the run if the worker of the run is hopelessly late, or if too many of its requests
/// fail.
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
                    None if late || counts.dropped > 0 => Some("the worker is too late for higher rates"),
                    None => None,
                };
                if let Some(why) = why {
                    // A failure is ignored, because a run whose stop could not be written ends at its planned end.
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

    /// Returns the measurements of a step in which 500 arrivals were due. The arguments are the numbers of sent and of
    /// failed requests, and the lag.
    fn step(sent: u64, failed: u64, lag_us: u64) -> TriedRate {
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
        TriedRate::of(250, 500, &recorder.tally, LIMIT)
    }

    #[test]
    fn a_rate_with_failures_is_not_kept_and_its_verdict_names_every_reason() {
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
    fn a_limit_of_the_target_and_a_busy_machine_are_reported() {
        let failing = TriedRate {
            rate: 400,
            ..step(500, 500, 300)
        };
        assert_eq!(
            doubts(400, std::slice::from_ref(&failing), Some(0.05)),
            "",
            "no higher rate was tried"
        );
        let lines = doubts(200, &[failing], Some(0.14));
        assert!(
            lines.contains("the target, not the worker, set the limit: at 400.0/s 100% of 500 fail"),
            "{lines}"
        );
        assert!(lines.contains("no processor for 14% of the time"), "{lines}");
    }
}
