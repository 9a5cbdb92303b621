//! Changes single values in a JSON text, without changing the spelling of the other values.

use crate::secrets::is_secret;
use crate::text::{Form, Part, Text, Value};
use std::ops::Range;

/// Replaces the values of fields that contain credentials by the values that `replace` returns. A text that is not JSON
/// is returned unchanged.
pub(crate) fn without_secrets(text: &Text, mut replace: impl FnMut(&str, &str) -> Option<Value>) -> Text {
    let literals: String = text.literals().collect();
    if !literals.trim_start().starts_with(['{', '[']) {
        return text.clone();
    }
    // The changes of the literals: each range of bytes that is replaced, and the part that replaces this range.
    let mut edits: Vec<(Range<usize>, Part)> = Vec::new();
    let mut length = 0;
    for part in text.parts() {
        match part {
            Part::Literal(literal) => length += literal.len(),
            part => edits.push((length..length, part.clone())),
        }
    }
    let mut secrets = Vec::new();
    let mut at = 0;
    // The last string that was read, if this string may be the name of a field.
    let mut name: Option<String> = None;
    while let Some(begin) = literals[at..].find('"').map(|begin| at + begin) {
        let Some(end) = string_end(&literals, begin) else { break };
        let is_value = literals[at..begin].trim() == ":";
        let content: Option<String> = serde_json::from_str(&literals[begin..=end]).ok();
        let is_whole = !edits.iter().any(|(range, _)| begin < range.start && range.start <= end);
        if let (true, Some(name), Some(value)) = (is_value && is_whole, &name, &content)
            && is_secret(name, value)
            && let Some(secret) = replace(name, value)
        {
            secrets.push((begin + 1..end, Part::Value(secret, Form::Json)));
        }
        name = content.filter(|_| !is_value);
        at = end + 1;
    }
    edits.extend(secrets);
    edits.sort_by_key(|(range, _)| range.start);
    let (mut out, mut kept) = (Text::default(), 0);
    for (range, part) in edits {
        out.push_literal(&literals[kept..range.start]);
        out.push(part);
        kept = range.end;
    }
    out.push_literal(&literals[kept..]);
    out
}

/// Returns the position of the quote that ends a string. Returns `None` if the string has no end.
pub(crate) fn string_end(text: &str, begin: usize) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(begin + 1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let secret = |name: &str, _: &str| Some(Value::Secret(name.to_uppercase()));
        assert_eq!(without_secrets(&Text::literal(text), secret).in_language(), expected);
    }

    #[test]
    fn values_of_credentials_are_replaced_and_everything_else_is_kept() {
        check(
            r#"{ "user" : "a\"b", "password":"p\"w", "n": 1 }"#,
            r#"{ "user" : "a\"b", "password":"{{ secret "env:PASSWORD" json }}", "n": 1 }"#,
        );
        check(r#"["password","x"]"#, r#"["password","x"]"#);
        check(
            r#"{"password": {"token":"x"}}"#,
            r#"{"password": {"token":"{{ secret "env:TOKEN" json }}"}}"#,
        );
        check(r#"{"password": "x"#, r#"{"password": "x"#);
        let mut mixed = Text::literal(r#"{"user":""#);
        mixed.append(Text::value(Value::Uuid));
        mixed.push_literal(r#"","password":"x","token":"a"#);
        mixed.append(Text::value(Value::Uuid));
        mixed.push_literal(r#""}"#);
        assert_eq!(
            without_secrets(&mixed, |name, _| Some(Value::Secret(name.to_uppercase()))).in_language(),
            r#"{"user":"{{ uuid }}","password":"{{ secret "env:PASSWORD" json }}","token":"a{{ uuid }}"}"#
        );
        check("password=x", "password=x");
        check(
            r#"{"password": null, "token": ""}"#,
            r#"{"password": null, "token": ""}"#,
        );
    }
}
