//! The size limit of objects.

/// Workers have little memory and hold each object in it. A result with thousands of histograms stays below 10 MiB; a
/// larger feed does not belong into the store.
pub const OBJECT_BYTES_MAX: u64 = 64 * 1024 * 1024;
