//! The first run of a user who has the program and nothing else.

use std::process::Command;
use whole_runs::machine::{Desk, Ran, program, root, sent};

/// The commands of the program that a text names.
fn named(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.starts_with("vajra-cloud "))
        .map(str::to_owned)
        .collect()
}

/// Runs a command as it was named, in the same folder.
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
fn an_empty_list_names_a_command_that_makes_a_run_in_this_folder() {
    let desk = Desk::new();
    let listed = desk.run(&["list"]).expect(0, &["no runs here yet"]);
    let commands = named(&listed.stderr);
    assert_eq!(commands, ["vajra-cloud launch quickstart"]);
    let ran = typed(&desk, &commands[0]).expect(0, &[]);
    assert!(ran.stdout.starts_with("quickstart: passed\n"), "{}", ran.stdout);
    let listed = desk.run(&["list"]).expect(0, &[]);
    assert!(listed.stdout.contains("passed"), "{}", listed.stdout);
    // Of the same store, where one was named.
    let elsewhere = desk.run(&["list", "--store", "else where"]).expect(0, &[]);
    assert_eq!(
        named(&elsewhere.stderr),
        ["vajra-cloud launch quickstart --store 'else where'"]
    );
}

#[test]
fn the_quickstart_is_written_to_a_file_and_runs_from_there() {
    let desk = Desk::new();
    let wrote = desk.run(&["init"]).expect(0, &["wrote quickstart.yaml"]);
    assert_eq!(named(&wrote.stderr), ["vajra-cloud launch quickstart.yaml"]);
    let text = std::fs::read_to_string(desk.path("quickstart.yaml")).unwrap();
    let source = std::fs::read_to_string(root().join("scenarios/quickstart.yaml")).unwrap();
    let (schema, rest) = source.split_once('\n').unwrap();
    assert!(schema.contains("$schema="), "{schema}");
    assert_eq!(
        text, rest,
        "it is the scenario of the project, without the path of its schema"
    );
    let args = ["launch", "quickstart.yaml", "--run", "r", "--out", "r.json"];
    desk.run(&args).expect(0, &[]);
    assert_eq!(sent(&desk.json("r.json")), 5_500);

    // What somebody has changed is neither overwritten nor passed over.
    desk.write("quickstart.yaml", &text.replace("name: quickstart", "name: mine"));
    desk.run(&["init"])
        .expect(2, &["quickstart.yaml exists already", "vajra-cloud init FILE.yaml"]);
    assert_eq!(
        desk.run(&["check", "quickstart"]).expect(0, &[]).stdout,
        "mine is right\n"
    );
    desk.run(&["init", "shop.yaml"]).expect(0, &["wrote shop.yaml"]);
    assert_eq!(
        desk.run(&["check", "shop"]).expect(0, &[]).stdout,
        "quickstart is right\n"
    );
    desk.run(&["init", "no/such/folder.yaml"])
        .expect(2, &["no/such/folder.yaml cannot be written", "hint:"]);
}

#[test]
fn errors_in_an_empty_folder_name_nothing_that_is_not_there() {
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
fn a_url_in_place_of_a_scenario_is_answered_with_what_to_write() {
    let desk = Desk::new();
    for verb in ["check", "plan", "launch", "doctor", "calibrate"] {
        for url in ["https://example.com/", "HTTP://user:pa55word@127.0.0.1:9"] {
            let refused = desk
                .run(&[verb, url])
                .expect(2, &["a URL is not a scenario", "`target:`"]);
            assert_eq!(named(&refused.stderr), ["vajra-cloud init"]);
            assert!(!refused.stderr.contains("pa55word"), "{}", refused.stderr);
        }
    }
}
