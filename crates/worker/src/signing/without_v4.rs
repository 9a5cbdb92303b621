//! Replaces the module `v4` in a build without the feature `aws`. This module signs nothing, because a plan with signed
//! requests is refused before the start.

use super::{Keys, Unsigned};
use plan::scenario::Signature;
use std::time::Duration;

pub(super) async fn keys_of_environment() -> Result<(Keys, Option<Duration>), String> {
    Err("this program was built without AWS".to_owned())
}

pub(crate) fn headers(_: &Signature, keys: &Keys, request: &Unsigned<'_>, _: u64) -> Option<Vec<(String, String)>> {
    let Keys { key, secret, token } = keys;
    let Unsigned {
        method,
        url,
        host,
        headers,
        body,
    } = request;
    let _ = (key, secret, token, method, url, host, headers, body);
    None
}
