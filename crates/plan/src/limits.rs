//! Size limits of scenarios and plans.

use std::time::Duration;

/// The maximum number of request kinds in a scenario; each is measured separately.
pub const REQUESTS_MAX: usize = 1000;
/// The maximum number of phases, targets, feeds or thresholds in a scenario.
pub const LIST_MAX: usize = 1000;
/// The maximum number of concurrent users.
pub const USERS_MAX: u64 = 1_000_000;
/// The maximum of `body_bytes_max`: answers are read into memory.
pub const BODY_BYTES_MAX: u64 = 1 << 30;
/// The maximum duration of a run.
pub const RUN_MAX: Duration = Duration::from_secs(24 * 3600);
