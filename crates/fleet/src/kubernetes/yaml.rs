//! Writes JSON values as YAML, in the style of the documentation of Kubernetes.

use serde_json::Value;
use std::fmt::Write;

/// Converts a value to a YAML document, which ends with a line break.
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    block(&mut text, value, 0);
    text
}

/// Writes a value that begins at the start of a line.
fn block(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (at, (key, value)) in entries.iter().enumerate() {
                // The caller has indented the first line.
                let indent = if at == 0 { 0 } else { depth };
                let _ = write!(text, "{:indent$}{}:", "", scalar(key));
                behind_key(text, value, depth);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                let indent = if at == 0 { 0 } else { depth };
                let _ = write!(text, "{:indent$}- ", "");
                block(text, item, depth + 2);
            }
        }
        value => {
            let _ = writeln!(text, "{}", leaf(value));
        }
    }
}

fn behind_key(text: &mut String, value: &Value, depth: usize) {
    let depth = match value {
        Value::Object(entries) if !entries.is_empty() => depth + 2,
        Value::Array(items) if !items.is_empty() => depth,
        value => {
            let _ = writeln!(text, " {}", leaf(value));
            return;
        }
    };
    let _ = write!(text, "\n{:depth$}", "");
    block(text, value, depth);
}

fn leaf(value: &Value) -> String {
    match value {
        Value::String(string) => scalar(string),
        // The JSON text of other values is also valid YAML.
        value => value.to_string(),
    }
}

/// Returns a string without quotation marks if no YAML parser can mistake it for a value of another type, and in
/// quotation marks otherwise.
fn scalar(string: &str) -> String {
    let begins = |c: char| c.is_ascii_alphabetic();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let is_word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| string.eq_ignore_ascii_case(word));
    match string.starts_with(begins) && string.chars().all(fits) && !is_word {
        true => string.to_owned(),
        false => Value::from(string).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_are_indented_and_doubtful_strings_are_quoted() {
        let value = json!({
            "a": { "b": [1, { "c": "true", "d": [] }, ["x"]], "e": {} },
            "f.io/g": "10", "h": "--x=$(Y)", "i": null, "j": "s3://b/p", "k": "two words: #1",
        });
        let expected = "a:\n  b:\n  - 1\n  - c: \"true\"\n    d: []\n  - - x\n  e: {}\nf.io/g: \"10\"\n\
                        h: \"--x=$(Y)\"\ni: null\nj: \"s3://b/p\"\nk: \"two words: #1\"\n";
        assert_eq!(document(&value), expected);
    }
}
