//! Checks before parsing, so that parsing takes time proportional to the length of a text.
//!
//! The loaded tree is as deep as the nesting of the text, and it is dropped recursively, so the nesting must be
//! limited. The parser limits the nesting of brackets. This module limits the nesting of blocks by limiting the column
//! in which a line begins, because each block that a line opens needs a column of its own. The check may reject a valid
//! text, with a hint, but it must not accept a text that is nested too deeply. The module `aliases` limits the nesting
//! through aliases.

use super::problem::{Problem, TEXT_MAX};
use super::source::{FileIndex, SourceText};
use std::ops::Range;

/// The maximum column in which the first word of a line may begin. The parser limits the nesting of brackets.
pub const COLUMN_MAX: usize = 128;

/// Rejects texts that must not reach the parser.
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

/// The first line whose first word begins after [`COLUMN_MAX`]. Block indicators (`- `, `? `, `: `) may precede the
/// first word. Each indicator is a level of nesting.
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
