//! The maximum size of an object in the store.

/// The maximum size of an object. Workers have little memory, and read each object into memory as a whole. A result
/// with thousands of histograms has less than 10 MiB. Large feeds are stored in smaller parts.
pub const OBJECT_BYTES_MAX: u64 = 64 * 1024 * 1024;
