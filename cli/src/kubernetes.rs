//! The command `kubernetes`: prints the Kubernetes objects of a run, or the definition of the resource LoadTest.

use crate::args::{KubernetesVerb, ManifestArgs};
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::{choices, scenario};
use ::run::deployment::Deployment;
use ::run::error::Refused;
use ::run::operator::crd;
use ::run::order::{self, BUILTIN};
use fleet::fleet::Opening;
use fleet::kubernetes::{self, Kind};
use fleet::options::FleetOptions;

pub(crate) async fn run(verb: KubernetesVerb, printer: &Printer) -> anyhow::Result<Exit> {
    match verb {
        KubernetesVerb::Manifests(args) => manifests(*args, printer).await,
        KubernetesVerb::Crd => {
            printer.result(&kubernetes::yaml::document(&crd::definition()))?;
            Ok(Exit::Passed)
        }
    }
}

async fn manifests(args: ManifestArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let choices = args.order.choices_on(&Kind);
    if choices.fleet.name() != fleet::fleet::FleetKind::name(&Kind) {
        let problem = format!("--fleet {}: the manifests are of another fleet", choices.fleet.name());
        return Err(Stated::usage(problem, "leave out --fleet").into());
    }
    order::check(&choices)?;
    store::keys::check_run_id(&args.run)
        .map_err(|error| Stated::usage(format!("--run {}: {error}", args.run), error.hint()))?;
    let Some(workers) = choices.workers.number() else {
        let problem = "--workers auto: manifests contain a fixed number of pods";
        let hint = "give a number of workers; `vajra-cloud doctor` prints the number for auto";
        return Err(Stated::usage(problem, hint).into());
    };
    let scenario = scenario::load(&args.scenario, printer)?;
    let options = FleetOptions {
        kubernetes: args.pods.options(),
        ..FleetOptions::default()
    };
    let (location, program) = (args.store.locate()?, choices::program()?);
    let deployment = Deployment::planned(&Kind, &options, &scenario, &program).await?;
    let asked = order::PlanRequest {
        run: args.run,
        created: 0,
        workers,
        fleet: &*deployment.fleet,
        builtin_target: BUILTIN.to_owned(),
    };
    let plan = order::plan(&scenario, &choices, asked)?;
    let opening = Opening {
        options: &options,
        scenario: &scenario,
        store: &location,
        program: &program,
    };
    let text = kubernetes::manifests(&opening, &plan).map_err(Refused::from)?;
    printer.result(&text)?;
    Ok(Exit::Passed)
}
