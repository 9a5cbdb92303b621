//! Reads the rules for answers: the keys `success` and `expect`.

use super::document::Node;
use super::fields::{Fields, KeyValue};
use super::reading::ScenarioReader;
use crate::capture::{self, Check};
use crate::condition::Expectation;
use crate::json_path::JsonPath;
use crate::scenario::{Limits, Success};
use crate::span;
use crate::token::is_token;

/// Reads the success rule of a request. Returns `default` if the request sets neither `success` nor `expect`. A
/// `success` or `expect` without statuses uses the statuses of `default`.
pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, default: Success) -> Option<Success> {
    let success = fields.declares("success").then(|| fields.get("success")).flatten();
    let expected = fields.declares("expect").then(|| fields.get("expect")).flatten();
    match (success, expected) {
        (None, None) => Some(default),
        (Some(_), Some(expected)) => {
            let help = "write `status` and `contains` in `expect`, and remove `success`";
            reading.problem(expected.written, "a request has either `success` or `expect`", help)
        }
        (Some(entry), None) => {
            let fields = entry.map(reading)?;
            let statuses = read_statuses(reading, fields.get("statuses"), default.statuses);
            let body_contains = wanted_text(reading, fields.get("body_contains"));
            Some(Success {
                statuses: statuses?,
                body_contains: body_contains?,
                checks: Vec::new(),
            })
        }
        (None, Some(entry)) => {
            let fields = entry.map(reading)?;
            let statuses = read_statuses(reading, fields.get("status"), default.statuses);
            let body_contains = wanted_text(reading, fields.get("contains"));
            let checks = checks(reading, &fields);
            Some(Success {
                statuses: statuses?,
                body_contains: body_contains?,
                checks: checks?,
            })
        }
    }
}

fn checks(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<Check>> {
    let mut checks: Vec<Option<Check>> = Vec::new();
    if let Some(entry) = fields.get("json") {
        for (written, path, node) in entry.named(reading) {
            let path = match JsonPath::parse(path) {
                Ok(path) => Some(path),
                Err(fault) => reading.refused(written, &fault),
            };
            let expected = expectation(reading, "json", node);
            checks.push(path.zip(expected).map(|(path, expected)| Check::Json(path, expected)));
        }
    }
    if let Some(entry) = fields.get("no") {
        for node in entry.items(reading) {
            checks.push(no_json(reading, node));
        }
    }
    if let Some(entry) = fields.get("header") {
        for (written, name, node) in entry.named(reading) {
            let expected = expectation(reading, name, node);
            checks.push(match is_token(name) {
                true => expected.map(|expected| Check::Header(name.to_owned(), expected)),
                false => reading.problem(written, format!("`{name}` is not a valid header name"), ""),
            });
        }
    }
    if let Some(entry) = fields.get("matches") {
        let text = reading.text("matches", entry.value);
        checks.push(text.and_then(|text| match capture::regex(text) {
            Ok(pattern) => Some(Check::Matches(pattern)),
            Err(fault) => reading.refused(entry.value, &fault),
        }));
    }
    if let Some(entry) = fields.get("latency") {
        checks.push(latency(reading, entry.value));
    }
    checks.into_iter().collect()
}

fn expectation(reading: &mut ScenarioReader<'_>, what: &str, node: &Node) -> Option<Expectation> {
    reading.no_placeholder(what, node)?;
    reading.spelt(what, node).map(|text| Expectation::parse(&text))
}

fn no_json(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Check> {
    let text = reading.text("no", node)?;
    let Some(path) = text.trim().strip_prefix("json ") else {
        return reading.problem(
            node,
            format!("`{text}` does not begin with `json`"),
            "write `no: json $.errors`",
        );
    };
    match JsonPath::parse(path.trim()) {
        Ok(path) => Some(Check::NoJson(path)),
        Err(fault) => reading.refused(node, &fault),
    }
}

fn latency(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Check> {
    let text = reading.text("latency", node)?.trim();
    match span::parse(text.strip_prefix('<').unwrap_or(text).trim()) {
        Ok(limit) if !limit.is_zero() && limit <= Limits::WAIT_MAX => Some(Check::Latency(limit)),
        Ok(_) => reading.problem(
            node,
            format!("`{text}` is zero or above 10m"),
            "write one like `latency: < 1s`",
        ),
        Err(fault) => reading.refused(node, &fault),
    }
}

fn wanted_text(reading: &mut ScenarioReader<'_>, entry: Option<KeyValue<'_>>) -> Option<Option<String>> {
    let Some(entry) = entry else { return Some(None) };
    match reading.templated(entry.key.name, entry.value)? {
        "" => reading.problem(entry.value, "every body contains the empty text", "remove the key"),
        text => Some(Some(text.to_owned())),
    }
}

fn read_statuses(
    reading: &mut ScenarioReader<'_>,
    entry: Option<KeyValue<'_>>,
    default: Vec<(u16, u16)>,
) -> Option<Vec<(u16, u16)>> {
    let Some(entry) = entry else { return Some(default) };
    let bounds = entry.key.kind.bounds().expect("statuses declare their bounds");
    let items = entry.items(reading);
    let read: Vec<Option<(u16, u16)>> = items.iter().map(|item| status_range(reading, item, bounds)).collect();
    read.into_iter()
        .collect::<Option<Vec<_>>>()
        .filter(|read| !read.is_empty())
}

fn status_range(reading: &mut ScenarioReader<'_>, node: &Node, bounds: (u64, u64)) -> Option<(u16, u16)> {
    reading.no_placeholder("statuses", node)?;
    let Some(text) = node.text() else {
        let status = reading.whole("statuses", node, bounds)? as u16;
        return Some((status, status));
    };
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let status = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|&status| (bounds.0..=bounds.1).contains(&status))
    };
    match (status(low), status(high)) {
        (Some(low), Some(high)) if low <= high => Some((low as u16, high as u16)),
        _ => {
            let help = format!(
                "write statuses as `204`, `200-299` or a list of these, from {} to {}",
                bounds.0, bounds.1
            );
            reading.problem(node, format!("`{text}` is not a range of statuses"), help)
        }
    }
}
