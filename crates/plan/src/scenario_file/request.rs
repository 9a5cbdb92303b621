//! Reads the mix of requests.

use super::document::{Node, Value};
use super::fields::{Fields, KeyValue, usable};
use super::http;
use super::keys::{HEADERS_MAX, REQUEST};
use super::reading::ScenarioReader;
use super::wordings::REQUEST_NAME;
use crate::limits::REQUESTS_MAX;
use crate::plan::PLAN_BYTES_MAX;
use crate::rules;
use crate::scenario::{Body, Request, Success};
use crate::template::{Template, TemplatePart};
use std::collections::BTreeSet;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The name of the only request of a scenario that lists none.
const ONLY: &str = "target";
/// The maximum total size of the default headers over all requests, because each request has them.
const DEFAULT_HEADERS_MAX: usize = PLAN_BYTES_MAX;

/// The defaults of requests.
struct Defaults<'n> {
    headers: Option<KeyValue<'n>>,
    header_bytes: usize,
    timeout: Duration,
    success: Success,
    follow_redirects: u8,
}

/// Reads `defaults` and `requests`. Slots are numbered in the order of the requests, and within a request in the order
/// url, query, headers, body.
pub(super) fn read_all(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<Request>> {
    let defaults = defaults(reading, fields);
    if fields.may_lack("requests") {
        return Some(vec![only(reading, &defaults?)?]);
    }
    let entry = fields.get("requests")?;
    let items = entry.items(reading);
    let defaults = defaults.and_then(|defaults| defaults.fit(reading, items.len()))?;
    let mut names = BTreeSet::new();
    let mut requests = Vec::new();
    for item in items {
        let Some(fields) = Fields::read(reading, &REQUEST, item) else {
            continue;
        };
        let name = name(reading, &fields, &mut names);
        requests.extend(read(reading, &fields, name, &defaults));
    }
    (requests.len() == items.len()).then_some(requests)
}

/// The names of all requests, including invalid ones, for the thresholds.
pub(super) fn names(fields: &Fields<'_>) -> Vec<String> {
    let Some(entry) = fields.get("requests") else {
        return vec![ONLY.to_owned()];
    };
    let items = match &entry.value.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(entry.value),
    };
    let name = |item: &Node| match &item.value {
        Value::Map(pairs) => pairs
            .iter()
            .find(|(key, _)| key.text() == Some("name"))?
            .1
            .text()
            .map(str::to_owned),
        _ => None,
    };
    items.iter().take(REQUESTS_MAX).filter_map(name).collect()
}

fn name(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    let node = fields.get("name")?.value;
    let name = reading.text("name", node)?;
    if !rules::is_request_name(name) {
        return reading.misworded(node, "name", &REQUEST_NAME);
    }
    if !names.insert(name.to_owned()) {
        let help = "give each request its own name: requests are measured by name";
        return reading.problem(node, format!("two requests have the name `{name}`"), help);
    }
    Some(name.to_owned())
}

/// Reads `defaults`. A problem in them is reported once.
fn defaults<'n>(reading: &mut ScenarioReader<'_>, fields: &Fields<'n>) -> Option<Defaults<'n>> {
    let none = Defaults {
        headers: None,
        header_bytes: 0,
        timeout: TIMEOUT,
        success: Success {
            statuses: vec![(200, 399)],
            body_contains: None,
        },
        follow_redirects: 0,
    };
    let Some(entry) = fields.get("defaults") else {
        return fields.may_lack("defaults").then_some(none);
    };
    let fields = entry.map(reading)?;
    let headers = headers(reading, fields.get("headers"), None);
    let timeout = timeout(reading, &fields, none.timeout);
    let success = success(reading, &fields, none.success);
    let follow_redirects = follow_redirects(reading, &fields, none.follow_redirects);
    let texts = |(name, value): &(String, Template)| {
        let texts = value.0.iter().flat_map(TemplatePart::values).map(|part| match part {
            TemplatePart::Text(text) => text.len(),
            _ => 0,
        });
        name.len() + texts.sum::<usize>()
    };
    Some(Defaults {
        headers: fields.get("headers"),
        header_bytes: headers?.iter().map(texts).sum(),
        timeout: timeout?,
        success: success?,
        follow_redirects: follow_redirects?,
    })
}

impl Defaults<'_> {
    /// Checks the total size of the default headers over this number of requests.
    fn fit(self, reading: &mut ScenarioReader<'_>, requests: usize) -> Option<Self> {
        let bytes = self.header_bytes.saturating_mul(requests);
        if let Some(entry) = self.headers.filter(|_| bytes > DEFAULT_HEADERS_MAX) {
            let message = format!(
                "the default headers of {requests} requests have more than {} MiB in total",
                DEFAULT_HEADERS_MAX >> 20
            );
            return reading.problem(entry.written, message, "use shorter headers, or fewer requests");
        }
        Some(self)
    }
}

/// The only request of a scenario that lists none.
fn only(reading: &mut ScenarioReader<'_>, defaults: &Defaults<'_>) -> Option<Request> {
    Some(Request {
        name: ONLY.to_owned(),
        weight: 1,
        method: "GET".to_owned(),
        url: Template::default(),
        headers: headers(reading, None, defaults.headers)?,
        body: Body::Empty,
        timeout: defaults.timeout,
        success: defaults.success.clone(),
        follow_redirects: defaults.follow_redirects,
    })
}

fn read(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    name: Option<String>,
    defaults: &Defaults<'_>,
) -> Option<Request> {
    let weight = match fields.get("weight") {
        Some(entry) => entry.whole(reading).map(|weight| weight as u32),
        None => Some(1),
    };
    let url = url(reading, fields);
    let headers = headers(reading, fields.get("headers"), defaults.headers);
    let body = body(reading, fields, headers.as_deref().unwrap_or_default());
    let method = match fields.get("method") {
        Some(entry) => http::method(reading, entry.value),
        None if fields.get("body").is_some() => Some("POST".to_owned()),
        None => Some("GET".to_owned()),
    };
    let timeout = timeout(reading, fields, defaults.timeout);
    let success = success(reading, fields, defaults.success.clone());
    let follow_redirects = follow_redirects(reading, fields, defaults.follow_redirects);
    Some(Request {
        name: name?,
        weight: weight?,
        method: method?,
        url: url?,
        headers: headers?,
        body: body?,
        timeout: timeout?,
        success: success?,
        follow_redirects: follow_redirects?,
    })
}

fn url(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Template> {
    let mut url = match fields.get("url") {
        Some(entry) => http::request_url(reading, entry.value),
        // Without a URL, the request is for the target itself.
        None => Some(Template::default()),
    };
    let Some(entry) = fields.get("query") else { return url };
    let mut joint = url.as_ref().map_or("?", http::first_joint);
    for (_, name, node) in entry.named(reading) {
        let value = reading.spelt(name, node).and_then(|text| reading.template(node, &text));
        let value = value.filter(|value| http::check_parameter(reading, node, value).is_some());
        match (&mut url, value) {
            (Some(url), Some(value)) => http::append(url, joint, name, value),
            _ => url = None,
        }
        joint = "&";
    }
    url
}

fn timeout(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, default: Duration) -> Option<Duration> {
    match fields.get("timeout") {
        Some(entry) => reading.wait_time("timeout", entry.value),
        None => Some(default),
    }
}

fn follow_redirects(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, default: u8) -> Option<u8> {
    match fields.get("follow_redirects") {
        Some(entry) => entry.whole(reading).map(|number| number as u8),
        None => Some(default),
    }
}

/// The default headers that a request does not set, followed by its own.
fn headers(
    reading: &mut ScenarioReader<'_>,
    own: Option<KeyValue<'_>>,
    default: Option<KeyValue<'_>>,
) -> Option<Vec<(String, Template)>> {
    let own = match own {
        Some(entry) => headers_of(reading, entry)?,
        None => Vec::new(),
    };
    let Some(entry) = default else { return Some(own) };
    // Read the default headers again for each request, so that no two requests share a draw.
    let mut headers = headers_of(reading, entry)?;
    headers.retain(|(name, _)| !own.iter().any(|(set, _)| set.eq_ignore_ascii_case(name)));
    headers.extend(own);
    if headers.len() > HEADERS_MAX {
        let message = format!(
            "together with a request's own, there are {} headers, more than {HEADERS_MAX}",
            headers.len()
        );
        return reading.problem(entry.written, message, "");
    }
    Some(headers)
}

fn headers_of(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Vec<(String, Template)>> {
    let named = entry.named(reading);
    let (mut headers, mut seen, mut whole) = (Vec::new(), BTreeSet::new(), true);
    for (written, name, node) in named {
        if !seen.insert(name.to_ascii_lowercase()) {
            let help = format!("write `{name}: [ONE, OTHER]` to send it twice: header names are case-insensitive");
            reading.problem::<()>(written, format!("the header `{name}` is written twice"), help);
            whole = false;
            continue;
        }
        let right = http::header_name(reading, written, name);
        let values = header_values(reading, written, name, node);
        whole &= right.is_some() && values.is_some();
        let values = values.unwrap_or_default().into_iter();
        headers.extend(values.filter_map(|value| Some((right.clone()?, value))));
    }
    if headers.len() > HEADERS_MAX {
        let message = format!("`headers` has {} values, more than {HEADERS_MAX}", headers.len());
        return reading.problem(entry.written, message, "");
    }
    (whole && matches!(entry.value.value, Value::Map(_))).then_some(headers)
}

/// The values of a header: a list, or one value.
fn header_values(reading: &mut ScenarioReader<'_>, written: &Node, name: &str, node: &Node) -> Option<Vec<Template>> {
    let Value::List(items) = &node.value else {
        return Some(vec![http::header_value(reading, node, name)?]);
    };
    if items.is_empty() {
        return reading.problem(node, format!("`{name}` is empty"), "write at least one item");
    }
    if items.len() > 1 && !rules::may_repeat(name) {
        return reading.problem(
            written,
            format!("a request can have only one `{name}` header"),
            "keep one value",
        );
    }
    let one = |item: &Node| match usable(reading, name, written, item) {
        true => http::header_value(reading, item, name),
        false => None,
    };
    let read: Vec<Option<Template>> = items.iter().take(HEADERS_MAX + 1).map(one).collect();
    read.into_iter().collect()
}

fn body(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, headers: &[(String, Template)]) -> Option<Body> {
    let Some(entry) = fields.get("body") else {
        return Some(Body::Empty);
    };
    if matches!(entry.value.value, Value::Map(_)) && !reading.spelling(entry.value).starts_with("{{") {
        let file = entry.map(reading)?.get("file")?;
        let path = reading.text("file", file.value)?;
        return reading.file(file.value, path).map(Body::Blob);
    }
    let text = reading.templated("body", entry.value)?;
    let template = reading.template(entry.value, text)?;
    let is_json = headers.iter().any(|(name, value)| {
        let fixed = value.as_fixed().unwrap_or_default().to_ascii_lowercase();
        name.eq_ignore_ascii_case("content-type") && fixed.contains("json")
    });
    http::body(reading, entry.value, template, is_json).map(Body::Inline)
}

fn success(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, default: Success) -> Option<Success> {
    let Some(entry) = fields.get("success") else {
        return Some(default);
    };
    let fields = entry.map(reading)?;
    let statuses = match fields.get("statuses") {
        Some(entry) => statuses(reading, entry),
        None => Some(default.statuses),
    };
    let body_contains = match fields.get("body_contains") {
        Some(entry) => wanted_text(reading, entry.value).map(Some),
        None => Some(None),
    };
    Some(Success {
        statuses: statuses?,
        body_contains: body_contains?,
    })
}

fn wanted_text(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<String> {
    match reading.templated("body_contains", node)? {
        "" => reading.problem(node, "every body contains the empty text", "remove the key"),
        text => Some(text.to_owned()),
    }
}

fn statuses(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Vec<(u16, u16)>> {
    let bounds = entry.key.kind.bounds().expect("`statuses` declares its bounds");
    let items = entry.items(reading);
    let read: Vec<Option<(u16, u16)>> = items.iter().map(|item| status_range(reading, item, bounds)).collect();
    read.into_iter()
        .collect::<Option<Vec<_>>>()
        .filter(|read| !read.is_empty())
}

fn status_range(reading: &mut ScenarioReader<'_>, node: &Node, bounds: (u64, u64)) -> Option<(u16, u16)> {
    reading.no_placeholder("statuses", node)?;
    let Some(text) = node.text() else {
        let status = reading.whole("statuses", node, bounds)? as u16;
        return Some((status, status));
    };
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let status = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|&status| (bounds.0..=bounds.1).contains(&status))
    };
    match (status(low), status(high)) {
        (Some(low), Some(high)) if low <= high => Some((low as u16, high as u16)),
        _ => {
            let help = format!(
                "write statuses as `204`, `200-299` or a list of these, from {} to {}",
                bounds.0, bounds.1
            );
            reading.problem(node, format!("`{text}` is not a range of statuses"), help)
        }
    }
}
