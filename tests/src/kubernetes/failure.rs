//! The errors of the API: `Status` objects with the codes, reasons and messages of a real server.

use super::resources::Resource;
use serde_json::{Value, json};

/// An error that the server returns to a client.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub code: u16,
    pub reason: &'static str,
    pub message: String,
    pub details: Value,
    /// The value of the header `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

/// A problem of one field: the field, the reason, and the message without the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub field: String,
    pub reason: &'static str,
    pub message: String,
}

impl Cause {
    pub(super) fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Cause {
        Cause {
            field: field.into(),
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {value}: {why}"),
        }
    }

    pub(super) fn required(field: impl Into<String>, why: &str) -> Cause {
        let colon = if why.is_empty() { "" } else { ": " };
        Cause {
            field: field.into(),
            reason: "FieldValueRequired",
            message: format!("Required value{colon}{why}"),
        }
    }

    pub(super) fn forbidden(field: impl Into<String>, why: &str) -> Cause {
        Cause {
            field: field.into(),
            reason: "FieldValueForbidden",
            message: format!("Forbidden: {why}"),
        }
    }
}

impl Failure {
    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            code,
            reason,
            message: message.into(),
            details: json!({}),
            retry_after: None,
        }
    }

    fn about(mut self, resource: &Resource, name: &str) -> Failure {
        self.details = json!({"name": name, "kind": resource.plural});
        if !resource.group.is_empty() {
            self.details["group"] = resource.group.as_str().into();
        }
        self
    }

    pub(super) fn not_found(resource: &Resource, name: &str) -> Failure {
        let message = format!("{} \"{name}\" not found", resource.qualified());
        Failure::new(404, "NotFound", message).about(resource, name)
    }

    /// Returns the error for a path that does not belong to any resource.
    pub(super) fn no_such_path() -> Failure {
        Failure::new(404, "NotFound", "the server could not find the requested resource")
    }

    pub(super) fn already_exists(resource: &Resource, name: &str) -> Failure {
        let message = format!("{} \"{name}\" already exists", resource.qualified());
        Failure::new(409, "AlreadyExists", message).about(resource, name)
    }

    pub(super) fn conflict(resource: &Resource, name: &str, why: &str) -> Failure {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            resource.qualified()
        );
        Failure::new(409, "Conflict", message).about(resource, name)
    }

    /// Returns the error for an update whose resourceVersion is not the newest.
    pub(super) fn stale(resource: &Resource, name: &str) -> Failure {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Failure::conflict(resource, name, why)
    }

    pub(super) fn forbidden(resource: &Resource, name: &str, why: &str) -> Failure {
        let message = match name {
            "" => format!("{} is forbidden: {why}", resource.qualified()),
            _ => format!("{} \"{name}\" is forbidden: {why}", resource.qualified()),
        };
        Failure::new(403, "Forbidden", message).about(resource, name)
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(400, "BadRequest", message)
    }

    pub(super) fn unsupported_media() -> Failure {
        let message = "the body of the request was in an unknown format - accepted media types include: \
                       application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
        Failure::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn invalid(resource: &Resource, name: &str, causes: &[Cause]) -> Failure {
        let shown: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        let list = match shown.as_slice() {
            [one] => one.clone(),
            _ => format!("[{}]", shown.join(", ")),
        };
        let kind = resource.qualified_kind();
        let mut failure =
            Failure::new(422, "Invalid", format!("{kind} \"{name}\" is invalid: {list}")).about(resource, name);
        failure.details["kind"] = resource.kind.as_str().into();
        failure.details["causes"] = causes
            .iter()
            .map(|cause| json!({"reason": cause.reason, "message": cause.message, "field": cause.field}))
            .collect();
        failure
    }

    pub(super) fn expired(message: impl Into<String>) -> Failure {
        Failure::new(410, "Expired", message)
    }

    pub(super) fn too_many_requests(retry_after: u64) -> Failure {
        let message = "the server has received too many requests and has asked us to try again later";
        Failure {
            details: json!({"retryAfterSeconds": retry_after}),
            retry_after: Some(retry_after),
            ..Failure::new(429, "TooManyRequests", message)
        }
    }

    pub(super) fn status(&self) -> Value {
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "details": self.details, "code": self.code,
        })
    }
}
