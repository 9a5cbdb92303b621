//! Tests of the help texts. Tests in the package of the program make cargo build the program.

#![expect(clippy::unwrap_used, reason = "a failed step fails its test")]

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vajra-cloud"))
        .args(args)
        .output()
        .unwrap()
}

fn help(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_has_an_example() {
    let overview = help(&["--help"]);
    for verb in [
        "check",
        "plan",
        "launch",
        "attach",
        "stop",
        "report",
        "compare",
        "baseline",
        "list",
        "worker",
        "target",
        "schema",
        "completions",
        "man",
    ] {
        assert!(
            overview.contains(&format!("\n  {verb} ")),
            "{verb} is not in:\n{overview}"
        );
        let text = help(&[verb, "--help"]);
        assert!(
            text.contains(&format!("vajra-cloud {verb}")),
            "{verb} has no example:\n{text}"
        );
    }
}

#[test]
fn the_help_lists_the_exit_codes() {
    let overview = help(&["--help"]);
    for code in ["0 ", "1 ", "2 ", "3 ", "98 ", "99 ", "130 "] {
        assert!(
            overview.contains(&format!("\n  {code}")),
            "{code} is not in:\n{overview}"
        );
    }
    assert_eq!(run(&["no-such-verb"]).status.code(), Some(2));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}
