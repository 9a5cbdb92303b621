//! The endpoint `GET /metrics`, which returns the metrics of a run while the launcher follows the run.
//!
//! The scraper decides when it connects, and the endpoint closes after the run. So after the run, the endpoint waits
//! until a scraper has fetched the final counts. The endpoint waits at most [`LAST_MAX`] after the previous scrape. If
//! the interval between scrapes is known, the endpoint waits for a shorter time. The endpoint answers with the newest
//! exposure, so publishing an exposure never waits for a scraper.

use super::ExportError;
use super::metrics::families;
use super::prometheus::{CONTENT_TYPE, render};
use super::sender::{Closing, Slot};
use crate::listener::{self, HEAD_MAX, Visit};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE as CONTENT_TYPE_HEADER, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The maximum wait for the last scrape. The value is a little longer than Prometheus's default interval of one minute.
const LAST_MAX: Duration = Duration::from_secs(65);
/// How late a scrape may be, in addition to twice the longest time between two scrapes.
const GRACE: Duration = Duration::from_secs(2);

/// The scrapes that the endpoint has answered so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Served {
    scrapes: u64,
    /// The number of the newest exposure that a scraper has received completely.
    newest: u64,
    /// The time of the exposure in the last scrape, in nanoseconds since the Unix epoch.
    at: u64,
    /// The longest time between two scrapes, in nanoseconds. This time is computed from the times of the exposures in
    /// the scrapes.
    gap: u64,
}

/// The endpoint that scrapers connect to.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
    served: Arc<watch::Sender<Served>>,
    slot: watch::Receiver<Slot>,
    /// The time of the first exposure, in nanoseconds since the Unix epoch.
    first: Arc<AtomicU64>,
}

impl Scrape {
    /// Starts to listen. This function must be called on the tokio runtime.
    ///
    /// # Errors
    /// Fails if the process cannot listen on the address.
    pub(super) fn start(address: SocketAddr, slot: watch::Receiver<Slot>) -> Result<Scrape, ExportError> {
        let refused = |source| ExportError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let listener = TcpListener::from_std(listener).map_err(refused)?;
        let served = Arc::new(watch::Sender::new(Served::default()));
        let (newest, scraped) = (slot.clone(), served.clone());
        let connection = move |stream, visit| {
            let (newest, scraped) = (newest.clone(), scraped.clone());
            async move { serve(stream, &visit, newest, &scraped).await }
        };
        let task = tokio::spawn(listener::serve(listener, std::future::pending(), connection));
        Ok(Scrape {
            address,
            task,
            served,
            slot,
            first: Arc::default(),
        })
    }

    /// Records the time of the first exposure that is published. Later calls have no effect.
    pub(super) fn note(&self, at: u64) {
        let _ = self.first.compare_exchange(0, at, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Returns how long the endpoint waits for the last scrape. Returns zero if the last scrape has happened, or if no
    /// scrape is expected.
    pub(super) fn patience(&self) -> Duration {
        let slot = self.slot.borrow();
        let now = slot.newest.as_ref().map_or(0, |exposure| exposure.at);
        patience(
            *self.served.borrow(),
            slot.published,
            self.first.load(Ordering::Relaxed),
            now,
        )
    }

    /// Waits for the last scrape.
    pub(super) async fn done(&mut self) {
        let published = self.slot.borrow().published;
        let mut served = self.served.subscribe();
        let last = served.wait_for(|served| served.newest >= published);
        // If the timeout passes, the closing line reports that the final counts were not fetched.
        let _ = timeout(self.patience(), last).await;
    }

    /// Closes the endpoint. Returns how the export ended.
    pub(super) fn close(self, published: u64) -> Closing {
        self.task.abort();
        let served = *self.served.borrow();
        let whole = served.newest >= published;
        let times = match served.scrapes {
            0 => "never scraped".to_owned(),
            1 => "scraped once".to_owned(),
            2 => "scraped twice".to_owned(),
            several => format!("scraped {several} times"),
        };
        let line = format!(
            "prometheus endpoint http://{}/metrics: {times}{}",
            self.address,
            if whole {
                ""
            } else {
                "; the final counts were not fetched"
            }
        );
        Closing { line, whole }
    }
}

fn patience(served: Served, published: u64, first: u64, now: u64) -> Duration {
    if published == 0 || served.newest >= published {
        return Duration::ZERO;
    }
    let (since, most) = match served.scrapes {
        // No scraper has connected so far. A scraper with an interval of up to `LAST_MAX` may connect later.
        0 => (first, LAST_MAX),
        1 => (served.at, LAST_MAX),
        _ => (served.at, (Duration::from_nanos(served.gap) * 2 + GRACE).min(LAST_MAX)),
    };
    most.saturating_sub(Duration::from_nanos(now.saturating_sub(since)))
}

/// Answers the requests of one connection until the connection ends.
async fn serve(stream: TcpStream, visit: &Visit, slot: watch::Receiver<Slot>, served: &watch::Sender<Served>) {
    let newest = AtomicU64::new(0);
    let answers = service_fn(|request| {
        visit.asks(false);
        let answer = answer(&request, &slot, served, &newest);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), answers);
    // A connection is closed after it has sent the final counts. So the scraper has received these counts at this
    // point.
    if connection.await.is_ok() {
        let newest = newest.load(Ordering::Relaxed);
        served.send_modify(|served| served.newest = served.newest.max(newest));
    }
}

fn answer(
    request: &Request<Incoming>,
    slot: &watch::Receiver<Slot>,
    served: &watch::Sender<Served>,
    newest: &AtomicU64,
) -> Response<Full<Bytes>> {
    let text = |status, text: &'static str| {
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = status;
        response
    };
    if request.uri().path() != "/metrics" {
        return text(StatusCode::NOT_FOUND, "the metrics are at /metrics\n");
    }
    if request.method() != Method::GET {
        return text(StatusCode::METHOD_NOT_ALLOWED, "use GET to fetch metrics\n");
    }
    let (published, exposure) = {
        let slot = slot.borrow();
        (slot.published, slot.newest.clone())
    };
    let body = exposure
        .as_ref()
        .map_or_else(String::new, |exposure| render(&families(exposure)));
    let mut response = Response::new(Full::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE_HEADER, HeaderValue::from_static(CONTENT_TYPE));
    if let Some(exposure) = exposure {
        newest.store(published, Ordering::Relaxed);
        if exposure.ended {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        served.send_modify(|served| {
            let gap = exposure.at.saturating_sub(served.at);
            served.gap = if served.scrapes == 0 { 0 } else { served.gap.max(gap) };
            served.scrapes += 1;
            served.at = exposure.at;
        });
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::Exposure;
    use crate::tests::exposure;
    use std::io::{Read, Write};

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn the_wait_for_the_last_scrape_follows_the_interval_of_the_scraper() {
        let seconds = |served, published, now| patience(served, published, SECOND, now * SECOND).as_secs();
        let no_scrape = Served::default();
        assert_eq!(seconds(no_scrape, 0, 0), 0, "nothing was published");
        assert_eq!(
            seconds(no_scrape, 9, 31),
            35,
            "a scraper with a longer interval may still connect"
        );
        assert_eq!(seconds(no_scrape, 9, 100), 0, "no scraper is expected");
        let once = Served {
            scrapes: 1,
            newest: 1,
            at: 41 * SECOND,
            gap: 0,
        };
        assert_eq!(seconds(once, 9, 61), 45);
        let often = Served {
            scrapes: 3,
            newest: 3,
            at: 60 * SECOND,
            gap: 15 * SECOND,
        };
        assert_eq!(seconds(often, 9, 61), 31);
        assert_eq!(
            seconds(Served { newest: 9, ..often }, 9, 61),
            0,
            "the last exposure was fetched"
        );
    }

    fn fetch(address: SocketAddr, request: &str) -> String {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_endpoint_serves_the_newest_exposure_and_ends_once_the_last_was_fetched() {
        let slot = watch::Sender::new(Slot::default());
        let mut scrape = Scrape::start("127.0.0.1:0".parse().unwrap(), slot.subscribe()).unwrap();
        let address = scrape.address;
        let get = move |request: &'static str| tokio::task::spawn_blocking(move || fetch(address, request));
        assert!(get("GET /metrics").await.unwrap().starts_with("HTTP/1.1 200"));
        assert!(get("GET /").await.unwrap().contains("404 Not Found"));
        assert!(get("POST /metrics").await.unwrap().contains("405 Method Not Allowed"));
        assert!(matches!(
            Scrape::start(address, slot.subscribe()),
            Err(ExportError::Listen { .. })
        ));
        for (number, ended) in [(1, false), (2, true)] {
            scrape.note(number * SECOND);
            slot.send_modify(|slot| {
                slot.published = number;
                slot.newest = Some(Arc::new(Exposure {
                    at: number * SECOND,
                    ended,
                    ..exposure()
                }));
            });
            assert!(scrape.patience() > Duration::ZERO);
            let text = get("GET /metrics").await.unwrap();
            assert!(text.contains(&format!(
                "vajra_run_ended{{run=\"shop-1\",scenario=\"shop\"}} {}\n",
                u8::from(ended)
            )));
            assert!(text.to_lowercase().contains("content-type: text/plain; version=0.0.4"));
        }
        scrape.done().await;
        let closing = scrape.close(2);
        assert!(closing.whole, "{closing:?}");
        assert!(closing.line.ends_with("/metrics: scraped twice"), "{closing:?}");
    }
}
