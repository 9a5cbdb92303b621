//! What is refused before a text is parsed, so that no text costs more than its length.
//!
//! What is loaded is as deep as the text is nested, and is let go of by recursion. Brackets are bounded by the parser;
//! blocks are bounded here by the column a line begins in (each block a line opens needs a column of its own). The
//! check may refuse a little too much and says how to write it otherwise; it may not refuse too little. Aliases are
//! bounded where they are written out.

use super::problem::{Problem, SourceText, TEXT_MAX};
use std::ops::Range;

/// The column in which the first word of a line may begin. Brackets are bounded by the parser.
pub const COLUMN_MAX: usize = 128;

/// Finds what must not reach the parser.
pub(super) fn check(source: &SourceText) -> Result<(), Problem> {
    let text = &source.text;
    if text.len() > TEXT_MAX {
        return Err(source.problem(
            0..0,
            format!("the file is larger than {} MiB", TEXT_MAX >> 20),
            Some("keep data in feeds and body files"),
        ));
    }
    if let Some(range) = deep_line(text) {
        return Err(source.problem(
            range,
            format!("this line begins after column {COLUMN_MAX}"),
            Some("indent less; a long body can be kept in a file"),
        ));
    }
    Ok(())
}

/// The first line whose first word stands behind [`COLUMN_MAX`]. Block indicators (`- `, `? `,
/// `: `) may stand before that word, each of them a level of nesting.
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
