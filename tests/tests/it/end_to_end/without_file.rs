//! Tests of commands that get a URL in place of a scenario.

use serde_json::Value;
use whole_runs::machine::{Desk, Target, sent};

const VERBS: [&str; 6] = ["check", "plan", "launch", "prepare", "doctor", "calibrate"];

/// Returns the plan that the command `plan` prints for these arguments.
fn planned(desk: &Desk, args: &[&str]) -> Value {
    let ran = desk.run(&[&["plan"], args, &["--json"]].concat()).expect(0, &[]);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_url_is_loaded_without_a_scenario_file() {
    let (desk, target) = (Desk::new(), Target::recording(""));
    let url = format!("{}/items?page=2", target.url());
    let options = [
        "--rate",
        "30/s",
        "--duration",
        "1s",
        "--threshold",
        "errors < 1%",
        "--out",
        "r.json",
    ];
    let ran = desk
        .run(&[&["launch", &url, "--workers", "2"], &options[..]].concat())
        .expect(0, &[]);
    assert!(ran.stdout.starts_with("127.0.0.1: passed\n"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("sending"), "a default was used: {}", ran.stderr);
    let report = desk.json("r.json");
    assert_eq!(
        (sent(&report), report["requests"][0]["name"].as_str()),
        (30, Some("target"))
    );
    assert_eq!(target.by_path().get("/items"), Some(&30), "{:?}", target.by_path());

    let users = ["--users", "2", "--duration", "1s", "--connections", "fresh", "--http2"];
    desk.run(&[&["launch", &target.url(), "--workers", "1"], &users[..6]].concat())
        .expect(0, &[]);
    desk.run(&[&["plan", &target.url()], &users[..]].concat())
        .expect(2, &["--connections: HTTP/2 does not support fresh"]);
    assert!(
        target.by_path().get("/").is_some_and(|sent| *sent > 2),
        "{:?}",
        target.by_path()
    );
}

#[test]
fn defaults_for_a_url_are_small_and_printed() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let plan = desk
        .run(&["plan", &target.url()])
        .expect(0, &["sending 10/s for 10s; --rate, --users and --duration"]);
    assert!(
        plan.stdout.contains("load       constant 10/s for 10s"),
        "{}",
        plan.stdout
    );
    assert!(plan.stdout.contains("request    GET target: 100.0%"), "{}", plan.stdout);
    desk.run(&["plan", &target.url(), "--rate", "5/s"])
        .expect(0, &["sending for 10s; --duration changes that"]);
    desk.run(&["plan", &target.url(), "--duration", "5s"])
        .expect(0, &["sending 10/s; --rate or --users"]);
}

#[test]
fn every_command_with_a_scenario_accepts_a_url() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let (url, load) = (target.url(), ["--rate", "20/s", "--duration", "1s"]);
    for (verb, options) in [
        ("check", &[][..]),
        ("plan", &[]),
        ("launch", &["--workers", "1"]),
        ("prepare", &["--run", "prepared", "--workers", "1"]),
        ("doctor", &["--workers", "1"]),
        ("calibrate", &["--max-lag", "100ms", "--up-to", "50/s"]),
    ] {
        desk.run(&[&[verb, &url], &load[..], options].concat()).expect(0, &[]);
    }
}

#[test]
fn a_saved_scenario_sends_the_same_requests() {
    let (desk, target) = (Desk::new(), Target::start(""));
    std::fs::create_dir_all(desk.path("kept")).unwrap();
    desk.write("order.json", "{\"id\": 1}");
    let url = format!("{}/a/{{{{ random 1 100 }}}}?id={{{{ var id }}}}", target.url());
    let plain = target.url();
    let by_file = ["-d", "@order.json", "-X", "PUT", "-H", "Content-Type: application/json"];
    let by_text = [
        "-d",
        "it's \"{{ uuid }}\"\n# no comment: x",
        "-H",
        "X-A: 1",
        "-H",
        "x-a: b'c",
        "-H",
        "Null: null",
    ];
    let users = ["--users", "3", "--duration", "1s", "--connections", "fresh"];
    let rate = [
        "--rate",
        "1.5k/min",
        "--duration",
        "1s",
        "--threshold",
        "latency p99 < 5s",
        "--set",
        "id=7",
    ];
    for (file, url, options) in [
        ("plain.yaml", &plain, &["--duration", "1s"][..]),
        ("kept/file.yaml", &plain, &by_file[..]),
        ("text.yaml", &url, &[&by_text[..], &rate[..]].concat()),
        ("users.yaml", &plain, &users[..]),
        ("http2.yaml", &plain, &["--http2", "--duration", "1s"]),
    ] {
        let args = [&[url.as_str(), "--workers", "2"], options].concat();
        let mut made = planned(&desk, &[&args[..], &["--save", file]].concat());
        let mut read = planned(&desk, &[file, "--workers", "2"]);
        let text = std::fs::read_to_string(desk.path(file)).unwrap();
        assert!(made["source"].as_str().unwrap().ends_with(&text), "{made:#}");
        assert_eq!(read["source"].as_str(), Some(text.as_str()));
        made["source"].take();
        read["source"].take();
        assert_eq!(made, read, "{text}");
    }
    // The saved scenario sends the same requests as the launch, including their random values.
    let (paths, options) = (
        || target.by_path(),
        ["--workers", "1", "--rate", "20/s", "--duration", "1s"],
    );
    let drawn = format!("{}/b/{{{{ random 1 9 }}}}", target.url());
    desk.run(&[&["launch", &drawn, "--save", "drawn.yaml"], &options[..]].concat())
        .expect(0, &["wrote drawn.yaml; `vajra-cloud launch drawn.yaml` sends the same"]);
    let first = paths();
    desk.run(&["launch", "drawn.yaml", "--workers", "3"]).expect(0, &[]);
    let both = paths();
    assert_eq!(first.values().sum::<u64>(), 20, "{first:?}");
    for (path, sent) in &both {
        assert_eq!(
            first.get(path).map(|first| 2 * first),
            Some(*sent),
            "{path}: {first:?} {both:?}"
        );
    }
}

#[test]
fn save_does_not_overwrite_a_file() {
    let desk = Desk::new();
    desk.write("mine.yaml", "mine");
    for verb in VERBS {
        desk.run(&[verb, "http://127.0.0.1:9", "--save", "mine.yaml"])
            .expect(2, &["mine.yaml already exists", "--save FILE.yaml"]);
        desk.run(&[verb, "http://127.0.0.1:9", "--save", "no/such/folder.yaml"])
            .expect(2, &["no/such/folder.yaml cannot be written"]);
        desk.run(&[verb, "http://127.0.0.1:9", "--rate", "0/s", "--save", "new.yaml"])
            .expect(2, &["--rate: "]);
    }
    assert_eq!(std::fs::read_to_string(desk.path("mine.yaml")).unwrap(), "mine");
    assert!(!desk.path("new.yaml").exists() && !desk.path("runs").exists());
}

#[test]
fn problems_of_a_url_name_the_option() {
    let desk = Desk::new();
    let url = "http://127.0.0.1:9";
    for verb in VERBS {
        for (args, words) in [
            (&[url, "--rate", "fast"][..], ["--rate <RATE>", "a rate needs a unit"]),
            (
                &[url, "--rate", "0/s"],
                ["error: --rate: `rate` is zero", "hint: write a rate above zero"],
            ),
            (&[url, "--duration", "5"], ["--duration <TIME>", "5"]),
            (
                &[url, "--duration", "0s"],
                ["error: --duration: `duration` is zero", "hint:"],
            ),
            (
                &[url, "--duration", "900h"],
                ["error: --rate and --duration: this load takes 900h", "hint:"],
            ),
            (
                &[url, "--users", "0"],
                ["error: --users and --duration: this load sends nothing", "hint:"],
            ),
            (
                &[url, "--users", "5", "--rate", "5/s"],
                ["--users <N>", "cannot be used with"],
            ),
            (
                &[url, "-X", "get"],
                ["error: --request: `get` is not a method", "hint: write `GET`"],
            ),
            (
                &[url, "-H", "to ken: pa55word"],
                ["error: --header: `to ken` is not a valid header name", "hint:"],
            ),
            (
                &[url, "-H", "pa55word"],
                ["error: --header: the `:` is missing", "hint: write `--header"],
            ),
            (
                &[url, "-H", "Content-Length: 5"],
                ["error: --header: the header `Content-Length` cannot be set", ""],
            ),
            (
                &[url, "-d", "@none.json"],
                ["error: --data: `none.json` cannot be read", "hint:"],
            ),
            (
                &[url, "-d", "{{ guid }}"],
                ["error: --data: `guid` is not a placeholder", "hint:"],
            ),
            (
                &[url, "--connections", "two"],
                [
                    "error: --connections: `two` is not",
                    "hint: write `kept` or `user` or `fresh`",
                ],
            ),
            (&[url, "--threshold", "speed > 5"], ["error: --threshold: ", "hint:"]),
            (
                &[url, "--threshold", "errors of home < 5%"],
                ["error: --threshold: the request `home` does not exist", "`target`"],
            ),
            (
                &[url, "--set", "a=1"],
                ["error: --set a: no placeholder uses this variable", "hint:"],
            ),
            (
                &[url, "--env", "ci"],
                ["error: --env ci: the environment does not exist", "hint:"],
            ),
            (
                &["HTTP://user:pa55word@127.0.0.1:9"],
                ["error: the URL: a URL must not contain a user name", "hint:"],
            ),
            (&["https://a..b/"], ["error: the URL: `a..b` is not a host", "hint:"]),
            (&["http://127.0.0.1:9/a b?c"], ["error: the URL: ", "percent-encoded"]),
            (
                &["http://127.0.0.1:9/{{ var x }}"],
                ["error: the URL: the variable `x` has no value", "--set x=VALUE"],
            ),
        ] {
            let refused = desk.run(&[&[verb], args].concat()).expect(2, &words);
            assert!(!refused.stderr.contains("pa55word"), "{}", refused.stderr);
            assert!(
                !refused.stderr.contains(" --> "),
                "the error cites a line of a generated scenario: {}",
                refused.stderr
            );
        }
    }
    assert!(!desk.path("runs").exists());
}

#[test]
fn options_for_a_url_are_rejected_with_a_scenario() {
    let desk = Desk::new();
    for verb in VERBS {
        for options in [
            &["--rate", "5/s"][..],
            &["--users", "5"],
            &["--duration", "5s"],
            &["--request", "PUT"],
            &["--header", "A: b"],
            &["--data", "x"],
            &["--connections", "kept"],
            &["--http2"],
            &["--threshold", "errors < 1%"],
            &["--save", "x.yaml"],
        ] {
            let words = format!("{} is for a URL in place of a scenario", options[0]);
            desk.run(&[&[verb, "quickstart"], options].concat())
                .expect(2, &[&words, "--set NAME=VALUE"]);
        }
    }
    desk.run(&["doctor", "--rate", "5/s"])
        .expect(2, &["--rate is for a URL"]);
}
