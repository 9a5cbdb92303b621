//! The reasons for failed requests, as text with advice.

use crate::show;
use schemars::JsonSchema;
use serde::Serialize;
use tally::cause::Cause;
use tally::outcome::Failure;
use tally::reasons::{Occurrences, Reason};
use tally::tally::Tally;

/// The maximum number of reasons that a text report lists for each kind of failure.
const LISTED: usize = 3;
/// The maximum number of reasons that a Markdown comment or a JUnit test case lists.
const LISTED_IN_ALL: usize = 10;

/// One reason why requests failed. An entry is about one kind of failure, one request and one origin.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FailureReport {
    /// The kind of failure, as in `failures` of a request.
    pub kind: String,
    /// The reason as text. The entry `other reasons` counts the failures whose reason was not recorded, for example
    /// because a worker records only a limited number of reasons.
    pub reason: String,
    /// The cause as a code; null for `other reasons`.
    pub cause: Option<String>,
    /// The name of the request.
    pub request: String,
    /// The scheme, host and port; null if these are unknown.
    pub origin: Option<String>,
    pub count: u64,
    /// The numbers of the first arrivals that failed for this reason, at most three.
    pub first: Vec<u64>,
    /// A remedy for the cause; null if no remedy is known.
    pub advice: Option<String>,
}

/// Returns the reasons why the measured requests of a tally failed, sorted by kind of failure. Among the reasons of one
/// kind, the most frequent known reason is first, and `other reasons` is last. For each request and kind, the sum of
/// the counts equals the number of failures of this kind.
pub fn failures(names: &[String], tally: &Tally) -> Vec<FailureReport> {
    let mut listed = Vec::new();
    for kind in Failure::ALL {
        let mut of_kind: Vec<FailureReport> = tally
            .reasons
            .iter()
            .filter(|(_, other, _, _)| *other == kind)
            .filter_map(|(request, _, reason, seen)| Some(known(kind, names.get(usize::from(request))?, reason, seen)))
            .collect();
        for (at, (name, request)) in names.iter().zip(&tally.requests).enumerate() {
            let failed = request.counts.failed.get(&kind).copied().unwrap_or(0);
            let rest = failed.saturating_sub(tally.reasons.known(at.into(), kind));
            of_kind.extend((rest > 0).then(|| other(kind, name, rest)));
        }
        of_kind.sort_by_key(|failure| (failure.cause.is_none(), std::cmp::Reverse(failure.count)));
        listed.append(&mut of_kind);
    }
    listed
}

/// Returns an entry for one failed request. `name` is the name of the request, and `k` is the number of its arrival.
pub fn single(kind: Failure, name: &str, reason: &Reason, k: u64) -> FailureReport {
    let mut seen = Occurrences::default();
    seen.count(k);
    known(kind, name, reason, &seen)
}

fn known(kind: Failure, name: &str, reason: &Reason, seen: &Occurrences) -> FailureReport {
    let unknown = reason.cause == Cause::Unknown;
    FailureReport {
        kind: kind.name().to_owned(),
        reason: words(reason.cause, &show::line(&reason.detail)),
        cause: (!unknown).then(|| reason.cause.code().to_owned()),
        request: name.to_owned(),
        origin: Some(show::line(&reason.origin)).filter(|origin| !origin.is_empty()),
        count: seen.count,
        first: seen.first.clone(),
        advice: advice(reason.cause, &reason.detail).map(str::to_owned),
    }
}

fn other(kind: Failure, name: &str, count: u64) -> FailureReport {
    FailureReport {
        kind: kind.name().to_owned(),
        reason: words(Cause::Unknown, ""),
        cause: None,
        request: name.to_owned(),
        origin: None,
        count,
        first: Vec::new(),
        advice: None,
    }
}

impl FailureReport {
    /// Returns the reason as one line, without its advice.
    pub fn line(&self) -> String {
        let mut line = format!("{} {} · {}", show::count(self.count), self.reason, self.request);
        if let Some(origin) = &self.origin {
            line.push_str(" · ");
            line.push_str(origin);
        }
        if !self.first.is_empty() {
            let numbers: Vec<String> = self.first.iter().map(u64::to_string).collect();
            line.push_str(&format!(" · first at arrival {}", numbers.join(", ")));
        }
        line
    }
}

/// Returns the most frequent reasons of one kind of failure as lines. If reasons are omitted, the last line contains
/// their number. Each advice appears only once in the lines.
pub fn lines(failures: &[FailureReport], kind: &str) -> Vec<String> {
    let of_kind: Vec<&FailureReport> = failures.iter().filter(|failure| failure.kind == kind).collect();
    listed(&of_kind, LISTED)
}

/// Returns the first reasons of a list of failures as lines, in the order of the list. If reasons are omitted, the last
/// line contains their number.
pub fn all_lines(failures: &[FailureReport]) -> Vec<String> {
    listed(&failures.iter().collect::<Vec<_>>(), LISTED_IN_ALL)
}

fn listed(failures: &[&FailureReport], most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = &failures[..failures.len().min(most)];
    for (at, failure) in shown.iter().enumerate() {
        lines.push(failure.line());
        let again = shown[at + 1..].iter().any(|later| later.advice == failure.advice);
        if let Some(advice) = failure.advice.as_ref().filter(|_| !again) {
            lines.push(format!("  {advice}"));
        }
    }
    let rest = &failures[shown.len()..];
    if !rest.is_empty() {
        let count = rest.iter().map(|failure| failure.count).sum();
        let reasons = if rest.len() == 1 { "reason" } else { "reasons" };
        lines.push(format!(
            "{} for {} more {reasons}; the JSON report lists all",
            show::count(count),
            rest.len()
        ));
    }
    lines
}

/// Returns a cause and its detail as text.
fn words(cause: Cause, detail: &str) -> String {
    let of = |text: &str| match detail.is_empty() {
        true => text.to_owned(),
        false => format!("{text}: {detail}"),
    };
    let to = |text: &str| match detail.is_empty() {
        true => text.to_owned(),
        false => format!("{text} {detail}"),
    };
    match cause {
        Cause::NoSuchName => "the name has no address".to_owned(),
        Cause::ResolverFailed => "the resolver failed".to_owned(),
        Cause::ResolverTimeout => "the resolver did not answer within the connect timeout".to_owned(),
        Cause::HostNotAllowed => "the worker's environment does not allow the host or its address".to_owned(),
        Cause::NoLocalPort => to("this worker has no free port for a connection to"),
        Cause::NoDescriptor => "this worker has no free file descriptor".to_owned(),
        Cause::NoBuffers => "this worker's system has no buffer space".to_owned(),
        Cause::NoRoute => to("this worker has no route to"),
        Cause::LocallyForbidden => to("this worker's system forbids a connection to"),
        Cause::SystemRefused => of("this worker's system cannot watch the connection"),
        Cause::Refused => to("refused by"),
        Cause::Unreachable => to("the network does not reach"),
        Cause::ConnectTimeout => to("timeout while connecting to"),
        Cause::ConnectReset => to("reset while connecting by"),
        Cause::ConnectFailed => of("no connection"),
        Cause::HandshakeTimeout => to("timeout during the TLS handshake with"),
        Cause::UnknownIssuer => "certificate signed by an unknown issuer".to_owned(),
        Cause::WrongName => "certificate is for another host".to_owned(),
        Cause::CertificateExpired => "certificate has expired".to_owned(),
        Cause::CertificateNotYetValid => "certificate is not valid yet".to_owned(),
        Cause::CertificateRevoked => "certificate is revoked".to_owned(),
        Cause::BadCertificate => of("certificate is not accepted"),
        Cause::ClientCertificateRequired => "the server asks for a client certificate".to_owned(),
        Cause::TlsVersion => "the server supports neither TLS 1.2 nor TLS 1.3".to_owned(),
        Cause::NothingInCommon => "the server has no TLS cipher, group or signature in common".to_owned(),
        Cause::TlsAlert => of("the server ended TLS with an alert"),
        Cause::NotTls => "the server does not use TLS".to_owned(),
        Cause::HandshakeClosed => "the server closed the connection during the TLS handshake".to_owned(),
        Cause::HandshakeReset => "the server reset the connection during the TLS handshake".to_owned(),
        Cause::TlsBroken => of("TLS failed"),
        Cause::Timeout => to("timeout"),
        Cause::Closed => to("the server closed the connection"),
        Cause::Reset => to("the server reset the connection"),
        Cause::StreamReset => to("the server reset the HTTP/2 stream with"),
        Cause::GoAway => to("the server ended the HTTP/2 connection with"),
        Cause::StatusLine => "the status line is malformed: the answer is not HTTP/1.1".to_owned(),
        Cause::HeaderLine => format!("header line {detail} is malformed"),
        Cause::TooManyHeaders => "more than 5,000 header lines".to_owned(),
        Cause::HeadTooLarge => "the head is larger than 408 KiB".to_owned(),
        Cause::ContentLength => "Content-Length is not one number".to_owned(),
        Cause::TransferEncoding => "Transfer-Encoding in an HTTP/1.0 answer".to_owned(),
        Cause::Chunk => "a chunk of the body is malformed".to_owned(),
        Cause::Trailer => "a trailer of the body is malformed or too large".to_owned(),
        Cause::TlsAnswer => "the server uses TLS on this port".to_owned(),
        Cause::NoHttp2 => "the server did not agree on HTTP/2".to_owned(),
        Cause::Http2Error => to("HTTP/2 failed with"),
        Cause::BadUrl => "the URL is invalid after its placeholders are filled in".to_owned(),
        Cause::BodyTooLarge => "the body exceeds limits: body_bytes_max".to_owned(),
        Cause::Status => to("status"),
        Cause::TooManyRedirects => "more redirects than follow_redirects allows".to_owned(),
        Cause::RedirectNotFollowed => "the redirect has no location that may be followed".to_owned(),
        Cause::TextNotFound => "the body does not contain the text of success: body_contains".to_owned(),
        Cause::CheckNotMet => to("not met:"),
        Cause::NotCaptured => to("found nothing: capture"),
        Cause::UnfitValue => "a captured value contains a character that is not allowed in the request".to_owned(),
        Cause::KeptClosed => to("the server closed the kept connection"),
        Cause::Unknown => "other reasons".to_owned(),
    }
}

/// Returns the advice for a cause; `None` if no advice is known.
fn advice(cause: Cause, detail: &str) -> Option<&'static str> {
    Some(match cause {
        Cause::NoLocalPort => {
            "the generator, not the target: keep connections (`connections: kept`), use more workers, \
             or widen net.ipv4.ip_local_port_range"
        }
        Cause::NoDescriptor => {
            "the generator, not the target: lower `limits: connections`, use more workers, or raise `ulimit -n`"
        }
        Cause::NoBuffers => "the generator, not the target: use more workers, or give them more memory",
        Cause::NoRoute | Cause::LocallyForbidden => {
            "the generator, not the target: check the worker's network, routes and firewall"
        }
        Cause::Refused => "check that the target listens on this port",
        Cause::UnknownIssuer => {
            "set SSL_CERT_FILE to the issuer's certificate, or set `limits: { insecure_tls: true }`"
        }
        Cause::WrongName | Cause::CertificateExpired | Cause::CertificateNotYetValid => {
            "renew the server's certificate, or set `limits: { insecure_tls: true }`"
        }
        Cause::TlsAlert if matches!(detail, "HandshakeFailure" | "BadCertificate") => {
            "the server may ask for a client certificate, or has no cipher in common"
        }
        Cause::TlsVersion => "enable TLS 1.2 or 1.3 on the server",
        Cause::NotTls => "use http:// for this port",
        Cause::TlsAnswer => "use https:// for this port",
        Cause::NoHttp2 => "remove `protocol: http2`, or enable HTTP/2 on the server",
        Cause::TooManyRedirects => "raise `follow_redirects`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_text() {
        let mut seen = std::collections::BTreeSet::new();
        for cause in Cause::ALL {
            let bare = words(*cause, "");
            assert!(seen.insert(bare.clone()), "two causes have the text {bare}");
            for text in [bare, words(*cause, "7")] {
                assert!(!text.trim().is_empty() && text.len() < 80, "{text}");
            }
            assert!(advice(*cause, "").is_none_or(|advice| advice.len() < 140));
        }
    }

    #[test]
    fn counts_of_a_kind_add_up_to_its_failures() {
        let mut tally = Tally::new(2);
        let reason = |status: u32| Reason {
            cause: Cause::Status,
            detail: status.to_string(),
            origin: "http://a.example:80\u{1b}[31m".to_owned(),
        };
        for (request, failed) in [(0, 9), (1, 5)] {
            tally.requests[request].counts.failed.insert(Failure::Status, failed);
        }
        let seen = |count, first: &[u64]| Occurrences {
            count,
            first: first.to_vec(),
        };
        tally
            .reasons
            .record(0.into(), Failure::Status, reason(500), &seen(2, &[4, 9]));
        tally
            .reasons
            .record(0.into(), Failure::Status, reason(503), &seen(6, &[1, 2, 3]));
        let names = ["home".to_owned(), "cart".to_owned()];
        let listed = failures(&names, &tally);
        assert_eq!(listed.iter().map(|failure| failure.count).sum::<u64>(), 14);
        let lines = lines(&listed, "status");
        assert_eq!(
            lines,
            [
                "6 status 503 · home · http://a.example:80\u{fffd}[31m · first at arrival 1, 2, 3",
                "2 status 500 · home · http://a.example:80\u{fffd}[31m · first at arrival 4, 9",
                "5 other reasons · cart",
                "1 for 1 more reason; the JSON report lists all",
            ]
        );
    }
}
