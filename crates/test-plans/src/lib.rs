//! Builds plans for tests and benchmarks from the texts of scenarios.
//!
//! A test sets only the values on which the test depends. The default values are one worker, one slice, and a snapshot
//! every second.

use plan::plan::{Plan, RunTiming, SHARDS_MAX};
use plan::planning::{Order, PlanError};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Problems, Settings, Surroundings};
use plan::usage::estimate::{Assumptions, Habits};
use std::collections::BTreeMap;
use std::time::Duration;

/// A scenario, together with the other inputs of the planner.
#[derive(Clone, Debug)]
pub struct Planned {
    text: String,
    files: BTreeMap<String, Vec<u8>>,
    variables: BTreeMap<String, String>,
    workers_min: Option<u32>,
    order: Order,
}

impl Planned {
    /// Returns the inputs of a plan for one local worker. `scenario` is the text of a whole scenario file.
    pub fn of(scenario: &str) -> Planned {
        Planned {
            text: scenario.to_owned(),
            files: BTreeMap::new(),
            variables: BTreeMap::new(),
            workers_min: None,
            order: Order {
                run: "test".to_owned(),
                created: 0,
                fleet: "local".to_owned(),
                workers: 1,
                slice_max: None,
                workers_max: SHARDS_MAX,
                builtin_target: String::new(),
                timing: RunTiming {
                    snapshot_interval: Duration::from_secs(1),
                    start_timeout: Duration::from_secs(30),
                    ..RunTiming::default()
                },
            },
        }
    }

    /// Adds a file to which the scenario may refer.
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Planned {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// Sets an environment variable to which the scenario may refer.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Planned {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the name of the run.
    pub fn run(mut self, run: &str) -> Planned {
        run.clone_into(&mut self.order.run);
        self
    }

    /// Sets the creation time of the plan, in nanoseconds since the Unix epoch.
    pub fn created(mut self, created: u64) -> Planned {
        self.order.created = created;
        self
    }

    pub fn fleet(mut self, fleet: &str) -> Planned {
        fleet.clone_into(&mut self.order.fleet);
        self
    }

    /// Sets the number of workers. If [`Planned::workers_min`] is not set, all workers must be ready before the start
    /// of the run.
    pub fn workers(mut self, workers: u32) -> Planned {
        self.order.workers = workers;
        self
    }

    /// Sets the minimum number of workers that must be ready before the start of the run.
    pub fn workers_min(mut self, workers: u32) -> Planned {
        self.workers_min = Some(workers);
        self
    }

    /// Sets the maximum number of workers that the fleet allows.
    pub fn workers_max(mut self, workers: u32) -> Planned {
        self.order.workers_max = workers;
        self
    }

    /// Sets the maximum length of a slice. With `None`, the run has a single slice.
    pub fn slice_max(mut self, window: impl Into<Option<Duration>>) -> Planned {
        self.order.slice_max = window.into();
        self
    }

    pub fn snapshot_interval(mut self, interval: Duration) -> Planned {
        self.order.timing.snapshot_interval = interval;
        self
    }

    pub fn start_timeout(mut self, timeout: Duration) -> Planned {
        self.order.timing.start_timeout = timeout;
        self
    }

    /// Sets whether the workers that are ready share all arrivals if other workers are missing.
    pub fn restripe(mut self, restripe: bool) -> Planned {
        self.order.timing.restripe = restripe;
        self
    }

    /// Sets how long workers continue after the last heartbeat of a process that follows the run; `None` for no limit.
    pub fn dead_man(mut self, limit: impl Into<Option<Duration>>) -> Planned {
        self.order.timing.dead_man = limit.into();
        self
    }

    /// Reads the scenario, and returns it.
    ///
    /// # Errors
    /// Returns all problems of the scenario if the scenario has problems.
    pub fn read(&self) -> Result<Scenario, Problems> {
        let surroundings = Surroundings {
            environment: &|name| self.variables.get(name).cloned(),
            file: &|path| self.files.get(path).cloned().ok_or("no such file".to_owned()),
            pem: &|_| Ok(()),
            settings: Settings::default(),
        };
        scenario_file::read(&self.text, "test.yaml", &surroundings)
    }

    /// Reads a scenario that must not have problems, and returns the scenario.
    ///
    /// # Panics
    /// Panics if the scenario has problems.
    pub fn scenario(&self) -> Scenario {
        self.read()
            .unwrap_or_else(|problems| panic!("{}\n{}", self.text, problems.render(false)))
    }

    /// Reads a scenario that must not have problems, and plans a run of the scenario.
    ///
    /// # Errors
    /// Fails if the planner rejects the order.
    ///
    /// # Panics
    /// Panics if the scenario has problems.
    pub fn try_plan(&self) -> Result<Plan, PlanError> {
        self.plan_of(&self.scenario())
    }

    /// Reads a scenario that must not have problems, and plans a run that the planner must accept.
    ///
    /// # Panics
    /// Panics if the scenario has problems, or if the planner rejects the order.
    pub fn plan(&self) -> Plan {
        self.try_plan()
            .unwrap_or_else(|error| panic!("{}\n{error}: {}", self.text, error.hint()))
    }

    /// Plans a run of a scenario that [`Planned::read`] returned.
    ///
    /// # Errors
    /// Fails if the planner rejects the order.
    pub fn plan_of(&self, scenario: &Scenario) -> Result<Plan, PlanError> {
        let mut order = self.order.clone();
        order.timing.workers_min = self.workers_min.unwrap_or(order.workers);
        Plan::new(scenario, &order)
    }
}

/// Returns the polling intervals of launchers and workers. Tests of the cost estimate compute their expected numbers
/// from these intervals.
pub fn habits() -> Habits {
    Habits {
        start_lead: Duration::from_secs(1),
        start_poll: Duration::from_millis(100),
        stop_poll: Duration::from_secs(1),
        ready_poll: Duration::from_millis(100),
        follow_poll: Duration::from_millis(250),
        clock_poll: Duration::from_millis(80),
        clock_timeout: Duration::from_secs(2),
        heartbeats: 4,
        probe_writers: 8,
        assumptions: Assumptions::default(),
    }
}
