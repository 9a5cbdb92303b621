//! The arrivals of a run: requests of their own, and flows.

use plan::plan::Plan;
use tally::tally::Tally;

/// The measured arrivals of a tally.
pub(crate) struct Arrivals {
    /// Requests that were sent as arrivals of their own, and flows that were started.
    pub begun: u64,
    pub dropped: u64,
}

impl Arrivals {
    pub(crate) fn of(plan: &Plan, tally: &Tally) -> Arrivals {
        let requests = plan.requests.iter().zip(&tally.requests);
        let alone = requests.filter(|(request, _)| !request.is_step());
        let (sent, dropped) = alone.fold((0, 0), |(sent, dropped), (_, request)| {
            (sent + request.counts.sent, dropped + request.counts.dropped)
        });
        Arrivals {
            begun: sent + tally.flows.iter().map(|flow| flow.started).sum::<u64>(),
            dropped: dropped + tally.flows.iter().map(|flow| flow.dropped).sum::<u64>(),
        }
    }
}
