//! Converts URLs of the input to the form that a scenario accepts.

use crate::text::{Part, Text, Value};
use percent_encoding::percent_decode_str;
use plan::authority::Authority;
use plan::rules::fits_url;
use plan::secret;
use std::fmt::Write;

/// Converts a URL to the form that a scenario accepts. The result has a lower-case scheme, no credentials, no fragment,
/// and only characters that a URL may contain. The credentials are returned separately.
///
/// # Errors
/// Returns the reason why the URL cannot be used.
pub(crate) fn clean(url: Text) -> Result<(Text, Option<String>), &'static str> {
    let (url, _) = url.split_before(|c| c == '#');
    let (url, user) = with_plain_scheme(url.trim())?;
    let url = url.map_literals(encoded);
    let origin = url.clone().split_before_path();
    match origin.as_literal() {
        Some("") => Ok((url, user)),
        Some(origin) => match Authority::read(origin) {
            Ok(_) => Ok((url, user)),
            Err(_) => Err("its URL has no valid host"),
        },
        None if origin.values().all(is_public) => Ok((url, user)),
        None => Err("its host is not known before the run, or its variable is named like a credential"),
    }
}

/// Returns whether a value may be a part of a host. Reports contain hosts, so a host must not contain a secret.
fn is_public(value: &Value) -> bool {
    matches!(value, Value::Environment(name) if secret::credential(name).is_none())
}

/// Converts the scheme of a URL to lower case, and removes the credentials. Returns the URL and the credentials.
fn with_plain_scheme(url: Text) -> Result<(Text, Option<String>), &'static str> {
    let head = url.head();
    if head.starts_with('/') || matches!(url.parts().first(), Some(Part::Value(Value::Environment(_), _))) {
        return Ok((url, None));
    }
    let Some((scheme, rest)) = head.split_once("://") else {
        return Err("its URL has no scheme");
    };
    let scheme = scheme.to_ascii_lowercase();
    if !["http", "https"].contains(&scheme.as_str()) {
        return Err("its URL is neither http nor https");
    }
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(decoded(user)), host),
        None => (None, authority),
    };
    let mut out = Text::literal(format!("{scheme}://{host}{path}"));
    url.parts().iter().skip(1).for_each(|part| out.push(part.clone()));
    Ok((out, user))
}

/// Percent-encodes all characters that a URL may not contain.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let after = &text.as_bytes()[at + c.len_utf8()..];
        let is_escape = c != '%' || (after.len() >= 2 && after[..2].iter().all(u8::is_ascii_hexdigit));
        match is_escape && fits_url(c.encode_utf8(&mut [0; 4])) {
            true => out.push(c),
            false => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
    out
}

/// Percent-encodes a value for use in a parameter or in a segment of a path.
pub(crate) fn component(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => out.push(char::from(byte)),
            false => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Decodes a percent-encoded parameter.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl Text {
    /// Returns the scheme and the host of a URL. Returns an empty text if the text is a path.
    pub(crate) fn split_before_path(self) -> Text {
        self.split_url().0
    }

    /// Splits a URL before its path. Returns the part before the path, and the path with the query.
    pub(crate) fn split_url(self) -> (Text, Text) {
        let scheme = match self.head().find("://") {
            Some(at) => at + 3,
            None => 0,
        };
        let mut out = Text::literal(&self.head()[..scheme]);
        let mut rest = Text::default();
        for (at, part) in self.parts().iter().enumerate() {
            match part {
                Part::Literal(text) if at == 0 => rest.push_literal(&text[scheme..]),
                part => rest.push(part.clone()),
            }
        }
        let (host, path) = rest.split_before(|c| matches!(c, '/' | '?'));
        out.append(host);
        (out, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let read = clean(Text::literal(url)).map(|(url, _)| url.in_language());
        assert_eq!(read.as_deref().map_err(|why| *why), expected, "{url}");
    }

    #[test]
    fn a_url_keeps_its_meaning_and_loses_credentials_and_fragment() {
        check(
            "HTTP://ann:x@Shop.example/a b?q=ü#c",
            Ok("http://Shop.example/a%20b?q=%C3%BC"),
        );
        check(
            "https://shop.example/a%2Fb%?x={1}|2",
            Ok("https://shop.example/a%2Fb%25?x=%7B1%7D%7C2"),
        );
        check("/orders?x=1", Ok("/orders?x=1"));
        check("ws://shop.example/", Err("its URL is neither http nor https"));
        check("data:text/plain,x", Err("its URL has no scheme"));
        check("https:///x", Err("its URL has no valid host"));
        let (_, user) = clean(Text::literal("http://ann:p%40ss@shop.example/")).unwrap();
        assert_eq!(user.as_deref(), Some("ann:p@ss"));
    }
}
