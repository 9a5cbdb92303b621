//! The declarations of the keys of a scenario file.
//!
//! The declarations have two uses. The readers of this crate use the declarations to find unknown, missing and repeated
//! keys, and values that are not allowed. The JSON Schema for editors is generated from the declarations.

/// The maximum number of user-defined names that a hint lists.
const LISTED_MAX: usize = 20;

/// The declaration of a map of the file: its keys, and the rules for the presence of these keys.
#[derive(Debug)]
pub(super) struct MapGrammar {
    /// The name of the map in messages, such as "a request".
    pub noun: &'static str,
    pub doc: &'static str,
    pub keys: &'static [Key],
    /// Groups of keys. Exactly one key of each group must be present.
    pub one_of: &'static [&'static [&'static str]],
    /// The prefix of the names of keys that are ignored. The value of such a key can have an anchor, to which other
    /// keys refer.
    pub unread: Option<&'static str>,
    /// The names that other tools use for keys. Each name has a suggestion for a scenario file.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// The declaration of a key of a map.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    /// Other names of the key with the same meaning.
    pub aliases: &'static [&'static str],
    pub need: Need,
    pub kind: ValueGrammar,
    pub doc: &'static str,
}

/// Whether the key must be present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// The values that a key allows.
#[derive(Debug)]
pub(super) enum ValueGrammar {
    Text(&'static Wording),
    /// A text. A number or a flag is also allowed, and is read as the text that the file contains.
    Spelling,
    Choice(&'static [&'static str]),
    Whole {
        min: u64,
        max: u64,
    },
    Flag,
    /// Any value. The reader of the key checks the value.
    Any,
    Map(&'static MapGrammar),
    /// A map whose keys are names that the user chooses.
    Named {
        of: &'static ValueGrammar,
        entries_max: usize,
    },
    /// A list with at least one item, or a single item without a list.
    Items {
        of: &'static ValueGrammar,
        items_max: usize,
    },
    AnyOf(&'static [ValueGrammar]),
}

/// The declaration of a kind of text with its own form.
#[derive(Debug)]
pub(super) struct Wording {
    /// The name of this kind of text in the schema.
    pub name: &'static str,
    pub doc: &'static str,
    /// A pattern that every valid text matches. A matching text may still be invalid, and then the reader reports the
    /// problem.
    pub pattern: &'static str,
    pub examples: &'static [&'static str],
}

pub(super) const fn key(name: &'static str, need: Need, kind: ValueGrammar, doc: &'static str) -> Key {
    Key {
        name,
        aliases: &[],
        need,
        kind,
        doc,
    }
}

pub(super) const fn required(name: &'static str, kind: ValueGrammar, doc: &'static str) -> Key {
    key(name, Need::Required, kind, doc)
}

pub(super) const fn optional(name: &'static str, kind: ValueGrammar, doc: &'static str) -> Key {
    key(name, Need::Optional, kind, doc)
}

pub(super) const fn table(noun: &'static str, doc: &'static str, keys: &'static [Key]) -> MapGrammar {
    MapGrammar {
        noun,
        doc,
        keys,
        one_of: &[],
        unread: None,
        elsewhere: &[],
    }
}

impl MapGrammar {
    /// Returns the declaration of the key with this name or alias; `None` if the map has no such key.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys
            .iter()
            .find(|key| key.name == name || key.aliases.contains(&name))
    }

    /// Returns a suggestion for a key that is unknown.
    pub fn instead_of(&self, name: &str) -> String {
        if let Some((_, suggestion)) = self.elsewhere.iter().find(|(other, _)| *other == name) {
            return (*suggestion).to_owned();
        }
        let spellings = self
            .keys
            .iter()
            .flat_map(|key| key.aliases.iter().copied().chain([key.name]));
        match nearest(name, spellings) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let known: Vec<String> = self.keys.iter().map(|key| format!("`{}`", key.name)).collect();
                format!("{} has {}", self.noun, known.join(", "))
            }
        }
    }
}

impl ValueGrammar {
    /// Returns the declaration of the map that this grammar allows; `None` if this grammar does not allow a declared
    /// map.
    pub fn table(&self) -> Option<&'static MapGrammar> {
        match self {
            ValueGrammar::Map(table) => Some(table),
            ValueGrammar::AnyOf(kinds) => kinds.iter().find_map(ValueGrammar::table),
            ValueGrammar::Items { of, .. } => of.table(),
            _ => None,
        }
    }

    /// Returns the bounds of the whole number that this grammar allows; `None` if this grammar does not allow a whole
    /// number.
    pub fn bounds(&self) -> Option<(u64, u64)> {
        match self {
            ValueGrammar::Whole { min, max } => Some((*min, *max)),
            ValueGrammar::AnyOf(kinds) => kinds.iter().find_map(ValueGrammar::bounds),
            ValueGrammar::Items { of, .. } => of.bounds(),
            _ => None,
        }
    }
}

/// Returns the candidate that is most similar to `word`. A candidate may differ from `word` in one character, or in a
/// third of the characters of `word`. Returns `None` if every candidate differs more.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > 64 {
        return None;
    }
    let reach = (length / 3).max(1);
    let word = word.to_lowercase();
    let length = word.chars().count();
    candidates
        .filter(|candidate| candidate.chars().take(length + reach + 1).count() <= length + reach)
        .map(|candidate| (strsim::osa_distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Formats user-defined names for a hint. The hint contains only the first names, and long names are shortened.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let shown: Vec<String> = names
        .take(LISTED_MAX)
        .map(|name| format!("`{}`", &name[..name.floor_char_boundary(64)]))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let candidates = ["weight", "method", "url", "headers", "timeout"];
        assert_eq!(nearest(word, candidates.into_iter()), expected, "{word}");
    }

    #[test]
    fn a_misspelt_key_suggests_a_similar_key() {
        check("wieght", Some("weight"));
        check("Header", Some("headers"));
        check("ulr", Some("url"));
        check("time_out", Some("timeout"));
        check("think", None);
        check("", None);
    }
}
