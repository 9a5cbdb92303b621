//! The server: checks each request, carries it out, and writes its answer and the log.

use crate::answer::{self, Body, S3Error, refusal};
use crate::body::{self, CheckedBody, Memory};
use crate::connection::{self, HEAD_BYTES_MAX};
use crate::credentials::{Access, Credentials};
use crate::error::ServerError;
use crate::objects::Objects;
use crate::request::Operation;
use crate::settings::{CONNECTIONS_MAX, HEALTH_PATH, Settings};
use crate::signature::{self, Verified};
use crate::{LOG, tls};
use bytes::Bytes;
use export::listener::{self, Rule, Visit};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::ServedFolder;
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// The timeout of a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server that ends waits for the requests in progress. Kubernetes kills a pod after 30 seconds.
const LEAVE_MAX: Duration = Duration::from_secs(25);

/// The interval between two lines of the log about closed connections.
const CLOSED_INTERVAL: Duration = Duration::from_secs(60);

/// A folder store that is ready to be served.
pub struct Server {
    service: Arc<Service>,
    acceptor: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Service {
    objects: Objects,
    credentials: Credentials,
    memory: Memory,
}

impl Server {
    /// Opens the folder and reads the certificate.
    ///
    /// # Errors
    /// Fails if the folder or the certificate cannot be used.
    pub fn open(settings: Settings) -> Result<Server, ServerError> {
        let acceptor = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let objects = Objects {
            folder: ServedFolder::open(&settings.folder)?,
            bucket: settings.bucket,
        };
        let service = Arc::new(Service {
            objects,
            credentials: settings.credentials,
            memory: Memory::new(),
        });
        Ok(Server { service, acceptor })
    }

    /// Answers requests until `leave` resolves, and then finishes the requests in progress.
    pub async fn serve(self, listener: TcpListener, leave: impl Future<Output = ()>) {
        let (leaves, left) = oneshot::channel();
        let leave = async {
            leave.await;
            tracing::info!(target: LOG, "the server ends");
            let _ = leaves.send(());
        };
        let leftovers = self.service.clone();
        tokio::spawn(async move {
            let removed = leftovers.objects.folder.remove_leftovers().await;
            if removed > 0 {
                tracing::info!(target: LOG, removed, "temporary files of killed processes were removed");
            }
        });
        let closings = Closings::default();
        let closed = || closings.record(monotonic());
        let rule = Rule::CloseIdle {
            clock: monotonic,
            closed: &closed,
        };
        let served = listener::serve_up_to(CONNECTIONS_MAX, rule, listener, leave, |stream, visit| {
            serve_connection(stream, visit, self.service.clone(), self.acceptor.clone())
        });
        let mut served = std::pin::pin!(served);
        tokio::select! {
            () = served.as_mut() => return,
            _ = left => {}
        }
        if timeout(LEAVE_MAX, served).await.is_err() {
            tracing::warn!(target: LOG, "requests in progress were cut off");
        }
    }
}

/// The time since the first call.
fn monotonic() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Counts the connections that were closed to make room, and logs them at most once per interval.
#[derive(Debug, Default)]
struct Closings(Mutex<(u64, Option<Duration>)>);

impl Closings {
    fn record(&self, now: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, logged) = &mut *state;
        *count += 1;
        if logged.is_none_or(|logged| now - logged >= CLOSED_INTERVAL) {
            tracing::warn!(
                target: LOG,
                maximum = CONNECTIONS_MAX,
                closed = *count,
                "idle connections were closed to make room for others"
            );
            (*count, *logged) = (0, Some(now));
        }
    }
}

async fn serve_connection(stream: TcpStream, visit: Visit, service: Arc<Service>, acceptor: Option<TlsAcceptor>) {
    // An answer is written at once, so waiting for more bytes only delays it.
    let _ = stream.set_nodelay(true);
    let client = stream
        .peer_addr()
        .map_or_else(|_| String::new(), |address| address.to_string());
    let client: Arc<str> = client.into();
    let answers = |request| {
        let (service, visit, client) = (service.clone(), visit.clone(), client.clone());
        async move { service.answer(request, &visit, &client).await }
    };
    match acceptor {
        None => connection::serve(stream, visit.clone(), answers).await,
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                connection::serve(stream, visit.clone(), answers).await;
            }
        }
    }
}

impl Service {
    async fn answer(&self, request: Request<Incoming>, visit: &Visit, client: &str) -> Response<Body> {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == HEALTH_PATH {
            visit.asks(false);
            return answer::with_body(StatusCode::OK, Bytes::from_static(b"ok\n"));
        }
        let id = format!("{:016x}", rand::random::<u64>());
        let mut response = match self.perform(&parts, body, visit).await {
            Ok(response) => response,
            Err(error) => {
                log_refusal(&parts, &error, client, &id);
                refusal(&error, parts.uri.path(), &id)
            }
        };
        tracing::debug!(
            target: LOG,
            method = %parts.method,
            path = parts.uri.path(),
            status = response.status().as_u16(),
            id,
            "request"
        );
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        response
    }

    /// Carries out a request, if its signature permits it.
    async fn perform(&self, parts: &Parts, body: Incoming, visit: &Visit) -> Result<Response<Body>, S3Error> {
        check_head(parts)?;
        let verified = signature::verify(parts, &self.credentials, OffsetDateTime::now_utc());
        match &verified {
            Ok(verified) => visit.asks_authorised(verified.access == Access::Full),
            Err(_) => visit.asks(false),
        }
        let Verified {
            access_key,
            access,
            payload,
        } = verified?;
        let operation = Operation::read(parts, &self.objects.bucket)?;
        if operation.writes() && access == Access::ReadOnly {
            return Err(S3Error::denied(format!("{access_key} can only read")));
        }
        let body = match &operation {
            Operation::PutObject { .. } => body::read(&parts.headers, body, payload, &self.memory).await?,
            // Clients may send the region of the bucket. It is not read.
            Operation::CreateBucket => CheckedBody::default(),
            _ => {
                body::none(&parts.headers, &body, &payload)?;
                CheckedBody::default()
            }
        };
        self.objects
            .apply(operation, &parts.method, &parts.headers, body.bytes.clone())
            .await
    }
}

/// Logs a request that was denied, or that the folder failed. Programs cause the other refusals in normal operation.
fn log_refusal(parts: &Parts, error: &S3Error, client: &str, id: &str) {
    if let Some(failure) = &error.failure {
        tracing::error!(target: LOG, method = %parts.method, code = error.code, error = failure, id, "the folder failed");
    } else if error.is_denial() {
        tracing::warn!(
            target: LOG,
            method = %parts.method,
            code = error.code,
            reason = error.text,
            client,
            id,
            "denied"
        );
    }
}

/// Refuses a head that is too large. The buffer of a connection can have up to twice this size.
fn check_head(parts: &Parts) -> Result<(), S3Error> {
    let separators = 4;
    let headers: usize = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + separators)
        .sum();
    let target = parts.uri.path().len() + parts.uri.query().map_or(0, str::len);
    match headers + target > HEAD_BYTES_MAX {
        true => {
            let text = format!("the head of a request has at most {HEAD_BYTES_MAX} bytes");
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            Err(S3Error::new(status, "RequestHeaderSectionTooLarge", text))
        }
        false => Ok(()),
    }
}
