//! How many bytes a request puts on the wire: an estimate, for the price of sending it.
//!
//! Its text is known to the byte but for its placeholders; what carries it is reckoned by rule. What
//! comes back is not paid for, but is acknowledged.

use crate::plan::Plan;
use crate::scenario::{Body, Request, Reuse};
use crate::template::{Part, Template};
use std::collections::BTreeMap;

/// What is taken for a cell of a feed, and for all else that is not known before it is sent.
const DRAWN_BYTES: u64 = 16;
/// Headers that every request has: `user-agent: vajra-cloud/1.2.3` and, with a body, `content-length: 1234`.
const AGENT_BYTES: u64 = 31;
const LENGTH_BYTES: u64 = 22;
const CLOSE_BYTES: u64 = 19;
/// Data in a TCP segment on an Ethernet path, with time stamps, and what IP and TCP put before it.
const SEGMENT_BYTES: u64 = 1_448;
const SEGMENT_HEAD_BYTES: u64 = 52;
/// Segments that acknowledge an answer of usual size.
const ACKNOWLEDGEMENTS: u64 = 2;
/// What TLS adds to a record of at most 16 KiB: its head, a nonce and a tag.
const RECORD_BYTES: u64 = 16_384;
const RECORD_HEAD_BYTES: u64 = 29;
/// What opening and closing a connection sends: three segments, and two; with TLS a ClientHello, a
/// Finished and their acknowledgements.
const CONNECT_BYTES: u64 = 5 * SEGMENT_HEAD_BYTES;
const HANDSHAKE_BYTES: u64 = 900;

/// Bytes that one request of a plan sends; `blobs` has the lengths of stored bodies by their SHA-256.
pub fn request_bytes(plan: &Plan, request: &Request, blobs: &BTreeMap<String, u64>) -> u64 {
    let arrivals = plan.arrivals().unwrap_or(1_000_000);
    let length = |template: &Template| filled_bytes(template, arrivals);
    let target = plan.targets.iter().map(|target| target.len() as u64).max().unwrap_or(0);
    let body = match &request.body {
        Body::Empty => 0,
        Body::Inline(template) => length(template),
        Body::Blob(sha256) => blobs.get(sha256).copied().unwrap_or(0),
    };
    // `METHOD URL HTTP/1.1`, `host: HOST` and the empty line. The URL of the target stands in two
    // parts: its host, and what is before the path.
    let head = request.method.len() as u64 + length(&request.url).max(1) + 13 + target + 4;
    let headers: u64 = request
        .headers
        .iter()
        .map(|(name, value)| name.len() as u64 + length(value) + 4)
        .sum();
    let stated = if body > 0 { LENGTH_BYTES } else { 0 };
    let fresh = plan.transport.reuse == Reuse::Fresh;
    let text = head + headers + AGENT_BYTES + stated + body + if fresh { CLOSE_BYTES } else { 0 };
    let text = text
        + if tls(plan) {
            text.div_ceil(RECORD_BYTES) * RECORD_HEAD_BYTES
        } else {
            0
        };
    let segments = text.div_ceil(SEGMENT_BYTES) + ACKNOWLEDGEMENTS;
    let opening = if fresh { connect_bytes(plan) } else { 0 };
    text + segments * SEGMENT_HEAD_BYTES + opening
}

/// Bytes that a worker sends to open the connections that it keeps.
pub fn connecting_bytes(plan: &Plan) -> u64 {
    match plan.transport.reuse {
        Reuse::Kept => u64::from(plan.limits.connections) * connect_bytes(plan),
        Reuse::Fresh => 0,
    }
}

fn connect_bytes(plan: &Plan) -> u64 {
    CONNECT_BYTES + if tls(plan) { HANDSHAKE_BYTES } else { 0 }
}

fn tls(plan: &Plan) -> bool {
    plan.targets.iter().any(|target| target.starts_with("https:"))
}

/// How long a template is, filled in for the last of the arrivals.
fn filled_bytes(template: &Template, arrivals: u64) -> u64 {
    let digits = |n: u64| u64::from(n.max(1).ilog10()) + 1;
    let signed = |n: i64| digits(n.unsigned_abs()) + u64::from(n < 0);
    template
        .0
        .iter()
        .map(|part| match part {
            Part::Base64 { parts, .. } => filled_bytes(&Template(parts.clone()), arrivals).div_ceil(3) * 4,
            Part::Text(text) => text.len() as u64,
            Part::Arrival => digits(arrivals.saturating_sub(1)),
            Part::Uuid { .. } => 36,
            Part::Random { min, max, .. } => signed(*min).max(signed(*max)),
            _ => DRAWN_BYTES,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::estimate::tests::plan;

    #[test]
    fn a_request_weighs_what_is_written_and_what_carries_it() {
        let plan = plan(
            "target: http://10.0.0.1:8080\nload: { constant: { rate: 100/s, duration: 10s } }\nrequests:\n\
             - { name: home, url: /a }\n\
             - { name: order, method: POST, url: '/o/{{ arrival }}', headers: { X-Id: '{{ uuid }}' }, body: '{{ random -5 120 }}' }\n",
            2,
        );
        let bytes: Vec<u64> = plan
            .requests
            .iter()
            .map(|request| request_bytes(&plan, request, &BTreeMap::new()))
            .collect();
        // GET(3) /a(2) 13 + target http://10.0.0.1:8080 (20) 4 + agent 31 = 73; 1 segment + 2 of 52.
        assert_eq!(bytes[0], 73 + 3 * 52);
        // POST(4) /o/(3)999(3) 13 + 20 + 4 + X-Id(4) 36 4 + 31 + 22 + 120(3) = 147; and the same 3.
        assert_eq!(bytes[1], 147 + 3 * 52);
        assert_eq!(connecting_bytes(&plan), 128 * 5 * 52);
    }

    #[test]
    fn tls_and_fresh_connections_weigh_more() {
        let text = |scheme: &str, more: &str| {
            format!(
                "target: {scheme}://example.com\n{more}load: {{ constant: {{ rate: 1/s, duration: 10s }} }}\n\
                 requests: [ {{ name: r, url: / }} ]\n"
            )
        };
        let bytes = |text: &str| {
            let plan = plan(text, 1);
            request_bytes(&plan, &plan.requests[0], &BTreeMap::new())
        };
        let clear = bytes(&text("http", ""));
        // One letter more, and one record.
        assert_eq!(bytes(&text("https", "")), clear + 1 + 29);
        assert_eq!(bytes(&text("http", "connections: fresh\n")), clear + 19 + 5 * 52);
        assert_eq!(
            bytes(&text("https", "connections: fresh\n")),
            clear + 1 + 29 + 19 + 5 * 52 + 900
        );
    }
}
