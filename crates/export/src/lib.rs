//! Sends the metrics of a run to Prometheus and OpenTelemetry while the run is in progress.
//!
//! About once per second, an [`Exposure`] is published and converted to metrics. The [`Exporters`] send the newest
//! exposure to each receiver. Invariant: an export never slows a run, and never changes the verdict of a run. At the
//! end, each export reports whether the final counts arrived.

pub mod buckets;
pub mod endpoint;
pub mod exposure;
pub mod listener;
pub mod metrics;
#[cfg(not(feature = "receivers"))]
mod no_receivers;
#[cfg(feature = "receivers")]
pub mod otlp;
pub mod prometheus;
mod receiver;
#[cfg(feature = "receivers")]
mod receivers;
#[cfg(feature = "receivers")]
pub mod remote_write;
mod samples;
mod scrape;
mod sender;
#[cfg(all(test, feature = "receivers"))]
mod tests;

use endpoint::Otlp;
use exposure::Exposure;
use hyper::Uri;
use hyper::header::HeaderMap;
#[cfg(not(feature = "receivers"))]
use no_receivers::{OtlpGrpc, OtlpHttp, RemoteWrite};
#[cfg(feature = "receivers")]
use receivers::{OtlpGrpc, OtlpHttp, RemoteWrite};
use scrape::Scrape;
pub use sender::Closing;
use sender::{Sender, Slot};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// The maximum time for sending the final counts to all receivers. A maximum is required because the run is over, and
/// the caller waits for the exit code.
const FINISH_MAX: Duration = Duration::from_secs(10);

/// Why an export cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{url}: {problem}")]
    Url { url: String, problem: String, hint: String },
    #[error("{address} cannot be listened on")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("this program was built without support for sending metrics to {url}")]
    WithoutReceivers { url: String },
    #[error("TLS is not available")]
    Tls(#[source] rustls::Error),
}

impl ExportError {
    /// Returns how the user can correct the error.
    pub fn hint(&self) -> String {
        match self {
            ExportError::Url { hint, .. } => hint.clone(),
            ExportError::Listen { .. } => "name an address of this machine and a port that is free".to_owned(),
            ExportError::WithoutReceivers { .. } => tally::full_build::HINT.to_owned(),
            ExportError::Tls(_) => "use a receiver without TLS, such as http:// on loopback".to_owned(),
        }
    }
}

/// The receivers of the exports, and the headers of the requests to them.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// The URL of a receiver of Prometheus's remote write. `None` if the run has no such receiver.
    pub remote_write: Option<Uri>,
    /// The address of the endpoint that Prometheus can scrape. `None` if the run has no such endpoint.
    pub scrape: Option<SocketAddr>,
    /// The receiver of OTLP. `None` if the run has no such receiver.
    pub otlp: Option<Otlp>,
    /// The headers of every request to a receiver. Secret values are marked as sensitive.
    pub headers: HeaderMap,
    /// The additional headers of OTLP requests.
    pub otlp_headers: HeaderMap,
}

/// The running exports of a run.
#[derive(Debug)]
pub struct Exporters {
    slot: watch::Sender<Slot>,
    senders: Vec<Sender>,
    scrape: Option<Scrape>,
}

impl Exporters {
    /// Starts the exports. The exports send nothing until the first exposure is published. This function must be called
    /// on the tokio runtime.
    ///
    /// # Errors
    /// Fails if the address of the endpoint is in use, or if TLS is not available.
    pub fn start(options: ExportOptions) -> Result<Exporters, ExportError> {
        let slot = watch::Sender::new(Slot::default());
        let mut senders = Vec::new();
        if let Some(uri) = options.remote_write {
            let name = format!("prometheus {}", endpoint::shown(&uri));
            let receiver = RemoteWrite::new(uri, &options.headers)?;
            senders.push(Sender::start(name, receiver, slot.subscribe()));
        }
        let mut headers = options.headers;
        headers.extend(options.otlp_headers);
        match options.otlp {
            Some(Otlp::Http(uri)) => {
                let name = format!("otlp {}", endpoint::shown(&uri));
                let receiver = OtlpHttp::new(uri, &headers)?;
                senders.push(Sender::start(name, receiver, slot.subscribe()));
            }
            Some(Otlp::Grpc(origin)) => {
                let name = format!(
                    "otlp by gRPC to {}",
                    origin.authority().map_or("", |host| host.as_str())
                );
                let receiver = OtlpGrpc::new(origin, &headers)?;
                senders.push(Sender::start(name, receiver, slot.subscribe()));
            }
            None => {}
        }
        let scrape = options
            .scrape
            .map(|address| Scrape::start(address, slot.subscribe()))
            .transpose()?;
        Ok(Exporters { slot, senders, scrape })
    }

    /// Returns whether the run has no exports. In this case, no exposure has to be published.
    pub fn is_empty(&self) -> bool {
        self.senders.is_empty() && self.scrape.is_none()
    }

    /// Returns the address of the endpoint for scrapes. Returns `None` if no endpoint is open.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.scrape.as_ref().map(|scrape| scrape.address)
    }

    /// Publishes an exposure to all exports. This function never waits.
    pub fn publish(&self, exposure: Exposure) {
        if let Some(scrape) = &self.scrape {
            scrape.note(exposure.at);
        }
        self.slot.send_modify(|slot| {
            slot.published += 1;
            slot.newest = Some(Arc::new(exposure));
        });
    }

    /// Returns a message that [`Exporters::finish`] will wait for the last scrape. Returns `None` if it will not wait.
    pub fn waiting(&self) -> Option<String> {
        let patience = self.scrape.as_ref().map(Scrape::patience)?;
        let scrape = self.scrape.as_ref().filter(|_| patience > Duration::ZERO)?;
        Some(format!(
            "waiting up to {} s for the last scrape of http://{}/metrics",
            patience.as_secs_f64().ceil(),
            scrape.address
        ))
    }

    /// Waits until the last exposure has arrived, at most for a limited time. Returns how each export ended.
    pub async fn finish(mut self) -> Vec<Closing> {
        self.slot.send_modify(|slot| slot.closing = true);
        let senders = async {
            for sender in &mut self.senders {
                sender.done().await;
            }
        };
        let scrape = async {
            if let Some(scrape) = &mut self.scrape {
                scrape.done().await;
            }
        };
        // An export that has not finished after `FINISH_MAX` is closed, and reports that the final counts are missing.
        let _ = tokio::join!(timeout(FINISH_MAX, senders), scrape);
        let published = self.slot.borrow().published;
        let closings = self.senders.into_iter().map(|sender| sender.close(published));
        let scrape = self.scrape.map(|scrape| scrape.close(published));
        closings.chain(scrape).collect()
    }
}
