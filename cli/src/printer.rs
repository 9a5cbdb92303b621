//! What goes to stdout and what to stderr.
//!
//! stdout carries what was asked for and nothing else. Progress, warnings and errors go to stderr,
//! and progress is redrawn only on a terminal.

use crate::exit::Exit;
use plan::plan::Plan;
use report::layout::Layout;
use report::live::{Block, Lines, SnapshotSink};
use report::show::block;
use run::error::{Refused, RunError};
use std::io::{IsTerminal, Write};
use terminal_size::{Width, terminal_size_of};

/// Where words go.
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
        // One that cannot move its cursor gets what a log gets.
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

    /// How text is laid out for stdout.
    pub(crate) fn layout(&self) -> Layout {
        let stdout = std::io::stdout();
        if !stdout.is_terminal() {
            return Layout::LOG;
        }
        let columns = terminal_size_of(&stdout).map(|(Width(columns), _)| columns.into());
        Layout::terminal(columns, has_colour(&stdout))
    }

    /// What was asked for.
    pub(crate) fn result(&self, text: &str) -> anyhow::Result<()> {
        self.print(&block(text))
    }

    /// A report: its colours are kept, and all other text is filtered.
    pub(crate) fn report(&self, text: &str) -> anyhow::Result<()> {
        self.print(&with_colours(text))
    }

    fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            // Whoever reads, such as `head`, has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// What is good to know.
    pub(crate) fn note(&self, text: &str) {
        if self.progress != Progress::None {
            self.say(text);
        }
    }

    /// What must be known.
    pub(crate) fn say(&self, text: &str) {
        // There is nobody to tell when stderr is closed.
        let _ = writeln!(std::io::stderr().lock(), "{}", block(text));
    }

    /// Says that the load does not use a proxy that the environment names.
    pub(crate) fn proxies(&self) {
        if let Some(caution) = crate::proxy::caution(|name| std::env::var(name).ok()) {
            self.say(&format!("caution: {caution}"));
        }
    }

    /// Says what a plan may run into.
    pub(crate) fn cautions(&self, plan: &Plan) {
        for caution in plan.cautions() {
            self.say(&format!("caution: {caution}"));
        }
    }

    /// An error with its causes and its hint, once.
    pub(crate) fn failure(&self, error: &anyhow::Error) -> Exit {
        if let Some(stated) = error.downcast_ref::<Stated>() {
            // The problems of a scenario are coloured.
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

    /// Somebody to watch a run, if progress is to be shown.
    pub(crate) fn sink(&self) -> Option<Box<dyn SnapshotSink + Send>> {
        match self.progress {
            Progress::Block => Some(Box::new(Block::new())),
            Progress::Lines => Some(Box::new(Lines::new(std::io::stderr()))),
            Progress::None => None,
        }
    }
}

/// Whether a terminal understands no control sequences.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether text may be coloured: on a terminal, unless the user or the terminal wants none.
fn has_colour(out: &impl IsTerminal) -> bool {
    let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    out.is_terminal() && is_wanted && !is_dumb()
}

/// Text with its colours; between them it is filtered like all text.
fn with_colours(text: &str) -> String {
    let parts = text.split('\u{1b}').enumerate();
    parts.map(|(at, part)| coloured(at, part)).collect()
}

/// A part of a text behind an escape character: that is kept where it begins a colour.
fn coloured(at: usize, part: &str) -> String {
    let code = part.strip_prefix('[').and_then(|rest| rest.split_once('m'));
    let is_colour = code.is_some_and(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'));
    match (at, is_colour) {
        (0, _) => block(part).into_owned(),
        (_, true) => format!("\u{1b}{}", block(part)),
        (_, false) => format!("\u{fffd}{}", block(part)),
    }
}

/// An error that says all there is to say, with its exit code.
#[derive(Debug)]
pub(crate) struct Stated {
    pub text: String,
    pub exit: Exit,
}

impl Stated {
    /// What was asked makes no sense.
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

/// What was refused, if that is the error.
fn refused(error: &anyhow::Error) -> Option<&Refused> {
    match error.downcast_ref() {
        Some(RunError::Refused(refused)) => Some(refused),
        _ => error.downcast_ref(),
    }
}

/// What can be done about an error, if it knows.
fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref::<RunError>() {
        Some(error) => error.hint(),
        None => error.downcast_ref::<store::StoreError>()?.hint(),
    }
}
