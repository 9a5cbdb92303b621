//! Checks a map of the file against the declaration of the map.

use super::document::{Node, Value};
use super::grammar::{Key, MapGrammar, Need, ValueGrammar};
use super::reading::ScenarioReader;

/// The keys of a map that are known and whose values are usable. Each key occurs once.
#[derive(Clone, Debug)]
pub(super) struct Fields<'n> {
    table: &'static MapGrammar,
    pub node: &'n Node,
    entries: Vec<KeyValue<'n>>,
}

/// A key of a map, and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyValue<'n> {
    pub key: &'static Key,
    pub written: &'n Node,
    pub value: &'n Node,
}

impl<'n> Fields<'n> {
    /// Checks a map against its declaration `table`. Reports keys that are unknown, repeated or missing.
    pub fn read(reading: &mut ScenarioReader, table: &'static MapGrammar, node: &'n Node) -> Option<Fields<'n>> {
        let Value::Map(pairs) = &node.value else {
            let keys: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
            let message = format!("{} is a map, not {}", table.noun, node.described());
            return reading.problem(node, message, format!("use the keys `{}`", keys.join("`, `")));
        };
        let mut fields = Fields {
            table,
            node,
            entries: Vec::new(),
        };
        let mut seen: Vec<&'static str> = Vec::new();
        let mut unknown = false;
        for (written, value) in pairs {
            let name = written.text().unwrap_or_default();
            if table.unread.is_some_and(|begin| name.starts_with(begin)) {
                continue;
            }
            let Some(key) = table.key(name) else {
                unknown = true;
                fields.unknown(reading, written);
                continue;
            };
            if seen.contains(&key.name) {
                let message = format!("`{name}` is `{}`, which is written above", key.name);
                reading.problem::<()>(written, message, "keep one of them");
                continue;
            }
            seen.push(key.name);
            if usable(reading, key.name, written, value) {
                fields.entries.push(KeyValue { key, written, value });
            }
        }
        fields.missing(reading, &seen, unknown);
        Some(fields)
    }

    fn unknown(&self, reading: &mut ScenarioReader, written: &Node) {
        if reading.is_full() {
            return reading.count_problem();
        }
        match written.text() {
            Some(name) => {
                let shown: String = name.chars().take(64).collect();
                reading.problem::<()>(
                    written,
                    format!("{} has no key `{shown}`", self.table.noun),
                    self.table.instead_of(name),
                );
            }
            None if reading.spelling(written).starts_with('{') => {
                let help = "put a text that begins with `{{` in quotes";
                reading.problem::<()>(written, "a key is text, not a map", help);
            }
            None => {
                let message = format!("a key is text, not {}", written.described());
                reading.problem::<()>(written, message, self.table.instead_of(""));
            }
        }
    }

    fn missing(&self, reading: &mut ScenarioReader, seen: &[&str], unknown: bool) {
        let Value::Map(pairs) = &self.node.value else { return };
        let at = pairs.first().map_or(self.node, |(first, _)| first);
        for key in self.table.keys {
            if key.need == Need::Required && !seen.contains(&key.name) {
                let message = format!("{} needs `{}`", self.table.noun, key.name);
                reading.problem::<()>(at, message, example(key));
            }
        }
        for group in self.table.one_of {
            let listed = format!("`{}`", group.join("`, `"));
            let chosen: Vec<&str> = seen.iter().copied().filter(|name| group.contains(name)).collect();
            match chosen.as_slice() {
                [] if unknown => {}
                [] => {
                    let message = format!("{} needs one of {listed}", self.table.noun);
                    reading.problem::<()>(at, message, "");
                }
                [_] => {}
                several => {
                    let message = format!("{} can have only one of `{}`", self.table.noun, several.join("`, `"));
                    reading.problem::<()>(at, message, "keep one of them, or make them items of a list");
                }
            }
        }
    }

    /// Returns the entry of a key; `None` if the map has no usable value for the key.
    pub fn get(&self, name: &str) -> Option<KeyValue<'n>> {
        debug_assert!(self.table.key(name).is_some(), "{} declares `{name}`", self.table.noun);
        self.entries.iter().find(|entry| entry.key.name == name).copied()
    }

    /// Returns whether the key is absent and optional. A key with an invalid value is not absent.
    pub fn may_lack(&self, name: &str) -> bool {
        let written = |key: &Node| {
            key.text()
                .and_then(|key| self.table.key(key))
                .is_some_and(|key| key.name == name)
        };
        let absent = match &self.node.value {
            Value::Map(pairs) => !pairs.iter().any(|(key, _)| written(key)),
            _ => true,
        };
        absent && self.table.key(name).is_some_and(|key| key.need == Need::Optional)
    }

    /// Returns whether the declaration of the map contains the key.
    pub fn declares(&self, name: &str) -> bool {
        self.table.key(name).is_some()
    }

    pub fn entries(&self) -> &[KeyValue<'n>] {
        &self.entries
    }
}

impl<'n> KeyValue<'n> {
    /// Reads the value as a map, and checks this map against its declaration.
    pub fn map(&self, reading: &mut ScenarioReader) -> Option<Fields<'n>> {
        let table = self.key.kind.table().expect("asked only of keys that may hold a map");
        Fields::read(reading, table, self.value)
    }

    /// Returns the items of the list. A single value is returned as the only item. Reports an empty list, and a list
    /// with too many items.
    pub fn items(&self, reading: &mut ScenarioReader) -> &'n [Node] {
        let ValueGrammar::Items { items_max, .. } = self.key.kind else {
            unreachable!("asked only of keys that hold a list");
        };
        let items = self.value.items();
        if items.is_empty() {
            reading.problem::<()>(
                self.value,
                format!("`{}` is empty", self.key.name),
                "write at least one item",
            );
        }
        if items.len() > items_max {
            let message = format!("`{}` has {} items, more than {items_max}", self.key.name, items.len());
            reading.problem::<()>(self.written, message, "");
        }
        &items[..items.len().min(items_max)]
    }

    /// Returns the word that is the value. The word must be one of the declared choices.
    pub fn choice(&self, reading: &mut ScenarioReader, noun: &str) -> Option<&'static str> {
        let ValueGrammar::Choice(words) = self.key.kind else {
            unreachable!("asked only of keys that hold a choice");
        };
        reading.no_placeholder(self.key.name, self.value)?;
        let chosen = words.iter().find(|word| self.value.text() == Some(word));
        if let Some(word) = chosen {
            return Some(word);
        }
        let written = reading
            .spelling(self.value)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let help = format!("write `{}`", words.join("` or `"));
        reading.problem(self.value, format!("`{written}` is not {noun}"), help)
    }

    /// Returns the entries of a map whose keys are names that the user chose.
    pub fn named(&self, reading: &mut ScenarioReader) -> Vec<(&'n Node, &'n str, &'n Node)> {
        let what = self.key.name;
        let Value::Map(pairs) = &self.value.value else {
            let message = format!("`{what}` is a map, not {}", self.value.described());
            reading.problem::<()>(self.value, message, format!("write `{what}: {{ NAME: VALUE }}`"));
            return Vec::new();
        };
        let ValueGrammar::Named { entries_max, .. } = self.key.kind else {
            unreachable!("asked only of keys whose keys the user names");
        };
        if pairs.len() > entries_max {
            let message = format!("`{what}` has {} entries, more than {entries_max}", pairs.len());
            reading.problem::<()>(self.written, message, "");
        }
        let mut named = Vec::new();
        for (written, value) in pairs.iter().take(entries_max) {
            let Some(name) = written.text() else {
                let message = format!("a name in `{what}` is text, not {}", written.described());
                reading.problem::<()>(written, message, "put it in quotes");
                continue;
            };
            if usable(reading, name, written, value) {
                named.push((written, name, value));
            }
        }
        named
    }
}

/// Returns whether the value can be read. If the value cannot be read, the problem is reported, unless it was reported
/// before.
pub(super) fn usable(reading: &mut ScenarioReader, name: &str, written: &Node, value: &Node) -> bool {
    match value.value {
        Value::Null => reading.problem::<()>(
            written,
            format!("`{name}` has no value"),
            "add a value, or remove the key",
        ),
        Value::Tagged | Value::Bad => {
            reading.problem::<()>(value, format!("`{name}` is {}", value.described()), "remove the tag")
        }
        Value::TooDeep => reading.problem::<()>(value, format!("`{name}` is nested too deeply"), ""),
        Value::Unfilled => None,
        _ => return true,
    };
    false
}

/// Returns a hint for a missing key. If the value of the key is a text or a whole number, the hint is an example. For
/// any other value, the hint is the description of the key.
fn example(key: &Key) -> String {
    let value = match &key.kind {
        ValueGrammar::Text(wording) => wording.examples.first().copied().unwrap_or("…"),
        ValueGrammar::Whole { .. } => "10",
        _ => return key.doc.to_owned(),
    };
    format!("write `{}: {value}`", key.name)
}
