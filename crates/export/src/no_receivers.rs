//! Replaces the receivers in a build without the feature `receivers`. No receiver can be created in such a build, so
//! nothing is sent.

use super::ExportError;
use super::exposure::Exposure;
use super::receiver::{Receiver, Trouble};
use hyper::Uri;
use hyper::header::HeaderMap;

/// A receiver that cannot be created. This type has no values.
#[derive(Debug)]
pub(super) enum NoReceiver {}

/// The receiver of remote write, which cannot be created in this build.
pub(super) type RemoteWrite = NoReceiver;
/// The receiver of OTLP over HTTP, which cannot be created in this build.
pub(super) type OtlpHttp = NoReceiver;
/// The receiver of OTLP over gRPC, which cannot be created in this build.
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
