//! Reads the mix of requests and flows.

use super::document::Node;
use super::fields::Fields;
use super::flow;
use super::reading::ScenarioReader;
use super::request::{self, Defaults, ONLY, named};
use super::step_keys::REQUEST;
use crate::flow::Flow;
use crate::limits::REQUESTS_MAX;
use crate::mix::{BLOCK_MAX, Mix};
use crate::scenario::{Load, MixOrder, Request};
use std::collections::BTreeSet;

/// Reads the keys `requests` and `flows` of a population. The requests are appended to `requests`: first the requests
/// of the mix, and then the steps of the flows. The slots of random draws are numbered in the order of the requests.
/// Within a request, the order is url, query, headers, body.
pub(super) fn read_all(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    defaults: &Defaults<'_>,
    requests: &mut Vec<Request>,
) -> Option<Vec<Flow>> {
    let (has_requests, has_flows) = (!fields.may_lack("requests"), !fields.may_lack("flows"));
    if !has_requests && !has_flows {
        requests.push(request::only(reading, defaults)?);
        return Some(Vec::new());
    }
    let items = match fields.get("requests") {
        Some(entry) => entry.items(reading),
        None => &[],
    };
    let mut names = BTreeSet::new();
    let before = requests.len();
    for item in items {
        let Some(fields) = Fields::read(reading, &REQUEST, item) else {
            continue;
        };
        let name = request::name(reading, &fields, &mut names);
        let weight = match fields.get("weight") {
            Some(entry) => entry.whole(reading).map(|weight| weight as u32),
            None => Some(1),
        };
        let request = request::read(reading, &fields, name, defaults);
        requests.extend(
            request
                .zip(weight)
                .map(|(request, weight)| Request { weight, ..request }),
        );
    }
    let whole = requests.len() - before == items.len() && (!has_requests || !items.is_empty());
    let flows = flow::read_all(reading, fields, defaults, &mut names, requests)?;
    whole.then_some(flows)
}

/// Reads the key `mix`, which is the order of the mix. Checks this order against the requests, the flows and the load.
pub(super) fn order(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    load: Option<&Load>,
    read: Option<(&[Request], &[Flow])>,
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

/// Returns the number of items under the key `requests`. Invalid items are included.
pub(super) fn number(fields: &Fields<'_>) -> usize {
    fields.get("requests").map_or(0, |entry| entry.value.items().len())
}

/// Returns the names of all requests, flows and steps of a population. The names of invalid entries are included.
pub(super) fn names(fields: &Fields<'_>) -> Vec<String> {
    let mut names: Vec<String> = match (fields.get("requests"), fields.get("flows")) {
        (None, None) => vec![ONLY.to_owned()],
        (Some(entry), _) => entry.value.items().iter().filter_map(named).collect(),
        (None, Some(_)) => Vec::new(),
    };
    for (flow, item) in flows(fields) {
        let mut steps = Vec::new();
        flow::step_names(item, &mut steps);
        names.extend(steps.into_iter().map(|step| format!("{flow}/{step}")));
        names.push(flow);
    }
    names.truncate(REQUESTS_MAX);
    names
}

/// Returns the flows of a population with their names. Invalid flows are included.
pub(super) fn flows<'n>(fields: &Fields<'n>) -> impl Iterator<Item = (String, &'n Node)> {
    let items = fields.get("flows").map_or(&[][..], |entry| entry.value.items());
    items.iter().filter_map(|item| Some((named(item)?, item)))
}
