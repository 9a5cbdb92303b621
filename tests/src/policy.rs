//! Evaluates policies of AWS as AWS does (IAM, Policy evaluation logic). A request is denied unless a statement allows
//! it.
//!
//! Only the features of policies that this project uses are supported.

use crate::s3_proxy::{Asked, Trouble};
use serde_json::Value;
use std::collections::BTreeMap;

/// The statements of all policies that apply to one caller.
#[derive(Clone, Debug)]
pub struct Policy(Vec<Value>);

/// The condition keys of a request to AWS, with their values.
pub type Context<'a> = BTreeMap<&'a str, &'a str>;

impl Policy {
    /// Reads the statements of a policy document. `statements` is the value of the key `Statement`.
    pub fn new(statements: &Value) -> Policy {
        Policy(statements.as_array().unwrap().clone())
    }

    pub fn allows(&self, action: &str, resource: &str, context: &Context) -> bool {
        let applies = |statement: &&Value| {
            let one_of = |key: &str, text: &str| texts(&statement[key]).any(|pattern| matches(pattern, text));
            one_of("Action", action) && one_of("Resource", resource) && holds(&statement["Condition"], context)
        };
        let mut effects = self.0.iter().filter(applies).map(|statement| &statement["Effect"]);
        let mut allowed = false;
        effects.all(|effect| {
            allowed = true;
            effect == "Allow"
        }) && allowed
    }

    /// Returns the fault that this policy causes in a request to S3. The policy applies to the caller who sends the
    /// request.
    pub fn judge(&self, asked: &Asked) -> Trouble {
        let object = format!("arn:aws:s3:::{}", asked.path.trim_start_matches('/'));
        let bucket = object.split('/').next().unwrap_or_default();
        let lists = |context: &Context| self.allows("s3:ListBucket", bucket, context);
        let allowed = match asked.method.as_str() {
            _ if asked.list => lists(
                &asked
                    .prefix
                    .iter()
                    .map(|prefix| ("s3:prefix", prefix.as_str()))
                    .collect(),
            ),
            "GET" | "HEAD" => self.allows("s3:GetObject", &object, &Context::new()),
            "PUT" => {
                let condition = asked.create_only.then_some(("s3:if-none-match", "*"));
                self.allows("s3:PutObject", &object, &condition.into_iter().collect())
            }
            "DELETE" => self.allows("s3:DeleteObject", &object, &Context::new()),
            other => panic!("unexpected S3 method {other}"),
        };
        match allowed {
            false => Trouble::Refused(403, "AccessDenied"),
            // If a key does not exist, S3 reports this only to a caller who may list the bucket without a prefix.
            true if !asked.list && !lists(&Context::new()) => Trouble::Hidden,
            true => Trouble::None,
        }
    }
}

fn holds(conditions: &Value, context: &Context) -> bool {
    let Some(conditions) = conditions.as_object() else {
        return true;
    };
    let of = |value: &Value| value.as_object().unwrap().clone();
    conditions.iter().all(|(operator, keys)| {
        of(keys).iter().all(|(key, values)| {
            let found = context.get(key.as_str());
            match operator.as_str() {
                "StringLike" => found.is_some_and(|text| texts(values).any(|pattern| matches(pattern, text))),
                "StringEquals" => found.is_some_and(|text| texts(values).any(|wanted| wanted == *text)),
                "Null" => texts(values).all(|absent| (absent == "true") == found.is_none()),
                other => panic!("condition operator {other} is not supported"),
            }
        })
    })
}

/// Returns the texts in a value of a policy. The value is a text or a list of texts.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str().into_iter();
    one.chain(
        value
            .as_array()
            .into_iter()
            .flatten()
            .map(|text| text.as_str().unwrap()),
    )
}

/// Returns whether a text matches a pattern of a policy. `*` matches any number of characters, including `/`.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    rest.char_indices()
        .map(|(at, _)| &rest[at..])
        .chain([""])
        .any(|rest| matches(after, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_statement_allows_is_denied_and_a_denial_wins() {
        let policy = Policy::new(&json!([
            { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::runs/team/*"] },
            { "Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::runs/team/*/plan.json" },
            {
                "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::runs"],
                "Condition": { "StringLike": { "s3:prefix": ["team/*"] }, "Null": { "s3:delimiter": "true" } },
            },
        ]));
        let none = Context::new();
        assert!(policy.allows("s3:GetObject", "arn:aws:s3:::runs/team/r/plan.json", &none));
        assert!(policy.allows("s3:PutObject", "arn:aws:s3:::runs/team/r/start", &none));
        assert!(!policy.allows("s3:PutObject", "arn:aws:s3:::runs/team/r/plan.json", &none));
        assert!(!policy.allows("s3:GetObject", "arn:aws:s3:::runs/teams/r", &none));
        assert!(!policy.allows("s3:DeleteObject", "arn:aws:s3:::runs/team/r", &none));
        let lists = |context: &[(&'static str, &'static str)]| {
            policy.allows("s3:ListBucket", "arn:aws:s3:::runs", &context.iter().copied().collect())
        };
        assert!(lists(&[("s3:prefix", "team/r")]));
        assert!(!lists(&[("s3:prefix", "other/r")]));
        assert!(!lists(&[]));
        assert!(!lists(&[("s3:prefix", "team/r"), ("s3:delimiter", "/")]));
    }
}
