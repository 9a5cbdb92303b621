//! The answers of the server, and the errors of S3.

use crate::xml;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use store::StoreError;
use store::causes::with_causes;

/// The body of an answer: bytes, or parts of an object that are read one after the other.
pub(crate) type Body = UnsyncBoxBody<Bytes, StoreError>;

/// The content type of objects, as S3 sets it if the writer gives none.
pub(crate) const OBJECT_TYPE: HeaderValue = HeaderValue::from_static("binary/octet-stream");

/// An error of S3: a status, a code for programs, and a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct S3Error {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) text: String,
    /// Headers of the answer.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The failure of the folder, for the log. It may contain paths of the server, so clients do not get it.
    pub(crate) failure: Option<String>,
}

impl S3Error {
    pub(crate) fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> S3Error {
        S3Error {
            status,
            code,
            text: text.into(),
            headers: Vec::new(),
            failure: None,
        }
    }

    /// Adds a header to the answer, unless its value is not valid.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> S3Error {
        self.headers
            .extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// Returns whether the request had no valid signature or too few rights.
    pub(crate) fn is_denial(&self) -> bool {
        let codes = [
            "AuthorizationHeaderMalformed",
            "AuthorizationQueryParametersError",
            "InvalidToken",
        ];
        self.status == StatusCode::FORBIDDEN || codes.contains(&self.code)
    }

    pub(crate) fn denied(text: impl Into<String>) -> S3Error {
        S3Error::new(StatusCode::FORBIDDEN, "AccessDenied", text)
    }

    pub(crate) fn argument(text: impl Into<String>) -> S3Error {
        S3Error::new(StatusCode::BAD_REQUEST, "InvalidArgument", text)
    }

    pub(crate) fn not_implemented(what: &str) -> S3Error {
        let text = format!("this server does not have {what}");
        S3Error::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", text)
    }

    pub(crate) fn bad_digest(name: &str) -> S3Error {
        let text = format!("the body does not match {name}");
        S3Error::new(StatusCode::BAD_REQUEST, "BadDigest", text)
    }

    pub(crate) fn slow_down(text: &str) -> S3Error {
        S3Error::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", text)
    }

    pub(crate) fn too_large() -> S3Error {
        let text = format!("an object has at most {} bytes", store::OBJECT_BYTES_MAX);
        S3Error::new(StatusCode::BAD_REQUEST, "EntityTooLarge", text)
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> S3Error {
        let failed = |status, code, text: &str| S3Error {
            failure: Some(with_causes(&error)),
            ..S3Error::new(status, code, text)
        };
        match &error {
            StoreError::BadKey { .. } => S3Error::argument(error.to_string()),
            StoreError::TooLarge { .. } => S3Error::too_large(),
            StoreError::NotFolder { .. } => S3Error::argument("a part of the key is the key of an object"),
            StoreError::Link { .. } => S3Error::argument("a part of the key is a symbolic link in the folder"),
            StoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory => {
                S3Error::argument("other keys begin with this key and `/`")
            }
            StoreError::DiskFull { .. } => failed(
                StatusCode::INSUFFICIENT_STORAGE,
                "InsufficientStorage",
                "the disk of the store is full",
            ),
            StoreError::Gone { .. } => failed(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                "the folder of the store is missing",
            ),
            StoreError::NotCreateOnly { .. } => S3Error::not_implemented("create-only writes on this file system"),
            _ => failed(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "the folder of the store failed; the log of the server has the reason",
            ),
        }
    }
}

/// Returns an answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    with_body(status, Bytes::new())
}

pub(crate) fn with_body(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let body = Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

pub(crate) fn document(status: StatusCode, text: String) -> Response<Body> {
    let mut response = with_body(status, text.into());
    let content_type = HeaderValue::from_static("application/xml");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Returns the answer for an error.
pub(crate) fn refusal(error: &S3Error, path: &str, request_id: &str) -> Response<Body> {
    let mut response = match error.status {
        // These answers have no body in HTTP.
        StatusCode::NOT_MODIFIED => empty(error.status),
        status => document(status, xml::error(error.code, &error.text, path, request_id)),
    };
    response.headers_mut().extend(error.headers.iter().cloned());
    response
}
