//! Secrets of a plan: looked up once by each worker, before the start, and kept in its memory only.
//!
//! A plan has references. A value never gets into anything that is stored, logged or shown: what
//! goes wrong with one is said by its reference.

mod account;
#[cfg(not(feature = "aws"))]
mod no_vaults;
mod variables;
#[cfg(feature = "aws")]
mod vaults;

pub use account::Account;
pub use variables::Variables;

use plan::plan::Plan;
use plan::scenario::{Body, Request};
use plan::secret::{Keeper, Reference};
use plan::template::{Template, TemplatePart};
use std::collections::BTreeMap;
use std::pin::Pin;
use tokio::time::Instant;

/// A value that nobody gets to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Keeps a value.
    pub fn new(value: impl Into<Box<str>>) -> Secret {
        Secret(value.into())
    }

    /// The value itself, to be sent and never to be shown.
    pub(crate) fn value(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Looking a secret up, which takes until `until` at the most; or a sentence that says why there is
/// none and what would help, without the name and never with a value.
pub type Looking<'a> = Pin<Box<dyn Future<Output = Result<Secret, String>> + Send + 'a>>;

/// Where a worker finds secrets.
pub trait SecretSource: std::fmt::Debug + Send + Sync {
    /// Looks up the whole of a secret.
    fn look_up<'a>(&'a self, keeper: Keeper, name: &'a str, until: Instant) -> Looking<'a>;
}

/// Looks up every secret that a plan refers to, in the plan's order.
///
/// # Errors
/// A sentence that names the reference.
pub(crate) async fn resolve(plan: &Plan, source: &dyn SecretSource, until: Instant) -> Result<Vec<Secret>, String> {
    let mut whole: BTreeMap<(Keeper, &str), Secret> = BTreeMap::new();
    let mut secrets = Vec::new();
    for reference in &plan.secrets {
        let said = |problem: String| format!("the secret {reference} cannot be used: {problem}");
        let kept = (reference.keeper, reference.name.as_str());
        let secret = match whole.get(&kept) {
            Some(known) => known.clone(),
            None => {
                let found = tokio::time::timeout_at(until, source.look_up(reference.keeper, &reference.name, until))
                    .await
                    .unwrap_or_else(|_| Err("it could not be looked up before the start timeout".to_owned()))
                    .map_err(said)?;
                whole.insert(kept, found.clone());
                found
            }
        };
        let secret = match &reference.key {
            Some(key) => field(&secret, key).map_err(said)?,
            None => secret,
        };
        if secret.value().is_empty() {
            return Err(said("it is empty; store a value".to_owned()));
        }
        secrets.push(secret);
    }
    for request in &plan.requests {
        fits(request, &plan.secrets, &secrets)?;
    }
    Ok(secrets)
}

/// A field of a secret that is a JSON object.
fn field(secret: &Secret, key: &str) -> Result<Secret, String> {
    use serde_json::Value;
    // What the parser says may quote the value.
    let Ok(Value::Object(fields)) = serde_json::from_str(secret.value()) else {
        return Err(format!("it is not a JSON object; leave out `#{key}`, or store one"));
    };
    match fields.get(key) {
        Some(Value::String(text)) => Ok(Secret::new(text.as_str())),
        Some(plain @ (Value::Number(_) | Value::Bool(_))) => Ok(Secret::new(plain.to_string())),
        Some(_) => Err(format!("its field `{key}` is not text; refer to a field that is")),
        None => Err(format!("it has no field `{key}`; correct the name behind `#`")),
    }
}

/// Checks that the secrets of a request can stand where it has them.
fn fits(request: &Request, references: &[Reference], secrets: &[Secret]) -> Result<(), String> {
    let url = |c: char| !c.is_ascii_graphic() || "\"#<>\\^`{|}".contains(c);
    let header = |c: char| c.is_ascii_control() && c != '\t';
    let all = |_: char| false;
    let bad = |template: &Template, bad: &dyn Fn(char) -> bool| {
        let parts = template.0.iter().flat_map(|part| {
            let encoded = matches!(part, TemplatePart::Base64 { .. });
            part.values().iter().map(move |value| (value, encoded))
        });
        parts.into_iter().find_map(|(part, encoded)| match part {
            TemplatePart::Secret { secret, form } => {
                let number = *secret as usize;
                let Some((reference, secret)) = references.get(number).zip(secrets.get(number)) else {
                    return Some(format!("secret {number}, which the plan does not have"));
                };
                let unfit = !encoded && form.is_verbatim() && secret.value().chars().any(bad);
                unfit.then(|| reference.to_string())
            }
            _ => None,
        })
    };
    let name = &request.name;
    if let Some(secret) = bad(&request.url, &url) {
        return Err(format!(
            "the secret {secret} cannot be used: it has a character that the URL of {name} may not have; leave \
             `raw` out of its placeholder, so that it is percent-encoded"
        ));
    }
    for (header_name, value) in &request.headers {
        if let Some(secret) = bad(value, &header) {
            return Err(format!(
                "the secret {secret} cannot be used: it has a line break or control character, and the header \
                 `{header_name}` of {name} is one line; store it without, often at its end"
            ));
        }
    }
    match &request.body {
        Body::Inline(template) => match bad(template, &all) {
            Some(secret) => Err(format!("the body of {name} has {secret}")),
            None => Ok(()),
        },
        Body::Empty | Body::Blob(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
