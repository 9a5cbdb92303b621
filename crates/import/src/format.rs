//! The formats of files that can be imported, and how a format is recognised.

use crate::error::ImportError;
use crate::{INPUT_BYTES_MAX, curl, json_text, vegeta};

/// The file format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Artillery,
    Curl,
    Har,
    OpenApi,
    Vegeta,
}

impl Format {
    pub const ALL: [Format; 5] = [
        Format::Artillery,
        Format::Curl,
        Format::Har,
        Format::OpenApi,
        Format::Vegeta,
    ];

    /// Returns the name of the format on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Artillery => "artillery",
            Format::Curl => "curl",
            Format::Har => "har",
            Format::OpenApi => "openapi",
            Format::Vegeta => "vegeta",
        }
    }

    /// Returns a description of the files in this format.
    pub fn described(self) -> &'static str {
        match self {
            Format::Artillery => "a test script of Artillery",
            Format::Curl => "curl commands",
            Format::Har => "an HTTP archive (HAR)",
            Format::OpenApi => "a description of an API in OpenAPI 3.0 or 3.1",
            Format::Vegeta => "targets of vegeta",
        }
    }
}

/// Decodes the bytes of the input as text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > INPUT_BYTES_MAX {
        let problem = format!("it is larger than {} MiB", INPUT_BYTES_MAX >> 20);
        return Err(ImportError::new("the file", problem, "import a part of it"));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ImportError::in_line(
            1,
            "the text is in UTF-16",
            "save the file in UTF-8",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        ImportError::in_line(line, "the text is not UTF-8", "save the file in UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

const HINT: &str = "name the format: `--from curl`, `har`, `vegeta`, `openapi` or `artillery`";

/// Recognises a format from the content of the input.
pub(crate) fn recognise(text: &str) -> Result<Format, ImportError> {
    let mut lines = text.lines().map(str::trim);
    let Some(first) = lines.find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return Err(ImportError::new("the file", "it is empty", HINT));
    };
    let keys = match text.trim_start().starts_with('{') {
        true => json_keys(text),
        false => yaml_keys(text),
    };
    let has = |key: &str| keys.contains(&key);
    if has("log") {
        return Ok(Format::Har);
    }
    if has("openapi") || has("swagger") {
        return Ok(Format::OpenApi);
    }
    if has("scenarios") || has("config") {
        return Ok(Format::Artillery);
    }
    if vegeta::begins(first) || (has("method") && has("url")) {
        return Ok(Format::Vegeta);
    }
    if text.lines().any(curl::begins) {
        return Ok(Format::Curl);
    }
    Err(ImportError::new("the file", "its format is not recognised", HINT))
}

/// The maximum number of keys that are examined in order to recognise a format.
const KEYS_MAX: usize = 100;

/// Returns the keys of the object at the beginning of a JSON text. The text may be incomplete.
fn json_keys(text: &str) -> Vec<&str> {
    let (mut keys, mut depth, mut at, mut last) = (Vec::new(), 0_usize, 0, None);
    while let Some(next) = text[at..].find(['{', '}', '[', ']', '"', ':']).map(|next| at + next) {
        at = next + 1;
        match text.as_bytes()[next] {
            b'"' => {
                let Some(end) = json_text::string_end(text, next) else {
                    break;
                };
                last = Some(&text[next + 1..end]);
                at = end + 1;
                continue;
            }
            b':' if depth == 1 => keys.extend(last),
            b':' => {}
            b'{' | b'[' => depth += 1,
            _ if depth <= 1 => break,
            _ => depth -= 1,
        }
        last = None;
        if keys.len() >= KEYS_MAX {
            break;
        }
    }
    keys
}

/// Returns the top-level keys of a YAML text, which are the keys at the beginning of a line.
fn yaml_keys(text: &str) -> Vec<&str> {
    let key = |line: &'_ str| -> Option<usize> {
        let end = line.find(':')?;
        let after = &line[end + 1..];
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '"' | '\''));
        (begins && (after.is_empty() || after.starts_with([' ', '\t', '\r']))).then_some(end)
    };
    let keys = text.lines().filter_map(|line| {
        let end = key(line)?;
        Some(line[..end].trim_matches(['"', '\'']))
    });
    keys.take(KEYS_MAX).collect()
}
