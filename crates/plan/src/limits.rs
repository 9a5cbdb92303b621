//! The size limits of scenarios and plans.

use std::time::Duration;

/// The maximum number of requests that a scenario lists. Each listed request is measured separately.
pub const REQUESTS_MAX: usize = 1000;
/// The maximum length of each list in a scenario, such as the phases, the targets, the feeds or the thresholds.
pub const LIST_MAX: usize = 1000;
/// The maximum number of concurrent users.
pub const USERS_MAX: u64 = 1_000_000;
/// The maximum value of the key `body_bytes_max`. The limit exists because answers are read into memory.
pub const BODY_BYTES_MAX: u64 = 1 << 30;
/// The maximum duration of a run.
pub const RUN_MAX: Duration = Duration::from_secs(24 * 3600);
/// The maximum total size in bytes of the files that each worker keeps whole: bodies, certificates, and feeds that are
/// not large.
pub const WHOLE_FILES_MAX: usize = 64 << 20;
/// The maximum total size in bytes of the files of a scenario. The limit exists because the launcher reads all files
/// into memory.
pub const FILES_MAX: usize = 256 << 20;
/// The size in bytes above which a feed is stored in parts. From a feed in parts, a worker keeps only the rows that its
/// arrivals can use.
pub const LARGE_BYTES: usize = 8 << 20;
/// The approximate size in bytes of one part of a large feed. Parts consist of whole rows. While a worker reads a feed,
/// it has one part in memory at a time.
pub const PART_BYTES: usize = 2 << 20;
/// The maximum number of parts of all feeds together. Fewer than [`FILES_MAX`] / [`PART_BYTES`] parts are full, and
/// each large feed may have one more part.
pub const PARTS_MAX: usize = FILES_MAX / PART_BYTES + FILES_MAX / LARGE_BYTES;
/// The maximum number of rows of a large feed. The limit exists because a worker uses one bit for each row to mark the
/// rows that it needs.
pub const ROWS_MAX: u64 = 1 << 25;
