//! The options of pods, and `kubernetes`: prints the objects of a run on a cluster.

use crate::args::{OrderArgs, ScenarioArgs, StoreArgs};
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::{choices, scenario};
use ::run::deployment::Deployment;
use ::run::error::Refused;
use ::run::operator::crd;
use ::run::order::{self, BUILTIN};
use clap::{Args, Subcommand};
use fleet::fleet::Opening;
use fleet::kubernetes::{self, Kind};
use fleet::options::pods::{PodVariable, memory, node_label, object_name};
use fleet::options::{FleetOptions, KubernetesOptions};
use std::num::NonZeroU32;

/// The pods of `--fleet kubernetes`, and their cluster.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --fleet kubernetes")]
pub(crate) struct PodArgs {
    /// The context of the kubeconfig; with `regions`, each region is a context [default: the current one]
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The namespace of the pods [default: the context's]
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub namespace: Option<String>,
    /// The image of the pods, which `infra/image` writes
    #[arg(long, env = "VAJRA_IMAGE", value_name = "IMAGE")]
    pub image: Option<String>,
    /// The service account of the pods [default: default]
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub service_account: Option<String>,
    /// The processors of a pod, which are also its threads that send the load [default: 1]
    #[arg(long, value_name = "N")]
    pub cpu: Option<NonZeroU32>,
    /// The memory of a pod [default: 1Gi]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    pub memory: Option<String>,
    /// Run pods only on nodes with this label; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = node_label)]
    pub node_selector: Vec<(String, String)>,
    /// The queue of Kueue in which the run waits
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub queue: Option<String>,
    /// An environment variable of the pods: NAME=secret:SECRET/KEY for a secret `env:NAME` of the scenario, or
    /// NAME=VALUE; may be given again
    #[arg(long, value_name = "NAME=…", value_parser = PodVariable::parse)]
    pub pod_env: Vec<PodVariable>,
    /// The ReadWriteMany volume claim that contains the store, if the store is a folder
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub store_claim: Option<String>,
}

impl PodArgs {
    pub(crate) fn options(&self) -> KubernetesOptions {
        KubernetesOptions {
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            image: self.image.clone(),
            service_account: self.service_account.clone(),
            cpu: self.cpu,
            memory: self.memory.clone(),
            node_selector: self.node_selector.clone(),
            queue: self.queue.clone(),
            pod_env: self.pod_env.clone(),
            store_claim: self.store_claim.clone(),
            owner: None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum KubernetesVerb {
    /// Print the Job and the PodDisruptionBudget of a run as YAML, as `launch --fleet kubernetes` creates them
    #[command(
        after_help = "Example:\n  vajra-cloud kubernetes manifests shop.yaml --run nightly-1 --workers 8 --image registry.example.com/vajra-cloud:1 \\\n    --store s3://bucket/prefix > nightly-1.yaml\n\nTo apply them without `launch`: store the plan with `vajra-cloud prepare` and the same options, apply the file with\n`kubectl apply -f nightly-1.yaml`, and start the run with `vajra-cloud attach nightly-1`."
    )]
    Manifests(Box<ManifestArgs>),
    /// Print the definition of the resource LoadTest as YAML, which `operator` needs
    #[command(after_help = "Example:\n  vajra-cloud kubernetes crd | kubectl apply --server-side -f -")]
    Crd,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// The name of the run
    #[arg(long, value_name = "RUN")]
    pub run: String,
    #[command(flatten)]
    pub pods: PodArgs,
}

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
