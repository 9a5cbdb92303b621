//! What is wrong with a scenario file, and where.
//!
//! All problems of a file are collected and shown together, in the order of the text.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// The longest text that is read as a scenario; data belongs in feeds and body files.
pub const TEXT_MAX: usize = 1 << 20;

/// How many problems of one file are kept; whoever has more reads these first.
pub const SHOWN_MAX: usize = 100;
/// The longest message and the longest hint, in bytes; both may quote the file.
const WORDS_MAX: usize = 1_000;
/// The longest line that is shown whole, and how much of a longer one is shown around a problem.
const LINE_MAX: usize = 300;
const AROUND: usize = 60;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A fragment: what is wrong, with the facts in it.
    pub message: String,
    /// The line, from 1; 0 where it is about an option of the command line.
    pub line: usize,
    /// The column in characters, from 1, or 0.
    pub column: usize,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
    /// What would be right.
    pub help: Option<String>,
}

/// Everything that is wrong with a file, with the text it was found in.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems {
    source_name: String,
    text: String,
    found: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// `uncounted` is how many more there were than `found`.
    pub(super) fn new(source: SourceText, mut found: Vec<Problem>, uncounted: usize) -> Problems {
        found.sort_by_key(|problem| problem.span.start);
        found.dedup();
        let left_out = found.len().saturating_sub(SHOWN_MAX) + uncounted;
        found.truncate(SHOWN_MAX);
        Problems {
            source_name: source.name,
            text: source.text,
            found,
            left_out,
        }
    }

    /// The problems in the order of the text; at most `SHOWN_MAX` of them.
    pub fn found(&self) -> &[Problem] {
        &self.found
    }

    /// How many there are, those that are not shown included.
    pub fn count(&self) -> usize {
        self.found.len() + self.left_out
    }

    /// Every problem with the line it stands in, and how many there are. `colour` asks for
    /// terminal colours.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in &self.found {
            out.push_str(&self.render_one(problem, &renderer));
            out.push_str("\n\n");
        }
        if self.left_out > 0 {
            out.push_str(&format!("{} more are not shown\n", self.left_out));
        }
        let noun = if self.count() == 1 { "problem" } else { "problems" };
        out.push_str(&format!("{} {noun} in {}", self.count(), self.source_name));
        out
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let line = line_range(&self.text, problem.span.start);
        let line_start = line.start;
        let title = Level::ERROR.primary_title(problem.message.as_str());
        let mut group = Group::with_title(title);
        if problem.line == 0 {
            // It is about an option of the command line.
        } else if line.is_empty() {
            let origin = Origin::path(self.source_name.as_str())
                .line(problem.line)
                .char_column(problem.column);
            group = group.element(origin);
        } else {
            let shown = window(&self.text, line, problem.span.start);
            let start = problem.span.start.min(shown.end) - shown.start;
            let end = problem.span.end.min(shown.end).saturating_sub(shown.start).max(start);
            let snippet = Snippet::source(&self.text[shown.clone()])
                .line_start(problem.line)
                .annotation(AnnotationKind::Primary.span(start..end));
            if shown.start == line_start {
                group = group.element(snippet.path(self.source_name.as_str()));
            } else {
                // Columns count from the start of the line, not of the part that is shown.
                let origin = Origin::path(self.source_name.as_str())
                    .line(problem.line)
                    .char_column(problem.column);
                group = group.element(origin).element(snippet);
            }
        }
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl fmt::Debug for Problems {
    /// What a failed test prints: the problems, without the whole text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problems")
            .field("source_name", &self.source_name)
            .field("found", &self.found)
            .field("left_out", &self.left_out)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Problems {}

/// The text of a file and how to count in it.
pub(super) struct SourceText {
    pub name: String,
    pub text: String,
    /// The byte of each character, if any character is longer than a byte.
    bytes: Option<Vec<u32>>,
    line_starts: Vec<usize>,
}

impl SourceText {
    /// A text longer than [`TEXT_MAX`] is cut there, just behind the limit, so that
    /// it is refused without being copied.
    pub fn new(text: &str, name: &str) -> SourceText {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let kept = text.len().min(text.floor_char_boundary(TEXT_MAX + 4));
        let text = text[..kept].to_owned();
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(byte, _)| byte as u32).collect());
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        SourceText {
            name: name.to_owned(),
            text,
            bytes,
            line_starts,
        }
    }

    /// The byte at which a character begins.
    pub fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            None => character.min(self.text.len()),
            Some(bytes) => bytes.get(character).map_or(self.text.len(), |&byte| byte as usize),
        }
    }

    /// The line that the byte stands in, without its end.
    pub fn line_at(&self, byte: usize) -> &str {
        &self.text[line_range(&self.text, byte)]
    }

    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, help: Option<&str>) -> Problem {
        let line = self.line_starts.partition_point(|&line_start| line_start <= span.start);
        let line_start = self.line_starts[line - 1];
        Problem {
            message: shortened(message.into()),
            line,
            column: self.character(span.start) - self.character(line_start) + 1,
            span,
            help: help.map(|help| shortened(help.to_owned())),
        }
    }

    /// How many characters begin before the byte.
    fn character(&self, byte: usize) -> usize {
        match &self.bytes {
            None => byte,
            Some(bytes) => bytes.partition_point(|&begin| (begin as usize) < byte),
        }
    }
}

/// Cuts the middle out of a text that is longer than [`WORDS_MAX`]: what it quotes is in the middle.
fn shortened(text: String) -> String {
    if text.len() <= WORDS_MAX {
        return text;
    }
    let head = &text[..text.floor_char_boundary(WORDS_MAX / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - WORDS_MAX / 2)..];
    format!("{head} … {tail}")
}

/// The part of a line that is shown: all of it, or what lies around `at` if it is long.
fn window(text: &str, line: Range<usize>, at: usize) -> Range<usize> {
    if line.len() <= LINE_MAX {
        return line;
    }
    let at = at.min(line.end);
    let start = text.floor_char_boundary(at.saturating_sub(AROUND)).max(line.start);
    let end = text.floor_char_boundary(start + LINE_MAX).min(line.end);
    start..end
}

fn line_range(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..start + self::trimmed(&text[start..end])
}

fn trimmed(line: &str) -> usize {
    line.strip_suffix('\r').unwrap_or(line).len()
}
