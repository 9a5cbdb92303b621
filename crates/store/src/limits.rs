//! How large an object may be.

/// Everything here is held in memory whole, by workers that have little of it. A
/// result with thousands of histograms stays below 10 MiB; a feed beyond this
/// belongs elsewhere.
pub const OBJECT_BYTES_MAX: u64 = 64 * 1024 * 1024;
