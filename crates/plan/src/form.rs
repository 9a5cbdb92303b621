//! The form of a value in a request: verbatim, or encoded for its position in the request.
//!
//! Values are appended to a buffer and are encoded in place. Filling in a placeholder does not allocate memory if the
//! buffer is already large enough.

/// The form in which the value of a placeholder is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// The value is unchanged, because the placeholder does not set a form.
    #[default]
    AsIs,
    /// The value is unchanged, because the placeholder sets the form `raw`.
    Raw,
    /// The value is percent-encoded, as part of a path or of a parameter.
    Percent,
    /// The value is escaped for a JSON string.
    Json,
    /// The value is first escaped for JSON and then percent-encoded, for JSON in a URL.
    JsonPercent,
}

impl Form {
    /// Returns the form to use instead of this form in the path or the query of a URL.
    pub(crate) fn in_url(self) -> Form {
        match self {
            Form::AsIs | Form::Percent => Form::Percent,
            Form::Raw => Form::Raw,
            Form::Json | Form::JsonPercent => Form::JsonPercent,
        }
    }

    /// Returns whether the value is written without a change. If so, each character of the value must be allowed at its
    /// position in the request.
    pub fn is_verbatim(self) -> bool {
        matches!(self, Form::AsIs | Form::Raw)
    }

    /// Writes a value in this form, and appends the result to `out`.
    pub fn write(self, value: &str, out: &mut Vec<u8>) {
        let from = out.len();
        match self {
            Form::AsIs | Form::Raw => out.extend_from_slice(value.as_bytes()),
            // A path segment `.` or `..` would change the path (RFC 3986, 3.3), so the dots of this segment are
            // encoded.
            Form::Percent if value == "." => out.extend_from_slice(b"%2E"),
            Form::Percent if value == ".." => out.extend_from_slice(b"%2E%2E"),
            Form::Percent => {
                out.extend_from_slice(value.as_bytes());
                percent_in_place(out, from);
            }
            Form::Json => json_escape(value, out),
            Form::JsonPercent => {
                json_escape(value, out);
                percent_in_place(out, from);
            }
        }
    }

    /// Returns the value in this form.
    pub(crate) fn written(self, value: &str) -> String {
        let mut out = Vec::with_capacity(value.len());
        self.write(value, &mut out);
        text(out)
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|_| unreachable!("UTF-8 is encoded as UTF-8"))
}

/// Percent-encodes all characters except letters, digits and `- . _ ~` (RFC 3986, 2.3).
pub fn percent_encoded(value: &str) -> String {
    let mut out = value.as_bytes().to_vec();
    percent_in_place(&mut out, 0);
    text(out)
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Percent-encodes the bytes of `out` from the index `from` to the end. The function works backwards from the end, so
/// that no byte is moved twice.
pub fn percent_in_place(out: &mut Vec<u8>, from: usize) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut read = out.len();
    let encoded = out[from..].iter().filter(|byte| !is_plain(**byte)).count();
    let mut write = read + 2 * encoded;
    out.resize(write, 0);
    while read < write {
        read -= 1;
        let byte = out[read];
        if is_plain(byte) {
            write -= 1;
            out[write] = byte;
        } else {
            write -= 3;
            let digits = [byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]);
            out[write..write + 3].copy_from_slice(&[b'%', digits[0], digits[1]]);
        }
    }
}

/// Encodes the bytes of `out` from the index `from` to the end in base64, with padding. The function works backwards
/// from the end.
pub fn base64_in_place(out: &mut Vec<u8>, from: usize) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let length = out.len() - from;
    let groups = length.div_ceil(3);
    out.resize(from + 4 * groups, 0);
    for group in (0..groups).rev() {
        let begin = from + 3 * group;
        let given = (length - 3 * group).min(3);
        let bits = (0..given).fold(0u32, |bits, at| bits | u32::from(out[begin + at]) << (16 - 8 * at));
        let mut digits = [b'='; 4];
        for (at, digit) in digits.iter_mut().enumerate().take(given + 1) {
            *digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
        }
        out[from + 4 * group..from + 4 * group + 4].copy_from_slice(&digits);
    }
}

/// Appends a text to `out`. The text is escaped for the inside of a JSON string (RFC 8259, 7).
fn json_escape(value: &str, out: &mut Vec<u8>) {
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend([byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]));
            }
            _ => out.push(byte),
        }
    }
}

/// Returns whether a text can be inside a JSON string without escaping.
pub(crate) fn fits_json(value: &str) -> bool {
    value.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: Form, value: &str, expected: &str) {
        let mut out = b"<%\">".to_vec();
        form.write(value, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("<%\">{expected}"), "{form:?}");
    }

    #[test]
    fn a_value_is_encoded_for_its_position() {
        for form in [Form::AsIs, Form::Raw] {
            check(form, "a/b \"%\"", "a/b \"%\"");
        }
        check(Form::Percent, "a/b?c=50% é~", "a%2Fb%3Fc%3D50%25%20%C3%A9~");
        check(Form::Percent, "", "");
        check(Form::Percent, ".", "%2E");
        check(Form::Percent, "..", "%2E%2E");
        check(Form::Percent, "...", "...");
        check(Form::Percent, "a.b", "a.b");
        check(
            Form::Json,
            "say \"a\\b\"\n\t\r\u{1}é",
            "say \\\"a\\\\b\\\"\\n\\t\\r\\u0001é",
        );
        check(Form::JsonPercent, "\"", "%5C%22");
    }

    #[test]
    fn base64_matches_rfc_4648() {
        for (value, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{3ff}\u{fff}?>", "z7/gv78/Pg=="),
        ] {
            let mut out = value.as_bytes().to_vec();
            base64_in_place(&mut out, 0);
            assert_eq!(text(out), expected);
            let mut out = b"Basic ".to_vec();
            out.extend_from_slice(value.as_bytes());
            base64_in_place(&mut out, 6);
            assert_eq!(String::from_utf8(out).unwrap(), format!("Basic {expected}"));
        }
    }

    #[test]
    fn json_escaped_text_parses_back_unchanged() {
        for code in 0..0x300u32 {
            let value = format!("<{}>", char::from_u32(code).unwrap());
            let json = format!("\"{}\"", Form::Json.written(&value));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
            assert_eq!(fits_json(&value), json == format!("\"{value}\""), "{code}");
        }
    }
}
