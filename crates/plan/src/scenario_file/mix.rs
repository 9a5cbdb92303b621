//! Reads the mix of requests and flows.

use super::fields::Fields;
use super::flow;
use super::reading::ScenarioReader;
use super::request::{self, ONLY, named};
use super::step_keys::REQUEST;
use crate::flow::Flow;
use crate::limits::REQUESTS_MAX;
use crate::mix::{BLOCK_MAX, Mix};
use crate::scenario::{Load, MixOrder, Request};
use std::collections::BTreeSet;

/// The requests of a scenario: those of the mix, then those of the flows' steps; and the flows.
type ReadRequests = (Vec<Request>, Vec<Flow>);

/// Reads `defaults`, `requests` and `flows`. Slots are numbered in the order of the requests, and within a request in
/// the order url, query, headers, body.
pub(super) fn read_all(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<ReadRequests> {
    let defaults = request::defaults(reading, fields);
    let (has_requests, has_flows) = (!fields.may_lack("requests"), !fields.may_lack("flows"));
    if !has_requests && !has_flows {
        let defaults = defaults?;
        let only = request::only(reading, &defaults);
        defaults.check_auths(reading)?;
        return Some((vec![only?], Vec::new()));
    }
    let items = match fields.get("requests") {
        Some(entry) => entry.items(reading),
        None => &[],
    };
    let defaults = defaults.and_then(|defaults| defaults.fit(reading, items.len()))?;
    let mut names = BTreeSet::new();
    let mut requests = Vec::new();
    for item in items {
        let Some(fields) = Fields::read(reading, &REQUEST, item) else {
            continue;
        };
        let name = request::name(reading, &fields, &mut names);
        let weight = match fields.get("weight") {
            Some(entry) => entry.whole(reading).map(|weight| weight as u32),
            None => Some(1),
        };
        let request = request::read(reading, &fields, name, &defaults);
        requests.extend(
            request
                .zip(weight)
                .map(|(request, weight)| Request { weight, ..request }),
        );
    }
    let whole = requests.len() == items.len() && (!has_requests || !items.is_empty());
    let flows = flow::read_all(reading, fields, &defaults, &mut names, &mut requests);
    defaults.check_auths(reading)?;
    let flows = flows?;
    whole.then_some((requests, flows))
}

/// Reads `mix`, of these requests and flows under this load.
pub(super) fn order(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    load: Option<&Load>,
    read: Option<&ReadRequests>,
) -> Option<MixOrder> {
    let Some(entry) = fields.get("mix") else {
        return fields.may_lack("mix").then(MixOrder::default);
    };
    if entry.choice(reading, "an order of a mix")? == "drawn" {
        return Some(MixOrder::Drawn);
    }
    if let Some(Load::Closed { .. }) = load {
        let message = "`mix: exact` is for a load of rates: how often a user sends depends on the answers";
        return reading.problem(
            entry.value,
            message,
            "remove it: each arrival then draws its request or flow",
        );
    }
    let (requests, flows) = read?;
    let requests = requests.iter().map(|request| request.weight);
    let flows = flows.iter().map(|flow| flow.weight);
    let block = Mix::new(0, MixOrder::Exact, requests, flows, 1).block();
    if block > BLOCK_MAX {
        let message = format!("a block of this mix would have {block} arrivals, more than {BLOCK_MAX}");
        let help = "use smaller weights, or weights with a common divisor, such as 90 and 10";
        return reading.problem(entry.value, message, help);
    }
    Some(MixOrder::Exact)
}

/// The names of all requests, flows and steps, including invalid ones, for the thresholds.
pub(super) fn names(fields: &Fields<'_>) -> Vec<String> {
    let mut names: Vec<String> = match (fields.get("requests"), fields.get("flows")) {
        (None, None) => vec![ONLY.to_owned()],
        (Some(entry), _) => entry.value.items().iter().filter_map(named).collect(),
        (None, Some(_)) => Vec::new(),
    };
    let flows = fields.get("flows").map_or(&[][..], |entry| entry.value.items());
    for item in flows {
        let Some(flow) = named(item) else { continue };
        let mut steps = Vec::new();
        flow::step_names(item, &mut steps);
        names.push(flow.clone());
        names.extend(steps.into_iter().map(|step| format!("{flow}/{step}")));
    }
    names.truncate(REQUESTS_MAX);
    names
}
