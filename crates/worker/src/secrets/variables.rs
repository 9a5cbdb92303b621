//! The environment variables that a worker may send in requests.
//!
//! A plan in the store must not choose variables of the worker's machine. Therefore, the user who starts the worker
//! names the variables that `env:` references may use.

use plan::secret::{Keeper, Reference, check_variable};
use std::collections::BTreeSet;

/// The names of the environment variables that may be sent. The value of a variable is read only when a plan refers to
/// the variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeSet<String>);

impl Variables {
    /// The option of `vajra-cloud worker` that names one variable.
    pub const OPTION: &str = "--env";
    /// The environment variable that lists these names, for workers that have no command line options.
    pub const LIST: &str = "VAJRA_ENV";

    /// Checks names of variables, in the form in which a user types them. Spaces around a name are removed, and empty
    /// names are ignored.
    ///
    /// # Errors
    /// Returns a text of the form `problem; hint` for the first variable that no worker may send.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Variables, String> {
        let names = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
        let checked = names.map(|name| check_variable(name).map(|()| name.to_owned()));
        checked.collect::<Result<_, _>>().map(Variables)
    }

    /// Returns the variables that the references of a scenario contain.
    pub fn referenced(references: &[Reference]) -> Variables {
        let variables = references.iter().filter(|reference| reference.keeper == Keeper::Env);
        Variables(variables.map(|reference| reference.name.clone()).collect())
    }

    /// Returns the names of the variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns the value of a variable, if the worker may send this variable.
    pub(super) fn value(&self, name: &str) -> Result<String, String> {
        if !self.0.contains(name) {
            let (option, list) = (Variables::OPTION, Variables::LIST);
            return Err(format!(
                "this worker may not read the variable `{name}`; start it with `{option} {name}`, or with `{name}` in \
                 {list}"
            ));
        }
        std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => format!("the environment of the worker has no `{name}`; set it there"),
            std::env::VarError::NotUnicode(_) => "it is not valid UTF-8; set it to text".to_owned(),
        })
    }
}
