//! The HTTP/1.1 engine: requests of a plan over pooled connections.

use crate::connection::Dialer;
use crate::engine::{Answer, Engine};
use crate::request::{Filled, Writer};
use crate::supplies::Supplies;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use plan::plan::Plan;
use plan::scenario::{Request as Planned, Success};
use std::sync::Arc;
use tally::outcome::Failure;
use tokio::time::Instant;

/// What every request says of itself, unless the scenario says something else.
const AGENT: &str = concat!("vajra-cloud/", env!("CARGO_PKG_VERSION"));

/// Sends the requests of a plan over HTTP/1.1.
#[derive(Debug)]
pub struct Http {
    plan: Arc<Plan>,
    writer: Writer,
    dialer: Dialer,
}

/// How far an exchange got.
#[derive(Default)]
struct Progress {
    sent: Option<Instant>,
    status: Option<u16>,
    body_bytes: u64,
}

impl Http {
    /// An engine for a plan.
    pub fn new(plan: Arc<Plan>, supplies: Supplies) -> Http {
        let dialer = Dialer::new(&plan.limits);
        Http {
            writer: Writer::new(plan.clone(), supplies),
            plan,
            dialer,
        }
    }

    async fn exchange(&self, k: u64, request: usize, progress: &mut Progress) -> Result<(), Failure> {
        let planned = &self.plan.requests[request];
        let filled = self.writer.fill(k, request);
        let mut method = Method::from_bytes(planned.method.as_bytes()).map_err(|_| Failure::Protocol)?;
        let mut uri: Uri = filled.url.parse().map_err(|_| Failure::Protocol)?;
        let mut body = filled.body.clone();
        for left in (0..=planned.follow_redirects).rev() {
            let message = message(&method, &uri, &filled, body.clone())?;
            let mut connection = self.dialer.connection(&uri).await?;
            let response = connection.send(message, &mut progress.sent).await?;
            let status = response.status();
            progress.status = Some(status.as_u16());
            let next = redirect(&response, &uri).filter(|_| left > 0);
            let keep = planned.success.body_contains.is_some() && next.is_none();
            let kept = self.read_body(response, keep, progress).await?;
            self.dialer.put_back(connection);
            match next {
                Some(location) => {
                    // RFC 9110, 15.4: a 303 is fetched with GET, and for 301 and 302 clients do the same to a POST.
                    let moved = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND);
                    if status == StatusCode::SEE_OTHER && method != Method::HEAD || moved && method == Method::POST {
                        (method, body) = (Method::GET, Bytes::new());
                    }
                    uri = location;
                }
                None => return judge(planned, status, &kept),
            }
        }
        Err(Failure::Status)
    }

    /// Reads a body to its end, and keeps as much of it as the success rule looks through.
    async fn read_body(
        &self,
        response: Response<Incoming>,
        keep: bool,
        progress: &mut Progress,
    ) -> Result<Vec<u8>, Failure> {
        let (mut body, mut kept, mut read) = (response.into_body(), Vec::new(), 0);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failure(&error))?;
            if let Some(data) = frame.data_ref() {
                progress.body_bytes += data.len() as u64;
                read += data.len() as u64;
                if read > self.plan.limits.body_bytes_max {
                    return Err(Failure::BodyTooLarge);
                }
                if keep {
                    let room = Success::BODY_SEARCHED.saturating_sub(kept.len());
                    kept.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
        }
        Ok(kept)
    }
}

impl Engine for Http {
    async fn prepare(&self) -> Result<(), String> {
        self.dialer.prepare(&self.plan).await
    }

    async fn send(&self, k: u64, request: usize) -> Answer {
        let began = Instant::now();
        let mut progress = Progress::default();
        let timeout = self.plan.requests[request].timeout;
        let exchange = self.exchange(k, request, &mut progress);
        let result = tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or(Err(Failure::Timeout));
        Answer {
            sent: progress.sent.unwrap_or(began),
            done: Instant::now(),
            result,
            status: progress.status,
            body_bytes: progress.body_bytes,
        }
    }
}

fn message(method: &Method, uri: &Uri, filled: &Filled, body: Bytes) -> Result<Request<Full<Bytes>>, Failure> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().ok_or(Failure::Protocol)?;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(body))
        .map_err(|_| Failure::Protocol)?;
    let headers = request.headers_mut();
    for (name, value) in &filled.headers {
        let name: HeaderName = name.parse().map_err(|_| Failure::Protocol)?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| Failure::Protocol)?);
    }
    if !headers.contains_key(HOST) {
        headers.insert(
            HOST,
            HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Protocol)?,
        );
    }
    if !headers.contains_key(USER_AGENT) {
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    }
    Ok(request)
}

/// Where a redirect leads, if the response is one that can be followed.
fn redirect(response: &Response<Incoming>, from: &Uri) -> Option<Uri> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    if location.starts_with('/') && !location.starts_with("//") {
        return format!("{}://{}{location}", from.scheme_str()?, from.authority()?)
            .parse()
            .ok();
    }
    let uri: Uri = location.parse().ok()?;
    matches!(uri.scheme_str(), Some("http" | "https")).then_some(uri)
}

fn judge(planned: &Planned, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    let status = status.as_u16();
    if !planned
        .success
        .statuses
        .iter()
        .any(|(from, to)| (*from..=*to).contains(&status))
    {
        return Err(Failure::Status);
    }
    match &planned.success.body_contains {
        Some(wanted) if !contains(body, wanted.as_bytes()) => Err(Failure::Check),
        _ => Ok(()),
    }
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}

/// What an error of the exchange says about the target.
pub(crate) fn failure(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        return Failure::Protocol;
    }
    Failure::Reset
}
