//! Prints to stdout and stderr.
//!
//! stdout contains only the result of a command. Progress, warnings and errors are printed to stderr. Progress is
//! redrawn in place only on a terminal.

use crate::exit::Exit;
use plan::plan::Plan;
use report::layout::Layout;
use report::live::{ProgressBlock, ProgressLines, SnapshotSink};
use report::show::block;
use run::error::{Refused, RunError};
use std::io::{IsTerminal, Write};
use terminal_size::{Width, terminal_size_of};

/// Prints results, notes and errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    progress: Progress,
    pub colour: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Block,
    Lines,
    None,
}

impl Printer {
    pub(crate) fn new(no_progress: bool, quiet: bool) -> Printer {
        // If a terminal cannot move its cursor, progress is printed as plain lines, as in a log.
        let terminal = std::io::stderr().is_terminal() && !is_dumb();
        let progress = match (quiet, no_progress, terminal) {
            (true, ..) => Progress::None,
            (false, false, true) => Progress::Block,
            (false, ..) => Progress::Lines,
        };
        Printer {
            progress: if no_progress && progress == Progress::Lines {
                Progress::None
            } else {
                progress
            },
            colour: has_colour(&std::io::stderr()),
        }
    }

    /// Returns the layout for text on stdout.
    pub(crate) fn layout(&self) -> Layout {
        let stdout = std::io::stdout();
        if !stdout.is_terminal() {
            return Layout::LOG;
        }
        let columns = terminal_size_of(&stdout).map(|(Width(columns), _)| columns.into());
        Layout::terminal(columns, has_colour(&stdout))
    }

    /// Prints a result to stdout.
    pub(crate) fn result(&self, text: &str) -> anyhow::Result<()> {
        self.print(&block(text))
    }

    /// Prints a report to stdout. The colours of the report are kept. In all other control sequences, the escape
    /// character is replaced.
    pub(crate) fn report(&self, text: &str) -> anyhow::Result<()> {
        self.print(&with_colours(text))
    }

    fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            // The program that reads from the pipe, such as `head`, has closed the pipe.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Prints a line to stderr, unless the user gives `--quiet` or `--no-progress`.
    pub(crate) fn note(&self, text: &str) {
        if self.progress != Progress::None {
            self.say(text);
        }
    }

    /// Prints a line to stderr, even with `--quiet`.
    pub(crate) fn say(&self, text: &str) {
        // If stderr is closed, this write fails, and a message about the failure would fail too.
        let _ = writeln!(std::io::stderr().lock(), "{}", block(text));
    }

    /// Prints a caution if the environment names a proxy. The load does not use a proxy.
    pub(crate) fn proxies(&self) {
        if let Some(caution) = crate::proxy::caution(|name| std::env::var(name).ok()) {
            self.say(&format!("caution: {caution}"));
        }
    }

    /// Prints the cautions of a plan.
    pub(crate) fn cautions(&self, plan: &Plan) {
        for caution in plan.cautions() {
            self.say(&format!("caution: {caution}"));
        }
    }

    /// Prints an error with its causes and its hint, and returns the exit code.
    pub(crate) fn failure(&self, error: &anyhow::Error) -> Exit {
        if let Some(stated) = error.downcast_ref::<Stated>() {
            // The text about the problems of a scenario contains colours, which are kept.
            let _ = writeln!(std::io::stderr().lock(), "{}", with_colours(&stated.text));
            return stated.exit;
        }
        if let Some(refused) = refused(error) {
            self.say(&format!("error: {refused}\nhint: {}", refused.hint));
            return Exit::Usage;
        }
        if let Some(RunError::Stopped) = error.downcast_ref() {
            self.say(&error.to_string());
            return Exit::Interrupted;
        }
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        self.say(&format!("error: {}", causes.join(": ")));
        if let Some(hint) = error.chain().find_map(hint) {
            self.say(&format!("hint: {hint}"));
        }
        Exit::Failed
    }

    /// Returns the display for the progress of a run; `None` if progress is not shown.
    pub(crate) fn sink(&self) -> Option<Box<dyn SnapshotSink + Send>> {
        match self.progress {
            Progress::Block => Some(Box::new(ProgressBlock::new())),
            Progress::Lines => Some(Box::new(ProgressLines::new(std::io::stderr()))),
            Progress::None => None,
        }
    }
}

/// Returns whether the terminal does not support control sequences.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Returns whether text may be coloured. The result is true for a terminal, unless the user turns colours off or the
/// terminal has no colours.
fn has_colour(out: &impl IsTerminal) -> bool {
    let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    out.is_terminal() && is_wanted && !is_dumb()
}

/// Filters a text like [`block`], but keeps the colours of the text.
fn with_colours(text: &str) -> String {
    let parts = text.split('\u{1b}').enumerate();
    parts.map(|(at, part)| coloured(at, part)).collect()
}

/// Filters the part of a text that follows an escape character. The escape character is kept only if it begins a
/// colour.
fn coloured(at: usize, part: &str) -> String {
    let code = part.strip_prefix('[').and_then(|rest| rest.split_once('m'));
    let is_colour = code.is_some_and(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'));
    match (at, is_colour) {
        (0, _) => block(part).into_owned(),
        (_, true) => format!("\u{1b}{}", block(part)),
        (_, false) => format!("\u{fffd}{}", block(part)),
    }
}

/// A complete error message, with a hint and the exit code.
#[derive(Debug)]
pub(crate) struct Stated {
    pub text: String,
    pub exit: Exit,
}

impl Stated {
    /// Returns an error about the command line or the scenario.
    pub(crate) fn usage(problem: impl std::fmt::Display, hint: impl std::fmt::Display) -> Stated {
        Stated {
            text: format!("error: {problem}\nhint: {hint}"),
            exit: Exit::Usage,
        }
    }
}

impl std::fmt::Display for Stated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Stated {}

/// Returns the rejected request that caused an error; `None` if the error has another cause.
fn refused(error: &anyhow::Error) -> Option<&Refused> {
    match error.downcast_ref() {
        Some(RunError::Refused(refused)) => Some(refused),
        _ => error.downcast_ref(),
    }
}

/// Returns the hint of an error; `None` if the error has no hint.
fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref::<RunError>() {
        Some(error) => error.hint(),
        None => error.downcast_ref::<store::StoreError>()?.hint(),
    }
}
