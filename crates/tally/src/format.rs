//! Every stored document says which format it is in, and a reader that meets a newer one says so.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The format that this version writes, of every stored document but those of [`RUN_FORMAT`].
pub const FORMAT: u32 = 1;

/// The format that this version writes, of plans, snapshots and results.
///
/// 2: snapshots and results state where they come from ([`crate::provenance`]).
///
/// 3: requests have forms of values, repeated headers and the target itself as URL; targets take turns; thresholds
/// count what is dropped. Plans have hosts and certificates, which an older worker would leave out. Snapshots and
/// results count failures of the kinds `local` and `closed`, which readers of 2 take for damage.
///
/// 4: snapshots and results have the parts of lag, times to the first byte, and what opening connections took
/// ([`crate::waits`]).
pub const RUN_FORMAT: u32 = 4;

/// The first format in which snapshots and results say what lag is made of.
pub(crate) const FORMAT_WITH_PARTS: u32 = 4;

/// Why a stored document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error(
        "the {document} is in format {found}, and this version reads up to {reads}: upgrade vajra-cloud here, or use the version that started the run"
    )]
    Newer {
        document: &'static str,
        found: u32,
        reads: u32,
    },
    #[error("the {document} is damaged: {problem}")]
    Damaged { document: &'static str, problem: String },
}

#[derive(Deserialize)]
struct Stamp {
    format: u32,
}

/// Looks at `format` before anything else of a JSON document.
///
/// # Errors
/// When the document is newer than this version, or has no format.
fn check(document: &'static str, json: &[u8], reads: u32) -> Result<(), FormatError> {
    let stamp: Stamp = serde_json::from_slice(json).map_err(|error| FormatError::Damaged {
        document,
        problem: error.to_string(),
    })?;
    if stamp.format > reads {
        return Err(FormatError::Newer {
            document,
            found: stamp.format,
            reads,
        });
    }
    Ok(())
}

/// Reads a JSON document of [`FORMAT`], its format first.
///
/// # Errors
/// When the document is newer than this version, has no format, or does not have the shape of `T`.
pub fn read<T: DeserializeOwned>(document: &'static str, json: &[u8]) -> Result<T, FormatError> {
    read_up_to(FORMAT, document, json)
}

/// Reads a plan, or the head of a snapshot or result, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_of_run<T: DeserializeOwned>(document: &'static str, json: &[u8]) -> Result<T, FormatError> {
    read_up_to(RUN_FORMAT, document, json)
}

fn read_up_to<T: DeserializeOwned>(reads: u32, document: &'static str, json: &[u8]) -> Result<T, FormatError> {
    check(document, json, reads)?;
    serde_json::from_slice(json).map_err(|error| FormatError::Damaged {
        document,
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_document_says_what_to_upgrade() {
        let error = check("plan", br#"{"format": 3, "shape": "unknown"}"#, 2).unwrap_err();
        assert_eq!(
            error,
            FormatError::Newer {
                document: "plan",
                found: 3,
                reads: 2
            }
        );
        assert!(error.to_string().contains("upgrade vajra-cloud"));
        assert!(check("plan", b"{}", 2).unwrap_err().to_string().contains("damaged"));
        assert!(check("plan", b"\xff", 2).is_err());
        assert_eq!(check("plan", br#"{"format": 1}"#, 2), Ok(()));
    }
}
