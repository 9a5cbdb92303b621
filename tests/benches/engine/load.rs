//! The load that our worker sends, as a scenario and as a plan.

use crate::Fallible;
use plan::plan::Plan;
use std::fmt;
use std::time::Duration;
use test_plans::Planned;

/// The line that selects HTTP/2 in a scenario.
const HTTP2: &str = "protocol: http2\n";
/// The beginning of the line that selects the pacing in a scenario.
const PACING: &str = "pacing: ";
/// The interval of snapshots, which are part of the measurement. One snapshot per second is the highest usual rate.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(1);

/// The amount of load: a number of users, or a rate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// The number of users. The users do not pause between requests.
    Users(u32),
    /// The number of arrivals per second.
    Rate(u64),
}

/// The precision of pacing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pacing {
    /// The scenario has no key `pacing`.
    Unsaid,
    Precise,
    Batched,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// The load that one worker sends.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) shape: Shape,
    pub(crate) seconds: u64,
    pub(crate) connections: u32,
    /// The number of request names.
    pub(crate) names: u32,
    pub(crate) pacing: Pacing,
    pub(crate) protocol: Protocol,
    /// The steps of a flow; `None` if the load has requests and no flows.
    pub(crate) flow: Option<Steps>,
}

/// The steps of a flow over kept connections. Each step sends one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    pub(crate) number: u32,
    /// The pause before the last step. If a flow has a pause, every earlier step captures a value, and the last step
    /// sends the captured value.
    pub(crate) pause: Option<Duration>,
    /// The maximum number of flows in progress.
    pub(crate) sessions: u32,
}

impl Steps {
    fn scenario(self) -> String {
        let last = self.number - 1;
        let step = |i: u32| match self.pause {
            Some(pause) if i == last => format!(
                "      - pause: {}ms\n      - {{ name: step-{i}, get: /, headers: {{ X-Kind: '{{{{ kind }}}}' }} }}\n",
                pause.as_millis()
            ),
            Some(_) => format!("      - {{ name: step-{i}, get: /, capture: {{ kind: header Content-Type }} }}\n"),
            None => format!("      - {{ name: step-{i}, get: / }}\n"),
        };
        let steps: String = (0..self.number).map(step).collect();
        format!("connections: kept\nflows:\n  - name: flow\n    steps:\n{steps}")
    }
}

/// The error of a scenario that contains a key or a value that the parser rejects.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The later lines of the error show a position in a generated scenario, which is not useful to a reader.
        f.write_str(self.0.lines().next().unwrap_or("the scenario is refused"))
    }
}

impl std::error::Error for Refused {}

impl Load {
    /// Returns a load over HTTP/1.1 with one request name. All other settings have their defaults.
    pub(crate) fn new(url: &str, shape: Shape, connections: u32, seconds: u64) -> Load {
        Load {
            url: url.to_owned(),
            shape,
            seconds,
            connections,
            names: 1,
            pacing: Pacing::Unsaid,
            protocol: Protocol::Http1,
            flow: None,
        }
    }

    fn scenario(&self) -> String {
        let seconds = self.seconds;
        let load = match self.shape {
            Shape::Users(users) => format!("{{ users: {{ users: {users}, duration: {seconds}s }} }}"),
            Shape::Rate(rate) => format!("{{ constant: {{ rate: {rate}/s, duration: {seconds}s }} }}"),
        };
        let pacing = match self.pacing {
            Pacing::Unsaid => String::new(),
            Pacing::Precise => format!("{PACING}precise\n"),
            Pacing::Batched => format!("{PACING}batched\n"),
        };
        let protocol = if self.protocol == Protocol::Http2 { HTTP2 } else { "" };
        let requests: String = (0..self.names)
            .map(|i| format!("  - {{ name: request-{i}, url: / }}\n"))
            .collect();
        let (sent, sessions) = match self.flow {
            None => (format!("requests:\n{requests}"), String::new()),
            Some(steps) => (steps.scenario(), format!(", sessions: {}", steps.sessions)),
        };
        let (url, connections) = (&self.url, self.connections);
        format!(
            "name: engine\ntarget: {url}\nload: {load}\n{pacing}{protocol}{sent}\
             limits: {{ connections: {connections}, insecure_tls: true{sessions} }}\n"
        )
    }

    /// Returns the plan of a run with one worker.
    ///
    /// # Errors
    /// [`Refused`] when the parser rejects the scenario.
    pub(crate) fn plan(&self, run: &str, created: u64) -> Fallible<Plan> {
        let planned = Planned::of(&self.scenario())
            .run(run)
            .created(created)
            .snapshot_interval(SNAPSHOT_INTERVAL);
        let scenario = planned.read().map_err(|problems| Refused(problems.to_string()))?;
        Ok(planned.plan_of(&scenario)?)
    }
}
