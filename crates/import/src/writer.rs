//! Writes a scenario as YAML. The module [`crate::yaml`] writes only single values.

use crate::model::{Body, Defaults, Feed, Flow, Header, Limits, Phase, Request, Scenario, Step};
use crate::text::Text;
use crate::yaml::{is_reserved, plain, quoted};
use plan::span::show;
use std::ops::Range;
use std::time::Duration;

/// The maximum number of characters of a comment line.
const COMMENT_CHARS_MAX: usize = 200;

/// A part of a scenario. A problem of the scenario can be assigned to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Name,
    Target,
    Load,
    Rate,
    Users,
    Duration,
    Protocol,
    Connections,
    Variable,
    Method,
    Url,
    Header,
    Body,
    Threshold,
}

/// The text of a scenario, and the range of bytes of each part.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub text: String,
    pub parts: Vec<(Range<usize>, Part)>,
}

impl Written {
    /// Returns the smallest part that contains this byte of the text. Returns `None` if no part contains the byte.
    pub fn part_at(&self, at: usize) -> Option<Part> {
        let around = self.parts.iter().filter(|(part, _)| part.contains(&at));
        around.min_by_key(|(part, _)| part.len()).map(|(_, part)| *part)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn part(&mut self, part: Part, text: &str) {
        let begin = self.text.len();
        self.text.push_str(text);
        self.parts.push((begin..self.text.len(), part));
    }

    /// Writes a key and its value in one line. The value belongs to `part`.
    fn entry(&mut self, indent: usize, key: &str, part: Part, value: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.push(key);
        self.push(": ");
        self.part(part, value);
        self.push("\n");
    }

    fn comment(&mut self, text: &str) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() || c == '\u{feff}' { ' ' } else { c })
            .collect();
        let mut shown: String = text.chars().take(COMMENT_CHARS_MAX).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        self.line(0, format!("# {shown}").trim_end());
    }

    fn load(&mut self, phases: &[Phase]) {
        let begin = self.text.len();
        match phases {
            [only] => {
                self.push("load: ");
                self.phase(only);
            }
            several => {
                self.push("load:\n");
                for phase in several {
                    self.push("  - ");
                    self.phase(phase);
                }
            }
        }
        self.parts.push((begin..self.text.len(), Part::Load));
    }

    fn phase(&mut self, phase: &Phase) {
        let duration = match phase {
            Phase::Constant { rate, duration } => {
                self.push("{ constant: { rate: ");
                self.part(Part::Rate, &plain(rate));
                self.push(", duration: ");
                duration
            }
            Phase::Ramp { from, to, duration } => {
                self.push("{ ramp: { from: ");
                self.part(Part::Rate, &plain(from));
                self.push(", to: ");
                self.part(Part::Rate, &plain(to));
                self.push(", ramp_duration: ");
                duration
            }
            Phase::Users { users, duration } => {
                self.push("{ users: { users: ");
                self.part(Part::Users, users);
                self.push(", duration: ");
                duration
            }
        };
        self.part(Part::Duration, &plain(duration));
        self.push(" } }\n");
    }

    fn vars(&mut self, vars: &[(String, String)]) {
        for (name, value) in vars {
            self.push("  ");
            self.part(Part::Variable, &format!("{}: {}", quoted(name), quoted(value)));
            self.push("\n");
        }
    }

    fn feeds(&mut self, feeds: &[Feed]) {
        for Feed { name, file } in feeds {
            self.line(2, &format!("{name}: {}", quoted(file)));
        }
    }

    fn limits(&mut self, limits: &Limits) {
        if *limits == Limits::default() {
            return;
        }
        self.push("limits:\n");
        if let Some(timeout) = limits.connect_timeout {
            self.line(2, &format!("connect_timeout: {}", show(timeout)));
        }
        if limits.insecure_tls {
            self.line(2, "insecure_tls: true");
        }
    }

    fn headers(&mut self, indent: usize, headers: &[Header]) {
        if !headers.is_empty() {
            self.line(indent, "headers:");
        }
        for Header { name, values } in headers {
            let values: Vec<String> = values.iter().map(|value| quoted(&value.in_language())).collect();
            let value = match values.as_slice() {
                [one] => one.clone(),
                several => format!("[ {} ]", several.join(", ")),
            };
            self.text.extend(std::iter::repeat_n(' ', indent + 2));
            self.part(Part::Header, &format!("{}: {value}", word(name)));
            self.push("\n");
        }
    }

    fn sending(&mut self, indent: usize, timeout: Option<Duration>, follow_redirects: Option<u8>) {
        if let Some(timeout) = timeout {
            self.line(indent, &format!("timeout: {}", show(timeout)));
        }
        if let Some(times) = follow_redirects {
            self.line(indent, &format!("follow_redirects: {times}"));
        }
    }

    fn defaults(&mut self, defaults: &Defaults) {
        if *defaults == Defaults::default() {
            return;
        }
        self.line(0, "defaults:");
        self.headers(2, &defaults.headers);
        self.sending(2, defaults.timeout, defaults.follow_redirects);
    }

    /// Writes the keys of a request.
    fn request(&mut self, indent: usize, request: &Request) {
        if let Some(method) = &request.method {
            self.entry(indent, "method", Part::Method, &word(method));
        }
        if let Some(url) = &request.url {
            self.entry(indent, "url", Part::Url, &text(url));
        }
        self.headers(indent, &request.headers);
        match &request.body {
            Body::None => {}
            Body::Text(body) => self.entry(indent, "body", Part::Body, &quoted(&body.in_language())),
            Body::File(file) => {
                self.entry(indent, "body", Part::Body, &format!("{{ file: {} }}", quoted(file)));
            }
        }
        self.sending(indent, request.timeout, request.follow_redirects);
        if let Some(statuses) = &request.statuses {
            self.line(indent, &format!("expect: {{ status: {statuses} }}"));
        }
        if !request.captures.is_empty() {
            self.line(indent, "capture:");
            for capture in &request.captures {
                self.line(indent + 2, &format!("{}: {}", capture.name, plain(&capture.source)));
            }
        }
    }

    fn steps(&mut self, indent: usize, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Send(request) => {
                    self.line(indent, &format!("- name: {}", word(&request.name)));
                    self.request(indent + 2, request);
                }
                Step::Pause { min, max } if min == max => {
                    self.line(indent, &format!("- pause: {}", show(*min)));
                }
                Step::Pause { min, max } => {
                    self.line(indent, &format!("- pause: {} to {}", show(*min), show(*max)));
                }
                Step::Repeat { times, steps } => {
                    self.line(indent, &format!("- repeat: {times}"));
                    self.line(indent + 2, "steps:");
                    self.steps(indent + 4, steps);
                }
            }
        }
    }

    fn flows(&mut self, flows: &[Flow]) {
        let (requests, flows): (Vec<&Flow>, Vec<&Flow>) = flows.iter().partition(|flow| flow.only().is_some());
        if !requests.is_empty() {
            self.line(0, "requests:");
        }
        for flow in requests {
            let Some(request) = flow.only() else { continue };
            self.line(2, &format!("- name: {}", word(&request.name)));
            self.weight(flow.weight);
            self.request(4, request);
        }
        if !flows.is_empty() {
            self.line(0, "flows:");
        }
        for flow in flows {
            self.line(2, &format!("- name: {}", word(&flow.name)));
            self.weight(flow.weight);
            self.line(4, "steps:");
            self.steps(6, &flow.steps);
        }
    }

    fn weight(&mut self, weight: u64) {
        if weight != 1 {
            self.line(4, &format!("weight: {weight}"));
        }
    }
}

/// Writes a scenario as YAML.
pub fn write(scenario: &Scenario) -> Written {
    let mut out = Written::default();
    scenario.comments.iter().for_each(|line| out.comment(line));
    out.entry(0, "name", Part::Name, &word(&scenario.name));
    out.entry(0, "target", Part::Target, &text(&scenario.target));
    if let Some(seed) = scenario.seed {
        out.line(0, &format!("seed: {seed}"));
    }
    scenario.load_comment.iter().for_each(|line| out.comment(line));
    out.load(&scenario.load);
    if scenario.http2 {
        out.part(Part::Protocol, "protocol: http2\n");
    }
    if let Some(connections) = &scenario.connections {
        out.entry(0, "connections", Part::Connections, &word(connections));
    }
    if !scenario.vars.is_empty() {
        out.line(0, "vars:");
        out.vars(&scenario.vars);
    }
    if !scenario.feeds.is_empty() {
        out.line(0, "feeds:");
        out.feeds(&scenario.feeds);
    }
    out.limits(&scenario.limits);
    out.defaults(&scenario.defaults);
    out.flows(&scenario.flows);
    if !scenario.thresholds.is_empty() {
        out.line(0, "thresholds:");
    }
    for threshold in &scenario.thresholds {
        out.push("  - ");
        out.part(Part::Threshold, &quoted(threshold));
        out.push("\n");
    }
    out
}

/// Returns a URL or a target as YAML.
fn text(text: &Text) -> String {
    let written = text.in_language();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    match written.strip_prefix('/') {
        Some(path) if path.chars().all(is_plain) => written,
        _ => quoted(&written),
    }
}

/// Returns a name as YAML, for use as a key or a value.
fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    match begins && !is_reserved(name) && name.chars().all(is_plain) {
        true => name.to_owned(),
        false => quoted(name),
    }
}
