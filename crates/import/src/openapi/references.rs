//! Resolves references inside a document, such as `$ref: '#/components/schemas/Order'`.

use crate::tree::At;
use crate::uri;

/// The maximum length of a chain of references, in which each reference refers to the next.
const CHAIN_MAX: usize = 32;

/// Follows a chain of references until a value that is not a reference is found.
///
/// # Errors
/// Returns the reason why no value was found.
pub(super) fn resolve<'a>(root: &At<'a>, at: At<'a>) -> Result<At<'a>, String> {
    let mut at = at;
    for _ in 0..CHAIN_MAX {
        let Some(reference) = at.text_of("$ref") else {
            return Ok(at);
        };
        at = find(root, reference)?;
    }
    Err("a reference that leads back to itself".to_owned())
}

/// Returns the value to which a reference refers. The fragment of the reference is a JSON pointer.
fn find<'a>(root: &At<'a>, reference: &str) -> Result<At<'a>, String> {
    let shown = crate::left_out::shown(reference);
    let Some(pointer) = reference.strip_prefix('#') else {
        return Err(format!("the reference {shown} to another file"));
    };
    let mut at = root.clone();
    for part in pointer.split('/').skip(1) {
        let key = uri::decoded(part).replace("~1", "/").replace("~0", "~");
        let item = key.parse().ok().and_then(|number: usize| at.items().nth(number));
        at = at
            .get(&key)
            .or(item)
            .ok_or_else(|| format!("the reference {shown}, which leads to nothing"))?;
    }
    Ok(at)
}
