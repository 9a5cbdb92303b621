//! The errors of a store. Each kind of error requires a different action of the caller.
//!
//! Invariant: the text of an error never contains the text of its source. The caller prints the error and its sources
//! once, and then [`StoreError::hint`].

use std::path::PathBuf;

use crate::limits::OBJECT_BYTES_MAX;

/// The error that caused a [`StoreError`].
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No answer arrived. The failure may be temporary, or the address of the store is wrong.
    #[error("cannot reach the store at {place}")]
    Unreachable { place: String, source: Option<Cause> },

    /// The store was overloaded, and rejected the request at every attempt.
    #[error("the store at {place} is too busy: it answered {code}")]
    Busy {
        place: String,
        code: String,
        source: Option<Cause>,
    },

    #[error("bucket `{bucket}` does not exist at {place}")]
    NoBucket { bucket: String, place: String },

    /// The bucket exists, but not in the region that the requests name.
    #[error("bucket `{bucket}` is in another region{}", in_region(expected))]
    WrongRegion { bucket: String, expected: Option<String> },

    #[error("no region is set for bucket `{bucket}`")]
    NoRegion { bucket: String },

    /// The store rejected the caller's credentials, or the caller may not access the object.
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

    /// A folder that is served was removed, or its file system is not mounted any more.
    #[error("the folder {} does not exist any more", path.display())]
    Gone { path: PathBuf },

    /// A link could lead out of a folder that is served.
    #[error("{} is a symbolic link", path.display())]
    Link { path: PathBuf },

    #[error("cannot {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },

    /// The store does not support create-only writes. The store overwrites an existing object, or rejects the write.
    #[error(
        "the store at {place} does not support create-only writes, so claims cannot work: \
         one shard could run twice"
    )]
    NotCreateOnly { place: String },

    #[error("{key:?} is not a key: {why}")]
    BadKey { key: String, why: &'static str },

    #[error("object {key} has {bytes} bytes, more than the {OBJECT_BYTES_MAX} that are allowed")]
    TooLarge { key: String, bytes: u64 },

    /// A failure of any other kind.
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
    /// Returns whether the failure may be temporary, so that a retry may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } | Self::DiskFull { .. } | Self::Other { .. } => true,
            Self::Io { source, .. } => file_error_may_pass(source),
            _ => false,
        }
    }

    /// Returns how the user can solve the problem, in one line. Returns `None` if no solution is known.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { place, .. } if place.starts_with("http") => format!(
                "check that a server listens at {place} and that this machine can reach it; \
                 set another address with `endpoint=` in the store's location"
            ),
            Self::Unreachable { .. } => "check the network and the region; in a VPC, check that \
                 it has a gateway endpoint for S3"
                .to_owned(),
            Self::Busy { .. } => "wait and try again; with fewer workers there are fewer requests to \
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
            Self::NotFolder { .. } => "use a folder as the store; a missing one is created".to_owned(),
            Self::NotCreateOnly { .. } => "use a store that honours `If-None-Match: *` on PUT: \
                 Amazon S3, MinIO, Cloudflare R2, or a folder"
                .to_owned(),
            Self::TooLarge { .. } => "split the file or make it smaller: a worker keeps every \
                 object in memory"
                .to_owned(),
            Self::Gone { .. } => "restore the folder, and restart the server".to_owned(),
            Self::Link { .. } => "replace the link with the folder or file".to_owned(),
            Self::Io { .. } | Self::BadKey { .. } | Self::Other { .. } => return None,
        };
        Some(hint)
    }
}

/// Returns whether a file system error may be temporary. Examples are a lack of descriptors, a full disk, an
/// interrupted call, and a brief failure of a device or file server.
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
    fn a_store_without_create_only_writes_gets_a_hint_with_alternatives() {
        let error = StoreError::NotCreateOnly {
            place: "http://127.0.0.1:3900".to_owned(),
        };
        assert!(error.to_string().contains("claims cannot work"), "{error}");
        let hint = error.hint().expect("this error has a hint");
        assert!(hint.contains("MinIO"), "{hint}");
    }

    #[test]
    fn a_wrong_region_error_names_the_right_region() {
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
