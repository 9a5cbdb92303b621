//! Loads included files. The keys of the included files are added to the keys of the scenario before any key is read.
//!
//! If both an including file and an included file set a key, the declaration of the key in `keys` determines the
//! result. Usually, the value of the including file replaces the included value. Two kinds of maps are merged key by
//! key. The first kind are the maps at the top level, except for `regions`. The second kind are maps inside these maps
//! whose keys are names that the user chooses, such as `headers`. For the lists `requests`, `flows`, `thresholds` and
//! `abort_if`, the items of both files are used: first the included items, and then the items of the including file. If
//! several included files set the same key, the value of the last file is used.

use super::Surroundings;
use super::aliases::Budget;
use super::document::{self, Node, Value};
use super::grammar::{MapGrammar, ValueGrammar};
use super::keys::{INCLUDE, INCLUDED_MAX, SCENARIO};
use super::problem::Problem;
use super::source::{FileIndex, SourceText};
use std::collections::BTreeMap;
use std::path::Path;

/// The maximum length of a chain of files in which each file includes the next file. The scenario itself is not
/// counted.
const DEPTH_MAX: usize = 8;
/// The keys whose included value is replaced as a whole.
const WHOLE: [&str; 5] = [INCLUDE, "target", "targets", "load", "regions"];
/// The hint for a scenario that includes too many files.
const TOO_MANY: &str = "put the keys of several files into one";
/// The maps whose keys are compared without regard to case.
const CASELESS: [&str; 2] = ["headers", "hosts"];

/// Loads the scenario and the files that it includes as one document. Returns the document, and the problems that were
/// found so far.
pub(super) fn load(
    source: &mut SourceText,
    surroundings: &Surroundings<'_>,
) -> Result<(Node, Vec<Problem>), Vec<Problem>> {
    let mut loading = Loading {
        source,
        surroundings,
        budget: document::budget(),
        problems: Vec::new(),
        repeated: Vec::new(),
    };
    let document = loading.document(0, 0);
    match document {
        Some(document) if loading.problems.is_empty() => Ok((document, loading.repeated)),
        _ => {
            loading.problems.append(&mut loading.repeated);
            Err(loading.problems)
        }
    }
}

/// Returns the included files as further YAML documents, for the stored text of the scenario.
pub(super) fn listing(source: &SourceText) -> String {
    (1..source.files())
        .map(|file| {
            let path = source.path(file).display().to_string();
            format!("\n--- # {}, included\n{}", path.escape_debug(), source.file_text(file))
        })
        .collect()
}

struct Loading<'a> {
    source: &'a mut SourceText,
    surroundings: &'a Surroundings<'a>,
    budget: Budget,
    /// The problems that prevent the reading of the document.
    problems: Vec<Problem>,
    /// The problems of keys that are written twice.
    repeated: Vec<Problem>,
}

impl Loading<'_> {
    /// Loads a file. Adds the keys of the files that this file includes.
    fn document(&mut self, file: FileIndex, depth: usize) -> Option<Node> {
        let mut document = match document::load(self.source, file, &mut self.budget) {
            Ok((document, mut repeated)) => {
                self.repeated.append(&mut repeated);
                document
            }
            Err(mut problems) => {
                self.problems.append(&mut problems);
                return None;
            }
        };
        let Value::Map(pairs) = &mut document.value else {
            if file > 0 {
                let message = format!("an included file is a map, not {}", document.described());
                return self.problem(&document, &message, "write keys of a scenario, such as `defaults`");
            }
            return Some(document);
        };
        let Some(at) = pairs.iter().position(|(key, _)| key.text() == Some(INCLUDE)) else {
            return Some(document);
        };
        let (_, include) = pairs[at].clone();
        if file > 0 {
            pairs.remove(at);
        }
        let mut below: Option<Node> = None;
        if include.items().is_empty() {
            return self.problem(&include, "`include` is empty", "write at least one file");
        }
        if include.items().len() > INCLUDED_MAX {
            let message = format!(
                "`include` has {} items, more than {INCLUDED_MAX}",
                include.items().len()
            );
            return self.problem(&include, &message, TOO_MANY);
        }
        for item in include.items() {
            let Some(included) = self.included(item, file, depth) else {
                continue;
            };
            below = Some(match below {
                Some(below) => merged(below, included),
                None => included,
            });
        }
        Some(match below {
            Some(below) => merged(below, document),
            None => document,
        })
    }

    fn included(&mut self, item: &Node, from: FileIndex, depth: usize) -> Option<Node> {
        let Some(written) = item.text().filter(|text| !text.is_empty()) else {
            let message = format!("an included file is named by a text, not {}", item.described());
            return self.problem(item, &message, "write `include: common.yaml`, or a list of files");
        };
        if written.contains("{{") {
            let help = "write the name itself: files are included before variables have values";
            return self.problem(item, "placeholders are not allowed here", help);
        }
        let path = self.source.resolve(item.range.start, written);
        if let Some(known) = self.source.find(&path) {
            let message = match self.is_around(known, from) {
                true => format!("`{written}` includes itself, directly or through other files"),
                false => format!("`{written}` is included twice"),
            };
            return self.problem(
                item,
                &message,
                "include each file once; its keys are in effect everywhere",
            );
        }
        if depth == DEPTH_MAX {
            let message = format!("`{written}` is included through more than {DEPTH_MAX} files");
            return self.problem(item, &message, "include it from the scenario itself");
        }
        if self.source.files() > INCLUDED_MAX {
            let message = format!("`{written}` is one of more than {INCLUDED_MAX} included files");
            return self.problem(item, &message, TOO_MANY);
        }
        let text = match self.text(&path) {
            Ok(text) => text,
            Err(why) => {
                let help = "use a path relative to the folder of the file that contains it";
                return self.problem(item, &format!("`{written}` cannot be read: {why}"), help);
            }
        };
        let file = self.source.include(&text, &path, from);
        self.document(file, depth + 1)
    }

    /// Returns whether the file `known` is the file `from`, or a file that includes `from` directly or indirectly.
    fn is_around(&self, known: FileIndex, from: FileIndex) -> bool {
        std::iter::successors(Some(from), |&file| self.source.included_by(file)).any(|file| file == known)
    }

    fn text(&self, path: &Path) -> Result<String, String> {
        let bytes = (self.surroundings.file)(&path.to_string_lossy())?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
    }

    fn problem<T>(&mut self, node: &Node, message: &str, help: &str) -> Option<T> {
        let problem = self.source.problem(node.range.clone(), message, Some(help));
        self.problems.push(problem);
        None
    }
}

type Pair = (Node, Node);

/// The rule by which the keys of a map are merged.
#[derive(Clone, Copy)]
enum Names {
    Scenario,
    /// The keys of a map under a top-level key of the scenario.
    Declared(&'static MapGrammar),
    Chosen {
        of: &'static ValueGrammar,
        is_caseless: bool,
    },
}

impl Names {
    /// Returns the rule for the map under the key `name`; `None` if included keys are not merged into this map.
    fn below(self, name: &str) -> Option<Names> {
        match (self, self.kind(name)?) {
            (Names::Scenario, _) if WHOLE.contains(&name) => None,
            (Names::Scenario, ValueGrammar::Map(table)) => Some(Names::Declared(table)),
            (_, ValueGrammar::Named { of, .. }) => Some(Names::Chosen {
                of,
                is_caseless: CASELESS.contains(&name),
            }),
            _ => None,
        }
    }

    fn kind(self, name: &str) -> Option<&'static ValueGrammar> {
        match self {
            Names::Scenario => SCENARIO.key(name).map(|key| &key.kind),
            Names::Declared(table) => table.key(name).map(|key| &key.kind),
            Names::Chosen { of, .. } => Some(of),
        }
    }

    /// Returns whether the items of included files are put before the items of the list `name`.
    fn is_appended(self, name: &str) -> bool {
        matches!(self, Names::Scenario)
            && matches!(self.kind(name), Some(ValueGrammar::Items { .. }))
            && !WHOLE.contains(&name)
    }

    /// Returns the form of a key that is compared with other keys. An alias is replaced by the name of the key. In the
    /// maps [`CASELESS`], the form is in lower case.
    fn canonical(self, name: &str) -> String {
        match self {
            Names::Scenario => SCENARIO.key(name).map_or(name, |key| key.name).to_owned(),
            Names::Declared(table) => table.key(name).map_or(name, |key| key.name).to_owned(),
            Names::Chosen { is_caseless: true, .. } => name.to_ascii_lowercase(),
            Names::Chosen { .. } => name.to_owned(),
        }
    }
}

/// Adds the keys of an included document to the keys of the including document.
fn merged(included: Node, own: Node) -> Node {
    match (included.value, own.value) {
        (Value::Map(mut included), Value::Map(pairs)) => {
            let has = |name: &str| pairs.iter().any(|(key, _)| key.text() == Some(name));
            // If two keys exclude each other, the key of the including file is kept.
            included.retain(|(key, _)| {
                let name = key.text().unwrap_or_default();
                let mut groups = SCENARIO.one_of.iter().filter(|group| group.contains(&name));
                !groups.any(|group| group.iter().any(|other| *other != name && has(other)))
            });
            let value = Value::Map(joined(Names::Scenario, included, pairs));
            Node { value, ..own }
        }
        (_, value) => Node { value, ..own },
    }
}

/// Adds included pairs to the pairs of a map. `names` is the rule by which the keys are merged.
fn joined(names: Names, included: Vec<Pair>, mut pairs: Vec<Pair>) -> Vec<Pair> {
    let own: BTreeMap<String, usize> = pairs
        .iter()
        .enumerate()
        .filter_map(|(at, (key, _))| Some((names.canonical(key.text()?), at)))
        .collect();
    for pair in included {
        let name = pair.0.text().map(|name| names.canonical(name));
        match name.and_then(|name| Some((*own.get(&name)?, name))) {
            Some((at, name)) => {
                let above = pairs[at].clone();
                pairs[at] = combined(names, &name, pair, above);
            }
            None => pairs.push(pair),
        }
    }
    pairs
}

fn combined(names: Names, name: &str, included: Pair, own: Pair) -> Pair {
    let below = names.below(name);
    if below.is_none() && !names.is_appended(name) {
        return own;
    }
    // A value that cannot be read is kept, so that it is reported later.
    for pair in [&included, &own] {
        if matches!(pair.1.value, Value::Null | Value::Tagged | Value::Bad | Value::TooDeep) {
            return pair.clone();
        }
    }
    let ((_, included), (key, own)) = (included, own);
    let value = match below {
        None => Value::List(included.items().iter().chain(own.items()).cloned().collect()),
        Some(below) => match (included.value, own.value) {
            (Value::Map(included), Value::Map(pairs)) => Value::Map(joined(below, included, pairs)),
            (_, value) => value,
        },
    };
    (key, Node { value, ..own })
}
