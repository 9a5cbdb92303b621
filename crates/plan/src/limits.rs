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
/// The maximum total size of the files that each worker keeps whole: bodies, certificates and feeds that are not large.
pub const WHOLE_FILES_MAX: usize = 64 << 20;
/// The maximum total size of the files of a scenario: the launcher reads all of them.
pub const FILES_MAX: usize = 256 << 20;
/// A larger feed is stored in parts, of which workers keep the rows that they use.
pub const LARGE_BYTES: usize = 8 << 20;
/// The size of a part of a large feed, as far as whole rows allow. A worker has one part in memory while it reads.
pub const PART_BYTES: usize = 2 << 20;
/// The maximum number of parts of all feeds. Fewer than [`FILES_MAX`] / [`PART_BYTES`] are full, and each large file may
/// have another one.
pub const PARTS_MAX: usize = FILES_MAX / PART_BYTES + FILES_MAX / LARGE_BYTES;
/// The maximum number of rows of a large feed: a worker marks those that it uses in one bit each.
pub const ROWS_MAX: u64 = 1 << 25;
