//! The arrivals that one thread sends, in the order of their due times.

use super::LoadShare;
use crate::users::Users;
use plan::plan::{Slice, StripeOf};
use plan::scenario::{Load, Sampling};
use plan::schedule::{Arrival, Schedule, Stripe};

/// The source of the arrivals of one thread.
pub(super) enum ArrivalSource<'a> {
    Open {
        stripe: Stripe<'a>,
        next: Option<Arrival>,
    },
    Closed(Users),
    /// Only one arrival, which is due at the start of the run (T0).
    One(Option<u64>),
}

impl<'a> ArrivalSource<'a> {
    pub(super) fn new(
        part: &LoadShare,
        own: StripeOf,
        window: &Slice,
        schedule: Option<&'a Schedule>,
    ) -> ArrivalSource<'a> {
        if let Some((k, _)) = &part.traced {
            return ArrivalSource::One(Some(*k));
        }
        let StripeOf { stripe, stripes } = own;
        let population = part.plan.only();
        match (&population.load, schedule, population.users()) {
            (Load::Closed { think, .. }, _, Some(users)) => ArrivalSource::Closed(Users::new(
                users,
                *think,
                (stripe, stripes),
                (part.slice, window.from..window.to),
            )),
            (_, Some(schedule), _) => {
                let mut stripe = Stripe::new(schedule, window.arrivals[0].clone(), stripe, stripes);
                let next = stripe.next();
                ArrivalSource::Open { stripe, next }
            }
            _ => unreachable!("a load has a schedule or a population"),
        }
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        match self {
            ArrivalSource::Open { next, .. } => next.map(|arrival| arrival.due),
            ArrivalSource::Closed(users) => users.next_due(),
            ArrivalSource::One(k) => k.map(|_| 0),
        }
    }

    /// Returns the next arrival that is due by `now`. The values are the number of the arrival, its user, its due time,
    /// and whether it is measured.
    pub(super) fn next(&mut self, now: u64) -> Option<(u64, u32, u64, Sampling)> {
        match self {
            ArrivalSource::Open { stripe, next } => {
                let arrival = next.filter(|arrival| arrival.due <= now)?;
                *next = stripe.next();
                Some((arrival.k, 0, arrival.due, arrival.sampling))
            }
            ArrivalSource::Closed(users) => {
                let arrival = users.next(now)?;
                Some((arrival.k, arrival.user, arrival.due, arrival.sampling))
            }
            ArrivalSource::One(k) => Some((k.take()?, 0, 0, Sampling::Measured)),
        }
    }
}
