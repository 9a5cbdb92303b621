//! Tests of the progress that a command shows during a run, with a terminal and without a terminal.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use whole_runs::machine::{Desk, Process, program, wait_for};

const SCENARIO: &str = "
name: checkout
target: { builtin: 'latency 3ms, errors 10%' }
load: { constant: { rate: 100/s, duration: 4s } }
requests: [ { name: home } ]
";
const THRESHOLDS: &str = "thresholds: [ latency p50 < 3s, errors < 1%, latency p99 of home < 9s, rate > 1/s ]\n";

/// A terminal, described by its number of columns and its environment variables.
#[derive(Clone, Copy)]
struct Terminal {
    columns: usize,
    term: &'static str,
    no_color: bool,
}

const USUAL: Terminal = Terminal {
    columns: 100,
    term: "xterm-256color",
    no_color: false,
};

/// Runs a command on a terminal. Returns the output of the command with its control sequences.
fn on_a_terminal(desk: &Desk, terminal: Terminal, args: &str) -> String {
    let output = terminal_command(desk, terminal, args).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn terminal_command(desk: &Desk, terminal: Terminal, args: &str) -> Command {
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command"])
        .arg(format!(
            "stty cols {} rows 40; {} {args}",
            terminal.columns,
            program().display()
        ))
        .arg("/dev/null")
        .current_dir(desk.path(""))
        .env("TERM", terminal.term)
        .env_remove("NO_COLOR")
        .env_remove("VAJRA_STORE")
        .stdin(Stdio::null());
    if terminal.no_color {
        command.env("NO_COLOR", "1");
    }
    command
}

/// Returns all lines that a terminal of this width has shown, in the order in which they appeared. `output` is the text
/// that the command wrote to the terminal.
fn lines(output: &str, columns: usize) -> Vec<String> {
    let mut parts = output.split('\u{1b}');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        plain.push_str(&part[end + 1..]);
    }
    let mut lines = Vec::new();
    for line in plain.split(['\r', '\n']) {
        let characters: Vec<char> = line.chars().collect();
        let rows = characters.chunks(columns).map(|row| row.iter().collect::<String>());
        lines.extend(rows.map(|row| row.trim_end().to_owned()));
    }
    lines
}

#[test]
fn a_terminal_shows_one_block_that_is_redrawn_in_place() {
    let desk = Desk::new();
    // The load lasts longer than any test. The test stops the run after it has seen the whole block of progress.
    desk.write("checkout.yaml", &SCENARIO.replace("duration: 4s", "duration: 10m"));
    let terminal = Terminal {
        no_color: true,
        ..USUAL
    };
    let mut command = terminal_command(&desk, terminal, "launch checkout.yaml --workers 2 --run r");
    let mut process = Process(command.stdout(Stdio::piped()).spawn().unwrap());
    let (shown, mut stdout) = (Arc::new(Mutex::new(Vec::new())), process.0.stdout.take().unwrap());
    let reader = std::thread::spawn({
        let shown = Arc::clone(&shown);
        move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut part) {
                shown.lock().unwrap().extend_from_slice(&part[..length]);
            }
        }
    });
    let output = || String::from_utf8_lossy(&shown.lock().unwrap()).into_owned();
    let words = [
        " left",
        "100/s planned",
        "  last second ",
        "  overall ",
        "status ",
        "lag ",
        "workers  2/2 ready  0 done  0 missing",
    ];
    wait_for(
        "a block with all lines during the load",
        Duration::from_secs(60),
        || {
            let output = output();
            // Each redraw of the block begins with the name of the scenario.
            let mut blocks = output.split("checkout  ");
            let complete = blocks.any(|block| words.iter().all(|words| block.contains(words)));
            complete.then_some(())
        },
    );
    desk.run(&["stop", "r"]).expect(0, &[]);
    reader.join().unwrap();
    process.0.wait().unwrap();
    let output = output();
    assert!(output.contains("\u{1b}["), "nothing is redrawn:\n{output}");
    assert!(
        !output.contains("\u{1b}[3") && !output.contains("\u{1b}[1m"),
        "the output has colours although NO_COLOR is set:\n{output}"
    );
    // At the end of the run, the report replaces the block of progress.
    let (block, report) = output.split_once("checkout: incomplete").unwrap();
    assert!(block.contains(" left") && !report.contains(" left"), "{output}");
    assert!(report.contains("the run was stopped"), "{output}");
}

#[test]
fn block_and_report_fit_terminals_of_40_80_and_120_columns() {
    let desk = Desk::new();
    desk.write("checkout.yaml", &format!("{SCENARIO}{THRESHOLDS}"));
    for (columns, heads) in [
        (40, "latency           p50     p99     max"),
        (80, "p50     p90     p95     p99   p99.9  p99.99     max    mean"),
        (
            120,
            "min     p50     p75     p90     p95     p99   p99.9  p99.99     max    mean",
        ),
    ] {
        let terminal = Terminal { columns, ..USUAL };
        let run = format!("launch checkout.yaml --workers 2 --run at-{columns}");
        let output = on_a_terminal(&desk, terminal, &run);
        let lines = lines(&output, columns);
        let start = lines.iter().position(|line| line == "checkout: crossed").unwrap();
        let (block, report) = lines.split_at(start);
        assert!(block.iter().any(|line| line.ends_with(heads)), "{columns}:\n{output}");
        // A line of the block that is wider than the terminal would appear as two lines here. The block lists the
        // threshold that is not met before the other thresholds.
        let urgent = block
            .iter()
            .rposition(|line| line.starts_with("not met  errors < 1%  "));
        let shown = &block[urgent.unwrap() - 7..];
        let begins = [
            "latency  ",
            "  last second  ",
            "  overall  ",
            "lag  ",
            "errors   ",
            "dropped  0",
            "workers  2/2 ready  ",
            "not met  errors < 1%  ",
            "met      ",
            "met      ",
            "         and 1 more",
        ];
        for (line, begin) in shown.iter().zip(begins) {
            assert!(line.starts_with(begin), "{columns}: {shown:?}");
        }
        if columns >= 80 {
            let cut = [
                "latency  ",
                "lag  ",
                "met        latency p99 of home < 9s  ",
                "workers    2 of 2 finished",
            ];
            for begin in cut {
                assert!(
                    report.iter().any(|line| line.starts_with(begin)),
                    "{columns}:\n{output}"
                );
            }
            let sent = output.rsplit_once("checkout: crossed").unwrap().1;
            // The program prints the command after the report on one line, so that a user can copy it. The line may be
            // wider than the terminal.
            let (sent, _) = sent.rsplit_once("the run is kept in ").unwrap();
            let wide = sent.lines().find(|line| line.chars().count() > columns);
            assert_eq!(wide, None, "{output}");
        }
    }
}

#[test]
fn a_report_is_coloured_only_on_a_terminal_that_wants_it() {
    let desk = Desk::new();
    desk.write("checkout.yaml", &format!("{SCENARIO}{THRESHOLDS}"));
    let coloured = on_a_terminal(&desk, USUAL, "launch checkout.yaml --workers 2 --run r --quiet");
    assert!(
        coloured.contains("\u{1b}[31mnot met\u{1b}[0m    errors < 1%"),
        "{coloured}"
    );
    let report = |terminal| on_a_terminal(&desk, terminal, "report r");
    assert!(report(USUAL).contains("\u{1b}[32mmet\u{1b}[0m"));
    let plain = [
        Terminal {
            no_color: true,
            ..USUAL
        },
        Terminal { term: "dumb", ..USUAL },
    ];
    for terminal in plain {
        let output = report(terminal);
        assert!(
            !output.contains('\u{1b}') && output.contains("not met    errors < 1%"),
            "{output}"
        );
    }
    let piped = desk.run(&["report", "r"]).expect(99, &[]);
    assert!(!piped.stdout.contains('\u{1b}'), "{}", piped.stdout);
    // A terminal that cannot redraw gets lines without control sequences.
    let dumb = Terminal { term: "dumb", ..USUAL };
    let output = on_a_terminal(&desk, dumb, "launch checkout.yaml --workers 2");
    assert!(output.contains("of 4 s · ") && !output.contains('\u{1b}'), "{output}");
}

#[test]
fn the_end_of_a_launch_names_the_store_and_the_command_that_writes_the_page() {
    let desk = Desk::new();
    desk.write("checkout.yaml", &SCENARIO.replace("duration: 4s", "duration: 1s"));
    let launch = ["launch", "checkout.yaml", "--run", "r"];
    let place = format!("the run is kept in {}, below runs/r/;", desk.path("").display());
    let ran = desk
        .run(&launch)
        .expect(0, &[&place.replace("/,", ","), "` writes its page\n"]);
    assert!(!ran.stdout.contains("is kept in"), "{}", ran.stdout);
    // The command that the launch printed succeeds.
    let (_, command) = ran.stderr.split_once("`vajra-cloud ").unwrap();
    let command = command.split_once('`').unwrap().0.replace('\'', "");
    desk.run(&command.split(' ').collect::<Vec<_>>()).expect(0, &[]);
    assert!(desk.path("report.html").exists());
    // A launch with `--html` has written the page, so it prints no command that writes the page.
    let launch = ["launch", "checkout.yaml", "--run", "s", "--html", "s.html"];
    let ran = desk.run(&launch).expect(0, &["the run is kept in "]);
    assert!(!ran.stderr.contains("writes its page"), "{}", ran.stderr);
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
    let quiet = on_a_terminal(&desk, USUAL, "launch checkout.yaml --workers 2 --quiet");
    assert!(!quiet.contains("last second"), "{quiet}");
}
