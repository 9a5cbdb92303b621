//! The format numbers of stored documents. Each kind of document has its own format number. The number is declared next
//! to the code that writes and reads the document. If a reader finds a newer format, the error names the program that
//! must be upgraded.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A kind of stored document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentKind {
    /// The name of the document in error messages.
    pub name: &'static str,
    /// The format that this version of the program writes. This version reads this format and all earlier formats.
    pub format: u32,
}

/// The reason why a stored document cannot be read.
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
    #[error(
        "the {document} contains a name that this version cannot read: {what}; upgrade vajra-cloud here, or use the version that started the run"
    )]
    Unknown { document: &'static str, what: String },
    #[error("the {document} is damaged: {problem}")]
    Damaged { document: &'static str, problem: String },
}

#[derive(Deserialize)]
struct Stamp {
    format: u32,
}

/// A document together with its format number. The format number is the first field of the JSON object.
#[derive(Serialize)]
struct Versioned<'a, T> {
    format: u32,
    #[serde(flatten)]
    document: &'a T,
}

impl DocumentKind {
    /// Returns the document kind with this name and with this number of its newest format.
    pub const fn new(name: &'static str, format: u32) -> DocumentKind {
        DocumentKind { name, format }
    }

    /// Encodes a document as JSON, with the format number as the first field. The document itself must not have a field
    /// for the format number.
    pub fn write<T: Serialize>(self, document: &T) -> Vec<u8> {
        let stamped = Versioned {
            format: self.format,
            document,
        };
        serde_json::to_vec(&stamped).unwrap_or_else(|_| unreachable!("our own documents are always JSON"))
    }

    /// Reads a document from JSON. The format number is checked before the other fields are read.
    ///
    /// # Errors
    /// Fails if the document has a newer format than this version can read, or has no format number. Also fails if the
    /// document contains an unknown name, or does not have the shape of `T`.
    pub fn read<T: DeserializeOwned>(self, json: &[u8]) -> Result<T, FormatError> {
        let stamp: Stamp = serde_json::from_slice(json).map_err(|error| self.unreadable(&error))?;
        if stamp.format > self.format {
            return Err(FormatError::Newer {
                document: self.name,
                found: stamp.format,
                reads: self.format,
            });
        }
        serde_json::from_slice(json).map_err(|error| self.unreadable(&error))
    }

    /// Returns the error for a damaged document of this kind.
    pub fn damaged(self, problem: impl Into<String>) -> FormatError {
        FormatError::Damaged {
            document: self.name,
            problem: problem.into(),
        }
    }

    fn unreadable(self, error: &serde_json::Error) -> FormatError {
        let problem = error.to_string();
        // The error type of serde does not mark unknown names, so this code compares the text of the error with the
        // text of `serde::de::Error::unknown_variant`.
        let unknown = problem
            .strip_prefix("unknown variant `")
            .and_then(|rest| rest.split('`').next());
        match unknown {
            Some(variant) => FormatError::Unknown {
                document: self.name,
                what: format!("`{}`", variant.escape_debug()),
            },
            None => self.damaged(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: DocumentKind = DocumentKind::new("plan", 2);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Spacing {
        Even,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shape {
        spacing: Spacing,
    }

    fn read(json: &str) -> Result<Shape, String> {
        PLAN.read(json.as_bytes())
            .map_err(|error: FormatError| error.to_string())
    }

    #[test]
    fn a_newer_document_is_rejected_with_the_program_to_upgrade() {
        let newer = read(r#"{"format": 3, "shape": "unknown"}"#).unwrap_err();
        assert!(
            newer.contains("the plan is in format 3, and this version reads up to 2: upgrade vajra-cloud"),
            "{newer}"
        );
        assert!(read("{}").unwrap_err().contains("damaged"));
        assert!(read(r#"{"format": 1}"#).unwrap_err().contains("damaged"));
        assert!(PLAN.read::<Shape>(b"\xff").unwrap_err().to_string().contains("damaged"));
    }

    #[test]
    fn a_written_document_reads_back_unchanged() {
        let shape = Shape { spacing: Spacing::Even };
        let written = PLAN.write(&shape);
        assert_eq!(written, br#"{"format":2,"spacing":"even"}"#);
        assert_eq!(PLAN.read(&written), Ok(shape));
    }

    #[test]
    fn an_unknown_name_is_not_reported_as_damage() {
        let unknown = read(r#"{"format": 2, "spacing": "bunched\n"}"#).unwrap_err();
        assert!(
            unknown.contains("cannot read: `bunched\\n`; upgrade vajra-cloud"),
            "{unknown}"
        );
    }
}
