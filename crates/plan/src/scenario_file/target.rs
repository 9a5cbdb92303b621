//! Reads the targets of a scenario.

use super::document::{Node, Value};
use super::fields::{Fields, KeyValue};
use super::reading::ScenarioReader;
use crate::authority::Authority;
use crate::scenario::Target;
use crate::target_script::Script;
use crate::template::TemplatePart;

const WANTED: &str = "write `https://shop.example.com`, or `builtin` for a test target on this machine";

/// Reads the key `target` or the key `targets`.
pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Vec<Target>> {
    if let Some(entry) = fields.get("target") {
        return match &entry.value.value {
            Value::Map(_) if !reading.spelling(entry.value).starts_with("{{") => {
                let builtin = entry.map(reading)?.get("builtin")?;
                let script = reading.text("builtin", builtin.value)?;
                if let Err(fault) = script.parse::<Script>() {
                    return reading.refused(builtin.value, &fault.to_string());
                }
                Some(vec![Target::Builtin(script.to_owned())])
            }
            _ if entry.value.text() == Some("builtin") => Some(vec![Target::Builtin(String::new())]),
            _ => several(reading, entry),
        };
    }
    several(reading, fields.get("targets")?)
}

/// Reads a list of URLs or a single URL.
fn several(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Vec<Target>> {
    let items = entry.items(reading);
    let targets: Vec<Option<Target>> = items.iter().map(|item| url(reading, entry.key.name, item)).collect();
    let targets: Vec<Target> = targets.into_iter().collect::<Option<_>>()?;
    (!targets.is_empty()).then_some(targets)
}

/// Reads the URL of a target. The URL must not have a query. Values of the environment are the only placeholders that
/// the URL may contain.
fn url(reading: &mut ScenarioReader<'_>, what: &str, node: &Node) -> Option<Target> {
    let text = reading.templated(what, node)?;
    if text == "builtin" {
        return reading.problem(
            node,
            "`builtin` cannot be one of several targets",
            "write `target: builtin`",
        );
    }
    let template = reading.template(node, text)?;
    if template
        .0
        .iter()
        .any(|part| matches!(part, TemplatePart::Secret { .. }))
    {
        let help = "write the URL itself, or `{{ env \"NAME\" }}`";
        return reading.problem(
            node,
            "a target must not be a secret: reports and errors contain it",
            help,
        );
    }
    let Some(text) = template.as_fixed() else {
        let help = "vary the `url` of a request instead; `{{ env \"NAME\" }}` is allowed here";
        return reading.problem(node, "a target cannot vary between arrivals", help);
    };
    // Check for credentials in the URL first. The error for an invalid URL quotes the URL, and an error must not
    // contain credentials.
    let url = match Authority::read(text).and_then(|_| ::url::Url::parse(text).map_err(|why| not_a_url(text, why))) {
        Ok(url) => url,
        Err(fault) => return reading.refused(node, &fault),
    };
    if url.query().is_some() || url.fragment().is_some() {
        let help = "put parameters into requests: `query: { page: 1 }`";
        return reading.problem(node, format!("the target `{text}` ends in a query or fragment"), help);
    }
    let text = match url.path() {
        "/" => url.as_str().trim_end_matches('/'),
        _ => url.as_str(),
    };
    Some(Target::Url(text.to_owned()))
}

fn not_a_url(text: &str, why: ::url::ParseError) -> String {
    format!("`{text}` is not a URL: {why}; {WANTED}")
}
