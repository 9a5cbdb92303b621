//! Estimates the number of bytes that a request sends. The price of the traffic is computed from this number.
//!
//! The length of the fixed text of a request is exact. The lengths of some placeholders are assumed. The overhead of
//! the protocols follows fixed rules. Answers are not billed, but the acknowledgements of answers are billed.

use crate::flow::Flow;
use crate::plan::Plan;
use crate::scenario::{Body, BodyPiece, Population, Reuse, Signature};
use crate::template::{Encoding, Template, TemplatePart};
use std::collections::BTreeMap;
use tally::request::RequestIndex;

/// The assumed length in bytes of the cell of a feed, and of every other value that is unknown before it is sent.
const DRAWN_BYTES: u64 = 16;
/// The number of bytes of the header that every request has, `user-agent: vajra-cloud/1.2.3`, and of the header that
/// every request with a body has, `content-length: 1234`.
const AGENT_BYTES: u64 = 31;
const LENGTH_BYTES: u64 = 22;
const CLOSE_BYTES: u64 = 19;
/// The number of bytes of the headers of a signature, and the number of bytes of the session token that AWS roles add.
const SIGNATURE_BYTES: u64 = 260;
const SESSION_TOKEN_BYTES: u64 = 1_000;
/// The number of data bytes in a TCP segment with timestamps on an Ethernet path, and the number of bytes of the IP and
/// TCP headers before the data.
const SEGMENT_BYTES: u64 = 1_448;
const SEGMENT_HEAD_BYTES: u64 = 52;
/// The number of segments that acknowledge an answer of usual size.
const ACKNOWLEDGEMENTS: u64 = 2;
/// The size in bytes of a TLS record, and the number of bytes that TLS adds to each record: header, nonce and tag.
const RECORD_BYTES: u64 = 16_384;
const RECORD_HEAD_BYTES: u64 = 29;
/// The number of bytes that are sent to open and close a connection: three segments for opening and two segments for
/// closing. With TLS, a ClientHello, a Finished and the acknowledgements of both are added.
const CONNECT_BYTES: u64 = 5 * SEGMENT_HEAD_BYTES;
const HANDSHAKE_BYTES: u64 = 900;

/// Returns the weighted sum of the bytes of the arrivals of a population, and the sum of the weights. `request_bytes`
/// contains the number of bytes of each request, in the order of the plan. For a flow, the requests on its longest path
/// are counted.
pub(super) fn mix_bytes(plan: &Plan, population: &Population, request_bytes: &[u64]) -> (u128, u128) {
    let requests = population.requests.clone();
    let weights = plan.requests[requests.clone()]
        .iter()
        .map(|request| u128::from(request.weight));
    let weighted = weights.clone().zip(&request_bytes[requests]);
    let requests: u128 = weighted.map(|(weight, bytes)| weight * u128::from(*bytes)).sum();
    let connection = match population.transport.flow_reuse {
        Reuse::User => connect_bytes(plan),
        Reuse::Kept | Reuse::Fresh => 0,
    };
    let of = |request: RequestIndex| request_bytes.get(usize::from(request)).copied().unwrap_or(0);
    let flow = |flow: &Flow| u128::from(flow.weight) * u128::from(flow.sum_of_requests(&of) + connection);
    let flows = &plan.flows[population.flows.clone()];
    let flow_weights = flows.iter().map(|flow| u128::from(flow.weight));
    let flows: u128 = flows.iter().map(flow).sum();
    (requests + flows, weights.chain(flow_weights).sum::<u128>().max(1))
}

/// Returns the result of [`mix_bytes`] for the population whose arrivals send the most bytes.
pub(super) fn largest_mix_bytes(plan: &Plan, request_bytes: &[u64]) -> (u128, u128) {
    let populations = plan.populations.iter();
    let bytes = populations.map(|population| mix_bytes(plan, population, request_bytes));
    bytes.max_by_key(|(bytes, whole)| bytes / whole).unwrap_or((0, 1))
}

/// Returns the number of bytes that a request of the plan sends. `index` is the index of the request in the plan.
/// `blobs` contains the length of each stored body. The key is the SHA-256 digest of the body.
pub fn request_bytes(plan: &Plan, index: usize, blobs: &BTreeMap<String, u64>) -> u64 {
    let request = &plan.requests[index];
    let (_, population) = plan.population_of(index);
    let arrivals = plan.arrivals().unwrap_or(1_000_000);
    let length = |template: &Template| filled_bytes(template, arrivals);
    let target = plan.targets.iter().map(|target| target.len() as u64).max().unwrap_or(0);
    let blob = |sha256: &String| blobs.get(sha256).copied().unwrap_or(0);
    let body = match &request.body {
        Body::Empty => 0,
        Body::Inline(template) => length(template),
        Body::Blob(sha256) => blob(sha256),
        Body::Pieces(pieces) => {
            let piece = |piece: &BodyPiece| match piece {
                BodyPiece::Template(template) => length(template),
                BodyPiece::Blob(sha256) => blob(sha256),
            };
            pieces.iter().map(piece).sum()
        }
    };
    // The head of a request contains `METHOD URL HTTP/1.1`, `host: HOST` and an empty line. Two parts of the target's
    // URL appear in the head: the host, and the prefix before the path.
    let head = request.method.len() as u64 + length(&request.url).max(1) + 13 + target + 4;
    let headers: u64 = request
        .headers
        .iter()
        .map(|(name, value)| name.len() as u64 + length(value) + 4)
        .sum();
    let stated = if body > 0 { LENGTH_BYTES } else { 0 };
    let fresh = population.transport.reuse == Reuse::Fresh;
    let signature = match &request.signature {
        None => 0,
        Some(Signature { keys: Some(keys), .. }) if keys.token.is_none() => SIGNATURE_BYTES,
        Some(_) => SIGNATURE_BYTES + SESSION_TOKEN_BYTES,
    };
    let text = head + headers + signature + AGENT_BYTES + stated + body + if fresh { CLOSE_BYTES } else { 0 };
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

/// Returns the number of bytes that a worker sends to open the connections that it reuses.
pub fn connecting_bytes(plan: &Plan) -> u64 {
    let of = |population: &Population| match population.transport.reuse {
        Reuse::Kept => u64::from(plan.limits.connections) * connect_bytes(plan),
        // The result of `request_bytes` includes the bytes of opening a fresh connection. The result of `mix_bytes`
        // includes the bytes of opening the connection of a flow.
        Reuse::Fresh | Reuse::User => 0,
    };
    plan.populations.iter().map(of).sum()
}

fn connect_bytes(plan: &Plan) -> u64 {
    CONNECT_BYTES + if tls(plan) { HANDSHAKE_BYTES } else { 0 }
}

fn tls(plan: &Plan) -> bool {
    plan.targets.iter().any(|target| target.starts_with("https:"))
}

/// Returns the length in bytes of a template that is filled in for the last arrival.
fn filled_bytes(template: &Template, arrivals: u64) -> u64 {
    let digits = |n: u64| u64::from(n.max(1).ilog10()) + 1;
    let signed = |n: i64| digits(n.unsigned_abs()) + u64::from(n < 0);
    template
        .0
        .iter()
        .map(|part| match part {
            TemplatePart::Encoded { parts, encoding, .. } => {
                let bytes = filled_bytes(&Template(parts.clone()), arrivals);
                match encoding {
                    Encoding::Base64 => bytes.div_ceil(3) * 4,
                    Encoding::Hex => bytes * 2,
                    Encoding::Sha256 => 64,
                }
            }
            TemplatePart::Text(text) => text.len() as u64,
            TemplatePart::Arrival => digits(arrivals.saturating_sub(1)),
            TemplatePart::Uuid { .. } => 36,
            TemplatePart::Random { min, max, .. } => signed(*min).max(signed(*max)),
            _ => DRAWN_BYTES,
        })
        .sum()
}
