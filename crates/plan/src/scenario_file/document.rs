//! The YAML document as a tree of nodes. Every node has its position in the file.
//!
//! A node contains the parser's interpretation of a scalar: a number, a flag or a text. The spelling of the scalar can
//! be read from the source. The tree has at most [`DEPTH_MAX`] levels and [`VALUES_MAX`] values. If a key is repeated
//! in a map, each repetition is reported, and the first value of the key is used.

use super::aliases::{self, Budget, Unloaded};
use super::guard;
use super::problem::{Problem, TEXT_MAX};
use super::source::{FileIndex, SourceText};
use saphyr::{MarkedYaml, ScanError, YamlData};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// The maximum nesting depth of the tree. A scenario needs seven levels.
const DEPTH_MAX: usize = 64;
/// The maximum number of values of a scenario. Keys, lists, maps and scalars are values. The values of all files are
/// added up, and the values of a file are counted in each pass of the parser over the file. The limit exists because a
/// map of one pair takes a hundred times as much memory as its text.
const VALUES_MAX: usize = 1 << 18;
/// The maximum number of repeated keys that are reported for a file. The limit exists because each repeated key
/// requires one more pass of the parser.
const REPEATED_MAX: usize = 20;
/// The maximum number of characters that are parsed again to find the repeated keys of a file.
const PARSED_AGAIN_MAX: usize = TEXT_MAX / 2;
/// The message of the parser's error for a repeated key.
const REPEATED: &str = "duplicated key in mapping";

/// A node of the document: its value, and the range of its bytes in the source.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub range: Range<usize>,
    pub value: Value,
    /// The origins of the variables that were filled into the text of this node; `None` if no variable was filled in.
    pub filled: Option<Rc<str>>,
}

/// The value of a node.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Integer(i64),
    Float,
    Text(String),
    List(Vec<Node>),
    /// A map. Its pairs are in the order of the source.
    Map(Vec<(Node, Node)>),
    /// A node whose tag is not defined by YAML.
    Tagged,
    /// A scalar whose text does not have the type of its tag.
    Bad,
    TooDeep,
    /// A text that contains a variable without a value. The missing value has already been reported.
    Unfilled,
}

impl Node {
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of a list. For any other value, returns the node itself as the only item.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// Returns a description of the value with an article, such as `a list`.
    pub fn described(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Flag(_) => "true or false",
            Value::Integer(_) | Value::Float => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Tagged => "a value with a tag",
            Value::Bad => "a value that does not match its tag",
            Value::TooDeep => "nested too deeply",
            Value::Unfilled => "a variable without a value",
        }
    }

    fn from_marked(
        marked: &MarkedYaml,
        (source, file): (&SourceText, FileIndex),
        repeated: &BTreeSet<usize>,
        depth: usize,
    ) -> Node {
        let start = source.byte(file, marked.span.start.index());
        let end = source.byte(file, marked.span.end.index()).max(start);
        let inner = |node| Node::from_marked(node, (source, file), repeated, depth + 1);
        let value = match &marked.data {
            YamlData::Value(saphyr::Scalar::Null) => Value::Null,
            YamlData::Value(saphyr::Scalar::Boolean(flag)) => Value::Flag(*flag),
            YamlData::Value(saphyr::Scalar::Integer(number)) => Value::Integer(*number),
            YamlData::Value(saphyr::Scalar::FloatingPoint(_)) => Value::Float,
            YamlData::Value(saphyr::Scalar::String(text)) => Value::Text(text.clone().into_owned()),
            YamlData::Sequence(_) | YamlData::Mapping(_) if depth >= DEPTH_MAX => Value::TooDeep,
            YamlData::Sequence(items) => Value::List(items.iter().map(inner).collect()),
            YamlData::Mapping(pairs) => {
                let pairs = pairs
                    .iter()
                    .filter(|(key, _)| !repeated.contains(&key.span.start.index()));
                merged(pairs.map(|(key, value)| (inner(key), inner(value))).collect())
            }
            YamlData::Tagged(..) => Value::Tagged,
            YamlData::Representation(..) | YamlData::Alias(_) | YamlData::BadValue => Value::Bad,
        };
        let start = start + anchor(&source.text[start..end]);
        // For the parser, a block ends where the next block begins. The white space between the two blocks is removed
        // here.
        let end = start + source.text[start..end].trim_end().len();
        Node {
            range: start..end,
            value,
            filled: None,
        }
    }
}

/// Returns the length of the anchor at the beginning of a node's text. The white space after the anchor is included.
fn anchor(text: &str) -> usize {
    match text.strip_prefix('&') {
        Some(named) => {
            let after = named.trim_start_matches(|c: char| !c.is_whitespace());
            text.len() - after.trim_start().len()
        }
        None => 0,
    }
}

/// Merges the maps of the merge key `<<` into the map that contains this key. The value of the merge key is one alias
/// or a list of aliases. An earlier alias takes precedence over a later alias. The map's own keys take precedence over
/// the keys of all aliases.
fn merged(pairs: Vec<(Node, Node)>) -> Value {
    let is_merge = |(key, value): &(Node, Node)| {
        key.text() == Some("<<") && value.items().iter().all(|map| matches!(map.value, Value::Map(_)))
    };
    let (merges, mut pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_merge);
    let mut own: BTreeSet<String> = pairs
        .iter()
        .filter_map(|(key, _)| key.text().map(str::to_owned))
        .collect();
    for (_, value) in merges {
        let maps = match value.value {
            Value::List(items) => items,
            _ => vec![value],
        };
        for map in maps {
            let Value::Map(others) = map.value else { continue };
            let new = |(key, _): &(Node, Node)| key.text().is_none_or(|key| own.insert(key.to_owned()));
            pairs.extend(others.into_iter().filter(new));
        }
    }
    Value::Map(pairs)
}

/// Returns the number of values that all files of one scenario may have together.
pub(super) fn budget() -> Budget {
    Budget::of(VALUES_MAX)
}

/// Loads the document of a file. The file must contain only one document.
pub(super) fn load(
    source: &SourceText,
    file: FileIndex,
    budget: &mut Budget,
) -> Result<(Node, Vec<Problem>), Vec<Problem>> {
    guard::check(source, file).map_err(|problem| vec![problem])?;
    let mut chars: Vec<char> = source.file_text(file).chars().collect();
    let mut repeated = BTreeSet::new();
    let mut problems = Vec::new();
    let mut parsed = 0;
    loop {
        match aliases::load(chars.iter().copied(), budget) {
            Ok(documents) => {
                return match one(&documents, source, file) {
                    Ok(document) => Ok((Node::from_marked(document, (source, file), &repeated, 0), problems)),
                    Err(problem) => {
                        problems.push(problem);
                        Err(problems)
                    }
                };
            }
            // The repeated passes of the parser have used up the limit on values. The file itself does not exceed this
            // limit, so only the repetitions that were found so far are reported.
            Err(Unloaded::Exceeded(_)) if !problems.is_empty() => return Err(problems),
            Err(Unloaded::Exceeded(at)) => {
                let at = source.byte(file, at);
                let message = format!("the file has more than {VALUES_MAX} values");
                return Err(vec![source.problem(
                    at..at,
                    message,
                    Some("keep data in feeds and body files"),
                )]);
            }
            Err(Unloaded::Refused(error)) if error.info() == REPEATED => {
                let key = error.marker().index();
                problems.push(repetition(source, file, key));
                // The loader stops at the first repetition. Rename the repeated key in place to a name that no scenario
                // contains, so that the loader reaches the next repetition.
                let letter = (key..chars.len()).find(|&at| chars[at].is_alphanumeric());
                parsed += key;
                let again = problems.len() < REPEATED_MAX && parsed < PARSED_AGAIN_MAX && repeated.insert(key);
                let (Some(letter), true) = (letter, again) else {
                    return Err(problems);
                };
                chars[letter] = char::from_u32(0xF_0000 + problems.len() as u32).unwrap_or('\u{F0000}');
            }
            Err(Unloaded::Refused(error)) => {
                problems.push(syntax(source, file, &error));
                return Err(problems);
            }
        }
    }
}

fn one<'a, 'b>(
    documents: &'a [MarkedYaml<'b>],
    source: &SourceText,
    file: FileIndex,
) -> Result<&'a MarkedYaml<'b>, Problem> {
    let start = source.range(file).start;
    let empty = |node: &MarkedYaml| matches!(node.data, YamlData::BadValue | YamlData::Value(saphyr::Scalar::Null));
    match documents {
        [] => Err(source.problem(start..start, "the file contains no scenario", Some(BEGIN))),
        [only] if empty(only) => Err(source.problem(start..start, "the file contains no scenario", Some(BEGIN))),
        [only] => Ok(only),
        [_, second, ..] => {
            let at = source.byte(file, second.span.start.index());
            let help = "a file contains one scenario; remove the `---` or use two files";
            Err(source.problem(at..at, "a second document begins here", Some(help)))
        }
    }
}

const BEGIN: &str =
    "begin with `name`, `target`, `load` and `requests`, or write a short scenario with `vajra-cloud init`";

fn repetition(source: &SourceText, file: FileIndex, key: usize) -> Problem {
    let start = source.byte(file, key);
    let rest = &source.text[start..source.range(file).end];
    let end = rest.find([':', '\n', '\r']).unwrap_or(rest.len());
    let name = rest[..end].trim();
    let message = format!("`{name}` is written twice");
    source.problem(start..start + name.len(), message, Some("keep one of them"))
}

fn syntax(source: &SourceText, file: FileIndex, error: &ScanError) -> Problem {
    let at = source.byte(file, error.marker().index());
    let line = source.line_at(at);
    if error.info().starts_with(aliases::TOO_LARGE) {
        let help = "use fewer aliases, or keep long bodies in files: `body: { file: page.html }`";
        return source.problem(at..at, error.info(), Some(help));
    }
    let help = if error.info().contains("tab") {
        Some("indent with spaces; YAML does not allow tabs there")
    } else if line.contains("{{") {
        Some("put a text with `{{ … }}` in single quotes")
    } else if line.matches(": ").count() > 1 {
        Some("put a text that contains `: ` in quotes")
    } else {
        None
    };
    source.problem(at..at, format!("this is not YAML: {}", error.info()), help)
}
