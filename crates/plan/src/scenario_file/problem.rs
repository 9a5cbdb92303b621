//! One problem of a scenario file.

use std::ops::Range;

/// The maximum size of a scenario file together with the files that it includes, in bytes. Large data belongs in feeds
/// and body files.
pub const TEXT_MAX: usize = 1 << 20;

/// The maximum length of a message or hint, in bytes. The limit exists because messages and hints may quote the file.
const WORDS_MAX: usize = 1_000;

/// One problem of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The message: a fragment with the facts of the problem.
    pub message: String,
    /// The line, from 1; 0 for a problem with an option of the command line.
    pub line: usize,
    /// The column in characters, from 1; 0 if the problem has no column.
    pub column: usize,
    /// The position in the text, in bytes. The texts of included files follow the text of the scenario.
    pub span: Range<usize>,
    /// The hint.
    pub help: Option<String>,
}

/// Cuts the middle out of a text that is longer than [`WORDS_MAX`], because quotations are in the middle.
pub(super) fn shortened(text: String) -> String {
    if text.len() <= WORDS_MAX {
        return text;
    }
    let head = &text[..text.floor_char_boundary(WORDS_MAX / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - WORDS_MAX / 2)..];
    format!("{head} … {tail}")
}
