//! A folder store as a small S3 server, for workers that have neither a shared file system nor a cloud account.
//!
//! The objects are exactly the files of the folder store, so other programs can use the folder at the same time. The
//! server has the part of S3 that the S3 store, the AWS CLI and presigned downloads need. Every request must have an
//! AWS Signature Version 4.
//!
//! - [`Credentials`] are the access keys of the server.
//! - [`Settings`] are all that a server needs besides its listener; [`Bucket`] is the name of its only bucket.
//! - [`Server`] answers requests until it has to leave.

mod bucket;
mod credentials;
mod error;
mod settings;

#[cfg(feature = "server")]
mod answer;
#[cfg(feature = "server")]
mod body;
#[cfg(feature = "server")]
mod checksum;
#[cfg(feature = "server")]
mod chunks;
#[cfg(feature = "server")]
mod conditions;
#[cfg(feature = "server")]
mod connection;
#[cfg(feature = "server")]
mod listing;
#[cfg(not(feature = "server"))]
mod no_server;
#[cfg(feature = "server")]
mod objects;
#[cfg(feature = "server")]
mod request;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod signature;
#[cfg(feature = "server")]
mod tls;
#[cfg(feature = "server")]
mod xml;

pub use bucket::Bucket;
pub use credentials::{Access, Credentials, CredentialsFault};
pub use error::ServerError;
#[cfg(not(feature = "server"))]
pub use no_server::Server;
#[cfg(feature = "server")]
pub use server::Server;
pub use settings::{CONNECTIONS_MAX, HEALTH_PATH, Settings, Tls};

/// The target of the log's events.
pub const LOG: &str = "store";
