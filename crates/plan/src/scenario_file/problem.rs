//! A problem of a scenario file.

use std::ops::Range;

/// The maximum total size in bytes of a scenario file and of the files that it includes. Large data must be in feeds
/// and body files.
pub const TEXT_MAX: usize = 1 << 20;

/// The maximum length of a message or a hint in bytes. The limit exists because messages and hints may quote the file.
const WORDS_MAX: usize = 1_000;

/// One problem of a scenario file: its message, its position and its hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The message: a lower-case part of a sentence that states the facts of the problem.
    pub message: String,
    /// The number of the line. The first line has the number 1. For a problem with an option of the command line, the
    /// number is 0.
    pub line: usize,
    /// The number of the column, counted in characters. The first column has the number 1. For a problem without a
    /// column, the number is 0.
    pub column: usize,
    /// The range of the problem's bytes in the text. The texts of included files follow the text of the scenario.
    pub span: Range<usize>,
    /// The hint; `None` if the problem has no hint.
    pub help: Option<String>,
}

/// Shortens a text that is longer than [`WORDS_MAX`]. The middle of the text is cut out, because quotations of the file
/// are in the middle.
pub(super) fn shortened(text: String) -> String {
    if text.len() <= WORDS_MAX {
        return text;
    }
    let head = &text[..text.floor_char_boundary(WORDS_MAX / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - WORDS_MAX / 2)..];
    format!("{head} … {tail}")
}
