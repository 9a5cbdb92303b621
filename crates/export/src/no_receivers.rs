//! The receivers of a build without the feature `receivers`: none can be created, so nothing is sent.

use super::ExportError;
use super::exposure::Exposure;
use super::receiver::{Receiver, Trouble};
use hyper::Uri;
use hyper::header::HeaderMap;

/// A type without values.
#[derive(Debug)]
pub(super) enum NoReceiver {}

/// Remote write.
pub(super) type RemoteWrite = NoReceiver;
/// OTLP over HTTP.
pub(super) type OtlpHttp = NoReceiver;
/// OTLP over gRPC.
pub(super) type OtlpGrpc = NoReceiver;

impl NoReceiver {
    pub(super) fn new(uri: Uri, _headers: &HeaderMap) -> Result<NoReceiver, ExportError> {
        Err(ExportError::WithoutReceivers {
            url: super::endpoint::shown(&uri),
        })
    }
}

impl Receiver for NoReceiver {
    async fn send(&mut self, _exposure: &Exposure) -> Result<(), Trouble> {
        match *self {}
    }
}
