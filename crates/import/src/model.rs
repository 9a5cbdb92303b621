//! A scenario that was made from a file of another tool, before it is written as YAML.

use crate::text::{Text, Value};
use std::collections::BTreeSet;
use std::time::Duration;

/// A scenario. The function [`crate::writer::write`] writes it as YAML.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The comment lines at the top of the file.
    pub comments: Vec<String>,
    pub name: String,
    pub target: Text,
    pub seed: Option<u64>,
    /// The comment above the load. `None` if the load has no comment.
    pub load_comment: Option<String>,
    pub load: Vec<Phase>,
    pub http2: bool,
    pub connections: Option<String>,
    /// The names and the values of the variables.
    pub vars: Vec<(String, String)>,
    pub feeds: Vec<Feed>,
    pub defaults: Defaults,
    pub limits: Limits,
    pub flows: Vec<Flow>,
    pub thresholds: Vec<String>,
}

/// A phase of the load. Rates, numbers and durations are texts in the scenario language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Constant { rate: String, duration: String },
    Ramp { from: String, to: String, duration: String },
    Users { users: String, duration: String },
}

/// A CSV file with a header row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    pub file: String,
}

/// A header with its values. A header with several values is sent several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub values: Vec<Text>,
}

impl Header {
    /// Adds a value to the header with this name. Adds the header if no header has this name.
    pub fn add(headers: &mut Vec<Header>, name: &str, value: Text) {
        match headers.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name)) {
            Some(header) => header.values.push(value),
            None => headers.push(Header {
                name: name.to_owned(),
                values: vec![value],
            }),
        }
    }
}

/// The properties that every request has, unless the request sets them itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    pub headers: Vec<Header>,
    pub timeout: Option<Duration>,
    pub follow_redirects: Option<u8>,
}

/// The limits of one worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub connect_timeout: Option<Duration>,
    pub insecure_tls: bool,
}

/// A sequence of steps. A flow with only one request is written as an item of `requests`, unless the request captures a
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub name: String,
    pub weight: u64,
    pub steps: Vec<Step>,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Send(Box<Request>),
    Pause { min: Duration, max: Duration },
    Repeat { times: u64, steps: Vec<Step> },
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub name: String,
    /// The method of the request. `None` means POST if the request has a body, and GET otherwise.
    pub method: Option<String>,
    /// A path that is appended to the target, or an absolute URL. `None` for the URL of the target.
    pub url: Option<Text>,
    pub headers: Vec<Header>,
    pub body: Body,
    pub timeout: Option<Duration>,
    pub follow_redirects: Option<u8>,
    /// A status, or a range of statuses, that counts as success. `None` for the default statuses.
    pub statuses: Option<String>,
    pub captures: Vec<Capture>,
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    #[default]
    None,
    Text(Text),
    /// The path of a file, relative to the folder of the scenario.
    File(String),
}

/// A value that a step captures from its answer. The steps after this step can use the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub name: String,
    /// The source of the value, in the scenario language: `json $.token`, `header Location`, `regex '…'`.
    pub source: String,
}

impl Flow {
    /// Returns a flow that consists of one request.
    pub fn of(request: Request, weight: u64) -> Flow {
        Flow {
            name: request.name.clone(),
            weight,
            steps: vec![Step::Send(Box::new(request))],
        }
    }

    /// Returns the request of a flow, if the flow consists of only one request, and this request captures no value.
    pub fn only(&self) -> Option<&Request> {
        match self.steps.as_slice() {
            [Step::Send(request)] if request.captures.is_empty() => Some(request),
            _ => None,
        }
    }
}

impl Request {
    /// Returns all texts of the request.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let body = match &self.body {
            Body::Text(text) => Some(text),
            Body::None | Body::File(_) => None,
        };
        let values = self.headers.iter().flat_map(|header| &header.values);
        self.url.iter().chain(values).chain(body)
    }

    /// Returns an estimate of the size of the request in a scenario, in bytes. The estimate is never less than the
    /// actual size.
    pub(crate) fn size(&self) -> usize {
        const KEYS: usize = 300;
        let names = self.headers.iter().map(|header| header.name.len() + 16);
        // Quoting and escaping make most texts at most three times longer. The exact length of a quoted text can be
        // computed quickly.
        let texts = self.texts().map(|text| crate::yaml::quoted(&text.in_language()).len());
        KEYS + names.sum::<usize>() + texts.sum::<usize>()
    }

    /// Returns the names of the captured values that the request uses.
    pub(crate) fn captured(&self) -> BTreeSet<String> {
        let values = self.texts().flat_map(Text::values);
        let names = values.filter_map(|value| match value {
            Value::Captured(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }
}
