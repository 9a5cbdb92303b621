//! The kinds of fleets. A new one is a file of this crate and a line in [`KINDS`].

use crate::fleet::{FleetError, FleetKind};
use crate::options::FleetOptions;

/// Every kind, in the order of the help.
pub const KINDS: &[&dyn FleetKind] = &[&crate::local::Kind, &crate::lambda::Kind, &crate::elsewhere::Kind];

/// The kind of this name.
pub fn named(name: &str) -> Option<&'static dyn FleetKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// The kind for a command that names none and only looks: one that has been deployed, or processes of this machine.
pub fn usual(options: &FleetOptions) -> &'static dyn FleetKind {
    let deployed = KINDS.iter().copied().find(|kind| kind.is_deployed(options));
    deployed.unwrap_or(&crate::local::Kind)
}

/// The store with which the first fleet was deployed that was deployed with one.
///
/// # Errors
/// When a file that says so cannot be read.
pub fn deployed_store(options: &FleetOptions) -> Result<Option<String>, FleetError> {
    for kind in KINDS {
        if let Some(store) = kind.store(options)? {
            return Ok(Some(store));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for (at, kind) in KINDS.iter().enumerate() {
            let first = KINDS.iter().position(|other| other.name() == kind.name());
            assert_eq!(first, Some(at), "{}", kind.name());
            assert_eq!(named(kind.name()).map(|kind| kind.about()), Some(kind.about()));
        }
        assert!(named("nowhere").is_none());
    }
}
