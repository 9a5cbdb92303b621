//! Checks of the source code. A failed check prints the file, the line and the remedy.
//!
//! The checks read a source file as tokens, so a comment or the content of a string is never mistaken for code. Fewer
//! rules apply to code under `#[cfg(test)]`.

#![expect(clippy::unwrap_used, reason = "a test fails if it cannot read its own tree")]

use crate::words::{self, Kind, Word};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The members of the workspace that each member may use. `None` means that the member may use every other member.
const EDGES: [(&str, Option<&[&str]>); 17] = [
    ("tally", Some(&[])),
    ("plan", Some(&["tally"])),
    ("store", Some(&["tally", "plan"])),
    ("store_server", Some(&["tally", "store", "export"])),
    ("worker", Some(&["tally", "plan", "store"])),
    ("fleet", Some(&["tally", "plan", "store", "worker"])),
    ("report", Some(&["tally", "plan"])),
    ("export", Some(&["tally", "plan"])),
    ("import", Some(&["plan"])),
    ("functions", Some(&["tally", "store", "worker"])),
    (
        "run",
        Some(&["tally", "plan", "store", "worker", "fleet", "report", "export"]),
    ),
    (
        "vajra-cloud",
        Some(&[
            "tally",
            "plan",
            "store",
            "store_server",
            "worker",
            "fleet",
            "report",
            "export",
            "import",
            "run",
        ]),
    ),
    ("test_engines", Some(&["plan", "worker"])),
    ("test_plans", Some(&["plan"])),
    ("test_reports", Some(&["plan", "report", "tally", "test_plans"])),
    ("test_servers", Some(&[])),
    ("whole-runs", None),
];

/// The members that all other members may use in their tests and benches, but not in other code.
const ONLY_FOR_TESTS: [&str; 4] = ["test_engines", "test_plans", "test_reports", "test_servers"];

/// The members of `ONLY_FOR_TESTS` that have no external dependencies. Without external dependencies, their builds are
/// fast.
const LIGHT: [&str; 2] = ["test_plans", "test_servers"];

/// Plans for tests are built only in the folder [`TEST_PLANS`]. [`ORDERS`] are the functions and types with which a
/// plan is built.
const TEST_PLANS: &str = "crates/test-plans/src/";
const ORDERS: [&str; 3] = ["Plan::new", "plan::Order", "plan::Timing"];

/// The files that define or select the kinds of fleets. Only these files, and the folders [`PURE`], may contain the
/// strings [`FLEET_NAMES`].
const FLEETS: [&str; 7] = [
    "crates/fleet/src/elsewhere.rs",
    "crates/fleet/src/kinds.rs",
    "crates/fleet/src/kubernetes/",
    "crates/fleet/src/lambda/",
    "crates/fleet/src/lib.rs",
    "crates/fleet/src/local.rs",
    "crates/fleet/src/options",
];
const FLEET_NAMES: [&str; 3] = ["kubernetes", "lambda", "local"];

/// The folders in which every function is a pure function of its arguments.
const PURE: [&str; 2] = ["crates/tally/src/", "crates/plan/src/"];

/// The prefixes of the paths that the code in the folders [`PURE`] must not use.
const IMPURE: [&str; 13] = [
    "tokio",
    "rand",
    "aws_config",
    "aws_sdk_s3",
    "aws_sdk_lambda",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "libc",
];

/// The files and folders whose code may sleep, each with the reason.
const SLEEPERS: [(&str, &str); 11] = [
    ("crates/run/src/calibrate.rs", "a calibration polls its worker"),
    (
        "crates/run/src/operator/",
        "an operator decides again after a time, and retries the cluster",
    ),
    ("crates/worker/src/pacer.rs", "the pacer waits for due times"),
    ("crates/fleet/src/", "a launcher polls the store"),
    (
        "crates/export/src/sender.rs",
        "a failed receiver of exports is retried after a pause",
    ),
    (
        "crates/export/src/listener.rs",
        "a listener that has run out of descriptors pauses",
    ),
    (
        "crates/store/src/folder.rs",
        "a file operation that failed temporarily is retried",
    ),
    (
        "crates/store/src/s3.rs",
        "a write that the store refused temporarily is retried",
    ),
    ("cli/src/target/server.rs", "a scripted response is delayed"),
    ("cli/src/target/payload.rs", "a scripted body is sent in chunks"),
    (
        "cli/src/target/activity.rs",
        "the built-in target exits when it is idle",
    ),
];

/// The folders whose code may read the clock. All other code gets the time as an argument.
const CLOCKS: [&str; 7] = [
    "crates/store/src/",
    "crates/store-server/src/",
    "crates/worker/src/",
    "crates/fleet/src/",
    "crates/run/src/",
    "cli/src/",
    "functions/src/",
];

/// The strings that are parts of keys of stored objects. Only the file [`KEYS_FILE`] may contain these strings.
const KEYS: [&str; 12] = [
    "runs/",
    "baselines/",
    "/shards/",
    "/claims/",
    "/prepared/",
    "/left/",
    "/live/",
    "/result",
    "/data/",
    "plan.json",
    "account.json",
    "report.json",
];
const KEYS_FILE: &str = "crates/store/src/keys.rs";

/// The types and the constant with which prices are computed. Only the code in [`PRICING_PLACES`] may use them. All
/// other code only shows the results.
const PRICING: [&str; 4] = ["prices::Price", "prices::RegionPrices", "cost::Usage", "MB_MS_PER_GB_S"];
const PRICING_PLACES: [&str; 3] = [
    "crates/plan/src/cost",
    "crates/plan/src/usage/",
    "crates/plan/src/wire/",
];

/// The macros that print, and the macros that mark unfinished code. The program prints through the printer of the CLI.
const LEFTOVERS: [&str; 7] = ["todo", "unimplemented", "dbg", "print", "println", "eprint", "eprintln"];

const FILE_LINES_MAX: usize = 700;
const ARCHITECTURE_LINES_MAX: usize = 200;
/// The maximum number of lines of the README. A README of 150 lines can be read in a minute. The book contains
/// everything else.
const README_LINES_MAX: usize = 150;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .canonicalize()
        .unwrap()
}

/// A Rust file of the workspace. `path` is relative to the root of the project, with `/` as the separator.
pub(crate) struct Source {
    pub(crate) path: String,
    text: String,
    words: Vec<Word>,
}

impl Source {
    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Returns whether the file is part of the product. Files of tests are not part of the product.
    pub(crate) fn ships(&self) -> bool {
        self.path.contains("/src/")
            && !self.path.starts_with("tests/")
            && !self.path.starts_with("crates/test-")
            && !self.path.ends_with("/tests.rs")
            && !self.path.contains("/src/tests/")
    }

    /// Returns the words of the file's code that is part of the product: no code for tests.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| self.ships() && !word.in_test)
    }

    pub(crate) fn at(&self, word: &Word, problem: &str) -> String {
        format!("{}:{}: {problem}", self.path, word.line)
    }
}

/// Reads every Rust file of the workspace.
pub(crate) fn sources() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in ["crates", "cli", "functions", "tests"] {
        files(&root.join(folder), "rs", &mut paths);
    }
    paths.sort();
    assert!(paths.len() > 50, "too few source files: {paths:?}");
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            Source {
                words: words::read(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display())),
                path: path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace(std::path::MAIN_SEPARATOR, "/"),
                text,
            }
        })
        .collect()
}

fn files(folder: &Path, wanted: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, wanted, found);
        } else if path.extension().is_some_and(|extension| extension == wanted) {
            found.push(path);
        }
    }
}

/// Panics with the list of faults if the list is not empty.
pub(crate) fn assert_no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Returns the number of the first line that contains `what` in a file, or 1 if no line contains it. The message of a
/// fault names the line.
fn line_of(path: &Path, what: &str) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().position(|line| line.contains(what)).map_or(1, |at| at + 1)
}

#[test]
fn crates_use_only_the_listed_crates() {
    let root = root();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let members = metadata["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names: Vec<String> = members.iter().map(|member| text(&member["name"])).collect();
    let edges = BTreeMap::from(EDGES);
    let mut faults = Vec::new();
    for member in members {
        let (name, manifest) = (text(&member["name"]), PathBuf::from(text(&member["manifest_path"])));
        let shown = manifest.strip_prefix(&root).unwrap_or(&manifest).display();
        let Some(allowed) = edges.get(name.as_str()) else {
            faults.push(format!(
                "{shown}:1: list in EDGES of tidy.rs the crates that `{name}` may use"
            ));
            continue;
        };
        for dependency in member["dependencies"].as_array().unwrap() {
            let used = text(&dependency["name"]);
            let is_listed = allowed.is_none_or(|allowed| allowed.contains(&used.as_str()));
            let is_member = names.contains(&used);
            let problem = if ONLY_FOR_TESTS.contains(&used.as_str()) {
                (dependency["kind"] != "dev" && !ONLY_FOR_TESTS.contains(&name.as_str()))
                    .then_some("move it to [dev-dependencies]")
            } else if is_member {
                (!is_listed).then_some("move the shared code into a crate that both may use")
            } else {
                LIGHT
                    .contains(&name.as_str())
                    .then_some("every test would wait for its build")
            };
            if let Some(problem) = problem {
                let line = line_of(&manifest, &used);
                faults.push(format!("{shown}:{line}: `{name}` may not use `{used}`; {problem}"));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn tally_and_plan_are_pure() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.is_in(&PURE)) {
        for word in source.shipped() {
            let impure = match word.kind {
                Kind::Path => {
                    let clock = word
                        .text
                        .split("::")
                        .any(|part| matches!(part, "Instant" | "SystemTime"));
                    clock || IMPURE.iter().any(|path| words::begins(&word.text, path)) || word.text == "async"
                }
                _ => false,
            };
            if impure {
                faults.push(source.at(
                    word,
                    &format!("`{}` in a pure crate; take the value as an argument", word.text),
                ));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn only_the_listed_files_sleep() {
    let sleeps = |path: &str| {
        matches!(path, "sleep" | "sleep_until")
            || ["::sleep", "::sleep_until", "time::interval", "time::interval_at"]
                .iter()
                .any(|end| path.ends_with(end))
    };
    let allowed: Vec<&str> = SLEEPERS.iter().map(|(place, _)| *place).collect();
    let sources = sources();
    let mut faults = Vec::new();
    let mut used = Vec::new();
    for source in &sources {
        for word in source
            .shipped()
            .filter(|word| word.kind == Kind::Path && sleeps(&word.text))
        {
            match allowed.iter().find(|place| source.path.starts_with(**place)) {
                Some(place) => used.push(*place),
                None => faults.push(source.at(
                    word,
                    &format!("`{}`: wait for the event, or use the worker's pacer", word.text),
                )),
            }
        }
    }
    for (place, why) in SLEEPERS {
        if !used.contains(&place) {
            faults.push(format!("{place}:1: no longer sleeps; remove it from SLEEPERS ({why})"));
        }
    }
    assert_no_faults(faults);
}

#[test]
fn only_the_listed_folders_read_the_clock() {
    let ends = [
        "Instant::now",
        "SystemTime::now",
        "OffsetDateTime::now_utc",
        "UtcDateTime::now",
    ];
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !source.is_in(&CLOCKS)) {
        for word in source.shipped().filter(|word| word.kind == Kind::Path) {
            if ends.iter().any(|end| words::ends(&word.text, end)) {
                faults.push(source.at(
                    word,
                    &format!("`{}` outside {CLOCKS:?}; take the instant as an argument", word.text),
                ));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn store_keys_are_spelled_in_one_file() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.path != KEYS_FILE) {
        for word in source.shipped().filter(|word| word.kind == Kind::Text) {
            if let Some(key) = KEYS.iter().find(|key| word.text.contains(**key)) {
                faults.push(source.at(
                    word,
                    &format!("{} contains `{key}`; use a function of {KEYS_FILE}", word.text),
                ));
            }
        }
    }
    assert_no_faults(faults);
}

/// Only `kinds.rs` selects a kind of fleet. All other code uses the properties that a fleet returns.
#[test]
fn no_code_outside_the_fleets_contains_their_names() {
    let mut faults = Vec::new();
    let fleets = |source: &Source| FLEETS.iter().any(|place| source.path.starts_with(place));
    // The pure crates may contain `local`, because it is also the name of a kind of failure.
    let others = |source: &&Source| !fleets(source) && !source.is_in(&PURE);
    for source in sources().iter().filter(others) {
        for word in source.shipped().filter(|word| word.kind == Kind::Text) {
            if FLEET_NAMES.contains(&word.text.trim_matches('"')) {
                let problem = format!("{}: get the property from the fleet (`fleet::fleet`)", word.text);
                faults.push(source.at(word, &problem));
            }
        }
    }
    let shared = |source: &&Source| source.path.starts_with("crates/fleet/src/") && !fleets(source);
    for source in sources().iter().filter(shared) {
        for word in source.shipped() {
            let text = word.text.to_lowercase();
            if ["kube", "lambda", "aws_", "invocation"]
                .iter()
                .any(|of_one| text.contains(of_one))
            {
                faults.push(source.at(
                    word,
                    &format!("`{}`: names of one platform belong in its fleet", word.text),
                ));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn only_plan_cost_computes_prices() {
    let mut faults = Vec::new();
    let mut computes = false;
    for source in sources() {
        let is_place = source.is_in(&PRICING_PLACES);
        let words = source.shipped().filter(|word| word.kind == Kind::Path);
        for word in words.filter(|word| PRICING.iter().any(|name| words::ends(&word.text, name))) {
            computes |= is_place;
            if !is_place {
                faults.push(source.at(
                    word,
                    &format!(
                        "`{}` outside {PRICING_PLACES:?}; compute the price there and display the result",
                        word.text
                    ),
                ));
            }
        }
    }
    assert!(computes, "{PRICING_PLACES:?} use none of {PRICING:?}");
    assert_no_faults(faults);
}

#[test]
fn only_test_plans_builds_plans_for_tests() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !source.is_in(&[TEST_PLANS])) {
        let of_tests = |word: &&Word| !source.ships() || word.in_test;
        for word in source.words.iter().filter(of_tests) {
            let orders = word.kind == Kind::Path
                && ORDERS.iter().any(|name| {
                    // A name without its module is also forbidden, because `use super::*` can import it.
                    words::ends(&word.text, name) || name.strip_prefix("plan::") == Some(&word.text)
                });
            if orders {
                faults.push(source.at(word, &format!("`{}` in a test; use `test_plans::Planned`", word.text)));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn no_debugging_macros_are_left() {
    let mut faults = Vec::new();
    for source in &sources() {
        for word in source.shipped().filter(|word| word.kind == Kind::Macro) {
            if LEFTOVERS.contains(&word.text.as_str()) {
                faults.push(source.at(
                    word,
                    &format!(
                        "`{}!`: finish or remove it; the CLI prints through its printer",
                        word.text
                    ),
                ));
            }
        }
    }
    assert_no_faults(faults);
}

/// The prefixes of the paths that parse arguments, use the terminal, handle signals, or end the process.
const TERMINAL: [&str; 7] = [
    "clap",
    "anyhow",
    "std::process::exit",
    "std::process::ExitCode",
    "std::io::stdout",
    "std::io::stderr",
    "worker::signals",
];

#[test]
fn the_run_crate_does_not_use_the_terminal() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.is_in(&["crates/run/src/"])) {
        for word in source.shipped().filter(|word| word.kind == Kind::Path) {
            if TERMINAL.iter().any(|path| words::begins(&word.text, path)) {
                let problem = format!("`{}`: return a value, an error or an event to the caller", word.text);
                faults.push(source.at(word, &problem));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let mut faults = Vec::new();
    for source in &sources() {
        for word in source.words.iter().filter(|word| word.kind == Kind::Attribute) {
            // The check searches all names in the attribute, so it also finds `cfg_attr(…, allow(…))`.
            let has = |name: &str| word.text.split_whitespace().any(|part| part == name);
            if has("allow") && has("(") {
                faults.push(source.at(
                    word,
                    "`allow`: fix the cause, or use `#[expect(lint, reason = \"…\")]`, which warns when it is obsolete",
                ));
            } else if has("expect") && !has("reason") {
                faults.push(source.at(word, "`expect` without a reason: add `reason = \"…\"`"));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn each_file_is_compiled_in_one_place() {
    let mut faults = Vec::new();
    for source in &sources() {
        for word in source.words.iter().filter(|word| word.kind == Kind::Attribute) {
            if word.text.contains("path =") {
                faults.push(source.at(
                    word,
                    "`#[path]`: make the item public in its crate, or move it to crates/test-*, and depend on that crate",
                ));
            }
        }
    }
    assert_no_faults(faults);
}

#[test]
fn source_files_are_short_and_begin_with_a_doc_comment() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.path.contains("/src/")) {
        let path = &source.path;
        let lines = source.text.lines().count();
        faults.extend(too_long(path, lines));
        if !source.text.starts_with("//!") {
            faults.push(format!("{path}:1: begin the file with a `//!` line that describes it"));
        }
    }
    assert_no_faults(faults);
}

#[test]
fn scripts_are_short() {
    let mut paths = Vec::new();
    files(&root().join("crates"), "ts", &mut paths);
    assert!(!paths.is_empty(), "no TypeScript files found");
    let lines = |path: &PathBuf| std::fs::read_to_string(path).unwrap().lines().count();
    let faults = paths
        .iter()
        .filter_map(|path| too_long(&path.display().to_string(), lines(path)));
    assert_no_faults(faults.collect());
}

/// A lock file must not contain the address of a registry, because users install the pinned packages from a registry of
/// their choice.
#[test]
fn lock_files_contain_no_registry_address() {
    let mut locks = Vec::new();
    files(&root().join("crates"), "json", &mut locks);
    locks.retain(|path| path.ends_with("package-lock.json"));
    assert!(!locks.is_empty(), "no package-lock.json found");
    locks.push(root().join("tests/requirements.txt"));
    let faults = locks.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let line = text.lines().position(|line| line.contains("://"))?;
        Some(format!("{}:{}: remove the address", path.display(), line + 1))
    });
    assert_no_faults(faults.collect());
}

fn too_long(path: &str, lines: usize) -> Option<String> {
    (lines > FILE_LINES_MAX)
        .then(|| format!("{path}:{lines}: longer than {FILE_LINES_MAX} lines; move one noun into a file of its own"))
}

#[test]
fn architecture_and_readme_are_short() {
    for (page, most) in [
        ("ARCHITECTURE.md", ARCHITECTURE_LINES_MAX),
        ("README.md", README_LINES_MAX),
    ] {
        let lines = crate::book::read(page).lines().count();
        assert!(lines <= most, "{page}:{lines}: longer than {most} lines");
    }
}

#[test]
fn contributing_lists_every_program_that_the_tests_install() {
    let script = std::fs::read_to_string(root().join("tests/run")).unwrap();
    let (_, rest) = script.split_once("PROGRAMS=(").unwrap();
    let programs: Vec<&str> = rest.split(')').next().unwrap().split_whitespace().collect();
    assert!(programs.len() > 4, "{programs:?}");
    let page = crate::book::read("CONTRIBUTING.md");
    let (_, tests) = page.split_once("\n## Tests\n").unwrap();
    let list = tests.split("\n## ").next().unwrap().to_lowercase();
    let unnamed: Vec<_> = programs.iter().filter(|program| !list.contains(**program)).collect();
    assert!(
        unnamed.is_empty(),
        "CONTRIBUTING.md, Tests: {unnamed:?} are missing from the list of installed programs"
    );
}
