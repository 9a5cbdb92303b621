//! The HTTP server on which all stand-ins are based. Each server has its own port and its own threads.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The number of file descriptors that the process of the tests may open. The limit is high enough for a thousand
/// workers and for other tests that run at the same time.
const DESCRIPTORS: u64 = 4_096;

/// The body of an answer. If the body returns an error, the connection is closed in the middle of the answer.
pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// An answer, or an error with which the server closes the connection without an answer.
pub(crate) type Answer = Result<Response<Body>, HungUp>;

/// The error with which a stand-in closes the connection without an answer.
#[derive(Debug)]
pub(crate) struct HungUp;

impl std::fmt::Display for HungUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up on purpose")
    }
}

impl std::error::Error for HungUp {}

pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// Returns a runtime with two threads, so that a busy task does not block all other tasks.
pub(crate) fn runtime() -> Runtime {
    // Each running invocation has a connection to the stand-in, so the process needs many descriptors.
    worker::descriptors::raise(DESCRIPTORS).unwrap();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Ends the tasks of a stand-in, and the processes that these tasks have started.
pub(crate) fn end(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_secs(5));
}

/// Answers the requests of all connections until the runtime ends or this task is aborted.
pub(crate) async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let answer = Arc::new(answer);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // The process probably has no free descriptor. Some descriptors of the process will be closed soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let answer = answer.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request));
            // An error means that the client has closed the connection, or that the stand-in closes the connection on
            // purpose.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Reads the whole body of a request.
pub(crate) async fn body(request: Incoming) -> Result<Bytes, HungUp> {
    Ok(request.collect().await.map_err(|_| HungUp)?.to_bytes())
}
