//! The engine interface. An engine sends requests and returns the answers.

use crate::allow::Allow;
pub use crate::flow::FlowState;
pub use crate::index::Ticket;
use crate::supplies::Supplies;
pub use crate::trace::Trace;
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
    /// The hosts and addresses to which the engine may send requests.
    pub allow: Arc<Allow>,
    /// The maximum number of connections that the engine may have open.
    pub connections: usize,
    /// The number of connections that the engine opens before the start.
    pub ahead: usize,
    /// Receives the bytes of requests and answers. `None` in a run, because only the command `try` uses a trace.
    pub trace: Option<Trace>,
}

/// The outcome of one request. All instants are times of the steady clock.
#[derive(Clone, Debug)]
pub struct Answer {
    /// When the first byte of the request was written to the socket. If no byte was written, this is when the request
    /// began.
    pub sent: Instant,
    /// When the first byte of an answer was read, if any byte was read. If redirects are followed, this byte belongs to
    /// the first answer.
    pub first_byte: Option<Instant>,
    /// How long the request waited for a free connection. `opening` is how long the request waited for a new connection
    /// to open.
    pub waiting: Duration,
    pub opening: Duration,
    /// When the last byte of the answer was read, or the failure was detected.
    pub done: Instant,
    pub result: Result<(), Failure>,
    /// The status code of the answer, if the request has an answer.
    pub code: Option<Code>,
    pub body_bytes: u64,
    /// The number of times that the request was sent again because the target reported that it had not processed the
    /// request.
    pub retries: u32,
    /// The state of the arrival's flow, for its next request.
    pub flow: FlowState,
}

/// The details of a failure, in addition to the kind of the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub why: Why,
    /// The scheme, host and port to which the failed request was sent.
    pub origin: Arc<str>,
}

impl Reported {
    /// Reports a failure that only the load detected. The engine considered the answer successful.
    pub(crate) fn by_load(why: Why) -> Reported {
        Reported { why, origin: "".into() }
    }
}

/// Sends requests. The number of requests in flight never exceeds the number that the plan allows.
///
/// One thread drives the engine. [`Engine::send`] begins a request and returns at once. [`Engine::wait`] waits for
/// answers and returns them. So the engine needs no locks.
pub trait Engine: 'static {
    /// Does the work that is possible before the start of the run: resolves names and opens connections.
    fn prepare(&mut self) -> impl Future<Output = Result<(), String>> {
        async { Ok(()) }
    }

    /// Begins a request of the plan for arrival `k`, with the cookies of the arrival's flow. [`Engine::wait`] returns
    /// the answer with this ticket. Each ticket is less than the share's number of connections times the number of
    /// streams of a connection.
    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState);

    /// Waits for answers, at most until `until`, and appends them to `answers`. May return early without answers. No
    /// answer is lost if the future is dropped.
    fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) -> impl Future<Output = ()>;

    /// Closes the connections that belong to a user whose flow has ended, if the user has any.
    fn close_connections(&mut self, flow: &mut FlowState);

    /// Returns why the last request with this ticket failed. The reason is available until the ticket is used again.
    fn reported(&self, ticket: Ticket) -> Option<Reported>;

    /// Returns the durations of the steps of opening connections, for all steps that ended since the last call.
    fn take_openings(&mut self) -> Openings;

    /// Returns the largest number of connections of the engine that were open at the same time since the last call.
    fn take_open_max(&mut self) -> usize;
}
