//! The checks of an answer and the values that a flow captures from it.
//!
//! The head and body of an answer are kept only for requests that inspect them, and only until the request has
//! finished.

use crate::flow::{FlowState, VALUE_BYTES_MAX};
use crate::index::Table;
use crate::why::{Detail, Why};
use plan::capture::{Check, Pick, Source};
use plan::draw;
use plan::json_path::{JsonPath, PathStep};
use plan::plan::Plan;
use plan::scenario::Request;
use regex_lite::Regex;
use serde_json::Value;
use std::cell::OnceCell;
use tally::cause::Cause;
use tally::request::RequestIndex;

/// The inspections of a plan's requests.
pub(crate) struct Inspections {
    seed: u64,
    requests: Table<RequestIndex, Inspection>,
}

/// The data that a request needs from its answer, and the checks of the answer.
#[derive(Default)]
pub(crate) struct Inspection {
    /// Whether the whole body is kept.
    pub keeps_body: bool,
    /// Whether the header fields are kept.
    pub keeps_head: bool,
    /// Whether the cookies that the answer sets are kept for the next request of the arrival.
    pub keeps_cookies: bool,
    captures: Vec<Capture>,
    /// The checks of the request. The first value is the position of the check among all checks of the request.
    checks: Vec<(u16, Check, Option<Regex>)>,
}

struct Capture {
    variable: u32,
    slot: u32,
    source: Source,
    regex: Option<Regex>,
    fallback: Option<String>,
}

/// A finished answer.
pub(crate) struct FinishedAnswer<'a> {
    pub status: u16,
    /// Returns the first value of the header field with the given name.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The decoded body, if the request keeps it.
    pub body: &'a [u8],
}

impl Inspections {
    /// Reads the inspections from a plan. If `traced` is true, the whole answer of every request is kept.
    pub(crate) fn new(plan: &Plan, traced: bool) -> Inspections {
        let of = |request: &Request| {
            let own = Inspection::new(request);
            Inspection {
                keeps_body: own.keeps_body || traced,
                keeps_head: own.keeps_head || traced,
                ..own
            }
        };
        Inspections {
            seed: plan.seed,
            requests: plan.requests.iter().map(of).collect(),
        }
    }

    pub(crate) fn of(&self, request: RequestIndex) -> &Inspection {
        &self.requests[request]
    }

    /// Applies the checks of a request, and captures its values into the state of arrival `k`.
    pub(crate) fn apply(
        &self,
        request: RequestIndex,
        k: u64,
        answer: &FinishedAnswer<'_>,
        flow: &mut FlowState,
    ) -> Result<(), Why> {
        let inspection = &self.requests[request];
        let json = OnceCell::new();
        let json = || {
            json.get_or_init(|| serde_json::from_slice::<Value>(answer.body).ok())
                .as_ref()
        };
        let text = || std::str::from_utf8(answer.body).ok();
        for (number, check, regex) in &inspection.checks {
            let is_met = match check {
                Check::Json(path, expected) => {
                    let found = json().map(|json| select(json, path)).unwrap_or_default();
                    let value = found.into_iter().find_map(text_of);
                    expected.is_met(value.as_deref())
                }
                Check::NoJson(path) => {
                    let found = json().map(|json| select(json, path)).unwrap_or_default();
                    found.iter().all(|value| value.is_null())
                }
                Check::Header(name, expected) => expected.is_met((answer.header)(name).as_deref()),
                Check::Matches(_) => match (regex, text()) {
                    (Some(regex), Some(text)) => regex.is_match(text),
                    _ => false,
                },
                // The load applies this check, because only the load has the due time of the request.
                Check::Latency(_) => true,
            };
            if !is_met {
                return Err(Why::new(Cause::CheckNotMet, Detail::Check(*number)));
            }
        }
        for (number, capture) in inspection.captures.iter().enumerate() {
            let found = match &capture.source {
                Source::Json(path, pick) => {
                    let found = json().map(|json| select(json, path)).unwrap_or_default();
                    let drawn = draw::bits_at(self.seed, k, capture.slot, flow.visit);
                    picked(&found, *pick, drawn)
                }
                Source::Header(name) => (answer.header)(name),
                Source::Cookie(name) => flow.cookies.value(name).map(str::to_owned),
                Source::Regex(_) => capture.regex.as_ref().zip(text()).and_then(|(regex, text)| {
                    let found = regex.captures(text)?;
                    Some(found.get(1).or_else(|| found.get(0))?.as_str().to_owned())
                }),
                Source::Status => Some(answer.status.to_string()),
                Source::Body => text().map(str::to_owned),
            };
            let found = found.filter(|value| value.len() <= VALUE_BYTES_MAX);
            match found.or_else(|| capture.fallback.clone()) {
                Some(value) => flow.values.set(capture.variable, value.into()),
                None => return Err(Why::new(Cause::NotCaptured, Detail::Capture(number as u16))),
            }
        }
        Ok(())
    }
}

impl Inspection {
    fn new(request: &Request) -> Inspection {
        // The planner has compiled every pattern, so each pattern is valid.
        let regex = |pattern: &String| Regex::new(pattern).ok();
        let captures: Vec<Capture> = request
            .captures
            .iter()
            .map(|capture| Capture {
                variable: capture.variable,
                slot: capture.slot,
                regex: match &capture.source {
                    Source::Regex(pattern) => regex(pattern),
                    _ => None,
                },
                source: capture.source.clone(),
                fallback: capture.fallback.clone(),
            })
            .collect();
        let checks: Vec<(u16, Check, Option<Regex>)> = (0u16..)
            .zip(&request.success.checks)
            .map(|(number, check)| {
                let compiled = match check {
                    Check::Matches(pattern) => regex(pattern),
                    _ => None,
                };
                (number, check.clone(), compiled)
            })
            .collect();
        Inspection {
            keeps_body: captures.iter().any(|capture| capture.source.is_in_body())
                || checks.iter().any(|(_, check, _)| check.reads_body()),
            keeps_head: request.is_step() || checks.iter().any(|(_, check, _)| matches!(check, Check::Header(..))),
            keeps_cookies: request.is_step(),
            captures,
            checks,
        }
    }

    /// Returns whether the inspection of an answer needs more than the status and the result of the search for a text.
    pub(crate) fn is_needed(&self) -> bool {
        self.keeps_head || self.keeps_body || !self.captures.is_empty() || !self.checks.is_empty()
    }
}

/// Returns the values of a document that a path selects, in the order of the document.
fn select<'v>(document: &'v Value, path: &JsonPath) -> Vec<&'v Value> {
    path.steps.iter().fold(vec![document], |found, step| {
        let next = |value: &'v Value| -> Vec<&'v Value> {
            match (step, value) {
                (PathStep::Member(name), Value::Object(members)) => members.get(name).into_iter().collect(),
                (PathStep::Element(index), Value::Array(elements)) => {
                    let at = match index {
                        0.. => usize::try_from(*index).ok(),
                        ..0 => elements.len().checked_sub(index.unsigned_abs() as usize),
                    };
                    at.and_then(|at| elements.get(at)).into_iter().collect()
                }
                (PathStep::All, Value::Array(elements)) => elements.iter().collect(),
                (PathStep::All, Value::Object(members)) => members.values().collect(),
                _ => Vec::new(),
            }
        };
        found.into_iter().flat_map(next).collect()
    })
}

/// Returns a string as it is, and any other value as JSON text. Returns `None` for `null`.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn picked(found: &[&Value], pick: Pick, drawn: u64) -> Option<String> {
    let found: Vec<&&Value> = found.iter().filter(|value| !value.is_null()).collect();
    let one = match pick {
        Pick::First => found.first(),
        Pick::Last => found.last(),
        Pick::Any => found.get(draw::below(drawn, found.len() as u64) as usize),
        Pick::All if found.is_empty() => None,
        Pick::All => return serde_json::to_string(&found).ok(),
    };
    one.and_then(|value| text_of(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, pick: Pick, expected: Option<&str>) {
        let document = serde_json::json!({
            "token": "a b",
            "total": 3,
            "none": null,
            "items": [{ "id": 1 }, { "id": 2 }, { "no": 3 }],
            "by.name": { "x": true },
        });
        let path = JsonPath::parse(path).unwrap();
        assert_eq!(
            picked(&select(&document, &path), pick, u64::MAX / 2 + 1).as_deref(),
            expected,
            "{path}"
        );
    }

    #[test]
    fn paths_select_values_of_a_document() {
        check("$.token", Pick::First, Some("a b"));
        check("$.total", Pick::First, Some("3"));
        check("$.none", Pick::First, None);
        check("$.nothing.at.all", Pick::First, None);
        check("$.items[1].id", Pick::First, Some("2"));
        check("$.items[-1]", Pick::First, Some("{\"no\":3}"));
        check("$.items[-4]", Pick::First, None);
        check("$.items[*].id", Pick::First, Some("1"));
        check("$.items[*].id", Pick::Last, Some("2"));
        check("$.items[*].id", Pick::Any, Some("2"));
        check("$.items[*].id", Pick::All, Some("[1,2]"));
        check("$.items[*].nothing", Pick::All, None);
        check("$['by.name'].x", Pick::First, Some("true"));
        check("$.token.x", Pick::First, None);
    }
}
