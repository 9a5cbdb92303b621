//! What our worker is asked to send, as a scenario and as a plan.

use crate::Fallible;
use plan::plan::Plan;
use std::fmt;
use std::time::Duration;
use test_plans::Planned;

/// How a scenario asks for HTTP/2.
const HTTP2: &str = "protocol: http2\n";
/// How a scenario says how exactly arrivals are paced.
const PACING: &str = "pacing: ";
/// Snapshots are part of what is measured: one a second, as often as they are ever taken.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(1);

/// How much is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// So many users without a pause.
    Users(u32),
    /// So many arrivals a second.
    Rate(u64),
}

/// How exactly arrivals are paced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pacing {
    /// The scenario says nothing.
    Unsaid,
    Precise,
    Batched,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A load for one worker.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) shape: Shape,
    pub(crate) seconds: u64,
    pub(crate) connections: u32,
    /// How many request names share it.
    pub(crate) names: u32,
    pub(crate) pacing: Pacing,
    pub(crate) protocol: Protocol,
}

/// The scenario has a key or a value that its reader does not know.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The place in a file that nobody has written helps nobody.
        f.write_str(self.0.lines().next().unwrap_or("the scenario is refused"))
    }
}

impl std::error::Error for Refused {}

impl Load {
    /// Over HTTP/1.1, with one request name, as a scenario has it that says nothing else.
    pub(crate) fn new(url: &str, shape: Shape, connections: u32, seconds: u64) -> Load {
        Load {
            url: url.to_owned(),
            shape,
            seconds,
            connections,
            names: 1,
            pacing: Pacing::Unsaid,
            protocol: Protocol::Http1,
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
        let (url, connections) = (&self.url, self.connections);
        format!(
            "name: engine\ntarget: {url}\nload: {load}\n{pacing}{protocol}requests:\n{requests}\
             limits: {{ connections: {connections}, insecure_tls: true }}\n"
        )
    }

    /// The plan of a run with one worker.
    ///
    /// # Errors
    /// [`Refused`] when the scenario's reader does not take it.
    pub(crate) fn plan(&self, run: &str, created: u64) -> Fallible<Plan> {
        let planned = Planned::of(&self.scenario())
            .run(run)
            .created(created)
            .snapshot_interval(SNAPSHOT_INTERVAL);
        let scenario = planned.read().map_err(|problems| Refused(problems.to_string()))?;
        Ok(planned.plan_of(&scenario)?)
    }
}
