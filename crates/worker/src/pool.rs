//! The pool of connections: the open connections, the idle connections, and the requests that wait for a connection.
//! The pool uses no socket. `L` is the type of a connection, which depends on the protocol.

use crate::engine::Ticket;
use crate::index::{ConnectionIndex, OriginNumber, Table};
use std::collections::VecDeque;

/// The connections of one thread, and the requests that wait for them.
#[derive(Debug)]
pub(crate) struct Pool<L> {
    connections: Table<ConnectionIndex, ConnectionSlot<L>>,
    vacant: Vec<ConnectionIndex>,
    queues: Table<OriginNumber, OriginQueue>,
    /// The maximum number of connections. `opening` is the number of connections that are being opened, and `open` is
    /// the number of open connections.
    most: usize,
    opening: usize,
    open: usize,
    /// The largest number of open connections since the last call of [`Pool::take_open_max`].
    open_max: usize,
    /// Whether an origin could not open a connection because a limit of connections was reached.
    held_up: bool,
}

/// A slot for a connection. A slot is used for several connections, one after another. The generation distinguishes
/// events of the current connection's socket from events of an earlier connection.
#[derive(Debug)]
struct ConnectionSlot<L> {
    generation: u32,
    connection: Option<Box<L>>,
}

/// The connections to one origin, and the requests that wait for them.
#[derive(Debug, Default)]
struct OriginQueue {
    /// The idle connections. The most recently used connection is last.
    idle: Vec<ConnectionIndex>,
    waiting: VecDeque<Ticket>,
    opening: usize,
    open: usize,
}

/// The result of asking whether one more connection may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Free,
    /// One more connection may be opened after this idle connection to another origin is closed.
    Instead(ConnectionIndex),
    None,
}

impl<L> Pool<L> {
    pub(crate) fn new(most: usize) -> Pool<L> {
        Pool {
            connections: Table::default(),
            vacant: Vec::new(),
            queues: Table::default(),
            most,
            opening: 0,
            open: 0,
            open_max: 0,
            held_up: false,
        }
    }

    /// Adds an origin.
    pub(crate) fn add_origin(&mut self) -> OriginNumber {
        self.queues.push(OriginQueue::default())
    }

    pub(crate) fn open(&self) -> usize {
        self.open
    }

    /// Returns the largest number of connections that were open at the same time since the last call.
    pub(crate) fn take_open_max(&mut self) -> usize {
        std::mem::replace(&mut self.open_max, self.open)
    }

    pub(crate) fn opening(&self) -> usize {
        self.opening
    }

    /// Returns the indices of all slots.
    pub(crate) fn indices(&self) -> impl Iterator<Item = ConnectionIndex> + use<L> {
        self.connections.numbers()
    }

    #[inline]
    pub(crate) fn connection(&self, index: ConnectionIndex) -> Option<&L> {
        self.connections[index].connection.as_deref()
    }

    #[inline]
    pub(crate) fn connection_mut(&mut self, index: ConnectionIndex) -> Option<&mut L> {
        self.connections[index].connection.as_deref_mut()
    }

    /// Returns the connection at an index, if this connection has the given generation.
    #[inline]
    pub(crate) fn still(&mut self, index: ConnectionIndex, generation: u32) -> Option<&mut L> {
        let slot = &mut self.connections[index];
        slot.connection.as_deref_mut().filter(|_| slot.generation == generation)
    }

    pub(crate) fn generation(&self, index: ConnectionIndex) -> u32 {
        self.connections[index].generation
    }

    /// Takes an index from the free indices, or adds a new index. Begins a new generation of the index, and returns
    /// both.
    pub(crate) fn free_index(&mut self) -> (ConnectionIndex, u32) {
        let fresh = || ConnectionSlot {
            generation: 0,
            connection: None,
        };
        let index = self.vacant.pop().unwrap_or_else(|| self.connections.push(fresh()));
        let slot = &mut self.connections[index];
        slot.generation = slot.generation.wrapping_add(1);
        (index, slot.generation)
    }

    /// Puts a connection at an index that [`Pool::free_index`] returned. If `connection` is `None`, the index becomes
    /// free again.
    pub(crate) fn put(&mut self, index: ConnectionIndex, connection: Option<L>) {
        match connection {
            Some(connection) => self.connections[index].connection = Some(Box::new(connection)),
            None => self.vacant.push(index),
        }
    }

    /// Removes a connection in any state. The numbers of open connections do not change.
    pub(crate) fn forget(&mut self, index: ConnectionIndex) {
        if self.connections[index].connection.take().is_some() {
            self.vacant.push(index);
        }
    }

    /// Returns the most recently used idle connection to an origin, and removes it from the idle connections.
    #[inline]
    pub(crate) fn take_idle(&mut self, origin: OriginNumber) -> Option<ConnectionIndex> {
        self.queues[origin].idle.pop()
    }

    /// Adds a connection to the idle connections.
    #[inline]
    pub(crate) fn keep(&mut self, origin: OriginNumber, index: ConnectionIndex) {
        self.queues[origin].idle.push(index);
    }

    pub(crate) fn idle(&self, origin: OriginNumber) -> &[ConnectionIndex] {
        &self.queues[origin].idle
    }

    /// Removes an open connection.
    pub(crate) fn close(&mut self, origin: OriginNumber, index: ConnectionIndex, is_idle: bool) {
        let queue = &mut self.queues[origin];
        if is_idle {
            queue.idle.retain(|idle| *idle != index);
        }
        queue.open -= 1;
        self.open -= 1;
        self.forget(index);
    }

    /// Adds a request to the requests that wait for a connection to an origin.
    pub(crate) fn wait(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.push_back(ticket);
    }

    /// Removes the request that has waited longest for a connection to an origin, and returns it.
    #[inline]
    pub(crate) fn next_waiting(&mut self, origin: OriginNumber) -> Option<Ticket> {
        self.queues[origin].waiting.pop_front()
    }

    /// Removes the request that has waited longest among the requests that satisfy the predicate `fits`, and returns
    /// it.
    pub(crate) fn next_waiting_where(&mut self, origin: OriginNumber, fits: impl Fn(Ticket) -> bool) -> Option<Ticket> {
        let waiting = &mut self.queues[origin].waiting;
        let at = waiting.iter().position(|ticket| fits(*ticket))?;
        waiting.remove(at)
    }

    /// Returns the request that has waited longest among the requests that satisfy the predicate `fits`.
    pub(crate) fn find_waiting(&self, origin: OriginNumber, fits: impl Fn(Ticket) -> bool) -> Option<Ticket> {
        self.queues[origin].waiting.iter().copied().find(|ticket| fits(*ticket))
    }

    /// Puts a request back at the front of the requests that wait for a connection to an origin.
    pub(crate) fn wait_on(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.push_front(ticket);
    }

    pub(crate) fn give_up_waiting(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.retain(|other| *other != ticket);
    }

    /// Removes all requests that wait for a connection to an origin, and returns them.
    pub(crate) fn take_waiting(&mut self, origin: OriginNumber) -> VecDeque<Ticket> {
        std::mem::take(&mut self.queues[origin].waiting)
    }

    /// Returns whether an origin has more waiting requests than connections that are being opened.
    pub(crate) fn lacks(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.opening < queue.waiting.len()
    }

    pub(crate) fn is_opening(&self, origin: OriginNumber) -> bool {
        self.queues[origin].opening > 0
    }

    /// Returns whether requests wait for a connection to an origin, although no connection is being opened.
    pub(crate) fn only_waits(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.opening == 0 && !queue.waiting.is_empty()
    }

    /// Returns whether an origin has no connections and no waiting requests.
    pub(crate) fn is_unused(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.idle.is_empty() && queue.waiting.is_empty() && queue.opening + queue.open == 0
    }

    /// Returns whether one more connection to an origin may be opened. At the maximum number of connections, an idle
    /// connection to another origin may be closed first.
    pub(crate) fn room(&self, origin: OriginNumber) -> Room {
        if self.open + self.opening < self.most {
            return Room::Free;
        }
        let mut others = self.queues.numbers().filter(|other| *other != origin);
        let idle = others.find_map(|other| self.idle(other).first().copied());
        idle.map_or(Room::None, Room::Instead)
    }

    /// Returns an idle connection to an origin, if requests wait although this connection is idle. These requests
    /// cannot use the connection, because each of them needs a connection of its own.
    pub(crate) fn useless_idle(&self, origin: OriginNumber) -> Option<ConnectionIndex> {
        let queue = &self.queues[origin];
        queue.idle.first().copied().filter(|_| !queue.waiting.is_empty())
    }

    /// Counts a connection whose opening begins.
    pub(crate) fn begin_opening(&mut self, origin: OriginNumber) {
        self.queues[origin].opening += 1;
        self.opening += 1;
    }

    /// Counts a connection that has opened.
    pub(crate) fn opened(&mut self, origin: OriginNumber) {
        let queue = &mut self.queues[origin];
        queue.opening -= 1;
        queue.open += 1;
        self.opening -= 1;
        self.open += 1;
        self.open_max = self.open_max.max(self.open);
    }

    /// Counts a connection that failed to open. Returns the number of waiting requests that fail together with this
    /// connection. All waiting requests fail, or only one request fails if the origin has other connections.
    pub(crate) fn failed_to_open(&mut self, origin: OriginNumber) -> usize {
        let queue = &mut self.queues[origin];
        queue.opening -= 1;
        self.opening -= 1;
        match queue.open + queue.opening {
            0 => queue.waiting.len(),
            _ => 1,
        }
    }

    /// Records that an origin could not open a connection because a limit of connections was reached.
    pub(crate) fn hold_up(&mut self) {
        self.held_up = true;
    }

    /// Returns whether [`Pool::hold_up`] was called since the last call of this function.
    #[inline]
    pub(crate) fn take_held_up(&mut self) -> bool {
        std::mem::take(&mut self.held_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a pool with two origins.
    fn pool(most: usize) -> (Pool<&'static str>, [OriginNumber; 2]) {
        let mut pool = Pool::new(most);
        let origins = [pool.add_origin(), pool.add_origin()];
        (pool, origins)
    }

    fn open(pool: &mut Pool<&'static str>, origin: OriginNumber) -> ConnectionIndex {
        pool.begin_opening(origin);
        let (index, _) = pool.free_index();
        pool.put(index, Some("a connection"));
        pool.opened(origin);
        index
    }

    #[test]
    fn a_full_pool_makes_room_only_with_an_idle_connection_to_another_origin() {
        let (mut pool, [one, other]) = pool(1);
        assert_eq!(pool.room(one), Room::Free);
        let index = open(&mut pool, one);
        assert_eq!(pool.room(other), Room::None, "it is in use");
        pool.keep(one, index);
        assert_eq!(pool.room(one), Room::None, "it belongs to the same origin");
        assert_eq!(pool.room(other), Room::Instead(index));
        pool.close(one, index, true);
        assert_eq!((pool.room(other), pool.open()), (Room::Free, 0));
        assert!(pool.is_unused(one));
    }

    #[test]
    fn a_reused_index_has_another_generation() {
        let (mut pool, [origin, _]) = pool(2);
        let index = open(&mut pool, origin);
        let generation = pool.generation(index);
        assert!(pool.still(index, generation).is_some());
        pool.close(origin, index, false);
        assert!(pool.still(index, generation).is_none());
        assert_eq!(open(&mut pool, origin), index);
        assert!(pool.still(index, generation).is_none());
    }

    #[test]
    fn a_failed_connection_fails_all_waiting_requests_or_one_if_others_are_open() {
        let (mut pool, [origin, _]) = pool(8);
        (1..=3).for_each(|ticket| pool.wait(origin, Ticket::from(ticket)));
        pool.begin_opening(origin);
        assert!(pool.lacks(origin));
        assert_eq!(pool.failed_to_open(origin), 3);
        open(&mut pool, origin);
        pool.begin_opening(origin);
        assert_eq!(pool.failed_to_open(origin), 1);
        assert_eq!(pool.next_waiting(origin), Some(Ticket::from(1)));
    }
}
