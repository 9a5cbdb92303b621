//! `report`: prints the report of a run that is in the store.

use crate::args::RunArgs;
use crate::attach;
use crate::exit::Exit;
use crate::printer::Printer;
use ::report::rendering::Rendering;
use ::run::stored;
use store::RunStore;

pub(crate) async fn run(args: RunArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let output = args.out.output()?;
    let store = RunStore::open(&args.store.locate()?).await?;
    let mut gatherer = stored::open(&store, &args.run).await?;
    if output.has(Rendering::Html) {
        gatherer.keep_intervals();
    }
    let report = stored::report(&store, &mut gatherer).await?;
    output.write(
        |form| form.render_for(printer.layout(), &report, &gatherer.record.plan),
        printer,
    )?;
    Ok(attach::exit(&report))
}
