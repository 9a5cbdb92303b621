//! Sends one request and reads its answer. If redirects are followed, sends a chain of requests and reads their
//! answers.
//!
//! For a chain, `sent` is the time of the first byte of the first request. `status` is the status of the last answer.
//! The success rule of the request is applied to the last answer. `body_bytes` is the sum over all answers.

use crate::clients::Identity;
use crate::cookies::Jar;
use crate::endpoint::Endpoint;
use crate::flow::FlowState;
use crate::index::{ConnectionIndex, OriginNumber};
use crate::message::{Filled, Filling, Messages};
use crate::search::{BodySearch, Coding, Wanted};
use crate::signing::Unsigned;
use crate::why::{Detail, Why};
use bytes::Bytes;
use plan::scenario::Request;
use plan::secret;
use tally::cause::Cause;
use tally::request::RequestIndex;
use tokio::time::Instant;

/// The state of a request that is in flight.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub k: u64,
    pub request: RequestIndex,
    pub began: Instant,
    pub deadline: Instant,
    pub sent: Option<Instant>,
    /// When the first byte of the first answer was read.
    pub first_byte: Option<Instant>,
    /// Whether the request waited for a connection before it was sent.
    pub awaited: bool,
    pub status: Option<u16>,
    pub body: BodyProgress,
    /// The request that is sent instead of the planned request. `None` if the planned request is sent.
    pub hop: Option<Box<Hop>>,
    pub redirects_left: u8,
    pub under: Under,
    /// The state of the flow of the arrival.
    pub flow: FlowState,
    /// The client certificate of the request's connection, if this connection does not use the certificate of the plan.
    pub identity: Option<Identity>,
    /// Whether a connection with the request's certificate is being opened while the request waits.
    pub is_expected: bool,
    /// The origin of the last request of the exchange.
    pub origin: Option<OriginNumber>,
}

/// The progress of reading the bodies of an exchange.
#[derive(Default)]
pub(crate) struct BodyProgress {
    /// The number of bytes in the bodies of all answers. `read` counts only the bytes of the answer that is being read.
    pub bytes: u64,
    read: u64,
    /// The state of the search for the text that the success rule requires.
    search: BodySearch,
    /// The decoded body of the answer that is being read, if bodies are kept for this request.
    kept: Option<Vec<u8>>,
}

impl std::fmt::Debug for BodyProgress {
    /// Shows only the length, because a body may echo a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.bytes)
    }
}

impl BodyProgress {
    /// Resets the state for the body of the next answer.
    pub(crate) fn begin(&mut self) {
        self.read = 0;
        self.search = BodySearch::default();
        self.kept.iter_mut().for_each(Vec::clear);
    }

    /// Keeps the bodies of the next answers if `keeps` is true, and drops them otherwise.
    pub(crate) fn keep(&mut self, keeps: bool) {
        self.kept = keeps.then(Vec::new);
    }

    /// Returns whether bodies are kept.
    pub(crate) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Returns the kept body of the last answer. Returns an empty body if bodies are not kept.
    pub(crate) fn kept(&self) -> &[u8] {
        self.kept.as_deref().unwrap_or_default()
    }

    /// Sets the content coding of the next body, so that the search can decode the body.
    pub(crate) fn coded(&mut self, coding: Coding) {
        self.search.begin(coding);
    }

    /// Takes a part of the body, and searches it for `wanted` if `wanted` is set. Returns `false` if the body is too
    /// large.
    pub(crate) fn take(&mut self, data: &[u8], wanted: Option<&Wanted>, body_bytes_max: u64) -> bool {
        self.bytes += data.len() as u64;
        self.read += data.len() as u64;
        self.read <= body_bytes_max && self.search.read_piece(wanted, self.kept.as_mut(), data, body_bytes_max)
    }
}

/// Where the request with a ticket waits or is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    /// No request has this ticket.
    Nobody,
    /// The request waits for a connection to this origin.
    Origin(OriginNumber),
    /// The request was sent, or is being sent, on this connection.
    Connection(ConnectionIndex),
}

impl Exchange {
    /// Returns the exchange of a ticket that is not in use.
    pub(crate) fn vacant(now: Instant) -> Exchange {
        Exchange {
            k: 0,
            request: RequestIndex::default(),
            began: now,
            deadline: now,
            sent: None,
            first_byte: None,
            awaited: false,
            status: None,
            body: BodyProgress::default(),
            hop: None,
            redirects_left: 0,
            under: Under::Nobody,
            flow: FlowState::default(),
            identity: None,
            is_expected: false,
            origin: None,
        }
    }

    /// Begins a request of the plan for arrival `k`. `flow` is the state of the arrival's flow.
    pub(crate) fn begin(&mut self, k: u64, request: RequestIndex, flow: FlowState, planned: &Request, now: Instant) {
        let mut body = std::mem::take(&mut self.body);
        body.begin();
        body.bytes = 0;
        *self = Exchange {
            k,
            request,
            deadline: now + planned.timeout,
            redirects_left: planned.follow_redirects,
            body,
            flow,
            ..Exchange::vacant(now)
        };
    }

    /// Applies the success rule to an answer that was read to its end.
    pub(crate) fn judge(&self, planned: &Request) -> Result<(), Why> {
        judge(planned, self.status.unwrap_or_default(), &self.body)
    }
}

/// Applies the success rule of a request to an answer.
pub(crate) fn judge(planned: &Request, status: u16, body: &BodyProgress) -> Result<(), Why> {
    let expected = planned
        .success
        .statuses
        .iter()
        .any(|(from, to)| (*from..=*to).contains(&status));
    match &planned.success.body_contains {
        _ if !expected => Err(Why::new(Cause::Status, Detail::Number(status.into()))),
        Some(_) if !body.search.has_found() => Err(Cause::TextNotFound.into()),
        _ => Ok(()),
    }
}

/// A request that differs from the planned request: the target of a redirect, or a request with cookies or a signature.
pub(crate) struct Hop {
    pub filled: Filled,
    pub endpoint: Endpoint,
    path: String,
    /// The cookies that the scenario sets for the planned request.
    own_cookies: Option<String>,
}

impl std::fmt::Debug for Hop {
    /// Shows no value that can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hop({:?})", self.filled)
    }
}

impl Hop {
    /// Returns the planned request, with the cookies of its arrival and with its signature, before any redirect is
    /// followed.
    ///
    /// # Errors
    /// Fails if the URL of the request is invalid, or if the request cannot be signed.
    pub(crate) fn first(messages: &Messages, filling: Filling<'_>, request: RequestIndex) -> Result<Hop, Cause> {
        let filled = messages.filled(filling, request);
        let mut hop = Hop::with_cookies(filled, &filling.flow.cookies).ok_or(Cause::BadUrl)?;
        let Filled {
            method,
            url,
            headers,
            body,
            ..
        } = &hop.filled;
        let signed = messages.signature(
            request,
            &Unsigned {
                method,
                url,
                host: &hop.endpoint.host_name,
                headers,
                body,
            },
        )?;
        hop.filled.private.extend(signed.iter().map(|(name, _)| name.clone()));
        hop.filled.headers.extend(signed);
        Ok(hop)
    }

    fn with_cookies(filled: Filled, jar: &Jar) -> Option<Hop> {
        let is_cookie = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("cookie");
        let own_cookies = filled.headers.iter().find(is_cookie).map(|(_, value)| value.clone());
        let mut hop = Hop::at(filled, own_cookies)?;
        if !jar.is_empty() {
            let to = url::Url::parse(&hop.filled.url).ok()?;
            hop.add_cookies(jar, &to);
        }
        Some(hop)
    }

    fn at(filled: Filled, own_cookies: Option<String>) -> Option<Hop> {
        Some(Hop {
            endpoint: Endpoint::of(&filled.url)?,
            path: Endpoint::path_of(&filled.url)?,
            filled,
            own_cookies,
        })
    }

    fn add_cookies(&mut self, jar: &Jar, to: &url::Url) {
        self.filled.drop_headers(&["cookie"]);
        let cookies = jar.header(self.own_cookies.as_deref(), to);
        let header = cookies.map(|cookies| ("cookie".to_owned(), cookies));
        self.filled.headers.extend(header);
    }

    /// Stores a cookie that the answer to this request sets.
    pub(crate) fn keep_cookie(&self, header: &[u8], jar: &mut Jar) {
        if let Ok(from) = url::Url::parse(&self.filled.url) {
            jar.set(&from, header);
        }
    }

    /// Returns the next request after a redirect, with the cookies of the arrival. Returns `None` if this engine cannot
    /// send a request to the URL of the redirect. Also returns `None` if the body contains a secret that must not be
    /// sent to this URL.
    pub(crate) fn turn(mut self, status: u16, location: &[u8], jar: &Jar) -> Option<Hop> {
        let from = url::Url::parse(&self.filled.url).ok()?;
        let mut to = from.join(&String::from_utf8_lossy(location)).ok()?;
        if !matches!(to.scheme(), "http" | "https") {
            return None;
        }
        to.set_fragment(None);
        // Credentials in a location are removed, because they are not a part of the next request.
        let _ = (to.set_username(""), to.set_password(None));
        let filled = &mut self.filled;
        filled.url = to.as_str().to_owned();
        // RFC 9110, 15.4: after status 303, the location is requested with GET. After status 301 or 302, clients also
        // use GET if the request was a POST.
        let fetched = match status {
            303 => filled.method != "HEAD",
            301 | 302 => filled.method == "POST",
            _ => false,
        };
        if fetched {
            (filled.method, filled.body) = ("GET".to_owned(), Bytes::new());
            filled.drop_headers(&[
                "content-type",
                "content-encoding",
                "content-language",
                "content-location",
            ]);
        }
        // Credentials for one host must not be sent to another host.
        if from.origin() != to.origin() {
            filled.drop_headers(&["host"]);
            filled.headers.retain(|(name, _)| !secret::carries_credentials(name));
            if !filled.part_with_private() {
                return None;
            }
            self.own_cookies = None;
        }
        self.add_cookies(jar, &to);
        Hop::at(self.filled, self.own_cookies)
    }

    /// Appends the request's head to `out`, and returns its body.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Option<Bytes> {
        self.filled.write_head(&self.endpoint, &self.path, out);
        (!self.filled.body.is_empty()).then(|| self.filled.body.clone())
    }
}
