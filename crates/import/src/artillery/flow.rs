//! Reads the steps of an Artillery scenario.

use super::load::duration;
use super::variables::{Variables, identifier, range};
use crate::form::{Field, multipart};
use crate::found::{Found, FoundBody, Import};
use crate::left_out::shown;
use crate::model::{Capture, Step};
use crate::secrets::BASIC;
use crate::text::{Form, Part, Text, Value};
use crate::tree::At;
use crate::uri;
use plan::capture::Source;
use plan::scenario::Limits;
use std::time::Duration;

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
/// The maximum number of redirects that Artillery follows for one request.
const REDIRECTS: u8 = 10;
/// The maximum number of repetitions of a loop.
const TURNS_MAX: u64 = 1_000_000;

/// The settings that apply to all steps of a file.
pub(super) struct Common {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub timeout: Option<Duration>,
}

/// Reads a list of steps. Later steps can use the values that a step captures.
pub(super) fn steps<'a>(
    list: impl Iterator<Item = At<'a>>,
    common: &Common,
    variables: &mut Variables,
    import: &mut Import<'_>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for at in list {
        let place = at.place();
        if let Some((method, request)) = METHODS.iter().find_map(|method| Some((*method, at.get(method)?))) {
            let found = request_of(method, &request, common, variables, import);
            steps.extend(import.request(found).map(|request| Step::Send(Box::new(request))));
        } else if let Some(think) = at.get("think") {
            match pause(&think) {
                Some((min, max)) => steps.push(Step::Pause { min, max }),
                None => import.left_out.add(&place, "a pause whose length is not a number"),
            }
        } else if let Some(looped) = at.get("loop") {
            let inner = self::steps(looped.items(), common, variables, import);
            let times = turns(&at, import);
            if !inner.is_empty() {
                steps.push(Step::Repeat { times, steps: inner });
            }
        } else if let Some(parallel) = at.get("parallel") {
            import
                .left_out
                .add(&place, "requests at the same time: one follows the other");
            steps.extend(self::steps(parallel.items(), common, variables, import));
        } else if at.get("log").is_none() {
            let name = at.entries().next().map_or("", |(name, _)| name);
            let what = match name {
                "function" => "calls of functions".to_owned(),
                name => format!("the step {}", shown(name)),
            };
            import.left_out.add(&place, what);
        }
    }
    steps
}

/// Reads the length of a pause. Returns the minimum and the maximum of the length. The two values differ only if the
/// length is drawn at random.
fn pause(think: &At<'_>) -> Option<(Duration, Duration)> {
    let fits = |duration: &Duration| *duration <= Limits::WAIT_MAX;
    if let Some(length) = duration(think).filter(fits) {
        return Some((length, length));
    }
    let name = think.text()?.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (min, max) = range(name)?;
    let seconds = |seconds: i64| u64::try_from(seconds).ok().map(Duration::from_secs).filter(fits);
    Some((seconds(min)?, seconds(max)?))
}

fn turns(at: &At<'_>, import: &mut Import<'_>) -> u64 {
    let place = at.place();
    if let Some(over) = at.get("over") {
        import.left_out.add(&place, "the values that a loop takes from a list");
        return (over.items().count() as u64).clamp(1, TURNS_MAX);
    }
    if at.get("whileTrue").is_some() {
        import.left_out.add(&place, "the condition of a loop: it has one turn");
        return 1;
    }
    let count = at.get("count").and_then(|count| count.spelled()?.parse::<u64>().ok());
    match count.filter(|count| (1..=TURNS_MAX).contains(count)) {
        Some(count) => count,
        None => {
            import
                .left_out
                .add(&place, "a loop whose number of turns is not a number: it has one turn");
            1
        }
    }
}

fn request_of(method: &str, at: &At<'_>, common: &Common, variables: &mut Variables, import: &mut Import<'_>) -> Found {
    let place = at.place();
    let url = at.text_of("url").or_else(|| at.text_of("uri")).unwrap_or("/");
    let whole = match url.starts_with('/') {
        true => format!("{}{url}", common.target.trim_end_matches('/')),
        false => url.to_owned(),
    };
    let mut found = Found {
        name: at.text_of("name").unwrap_or_default().to_owned(),
        method: method.to_owned(),
        url: variables.text(&whole, &place, import),
        timeout: common.timeout,
        follow_redirects: match at.get("followRedirect").and_then(|follow| follow.flag()) {
            Some(false) => None,
            _ => Some(REDIRECTS),
        },
        ..Found::default()
    };
    query(at, variables, &mut found, import);
    for (name, value) in at.get("headers").into_iter().flat_map(|headers| headers.entries()) {
        let value = value.spelled().unwrap_or_default();
        found
            .headers
            .push((name.to_owned(), variables.text(&value, &place, import)));
    }
    for (name, value) in &common.headers {
        if found.header(name).is_none() {
            found
                .headers
                .push((name.clone(), variables.text(value, &place, import)));
        }
    }
    cookies_and_user(at, variables, &mut found, import);
    body(at, variables, &mut found, import);
    expectations(at, &mut found, import);
    for key in ["beforeRequest", "afterResponse", "ifTrue"] {
        if let Some(value) = at.get(key) {
            let what = match key {
                "ifTrue" => "conditions of requests".to_owned(),
                key => format!("functions that a request calls: {key}"),
            };
            import.left_out.add(&value.place(), what);
        }
    }
    let captures = at.get("capture");
    let one = captures.iter().filter(|capture| capture.is_map()).cloned();
    let all: Vec<At<'_>> = one.chain(at.items_of("capture")).collect();
    for capture in all {
        let name = capture.text_of("as").unwrap_or_default();
        let source = source(&capture).filter(|source| !name.is_empty() && Source::parse(source).is_ok());
        let is_taken = found.captures.iter().any(|known| known.name == identifier(name));
        match source {
            Some(_) if is_taken => import
                .left_out
                .add(&capture.place(), "a second capture with the same name"),
            Some(source) => {
                variables.captured.insert(name.to_owned());
                found.captures.push(Capture {
                    name: identifier(name),
                    source,
                });
            }
            None => import
                .left_out
                .add(&capture.place(), "a capture whose kind is not supported"),
        }
    }
    Found { place, ..found }
}

/// Returns the source of a captured value in the scenario language. Returns `None` if the scenario language has no such
/// source.
fn source(capture: &At<'_>) -> Option<String> {
    let one_line = |text: &&str| !text.chars().any(char::is_control);
    if let Some(path) = capture.text_of("json").filter(one_line) {
        return Some(format!("json {path}"));
    }
    if let Some(name) = capture.text_of("header").filter(one_line) {
        return Some(format!("header {name}"));
    }
    let pattern = capture.text_of("regexp").filter(one_line)?;
    Some(format!("regex '{pattern}'"))
}

fn query(at: &At<'_>, variables: &Variables, found: &mut Found, import: &mut Import<'_>) {
    for (name, value) in at.get("qs").into_iter().flat_map(|query| query.entries()) {
        let joint = match found.url.literals().any(|text| text.contains('?')) {
            true => "&",
            false => "?",
        };
        let value = variables.text(&value.spelled().unwrap_or_default(), &value.place(), import);
        found.url.push_literal(&format!("{joint}{}=", uri::component(name)));
        found.url.append(value.map_literals(uri::component));
    }
}

fn cookies_and_user(at: &At<'_>, variables: &Variables, found: &mut Found, import: &mut Import<'_>) {
    let mut cookies = Text::default();
    for (number, (name, value)) in at.get("cookie").into_iter().flat_map(|all| all.entries()).enumerate() {
        cookies.push_literal(if number == 0 { "" } else { "; " });
        cookies.push_literal(&format!("{name}="));
        cookies.append(variables.text(&value.spelled().unwrap_or_default(), &value.place(), import));
    }
    if !cookies.is_empty() {
        found.headers.push(("Cookie".to_owned(), cookies));
    }
    let Some(auth) = at.get("auth") else { return };
    let place = auth.place();
    let part = |key: &str| auth.get(key).and_then(|part| part.spelled()).unwrap_or_default();
    let mut user = variables.text(&format!("{}:{}", part("user"), part("pass")), &place, import);
    let secret = match user.as_literal() {
        Some(literal) => import.secrets.replace("BASIC_CREDENTIALS", literal, BASIC, &place),
        None if user.values().any(|value| !matches!(value, Value::Environment(_))) => {
            return import
                .left_out
                .add(&place, "the user and password, which are variables");
        }
        None => import.secrets.named("BASIC_CREDENTIALS", BASIC, &place),
    };
    if let Some(secret) = secret {
        user = Text::literal("Basic ");
        user.push(Part::Value(secret, Form::Base64));
        found.headers.push(("Authorization".to_owned(), user));
    }
}

fn body(at: &At<'_>, variables: &Variables, found: &mut Found, import: &mut Import<'_>) {
    let mut kind = None;
    let body = if let Some(json) = at.get("json") {
        kind = Some("application/json".to_owned());
        variables.json(&json, import)
    } else if let Some(form) = at.get("form") {
        kind = Some("application/x-www-form-urlencoded".to_owned());
        let mut out = Text::default();
        for (number, (name, value)) in form.entries().enumerate() {
            out.push_literal(if number == 0 { "" } else { "&" });
            out.push_literal(&format!("{}=", uri::component(name)));
            let value = variables.text(&value.spelled().unwrap_or_default(), &value.place(), import);
            out.append(value.map_literals(uri::component));
        }
        out
    } else if let Some(form) = at.get("formData") {
        let mut fields = Vec::new();
        for (name, value) in form.entries() {
            match value.spelled() {
                Some(text) => {
                    let text = variables.text(&text, &value.place(), import);
                    fields.push(Field::text(Text::literal(name), text));
                }
                None => {
                    let what = format!("the field {} of a form, which is not text", shown(name));
                    import.left_out.add(&value.place(), what);
                }
            }
        }
        let (with_boundary, body) = multipart(&fields, &form.place(), &mut import.secrets);
        kind = Some(with_boundary);
        body
    } else if let Some(body) = at.get("body") {
        match body.spelled() {
            Some(text) => variables.text(&text, &body.place(), import),
            None => variables.json(&body, import),
        }
    } else {
        return;
    };
    if let Some(kind) = kind
        && found.header("content-type").is_none()
    {
        found.headers.push(("Content-Type".to_owned(), Text::literal(kind)));
    }
    found.body = FoundBody::Text(body);
}

fn expectations(at: &At<'_>, found: &mut Found, import: &mut Import<'_>) {
    let expect = at.get("expect");
    let one = expect.iter().filter(|expect| expect.is_map()).cloned();
    let all: Vec<At<'_>> = one.chain(at.items_of("expect")).collect();
    for expectation in all {
        for (name, value) in expectation.entries() {
            let listed: Vec<At<'_>> = match value.is_list() {
                true => value.items().collect(),
                false => vec![value.clone()],
            };
            let status = |at: &At<'_>| {
                at.spelled()?
                    .parse::<u16>()
                    .ok()
                    .filter(|code| (100..600).contains(code))
            };
            let statuses: Option<Vec<String>> = listed
                .iter()
                .map(|at| status(at).map(|code| code.to_string()))
                .collect();
            match (name, statuses.as_deref()) {
                ("statusCode", Some([one])) => found.statuses = Some(one.clone()),
                ("statusCode", Some(several)) if (2..=100).contains(&several.len()) => {
                    found.statuses = Some(format!("[ {} ]", several.join(", ")));
                }
                _ => {
                    let what = format!("the expectation {}", shown(name));
                    import.left_out.add(&value.place(), what);
                }
            }
        }
    }
}
