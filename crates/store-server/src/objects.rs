//! Carries out the operations on the folder.

use crate::answer::{self, Body, OBJECT_TYPE, S3Error, document, empty};
use crate::bucket::Bucket;
use crate::conditions::{self, Wanted, entity_tag};
use crate::request::{LABEL, Operation};
use crate::xml;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED,
};
use hyper::{HeaderMap, Method, Response, StatusCode};
use store::{Created, Labels, OpenObject, ServedFolder};

/// The size of the parts in which an object is read. The memory of a download is a few parts, also if its client reads
/// slowly.
const PART_BYTES: u64 = 64 * 1024;

/// The objects of the only bucket.
#[derive(Debug)]
pub(crate) struct Objects {
    pub(crate) folder: ServedFolder,
    pub(crate) bucket: Bucket,
}

impl Objects {
    /// Carries out an operation. Only `PutObject` uses the body.
    pub(crate) async fn apply(
        &self,
        operation: Operation,
        method: &Method,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Response<Body>, S3Error> {
        match operation {
            Operation::GetObject { key } => self.get(&key, method, headers).await,
            Operation::PutObject { key, is_new, labels } => self.put(&key, is_new, labels, body).await,
            Operation::DeleteObject { key } => {
                self.folder.delete(&key).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Operation::ListObjects(request) => {
                let page = self.folder.page(request.page.clone()).await?;
                Ok(document(StatusCode::OK, request.document(&self.bucket, &page)))
            }
            Operation::HeadBucket => Ok(empty(StatusCode::OK)),
            Operation::GetLocation => Ok(document(StatusCode::OK, xml::location())),
            Operation::CreateBucket => {
                let text = "this bucket exists since the start of the server";
                Err(S3Error::new(StatusCode::CONFLICT, "BucketAlreadyOwnedByYou", text))
            }
        }
    }

    async fn put(&self, key: &str, is_new: bool, labels: Labels, body: Bytes) -> Result<Response<Body>, S3Error> {
        let stat = match is_new {
            false => self.folder.put(key, body, labels).await?,
            true => match self.folder.put_new(key, body, labels).await? {
                (Created::Yes, stat) => stat,
                (Created::AlreadyThere, _) => {
                    let text = "the key is taken";
                    return Err(S3Error::new(
                        StatusCode::PRECONDITION_FAILED,
                        "PreconditionFailed",
                        text,
                    ));
                }
            },
        };
        let mut response = empty(StatusCode::OK);
        insert(response.headers_mut(), ETAG, &entity_tag(&stat));
        Ok(response)
    }

    async fn get(&self, key: &str, method: &Method, headers: &HeaderMap) -> Result<Response<Body>, S3Error> {
        let object = self.folder.object(key).await?.ok_or_else(|| {
            let text = "no object has this key";
            S3Error::new(StatusCode::NOT_FOUND, "NoSuchKey", text)
        })?;
        let stat = object.stat;
        conditions::check(headers, &stat)?;
        let wanted = conditions::wanted(headers, &stat)?;
        let (status, first, length) = match wanted {
            Wanted::Whole => (StatusCode::OK, 0, stat.bytes),
            Wanted::Part { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        };
        let labels = object.labels.clone();
        let mut response = match method {
            &Method::HEAD => empty(status),
            _ => with_part(status, object, first, length).await?,
        };
        let headers = response.headers_mut();
        insert(headers, CONTENT_LENGTH, &length.to_string());
        insert(headers, ETAG, &entity_tag(&stat));
        insert(headers, LAST_MODIFIED, &httpdate::fmt_http_date(stat.modified));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CONTENT_TYPE, OBJECT_TYPE);
        if let Wanted::Part { .. } = wanted {
            let last = first + length - 1;
            insert(headers, CONTENT_RANGE, &format!("bytes {first}-{last}/{}", stat.bytes));
        }
        for (name, value) in labels.iter() {
            if let Ok(name) = format!("{LABEL}{name}").parse::<HeaderName>() {
                insert(headers, name, value);
            }
        }
        Ok(response)
    }
}

/// Returns an answer with a part of an object. A small part is read before the answer begins, so that an error has an
/// answer of its own.
async fn with_part(status: StatusCode, object: OpenObject, first: u64, length: u64) -> Result<Response<Body>, S3Error> {
    if length <= PART_BYTES {
        let bytes = match length {
            0 => Bytes::new(),
            length => object.read(first, length as usize).await?,
        };
        return Ok(answer::with_body(status, bytes));
    }
    let parts = stream::unfold((object, first, length), |(object, first, length)| async move {
        let part = length.min(PART_BYTES);
        if part == 0 {
            return None;
        }
        let read = object.read(first, part as usize).await.map(Frame::data);
        // After an error, the body ends.
        let rest = if read.is_ok() { length - part } else { 0 };
        Some((read, (object, first + part, rest)))
    });
    let mut response = Response::new(StreamBody::new(parts).boxed_unsync());
    *response.status_mut() = status;
    Ok(response)
}

/// Adds a header, unless its value is not valid.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
