//! `operator`: runs the load tests that are resources of a Kubernetes cluster.

use crate::choices;
use crate::exit::Exit;
use crate::pods::OperatorArgs;
use crate::printer::Printer;
use ::export::listener::{self, HEAD_MAX, Visit};
use ::run::operator;
use ::run::operator::metrics::Metrics;
use ::run::operator::settings::Settings;
use ::worker::signals::Signals;
use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

pub(crate) async fn run(args: OperatorArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen().context("signals cannot be handled")?;
    if let Some(log) = args.log {
        log.start(std::io::stderr);
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let metrics = Arc::new(Metrics::default());
    let served = metrics.clone();
    let server = listener::serve(listener, std::future::pending(), move |stream, visit| {
        serve(stream, visit, served.clone())
    });
    let settings = Settings {
        context: args.context,
        namespace: args.namespace,
        image: args.image,
        store_claim: args.store_claim,
        lease: !args.no_lease,
        program: choices::program()?,
    };
    let until = async {
        let signal = signals.next().await;
        printer.note(&format!("{signal}: the operator ends, and its runs continue"));
    };
    tokio::select! {
        ended = operator::run(settings, metrics, until) => ended?,
        () = server => {}
    }
    Ok(Exit::Passed)
}

/// Serves one connection until it ends.
async fn serve(stream: TcpStream, visit: Visit, metrics: Arc<Metrics>) {
    let answers = service_fn(|request| {
        visit.asks(false);
        let answer = answer(&request, &metrics);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), answers);
    // An error of a connection affects only its client.
    let _ = connection.await;
}

fn answer(request: &Request<Incoming>, metrics: &Metrics) -> Response<Full<Bytes>> {
    let (status, text) = match request.uri().path() {
        _ if request.method() != Method::GET => (StatusCode::METHOD_NOT_ALLOWED, "use GET\n".to_owned()),
        "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
        "/readyz" if metrics.is_ready() => (StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the cluster has not answered yet\n".to_owned(),
        ),
        "/metrics" => (StatusCode::OK, metrics.text()),
        _ => (
            StatusCode::NOT_FOUND,
            "the paths are /healthz, /readyz and /metrics\n".to_owned(),
        ),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
