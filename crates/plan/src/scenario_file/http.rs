//! Reads the HTTP parts of a scenario: methods, headers, URLs and parameters.

use super::document::Node;
use super::reading::{HOSTS_MAX, ScenarioReader};
use super::unfit::Unfit;
use crate::authority::Authority;
use crate::form::{Form, percent_encoded};
use crate::rules;
use crate::template::{Template, TemplatePart};
use crate::token::is_token;

/// The methods whose lower-case form is reported as a misspelling.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

pub(super) fn method(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<String> {
    let text = reading.text("method", node)?;
    if !is_token(text) {
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
            format!("`{text}` is not a method: methods are case-sensitive"),
            format!("write `{upper}`"),
        );
    }
    if text == "CONNECT" {
        return reading.problem(
            node,
            "`CONNECT` opens a tunnel, which has no response to measure",
            "use another method",
        );
    }
    Some(text.to_owned())
}

pub(super) fn header_name(reading: &mut ScenarioReader<'_>, node: &Node, name: &str) -> Option<String> {
    if !is_token(name) {
        let help = "use letters, digits and `-`, and write the value after `: `";
        return reading.problem(
            node,
            format!("`{}` is not a valid header name", name.escape_debug()),
            help,
        );
    }
    if let Some(fault) = rules::framing(name) {
        return reading.refused(node, &format!("the header `{name}` cannot be set: {fault}"));
    }
    Some(name.to_owned())
}

pub(super) fn header_value(reading: &mut ScenarioReader<'_>, node: &Node, name: &str) -> Option<Template> {
    let text = reading.spelt(name, node)?;
    let value = reading.template(node, &text)?;
    if let Some(part) = first_with(reading, &value, Unfit::ForHeader) {
        let help = "write it on one line; a block text `|` ends with a line break, `|-` does not";
        return reading.problem(
            node,
            format!("the header `{name}` has a line break or control character in {part}"),
            help,
        );
    }
    Some(value)
}

/// Reads the URL of a request: a path that is appended to the URL of the target, or an absolute URL.
pub(super) fn request_url(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Template> {
    let text = reading.templated("url", node)?;
    let url = reading.template(node, text)?;
    let begins = match url.0.first() {
        Some(TemplatePart::Text(first)) => rules::begins_url(first),
        // A captured value may be a path or a whole URL. A worker checks this value after the flow has captured it.
        Some(TemplatePart::Captured { form: Form::Raw, .. }) => true,
        _ => false,
    };
    if !begins {
        let help = "begin a path with `/`, and a whole URL with `http://` or `https://`";
        return reading.problem(node, format!("`{text}` is neither a path nor a URL"), help);
    }
    let (host, rest) = url.cut_url();
    let mut url = host_of(reading, node, host)?;
    let rest = Template(rest.0.into_iter().map(TemplatePart::in_url).collect());
    if let Some(part) = first_with(reading, &rest, Unfit::Fragment) {
        let help = "remove it, or write `%23`";
        return reading.problem(
            node,
            format!("{part} has a `#`, and the text after a `#` is never sent"),
            help,
        );
    }
    if let Some(part) = first_with(reading, &rest, Unfit::ForUrl) {
        let help = "write it percent-encoded (a space is `%20`), or as a parameter in `query`";
        return reading.problem(
            node,
            format!("{part} has a character that is not allowed in a URL"),
            help,
        );
    }
    if let Some(part) = first_with(reading, &rest, Unfit::Percent) {
        let help = "write a percent sign as `%25`";
        return reading.problem(
            node,
            format!("{part} has a `%` without two hexadecimal digits after it"),
            help,
        );
    }
    rest.0.into_iter().for_each(|part| url.push(part));
    Some(url)
}

/// Checks the scheme and the host of an absolute URL. The worker uses the same rules. `host` is empty if the URL is a
/// path.
fn host_of(reading: &mut ScenarioReader<'_>, node: &Node, host: Template) -> Option<Template> {
    if host
        .0
        .iter()
        .flat_map(TemplatePart::values)
        .any(|part| matches!(part, TemplatePart::Secret { .. }))
    {
        let help = "write the host itself; secrets are allowed in a path, a parameter, a header or a body";
        return reading.problem(node, "a host must not be a secret: reports and errors contain it", help);
    }
    match host.as_fixed() {
        Some("") => return Some(host),
        Some(text) => {
            return match Authority::read(text) {
                Ok((authority, _)) => Some(Template::fixed(authority.origin())),
                Err(fault) => reading.refused(node, &fault),
            };
        }
        None => {}
    }
    if let Some(part) = first_with(reading, &host, Unfit::ForUrl) {
        return reading.problem(
            node,
            format!("{part} has a character that is not allowed in a host"),
            "",
        );
    }
    let feeds = host.0.iter().filter_map(|part| match part {
        TemplatePart::Feed { feed, .. } => Some(*feed as usize),
        _ => None,
    });
    let rows = feeds.map(|feed| reading.sheets[feed].rows()).max().unwrap_or(1);
    for row in 0..rows.min(HOSTS_MAX - reading.hosts_read) {
        reading.hosts_read += 1;
        let sample: String = host.0.iter().map(|part| sample(reading, part, row)).collect();
        if let Err(fault) = Authority::read(&sample) {
            return reading.refused(node, &format!("with row {} of its feeds, {fault}", row + 1));
        }
    }
    Some(host)
}

/// Returns a possible value of a part of a template, for a check.
fn sample<'a>(reading: &'a ScenarioReader<'_>, part: &'a TemplatePart, row: usize) -> &'a str {
    match part {
        TemplatePart::Text(text) => text,
        TemplatePart::Feed { feed, column, .. } => {
            let sheet = &reading.sheets[*feed as usize];
            sheet.cell(row % sheet.rows(), *column as usize)
        }
        _ => "1",
    }
}

/// Returns a description of the first text that is not allowed in its position. The description is about a fixed text
/// of the template, or about a cell of a feed that is not encoded. Each column is searched once, even if many
/// placeholders use the column.
fn first_with(reading: &mut ScenarioReader<'_>, template: &Template, unfit: Unfit) -> Option<String> {
    template.0.iter().find_map(|part| match part {
        TemplatePart::Text(text) => unfit.is(text).then(|| "its text".to_owned()),
        TemplatePart::Feed { feed, column, form } if form.is_verbatim() => unfit_cell(reading, *feed, *column, unfit),
        // The worker checks the value of a secret after it has looked up the secret.
        TemplatePart::Feed { .. }
        | TemplatePart::Captured { .. }
        | TemplatePart::Loop
        | TemplatePart::Token { .. }
        | TemplatePart::Due(_)
        | TemplatePart::Encoded { .. }
        | TemplatePart::Arrival
        | TemplatePart::Run
        | TemplatePart::Uuid { .. }
        | TemplatePart::Random { .. }
        | TemplatePart::Secret { .. } => None,
    })
}

/// Returns a description of the first row in which the cell of a column is not allowed in its position.
fn unfit_cell(reading: &mut ScenarioReader<'_>, feed: u32, column: u32, unfit: Unfit) -> Option<String> {
    let (sheet, feed) = (&reading.sheets[feed as usize], &reading.feeds[feed as usize]);
    let search = || (0..sheet.rows()).find(|&row| unfit.is(sheet.cell(row, column as usize)));
    let row = *reading
        .searched
        .entry((feed.blob.clone(), feed.delimiter, column, unfit))
        .or_insert_with(search);
    Some(format!("row {} of the feed `{}`", row? + 1, feed.name))
}

/// Checks the body of a request. In a JSON body, a cell inside a JSON string must not need escaping, unless the
/// placeholder sets a form. `is_json` is true if the header `content-type` of the request contains the text `json`.
pub(super) fn body(
    reading: &mut ScenarioReader<'_>,
    node: &Node,
    template: Template,
    is_json: bool,
) -> Option<Template> {
    let mut quoted = Quoted::default();
    for part in template.0.iter().filter(|_| is_json) {
        match part {
            TemplatePart::Text(text) => quoted.read(text),
            TemplatePart::Feed {
                feed,
                column,
                form: Form::AsIs,
            } if quoted.within => {
                if let Some(cell) = unfit_cell(reading, *feed, *column, Unfit::ForJson) {
                    let name = &reading.feeds[*feed as usize];
                    let cell_name = format!("{}.{}", name.name, name.columns[*column as usize]);
                    let help = format!(
                        "write `{{{{ feed {cell_name} json }}}}` to escape it, or `raw` instead of `json` if the \
                         cell is already escaped"
                    );
                    return reading.problem(node, format!("{cell} needs escaping in a JSON text"), help);
                }
            }
            _ => {}
        }
    }
    Some(template)
}

/// The state of scanning a JSON text. The state contains whether the next byte is inside a JSON string.
#[derive(Default)]
struct Quoted {
    within: bool,
    escaped: bool,
}

impl Quoted {
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.within => self.escaped = true,
                b'"' => self.within = !self.within,
                _ => {}
            }
        }
    }
}

/// Returns the separator between a URL and the first parameter that is appended to the URL. The separator between two
/// parameters is `&`.
pub(super) fn first_joint(url: &Template) -> &'static str {
    let has_query = url
        .0
        .iter()
        .any(|part| matches!(part, TemplatePart::Text(text) if text.contains('?')));
    let ends_open = matches!(url.0.last(), Some(TemplatePart::Text(last)) if last.ends_with(['?', '&']));
    match (has_query, ends_open) {
        (false, _) => "?",
        (true, true) => "",
        (true, false) => "&",
    }
}

/// Appends the separator `joint` and the parameter `name=value` to the URL. The name and the value are percent-encoded.
/// This function encodes fixed text. Workers encode cells of feeds, secrets, captured values and encoded values when
/// the values are filled in. The values of other placeholders need no encoding.
pub(super) fn append(url: &mut Template, joint: &str, name: &str, value: Template) {
    url.push(TemplatePart::Text(format!("{joint}{}=", percent_encoded(name))));
    for part in value.0 {
        url.push(match part {
            TemplatePart::Text(text) => TemplatePart::Text(percent_encoded(&text)),
            part => part.in_url(),
        });
    }
}

/// Reports a cell with the form `raw` in a parameter if the cell is not allowed in a URL.
pub(super) fn check_parameter(reading: &mut ScenarioReader<'_>, node: &Node, value: &Template) -> Option<()> {
    let raw = Template(
        value
            .0
            .iter()
            .filter(|part| matches!(part, TemplatePart::Feed { form: Form::Raw, .. }))
            .cloned()
            .collect(),
    );
    for unfit in [Unfit::ForUrl, Unfit::Percent] {
        if let Some(part) = first_with(reading, &raw, unfit) {
            let help = "remove `raw`: a parameter is percent-encoded";
            return reading.problem(
                node,
                format!("{part} has a character that is not allowed in a URL"),
                help,
            );
        }
    }
    Some(())
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
