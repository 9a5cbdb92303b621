//! `launch`: plans a run, starts its workers, follows them and reports.

use crate::args::{FleetKind, LaunchArgs};
use crate::attach::Views;
use crate::cost::{self, Pricing};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::interrupts::Interrupts;
use crate::printer::{Printer, Stated};
use crate::{attach, capacity, doctor, export, order, run_id, scenario};
use ::fleet::gather::Gatherer;
use ::fleet::launch::{Crew, StartError, publish};
use ::report::listener::CONNECTIONS_MAX;
use ::worker::clock::Clock;
use ::worker::descriptors;
use anyhow::Context;
use plan::scenario::{Scenario, Target};
use std::process::Stdio;
use std::time::Duration;
use store::{Location, RunStore, keys};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

pub(crate) async fn run(args: LaunchArgs, printer: &Printer) -> anyhow::Result<Exit> {
    // Everything that can be checked is checked before anything starts.
    order::check(&args.order)?;
    let mut scenario = scenario::load(&args.scenario.scenario, printer)?;
    let drawn = scenario::draw_seed(&mut scenario);
    let views = Views {
        output: args.out.output()?,
        dashboard: args.dashboard.bind().await?,
        exporters: export::start(&args.export, printer)?,
    };
    let run = args.run.clone().unwrap_or_else(|| run_id::new(&scenario.name));
    keys::check_run_id(&run).map_err(|error| Stated::usage(format!("--run {run}: {error}"), error.hint()))?;
    let deployment = Deployment::find(args.order.fleet(), &args.deploy, &args.store, &scenario)?;
    let clock = Clock::tie(0);
    let fleet = deployment.fleet(&scenario, args.order.start_timeout).await?;
    let store_region = match &deployment.location {
        Location::S3(bucket) => bucket.region(),
        Location::Folder(_) => None,
    };
    let pricing = Pricing::new(&args.cost, &deployment, store_region).await?;
    let store = RunStore::open(&deployment.location).await?;
    let workers = capacity::workers(&args.order, &scenario, &deployment, &store).await?;
    make_room(workers, views.listeners())?;
    let plan = |target: &str| {
        let asked = order::Asked {
            run: run.clone(),
            created: clock.now(),
            workers,
            limits: deployment.limits(),
            builtin_target: target.to_owned(),
        };
        order::plan(&scenario, &args.order, asked)
    };
    // Planned once with a stand-in address, so that what cannot be planned starts nothing.
    let rough = plan(order::BUILTIN)?;
    printer.cautions(&rough);
    printer.proxies();
    let cost = pricing.price(&rough, &scenario);
    if let Some(cost) = &cost {
        printer.note(&format!("cost: {}", pricing.line(cost)));
    }
    cost::check(&args.cost, cost.as_ref())?;
    if args.order.fleet() == FleetKind::Lambda && !args.unchecked {
        doctor::check(&deployment, &rough, &store, args.order.start_timeout, printer).await?;
    }
    let interrupts = Interrupts::begin(&store, &deployment.location, &clock, printer)?;
    let conducted = async {
        // Ends with this block, whichever way out is taken.
        let target = BuiltinTarget::start(&scenario, args.order.start_timeout).await?;
        let address = target.as_ref().map_or("", |target| target.address.as_str());
        let mut plan = plan(address)?;
        plan.cost = cost;
        publish(&store, &plan, &scenario).await.map_err(published)?;
        printer.note(&format!("run {run}"));
        if drawn {
            printer.note(&format!(
                "seed {0}; write `seed: {0}` to send the same again",
                plan.seed
            ));
        }
        let mut gatherer = Gatherer::open(&store, &run).await?;
        let mut crew = Crew::new(fleet, gatherer.record.plan.clone());
        let crew = Some(&mut crew);
        attach::see_through(&store, &mut gatherer, crew, &clock, &interrupts, views, printer).await
    };
    tokio::select! {
        exit = conducted => exit,
        () = interrupts.leaving() => Ok(Exit::Interrupted),
    }
}

/// What a launcher has open for each worker, a connection to the API or the pipe of a process, and beside them.
const DESCRIPTORS_EACH: u64 = 2;
const DESCRIPTORS_BESIDE: u64 = 100;
/// What it has open for each connection to one of its listeners: the connection, and a file of the store.
const DESCRIPTORS_VISITOR: u64 = 2;

/// Sees to it that so many workers can be held at once, and every connection that the listeners allow.
pub(crate) fn make_room(workers: u32, listeners: u64) -> Result<(), Stated> {
    if workers == 0 && listeners == 0 {
        return Ok(());
    }
    let beside = DESCRIPTORS_BESIDE + listeners * CONNECTIONS_MAX as u64 * DESCRIPTORS_VISITOR;
    let wanted = u64::from(workers) * DESCRIPTORS_EACH + beside;
    descriptors::raise(wanted).map_err(|allowed| {
        let most = allowed.saturating_sub(beside) / DESCRIPTORS_EACH;
        Stated::usage(
            format!("{workers} workers need {wanted} open files here, and this process may have {allowed}"),
            format!(
                "raise the limit (`ulimit -n {wanted}`), or use --workers {}",
                most.max(1)
            ),
        )
    })
}

fn published(error: StartError) -> anyhow::Error {
    match error {
        StartError::RunExists { .. } => Stated::usage(&error, "leave out --run, or give it another name").into(),
        error => error.into(),
    }
}

/// The built-in target, as a process that ends with this value. Should this launcher be killed, the
/// target is still there for the workers, and ends by itself when they have gone.
pub(crate) struct BuiltinTarget {
    _child: Child,
    pub address: String,
}

/// How much longer than the start timeout the target waits for requests when nobody ends it.
const TARGET_IDLE_EXIT: Duration = Duration::from_secs(60);
/// How long the last words of a target that did not start are waited for.
const TARGET_WORDS: Duration = Duration::from_secs(5);

impl BuiltinTarget {
    pub(crate) async fn start(scenario: &Scenario, start_timeout: Duration) -> anyhow::Result<Option<BuiltinTarget>> {
        let script = scenario.targets.iter().find_map(|target| match target {
            Target::Builtin(script) => Some(script),
            Target::Url(_) => None,
        });
        let Some(script) = script else { return Ok(None) };
        let program = std::env::current_exe().context("this program does not know where it is")?;
        let mut command = Command::new(program);
        command
            .args(["target", "--listen=127.0.0.1:0"])
            // `--name=value`: a value that begins with a dash is not taken for an option.
            .arg(format!(
                "--idle-exit={}",
                plan::span::show(start_timeout + TARGET_IDLE_EXIT)
            ))
            .arg(format!("--script={script}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Not this process's own: whoever reads that to its end would wait for the target too.
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().context("the built-in target could not be started")?;
        let stdout = child.stdout.take().context("the built-in target has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).await?;
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let mut words = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                // It has closed its output, so it is about to end.
                let _ = tokio::time::timeout(TARGET_WORDS, stderr.read_to_string(&mut words)).await;
            }
            let problem = format!("the built-in target did not start: {}", words.trim());
            return Err(Stated::usage(problem, "is its script in `target:` right?").into());
        };
        Ok(Some(BuiltinTarget {
            address: address.to_owned(),
            _child: child,
        }))
    }
}
