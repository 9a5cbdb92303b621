//! Documents in JSON and YAML, as trees. Each node of a tree has its position in the document.
//!
//! The nesting depth and the number of values are limited, so that every tree can be read and dropped recursively.

use crate::error::ImportError;
use saphyr::Scalar;
use saphyr_parser::{Event, Parser, ScanError};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// The maximum nesting depth of a document. The JSON parser has the same maximum.
const DEPTH_MAX: usize = 120;
/// The maximum number of values in a document. The values that an alias repeats are counted each time.
const VALUES_MAX: usize = 4 << 20;
/// The maximum size of a YAML document, in bytes. YAML takes longer to parse than JSON.
const YAML_BYTES_MAX: usize = 16 << 20;

/// A node of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The line in which the node begins. 0 in a JSON document.
    line: usize,
    value: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Flag(bool),
    /// A number, in the spelling of the document.
    Number(String),
    Text(String),
    List(Rc<Vec<Node>>),
    /// A map, with its keys in the order of the document.
    Map(Rc<Vec<(String, Node)>>),
}

/// A node with the path to it.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    node: &'a Node,
    path: String,
}

impl Node {
    /// Parses a JSON or YAML document.
    pub(crate) fn parse(text: &str) -> Result<Node, ImportError> {
        match text.trim_start().starts_with(['{', '[']) {
            true => json(text).or_else(|error| match text.trim_start().starts_with("{ ") {
                // A YAML document in flow style also begins with a brace.
                true => yaml(text).map_err(|_| error),
                false => Err(error),
            }),
            false => yaml(text),
        }
    }

    pub(crate) fn root(&self) -> At<'_> {
        At {
            node: self,
            path: "$".to_owned(),
        }
    }
}

impl<'a> At<'a> {
    /// Returns the position of the node for messages: a line of a YAML document, or a path in a JSON document.
    pub(crate) fn place(&self) -> String {
        match self.node.line {
            0 => self.path.clone(),
            line => format!("line {line}"),
        }
    }

    /// Returns the value of a key. Returns `None` if the key is missing, or if its value is null.
    pub(crate) fn get(&self, key: &str) -> Option<At<'a>> {
        let (name, node) = self.pairs().iter().find(|(name, _)| name == key)?;
        (node.value != Value::Null).then(|| self.child(name, node))
    }

    fn pairs(&self) -> &'a [(String, Node)] {
        match &self.node.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    fn child(&self, name: &str, node: &'a Node) -> At<'a> {
        child(&self.path, name, node)
    }

    /// Returns the keys and values of a map. Returns nothing for any other node.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let (pairs, path) = (self.pairs().iter(), self.path.clone());
        pairs.map(move |(name, node)| (name.as_str(), child(&path, name, node)))
    }

    /// Returns the items of a list. Returns nothing for any other node.
    pub(crate) fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a> {
        let items: &'a [Node] = match &self.node.value {
            Value::List(items) => items,
            _ => &[],
        };
        let path = self.path.clone();
        items.iter().enumerate().map(move |(at, node)| At {
            node,
            path: format!("{path}[{at}]"),
        })
    }

    /// Returns the items of the list that is the value of a key.
    pub(crate) fn items_of(&self, key: &str) -> impl Iterator<Item = At<'a>> + use<'a> {
        self.get(key).into_iter().flat_map(|list| list.items())
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        self.node.value == Value::Null
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a scalar as text. Returns `None` for any other node.
    pub(crate) fn spelled(&self) -> Option<String> {
        match &self.node.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Flag(flag) => Some(flag.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.node.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match &self.node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// Returns the value of a whole number. Returns `None` for any other node.
    pub(crate) fn whole(&self) -> Option<u64> {
        match &self.node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// Returns the value as a JSON value.
    pub(crate) fn json(&self) -> serde_json::Value {
        self.node.json()
    }

    /// Returns the value of a key as text. Returns `None` if the value is not text.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// Returns the address of the node, which identifies the node in this tree.
    pub(crate) fn id(&self) -> *const () {
        std::ptr::from_ref(self.node).cast()
    }
}

fn child<'a>(path: &str, name: &str, node: &'a Node) -> At<'a> {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let path = match is_word {
        true => format!("{path}.{name}"),
        false => format!("{path}[{}]", serde_json::Value::from(name)),
    };
    At { node, path }
}

impl Node {
    fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Flag(flag) => (*flag).into(),
            Value::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| number.as_str().into()),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(pairs) => pairs
                .iter()
                .map(|(name, node)| (name.clone(), node.json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Parses a JSON document.
pub(crate) fn json(text: &str) -> Result<Node, ImportError> {
    let mut values = 0;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Json { values: &mut values }.deserialize(&mut reader);
    read.and_then(|node| reader.end().map(|()| node)).map_err(|error| {
        let problem = match error.classify() {
            serde_json::error::Category::Eof => "the JSON text ends too early".to_owned(),
            // The parser's message may contain a part of the document, so only the column is shown.
            _ => format!("this is not JSON that can be read (column {})", error.column()),
        };
        let hint = match error.to_string() {
            text if text.contains("recursion limit") => "the values are nested too deeply",
            text if text.contains(TOO_MANY) => "the file has too many values; import a part of it",
            _ => "export the file again",
        };
        ImportError::in_line(error.line(), problem, hint)
    })
}

const TOO_MANY: &str = "too many values";

struct Json<'a> {
    values: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        *self.values += 1;
        if *self.values > VALUES_MAX {
            return Err(de::Error::custom(TOO_MANY));
        }
        let value = deserializer.deserialize_any(self)?;
        Ok(Node { line: 0, value })
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(serde_json::Value::from(number).to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Json { values: self.values })? {
            items.push(item);
        }
        Ok(Value::List(Rc::new(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            pairs.push((name, map.next_value_seed(Json { values: self.values })?));
        }
        Ok(Value::Map(Rc::new(pairs)))
    }
}

/// Parses the first document of a YAML text. Further documents are ignored.
fn yaml(text: &str) -> Result<Node, ImportError> {
    if text.len() > YAML_BYTES_MAX {
        let problem = format!("the YAML text is larger than {} MiB", YAML_BYTES_MAX >> 20);
        return Err(ImportError::new("the file", problem, "convert it to JSON"));
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        let line = span.start.line();
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.take(event, line)?;
    }
    let empty = Node {
        line: 1,
        value: Value::Null,
    };
    Ok(builder.root.unwrap_or(empty))
}

fn not_yaml(error: &ScanError) -> ImportError {
    let problem = format!("this is not YAML: {}", error.info());
    ImportError::in_line(error.marker().line(), problem, "fix the text, or convert it to JSON")
}

/// The number of values in a node, and its nesting depth.
#[derive(Clone, Copy, Debug)]
struct Size {
    values: usize,
    depth: usize,
}

impl Size {
    const ONE: Size = Size { values: 1, depth: 1 };
}

/// A collection whose items are still being read.
struct Open {
    line: usize,
    anchor: usize,
    size: Size,
    is_map: bool,
    items: Vec<Node>,
    pairs: Vec<(String, Node)>,
    /// The pairs of the maps that are merged into this map. If this map has the same key, the map's own value is used.
    merged: Vec<(String, Node)>,
    key: Option<String>,
}

/// Builds a tree from the events of a YAML parser.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    /// The finished nodes that have an anchor, by the number of the anchor.
    anchored: BTreeMap<usize, (Node, Size)>,
    values: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), ImportError> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(too_many(line));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar::parse_from_cow_and_metadata(Cow::Borrowed(&*text), style, tag.as_ref());
                let value = match scalar {
                    Some(Scalar::Null) => Value::Null,
                    Some(Scalar::Boolean(flag)) => Value::Flag(flag),
                    Some(Scalar::Integer(number)) => Value::Number(number.to_string()),
                    Some(Scalar::FloatingPoint(number)) if number.is_finite() => Value::Number(text.into_owned()),
                    _ => Value::Text(text.into_owned()),
                };
                self.add(Node { line, value }, anchor, Size::ONE)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(mut open) = self.open.pop() else { return Ok(()) };
                open.pairs.append(&mut open.merged);
                let value = match open.is_map {
                    true => Value::Map(Rc::new(open.pairs)),
                    false => Value::List(Rc::new(open.items)),
                };
                let node = Node { line: open.line, value };
                self.add(node, open.anchor, open.size)
            }
            Event::Alias(anchor) => match self.anchored.get(&anchor).cloned() {
                Some((node, size)) => {
                    self.values += size.values;
                    self.add(node, 0, size)
                }
                None => Err(ImportError::in_line(
                    line,
                    "an alias is inside its own anchor",
                    "remove it",
                )),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: usize, anchor: usize, is_map: bool) -> Result<(), ImportError> {
        if self.open.len() >= DEPTH_MAX {
            return Err(ImportError::in_line(line, "the values are nested too deeply", ""));
        }
        self.open.push(Open {
            line,
            anchor,
            size: Size::ONE,
            is_map,
            items: Vec::new(),
            pairs: Vec::new(),
            merged: Vec::new(),
            key: None,
        });
        Ok(())
    }

    /// Adds a finished node to the collection that contains it.
    fn add(&mut self, node: Node, anchor: usize, size: Size) -> Result<(), ImportError> {
        if anchor != 0 {
            self.anchored.insert(anchor, (node.clone(), size));
        }
        if self.values > VALUES_MAX {
            return Err(too_many(node.line));
        }
        if size.depth + self.open.len() > DEPTH_MAX {
            return Err(ImportError::in_line(node.line, "the values are nested too deeply", ""));
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        open.size.values += size.values;
        open.size.depth = open.size.depth.max(size.depth + 1);
        match (open.is_map, open.key.take()) {
            (false, _) => open.items.push(node),
            (true, None) => {
                let key = match &node.value {
                    Value::Text(text) | Value::Number(text) => text.clone(),
                    Value::Flag(flag) => flag.to_string(),
                    Value::Null => "null".to_owned(),
                    Value::List(_) | Value::Map(_) => {
                        return Err(ImportError::in_line(
                            node.line,
                            "a key is a list or a map",
                            "use text as key",
                        ));
                    }
                };
                open.key = Some(key);
            }
            (true, Some(key)) if key == "<<" => merge(&mut open.merged, &node),
            (true, Some(key)) => open.pairs.push((key, node)),
        }
        Ok(())
    }
}

fn too_many(line: usize) -> ImportError {
    ImportError::in_line(line, TOO_MANY, "use fewer aliases, or import a part of the file")
}

/// Adds the pairs of a map to `pairs`, or the pairs of each map in a list. If a key occurs several times, its first
/// value is used.
fn merge(pairs: &mut Vec<(String, Node)>, node: &Node) {
    let one = std::slice::from_ref(node);
    let maps = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => one,
    };
    for map in maps {
        let Value::Map(others) = &map.value else { continue };
        pairs.extend(others.iter().map(|(name, node)| (name.clone(), node.clone())));
    }
}
