//! Tests that prose uses plain words. Comments, string literals, names of functions, and pages contain no word of
//! [`WORDS`].
//!
//! Code blocks, code between backticks and quoted text are not checked.

use crate::tidy::assert_no_faults;
use std::process::Command;
use whole_runs::machine::root;

/// The words to avoid, each with plain words in its place. A phrase matches whole words within one sentence.
const WORDS: [(&str, &str); 35] = [
    ("aloud", "printed"),
    ("amount to", "is, or equals"),
    ("amounts to", "is, or equals"),
    ("anew", "again"),
    ("anybody", "name the party: a user, a worker, another process"),
    ("at the most", "at most"),
    ("become of", "happens to"),
    ("becomes of", "happens to"),
    ("befalls", "happens to"),
    ("beside", "next to, besides, or and"),
    ("by itself", "on its own, or alone"),
    ("by themselves", "on their own, or alone"),
    ("everybody", "name the party: all users, all workers"),
    ("go on", "continue"),
    ("goes on", "continues"),
    ("heard", "received, or reported"),
    ("hears", "receives, or reads"),
    ("in the same manner", "likewise, or also"),
    ("in vain", "without effect"),
    ("is no", "is not"),
    ("is of use", "is used, or is useful"),
    ("knows of", "has, or contains"),
    ("lies", "is"),
    ("mend", "fix, or repair"),
    ("nobody", "name the party: no user, no worker, no process"),
    ("says of", "reports about"),
    ("so many", "this many, or the name of the number"),
    ("somebody", "name the party: a user, a worker, another process"),
    ("speaks", "uses, or serves"),
    ("stands", "is, or appears"),
    ("the law", "the invariant"),
    ("to be had", "available"),
    ("told", "reported, sent or configured"),
    ("whatever", "any, or every"),
    ("whoever", "name the party: the caller, the launcher, a worker"),
];

/// The words next to a phrase that make the phrase acceptable. The first list contains the words before the phrase, and
/// the second list contains the words after the phrase.
const PLAIN: [(&str, &[&str], &[&str]); 3] = [
    ("is no", &["there"], &["longer"]),
    ("stands", &[], &["for", "in"]),
    ("lies", &[], &["between", "beyond", "in", "inside", "outside", "within"]),
];

/// The path of this file. The file contains the words to avoid, so it is not checked.
const OWN: &str = "tests/tests/it/tidy_words.rs";

/// A word of prose in lower case, or a punctuation mark. A punctuation mark ends a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    line: usize,
    text: String,
}

/// The syntax of the comments and strings in a file.
#[derive(Clone, Copy)]
enum Language {
    /// Comments are `//` and `/* */`, and strings are between `"`.
    Rust,
    /// Comments are `//` and `/* */`, and strings are between three kinds of quotation marks.
    TypeScript,
    /// Comments begin with `#`, and strings are between two kinds of quotation marks.
    Python,
    /// Comments begin with `#`, and strings are between `"`.
    Terraform,
    Markdown,
}

fn language(path: &str) -> Option<Language> {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs") => Some(Language::Rust),
        Some("ts") => Some(Language::TypeScript),
        Some("py") => Some(Language::Python),
        Some("tf") => Some(Language::Terraform),
        Some("md") => Some(Language::Markdown),
        _ => (path == "tests/run").then_some(Language::Python),
    }
}

/// Returns the words and punctuation marks of the prose in a file.
fn prose(language: Language, text: &str) -> Vec<Token> {
    let mut reader = Reader {
        rest: text,
        line: 1,
        in_code: false,
        tokens: Vec::new(),
    };
    match language {
        Language::Markdown => {
            for (number, line) in crate::book::prose(text) {
                reader.line = number;
                reader.add(line);
            }
        }
        _ => reader.read(language),
    }
    reader.tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    /// Whether the current comment line is in a code block.
    in_code: bool,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    fn read(&mut self, language: Language) {
        while let Some(first) = self.rest.chars().next() {
            self.step(language, first);
        }
    }

    fn step(&mut self, language: Language, first: char) {
        let slashes = matches!(language, Language::Rust | Language::TypeScript);
        if (slashes && self.rest.starts_with("//")) || (!slashes && first == '#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            let text = self.rest[..end].trim_start_matches(['/', '!', '#', ' ']);
            let fence = text.starts_with("```");
            if !self.in_code && !fence {
                self.add(text);
            }
            self.in_code ^= fence;
            self.take(end);
        } else if slashes && self.rest.starts_with("/*") {
            let end = self.rest.find("*/").map_or(self.rest.len(), |end| end + 2);
            self.passage(2, 2, end);
        } else if let Some(hashes) = self.raw_string(language) {
            let close = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            let end = self.rest[begin..]
                .find(&close)
                .map_or(self.rest.len(), |end| begin + end);
            self.passage(begin, close.len(), (end + close.len()).min(self.rest.len()));
        } else if self.rest.starts_with("\"\"\"") {
            let end = self.rest[3..].find("\"\"\"").map_or(self.rest.len(), |end| end + 6);
            self.passage(3, 3, end);
        } else if is_quotation_mark(language, first) {
            let line = self.rest.find('\n').unwrap_or(self.rest.len());
            let end = match language {
                Language::TypeScript if first != '`' => string_end(&self.rest[..line], first),
                _ => string_end(self.rest, first),
            };
            self.passage(1, 1, end);
        } else if first == '\'' && matches!(language, Language::Rust) {
            // The quotation mark is the begin of a character literal or of a lifetime.
            let length = match self.rest[1..].starts_with('\\') {
                true => self.rest[3..].find('\'').map_or(1, |end| end + 4),
                false => {
                    let character = self.rest[1..].chars().next().map_or(0, char::len_utf8);
                    match self.rest[1 + character..].starts_with('\'') {
                        true => character + 2,
                        false => 1,
                    }
                }
            };
            self.take(length);
        } else if first.is_alphanumeric() || first == '_' {
            let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &self.rest[..end.unwrap_or(self.rest.len())];
            if let Some(defined) = self.rest.strip_prefix("fn ").filter(|_| name == "fn") {
                let end = defined.find(|c: char| !c.is_alphanumeric() && c != '_');
                let words = defined[..end.unwrap_or(0)].replace('_', " ");
                if words.contains(' ') {
                    self.add(&words);
                }
            }
            self.take(name.len());
        } else {
            self.take(first.len_utf8());
        }
    }

    /// Returns the number of `#` in the opening mark of a raw string. Returns `None` if the rest does not begin with a
    /// raw string.
    fn raw_string(&self, language: Language) -> Option<usize> {
        let rest = self
            .rest
            .strip_prefix('r')
            .filter(|_| matches!(language, Language::Rust))?;
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        rest[hashes..].starts_with('"').then_some(hashes)
    }

    /// Adds the words of the string or comment that ends at `end`. `opening` and `closing` are the lengths of the
    /// opening mark and of the closing mark.
    fn passage(&mut self, opening: usize, closing: usize, end: usize) {
        let line = self.line;
        let inside = &self.rest[opening..end.saturating_sub(closing).max(opening)];
        let text = inside.replace("\\n", ". ").replace("\\\"", "\"");
        self.end_phrase();
        for (at, text) in text.lines().enumerate() {
            self.line = line + at;
            self.add(text.trim_matches(['*', '/', '#', '\\', ' ']));
        }
        self.end_phrase();
        self.line = line;
        self.take(end);
    }

    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        // A line that does not begin with a comment ends a phrase.
        if taken == "\n"
            && self
                .rest
                .trim_start_matches(['\n', ' '])
                .chars()
                .next()
                .is_some_and(char::is_alphabetic)
        {
            self.end_phrase();
        }
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }

    fn end_phrase(&mut self) {
        self.tokens.push(Token {
            line: self.line,
            text: ".".to_owned(),
        });
    }

    /// Adds the words of a line. Code between backticks and quoted text are skipped.
    fn add(&mut self, line: &str) {
        let outside = |text: &str, mark: char| match text.matches(mark).count() % 2 {
            0 => text.split(mark).step_by(2).collect::<Vec<_>>().join(" . "),
            _ => text.to_owned(),
        };
        let text = outside(&outside(line, '`'), '"').to_lowercase();
        let mut word = String::new();
        let mut in_placeholder = false;
        for c in text.chars().chain([' ']) {
            // The name between the braces of a format string is skipped.
            in_placeholder = c == '{' || (in_placeholder && !matches!(c, '}' | ' '));
            if in_placeholder && c != '{' {
                continue;
            }
            if c.is_alphanumeric() || matches!(c, '_' | '\'' | '’' | '-') {
                word.push(c);
                continue;
            }
            for text in [std::mem::take(&mut word), c.to_string()] {
                if !text.trim().is_empty() {
                    self.tokens.push(Token { line: self.line, text });
                }
            }
        }
    }
}

fn is_quotation_mark(language: Language, c: char) -> bool {
    match language {
        Language::Rust | Language::Terraform => c == '"',
        Language::TypeScript => matches!(c, '"' | '\'' | '`'),
        Language::Python => matches!(c, '"' | '\''),
        Language::Markdown => false,
    }
}

/// Returns the length of the string literal at the begin of a text. The literal begins with the mark `quote`.
fn string_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Returns the number of each line that contains a phrase of [`WORDS`], with the phrase and its plain words.
fn faults(tokens: &[Token]) -> Vec<(usize, &'static str, &'static str)> {
    let mut faults = Vec::new();
    for (phrase, plain) in WORDS {
        let words: Vec<&str> = phrase.split(' ').collect();
        let exceptions = PLAIN.iter().find(|(other, ..)| *other == phrase);
        for (at, window) in tokens.windows(words.len()).enumerate() {
            let is_phrase = window.iter().map(|token| token.text.as_str()).eq(words.iter().copied());
            let at_word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| &token.text);
            let (before, after) = (at_word(at.checked_sub(1)), at_word(Some(at + words.len())));
            let is_plain = exceptions.is_some_and(|(_, first, last)| first.contains(&before) || last.contains(&after));
            if is_phrase && !is_plain {
                faults.push((window[0].line, phrase, plain));
            }
        }
    }
    faults
}

#[test]
fn prose_uses_plain_words() {
    let listed = Command::new("git")
        .arg("ls-files")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut found = Vec::new();
    for path in listed.lines().filter(|path| *path != OWN) {
        let Some(language) = language(path) else { continue };
        let Ok(text) = std::fs::read_to_string(root().join(path)) else {
            // git also lists deleted files whose deletion is not committed, and these files cannot be read.
            continue;
        };
        let shown = |(line, phrase, plain)| format!("{path}:{line}: `{phrase}`; write: {plain}");
        found.extend(faults(&prose(language, &text)).into_iter().map(shown));
    }
    assert_no_faults(found);
}

#[test]
fn words_are_found_in_comments_strings_and_names_only() {
    let check = |language: Language, text: &str, expected: &[(usize, &str)]| {
        let found: Vec<_> = faults(&prose(language, text))
            .into_iter()
            .map(|(line, phrase, _)| (line, phrase))
            .collect();
        assert_eq!(found, expected, "{text}");
    };
    check(
        Language::Rust,
        "//! A file beside\n//! another is\n//! no page.\nlet beside = '\"';\n",
        &[(1, "beside"), (2, "is no")],
    );
    check(
        Language::Rust,
        "fn nobody_asks() { f(\"it\nstands, and `beside`\", r#\"a \"beside\" \"#) }",
        &[(1, "nobody"), (2, "stands")],
    );
    check(
        Language::Rust,
        "// There is no law. It is no longer. \"Whoever\" stands for it.\n// This is.\n// No other is.",
        &[],
    );
    check(
        Language::Python,
        "x = 'whoever' # beside\nbeside = 1\n",
        &[(1, "beside"), (1, "whoever")],
    );
    check(
        Language::TypeScript,
        "let beside = `by\nitself`; /* lies */",
        &[(1, "by itself"), (2, "lies")],
    );
    check(
        Language::Markdown,
        "It goes\non.\n```text\nbeside\n```\n`beside`\n",
        &[(1, "goes on")],
    );
}
