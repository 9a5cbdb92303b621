//! The operation that a request asks for.

use crate::answer::S3Error;
use crate::bucket::Bucket;
use crate::checksum;
use crate::listing::ListRequest;
use crate::signature;
use hyper::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use store::Labels;

/// The prefix of the headers that contain labels of an object.
pub(crate) const LABEL: &str = "x-amz-meta-";

/// An operation of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Also `HEAD`, whose answer has no body.
    GetObject {
        key: String,
    },
    PutObject {
        key: String,
        is_new: bool,
        labels: Labels,
    },
    DeleteObject {
        key: String,
    },
    ListObjects(ListRequest),
    HeadBucket,
    GetLocation,
    CreateBucket,
}

impl Operation {
    /// Returns whether the operation changes objects.
    pub(crate) fn writes(&self) -> bool {
        matches!(
            self,
            Operation::PutObject { .. } | Operation::DeleteObject { .. } | Operation::CreateBucket
        )
    }

    /// Reads the operation of a request.
    ///
    /// # Errors
    /// Fails for another bucket, and for an operation that the server does not have. A header or a name in the query
    /// that changes the meaning of a request is never ignored.
    pub(crate) fn read(request: &Parts, own: &Bucket) -> Result<Operation, S3Error> {
        let path = percent_decode_str(request.uri.path()).decode_utf8();
        let path = path.map_err(|_| S3Error::argument("the path is not UTF-8"))?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(S3Error::not_implemented("operations without a bucket"));
        }
        if bucket != own.as_str() {
            let text = format!("the only bucket of this server is {own}");
            return Err(S3Error::new(StatusCode::NOT_FOUND, "NoSuchBucket", text));
        }
        check_headers(&request.method, &request.headers)?;
        let query: Vec<(String, String)> = signature::query(request)
            .into_iter()
            .filter(|(name, _)| !name.starts_with("X-Amz-") && name != "x-id")
            .collect();
        match key {
            "" => on_bucket(&request.method, &query),
            key => on_object(request, key.to_owned(), &query),
        }
    }
}

fn on_bucket(method: &Method, query: &[(String, String)]) -> Result<Operation, S3Error> {
    let names: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    match (method, &names[..]) {
        (&Method::HEAD, []) => Ok(Operation::HeadBucket),
        (&Method::PUT, []) => Ok(Operation::CreateBucket),
        (&Method::GET, ["location"]) => Ok(Operation::GetLocation),
        (&Method::GET, names) if names.contains(&"list-type") => ListRequest::read(query).map(Operation::ListObjects),
        (&Method::GET, []) => Err(S3Error::not_implemented("ListObjects, only ListObjectsV2")),
        (method, []) => Err(S3Error::not_implemented(&format!("{method} of a bucket"))),
        (method, names) => Err(S3Error::not_implemented(&format!(
            "{method} of a bucket with `{}`",
            names.join("&")
        ))),
    }
}

fn on_object(request: &Parts, key: String, query: &[(String, String)]) -> Result<Operation, S3Error> {
    if let Some((name, _)) = query.first() {
        let what = format!("{} of an object with `{name}`", request.method);
        return Err(S3Error::not_implemented(&what));
    }
    match request.method {
        Method::GET | Method::HEAD => Ok(Operation::GetObject { key }),
        Method::DELETE => Ok(Operation::DeleteObject { key }),
        Method::PUT => Ok(Operation::PutObject {
            key,
            is_new: is_new(&request.headers)?,
            labels: labels(&request.headers)?,
        }),
        ref method => Err(S3Error::not_implemented(&format!("{method} of an object"))),
    }
}

/// The headers of S3 that the server uses, or that have no meaning for it. All others are refused.
const KNOWN: [&str; 9] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-optional-object-attributes",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-storage-class",
    "x-amz-trailer",
    "x-amz-user-agent",
];
/// The prefixes of further headers that the server uses.
const KNOWN_PREFIXES: [&str; 2] = [LABEL, checksum::PREFIX];

/// Refuses headers that would change the content of an object, or the access to it, or whether the operation happens.
fn check_headers(method: &Method, headers: &HeaderMap) -> Result<(), S3Error> {
    for (name, value) in headers {
        let refused = match name.as_str() {
            "x-amz-storage-class" => value != "STANDARD",
            "content-encoding" => !is_transparent(value),
            "if-match" | "if-none-match" | "if-modified-since" | "if-unmodified-since" => method == Method::DELETE,
            name if KNOWN.contains(&name) || KNOWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => false,
            name => name.starts_with("x-amz-"),
        };
        if refused {
            let text = String::from_utf8_lossy(value.as_bytes());
            return Err(S3Error::not_implemented(&format!("the header {name}: {text}")));
        }
    }
    let is_promised = method == Method::PUT && headers.contains_key("x-amz-sdk-checksum-algorithm");
    let is_sent = headers.keys().any(|name| checksum::is_checksum(name.as_str()));
    if is_promised && !is_sent && !headers.contains_key("x-amz-trailer") {
        let text = "x-amz-sdk-checksum-algorithm is given without a checksum";
        return Err(S3Error::new(StatusCode::BAD_REQUEST, "InvalidRequest", text));
    }
    Ok(())
}

/// Returns whether the content of an object is the body as it was sent, apart from its chunks.
fn is_transparent(encoding: &HeaderValue) -> bool {
    let mut encodings = encoding.to_str().unwrap_or("unknown").split(',').map(str::trim);
    encodings.all(|encoding| ["", "aws-chunked", "identity"].contains(&encoding))
}

fn is_new(headers: &HeaderMap) -> Result<bool, S3Error> {
    if headers.contains_key(IF_MATCH) {
        return Err(S3Error::not_implemented("If-Match for writes"));
    }
    match headers.get(IF_NONE_MATCH) {
        None => Ok(false),
        Some(value) if value == "*" => Ok(true),
        Some(_) => Err(S3Error::not_implemented("If-None-Match with an entity tag for writes")),
    }
}

fn labels(headers: &HeaderMap) -> Result<Labels, S3Error> {
    let invalid = || {
        let text = "the metadata has more than 2 KiB, or is not a text";
        S3Error::new(StatusCode::BAD_REQUEST, "MetadataTooLarge", text)
    };
    let mut labels = Vec::new();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix(LABEL) {
            let value = value.to_str().map_err(|_| invalid())?;
            labels.push((name.to_owned(), value.to_owned()));
        }
    }
    Labels::new(labels).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn read(method: &str, uri: &str, headers: &[(&str, &str)]) -> Result<Operation, &'static str> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Operation::read(&parts, &"vajra".parse().unwrap()).map_err(|error| error.code)
    }

    fn key() -> String {
        "runs/a".to_owned()
    }

    #[test]
    fn requests_are_read_as_operations_of_one_bucket() {
        assert_eq!(
            read("GET", "/vajra/runs/a?x-id=GetObject", &[]),
            Ok(Operation::GetObject { key: key() })
        );
        assert_eq!(
            read("DELETE", "/vajra/runs%2Fa", &[]),
            Ok(Operation::DeleteObject { key: key() })
        );
        let put = |is_new| Operation::PutObject {
            key: key(),
            is_new,
            labels: Labels::default(),
        };
        assert_eq!(read("PUT", "/vajra/runs/a", &[]), Ok(put(false)));
        assert_eq!(read("PUT", "/vajra/runs/a", &[("if-none-match", "*")]), Ok(put(true)));
        assert_eq!(read("HEAD", "/vajra", &[]), Ok(Operation::HeadBucket));
        assert_eq!(read("GET", "/vajra/?location", &[]), Ok(Operation::GetLocation));
        assert_eq!(read("GET", "/other/a", &[]), Err("NoSuchBucket"));
        assert_eq!(read("GET", "/", &[]), Err("NotImplemented"));
    }

    #[test]
    fn a_request_with_another_meaning_is_never_taken_for_a_simple_one() {
        for (method, uri, headers) in [
            ("PUT", "/vajra/a", &[("x-amz-copy-source", "/vajra/b")][..]),
            ("PUT", "/vajra/a?partNumber=1&uploadId=x", &[]),
            ("POST", "/vajra/a?uploads", &[]),
            ("GET", "/vajra/a?versionId=x", &[]),
            ("GET", "/vajra/a?acl", &[]),
            ("PUT", "/vajra/a?acl", &[]),
            ("DELETE", "/vajra", &[]),
            ("PUT", "/vajra?policy", &[]),
            ("POST", "/vajra?delete", &[]),
            ("GET", "/vajra", &[]),
            ("PUT", "/vajra/a", &[("if-match", "\"x\"")]),
            ("PUT", "/vajra/a", &[("if-none-match", "\"x\"")]),
            ("PUT", "/vajra/a", &[("x-amz-server-side-encryption-customer-key", "x")]),
            ("PUT", "/vajra/a", &[("x-amz-acl", "public-read")]),
            ("PUT", "/vajra/a", &[("x-amz-object-lock-mode", "COMPLIANCE")]),
            ("PUT", "/vajra/a", &[("x-amz-expected-bucket-owner", "111122223333")]),
            ("GET", "/vajra/a", &[("x-amz-expected-bucket-owner", "111122223333")]),
            ("PUT", "/vajra/a", &[("x-amz-storage-class", "GLACIER")]),
            ("PUT", "/vajra/a", &[("x-amz-website-redirect-location", "/")]),
            ("PUT", "/vajra/a", &[("x-amz-header-of-the-future", "1")]),
            ("PUT", "/vajra/a", &[("content-encoding", "gzip")]),
            ("PUT", "/vajra/a", &[("content-encoding", "gzip,aws-chunked")]),
            ("DELETE", "/vajra/a", &[("if-match", "\"x\"")]),
            ("DELETE", "/vajra/a", &[("if-unmodified-since", "x")]),
            ("DELETE", "/vajra/a", &[("x-amz-if-match-size", "1")]),
            ("DELETE", "/vajra/a", &[("x-amz-if-match-last-modified-time", "x")]),
            ("DELETE", "/vajra/a", &[("x-amz-bypass-governance-retention", "true")]),
            ("DELETE", "/vajra/a", &[("x-amz-mfa", "1")]),
        ] {
            assert_eq!(
                read(method, uri, headers),
                Err("NotImplemented"),
                "{method} {uri} {headers:?}"
            );
        }
    }

    #[test]
    fn headers_without_another_meaning_are_accepted() {
        for headers in [
            &[("x-amz-storage-class", "STANDARD"), ("content-type", "text/plain")][..],
            &[
                ("content-encoding", "aws-chunked"),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
            ],
            &[
                ("x-amz-sdk-checksum-algorithm", "CRC32"),
                ("x-amz-checksum-crc32", "AAAAAA=="),
            ],
            &[
                ("x-amz-sdk-checksum-algorithm", "CRC32"),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
            ],
        ] {
            assert!(read("PUT", "/vajra/a", headers).is_ok(), "{headers:?}");
        }
        let promised = [("x-amz-sdk-checksum-algorithm", "CRC32")];
        assert_eq!(read("PUT", "/vajra/a", &promised), Err("InvalidRequest"));
    }
}
