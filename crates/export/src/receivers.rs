//! The receivers of remote write and OTLP. Each protocol has a separate type.

use super::ExportError;
use super::exposure::Exposure;
use super::otlp::{self, ExportRequest, ExportResponse};
use super::receiver::{Receiver, Trouble};
use super::remote_write;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

/// The maximum number of bytes of an answer that are read. Receivers describe an error in a few words, so this number
/// is small.
const ANSWER_MAX: usize = 64 << 10;
/// The maximum number of characters of an answer that are shown.
const SHOWN_MAX: usize = 200;

const AGENT: &str = concat!("vajra-cloud/", env!("CARGO_PKG_VERSION"));

/// The receiver of remote write.
#[derive(Debug)]
pub(super) struct RemoteWrite {
    web: Web,
    uri: Uri,
}

impl RemoteWrite {
    pub(super) fn new(uri: Uri, headers: &HeaderMap) -> Result<RemoteWrite, ExportError> {
        let web = Web::new(headers, &remote_write::HEADERS)?;
        Ok(RemoteWrite { web, uri })
    }
}

impl Receiver for RemoteWrite {
    async fn send(&mut self, exposure: &Exposure) -> Result<(), Trouble> {
        for body in remote_write::bodies(exposure) {
            self.web.post(&self.uri, body.into()).await?;
        }
        Ok(())
    }
}

/// The receiver of OTLP over HTTP.
#[derive(Debug)]
pub(super) struct OtlpHttp {
    web: Web,
    uri: Uri,
}

impl OtlpHttp {
    pub(super) fn new(uri: Uri, headers: &HeaderMap) -> Result<OtlpHttp, ExportError> {
        let web = Web::new(headers, &[("content-type", "application/x-protobuf")])?;
        Ok(OtlpHttp { web, uri })
    }
}

impl Receiver for OtlpHttp {
    async fn send(&mut self, exposure: &Exposure) -> Result<(), Trouble> {
        for request in otlp::requests(exposure) {
            let answer = self.web.post(&self.uri, request.encode_to_vec().into()).await?;
            // Some receivers answer with an empty body or with JSON. If an answer cannot be decoded, this program
            // assumes that no point was rejected.
            taken(&ExportResponse::decode(answer).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// The receiver of OTLP over gRPC.
#[derive(Debug)]
pub(super) struct OtlpGrpc {
    client: Client<HttpsConnector<HttpConnector>, tonic::body::Body>,
    origin: Uri,
    headers: HeaderMap,
}

impl OtlpGrpc {
    pub(super) fn new(origin: Uri, headers: &HeaderMap) -> Result<OtlpGrpc, ExportError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls()?)
            .https_or_http()
            .enable_http2()
            .build();
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build(connector);
        let mut headers = headers.clone();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        Ok(OtlpGrpc {
            client,
            origin,
            headers,
        })
    }
}

impl Receiver for OtlpGrpc {
    async fn send(&mut self, exposure: &Exposure) -> Result<(), Trouble> {
        let mut grpc = Grpc::with_origin(self.client.clone(), self.origin.clone());
        for message in otlp::requests(exposure) {
            let mut request = tonic::Request::new(message);
            *request.metadata_mut() = MetadataMap::from_headers(self.headers.clone());
            let codec = ProstCodec::<ExportRequest, ExportResponse>::default();
            grpc.ready().await.map_err(|error| Trouble::passing(causes(&error)))?;
            let path = PathAndQuery::from_static(otlp::GRPC_PATH);
            let answer = grpc
                .unary(request, path, codec)
                .await
                .map_err(|status| refusal(&status))?;
            taken(answer.get_ref())?;
        }
        Ok(())
    }
}

/// Returns an error if the answer reports rejected points. An answer with a successful status may report rejected
/// points too.
fn taken(answer: &ExportResponse) -> Result<(), Trouble> {
    match &answer.partial_success {
        Some(part) if part.rejected_data_points > 0 => Err(Trouble {
            text: format!(
                "it rejected {} points: {}",
                part.rejected_data_points,
                brief(&part.error_message)
            ),
            passes: false,
            rest: None,
        }),
        _ => Ok(()),
    }
}

/// Converts a gRPC status other than OK to an error.
fn refusal(status: &Status) -> Trouble {
    // The OTLP specification lists the status codes that allow a retry. The code `Unknown` means that a connection
    // could not be opened, or that it broke.
    let passes = matches!(
        status.code(),
        Code::Cancelled
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
            | Code::Unknown
    );
    let text = match status.source() {
        Some(source) => causes(source),
        None => format!("answered {:?}: {}", status.code(), brief(status.message())),
    };
    Trouble {
        text,
        passes,
        rest: None,
    }
}

/// An HTTP/1.1 client that sends the same headers in every request.
#[derive(Debug)]
struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    headers: HeaderMap,
}

impl Web {
    /// Returns a client. The headers `own` replace the headers of the user that have the same names.
    fn new(headers: &HeaderMap, own: &[(&'static str, &'static str)]) -> Result<Web, ExportError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls()?)
            .https_or_http()
            .enable_http1()
            .build();
        let mut headers = headers.clone();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        for (name, value) in own {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Web { client, headers })
    }

    /// Sends a body with POST. Returns the body of the answer if the status of the answer is a success.
    async fn post(&self, uri: &Uri, body: Bytes) -> Result<Bytes, Trouble> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = self.headers.clone();
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| Trouble::passing(causes(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await;
        if head.status.is_success() {
            // Only the status decides whether the request succeeded. A body that is too long to read does not make the
            // request fail.
            return Ok(body.map(|body| body.to_bytes()).unwrap_or_default());
        }
        let text = body.map(|body| body.to_bytes()).unwrap_or_default();
        let rest = head
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        Err(Trouble {
            text: format!("answered {}: {}", head.status, brief(&String::from_utf8_lossy(&text))),
            passes: head.status == StatusCode::TOO_MANY_REQUESTS || head.status.is_server_error(),
            rest: rest.map(Duration::from_secs),
        })
    }
}

/// Returns a TLS configuration that trusts Mozilla's root certificates and the root certificates of this system.
fn tls() -> Result<ClientConfig, ExportError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ExportError::Tls)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Returns an error and its causes in one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    messages.dedup();
    brief(&messages.join(": "))
}

/// Returns the first line of a text that another system has sent. Control characters are removed. The line is cut off
/// after [`SHOWN_MAX`] characters.
fn brief(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no reason given");
    line.trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(SHOWN_MAX)
        .collect()
}
