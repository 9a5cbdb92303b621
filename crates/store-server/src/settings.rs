//! The settings of a server, and its limits that users see.

use crate::bucket::Bucket;
use crate::credentials::Credentials;
use std::path::PathBuf;

/// The path that answers probes without credentials. No bucket has a name of one character.
pub const HEALTH_PATH: &str = "/-/healthz";

/// The maximum number of concurrent connections. 1,000 workers keep up to two connections each.
pub const CONNECTIONS_MAX: usize = 4096;

/// All that a server needs besides its listener.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with the objects. The first write creates a missing folder.
    pub folder: PathBuf,
    pub bucket: Bucket,
    pub credentials: Credentials,
    /// The certificate of the server; `None` for plain HTTP.
    pub tls: Option<Tls>,
}

/// The paths of a certificate and of its private key, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}
