//! The state of reading a scenario file: the problems that were found so far, the surroundings, and the files that were
//! read.

use super::Surroundings;
use super::csv::Sheet;
use super::document::{Node, Value};
use super::grammar::{Wording, listed};
use super::pem::PemCheck;
use super::problem::Problem;
use super::scope::FlowScope;
use super::source::SourceText;
use super::unfit::Unfit;
use super::variables::Variables;
use crate::delimiter::Delimiter;
use crate::limits::{FILES_MAX, LARGE_BYTES, WHOLE_FILES_MAX};
use crate::plan::PLAN_BYTES_MAX;
use crate::scenario::{Feed, Request};
use crate::secret::Reference;
use crate::sha256;
use crate::template::{FAULTS_MAX, Faults, NOTED, NameLookup, Template};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// The maximum number of problems that are kept while a file is read. Further problems are only counted.
const FOUND_MAX: usize = 1000;

/// The maximum total size in bytes of the values of `{{ env … }}` and `{{ var … }}`. The limit exists because the plan
/// contains these values.
const VALUES_MAX: usize = PLAN_BYTES_MAX;
/// The maximum number of hosts from cells of feeds that are checked before the run. Workers check further hosts when
/// they use them.
pub(super) const HOSTS_MAX: usize = 100_000;
/// The maximum number of misspelt names that are compared with all user-defined names for a suggestion.
const SUGGESTED_MAX: usize = 10;

/// The state of reading a scenario file.
pub(super) struct ScenarioReader<'a> {
    pub source: &'a SourceText,
    pub feeds: Vec<Feed>,
    /// For each feed, the position of the feed's `pick` in the source. If the feed has no `pick`, the position is the
    /// position of the feed.
    pub picks: Vec<Range<usize>>,
    /// The content of each feed. Feeds with the same file and the same delimiter share their content.
    pub sheets: Vec<Rc<Sheet>>,
    /// The errors of invalid feed files. The key is the digest of the file, and the delimiter.
    pub no_sheets: BTreeMap<(String, Option<Delimiter>), String>,
    /// The names of feeds that are declared but invalid.
    pub unread: BTreeSet<String>,
    /// The index of each feed in `feeds`. The key is the name of the feed.
    pub feed_places: BTreeMap<String, u32>,
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// The files that were read. The key is the path, and the value is the digest of the content. The value is `None`
    /// for a file that cannot be read.
    fetched: BTreeMap<String, Option<String>>,
    fetched_bytes: usize,
    /// The files that workers keep whole, and the total size of these files.
    whole: BTreeSet<String>,
    whole_bytes: usize,
    value_bytes: usize,
    pub variables: Variables,
    /// The columns of feeds that were searched for cells that are not allowed in their position. The value is the first
    /// row with such a cell.
    pub searched: BTreeMap<(String, Option<Delimiter>, u32, Unfit), Option<usize>>,
    /// The number of hosts from cells of feeds that were checked so far; at most [`HOSTS_MAX`].
    pub hosts_read: usize,
    suggested: usize,
    surroundings: &'a Surroundings<'a>,
    problems: Vec<Problem>,
    uncounted: usize,
    pub slots: u32,
    pub secrets: Vec<Reference>,
    /// The token requests of the authentications that are used by requests.
    pub tokens: Vec<Request>,
    /// The positions of the requests' client certificates in the source.
    pub client_places: Vec<Range<usize>>,
    /// The region in the host names of the targets; `None` if the host names contain no region.
    pub region: Option<String>,
    /// The captured values of the flow that is being read; `None` outside of flows.
    pub scope: Option<FlowScope>,
}

impl<'a> ScenarioReader<'a> {
    pub fn new(
        source: &'a SourceText,
        surroundings: &'a Surroundings<'a>,
        problems: Vec<Problem>,
    ) -> ScenarioReader<'a> {
        ScenarioReader {
            source,
            feeds: Vec::new(),
            picks: Vec::new(),
            sheets: Vec::new(),
            no_sheets: BTreeMap::new(),
            unread: BTreeSet::new(),
            feed_places: BTreeMap::new(),
            blobs: BTreeMap::new(),
            fetched: BTreeMap::new(),
            fetched_bytes: 0,
            whole: BTreeSet::new(),
            whole_bytes: 0,
            value_bytes: 0,
            variables: Variables::default(),
            searched: BTreeMap::new(),
            hosts_read: 0,
            suggested: 0,
            surroundings,
            problems,
            uncounted: 0,
            slots: crate::mix::PLACEHOLDERS,
            secrets: Vec::new(),
            tokens: Vec::new(),
            client_places: Vec::new(),
            region: None,
            scope: None,
        }
    }

    /// Reports a problem with the node. Always returns `None`, so that a reading function can return the result of this
    /// call.
    pub fn problem<T>(&mut self, node: &Node, message: impl Into<String>, help: impl AsRef<str>) -> Option<T> {
        match (&node.value, &node.filled) {
            (Value::Unfilled, _) => None,
            (_, Some(origin)) => {
                self.problem_at(node.range.clone(), format!("{}, from {origin}", message.into()), help)
            }
            (_, None) => self.problem_at(node.range.clone(), message, help),
        }
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

    /// Reports a problem with an option of the command line. The problem has no line.
    pub fn problem_with_option(&mut self, message: String, help: &str) {
        let problem = self.source.problem(0..0, message, Some(help));
        let (line, column) = (0, 0);
        self.problems.push(Problem {
            line,
            column,
            ..problem
        });
    }

    /// Returns the number of the line in which a node begins. For a node in an included file, the name of the file is
    /// added.
    pub fn line_of(&self, node: &Node) -> String {
        let line = self.source.problem(node.range.clone(), "", None).line;
        match self.source.file_at(node.range.start) {
            0 => line.to_string(),
            file => format!("{line} of {}", self.source.name(file)),
        }
    }

    /// Returns whether a node is in an included file. Other scenarios may include the same file.
    pub fn is_included(&self, node: &Node) -> bool {
        self.source.file_at(node.range.start) != 0
    }

    /// Reports an error that a parser returned in the form `problem; hint`.
    pub fn refused<T>(&mut self, node: &Node, fault: &str) -> Option<T> {
        let (message, help) = fault.split_once("; ").unwrap_or((fault, ""));
        self.problem(node, message, help)
    }

    /// Parses a text with placeholders. Reports the errors of its placeholders.
    pub fn template(&mut self, node: &Node, text: &str) -> Option<Template> {
        let (unread, places) = (&self.unread, &self.feed_places);
        let (feeds, sheets) = (&self.feeds, &self.sheets);
        let left = Cell::new(VALUES_MAX - self.value_bytes);
        let (environment, variables) = (self.surroundings.environment, &self.variables);
        let kept = |name: &str, value: String| match left.get().checked_sub(value.len()) {
            Some(rest) => {
                left.set(rest);
                Ok(value)
            }
            None => Err(too_many_values(name)),
        };
        let failed = Cell::new(0);
        let scope = &mut self.scope;
        let mut names = NameLookup {
            environment: &|name| environment(name).map(|value| kept(name, value)).transpose(),
            variable: &|name| kept(name, variables.value(name)?.to_owned()),
            feed: &|name, column| match unread.contains(name) {
                true => Err(NOTED.to_owned()),
                false => find_cell(places, sheets, name, column).ok_or_else(|| {
                    failed.set(failed.get() + 1);
                    // Errors beyond `FAULTS_MAX` are only counted, so they need no hint.
                    match failed.get() > FAULTS_MAX {
                        true => "the cell does not exist".to_owned(),
                        false => no_cell(places, feeds, sheets, name, column),
                    }
                }),
            },
            slots: &mut self.slots,
            secrets: &mut self.secrets,
            captured: &mut |name, has_fallback| match scope.as_mut() {
                Some(scope) => scope.find(name, has_fallback),
                None => Ok(None),
            },
        };
        let parsed = Template::parse(text, &mut names);
        self.value_bytes = VALUES_MAX - left.get();
        match parsed {
            Ok(template) => Some(template),
            Err(faults) => {
                self.faults(node, text, faults);
                None
            }
        }
    }

    /// Returns the slot of the next random draw.
    pub fn next_slot(&mut self) -> u32 {
        let slot = self.slots;
        self.slots += 1;
        slot
    }

    /// Counts the bytes that the value of a variable adds to a text.
    pub fn count_value(&mut self, node: &Node, name: &str, bytes: usize) -> Option<()> {
        match self.value_bytes.checked_add(bytes).filter(|sum| *sum <= VALUES_MAX) {
            Some(sum) => self.value_bytes = sum,
            None => return self.refused(node, &too_many_values(name)),
        }
        Some(())
    }

    /// Reports the errors of the placeholders in a text.
    pub fn faults(&mut self, node: &Node, text: &str, faults: Faults) {
        let written = self.spelling(node);
        let openings = |text: &str| text.match_indices("{{").map(|(at, _)| at).collect::<Vec<usize>>();
        let (in_source, in_text) = (openings(written), openings(text));
        for fault in faults.found.into_iter().filter(|fault| fault.message != NOTED) {
            // The n-th `{{` of the text is the n-th `{{` of the node's source, even if the text is quoted, folded or
            // escaped in the source.
            let at = match in_text.binary_search(&fault.range.start) {
                Ok(nth) if in_source.len() == in_text.len() => {
                    let start = in_source[nth];
                    node.range.start + start..node.range.start + placeholder_end(written, start)
                }
                _ => node.range.clone(),
            };
            self.problem_at::<()>(at, fault.message, fault.help);
        }
        self.uncounted += faults.uncounted;
    }

    /// Returns whether a further misspelt name may be compared with all user-defined names.
    pub fn may_suggest(&mut self) -> bool {
        self.suggested += 1;
        self.suggested <= SUGGESTED_MAX
    }

    /// Returns whether further problems are only counted.
    pub fn is_full(&self) -> bool {
        self.problems.len() >= FOUND_MAX
    }

    /// Counts a problem that is not kept.
    pub fn count_problem(&mut self) {
        self.uncounted += 1;
    }

    /// Reads a file, stores its content in [`ScenarioReader::blobs`], and returns the key of the content in `blobs`.
    /// `path` is relative to the folder of the file in which `path` is written.
    pub fn file(&mut self, node: &Node, path: &str) -> Option<String> {
        let name = self.any_file(node, path)?;
        self.keep_whole(node, path, &name)?;
        Some(name)
    }

    /// Does the same as [`ScenarioReader::file`] for the file of a feed, which may be large.
    pub fn feed_file(&mut self, node: &Node, path: &str) -> Option<String> {
        let name = self.any_file(node, path)?;
        if self.blobs[&name].len() <= LARGE_BYTES {
            self.keep_whole(node, path, &name)?;
        }
        Some(name)
    }

    /// Adds the size of a file to the total size of the files that workers keep whole. Reports a total size above the
    /// limit.
    fn keep_whole(&mut self, node: &Node, path: &str, name: &str) -> Option<()> {
        if !self.whole.insert(name.to_owned()) {
            return Some(());
        }
        self.whole_bytes = self.whole_bytes.saturating_add(self.blobs[name].len());
        if self.whole_bytes > WHOLE_FILES_MAX {
            let message = format!(
                "up to `{path}` the bodies, certificates and small feeds have more than {} MiB in total",
                WHOLE_FILES_MAX >> 20
            );
            return self.problem(node, message, "use smaller files: each worker loads all of them");
        }
        Some(())
    }

    fn any_file(&mut self, node: &Node, path: &str) -> Option<String> {
        let path = self.source.resolve(node.range.start, path);
        let path = &*path.to_string_lossy();
        if let Some(known) = self.fetched.get(path) {
            return match known.clone() {
                Some(name) => Some(name),
                None => self.problem(node, format!("`{path}` cannot be read either"), ""),
            };
        }
        let name = self.fetch(node, path);
        self.fetched.insert(path.to_owned(), name.clone());
        name
    }

    /// Does the same as [`ScenarioReader::file`] for a file that must pass the function `check` because the file is
    /// stored.
    pub fn public_file(
        &mut self,
        node: &Node,
        path: &str,
        check: impl Fn(&[u8]) -> Result<(), String>,
    ) -> Option<String> {
        let blob = self.file(node, path)?;
        match check(&self.blobs[&blob]) {
            Ok(()) => Some(blob),
            Err(fault) => self.refused(node, &fault),
        }
    }

    /// Checks certificates or keys.
    ///
    /// # Errors
    /// Returns a text of the form `problem; hint`. The problem is the end of a sentence. The subject of this sentence
    /// is the certificate or the secret.
    pub fn check_pem(&self, asked: &PemCheck<'_>) -> Result<(), String> {
        (self.surroundings.pem)(asked)
    }

    /// Reads a file that was not read before.
    fn fetch(&mut self, node: &Node, path: &str) -> Option<String> {
        let content = match (self.surroundings.file)(path) {
            Ok(content) => content,
            Err(why) => {
                let help = match self.is_included(node) {
                    true => "use a path relative to the folder of the included file",
                    false => "use a path relative to the folder of the scenario",
                };
                return self.problem(node, format!("`{path}` cannot be read: {why}"), help);
            }
        };
        self.fetched_bytes = self.fetched_bytes.saturating_add(content.len());
        if self.fetched_bytes > FILES_MAX {
            let message = format!(
                "up to `{path}` the files of this scenario have more than {} MiB in total",
                FILES_MAX >> 20
            );
            return self.problem(node, message, "use smaller feeds and bodies");
        }
        let name = sha256::hex(&content);
        self.blobs.entry(name.clone()).or_insert(content);
        Some(name)
    }

    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn into_problems(self) -> (Vec<Problem>, usize) {
        (self.problems, self.uncounted)
    }

    /// Returns the spelling of a scalar in the source. For a text with variables, returns the text after the variables
    /// were filled in.
    pub fn spelling<'n>(&self, node: &'n Node) -> &'n str
    where
        'a: 'n,
    {
        match (&node.filled, &node.value) {
            (Some(_), Value::Text(text)) => text,
            _ => &self.source.text[node.range.clone()],
        }
    }

    /// Returns the position of a part of a text in the source. `range` is the part. If the text is not written
    /// literally in the source, returns the position of the whole node.
    pub fn within(&self, node: &Node, text: &str, range: Range<usize>) -> Range<usize> {
        let written = self.spelling(node);
        match written.find(text) {
            Some(skipped) if !text.is_empty() && node.filled.is_none() => {
                let start = node.range.start + skipped;
                start + range.start..start + range.end
            }
            _ => node.range.clone(),
        }
    }

    /// Reports a text that does not have the required form.
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
            format!("use {}{example}", help.trim_end_matches('.')),
        )
    }
}

/// Returns the error for values whose total size exceeds the limit.
fn too_many_values(name: &str) -> String {
    format!(
        "up to `{name}` the values of the environment and of variables have more than {} MiB in total; keep long \
         texts in files",
        VALUES_MAX >> 20
    )
}

/// Returns the end of the placeholder that begins at `start`. The end is the position after `}}`. If the line contains
/// no `}}` after `start`, the end is the end of the line.
fn placeholder_end(written: &str, start: usize) -> usize {
    let rest = &written[start..];
    let line = rest.lines().next().unwrap_or(rest).len();
    rest[..line].find("}}").map_or(start + line, |close| start + close + 2)
}

fn find_cell(places: &BTreeMap<String, u32>, sheets: &[Rc<Sheet>], name: &str, column: &str) -> Option<(u32, u32)> {
    let feed = *places.get(name)?;
    Some((feed, sheets[feed as usize].place(column)?))
}

/// Returns the error for an unknown feed or for an unknown column of a feed. The error lists the known feeds or
/// columns.
fn no_cell(places: &BTreeMap<String, u32>, feeds: &[Feed], sheets: &[Rc<Sheet>], name: &str, column: &str) -> String {
    match (places.get(name), feeds) {
        (None, []) => format!("the feed `{name}` is not declared; declare it: `feeds: {{ {name}: {name}.csv }}`"),
        (None, _) => format!(
            "the feed `{name}` is not declared; the feeds are {}",
            listed(feeds.iter().map(|feed| feed.name.as_str()))
        ),
        (Some(feed), _) => format!(
            "the feed `{name}` has no column `{column}`; its columns are {}",
            listed(sheets[*feed as usize].columns().iter().map(String::as_str))
        ),
    }
}
