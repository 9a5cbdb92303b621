//! Splits a Rust file into words, with which the checks of the source code find the names that the file uses.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use std::iter::Peekable;

/// One word of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    pub line: usize,
    pub kind: Kind,
    pub text: String,
    /// Whether the word is in an item under `#[cfg(test)]` or `#[test]`.
    pub in_test: bool,
}

/// The kind of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name, or several names that are joined by `::`. A `use` with a list gives one path for each item of the list.
    /// The names of called methods and of defined functions are not words.
    Path,
    /// The name of a called macro, without `!`.
    Macro,
    /// A string literal.
    Text,
    /// The tokens between `#[` and `]`, separated by spaces. The tokens of an attribute give no further words.
    Attribute,
}

/// Returns whether the path equals `start` or begins with `start::`.
pub fn begins(path: &str, start: &str) -> bool {
    path.strip_prefix(start)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns whether the path equals `end` or ends with `::end`.
pub fn ends(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
}

/// Splits a file into words.
pub fn read(text: &str) -> Result<Vec<Word>, String> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|error: proc_macro2::LexError| format!("line {}: {error}", error.span().start().line))?;
    let mut words = Vec::new();
    walk(tokens, false, &mut words);
    Ok(words)
}

type Tokens = Peekable<proc_macro2::token_stream::IntoIter>;

fn walk(tokens: TokenStream, in_test: bool, words: &mut Vec<Word>) {
    let mut tokens = tokens.into_iter().peekable();
    // Whether the current item has the attribute `#[cfg(test)]` or `#[test]`.
    let mut item_in_test = false;
    // Whether the next name is the name of a called method or of a defined function, which is not a word.
    let mut defines = false;
    while let Some(token) = tokens.next() {
        let test = in_test || item_in_test;
        let line = token.span().start().line;
        let mut word = |kind, text| {
            words.push(Word {
                line,
                kind,
                text,
                in_test: test,
            });
        };
        let after = std::mem::take(&mut defines);
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                tokens.next_if(|next| is(next, '!'));
                if let Some(TokenTree::Group(group)) = tokens.peek() {
                    let text = group.stream().to_string();
                    item_in_test |= is_test(&text);
                    word(Kind::Attribute, spaced(group.stream()));
                    tokens.next();
                }
            }
            TokenTree::Punct(mark) => {
                defines = mark.as_char() == '.';
                if mark.as_char() == ';' {
                    item_in_test = false;
                }
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.contains('"') {
                    word(Kind::Text, text);
                }
            }
            TokenTree::Group(group) => {
                let ends_item = group.delimiter() == Delimiter::Brace;
                walk(group.stream(), test, words);
                if ends_item {
                    item_in_test = false;
                }
            }
            TokenTree::Ident(name) => {
                defines = name == "fn";
                let path = path(name.to_string(), &mut tokens);
                match path {
                    Path::List(start, list) => spread(&start, list, test, words),
                    Path::One(path) if tokens.next_if(|next| is(next, '!')).is_some() => {
                        let name = path.rsplit("::").next().unwrap_or(&path).to_owned();
                        word(Kind::Macro, name);
                    }
                    Path::One(_) if after => {}
                    Path::One(path) => word(Kind::Path, path),
                }
            }
        }
    }
}

fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Returns whether an attribute is `test`, `cfg(test)` or `cfg(all(test, …))`.
fn is_test(attribute: &str) -> bool {
    let squeezed: String = attribute.split_whitespace().collect();
    squeezed == "test" || squeezed == "cfg(test)" || squeezed.starts_with("cfg(all(test,")
}

fn spaced(tokens: TokenStream) -> String {
    let mut parts = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => parts.push(format!("( {} )", spaced(group.stream()))),
            TokenTree::Literal(_) => {}
            other => parts.push(other.to_string()),
        }
    }
    parts.join(" ")
}

enum Path {
    One(String),
    /// The path before the list of a `use`, and the list.
    List(String, Group),
}

/// Reads the rest of a path whose first name is `path`.
fn path(mut path: String, tokens: &mut Tokens) -> Path {
    loop {
        let colon = tokens.next_if(
            |next| matches!(next, TokenTree::Punct(mark) if mark.as_char() == ':' && mark.spacing() == Spacing::Joint),
        );
        if colon.is_none() {
            return Path::One(path);
        }
        tokens.next();
        match tokens.next_if(|next| matches!(next, TokenTree::Ident(_) | TokenTree::Group(_))) {
            Some(TokenTree::Ident(name)) => {
                path.push_str("::");
                path.push_str(&name.to_string());
            }
            Some(TokenTree::Group(list)) => return Path::List(path, list),
            // After `::`, a turbofish or a glob follows, so the path ends.
            _ => return Path::One(path),
        }
    }
}

/// Adds the paths of a list. For example, `start::{a, b::c}` gives the paths `start::a` and `start::b::c`.
fn spread(start: &str, list: Group, in_test: bool, words: &mut Vec<Word>) {
    let mut tokens = list.stream().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else { continue };
        let line = name.span().start().line;
        if name == "as" {
            tokens.next();
            continue;
        }
        match path(format!("{start}::{name}"), &mut tokens) {
            Path::List(start, list) => spread(&start, list, in_test, words),
            Path::One(text) => words.push(Word {
                line,
                kind: Kind::Path,
                text,
                in_test,
            }),
        }
    }
}

#[test]
fn a_file_is_split_into_words() {
    let text = r#"
        //! "runs/" and sleep()
        use std::{fs::{self, File as F}, time::Instant};
        fn sleep(at: Instant) { pacer.sleep(at); tokio::time::sleep::<u8>(1); println!("a{}", "b"); }
        #[cfg(test)]
        mod tests { #[allow(dead_code)] fn f() { dbg!(Instant::now()) } }
        const A: u8 = 0;
    "#;
    let words = read(text).unwrap();
    let shown = |kind, in_test| -> Vec<&str> {
        let of_kind = words.iter().filter(|word| word.kind == kind && word.in_test == in_test);
        of_kind.map(|word| word.text.as_str()).collect()
    };
    let paths = shown(Kind::Path, false);
    for path in [
        "std::fs::self",
        "std::fs::File",
        "std::time::Instant",
        "tokio::time::sleep",
        "A",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert!(!paths.contains(&"sleep"), "{paths:?}");
    assert_eq!(shown(Kind::Macro, false), ["println"]);
    assert_eq!(shown(Kind::Text, false), ["\"a{}\"", "\"b\""]);
    assert_eq!(shown(Kind::Macro, true), ["dbg"]);
    assert!(shown(Kind::Path, true).contains(&"Instant::now"));
    assert!(shown(Kind::Attribute, true).contains(&"allow ( dead_code )"));
    assert_eq!(words.iter().find(|word| word.text == "println").unwrap().line, 4);
    assert!(begins("std::fs::self", "std::fs") && !begins("std::fsx", "std::fs"));
    assert!(ends("std::time::Instant::now", "Instant::now") && !ends("MyInstant::now", "Instant::now"));
}
