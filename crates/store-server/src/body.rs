//! Reads the body of a request, within limits of size, time and memory.

use crate::answer::S3Error;
use crate::checksum;
use crate::chunks;
use crate::signature::{Payload, sha256};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::{HeaderMap, StatusCode};
use std::time::Duration;
use store::OBJECT_BYTES_MAX;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The maximum memory of all bodies together. Four objects of the maximum size fit, and thousands of snapshots.
const MEMORY_MAX: usize = 4 * OBJECT_BYTES_MAX as usize;
/// The unit in which memory is counted.
const MEMORY_UNIT: usize = 1024;
/// How long a request waits for memory. Clients retry after `SlowDown`.
const MEMORY_WAIT: Duration = Duration::from_secs(5);
/// The timeout of a body, in addition to the time that its bytes take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// The lowest throughput at which a body still arrives in time.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1024;
/// The maximum ratio of an encoded body to its content, and the maximum of its other bytes. Clients send chunks of at
/// least 8 KiB, except the last, and 90 bytes with each chunk.
const ENCODING_RATIO_MAX: usize = 32;
const ENCODING_BYTES_MAX: usize = 4096;

/// The memory that bodies may use.
#[derive(Debug)]
pub(crate) struct Memory(Semaphore);

impl Memory {
    pub(crate) fn new() -> Memory {
        Memory(Semaphore::new(MEMORY_MAX / MEMORY_UNIT))
    }

    async fn take(&self, bytes: usize) -> Result<SemaphorePermit<'_>, S3Error> {
        let units = u32::try_from(bytes.div_ceil(MEMORY_UNIT)).map_err(|_| S3Error::too_large())?;
        match timeout(MEMORY_WAIT, self.0.acquire_many(units)).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(S3Error::slow_down("the server has no memory for another body now")),
        }
    }
}

/// A body that has the signed hash and every checksum that the client has sent.
#[derive(Debug)]
pub(crate) struct CheckedBody<'a> {
    pub(crate) bytes: Bytes,
    _memory: SemaphorePermit<'a>,
}

/// Reads a body and checks it.
///
/// # Errors
/// Fails if the body is too large, too slow, or does not match its signature or a checksum.
pub(crate) async fn read<'a>(
    headers: &HeaderMap,
    body: Incoming,
    payload: Payload,
    memory: &'a Memory,
) -> Result<CheckedBody<'a>, S3Error> {
    let decoded = number(headers, "x-amz-decoded-content-length")?;
    let sent = body.size_hint().exact();
    let length = match payload {
        Payload::Chunks { .. } => decoded,
        Payload::Hash(_) | Payload::Unsigned => sent,
    };
    let length = length.ok_or_else(|| {
        let text = "the request does not contain the length of its body";
        S3Error::new(StatusCode::LENGTH_REQUIRED, "MissingContentLength", text)
    })?;
    if length > OBJECT_BYTES_MAX {
        return Err(S3Error::too_large());
    }
    let time = BODY_TIMEOUT + Duration::from_secs(length / BYTES_PER_SECOND_MIN);
    let length = length as usize;
    let (bytes_max, copies) = match payload {
        Payload::Chunks { .. } => (length + length / ENCODING_RATIO_MAX + ENCODING_BYTES_MAX, 2),
        Payload::Hash(_) | Payload::Unsigned => (length, 1),
    };
    let memory = memory.take(bytes_max * copies).await?;
    let bytes = timeout(time, collect(body, bytes_max)).await.map_err(|_| {
        let text = "the body did not arrive in time";
        S3Error::new(StatusCode::BAD_REQUEST, "RequestTimeout", text)
    })??;
    let (bytes, trailer) = match payload {
        Payload::Unsigned => (bytes, Vec::new()),
        Payload::Hash(hash) if sha256(&bytes) == hash => (bytes, Vec::new()),
        Payload::Hash(_) => {
            let text = "the body does not match x-amz-content-sha256";
            return Err(S3Error::new(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", text));
        }
        Payload::Chunks { signer, has_trailer } => {
            let decoded = chunks::decode(&bytes, length, signer, has_trailer)?;
            (decoded.bytes, decoded.trailer)
        }
    };
    checksum::check(headers, &trailer, &bytes)?;
    Ok(CheckedBody { bytes, _memory: memory })
}

async fn collect(body: Incoming, bytes_max: usize) -> Result<Bytes, S3Error> {
    let mut body = Limited::new(body, bytes_max);
    // A client may announce a length and send nothing, so memory is taken as the bytes arrive.
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            let text = "the body ended early, or has more bytes than its length";
            S3Error::new(StatusCode::BAD_REQUEST, "IncompleteBody", text)
        })?;
        if let Ok(part) = frame.into_data() {
            if bytes.is_empty() && part.len() == bytes_max {
                return Ok(part);
            }
            bytes.extend_from_slice(&part);
        }
    }
    Ok(bytes.freeze())
}

fn number(headers: &HeaderMap, name: &str) -> Result<Option<u64>, S3Error> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(S3Error::argument(format!("the header {name} is not a number"))),
    }
}
