//! What a run looks like on a terminal, and where there is none.

use std::process::{Command, Stdio};
use whole_runs::machine::{Desk, program};

const SCENARIO: &str = "
name: checkout
target: { builtin: 'latency 3ms, errors 10%' }
load: { constant: { rate: 100/s, duration: 4s } }
requests: [ { name: home } ]
";

/// What a command says on a terminal of 100 columns, control sequences and all.
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
fn a_terminal_has_one_block_that_is_redrawn_in_place() {
    let desk = Desk::new();
    desk.write("checkout.yaml", SCENARIO);
    let said = on_a_terminal(&desk, false, "launch checkout.yaml --workers 2 --run r");
    // The last time that it was drawn while the load went on.
    let block = said.rfind(" left").map(|at| &said[at..]).unwrap();
    for words in [
        "100/s planned",
        "last second",
        "overall",
        "status ",
        "lag ",
        "workers   2 in  0 done  0 missing of 2",
    ] {
        assert!(block.contains(words), "no `{words}` in:\n{said}");
    }
    assert!(said.contains("\u{1b}["), "nothing is redrawn:\n{said}");
    assert!(
        !said.contains("\u{1b}[3"),
        "there are colours, though NO_COLOR is set:\n{said}"
    );
    // Then it is gone, and the report stands where it was.
    assert!(said.contains("checkout: finished, nothing was judged"), "{said}");
}

#[test]
fn without_a_terminal_there_are_plain_lines_and_quiet_has_none() {
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
