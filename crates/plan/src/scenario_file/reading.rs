//! What one pass over a scenario file carries along: the problems found so far, the surroundings,
//! and what was fetched from them.

use super::Surroundings;
use super::csv::Sheet;
use super::document::Node;
use super::grammar::Wording;
use super::problem::{Problem, Source};
use crate::scenario::Feed;
use crate::secret::Reference;
use crate::template::{Names, Template};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// What the feeds and body files of a scenario may add up to: each worker loads them, into the
/// memory of a small function.
pub const BLOBS_MAX: usize = 64 << 20;
/// How many problems are kept while reading; a broken file of a megabyte has more than anyone reads.
const FOUND_MAX: usize = 1000;

/// The fault of a placeholder whose feed is a problem already.
const NOTED: &str = "";

/// One pass over a scenario file.
pub(super) struct Reading<'a> {
    pub source: &'a Source,
    pub feeds: Vec<Feed>,
    /// The content of each feed; feeds of one file share it.
    pub sheets: Vec<Rc<Sheet>>,
    /// Feeds that are declared but could not be read.
    pub unread: Vec<String>,
    pub blobs: BTreeMap<String, Vec<u8>>,
    surroundings: &'a Surroundings<'a>,
    problems: Vec<Problem>,
    uncounted: usize,
    slots: u32,
    pub secrets: Vec<Reference>,
}

impl<'a> Reading<'a> {
    pub fn new(source: &'a Source, surroundings: &'a Surroundings<'a>, problems: Vec<Problem>) -> Reading<'a> {
        Reading {
            source,
            feeds: Vec::new(),
            sheets: Vec::new(),
            unread: Vec::new(),
            blobs: BTreeMap::new(),
            surroundings,
            problems,
            uncounted: 0,
            slots: crate::mix::PLACEHOLDERS,
            secrets: Vec::new(),
        }
    }

    /// Notes a problem with the node. Returns `None`, so that a reader can end with it.
    pub fn problem<T>(&mut self, node: &Node, message: impl Into<String>, help: impl AsRef<str>) -> Option<T> {
        self.problem_at(node.range.clone(), message, help)
    }

    pub fn problem_at<T>(&mut self, at: Range<usize>, message: impl Into<String>, help: impl AsRef<str>) -> Option<T> {
        if self.problems.len() < FOUND_MAX {
            let help = Some(help.as_ref()).filter(|help| !help.is_empty());
            self.problems.push(self.source.problem(at, message, help));
        } else {
            self.uncounted += 1;
        }
        None
    }

    /// A problem in the words of a parser: `what is wrong; what would be right`.
    pub fn refused<T>(&mut self, node: &Node, fault: &str) -> Option<T> {
        let (message, help) = fault.split_once("; ").unwrap_or((fault, ""));
        self.problem(node, message, help)
    }

    /// Reads a text with placeholders.
    pub fn template(&mut self, node: &Node, text: &str) -> Option<Template> {
        let (feeds, unread) = (&self.feeds, &self.unread);
        let mut names = Names {
            environment: self.surroundings.environment,
            feed: &|name, column| match unread.iter().any(|other| other == name) {
                true => Err(NOTED.to_owned()),
                false => find_cell(feeds, name, column),
            },
            slots: &mut self.slots,
            secrets: &mut self.secrets,
        };
        match Template::parse(text, &mut names) {
            Ok(template) => Some(template),
            Err(faults) => {
                for fault in faults.into_iter().filter(|fault| fault.message != NOTED) {
                    let at = placeholder_in(self.source, node, text, fault.range);
                    self.problem_at::<()>(at, fault.message, fault.help);
                }
                None
            }
        }
    }

    /// Fetches a file and keeps it in [`Reading::blobs`] by the name that it returns.
    pub fn file(&mut self, node: &Node, path: &str) -> Option<String> {
        let content = match (self.surroundings.file)(path) {
            Ok(content) => content,
            Err(why) => {
                let help = "paths are seen from the folder of the scenario";
                return self.problem(node, format!("`{path}` cannot be read: {why}"), help);
            }
        };
        let name: String = Sha256::digest(&content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if !self.blobs.contains_key(&name) {
            let kept: usize = self.blobs.values().map(Vec::len).sum();
            if kept + content.len() > BLOBS_MAX {
                let message = format!(
                    "with `{path}` the files of this scenario add up to more than {} MiB",
                    BLOBS_MAX >> 20
                );
                return self.problem(
                    node,
                    message,
                    "use smaller feeds and bodies: each worker loads all of them",
                );
            }
            self.blobs.insert(name.clone(), content);
        }
        Some(name)
    }

    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn into_problems(self) -> (Vec<Problem>, usize) {
        (self.problems, self.uncounted)
    }

    /// The spelling of a scalar in the source.
    pub fn spelling(&self, node: &Node) -> &'a str {
        &self.source.text[node.range.clone()]
    }

    /// The part of a text's node that `range` of the text stands in, if the text is written as it
    /// is meant; else the whole node.
    pub fn within(&self, node: &Node, text: &str, range: Range<usize>) -> Range<usize> {
        let written = self.spelling(node);
        match written.find(text) {
            Some(skipped) if !text.is_empty() => {
                let start = node.range.start + skipped;
                start + range.start..start + range.end
            }
            _ => node.range.clone(),
        }
    }

    /// A problem with a text that does not have the form it should.
    pub fn misworded<T>(&mut self, node: &Node, what: &str, wording: &Wording) -> Option<T> {
        let written = self.spelling(node).lines().next().unwrap_or_default().to_owned();
        let help = wording.doc.to_lowercase();
        let example = wording
            .examples
            .first()
            .map(|e| format!(", as in `{e}`"))
            .unwrap_or_default();
        self.problem(
            node,
            format!("`{written}` is not a {what}"),
            format!("{}{example}", help.trim_end_matches('.')),
        )
    }
}

/// The range in the source of the placeholder that begins at `range` of the text: the n-th `{{` of
/// the text is the n-th of the source, however the text is quoted, folded or escaped.
fn placeholder_in(source: &Source, node: &Node, text: &str, range: Range<usize>) -> Range<usize> {
    let written = &source.text[node.range.clone()];
    let count = |text: &str| text.matches("{{").count();
    if count(written) != count(text) {
        return node.range.clone();
    }
    let nth = count(&text[..range.start]);
    let Some((at, _)) = written.match_indices("{{").nth(nth) else {
        return node.range.clone();
    };
    let rest = &written[at..];
    let end = rest
        .find("}}")
        .map_or_else(|| rest.lines().next().unwrap_or(rest).len(), |close| close + 2);
    node.range.start + at..node.range.start + at + end
}

fn find_cell(feeds: &[Feed], name: &str, column: &str) -> Result<(u32, u32), String> {
    let listed = |names: Vec<&str>| {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let Some(feed) = feeds.iter().position(|feed| feed.name == name) else {
        let known: Vec<&str> = feeds.iter().map(|feed| feed.name.as_str()).collect();
        return Err(match known.as_slice() {
            [] => format!("there is no feed `{name}`; declare it: `feeds: {{ {name}: {name}.csv }}`"),
            _ => format!("there is no feed `{name}`; the feeds are {}", listed(known)),
        });
    };
    let columns = &feeds[feed].columns;
    let Some(place) = columns.iter().position(|known| known == column) else {
        let known = columns.iter().take(20).map(String::as_str).collect();
        return Err(format!(
            "the feed `{name}` has no column `{column}`; its columns are {}",
            listed(known)
        ));
    };
    Ok((feed as u32, place as u32))
}
