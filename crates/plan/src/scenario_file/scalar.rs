//! Reads single values: texts, whole numbers, rates, durations and sizes.
//!
//! In these functions, `what` is the name of the key in messages. If a value is invalid, the functions report the
//! problem and return `None`.

use super::document::{Node, Value};
use super::fields::KeyValue;
use super::reading::ScenarioReader;
use crate::rate::{self, Rate};
use crate::scenario::Limits;
use crate::span;
use std::time::Duration;

impl ScenarioReader<'_> {
    /// Reads a text that must not contain placeholders.
    pub fn text<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n str> {
        self.no_placeholder(what, node)?;
        self.templated(what, node)
    }

    /// Reads a text that may contain placeholders. The caller parses the placeholders.
    pub fn templated<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            Value::Map(_) if self.spelling(node).starts_with("{{") => {
                let message = format!("`{what}` is text, but YAML reads this as a map");
                self.problem(node, message, "put a text that begins with `{{` in single quotes")
            }
            Value::Integer(_) | Value::Float | Value::Flag(_) => {
                let written = self.spelling(node).to_owned();
                let message = format!("`{what}` is text, not {}", node.described());
                self.problem(node, message, format!("put it in quotes: `\"{written}\"`"))
            }
            _ => self.problem(node, format!("`{what}` is text, not {}", node.described()), ""),
        }
    }

    /// Reads a text. A number or a flag is also allowed, and is read as the text that the file contains.
    pub fn spelt(&mut self, what: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Integer(_) | Value::Float | Value::Flag(_) => Some(self.spelling(node).to_owned()),
            _ => self.templated(what, node).map(str::to_owned),
        }
    }

    /// Reports a placeholder in a value that does not allow placeholders.
    pub fn no_placeholder(&mut self, what: &str, node: &Node) -> Option<()> {
        let placeholder = match &node.value {
            Value::Text(text) => text.contains("{{"),
            // YAML reads a placeholder without quotes as a map.
            Value::Map(_) => self.spelling(node).starts_with("{{"),
            _ => false,
        };
        if placeholder {
            let message = format!("only variables are allowed here: `{what}` is read before the run");
            let help = "write the value, or `'{{ var NAME }}'` in quotes with `vars: { NAME: VALUE }`";
            return self.problem(node, message, help);
        }
        Some(())
    }

    pub fn whole(&mut self, what: &str, node: &Node, (min, max): (u64, u64)) -> Option<u64> {
        self.no_placeholder(what, node)?;
        let range = || match max {
            u64::MAX => format!("write a whole number from {min}"),
            _ => format!("write a whole number from {min} to {max}"),
        };
        let number = match &node.value {
            Value::Integer(number) => u64::try_from(*number).ok(),
            // The parser reads a whole number as a float if the number does not fit into 63 bits.
            Value::Float => self.spelling(node).parse().ok(),
            Value::Text(text) if node.filled.is_some() => match text.parse() {
                Ok(number) => Some(number),
                Err(_) => {
                    let message = format!("`{what}` is a whole number, not `{text}`");
                    return self.problem(node, message, range());
                }
            },
            Value::Text(text) if text.parse::<u64>().is_ok() => {
                return self.problem(node, format!("`{what}` is a number, not text"), "remove the quotes");
            }
            _ => {
                return self.problem(
                    node,
                    format!("`{what}` is a whole number, not {}", node.described()),
                    range(),
                );
            }
        };
        match number {
            Some(number) if (min..=max).contains(&number) => Some(number),
            _ => {
                let written = self.spelling(node).to_owned();
                self.problem(node, format!("`{written}` is out of range for `{what}`"), range())
            }
        }
    }

    pub fn flag(&mut self, what: &str, node: &Node) -> Option<bool> {
        self.no_placeholder(what, node)?;
        match &node.value {
            Value::Flag(flag) => Some(*flag),
            Value::Text(text) if node.filled.is_some() && ["true", "false"].contains(&text.as_str()) => {
                Some(text == "true")
            }
            _ => self.problem(
                node,
                format!("`{what}` is `true` or `false`, not {}", node.described()),
                "",
            ),
        }
    }

    pub fn rate(&mut self, what: &str, node: &Node) -> Option<Rate> {
        if matches!(node.value, Value::Integer(_) | Value::Float) {
            let number = self.spelling(node);
            return self.problem(
                node,
                format!("`{what}` is a rate, which needs a unit"),
                format!("write `{number}/s`"),
            );
        }
        let text = self.text(what, node)?;
        Rate::parse(text).map_or_else(|fault| self.refused(node, &fault), Some)
    }

    pub fn duration(&mut self, what: &str, node: &Node) -> Option<Duration> {
        if matches!(node.value, Value::Integer(_) | Value::Float) {
            let number = self.spelling(node);
            let message = format!("`{what}` is a duration, which needs a unit");
            return self.problem(node, message, format!("write `{number}s` or `{number}ms`"));
        }
        let text = self.text(what, node)?;
        span::parse(text).map_or_else(|fault| self.refused(node, &fault), Some)
    }

    /// Reads a duration, which must be longer than zero.
    pub fn length(&mut self, what: &str, node: &Node) -> Option<Duration> {
        match self.duration(what, node)? {
            Duration::ZERO => self.problem(node, format!("`{what}` is zero"), "write a duration above zero"),
            length => Some(length),
        }
    }

    /// Reads a wait, which must be at most [`Limits::WAIT_MAX`].
    pub fn wait(&mut self, what: &str, node: &Node) -> Option<Duration> {
        let wait = self.duration(what, node)?;
        if wait > Limits::WAIT_MAX {
            let most = span::show(Limits::WAIT_MAX);
            let (message, help) = (
                format!("`{what}` exceeds the maximum of {most}"),
                format!("write at most `{most}`"),
            );
            return self.problem(node, message, help);
        }
        Some(wait)
    }

    /// Reads a wait, which must be longer than zero.
    pub fn wait_time(&mut self, what: &str, node: &Node) -> Option<Duration> {
        match self.wait(what, node)? {
            Duration::ZERO => self.problem(node, format!("`{what}` is zero"), "write a duration above zero"),
            wait => Some(wait),
        }
    }

    /// Reads a number of bytes, such as `4096`, `64kB` or `16MiB`.
    pub fn size(&mut self, entry: KeyValue<'_>) -> Option<u64> {
        let (what, node) = (entry.key.name, entry.value);
        let (min, max) = entry.key.kind.bounds().expect("a size declares its bounds");
        self.no_placeholder(what, node)?;
        let text = match &node.value {
            // The text is the value of a variable, and this value is a number of bytes without a unit.
            Value::Text(text) if node.filled.is_some() && text.parse::<u64>().is_ok() => None,
            Value::Text(text) => Some(text),
            _ => None,
        };
        let Some(text) = text else {
            return self.whole(what, node, (min, max));
        };
        match bytes(text) {
            Some(size) if (min..=max).contains(&size) => Some(size),
            Some(_) => self.problem(
                node,
                format!("`{text}` is out of range for `{what}`"),
                "write at most `1GiB`",
            ),
            None => self.problem(
                node,
                format!("`{text}` is not a size"),
                "write a size as `64kB`, `16MiB` or bytes",
            ),
        }
    }
}

impl KeyValue<'_> {
    /// Reads a whole number, which must be within the bounds that the key declares.
    pub fn whole(&self, reading: &mut ScenarioReader) -> Option<u64> {
        let bounds = self.key.kind.bounds().expect("a whole number declares its bounds");
        reading.whole(self.key.name, self.value, bounds)
    }
}

fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let scale: u128 = match &text[unit..] {
        "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let number = rate::decimal(text[..unit].trim())?;
    let divisor = 10u128.pow(number.decimals);
    let scaled = number.digits * scale;
    if scaled.is_multiple_of(divisor) {
        u64::try_from(scaled / divisor).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_parse_with_decimal_and_binary_units() {
        assert_eq!(bytes("64kB"), Some(64_000));
        assert_eq!(bytes("16 MiB"), Some(16 << 20));
        assert_eq!(bytes("1.5KiB"), Some(1536));
        assert_eq!(bytes("0.3B"), None);
        assert_eq!(bytes("16"), None);
        assert_eq!(bytes("16mb"), None);
    }
}
