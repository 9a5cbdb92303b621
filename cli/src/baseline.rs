//! `baseline`: stores runs under a name, as references for comparisons.
//!
//! Invariant: a baseline contains all data that a comparison requires, so it remains usable after its run is deleted.

use crate::args::{BaselineArgs, BaselineVerb};
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use ::report::compare::sample::RunSample;
use ::report::verdict::Verdict;
use ::run::stored;
use anyhow::Context;
use store::{RunStore, keys};

pub(crate) async fn run(args: BaselineArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.verb {
        BaselineVerb::Set { name, run, store } => {
            check(&name)?;
            set(&RunStore::open(&store.locate()?).await?, &name, &run, printer).await?;
        }
        BaselineVerb::List { store } => list(&RunStore::open(&store.locate()?).await?, printer).await?,
        BaselineVerb::Remove { name, store } => {
            check(&name)?;
            let store = RunStore::open(&store.locate()?).await?;
            let key = keys::baseline(&name);
            // The baseline is read before it is deleted, because deleting a missing object succeeds, and an unknown
            // name must be an error.
            store.get(&key).await?.ok_or_else(|| unknown(&name))?;
            store.delete(&key).await?;
            printer.note(&format!("removed the baseline {name}"));
        }
    }
    Ok(Exit::Passed)
}

/// Reads a baseline from the store.
pub(crate) async fn read(store: &RunStore, name: &str) -> anyhow::Result<RunSample> {
    check(name)?;
    let bytes = store.get(&keys::baseline(name)).await?.ok_or_else(|| unknown(name))?;
    RunSample::decode(&bytes).with_context(|| format!("the baseline {name} cannot be used"))
}

async fn set(store: &RunStore, name: &str, run: &str, printer: &Printer) -> anyhow::Result<()> {
    let sample = stored::sample(store, run).await?;
    let before = store.get(&keys::baseline(name)).await?;
    store.put(&keys::baseline(name), sample.encode()).await?;
    if sample.verdict == Verdict::Incomplete {
        printer.say(&format!(
            "caution: {run} is incomplete, so every comparison with this baseline is incomplete"
        ));
    }
    let instead = match before.map(|bytes| RunSample::decode(&bytes)) {
        Some(Ok(before)) => format!(", instead of {}", before.run),
        Some(Err(_)) => ", instead of an unreadable one".to_owned(),
        None => String::new(),
    };
    printer.note(&format!("the baseline {name} is {run}{instead}"));
    Ok(())
}

async fn list(store: &RunStore, printer: &Printer) -> anyhow::Result<()> {
    let mut text = String::new();
    for key in store.list(&keys::baselines()).await? {
        let (Some(name), Some(bytes)) = (keys::parse_baseline(&key), store.get(&key).await?) else {
            continue;
        };
        let line = match RunSample::decode(&bytes) {
            Ok(sample) => format!(
                "{name:<24} {:<48} {:<10} {}",
                sample.run,
                sample.verdict.word(),
                sample.started.as_deref().unwrap_or("never started"),
            ),
            Err(error) => format!("{name:<24} {error}"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    if text.is_empty() {
        printer.note("no baselines here yet; `vajra-cloud baseline set NAME RUN` creates one");
    }
    printer.result(&text)
}

fn check(name: &str) -> Result<(), Stated> {
    keys::check_run_id(name)
        .map_err(|error| Stated::usage(format!("{name} is not a name for a baseline: {error}"), error.hint()))
}

fn unknown(name: &str) -> Stated {
    Stated::usage(
        format!("there is no baseline {name} in this store"),
        "list the baselines with `vajra-cloud baseline list`, or create one with `vajra-cloud baseline set`",
    )
}
