//! Converts a file of another load-testing tool to a scenario.
//!
//! All functions of this crate are pure functions: their results depend only on their arguments.

pub mod address;
mod artillery;
mod curl;
mod error;
mod finish;
mod form;
mod format;
mod found;
mod har;
mod json_text;
mod left_out;
pub mod model;
mod openapi;
mod secrets;
mod sound;
pub mod text;
mod tree;
mod uri;
mod vegeta;
pub mod writer;
pub mod yaml;

pub use error::ImportError;
pub use format::Format;
pub use left_out::LeftOut;

use found::Import;
use left_out::LeftOuts;
use secrets::Secrets;

/// The maximum size of the input, in bytes.
pub const INPUT_BYTES_MAX: usize = 64 << 20;

/// The folder to which a path in the input is relative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The folder in which the user starts the other tool.
    Current,
    /// The folder that contains the input.
    Input,
}

/// The arguments of an import, except the content of the file.
pub struct Options<'a> {
    /// The format of the file. `None` if the format is recognised from the content.
    pub format: Option<Format>,
    /// Returns a path from the file in the form that the scenario contains. Returns `None` if this form is not known.
    pub place: &'a dyn Fn(Base, &str) -> Option<String>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// The result of converting a file of another tool to a scenario.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The text of the scenario. The text begins with comments that contain the lists `secrets` and `left_out`. In
    /// these comments, long lists are shortened.
    pub yaml: String,
    pub format: Format,
    /// The environment variables that contain secrets, each with a description.
    pub secrets: Vec<String>,
    pub left_out: Vec<LeftOut>,
}

/// Converts a file of another load-testing tool to a scenario.
///
/// # Errors
/// Fails if the file cannot be read, or contains no request.
pub fn import(bytes: &[u8], options: &Options<'_>) -> Result<Imported, ImportError> {
    let text = format::text(bytes)?;
    let format = match options.format {
        Some(format) => format,
        None => format::recognise(text)?,
    };
    let mut import = Import {
        options,
        secrets: Secrets::default(),
        left_out: LeftOuts::default(),
    };
    let draft = match format {
        Format::Artillery => artillery::read(text, &mut import)?,
        Format::Curl => curl::read(text, &mut import)?,
        Format::Har => har::read(text, &mut import)?,
        Format::OpenApi => openapi::read(text, &mut import)?,
        Format::Vegeta => vegeta::read(text, &mut import)?,
    };
    finish::finish(import, draft, format)
}
