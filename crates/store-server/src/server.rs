//! The server: checks each request, carries it out, and writes its answer and the log.

use crate::answer::{self, Body, S3Error, refusal};
use crate::body::{self, Memory};
use crate::connection;
use crate::credentials::{Access, Credentials};
use crate::error::ServerError;
use crate::objects::Objects;
use crate::request::Operation;
use crate::settings::{CONNECTIONS_MAX, HEALTH_PATH, Settings};
use crate::signature::{self, Verified};
use crate::{LOG, tls};
use bytes::Bytes;
use export::listener::{self, Visit};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;
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
        let served = listener::serve_up_to(CONNECTIONS_MAX, listener, leave, |stream, visit| {
            serve_connection(stream, visit, self.service.clone(), self.acceptor.clone())
        });
        let limit = async {
            let _ = left.await;
            timeout(LEAVE_MAX, std::future::pending::<()>()).await
        };
        tokio::select! {
            () = served => {}
            _ = limit => tracing::warn!(target: LOG, "requests in progress were cut off"),
        }
    }
}

async fn serve_connection(stream: TcpStream, visit: Visit, service: Arc<Service>, acceptor: Option<TlsAcceptor>) {
    // An answer is written at once, so waiting for more bytes only delays it.
    let _ = stream.set_nodelay(true);
    let answers = |request| {
        let (service, visit) = (service.clone(), visit.clone());
        async move { service.answer(request, &visit).await }
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
    async fn answer(&self, request: Request<Incoming>, visit: &Visit) -> Response<Body> {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == HEALTH_PATH {
            visit.asks(false);
            return answer::with_body(StatusCode::OK, Bytes::from_static(b"ok\n"));
        }
        let id = format!("{:016x}", rand::random::<u64>());
        let mut response = match self.perform(&parts, body, visit).await {
            Ok(response) => response,
            Err(error) => {
                log_refusal(&parts, &error, &id);
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
        let verified = signature::verify(parts, &self.credentials, OffsetDateTime::now_utc());
        visit.asks(verified.is_ok());
        let Verified {
            access_key,
            access,
            payload,
        } = verified?;
        let operation = Operation::read(parts, &self.objects.bucket)?;
        if operation.writes() && access == Access::ReadOnly {
            return Err(S3Error::denied(format!("{access_key} can only read")));
        }
        let body = body::read(&parts.headers, body, payload, &self.memory).await?;
        self.objects
            .apply(operation, &parts.method, &parts.headers, body.bytes.clone())
            .await
    }
}

/// Logs a request that was denied. Programs cause the other refusals in normal operation.
fn log_refusal(parts: &Parts, error: &S3Error, id: &str) {
    if error.status == StatusCode::FORBIDDEN {
        tracing::warn!(target: LOG, method = %parts.method, code = error.code, reason = error.text, id, "denied");
    }
}
