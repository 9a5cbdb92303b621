//! Reads the request for an OAuth 2.0 token (RFC 6749). The request uses client credentials (4.4) or the password of a
//! user (4.3).

use super::document::Node;
use super::fields::{Fields, KeyValue};
use super::http;
use super::reading::ScenarioReader;
use crate::encoding::Encoding;
use crate::form::percent_encoded;
use crate::oauth;
use crate::scenario::{Body, Request, Success};
use crate::template::{Template, TemplatePart};
use std::time::Duration;

/// The timeout of a token request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the token request of the authentication with this name.
pub(super) fn request(reading: &mut ScenarioReader<'_>, name: &str, entry: &KeyValue<'_>) -> Option<Request> {
    let fields = entry.map(reading)?;
    let url = fields.get("url").and_then(|entry| url(reading, entry.value));
    let id = value(reading, &fields, "client_id");
    let secret = value(reading, &fields, "client_secret");
    let user = value(reading, &fields, "user");
    let password = value(reading, &fields, "password");
    let scope = value(reading, &fields, "scope");
    let in_body = match fields.get("client_auth") {
        Some(entry) => entry
            .choice(reading, "a way to authenticate the client")
            .map(|chosen| chosen == "body"),
        None => fields.may_lack("client_auth").then_some(false),
    };
    let more = parameters(reading, &fields);
    let (id, secret, user, password, scope) = (id?, secret?, user?, password?, scope?);
    // `client_id` is a required key, so a missing `client_id` has already been reported.
    let id = id?;
    let mut form = Form::default();
    match (user, password) {
        (None, None) => {
            form.add("grant_type", Template::fixed("client_credentials"));
            if secret.is_none() {
                let help = "write `client_secret: '{{ secret \"ssm:/shop/oauth\" }}'`, or `user` and `password`";
                return reading.problem(fields.node, "client credentials need `client_secret`", help);
            }
        }
        (Some(user), Some(password)) => {
            form.add("grant_type", Template::fixed("password"));
            form.add("username", user);
            form.add("password", password);
        }
        (Some(_), None) | (None, Some(_)) => {
            let help = "write both for a token of a user, or neither for one of the client";
            return reading.problem(fields.node, "`user` and `password` belong together", help);
        }
    }
    if let Some(scope) = scope {
        form.add("scope", scope);
    }
    let mut headers = vec![
        ("accept".to_owned(), Template::fixed("application/json")),
        (
            "content-type".to_owned(),
            Template::fixed("application/x-www-form-urlencoded"),
        ),
    ];
    match (secret, in_body?) {
        (Some(secret), false) => headers.push(("authorization".to_owned(), client_header(id, secret))),
        (secret, _) => {
            form.add("client_id", id);
            secret.into_iter().for_each(|secret| form.add("client_secret", secret));
        }
    }
    more?.into_iter().for_each(|(name, value)| form.add(name, value));
    Some(Request {
        name: name.to_owned(),
        weight: 0,
        method: "POST".to_owned(),
        url: url?,
        headers,
        body: Body::Inline(form.0),
        timeout: TIMEOUT,
        // If the server reports an error, the status of its answer is not 200. The worker reads the error from the
        // answer, so other statuses are also allowed.
        success: Success {
            statuses: vec![(200, 599)],
            body_contains: None,
            checks: Vec::new(),
        },
        follow_redirects: 0,
        captures: oauth::captures(),
        signature: None,
        client: None,
    })
}

/// A request body that consists of form fields.
#[derive(Default)]
struct Form(Template);

impl Form {
    fn add(&mut self, name: &str, value: Template) {
        let joint = if self.0.0.is_empty() { "" } else { "&" };
        http::append(&mut self.0, joint, name, value);
    }
}

/// Returns the value of the header that authenticates the client. The identifier and the secret are each encoded before
/// they are joined (RFC 6749, 2.3.1).
fn client_header(id: Template, secret: Template) -> Template {
    let encoded = |part: TemplatePart| match part {
        TemplatePart::Text(text) => TemplatePart::Text(percent_encoded(&text)),
        part => part.in_url(),
    };
    let mut joined = Template::default();
    id.0.into_iter().for_each(|part| joined.push(encoded(part)));
    joined.push(TemplatePart::Text(":".to_owned()));
    secret.0.into_iter().for_each(|part| joined.push(encoded(part)));
    let mut header = Template::fixed("Basic ");
    let value = joined.encoded(Encoding::Base64);
    value.0.into_iter().for_each(|part| header.push(part));
    header
}

fn url(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Template> {
    let url = http::request_url(reading, node)?;
    let (host, _) = url.cut_url();
    match host.as_fixed() {
        Some("") | None => {
            let help = "write scheme, host and path: `url: https://login.example.com/token`";
            reading.problem(node, "the URL for tokens must be a whole one", help)
        }
        Some(_) => constant(reading, node, "url", url),
    }
}

/// Reads the value of a key; `Some(None)` if the key is absent.
fn value(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, key: &str) -> Option<Option<Template>> {
    match fields.get(key) {
        Some(entry) => spelt(reading, entry.value, key).map(Some),
        None => Some(None),
    }
}

fn spelt(reading: &mut ScenarioReader<'_>, node: &Node, what: &str) -> Option<Template> {
    let text = reading.spelt(what, node)?;
    let value = reading.template(node, &text)?;
    constant(reading, node, what, value)
}

/// Reports a value that is not the same for all arrivals.
fn constant(reading: &mut ScenarioReader<'_>, node: &Node, what: &str, value: Template) -> Option<Template> {
    let is_constant = |part: &TemplatePart| {
        matches!(
            part,
            TemplatePart::Text(_) | TemplatePart::Run | TemplatePart::Secret { .. }
        )
    };
    if value.0.iter().all(is_constant) {
        return Some(value);
    }
    let message = format!("`{what}` must be the same for all arrivals: a worker uses one token for all of them");
    let help = "write text or a secret; for tokens of many users, log in with a step of a flow";
    reading.problem(node, message, help)
}

fn parameters<'n>(reading: &mut ScenarioReader<'_>, fields: &Fields<'n>) -> Option<Vec<(&'n str, Template)>> {
    let Some(entry) = fields.get("parameters") else {
        return fields.may_lack("parameters").then(Vec::new);
    };
    let named = entry.named(reading);
    let read: Vec<Option<(&str, Template)>> = named
        .into_iter()
        .map(|(_, name, node)| Some((name, spelt(reading, node, name)?)))
        .collect();
    read.into_iter().collect()
}
