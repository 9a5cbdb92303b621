//! Reads flows and their steps.

use super::document::{Node, Value};
use super::fields::{Fields, KeyValue};
use super::reading::ScenarioReader;
use super::request::{self, Defaults};
use super::scope::{CaptureState, FlowScope, Variable, joined};
use super::step_keys::{FLOW, METHOD_KEYS, STEP, STEP_KINDS};
use super::tls;
use super::wordings::{FLOW_NAME, STEP_NAME};
use crate::capture::{Capture, Source};
use crate::condition::Condition;
use crate::flow::{
    Branch, Choose, DEPTH_MAX, FLOW_REQUESTS_MAX, Flow, OnFailure, Pause, RETRIES_MAX, Repeat, RequestStep, STEPS_MAX,
    Step, VARIABLES_MAX,
};
use crate::limits::REQUESTS_MAX;
use crate::rules::{self, PAUSE_MAX};
use crate::scenario::{ClientCertificate, Limits, Request};
use crate::span;
use crate::template::WORDS;
use std::collections::BTreeSet;

/// Reads the key `flows`. The requests of the steps are appended to `requests`.
pub(super) fn read_all(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    defaults: &Defaults<'_>,
    names: &mut BTreeSet<String>,
    requests: &mut Vec<Request>,
) -> Option<Vec<Flow>> {
    let Some(entry) = fields.get("flows") else {
        return fields.may_lack("flows").then(Vec::new);
    };
    let items = entry.items(reading);
    let mut flows = Vec::new();
    for item in items {
        flows.extend(one(reading, item, defaults, names, requests));
    }
    if requests.len() > REQUESTS_MAX {
        let message = format!(
            "the scenario has {} requests and steps, more than {REQUESTS_MAX}",
            requests.len()
        );
        return reading.problem(entry.written, message, "use fewer steps");
    }
    (flows.len() == items.len() && !items.is_empty()).then_some(flows)
}

fn one(
    reading: &mut ScenarioReader<'_>,
    item: &Node,
    defaults: &Defaults<'_>,
    names: &mut BTreeSet<String>,
    requests: &mut Vec<Request>,
) -> Option<Flow> {
    let fields = Fields::read(reading, &FLOW, item)?;
    let name = flow_name(reading, &fields, names);
    let weight = match fields.get("weight") {
        Some(entry) => entry.whole(reading).map(|weight| weight as u32),
        None => Some(1),
    };
    let client = tls::own(reading, &fields)?;
    let entry = fields.get("steps")?;
    let mut scope = FlowScope::default();
    collect(reading, entry.value, &mut scope, 0)?;
    let variables: Vec<String> = scope.variables.iter().map(|variable| variable.name.clone()).collect();
    reading.scope = Some(scope);
    let first = requests.len();
    let mut steps = StepReader {
        flow: name.clone(),
        client,
        defaults,
        names,
        requests,
        depth: 0,
    };
    let read = steps.list(reading, entry);
    let scope = reading.scope.take().unwrap_or_default();
    let mut whole = true;
    for variable in scope.variables.iter().filter(|variable| !variable.used) {
        let message = format!("`{}` is captured and never used", variable.name);
        let help = format!("remove it, or use it in a later step: `{{{{ {} }}}}`", variable.name);
        reading.problem::<()>(&variable.written, message, help);
        whole = false;
    }
    let flow = Flow {
        name: name?,
        weight: weight?,
        steps: read?,
        variables,
        requests: first..requests.len(),
    };
    if flow.requests.is_empty() {
        return reading.problem(
            entry.written,
            "the flow sends no request",
            "add a step such as `get: /`",
        );
    }
    if flow.requests_max() > FLOW_REQUESTS_MAX {
        let message = format!(
            "a flow of `{}` could send {} requests, more than {FLOW_REQUESTS_MAX}",
            flow.name,
            flow.requests_max()
        );
        return reading.problem(entry.written, message, "use fewer repetitions");
    }
    whole.then_some(flow)
}

fn flow_name(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    let node = fields.get("name")?.value;
    let name = reading.text("name", node)?;
    if !rules::is_flow_name(name) {
        return reading.misworded(node, "name", &FLOW_NAME);
    }
    if !names.insert(name.to_owned()) {
        let help = "give each flow and each request its own name: they are measured by name";
        return reading.problem(node, format!("two flows or requests have the name `{name}`"), help);
    }
    Some(name.to_owned())
}

/// Appends the names of all steps of a flow to `names`. The names of invalid steps are included.
pub(super) fn step_names(flow: &Node, names: &mut Vec<String>) {
    let Value::Map(pairs) = &flow.value else { return };
    for (key, value) in pairs {
        if let Some("steps" | "else" | "choose") = key.text() {
            for item in value.items().iter().take(STEPS_MAX) {
                names.extend(request::named(item));
                step_names(item, names);
            }
        }
    }
}

/// Adds the names of all values that the steps of a flow capture to `scope`. Nested steps are included.
fn collect(reading: &mut ScenarioReader<'_>, steps: &Node, scope: &mut FlowScope, depth: usize) -> Option<()> {
    if depth > 2 * DEPTH_MAX {
        return Some(());
    }
    for item in steps.items() {
        let Value::Map(pairs) = &item.value else { continue };
        for (key, value) in pairs {
            match (key.text(), &value.value) {
                (Some("capture"), Value::Map(captures)) => {
                    for (name, _) in captures {
                        variable(reading, name, scope)?;
                    }
                }
                (Some("steps" | "else" | "choose"), _) => collect(reading, value, scope, depth + 1)?,
                _ => {}
            }
        }
    }
    Some(())
}

fn variable(reading: &mut ScenarioReader<'_>, node: &Node, scope: &mut FlowScope) -> Option<()> {
    let name = node.text().unwrap_or_default();
    if !rules::is_variable_name(name) || name.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        let help = "use letters, digits, `_` and `-`, the first a letter";
        return reading.problem(node, format!("`{name}` is not a name of a value"), help);
    }
    if WORDS.contains(&name) {
        let message = format!("`{name}` is a word of placeholders, so no value can have this name");
        return reading.problem(node, message, format!("write `my_{name}`"));
    }
    if scope.numbers.contains_key(name) {
        return Some(());
    }
    if scope.variables.len() >= VARIABLES_MAX {
        return reading.problem(
            node,
            format!("a flow captures at most {VARIABLES_MAX} values"),
            "capture fewer",
        );
    }
    scope.numbers.insert(name.to_owned(), scope.variables.len() as u32);
    scope.variables.push(Variable {
        name: name.to_owned(),
        written: node.clone(),
        state: CaptureState::Never,
        used: false,
    });
    Some(())
}

/// Reads the steps of one flow.
struct StepReader<'r, 'n> {
    flow: Option<String>,
    /// The client certificate for steps that do not set their own client certificate.
    client: Option<ClientCertificate>,
    defaults: &'r Defaults<'n>,
    names: &'r mut BTreeSet<String>,
    requests: &'r mut Vec<Request>,
    depth: usize,
}

impl StepReader<'_, '_> {
    fn list(&mut self, reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Vec<Step>> {
        if self.depth > DEPTH_MAX {
            let message = format!("steps are nested more than {DEPTH_MAX} times");
            return reading.problem(entry.written, message, "use fewer levels");
        }
        self.depth += 1;
        let read: Vec<Option<Step>> = entry
            .items(reading)
            .iter()
            .map(|item| self.step(reading, item))
            .collect();
        self.depth -= 1;
        read.into_iter().collect()
    }

    fn step(&mut self, reading: &mut ScenarioReader<'_>, item: &Node) -> Option<Step> {
        let fields = Fields::read(reading, &STEP, item)?;
        let kinds: Vec<KeyValue<'_>> = STEP_KINDS.iter().filter_map(|key| fields.get(key)).collect();
        let is_request = ["method", "url"]
            .iter()
            .chain(&METHOD_KEYS)
            .any(|key| !fields.may_lack(key));
        match kinds.as_slice() {
            [] if is_request => self.request(reading, &fields),
            [] => {
                let absent = STEP_KINDS.iter().all(|key| fields.may_lack(key));
                let help = "write one of `get: /path`, `post: /path`, `pause: 1s`, `repeat: 3`, `choose` or `if`";
                match absent {
                    true => reading.problem(item, "the step does nothing", help),
                    false => None,
                }
            }
            [one] if !is_request => {
                let allowed: &[&str] = match one.key.name {
                    "pause" => &["pause"],
                    "repeat" => &["repeat", "steps"],
                    "choose" => &["choose"],
                    _ => &["if", "steps", "else"],
                };
                let other = fields.entries().iter().find(|entry| !allowed.contains(&entry.key.name));
                if let Some(other) = other.copied() {
                    let message = format!("a step with `{}` has no `{}`", one.key.name, other.key.name);
                    return reading.problem(other.written, message, "write it in a step of its own");
                }
                match one.key.name {
                    "pause" => pause(reading, *one).map(Step::Pause),
                    "repeat" => self.repeat(reading, *one, &fields).map(Step::Repeat),
                    "choose" => self.choose(reading, *one).map(Step::Choose),
                    _ => self.branch(reading, *one, &fields).map(Step::If),
                }
            }
            [one, ..] => {
                let message = format!("a step is either a request or one of `{}`", STEP_KINDS.join("`, `"));
                reading.problem(one.written, message, "write two steps")
            }
        }
    }

    fn steps(
        &mut self,
        reading: &mut ScenarioReader<'_>,
        fields: &Fields<'_>,
        kind: KeyValue<'_>,
    ) -> Option<Vec<Step>> {
        match fields.get("steps") {
            Some(entry) => self.list(reading, entry),
            None if fields.may_lack("steps") => {
                let message = format!("`{}` has no `steps`", kind.key.name);
                reading.problem(kind.written, message, "write the steps below it: `steps: [ … ]`")
            }
            None => None,
        }
    }

    fn request(&mut self, reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Step> {
        for key in ["steps", "else"] {
            if let Some(entry) = fields.get(key) {
                let message = format!("a request has no `{key}`");
                return reading.problem(entry.written, message, "write `repeat` or `if` in a step of its own");
            }
        }
        let name = self.step_name(reading, fields);
        let read = request::read(reading, fields, name, self.defaults);
        let on_failure = match fields.get("on_failure") {
            Some(entry) => on_failure(reading, entry.value),
            None => Some(OnFailure::default()),
        };
        let continues = on_failure.is_some_and(|on_failure| on_failure.continues);
        let captures = captures(reading, fields, continues)?;
        let mut request = Request { captures, ..read? };
        request.client = request.client.or_else(|| self.client.clone());
        let index = self.requests.len();
        self.requests.push(request);
        Some(Step::Request(RequestStep {
            request: index.into(),
            on_failure: on_failure?,
        }))
    }

    fn step_name(&mut self, reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<String> {
        let Some(entry) = fields.get("name") else {
            if fields.may_lack("name") {
                let help = "write `name: login`: steps are measured by name";
                reading.problem::<()>(fields.node, "a step that sends a request needs `name`", help);
            }
            return None;
        };
        let name = reading.text("name", entry.value)?;
        let flow = self.flow.as_deref().unwrap_or("flow");
        let full = format!("{flow}/{name}");
        if !rules::is_flow_name(name) || !rules::is_request_name(&full) {
            return reading.misworded(entry.value, "name", &STEP_NAME);
        }
        if !self.names.insert(full.clone()) {
            let help = "give each step of a flow its own name";
            return reading.problem(
                entry.value,
                format!("two steps or requests have the name `{full}`"),
                help,
            );
        }
        Some(full)
    }

    fn repeat(&mut self, reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>, fields: &Fields<'_>) -> Option<Repeat> {
        let is_map = matches!(entry.value.value, Value::Map(_));
        let inner = if is_map { entry.map(reading) } else { None };
        if let Some(scope) = &mut reading.scope {
            scope.loops += 1;
        }
        let steps = self.steps(reading, fields, entry);
        let (mut every, mut until) = (None, None);
        let times = match &inner {
            Some(inner) => {
                if let Some(entry) = inner.get("every") {
                    every = Some(reading.duration("every", entry.value)?);
                }
                if let Some(entry) = inner.get("until") {
                    until = Some(condition(reading, "until", entry.value)?);
                }
                inner.get("times").and_then(|times| times.whole(reading))
            }
            None if is_map => None,
            None => entry.whole(reading),
        };
        if let Some(scope) = &mut reading.scope {
            scope.loops -= 1;
        }
        if every.is_some_and(|every| every > PAUSE_MAX) {
            return reading.problem(entry.value, "`every` exceeds the maximum of 1h", "use at most `1h`");
        }
        Some(Repeat {
            times: times? as u32,
            every,
            until,
            steps: steps?,
        })
    }

    fn choose(&mut self, reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Choose> {
        let slot = reading.next_slot();
        let before = reading.scope.as_ref().map(FlowScope::states).unwrap_or_default();
        let (mut ways, mut options) = (Vec::new(), Vec::new());
        let items = entry.items(reading);
        for item in items {
            let Some(fields) = Fields::read(reading, &super::step_keys::OPTION, item) else {
                continue;
            };
            if let Some(scope) = &mut reading.scope {
                scope.restore(&before);
            }
            let weight = match fields.get("weight") {
                Some(entry) => entry.whole(reading).map(|weight| weight as u32),
                None => Some(1),
            };
            let steps = fields.get("steps").and_then(|entry| self.list(reading, entry));
            ways.extend(reading.scope.as_ref().map(FlowScope::states));
            options.extend(weight.zip(steps));
        }
        if let (Some(scope), false) = (&mut reading.scope, ways.is_empty()) {
            scope.restore(&joined(&ways));
        }
        (options.len() == items.len()).then_some(Choose { slot, options })
    }

    fn branch(&mut self, reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>, fields: &Fields<'_>) -> Option<Branch> {
        let condition = condition(reading, "if", entry.value);
        let before = reading.scope.as_ref().map(FlowScope::states).unwrap_or_default();
        if let (Some(scope), Some(captured)) = (&mut reading.scope, condition.as_ref().and_then(Condition::captured)) {
            // The steps of `if: token` are executed only if the flow has captured `token`.
            scope.variables[captured as usize].state = CaptureState::Always;
        }
        let then = self.steps(reading, fields, entry);
        let after_then = reading.scope.as_ref().map(FlowScope::states).unwrap_or_default();
        if let Some(scope) = &mut reading.scope {
            scope.restore(&before);
        }
        let otherwise = match fields.get("else") {
            Some(entry) => self.list(reading, entry),
            None => fields.may_lack("else").then(Vec::new),
        };
        if let Some(scope) = &mut reading.scope {
            let after_otherwise = scope.states();
            scope.restore(&joined(&[after_then, after_otherwise]));
        }
        Some(Branch {
            condition: condition?,
            then: then?,
            otherwise: otherwise?,
        })
    }
}

/// Reads the captures of a step. `continues` means that the flow continues after a failure of the step. If the flow
/// continues after a failure, the captured values may be missing.
fn captures(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, continues: bool) -> Option<Vec<Capture>> {
    let Some(entry) = fields.get("capture") else {
        return fields.may_lack("capture").then(Vec::new);
    };
    let named = entry.named(reading);
    let mut captures = Vec::new();
    let number = named.len();
    for (_, name, node) in named {
        let Some(text) = reading.text(name, node) else { continue };
        let (source, fallback) = match Source::parse(text) {
            Ok(read) => read,
            Err(fault) => {
                reading.refused::<()>(node, &fault);
                continue;
            }
        };
        let slot = reading.next_slot();
        let Some(scope) = &mut reading.scope else { continue };
        let Some(variable) = scope.numbers.get(name).copied() else {
            continue;
        };
        let state = &mut scope.variables[variable as usize].state;
        *state = (*state).max(if continues {
            CaptureState::Maybe
        } else {
            CaptureState::Always
        });
        captures.push(Capture {
            variable,
            slot,
            source,
            fallback,
            text: text.to_owned(),
        });
    }
    (captures.len() == number).then_some(captures)
}

fn condition(reading: &mut ScenarioReader<'_>, what: &str, node: &Node) -> Option<Condition> {
    let text = reading.text(what, node)?;
    let mut scope = reading.scope.take().unwrap_or_default();
    let read = Condition::parse(text, &mut |name| scope.find_for_condition(name));
    reading.scope = Some(scope);
    match read {
        Ok(condition) => Some(condition),
        Err(fault) => reading.refused(node, &fault),
    }
}

fn pause(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Pause> {
    let text = reading.text("pause", entry.value)?;
    let (min, max) = text.split_once(" to ").unwrap_or((text, text));
    let parsed = span::parse(min.trim()).and_then(|min| Ok((min, span::parse(max.trim())?)));
    let slot = reading.next_slot();
    match parsed {
        Ok((min, max)) if min <= max && max <= PAUSE_MAX => Some(Pause { min, max, slot }),
        Ok((min, max)) if min > max => {
            let help = format!("write `{} to {}`", span::show(max), span::show(min));
            reading.problem(entry.value, format!("`{text}` is an empty range"), help)
        }
        Ok(_) => reading.problem(entry.value, "`pause` exceeds the maximum of 1h", "use at most `1h`"),
        Err(fault) => reading.refused(entry.value, &fault),
    }
}

/// Reads the reaction to a failed step: `end`, `continue`, or `retry N [after DURATION] [then continue]`.
fn on_failure(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<OnFailure> {
    const WANTED: &str = "write `end`, `continue`, `retry 2`, or `retry 2 after 500ms then continue`";
    let text = reading.text("on_failure", node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let read = match words.as_slice() {
        ["end"] => Some((0, "0s", false)),
        ["continue"] => Some((0, "0s", true)),
        ["retry", times] => Some((times.parse().unwrap_or(0), "0s", false)),
        ["retry", times, "after", pause] => Some((times.parse().unwrap_or(0), *pause, false)),
        ["retry", times, "then", "continue"] => Some((times.parse().unwrap_or(0), "0s", true)),
        ["retry", times, "after", pause, "then", "continue"] => Some((times.parse().unwrap_or(0), *pause, true)),
        _ => None,
    };
    let Some((retries, pause, continues)) = read else {
        return reading.problem(node, format!("`{text}` is not a reaction to a failure"), WANTED);
    };
    if words[0] == "retry" && !(1..=RETRIES_MAX).contains(&retries) {
        return reading.problem(node, format!("a step is retried 1 to {RETRIES_MAX} times"), WANTED);
    }
    match span::parse(pause) {
        Ok(after) if after <= Limits::WAIT_MAX => Some(OnFailure {
            retries,
            after,
            continues,
        }),
        Ok(_) => reading.problem(node, "the pause before a retry exceeds the maximum of 10m", WANTED),
        Err(fault) => reading.refused(node, &fault),
    }
}
