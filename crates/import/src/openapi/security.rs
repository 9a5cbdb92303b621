//! Reads security schemes. The document does not contain credentials, so the scenario refers to secrets instead.

use super::references::resolve;
use crate::found::{Found, Import};
use crate::left_out::shown;
use crate::secrets::BASIC;
use crate::text::{Form, Part, Text};
use crate::tree::At;

/// The security schemes of a document.
pub(super) struct Security<'a> {
    root: At<'a>,
}

impl<'a> Security<'a> {
    pub(super) fn new(root: &At<'a>) -> Security<'a> {
        Security { root: root.clone() }
    }

    /// Adds the credentials for an operation to a request. Of several alternatives, the first is used.
    pub(super) fn apply(&mut self, operation: &At<'a>, found: &mut Found, import: &mut Import<'_>) {
        let Some(required) = operation.get("security").or_else(|| self.root.get("security")) else {
            return;
        };
        let alternatives: Vec<At<'a>> = required.items().collect();
        // An empty alternative means that the operation permits requests without credentials.
        if alternatives.iter().any(|one| one.entries().next().is_none()) {
            return;
        }
        let Some(first) = alternatives.first() else { return };
        for (name, at) in first.entries() {
            let components = self.root.get("components");
            let scheme = components.and_then(|all| all.get("securitySchemes")?.get(name));
            match scheme.map(|scheme| resolve(&self.root, scheme)) {
                Some(Ok(scheme)) => add(name, &scheme, found, import),
                Some(Err(problem)) => import.left_out.add(&at.place(), problem),
                None => {
                    let what = format!("the security scheme {}, which is not defined", shown(name));
                    import.left_out.add(&at.place(), what);
                }
            }
        }
    }
}

fn add(name: &str, scheme: &At<'_>, found: &mut Found, import: &mut Import<'_>) {
    let place = scheme.place();
    let text_of = |key: &str| scheme.text_of(key).unwrap_or_default();
    let kind = text_of("scheme").to_ascii_lowercase();
    let shown_name = shown(name);
    let (variable, what) = match (text_of("type"), kind.as_str()) {
        ("http", "basic") => ("BASIC_CREDENTIALS", BASIC.to_owned()),
        ("http", "bearer") => ("BEARER_TOKEN", format!("a token for the security scheme {shown_name}")),
        ("apiKey", _) => (name, format!("the key for the security scheme {shown_name}")),
        ("oauth2" | "openIdConnect", _) => {
            let what = format!("the security scheme {shown_name}: get an access token yourself");
            import.left_out.add(&place, what);
            (
                "ACCESS_TOKEN",
                format!("an access token for the security scheme {shown_name}"),
            )
        }
        (other, _) => {
            let what = format!("the security scheme {shown_name} of type {}", shown(other));
            return import.left_out.add(&place, what);
        }
    };
    let Some(secret) = import.secrets.named(variable, &what, &place) else {
        return import
            .left_out
            .add(&place, "a credential: there are too many different ones");
    };
    let value = Text::value(secret.clone());
    let in_header = |scheme: &str, value: Text| {
        let mut header = Text::literal(format!("{scheme} "));
        header.append(value);
        ("Authorization".to_owned(), header)
    };
    let parameter = text_of("name");
    match (text_of("type"), kind.as_str(), text_of("in")) {
        ("http", "basic", _) => {
            let mut encoded = Text::default();
            encoded.push(Part::Value(secret, Form::Base64));
            found.headers.push(in_header("Basic", encoded));
        }
        ("apiKey", _, "header") => found.headers.push((parameter.to_owned(), value)),
        ("apiKey", _, "query") => {
            let joint = match found.url.literals().any(|text| text.contains('?')) {
                true => "&",
                false => "?",
            };
            found
                .url
                .push_literal(&format!("{joint}{}=", crate::uri::component(parameter)));
            found.url.append(value);
        }
        ("apiKey", _, "cookie") => {
            let mut cookie = Text::literal(format!("{parameter}="));
            cookie.append(value);
            found.headers.push(("Cookie".to_owned(), cookie));
        }
        ("apiKey", ..) => import
            .left_out
            .add(&place, format!("the security scheme {shown_name}, which is nowhere")),
        _ => found.headers.push(in_header("Bearer", value)),
    }
}
