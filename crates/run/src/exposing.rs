//! Converts the record of a run to exposures, which exporters publish while the launcher follows the run.
//!
//! Invariant: an exposure contains the counts that the report would contain if the run ended at that moment. The
//! launcher spends a small share of its time on exposures, even for a large run.

use export::Exporters;
use export::exposure::{Cell, Exposure, FlowCell, Waits, WorkerNumbers};
use fleet::follow::Losses;
use fleet::gather::RunRecord;
use fleet::presence;
use plan::population::Schedules;
use report::arrivals::of_users;
use worker::clock::Clock;

/// The minimum interval between exposures in nanoseconds. This interval is shorter than usual scrape intervals, and
/// equals the snapshot interval of local workers.
const INTERVAL: u64 = 1_000_000_000;
/// The minimum time between the last two exposures in nanoseconds.
const TICK: u64 = 1_000_000;
/// The launcher spends at most 1 / `SHARE` of its time on exposures. A limit is required because each exposure copies
/// every histogram of the run.
const SHARE: u64 = 10;

/// Publishes the exposures of a run at intervals.
#[derive(Debug)]
pub struct Exposing<'a> {
    exporters: &'a Exporters,
    clock: &'a Clock,
    /// The due times of the arrivals of open loads; `None` for a run without an open load.
    schedules: Option<Schedules>,
    /// The earliest time of the next exposure, in nanoseconds since the Unix epoch.
    next: u64,
    /// The time of the last exposure, in nanoseconds since the Unix epoch.
    last: u64,
}

impl<'a> Exposing<'a> {
    pub fn new(exporters: &'a Exporters, record: &RunRecord, clock: &'a Clock) -> Exposing<'a> {
        let schedules = record.plan.schedules().filter(|_| !exporters.is_empty());
        Exposing {
            exporters,
            clock,
            schedules,
            next: 0,
            last: 0,
        }
    }

    /// Publishes the present state of the run if the run has exporters and an exposure is due.
    pub fn update(&mut self, record: &RunRecord) {
        let now = self.clock.now();
        let begun = record.start.as_ref().is_some_and(|start| start.t0 <= now);
        if self.exporters.is_empty() || !begun || now < self.next {
            return;
        }
        self.publish(record, now, None);
        self.last = now;
        let took = self.clock.now().saturating_sub(now);
        self.next = now + INTERVAL.max(took * SHARE);
    }

    /// Publishes the final state of a run, from which the report of the run is also computed.
    pub fn conclude(&self, record: &RunRecord, losses: &Losses) {
        if !self.exporters.is_empty() {
            // Prometheus allows one value of a series for each timestamp in milliseconds. So the last exposure must
            // have a later millisecond than the exposure before it.
            let now = self.clock.now().max(self.last + TICK);
            self.publish(record, now, Some(losses));
        }
    }

    fn publish(&self, record: &RunRecord, now: u64, losses: Option<&Losses>) {
        let of_users = of_users(&record.plan, &record.merged.tally());
        let planned = self.schedules.as_ref().map(|schedules| {
            let started = record.start.as_ref().map_or(now, |start| start.t0);
            of_users
                + match losses {
                    // The last exposure counts all planned arrivals, even if the run ended before they were due.
                    Some(_) => schedules.measured(),
                    None => schedules.measured_before(now.saturating_sub(started)),
                }
        });
        if let Some(exposure) = exposure(record, planned, now, losses) {
            self.exporters.publish(exposure);
        }
    }
}

/// Returns the exposure of a run at `now`; `None` before the start of the run. `losses` is `None` while the run is in
/// progress.
pub fn exposure(record: &RunRecord, planned: Option<u64>, now: u64, losses: Option<&Losses>) -> Option<Exposure> {
    let plan = &record.plan;
    let start = record.start.as_ref()?;
    let names = plan.request_names();
    let regions: Vec<_> = record
        .merged
        .regions
        .iter()
        .map(|region| (&region.name, region.tally()))
        .collect();
    let flow_names = plan.flow_names();
    let flows = regions.iter().flat_map(|(region, tally)| {
        let of = |at: usize| tally.flows.get(at).cloned().unwrap_or_default();
        flow_names.iter().enumerate().map(move |(at, name)| FlowCell {
            flow: name.clone(),
            region: (*region).clone(),
            tally: of(at),
        })
    });
    let flows: Vec<FlowCell> = flows.collect();
    let unmeasured = regions
        .iter()
        .map(|(name, tally)| ((*name).clone(), tally.unmeasured.clone()))
        .collect();
    let waits = regions
        .iter()
        .map(|(name, tally)| Waits {
            region: (*name).clone(),
            lag: tally.lag.clone(),
            openings: tally.openings.clone(),
        })
        .collect();
    // The exposure contains all cells from the start, although most cells are empty. Only a series that begins at zero
    // shows its first increase.
    let cells = regions.into_iter().flat_map(|(region, tally)| {
        let requests = names.iter().zip(tally.requests);
        requests.map(|(name, tally)| Cell {
            request: name.clone(),
            region: region.clone(),
            tally,
        })
    });
    Some(Exposure {
        run: plan.run.clone(),
        scenario: plan.scenario.clone(),
        fleet: plan.fleet.clone(),
        at: now,
        started: start.t0,
        planned,
        workers: workers(record, now, losses),
        cells: cells.collect(),
        flows,
        waits,
        unmeasured,
        ended: losses.is_some(),
    })
}

fn workers(record: &RunRecord, now: u64, losses: Option<&Losses>) -> WorkerNumbers {
    let nothing = Losses::new();
    let workers = presence::workers(record, now, losses.unwrap_or(&nothing));
    WorkerNumbers {
        planned: workers.planned,
        ready: workers.prepared,
        done: workers.done,
        missing: workers.missing,
    }
}
