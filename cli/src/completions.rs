//! `completions`: prints the completion script of a shell.

use crate::args::{Args, CompletionsArgs};
use crate::exit::Exit;
use crate::printer::Printer;
use clap::CommandFactory;

pub(crate) fn run(args: &CompletionsArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "vajra-cloud", &mut script);
    let script = String::from_utf8_lossy(&script);
    // For bash, the completion library writes the hyphen of a program's name in two ways. Without this replacement, the
    // script would complete nothing after a subcommand.
    printer.result(&script.replace("vajra__subcmd__cloud", "vajra__cloud"))?;
    Ok(Exit::Passed)
}
