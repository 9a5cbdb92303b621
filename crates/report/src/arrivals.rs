//! The arrivals of a run: requests of their own, and flows.

use plan::plan::Plan;
use plan::scenario::{Load, Population};
use tally::tally::Tally;

/// The measured arrivals of a tally.
pub(crate) struct Arrivals {
    /// Requests that were sent as arrivals of their own, and flows that were started.
    pub begun: u64,
    pub dropped: u64,
}

impl Arrivals {
    pub(crate) fn of(plan: &Plan, tally: &Tally) -> Arrivals {
        let populations = plan.populations.iter();
        populations.fold(Arrivals { begun: 0, dropped: 0 }, |sum, population| {
            let own = Arrivals::of_population(plan, population, tally);
            Arrivals {
                begun: sum.begun + own.begun,
                dropped: sum.dropped + own.dropped,
            }
        })
    }

    /// The arrivals of users: how many they are depends on the answers, so all of them count as planned.
    pub(crate) fn of_users(plan: &Plan, tally: &Tally) -> u64 {
        let closed = plan
            .populations
            .iter()
            .filter(|one| matches!(one.load, Load::Closed { .. }));
        let arrivals = closed.map(|population| Arrivals::of_population(plan, population, tally));
        arrivals.map(|arrivals| arrivals.begun + arrivals.dropped).sum()
    }

    fn of_population(plan: &Plan, population: &Population, tally: &Tally) -> Arrivals {
        let requests = plan.requests.iter().zip(&tally.requests);
        let requests = requests.skip(population.requests.start).take(population.requests.len());
        let alone = requests.filter(|(request, _)| !request.is_step());
        let (sent, dropped) = alone.fold((0, 0), |(sent, dropped), (_, request)| {
            (sent + request.counts.sent, dropped + request.counts.dropped)
        });
        let flows = tally.flows.iter();
        let flows = flows.skip(population.flows.start).take(population.flows.len());
        flows.fold(Arrivals { begun: sent, dropped }, |sum, flow| Arrivals {
            begun: sum.begun + flow.started,
            dropped: sum.dropped + flow.dropped,
        })
    }
}
