//! Reads settings for workers on this machine from the environment: the targets to which these workers may send, and
//! the variables that they may use.

use crate::error::Refused;
use worker::allow::Allow;
use worker::secrets::Variables;

/// Returns the targets to which workers on this machine may send. All targets are allowed unless `VAJRA_ALLOW` is set.
pub fn allow() -> Result<Allow, Refused> {
    Ok(fleet::local::allow()?)
}

/// Returns the targets in `VAJRA_ALLOW`, or no target if this variable is not set.
pub fn allow_listed() -> Result<Allow, Refused> {
    match std::env::var_os(Allow::VARIABLE) {
        Some(_) => allow(),
        None => Ok(Allow::of_function("")),
    }
}

/// Returns the named variables and their values, which workers may send.
pub fn variables(names: &[String]) -> Result<Variables, Refused> {
    Variables::named(names.iter().map(String::as_str)).map_err(|fault| {
        let (problem, hint) = fault.split_once("; ").unwrap_or((&fault, "name another variable"));
        let (option, list) = (Variables::OPTION, Variables::LIST);
        Refused::new(format!("{option} or {list}: {problem}"), hint)
    })
}
