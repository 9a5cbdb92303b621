//! Parses and evaluates label selectors and field selectors.

use super::failure::Failure;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

/// A label selector. A selected object meets all requirements of the selector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels(Vec<(String, Operator)>);

impl Labels {
    /// Parses the text of the query parameter `labelSelector`.
    ///
    /// ```text
    /// selector    = requirement ("," requirement)*
    /// requirement = key | "!" key | key ("=" | "==" | "!=") value | key ("in" | "notin") "(" value ("," value)* ")"
    /// ```
    pub(super) fn parse(text: &str) -> Result<Labels, Failure> {
        let mut requirements = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let depth = |end: &usize| rest[..*end].matches('(').count() == rest[..*end].matches(')').count();
            let end = rest
                .match_indices(',')
                .map(|(at, _)| at)
                .find(depth)
                .unwrap_or(rest.len());
            requirements.push(
                requirement(rest[..end].trim())
                    .ok_or_else(|| Failure::bad_request(format!("unable to parse requirement: {}", &rest[..end])))?,
            );
            rest = rest[end..].trim_start_matches(',').trim();
        }
        Ok(Labels(requirements))
    }

    /// Converts the selector of a Job or a PodDisruptionBudget to a label selector. An empty selector selects all
    /// objects.
    pub(super) fn of_object(selector: &Value) -> Labels {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let mut all: Vec<_> = labels
            .map(|(key, value)| (key.clone(), Operator::In(vec![text(value)])))
            .collect();
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let values = || {
                expression["values"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(text)
                    .collect()
            };
            let operator = match expression["operator"].as_str() {
                Some("In") => Operator::In(values()),
                Some("NotIn") => Operator::NotIn(values()),
                Some("DoesNotExist") => Operator::DoesNotExist,
                _ => Operator::Exists,
            };
            all.push((text(&expression["key"]), operator));
        }
        Labels(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.0.iter().all(|(key, operator)| {
            let value = labels[key.as_str()].as_str();
            let is_in = |values: &[String]| value.is_some_and(|value| values.iter().any(|one| one == value));
            match operator {
                Operator::In(values) => is_in(values),
                Operator::NotIn(values) => !is_in(values),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

fn requirement(text: &str) -> Option<(String, Operator)> {
    let key = |text: &str| {
        let text = text.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        (!text.is_empty() && text.chars().all(plain)).then(|| text.to_owned())
    };
    if let Some((name, value)) = text.split_once("!=") {
        return Some((key(name)?, Operator::NotIn(vec![value.trim().to_owned()])));
    }
    if let Some((name, value)) = text.split_once('=') {
        let value = value.trim_start_matches('=').trim();
        return Some((key(name)?, Operator::In(vec![value.to_owned()])));
    }
    if let Some((head, values)) = text.split_once('(') {
        let values = values.strip_suffix(')')?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (name, operator) = head.trim().rsplit_once(' ')?;
        return match operator {
            "in" => Some((key(name)?, Operator::In(values))),
            "notin" => Some((key(name)?, Operator::NotIn(values))),
            _ => None,
        };
    }
    match text.strip_prefix('!') {
        Some(name) => Some((key(name)?, Operator::DoesNotExist)),
        None => Some((key(text)?, Operator::Exists)),
    }
}

/// A field selector: a list of fields. Each field must be equal to a value (`true`), or must differ from this value
/// (`false`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, bool, String)>);

/// The fields that a selector may use for each resource, in addition to the name and the namespace.
const SELECTABLE: [(&str, &[&str]); 5] = [
    (
        "pods",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
        ],
    ),
    ("jobs.batch", &["status.successful"]),
    ("secrets", &["type"]),
    ("namespaces", &["status.phase"]),
    (
        "events",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
];

impl Fields {
    /// Parses the text of the query parameter `fieldSelector`. Returns an error for a field that a selector may not use
    /// for this resource, as a real server does.
    pub(super) fn parse(text: &str, resource: &str) -> Result<Fields, Failure> {
        let own = SELECTABLE.iter().find(|(name, _)| *name == resource);
        let mut all = Vec::new();
        for term in text.split(',').filter(|term| !term.is_empty()) {
            let (name, equal, value) = match (term.split_once("!="), term.split_once('=')) {
                (Some((name, value)), _) => (name, false, value),
                (None, Some((name, value))) => (name, true, value.trim_start_matches('=')),
                (None, None) => {
                    let message = format!("invalid selector: '{term}'; can't understand '{term}'");
                    return Err(Failure::bad_request(message));
                }
            };
            let is_known = ["metadata.name", "metadata.namespace"].contains(&name)
                || own.is_some_and(|(_, names)| names.contains(&name));
            if !is_known {
                let message = format!(
                    "Unable to find \"{resource}\" that match label selector \"\", field selector \"{text}\": \
                     field label not supported: {name}"
                );
                return Err(Failure::bad_request(message));
            }
            all.push((name.to_owned(), equal, value.to_owned()));
        }
        Ok(Fields(all))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(name, equal, value)| {
            let path = match name.as_str() {
                "source" => "source.component",
                other => other,
            };
            let found = path.split('.').fold(object, |value, part| &value[part]);
            (found.as_str().unwrap_or_default() == value) == *equal
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn label_selectors_select_by_equality_sets_and_existence() {
        let object = json!({"metadata": {"labels": {"app": "shop", "tier": "web"}}});
        let check = |text: &str, expected: bool| {
            assert_eq!(Labels::parse(text).unwrap().matches(&object), expected, "{text}");
        };
        check("", true);
        check("app=shop,tier==web", true);
        check("app!=shop", false);
        check("other!=x", true);
        check("app in (a, shop),tier", true);
        check("app notin (shop)", false);
        check("!app", false);
        check("!zone", true);
        assert!(Labels::parse("app in shop").is_err());
        let selector =
            json!({"matchLabels": {"app": "shop"}, "matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]});
        assert!(Labels::of_object(&selector).matches(&object));
    }

    #[test]
    fn field_selectors_refuse_fields_that_cannot_be_selected() {
        let pod = json!({"metadata": {"name": "a"}, "status": {"phase": "Running"}});
        let check = |text: &str, expected: bool| {
            assert_eq!(Fields::parse(text, "pods").unwrap().matches(&pod), expected, "{text}");
        };
        check("metadata.name=a,status.phase!=Failed", true);
        check("metadata.name=b", false);
        assert!(Fields::parse("spec.parallelism=1", "jobs.batch").is_err());
    }
}
