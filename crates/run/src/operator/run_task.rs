//! The task that conducts one run. The task publishes or adopts the run, starts it, follows it, and stores its report.
//!
//! The run is in the store, so a task can be dropped at any time. The next task for the same load test adopts the run.

use super::cluster::Cluster;
use super::decide::{Ending, Progress, Run};
use super::refusal::{CLUSTER_FAILED, MISCONFIGURED, SCENARIO_MISSING, STORE_FAILED};
use super::resource::{ArrivalCounts, LoadTest, Phase, ScenarioSource, Spec, WorkerCounts};
use super::scenario_files::ScenarioFiles;
use super::settings::Settings;
use super::{crd, refusal, resource};
use crate::conclude;
use crate::conduct::{ConductEvent, conduct};
use crate::cost::CostChoices;
use crate::error::RunError;
use crate::order::{self, Choices, Workers};
use crate::prepare::{RunRequest, prepare};
use crate::stopping::Stopping;
use crate::watching::Watcher;
use export::{ExportOptions, Exporters};
use fleet::crew::Crew;
use fleet::fleet::FleetKind;
use fleet::gather::{GatherError, Gatherer, RunRecord, Takeover};
use fleet::kubernetes::Kind;
use fleet::launch::{StartError, time_left};
use fleet::options::{FleetOptions, KubernetesOptions, Owner};
use plan::scenario::Scenario;
use report::run_report::RunReport;
use report::verdict::Verdict;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::causes::with_causes;
use store::{Location, RunStore};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use worker::clock::Clock;
use worker::log::OPERATOR_TARGET;

/// The first pause after an attempt that failed. The next constant is the longest pause.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The minimum time between two updates of the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);
/// The number of times that one attempt tries to store the report. If the store fails each time, the task makes another
/// attempt later.
const REPORT_RETRIES: u32 = 5;

/// The problem of a scenario with regions. The Job of another cluster cannot have an owner in this cluster.
const REGIONS: &str = "`regions` cannot be used in a LoadTest, because an operator starts workers only in its own cluster; remove `regions`, or use `vajra-cloud launch --fleet kubernetes`";

/// The task of a run. The task ends when this value is dropped, and the run continues.
#[derive(Debug)]
pub(super) struct RunTask {
    pub(super) state: watch::Receiver<Run>,
    stop: watch::Sender<Option<String>>,
    handle: JoinHandle<()>,
}

impl Drop for RunTask {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

impl RunTask {
    /// Starts the task of a run. The task publishes the run only if `publish` is true.
    pub(super) fn begin(
        test: &LoadTest,
        spec: &Spec,
        publish: bool,
        cluster: &Arc<Cluster>,
        settings: &Arc<Settings>,
    ) -> RunTask {
        let (state_sender, state) = watch::channel(Run::Unknown);
        let (stop, stop_receiver) = watch::channel(None);
        let task = Task {
            run: test.run(),
            name: test.name.clone(),
            uid: test.uid.clone(),
            spec: spec.clone(),
            publish,
            cluster: cluster.clone(),
            settings: settings.clone(),
            state: state_sender,
            stop: stop_receiver,
        };
        RunTask {
            state,
            stop,
            handle: tokio::spawn(task.see_through()),
        }
    }

    /// Requests the stop of the run. If this function is called again, the first reason remains.
    pub(super) fn stop(&self, reason: &str) {
        self.stop.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert_with(|| reason.to_owned());
            first
        });
    }

    pub(super) fn is_stop_asked(&self) -> bool {
        self.stop.borrow().is_some()
    }
}

struct Task {
    run: String,
    name: String,
    uid: String,
    spec: Spec,
    publish: bool,
    cluster: Arc<Cluster>,
    settings: Arc<Settings>,
    state: watch::Sender<Run>,
    stop: watch::Receiver<Option<String>>,
}

/// The reason why an attempt ended before the end of the run.
enum Trouble {
    /// The attempt may succeed later.
    Passing { reason: &'static str, problem: String },
    /// The request itself is wrong, so another attempt would fail too.
    Rejected(String),
}

impl Trouble {
    fn passing(reason: &'static str, problem: impl std::fmt::Display) -> Trouble {
        Trouble::Passing {
            reason,
            problem: problem.to_string(),
        }
    }

    fn of(error: &RunError) -> Trouble {
        match error {
            RunError::Refused(refused) => Trouble::Rejected(match refused.hint.as_str() {
                "" => refused.problem.clone(),
                hint => format!("{}; {hint}", refused.problem),
            }),
            error => Trouble::passing(STORE_FAILED, with_causes(error)),
        }
    }

    fn of_store(error: impl std::error::Error + 'static) -> Trouble {
        Trouble::passing(STORE_FAILED, with_causes(&error))
    }
}

/// A published run, and the values that are required to conduct the run.
struct Opened {
    store: RunStore,
    gatherer: Gatherer,
    crew: Option<Crew>,
    clock: Clock,
}

impl Task {
    async fn see_through(mut self) {
        let (mut pause, mut store_failed) = (PAUSE, false);
        loop {
            let trouble = match self.attempt(Takeover { store_failed }).await {
                Ok(end) => {
                    self.state.send_replace(end);
                    return;
                }
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Rejected(problem) => {
                    self.state.send_replace(Run::Rejected { problem });
                    return;
                }
                Trouble::Passing { reason, problem } => {
                    tracing::warn!(target: OPERATOR_TARGET, run = self.run, reason, problem, "the run waits");
                    store_failed = reason == STORE_FAILED;
                    let waiting = Run::Waiting { reason, problem };
                    self.state.send_if_modified(|state| {
                        let changed = *state != waiting;
                        *state = waiting;
                        changed
                    });
                }
            }
            let asked = self.stop.borrow().is_some();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = self.stop.changed(), if !asked => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Makes one attempt to open the run and to conduct it to its end.
    async fn attempt(&self, takeover: Takeover) -> Result<Run, Trouble> {
        let stop = self.stop.borrow().clone();
        let opened = match self.adopt(takeover).await? {
            Some(opened) => opened,
            None if stop.is_some() || !self.publish => {
                let problem = stop.unwrap_or_else(|| "the run was stopped before it was planned".to_owned());
                // If another copy of the operator publishes the run later, this copy finds the stop in the store.
                let stopped = fleet::stop::stop(&self.store().await?, &self.run, &problem, &Clock::tie(0)).await;
                stopped.map_err(Trouble::of_store)?;
                return Ok(Run::Absent { problem });
            }
            None => self.publish(takeover).await?,
        };
        self.conduct(opened).await
    }

    fn location(&self) -> Result<Location, Trouble> {
        let location = crate::deployment::locate(Some(&self.spec.store));
        location.map_err(|refused| Trouble::of(&RunError::Refused(refused)))
    }

    async fn store(&self) -> Result<RunStore, Trouble> {
        let opened = RunStore::open(&self.location()?).await;
        opened.map_err(Trouble::of_store)
    }

    /// Opens the run if it is published. If the run has not started, its crew creates the Job of the run, or adopts the
    /// Job that an earlier copy of the operator has created. Otherwise, its crew only observes and withdraws the Job.
    async fn adopt(&self, takeover: Takeover) -> Result<Option<Opened>, Trouble> {
        let store = self.store().await?;
        let mut gatherer = match Gatherer::open(&store, &self.run).await {
            Ok(gatherer) => gatherer,
            Err(GatherError::NoRun { .. }) => return Ok(None),
            Err(error) => return Err(Trouble::of_store(error)),
        };
        let read = gatherer.poll_listing().await;
        read.map_err(Trouble::of_store)?;
        gatherer.takeover = Some(takeover);
        let (record, clock) = (&gatherer.record, Clock::tie(0));
        let is_open = record.start.is_none() && record.stop.is_none() && self.stop.borrow().is_none();
        let starting = match is_open && !time_left(&gatherer, clock.now()).is_zero() {
            true => self.crew(&gatherer).await?,
            false => None,
        };
        tracing::info!(target: OPERATOR_TARGET, run = self.run, starts = starting.is_some(), "the run is adopted");
        let crew = starting.or_else(|| self.observing_crew(&gatherer));
        Ok(Some(Opened {
            store,
            gatherer,
            crew,
            clock,
        }))
    }

    /// Returns the crew that starts a published run; `None` if the scenario does not exist any more, or is not valid any
    /// more. In this case, an earlier copy of the operator has created the Job, or the run is aborted after the start
    /// timeout.
    async fn crew(&self, gatherer: &Gatherer) -> Result<Option<Crew>, Trouble> {
        let scenario = match self.scenario().await {
            Ok(scenario) => scenario,
            Err(Trouble::Passing { reason, .. }) if reason == SCENARIO_MISSING => return Ok(None),
            Err(Trouble::Rejected(_)) => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        self.check_settings()?;
        let (options, program) = (self.options(), &self.settings.program);
        let store = Some(self.spec.store.as_str());
        let found = crate::deployment::Deployment::find(&Kind, &options, store, &scenario, program).await;
        match found.map_err(|error| Trouble::of(&error)) {
            Ok(found) => Ok(Some(Crew::new(found.fleet, gatherer.record.plan.clone()))),
            Err(Trouble::Rejected(_)) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Returns a crew that names the reasons of the Job of a run, and withdraws the Job; `None` if the settings of the
    /// operator are not valid. This crew needs no scenario and never creates the Job.
    fn observing_crew(&self, gatherer: &Gatherer) -> Option<Crew> {
        let location = self.location().ok()?;
        let fleet = fleet::kubernetes::adopted(&self.options().kubernetes, &location).ok()?;
        Some(Crew::observing(fleet, gatherer.record.plan.clone()))
    }

    /// Checks that pods can be started with the settings of the operator. A user of the operator cannot correct these
    /// settings, so the run waits for another operator.
    fn check_settings(&self) -> Result<(), Trouble> {
        let location = self.location()?;
        let checked = fleet::kubernetes::adopted(&self.options().kubernetes, &location);
        checked.map(drop).map_err(|error| {
            let hint = error.hint.as_deref().unwrap_or("correct the options of the operator");
            Trouble::passing(MISCONFIGURED, format!("the operator: {}; {hint}", error.problem))
        })
    }

    async fn publish(&self, takeover: Takeover) -> Result<Opened, Trouble> {
        self.check_settings()?;
        let mut scenario = self.scenario().await?;
        order::draw_seed(&mut scenario);
        let choices = Choices {
            workers: Workers::Number(self.spec.workers),
            fleet: &Kind as &'static dyn FleetKind,
            start_timeout: Some(self.spec.start_timeout),
            min_workers: self.spec.min_workers,
            restripe: false,
            dead_man: None,
            snapshot_interval: None,
            slice: None,
        };
        order::check(&choices).map_err(|refused| Trouble::of(&refused.into()))?;
        let prepared = prepare(RunRequest {
            scenario,
            run: Some(self.run.clone()),
            choices,
            fleet_options: self.options(),
            store: Some(self.spec.store.clone()),
            cost: CostChoices::default(),
            program: self.settings.program.clone(),
        })
        .await
        .map_err(|error| Trouble::of(&error))?;
        // These are the checks of `doctor`. The spec of a test cannot change, so each problem is outside of the test, and
        // the checks are repeated until the start timeout has passed.
        if let Some((reason, problem)) = refusal::of(&prepared.examine().await) {
            return Err(Trouble::Passing { reason, problem });
        }
        match prepared.publish().await {
            Ok(published) => {
                tracing::info!(target: OPERATOR_TARGET, run = self.run, "the run is published");
                Ok(Opened {
                    store: prepared.store.clone(),
                    crew: published.crew,
                    gatherer: published.gatherer,
                    clock: prepared.clock,
                })
            }
            // Another copy of the operator may have published the run a moment earlier.
            Err(error) => self.adopt(takeover).await?.ok_or_else(|| Trouble::of(&error)),
        }
    }

    fn options(&self) -> FleetOptions {
        let spec = &self.spec;
        let is_folder = matches!(self.location(), Ok(Location::Folder(_)));
        let kubernetes = KubernetesOptions {
            context: self.settings.context.clone(),
            namespace: Some(self.cluster.namespace.clone()),
            image: self.settings.image.clone(),
            service_account: spec.service_account.clone(),
            cpu: spec.cpu,
            memory: spec.memory.clone(),
            node_selector: spec.node_selector.clone(),
            queue: None,
            pod_env: spec.env.clone(),
            // Only a folder is in the volume of the claim.
            store_claim: self.settings.store_claim.clone().filter(|_| is_folder),
            owner: Some(Owner {
                api_version: resource::api_version(),
                kind: crd::KIND.to_owned(),
                name: self.name.clone(),
                uid: self.uid.clone(),
            }),
        };
        FleetOptions {
            kubernetes,
            ..FleetOptions::default()
        }
    }

    async fn scenario(&self) -> Result<Scenario, Trouble> {
        let files = match &self.spec.scenario {
            ScenarioSource::Inline(text) => ScenarioFiles::inline(text),
            ScenarioSource::ConfigMap { name, key } => {
                let found = self.cluster.config_map(name).await;
                let found = found.map_err(|error| Trouble::passing(CLUSTER_FAILED, error.problem))?;
                let missing = |what: String| Trouble::passing(SCENARIO_MISSING, what);
                let config_map = found.ok_or_else(|| missing(format!("the ConfigMap {name} does not exist")))?;
                ScenarioFiles::of(config_map, key)
                    .ok_or_else(|| missing(format!("the ConfigMap {name} has no key {key}")))?
            }
        };
        let scenario = files.read().map_err(Trouble::Rejected)?;
        match scenario.regions.is_empty() {
            true => Ok(scenario),
            false => Err(Trouble::Rejected(REGIONS.to_owned())),
        }
    }

    /// Starts the run if it has not started, follows it to its end, and stores its report.
    async fn conduct(&self, mut opened: Opened) -> Result<Run, Trouble> {
        let exporters = Exporters::start(ExportOptions::default())
            .map_err(|error| Trouble::passing("ExportFailed", with_causes(&error)))?;
        let run = self.run.clone();
        let stopping = Stopping::new(&opened.store, &opened.clock, move |error| {
            tracing::error!(target: OPERATOR_TARGET, run, problem = with_causes(error), "the stop could not be stored");
        })
        .for_retries();
        let watcher = Watcher::new(&opened.gatherer.record);
        let mut last = None::<Instant>;
        let state = &self.state;
        let on = |event: ConductEvent<'_>| {
            if let ConductEvent::Look { record, now } = event {
                let is_due = last.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
                let started = matches!(&*state.borrow(), Run::Underway(progress) if progress.started);
                if is_due || record.start.is_some() != started {
                    last = Some(Instant::now());
                    state.send_replace(Run::Underway(progress(record, &watcher, now)));
                }
            }
        };
        let mut stop = self.stop.clone();
        let passing_on = async {
            // The wait fails if the sender of `stop` was dropped. The owner of this sender then also aborts this task.
            let asked = stop.wait_for(Option::is_some).await.map(|asked| asked.clone());
            if let Ok(Some(reason)) = asked {
                stopping.begin(&self.run, &reason);
                while !stopping.stored().await {
                    tokio::time::sleep(PAUSE).await;
                    stopping.begin(&self.run, &reason);
                }
            }
            std::future::pending::<Infallible>().await
        };
        let Opened {
            store,
            gatherer,
            crew,
            clock,
        } = &mut opened;
        let conducting = conduct(store, gatherer, crew.as_mut(), clock, &exporters, &stopping, on);
        let conducted = tokio::select! {
            conducted = conducting => conducted,
            never = passing_on => match never {},
        };
        match conducted.outcome {
            Ok(losses) => {
                let report = conclude::report(store, gatherer, crew.as_mut(), &losses).await;
                self.keep(store, &report).await?;
                Ok(Run::Over(ending(&report, &gatherer.record)))
            }
            Err(StartError::Aborted(abort)) => Ok(Run::Over(Ending {
                phase: Phase::Aborted,
                started: false,
                message: match gatherer.record.stop.as_ref().filter(|_| self.stop.borrow().is_some()) {
                    Some(stop) => format!("the run was stopped before its start: {}", stop.reason),
                    None => one_line(&abort.to_string()),
                },
                workers: WorkerCounts {
                    planned: abort.workers,
                    ready: abort.ready,
                    missing: abort.missing.len() as u32,
                },
                arrivals: ArrivalCounts {
                    planned: gatherer.record.plan.arrivals().unwrap_or_default(),
                    ..ArrivalCounts::default()
                },
            })),
            Err(error) => Err(Trouble::of_store(error)),
        }
    }

    /// Stores the report. If another copy of the operator has stored a report, this report replaces it with equal
    /// content.
    async fn keep(&self, store: &RunStore, report: &RunReport) -> Result<(), Trouble> {
        let mut failed = None;
        for _ in 0..REPORT_RETRIES {
            match conclude::keep(store, report).await {
                Ok(()) => {
                    let verdict = report.verdict.name();
                    tracing::info!(target: OPERATOR_TARGET, run = self.run, verdict, "the report is stored");
                    return Ok(());
                }
                Err(error) => failed = Some(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Trouble::passing(
            STORE_FAILED,
            failed.map_or_else(String::new, |error| with_causes(&error)),
        ))
    }
}

fn progress(record: &RunRecord, watcher: &Watcher, now: u64) -> Progress {
    let progress = watcher.progress(record, now);
    Progress {
        started: record.start.is_some(),
        stopping: record.stop.is_some(),
        workers: WorkerCounts {
            planned: progress.workers,
            ready: progress.workers_in,
            missing: progress.workers_missing,
        },
        arrivals: ArrivalCounts {
            planned: record.plan.arrivals().unwrap_or_default(),
            sent: progress.sent,
            dropped: progress.dropped,
            missing: 0,
        },
    }
}

/// Returns the end of a run, computed from the report of the run.
fn ending(report: &RunReport, record: &RunRecord) -> Ending {
    let balance = &report.balance;
    let reasons = || one_line(&report.reasons.join("; "));
    let (phase, message) = match report.verdict {
        Verdict::Passed => (
            Phase::Passed,
            "every arrival is accounted for, and every threshold is met".to_owned(),
        ),
        Verdict::Unjudged => (
            Phase::Passed,
            "every arrival is accounted for, and the scenario has no thresholds".to_owned(),
        ),
        Verdict::Crossed => (Phase::Crossed, reasons()),
        Verdict::Incomplete => (Phase::Incomplete, reasons()),
    };
    let planned = record.plan.shards;
    let done = (0..planned).filter(|shard| {
        let mut slices = 0..record.plan.slices.len() as u32;
        slices.all(|slice| record.has_result((*shard, slice)))
    });
    let ready = (0..planned).filter(|shard| record.slice((*shard, 0)).is_some_and(|slice| slice.ready));
    Ending {
        phase,
        started: record.start.is_some(),
        message,
        workers: WorkerCounts {
            planned,
            ready: ready.count() as u32,
            missing: planned - done.count() as u32,
        },
        arrivals: ArrivalCounts {
            planned: balance.planned,
            sent: balance.sent + balance.unmeasured_sent,
            dropped: balance.dropped + balance.unmeasured_dropped,
            missing: balance.missing,
        },
    }
}

/// Joins the lines of a message to one line.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ")
}
