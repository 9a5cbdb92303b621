//! The users of a closed load, and the times at which each user is present.
//!
//! User u is present while the number of users is greater than u. Users join and leave one by one, and the user who
//! joined first leaves last. Each of n shards sends the requests of every n-th user, so all shards have nearly the same
//! number of users.

use crate::scenario::{Sampling, UserPhase};
use crate::schedule::nanos;
use std::ops::Range;

/// Returns the number of the arrival that a user sends in an iteration. The first iteration has the number 0. `users`
/// is the maximum number of users.
pub fn arrival_of(user: u64, iteration: u64, users: u32) -> u64 {
    iteration * u64::from(users) + user
}

/// Returns the number of the user who sends arrival `k`.
pub fn user_of(k: u64, users: u32) -> u64 {
    k % u64::from(users.max(1))
}

/// The number of users of a closed load over time.
#[derive(Clone, Debug)]
pub struct UserSchedule {
    /// The phases of the load. Each phase has its start in nanoseconds since T0, the start of the run.
    phases: Vec<(u64, UserPhase)>,
}

impl UserSchedule {
    /// Returns the schedule of a load with these phases.
    pub fn new(phases: &[UserPhase]) -> UserSchedule {
        let mut start = 0;
        let phases = phases
            .iter()
            .map(|phase| {
                let at = start;
                start += nanos(phase.duration);
                (at, phase.clone())
            })
            .collect();
        UserSchedule { phases }
    }

    /// Returns the end of the load, in nanoseconds since T0, the start of the run.
    pub fn length(&self) -> u64 {
        self.phases
            .last()
            .map_or(0, |(start, phase)| start + nanos(phase.duration))
    }

    /// Returns the total length of the measured phases, in nanoseconds.
    pub fn measured_length(&self) -> u64 {
        self.phases
            .iter()
            .filter(|(_, phase)| phase.sampling == Sampling::Measured)
            .map(|(_, phase)| nanos(phase.duration))
            .sum()
    }

    /// Returns the time spans of the measured phases, in nanoseconds since T0, the start of the run.
    pub(crate) fn measured_spans(&self) -> Vec<Range<u64>> {
        self.phases
            .iter()
            .filter(|(_, phase)| phase.sampling == Sampling::Measured)
            .map(|(start, phase)| *start..start + nanos(phase.duration))
            .collect()
    }

    /// Returns the maximum number of users that are present at the same time. The number of each user is less than this
    /// maximum.
    pub fn users(&self) -> u32 {
        self.phases
            .iter()
            .map(|(_, phase)| phase.from.max(phase.to))
            .max()
            .unwrap_or(0)
    }

    /// Returns the maximum number of users that are present at the same time in a window. The window is in nanoseconds
    /// since T0, the start of the run.
    pub fn most_within(&self, window: Range<u64>) -> u32 {
        let overlaps =
            |(start, phase): &&(u64, UserPhase)| *start < window.end && window.start < *start + nanos(phase.duration);
        let phases = self.phases.iter().filter(overlaps);
        phases.map(|(_, phase)| phase.from.max(phase.to)).max().unwrap_or(0)
    }

    /// Returns the number of users that are present at `t`. `t` is in nanoseconds since T0, the start of the run.
    pub fn at(&self, t: u64) -> u32 {
        let index = self.phases.partition_point(|(start, _)| *start <= t);
        let Some((start, phase)) = index.checked_sub(1).map(|index| &self.phases[index]) else {
            return 0;
        };
        let (from, to) = (phase.from.min(phase.to), phase.from.max(phase.to));
        if t - start >= nanos(phase.duration) {
            return 0;
        }
        // During the whole phase, at least the lower of the two numbers of users is present. Each further user is
        // present only in a part of the phase.
        from + (from..to)
            .take_while(|user| present(phase, *user).contains(&(t - start)))
            .count() as u32
    }

    /// Returns whether requests that are due at `t` are measured. `t` is in nanoseconds since T0, the start of the run.
    pub fn sampling_at(&self, t: u64) -> Sampling {
        let index = self.phases.partition_point(|(start, _)| *start <= t);
        self.phases[index.saturating_sub(1)].1.sampling
    }

    /// Returns the time spans in which `user` is present, in nanoseconds since T0, the start of the run. Adjacent spans
    /// are joined.
    pub fn presence(&self, user: u32) -> Vec<Range<u64>> {
        let mut spans: Vec<Range<u64>> = Vec::new();
        for (start, phase) in &self.phases {
            let within = present(phase, user);
            if within.is_empty() {
                continue;
            }
            let span = start + within.start..start + within.end;
            match spans.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => spans.push(span),
            }
        }
        spans
    }
}

/// Returns the time span of a phase in which `user` is present: `from + (to - from) * t / length > user`.
fn present(phase: &UserPhase, user: u32) -> Range<u64> {
    let length = nanos(phase.duration);
    let (from, to) = (phase.from, phase.to);
    match (from > user, to > user) {
        (true, true) => 0..length,
        (false, false) => 0..0,
        (false, true) => crossing(length, user - from, to - from)..length,
        (true, false) => 0..crossing(length, from - user, from - to),
    }
}

fn crossing(length: u64, part: u32, whole: u32) -> u64 {
    (u128::from(length) * u128::from(part)).div_ceil(u128::from(whole)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn phase(from: u32, to: u32, seconds: u64) -> UserPhase {
        UserPhase {
            from,
            to,
            duration: Duration::from_secs(seconds),
            sampling: Sampling::Measured,
        }
    }

    #[test]
    fn users_join_one_by_one_and_the_first_leaves_last() {
        let population = UserSchedule::new(&[phase(0, 10, 10), phase(10, 10, 5), phase(10, 0, 10)]);
        assert_eq!(population.users(), 10);
        assert_eq!(population.presence(0), vec![0..25_000_000_000]);
        assert_eq!(population.presence(9), vec![9_000_000_000..16_000_000_000]);
        assert_eq!(population.length(), 25_000_000_000);
    }

    proptest! {
        #[test]
        fn shards_together_have_the_expected_number_of_users(
            phases in prop::collection::vec((0u32..20, 0u32..20, 1u64..20), 1..5),
            shards in 1u32..6,
            at in 0u64..1_000,
        ) {
            let phases: Vec<_> = phases.into_iter().map(|(from, to, seconds)| phase(from, to, seconds)).collect();
            let population = UserSchedule::new(&phases);
            let t = population.length() * at / 1_000;
            // The expected number is computed by a slow implementation, which finds the phase at `t` and interpolates
            // the number of users.
            let mut start = 0;
            let mut expected = 0.0;
            for phase in &phases {
                let length = nanos(phase.duration);
                if t >= start && t < start + length {
                    let share = (t - start) as f64 / length as f64;
                    expected = f64::from(phase.from) + (f64::from(phase.to) - f64::from(phase.from)) * share;
                }
                start += length;
            }
            let present = |user: u32| population.presence(user).iter().any(|span| span.contains(&t));
            let sharded: usize = (0..shards).map(|shard| (shard..population.users()).step_by(shards as usize).filter(|user| present(*user)).count()).sum();
            prop_assert_eq!(population.at(t) as usize, sharded);
            let close = (sharded as f64 - expected.ceil()).abs() <= 1.0 && (sharded as f64 - expected).abs() < 1.0 + 1e-6;
            prop_assert!(close, "{} users at {}, expected {}", sharded, t, expected);
        }
    }
}
