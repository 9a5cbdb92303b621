//! `report`: the report of a run, from its store, as often as one likes.

use crate::account;
use crate::args::RunArgs;
use crate::attach;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::summary;
use ::fleet::follow::losses;
use store::RunStore;

pub(crate) async fn run(args: RunArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let output = args.out.output()?;
    let store = RunStore::open(&args.store.locate()?).await?;
    let mut gatherer = attach::open(&store, &args.run).await?;
    gatherer.look().await?;
    let account = account::read(&store, &gatherer.record.plan).await;
    let report = summary::report(&gatherer.record, &losses(&gatherer.record), account);
    output.write(|form| form.render(&report, &gatherer.record.plan), printer)?;
    Ok(attach::exit(&report))
}
