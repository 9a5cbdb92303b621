//! Completes a scenario that was read from another tool's file. Chooses the target, the names and the common headers,
//! and lists the parts of the file that were left out.

use crate::address::{self, scenario_name_of};
use crate::error::ImportError;
use crate::found::{Import, no_requests};
use crate::model::{Body, Defaults, Feed, Flow, Header, Limits, Phase, Request, Scenario, Step};
use crate::text::Text;
use crate::{Format, Imported, sound, writer};
use plan::flow::FLOWS_MAX;
use plan::limits::REQUESTS_MAX;
use plan::rules::is_request_name;
use plan::scenario_file::TEXT_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum size of the scenario without its comments, in bytes. The remaining bytes of the maximum size are for
/// comments.
const SCENARIO_BYTES_MAX: usize = TEXT_MAX - (TEXT_MAX >> 3);
/// The maximum weight of a request.
const WEIGHT_MAX: u64 = 1_000_000;
/// The maximum number of characters in a name. A number may be appended to a name of this length.
const NAME_CHARS_MAX: usize = 56;
/// The maximum number of characters in the name of a flow. This maximum is smaller, because the names of steps begin
/// with the name of their flow.
const FLOW_CHARS_MAX: usize = 24;
/// The maximum number of lines of each list in the comments of the scenario: the secrets, and the parts of the input
/// that were left out. The lists in [`Imported`] may be longer.
const COMMENTS_MAX: usize = 50;

/// A scenario that is not complete. Its requests have names only if the input contains names.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The name of the scenario. Empty if the input contains no name.
    pub name: String,
    /// The target of the scenario. `None` if the requests have absolute URLs.
    pub target: Option<Text>,
    pub http2: bool,
    pub limits: Limits,
    pub load: Vec<Phase>,
    pub feeds: Vec<Feed>,
    pub flows: Vec<Flow>,
    pub thresholds: Vec<String>,
}

/// Completes a scenario, and writes it as YAML.
///
/// # Errors
/// Fails if no request can be imported.
pub(crate) fn finish(mut import: Import<'_>, draft: Draft, format: Format) -> Result<Imported, ImportError> {
    let flows = merged(draft.flows).into_iter();
    let flows = flows.filter_map(|flow| sound::checked(&mut import, flow)).collect();
    let flows = within_limits(&mut import, flows);
    if flows.is_empty() {
        return Err(no_requests("request"));
    }
    let target = match draft.target {
        Some(target) => target,
        None => most_frequent_origin(&flows),
    };
    let mut flows = named(flows, &target);
    let defaults = common(&mut flows);
    let name = match draft.name.is_empty() {
        true => address::scenario_name(&target.in_language()),
        false => scenario_name_of(&draft.name, "imported"),
    };
    let is_default = draft.load.is_empty();
    let load = match is_default {
        true => vec![Phase::Constant {
            rate: "10/s".to_owned(),
            duration: "10s".to_owned(),
        }],
        false => draft.load,
    };
    let (secrets, left_out) = (import.secrets.list(), import.left_out.into_list());
    let mut comments = vec![format!("Imported from {}.", format.described())];
    let lists = [
        (
            "Secrets: set these variables in the environment of the workers.",
            secrets.clone(),
        ),
        ("Left out:", left_out.iter().map(ToString::to_string).collect()),
    ];
    for (title, lines) in lists {
        if lines.is_empty() {
            continue;
        }
        comments.push(title.to_owned());
        comments.extend(lines.iter().take(COMMENTS_MAX).map(|line| format!("- {line}")));
        if let Some(more) = lines.len().checked_sub(COMMENTS_MAX).filter(|more| *more > 0) {
            comments.push(format!("- and {more} more"));
        }
    }
    let scenario = Scenario {
        comments,
        name,
        target,
        load_comment: is_default.then(|| "The input has no load. Change this one as needed.".to_owned()),
        load,
        http2: draft.http2,
        feeds: draft.feeds,
        defaults,
        limits: draft.limits,
        flows,
        thresholds: draft.thresholds,
        ..Scenario::default()
    };
    Ok(Imported {
        yaml: writer::write(&scenario).text,
        format,
        secrets,
        left_out,
    })
}

fn requests_of(steps: Vec<Step>, weight: u64, out: &mut Vec<(Request, u64)>) {
    for step in steps {
        match step {
            Step::Send(request) => out.push((*request, weight)),
            Step::Pause { .. } => {}
            Step::Repeat { steps, .. } => requests_of(steps, weight, out),
        }
    }
}

/// Merges equal requests of the mix into one request, and adds up their weights.
fn merged(flows: Vec<Flow>) -> Vec<Flow> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut out: Vec<Flow> = Vec::new();
    for flow in flows {
        let key = flow.only().map(|request| format!("{request:?}"));
        let earlier = key.as_ref().and_then(|key| known.get(key));
        if let Some(earlier) = earlier {
            let weight = &mut out[*earlier].weight;
            *weight = weight.saturating_add(flow.weight).min(WEIGHT_MAX);
            continue;
        }
        if let Some(key) = key {
            known.insert(key, out.len());
        }
        out.push(flow);
    }
    out
}

/// Removes the flows that exceed the maximum numbers or the maximum size of a scenario. A single request is a flow too.
fn within_limits(import: &mut Import<'_>, flows: Vec<Flow>) -> Vec<Flow> {
    let (mut requests, mut bytes, mut kept, mut dropped) = (0, 0, Vec::new(), 0);
    let mut kept_flows = 0;
    for flow in flows {
        let mut own = Vec::new();
        requests_of(flow.steps.clone(), 1, &mut own);
        // `size` is at least the size of the requests in the scenario language. So the scenario does not exceed its
        // maximum size.
        let size: usize = own.iter().map(|(request, _)| request.size()).sum();
        let is_flow = flow.only().is_none();
        let fits = requests + own.len() <= REQUESTS_MAX
            && bytes + size <= SCENARIO_BYTES_MAX
            && (!is_flow || kept_flows < FLOWS_MAX);
        if !fits {
            dropped += own.len();
            continue;
        }
        (requests, bytes) = (requests + own.len(), bytes + size);
        kept_flows += usize::from(is_flow);
        kept.push(flow);
    }
    if dropped > 0 {
        let what = format!(
            "{dropped} requests: a scenario has at most {REQUESTS_MAX}, {FLOWS_MAX} flows, and {} KiB",
            SCENARIO_BYTES_MAX >> 10
        );
        import.left_out.add("the file", what);
    }
    kept
}

/// Calls `visit` for each request in a list of steps, in order.
fn each<'a>(steps: &'a mut [Step], visit: &mut dyn FnMut(&'a mut Request)) {
    for step in steps {
        match step {
            Step::Send(request) => visit(request),
            Step::Pause { .. } => {}
            Step::Repeat { steps, .. } => each(steps, visit),
        }
    }
}

/// Returns the most frequent origin of the requests. Each request counts with its weight.
fn most_frequent_origin(flows: &[Flow]) -> Text {
    let mut counts: Vec<(Text, u64)> = Vec::new();
    for flow in flows {
        let mut own = Vec::new();
        requests_of(flow.steps.clone(), flow.weight, &mut own);
        for (request, weight) in own {
            let origin = request.url.unwrap_or_default().split_url().0;
            match counts.iter_mut().find(|(known, _)| *known == origin) {
                Some((_, count)) => *count += weight,
                None => counts.push((origin, weight)),
            }
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let found = counts.into_iter().find(|(_, count)| Some(*count) == most);
    found.map(|(origin, _)| origin).unwrap_or_default()
}

/// Gives each flow and each single request a unique name, and each step a name that is unique in its flow. If a request
/// is sent to the target, replaces its URL by a path.
fn named(mut flows: Vec<Flow>, target: &Text) -> Vec<Flow> {
    let mut taken = BTreeSet::new();
    for flow in &mut flows {
        let is_request = flow.only().is_some();
        if !is_request {
            flow.name = unique(&slug(&flow.name, FLOW_CHARS_MAX), &mut taken);
        }
        // In reports, the name of a step is appended to the name of its flow: `buy/order`.
        let chars_max = match is_request {
            true => NAME_CHARS_MAX,
            false => NAME_CHARS_MAX - flow.name.len(),
        };
        let mut own = BTreeSet::new();
        let names = if is_request { &mut taken } else { &mut own };
        each(&mut flow.steps, &mut |request| {
            let (origin, path) = request.url.take().unwrap_or_default().split_url();
            let method = request.method.as_deref().unwrap_or(match request.body {
                Body::None => "GET",
                _ => "POST",
            });
            let host = match origin.is_empty() || origin == *target {
                true => String::new(),
                false => origin.in_language(),
            };
            let wanted = match request.name.is_empty() {
                true => format!(
                    "{}-{}-{}",
                    method.to_ascii_lowercase(),
                    host.split("://").last().unwrap_or_default(),
                    path.clone().split_before(|c| c == '?').0.literals().collect::<String>()
                ),
                false => request.name.clone(),
            };
            request.name = unique(&slug(&wanted, chars_max), names);
            request.url = Some(match host.is_empty() {
                true => with_root(path),
                false => {
                    let mut url = origin;
                    url.append(path);
                    url
                }
            });
        });
        if let Some(request) = flow.only() {
            flow.name = request.name.clone();
        }
    }
    flows
}

/// Returns the path with a slash as its first character.
fn with_root(path: Text) -> Text {
    if path.head().starts_with('/') {
        return path;
    }
    let mut out = Text::literal("/");
    out.append(path);
    out
}

/// Returns a name that contains only the characters that the name of a request may have.
fn slug(text: &str, chars_max: usize) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
            true => name.push(c),
            false if !name.ends_with('-') => name.push('-'),
            false => {}
        }
        if name.len() >= chars_max {
            break;
        }
    }
    let name = name.trim_matches(['-', '.', '_']);
    match is_request_name(name) {
        true => name.to_owned(),
        false => "request".to_owned(),
    }
}

/// Returns the name. If the name is already used, a number is appended.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (1..).map(|number| match number {
        1 => name.to_owned(),
        number => format!("{name}-{number}"),
    });
    let free = numbered.into_iter().find(|name| !taken.contains(name));
    let free = free.unwrap_or_else(|| unreachable!("a scenario has a bounded number of names"));
    taken.insert(free.clone());
    free
}

/// Moves the properties that are equal in all requests to the defaults.
fn common(flows: &mut [Flow]) -> Defaults {
    let mut common: Option<Defaults> = None;
    let mut requests = 0;
    let mut count = |request: &mut Request| {
        requests += 1;
        let common = common.get_or_insert_with(|| Defaults {
            headers: request.headers.clone(),
            timeout: request.timeout,
            follow_redirects: request.follow_redirects,
        });
        common
            .headers
            .retain(|header: &Header| request.headers.contains(header));
        common.timeout = common.timeout.filter(|_| common.timeout == request.timeout);
        common.follow_redirects = common
            .follow_redirects
            .filter(|_| common.follow_redirects == request.follow_redirects);
    };
    flows.iter_mut().for_each(|flow| each(&mut flow.steps, &mut count));
    let common = common.filter(|_| requests > 1).unwrap_or_default();
    let mut shorten = |request: &mut Request| {
        request.headers.retain(|header| !common.headers.contains(header));
        request.timeout = request.timeout.filter(|_| common.timeout.is_none());
        request.follow_redirects = request.follow_redirects.filter(|_| common.follow_redirects.is_none());
    };
    flows.iter_mut().for_each(|flow| each(&mut flow.steps, &mut shorten));
    common
}
