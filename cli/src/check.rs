//! `check`: checks a scenario, and prints which rows of its feeds a run uses.

use crate::args::ScenarioArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::scenario;

pub(crate) fn run(args: &ScenarioArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let scenario = scenario::load(args, printer)?;
    printer.proxies();
    let mut feeds = String::new();
    for population in &scenario.populations {
        for feed in scenario.rows_of(population).describe() {
            let of = match population.name.as_str() {
                "" => String::new(),
                name => format!(" of {name}"),
            };
            feeds.push_str(&format!("feed{of} {feed}\n"));
        }
    }
    printer.result(&format!("{} is valid\n{feeds}", scenario.name))?;
    Ok(Exit::Passed)
}
