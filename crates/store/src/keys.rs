//! The keys of all objects in the store. Only this module composes keys.
//!
//! Invariant: [`parse`] accepts every key of a run that the functions of this module compose, and no key of another
//! form. Numbers have at least five digits, so that listings in text order are in numeric order too.
//!
//! ```text
//! runs/{run}/plan.json
//! runs/{run}/data/{sha256}
//! runs/{run}/shards/{shard}/{slice}/claims/{attempt}
//! runs/{run}/shards/{shard}/{slice}/prepared/{attempt}
//! runs/{run}/shards/{shard}/{slice}/left/{attempt}
//! runs/{run}/start
//! runs/{run}/stop
//! runs/{run}/heartbeat
//! runs/{run}/shards/{shard}/{slice}/live/{n}
//! runs/{run}/shards/{shard}/{slice}/result
//! runs/{run}/account.json
//! runs/{run}/report.json
//! baselines/{name}
//! ```
//!
//! Attempts are counted from 1. In older versions, a slice had only one attempt, and the key of its claim ended in
//! `claim` without a number. In this module, this attempt has the number 0 ([`ONLY_ATTEMPT`]).

use plan::sha256;

/// The maximum length of the name of a run. Every key of the run contains this name. S3 allows 1,024 bytes for a key,
/// and file systems allow 255 bytes for each part of a path.
pub const RUN_ID_CHARS_MAX: usize = 64;

/// The kind of object to which a key of a run refers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Object {
    Plan,
    Data,
    /// The claim of one attempt at a slice. The object `Prepared` means that the attempt has prepared. The object
    /// `Left` means that the attempt has left before the start.
    Claim {
        shard: u32,
        slice: u32,
        attempt: u32,
    },
    Prepared {
        shard: u32,
        slice: u32,
        attempt: u32,
    },
    Left {
        shard: u32,
        slice: u32,
        attempt: u32,
    },
    Start,
    Stop,
    Heartbeat,
    Live {
        shard: u32,
        slice: u32,
        n: u32,
    },
    Result {
        shard: u32,
        slice: u32,
    },
    Account,
    Report,
}

/// The reason why a name of a run is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunIdError {
    #[error("a run's name cannot be empty")]
    Empty,
    #[error("a run's name has at most {RUN_ID_CHARS_MAX} characters, not {chars}")]
    TooLong { chars: usize },
    #[error("a run's name is made of letters, digits and `_ . -`, not {character:?}")]
    Character { character: char },
    #[error("a run's name cannot begin with `-`: commands would read it as an option")]
    Dash,
    #[error("a run's name cannot begin with `.`: a store in a folder uses hidden files")]
    Dot,
}

impl RunIdError {
    /// Returns an instruction for choosing a valid name.
    pub fn hint(&self) -> &'static str {
        match self {
            RunIdError::Dash | RunIdError::Dot => "begin it with a letter, a digit or _",
            RunIdError::Empty | RunIdError::TooLong { .. } | RunIdError::Character { .. } => {
                "use letters, digits, _, . and -"
            }
        }
    }
}

/// Checks the name of a new run, or a name that a user typed. The name consists of ASCII letters, digits and `_ . -`,
/// and begins with neither `-` nor `.`. So the name of a scenario can be the name of a run. A platform with stricter
/// rules for names derives its own name from the name of the run.
///
/// # Errors
/// Returns the first rule that the name breaks.
pub fn check_run_id(run: &str) -> Result<(), RunIdError> {
    check_part(run)?;
    match run.starts_with('-') {
        true => Err(RunIdError::Dash),
        false => Ok(()),
    }
}

/// Checks a part of a key, so that no key can refer to an object outside its prefix. Names that begin with `-` are
/// accepted, because earlier versions stored such names.
fn check_part(name: &str) -> Result<(), RunIdError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() {
        return Err(RunIdError::Empty);
    }
    if let Some(character) = name.chars().find(|c| !allowed(*c)) {
        return Err(RunIdError::Character { character });
    }
    if name.len() > RUN_ID_CHARS_MAX {
        return Err(RunIdError::TooLong { chars: name.len() });
    }
    if name.starts_with('.') {
        return Err(RunIdError::Dot);
    }
    Ok(())
}

/// Returns the prefix of the keys of all runs.
pub fn runs() -> String {
    "runs/".to_owned()
}

/// Returns the prefix of the keys of one run.
pub fn run(run: &str) -> String {
    format!("runs/{run}/")
}

/// Returns the prefix of the claims, snapshots and results of all shards of a run.
pub fn shards(run: &str) -> String {
    format!("runs/{run}/shards/")
}

/// Returns the prefix of the keys of one shard. `name` is the name of the shard below [`shards`].
pub fn shard(run: &str, name: &str) -> String {
    format!("runs/{run}/shards/{name}/")
}

pub fn plan(run: &str) -> String {
    format!("runs/{run}/plan.json")
}

/// Returns the key of a stored file of a run, such as a feed or a body. `sha256` is the SHA-256 of its content in
/// lower-case hex.
pub fn data(run: &str, sha256: &str) -> String {
    format!("runs/{run}/data/{sha256}")
}

/// The number of the only attempt at a slice, in a run of an older version.
pub const ONLY_ATTEMPT: u32 = 0;
/// The number of the first attempt at a slice.
pub const FIRST_ATTEMPT: u32 = 1;

/// Returns the key of the claim that an attempt at a slice writes.
pub fn claim(run: &str, shard: u32, slice: u32, attempt: u32) -> String {
    match attempt {
        ONLY_ATTEMPT => format!("runs/{run}/shards/{shard:05}/{slice:05}/claim"),
        attempt => format!("runs/{run}/shards/{shard:05}/{slice:05}/claims/{attempt:05}"),
    }
}

/// Returns the key of the object that shows that an attempt has prepared.
pub fn prepared(run: &str, shard: u32, slice: u32, attempt: u32) -> String {
    format!("runs/{run}/shards/{shard:05}/{slice:05}/prepared/{attempt:05}")
}

/// Returns the key of the object that contains the reason why an attempt left before the start.
pub fn left(run: &str, shard: u32, slice: u32, attempt: u32) -> String {
    format!("runs/{run}/shards/{shard:05}/{slice:05}/left/{attempt:05}")
}

pub fn start(run: &str) -> String {
    format!("runs/{run}/start")
}

pub fn stop(run: &str) -> String {
    format!("runs/{run}/stop")
}

/// Returns the key of a run's heartbeat, for a run that stops when no process follows the run. Every process that
/// follows the run writes the heartbeat again at regular intervals.
pub fn heartbeat(run: &str) -> String {
    format!("runs/{run}/heartbeat")
}

/// Returns the key of snapshot `n` of a slice. The snapshot contains the measurements since snapshot `n - 1`.
pub fn live(run: &str, shard: u32, slice: u32, n: u32) -> String {
    format!("runs/{run}/shards/{shard:05}/{slice:05}/live/{n:05}")
}

pub fn result(run: &str, shard: u32, slice: u32) -> String {
    format!("runs/{run}/shards/{shard:05}/{slice:05}/result")
}

pub fn account(run: &str) -> String {
    format!("runs/{run}/account.json")
}

pub fn report(run: &str) -> String {
    format!("runs/{run}/report.json")
}

/// Returns the key of the measured capacity of one worker for a mix. `mark` is the SHA-256 of the mix, the options and
/// the platform. This object does not belong to a run.
pub fn calibration(mark: &str) -> String {
    format!("calibrations/{mark}")
}

/// Returns the prefix of the keys of all baselines. Baselines do not belong to a run, so they remain when a run is
/// deleted.
pub fn baselines() -> String {
    "baselines/".to_owned()
}

/// Returns the key of a baseline. A baseline contains the data of a run that is compared with later runs. The rules for
/// names of runs also apply to names of baselines.
pub fn baseline(name: &str) -> String {
    format!("baselines/{name}")
}

/// Returns the name of the baseline to which a key refers. Returns `None` for any other key.
pub fn parse_baseline(key: &str) -> Option<&str> {
    let name = key.strip_prefix("baselines/")?;
    check_part(name).ok()?;
    Some(name)
}

/// Returns the key that is used to test whether the store supports create-only writes. The key does not belong to a
/// run.
pub fn probe() -> String {
    "probes/create-only".to_owned()
}

/// Returns the run and the object to which a key refers. Returns `None` for any other key.
pub fn parse(key: &str) -> Option<(&str, Object)> {
    let (run, rest) = key.strip_prefix("runs/")?.split_once('/')?;
    check_part(run).ok()?;
    let parts: Vec<&str> = rest.split('/').collect();
    let object = match parts.as_slice() {
        ["plan.json"] => Object::Plan,
        ["data", name] if sha256::is_hex(name) => Object::Data,
        ["start"] => Object::Start,
        ["stop"] => Object::Stop,
        ["heartbeat"] => Object::Heartbeat,
        ["account.json"] => Object::Account,
        ["report.json"] => Object::Report,
        ["shards", shard, slice, rest @ ..] => {
            let (shard, slice) = (number(shard)?, number(slice)?);
            match rest {
                ["claim"] => Object::Claim {
                    shard,
                    slice,
                    attempt: ONLY_ATTEMPT,
                },
                ["claims", attempt] => Object::Claim {
                    shard,
                    slice,
                    attempt: attempt_number(attempt)?,
                },
                ["prepared", attempt] => Object::Prepared {
                    shard,
                    slice,
                    attempt: attempt_number(attempt)?,
                },
                ["left", attempt] => Object::Left {
                    shard,
                    slice,
                    attempt: attempt_number(attempt)?,
                },
                ["result"] => Object::Result { shard, slice },
                ["live", n] => Object::Live {
                    shard,
                    slice,
                    n: number(n)?,
                },
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((run, object))
}

/// Parses a number. Accepts only the form that the functions above write.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (format!("{number:05}") == text).then_some(number)
}

/// Parses the number of an attempt in a key. A key of [`ONLY_ATTEMPT`] contains no number.
fn attempt_number(text: &str) -> Option<u32> {
    number(text).filter(|attempt| *attempt >= FIRST_ATTEMPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn every_key_parses_back_to_its_object() {
        for (shard, slice, n) in [(0, 0, 0), (7, 1, 42), (99_999, 100_000, u32::MAX)] {
            let cases = [
                (plan("r-1"), Object::Plan),
                (data("r-1", SHA), Object::Data),
                (start("r-1"), Object::Start),
                (stop("r-1"), Object::Stop),
                (live("r-1", shard, slice, n), Object::Live { shard, slice, n }),
                (result("r-1", shard, slice), Object::Result { shard, slice }),
                (account("r-1"), Object::Account),
                (report("r-1"), Object::Report),
            ];
            for (key, object) in cases {
                assert_eq!(parse(&key), Some(("r-1", object)), "{key}");
            }
            let attempt = n.max(FIRST_ATTEMPT);
            let attempts = [
                (
                    claim("r-1", shard, slice, ONLY_ATTEMPT),
                    Object::Claim {
                        shard,
                        slice,
                        attempt: ONLY_ATTEMPT,
                    },
                ),
                (
                    claim("r-1", shard, slice, attempt),
                    Object::Claim { shard, slice, attempt },
                ),
                (
                    prepared("r-1", shard, slice, attempt),
                    Object::Prepared { shard, slice, attempt },
                ),
                (
                    left("r-1", shard, slice, attempt),
                    Object::Left { shard, slice, attempt },
                ),
            ];
            for (key, object) in attempts {
                assert_eq!(parse(&key), Some(("r-1", object)), "{key}");
            }
        }
    }

    #[test]
    fn keys_have_their_documented_form() {
        assert_eq!(claim("r", 3, 0, ONLY_ATTEMPT), "runs/r/shards/00003/00000/claim");
        assert_eq!(claim("r", 3, 0, 2), "runs/r/shards/00003/00000/claims/00002");
        assert_eq!(prepared("r", 3, 0, 2), "runs/r/shards/00003/00000/prepared/00002");
        assert_eq!(left("r", 3, 0, 2), "runs/r/shards/00003/00000/left/00002");
        assert_eq!(live("r", 3, 0, 12), "runs/r/shards/00003/00000/live/00012");
        assert_eq!(result("r", 3, 0), "runs/r/shards/00003/00000/result");
        assert!(claim("r", 3, 0, 1).starts_with(&shards("r")));
        assert!(plan("r").starts_with(&run("r")));
        assert!(run("r").starts_with(&runs()));
    }

    #[test]
    fn other_forms_are_not_keys_of_a_run() {
        for key in [
            "",
            "runs/r",
            "runs/r/",
            "runs//plan.json",
            "runs/r/plan",
            "runs/r/plan.json/",
            "runs/r/data/xyz",
            "runs/r/shards/3/0/claim",
            "runs/r/shards/00003/00000",
            "runs/r/shards/+0003/00000/claim",
            "runs/r/shards/00003/00000/claims/00000",
            "runs/r/shards/00003/00000/claims/1",
            "runs/r/shards/00003/00000/prepared",
            "runs/r/shards/00003/00000/left/00000",
            "runs/r/shards/000003/00000/claim",
            "runs/r/shards/99999999999/00000/claim",
            "runs/r/shards/00003/00000/live/",
            "runs/../plan.json",
            "other/r/plan.json",
            &probe(),
            &baseline("r"),
        ] {
            assert_eq!(parse(key), None, "{key}");
        }
    }

    #[test]
    fn baselines_have_their_own_prefix() {
        assert_eq!(baseline("may-1"), "baselines/may-1");
        assert!(baseline("may-1").starts_with(&baselines()));
        assert_eq!(parse_baseline(&baseline("may-1")), Some("may-1"));
        for key in [
            "baselines/",
            "baselines/a/b",
            "baselines/..",
            "runs/may-1",
            &plan("may-1"),
        ] {
            assert_eq!(parse_baseline(key), None, "{key}");
        }
    }

    #[test]
    fn keys_sort_by_number() {
        assert!(live("r", 0, 0, 9) < live("r", 0, 0, 10));
        assert!(claim("r", 99, 0, 1) < claim("r", 100, 0, 1));
    }

    #[test]
    fn a_runs_name_cannot_leave_its_prefix() {
        for good in ["a", "2024-05-01_checkout", "shop-v1.2", "Shop.EU..x", &"x".repeat(64)] {
            assert_eq!(check_run_id(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            ".x",
            "..x",
            "../other",
            "a/b",
            "a b",
            "é",
            &"x".repeat(65),
        ] {
            assert!(check_run_id(bad).is_err(), "{bad}");
            assert_eq!(parse(&plan(bad)), None, "{bad}");
        }
    }

    #[test]
    fn a_name_that_begins_with_a_dash_is_rejected_for_new_runs_but_still_read() {
        for name in ["-x", "--run", "-"] {
            assert_eq!(check_run_id(name), Err(RunIdError::Dash), "{name}");
            assert_eq!(parse(&plan(name)), Some((name, Object::Plan)));
            assert_eq!(parse_baseline(&baseline(name)), Some(name));
        }
        assert_eq!(check_run_id("_x"), Ok(()));
        assert_eq!(RunIdError::Dash.hint(), "begin it with a letter, a digit or _");
    }
}
