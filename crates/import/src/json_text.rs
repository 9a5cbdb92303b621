//! JSON texts whose spelling is kept.

use crate::secrets::is_secret_field;
use crate::text::{Form, Part, Text, Value};

/// Replaces the values of fields that carry credentials. A text that is not JSON is kept.
pub(crate) fn without_secrets(text: &str, mut replace: impl FnMut(&str, &str) -> Option<Value>) -> Text {
    if !text.trim_start().starts_with(['{', '[']) {
        return Text::literal(text);
    }
    let mut out = Text::default();
    let mut kept = 0;
    let mut at = 0;
    // The last string, if it may be the name of a field.
    let mut name: Option<String> = None;
    while let Some(begin) = text[at..].find('"').map(|begin| at + begin) {
        let Some(end) = string_end(text, begin) else { break };
        let is_value = text[at..begin].trim() == ":";
        let content: Option<String> = serde_json::from_str(&text[begin..=end]).ok();
        if let (true, Some(name), Some(value)) = (is_value, &name, &content)
            && is_secret_field(name)
            && !value.is_empty()
            && let Some(secret) = replace(name, value)
        {
            out.push_literal(&text[kept..=begin]);
            out.push(Part::Value(secret, Form::Json));
            kept = end;
        }
        name = content.filter(|_| !is_value);
        at = end + 1;
    }
    out.push_literal(&text[kept..]);
    out
}

/// The position of the quote that ends a string.
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
        assert_eq!(without_secrets(text, secret).in_language(), expected);
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
        check("password=x", "password=x");
        check(
            r#"{"password": null, "token": ""}"#,
            r#"{"password": null, "token": ""}"#,
        );
    }
}
