//! The state of a flow, which lasts from one request of an arrival to the next.

use crate::cookies::Jar;
use crate::index::{ConnectionIndex, OriginNumber};

/// The longest captured value, in bytes.
pub(crate) const VALUE_BYTES_MAX: usize = 64 << 10;

/// The state of one arrival. It moves to the engine with each request and returns with the answer, so two arrivals
/// cannot share it.
#[derive(Clone, Debug, Default)]
pub struct FlowState {
    pub(crate) cookies: Jar,
    /// The values that the flow has captured, by their numbers.
    pub(crate) values: Values,
    /// The number of the arrival's requests before this one.
    pub(crate) visit: u32,
    /// The number of the iteration of the innermost repetition, from 1.
    pub(crate) turn: u32,
    /// When the request was due, in nanoseconds since the Unix epoch.
    pub(crate) due: u64,
    /// The open connections of the arrival's user.
    pub(crate) connections: Vec<OwnConnection>,
}

/// The captured values of a flow.
#[derive(Clone, Default)]
pub(crate) struct Values(Vec<Option<Box<str>>>);

impl std::fmt::Debug for Values {
    /// Shows only the number of values: they may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Values({})", self.0.iter().flatten().count())
    }
}

impl Values {
    /// The value with this number, if it was captured.
    pub(crate) fn get(&self, variable: u32) -> Option<&str> {
        self.0.get(variable as usize)?.as_deref()
    }

    pub(crate) fn set(&mut self, variable: u32, value: Box<str>) {
        let at = variable as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        self.0[at] = Some(value);
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// A connection that only one user uses. Its generation distinguishes it from a later one with the same index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnConnection {
    pub origin: OriginNumber,
    pub index: ConnectionIndex,
    pub generation: u32,
}

impl FlowState {
    /// Clears the state of an arrival that has ended, after its engine has closed its connections. The memory is kept for
    /// the next one.
    pub(crate) fn reset(&mut self) {
        self.cookies.clear();
        self.end_flow();
        self.connections.clear();
    }

    /// Clears what belongs to one flow. Cookies and connections stay, for a user that keeps its session.
    pub(crate) fn end_flow(&mut self) {
        self.values.clear();
        (self.visit, self.turn) = (0, 0);
    }

    /// Takes the connection to an origin.
    pub(crate) fn take_connection(&mut self, origin: OriginNumber) -> Option<OwnConnection> {
        let at = self.connections.iter().position(|own| own.origin == origin)?;
        Some(self.connections.swap_remove(at))
    }
}
