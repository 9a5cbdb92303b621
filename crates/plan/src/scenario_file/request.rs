//! The mix: what is sent.

use super::document::{Node, Value};
use super::fields::{Entry, Fields, usable};
use super::http;
use super::keys::{HEADERS_MAX, REQUEST};
use super::reading::Reading;
use super::wordings::REQUEST_NAME;
use crate::limits::REQUESTS_MAX;
use crate::rules;
use crate::scenario::{Body, Request, Success};
use crate::template::Template;
use std::collections::BTreeSet;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads `requests`. Slots are numbered in the order of the requests, and within one in the order
/// url, query, headers, body.
pub(super) fn read_all(reading: &mut Reading<'_>, fields: &Fields<'_>) -> Option<Vec<Request>> {
    let items = fields.get("requests")?.items(reading);
    let mut names = BTreeSet::new();
    let mut requests = Vec::new();
    for item in items {
        let Some(fields) = Fields::read(reading, &REQUEST, item) else {
            continue;
        };
        let name = name(reading, &fields, &mut names);
        requests.extend(read(reading, &fields, name));
    }
    (requests.len() == items.len()).then_some(requests)
}

/// The names of all requests, for the thresholds; those of bad requests included.
pub(super) fn names(fields: &Fields<'_>) -> Vec<String> {
    let Some(entry) = fields.get("requests") else {
        return Vec::new();
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

fn name(reading: &mut Reading<'_>, fields: &Fields<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    let node = fields.get("name")?.value;
    let name = reading.text("name", node)?;
    if !rules::is_request_name(name) {
        return reading.misworded(node, "name", &REQUEST_NAME);
    }
    if !names.insert(name.to_owned()) {
        let help = "requests are measured by name; give each its own";
        return reading.problem(node, format!("there are two requests with the name `{name}`"), help);
    }
    Some(name.to_owned())
}

fn read(reading: &mut Reading<'_>, fields: &Fields<'_>, name: Option<String>) -> Option<Request> {
    let weight = match fields.get("weight") {
        Some(entry) => entry.whole(reading).map(|weight| weight as u32),
        None => Some(1),
    };
    let url = url(reading, fields);
    let headers = headers(reading, fields);
    let body = body(reading, fields, headers.as_deref().unwrap_or_default());
    let method = match fields.get("method") {
        Some(entry) => http::method(reading, entry.value),
        None if fields.get("body").is_some() => Some("POST".to_owned()),
        None => Some("GET".to_owned()),
    };
    let timeout = match fields.get("timeout") {
        Some(entry) => reading.patience("timeout", entry.value),
        None => Some(TIMEOUT),
    };
    let success = success(reading, fields);
    let follow_redirects = match fields.get("follow_redirects") {
        Some(entry) => entry.whole(reading).map(|number| number as u8),
        None => Some(0),
    };
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

fn url(reading: &mut Reading<'_>, fields: &Fields<'_>) -> Option<Template> {
    let mut url = match fields.get("url") {
        Some(entry) => http::request_url(reading, entry.value),
        // The target itself.
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

fn headers(reading: &mut Reading<'_>, fields: &Fields<'_>) -> Option<Vec<(String, Template)>> {
    let Some(entry) = fields.get("headers") else {
        return Some(Vec::new());
    };
    let named = entry.named(reading);
    let (mut headers, mut seen, mut whole) = (Vec::new(), BTreeSet::new(), true);
    for (written, name, node) in named {
        if !seen.insert(name.to_ascii_lowercase()) {
            let help =
                format!("case does not count in the names of headers; write `{name}: [ONE, OTHER]` to send it twice");
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

/// The values of a header: several in a list, or one.
fn header_values(reading: &mut Reading<'_>, written: &Node, name: &str, node: &Node) -> Option<Vec<Template>> {
    let Value::List(items) = &node.value else {
        return Some(vec![http::header_value(reading, node, name)?]);
    };
    if items.is_empty() {
        return reading.problem(node, format!("`{name}` is empty"), "write at least one item");
    }
    if items.len() > 1 && !rules::may_repeat(name) {
        return reading.problem(written, format!("a request has one `{name}` header"), "keep one value");
    }
    let one = |item: &Node| match usable(reading, name, written, item) {
        true => http::header_value(reading, item, name),
        false => None,
    };
    let read: Vec<Option<Template>> = items.iter().take(HEADERS_MAX + 1).map(one).collect();
    read.into_iter().collect()
}

fn body(reading: &mut Reading<'_>, fields: &Fields<'_>, headers: &[(String, Template)]) -> Option<Body> {
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

fn success(reading: &mut Reading<'_>, fields: &Fields<'_>) -> Option<Success> {
    let default = Success {
        statuses: vec![(200, 399)],
        body_contains: None,
    };
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

fn wanted_text(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    match reading.templated("body_contains", node)? {
        "" => reading.problem(node, "every body contains the empty text", "leave the key out"),
        text => Some(text.to_owned()),
    }
}

fn statuses(reading: &mut Reading<'_>, entry: Entry<'_>) -> Option<Vec<(u16, u16)>> {
    let bounds = entry.key.kind.bounds().expect("`statuses` declares its bounds");
    let items = entry.items(reading);
    let read: Vec<Option<(u16, u16)>> = items.iter().map(|item| status_range(reading, item, bounds)).collect();
    read.into_iter()
        .collect::<Option<Vec<_>>>()
        .filter(|read| !read.is_empty())
}

fn status_range(reading: &mut Reading<'_>, node: &Node, bounds: (u64, u64)) -> Option<(u16, u16)> {
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
