//! Signs requests with AWS Signature Version 4.
//!
//! A request is signed when it is written, with the worker's own time. So each attempt at a retried request has a
//! separate signature. A wrong clock of the launcher does not make any signature invalid.

mod keys;
#[cfg(feature = "aws")]
mod v4;
#[cfg(not(feature = "aws"))]
mod without_v4;

pub(crate) use keys::{KeyCopy, Keys, OwnKeys};
#[cfg(feature = "aws")]
pub(crate) use v4::headers;
#[cfg(not(feature = "aws"))]
pub(crate) use without_v4::headers;

/// The parts of a request that are covered by its signature, as they are sent.
#[derive(Debug)]
pub(crate) struct Unsigned<'a> {
    pub method: &'a str,
    /// The scheme, host, path and query.
    pub url: &'a str,
    /// The value of the `host` header, if `headers` contains no `host` header.
    pub host: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

#[cfg(test)]
#[cfg(feature = "aws")]
mod tests;
