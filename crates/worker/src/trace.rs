//! The trace of one arrival, for the command `try`: the bytes of the arrival's requests, the answers, and the outcomes.
//!
//! In a run, engines and loads have no trace. Engines and loads only test whether an `Option` is empty, once for each
//! request and once for each answer.

use crate::attempt::Attempt;
use bytes::Bytes;
use plan::secret::carries_credentials;
use std::time::Duration;
use tally::flow::FlowEnd;
use tokio::sync::mpsc::UnboundedSender;

/// Sends the events of one arrival to the command `try`.
#[derive(Clone, Debug)]
pub struct Trace(UnboundedSender<TraceEvent>);

/// An event of an arrival. The event contains the secrets that were sent.
pub(crate) enum TraceEvent {
    /// The texts of the next request that must never be shown.
    Secrets(Vec<String>),
    Sent {
        head: Vec<u8>,
        body: Vec<u8>,
    },
    Answered {
        status: u16,
        fields: Vec<(String, Vec<u8>)>,
        /// The decoded body.
        body: Vec<u8>,
    },
    Finished(Box<Attempt>),
    /// The next request is due when this time has passed.
    Pause(Duration),
    FlowEnded(FlowEnd),
    /// The engine could not be prepared.
    Unprepared(String),
}

impl Trace {
    pub(crate) fn new(events: UnboundedSender<TraceEvent>) -> Trace {
        Trace(events)
    }

    /// Sends an event. If the receiver has ended, the event is lost.
    pub(crate) fn note(&self, event: TraceEvent) {
        let _ = self.0.send(event);
    }

    /// Adds a request to the trace. `bytes` contains the head, and the body if it follows the head. `blob` is a body
    /// that is stored separately.
    pub(crate) fn sent(&self, bytes: &[u8], blob: Option<Bytes>) {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, within) = bytes.split_at(end.map_or(bytes.len(), |end| end + 4));
        let mut body = within.to_vec();
        body.extend(blob.unwrap_or_default());
        self.note(TraceEvent::Sent {
            head: head.to_vec(),
            body,
        });
    }
}

/// The text that replaces a secret.
const HIDDEN: &str = "…";

/// The texts that must not be shown.
#[derive(Default)]
pub(crate) struct Mask(Vec<String>);

impl Mask {
    pub(crate) fn add(&mut self, texts: impl IntoIterator<Item = String>) {
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        self.0.extend(texts.map(|text| text.to_ascii_lowercase()));
        // One text may contain another text, so longer texts are replaced first.
        self.0.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        self.0.dedup();
    }

    /// Returns the text without secrets. A secret is found even if the case of its letters differs.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            // Conversion to lower case in ASCII does not change the position of any byte.
            let lower = text.to_ascii_lowercase();
            let mut shown = String::with_capacity(text.len());
            let mut end = 0;
            for (at, _) in lower.match_indices(secret) {
                shown.push_str(&text[end..at]);
                shown.push_str(HIDDEN);
                end = at + secret.len();
            }
            shown.push_str(&text[end..]);
            text = shown;
        }
        text
    }

    /// Returns the value of a header field. The value of a field with credentials is hidden.
    pub(crate) fn field(&self, name: &str, value: &[u8]) -> String {
        match carries_credentials(name) || name.eq_ignore_ascii_case("set-cookie") {
            true => HIDDEN.to_owned(),
            false => self.hide(&String::from_utf8_lossy(value)),
        }
    }

    /// Returns the lines of a request's head.
    pub(crate) fn head(&self, head: &[u8]) -> Vec<String> {
        let head = String::from_utf8_lossy(head);
        let lines = head.split("\r\n").filter(|line| !line.is_empty()).enumerate();
        let shown = lines.map(|(at, line)| match line.split_once(": ") {
            Some((name, value)) if at > 0 => format!("{name}: {}", self.field(name, value.as_bytes())),
            _ => self.hide(line),
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_any_case_and_longer_ones_first() {
        let mut mask = Mask::default();
        mask.add(["s3cret", "s3cret-long", "A%2Fb", ""].map(str::to_owned));
        assert_eq!(mask.hide("S3CRET, s3cret-long; a%2fB é s3cre"), "…, …; … é s3cre");
        assert_eq!(mask.hide("é…ß"), "é…ß");
    }

    #[test]
    fn the_values_of_headers_with_credentials_are_hidden() {
        let mut mask = Mask::default();
        mask.add(["k1".to_owned()]);
        let head = b"GET /k1 HTTP/1.1\r\nhost: a\r\nAuthorization: Basic x\r\nx-vault-token: t\r\nx: a k1\r\n\r\n";
        assert_eq!(
            mask.head(head),
            [
                "GET /… HTTP/1.1",
                "host: a",
                "Authorization: …",
                "x-vault-token: …",
                "x: a …"
            ]
        );
        assert_eq!(mask.field("Set-Cookie", b"sid=1"), "…");
    }
}
