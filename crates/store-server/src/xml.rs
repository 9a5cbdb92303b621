//! The XML documents of S3.

use std::fmt::Write;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document that is written element by element.
pub(crate) struct Document(String);

impl Document {
    pub(crate) fn new() -> Document {
        Document(HEAD.to_owned())
    }

    pub(crate) fn open(&mut self, tag: &str) -> &mut Document {
        self.add(format_args!("<{tag}>"))
    }

    pub(crate) fn close(&mut self, tag: &str) -> &mut Document {
        self.add(format_args!("</{tag}>"))
    }

    /// Writes an element with a text.
    pub(crate) fn element(&mut self, tag: &str, text: &str) -> &mut Document {
        self.add(format_args!("<{tag}>{}</{tag}>", escaped(text)))
    }

    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) -> &mut Document {
        // Writing to a String does not fail.
        let _ = self.0.write_fmt(text);
        self
    }
}

pub(crate) fn error(code: &str, text: &str, path: &str, request_id: &str) -> String {
    let mut document = Document::new();
    document.open("Error").element("Code", code).element("Message", text);
    document.element("Resource", path).element("RequestId", request_id);
    document.close("Error").finish()
}

/// The document of the region `us-east-1`, which S3 writes as an empty text.
pub(crate) fn location() -> String {
    let tag = "LocationConstraint";
    let mut document = Document::new();
    document
        .open(&format!("{tag} xmlns=\"{NAMESPACE}\""))
        .close(tag)
        .finish()
}

/// Escapes a text. XML cannot contain control characters, so they are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_elements_of_s3_and_escapes_texts() {
        assert_eq!(
            error("NoSuchKey", "a < b & c", "/runs/\"\0", "1f"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>a &lt; b &amp; c</Message>\
             <Resource>/runs/&quot;\u{fffd}</Resource><RequestId>1f</RequestId></Error>"
        );
    }
}
