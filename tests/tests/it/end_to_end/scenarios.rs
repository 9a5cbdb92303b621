//! Tests of the sources from which scenarios are read, and of values that differ between the runs of a scenario.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};
use whole_runs::machine::{Desk, Ran, Target, program, root};

fn orders(target: &Target, more: &str) -> String {
    format!(
        "name: orders\ntarget: {}\nload: {{ constant: {{ rate: 20/s, duration: 1s }} }}\n\
         requests: [ {{ name: order, url: '/{{{{ run }}}}/{{{{ uuid }}}}' }} ]\n{more}",
        target.url()
    )
}

/// Returns the UUIDs that a run has sent.
fn uuids(target: &Target, run: &str) -> Vec<String> {
    let begin = format!("/{run}/");
    let paths = target.by_path().into_keys();
    paths
        .filter_map(|path| Some(path.strip_prefix(&begin)?.to_owned()))
        .collect()
}

fn seed(desk: &Desk, run: &str) -> u64 {
    desk.json(&format!("runs/{run}/plan.json"))["seed"].as_u64().unwrap()
}

#[test]
fn each_launch_draws_its_own_seed_unless_the_scenario_has_one() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &orders(&target, ""));
    let launch = |scenario: &str, run: &str, words: &[&str]| {
        desk.run(&["launch", scenario, "--workers", "2", "--run", run])
            .expect(0, words)
    };
    launch("s.yaml", "first", &["seed "]);
    let first = seed(&desk, "first");
    let second = launch("s.yaml", "second", &["seed "]);
    let hint = format!(
        "write `seed: {}` into the scenario to send the same requests again",
        seed(&desk, "second")
    );
    assert!(second.stderr.contains(&hint), "{}", second.stderr);
    desk.write("again.yaml", &orders(&target, &format!("seed: {first}\n")));
    let again = launch("again.yaml", "again", &[]);
    assert!(!again.stderr.contains("seed"), "{}", again.stderr);
    let [first, second, again] = ["first", "second", "again"].map(|run| uuids(&target, run));
    assert_eq!((first.len(), second.len()), (20, 20));
    assert!(first.iter().all(|uuid| !second.contains(uuid)));
    assert_eq!(first, again);
}

/// Runs a command with this text on stdin.
fn piped(desk: &Desk, args: &[&str], input: &str) -> Ran {
    let mut command = desk.command(args);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A command that rejects its input may end before it has read the whole input.
    let writing = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    Ran::new(&output)
}

const SMALL: &str = "name: small\ntarget: http://127.0.0.1:9\nload: { constant: { rate: 10/s, duration: 1s } }\n\
                     feeds: { users: users.csv }\nrequests: [ { name: home, url: '/{{ feed users.id }}' } ]\n";

/// The output of `check` for the scenario [`SMALL`].
const VALID: &str = "small is valid\nfeed users: 1 row in turn\n";

#[test]
fn a_scenario_is_read_from_stdin_or_a_pipe() {
    let desk = Desk::new();
    desk.write("users.csv", "id\n1\n");
    desk.write("small.yaml", SMALL);
    for name in ["-", "/dev/stdin"] {
        let ran = piped(&desk, &["check", name], SMALL).expect(0, &[]);
        assert_eq!(ran.stdout, VALID);
    }
    let ran = desk
        .command(&["check", "-"])
        .stdin(File::open(desk.path("small.yaml")).unwrap())
        .output()
        .unwrap();
    assert_eq!(Ran::new(&ran).expect(0, &[]).stdout, VALID);
    let substituted = Command::new("bash")
        .args(["-c", "\"$0\" check <(cat small.yaml)"])
        .arg(program())
        .current_dir(desk.path(""))
        .output()
        .unwrap();
    assert_eq!(Ran::new(&substituted).expect(0, &[]).stdout, VALID);
    let wrong = SMALL.replace("name: small", "name: a b");
    piped(&desk, &["check", "-"], &wrong).expect(2, &["`a b` is not a name", "1 problem in stdin"]);
    piped(&desk, &["check", "-"], "").expect(2, &["the file contains no scenario"]);
}

#[test]
fn an_endless_scenario_is_rejected() {
    let desk = Desk::new();
    desk.run(&["check", "/dev/zero"])
        .expect(2, &["neither a regular file nor a pipe"]);
    let long = "# long\n".repeat(300_000);
    for name in ["-", "/dev/stdin"] {
        piped(&desk, &["check", name], &long).expect(2, &["larger than 1 MiB"]);
    }
    let zero = desk
        .command(&["check", "-"])
        .stdin(File::open("/dev/zero").unwrap())
        .output()
        .unwrap();
    Ran::new(&zero).expect(2, &["more than the maximum of 67108864 bytes"]);
    desk.run(&["check", "."])
        .expect(2, &["neither a regular file nor a pipe"]);
}

#[test]
fn a_scenario_from_stdin_is_run() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let ran = piped(
        &desk,
        &["launch", "-", "--run", "r", "--workers", "1"],
        &orders(&target, ""),
    );
    ran.expect(0, &[]);
    assert_eq!(uuids(&target, "r").len(), 20);
}

#[test]
fn requests_take_turns_among_targets_with_their_paths() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let text = orders(&target, "").replace(&target.url(), &format!("[ '{0}/a', '{0}/b/' ]", target.url()));
    desk.write(
        "s.yaml",
        &text.replace("url: '/{{ run }}/{{ uuid }}'", "query: { q: 1 }"),
    );
    desk.run(&["launch", "s.yaml", "--workers", "3"]).expect(0, &[]);
    let counts: Vec<(String, u64)> = target.by_path().into_iter().collect();
    let even = ["/a", "/b/"].map(|path| (path.to_owned(), 10));
    assert_eq!(counts, even);
}

#[test]
fn the_scenario_of_the_readme_is_valid_and_its_name_is_unused() {
    let readme = crate::book::read("README.md");
    let (_, begun) = readme.split_once("```yaml\nname: ").unwrap();
    let (scenario, _) = begun.split_once("```").unwrap();
    let desk = Desk::new();
    let ran = piped(&desk, &["check", "-"], &format!("name: {scenario}")).expect(0, &[]);
    let name = ran.stdout.split(' ').next().unwrap();
    assert!(
        !root().join(format!("scenarios/{name}.yaml")).exists(),
        "{name} is the name of another scenario"
    );
}
