//! `doctor`: whether a run could be started, and what would have to change. Every launch on functions
//! asks the same.

use crate::args::DoctorArgs;
use crate::deployment::{self, Deployment};
use crate::exit::Exit;
use crate::order::BUILTIN;
use crate::printer::{Printer, Stated};
use crate::{capacity, order, scenario};
use ::fleet::inspection::{Demand, Finding, Found, Inspector};
use plan::plan::Plan;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;
use store::{RunStore, keys};

pub(crate) async fn run(mut args: DoctorArgs, printer: &Printer) -> anyhow::Result<Exit> {
    order::check(&args.order)?;
    let scenario = match &args.scenario {
        Some(name) => scenario::load(name, printer)?,
        None => scenario::any(),
    };
    let fleet = args.order.fleet.unwrap_or_else(|| deployment::usual(&args.deploy));
    args.order.fleet = Some(fleet);
    let deployment = Deployment::find(fleet, &args.deploy, &args.store, &scenario)?;
    let store = RunStore::open(&deployment.location).await?;
    let workers = capacity::workers(&args.order, &scenario, &deployment, &store).await?;
    let asked = order::Asked {
        run: format!("{}-planned", scenario.name),
        created: 0,
        workers,
        limits: deployment.limits(),
        builtin_target: BUILTIN.to_owned(),
    };
    let plan = order::plan(&scenario, &args.order, asked)?;
    printer.proxies();
    let findings = examine(&deployment, &plan, &store, args.order.start_timeout).await;
    let mut text = String::new();
    for Finding { about, found } in &findings {
        match found {
            Found::Good(words) => writeln!(text, "ok       {about:<12} {words}")?,
            Found::Unknown(words) => writeln!(text, "unknown  {about:<12} {words}")?,
            Found::Bad { problem, hint } => writeln!(text, "WRONG    {about:<12} {problem}\n{:22}{hint}", "")?,
        }
    }
    let wrong = findings.iter().filter(|finding| finding.is_bad()).count();
    match wrong {
        0 => writeln!(text, "\n{workers} workers could be launched")?,
        1 => writeln!(text, "\n1 thing has to change first")?,
        several => writeln!(text, "\n{several} things have to change first")?,
    }
    printer.result(&text)?;
    Ok(if wrong == 0 { Exit::Passed } else { Exit::Failed })
}

/// Refuses a run for which something would have to change.
pub(crate) async fn check(
    deployment: &Deployment,
    plan: &Plan,
    store: &RunStore,
    patience: Duration,
    printer: &Printer,
) -> Result<(), Stated> {
    let findings = examine(deployment, plan, store, patience).await;
    let mut text = String::new();
    for Finding { about, found } in &findings {
        match found {
            Found::Bad { problem, hint } => {
                let _ = writeln!(text, "error: {problem}\nhint: {hint}");
            }
            Found::Unknown(words) => printer.note(&format!("not checked: {about}: {words}")),
            Found::Good(_) => {}
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    Err(Stated {
        text: text.trim_end().to_owned(),
        exit: Exit::Failed,
    })
}

async fn examine(deployment: &Deployment, plan: &Plan, store: &RunStore, patience: Duration) -> Vec<Finding> {
    let mut findings = vec![here(store).await];
    if deployment.functions.is_empty() {
        return findings;
    }
    findings.extend(capacity::judge(plan, deployment, store).await);
    let handing_over = if plan.slices.len() > 1 { 2 } else { 1 };
    for deployed in &deployment.functions {
        let shards = match (&plan.regions, &deployed.region) {
            (regions, Some(name)) if !regions.is_empty() => regions
                .iter()
                .filter(|region| region.name == *name)
                .map(|region| region.shards.len() as u32)
                .sum(),
            _ => plan.shards,
        };
        let demand = Demand {
            concurrency: shards * handing_over,
            lifetime: order::lifetime(plan),
            targets: targets(plan),
            hosts: plan.hosts.clone(),
            store: deployment.location.to_string(),
            patience,
        };
        let inspector = Inspector::open(deployment.settings(deployed, patience)).await;
        findings.extend(inspector.inspect(&demand).await);
    }
    findings
}

/// Whether this machine can use the store.
async fn here(store: &RunStore) -> Finding {
    let found = match store.check_create_only(&keys::probe()).await {
        Ok(()) => Found::Good("this machine can write to it, and it keeps create-only writes".to_owned()),
        Err(error) => Found::Bad {
            hint: error
                .hint()
                .unwrap_or_else(|| "check --store and the credentials".to_owned()),
            problem: format!("the store cannot be used: {error}"),
        },
    };
    Finding { about: "store", found }
}

/// Everything that is sent to: the targets, and the hosts of requests that name their own.
fn targets(plan: &Plan) -> Vec<String> {
    // A host that is drawn is judged when it is known.
    let own = plan.requests.iter().filter_map(|request| {
        let (host, _) = request.url.cut_url();
        host.as_fixed().filter(|host| !host.is_empty()).map(str::to_owned)
    });
    let targets = plan.targets.iter().filter(|target| *target != BUILTIN).cloned();
    let all: BTreeSet<String> = targets.chain(own).collect();
    all.into_iter().collect()
}
