//! Variables and environments of a scenario, which the user selects on the command line.

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
