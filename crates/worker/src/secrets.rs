//! The secrets of a plan. Each worker looks up the secrets once, before the start, and keeps them only in memory.
//!
//! A plan contains only references to secrets. Invariant: the value of a secret is never stored, logged or shown. An
//! error contains the reference, but not the value.

mod account;
#[cfg(not(feature = "aws"))]
mod no_vaults;
mod variables;
#[cfg(feature = "aws")]
mod vaults;

pub use account::Account;
pub use variables::Variables;

use plan::plan::Plan;
use plan::scenario::{Body, BodyPiece, Request};
use plan::secret::{Keeper, Reference};
use plan::template::{Template, TemplatePart};
use std::collections::BTreeMap;
use std::pin::Pin;
use tokio::time::Instant;

/// A secret value. The debug form does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Creates a secret from its value.
    pub fn new(value: impl Into<Box<str>>) -> Secret {
        Secret(value.into())
    }

    /// Returns the value itself. The value may be sent in a request, but must never be shown.
    pub(crate) fn value(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A look-up of a secret. The look-up ends at its deadline at the latest. An error has the form `problem; hint`, and
/// does not contain the value of the secret.
pub type Looking<'a> = Pin<Box<dyn Future<Output = Result<Secret, String>> + Send + 'a>>;

/// A source of secrets.
pub trait SecretSource: std::fmt::Debug + Send + Sync {
    /// Looks up a secret with all its fields. The look-up ends at `until` at the latest.
    fn look_up<'a>(&'a self, keeper: Keeper, name: &'a str, until: Instant) -> Looking<'a>;
}

/// Looks up every secret that a plan refers to. The values are in the order of the plan.
///
/// # Errors
/// Returns a sentence that names the reference.
pub(crate) async fn resolve(plan: &Plan, source: &dyn SecretSource, until: Instant) -> Result<Vec<Secret>, String> {
    let mut whole: BTreeMap<(Keeper, &str), Secret> = BTreeMap::new();
    let mut secrets = Vec::new();
    for reference in &plan.secrets {
        let unusable = |problem: String| format!("the secret {reference} cannot be used: {problem}");
        let kept = (reference.keeper, reference.name.as_str());
        let secret = match whole.get(&kept) {
            Some(known) => known.clone(),
            None => {
                let found = tokio::time::timeout_at(until, source.look_up(reference.keeper, &reference.name, until))
                    .await
                    .unwrap_or_else(|_| Err("it could not be looked up before the start timeout".to_owned()))
                    .map_err(unusable)?;
                whole.insert(kept, found.clone());
                found
            }
        };
        secrets.push(part(secret, reference).map_err(unusable)?);
    }
    for request in plan.requests.iter().chain(&plan.tokens) {
        fits(request, &plan.secrets, &secrets)?;
    }
    Ok(secrets)
}

/// Returns the part of a secret to which a reference refers: a field of the secret, or the whole secret.
///
/// # Errors
/// Returns a text of the form `problem; hint`, which contains neither the name nor the value of the secret.
pub(crate) fn part(whole: Secret, reference: &Reference) -> Result<Secret, String> {
    let secret = match &reference.key {
        Some(key) => field(&whole, key)?,
        None => whole,
    };
    match secret.value().is_empty() {
        true => Err("it is empty; store a value".to_owned()),
        false => Ok(secret),
    }
}

/// Returns a field of a secret. The value of the secret must be a JSON object.
fn field(secret: &Secret, key: &str) -> Result<Secret, String> {
    use serde_json::Value;
    // Errors do not contain the parser's own error, because the parser's error may quote the value.
    let Ok(Value::Object(fields)) = serde_json::from_str(secret.value()) else {
        return Err(format!("it is not a JSON object; leave out `#{key}`, or store one"));
    };
    match fields.get(key) {
        Some(Value::String(text)) => Ok(Secret::new(text.as_str())),
        Some(plain @ (Value::Number(_) | Value::Bool(_))) => Ok(Secret::new(plain.to_string())),
        Some(_) => Err(format!("its field `{key}` is not text; refer to a text field")),
        None => Err(format!("it has no field `{key}`; correct the name after `#`")),
    }
}

/// Checks that the secrets of a request contain only characters that are allowed at the positions of their
/// placeholders.
fn fits(request: &Request, references: &[Reference], secrets: &[Secret]) -> Result<(), String> {
    let url = |c: char| !c.is_ascii_graphic() || "\"#<>\\^`{|}".contains(c);
    let header = |c: char| c.is_ascii_control() && c != '\t';
    let all = |_: char| false;
    let bad = |template: &Template, bad: &dyn Fn(char) -> bool| {
        let parts = template.0.iter().flat_map(|part| {
            let encoded = matches!(part, TemplatePart::Encoded { .. });
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
            "the secret {secret} cannot be used: it contains a character that is not allowed in the URL of {name}; \
             remove `raw` from its placeholder to percent-encode it"
        ));
    }
    for (header_name, value) in &request.headers {
        if let Some(secret) = bad(value, &header) {
            return Err(format!(
                "the secret {secret} cannot be used: it contains a line break or control character, which is not \
                 allowed in the header `{header_name}` of {name}; remove it, often from the end of the value"
            ));
        }
    }
    match &request.body {
        Body::Inline(template) => match bad(template, &all) {
            Some(secret) => Err(format!("the body of {name} refers to {secret}")),
            None => Ok(()),
        },
        Body::Pieces(pieces) => {
            let mut found = pieces.iter().filter_map(|piece| match piece {
                BodyPiece::Template(template) => bad(template, &all),
                BodyPiece::Blob(_) => None,
            });
            match found.next() {
                Some(secret) => Err(format!("the body of {name} refers to {secret}")),
                None => Ok(()),
            }
        }
        Body::Empty | Body::Blob(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
