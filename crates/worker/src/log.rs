//! The log of a worker. Each event of the log is a step or a problem of the worker, with the run, the shard and the
//! slice of the worker.
//!
//! Only events of this crate are logged. Libraries also log the data that they send and receive, and this data may
//! contain secrets.

use std::str::FromStr;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// The `tracing` target of every event of a worker.
pub(crate) const TARGET: &str = "worker";
/// The `tracing` target of the events of the Kubernetes operator, which uses the same log format.
pub const OPERATOR_TARGET: &str = "operator";

/// The settings of a log: its format, `text` or `json`, and its level. With the suffix `:debug`, frequent events are
/// logged too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    format: Format,
    level: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl Log {
    /// The environment variable that enables the log of a function.
    pub const VARIABLE: &str = "VAJRA_LOG";

    /// Writes the events of this process from now on. A second call has no effect.
    pub fn start<W>(self, writer: W)
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        self.start_for(&[TARGET, OPERATOR_TARGET], writer);
    }

    /// Writes the events with one of these targets from now on. A second call has no effect.
    pub fn start_for<W>(self, targets: &[&'static str], writer: W)
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let level = LevelFilter::from_level(self.level);
        let only = targets.iter().map(|target| (*target, level));
        let only = Targets::new().with_targets(only);
        let layer = tracing_subscriber::fmt::layer().with_writer(writer);
        let _ = match self.format {
            Format::Text => tracing::subscriber::set_global_default(
                tracing_subscriber::registry()
                    .with(only)
                    .with(layer.with_ansi(false).with_target(false)),
            ),
            Format::Json => tracing::subscriber::set_global_default(
                tracing_subscriber::registry().with(only).with(
                    layer
                        .json()
                        .flatten_event(true)
                        .with_span_list(false)
                        .with_target(false),
                ),
            ),
        };
    }
}

impl FromStr for Log {
    type Err = String;

    fn from_str(text: &str) -> Result<Log, String> {
        let (format, level) = match text.split_once(':') {
            Some((format, "debug")) => (format, Level::DEBUG),
            Some(_) => ("", Level::INFO),
            None => (text, Level::INFO),
        };
        let format = match format {
            "text" => Format::Text,
            "json" => Format::Json,
            _ => return Err("write text, json, text:debug or json:debug".to_owned()),
        };
        Ok(Log { format, level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_log_is_text_or_json_with_an_optional_debug_level() {
        let read = |text: &str| text.parse::<Log>().map(|log| (log.format, log.level));
        assert_eq!(read("text"), Ok((Format::Text, Level::INFO)));
        assert_eq!(read("json:debug"), Ok((Format::Json, Level::DEBUG)));
        for wrong in ["", "yaml", "json:", "json:trace", ":debug"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn events_of_libraries_are_not_written() {
        let kept = Kept::default();
        let writer = kept.clone();
        Log {
            format: Format::Json,
            level: Level::DEBUG,
        }
        .start(move || writer.clone());
        tracing::error!(target: "hyper::client", "a header");
        tracing::debug!(target: TARGET, n = 3, "snapshot stored");
        tracing::trace!(target: TARGET, "nothing");
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&event["message"], &event["n"]), (&"snapshot stored".into(), &3.into()));
    }
}
