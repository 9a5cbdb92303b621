//! Counts the requests to S3 that AWS bills.
//!
//! Each attempt is counted when it is sent. Retries by the library are included, because AWS bills retries too.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use std::sync::atomic::{AtomicU64, Ordering};
use tally::account::Requests;

/// The number of bytes of one entry in a listing, without the key of the entry.
const LISTED_BYTES: usize = 230;

#[derive(Debug, Default)]
pub(crate) struct Meter {
    writes: AtomicU64,
    lists: AtomicU64,
    reads: AtomicU64,
    written_bytes: AtomicU64,
    read_bytes: AtomicU64,
}

impl Meter {
    /// Returns the numbers of requests and bytes so far.
    pub(crate) fn requests(&self) -> Requests {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Requests {
            writes: count(&self.writes),
            lists: count(&self.lists),
            reads: count(&self.reads),
            written_bytes: count(&self.written_bytes),
            read_bytes: count(&self.read_bytes),
        }
    }

    /// Counts the bytes of a body that was read.
    pub(crate) fn read(&self, bytes: usize) {
        self.read_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts the bytes of one entry in a listing.
    pub(crate) fn listed(&self, key: &str) {
        self.read(key.len() + LISTED_BYTES);
    }

    /// Counts a request by its method, in the categories of the price list of S3.
    fn sent(&self, method: &str, uri: &str, bytes: u64) {
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        match method {
            "PUT" | "POST" => {
                add(&self.writes, 1);
                add(&self.written_bytes, bytes);
            }
            "GET" if uri.contains("list-type=2") => {
                add(&self.lists, 1);
            }
            "GET" | "HEAD" => {
                add(&self.reads, 1);
            }
            // AWS does not bill deletes.
            _ => {}
        }
    }
}

/// Counts the requests of a client of S3.
#[derive(Debug)]
pub(crate) struct Metered(pub(crate) std::sync::Arc<Meter>);

impl Intercept for Metered {
    fn name(&self) -> &'static str {
        "Metered"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let bytes = request.body().content_length().unwrap_or(0);
        self.0.sent(request.method(), request.uri(), bytes);
        Ok(())
    }
}
