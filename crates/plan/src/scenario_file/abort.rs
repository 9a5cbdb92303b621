//! Reads the abort rules of a scenario. An abort rule stops a run.

use super::document::Node;
use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::abort::AbortRule;

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<AbortRule>> {
    let Some(entry) = fields.get("abort_if") else {
        return Some(Vec::new());
    };
    let one = |reading: &mut ScenarioReader<'_>, node: &Node| {
        let text = reading.text("abort_if", node)?;
        match AbortRule::parse(text) {
            Ok(rule) => match rule.judges_nothing() {
                Some(fault) => reading.refused(node, &fault),
                None => Some(rule),
            },
            Err(fault) => reading.refused(node, &fault),
        }
    };
    let read: Vec<Option<AbortRule>> = entry.items(reading).iter().map(|item| one(reading, item)).collect();
    read.into_iter().collect()
}
