//! The reason why a test waits, from the results of the checks before its run.

use fleet::finding::{Finding, FindingState};

/// The reason of a test whose store cannot be used.
pub(super) const STORE_FAILED: &str = "StoreFailed";
/// The reason of a test while the API of the cluster fails.
pub(super) const CLUSTER_FAILED: &str = "ClusterFailed";
/// The reason of a test whose ConfigMap does not exist, or does not have the key.
pub(super) const SCENARIO_MISSING: &str = "ScenarioMissing";
/// The reason of a test that the operator cannot run with its own options.
pub(super) const MISCONFIGURED: &str = "OperatorMisconfigured";
/// The reasons for which a test waits, by the subject of the check.
const REASONS: [(&str, &str); 6] = [
    ("cluster", CLUSTER_FAILED),
    ("permissions", "PermissionDenied"),
    ("quota", "QuotaExceeded"),
    ("targets", "TargetsNotAllowed"),
    ("store", STORE_FAILED),
    ("pods' store", STORE_FAILED),
];
/// The reason for every other check.
const OTHER: &str = "ChecksFailed";

/// Returns the reason of the first problem, and a text with all problems and their hints. Returns `None` if there is no
/// problem.
pub(super) fn of(findings: &[Finding]) -> Option<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut first = None;
    for Finding { about, found } in findings {
        match found {
            FindingState::Bad { problem, hint } => {
                first.get_or_insert(*about);
                problems.push(format!("{problem}; {hint}"));
            }
            FindingState::Good(_) | FindingState::Unknown(_) => {}
        }
    }
    let about = first?;
    let reason = REASONS.iter().find(|(one, _)| *one == about);
    Some((reason.map_or(OTHER, |(_, reason)| reason), problems.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(about: &'static str, problem: &str) -> Finding {
        let found = FindingState::bad(problem, "do this");
        Finding { about, found }
    }

    #[test]
    fn all_problems_are_named_under_the_reason_of_the_first() {
        let good = |about| Finding {
            about,
            found: FindingState::Good("fine".to_owned()),
        };
        assert_eq!(of(&[good("quota"), good("store")]), None);
        let found = of(&[good("store"), bad("quota", "no room"), bad("targets", "refused")]);
        let expected = "no room; do this; refused; do this".to_owned();
        assert_eq!(found, Some(("QuotaExceeded", expected)));
        assert_eq!(of(&[bad("capacity", "slow")]).map(|(reason, _)| reason), Some(OTHER));
    }
}
