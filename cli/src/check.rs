//! `check`: checks a scenario.

use crate::args::ScenarioArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::scenario;

pub(crate) fn run(args: &ScenarioArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let scenario = scenario::load(args, printer)?;
    printer.proxies();
    printer.result(&format!("{} is valid\n", scenario.name))?;
    Ok(Exit::Passed)
}
