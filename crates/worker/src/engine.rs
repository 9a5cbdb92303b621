//! What sends requests and tells what became of them.

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

/// What one engine is to send: a plan, as much of it as one thread takes.
#[derive(Clone, Debug)]
pub struct Share {
    pub plan: Arc<Plan>,
    pub supplies: Arc<Supplies>,
    /// Where it may send.
    pub allow: Arc<Allow>,
    /// How many connections it may have.
    pub connections: usize,
    /// How many of them it opens before the start.
    pub ahead: usize,
}

/// What became of one request, in instants of the steady clock.
#[derive(Clone, Debug)]
pub struct Answer {
    /// When its first byte went to the socket; when connecting began, if none did.
    pub sent: Instant,
    /// When the first byte of an answer was read, if one was; of the first answer where redirects are followed.
    pub first_byte: Option<Instant>,
    /// How long it waited before it was sent: for a free connection, and for one to be opened.
    pub waiting: Duration,
    pub opening: Duration,
    /// When the last byte of the answer was read, or the failure was known.
    pub done: Instant,
    pub result: Result<(), Failure>,
    /// What the answer says of itself, if there was one.
    pub code: Option<Code>,
    pub body_bytes: u64,
    /// How often it was sent again, because the target said that it had not looked at it.
    pub retries: u32,
    /// The state of the arrival's flow, for its next request.
    pub flow: FlowState,
}

/// What an engine reports of a failure, besides its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub why: Why,
    /// Scheme, host and port.
    pub origin: Arc<str>,
}

/// Sends requests, and has at most as many under way as the plan allows.
///
/// One thread drives it: [`Engine::send`] begins a request and returns at once, [`Engine::wait`]
/// is where time passes and answers come out. So nothing is locked, and no request costs a task.
pub trait Engine: 'static {
    /// Does what can be done before the start: resolve names, open connections.
    fn prepare(&mut self) -> impl Future<Output = Result<(), String>> {
        async { Ok(()) }
    }

    /// Begins a request of the plan for arrival `k`, with the cookies of its flow. Its answer comes out of
    /// [`Engine::wait`] under this ticket, which is below the share's connections,
    /// times the streams of each.
    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState);

    /// Waits for answers, but not beyond `until`, and puts those that there are into `answers`.
    /// May return early without any. Nothing is lost when the future is dropped.
    fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) -> impl Future<Output = ()>;

    /// Why the last request with this ticket failed, until the ticket is used again.
    fn reported(&self, ticket: Ticket) -> Option<Reported>;

    /// What opening connections took since this was asked last.
    fn take_openings(&mut self) -> Openings;
}
