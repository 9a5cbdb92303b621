//! The users of a closed load: each asks, waits for its answer, thinks, and asks again.

use plan::mix::Mix;
use plan::scenario::{Sampling, ThinkTime};
use plan::users::Population;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The users of one part of a load. Instants are nanoseconds since T0.
#[derive(Debug)]
pub(crate) struct Users {
    population: Population,
    think_min: u64,
    think_span: u64,
    users: Vec<User>,
    /// Users that are to ask, by when.
    due: BinaryHeap<Reverse<(u64, u32)>>,
}

#[derive(Debug)]
struct User {
    /// Its number in the run.
    number: u64,
    /// When it is there, the next one last.
    stretches: Vec<Range<u64>>,
    iteration: u64,
}

/// A request that a user is to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    /// The place of the user in the crowd.
    pub user: u32,
    pub k: u64,
    pub due: u64,
    pub sampling: Sampling,
}

impl Users {
    /// The users u ≡ `stripe` (mod `stripes`) in a window.
    pub(crate) fn new(
        population: Population,
        think: ThinkTime,
        (stripe, stripes): (u32, u32),
        (slice, window): (usize, Range<u64>),
    ) -> Users {
        let mut users: Vec<User> = Vec::new();
        let mut due = BinaryHeap::new();
        for number in (stripe..population.users()).step_by(stripes as usize) {
            let mut stretches: Vec<Range<u64>> = population
                .presence(number)
                .into_iter()
                .map(|there| there.start.max(window.start)..there.end.min(window.end))
                .filter(|there| !there.is_empty())
                .collect();
            stretches.reverse();
            if let Some(first) = stretches.last() {
                due.push(Reverse((first.start, users.len() as u32)));
                users.push(User {
                    number: number.into(),
                    stretches,
                    // Numbers of arrivals of different slices never meet.
                    iteration: (slice as u64) << 32,
                });
            }
        }
        let (min, max) = (think.min.as_nanos() as u64, think.max.as_nanos() as u64);
        Users {
            population,
            think_min: min,
            think_span: max - min,
            users,
            due,
        }
    }

    /// When the next user is to ask; `None` while all wait or have gone.
    pub(crate) fn next_due(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// The next user that is to ask by `now`.
    pub(crate) fn next(&mut self, now: u64) -> Option<Asking> {
        loop {
            let Reverse((due, place)) = *self.due.peek()?;
            if due > now {
                return None;
            }
            self.due.pop();
            let user = &mut self.users[place as usize];
            if user.stretches.last().is_some_and(|there| now >= there.end) {
                // Too late to be there at all.
                self.come_back(place, now);
                continue;
            }
            let k = user.iteration * u64::from(self.population.users()) + user.number;
            user.iteration += 1;
            return Some(Asking {
                user: place,
                k,
                due,
                sampling: self.population.sampling_at(due),
            });
        }
    }

    /// A user has its answer, to arrival `k`: it thinks, and asks again if it is still there then.
    /// Returns when it would have asked.
    pub(crate) fn answered(&mut self, user: u32, k: u64, done: u64, mix: &Mix) -> u64 {
        let pause = match self.think_span {
            0 => 0,
            span => mix.pause(k, span),
        };
        let due = done + self.think_min + pause;
        self.come_back(user, due);
        due
    }

    /// A user is to ask at `due`, or in the next stretch in which it is there.
    fn come_back(&mut self, place: u32, due: u64) {
        let user = &mut self.users[place as usize];
        while let Some(there) = user.stretches.last() {
            let due = due.max(there.start);
            if due < there.end {
                self.due.push(Reverse((due, place)));
                return;
            }
            user.stretches.pop();
        }
    }

    /// Sends everybody home.
    pub(crate) fn dismiss(&mut self) {
        self.due.clear();
    }
}
