//! `check`: checks a scenario, and prints the rows of its feeds that a run uses.

use crate::args::ScenarioArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::scenario;
use plan::rows::Rows;

pub(crate) fn run(args: &ScenarioArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let scenario = scenario::load(args, printer)?;
    printer.proxies();
    let rows = Rows::of(&scenario);
    let feeds: String = rows.describe().map(|feed| format!("feed {feed}\n")).collect();
    printer.result(&format!("{} is valid\n{feeds}", scenario.name))?;
    Ok(Exit::Passed)
}
