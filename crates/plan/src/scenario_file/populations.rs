//! Reads the populations of a scenario. A scenario without `populations` has a single population, whose keys are keys
//! of the scenario itself.

use super::document::Node;
use super::fields::Fields;
use super::grammar::Key;
use super::keys::POPULATION;
use super::reading::ScenarioReader;
use super::request;
use super::wordings::FLOW_NAME;
use super::{feed, load, mix, tls, transport};
use crate::flow::{FLOWS_MAX, Flow};
use crate::limits::{LIST_MAX, REQUESTS_MAX, RUN_MAX};
use crate::rate::Rate;
use crate::rules;
use crate::scenario::{Limits, Load, OpenPhase, Population, Request, Sampling, Shape, Tls, UserPhase};
use crate::span;
use std::collections::BTreeSet;
use std::time::Duration;

/// The populations of a scenario with their requests, flows and certificates.
pub(super) struct Sent {
    pub populations: Vec<Population>,
    pub requests: Vec<Request>,
    pub flows: Vec<Flow>,
    pub tls: Tls,
}

/// The content of one population while the populations are read.
struct Content<'p, 'n> {
    population: &'p PopulationFields<'n>,
    load: Option<Load>,
    requests: Vec<Request>,
    flows: Option<Vec<Flow>>,
}

/// The keys of one population, and the name of the population.
pub(super) struct PopulationFields<'n> {
    /// The name of the population. The name is empty for the only population of a scenario without `populations`.
    pub name: &'n str,
    pub fields: Fields<'n>,
    written: &'n Node,
}

/// Reads the defaults of requests, the content of the populations, and the key `tls`.
pub(super) fn read(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    populations: &[PopulationFields<'_>],
) -> Option<Sent> {
    let defaults = request::defaults(reading, fields);
    let number = populations.iter().map(|one| mix::number(&one.fields)).sum();
    let defaults = defaults.and_then(|defaults| defaults.fit(reading, number))?;
    let mut contents: Vec<Content<'_, '_>> = Vec::new();
    // Each population begins with the same slot, because a change of one population must not change the random draws of
    // another population.
    let first_slot = reading.slots;
    for population in populations {
        reading.slots = first_slot;
        let load = load::read(reading, &population.fields);
        let mut requests = Vec::new();
        let flows = mix::read_all(reading, &population.fields, &defaults, &mut requests);
        contents.push(Content {
            population,
            load,
            requests,
            flows,
        });
    }
    let tls = tls::read(
        reading,
        fields,
        contents.iter_mut().flat_map(|content| &mut content.requests),
    );
    let mut sent = Sent {
        populations: Vec::new(),
        requests: Vec::new(),
        flows: Vec::new(),
        tls: Tls::default(),
    };
    let mut once = BTreeSet::new();
    let mut whole = !populations.is_empty();
    for content in contents {
        let (population, before) = (content.population, (sent.requests.len(), sent.flows.len()));
        whole &= add(reading, content, &mut sent, &mut once).is_some();
        whole &= prefix(reading, population, &mut sent, before).is_some();
    }
    if let Some(many) = populations.last().filter(|_| sent.requests.len() > REQUESTS_MAX) {
        let number = sent.requests.len();
        let message = format!("the populations have {number} requests and steps, more than {REQUESTS_MAX}");
        return reading.problem(many.written, message, "use fewer requests or steps");
    }
    if let Some(many) = populations.last().filter(|_| sent.flows.len() > FLOWS_MAX) {
        let message = format!("the populations have {} flows, more than {FLOWS_MAX}", sent.flows.len());
        return reading.problem(many.written, message, "use fewer flows");
    }
    defaults.check_auths(reading)?;
    let tls = tls?;
    whole.then_some(Sent { tls, ..sent })
}

/// Returns the keys of each population. Reports keys of the scenario that must be keys of a population.
pub(super) fn find<'n>(reading: &mut ScenarioReader<'_>, fields: &Fields<'n>) -> Vec<PopulationFields<'n>> {
    let Some(entry) = fields.get("populations") else {
        let (name, written, fields) = ("", fields.node, fields.clone());
        return vec![PopulationFields { name, fields, written }];
    };
    let own = |key: &&Key| !matches!(key.name, "load" | "start");
    for key in POPULATION.keys.iter().filter(own) {
        if let Some(misplaced) = fields.get(key.name) {
            let message = format!("`{}` belongs to one of the populations", key.name);
            reading.problem::<()>(misplaced.written, message, "write it below the name of the population");
        }
    }
    let mut populations = Vec::new();
    let entries = entry.named(reading);
    if entries.is_empty() && reading.is_clean() {
        let help = "write `populations: { people: { load: …, requests: … } }`";
        reading.problem::<()>(entry.written, "there are no populations", help);
    }
    for (written, name, value) in entries {
        if !rules::is_flow_name(name) {
            reading.misworded::<()>(written, "population name", &FLOW_NAME);
            continue;
        }
        let fields = Fields::read(reading, &POPULATION, value);
        populations.extend(fields.map(|fields| PopulationFields { name, fields, written }));
    }
    populations
}

/// Checks the content of a population, and adds this content to `sent`.
fn add(
    reading: &mut ScenarioReader<'_>,
    content: Content<'_, '_>,
    sent: &mut Sent,
    once: &mut BTreeSet<usize>,
) -> Option<()> {
    let Content {
        population: PopulationFields { name, fields, .. },
        load,
        requests,
        flows,
    } = content;
    let (first_request, first_flow) = (sent.requests.len(), sent.flows.len());
    let read = flows.as_ref().map(|flows| (requests.as_slice(), flows.as_slice()));
    let mix_order = mix::order(reading, fields, load.as_ref(), read);
    let transport = transport::read(reading, fields, load.as_ref());
    if let (Some(load), Some(order), Some(read)) = (&load, mix_order, read) {
        feed::check_rows(reading, load, order, read, once);
    }
    let connections = tls::check_connections(reading, transport, &requests);
    let load = match name.is_empty() {
        true => load,
        false => load.and_then(|load| started(reading, fields, load)),
    };
    connections?;
    let mut flows = flows?;
    for flow in &mut flows {
        flow.renumber_requests(0, first_request);
    }
    sent.requests.extend(requests);
    sent.flows.extend(flows);
    sent.populations.push(Population {
        name: (*name).to_owned(),
        load: load?,
        mix_order: mix_order?,
        transport: transport?,
        requests: first_request..sent.requests.len(),
        flows: first_flow..sent.flows.len(),
    });
    Some(())
}

/// Puts the name of a population in front of the names of its requests and flows.
fn prefix(
    reading: &mut ScenarioReader<'_>,
    population: &PopulationFields<'_>,
    sent: &mut Sent,
    (first_request, first_flow): (usize, usize),
) -> Option<()> {
    if population.name.is_empty() {
        return Some(());
    }
    let requests = sent.requests[first_request..]
        .iter_mut()
        .map(|request| &mut request.name);
    let flows = sent.flows[first_flow..].iter_mut().map(|flow| &mut flow.name);
    for name in requests.chain(flows) {
        *name = format!("{}/{name}", population.name);
        if !rules::is_request_name(name) {
            let message = format!("`{name}` is too long for a name");
            let help = "use shorter names: that of the population and that of the request have at most 64 characters \
                        together";
            return reading.problem(population.written, message, help);
        }
    }
    Some(())
}

/// Reads the key `start`. If the population starts later than the run, a phase that sends nothing is added in front of
/// the load.
fn started(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, load: Load) -> Option<Load> {
    let Some(entry) = fields.get("start") else {
        return fields.may_lack("start").then_some(load);
    };
    let start = reading.duration("start", entry.value)?.min(RUN_MAX + RUN_MAX);
    if start.is_zero() {
        return Some(load);
    }
    let sampling = Sampling::Unmeasured;
    let (load, length): (Load, Duration) = match load {
        Load::Open { mut phases, spacing } => {
            let (rate, duration) = (Rate::ZERO, start);
            let shape = Shape::Constant { rate, duration };
            phases.insert(0, OpenPhase { shape, sampling });
            let length = phases.iter().map(|phase| phase.shape.duration()).sum();
            (Load::Open { phases, spacing }, length)
        }
        Load::Closed { mut phases, think } => {
            let (from, to, duration) = (0, 0, start);
            phases.insert(
                0,
                UserPhase {
                    from,
                    to,
                    duration,
                    sampling,
                },
            );
            let length = phases.iter().map(|phase| phase.duration).sum();
            (Load::Closed { phases, think }, length)
        }
    };
    let phases = match &load {
        Load::Open { phases, .. } => phases.len(),
        Load::Closed { phases, .. } => phases.len(),
    };
    if phases > LIST_MAX {
        let message = format!("with `start` the load has {phases} phases, more than {LIST_MAX}");
        return reading.problem(entry.written, message, "remove a phase, or `start`");
    }
    if length > RUN_MAX {
        let message = format!("with `start` the load ends after {}", span::show(length));
        let help = format!("a run takes at most {}", span::show(RUN_MAX));
        return reading.problem(entry.written, message, help);
    }
    Some(load)
}

/// Checks that a worker can open the connections of all populations. The limit `connections` applies to each population
/// separately.
pub(super) fn check_connections(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    populations: usize,
    limits: &Limits,
) -> Option<()> {
    let needed = populations as u64 * u64::from(limits.connections);
    let most = Limits::CONNECTIONS_MAX;
    let Some(entry) = fields.get("populations").filter(|_| needed > u64::from(most)) else {
        return Some(());
    };
    let message = format!(
        "{populations} populations with {} connections each are more than the {most} that a worker can open",
        limits.connections
    );
    let help = format!(
        "write `limits: {{ connections: {} }}`",
        most as usize / populations.max(1)
    );
    reading.problem(entry.written, message, help)
}
