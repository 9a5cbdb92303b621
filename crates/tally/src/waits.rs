//! The waits of requests before the requests were sent, and the durations of opening connections.

use crate::histogram::Histogram;
use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// The three parts of the lag of measured requests. For each request, the sum of the three parts equals the lag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LagParts {
    /// The delay that the load generator itself caused: the lag of a request minus the two waits for a connection.
    pub generator: Histogram,
    /// How long arrivals waited for a free connection. Arrivals that did not wait are not counted.
    pub waiting: Histogram,
    /// How long arrivals waited for a connection to be opened. Arrivals that did not wait are not counted.
    pub opening: Histogram,
}

impl LagParts {
    /// Returns every part with its name in stored documents.
    pub fn named(&self) -> [(&'static str, &Histogram); 3] {
        [
            ("generator", &self.generator),
            ("waiting", &self.waiting),
            ("opening", &self.opening),
        ]
    }

    pub(crate) fn part_mut(&mut self, name: &str) -> Option<&mut Histogram> {
        let index = self.named().iter().position(|(known, _)| *known == name)?;
        [&mut self.generator, &mut self.waiting, &mut self.opening]
            .into_iter()
            .nth(index)
    }

    #[inline]
    pub(crate) fn record(&mut self, outcome: &Outcome) {
        let lag = outcome.sent.saturating_sub(outcome.due);
        self.generator
            .record(lag.saturating_sub(outcome.waiting).saturating_sub(outcome.opening));
        if outcome.waiting > 0 {
            self.waiting.record(outcome.waiting);
        }
        if outcome.opening > 0 {
            self.opening.record(outcome.opening);
        }
    }

    /// Adds every histogram of `other` to the same histogram of `self`.
    pub fn add(&mut self, other: &LagParts) {
        self.generator.add(&other.generator);
        self.waiting.add(&other.waiting);
        self.opening.add(&other.opening);
    }

    pub(crate) fn less(&self, other: &LagParts) -> Option<LagParts> {
        Some(LagParts {
            generator: self.generator.less(&other.generator)?,
            waiting: self.waiting.less(&other.waiting)?,
            opening: self.opening.less(&other.opening)?,
        })
    }
}

/// A step of opening a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The host name was resolved.
    Resolve,
    /// A connection to an address was established.
    Connect,
    /// The TLS handshake was completed.
    Tls,
}

impl Step {
    const ALL: [Step; 3] = [Step::Resolve, Step::Connect, Step::Tls];

    /// Returns the name of the step in stored documents.
    fn name(self) -> &'static str {
        match self {
            Step::Resolve => "resolve",
            Step::Connect => "connect",
            Step::Tls => "tls",
        }
    }
}

/// The durations of the successful steps of opening connections, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpeningSteps {
    pub resolve: Histogram,
    pub connect: Histogram,
    pub tls: Histogram,
}

impl OpeningSteps {
    /// Returns the durations of every step. Each step is returned with its name in stored documents.
    pub fn named(&self) -> [(&'static str, &Histogram); 3] {
        Step::ALL.map(|step| (step.name(), self.step(step)))
    }

    fn step(&self, step: Step) -> &Histogram {
        match step {
            Step::Resolve => &self.resolve,
            Step::Connect => &self.connect,
            Step::Tls => &self.tls,
        }
    }

    fn step_mut(&mut self, step: Step) -> &mut Histogram {
        match step {
            Step::Resolve => &mut self.resolve,
            Step::Connect => &mut self.connect,
            Step::Tls => &mut self.tls,
        }
    }

    /// Adds every histogram of `other` to the same histogram of `self`.
    pub fn add(&mut self, other: &OpeningSteps) {
        self.resolve.add(&other.resolve);
        self.connect.add(&other.connect);
        self.tls.add(&other.tls);
    }

    pub(crate) fn pack(&mut self) {
        for histogram in [&mut self.resolve, &mut self.connect, &mut self.tls] {
            histogram.pack();
        }
    }
}

/// The durations of opening connections, by origin. Connections that were opened before the start of the run or in
/// warm-up are included.
///
/// At most [`Openings::KEPT_MAX`] origins are kept: the first origins in alphabetical order. Merging in any order gives
/// the same result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Openings {
    origins: BTreeMap<String, OpeningSteps>,
}

impl Openings {
    /// The maximum number of origins that are kept.
    pub const KEPT_MAX: usize = 16;
    /// The maximum length of an origin, in bytes. A host name has at most 253 bytes.
    pub const ORIGIN_MAX: usize = 300;

    /// Records the duration of a step, in nanoseconds. A step is not counted if its origin is empty or longer than
    /// [`Openings::ORIGIN_MAX`].
    pub fn record(&mut self, origin: &str, step: Step, nanos: u64) {
        if let Some(known) = self.origins.get_mut(origin) {
            known.step_mut(step).record(nanos);
        } else if !origin.is_empty() && origin.len() <= Openings::ORIGIN_MAX {
            let mut opening = OpeningSteps::default();
            opening.step_mut(step).record(nanos);
            self.insert(origin, &opening);
        }
    }

    /// Adds the durations of all origins of `other` to the durations of `self`.
    pub fn add(&mut self, other: &Openings) {
        other.iter().for_each(|(origin, opening)| self.insert(origin, opening));
    }

    fn insert(&mut self, origin: &str, opening: &OpeningSteps) {
        match self.origins.get_mut(origin) {
            Some(known) => known.add(opening),
            None => {
                self.origins.insert(origin.to_owned(), opening.clone());
                if self.origins.len() > Openings::KEPT_MAX {
                    self.origins.pop_last();
                }
            }
        }
    }

    /// Returns every origin (scheme, host and port), and the durations of the steps of opening connections to this
    /// origin.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OpeningSteps)> {
        self.origins.iter().map(|(origin, opening)| (origin.as_str(), opening))
    }

    /// Returns the histogram of a step, which is given by its stored name. Returns `None` if the name is unknown, if
    /// the origin is empty or too long, or if [`Openings::KEPT_MAX`] other origins are already kept.
    pub(crate) fn read_mut(&mut self, origin: &str, step: &str) -> Option<&mut Histogram> {
        let step = Step::ALL.into_iter().find(|known| known.name() == step)?;
        if !self.origins.contains_key(origin) {
            let is_sound = !origin.is_empty() && origin.len() <= Openings::ORIGIN_MAX;
            if !is_sound || self.origins.len() == Openings::KEPT_MAX {
                return None;
            }
            self.origins.insert(origin.to_owned(), OpeningSteps::default());
        }
        Some(self.origins.get_mut(origin)?.step_mut(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_parts_of_a_lag_add_up_to_the_lag() {
        let mut parts = LagParts::default();
        let outcome = Outcome {
            due: 1_000_000,
            sent: 9_000_000,
            done: 10_000_000,
            waiting: 2_000_000,
            opening: 5_000_000,
            ..Outcome::default()
        };
        parts.record(&outcome);
        let only = |histogram: &Histogram| (histogram.len(), histogram.max() / 100_000);
        assert_eq!(only(&parts.generator), (1, 10));
        assert_eq!(only(&parts.waiting), (1, 20));
        assert_eq!(only(&parts.opening), (1, 50));
        // If a request found a free connection, its lag is counted only in `generator`.
        parts.record(&Outcome {
            waiting: 0,
            opening: 0,
            ..outcome
        });
        assert_eq!(parts.named().map(|(_, histogram)| histogram.len()), [2, 1, 1]);
    }

    proptest! {
        #[test]
        fn openings_of_many_origins_are_the_same_in_any_order(
            steps in prop::collection::vec((0..30u8, 0..3u8, 1..1_000_000_000u64), 0..120),
            parts in 1usize..6,
            rotate in 0usize..6,
        ) {
            let record = |openings: &mut Openings, (origin, step, nanos): &(u8, u8, u64)| {
                let step = [Step::Resolve, Step::Connect, Step::Tls][usize::from(*step)];
                openings.record(&format!("http://{origin}.example.com"), step, *nanos);
            };
            let (mut whole, mut split) = (Openings::default(), vec![Openings::default(); parts]);
            for (at, step) in steps.iter().enumerate() {
                record(&mut whole, step);
                record(&mut split[at % parts], step);
            }
            split.rotate_left(rotate % parts);
            let mut merged = Openings::default();
            split.iter().for_each(|part| merged.add(part));
            prop_assert!(merged.iter().count() <= Openings::KEPT_MAX);
            prop_assert_eq!(merged, whole);
        }
    }
}
