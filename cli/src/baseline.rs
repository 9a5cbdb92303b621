//! `baseline`: runs that are kept under a name, to compare others with.
//!
//! Law: a baseline holds all that comparing needs, so it outlives its run.

use crate::args::{BaselineArgs, BaselineVerb};
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use ::report::compare::sample::Sample;
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
            // Read first: to remove what is not there is a mistake that is worth a word.
            store.get(&key).await?.ok_or_else(|| unknown(&name))?;
            store.delete(&key).await?;
            printer.note(&format!("the baseline {name} is removed"));
        }
    }
    Ok(Exit::Passed)
}

/// Reads a baseline.
pub(crate) async fn read(store: &RunStore, name: &str) -> anyhow::Result<Sample> {
    check(name)?;
    let bytes = store.get(&keys::baseline(name)).await?.ok_or_else(|| unknown(name))?;
    Sample::decode(&bytes).with_context(|| format!("the baseline {name} cannot be used"))
}

async fn set(store: &RunStore, name: &str, run: &str, printer: &Printer) -> anyhow::Result<()> {
    let sample = stored::sample(store, run).await?;
    let before = store.get(&keys::baseline(name)).await?;
    store.put(&keys::baseline(name), sample.encode()).await?;
    if sample.verdict == Verdict::Incomplete {
        printer.say(&format!(
            "caution: {run} is incomplete, and so is every comparison with this baseline"
        ));
    }
    let instead = match before.map(|bytes| Sample::decode(&bytes)) {
        Some(Ok(before)) => format!(", instead of {}", before.run),
        Some(Err(_)) => ", instead of one that could not be read".to_owned(),
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
        let line = match Sample::decode(&bytes) {
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
        printer.note("no baselines here yet; `vajra-cloud baseline set NAME RUN` makes one");
    }
    printer.result(&text)
}

fn check(name: &str) -> Result<(), Stated> {
    keys::check_run_id(name)
        .map_err(|error| Stated::usage(format!("{name}: a baseline is named like a run: {error}"), error.hint()))
}

fn unknown(name: &str) -> Stated {
    Stated::usage(
        format!("there is no baseline {name} in this store"),
        "`vajra-cloud baseline list` shows those that are there, `baseline set` makes one",
    )
}
