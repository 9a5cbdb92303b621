//! `stop`: a key in the store that workers look for every second.

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
    // A run that is not there cannot be stopped, and a key for it would stop one that is named so later.
    let mut gatherer = stored::open(&store, &args.run).await?;
    gatherer.poll_listing().await?;
    let record = &gatherer.record;
    if record.start.is_some() && losses(record).is_empty() {
        printer.note(&format!("{} has ended already", args.run));
        return Ok(Exit::Passed);
    }
    match stop(&store, &args.run, &args.reason, &Clock::tie(0)).await? {
        Created::Yes => printer.note(&format!("{} is stopping", args.run)),
        Created::AlreadyThere => printer.note(&format!("{} had been stopped already", args.run)),
    }
    Ok(Exit::Passed)
}
