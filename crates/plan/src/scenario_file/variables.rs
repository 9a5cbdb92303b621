//! The values of variables, and which of the variables are used.

use super::grammar::listed;
use crate::rules;
use crate::template::NOTED;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// The settings that options of the command line make for a scenario: `--env` and `--set`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The name of an environment that the scenario declares under the key `environments`.
    pub environment: Option<String>,
    /// The names and the values of variables. If a name occurs several times, its last value is used.
    pub variables: Vec<(String, String)>,
}

impl Settings {
    /// Returns the text of a scenario. Comments with these settings precede the text.
    pub(super) fn written_above(&self, text: &str) -> String {
        let environment = self.environment.iter().map(|name| format!("--env {name}"));
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| format!("--set {name}={value}"));
        let lines = environment
            .chain(variables)
            .map(|option| format!("# {}\n", option.escape_debug().to_string().replace("\\\"", "\"")));
        let above: String = lines.collect();
        match above.is_empty() {
            true => text.to_owned(),
            false => above + text.trim_start_matches('\u{feff}'),
        }
    }
}

/// The variables of a scenario.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Variable>,
    /// The names of variables whose values are invalid. The invalid values have already been reported.
    unread: BTreeSet<String>,
    /// The names of the variables that `vars` declares.
    pub declared: BTreeSet<String>,
    pub used: RefCell<BTreeSet<String>>,
    /// The names of the variables that environments set, with their positions in the source.
    pub named: Vec<(Range<usize>, String)>,
}

#[derive(Debug)]
pub(super) struct Variable {
    pub value: Rc<str>,
    /// The source of the value. Problems with the value contain this text.
    pub origin: String,
}

impl Variables {
    /// Returns the value of a variable. Fails with an error text of the form `problem; hint`.
    pub fn value(&self, name: &str) -> Result<&str, String> {
        self.find(name).map(|variable| &*variable.value)
    }

    pub fn find(&self, name: &str) -> Result<&Variable, String> {
        if !rules::is_variable_name(name) {
            return Err("`var` takes the name of a variable; write `var rate`".to_owned());
        }
        self.used.borrow_mut().insert(name.to_owned());
        if self.unread.contains(name) {
            return Err(NOTED.to_owned());
        }
        let shown = &name[..name.floor_char_boundary(64)];
        self.values.get(name).ok_or_else(|| match self.values.is_empty() {
            true => format!(
                "the variable `{shown}` has no value; write `vars: {{ {shown}: VALUE }}`, or `--set {shown}=VALUE`"
            ),
            false => format!(
                "the variable `{shown}` has no value; the variables are {}; `--set {shown}=VALUE` sets it",
                listed(self.values.keys().map(String::as_str))
            ),
        })
    }

    /// Sets the value of a variable. `None` means that the value has a problem.
    pub fn set(&mut self, name: &str, value: Option<&str>, origin: String) {
        match value {
            Some(value) => {
                let value = value.into();
                self.values.insert(name.to_owned(), Variable { value, origin });
            }
            None => {
                self.unread.insert(name.to_owned());
            }
        }
    }
}
