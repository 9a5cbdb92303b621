//! Every stored document says which format it is in, and a reader that meets a newer one says so.

use serde::Deserialize;

/// The format that this version writes, of every stored document.
pub const FORMAT: u32 = 1;

/// Why a stored document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error(
        "the {document} is in format {found}, and this version reads up to {FORMAT}: upgrade vajra-cloud here, or use the version that started the run"
    )]
    Newer { document: &'static str, found: u32 },
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
pub fn check(document: &'static str, json: &[u8]) -> Result<(), FormatError> {
    let stamp: Stamp = serde_json::from_slice(json).map_err(|error| FormatError::Damaged {
        document,
        problem: error.to_string(),
    })?;
    if stamp.format > FORMAT {
        return Err(FormatError::Newer {
            document,
            found: stamp.format,
        });
    }
    Ok(())
}

/// Reads a JSON document, its format first.
///
/// # Errors
/// As [`check`]; and when the document does not have the shape of `T`.
pub fn read<T: serde::de::DeserializeOwned>(document: &'static str, json: &[u8]) -> Result<T, FormatError> {
    check(document, json)?;
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
        let error = check("plan", br#"{"format": 2, "shape": "unknown"}"#).unwrap_err();
        assert_eq!(
            error,
            FormatError::Newer {
                document: "plan",
                found: 2
            }
        );
        assert!(error.to_string().contains("upgrade vajra-cloud"));
        assert!(check("plan", b"{}").unwrap_err().to_string().contains("damaged"));
        assert!(check("plan", b"\xff").is_err());
        assert_eq!(check("plan", br#"{"format": 1}"#), Ok(()));
    }
}
