//! The texts of a scenario. A text consists of literal text and placeholders.

use std::fmt::Write;

/// A text with placeholders, as a list of parts in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Vec<Part>);

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Value(Value, Form),
    /// Text that is already in the scenario language. This text is written unchanged.
    Written(String),
}

/// A value that replaces a placeholder. Some values replace their placeholder when the scenario is read, and others
/// replace it for each arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A secret, which the worker reads from an environment variable.
    Secret(String),
    /// An environment variable of the launcher.
    Environment(String),
    /// A cell of a feed.
    Cell {
        feed: String,
        column: String,
    },
    /// A value that an earlier step of the flow captured.
    Captured(String),
    /// The number of the current repetition of a `repeat`.
    Turn,
    Uuid,
    Random(i64, i64),
}

/// How a value is encoded, depending on its position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    AsIs,
    /// The value is escaped for a JSON string.
    Json,
    Base64,
}

impl Text {
    pub fn literal(text: impl Into<String>) -> Text {
        let mut out = Text::default();
        out.push(Part::Literal(text.into()));
        out
    }

    pub fn value(value: Value) -> Text {
        Text(vec![Part::Value(value, Form::AsIs)])
    }

    /// Returns a text that consists of one part.
    pub(crate) fn of(part: Part) -> Text {
        Text(vec![part])
    }

    /// Returns a text from a string that is already in the scenario language.
    pub fn written(text: impl Into<String>) -> Text {
        Text(vec![Part::Written(text.into())])
    }

    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Appends a part. Two literals that follow each other are joined.
    pub fn push(&mut self, part: Part) {
        match (self.0.last_mut(), part) {
            (_, Part::Literal(text)) if text.is_empty() => {}
            (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(&text),
            (_, part) => self.0.push(part),
        }
    }

    pub fn push_literal(&mut self, text: &str) {
        self.push(Part::Literal(text.to_owned()));
    }

    pub fn append(&mut self, other: Text) {
        other.0.into_iter().for_each(|part| self.push(part));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text as a string. Returns `None` if the text has placeholders.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the literal at the beginning of the text. Returns an empty literal if the text begins with a
    /// placeholder.
    pub fn head(&self) -> &str {
        match self.0.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// Returns the literals of the text, without the placeholders between them.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().filter_map(|part| match part {
            Part::Value(value, _) => Some(value),
            _ => None,
        })
    }

    /// Applies a function to each literal.
    pub fn map_literals(self, change: impl Fn(&str) -> String) -> Text {
        let mut out = Text::default();
        for part in self.0 {
            out.push(match part {
                Part::Literal(text) => Part::Literal(change(&text)),
                part => part,
            });
        }
        out
    }

    /// Splits the text before the first literal character for which `is_end` returns `true`.
    pub fn split_before(self, is_end: impl Fn(char) -> bool) -> (Text, Text) {
        let (mut before, mut after, mut found) = (Text::default(), Text::default(), false);
        for part in self.0 {
            match part {
                part if found => after.push(part),
                Part::Literal(text) => {
                    let end = text.find(&is_end);
                    let (left, right) = text.split_at(end.unwrap_or(text.len()));
                    before.push_literal(left);
                    after.push_literal(right);
                    found = end.is_some();
                }
                part => before.push(part),
            }
        }
        (before, after)
    }

    /// Splits the text at the first character `at` in a literal, and removes this character. Returns `None` if no
    /// literal contains this character.
    pub fn split_once(&self, at: char) -> Option<(Text, Text)> {
        let (before, mut after) = self.clone().split_before(|c| c == at);
        match after.0.first_mut() {
            Some(Part::Literal(text)) => {
                text.remove(0);
            }
            _ => return None,
        }
        after.0.retain(|part| *part != Part::Literal(String::new()));
        Some((before, after))
    }

    /// Splits the text at every character `at` in a literal.
    pub fn split(self, at: char) -> Vec<Text> {
        let (mut out, mut current) = (Vec::new(), Text::default());
        for part in self.0 {
            let Part::Literal(text) = part else {
                current.push(part);
                continue;
            };
            for (number, piece) in text.split(at).enumerate() {
                if number > 0 {
                    out.push(std::mem::take(&mut current));
                }
                current.push_literal(piece);
            }
        }
        out.push(current);
        out
    }

    /// Removes white space from both ends of the text.
    pub fn trim(mut self) -> Text {
        if let Some(Part::Literal(text)) = self.0.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if let Some(Part::Literal(text)) = self.0.last_mut() {
            *text = text.trim_end().to_owned();
        }
        self.0.retain(|part| *part != Part::Literal(String::new()));
        self
    }

    /// Returns the text in the scenario language.
    pub fn in_language(&self) -> String {
        let mut out = String::new();
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Literal(text) => escape(text, at + 1 < self.0.len(), &mut out),
                Part::Value(value, form) => value.write(*form, &mut out),
                Part::Written(text) => out.push_str(text),
            }
        }
        out
    }
}

/// Appends a literal to `out`. Braces are escaped, so that no brace begins a placeholder.
fn escape(text: &str, is_followed: bool, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        match c == '{' && (next == Some(&'{') || (next.is_none() && is_followed)) {
            true => out.push_str("{{ \"{\" }}"),
            false => out.push(c),
        }
    }
}

impl Value {
    fn write(&self, form: Form, out: &mut String) {
        let form = match form {
            Form::AsIs => "",
            Form::Json => " json",
            Form::Base64 => " base64",
        };
        let _ = match self {
            Value::Secret(name) => write!(out, "{{{{ secret \"env:{name}\"{form} }}}}"),
            Value::Environment(name) => write!(out, "{{{{ env \"{name}\"{form} }}}}"),
            Value::Cell { feed, column } if is_word(column) => write!(out, "{{{{ feed {feed}.{column}{form} }}}}"),
            Value::Cell { feed, column } => write!(out, "{{{{ feed {feed}.\"{column}\"{form} }}}}"),
            Value::Captured(name) => write!(out, "{{{{ {name}{form} }}}}"),
            Value::Turn => write!(out, "{{{{ loop }}}}"),
            Value::Uuid => write!(out, "{{{{ uuid }}}}"),
            Value::Random(min, max) => write!(out, "{{{{ random {min} {max} }}}}"),
        };
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &Text, expected: &str) {
        assert_eq!(text.in_language(), expected);
    }

    #[test]
    fn braces_of_a_literal_begin_no_placeholder() {
        check(&Text::literal("{\"a\":{\"b\":1}}"), "{\"a\":{\"b\":1}}");
        check(&Text::literal("{{x}}"), "{{ \"{\" }}{x}}");
        let mut text = Text::literal("{{{");
        check(&text, "{{ \"{\" }}{{ \"{\" }}{");
        text.append(Text::value(Value::Uuid));
        check(&text, "{{ \"{\" }}{{ \"{\" }}{{ \"{\" }}{{ uuid }}");
    }

    #[test]
    fn a_text_is_split_at_literal_characters_only() {
        let mut text = Text::literal("a=");
        text.append(Text::value(Value::Secret("X".to_owned())));
        text.push_literal("=b");
        let (name, value) = text.split_once('=').unwrap();
        check(&name, "a");
        check(&value, "{{ secret \"env:X\" }}=b");
        assert_eq!(value.split('=').len(), 2);
        assert_eq!(Text::literal("a").split_once('='), None);
        assert_eq!(
            Text::literal("=").split_once('='),
            Some((Text::default(), Text::default()))
        );
    }
}
