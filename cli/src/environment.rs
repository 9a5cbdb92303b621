//! What the environment allows workers of this machine: where they may send, and which variables.

use crate::printer::Stated;
use ::worker::allow::Allow;
use ::worker::secrets::Variables;

/// Where workers of this machine may send: anywhere, unless `VAJRA_ALLOW` is set.
pub(crate) fn allow() -> Result<Allow, Stated> {
    let text = std::env::var_os(Allow::VARIABLE).map(|text| text.to_string_lossy().into_owned());
    Allow::of_machine(text.as_deref())
        .map_err(|error| Stated::usage(format!("{}: {}", Allow::VARIABLE, error.problem), error.hint))
}

/// The variables that a worker may send, by the names that were given to it.
pub(crate) fn variables(names: &[String]) -> Result<Variables, Stated> {
    Variables::named(names.iter().map(String::as_str)).map_err(|fault| {
        let (problem, hint) = fault.split_once("; ").unwrap_or((&fault, "name another variable"));
        let (option, list) = (Variables::OPTION, Variables::LIST);
        Stated::usage(format!("{option} or {list}: {problem}"), hint)
    })
}
