//! Reads the limits of one worker.

use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::scenario::Limits;

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Limits> {
    let default = Limits::default();
    let Some(entry) = fields.get("limits") else {
        return Some(default);
    };
    let fields = entry.map(reading)?;
    let connections = match fields.get("connections") {
        Some(entry) => entry.whole(reading).map(|number| number as u32),
        None => Some(default.connections),
    };
    let streams = match fields.get("streams") {
        Some(entry) => entry.whole(reading).map(|number| number as u32),
        None => Some(default.streams),
    };
    let sessions = match fields.get("sessions") {
        Some(entry) => entry.whole(reading).map(|number| number as u32),
        None => Some(default.sessions),
    };
    let max_wait = match fields.get("max_wait") {
        Some(entry) => reading.wait("max_wait", entry.value),
        None => Some(default.max_wait),
    };
    let connect_timeout = match fields.get("connect_timeout") {
        Some(entry) => reading.wait_time("connect_timeout", entry.value),
        None => Some(default.connect_timeout),
    };
    let body_bytes_max = match fields.get("body_bytes_max") {
        Some(entry) => reading.size(entry),
        None => Some(default.body_bytes_max),
    };
    let insecure_tls = match fields.get("insecure_tls") {
        Some(entry) => reading.flag("insecure_tls", entry.value),
        None => Some(default.insecure_tls),
    };
    Some(Limits {
        connections: connections?,
        streams: streams?,
        sessions: sessions?,
        max_wait: max_wait?,
        connect_timeout: connect_timeout?,
        body_bytes_max: body_bytes_max?,
        insecure_tls: insecure_tls?,
    })
}
