//! Reads the thresholds.

use super::document::Node;
use super::fields::Fields;
use super::grammar::{listed, nearest};
use super::mix;
use super::reading::ScenarioReader;
use crate::threshold::Threshold;
use std::collections::BTreeSet;

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<Threshold>> {
    let Some(entry) = fields.get("thresholds") else {
        return Some(Vec::new());
    };
    let names = mix::names(fields);
    let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let items = entry.items(reading);
    let read: Vec<Option<Threshold>> = items.iter().map(|item| one(reading, item, &names, &known)).collect();
    read.into_iter().collect()
}

fn one(reading: &mut ScenarioReader<'_>, node: &Node, names: &[String], known: &BTreeSet<&str>) -> Option<Threshold> {
    let text = reading.text("thresholds", node)?;
    let threshold = match Threshold::parse(text) {
        Ok(threshold) => threshold,
        Err(fault) => return reading.refused(node, &fault),
    };
    if let Some(fault) = threshold.judges_nothing().filter(|_| !threshold.lets_all_be_dropped()) {
        return reading.refused(node, &fault);
    }
    match &threshold.request {
        Some(request) if !known.contains(request.as_str()) => {
            let all = names.iter().map(String::as_str);
            let near = if reading.may_suggest() {
                nearest(request, all.clone())
            } else {
                None
            };
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the requests are {}", listed(all)),
            };
            let of = text.find(" of ").map_or(0, |of| of + " of ".len());
            let named = text[of..].find(request.as_str()).map_or(0, |named| of + named);
            let at = reading.within(node, text, named..named + request.len());
            reading.problem_at(at, format!("the request `{request}` does not exist"), help)
        }
        _ => Some(threshold),
    }
}
