//! What may be said in HTTP: methods, header fields, URLs, parameters.

use super::document::Node;
use super::reading::Reading;
use crate::rules;
use crate::template::{Form, Part, Template, percent_encoded};

/// Methods that are taken as misspelt when they are written in lower case.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

pub(super) fn method(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let text = reading.text("method", node)?;
    if !rules::is_token(text) {
        return reading.problem(
            node,
            format!("`{text}` is not a method"),
            "write one like `GET` or `POST`",
        );
    }
    let upper = text.to_ascii_uppercase();
    if text != upper && METHODS.contains(&upper.as_str()) {
        return reading.problem(
            node,
            format!("`{text}` is not a method: case counts"),
            format!("write `{upper}`"),
        );
    }
    if text == "CONNECT" {
        return reading.problem(
            node,
            "`CONNECT` opens a tunnel, which has no answer to time",
            "use another method",
        );
    }
    Some(text.to_owned())
}

pub(super) fn header_name(reading: &mut Reading<'_>, node: &Node, name: &str) -> Option<String> {
    if !rules::is_token(name) {
        let help = "a name is letters, digits and `-`; a value goes behind `: `";
        return reading.problem(
            node,
            format!("`{}` is not the name of a header", name.escape_debug()),
            help,
        );
    }
    if let Some(why) = rules::framing(name) {
        return reading.problem(
            node,
            format!("the header `{name}` cannot be set: {why}"),
            "leave it out",
        );
    }
    Some(name.to_owned())
}

pub(super) fn header_value(reading: &mut Reading<'_>, node: &Node, name: &str) -> Option<Template> {
    let text = reading.spelt(name, node)?;
    let value = reading.template(node, &text)?;
    if let Some(part) = first_with(reading, &value, Unfit::ForHeader) {
        let help = "a header is one line; a block text `|` ends with a line break, `|-` does not";
        return reading.problem(
            node,
            format!("the header `{name}` has a line break or control character in {part}"),
            help,
        );
    }
    Some(value)
}

/// A path that is appended to the target, or a whole URL.
pub(super) fn request_url(reading: &mut Reading<'_>, node: &Node) -> Option<Template> {
    let text = reading.text("url", node)?;
    let url = reading.template(node, text)?;
    let begins = matches!(url.0.first(), Some(Part::Text(first)) if rules::begins_url(first));
    if !begins {
        let help = "a path begins with `/`, a whole URL with `http://` or `https://`";
        return reading.problem(node, format!("`{text}` is neither a path nor a URL"), help);
    }
    if let Some(part) = first_with(reading, &url, Unfit::Fragment) {
        let help = "leave it out, or write `%23`";
        return reading.problem(
            node,
            format!("{part} has a `#`, and what follows one is never sent"),
            help,
        );
    }
    if let Some(part) = first_with(reading, &url, Unfit::ForUrl) {
        let help = "write it percent-encoded (a space is `%20`), or as a parameter in `query`";
        return reading.problem(node, format!("{part} has a character that a URL may not have"), help);
    }
    if secret_host(&url) {
        let help = "write it out; a path, a parameter, a header or a body may have a secret in it";
        return reading.problem(node, "a host is no secret: reports and errors name it", help);
    }
    let sample: String = url
        .0
        .iter()
        .map(|part| if let Part::Text(text) = part { text } else { "1" })
        .collect();
    if !sample.starts_with('/') {
        let whole = ::url::Url::parse(&sample);
        if let Err(why) = whole {
            return reading.problem(node, format!("`{text}` is not a URL: {why}"), "");
        }
    }
    Some(url)
}

/// Whether a secret stands before the path of a whole URL.
fn secret_host(url: &Template) -> bool {
    let mut text = String::new();
    for part in &url.0 {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Secret { .. } => {
                let host = text.split_once("://").map(|(_, host)| host);
                return host.is_some_and(|host| !host.contains(['/', '?']));
            }
            _ => text.push('1'),
        }
    }
    false
}

/// Text that is not allowed somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    ForHeader,
    ForUrl,
    /// What follows a `#` in a URL is never sent.
    Fragment,
}

impl Unfit {
    fn is(self, text: &str) -> bool {
        match self {
            Unfit::ForHeader => !rules::fits_header(text),
            Unfit::ForUrl => !rules::fits_url(text),
            Unfit::Fragment => text.contains('#'),
        }
    }
}

/// What of the template an unfit text is in: its fixed text, or a cell of a feed. Each column is
/// searched once, however many placeholders name it.
fn first_with(reading: &mut Reading<'_>, template: &Template, unfit: Unfit) -> Option<String> {
    template.0.iter().find_map(|part| match part {
        Part::Text(text) => unfit.is(text).then(|| "its text".to_owned()),
        Part::Feed { feed, column, .. } => {
            let (sheet, feed) = (&reading.sheets[*feed as usize], &reading.feeds[*feed as usize]);
            let search = || (0..sheet.rows()).find(|&row| unfit.is(sheet.cell(row, *column as usize)));
            let row = *reading
                .searched
                .entry((feed.blob.clone(), *column, unfit))
                .or_insert_with(search);
            Some(format!("row {} of the feed `{}`", row? + 1, feed.name))
        }
        // What a secret may be is looked at by whoever gets to know it.
        Part::Arrival | Part::Uuid { .. } | Part::Random { .. } | Part::Secret { .. } => None,
    })
}

/// What is written between a URL and its first parameter. Between two parameters it is `&`.
pub(super) fn first_joint(url: &Template) -> &'static str {
    let begun = url
        .0
        .iter()
        .any(|part| matches!(part, Part::Text(text) if text.contains('?')));
    let ends_open = matches!(url.0.last(), Some(Part::Text(last)) if last.ends_with(['?', '&']));
    match (begun, ends_open) {
        (false, _) => "?",
        (true, true) => "",
        (true, false) => "&",
    }
}

/// Appends `name=value` to the URL's query behind a joint, percent-encoded: fixed text here, cells of
/// feeds and secrets when they are filled in. What the other placeholders give needs no encoding.
pub(super) fn append(url: &mut Template, joint: &str, name: &str, value: Template) {
    url.push(Part::Text(format!("{joint}{}=", percent_encoded(name))));
    for part in value.0 {
        url.push(match part {
            Part::Text(text) => Part::Text(percent_encoded(&text)),
            Part::Feed { feed, column, .. } => Part::Feed {
                feed,
                column,
                form: Form::Percent,
            },
            Part::Secret { secret, .. } => Part::Secret {
                secret,
                form: Form::Percent,
            },
            drawn => drawn,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, name: &str, value: &str, expected: &str) {
        let mut url = Template::fixed(url);
        let joint = first_joint(&url);
        append(&mut url, joint, name, Template::fixed(value));
        assert_eq!(url.as_fixed(), Some(expected));
    }

    #[test]
    fn parameters_are_appended_percent_encoded() {
        check("/", "q", "a b&c", "/?q=a%20b%26c");
        check("/?x=1", "é", "ü", "/?x=1&%C3%A9=%C3%BC");
        check("/?", "q", "", "/?q=");
        check("/?x=1&", "q", "~", "/?x=1&q=~");
    }
}
