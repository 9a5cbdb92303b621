//! The problems of a scenario file, with their positions.
//!
//! All problems of a file are collected and shown together, in text order.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// The maximum size of a scenario file; data belongs in feeds and body files.
pub const TEXT_MAX: usize = 1 << 20;

/// The maximum number of problems that are shown per file.
pub const SHOWN_MAX: usize = 100;
/// The maximum length of a message or hint, in bytes; both may quote the file.
const WORDS_MAX: usize = 1_000;
/// The maximum length of a line that is shown whole, and how much of a longer one is shown before a problem.
const LINE_MAX: usize = 300;
const AROUND: usize = 60;

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A fragment with the facts.
    pub message: String,
    /// The line, from 1; 0 for a problem with an option of the command line.
    pub line: usize,
    /// The column in characters, from 1, or 0.
    pub column: usize,
    /// The position in the text, in bytes.
    pub span: Range<usize>,
    /// The hint.
    pub help: Option<String>,
}

/// All problems of a file, with its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems {
    source_name: String,
    text: String,
    found: Vec<Problem>,
    not_shown: usize,
}

impl Problems {
    /// `uncounted` is the number of further problems besides `found`.
    pub(super) fn new(source: SourceText, mut found: Vec<Problem>, uncounted: usize) -> Problems {
        found.sort_by_key(|problem| problem.span.start);
        found.dedup();
        let not_shown = found.len().saturating_sub(SHOWN_MAX) + uncounted;
        found.truncate(SHOWN_MAX);
        Problems {
            source_name: source.name,
            text: source.text,
            found,
            not_shown,
        }
    }

    /// The problems in text order; at most [`SHOWN_MAX`] of them.
    pub fn found(&self) -> &[Problem] {
        &self.found
    }

    /// The number of problems, including those that are not shown.
    pub fn count(&self) -> usize {
        self.found.len() + self.not_shown
    }

    /// Formats every problem with its line, and the number of problems. `colour` selects terminal colours.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in &self.found {
            out.push_str(&self.render_one(problem, &renderer));
            out.push_str("\n\n");
        }
        if self.not_shown > 0 {
            out.push_str(&format!("{} more are not shown\n", self.not_shown));
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
            // A problem with an option of the command line has no line.
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
                // Columns count from the start of the line, not of the shown part.
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
    /// The output of a failed test: the problems, without the whole text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problems")
            .field("source_name", &self.source_name)
            .field("found", &self.found)
            .field("not_shown", &self.not_shown)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Problems {}

/// The text of a file, with the positions of its characters and lines.
pub(super) struct SourceText {
    pub name: String,
    pub text: String,
    /// The byte of each character; `None` for an ASCII text.
    bytes: Option<Vec<u32>>,
    line_starts: Vec<usize>,
}

impl SourceText {
    /// Truncates a text longer than [`TEXT_MAX`] just after the limit, so that it is rejected without being copied.
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

    /// The line that contains the byte, without its end.
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

    /// The number of characters that begin before the byte.
    fn character(&self, byte: usize) -> usize {
        match &self.bytes {
            None => byte,
            Some(bytes) => bytes.partition_point(|&begin| (begin as usize) < byte),
        }
    }
}

/// Cuts the middle out of a text that is longer than [`WORDS_MAX`], because quotations are in the middle.
fn shortened(text: String) -> String {
    if text.len() <= WORDS_MAX {
        return text;
    }
    let head = &text[..text.floor_char_boundary(WORDS_MAX / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - WORDS_MAX / 2)..];
    format!("{head} … {tail}")
}

/// The shown part of a line: all of it, or the part around `at` of a long line.
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
