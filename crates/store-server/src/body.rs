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
use tokio::time::{Instant, timeout, timeout_at};

/// The maximum size of a small body. Snapshots and most other objects are small. Small bodies have memory of their own,
/// so they never wait for large ones.
const SMALL_BYTES_MAX: usize = 1 << 20;
/// The maximum memory of all small bodies together, and of all large ones.
const SMALL_MEMORY_MAX: usize = 64 << 20;
const LARGE_MEMORY_MAX: usize = 192 << 20;
/// The unit in which memory is counted.
const MEMORY_UNIT: usize = 1024;
/// How long a request waits for memory. Clients retry after `SlowDown`.
const MEMORY_WAIT: Duration = Duration::from_secs(5);
/// The timeout for the first bytes of a body. Until they arrive, a body takes no memory.
const FIRST_TIMEOUT: Duration = Duration::from_secs(20);
/// The interval in which a body makes progress, and its least number of bytes in each interval except the last.
const INTERVAL: Duration = Duration::from_secs(5);
const BYTES_PER_INTERVAL_MIN: usize = 320 * 1024;
/// The maximum ratio of an encoded body to its content, and the maximum of its other bytes. Clients send chunks of at
/// least 8 KiB, except the last, and 90 bytes with each chunk.
const ENCODING_RATIO_MAX: usize = 32;
const ENCODING_BYTES_MAX: usize = 4096;

/// The memory that bodies may use.
#[derive(Debug)]
pub(crate) struct Memory {
    small: Semaphore,
    large: Semaphore,
}

impl Memory {
    pub(crate) fn new() -> Memory {
        Memory {
            small: Semaphore::new(SMALL_MEMORY_MAX / MEMORY_UNIT),
            large: Semaphore::new(LARGE_MEMORY_MAX / MEMORY_UNIT),
        }
    }

    async fn take(&self, bytes: usize) -> Result<SemaphorePermit<'_>, S3Error> {
        let memory = if bytes <= SMALL_BYTES_MAX {
            &self.small
        } else {
            &self.large
        };
        let units = u32::try_from(bytes.div_ceil(MEMORY_UNIT)).map_err(|_| S3Error::too_large())?;
        match timeout(MEMORY_WAIT, memory.acquire_many(units)).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(S3Error::slow_down("the server has no memory for another body now")),
        }
    }
}

/// A body that has the signed hash and every checksum that the client has sent.
#[derive(Debug, Default)]
pub(crate) struct CheckedBody<'a> {
    pub(crate) bytes: Bytes,
    /// An empty body takes no memory.
    _memory: Option<SemaphorePermit<'a>>,
}

/// Checks that a request of an operation without a body has none. The body is never read.
///
/// # Errors
/// Fails if the client announces a body, or if a checksum is not that of an empty body.
pub(crate) fn none(headers: &HeaderMap, body: &Incoming, payload: &Payload) -> Result<(), S3Error> {
    match payload {
        _ if !body.is_end_stream() => {
            let text = "only PutObject has a body";
            Err(S3Error::new(StatusCode::BAD_REQUEST, "InvalidRequest", text))
        }
        Payload::Hash(hash) if sha256(b"") != *hash => Err(another_hash()),
        _ => checksum::check(headers, &[], b""),
    }
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
    let length = length as usize;
    let bytes_max = match payload {
        Payload::Chunks { .. } => length + length / ENCODING_RATIO_MAX + ENCODING_BYTES_MAX,
        Payload::Hash(_) | Payload::Unsigned => length,
    };
    let CheckedBody { bytes, _memory } = collect(body, bytes_max, memory).await?;
    let (bytes, trailer) = match payload {
        Payload::Unsigned => (bytes, Vec::new()),
        Payload::Hash(hash) if sha256(&bytes) == hash => (bytes, Vec::new()),
        Payload::Hash(_) => return Err(another_hash()),
        Payload::Chunks { signer, has_trailer } => {
            // The chunks are joined in place, so an encoded body takes the memory of one body.
            let encoded = bytes
                .try_into_mut()
                .unwrap_or_else(|shared| BytesMut::from(&shared[..]));
            let decoded = chunks::decode(encoded, length, signer, has_trailer)?;
            (decoded.bytes, decoded.trailer)
        }
    };
    check_trailer(headers, &trailer)?;
    checksum::check(headers, &trailer, &bytes)?;
    Ok(CheckedBody { bytes, _memory })
}

/// Checks that the trailer has exactly the names that the header `x-amz-trailer` promises. Otherwise a checksum that
/// was cut off would go unnoticed.
fn check_trailer(headers: &HeaderMap, trailer: &[(String, String)]) -> Result<(), S3Error> {
    let promised = headers.get_all("x-amz-trailer").iter();
    let mut promised: Vec<String> = promised
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let mut sent: Vec<&str> = trailer.iter().map(|(name, _)| name.as_str()).collect();
    promised.sort_unstable();
    sent.sort_unstable();
    match promised == sent {
        true => Ok(()),
        false => {
            let text = "the trailer of the body does not have the names in x-amz-trailer";
            Err(S3Error::new(StatusCode::BAD_REQUEST, "MalformedTrailerError", text))
        }
    }
}

/// Collects a body. It takes its memory when its first bytes arrive, and loses the memory if it makes no progress.
async fn collect<'a>(body: Incoming, bytes_max: usize, memory: &'a Memory) -> Result<CheckedBody<'a>, S3Error> {
    let mut body = Limited::new(body, bytes_max);
    let Some(first) = timeout(FIRST_TIMEOUT, next(&mut body))
        .await
        .map_err(|_| too_slow())??
    else {
        return Ok(CheckedBody::default());
    };
    let _memory = Some(memory.take(bytes_max).await?);
    if first.len() == bytes_max {
        return Ok(CheckedBody { bytes: first, _memory });
    }
    let mut bytes = BytesMut::with_capacity(bytes_max);
    bytes.extend_from_slice(&first);
    let (mut began, mut before) = (Instant::now(), bytes.len());
    loop {
        match timeout_at(began + INTERVAL, next(&mut body)).await {
            Ok(Ok(Some(part))) => bytes.extend_from_slice(&part),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(error),
            Err(_) => {}
        }
        if began.elapsed() >= INTERVAL {
            if bytes.len() - before < BYTES_PER_INTERVAL_MIN {
                return Err(too_slow());
            }
            (began, before) = (Instant::now(), bytes.len());
        }
    }
    Ok(CheckedBody {
        bytes: bytes.freeze(),
        _memory,
    })
}

/// Returns the next bytes of a body; `None` at its end.
async fn next(body: &mut Limited<Incoming>) -> Result<Option<Bytes>, S3Error> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            let text = "the body ended early, or has more bytes than its length";
            S3Error::new(StatusCode::BAD_REQUEST, "IncompleteBody", text)
        })?;
        match frame.into_data() {
            Ok(part) if !part.is_empty() => return Ok(Some(part)),
            _ => {}
        }
    }
    Ok(None)
}

fn too_slow() -> S3Error {
    let text = "the body did not arrive in time";
    S3Error::new(StatusCode::BAD_REQUEST, "RequestTimeout", text)
}

fn another_hash() -> S3Error {
    let text = "the body does not match x-amz-content-sha256";
    S3Error::new(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", text)
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
