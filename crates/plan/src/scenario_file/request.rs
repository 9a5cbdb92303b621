//! Reads requests, and the defaults of requests.

use super::auth::{self, Auths};
use super::body;
use super::document::{Node, Value};
use super::expect;
use super::fields::{Fields, KeyValue, usable};
use super::http;
use super::reading::ScenarioReader;
use super::step_keys::{HEADERS_MAX, METHOD_KEYS};
use super::tls;
use super::wordings::REQUEST_NAME;
use crate::capture::Check;
use crate::json_path::JsonPath;
use crate::plan::PLAN_BYTES_MAX;
use crate::rules;
use crate::scenario::{Body, Request, Success};
use crate::template::{Template, TemplatePart};
use std::collections::BTreeSet;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The name of the only request in a scenario that does not list any request.
pub(super) const ONLY: &str = "target";
/// The maximum total size in bytes of the default headers, added up over all requests. The limit exists because each
/// request contains a copy of the default headers.
const DEFAULT_HEADERS_MAX: usize = PLAN_BYTES_MAX;

/// The default values for keys of requests.
pub(super) struct Defaults<'n> {
    headers: Option<KeyValue<'n>>,
    auths: Auths<'n>,
    header_bytes: usize,
    timeout: Duration,
    success: Success,
    follow_redirects: u8,
}

/// Returns the value of the key `name` in a map.
pub(super) fn named(item: &Node) -> Option<String> {
    let Value::Map(pairs) = &item.value else { return None };
    let (_, name) = pairs.iter().find(|(key, _)| key.text() == Some("name"))?;
    name.text().map(str::to_owned)
}

pub(super) fn name(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    names: &mut BTreeSet<String>,
) -> Option<String> {
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

/// Reads the key `auth`, and then the key `defaults`. A problem in the defaults is reported only once, and not for each
/// request.
pub(super) fn defaults<'n>(reading: &mut ScenarioReader<'_>, fields: &Fields<'n>) -> Option<Defaults<'n>> {
    let mut auths = auth::read(reading, fields);
    let none = Defaults {
        headers: None,
        auths: Auths::default(),
        header_bytes: 0,
        timeout: TIMEOUT,
        success: Success {
            statuses: vec![(200, 399)],
            body_contains: None,
            checks: Vec::new(),
        },
        follow_redirects: 0,
    };
    let Some(entry) = fields.get("defaults") else {
        return fields.may_lack("defaults").then_some(Defaults { auths, ..none });
    };
    let fields = entry.map(reading)?;
    let headers = headers(reading, fields.get("headers"), None);
    let has_auth = match fields.get("auth") {
        Some(entry) => auths.set_default(reading, entry, fields.get("headers")),
        None => fields.may_lack("auth").then_some(()),
    };
    let timeout = timeout(reading, &fields, none.timeout);
    let success = expect::read(reading, &fields, none.success);
    let follow_redirects = follow_redirects(reading, &fields, none.follow_redirects);
    let texts = |(name, value): &(String, Template)| {
        let texts = value.0.iter().flat_map(TemplatePart::values).map(|part| match part {
            TemplatePart::Text(text) => text.len(),
            _ => 0,
        });
        name.len() + texts.sum::<usize>()
    };
    has_auth?;
    Some(Defaults {
        headers: fields.get("headers"),
        auths,
        header_bytes: headers?.iter().map(texts).sum(),
        timeout: timeout?,
        success: success?,
        follow_redirects: follow_redirects?,
    })
}

impl Defaults<'_> {
    /// Checks the total size of the default headers. `requests` is the number of requests that contain a copy.
    pub fn fit(self, reading: &mut ScenarioReader<'_>, requests: usize) -> Option<Self> {
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

    /// Reports the authentications that no request uses.
    pub fn check_auths(&self, reading: &mut ScenarioReader<'_>) -> Option<()> {
        self.auths.check_used(reading)
    }
}

/// Returns the only request of a scenario that does not list any request.
pub(super) fn only(reading: &mut ScenarioReader<'_>, defaults: &Defaults<'_>) -> Option<Request> {
    let mut headers = headers(reading, None, defaults.headers)?;
    let signature = defaults.auths.apply(reading, None, Some(&mut headers))?;
    Some(Request {
        name: ONLY.to_owned(),
        weight: 1,
        method: "GET".to_owned(),
        url: Template::default(),
        headers,
        body: Body::Empty,
        timeout: defaults.timeout,
        success: defaults.success.clone(),
        follow_redirects: defaults.follow_redirects,
        captures: Vec::new(),
        signature,
        client: None,
    })
}

/// Reads the keys that requests of the mix and steps of flows have in common. The weight of the returned request is 0.
pub(super) fn read(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    name: Option<String>,
    defaults: &Defaults<'_>,
) -> Option<Request> {
    let (method, url) = method_and_url(reading, fields);
    let mut headers = headers(reading, fields.get("headers"), defaults.headers);
    let signature = defaults.auths.apply(reading, Some(fields), headers.as_mut());
    let is_json = headers.iter().flatten().any(|(name, value)| {
        let fixed = value.as_fixed().unwrap_or_default().to_ascii_lowercase();
        name.eq_ignore_ascii_case("content-type") && fixed.contains("json")
    });
    let body = body::read(reading, fields, is_json);
    let timeout = timeout(reading, fields, defaults.timeout);
    let success = expect::read(reading, fields, defaults.success.clone());
    let follow_redirects = follow_redirects(reading, fields, defaults.follow_redirects);
    let (mut headers, body, mut success) = (headers?, body?, success?);
    let signature = signature?;
    let client = tls::own(reading, fields)?;
    let has_type = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(content_type) = body.content_type.filter(|_| !has_type) {
        headers.push(("content-type".to_owned(), Template::fixed(content_type)));
    }
    if body.is_graphql
        && let Ok(errors) = JsonPath::parse("$.errors")
    {
        success.checks.push(Check::NoJson(errors));
    }
    if signature.is_some() && follow_redirects.is_some_and(|number| number > 0) {
        let help = "write `follow_redirects: 0`: a signature is valid for one URL";
        return reading.problem(fields.node, "a signed request cannot follow redirects", help);
    }
    let default_method = if matches!(body.body, Body::Empty) {
        "GET"
    } else {
        "POST"
    };
    Some(Request {
        name: name?,
        weight: 0,
        method: method?.unwrap_or_else(|| default_method.to_owned()),
        url: url?,
        headers,
        body: body.body,
        timeout: timeout?,
        success,
        follow_redirects: follow_redirects?,
        captures: Vec::new(),
        signature,
        client,
    })
}

/// Reads the method and the URL of a request. The method is `Some(None)` if the request does not set it.
fn method_and_url(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> (Option<Option<String>>, Option<Template>) {
    let short: Vec<KeyValue<'_>> = METHOD_KEYS.iter().filter_map(|key| fields.get(key)).collect();
    let long = [fields.get("method"), fields.get("url")].into_iter().flatten().next();
    match (short.as_slice(), long) {
        ([], _) => {
            let method = match fields.get("method") {
                Some(entry) => http::method(reading, entry.value).map(Some),
                None => Some(None),
            };
            (method, url(reading, fields, fields.get("url")))
        }
        ([one], None) => (
            Some(Some(one.key.name.to_ascii_uppercase())),
            url(reading, fields, Some(*one)),
        ),
        (several, long) => {
            let second = long.or(several.get(1).copied());
            let at = second.map_or(fields.node, |entry| entry.written);
            let help = "write `get: /path`, or `method` and `url`";
            reading.problem::<()>(at, "a request has one method and one URL", help);
            (None, None)
        }
    }
}

fn url(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, entry: Option<KeyValue<'_>>) -> Option<Template> {
    let mut url = match entry {
        Some(entry) => http::request_url(reading, entry.value),
        // A request without a URL uses the URL of the target unchanged.
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

/// Returns the headers of a request. The default headers that the request does not set itself come first. The request's
/// own headers follow.
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
    // Read the default headers again for each request, so that no two requests share a random draw.
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

/// Reads the values of a header. A header has one value or a list of values.
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
