//! Templates: texts with placeholders that are filled in for each arrival.
//!
//! The value of a placeholder does not depend on the shard that sends the arrival. Random values are drawn from the
//! seed and the number of the arrival, so every worker would draw the same values.
//!
//! The text between `{{` and `}}` has this grammar:
//! ```text
//! placeholder = value { value } [ form ]
//! value       = "arrival" | "uuid" | "run" | "random" int int | "feed" name "." column
//!             | "env" string | "var" word | "secret" string | string
//!             | "loop" | "due" [ "iso" | "unix" | "unix_ms" ] | captured [ "or" string ]
//! column      = word | string
//! form        = "raw" | "json" | "base64" | "hex" | "sha256"
//! string      = '"' { any but '"' } '"' | "'" { any but "'" } "'"
//! ```
//! `env` and `var` are filled in when the scenario is read, and their values are not searched for placeholders. A
//! string is literal text (`{{ "{{" }}` sends two braces). Each worker looks up `secret` before the start of the run.
//! The other values are filled in when the request is sent. Values are concatenated: `{{ feed users.name ":" feed
//! users.password base64 }}`. At the end of a placeholder, the name of a column may contain spaces without quotes.
//! `captured` is the name of a value that an earlier step of the flow captures. After `or` follows the text that is
//! used if the earlier step captured no value.

use crate::authority;
pub use crate::encoding::{Encoding, TimeFormat};
use crate::form::Form;
use crate::secret::{self, Reference};
use std::ops::Range;

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    Text(String),
    /// The number of the arrival in the run. The first arrival has the number 0.
    Arrival,
    /// A version 4 UUID that is drawn from the seed, the number of the arrival, and the slot.
    Uuid {
        slot: u32,
    },
    /// A whole number in `min..=max` that is drawn from the seed, the number of the arrival, and the slot.
    Random {
        slot: u32,
        min: i64,
        max: i64,
    },
    /// A cell of a feed. The `pick` of the feed determines the row of the cell.
    Feed {
        feed: u32,
        column: u32,
        form: Form,
    },
    /// A secret of the plan, given by the number of the secret. Only workers have the value of the secret.
    Secret {
        secret: u32,
        form: Form,
    },
    /// A token that each worker requests, given by the number of the token request.
    Token {
        token: u32,
    },
    /// The name of the run.
    Run,
    /// A value that the flow has captured, given by the number of the value. If the flow has not captured the value,
    /// the part is filled with the fallback. Without a fallback, the part is empty.
    Captured {
        variable: u32,
        fallback: Option<String>,
        form: Form,
    },
    /// The number of the current iteration of the innermost repetition. The first iteration has the number 1.
    Loop,
    /// The due time of the request.
    Due(TimeFormat),
    /// The encoding of several concatenated parts. These parts do not contain an encoded part.
    Encoded {
        parts: Vec<TemplatePart>,
        encoding: Encoding,
        form: Form,
    },
}

impl TemplatePart {
    /// Returns the parts inside an encoded part. For any other part, returns the part itself.
    pub fn values(&self) -> &[TemplatePart] {
        match self {
            TemplatePart::Encoded { parts, .. } => parts,
            part => std::slice::from_ref(part),
        }
    }

    /// Returns the part in the form for a JSON string. The part is unchanged if its placeholder sets another form.
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

    /// Returns the part in the form for the path or the query of a URL. Random values need no encoding.
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

/// A text with placeholders. The text is the concatenation of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// Returns the number of a feed and the number of a column of this feed, given their names. Fails with an error text of
/// the form `problem; hint`.
pub type FindCell<'a> = dyn Fn(&str, &str) -> Result<(u32, u32), String> + 'a;

/// Returns the value of an environment variable, given its name; `Ok(None)` if the variable is not set. Fails with an
/// error text of the form `problem; hint`.
pub type FindInEnvironment<'a> = dyn Fn(&str) -> Result<Option<String>, String> + 'a;

/// Returns the value of a variable of the scenario, given its name. Fails with an error text of the form `problem;
/// hint`.
pub type FindVariable<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Returns the number of a captured value, given its name; `Ok(None)` if no captured value has this name. The flag is
/// true if the placeholder has a fallback. Fails with an error text of the form `problem; hint`.
pub type FindCaptured<'a> = dyn FnMut(&str, bool) -> Result<Option<u32>, String> + 'a;

/// The functions and lists that resolve the names in placeholders.
pub struct NameLookup<'a> {
    pub environment: &'a FindInEnvironment<'a>,
    pub variable: &'a FindVariable<'a>,
    pub feed: &'a FindCell<'a>,
    /// The next free slot. Each random draw of a scenario has its own slot.
    pub slots: &'a mut u32,
    /// The secrets of all placeholders that were parsed so far. No secret is repeated. A part contains the number of
    /// its secret in this list.
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

/// The error of parsing one placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderError {
    /// The range of the placeholder's bytes in the text. The range includes the braces.
    pub range: Range<usize>,
    pub message: String,
    /// How to correct the placeholder, as a hint.
    pub help: String,
}

/// The errors of all placeholders of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first errors. At most [`FAULTS_MAX`] errors are kept.
    pub found: Vec<PlaceholderError>,
    /// The number of further errors, which are not kept.
    pub uncounted: usize,
}

impl Faults {
    /// Adds an error that a parser returned in the form `problem; hint`.
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

/// The maximum number of errors that are kept for one text.
pub const FAULTS_MAX: usize = 100;

/// The message of an error that another function has already reported.
pub(crate) const NOTED: &str = "";

impl Template {
    /// Returns a template without placeholders.
    pub fn fixed(text: impl Into<String>) -> Template {
        Template(vec![TemplatePart::Text(text.into())])
    }

    /// Returns the text of a template without placeholders; `None` if the template has placeholders.
    pub fn as_fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends a part to the template. Adjacent texts are joined.
    pub fn push(&mut self, part: TemplatePart) {
        match (self.0.last_mut(), part) {
            (_, TemplatePart::Text(text)) if text.is_empty() => {}
            (Some(TemplatePart::Text(before)), TemplatePart::Text(text)) => before.push_str(&text),
            (_, part) => self.0.push(part),
        }
    }

    /// Returns a template whose value is the whole text in this encoding. The text must not contain an encoded part.
    pub(crate) fn encoded(self, encoding: Encoding) -> Template {
        let Some(text) = self.as_fixed() else {
            return Template(vec![TemplatePart::Encoded {
                parts: self.0,
                encoding,
                form: Form::AsIs,
            }]);
        };
        let mut encoded = text.as_bytes().to_vec();
        encoding.apply(&mut encoded, 0);
        Template::fixed(String::from_utf8(encoded).unwrap_or_default())
    }

    /// Splits a URL before its path. The first returned part is the scheme and the host, and is empty if the URL begins
    /// with its path. The second returned part is the remaining URL.
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

    /// Parses a text with placeholders in the grammar that the module describes.
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

/// Returns the position of the `}}` that ends a placeholder. A `}}` within quotes is skipped, unless the text has no
/// other `}}`.
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

/// Removes a word or a string from the beginning of `rest`, and returns it. Spaces within quotes are part of the
/// string.
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

/// Applies the form with the name `word` to the parts.
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
            template.encoded(encoding).0
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

/// Parses the time format that follows the word `due`.
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

/// Parses the name of a captured value and its fallback.
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

/// The words in the grammar of placeholders. The name of a captured value cannot be one of these words.
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
    // At the end of the placeholder, the name of a column may contain spaces.
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
mod tests;
