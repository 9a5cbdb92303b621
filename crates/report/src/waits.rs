//! The parts of the lag of requests, and the times of opening connections.

use crate::timing::TimingReport;
use schemars::JsonSchema;
use serde::Serialize;
use tally::tally::Tally;
use tally::waits::{LagParts, OpeningSteps};

/// The parts of the lag of all measured requests. The parts of the lag of one request add up to the lag of the request.
/// Results that older versions of the worker wrote do not contain these parts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LagReport {
    /// The part of the lag that the generator itself caused.
    pub generator: TimingReport,
    /// The times for which arrivals waited for a free connection. Only arrivals that waited are counted.
    pub waiting: TimingReport,
    /// The times for which arrivals waited for a connection to be opened. Only arrivals that waited are counted.
    pub opening: TimingReport,
}

/// The times for opening connections to one origin. Connections that were opened before the start or during warm-up are
/// included.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OriginReport {
    /// The scheme, host and port.
    pub origin: String,
    /// The time for resolving the name of the host.
    pub resolve: TimingReport,
    /// The time for connecting to an address.
    pub connect: TimingReport,
    /// The time for the TLS handshake.
    pub tls: TimingReport,
}

impl LagReport {
    pub(crate) fn of(parts: &LagParts) -> LagReport {
        LagReport {
            generator: TimingReport::of(&parts.generator),
            waiting: TimingReport::of(&parts.waiting),
            opening: TimingReport::of(&parts.opening),
        }
    }

    /// Returns the parts of the lag, each with its names; empty if the generator caused all of the lag, or if the parts
    /// are not known.
    pub(crate) fn shown(&self) -> Vec<LagPart<'_>> {
        let part = |row, what, timing| LagPart { row, what, timing };
        let others = [
            part("  waiting", "waiting for a free connection", &self.waiting),
            part("  opening", "waiting for a connection to be opened", &self.opening),
        ];
        let others: Vec<_> = others.into_iter().filter(|part| part.timing.count > 0).collect();
        let own = part("  generator", "the generator's own", &self.generator);
        match others.is_empty() {
            true => others,
            false => [own].into_iter().chain(others).collect(),
        }
    }
}

/// A part of the lag, with its name in a table and its description.
pub(crate) struct LagPart<'a> {
    pub row: &'static str,
    pub what: &'static str,
    pub timing: &'a TimingReport,
}

impl OriginReport {
    fn of(origin: &str, opening: &OpeningSteps) -> OriginReport {
        OriginReport {
            origin: origin.to_owned(),
            resolve: TimingReport::of(&opening.resolve),
            connect: TimingReport::of(&opening.connect),
            tls: TimingReport::of(&opening.tls),
        }
    }

    /// Returns the steps that were measured, with their names.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&'static str, &TimingReport)> {
        let steps = [
            ("resolve", &self.resolve),
            ("connect", &self.connect),
            ("TLS", &self.tls),
        ];
        steps.into_iter().filter(|(_, timing)| timing.count > 0)
    }
}

pub(crate) fn origins(tally: &Tally) -> Vec<OriginReport> {
    tally
        .openings
        .iter()
        .map(|(origin, opening)| OriginReport::of(origin, opening))
        .collect()
}
