//! The pool of connections: which are open, which are idle, and which requests wait for one. Nothing here touches a
//! socket: `L` is a protocol's connection.

use crate::engine::Ticket;
use crate::index::{ConnectionIndex, OriginNumber, Table};
use std::collections::VecDeque;

/// The connections of one thread.
#[derive(Debug)]
pub(crate) struct Pool<L> {
    connections: Table<ConnectionIndex, ConnectionSlot<L>>,
    vacant: Vec<ConnectionIndex>,
    queues: Table<OriginNumber, OriginQueue>,
    /// How many connections there may be, how many are being made, and how many are there.
    most: usize,
    opening: usize,
    open: usize,
    /// Whether some origin was kept from opening a connection.
    held_up: bool,
}

/// A place for a connection. Its generation tells changes of its socket from those of an earlier one.
#[derive(Debug)]
struct ConnectionSlot<L> {
    generation: u32,
    connection: Option<Box<L>>,
}

/// The connections to one origin, and who waits for them.
#[derive(Debug, Default)]
struct OriginQueue {
    /// The one that was used last at the end.
    idle: Vec<ConnectionIndex>,
    waiting: VecDeque<Ticket>,
    opening: usize,
    open: usize,
}

/// Whether there is room for one more connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Free,
    /// Once this one is closed, which leads to another origin and carries nothing.
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
            held_up: false,
        }
    }

    /// Takes in one more origin.
    pub(crate) fn add_origin(&mut self) -> OriginNumber {
        self.queues.push(OriginQueue::default())
    }

    pub(crate) fn open(&self) -> usize {
        self.open
    }

    pub(crate) fn opening(&self) -> usize {
        self.opening
    }

    /// Every place that there is now.
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

    /// The connection at a place, if it is still that of this generation.
    #[inline]
    pub(crate) fn still(&mut self, index: ConnectionIndex, generation: u32) -> Option<&mut L> {
        let slot = &mut self.connections[index];
        slot.connection.as_deref_mut().filter(|_| slot.generation == generation)
    }

    pub(crate) fn generation(&self, index: ConnectionIndex) -> u32 {
        self.connections[index].generation
    }

    /// A free place, and its new generation.
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

    /// Puts a connection at a free place, or leaves that free.
    pub(crate) fn put(&mut self, index: ConnectionIndex, connection: Option<L>) {
        match connection {
            Some(connection) => self.connections[index].connection = Some(Box::new(connection)),
            None => self.vacant.push(index),
        }
    }

    /// Takes a connection out, whatever its state.
    pub(crate) fn forget(&mut self, index: ConnectionIndex) {
        if self.connections[index].connection.take().is_some() {
            self.vacant.push(index);
        }
    }

    /// The connection to an origin that was used last, of those that carry nothing.
    #[inline]
    pub(crate) fn take_idle(&mut self, origin: OriginNumber) -> Option<ConnectionIndex> {
        self.queues[origin].idle.pop()
    }

    /// Keeps a connection that carries nothing.
    #[inline]
    pub(crate) fn keep(&mut self, origin: OriginNumber, index: ConnectionIndex) {
        self.queues[origin].idle.push(index);
    }

    pub(crate) fn idle(&self, origin: OriginNumber) -> &[ConnectionIndex] {
        &self.queues[origin].idle
    }

    /// Takes an open connection out.
    pub(crate) fn close(&mut self, origin: OriginNumber, index: ConnectionIndex, is_idle: bool) {
        let queue = &mut self.queues[origin];
        if is_idle {
            queue.idle.retain(|idle| *idle != index);
        }
        queue.open -= 1;
        self.open -= 1;
        self.forget(index);
    }

    /// Lets a request wait for a connection.
    pub(crate) fn wait(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.push_back(ticket);
    }

    /// The request that has waited longest.
    #[inline]
    pub(crate) fn next_waiting(&mut self, origin: OriginNumber) -> Option<Ticket> {
        self.queues[origin].waiting.pop_front()
    }

    /// Lets a request go on waiting whose turn it was.
    pub(crate) fn wait_on(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.push_front(ticket);
    }

    pub(crate) fn give_up_waiting(&mut self, origin: OriginNumber, ticket: Ticket) {
        self.queues[origin].waiting.retain(|other| *other != ticket);
    }

    /// Every request that waits.
    pub(crate) fn take_waiting(&mut self, origin: OriginNumber) -> VecDeque<Ticket> {
        std::mem::take(&mut self.queues[origin].waiting)
    }

    /// Whether more requests wait than connections are being made for.
    pub(crate) fn lacks(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.opening < queue.waiting.len()
    }

    pub(crate) fn is_opening(&self, origin: OriginNumber) -> bool {
        self.queues[origin].opening > 0
    }

    /// Whether requests wait, and no connection is being made.
    pub(crate) fn only_waits(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.opening == 0 && !queue.waiting.is_empty()
    }

    /// Whether there is nothing of an origin that could be missed.
    pub(crate) fn is_unused(&self, origin: OriginNumber) -> bool {
        let queue = &self.queues[origin];
        queue.idle.is_empty() && queue.waiting.is_empty() && queue.opening + queue.open == 0
    }

    /// Whether an origin may have one more connection. Where the plan allows no more, one to another origin makes
    /// room, if it carries nothing.
    pub(crate) fn room(&self, origin: OriginNumber) -> Room {
        if self.open + self.opening < self.most {
            return Room::Free;
        }
        let mut others = self.queues.numbers().filter(|other| *other != origin);
        let idle = others.find_map(|other| self.idle(other).first().copied());
        idle.map_or(Room::None, Room::Instead)
    }

    /// A connection is being made.
    pub(crate) fn begin_opening(&mut self, origin: OriginNumber) {
        self.queues[origin].opening += 1;
        self.opening += 1;
    }

    /// It was made.
    pub(crate) fn opened(&mut self, origin: OriginNumber) {
        let queue = &mut self.queues[origin];
        queue.opening -= 1;
        queue.open += 1;
        self.opening -= 1;
        self.open += 1;
    }

    /// It could not be made. Returns how many of those that wait share its fate: where there are others, it was one
    /// request that needed one more.
    pub(crate) fn failed_to_open(&mut self, origin: OriginNumber) -> usize {
        let queue = &mut self.queues[origin];
        queue.opening -= 1;
        self.opening -= 1;
        match queue.open + queue.opening {
            0 => queue.waiting.len(),
            _ => 1,
        }
    }

    /// Remembers that an origin was kept from opening a connection.
    pub(crate) fn hold_up(&mut self) {
        self.held_up = true;
    }

    /// Whether one was since this was asked last.
    #[inline]
    pub(crate) fn take_held_up(&mut self) -> bool {
        std::mem::take(&mut self.held_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pool with two origins.
    fn pool(most: usize) -> (Pool<&'static str>, [OriginNumber; 2]) {
        let mut pool = Pool::new(most);
        let origins = [pool.add_origin(), pool.add_origin()];
        (pool, origins)
    }

    fn open(pool: &mut Pool<&'static str>, origin: OriginNumber) -> ConnectionIndex {
        pool.begin_opening(origin);
        let (index, _) = pool.free_index();
        pool.put(index, Some("a line"));
        pool.opened(origin);
        index
    }

    #[test]
    fn a_full_pool_makes_room_only_of_what_another_origin_does_not_use() {
        let (mut pool, [one, other]) = pool(1);
        assert_eq!(pool.room(one), Room::Free);
        let index = open(&mut pool, one);
        assert_eq!(pool.room(other), Room::None, "it is in use");
        pool.keep(one, index);
        assert_eq!(pool.room(one), Room::None, "it is its own");
        assert_eq!(pool.room(other), Room::Instead(index));
        pool.close(one, index, true);
        assert_eq!((pool.room(other), pool.open()), (Room::Free, 0));
        assert!(pool.is_unused(one));
    }

    #[test]
    fn a_place_that_is_used_again_is_of_another_generation() {
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
    fn all_that_wait_share_the_fate_of_the_only_connection_and_one_that_of_one_more() {
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
