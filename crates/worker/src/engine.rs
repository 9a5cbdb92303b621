//! What sends a request and waits for what becomes of it.

use tally::outcome::Failure;
use tokio::time::Instant;

/// What became of one request, in instants of the steady clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When its first byte went to the socket; when connecting began, if none did.
    pub sent: Instant,
    /// When the last byte of the answer was read, or the failure was known.
    pub done: Instant,
    pub result: Result<(), Failure>,
    pub status: Option<u16>,
    pub body_bytes: u64,
}

/// Sends requests. At most as many at once as the plan allows connections.
pub trait Engine: 'static {
    /// Does what can be done before the start: resolve names, open connections.
    fn prepare(&self) -> impl Future<Output = Result<(), String>> {
        async { Ok(()) }
    }

    /// Sends request number `request` of the plan for arrival `k`, and waits for its end.
    fn send(&self, k: u64, request: usize) -> impl Future<Output = Answer>;
}
