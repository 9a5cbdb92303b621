//! `stop`: writes the stop of a run to the store. Workers read the stop every second.

use crate::args::StopArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use ::fleet::follow::losses;
use ::fleet::stop::stop;
use ::run::stored;
use ::worker::clock::Clock;
use store::{Created, RunStore};

pub(crate) async fn run(args: StopArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let store = RunStore::open(&args.store.locate()?).await?;
    // This call fails if the run does not exist. A stop that was written for a missing run would end a later run with
    // this name.
    let mut gatherer = stored::open(&store, &args.run).await?;
    gatherer.poll_listing().await?;
    let record = &gatherer.record;
    if record.start.is_some() && losses(record).is_empty() {
        printer.note(&format!("{} has already ended", args.run));
        return Ok(Exit::Passed);
    }
    match stop(&store, &args.run, &args.reason, &Clock::tie(0)).await? {
        Created::Yes => printer.note(&format!("{} is stopping", args.run)),
        Created::AlreadyThere => printer.note(&format!("{} was already stopped", args.run)),
    }
    Ok(Exit::Passed)
}
