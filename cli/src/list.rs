//! `list`: the runs in a store.

use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use plan::plan::Plan;
use serde::Deserialize;
use std::time::Duration;
use store::{RunStore, keys};

/// What is read of a report.
#[derive(Deserialize)]
struct Told {
    verdict: String,
}

pub(crate) async fn run(args: StoreArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let store = RunStore::open(&args.locate()?).await?;
    let mut rows = Vec::new();
    for run in store.list_dirs(&keys::runs()).await? {
        let Some(bytes) = store.get(&keys::plan(&run)).await? else {
            continue;
        };
        rows.push(match Plan::decode(&bytes) {
            Ok(plan) => (plan.created, row(&store, &plan).await?),
            Err(error) => (0, format!("{run}  {error}")),
        });
    }
    rows.sort();
    let text: String = rows.into_iter().map(|(_, row)| row + "\n").collect();
    if text.is_empty() {
        printer.note("no runs here yet; `vajra-cloud launch quickstart` makes one");
    }
    printer.result(&text)?;
    Ok(Exit::Passed)
}

async fn row(store: &RunStore, plan: &Plan) -> anyhow::Result<String> {
    let state = match store.get(&keys::report(&plan.run)).await? {
        Some(report) => {
            serde_json::from_slice(&report).map_or("unreadable report".to_owned(), |told: Told| told.verdict)
        }
        None if store.get(&keys::start(&plan.run)).await?.is_some() => "no report yet".to_owned(),
        None => "not started".to_owned(),
    };
    let length = plan::span::show(Duration::from_nanos(plan.length()));
    Ok(format!(
        "{:<48} {:<14} {:>4} workers  {length:<10} {}",
        plan.run, state, plan.shards, plan.fleet
    ))
}
