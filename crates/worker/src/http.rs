//! The HTTP/1.1 engine: requests of a plan over pooled connections.
//!
//! An arrival is one exchange: a request and its answer, or a chain of them if redirects are
//! followed. Then `sent` is the first byte of the first request, status and success rule are those
//! of the last answer, and `body_bytes` are those of all of them.
//!
//! Nothing that the target may have seen is ever sent again: a request moves to another connection
//! only if none of it was written to the first one.

use crate::connection::{Connection, Dialer};
use crate::engine::{Answer, Engine};
use crate::request::{Filled, Writer};
use crate::supplies::Supplies;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, HOST,
    HeaderMap, HeaderName, HeaderValue, LOCATION, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use plan::plan::Plan;
use plan::scenario::{Request as Planned, Success};
use std::error::Error;
use std::io;
use std::sync::Arc;
use tally::outcome::Failure;
use tokio::time::Instant;

/// What every request says of itself, unless the scenario says something else.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("vajra-cloud/", env!("CARGO_PKG_VERSION")));

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
        let mut hop = Hop::first(&planned.method, self.writer.fill(k, request))?;
        let mut left = planned.follow_redirects;
        loop {
            progress.status = None;
            let (connection, response) = self.ask(&hop, progress).await?;
            let status = response.status();
            progress.status = Some(status.as_u16());
            let location = match planned.follow_redirects {
                0 => None,
                _ => location(&response),
            };
            let keep = planned.success.body_contains.is_some() && location.is_none();
            let body = self.read_body(response, keep, progress).await?;
            self.dialer.put_back(connection);
            let Some(location) = location else {
                return judge(planned, status, &body);
            };
            // The scenario wants what is behind the redirect: one that cannot be followed has
            // failed, even where the success rule would take its status.
            left = left.checked_sub(1).ok_or(Failure::Status)?;
            hop.turn(status, &location).ok_or(Failure::Status)?;
        }
    }

    /// Sends one request and waits for the head of its answer.
    async fn ask(&self, hop: &Hop, progress: &mut Progress) -> Result<(Connection, Response<Incoming>), Failure> {
        loop {
            let mut connection = self.dialer.connection(&hop.uri).await?;
            match connection.send(hop.message()?, &mut progress.sent).await {
                Ok(response) => return Ok((connection, response)),
                Err(_) if connection.was_stale() => {}
                Err(failure) => return Err(failure),
            }
        }
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
        self.dialer.prepare(&self.writer.fixed_urls()).await
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

/// One request of an exchange: the planned one, or one that a redirect asks for.
struct Hop {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Hop {
    fn first(method: &str, filled: Filled) -> Result<Hop, Failure> {
        let mut headers = HeaderMap::with_capacity(filled.headers.len() + 2);
        for (name, value) in &filled.headers {
            let name: HeaderName = name.parse().map_err(|_| Failure::Protocol)?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Failure::Protocol)?;
            headers.append(name, value);
        }
        headers.entry(USER_AGENT).or_insert(AGENT);
        Ok(Hop {
            method: Method::from_bytes(method.as_bytes()).map_err(|_| Failure::Protocol)?,
            uri: filled.url.parse().map_err(|_| Failure::Protocol)?,
            headers,
            body: filled.body,
        })
    }

    fn message(&self) -> Result<Request<Full<Bytes>>, Failure> {
        // Written out, a path has the slash that `http://host?x` lacks.
        let path = self
            .uri
            .path_and_query()
            .map_or("/".to_owned(), |path| path.to_string());
        let mut request = Request::builder()
            .method(&self.method)
            .uri(path)
            .body(Full::new(self.body.clone()))
            .map_err(|_| Failure::Protocol)?;
        let headers = request.headers_mut();
        if !self.headers.contains_key(HOST) {
            headers.insert(HOST, host(&self.uri).ok_or(Failure::Protocol)?);
        }
        headers.extend(self.headers.clone());
        // RFC 9110, 8.6: a method that means something by its content says so when there is none.
        if self.body.is_empty() && matches!(self.method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
        }
        Ok(request)
    }

    /// Goes where a redirect leads; `None` if that is no place for this engine.
    fn turn(&mut self, status: StatusCode, location: &str) -> Option<()> {
        let from = url::Url::parse(&self.uri.to_string()).ok()?;
        let mut to = from.join(location).ok()?;
        if !matches!(to.scheme(), "http" | "https") {
            return None;
        }
        to.set_fragment(None);
        self.uri = to.as_str().parse().ok()?;
        // RFC 9110, 15.4: a 303 is fetched with GET, and for 301 and 302 clients do the same to a POST.
        let moved = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND);
        if status == StatusCode::SEE_OTHER && self.method != Method::HEAD || moved && self.method == Method::POST {
            (self.method, self.body) = (Method::GET, Bytes::new());
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION] {
                self.headers.remove(name);
            }
        }
        // What was meant for one host is nobody else's business.
        if from.origin() != to.origin() {
            for name in [HOST, AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
                self.headers.remove(name);
            }
        }
        Some(())
    }
}

/// What a URL's host is called in a request: with its port, unless that is the scheme's own.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let host = uri.host()?;
    let own = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    match uri.port_u16() {
        Some(port) if port != own => HeaderValue::from_str(&format!("{host}:{port}")).ok(),
        _ => HeaderValue::from_str(host).ok(),
    }
}

/// Where a redirect leads, if the response is one.
fn location(response: &Response<Incoming>) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
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
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    for cause in causes.filter_map(|cause| cause.downcast_ref::<io::Error>()) {
        // With TLS 1.3 the target refuses a handshake only after the client has finished its part.
        if cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
            return Failure::Tls;
        }
        // Chunks that are none.
        if matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) {
            return Failure::Protocol;
        }
    }
    Failure::Reset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        let uri = url.parse().unwrap();
        assert_eq!(host(&uri).unwrap(), expected, "{url}");
    }

    #[test]
    fn a_host_is_named_with_its_port_unless_it_is_the_usual_one() {
        check("http://shop.example/x", "shop.example");
        check("http://shop.example:80/x", "shop.example");
        check("https://shop.example:443", "shop.example");
        check("https://shop.example:80/", "shop.example:80");
        check("http://shop.example:443/", "shop.example:443");
        check("http://me:secret@shop.example:8080/", "shop.example:8080");
        check("http://[::1]:8080/", "[::1]:8080");
    }
}
