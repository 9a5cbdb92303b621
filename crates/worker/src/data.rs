//! The stored files of a run. The name of a file is the SHA-256 of its content.

use bytes::Bytes;
use plan::sha256;
use store::{RunStore, keys};

/// Reads a stored file of a run.
///
/// # Errors
/// Returns a sentence that names the missing or damaged object.
pub(crate) async fn fetch(store: &RunStore, run: &str, name: &str) -> Result<Bytes, String> {
    let key = keys::data(run, name);
    let bytes = match store.get(&key).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(format!("{key} is not in the store")),
        Err(error) => return Err(format!("{key} could not be read: {error}")),
    };
    match sha256::hex(&bytes) == *name {
        true => Ok(bytes),
        false => Err(format!("{key} is damaged: its content does not match its SHA-256")),
    }
}
