//! The arrivals of a run. An arrival is a single request or a flow.

use plan::plan::Plan;
use plan::scenario::Population;
use tally::tally::Tally;

/// The numbers of measured arrivals that a [`Tally`] counted.
pub(crate) struct Arrivals {
    /// The number of single requests that were sent, plus the number of flows that were started.
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

/// Returns the number of arrivals that the users of closed loads began or dropped. This number depends on the answers,
/// so the plan does not contain it. Reports use the number as the planned number of these arrivals.
pub fn of_users(plan: &Plan, tally: &Tally) -> u64 {
    let closed = plan.populations.iter().filter(|population| !population.is_open());
    let arrivals = closed.map(|population| Arrivals::of_population(plan, population, tally));
    arrivals.map(|arrivals| arrivals.begun + arrivals.dropped).sum()
}
