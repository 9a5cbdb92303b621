//! The kinds of fleets. A new kind is one new file in this crate and one new entry of [`KINDS`].

use crate::fleet::{FleetError, FleetKind};
use crate::options::FleetOptions;

/// All kinds of fleets, in the order in which the help lists them.
pub const KINDS: &[&dyn FleetKind] = &[
    &crate::local::Kind,
    &crate::lambda::Kind,
    &crate::kubernetes::Kind,
    &crate::elsewhere::Kind,
];

/// Returns the kind with this name; `None` if no kind has this name.
pub fn named(name: &str) -> Option<&'static dyn FleetKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// Returns the kind that a read-only command without `--fleet` uses: the first kind with a deployed fleet, or else the
/// kind `local`.
pub fn usual(options: &FleetOptions) -> &'static dyn FleetKind {
    let deployed = KINDS.iter().copied().find(|kind| kind.is_deployed(options));
    deployed.unwrap_or(&crate::local::Kind)
}

/// Returns the store of the first fleet that was deployed with a store; `None` if no such fleet is deployed.
///
/// # Errors
/// Fails if a file that names the store cannot be read.
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
