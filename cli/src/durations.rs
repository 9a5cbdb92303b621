//! Parses durations on the command line.

use std::time::Duration;

/// The minimum grace period. A worker needs this time to store its result.
const GRACE_MIN: Duration = Duration::from_secs(1);

pub(crate) fn grace(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        grace if grace < GRACE_MIN => Err(format!(
            "`{}` is below the minimum of {}",
            text.trim(),
            plan::span::show(GRACE_MIN)
        )),
        grace => Ok(grace),
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    plan::span::parse(text)
}

/// The minimum start timeout. A process needs this time to start, and the store needs time to answer.
const START_TIMEOUT_MIN: Duration = Duration::from_secs(1);

pub(crate) fn start_timeout(text: &str) -> Result<Duration, String> {
    let timeout = plan::span::parse(text)?;
    if timeout < START_TIMEOUT_MIN {
        let min = plan::span::show(START_TIMEOUT_MIN);
        return Err(format!("`{}` is below the minimum of {min}", text.trim()));
    }
    Ok(timeout)
}
