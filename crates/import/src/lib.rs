//! What did another tool's file mean? Turns it into a scenario.
//!
//! Everything here is a pure function of its input.

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

/// The folder that a path in the input is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The folder in which the other tool is started.
    Current,
    /// The folder of the input.
    Input,
}

/// Inputs of an import from outside the file.
pub struct Options<'a> {
    /// The format; by default it is recognised from the content.
    pub format: Option<Format>,
    /// Returns a path as the scenario writes it; `None` if it is not known.
    pub place: &'a dyn Fn(Base, &str) -> Option<String>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// A file of another tool as a scenario.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario, which begins with the two lists below as comments.
    pub yaml: String,
    pub format: Format,
    /// The environment variables that contain secrets, each with its description.
    pub secrets: Vec<String>,
    pub left_out: Vec<LeftOut>,
}

/// Turns a file of another tool into a scenario.
///
/// # Errors
/// When the file cannot be read, or contains no request.
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
