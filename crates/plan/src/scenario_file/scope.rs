//! The captured values of the flow that is being read.

use super::document::Node;
use super::grammar::{listed, nearest};
use std::collections::BTreeMap;

/// The captured values of the flow that is being read.
#[derive(Debug, Default)]
pub(super) struct FlowScope {
    pub variables: Vec<Variable>,
    pub numbers: BTreeMap<String, u32>,
    /// The number of repetitions that contain the step that is being read.
    pub loops: usize,
}

#[derive(Debug)]
pub(super) struct Variable {
    pub name: String,
    /// The node of the first capture that captures the value.
    pub written: Node,
    pub state: CaptureState,
    pub used: bool,
}

/// Whether a value has been captured when the flow reaches a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CaptureState {
    Never,
    /// The value has been captured on only some of the paths through the flow.
    Maybe,
    Always,
}

impl FlowScope {
    /// Returns the number of a captured value for a placeholder; `Ok(None)` if no step captures a value with this name.
    pub fn find(&mut self, name: &str, has_fallback: bool) -> Result<Option<u32>, String> {
        let Some(number) = self.numbers.get(name).copied() else {
            return Ok(None);
        };
        let variable = &mut self.variables[number as usize];
        variable.used = true;
        match variable.state {
            _ if has_fallback => Ok(Some(number)),
            CaptureState::Always => Ok(Some(number)),
            CaptureState::Maybe => Err(format!(
                "`{name}` may have no value here; write `{name} or ''` with the text for that case"
            )),
            CaptureState::Never => Err(format!(
                "`{name}` is used before a step captures it; move the step with `capture` up, or write `{name} or ''`"
            )),
        }
    }

    /// Returns the number of a captured value for a condition.
    pub fn find_for_condition(&mut self, name: &str) -> Result<u32, String> {
        let Some(number) = self.numbers.get(name).copied() else {
            let known = || self.variables.iter().map(|variable| variable.name.as_str());
            return Err(match (nearest(name, known()), self.variables.is_empty()) {
                (Some(near), _) => format!("no step captures `{name}`; did you mean `{near}`?"),
                (None, true) => format!("no step captures `{name}`; write `capture: {{ {name}: json $.{name} }}`"),
                (None, false) => format!("no step captures `{name}`; the captured values are {}", listed(known())),
            });
        };
        let variable = &mut self.variables[number as usize];
        variable.used = true;
        match variable.state {
            CaptureState::Never if self.loops == 0 => Err(format!(
                "`{name}` is tested before a step captures it; move the step with `capture` up"
            )),
            _ => Ok(number),
        }
    }

    pub fn states(&self) -> Vec<CaptureState> {
        self.variables.iter().map(|variable| variable.state).collect()
    }

    pub fn restore(&mut self, states: &[CaptureState]) {
        for (variable, state) in self.variables.iter_mut().zip(states) {
            variable.state = *state;
        }
    }
}

/// Returns the state of each value after the branches of a flow join again. `ways` contains the states at the end of
/// each branch.
pub(super) fn joined(ways: &[Vec<CaptureState>]) -> Vec<CaptureState> {
    let (first, others) = ways.split_first().expect("there is at least one way");
    let join = |(at, state): (usize, &CaptureState)| match others.iter().all(|other| other[at] == *state) {
        true => *state,
        false => CaptureState::Maybe,
    };
    first.iter().enumerate().map(join).collect()
}
