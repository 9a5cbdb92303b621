//! The size limit of objects.

/// The maximum size of an object. A worker has little memory and holds each object in memory. A result with thousands
/// of histograms has less than 10 MiB. A feed that exceeds the limit does not belong in the store.
pub const OBJECT_BYTES_MAX: u64 = 64 * 1024 * 1024;
