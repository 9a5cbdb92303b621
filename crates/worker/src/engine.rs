//! The engine interface: it sends requests and returns their answers.

use crate::allow::Allow;
pub use crate::flow::FlowState;
pub use crate::index::Ticket;
use crate::supplies::Supplies;
use crate::why::Why;
use plan::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::{Code, Failure};
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::time::Instant;

/// The part of a plan that one engine sends on one thread.
#[derive(Clone, Debug)]
pub struct Share {
    pub plan: Arc<Plan>,
    pub supplies: Arc<Supplies>,
    /// The allowed targets.
    pub allow: Arc<Allow>,
    /// The largest number of its connections.
    pub connections: usize,
    /// The number of connections that it opens before the start.
    pub ahead: usize,
}

/// The outcome of one request, with instants of the steady clock.
#[derive(Clone, Debug)]
pub struct Answer {
    /// When its first byte was written to the socket; when the request began, if none was.
    pub sent: Instant,
    /// When the first byte of an answer was read, if any; with redirects, of the first answer.
    pub first_byte: Option<Instant>,
    /// How long it waited before it was sent: for a free connection, and for a new one to open.
    pub waiting: Duration,
    pub opening: Duration,
    /// When the last byte of the answer was read, or the failure was detected.
    pub done: Instant,
    pub result: Result<(), Failure>,
    /// The status code of the answer, if any.
    pub code: Option<Code>,
    pub body_bytes: u64,
    /// The number of times it was sent again because the target reported that it had not processed it.
    pub retries: u32,
    /// The state of the arrival's flow, for its next request.
    pub flow: FlowState,
}

/// The details of a failure, besides its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub why: Why,
    /// Scheme, host and port.
    pub origin: Arc<str>,
}

impl Reported {
    /// A failure that the load found, in an answer that the engine took for good.
    pub(crate) fn by_load(why: Why) -> Reported {
        Reported { why, origin: "".into() }
    }
}

/// Sends requests; at most as many are in flight as the plan allows.
///
/// One thread drives it: [`Engine::send`] begins a request and returns at once; [`Engine::wait`] waits and returns
/// answers. So the engine needs no locks, and a request needs no task.
pub trait Engine: 'static {
    /// Does the work that is possible before the start: resolves names and opens connections.
    fn prepare(&mut self) -> impl Future<Output = Result<(), String>> {
        async { Ok(()) }
    }

    /// Begins a request of the plan for arrival `k`, with the cookies of its flow. [`Engine::wait`] returns its answer
    /// with this ticket. Tickets are less than the share's connections, times the streams of each.
    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState);

    /// Waits for answers until `until` at most, and appends them to `answers`. May return early without answers.
    /// Dropping the future loses no answer.
    fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) -> impl Future<Output = ()>;

    /// Closes the connections of a user whose flow has ended, if it has connections of its own.
    fn close_connections(&mut self, flow: &mut FlowState);

    /// Why the last request with this ticket failed, until the ticket is used again.
    fn reported(&self, ticket: Ticket) -> Option<Reported>;

    /// The times of opening connections since the last call.
    fn take_openings(&mut self) -> Openings;

    /// The largest number of its connections that were open at the same time since the last call.
    fn take_open_max(&mut self) -> usize;
}
