//! How the keys of a scenario file are declared.
//!
//! One declaration drives both readers of a file: the checks of this crate (unknown, missing and
//! repeated keys, ranges, the words one may choose from) and the JSON Schema that editors use.

/// How many names that the user chose are listed in a hint.
const LISTED_MAX: usize = 20;

/// A map of the file: its keys and how many of them must be there.
#[derive(Debug)]
pub(super) struct MapGrammar {
    /// What the map is called in messages: "a request".
    pub noun: &'static str,
    pub doc: &'static str,
    pub keys: &'static [Key],
    /// Exactly one of these keys must be there.
    pub one_of: &'static [&'static str],
    /// How keys begin that are not read: a place for what anchors name.
    pub unread: Option<&'static str>,
    /// Keys that other tools have, and what is written here instead.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// A key of a map.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    /// Other spellings with the same meaning.
    pub aliases: &'static [&'static str],
    pub need: Need,
    pub kind: ValueGrammar,
    pub doc: &'static str,
}

/// Whether a map may do without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// What may stand behind a key.
#[derive(Debug)]
pub(super) enum ValueGrammar {
    Text(&'static Wording),
    /// Text, or a number or flag that is taken as it is spelt.
    Spelling,
    Choice(&'static [&'static str]),
    Whole {
        min: u64,
        max: u64,
    },
    Flag,
    Map(&'static MapGrammar),
    /// A map whose keys the user names.
    Named {
        of: &'static ValueGrammar,
        entries_max: usize,
    },
    /// A list with at least one item, or one item without the list.
    Items {
        of: &'static ValueGrammar,
        items_max: usize,
    },
    AnyOf(&'static [ValueGrammar]),
}

/// A text with a form of its own.
#[derive(Debug)]
pub(super) struct Wording {
    /// Its name in the schema.
    pub name: &'static str,
    pub doc: &'static str,
    /// What every right text matches; the reader checks more.
    pub pattern: &'static str,
    pub examples: &'static [&'static str],
}

impl MapGrammar {
    /// The key that is meant by `name`, an alias included.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys
            .iter()
            .find(|key| key.name == name || key.aliases.contains(&name))
    }

    /// What to write instead of a key that is not there.
    pub fn instead_of(&self, name: &str) -> String {
        if let Some((_, instead)) = self.elsewhere.iter().find(|(other, _)| *other == name) {
            return (*instead).to_owned();
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
    /// The table of the map that may stand here, if one may.
    pub fn table(&self) -> Option<&'static MapGrammar> {
        match self {
            ValueGrammar::Map(table) => Some(table),
            ValueGrammar::AnyOf(kinds) => kinds.iter().find_map(ValueGrammar::table),
            ValueGrammar::Items { of, .. } => of.table(),
            _ => None,
        }
    }

    /// The bounds of the whole number that may stand here, if one may.
    pub fn bounds(&self) -> Option<(u64, u64)> {
        match self {
            ValueGrammar::Whole { min, max } => Some((*min, *max)),
            ValueGrammar::AnyOf(kinds) => kinds.iter().find_map(ValueGrammar::bounds),
            ValueGrammar::Items { of, .. } => of.bounds(),
            _ => None,
        }
    }
}

/// The candidate that is written most like `word`, if one is near: at most a third of it differs.
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

/// Names that the user chose, for a hint: the first of them, each shortened.
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
    fn the_nearest_key_is_one_that_could_have_been_meant() {
        check("wieght", Some("weight"));
        check("Header", Some("headers"));
        check("ulr", Some("url"));
        check("time_out", Some("timeout"));
        check("think", None);
        check("", None);
    }
}
