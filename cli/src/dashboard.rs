//! The dashboard: a page that shows a run. The page is served while a command follows the run.
//!
//! The path of every resource begins with a random token. So a client that does not have the address cannot get the
//! page or its data, and cannot stop the run. A page of another origin cannot stop the run even with the correct path,
//! because such a page cannot send the header that a stop requires.

use crate::args::DashboardArgs;
use crate::printer::{Printer, Stated};
use crate::reachable::{outward, reachable};
use ::export::listener::{self, HEAD_MAX, Visit};
use ::fleet::gather::RunRecord;
use ::fleet::stop::stop;
use ::report::page;
use ::report::rendering::Rendering;
use ::report::view::View;
use ::run::watching::Watcher;
use ::run::{list, live_view, stored};
use ::worker::clock::Clock;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::{Stream, StreamExt, stream};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rand::Rng;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::RunStore;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// The header with the token. Only the script of the page can send this header.
const TOKEN: HeaderName = HeaderName::from_static("x-vajra-token");
/// The number of random bits of a token.
const TOKEN_BITS: usize = 128;
/// The minimum time between two views that the server sends to clients.
const VIEW_INTERVAL: Duration = Duration::from_secs(1);
/// The minimum time between two views, as a multiple of the time for making a view. Because of this limit, making the
/// views of a large run does not delay reading the run.
const VIEW_REST: u32 = 10;
/// The maximum time that clients have to receive the last view of the run.
const FAREWELL: Duration = Duration::from_secs(2);

/// A dashboard that is being served.
#[derive(Debug)]
pub(crate) struct Dashboard {
    /// Whether the dashboard is still served after the end of the run, until a signal arrives.
    keep: bool,
    views: watch::Sender<Arc<str>>,
    watcher: Watcher,
    /// The earliest time at which the next view may be sent.
    next: Instant,
    leave: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

/// The listener of a dashboard, which is opened before the run starts.
#[derive(Debug)]
pub(crate) struct DashboardListener {
    listener: TcpListener,
    keep: bool,
}

impl DashboardArgs {
    /// Opens a listener on the address of `--dashboard`. Returns `None` if the option is not given.
    pub(crate) async fn bind(&self) -> Result<Option<DashboardListener>, Stated> {
        let Some(address) = self.dashboard else { return Ok(None) };
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let hint = "use another port, or `--dashboard` without an address for a free one";
            Stated::usage(format!("--dashboard {address} cannot be served: {error}"), hint)
        })?;
        Ok(Some(DashboardListener {
            listener,
            keep: self.keep_dashboard,
        }))
    }
}

struct Served {
    token: Arc<str>,
    store: RunStore,
    run: Arc<str>,
    title: Arc<str>,
    clock: Clock,
    views: watch::Receiver<Arc<str>>,
}

impl DashboardListener {
    /// Serves the dashboard of a run, and prints its address.
    pub(crate) fn serve(self, store: &RunStore, record: &RunRecord, clock: &Clock, printer: &Printer) -> Dashboard {
        let token: Arc<str> = token().into();
        let watcher = Watcher::new(record);
        let first = live_view::view(record, &watcher, clock.now()).json();
        let (views, receiver) = watch::channel(Arc::from(first));
        let served = Served {
            token: token.clone(),
            store: store.clone(),
            run: record.plan.run.as_str().into(),
            title: format!("{} · {}", record.plan.scenario, record.plan.run).into(),
            clock: *clock,
            views: receiver,
        };
        match self.listener.local_addr() {
            Ok(address) => {
                printer.say(&format!("dashboard http://{}/{token}/", reachable(address, outward)));
                if let Some(caution) = caution(address) {
                    printer.say(&format!("caution: {caution}"));
                }
            }
            Err(error) => printer.say(&format!("cannot find the address of the dashboard: {error}")),
        }
        let (leave, left) = oneshot::channel::<()>();
        let router = router(Arc::new(served));
        let left = async { drop(left.await) };
        let server = listener::serve(self.listener, left, move |stream, visit| {
            connection(stream, visit, router.clone(), token.clone())
        });
        Dashboard {
            keep: self.keep,
            views,
            watcher,
            next: Instant::now(),
            leave,
            server: tokio::spawn(server),
        }
    }
}

/// Serves one connection until it ends. A connection may be closed to make room for a newer connection, unless the path
/// of one of its requests contained the token.
async fn connection(stream: TcpStream, visit: Visit, router: Router, token: Arc<str>) {
    let router = TowerToHyperService::new(router);
    let answers = service_fn(|request: Request<Incoming>| {
        let path = request.uri().path().strip_prefix('/');
        visit.asks(path.is_some_and(|path| path.starts_with(&*token)));
        router.call(request)
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .serve_connection(TokioIo::new(stream), answers)
    );
    // An error of a connection affects only its client, so the run continues.
    let _ = tokio::select! {
        ended = connection.as_mut() => ended,
        () = visit.leaving() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}

/// Returns a caution if other machines can reach the page; otherwise `None`.
fn caution(address: SocketAddr) -> Option<String> {
    (!address.ip().to_canonical().is_loopback()).then(|| {
        "anyone who can reach this machine and has the path can stop the run; \
         use `--dashboard` without an address to serve on 127.0.0.1"
            .to_owned()
    })
}

fn token() -> String {
    let mut bytes = [0u8; TOKEN_BITS / 8];
    rand::rng().fill(&mut bytes);
    hex::encode(bytes)
}

impl Dashboard {
    /// Sends a view of the run to the clients. Sends nothing if there are no clients, or if it is too early for the
    /// next view.
    pub(crate) fn publish(&mut self, record: &RunRecord, now: u64) {
        let began = Instant::now();
        // The server itself has one receiver, and each client has one receiver.
        if began < self.next || self.views.receiver_count() < 2 {
            return;
        }
        self.views
            .send_replace(live_view::view(record, &self.watcher, now).json().into());
        self.next = Instant::now() + VIEW_INTERVAL.max(began.elapsed() * VIEW_REST);
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.keep
    }

    /// Sends the last view of the run to the clients.
    pub(crate) fn show(&self, last: &View) {
        self.views.send_replace(last.json().into());
    }

    /// Waits until the clients have received the last view, and then ends the server.
    pub(crate) async fn leave(self) {
        drop(self.views);
        let _ = self.leave.send(());
        let _ = tokio::time::timeout(FAREWELL, self.server).await;
    }
}

fn router(served: Arc<Served>) -> Router {
    let below = |path: &str| format!("/{}{path}", served.token);
    let page = below("/");
    Router::new()
        // The page requests all resources by relative paths, so the address of the page must end with a slash.
        .route(&below(""), get(async move || Redirect::permanent(&page)))
        .route(&below("/"), get(index))
        .route(&below("/events"), get(events))
        .route(&below("/stop"), post(press_stop))
        .route(&below("/past"), get(past))
        .route(&below("/past/{run}"), get(past_run))
        .fallback(async || {
            let words = "open the address that vajra-cloud printed\n";
            (StatusCode::NOT_FOUND, words)
        })
        .layer(axum::middleware::map_response(guard))
        .with_state(served)
}

/// Adds the headers that every response has. These headers forbid caching, sniffing of types, referrers, and embedding
/// in a frame.
async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("frame-ancestors 'none'"),
    );
    response
}

async fn index(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::dashboard(&served.title, &served.token))
}

async fn events(State(served): State<Arc<Served>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut views = served.views.clone();
    // A new client receives the current view immediately.
    views.mark_changed();
    let models = stream::unfold(views, |mut views| async move {
        views.changed().await.ok()?;
        let view = views.borrow_and_update().clone();
        Some((Event::default().event("model").data(&*view), views))
    });
    let gone = stream::once(async { Event::default().event("gone").data("the run is over") });
    Sse::new(models.chain(gone).map(Ok)).keep_alive(KeepAlive::default())
}

/// Returns whether the page itself sent a request.
fn is_own(served: &Served, headers: &HeaderMap) -> bool {
    let own = headers
        .get(TOKEN)
        .is_some_and(|token| token.as_bytes() == served.token.as_bytes());
    let from_here = match (headers.get(header::ORIGIN), headers.get(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.as_bytes().strip_prefix(b"http://") == Some(host.as_bytes()),
        (Some(_), None) => false,
    };
    own && from_here
}

const NOT_OWN: (StatusCode, &str) = (
    StatusCode::FORBIDDEN,
    "only the dashboard's own page may ask for this\n",
);

async fn press_stop(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    if !is_own(&served, &headers) {
        return NOT_OWN.into_response();
    }
    match stop(&served.store, &served.run, "stopped from the dashboard", &served.clock).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (
            StatusCode::BAD_GATEWAY,
            format!("the stop could not be written: {error}\n"),
        )
            .into_response(),
    }
}

async fn past(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    if !is_own(&served, &headers) {
        return NOT_OWN.into_response();
    }
    match list::rows(&served.store).await {
        Ok(rows) => axum::Json(rows).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("runs cannot be listed: {error:#}\n")).into_response(),
    }
}

async fn past_run(State(served): State<Arc<Served>>, Path(run): Path<String>) -> Response {
    match past_page(&served.store, &run).await {
        Ok(page) => Html(page).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, format!("{error:#}\n")).into_response(),
    }
}

async fn past_page(store: &RunStore, run: &str) -> anyhow::Result<String> {
    let mut gatherer = stored::open(store, run).await?;
    gatherer.keep_intervals();
    let report = stored::report(store, &mut gatherer).await?;
    Ok(Rendering::Html.render(&report, &gatherer.record.plan))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, outward: Option<&str>, shown: &str, cautioned: bool) {
        let address: SocketAddr = address.parse().unwrap();
        let own = |_| outward.map(|own| own.parse().unwrap());
        assert_eq!(reachable(address, own).to_string(), shown);
        assert_eq!(caution(address).is_some(), cautioned, "{address}");
    }

    #[test]
    fn a_page_on_all_addresses_prints_a_reachable_address_and_a_caution() {
        check("0.0.0.0:8000", Some("10.1.2.3"), "10.1.2.3:8000", true);
        check("[::]:8000", Some("2001:db8::7"), "[2001:db8::7]:8000", true);
        check("0.0.0.0:8000", None, "127.0.0.1:8000", true);
        check("[::]:8000", None, "[::1]:8000", true);
        check("10.1.2.3:8000", None, "10.1.2.3:8000", true);
        check("127.0.0.1:8000", Some("10.1.2.3"), "127.0.0.1:8000", false);
        check("[::1]:8000", None, "[::1]:8000", false);
        check("[::ffff:127.0.0.1]:8000", None, "[::ffff:127.0.0.1]:8000", false);
    }
}
