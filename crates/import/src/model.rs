//! What the file of another tool means: the scenario before it is written as YAML.

use crate::text::{Text, Value};
use std::collections::BTreeSet;
use std::time::Duration;

/// A scenario. [`crate::writer::write`] writes it.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Lines of comment at the top.
    pub comments: Vec<String>,
    pub name: String,
    pub target: Text,
    pub seed: Option<u64>,
    /// A comment above the load.
    pub load_comment: Option<String>,
    pub load: Vec<Phase>,
    pub http2: bool,
    pub connections: Option<String>,
    /// Names and values.
    pub vars: Vec<(String, String)>,
    pub feeds: Vec<Feed>,
    pub defaults: Defaults,
    pub limits: Limits,
    pub flows: Vec<Flow>,
    pub thresholds: Vec<String>,
}

/// A phase of the load. Rates, numbers and durations are texts of the scenario language.
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

/// A header and its values; several values send the header several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub values: Vec<Text>,
}

impl Header {
    /// Adds a value to the header of this name.
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

/// What all requests have, unless they set it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    pub headers: Vec<Header>,
    pub timeout: Option<Duration>,
    pub follow_redirects: Option<u8>,
}

/// Limits of one worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub connect_timeout: Option<Duration>,
    pub insecure_tls: bool,
}

/// A sequence of steps. A flow of one request is written as an item of `requests`.
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
    /// By default GET, or POST with a body.
    pub method: Option<String>,
    /// A path that is appended to the target, or a whole URL; by default the target.
    pub url: Option<Text>,
    pub headers: Vec<Header>,
    pub body: Body,
    pub timeout: Option<Duration>,
    pub follow_redirects: Option<u8>,
    /// A status, or a range of them, that counts as success.
    pub statuses: Option<String>,
    pub captures: Vec<Capture>,
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    #[default]
    None,
    Text(Text),
    /// A path, relative to the folder of the scenario.
    File(String),
}

/// A value that a step takes from its answer, for later steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub name: String,
    /// The source in the scenario language: `json $.token`, `header Location`, `regex '…'`.
    pub source: String,
}

impl Flow {
    /// A flow of one request.
    pub fn of(request: Request, weight: u64) -> Flow {
        Flow {
            name: request.name.clone(),
            weight,
            steps: vec![Step::Send(Box::new(request))],
        }
    }

    /// The request of a flow that consists of it alone.
    pub fn only(&self) -> Option<&Request> {
        match self.steps.as_slice() {
            [Step::Send(request)] if request.captures.is_empty() => Some(request),
            _ => None,
        }
    }
}

impl Request {
    /// Its texts.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let body = match &self.body {
            Body::Text(text) => Some(text),
            Body::None | Body::File(_) => None,
        };
        let values = self.headers.iter().flat_map(|header| &header.values);
        self.url.iter().chain(values).chain(body)
    }

    /// The approximate size in a scenario, in bytes; not less than the real size.
    pub(crate) fn size(&self) -> usize {
        const KEYS: usize = 300;
        let names = self.headers.iter().map(|header| header.name.len() + 16);
        // Quoting and escaping at most triple most texts; what they do exactly is cheap to compute.
        let texts = self.texts().map(|text| crate::yaml::quoted(&text.in_language()).len());
        KEYS + names.sum::<usize>() + texts.sum::<usize>()
    }

    /// The names of the captured values that it uses.
    pub(crate) fn captured(&self) -> BTreeSet<String> {
        let values = self.texts().flat_map(Text::values);
        let names = values.filter_map(|value| match value {
            Value::Captured(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }
}
