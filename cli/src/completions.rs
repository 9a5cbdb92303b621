//! `completions`: for shells.

use crate::args::{Args, CompletionsArgs};
use crate::exit::Exit;
use crate::printer::Printer;
use clap::CommandFactory;

pub(crate) fn run(args: &CompletionsArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "vajra-cloud", &mut script);
    printer.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Passed)
}
