//! Checks a text before it is parsed. The checks ensure that parsing takes time proportional to the length of the text.
//!
//! The loaded tree is as deep as the nesting of the text. The tree is dropped recursively, so the nesting must be
//! limited. The parser limits the nesting of brackets. This module limits the nesting of blocks by limiting the column
//! in which a line begins. Each block that a line opens begins in its own column. The check may reject a valid text
//! with a hint, but the check must not accept a text that is nested too deeply. The module `aliases` limits the nesting
//! through aliases.

use super::problem::{Problem, TEXT_MAX};
use super::source::{FileIndex, SourceText};
use std::ops::Range;

/// The maximum column in which the first word of a line may begin. This limit bounds the nesting of blocks.
pub const COLUMN_MAX: usize = 128;

/// Returns the problem of a text that must not be parsed.
pub(super) fn check(source: &SourceText, file: FileIndex) -> Result<(), Problem> {
    let text = source.file_text(file);
    let start = source.range(file).start;
    if source.range(file).end > TEXT_MAX {
        let what = match file {
            0 => "the file is",
            _ => "up to this file, the scenario and its included files are",
        };
        return Err(source.problem(
            start..start,
            format!("{what} larger than {} MiB", TEXT_MAX >> 20),
            Some("keep data in feeds and body files"),
        ));
    }
    if let Some(range) = deep_line(text) {
        return Err(source.problem(
            start + range.start..start + range.end,
            format!("this line begins after column {COLUMN_MAX}"),
            Some("indent less, or keep a long body in a file"),
        ));
    }
    Ok(())
}

/// Returns the first line whose first word begins after [`COLUMN_MAX`]. Block indicators (`- `, `? `, `: `) may precede
/// the first word. Each indicator is a level of nesting.
fn deep_line(text: &str) -> Option<Range<usize>> {
    let mut line_start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let body = line.trim_end();
        let mut column = 0;
        for word in body.split_inclusive([' ', '\t']) {
            if !matches!(word.trim_end(), "" | "-" | "?" | ":" | "---") {
                break;
            }
            column += word.len();
        }
        if column > COLUMN_MAX {
            return Some(line_start..line_start + body.len());
        }
        line_start += line.len();
    }
    None
}
