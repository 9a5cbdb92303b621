//! Reads the thresholds of a scenario.

use super::document::Node;
use super::fields::Fields;
use super::grammar::{listed, nearest};
use super::mix;
use super::populations::PopulationFields;
use super::reading::ScenarioReader;
use crate::threshold::Threshold;
use std::collections::BTreeSet;

pub(super) fn read(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    populations: &[PopulationFields<'_>],
) -> Option<Vec<Threshold>> {
    let Some(entry) = fields.get("thresholds") else {
        return Some(Vec::new());
    };
    let names = Names::of(populations);
    let items = entry.items(reading);
    let read: Vec<Option<Threshold>> = items.iter().map(|item| one(reading, item, &names)).collect();
    read.into_iter().collect()
}

/// The names that may follow `of` in a threshold.
struct Names {
    /// The names of requests, flows and steps.
    all: Vec<String>,
    known: BTreeSet<String>,
    flows: BTreeSet<String>,
    has_populations: bool,
}

impl Names {
    fn of(populations: &[PopulationFields<'_>]) -> Names {
        let (mut all, mut flows) = (Vec::new(), BTreeSet::new());
        for PopulationFields {
            name: population,
            fields,
            ..
        } in populations
        {
            let name = |own: String| match *population {
                "" => own,
                population => format!("{population}/{own}"),
            };
            if !population.is_empty() {
                all.push((*population).to_owned());
            }
            all.extend(mix::names(fields).into_iter().map(name));
            flows.extend(mix::flows(fields).map(|(flow, _)| name(flow)));
        }
        Names {
            known: all.iter().cloned().collect(),
            all,
            flows,
            has_populations: populations.iter().any(|population| !population.name.is_empty()),
        }
    }
}

fn one(reading: &mut ScenarioReader<'_>, node: &Node, names: &Names) -> Option<Threshold> {
    let text = reading.text("thresholds", node)?;
    let threshold = match Threshold::parse(text) {
        Ok(threshold) => threshold,
        Err(fault) => return reading.refused(node, &fault),
    };
    if let Some(fault) = threshold.judges_nothing().filter(|_| !threshold.lets_all_be_dropped()) {
        return reading.refused(node, &fault);
    }
    if let Some(unknown) = threshold.request.as_ref().filter(|name| !names.known.contains(*name)) {
        let all = names.all.iter().map(String::as_str);
        let near = if reading.may_suggest() {
            nearest(unknown, all.clone())
        } else {
            None
        };
        let (noun, nouns) = match (names.has_populations, names.flows.is_empty()) {
            (true, _) => ("request, flow or population", "requests, flows and populations"),
            (false, true) => ("request", "requests"),
            (false, false) => ("request or flow", "requests and flows"),
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the {nouns} are {}", listed(all)),
        };
        let of = text.find(" of ").map_or(0, |of| of + " of ".len());
        let named = text[of..].find(unknown.as_str()).map_or(0, |named| of + named);
        let at = reading.within(node, text, named..named + unknown.len());
        return reading.problem_at(at, format!("the {noun} `{unknown}` does not exist"), help);
    }
    let is_flow = threshold
        .request
        .as_ref()
        .is_some_and(|name| names.flows.contains(name));
    match threshold.check_subject(is_flow) {
        Ok(()) => Some(threshold),
        Err(fault) => reading.refused(node, &fault),
    }
}
