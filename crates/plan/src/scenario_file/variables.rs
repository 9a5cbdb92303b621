//! The values of variables, and which of them are used.

use super::grammar::listed;
use crate::rules;
use crate::template::NOTED;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// What the command line chooses of a scenario: `--env` and `--set`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The name of one of the scenario's `environments`.
    pub environment: Option<String>,
    /// Names and values. The last value of a name holds.
    pub variables: Vec<(String, String)>,
}

impl Settings {
    /// The text of a scenario below comments that say what was chosen.
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
    /// Those whose values have problems, which are reported already.
    unread: BTreeSet<String>,
    /// The names in `vars`.
    pub declared: BTreeSet<String>,
    pub used: RefCell<BTreeSet<String>>,
    /// Where environments name variables.
    pub named: Vec<(Range<usize>, String)>,
}

#[derive(Debug)]
pub(super) struct Variable {
    pub value: Rc<str>,
    /// Where the value is given, for problems with it.
    pub origin: String,
}

impl Variables {
    /// The value of a variable, or `what is wrong; what would be right`.
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
                "the variable `{shown}` has no value; the variables are {}; `--set {shown}=VALUE` gives it one",
                listed(self.values.keys().map(String::as_str))
            ),
        })
    }

    /// Gives a variable a value, which is `None` if there is a problem with it.
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
