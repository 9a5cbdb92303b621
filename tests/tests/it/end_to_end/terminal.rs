//! The progress of a run on a terminal, and without one.

use std::process::{Command, Stdio};
use whole_runs::machine::{Desk, program};

const SCENARIO: &str = "
name: checkout
target: { builtin: 'latency 3ms, errors 10%' }
load: { constant: { rate: 100/s, duration: 4s } }
requests: [ { name: home } ]
";
const THRESHOLDS: &str = "thresholds: [ latency p50 < 3s, errors < 1%, latency p99 of home < 9s, rate > 1/s ]\n";

/// A terminal: its columns, and the environment that describes it.
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

/// Returns the output of a command on a terminal, including control sequences.
fn on_a_terminal(desk: &Desk, terminal: Terminal, args: &str) -> String {
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
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Returns all lines that a terminal of this width has shown, in order, given the output that it received.
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
    desk.write("checkout.yaml", SCENARIO);
    let terminal = Terminal {
        no_color: true,
        ..USUAL
    };
    let output = on_a_terminal(&desk, terminal, "launch checkout.yaml --workers 2 --run r");
    // The last drawing during the load.
    let block = output.rfind(" left").map(|at| &output[at..]).unwrap();
    for words in [
        "100/s planned",
        "  last second ",
        "  overall ",
        "status ",
        "lag ",
        "workers  2/2 in  0 done  0 missing",
    ] {
        assert!(block.contains(words), "no `{words}` in:\n{output}");
    }
    assert!(output.contains("\u{1b}["), "nothing is redrawn:\n{output}");
    assert!(
        !output.contains("\u{1b}[3") && !output.contains("\u{1b}[1m"),
        "the output has colours although NO_COLOR is set:\n{output}"
    );
    // At the end the report replaces the block.
    assert!(output.contains("checkout: finished, nothing was judged"), "{output}");
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
        // A line of the block that did not fit would be two here. The threshold that is not met comes first.
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
            "workers  2/2 in  ",
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
    // What cannot be redrawn in place comes as lines.
    let dumb = Terminal { term: "dumb", ..USUAL };
    let output = on_a_terminal(&desk, dumb, "launch checkout.yaml --workers 2");
    assert!(output.contains("of 4 s · ") && !output.contains('\u{1b}'), "{output}");
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
