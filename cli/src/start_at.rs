//! The option `--start-at`: when the load of a prepared run begins.

use plan::limits::RUN_MAX;
use plan::span;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time at which the load of a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartAt {
    /// The load begins when this time from now has passed.
    In(Duration),
    /// The load begins at this time, in nanoseconds since the Unix epoch.
    At(u64),
}

impl StartAt {
    /// Parses a time from now, such as `+3m`, or a time in RFC 3339.
    pub(crate) fn parse(text: &str) -> Result<StartAt, String> {
        const RIGHT: &str = "write `+3m`, or a time such as `2026-03-01T12:00:00Z`";
        if let Some(length) = text.strip_prefix('+') {
            let length = span::parse(length).map_err(|error| format!("{error}; {RIGHT}"))?;
            return Ok(StartAt::In(length));
        }
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|error| format!("{error}; {RIGHT}"))?;
        u64::try_from(instant.unix_timestamp_nanos())
            .map(StartAt::At)
            .map_err(|_| RIGHT.to_owned())
    }

    /// Returns T0. `now` and T0 are in nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// Fails if T0 is in the past, or if T0 is so late that a worker would not wait for it.
    pub(crate) fn t0(self, now: u64) -> Result<u64, String> {
        let t0 = match self {
            StartAt::In(length) => now.saturating_add(length.as_nanos() as u64),
            StartAt::At(t0) => t0,
        };
        if t0 < now {
            let behind = span::show(Duration::from_nanos(now - t0));
            return Err(format!("--start-at is {behind} in the past"));
        }
        match u128::from(t0 - now) <= RUN_MAX.as_nanos() {
            true => Ok(t0),
            false => Err(format!("--start-at is more than {} in the future", span::show(RUN_MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_772_366_400_000_000_000;

    #[test]
    fn a_start_is_a_length_or_a_time_in_the_future() {
        let t0 = |text: &str| StartAt::parse(text).and_then(|start| start.t0(NOW));
        assert_eq!(t0("+3m"), Ok(NOW + 180_000_000_000));
        assert_eq!(t0("2026-03-01T12:00:01Z"), Ok(NOW + 1_000_000_000));
        assert_eq!(
            t0("2026-03-01T11:00:00Z"),
            Err("--start-at is 1h in the past".to_owned())
        );
        assert!(t0("2027-03-01T12:00:00Z").unwrap_err().contains("in the future"));
        for wrong in ["3m", "+x", "tomorrow", "+"] {
            assert!(t0(wrong).unwrap_err().contains("write `+3m`"), "{wrong}");
        }
    }
}
