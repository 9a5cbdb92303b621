//! Text with placeholders that are filled in for each arrival.
//!
//! The value of a placeholder depends on (seed, arrival) alone, never on the shard that sends it.
//!
//! Grammar, inside `{{` and `}}`:
//! ```text
//! placeholder = value { value } [ form ]
//! value       = "arrival" | "uuid" | "run" | "random" int int | "feed" name "." column
//!             | "env" string | "var" word | "secret" string | string
//!             | "loop" | "due" [ "unix" | "unix_ms" ] | captured [ "or" string ]
//! column      = word | string
//! form        = "raw" | "json" | "base64" | "hex" | "sha256"
//! string      = '"' { any but '"' } '"' | "'" { any but "'" } "'"
//! ```
//! `env` and `var` are filled in when the scenario is read, and their values are not searched for placeholders. A
//! string is literal text (`{{ "{{" }}` sends two braces). Each worker looks up `secret` before the start. The others
//! are filled in when the request is sent. Values are concatenated: `{{ feed users.name ":" feed users.password base64
//! }}`. The name of a column with spaces needs no quotes at the end of the placeholder. `captured` is the name of a
//! value that an earlier step of the flow captures; `or` gives the text to use if that step found nothing.

use crate::authority;
use crate::form::{Form, base64_in_place};
use crate::secret::{self, Reference};
use crate::sha256;
use std::ops::Range;

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    Text(String),
    /// The number of the arrival in the run, from 0.
    Arrival,
    /// A version 4 UUID drawn from (seed, arrival, slot).
    Uuid {
        slot: u32,
    },
    /// A whole number in `min..=max` drawn from (seed, arrival, slot).
    Random {
        slot: u32,
        min: i64,
        max: i64,
    },
    /// A cell of a feed; the row is the arrival number modulo the number of rows.
    Feed {
        feed: u32,
        column: u32,
        form: Form,
    },
    /// A secret of the plan, by its number. Only workers have its value.
    Secret {
        secret: u32,
        form: Form,
    },
    /// The name of the run.
    Run,
    /// A value that the flow has captured, by its number; the fallback, or nothing, if it has not.
    Captured {
        variable: u32,
        fallback: Option<String>,
        form: Form,
    },
    /// The number of the iteration of the innermost repetition, from 1.
    Loop,
    /// When the request was due.
    Due(TimeFormat),
    /// The concatenated parts, encoded. They are never nested.
    Encoded {
        parts: Vec<TemplatePart>,
        encoding: Encoding,
        form: Form,
    },
}

/// The encoding of a placeholder's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Base64,
    /// Two lower-case hexadecimal digits for each byte.
    Hex,
    /// The SHA-256 of the value, in lower-case hexadecimal digits.
    Sha256,
}

impl Encoding {
    /// Encodes the bytes of `out` from `from` on.
    pub fn apply(self, out: &mut Vec<u8>, from: usize) {
        match self {
            Encoding::Base64 => base64_in_place(out, from),
            Encoding::Hex => {
                let digits = hex::encode(&out[from..]);
                out.truncate(from);
                out.extend_from_slice(digits.as_bytes());
            }
            Encoding::Sha256 => {
                let digest = sha256::hex(&out[from..]);
                out.truncate(from);
                out.extend_from_slice(digest.as_bytes());
            }
        }
    }
}

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
    Iso,
    /// Whole seconds since the Unix epoch.
    Unix,
    /// Milliseconds since the Unix epoch.
    UnixMillis,
}

impl TemplatePart {
    /// The encoded parts of `Base64`; otherwise the part itself.
    pub fn values(&self) -> &[TemplatePart] {
        match self {
            TemplatePart::Encoded { parts, .. } => parts,
            part => std::slice::from_ref(part),
        }
    }

    /// The part in the form for a JSON string. Values with another form stay as they are.
    pub(crate) fn in_json(self) -> TemplatePart {
        match self {
            TemplatePart::Text(text) => TemplatePart::Text(Form::Json.written(&text)),
            TemplatePart::Feed {
                feed,
                column,
                form: Form::AsIs,
            } => TemplatePart::Feed {
                feed,
                column,
                form: Form::Json,
            },
            TemplatePart::Secret {
                secret,
                form: Form::AsIs,
            } => TemplatePart::Secret {
                secret,
                form: Form::Json,
            },
            TemplatePart::Captured {
                variable,
                fallback,
                form: Form::AsIs,
            } => TemplatePart::Captured {
                variable,
                fallback,
                form: Form::Json,
            },
            part => part,
        }
    }

    /// The part in the form for the path or the query of a URL. Drawn values need no encoding.
    pub(crate) fn in_url(self) -> TemplatePart {
        match self {
            TemplatePart::Feed { feed, column, form } => TemplatePart::Feed {
                feed,
                column,
                form: form.in_url(),
            },
            TemplatePart::Secret { secret, form } => TemplatePart::Secret {
                secret,
                form: form.in_url(),
            },
            TemplatePart::Encoded { parts, encoding, form } => TemplatePart::Encoded {
                parts,
                encoding,
                form: form.in_url(),
            },
            TemplatePart::Captured {
                variable,
                fallback,
                form,
            } => TemplatePart::Captured {
                variable,
                fallback,
                form: form.in_url(),
            },
            part => part,
        }
    }
}

/// Text with placeholders, as parts in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// Finds the numbers of a feed and of its column; fails with `problem; hint`.
pub type FindCell<'a> = dyn Fn(&str, &str) -> Result<(u32, u32), String> + 'a;

/// Finds the value of an environment variable, if it is set; fails with `problem; hint`.
pub type FindInEnvironment<'a> = dyn Fn(&str) -> Result<Option<String>, String> + 'a;

/// Finds the value of a variable of the scenario; fails with `problem; hint`.
pub type FindVariable<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Finds the number of a captured value; the flag says whether the placeholder has a fallback. Fails with
/// `problem; hint`; `Ok(None)` if no value has this name.
pub type FindCaptured<'a> = dyn FnMut(&str, bool) -> Result<Option<u32>, String> + 'a;

/// Resolves the names in placeholders.
pub struct NameLookup<'a> {
    pub environment: &'a FindInEnvironment<'a>,
    pub variable: &'a FindVariable<'a>,
    pub feed: &'a FindCell<'a>,
    /// The next slot; each draw of a scenario has its own.
    pub slots: &'a mut u32,
    /// The secrets referred to so far, without repetition; parts contain their numbers.
    pub secrets: &'a mut Vec<Reference>,
    pub captured: &'a mut FindCaptured<'a>,
}

impl std::fmt::Debug for NameLookup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names")
            .field("slots", &self.slots)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

/// The error of one placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderError {
    /// Its bytes in the text, including the braces.
    pub range: Range<usize>,
    pub message: String,
    /// The hint.
    pub help: String,
}

/// The errors of all placeholders of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first errors, at most [`FAULTS_MAX`].
    pub found: Vec<PlaceholderError>,
    /// The number of further errors.
    pub uncounted: usize,
}

impl Faults {
    /// Adds the error of a parser, in the form `problem; hint`.
    pub(crate) fn push(&mut self, range: Range<usize>, fault: &str) {
        if self.found.len() >= FAULTS_MAX {
            self.uncounted += usize::from(fault != NOTED);
            return;
        }
        let (message, help) = fault.split_once("; ").unwrap_or((fault, ""));
        self.found.push(PlaceholderError {
            range,
            message: message.to_owned(),
            help: help.to_owned(),
        });
    }
}

/// The maximum number of errors that are kept per text.
pub const FAULTS_MAX: usize = 100;

/// The message of an error that is reported elsewhere.
pub(crate) const NOTED: &str = "";

impl Template {
    /// A template without placeholders.
    pub fn fixed(text: impl Into<String>) -> Template {
        Template(vec![TemplatePart::Text(text.into())])
    }

    /// The text, if the template has no placeholders.
    pub fn as_fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends a part; adjacent texts are joined.
    pub fn push(&mut self, part: TemplatePart) {
        match (self.0.last_mut(), part) {
            (_, TemplatePart::Text(text)) if text.is_empty() => {}
            (Some(TemplatePart::Text(before)), TemplatePart::Text(text)) => before.push_str(&text),
            (_, part) => self.0.push(part),
        }
    }

    /// Splits a URL before its path: into scheme and host, which are empty in a URL that begins with its path, and the
    /// rest.
    pub fn cut_url(&self) -> (Template, Template) {
        let (mut host, mut rest) = (Template::default(), Template::default());
        let whole = matches!(self.0.first(), Some(TemplatePart::Text(first)) if first.contains("://") && !first.starts_with(['/', '?']));
        let mut in_host = whole;
        for (at, part) in self.0.iter().enumerate() {
            match part {
                TemplatePart::Text(text) if in_host => {
                    let begin = if at == 0 {
                        text.find("://").map_or(0, |at| at + 3)
                    } else {
                        0
                    };
                    let end = authority::end(&text[begin..]).map(|end| begin + end);
                    in_host = end.is_none();
                    let (before, after) = text.split_at(end.unwrap_or(text.len()));
                    host.push(TemplatePart::Text(before.to_owned()));
                    rest.push(TemplatePart::Text(after.to_owned()));
                }
                part if in_host => host.push(part.clone()),
                part => rest.push(part.clone()),
            }
        }
        (host, rest)
    }

    /// Parses a text of the grammar above.
    ///
    /// # Errors
    /// Returns the errors of all placeholders.
    pub fn parse(text: &str, names: &mut NameLookup<'_>) -> Result<Template, Faults> {
        let mut template = Template::default();
        let mut faults = Faults::default();
        let mut at = 0;
        while let Some(open) = text[at..].find("{{").map(|open| at + open) {
            template.push(TemplatePart::Text(text[at..open].to_owned()));
            let Some(inner) = inner_end(&text[open + 2..]) else {
                let message = "`{{` is not closed".to_owned();
                let help = "close it with `}}`; for two literal braces write `{{ \"{{\" }}`".to_owned();
                faults.found.push(PlaceholderError {
                    range: open..open + 2,
                    message,
                    help,
                });
                return Err(faults);
            };
            let close = open + 2 + inner + 2;
            match placeholder(text[open + 2..close - 2].trim(), names) {
                Ok(parts) => parts.into_iter().for_each(|part| template.push(part)),
                Err(fault) => faults.push(open..close, &fault),
            }
            at = close;
        }
        template.push(TemplatePart::Text(text[at..].to_owned()));
        if faults.found.is_empty() {
            Ok(template)
        } else {
            Err(faults)
        }
    }
}

/// The position of the `}}` of a placeholder. Braces within quotes do not count, unless they are the only ones.
fn inner_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            None => {}
        }
    }
    text.find("}}")
}

const WANTED: &str = "write `arrival`, `uuid`, `run`, `random 1 100`, `loop`, `due`, a captured value, `feed users.email`, `var NAME`, `env \"NAME\"`, `secret \"ssm:/name\"` or \
                      a text in quotes between the braces, optionally followed by `raw`, `json`, `base64`, `hex` or `sha256`";

fn placeholder(text: &str, names: &mut NameLookup<'_>) -> Result<Vec<TemplatePart>, String> {
    if text.is_empty() {
        return Err(format!("the placeholder is empty; {WANTED}"));
    }
    let (mut parts, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let word = next_word(&mut rest);
        if let Some(fixed) = string(word) {
            parts.push(TemplatePart::Text(fixed.to_owned()));
            continue;
        }
        parts.push(match word {
            "arrival" => TemplatePart::Arrival,
            "uuid" => TemplatePart::Uuid { slot: next(names) },
            "run" => TemplatePart::Run,
            "random" => random(&mut rest, names)?,
            "feed" => feed(&mut rest, names)?,
            "loop" => TemplatePart::Loop,
            "due" => TemplatePart::Due(time_format(&mut rest)),
            "env" => environment(next_word(&mut rest), names)?,
            "var" => TemplatePart::Text((names.variable)(next_word(&mut rest))?),
            "secret" => secret(next_word(&mut rest), names)?,
            "raw" | "json" | "base64" | "hex" | "sha256" if !parts.is_empty() && rest.is_empty() => {
                return Ok(formed(parts, word));
            }
            "raw" | "json" | "base64" | "hex" | "sha256" => {
                return Err(format!(
                    "`{word}` must follow a value, at the end; write `feed users.email {word}`"
                ));
            }
            name => captured(name, &mut rest, names)?,
        });
    }
    Ok(parts)
}

/// Takes a word or a string from the front. Spaces within quotes belong to the word.
fn next_word<'a>(rest: &mut &'a str) -> &'a str {
    let mut quote = None;
    let ends = |(_, c): &(usize, char)| {
        match quote {
            Some(open) if *c == open => quote = None,
            Some(_) => {}
            None if *c == '"' || *c == '\'' => quote = Some(*c),
            None => return c.is_whitespace(),
        }
        false
    };
    let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
    let (word, after) = rest.split_at(end);
    *rest = after.trim_start();
    word
}

/// Applies the form to the parts.
fn formed(parts: Vec<TemplatePart>, word: &str) -> Vec<TemplatePart> {
    let form = if word == "json" { Form::Json } else { Form::Raw };
    let encoding = match word {
        "base64" => Some(Encoding::Base64),
        "hex" => Some(Encoding::Hex),
        "sha256" => Some(Encoding::Sha256),
        _ => None,
    };
    match encoding {
        Some(encoding) => {
            let mut template = Template::default();
            parts.into_iter().for_each(|part| template.push(part));
            match template.as_fixed() {
                Some(text) => {
                    let mut encoded = text.as_bytes().to_vec();
                    encoding.apply(&mut encoded, 0);
                    vec![TemplatePart::Text(String::from_utf8(encoded).unwrap_or_default())]
                }
                None => vec![TemplatePart::Encoded {
                    parts: template.0,
                    encoding,
                    form: Form::AsIs,
                }],
            }
        }
        None => parts
            .into_iter()
            .map(|part| match part {
                TemplatePart::Text(text) => TemplatePart::Text(form.written(&text)),
                TemplatePart::Feed { feed, column, .. } => TemplatePart::Feed { feed, column, form },
                TemplatePart::Secret { secret, .. } => TemplatePart::Secret { secret, form },
                TemplatePart::Captured { variable, fallback, .. } => TemplatePart::Captured {
                    variable,
                    fallback,
                    form,
                },
                part => part,
            })
            .collect(),
    }
}

/// Reads the format after `due`.
fn time_format(rest: &mut &str) -> TimeFormat {
    for (word, format) in [
        ("unix_ms", TimeFormat::UnixMillis),
        ("unix", TimeFormat::Unix),
        ("iso", TimeFormat::Iso),
    ] {
        let mut after = *rest;
        if next_word(&mut after) == word {
            *rest = after;
            return format;
        }
    }
    TimeFormat::Iso
}

/// Reads the name of a captured value, and its fallback.
fn captured(name: &str, rest: &mut &str, names: &mut NameLookup<'_>) -> Result<TemplatePart, String> {
    let mut after = *rest;
    let fallback = match next_word(&mut after) {
        "or" => {
            let text = string(next_word(&mut after))
                .ok_or_else(|| format!("`or` takes a text in quotes; write `{name} or 'none'`"))?;
            *rest = after;
            Some(text.to_owned())
        }
        _ => None,
    };
    match (names.captured)(name, fallback.is_some())? {
        Some(variable) => Ok(TemplatePart::Captured {
            variable,
            fallback,
            form: Form::AsIs,
        }),
        None => Err(format!("`{name}` is not a placeholder; {WANTED}")),
    }
}

/// The words of placeholders, which captured values cannot have as names.
pub const WORDS: [&str; 16] = [
    "arrival", "uuid", "run", "random", "feed", "env", "var", "secret", "loop", "due", "or", "raw", "json", "base64",
    "hex", "sha256",
];

fn next(names: &mut NameLookup<'_>) -> u32 {
    let slot = *names.slots;
    *names.slots += 1;
    slot
}

fn random(rest: &mut &str, names: &mut NameLookup<'_>) -> Result<TemplatePart, String> {
    const WANTED: &str = "write `random 1 100`: the minimum and the maximum";
    let mut number = || next_word(rest).parse::<i64>();
    let (Ok(min), Ok(max)) = (number(), number()) else {
        return Err(format!("`random` takes two whole numbers; {WANTED}"));
    };
    if min > max {
        return Err(format!(
            "`random {min} {max}` is an empty range; write `random {max} {min}`"
        ));
    }
    if max.checked_sub(min).is_none() {
        return Err(format!(
            "`random {min} {max}` is wider than 63 bits; draw from fewer numbers"
        ));
    }
    Ok(TemplatePart::Random {
        slot: next(names),
        min,
        max,
    })
}

fn feed(rest: &mut &str, names: &NameLookup<'_>) -> Result<TemplatePart, String> {
    let cell = |text: &str| {
        let (name, column) = text
            .split_once('.')
            .ok_or("`feed` takes a feed and its column; write `feed users.email`")?;
        let column = column.trim();
        (names.feed)(name.trim(), string(column).unwrap_or(column))
    };
    let whole = *rest;
    let word = next_word(rest);
    let form = Form::AsIs;
    // A column whose name has spaces, at the end of the placeholder.
    if !rest.is_empty()
        && let Ok((feed, column)) = cell(whole)
    {
        *rest = "";
        return Ok(TemplatePart::Feed { feed, column, form });
    }
    let (feed, column) = cell(word)?;
    Ok(TemplatePart::Feed { feed, column, form })
}

fn environment(name: &str, names: &NameLookup<'_>) -> Result<TemplatePart, String> {
    let name = string(name).ok_or_else(|| {
        format!(
            "`env` takes a name in quotes; write `env \"{}\"`",
            if name.is_empty() { "NAME" } else { name }
        )
    })?;
    if let Some(why) = secret::credential(name) {
        return Err(why);
    }
    match (names.environment)(name)? {
        Some(value) => Ok(TemplatePart::Text(value)),
        None => Err(format!(
            "the environment variable `{name}` is not set; set it: `export {name}=…`"
        )),
    }
}

fn secret(text: &str, names: &mut NameLookup<'_>) -> Result<TemplatePart, String> {
    let text = string(text).ok_or_else(|| format!("`secret` takes a reference in quotes; {}", secret::WANTED))?;
    let reference = Reference::parse(text)?;
    let known = names.secrets.iter().position(|other| *other == reference);
    let secret = match known {
        Some(secret) => secret,
        None if names.secrets.len() >= secret::REFERENCES_MAX => {
            return Err(format!(
                "a scenario has at most {} secrets, and `{reference}` exceeds that; use fewer, or a feed for \
                 values that are not secret",
                secret::REFERENCES_MAX
            ));
        }
        None => {
            names.secrets.push(reference);
            names.secrets.len() - 1
        }
    };
    Ok(TemplatePart::Secret {
        secret: secret as u32,
        form: Form::AsIs,
    })
}

fn string(text: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[TemplatePart], &str>) {
        let (mut slots, mut secrets) = (7, vec![Reference::parse("env:FIRST").unwrap()]);
        let mut names = NameLookup {
            environment: &|name| Ok((name == "HOST").then(|| "{{ uuid }}".to_owned())),
            variable: &|name| match name {
                "page" => Ok("{{ uuid }}".to_owned()),
                _ => Err("there is no variable; look".to_owned()),
            },
            feed: &|feed, column| match (feed, column) {
                ("users", "e mail") => Ok((2, 1)),
                _ => Err("there is no such cell; look".to_owned()),
            },
            slots: &mut slots,
            secrets: &mut secrets,
            captured: &mut |name, fallback| match (name, fallback) {
                ("token", _) | ("maybe", true) => Ok(Some(3)),
                ("maybe", false) => Err("`maybe` may have no value; add `or ''`".to_owned()),
                _ => Ok(None),
            },
        };
        match (Template::parse(text, &mut names), expected) {
            (Ok(template), Ok(parts)) => assert_eq!(template.0, parts, "{text}"),
            (Err(faults), Err(part)) => {
                let all: Vec<String> = faults
                    .found
                    .iter()
                    .map(|f| format!("{:?} {}; {}", f.range, f.message, f.help))
                    .collect();
                assert!(all.join("\n").contains(part), "{text}: {all:?}");
            }
            (got, wanted) => panic!("{text}: {got:?}, wanted {wanted:?}"),
        }
    }

    fn fixed(text: &str) -> TemplatePart {
        TemplatePart::Text(text.to_owned())
    }

    #[test]
    fn placeholders_become_parts_and_text_stays_text() {
        check("", Ok(&[]));
        check("a } b }} c", Ok(&[fixed("a } b }} c")]));
        check("/{{arrival}}", Ok(&[fixed("/"), TemplatePart::Arrival]));
        check(
            "{{ uuid }}{{ uuid }}",
            Ok(&[TemplatePart::Uuid { slot: 7 }, TemplatePart::Uuid { slot: 8 }]),
        );
        check(
            "{{ random -5  5 }}",
            Ok(&[TemplatePart::Random {
                slot: 7,
                min: -5,
                max: 5,
            }]),
        );
        let (feed, column, form) = (2, 1, Form::AsIs);
        check(
            "{{ feed users.e mail }}",
            Ok(&[TemplatePart::Feed { feed, column, form }]),
        );
        check("{{ \"{{\" }} {{ '}}' }}", Ok(&[fixed("{{ }}")]));
        check(
            "{{ run }}/{{run}}",
            Ok(&[TemplatePart::Run, fixed("/"), TemplatePart::Run]),
        );
    }

    #[test]
    fn values_are_concatenated_and_written_in_a_form() {
        let cell = |form| TemplatePart::Feed {
            feed: 2,
            column: 1,
            form,
        };
        check("{{ feed users.\"e mail\" json }}", Ok(&[cell(Form::Json)]));
        check("{{ feed users.'e mail' raw }}", Ok(&[cell(Form::Raw)]));
        check("{{ '\"' json }}{{ \"a\" 'b' }}", Ok(&[fixed("\\\"ab")]));
        check("{{ \"me:\" 'pw' base64 }}", Ok(&[fixed("bWU6cHc=")]));
        check("{{ env \"HOST\" base64 }}", Ok(&[fixed("e3sgdXVpZCB9fQ==")]));
        let form = Form::AsIs;
        check(
            "Basic {{ feed users.\"e mail\" \":\" secret 'env:FIRST' base64 }}",
            Ok(&[
                fixed("Basic "),
                TemplatePart::Encoded {
                    parts: vec![cell(form), fixed(":"), TemplatePart::Secret { secret: 0, form }],
                    encoding: Encoding::Base64,
                    form,
                },
            ]),
        );
    }

    #[test]
    fn captured_values_have_fallbacks_and_forms() {
        let value = |fallback: Option<&str>, form| TemplatePart::Captured {
            variable: 3,
            fallback: fallback.map(str::to_owned),
            form,
        };
        check("Bearer {{ token }}", Ok(&[fixed("Bearer "), value(None, Form::AsIs)]));
        check("{{ token or '' json }}", Ok(&[value(Some(""), Form::Json)]));
        check("{{ maybe or \"none\" }}", Ok(&[value(Some("none"), Form::AsIs)]));
        check("{{ maybe }}", Err("`maybe` may have no value"));
        check("{{ token or none }}", Err("`or` takes a text in quotes"));
        check("{{ loop }}", Ok(&[TemplatePart::Loop]));
        check(
            "{{ due }} {{ due unix }} {{ due unix_ms }}",
            Ok(&[
                TemplatePart::Due(TimeFormat::Iso),
                fixed(" "),
                TemplatePart::Due(TimeFormat::Unix),
                fixed(" "),
                TemplatePart::Due(TimeFormat::UnixMillis),
            ]),
        );
        check("{{ 'ab' hex }}", Ok(&[fixed("6162")]));
        check(
            "{{ 'abc' sha256 }}",
            Ok(&[fixed(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            )]),
        );
        check(
            "{{ uuid hex }}",
            Ok(&[TemplatePart::Encoded {
                parts: vec![TemplatePart::Uuid { slot: 7 }],
                encoding: Encoding::Hex,
                form: Form::AsIs,
            }]),
        );
    }

    #[test]
    fn a_url_is_split_before_its_path() {
        let cut = |url: &[TemplatePart]| {
            let (host, rest) = Template(url.to_vec()).cut_url();
            (host.0, rest.0)
        };
        let (a, uuid) = (fixed("http://a"), TemplatePart::Uuid { slot: 1 });
        assert_eq!(cut(&[]), (vec![], vec![]));
        assert_eq!(
            cut(&[fixed("/x://y"), uuid.clone()]),
            (vec![], vec![fixed("/x://y"), uuid.clone()])
        );
        assert_eq!(cut(&[fixed("http://a?b/c")]), (vec![a.clone()], vec![fixed("?b/c")]));
        assert_eq!(cut(std::slice::from_ref(&a)), (vec![a.clone()], vec![]));
        assert_eq!(
            cut(&[a.clone(), uuid.clone(), fixed(".b/c"), uuid.clone()]),
            (vec![a, uuid.clone(), fixed(".b")], vec![fixed("/c"), uuid])
        );
    }

    #[test]
    fn equal_secret_references_share_a_number() {
        let form = Form::AsIs;
        let secret = |secret| TemplatePart::Secret { secret, form };
        check(
            "{{ secret \"ssm:/a\" }}{{ secret 'env:FIRST' }}{{ secret \"ssm:/a\" }}{{ secret \"ssm:/a#b\" }}",
            Ok(&[secret(1), secret(0), secret(1), secret(2)]),
        );
    }

    #[test]
    fn environment_values_are_not_searched_for_placeholders() {
        check("a{{ env \"HOST\" }}b", Ok(&[fixed("a{{ uuid }}b")]));
    }

    #[test]
    fn variable_values_are_not_searched_for_placeholders() {
        check("a{{ var page }}b", Ok(&[fixed("a{{ uuid }}b")]));
        check("{{ \"x\" var page \"z\" base64 }}", Ok(&[fixed("eHt7IHV1aWQgfX16")]));
        check("{{ var none }}", Err("0..14 there is no variable; look"));
    }

    #[test]
    fn every_invalid_placeholder_is_reported_with_its_position() {
        check("ab {{ guid }} {{ random 1 }}", Err("3..13 `guid` is not a placeholder"));
        check("ab {{ guid }} {{ random 1 }}", Err("14..28 `random` takes two"));
        check("x {{ uuid", Err("2..4 `{{` is not closed"));
        check("{{ random 5 1 }}", Err("write `random 1 5`"));
        check("{{ random -9223372036854775808 0 }}", Err("wider than 63 bits"));
        check("{{ env HOST }}", Err("write `env \"HOST\"`"));
        check("{{ env \"NONE\" }}", Err("the environment variable `NONE` is not set"));
        check("a {{ secret \"KEY\" }}", Err("2..20 `KEY` does not name the source"));
        check("{{ secret KEY }}", Err("write `secret \"ssm:/shop/token\"`"));
        check("{{ secret }}", Err("`secret` takes a reference in quotes"));
        check("{{ feed users }}", Err("write `feed users.email`"));
        check("{{ feed users.id }}", Err("no such cell; look"));
        check("{{ uuid 4 }}", Err("`4` is not a placeholder"));
        check("{{ json }}", Err("`json` must follow a value"));
        check("{{ json feed users.e mail }}", Err("`json` must follow a value"));
        check(
            "{{ feed users.\"e mail\" json raw }}",
            Err("`json` must follow a value"),
        );
        check("{{ }}", Err("the placeholder is empty"));
        check("{{ \" }}", Err("is not a placeholder"));
    }
}
