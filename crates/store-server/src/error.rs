//! The errors that prevent the start of a server.

use std::path::PathBuf;
use store::StoreError;

/// An error that prevents the start of a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    #[error("this program was built without the store server")]
    WithoutServer,
    #[error("cannot open the folder of the store")]
    Store(#[from] StoreError),
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} contains no {what} in PEM", path.display())]
    Pem { path: PathBuf, what: &'static str },
    #[error("the certificate {} cannot be used with its key: {problem}", certificate.display())]
    Certificate { certificate: PathBuf, problem: String },
}

impl ServerError {
    /// A one-line instruction for the reader; `None` if no remedy is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::WithoutServer => Some(tally::full_build::HINT.to_owned()),
            Self::Store(error) => error.hint(),
            Self::Pem { .. } | Self::Certificate { .. } => Some(
                "give the certificates of the server, its own first, and the matching private key without a password"
                    .to_owned(),
            ),
            Self::Unreadable { .. } => None,
        }
    }
}
