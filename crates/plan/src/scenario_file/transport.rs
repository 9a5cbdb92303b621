//! Reads how requests are sent: the protocol, the reuse of connections, and the pacing.

use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::scenario::{Load, Pacing, Protocol, Reuse, SessionKind, Transport};

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, load: Option<&Load>) -> Option<Transport> {
    let protocol = match fields.get("protocol") {
        Some(entry) => entry.choice(reading, "a protocol").map(|word| match word {
            "http2" => Protocol::Http2,
            _ => Protocol::Http1,
        }),
        None => Some(Protocol::default()),
    };
    let reuse = match fields.get("connections") {
        Some(entry) => entry.choice(reading, "a connection mode").map(|word| match word {
            "fresh" => (Reuse::Fresh, Reuse::Fresh),
            "user" => (Reuse::User, Reuse::User),
            _ => (Reuse::Kept, Reuse::Kept),
        }),
        // With HTTP/2, no connection belongs to only one user. The requests of all users are streams of the same
        // connections.
        None if protocol == Some(Protocol::Http2) => Some((Reuse::Kept, Reuse::Kept)),
        None if fields.may_lack("flows") => Some((Reuse::Kept, Reuse::Kept)),
        None => Some((Reuse::Kept, Reuse::User)),
    };
    let session = match fields.get("session") {
        Some(entry) => entry.choice(reading, "a kind of session").map(|word| match word {
            "kept" => SessionKind::Kept,
            _ => SessionKind::Fresh,
        }),
        None => Some(SessionKind::default()),
    };
    let pacing = match fields.get("pacing") {
        Some(entry) => entry.choice(reading, "a pacing mode").map(|word| match word {
            "batched" => Pacing::Batched,
            _ => Pacing::Precise,
        }),
        None => Some(Pacing::default()),
    };
    if let (Some(Protocol::Http2), Some((Reuse::Fresh | Reuse::User, _)), Some(entry)) =
        (protocol, reuse, fields.get("connections"))
    {
        let message = match reuse {
            Some((Reuse::Fresh, _)) => "HTTP/2 does not support fresh connections",
            _ => "HTTP/2 does not support connections of one user",
        };
        return reading.problem(entry.value, message, "remove `connections`, or use `protocol: http1`");
    }
    let (reuse, flow_reuse) = reuse?;
    if let (Some(SessionKind::Kept), Some(entry), Some(Load::Open { .. })) = (session, fields.get("session"), load) {
        let help = "write `load: { users: … }`, or remove `session`";
        return reading.problem(entry.value, "only the users of a closed load keep their session", help);
    }
    Some(Transport {
        protocol: protocol?,
        reuse,
        flow_reuse,
        session: session?,
        pacing: pacing?,
    })
}
