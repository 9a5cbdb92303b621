//! Requests as they were found in the input, and their conversion to requests of a scenario.
//!
//! Credentials are replaced by references to secrets. Headers that belong to a connection, or that a browser adds, are
//! removed. Text that a scenario cannot contain is encoded or left out.

use crate::error::ImportError;
use crate::left_out::{LeftOuts, shown};
use crate::model::{Body, Capture, Header, Request};
use crate::secrets::{self, Secrets};
use crate::text::{Part, Text, Value};
use crate::{Base, Options, form, json_text, uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plan::rules;
use plan::scenario_file::HEADERS_MAX;
use plan::secret;
use plan::token::is_token;
use std::time::Duration;

/// The maximum size of a body in a scenario, in bytes. A longer body must be a separate file.
const BODY_BYTES_MAX: usize = 64 << 10;

/// The headers that belong to one connection or to one message. Every client sets these headers itself.
const OF_CONNECTION: [&str; 9] = [
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// The headers that a browser adds to each request.
const OF_BROWSER: [&str; 3] = ["host", "priority", "upgrade-insecure-requests"];
/// The content codings that workers can decode.
const CODINGS: [&str; 5] = ["gzip", "x-gzip", "deflate", "identity", "*"];

/// A request as it was found in the input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub place: String,
    /// The preferred name of the request. Empty if the input contains no name for the request.
    pub name: String,
    pub method: String,
    /// An absolute URL, or a path that is appended to the target of the scenario.
    pub url: Text,
    pub headers: Vec<(String, Text)>,
    pub body: FoundBody,
    pub timeout: Option<Duration>,
    pub follow_redirects: Option<u8>,
    pub statuses: Option<String>,
    pub captures: Vec<Capture>,
    /// Whether a browser made the request. If so, some of the headers were added by the browser.
    pub by_browser: bool,
}

/// The body of a request, as it was found in the input.
#[derive(Clone, Debug, Default)]
pub(crate) enum FoundBody {
    #[default]
    None,
    Text(Text),
    /// The path of a file, and the folder to which the path is relative.
    File(String, Base),
}

impl Found {
    pub(crate) fn header(&self, name: &str) -> Option<&Text> {
        let same = |(other, _): &&(String, Text)| other.eq_ignore_ascii_case(name);
        self.headers.iter().find(same).map(|(_, value)| value)
    }
}

/// The state of one import.
pub(crate) struct Import<'a> {
    pub options: &'a Options<'a>,
    pub secrets: Secrets,
    pub left_out: LeftOuts,
}

impl Import<'_> {
    /// Converts a request to a request of the scenario. If the request cannot be sent, returns `None` and adds the
    /// request to the list of parts that were left out.
    pub(crate) fn request(&mut self, found: Found) -> Option<Request> {
        let place = found.place.clone();
        let method = method(&found.method);
        if !is_token(&method) || method == "CONNECT" {
            self.left_out
                .add(&place, "the request: its method cannot be sent in a load test");
            return None;
        }
        let (url, user) = match uri::clean(found.url.clone()) {
            Ok(read) => read,
            Err(why) => {
                self.left_out.add(&place, format!("the request: {why}"));
                return None;
            }
        };
        let url = self.query(url, &place);
        let mut headers = self.headers(&found, &place);
        if let Some(user) = user
            && !headers
                .iter()
                .any(|header| header.name.eq_ignore_ascii_case("authorization"))
        {
            let value = format!("Basic {}", STANDARD.encode(user));
            self.add_header(&mut headers, "Authorization", Text::literal(value), &place);
        }
        let body = self.body(&found, &place);
        let by_default = match body {
            Body::None => "GET",
            _ => "POST",
        };
        Some(Request {
            name: found.name,
            method: (method != by_default).then_some(method),
            url: Some(url),
            headers,
            body,
            timeout: found.timeout,
            follow_redirects: found.follow_redirects,
            statuses: found.statuses,
            captures: found.captures,
        })
    }

    /// Returns the path of a file in the form that the scenario contains. Returns `None` if this form is not known, or
    /// if the path contains `{{`, because a path in a scenario cannot be escaped.
    pub(crate) fn path(&self, base: Base, path: &str) -> Option<String> {
        let path = (self.options.place)(base, path)?;
        (!path.is_empty() && !path.contains("{{")).then_some(path)
    }

    /// Replaces credentials in the path and the query of a URL by references to secrets.
    fn query(&mut self, url: Text, place: &str) -> Text {
        let (mut out, path) = url.split_url();
        let (path, query) = path.split_before(|c| c == '?');
        for part in path.parts() {
            match part {
                Part::Value(Value::Environment(name), _) if secret::credential(name).is_some() => {
                    out.append(self.without_environment(Text::of(part.clone()), place));
                }
                part => out.push(part.clone()),
            }
        }
        if query.is_empty() {
            return out;
        }
        // In the query, variables of a shell become secrets. In the host they do not, because a host must not contain a
        // secret.
        let query = self.without_environment(query, place);
        for (at, parameter) in query.split('&').into_iter().enumerate() {
            if at > 0 {
                out.push_literal("&");
            }
            out.append(self.parameter(parameter, "", place));
        }
        out
    }

    /// Replaces the value of a parameter `name=value` by a reference to a secret, if the value is a credential.
    fn parameter(&mut self, parameter: Text, of: &str, place: &str) -> Text {
        let Some((name, value)) = parameter.split_once('=') else {
            return parameter;
        };
        let plain = uri::decoded(name.as_literal().unwrap_or_default());
        let plain = plain.trim_start_matches('?');
        let Some(literal) = value.as_literal().filter(|literal| !literal.is_empty()) else {
            return parameter;
        };
        if !secrets::is_secret(plain, literal) {
            return parameter;
        }
        let what = format!("the value of the parameter {}{of}", shown(plain));
        let mut out = name.clone();
        out.push_literal("=");
        match self.secrets.replace(plain, &uri::decoded(literal), &what, place) {
            Some(secret) => out.push(Part::Value(secret, crate::text::Form::AsIs)),
            None => self.too_many(place),
        }
        out
    }

    fn too_many(&mut self, place: &str) {
        self.left_out
            .add(place, "the value of a credential: the file has too many different ones");
    }

    /// Replaces references to environment variables by references to secrets.
    fn without_environment(&mut self, text: Text, place: &str) -> Text {
        let mut out = Text::default();
        for part in text.parts() {
            let Part::Value(Value::Environment(name), form) = part else {
                out.push(part.clone());
                continue;
            };
            match self
                .secrets
                .named(name, "an environment variable that the input names", place)
            {
                Some(secret) => out.push(Part::Value(secret, *form)),
                None => self.too_many(place),
            }
        }
        out
    }

    fn headers(&mut self, found: &Found, place: &str) -> Vec<Header> {
        let mut headers = Vec::new();
        for (name, value) in &with_one_cookie_field(&found.headers) {
            let lower = name.to_ascii_lowercase();
            let of_browser = found.by_browser && (OF_BROWSER.contains(&lower.as_str()) || lower.starts_with("sec-"));
            if lower.starts_with(':') || lower == "content-length" || of_browser {
                continue;
            }
            if lower == "connection" || OF_CONNECTION.contains(&lower.as_str()) {
                if !found.by_browser {
                    let hint = match lower.as_str() {
                        "connection" => "; the key `connections` sets it",
                        _ => "",
                    };
                    self.left_out
                        .add(place, format!("the header {name}, which belongs to a connection{hint}"));
                }
                continue;
            }
            if !is_token(name) || value.literals().any(|text| !rules::fits_header(text)) {
                let what = "a header with a character that is not allowed there";
                self.left_out.add(place, what);
                continue;
            }
            let several = headers.iter().map(|header: &Header| header.values.len()).sum::<usize>();
            if several >= HEADERS_MAX {
                self.left_out
                    .add(place, format!("headers beyond the first {HEADERS_MAX}"));
                break;
            }
            self.add_header(&mut headers, name, value.clone(), place);
        }
        headers
    }

    fn add_header(&mut self, headers: &mut Vec<Header>, name: &str, value: Text, place: &str) {
        let lower = name.to_ascii_lowercase();
        let is_present = headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
        if is_present && ["host", "authorization"].contains(&lower.as_str()) {
            return;
        }
        let value = self.without_environment(value, place);
        let value = match (lower.as_str(), value.as_literal()) {
            ("accept-encoding", Some(literal)) => match self.codings(literal, place) {
                Some(codings) => Text::literal(codings),
                None => return,
            },
            ("referer" | "origin" | "location", Some(_)) => self.query(value, place),
            (_, Some(literal)) if secrets::is_secret_header(name, literal) => {
                match self.secrets.header(name, literal, place) {
                    Ok(value) => value,
                    Err(why) => return self.left_out.add(place, format!("the header {name}: {why}")),
                }
            }
            _ => value,
        };
        Header::add(headers, name, value);
    }

    /// Returns the codings of an `Accept-Encoding` header that workers can decode. Returns `None` if workers can decode
    /// none of them.
    fn codings(&mut self, value: &str, place: &str) -> Option<String> {
        let named = |coding: &&str| {
            let name = coding.split(';').next().unwrap_or_default().trim();
            CODINGS.contains(&name.to_ascii_lowercase().as_str())
        };
        let all = value.split(',').map(str::trim).filter(|coding| !coding.is_empty());
        let (kept, others): (Vec<&str>, Vec<&str>) = all.partition(named);
        if !others.is_empty() {
            let others = shown(&others.join(", "));
            let what = format!("the codings {others} of Accept-Encoding, which workers do not decode");
            self.left_out.add(place, what);
        }
        (!kept.is_empty()).then(|| kept.join(", "))
    }

    fn body(&mut self, found: &Found, place: &str) -> Body {
        let text = match &found.body {
            FoundBody::None => return Body::None,
            FoundBody::File(path, base) => {
                return match self.path(*base, path) {
                    Some(path) => Body::File(path),
                    None => {
                        self.left_out
                            .add(place, "the body: a scenario cannot contain the path of its file");
                        Body::None
                    }
                };
            }
            FoundBody::Text(text) => text.clone(),
        };
        if text.literals().map(str::len).sum::<usize>() > BODY_BYTES_MAX {
            let what = format!(
                "the body, which is larger than {} KiB; keep it in a file, and write `body: {{ file: … }}`",
                BODY_BYTES_MAX >> 10
            );
            self.left_out.add(place, what);
            return Body::None;
        }
        let kind = found
            .header("content-type")
            .and_then(Text::as_literal)
            .unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        let text = self.without_environment(text, place);
        if kind.contains("x-www-form-urlencoded") && !text.head().trim_start().starts_with(['{', '[']) {
            let mut out = Text::default();
            for (at, parameter) in text.split('&').into_iter().enumerate() {
                if at > 0 {
                    out.push_literal("&");
                }
                out.append(self.parameter(parameter, " of a form, percent-encoded", place));
            }
            return Body::Text(out);
        }
        if let Some((_, boundary)) = kind.split_once("boundary=") {
            let length = boundary.split(';').next().unwrap_or_default().trim().len();
            let own = found
                .header("content-type")
                .and_then(Text::as_literal)
                .unwrap_or_default();
            let begin = kind.len() - boundary.len();
            let boundary = own[begin..begin + length].trim_matches('"');
            return Body::Text(form::without_secrets(&text, boundary, place, &mut self.secrets));
        }
        Body::Text(json_text::without_secrets(&text, |name, value| {
            let what = format!("the field {} of a body", shown(name));
            self.secrets.replace(name, value, &what, place)
        }))
    }
}

/// Returns the method of a request. The names of standard methods are converted to upper case.
fn method(text: &str) -> String {
    const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    let upper = text.to_ascii_uppercase();
    match METHODS.contains(&upper.as_str()) {
        true => upper,
        false => text.to_owned(),
    }
}

/// Returns the error for a file that contains no request.
pub(crate) fn no_requests(what: &str) -> ImportError {
    ImportError::new("the file", format!("it contains no {what} that can be sent"), "")
}

/// Joins the `Cookie` fields of a request. HTTP/2 may send the cookies of a request in several fields, and servers join
/// the values of these fields with `; ` (RFC 9113, 8.2.3).
fn with_one_cookie_field(fields: &[(String, Text)]) -> Vec<(String, Text)> {
    let mut joined: Vec<(String, Text)> = Vec::new();
    for (name, value) in fields {
        let is_cookie = name.eq_ignore_ascii_case("cookie");
        let earlier = joined
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case("cookie"));
        match earlier.filter(|_| is_cookie) {
            Some((_, cookies)) => {
                cookies.push_literal("; ");
                cookies.append(value.clone());
            }
            None => joined.push((name.clone(), value.clone())),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_fields_of_a_request_become_one_field() {
        let field = |name: &str, value: &str| (name.to_owned(), Text::literal(value));
        let fields = [field("cookie", "a=1"), field("X-A", "b"), field("Cookie", "c=2")];
        let joined = with_one_cookie_field(&fields);
        let shown: Vec<(&str, Option<&str>)> = joined
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_literal()))
            .collect();
        assert_eq!(shown, [("cookie", Some("a=1; c=2")), ("X-A", Some("b"))]);
    }
}
