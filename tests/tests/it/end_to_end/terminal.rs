//! The progress of a run on a terminal, and without one.

use std::process::{Command, Stdio};
use whole_runs::machine::{Desk, program};

const SCENARIO: &str = "
name: checkout
target: { builtin: 'latency 3ms, errors 10%' }
load: { constant: { rate: 100/s, duration: 4s } }
requests: [ { name: home } ]
";

/// Returns the output of a command on a terminal of 100 columns, including control sequences.
fn on_a_terminal(desk: &Desk, colour: bool, args: &str) -> String {
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command"])
        .arg(format!("stty cols 100 rows 30; {} {args}", program().display()))
        .arg("/dev/null")
        .current_dir(desk.path(""))
        .env("TERM", "xterm-256color")
        .env_remove("VAJRA_STORE")
        .stdin(Stdio::null());
    if !colour {
        command.env("NO_COLOR", "1");
    }
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_terminal_shows_one_block_that_is_redrawn_in_place() {
    let desk = Desk::new();
    desk.write("checkout.yaml", SCENARIO);
    let output = on_a_terminal(&desk, false, "launch checkout.yaml --workers 2 --run r");
    // The last drawing during the load.
    let block = output.rfind(" left").map(|at| &output[at..]).unwrap();
    for words in [
        "100/s planned",
        "last second",
        "overall",
        "status ",
        "lag ",
        "workers   2 in  0 done  0 missing of 2",
    ] {
        assert!(block.contains(words), "no `{words}` in:\n{output}");
    }
    assert!(output.contains("\u{1b}["), "nothing is redrawn:\n{output}");
    assert!(
        !output.contains("\u{1b}[3"),
        "the output has colours although NO_COLOR is set:\n{output}"
    );
    // At the end the report replaces the block.
    assert!(output.contains("checkout: finished, nothing was judged"), "{output}");
}

#[test]
fn without_a_terminal_progress_is_plain_lines_and_quiet_prints_none() {
    let desk = Desk::new();
    desk.write("checkout.yaml", SCENARIO);
    let ran = desk
        .run(&["launch", "checkout.yaml", "--workers", "2"])
        .expect(0, &["starting in", "of 4 s"]);
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'));
    let ran = desk
        .run(&["launch", "checkout.yaml", "--workers", "2", "--quiet"])
        .expect(0, &[]);
    assert_eq!(ran.stderr, "");
    let quiet = on_a_terminal(&desk, true, "launch checkout.yaml --workers 2 --quiet");
    assert!(!quiet.contains("last second"), "{quiet}");
}
