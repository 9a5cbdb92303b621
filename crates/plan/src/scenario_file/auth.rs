//! Reads the authentications of a scenario, and adds the headers of an authentication to the requests that use it.
//!
//! The values of an authentication are read again for each request. No two requests share a random draw, and a request
//! may use the values that its own flow captures.

use super::auth_keys::NONE;
use super::document::{Node, Value};
use super::fields::{Fields, KeyValue};
use super::grammar::{listed, nearest};
use super::http;
use super::oauth;
use super::reading::ScenarioReader;
use super::sigv4;
use crate::encoding::Encoding;
use crate::rules;
use crate::scenario::Signature;
use crate::template::{Template, TemplatePart};
use std::cell::Cell;
use std::collections::BTreeMap;

/// The name of the header that contains the credentials.
const HEADER: &str = "authorization";
/// The headers that an authentication sets. Every authentication sets the first of these headers. A signature sets all
/// of them.
const HEADERS: [&str; 3] = ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"];
/// The maximum length in bytes of the fixed text of a value. The limit exists because every request that uses the
/// authentication contains a copy of this text.
const VALUE_BYTES_MAX: usize = 8 << 10;

/// The authentications of a scenario, by name.
#[derive(Debug, Default)]
pub(super) struct Auths<'n> {
    named: BTreeMap<&'n str, Auth<'n>>,
    /// Whether all authentications of the scenario could be read.
    whole: bool,
    /// Whether a request names an authentication that the scenario does not declare.
    missed: Cell<bool>,
    /// The authentication of requests that do not name an authentication.
    default: Option<&'n str>,
}

/// One authentication of a scenario.
#[derive(Debug)]
struct Auth<'n> {
    written: &'n Node,
    method: Method<'n>,
    used: Cell<bool>,
    /// Whether a problem with the values of this authentication has already been reported.
    refused: Cell<bool>,
}

#[derive(Debug)]
enum Method<'n> {
    Basic {
        user: &'n Node,
        password: &'n Node,
    },
    Bearer(&'n Node),
    /// OAuth 2.0. The number of the token request is set when the first request that uses the authentication is read.
    OAuth(KeyValue<'n>, Cell<Option<u32>>),
    Sigv4(KeyValue<'n>),
}

impl Method<'_> {
    /// Returns the names of the headers that the authentication sets.
    fn headers(&self) -> &'static [&'static str] {
        match self {
            Method::Sigv4(_) => &HEADERS,
            Method::Basic { .. } | Method::Bearer(_) | Method::OAuth(..) => &HEADERS[..1],
        }
    }
}

/// The result of reading an authentication for one request.
enum Credentials {
    /// The value of the header that contains the credentials.
    Header(Template),
    Signature(Signature),
}

/// Reads the key `auth` of the scenario.
pub(super) fn read<'n>(reading: &mut ScenarioReader<'_>, fields: &Fields<'n>) -> Auths<'n> {
    let mut auths = Auths {
        whole: true,
        ..Auths::default()
    };
    let Some(entry) = fields.get("auth") else {
        auths.whole = fields.may_lack("auth");
        return auths;
    };
    for (written, name, node) in entry.named(reading) {
        let method = match rules::is_variable_name(name) && name != NONE {
            true => method(reading, node),
            false => {
                let message = format!("`{name}` is not a name of an authentication");
                let help = format!("use letters, digits, `_` and `-`, but not `{NONE}`");
                reading.problem(written, message, help)
            }
        };
        let Some(method) = method else {
            auths.whole = false;
            continue;
        };
        let auth = Auth {
            written,
            method,
            used: Cell::new(false),
            refused: Cell::new(false),
        };
        auths.named.insert(name, auth);
    }
    auths.whole &= matches!(entry.value.value, Value::Map(_));
    auths
}

fn method<'n>(reading: &mut ScenarioReader<'_>, node: &'n Node) -> Option<Method<'n>> {
    let fields = Fields::read(reading, &super::auth_keys::AUTH, node)?;
    let entry = *fields.entries().first()?;
    match entry.key.name {
        "basic" => {
            let fields = entry.map(reading)?;
            let (user, password) = (fields.get("user"), fields.get("password"));
            let (user, password) = (user?.value, password?.value);
            Some(Method::Basic { user, password })
        }
        "bearer" => Some(Method::Bearer(entry.value)),
        "oauth" => Some(Method::OAuth(entry, Cell::new(None))),
        _ => Some(Method::Sigv4(entry)),
    }
}

impl<'n> Auths<'n> {
    /// Sets the authentication for requests that do not name an authentication. `headers` are the default headers.
    pub fn set_default(
        &mut self,
        reading: &mut ScenarioReader<'_>,
        entry: KeyValue<'n>,
        headers: Option<KeyValue<'_>>,
    ) -> Option<()> {
        self.default = self.find(reading, entry.value)?;
        match self.default {
            Some(name) => {
                let set = self.named[name].method.headers();
                no_own_header(reading, headers, set, "write one of them")
            }
            None => Some(()),
        }
    }

    /// Returns the name of a declared authentication; `Some(None)` for the word `none`.
    fn find(&self, reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Option<&'n str>> {
        let name = reading.text("auth", node)?;
        if name == NONE {
            return Some(None);
        }
        if let Some((known, _)) = self.named.get_key_value(name) {
            return Some(Some(known));
        }
        // If an authentication could not be read, its problem is already reported at its declaration.
        if !self.whole {
            return None;
        }
        self.missed.set(true);
        let known = || self.named.keys().copied();
        let help = match (nearest(name, known()), self.named.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, true) => format!("declare it: `auth: {{ {name}: {{ bearer: '{{{{ secret \"env:TOKEN\" }}}}' }} }}`"),
            (None, false) => format!("write `none`, or one of {}", listed(known())),
        };
        reading.problem(node, format!("the authentication `{name}` is not declared"), help)
    }

    /// Adds the header of a request's authentication to `headers`, or returns the signature of the request. `fields`
    /// are the keys of the request.
    pub fn apply(
        &self,
        reading: &mut ScenarioReader<'_>,
        fields: Option<&Fields<'_>>,
        headers: Option<&mut Vec<(String, Template)>>,
    ) -> Option<Option<Signature>> {
        let name = match fields.and_then(|fields| fields.get("auth")) {
            Some(entry) => self.find(reading, entry.value)?,
            None if fields.is_none_or(|fields| fields.may_lack("auth")) => self.default,
            None => return None,
        };
        let Some((name, auth)) = name.and_then(|name| self.named.get_key_value(name)) else {
            return Some(None);
        };
        auth.used.set(true);
        let own = fields.and_then(|fields| fields.get("headers"));
        let set = auth.method.headers();
        no_own_header(reading, own, set, "remove the header, or write `auth: none`")?;
        if auth.refused.get() {
            return None;
        }
        let Some(credentials) = auth.credentials(reading, name) else {
            auth.refused.set(true);
            return None;
        };
        let headers = headers?;
        headers.retain(|(name, _)| !set.iter().any(|set| name.eq_ignore_ascii_case(set)));
        match credentials {
            Credentials::Header(value) => headers.push((HEADER.to_owned(), value)),
            Credentials::Signature(signature) => {
                let at = own.map_or(auth.written, |entry| entry.written);
                sigv4::check_headers(reading, at, headers)?;
                return Some(Some(signature));
            }
        }
        Some(None)
    }

    /// Reports the authentications that no request uses. Authentications of included files are not reported, because
    /// another scenario may use them.
    pub fn check_used(&self, reading: &mut ScenarioReader<'_>) -> Option<()> {
        let mut all = Some(());
        let unused = |auth: &Auth<'_>| !auth.used.get() && !self.missed.get();
        for (name, auth) in self.named.iter().filter(|(_, auth)| unused(auth)) {
            if reading.is_included(auth.written) {
                continue;
            }
            let message = format!("no request uses the authentication `{name}`");
            let help = format!("write `defaults: {{ auth: {name} }}`, write `auth: {name}` in a request, or remove it");
            all = reading.problem(auth.written, message, help);
        }
        all.filter(|()| self.whole && !self.missed.get())
    }
}

impl Auth<'_> {
    /// Returns the credentials of an authentication for the request that is being read.
    fn credentials(&self, reading: &mut ScenarioReader<'_>, name: &str) -> Option<Credentials> {
        let (scheme, value) = match &self.method {
            Method::Basic { user, password } => ("Basic ", basic(reading, user, password)?),
            Method::Bearer(node) => ("Bearer ", token(reading, node)?),
            Method::OAuth(entry, number) => {
                let token = match number.get() {
                    Some(known) => known,
                    None => {
                        let request = oauth::request(reading, name, entry)?;
                        reading.tokens.push(request);
                        reading.tokens.len() as u32 - 1
                    }
                };
                number.set(Some(token));
                ("Bearer ", Template(vec![TemplatePart::Token { token }]))
            }
            Method::Sigv4(entry) => return sigv4::read(reading, entry).map(Credentials::Signature),
        };
        let mut header = Template::fixed(scheme);
        value.0.into_iter().for_each(|part| header.push(part));
        Some(Credentials::Header(header))
    }
}

/// Reports a header of the request if the authentication sets the same header.
fn no_own_header(
    reading: &mut ScenarioReader<'_>,
    headers: Option<KeyValue<'_>>,
    set: &[&str],
    help: &str,
) -> Option<()> {
    let Some(Value::Map(pairs)) = headers.map(|entry| &entry.value.value) else {
        return Some(());
    };
    let own = pairs.iter().find_map(|(key, _)| {
        let name = key.text()?;
        let mut set = set.iter();
        Some((key, set.find(|set| name.eq_ignore_ascii_case(set))?))
    });
    match own {
        Some((own, name)) => reading.problem(own, format!("`auth` sets the `{name}` header, too"), help),
        None => Some(()),
    }
}

fn token(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Template> {
    let value = http::header_value(reading, node, "bearer")?;
    let value = bounded(reading, node, value)?;
    match value.as_fixed() {
        Some("") => reading.problem(node, "the token is empty", "write the token"),
        _ => Some(value),
    }
}

/// Returns `user:password` in base64.
fn basic(reading: &mut ScenarioReader<'_>, user: &Node, password: &Node) -> Option<Template> {
    let mut joined = credential(reading, user, "user");
    let password = credential(reading, password, "password")?;
    let colon = |part: &TemplatePart| matches!(part, TemplatePart::Text(text) if text.contains(':'));
    if joined.as_ref().is_some_and(|user| user.0.iter().any(colon)) {
        let help = "RFC 7617 ends the name at the first `:`; use another name";
        return reading.problem(user, "the user name contains a `:`", help);
    }
    let joined = joined.as_mut()?;
    joined.push(TemplatePart::Text(":".to_owned()));
    password.0.into_iter().for_each(|part| joined.push(part));
    Some(std::mem::take(joined).encoded(Encoding::Base64))
}

/// Reads a part of the credentials that the worker encodes when the request is sent.
fn credential(reading: &mut ScenarioReader<'_>, node: &Node, what: &str) -> Option<Template> {
    let text = reading.spelt(what, node)?;
    let value = reading.template(node, &text)?;
    let value = bounded(reading, node, value)?;
    if value.0.iter().any(|part| matches!(part, TemplatePart::Encoded { .. })) {
        let message = format!("a placeholder of `{what}` must not be encoded: `basic` encodes the whole");
        return reading.problem(
            node,
            message,
            "remove `base64`, `hex` or `sha256`, or write the header yourself",
        );
    }
    Some(value)
}

fn bounded(reading: &mut ScenarioReader<'_>, node: &Node, value: Template) -> Option<Template> {
    let texts = value.0.iter().flat_map(TemplatePart::values).map(|part| match part {
        TemplatePart::Text(text) => text.len(),
        _ => 0,
    });
    if texts.sum::<usize>() > VALUE_BYTES_MAX {
        let message = format!("the value has more than {VALUE_BYTES_MAX} bytes");
        return reading.problem(node, message, "use a shorter value: servers reject longer headers");
    }
    Some(value)
}
