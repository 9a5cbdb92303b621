//! The state of a flow, which is passed from one request of an arrival to the next request.

use crate::cookies::Jar;
use crate::index::{ConnectionIndex, OriginNumber};

/// The maximum length of a captured value, in bytes.
pub(crate) const VALUE_BYTES_MAX: usize = 64 << 10;

/// The state of one arrival. The state is passed to the engine with each request, and is returned with the answer. So
/// two arrivals cannot share a state.
#[derive(Clone, Debug, Default)]
pub struct FlowState {
    pub(crate) cookies: Jar,
    /// The values that the flow has captured, indexed by the numbers of the variables.
    pub(crate) values: Values,
    /// The number of requests that the arrival has sent before this request. Retries are not counted.
    pub(crate) visit: u32,
    /// The number of the current iteration of the innermost repetition, counted from 1. Outside of repetitions, this is
    /// 0.
    pub(crate) turn: u32,
    /// When the request was due, in nanoseconds since the Unix epoch.
    pub(crate) due: u64,
    /// The open connections that only the arrival's user may use.
    pub(crate) connections: Vec<OwnConnection>,
}

/// The values that a flow has captured.
#[derive(Clone, Default)]
pub(crate) struct Values(Vec<Option<Box<str>>>);

impl std::fmt::Debug for Values {
    /// Shows only the number of values, because the values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Values({})", self.0.iter().flatten().count())
    }
}

impl Values {
    /// Returns the value of the variable with this number, if the value was captured.
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

/// A connection that only one user uses. The generation distinguishes this connection from a later connection with the
/// same index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnConnection {
    pub origin: OriginNumber,
    pub index: ConnectionIndex,
    pub generation: u32,
}

impl FlowState {
    /// Clears the state of an arrival that has ended. The engine must have closed the arrival's connections before this
    /// call. The allocated memory is kept for the next arrival.
    pub(crate) fn reset(&mut self) {
        self.cookies.clear();
        self.end_flow();
        self.connections.clear();
    }

    /// Clears the parts of the state that belong to one flow. Cookies and connections remain, because a user may keep
    /// its session.
    pub(crate) fn end_flow(&mut self) {
        self.values.clear();
        (self.visit, self.turn) = (0, 0);
    }

    /// Removes the user's connection to an origin from the state and returns it.
    pub(crate) fn take_connection(&mut self, origin: OriginNumber) -> Option<OwnConnection> {
        let at = self.connections.iter().position(|own| own.origin == origin)?;
        Some(self.connections.swap_remove(at))
    }
}
