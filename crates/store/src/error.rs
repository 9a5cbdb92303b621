//! What can go wrong with a store, sorted by what can be done about it.
//!
//! Law: the text of an error never repeats the text of its source; whoever prints
//! it prints the chain once, and ends with [`StoreError::hint`].

use std::path::PathBuf;

use crate::limits::OBJECT_BYTES_MAX;

/// The error that lies beneath a [`StoreError`], if there is one.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No answer came. It may work later, or the address is wrong.
    #[error("cannot reach the store at {place}")]
    Unreachable { place: String, source: Option<Cause> },

    /// The store answered, after all retries, that it cannot serve now.
    #[error("the store at {place} is too busy: it answered {code}")]
    Busy {
        place: String,
        code: String,
        source: Option<Cause>,
    },

    #[error("bucket `{bucket}` does not exist at {place}")]
    NoBucket { bucket: String, place: String },

    /// The bucket exists, but not where it was asked for.
    #[error("bucket `{bucket}` is in another region{}", in_region(expected))]
    WrongRegion { bucket: String, expected: Option<String> },

    #[error("no region is known for bucket `{bucket}`")]
    NoRegion { bucket: String },

    /// The store knows the caller, or refuses to, and says no.
    #[error("access to {what} was denied: {code}")]
    AccessDenied {
        what: String,
        code: String,
        source: Option<Cause>,
    },

    #[error("this program was built without S3, so it cannot open bucket `{bucket}`")]
    WithoutS3 { bucket: String },

    #[error("no usable AWS credentials were found")]
    NoCredentials { source: Option<Cause> },

    #[error("no space is left for {}", path.display())]
    DiskFull { path: PathBuf },

    #[error("{} is not a folder", path.display())]
    NotFolder { path: PathBuf },

    #[error("cannot {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },

    /// The store overwrites where it was asked to create.
    #[error(
        "the store at {place} does not keep create-only writes, so claims cannot work on it: \
         one shard could run twice"
    )]
    NotCreateOnly { place: String },

    #[error("{key:?} is not a key: {why}")]
    BadKey { key: String, why: &'static str },

    #[error("object {key} has {bytes} bytes, more than the {OBJECT_BYTES_MAX} that are allowed")]
    TooLarge { key: String, bytes: u64 },

    /// An answer that none of the above describes.
    #[error("{what} failed{}", with_code(code))]
    Other {
        what: String,
        code: Option<String>,
        source: Option<Cause>,
    },
}

fn in_region(expected: &Option<String>) -> String {
    expected
        .as_ref()
        .map_or_else(String::new, |region| format!(": {region}"))
}

fn with_code(code: &Option<String>) -> String {
    code.as_ref()
        .map_or_else(String::new, |code| format!(": the store answered {code}"))
}

impl StoreError {
    /// Whether the failure may pass by itself, so that a retry makes sense.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } | Self::DiskFull { .. } | Self::Other { .. } => true,
            Self::Io { source, .. } => file_error_may_pass(source),
            _ => false,
        }
    }

    /// What the reader can do about it, as one line; `None` if nothing is known to help.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { place, .. } if place.starts_with("http") => format!(
                "check that a server listens at {place} and that this machine may reach it; \
                 `endpoint=` in the store's location names another address"
            ),
            Self::Unreachable { .. } => "check the network, the region and, inside a VPC, that \
                 it has a gateway endpoint for S3"
                .to_owned(),
            Self::Busy { .. } => "wait a little and try again; fewer workers ask less of \
                 the store"
                .to_owned(),
            Self::NoBucket { bucket, .. } => {
                format!("create it (`aws s3 mb s3://{bucket}`), or correct the name in the store's location")
            }
            Self::WrongRegion {
                bucket,
                expected: Some(region),
            } => format!("write the store as s3://{bucket}?region={region}"),
            Self::WrongRegion { bucket, .. } | Self::NoRegion { bucket } => {
                format!("write the store as s3://{bucket}?region=REGION, or set AWS_REGION")
            }
            Self::AccessDenied { code, .. } => denied_hint(code).to_owned(),
            Self::WithoutS3 { .. } => tally::full_build::HINT.to_owned(),
            Self::NoCredentials { .. } => "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, or log in again with `aws sso login`"
                .to_owned(),
            Self::DiskFull { path } => format!(
                "free some space on the disk that holds {}, or keep the store elsewhere",
                path.display()
            ),
            Self::NotFolder { .. } => "name a folder as the store; it is created when it is missing".to_owned(),
            Self::NotCreateOnly { .. } => "use a store that honours `If-None-Match: *` on PUT: \
                 Amazon S3, MinIO, Cloudflare R2, or a folder"
                .to_owned(),
            Self::TooLarge { .. } => "split the file, or send less of it: a worker holds every \
                 object in memory"
                .to_owned(),
            Self::Io { .. } | Self::BadKey { .. } | Self::Other { .. } => return None,
        };
        Some(hint)
    }
}

/// Whether an error of a file system may pass by itself: descriptors that are used up, a full disk, a
/// call that was interrupted, a device or a file server that fails for a moment.
pub(crate) fn file_error_may_pass(error: &std::io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EMFILE
                | libc::ENFILE
                | libc::EINTR
                | libc::EIO
                | libc::ESTALE
                | libc::ENOSPC
                | libc::EDQUOT
                | libc::ETIMEDOUT
        )
    )
}

fn denied_hint(code: &str) -> &'static str {
    match code {
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => {
            "the access key or its secret is wrong for this store; check AWS_PROFILE, \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        }
        "ExpiredToken" | "InvalidToken" => "the session has ended; log in again, for example with `aws sso login`",
        "RequestTimeTooSkewed" => "this machine's clock is wrong; set it and try again",
        _ => {
            "the caller needs s3:GetObject, s3:PutObject and s3:DeleteObject below the store's \
             prefix and s3:ListBucket on the bucket, or, for a folder, the right to write there"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_states_its_facts_without_its_source() {
        let error = StoreError::Io {
            action: "read",
            path: PathBuf::from("/runs/a"),
            source: std::io::Error::other("the inner text"),
        };
        assert_eq!(error.to_string(), "cannot read /runs/a");
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("the inner text"));
    }

    #[test]
    fn a_store_without_create_only_writes_says_what_to_use_instead() {
        let error = StoreError::NotCreateOnly {
            place: "http://127.0.0.1:3900".to_owned(),
        };
        assert!(error.to_string().contains("claims cannot work"), "{error}");
        let hint = error.hint().expect("this error has a hint");
        assert!(hint.contains("MinIO"), "{hint}");
    }

    #[test]
    fn a_wrong_region_names_the_right_one() {
        let error = StoreError::WrongRegion {
            bucket: "runs".to_owned(),
            expected: Some("eu-west-1".to_owned()),
        };
        assert_eq!(error.to_string(), "bucket `runs` is in another region: eu-west-1");
        assert_eq!(
            error.hint().as_deref(),
            Some("write the store as s3://runs?region=eu-west-1")
        );
    }
}
