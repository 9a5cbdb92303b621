//! Tests of the first run of a new user, who has the program and no other file.

use std::process::Command;
use whole_runs::machine::{Desk, Ran, Target, program, root, sent};

/// Returns the `vajra-cloud` commands in the code spans of a text.
fn named(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.starts_with("vajra-cloud "))
        .map(str::to_owned)
        .collect()
}

/// Runs a command with a shell. The working directory of the shell is the folder.
fn typed(desk: &Desk, command: &str) -> Ran {
    let mut shell = Command::new("bash");
    let path = std::env::var("PATH").unwrap_or_default();
    shell
        .args(["-c", command])
        .current_dir(desk.path(""))
        .env_remove("VAJRA_STORE")
        .env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
    Ran::new(&shell.output().unwrap())
}

#[test]
fn an_empty_list_suggests_a_command_that_works() {
    let desk = Desk::new();
    let listed = desk.run(&["list"]).expect(0, &["no runs here yet"]);
    let commands = named(&listed.stderr);
    assert_eq!(commands, ["vajra-cloud launch quickstart"]);
    let ran = typed(&desk, &commands[0]).expect(0, &[]);
    assert!(ran.stdout.starts_with("quickstart: passed\n"), "{}", ran.stdout);
    let listed = desk.run(&["list"]).expect(0, &[]);
    assert!(listed.stdout.contains("passed"), "{}", listed.stdout);
    // The suggested command contains the option `--store` of the previous command.
    let elsewhere = desk.run(&["list", "--store", "else where"]).expect(0, &[]);
    assert_eq!(
        named(&elsewhere.stderr),
        ["vajra-cloud launch quickstart --store 'else where'"]
    );
}

#[test]
fn init_writes_the_quickstart_to_a_file_that_runs() {
    let desk = Desk::new();
    let wrote = desk.run(&["init"]).expect(0, &["wrote quickstart.yaml"]);
    assert_eq!(named(&wrote.stderr), ["vajra-cloud launch quickstart.yaml"]);
    let text = std::fs::read_to_string(desk.path("quickstart.yaml")).unwrap();
    let source = std::fs::read_to_string(root().join("scenarios/quickstart.yaml")).unwrap();
    let (schema, rest) = source.split_once('\n').unwrap();
    assert!(schema.contains("$schema="), "{schema}");
    assert_eq!(
        text, rest,
        "the file differs from the project's scenario without its schema line"
    );
    let args = ["launch", "quickstart.yaml", "--run", "r", "--out", "r.json"];
    desk.run(&args).expect(0, &[]);
    assert_eq!(sent(&desk.json("r.json")), 5_500);

    // `init` does not overwrite a file that the user has edited, and `check` reads this file.
    desk.write("quickstart.yaml", &text.replace("name: quickstart", "name: mine"));
    desk.run(&["init"])
        .expect(2, &["quickstart.yaml already exists", "vajra-cloud init FILE.yaml"]);
    assert_eq!(
        desk.run(&["check", "quickstart"]).expect(0, &[]).stdout,
        "mine is valid\n"
    );
    desk.run(&["init", "shop.yaml"]).expect(0, &["wrote shop.yaml"]);
    assert_eq!(
        desk.run(&["check", "shop"]).expect(0, &[]).stdout,
        "quickstart is valid\n"
    );
    desk.run(&["init", "no/such/folder.yaml"])
        .expect(2, &["no/such/folder.yaml cannot be written", "hint:"]);
}

#[test]
fn errors_in_an_empty_folder_suggest_only_what_exists() {
    let desk = Desk::new();
    desk.write("empty.yaml", "");
    for verb in ["check", "plan", "launch", "doctor", "calibrate"] {
        for scenario in ["no-such", "scenarios/quickstart.yaml", "empty.yaml"] {
            let refused = desk.run(&[verb, scenario]).expect(2, &[]);
            let words = refused.stderr.replace(&format!("there is no scenario {scenario}"), "");
            assert!(!words.contains("scenarios/"), "{verb} {scenario}: {words}");
            assert!(
                words.contains("quickstart") || words.contains("vajra-cloud init"),
                "{words}"
            );
        }
    }
    let empty = desk.run(&["check", "empty.yaml"]).expect(2, &[]);
    let commands = named(&empty.stderr);
    assert_eq!(commands, ["vajra-cloud init"]);
    typed(&desk, &commands[0]).expect(0, &[]);
    assert!(!desk.path("runs").exists());
}

#[test]
fn init_writes_a_scenario_for_a_url_that_runs() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let url = target.url();
    let wrote = desk
        .run(&["init", &format!("{url}/shop?page=1")])
        .expect(0, &["wrote 127.0.0.1.yaml"]);
    let text = std::fs::read_to_string(desk.path("127.0.0.1.yaml")).unwrap();
    let comments = text.lines().filter(|line| line.contains('#')).count();
    assert!(comments >= 8 && text.contains("url: '/shop?page=1'"), "{text}");
    assert_eq!(named(&wrote.stderr), ["vajra-cloud launch 127.0.0.1.yaml"]);
    desk.run(&["check", "127.0.0.1"]).expect(0, &[]);
    let options = ["--env", "ci", "--set", "length=2s", "--workers", "1", "--out", "r.json"];
    desk.run(&[&["launch", "127.0.0.1.yaml"], &options[..]].concat())
        .expect(0, &[]);
    assert_eq!((sent(&desk.json("r.json")), target.requests()), (9, 9));

    // The file is also valid if the comment signs of its optional part are removed.
    let whole: Vec<&str> = text
        .lines()
        .map(|line| match line.starts_with("# - ") || line.starts_with("#   ") {
            true => line.trim_start_matches('#').strip_prefix(' ').unwrap_or(line),
            false => line,
        })
        .collect();
    let whole = whole
        .join("\n")
        .replace("\n- name: order", "\n  - name: order")
        .replace("\n  weight: 1\n  method", "\n    weight: 1\n    method");
    let whole = ["url: /orders", "headers: { Content", "body:"]
        .iter()
        .fold(whole, |text, key| {
            text.replace(&format!("\n  {key}"), &format!("\n    {key}"))
        });
    desk.write("whole.yaml", &whole);
    desk.run(&["plan", "whole.yaml"]).expect(0, &[]);

    let again = desk.run(&["init", &url]).expect(2, &["127.0.0.1.yaml already exists"]);
    assert!(
        again.stderr.contains("vajra-cloud init URL FILE.yaml"),
        "{}",
        again.stderr
    );
    desk.run(&["init", &url, "mine.yaml"]).expect(0, &["wrote mine.yaml"]);
    desk.run(&["init", "a.yaml", "b.yaml"])
        .expect(2, &["two files are named"]);
    let refused = desk
        .run(&["init", "http://user:pa55word@127.0.0.1:9"])
        .expect(2, &["must not contain a user name"]);
    assert!(!refused.stderr.contains("pa55word"), "{}", refused.stderr);
}
