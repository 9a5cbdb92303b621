//! The problems of a scenario file, with their positions.
//!
//! The problems of a scenario file and of the files that it includes are collected, and are shown together in the order
//! of the text.

use super::problem::Problem;
use super::source::{SourceText, line_range};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// The maximum number of problems that are shown for a file.
pub const SHOWN_MAX: usize = 100;
/// The maximum length of a line that is shown as a whole. For a longer line, [`AROUND`] is the length of the text that
/// is shown before the problem.
const LINE_MAX: usize = 300;
const AROUND: usize = 60;

/// All problems of a scenario file, together with the text of the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems {
    source: SourceText,
    found: Vec<Problem>,
    not_shown: usize,
}

impl Problems {
    /// Returns the problems `found` in the order of the text. `uncounted` is the number of further problems, which are
    /// not in `found`.
    pub(super) fn new(source: SourceText, mut found: Vec<Problem>, uncounted: usize) -> Problems {
        found.sort_by_key(|problem| problem.span.start);
        found.dedup();
        let not_shown = found.len().saturating_sub(SHOWN_MAX) + uncounted;
        found.truncate(SHOWN_MAX);
        Problems {
            source,
            found,
            not_shown,
        }
    }

    /// Returns at most [`SHOWN_MAX`] problems, in the order of the text.
    pub fn found(&self) -> &[Problem] {
        &self.found
    }

    /// Returns the number of problems. Problems that are not shown are included.
    pub fn count(&self) -> usize {
        self.found.len() + self.not_shown
    }

    /// Formats every shown problem with its line, and then the number of problems. `colour` selects the colours of a
    /// terminal.
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
        out.push_str(&format!("{} {noun} in {}", self.count(), self.source_names()));
        out
    }

    /// Returns the names of the files that have problems.
    fn source_names(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for problem in &self.found {
            let name = self.source.name_at(problem.span.start);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" and ")
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let (text, name) = (&self.source.text, self.source.name_at(problem.span.start));
        let line = line_range(text, problem.span.start);
        let line_start = line.start;
        let title = Level::ERROR.primary_title(problem.message.as_str());
        let mut group = Group::with_title(title);
        if problem.line == 0 {
            // A problem with an option of the command line does not belong to a line.
        } else if line.is_empty() {
            let origin = Origin::path(name).line(problem.line).char_column(problem.column);
            group = group.element(origin);
        } else {
            let shown = window(text, line, problem.span.start);
            let start = problem.span.start.min(shown.end) - shown.start;
            let end = problem.span.end.min(shown.end).saturating_sub(shown.start).max(start);
            let snippet = Snippet::source(&text[shown.clone()])
                .line_start(problem.line)
                .annotation(AnnotationKind::Primary.span(start..end));
            if shown.start == line_start {
                group = group.element(snippet.path(name));
            } else {
                // The column is counted from the start of the line, and not from the start of the shown part.
                let origin = Origin::path(name).line(problem.line).char_column(problem.column);
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
    /// Formats the problems for the output of failed tests. The whole text of the file is not included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problems")
            .field("source_name", &self.source_names())
            .field("found", &self.found)
            .field("not_shown", &self.not_shown)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Problems {}

/// Returns the part of a line that is shown. A short line is shown as a whole. Of a long line, the part around `at` is
/// shown.
fn window(text: &str, line: Range<usize>, at: usize) -> Range<usize> {
    if line.len() <= LINE_MAX {
        return line;
    }
    let at = at.min(line.end);
    let start = text.floor_char_boundary(at.saturating_sub(AROUND)).max(line.start);
    let end = text.floor_char_boundary(start + LINE_MAX).min(line.end);
    start..end
}
