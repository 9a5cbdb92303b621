//! A request of the API: the resource that it asks for, the user who sends it, and the form of the answer.

use super::Shared;
use super::access::{self, Attributes, User};
use super::failure::Failure;
use hyper::Method;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::BTreeMap;

/// The form of the objects in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    /// A table for kubectl, which prints the table.
    Table,
    Metadata,
}

#[derive(Debug)]
pub(super) struct Call {
    pub method: Method,
    pub segments: Vec<String>,
    pub query: BTreeMap<String, String>,
    pub user: User,
    pub content_type: String,
    pub form: Form,
    /// The name of the client in the header `User-Agent`.
    pub agent: String,
    pub host: String,
    pub body: Value,
}

/// The part of a path that names a resource or an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub group: String,
    pub version: String,
    pub plural: String,
    /// The namespace; `None` for all namespaces, and for objects without a namespace.
    pub namespace: Option<String>,
    pub name: String,
    pub subresource: String,
}

impl Call {
    /// Reads a request. If the request contains no token, `token` is used.
    pub(super) fn new(shared: &Shared, token: &str, head: &Parts, body: &[u8]) -> Result<Call, Failure> {
        let Parts {
            method, uri, headers, ..
        } = head;
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        let token = header("authorization").strip_prefix("Bearer ").unwrap_or(token);
        let user = shared
            .user(token)
            .ok_or_else(|| Failure::new(401, "Unauthorized", "Unauthorized"))?;
        let content_type = header("content-type").split(';').next().unwrap_or_default().to_owned();
        let body = match body {
            [] => Value::Null,
            _ => serde_json::from_slice(body).map_err(|error| match content_type.contains("json") {
                true => Failure::bad_request(format!("the body of the request is not JSON: {error}")),
                false => Failure::unsupported_media(),
            })?,
        };
        let accept = header("accept");
        Ok(Call {
            method: method.clone(),
            segments: uri.path().trim_matches('/').split('/').map(decode).collect(),
            query: query.collect(),
            user,
            content_type,
            form: match (accept.contains("as=Table"), accept.contains("as=PartialObjectMetadata")) {
                (true, _) => Form::Table,
                (_, true) => Form::Metadata,
                _ => Form::Whole,
            },
            agent: header("user-agent").split('/').next().unwrap_or_default().to_owned(),
            host: header("host").to_owned(),
            body,
        })
    }

    pub(super) fn option(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self.option(name), "true" | "1")
    }

    /// Returns the resource or the object that the path names; `None` if the path names neither.
    pub(super) fn target(&self) -> Option<Target> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let (group, version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let of_namespace = ["status", "finalize"];
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if rest.first().is_some_and(|first| !of_namespace.contains(first)) => {
                (Some((*namespace).to_owned()), rest)
            }
            _ => (None, rest),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (*plural, "", ""),
            [plural, name] => (*plural, *name, ""),
            [plural, name, subresource] => (*plural, *name, *subresource),
            _ => return None,
        };
        Some(Target {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespace,
            name: name.to_owned(),
            subresource: subresource.to_owned(),
        })
    }

    pub(super) fn verb(&self, target: &Target) -> &'static str {
        let is_one = !target.name.is_empty();
        match (self.method.as_str(), is_one) {
            ("GET", true) => "get",
            ("GET", false) if self.is("watch") => "watch",
            ("GET", false) => "list",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            ("DELETE", true) => "delete",
            ("DELETE", false) => "deletecollection",
            _ => "",
        }
    }

    pub(super) fn attributes(&self, target: &Target) -> Attributes {
        Attributes {
            verb: self.verb(target).to_owned(),
            group: target.group.clone(),
            resource: target.plural.clone(),
            subresource: target.subresource.clone(),
            namespace: target.namespace.clone().unwrap_or_default(),
            name: target.name.clone(),
        }
    }

    /// Returns whether the user may perform an action. A test may forbid actions even to the administrator.
    pub(super) fn may(&self, shared: &Shared, attributes: &Attributes) -> bool {
        let full = match attributes.subresource.as_str() {
            "" => attributes.resource.clone(),
            subresource => format!("{}/{subresource}", attributes.resource),
        };
        // Only one lock is held at a time, because other code takes the two locks in the opposite order.
        let is_forbidden = shared.orders().is_forbidden(&attributes.verb, &full);
        !is_forbidden && access::is_allowed(&shared.storage(), &self.user, attributes)
    }
}
