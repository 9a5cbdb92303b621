//! The names of the objects of a run in a cluster.

use sha2::{Digest, Sha256};

/// The maximum length of the name of a Job. The host name of a pod has at most 63 characters. The name of a pod consists
/// of the name of the Job, an index of at most 4 digits and 5 random characters, each after a `-`.
const CHARS_MAX: usize = 63 - 5 - 6;
/// The number of characters of the hash that a changed name contains.
const HASH_CHARS: usize = 8;

/// The name of the container of a pod. The failure policy of the Job selects the exit code of this container by its
/// name.
pub(super) const CONTAINER: &str = "worker";
/// The name of the ConfigMap with the allowed targets of all workers in the namespace. The next constant is the key of
/// the list in this ConfigMap.
pub(super) const ALLOW_CONFIG_MAP: &str = "vajra-cloud-allow";
pub(super) const ALLOW_KEY: &str = "targets";
/// The label that contains the name of the Job, on all objects of a run.
pub(super) const RUN_LABEL: &str = "vajra-cloud.io/run";
/// The annotation that contains the name of the run. The next constant is the annotation that contains the location of
/// the store.
pub(super) const RUN_ANNOTATION: &str = "vajra-cloud.io/run";
pub(super) const STORE_ANNOTATION: &str = "vajra-cloud.io/store";

/// Returns the name of the Job of a run. The Job has the name of the run if this name is valid for pods. Otherwise, the
/// name of the Job contains a hash of the name of the run, so that different runs have different Jobs. The name is also
/// a valid value of a label.
pub(super) fn job(run: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = |c: char| c != '-';
    if run.len() <= CHARS_MAX && run.chars().all(fits) && run.starts_with(ends) && run.ends_with(ends) {
        return run.to_owned();
    }
    let plain: String = run
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    let plain = plain.trim_matches('-');
    let plain = plain[..plain.len().min(CHARS_MAX - HASH_CHARS - 1)].trim_end_matches('-');
    let hash = &hex::encode(Sha256::digest(run))[..HASH_CHARS];
    match plain.is_empty() {
        true => format!("run-{hash}"),
        false => format!("{plain}-{hash}"),
    }
}

/// Returns the selector of all pods of a Job.
pub(super) fn selector(job: &str) -> String {
    format!("{RUN_LABEL}={job}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_name_of_a_run_is_the_name_of_its_job() {
        for run in ["shop-20260102-030405-k3f9", "9", &"a".repeat(CHARS_MAX)] {
            assert_eq!(job(run), run);
        }
    }

    #[test]
    fn every_other_name_becomes_a_valid_name_with_a_hash() {
        let long = "a".repeat(CHARS_MAX + 1);
        let mut seen = std::collections::BTreeSet::new();
        for run in [
            "Shop",
            "shop_1",
            "shop.1",
            "shop-",
            "_",
            "-_-",
            &long,
            &"A.".repeat(32),
            "SHOP",
        ] {
            let name = job(run);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.len() <= CHARS_MAX && name.chars().all(fits), "{run}: {name}");
            assert!(!name.starts_with('-') && !name.ends_with('-'), "{run}: {name}");
            assert_ne!(name, run);
            assert!(seen.insert(name.clone()), "{run}: {name} is the name of another run");
            assert_eq!(job(run), name, "the name must not change");
        }
    }

    #[test]
    fn the_name_of_a_pod_fits_with_the_highest_index() {
        let pod = format!("{}-{}-abcde", job(&"x".repeat(64)), plan::plan::SHARDS_MAX - 1);
        assert!(pod.len() <= 63, "{pod}");
    }
}
