//! How much a scenario or a plan may have of anything.

use std::time::Duration;

/// How many kinds of request a scenario may mix; each is measured apart.
pub const REQUESTS_MAX: usize = 1000;
/// How many phases, targets, feeds or thresholds a scenario may list.
pub const LIST_MAX: usize = 1000;
/// How many users there may be at once.
pub const USERS_MAX: u64 = 1_000_000;
/// The largest `body_bytes_max`: answers are read into memory.
pub const BODY_BYTES_MAX: u64 = 1 << 30;
/// The longest run: what is paced, billed and watched in one piece.
pub const RUN_MAX: Duration = Duration::from_secs(24 * 3600);
