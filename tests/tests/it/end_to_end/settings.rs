//! Tests of the variables and environments of a scenario. A user selects the variables and the environment on the
//! command line.

use whole_runs::machine::{Desk, Target, sent};

const SCENARIO: &str = "name: chosen
target: TARGET
vars: { rate: 10/s, length: 1s, path: /vars, limit: 5s, weight: 1 }
environments:
  ci: { rate: 20/s, path: /ci }
defaults: { headers: { X-From: defaults }, timeout: 5s }
load: { constant: { rate: '{{ var rate }}', duration: '{{ var length }}' } }
requests:
  - { name: a, url: '/a{{ var path }}', weight: '{{ var weight }}' }
thresholds: ['latency p99 < {{ var limit }}']
";

#[test]
fn a_run_uses_the_chosen_environment_and_values_and_shows_them_on_its_page() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &SCENARIO.replace("TARGET", &target.url()));
    let launch = [
        "launch",
        "s.yaml",
        "--workers",
        "2",
        "--out",
        "r.json",
        "--html",
        "r.html",
    ];
    let run = |options: &[&str]| {
        let before = target.by_path();
        desk.run(&[&launch[..], options].concat()).expect(0, &[]);
        let after = target.by_path();
        let new = |path: &str| after.get(path).unwrap_or(&0) - before.get(path).unwrap_or(&0);
        (sent(&desk.json("r.json")), new("/a/vars"), new("/a/ci"))
    };
    assert_eq!(run(&[]), (10, 10, 0));
    assert_eq!(run(&["--env", "ci"]), (20, 0, 20));
    assert_eq!(
        run(&["--env", "ci", "--set", "rate=40/s", "--set", "weight=3"]),
        (40, 0, 40)
    );
    let page = std::fs::read_to_string(desk.path("r.html")).unwrap();
    for line in [
        "# --env ci",
        "# --set rate=40/s",
        "# --set weight=3",
        "vars: { rate: 10/s",
    ] {
        assert!(page.contains(line), "the page does not contain {line}");
    }
}

#[test]
fn every_command_rejects_unknown_variables_and_environments() {
    let desk = Desk::new();
    desk.write("s.yaml", &SCENARIO.replace("TARGET", "http://127.0.0.1:9"));
    for verb in ["check", "plan", "launch", "prepare", "doctor", "calibrate"] {
        for (options, words) in [
            (
                ["--set", "rte=5/s"],
                [
                    "error: --set rte: no placeholder uses this variable",
                    "did you mean `rate`?",
                ],
            ),
            (
                ["--set", "rate=fast"],
                ["a rate needs a unit, from `--set rate`", "s.yaml:7:"],
            ),
            (
                ["--set", "weight=x"],
                ["`weight` is a whole number, not `x`", "s.yaml:9:"],
            ),
            (
                ["--env", "prod"],
                [
                    "error: --env prod: the environment does not exist",
                    "the environments are `ci`",
                ],
            ),
            (["--set", "rate"], ["--set <NAME=VALUE>", "write `NAME=VALUE`"]),
        ] {
            desk.run(&[&[verb, "s.yaml"], &options[..]].concat()).expect(2, &words);
        }
    }
    for options in [["--set", "rate=5/s"], ["--env", "ci"]] {
        desk.run(&[&["doctor"], &options[..]].concat())
            .expect(2, &["--env and --set need a scenario"]);
    }
    assert!(!desk.path("runs").exists());
    let options = ["--env", "ci", "--set", "length=2s"];
    let planned = desk.run(&[&["plan", "s.yaml"], &options[..]].concat()).expect(0, &[]);
    assert!(
        planned.stdout.contains("arrivals   40, 40 of them measured"),
        "{}",
        planned.stdout
    );
}

#[test]
fn a_run_includes_files_of_other_folders_and_its_page_shows_them() {
    let (desk, target) = (Desk::new(), Target::start(""));
    std::fs::create_dir_all(desk.path("load/parts")).unwrap();
    desk.write(
        "load/s.yaml",
        "include: [parts/common.yaml, ../end.yaml]\nname: orders\nvars: { rate: 10/s }\n",
    );
    desk.write("load/parts/common.yaml", &SCENARIO.replace("TARGET", &target.url()));
    desk.write(
        "end.yaml",
        "feeds: { users: users.csv }\nrequests: { name: b, url: '/b/{{ feed users.name }}' }\nmix: exact\n",
    );
    desk.write("users.csv", "name\nann\n");
    let args = ["launch", "load/s.yaml", "--out", "r.json", "--html", "r.html"];
    desk.run(&args).expect(0, &[]);
    let paths = target.by_path();
    assert_eq!((paths.get("/a/vars"), paths.get("/b/ann")), (Some(&5), Some(&5)));
    let page = std::fs::read_to_string(desk.path("r.html")).unwrap();
    for line in ["--- # parts/common.yaml, included", "--- # ../end.yaml, included"] {
        assert!(page.contains(line), "the page does not contain {line}");
    }
}

#[test]
fn included_files_that_are_not_regular_files_are_rejected() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("folder")).unwrap();
    std::os::unix::fs::symlink("loop.yaml", desk.path("loop.yaml")).unwrap();
    std::os::unix::fs::symlink(".", desk.path("self")).unwrap();
    desk.write("again.yaml", "include: self/again.yaml\n");
    std::fs::write(desk.path("latin.yaml"), b"name: \xe9\n").unwrap();
    let huge = std::fs::File::create(desk.path("huge.yaml")).unwrap();
    huge.set_len(1 << 40).unwrap();
    for (file, words) in [
        ("folder", "it is not a regular file"),
        ("/dev/zero", "it is not a regular file"),
        ("loop.yaml", "cannot be read"),
        ("none.yaml", "No such file"),
        ("again.yaml", "is included through more than 8 files"),
        ("latin.yaml", "it is not UTF-8"),
        ("huge.yaml", "more than the maximum"),
    ] {
        let scenario = SCENARIO.replace("TARGET", "http://127.0.0.1:9");
        desk.write("s.yaml", &format!("{scenario}include: {file}\n"));
        desk.run(&["check", "s.yaml"]).expect(2, &[words]);
    }
}
