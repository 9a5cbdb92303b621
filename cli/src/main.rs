//! `vajra-cloud`: plans a load test, starts its workers, merges their measurements, and judges the run.

mod args;
mod attach;
mod baseline;
mod calibrate;
mod check;
mod choices;
mod compare;
mod completions;
mod dashboard;
mod doctor;
mod durations;
mod exit;
mod export;
mod import;
mod init;
mod interrupts;
mod kubernetes;
mod launch;
mod list;
mod man;
mod new_file;
mod operator;
mod output;
mod plan;
mod pods;
mod prepare;
mod printer;
mod proxy;
mod quickstart;
mod reachable;
mod report;
mod room;
mod scenario;
mod schema;
mod sending;
mod start_at;
mod stop;
mod store_serve;
mod target;
mod try_;
mod worker;

use args::{Args, Verb};
use clap::Parser;
use exit::Exit;
use printer::Printer;

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    let printer = Printer::new(args.no_progress, args.quiet);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return printer.failure(&error.into()).into(),
    };
    let exit = runtime
        .block_on(run(args.verb, &printer))
        .unwrap_or_else(|error| printer.failure(&error));
    // The process does not wait for background tasks, such as invocations, because all results are in the store.
    runtime.shutdown_background();
    exit.into()
}

async fn run(verb: Verb, printer: &Printer) -> anyhow::Result<Exit> {
    match verb {
        Verb::Init(args) => init::run(&args, printer),
        Verb::Import(args) => import::run(&args, printer),
        Verb::Check(args) => check::run(&args, printer),
        Verb::Plan(args) => plan::run(&args, printer).await,
        Verb::Prepare(args) => prepare::run(*args, printer).await,
        Verb::Try(args) => try_::run(*args, printer).await,
        Verb::Launch(args) => launch::run(*args, printer).await,
        Verb::Doctor(args) => doctor::run(*args, printer).await,
        Verb::Calibrate(args) => calibrate::run(args, printer).await,
        Verb::Attach(args) => attach::run(args, printer).await,
        Verb::Stop(args) => stop::run(args, printer).await,
        Verb::Report(args) => report::run(args, printer).await,
        Verb::Compare(args) => compare::run(args, printer).await,
        Verb::Baseline(args) => baseline::run(args, printer).await,
        Verb::List(args) => list::run(args, printer).await,
        Verb::Worker(args) => worker::run(args, printer).await,
        Verb::Target(args) => target::run(args).await.map(|()| Exit::Passed),
        Verb::Store(verb) => store_serve::run(verb, printer).await,
        Verb::Schema(args) => schema::run(&args, printer),
        Verb::Completions(args) => completions::run(&args, printer),
        Verb::Operator(args) => operator::run(args, printer).await,
        Verb::Kubernetes(verb) => kubernetes::run(verb, printer).await,
        Verb::Man(args) => man::run(&args),
    }
}
