//! The users of a closed load. Each user sends a request, waits for the answer, pauses (the think time), and repeats.

use plan::mix::Mix;
use plan::scenario::{Sampling, ThinkTime};
use plan::users::{UserSchedule, arrival_of};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The users of one thread. Instants are in nanoseconds since the start of the run (T0).
#[derive(Debug)]
pub(crate) struct Users {
    population: UserSchedule,
    think_min: u64,
    think_span: u64,
    users: Vec<User>,
    /// The due times of the users that do not wait for an answer. The second value is the index of the user.
    due: BinaryHeap<Reverse<(u64, u32)>>,
}

#[derive(Debug)]
struct User {
    /// The number of the user among all users of the run.
    number: u64,
    /// The intervals in which the user is active. The next interval is last.
    stretches: Vec<Range<u64>>,
    iteration: u64,
}

/// A due request of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    /// The index of the user among the users of this thread.
    pub user: u32,
    pub k: u64,
    pub due: u64,
    pub sampling: Sampling,
}

impl Users {
    /// Returns the users whose numbers u satisfy u ≡ `stripe` (mod `stripes`), in a window of time.
    pub(crate) fn new(
        population: UserSchedule,
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
                .map(|active| active.start.max(window.start)..active.end.min(window.end))
                .filter(|active| !active.is_empty())
                .collect();
            stretches.reverse();
            if let Some(first) = stretches.last() {
                due.push(Reverse((first.start, users.len() as u32)));
                users.push(User {
                    number: number.into(),
                    stretches,
                    // The slice is part of the iteration number, so arrivals of different slices have different
                    // numbers.
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

    /// Returns the due time of the next request. Returns `None` while each user waits for an answer or has ended.
    pub(crate) fn next_due(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Returns the next request that is due by `now`.
    pub(crate) fn next(&mut self, now: u64) -> Option<Asking> {
        loop {
            let Reverse((due, index)) = *self.due.peek()?;
            if due > now {
                return None;
            }
            self.due.pop();
            let user = &mut self.users[index as usize];
            if user.stretches.last().is_some_and(|active| now >= active.end) {
                // The load is so late that the active interval of this user has ended.
                self.schedule(index, now);
                continue;
            }
            let k = arrival_of(user.number, user.iteration, self.population.users());
            user.iteration += 1;
            return Some(Asking {
                user: index,
                k,
                due,
                sampling: self.population.sampling_at(due),
            });
        }
    }

    /// Processes the answer to arrival `k` of a user. The user pauses, and sends the next request if the user is active
    /// after the pause. Returns the time at which the next request of the user would be due.
    pub(crate) fn answered(&mut self, user: u32, k: u64, done: u64, mix: &Mix) -> u64 {
        let pause = match self.think_span {
            0 => 0,
            span => mix.pause(k, span),
        };
        let due = done + self.think_min + pause;
        self.schedule(user, due);
        due
    }

    /// Schedules the next request of a user at `due`, or at the start of the user's next active interval.
    fn schedule(&mut self, index: u32, due: u64) {
        let user = &mut self.users[index as usize];
        while let Some(active) = user.stretches.last() {
            let due = due.max(active.start);
            if due < active.end {
                self.due.push(Reverse((due, index)));
                return;
            }
            user.stretches.pop();
        }
    }

    /// Removes the due requests of all users.
    pub(crate) fn dismiss(&mut self) {
        self.due.clear();
    }
}
