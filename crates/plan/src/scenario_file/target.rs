//! Where requests go.

use super::document::{Node, Value};
use super::fields::Fields;
use super::reading::Reading;
use crate::scenario::Target;
use crate::target_script::Script;
use crate::template::Part;

const WANTED: &str = "write `https://shop.example.com`, or `builtin` for a test target on this machine";

/// Reads `target` or `targets`, whichever is there.
pub(super) fn read(reading: &mut Reading<'_>, fields: &Fields<'_>) -> Option<Vec<Target>> {
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
            _ => Some(vec![url(reading, "target", entry.value)?]),
        };
    }
    let items = fields.get("targets")?.items(reading);
    let targets: Vec<Option<Target>> = items.iter().map(|item| url(reading, "targets", item)).collect();
    targets.into_iter().collect()
}

/// A URL without query, in which only the environment may be asked for.
fn url(reading: &mut Reading<'_>, what: &str, node: &Node) -> Option<Target> {
    let text = reading.text(what, node)?;
    if text == "builtin" {
        return reading.problem(node, "`builtin` is a target of its own", "write `target: builtin`");
    }
    let template = reading.template(node, text)?;
    if template.0.iter().any(|part| matches!(part, Part::Secret { .. })) {
        let help = "write it out, or as `{{ env \"NAME\" }}`";
        return reading.problem(node, "a target is no secret: reports and errors name it", help);
    }
    let Some(text) = template.as_fixed() else {
        let help = "vary the `url` of a request; `{{ env \"NAME\" }}` is taken here";
        return reading.problem(node, "a target does not vary from arrival to arrival", help);
    };
    let url = match ::url::Url::parse(text) {
        Ok(url) => url,
        Err(why) => return reading.problem(node, format!("`{text}` is not a URL: {why}"), WANTED),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return reading.problem(
            node,
            format!("`{}` is not spoken here; http and https are", url.scheme()),
            WANTED,
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        let help = "parameters belong to requests: `query: { page: 1 }`";
        return reading.problem(node, format!("the target `{text}` ends in a query or fragment"), help);
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "write an `Authorization` header with `{{ secret \"ssm:/name\" }}`";
        return reading.problem(node, "a target does not carry a user name or password", help);
    }
    Some(Target::Url(url.as_str().trim_end_matches('/').to_owned()))
}
