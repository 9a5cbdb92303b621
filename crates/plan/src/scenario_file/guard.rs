//! What is refused before a text is parsed, so that no text costs more than its length.
//!
//! The YAML parser recurses once for each nested block, copies a subtree for each anchor that
//! names it, and copies it again for each alias. Here the three are bounded by looking at the text
//! alone: nesting by the column a line begins in (each block a line opens needs a column of its
//! own), anchors by their number, aliases by refusing them. Every check may refuse a little too
//! much and says how to write it otherwise; none may refuse too little.

use super::problem::{Problem, Source};
use std::collections::BTreeMap;
use std::ops::Range;

/// The longest text that is read as a scenario; data belongs in feeds and body files.
pub const TEXT_MAX: usize = 1 << 20;
/// The column in which the first word of a line may begin. Brackets are bounded by the parser.
pub const COLUMN_MAX: usize = 128;
/// Anchors times text length: what the parser may copy for anchors, in bytes of source.
const ANCHORED_MAX: usize = 8 * TEXT_MAX;

/// Finds what must not reach the parser.
pub(super) fn check(source: &Source) -> Result<(), Problem> {
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
    let anchors = marks(text, '&');
    if anchors.values().map(Vec::len).sum::<usize>() * text.len() > ANCHORED_MAX {
        let first = anchors.values().flatten().min().copied().unwrap_or(0);
        return Err(source.problem(
            first..first + 1,
            "there are too many words that begin with `&` for a file of this size",
            Some("keep long bodies in files: `body: { file: page.html }`"),
        ));
    }
    let aliased = marks(text, '*')
        .into_iter()
        .find(|(name, _)| anchors.contains_key(name));
    if let Some((name, at)) = aliased {
        return Err(source.problem(
            at[0]..at[0] + 1 + name.len(),
            format!("the alias `*{name}` is not supported"),
            Some(&format!("write out what `&{name}` names")),
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

/// Where a word may begin with `sign` as YAML sees it, by the part of its name that is letters,
/// digits, `_` and `-`. Signs within quotes and block texts are counted too.
fn marks(text: &str, sign: char) -> BTreeMap<&str, Vec<usize>> {
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, _) in text.match_indices(sign) {
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || "[]{},:\"'".contains(c));
        let rest = &text[at + 1..];
        let named = rest.chars().next().is_some_and(|c| !c.is_whitespace());
        if begins && named {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
                .unwrap_or(rest.len());
            found.entry(&rest[..end]).or_default().push(at);
        }
    }
    found
}
