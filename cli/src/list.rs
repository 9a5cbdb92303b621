//! `list`: the runs in a store.

use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use ::run::list::{Row, rows};
use store::RunStore;

pub(crate) async fn run(args: StoreArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let store = RunStore::open(&args.locate()?).await?;
    let mut rows = rows(&store).await?;
    rows.reverse();
    let text: String = rows.iter().map(line).collect();
    if text.is_empty() {
        let launch = args.command("launch quickstart");
        printer.note(&format!("no runs here yet; `{launch}` makes one"));
    }
    printer.result(&text)?;
    Ok(Exit::Passed)
}

fn line(row: &Row) -> String {
    if row.created.is_none() {
        return format!("{}  {}\n", row.run, row.shown);
    }
    format!(
        "{:<48} {:<27} {:>4} workers  {:<10} {}\n",
        row.run, row.shown, row.workers, row.length, row.fleet
    )
}
