//! Writes single values of YAML: quoted texts and plain words.

use std::fmt::Write;

/// Returns a text as quoted YAML, on one line.
pub fn quoted(text: &str) -> String {
    if !text.chars().any(must_be_escaped) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = match c {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            c if must_be_escaped(c) && u32::from(c) < 0x1_0000 => write!(out, "\\u{:04x}", u32::from(c)),
            c if must_be_escaped(c) => write!(out, "\\U{:08x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out + "\""
}

/// Returns whether YAML or an editor could change or misread the character. Such characters are control characters,
/// separators of lines and paragraphs, byte-order marks, and code points that are not characters.
fn must_be_escaped(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Returns a rate, a duration, a word or a path as YAML. A text of plain characters is written without quotes, unless
/// YAML would read it as another type.
pub fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/- ".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    match begins && !is_reserved(text) && !text.ends_with(' ') && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// Returns whether YAML would read the word as a value that is not text.
pub(crate) fn is_reserved(word: &str) -> bool {
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    reserved.iter().any(|other| word.eq_ignore_ascii_case(other))
}
