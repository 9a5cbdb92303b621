//! What the environment allows workers of this machine: where they may send, and which variables.

use crate::error::Refused;
use worker::allow::Allow;
use worker::secrets::Variables;

/// Where workers of this machine may send: anywhere, unless `VAJRA_ALLOW` is set.
pub fn allow() -> Result<Allow, Refused> {
    Ok(fleet::local::allow()?)
}

/// The variables that a worker may send, by the names that were given to it.
pub fn variables(names: &[String]) -> Result<Variables, Refused> {
    Variables::named(names.iter().map(String::as_str)).map_err(|fault| {
        let (problem, hint) = fault.split_once("; ").unwrap_or((&fault, "name another variable"));
        let (option, list) = (Variables::OPTION, Variables::LIST);
        Refused::new(format!("{option} or {list}: {problem}"), hint)
    })
}
