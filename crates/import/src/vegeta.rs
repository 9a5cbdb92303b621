//! Converts targets of the tool vegeta, in the http format or the json format of vegeta.
//!
//! ```text
//! targets = { "#" comment | target }
//! target  = method " " url { header ":" value } [ "@" file ]
//! ```
//! In the json format, each line is an object with the keys `method`, `url`, `header` and `body`. The body is encoded
//! in base64.

use crate::Base;
use crate::error::ImportError;
use crate::finish::Draft;
use crate::found::{Found, FoundBody, Import, no_requests};
use crate::model::Flow;
use crate::text::Text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plan::token::is_token;
use serde_json::Value;

/// Returns whether a line begins a target.
pub(crate) fn begins(line: &str) -> bool {
    is_json(line) || target_line(line).is_some()
}

fn is_json(line: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(line).ok();
    value.is_some_and(|value| value["url"].is_string() && value["method"].is_string())
}

/// Returns the method and the URL of a line. Returns `None` if the line does not begin a target.
fn target_line(line: &str) -> Option<(&str, &str)> {
    let (method, url) = line.trim().split_once(' ')?;
    let is_method = is_token(method) && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let url = url.trim();
    let is_url = url.contains("://") && !url.contains(' ');
    (is_method && is_url).then_some((method, url))
}

pub(crate) fn read(text: &str, import: &mut Import<'_>) -> Result<Draft, ImportError> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    let found = match first.is_some_and(|line| line.starts_with('{')) {
        true => json(text, import)?,
        false => http(text)?,
    };
    let requests: Vec<_> = found.into_iter().filter_map(|found| import.request(found)).collect();
    if requests.is_empty() {
        return Err(no_requests("target"));
    }
    Ok(Draft {
        flows: requests.into_iter().map(|request| Flow::of(request, 1)).collect(),
        ..Draft::default()
    })
}

/// Reads targets in the http format.
fn http(text: &str) -> Result<Vec<Found>, ImportError> {
    let mut targets: Vec<Found> = Vec::new();
    // Whether the next line may be a header or the body of the current target.
    let mut is_open = false;
    for (at, line) in text.lines().enumerate() {
        let (number, line) = (at + 1, line.trim());
        if line.is_empty() {
            is_open = false;
        } else if line.starts_with('#') {
        } else if let Some((method, url)) = target_line(line) {
            is_open = true;
            targets.push(Found {
                place: format!("line {number}"),
                method: method.to_owned(),
                url: Text::literal(url),
                ..Found::default()
            });
        } else if let (true, Some(target)) = (is_open, targets.last_mut()) {
            if let Some(file) = line.strip_prefix('@') {
                target.body = FoundBody::File(file.to_owned(), Base::Current);
            } else if let Some((name, value)) = line.split_once(':') {
                let header = (name.trim().to_owned(), Text::literal(value.trim()));
                target.headers.push(header);
            } else {
                return Err(ImportError::in_line(
                    number,
                    "this is neither a header nor a body",
                    "write `NAME: VALUE`, or `@` and a path",
                ));
            }
        } else {
            return Err(ImportError::in_line(
                number,
                "this is not a target",
                "write `METHOD URL`",
            ));
        }
    }
    Ok(targets)
}

/// Reads targets in the json format.
fn json(text: &str, import: &mut Import<'_>) -> Result<Vec<Found>, ImportError> {
    let mut targets = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |problem: &str| ImportError::in_line(number, problem, "write one target in each line");
        let value: Value = serde_json::from_str(line)
            .map_err(|error| wrong(&format!("this is not JSON: column {}", error.column())))?;
        let (Some(method), Some(url)) = (value["method"].as_str(), value["url"].as_str()) else {
            return Err(wrong("the target has no `method` or no `url`"));
        };
        let place = format!("line {number}");
        let mut found = Found {
            method: method.to_owned(),
            url: Text::literal(url),
            ..Found::default()
        };
        for (name, values) in value["header"].as_object().into_iter().flatten() {
            let one = std::slice::from_ref(values);
            let values = values.as_array().map_or(one, Vec::as_slice);
            let values = values.iter().filter_map(Value::as_str).map(Text::literal);
            found.headers.extend(values.map(|value| (name.clone(), value)));
        }
        match value["body"].as_str().filter(|body| !body.is_empty()) {
            None => {}
            Some(body) => match STANDARD.decode(body).map(String::from_utf8) {
                Ok(Ok(text)) => found.body = FoundBody::Text(Text::literal(text)),
                Ok(Err(_)) => import.left_out.add(
                    &place,
                    "the body, which is not text; keep it in a file, and write `body: { file: … }`",
                ),
                Err(_) => return Err(wrong("the body is not in base64")),
            },
        }
        targets.push(Found { place, ..found });
    }
    Ok(targets)
}
