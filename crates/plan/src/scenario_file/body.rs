//! Reads the bodies of requests: text, files, JSON, forms and GraphQL queries.

use super::document::{Node, Value};
use super::fields::{Fields, KeyValue, usable};
use super::http;
use super::reading::ScenarioReader;
use super::step_keys::BODY_KEYS;
use crate::form::Form;
use crate::scenario::{Body, BodyPiece};
use crate::sha256;
use crate::template::{Template, TemplatePart};

/// The body of a request, and the value of the header `content-type` that is added if the scenario does not set this
/// header.
pub(super) struct ReadBody {
    pub body: Body,
    pub content_type: Option<String>,
    /// Whether the request fails if its answer contains `$.errors`.
    pub is_graphql: bool,
}

impl ReadBody {
    fn new(body: Body, content_type: Option<&str>) -> ReadBody {
        ReadBody {
            body,
            content_type: content_type.map(str::to_owned),
            is_graphql: false,
        }
    }
}

/// Reads the body of a request. The key that contains the body determines how the body is read.
pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, is_json: bool) -> Option<ReadBody> {
    let present: Vec<KeyValue<'_>> = BODY_KEYS.iter().filter_map(|key| fields.get(key)).collect();
    let entry = match present.as_slice() {
        [] => {
            let absent = BODY_KEYS.iter().all(|key| fields.may_lack(key));
            return absent.then(|| ReadBody::new(Body::Empty, None));
        }
        [one] => *one,
        [one, other, ..] => {
            let message = format!(
                "a request has one body, not `{}` and `{}`",
                one.key.name, other.key.name
            );
            return reading.problem(other.written, message, "keep one of them");
        }
    };
    match entry.key.name {
        "body" => text(reading, entry, is_json).map(|body| ReadBody::new(body, None)),
        "json" => {
            let json = json(reading, entry.value)?;
            Some(ReadBody::new(Body::Inline(json), Some("application/json")))
        }
        "form" => {
            let form = form(reading, entry)?;
            Some(ReadBody::new(
                Body::Inline(form),
                Some("application/x-www-form-urlencoded"),
            ))
        }
        "multipart" => multipart(reading, entry),
        _ => graphql(reading, entry),
    }
}

fn text(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>, is_json: bool) -> Option<Body> {
    if matches!(entry.value.value, Value::Map(_)) && !reading.spelling(entry.value).starts_with("{{") {
        let fields = entry.map(reading)?;
        let file = fields.get("file")?;
        let path = reading.text("file", file.value)?;
        let filled = match fields.get("placeholders") {
            Some(entry) => reading.flag("placeholders", entry.value)?,
            None => false,
        };
        let blob = reading.file(file.value, path)?;
        if !filled {
            return Some(Body::Blob(blob));
        }
        let text = file_text(reading, file.value, path, &blob)?;
        let template = reading.template(file.value, &text)?;
        return http::body(reading, file.value, template, is_json).map(Body::Inline);
    }
    let text = reading.templated("body", entry.value)?;
    let template = reading.template(entry.value, text)?;
    http::body(reading, entry.value, template, is_json).map(Body::Inline)
}

/// Returns the text of a file whose content is already in [`ScenarioReader::blobs`].
fn file_text(reading: &mut ScenarioReader<'_>, node: &Node, path: &str, blob: &str) -> Option<String> {
    match String::from_utf8(reading.blobs[blob].clone()) {
        Ok(text) => Some(text),
        Err(_) => reading.problem(node, format!("`{path}` is not text in UTF-8"), "use a text file"),
    }
}

/// Writes a YAML value as JSON. The values of placeholders are escaped.
fn json(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Template> {
    let mut out = Template::default();
    write_json(reading, node, &mut out).map(|()| out)
}

fn push(out: &mut Template, text: impl Into<String>) {
    out.push(TemplatePart::Text(text.into()));
}

fn write_json(reading: &mut ScenarioReader<'_>, node: &Node, out: &mut Template) -> Option<()> {
    match &node.value {
        Value::Null => push(out, "null"),
        Value::Flag(flag) => push(out, flag.to_string()),
        Value::Integer(number) => push(out, number.to_string()),
        Value::Float => {
            let written = reading.spelling(node).to_owned();
            if !is_json_number(&written) {
                let help = format!("write `\"{written}\"` for a text");
                return reading.problem(node, format!("`{written}` is not a number of JSON"), help);
            }
            push(out, written);
        }
        Value::Text(text) => write_json_text(reading, node, text, out)?,
        Value::List(items) => {
            push(out, "[");
            for (at, item) in items.iter().enumerate() {
                push(out, if at > 0 { "," } else { "" });
                write_json(reading, item, out)?;
            }
            push(out, "]");
        }
        Value::Map(_) if reading.spelling(node).starts_with("{{") => {
            let help = "put a text that begins with `{{` in single quotes";
            return reading.problem(node, "YAML reads this placeholder as a map", help);
        }
        Value::Map(pairs) => {
            push(out, "{");
            for (at, (name, value)) in pairs.iter().enumerate() {
                push(out, if at > 0 { "," } else { "" });
                let written = match &name.value {
                    Value::Text(text) => text.clone(),
                    _ => reading.spelling(name).to_owned(),
                };
                push(out, format!("\"{}\":", Form::Json.written(&written)));
                write_json(reading, value, out)?;
            }
            push(out, "}");
        }
        Value::Unfilled => return None,
        Value::Tagged | Value::Bad | Value::TooDeep => {
            return reading.problem(
                node,
                format!("`json` has {}", node.described()),
                "write plain JSON or YAML",
            );
        }
    }
    Some(())
}

/// Returns whether the text is a JSON number (RFC 8259, 6).
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((plain, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let leads = whole == "0" || !whole.starts_with('0');
    leads && digits(whole) && digits(fraction) && digits(exponent)
}

/// Writes a text as a JSON string. If the text consists of one placeholder with the form `raw`, the value of the
/// placeholder is written without quotes.
fn write_json_text(reading: &mut ScenarioReader<'_>, node: &Node, text: &str, out: &mut Template) -> Option<()> {
    let template = reading.template(node, text)?;
    let trimmed = text.trim();
    let is_one = trimmed.starts_with("{{") && trimmed.find("}}") == Some(trimmed.len().saturating_sub(2));
    let is_raw = is_one && trimmed.trim_end_matches("}}").trim_end().ends_with(" raw");
    if is_raw {
        template.0.into_iter().for_each(|part| out.push(part));
        return Some(());
    }
    push(out, "\"");
    for part in template.0 {
        out.push(part.in_json());
    }
    push(out, "\"");
    Some(())
}

fn form(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Template> {
    let (mut form, mut whole, mut joint) = (Template::default(), true, "");
    for (_, name, node) in entry.named(reading) {
        match reading.spelt(name, node).and_then(|text| reading.template(node, &text)) {
            Some(value) => http::append(&mut form, joint, name, value),
            None => whole = false,
        }
        joint = "&";
    }
    whole.then_some(form)
}

/// Reads a multipart body, and encodes its fields and files as RFC 7578 defines.
fn multipart(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<ReadBody> {
    struct Field {
        head: String,
        value: BodyPiece,
    }
    let (mut fields, mut whole) = (Vec::new(), true);
    for (_, name, node) in entry.named(reading) {
        let name = name.replace('"', "%22").replace(['\r', '\n'], " ");
        let disposition = format!("Content-Disposition: form-data; name=\"{name}\"");
        let read = match &node.value {
            Value::Map(_) if !reading.spelling(node).starts_with("{{") => {
                file_field(reading, node, &disposition).map(|(head, value)| Field { head, value })
            }
            _ => reading.spelt(&name, node).and_then(|text| {
                let value = BodyPiece::Template(reading.template(node, &text)?);
                Some(Field {
                    head: disposition.clone(),
                    value,
                })
            }),
        };
        match read {
            Some(field) => fields.push(field),
            None => whole = false,
        }
    }
    if !whole || fields.is_empty() {
        return None;
    }
    // The boundary is a hash of the contents. Every plan of the scenario has the same boundary, and the author of a
    // file cannot put the boundary into the file.
    let mut contents = Vec::new();
    for field in &fields {
        contents.extend_from_slice(field.head.as_bytes());
        match &field.value {
            BodyPiece::Template(template) => contents.extend_from_slice(format!("{template:?}").as_bytes()),
            BodyPiece::Blob(blob) => contents.extend_from_slice(blob.as_bytes()),
        }
    }
    let boundary = format!("vajra-{}", &sha256::hex(&contents)[..32]);
    let mut pieces = Vec::new();
    let mut text = Template::default();
    for field in fields {
        push(&mut text, format!("--{boundary}\r\n{}\r\n\r\n", field.head));
        match field.value {
            BodyPiece::Template(value) => value.0.into_iter().for_each(|part| text.push(part)),
            blob @ BodyPiece::Blob(_) => {
                pieces.push(BodyPiece::Template(std::mem::take(&mut text)));
                pieces.push(blob);
            }
        }
        push(&mut text, "\r\n");
    }
    push(&mut text, format!("--{boundary}--\r\n"));
    let body = match pieces.is_empty() {
        true => Body::Inline(text),
        false => {
            pieces.push(BodyPiece::Template(text));
            Body::Pieces(pieces)
        }
    };
    let content_type = format!("multipart/form-data; boundary={boundary}");
    Some(ReadBody::new(body, Some(&content_type)))
}

/// Returns the head and the content of a form field that is a map in the scenario.
fn file_field(reading: &mut ScenarioReader<'_>, node: &Node, disposition: &str) -> Option<(String, BodyPiece)> {
    let fields = Fields::read(reading, &super::step_keys::FIELD, node)?;
    let plain = |reading: &mut ScenarioReader<'_>, key: &str| match fields.get(key) {
        Some(entry) => {
            reading.no_placeholder(key, entry.value)?;
            let text = reading.spelt(key, entry.value)?;
            match crate::rules::fits_header(&text) && !text.contains('"') {
                true => Some(Some(text)),
                false => reading.problem(entry.value, format!("`{key}` has a quote or control character"), ""),
            }
        }
        None => Some(None),
    };
    let (filename, content_type) = (plain(reading, "filename")?, plain(reading, "type")?);
    match (fields.get("file"), fields.get("value")) {
        (Some(file), None) => {
            let path = reading.text("file", file.value)?;
            let blob = reading.file(file.value, path)?;
            let own = path.rsplit('/').next().unwrap_or(path).replace('"', "%22");
            let filename = filename.unwrap_or(own);
            let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            let head = format!("{disposition}; filename=\"{filename}\"\r\nContent-Type: {content_type}");
            Some((head, BodyPiece::Blob(blob)))
        }
        (None, Some(value)) => {
            let text = reading.spelt("value", value.value)?;
            let value = reading.template(value.value, &text)?;
            let filename = filename.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
            let content_type = content_type.map_or_else(String::new, |kind| format!("\r\nContent-Type: {kind}"));
            let head = format!("{disposition}{filename}{content_type}");
            Some((head, BodyPiece::Template(value)))
        }
        _ => reading.problem(
            node,
            "a field of `multipart` has either `file` or `value`",
            "write one of them",
        ),
    }
}

fn graphql(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<ReadBody> {
    let fields = entry.map(reading)?;
    let query = match (fields.get("file"), fields.get("query")) {
        (Some(file), None) => {
            let path = reading.text("file", file.value)?;
            let blob = reading.file(file.value, path)?;
            file_text(reading, file.value, path, &blob)?
        }
        (None, Some(query)) => reading.templated("query", query.value)?.to_owned(),
        _ => {
            return reading.problem(
                entry.value,
                "`graphql` has either `file` or `query`",
                "write one of them",
            );
        }
    };
    let mut out = Template::default();
    push(&mut out, format!("{{\"query\":\"{}\"", Form::Json.written(&query)));
    if let Some(operation) = fields.get("operation") {
        let name = reading.text("operation", operation.value)?;
        push(&mut out, format!(",\"operationName\":\"{}\"", Form::Json.written(name)));
    }
    if let Some(variables) = fields
        .get("variables")
        .filter(|entry| usable(reading, "variables", entry.written, entry.value))
    {
        push(&mut out, ",\"variables\":");
        write_json(reading, variables.value, &mut out)?;
    }
    push(&mut out, "}");
    Some(ReadBody {
        is_graphql: true,
        ..ReadBody::new(Body::Inline(out), Some("application/json"))
    })
}
