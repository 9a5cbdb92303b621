//! The stored form of flows, captures and checks. Conditions, captures and checks are stored as the texts that the
//! scenario contains.

use crate::condition::{Condition, Expectation};
use crate::json_path::JsonPath;
use crate::{capture, flow};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of a flow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Flow {
    name: String,
    weight: u32,
    steps: Vec<Step>,
    variables: Vec<String>,
    /// The index of the flow's first request, and the number of its requests.
    requests: (usize, usize),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Request {
        request: usize,
        #[serde(default)]
        retries: u32,
        #[serde(default)]
        after: Duration,
        #[serde(default)]
        continues: bool,
    },
    Pause {
        min: Duration,
        max: Duration,
        slot: u32,
    },
    Repeat {
        times: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<Duration>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
        steps: Vec<Step>,
    },
    Choose {
        slot: u32,
        options: Vec<(u32, Vec<Step>)>,
    },
    If {
        condition: String,
        then: Vec<Step>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        otherwise: Vec<Step>,
    },
}

fn all(steps: Vec<flow::Step>) -> Vec<Step> {
    steps.into_iter().map(Step::from).collect()
}

impl From<flow::Flow> for Flow {
    fn from(flow: flow::Flow) -> Flow {
        let flow::Flow {
            name,
            weight,
            steps,
            variables,
            requests,
        } = flow;
        Flow {
            name,
            weight,
            steps: all(steps),
            variables,
            requests: (requests.start, requests.len()),
        }
    }
}

impl From<flow::Step> for Step {
    fn from(step: flow::Step) -> Step {
        match step {
            flow::Step::Request(flow::RequestStep { request, on_failure }) => Step::Request {
                request: request.into(),
                retries: on_failure.retries,
                after: on_failure.after,
                continues: on_failure.continues,
            },
            flow::Step::Pause(flow::Pause { min, max, slot }) => Step::Pause { min, max, slot },
            flow::Step::Repeat(flow::Repeat {
                times,
                every,
                until,
                steps,
            }) => Step::Repeat {
                times,
                every,
                until: until.map(|until| until.to_string()),
                steps: all(steps),
            },
            flow::Step::Choose(flow::Choose { slot, options }) => Step::Choose {
                slot,
                options: options
                    .into_iter()
                    .map(|(weight, steps)| (weight, all(steps)))
                    .collect(),
            },
            flow::Step::If(flow::Branch {
                condition,
                then,
                otherwise,
            }) => Step::If {
                condition: condition.to_string(),
                then: all(then),
                otherwise: all(otherwise),
            },
        }
    }
}

impl TryFrom<Flow> for flow::Flow {
    type Error = String;

    fn try_from(stored: Flow) -> Result<flow::Flow, String> {
        let (first, number) = stored.requests;
        let end = first.checked_add(number).ok_or("a flow has too many requests")?;
        Ok(flow::Flow {
            name: stored.name,
            weight: stored.weight,
            steps: restored(stored.steps, &stored.variables)?,
            variables: stored.variables,
            requests: first..end,
        })
    }
}

fn restored(steps: Vec<Step>, variables: &[String]) -> Result<Vec<flow::Step>, String> {
    steps.into_iter().map(|step| step.restored(variables)).collect()
}

impl Step {
    fn restored(self, variables: &[String]) -> Result<flow::Step, String> {
        let condition = |text: String| {
            Condition::parse(&text, &mut |name| {
                let found = variables.iter().position(|variable| variable == name);
                found
                    .map(|at| at as u32)
                    .ok_or_else(|| format!("a condition needs `{name}`, which its flow does not capture"))
            })
        };
        Ok(match self {
            Step::Request {
                request,
                retries,
                after,
                continues,
            } => flow::Step::Request(flow::RequestStep {
                request: request.into(),
                on_failure: flow::OnFailure {
                    retries,
                    after,
                    continues,
                },
            }),
            Step::Pause { min, max, slot } => flow::Step::Pause(flow::Pause { min, max, slot }),
            Step::Repeat {
                times,
                every,
                until,
                steps,
            } => flow::Step::Repeat(flow::Repeat {
                times,
                every,
                until: until.map(condition).transpose()?,
                steps: restored(steps, variables)?,
            }),
            Step::Choose { slot, options } => {
                let options = options.into_iter();
                let options = options.map(|(weight, steps)| Ok((weight, restored(steps, variables)?)));
                flow::Step::Choose(flow::Choose {
                    slot,
                    options: options.collect::<Result<_, String>>()?,
                })
            }
            Step::If {
                condition: text,
                then,
                otherwise,
            } => flow::Step::If(flow::Branch {
                condition: condition(text)?,
                then: restored(then, variables)?,
                otherwise: restored(otherwise, variables)?,
            }),
        })
    }
}

/// The stored form of a value that a step captures.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Capture {
    variable: u32,
    slot: u32,
    text: String,
}

impl From<capture::Capture> for Capture {
    fn from(capture: capture::Capture) -> Capture {
        let capture::Capture {
            variable, slot, text, ..
        } = capture;
        Capture { variable, slot, text }
    }
}

impl TryFrom<Capture> for capture::Capture {
    type Error = String;

    fn try_from(stored: Capture) -> Result<capture::Capture, String> {
        let (source, fallback) = capture::Source::parse(&stored.text)?;
        Ok(capture::Capture {
            variable: stored.variable,
            slot: stored.slot,
            source,
            fallback,
            text: stored.text,
        })
    }
}

/// The stored form of a check of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    Json(String, String),
    NoJson(String),
    Header(String, String),
    Matches(String),
    Latency(Duration),
}

impl From<capture::Check> for Check {
    fn from(check: capture::Check) -> Check {
        match check {
            capture::Check::Json(path, expectation) => Check::Json(path.to_string(), expectation.to_string()),
            capture::Check::NoJson(path) => Check::NoJson(path.to_string()),
            capture::Check::Header(name, expectation) => Check::Header(name, expectation.to_string()),
            capture::Check::Matches(pattern) => Check::Matches(pattern),
            capture::Check::Latency(limit) => Check::Latency(limit),
        }
    }
}

impl TryFrom<Check> for capture::Check {
    type Error = String;

    fn try_from(stored: Check) -> Result<capture::Check, String> {
        Ok(match stored {
            Check::Json(path, text) => capture::Check::Json(JsonPath::parse(&path)?, Expectation::parse(&text)),
            Check::NoJson(path) => capture::Check::NoJson(JsonPath::parse(&path)?),
            Check::Header(name, text) => capture::Check::Header(name, Expectation::parse(&text)),
            Check::Matches(pattern) => capture::Check::Matches(capture::regex(&pattern)?),
            Check::Latency(limit) => capture::Check::Latency(limit),
        })
    }
}
