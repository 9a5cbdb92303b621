//! The reason why a file cannot be imported.

/// The reason why a file cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ImportError {
    /// The position of the problem in the file: a line, or a JSON path.
    pub place: String,
    pub problem: String,
    pub hint: String,
}

impl ImportError {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>, hint: impl Into<String>) -> ImportError {
        ImportError {
            place: place.into(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn in_line(line: usize, problem: impl Into<String>, hint: impl Into<String>) -> ImportError {
        ImportError::new(format!("line {line}"), problem, hint)
    }
}
