//! `compare`: prints the changes from one run to another, and checks them against rules.

use crate::args::CompareArgs;
use crate::baseline;
use crate::exit::Exit;
use crate::output::Output;
use crate::printer::{Printer, Stated};
use ::report::compare::rule::Ruling;
use ::report::compare::sample::RunSample;
use ::report::compare::{CompareError, Comparison, html, junit, markdown, text};
use ::run::stored;
use store::RunStore;

/// The prefix of a baseline on the command line. The name of a run contains no colon, so it never has this prefix.
const BASELINE: &str = "baseline:";

/// An output format of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// Text for a terminal.
    Text,
    /// JSON with all values, for programs.
    Json,
    /// An HTML page in one file.
    Html,
    /// JUnit XML, in which each rule is a test case.
    JUnit,
    /// Markdown for a pull request.
    Markdown,
}

pub(crate) async fn run(args: CompareArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let output = Output::new(
        Form::Text,
        &[
            (Form::Json, "--out", &args.out),
            (Form::Html, "--html", &args.html),
            (Form::JUnit, "--junit", &args.junit),
            (Form::Markdown, "--markdown", &args.markdown),
        ],
    )?;
    let store = RunStore::open(&args.store.locate()?).await?;
    let (a, b) = (named(&store, &args.a).await?, named(&store, &args.b).await?);
    let comparison = Comparison::new(&a, &b, &args.fail_if).map_err(|error| {
        let CompareError::NoRequest { hint, .. } = &error;
        Stated::usage(format!("--fail-if: {error}"), hint)
    })?;
    let render = |form| match form {
        Form::Text => text::render(&comparison, printer.layout()),
        Form::Json => comparison.json() + "\n",
        Form::Html => html::render(&comparison),
        Form::JUnit => junit::render(&comparison),
        Form::Markdown => markdown::render(&comparison),
    };
    output.write(render, printer)?;
    for ruled in comparison
        .rules
        .iter()
        .filter(|ruled| ruled.ruling == Ruling::Undecided)
    {
        printer.say(&format!(
            "caution: the runs do not show whether `{}` is met: {}",
            ruled.rule, ruled.measured
        ));
    }
    Ok(match (comparison.regressed(), comparison.incomplete()) {
        (true, _) => Exit::Regressed,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Passed,
    })
}

async fn named(store: &RunStore, name: &str) -> anyhow::Result<RunSample> {
    match name.strip_prefix(BASELINE) {
        Some(name) => baseline::read(store, name).await,
        None => Ok(stored::sample(store, name).await?),
    }
}
