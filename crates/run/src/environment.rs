//! Reads from the environment the targets and variables that workers of this machine may use.

use crate::error::Refused;
use worker::allow::Allow;
use worker::secrets::Variables;

/// Returns the targets that workers of this machine may send to: all, unless `VAJRA_ALLOW` is set.
pub fn allow() -> Result<Allow, Refused> {
    Ok(fleet::local::allow()?)
}

/// Returns the variables that a worker may send, by name.
pub fn variables(names: &[String]) -> Result<Variables, Refused> {
    Variables::named(names.iter().map(String::as_str)).map_err(|fault| {
        let (problem, hint) = fault.split_once("; ").unwrap_or((&fault, "name another variable"));
        let (option, list) = (Variables::OPTION, Variables::LIST);
        Refused::new(format!("{option} or {list}: {problem}"), hint)
    })
}
