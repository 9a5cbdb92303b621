//! Reads the transport of requests: protocol, connections, pacing.

use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::scenario::{Pacing, Protocol, Reuse, Transport};

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Transport> {
    let protocol = match fields.get("protocol") {
        Some(entry) => entry.choice(reading, "a protocol").map(|word| match word {
            "http2" => Protocol::Http2,
            _ => Protocol::Http1,
        }),
        None => Some(Protocol::default()),
    };
    let reuse = match fields.get("connections") {
        Some(entry) => entry.choice(reading, "a connection mode").map(|word| match word {
            "fresh" => Reuse::Fresh,
            _ => Reuse::Kept,
        }),
        None => Some(Reuse::default()),
    };
    let pacing = match fields.get("pacing") {
        Some(entry) => entry.choice(reading, "a pacing mode").map(|word| match word {
            "batched" => Pacing::Batched,
            _ => Pacing::Precise,
        }),
        None => Some(Pacing::default()),
    };
    if let (Some(Protocol::Http2), Some(Reuse::Fresh), Some(entry)) = (protocol, reuse, fields.get("connections")) {
        return reading.problem(
            entry.value,
            "HTTP/2 does not support fresh connections",
            "remove `connections`, or use `protocol: http1`",
        );
    }
    Some(Transport {
        protocol: protocol?,
        reuse: reuse?,
        pacing: pacing?,
    })
}
