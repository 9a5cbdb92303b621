//! The rules for the token requests of a plan.

use super::{content, is_variable_name};
use crate::oauth::{self, TOKENS_MAX, TokenValue};
use crate::plan::Plan;
use crate::scenario::{Body, Request};
use crate::template::{Template, TemplatePart};
use std::collections::BTreeSet;

/// Checks that each token request has a fixed host, captures the values of its answer, and does not need another token.
pub(super) fn check(plan: &Plan, data: &BTreeSet<&str>) -> Result<(), String> {
    if plan.tokens.len() > TOKENS_MAX {
        return Err("it has too many token requests".to_owned());
    }
    for request in &plan.tokens {
        if !is_variable_name(&request.name) {
            return Err("a token request has an invalid name".to_owned());
        }
        let sound = request.weight == 0
            && request.signature.is_none()
            && oauth::origin(request).is_some()
            && request.captures == oauth::captures()
            && is_constant(request);
        let checked = match sound {
            true => content(plan, request, TokenValue::ALL.len(), data),
            false => Err("it has no host of its own, other captures, or values of arrivals".to_owned()),
        };
        checked.map_err(|problem| format!("the token request {}: {problem}", request.name))?;
    }
    Ok(())
}

/// Returns whether the request is the same for all arrivals.
fn is_constant(request: &Request) -> bool {
    let constant = |template: &Template| {
        let mut parts = template.0.iter().flat_map(TemplatePart::values);
        parts.all(|part| {
            matches!(
                part,
                TemplatePart::Text(_) | TemplatePart::Run | TemplatePart::Secret { .. }
            )
        })
    };
    let body = match &request.body {
        Body::Empty => true,
        Body::Inline(body) => constant(body),
        Body::Blob(_) | Body::Pieces(_) => false,
    };
    body && constant(&request.url) && request.headers.iter().all(|(_, value)| constant(value))
}
