//! The command line: its commands, options and help texts.

use crate::durations::{duration, grace, start_timeout};
use crate::exit::CODES;
use crate::export::ExportArgs;
use crate::pods::{OperatorArgs, PodArgs, host_name};
use crate::sending::{SendArgs, SettingArgs};
use crate::start_at::StartAt;
use crate::store_serve::StoreVerb;
use crate::target::TargetArgs;
use ::worker::log::Log;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use fleet::fleet::FleetKind;
use fleet::kinds::{self, KINDS};
use fleet::local;
use import::Format;
use plan::cost::money::Money;
use plan::rate::Rate;
use report::compare::rule::RegressionRule;
use run::order::Workers;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// A load-testing fleet made of serverless functions.
///
/// Plans a run, starts its workers, merges their measurements exactly, and judges the run.
#[derive(Debug, Parser)]
#[command(name = "vajra-cloud", version, after_help = CODES)]
pub(crate) struct Args {
    /// Show no progress, even on a terminal
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Print only the report and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a scenario file to edit: the quickstart, or a scenario for a URL
    #[command(
        after_help = "Examples:\n  vajra-cloud init\n  vajra-cloud init shop.yaml\n  vajra-cloud init https://shop.example.com"
    )]
    Init(InitArgs),
    /// Turn a file of another tool into a scenario: curl commands, HAR, targets of vegeta, OpenAPI or Artillery
    #[command(
        after_help = "Examples:\n  vajra-cloud import commands.txt\n  vajra-cloud import shop.har --save imported.yaml"
    )]
    Import(ImportArgs),
    /// Read a scenario and report every problem in it
    #[command(after_help = "Example:\n  vajra-cloud check quickstart")]
    Check(ScenarioArgs),
    /// Print the plan of a run: its requests, times and workers; start nothing
    #[command(after_help = "Example:\n  vajra-cloud plan quickstart --workers 8")]
    Plan(PlanArgs),
    /// Send one arrival of a scenario from this machine, and print each request, answer and check
    #[command(
        after_help = "Examples:\n  vajra-cloud try quickstart\n  vajra-cloud try quickstart --arrival 17 --seed 4711\n  vajra-cloud try http://127.0.0.1:8080/orders -d '{\"id\": 1}'\n\n`try` exits with 99 if the arrival fails. Values of secrets, and of headers that contain\ncredentials, are shown as `…`.\n\nEnvironment:\n  VAJRA_ALLOW  the hosts and addresses to which `try` may send: all if not set, none if empty"
    )]
    Try(Box<TryArgs>),
    /// Run a scenario and print its report
    #[command(
        after_help = "Examples:\n  vajra-cloud launch quickstart\n  vajra-cloud launch http://127.0.0.1:8080/ --rate 500/s --duration 30s\n  vajra-cloud launch http://127.0.0.1:8080/orders -d '{\"id\": 1}' --save orders.yaml\n  vajra-cloud launch quickstart --workers 8 --html report.html\n  vajra-cloud launch quickstart --dashboard\n  vajra-cloud launch quickstart --prometheus http://127.0.0.1:9090/api/v1/write\n  vajra-cloud launch shop.yaml --fleet lambda --workers 8\n\nshop.yaml is a scenario for your own `target`; `vajra-cloud init shop.yaml` writes a file to edit.\n\nEnvironment:\n  VAJRA_ALLOW  the hosts and addresses to which workers on this machine may send:\n               all if not set, none if empty"
    )]
    Launch(Box<LaunchArgs>),
    /// Store a plan and print the run's name; start no workers, so that another program can start them
    #[command(
        after_help = "Example:\n  vajra-cloud prepare shop.yaml --workers 2 --start-at +30s --store ./run\n\nThen, on any machines that can access the store:\n  vajra-cloud worker --store ./run --run RUN --shard 0\n  vajra-cloud worker --store ./run --run RUN --shard 1\n  vajra-cloud report RUN --store ./run\n\nWithout --start-at, `vajra-cloud attach RUN` starts the run when all workers are ready."
    )]
    Prepare(Box<PrepareArgs>),
    /// Check whether a run can start, and print what must change first
    #[command(
        after_help = "Examples:\n  vajra-cloud doctor\n  vajra-cloud doctor shop.yaml --fleet lambda --workers 200\n\nshop.yaml is a scenario for your own `target`; `vajra-cloud init shop.yaml` writes a file to edit."
    )]
    Doctor(Box<DoctorArgs>),
    /// Measure the highest rate that one worker can send, and print how many workers a scenario needs
    #[command(
        after_help = "Examples:\n  vajra-cloud calibrate quickstart\n  vajra-cloud calibrate shop.yaml --fleet lambda\n\nshop.yaml is a scenario for your own `target`; `vajra-cloud init shop.yaml` writes a file to edit."
    )]
    Calibrate(CalibrateArgs),
    /// Follow a run that was started elsewhere, and print its report
    #[command(after_help = "Example:\n  vajra-cloud attach quickstart-20260102-030405-k3f9")]
    Attach(AttachArgs),
    /// Stop a run: its workers stop sending within seconds, and report their measurements
    #[command(after_help = "Example:\n  vajra-cloud stop quickstart-20260102-030405-k3f9")]
    Stop(StopArgs),
    /// Print the report of a run from its store, as often as you like
    #[command(
        after_help = "Examples:\n  vajra-cloud report quickstart-20260102-030405-k3f9\n  vajra-cloud report quickstart-20260102-030405-k3f9 --html report.html"
    )]
    Report(RunArgs),
    /// Print the changes from one run to another, with their confidence intervals
    #[command(
        after_help = "Examples:\n  vajra-cloud compare monday tuesday\n  vajra-cloud compare baseline:main nightly-7 --fail-if 'latency p99 > +10%' --html compare.html\n\nA rule of --fail-if limits the change of `latency pNN`, `latency mean`, `rate`, `errors` (in\npercentage points) or `cost`. With `of NAME`, the rule applies to one request. A rule is broken if\nthe change exceeds the limit and is significant. `compare` exits with 98 if a rule is broken, and\nwith 3 if a run is incomplete."
    )]
    Compare(CompareArgs),
    /// Keep a run under a name, as a reference for comparisons
    #[command(
        after_help = "Example:\n  vajra-cloud baseline set main quickstart-20260102-030405-k3f9\n  vajra-cloud compare baseline:main nightly-7"
    )]
    Baseline(BaselineArgs),
    /// List the runs in a store, the newest last: when each was planned, its verdict, rate and p99 latency
    #[command(after_help = "Example:\n  vajra-cloud list --store s3://bucket/prefix")]
    List(StoreArgs),
    /// Run one shard of a run; orchestrators call this command
    #[command(
        after_help = "Examples:\n  vajra-cloud worker --store s3://bucket/prefix --run nightly-1 --shard 3\n  vajra-cloud worker --store s3://bucket/prefix --run nightly-1 --shard 3 --env SHOP_TOKEN\n\nEnvironment:\n  VAJRA_ALLOW  the hosts and addresses to which the worker may send, such as\n               api.example.com,10.1.0.0/16: all if not set, none if empty"
    )]
    Worker(WorkerArgs),
    /// Run the load tests that are resources of a Kubernetes cluster, until a signal arrives
    #[command(
        after_help = "Example:\n  vajra-cloud operator --namespace load --image registry.example.com/vajra-cloud:1"
    )]
    Operator(OperatorArgs),
    /// Serve a folder as a store in S3, for workers without a shared folder and without a cloud account
    #[command(subcommand)]
    Store(StoreVerb),
    /// Serve the built-in test target on loopback
    Target(TargetArgs),
    /// Print the JSON Schema of scenarios (for editors), reports or comparisons
    #[command(after_help = "Example:\n  vajra-cloud schema > scenario.schema.json")]
    Schema(SchemaArgs),
    /// Print shell completions
    #[command(after_help = "Example:\n  source <(vajra-cloud completions bash)")]
    Completions(CompletionsArgs),
    /// Print the objects of a run on a Kubernetes cluster, or the definition of the resource LoadTest
    #[command(subcommand)]
    Kubernetes(KubernetesVerb),
    /// Write a manual page for each command into a folder
    #[command(after_help = "Example:\n  vajra-cloud man man1")]
    Man(ManArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ScenarioArgs {
    /// The path of a scenario, the name of a YAML file here or in scenarios/, `quickstart`, - for stdin, or a URL
    pub scenario: String,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub send: SendArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TryArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The number of the arrival, from 0, such as one of the failed arrivals in a report [default: 0]
    #[arg(long, value_name = "K")]
    pub arrival: Option<u64>,
    /// Send the first arrival of this flow or request; with --arrival, the population that contains the arrival
    #[arg(long, value_name = "FLOW|REQUEST|POPULATION")]
    pub of: Option<String>,
    /// The seed of the run [default: the scenario's, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Send the steps of a flow without the pauses between them
    #[arg(long)]
    pub skip_pauses: bool,
    /// Show bodies and captured values in full
    #[arg(long)]
    pub full: bool,
    /// Print one JSON object for each step
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The file to write, which must not exist [default: quickstart.yaml], or the URL to send requests to
    #[arg(value_name = "FILE|URL")]
    pub what: Option<String>,
    /// With a URL, the file to write [default: named after the host]
    pub file: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// The file of the other tool, or - for stdin
    pub file: String,
    /// The format [default: recognised from the content]
    #[arg(long, value_parser = import_format(), value_name = "FORMAT")]
    pub from: Option<Format>,
    /// Write the scenario to this file, which must not exist [default: print it]
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StoreArgs {
    /// The store of runs: a folder, or s3://bucket/prefix[?endpoint=URL&region=NAME&path_style=true]
    /// [default: this folder, or the fleet's own]
    #[arg(long, env = "VAJRA_STORE", value_name = "STORE")]
    pub store: Option<String>,
}

/// The deployed functions and their API, and the pods and their cluster.
#[derive(Debug, ClapArgs)]
pub(crate) struct DeployArgs {
    /// The fleet file: the output `fleet` of infra/terraform [default: vajra-cloud.json, if it exists]
    #[arg(long, env = "VAJRA_FLEET_FILE", value_name = "FILE")]
    pub fleet_file: Option<PathBuf>,
    /// The function to invoke, a name or an ARN [default: from the fleet file, or vajra-worker]
    #[arg(long, env = "VAJRA_FUNCTION", value_name = "NAME")]
    pub function: Option<String>,
    /// The region of the function [default: from the fleet file, the environment or the profile]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The URL of the Lambda API, for an emulator
    #[arg(long, env = "AWS_ENDPOINT_URL_LAMBDA", value_name = "URL")]
    pub lambda_endpoint: Option<String>,
    #[command(flatten)]
    pub kubernetes: PodArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OrderArgs {
    /// The number of workers that share the load; `auto` takes the number from the calibration
    #[arg(long, short, default_value = "4", value_parser = workers, value_name = "N")]
    pub workers: Workers,
    /// The fleet on which workers run [default: local]
    #[arg(long, value_parser = fleet_kind(), value_name = "FLEET")]
    pub fleet: Option<&'static dyn FleetKind>,
    /// How long to wait for workers before the run is aborted [default: 1m]
    #[arg(long, value_parser = start_timeout, value_name = "TIME")]
    pub start_timeout: Option<Duration>,
    /// Start with at least this many workers when the start timeout has passed [default: all workers]
    #[arg(long, value_name = "N")]
    pub min_workers: Option<u32>,
    /// Share all arrivals among the workers that are ready; otherwise, the arrivals of missing workers are not sent
    #[arg(long, requires = "min_workers")]
    pub restripe: bool,
    /// Stop when no process has followed the run for this long [default: continue]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub dead_man: Option<Duration>,
    /// How often workers store their new measurements [default: 1s local, 5s elsewhere]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub snapshot_interval: Option<Duration>,
    /// Cut the load into windows of at most this length, each with its own workers
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub slice: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ArchitectureName {
    Arm64,
    #[value(name = "x86_64")]
    X86,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CostArgs {
    /// Refuse a run on functions whose estimated cost exceeds this amount, such as 5usd or $0.50
    #[arg(long, value_parser = Money::parse, value_name = "AMOUNT")]
    pub max_cost: Option<Money>,
    /// A file with prices that replace the built-in prices, like crates/plan/src/cost/prices.json
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// The memory of the function, for the price [default: from the fleet file, or 1769]
    #[arg(long, value_parser = clap::value_parser!(u32).range(128..=10_240), value_name = "MB")]
    pub memory_mb: Option<u32>,
    /// The processor of the function, for the price [default: from the fleet file, or arm64]
    #[arg(long, value_enum)]
    pub architecture: Option<ArchitectureName>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    /// Print the plan as JSON, as workers read it
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub deploy: DeployArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LaunchArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub out: OutArgs,
    #[command(flatten)]
    pub dashboard: DashboardArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    /// The name of the run [default: made from the scenario's name and the time]
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Start without checking the fleet first
    #[arg(long)]
    pub unchecked: bool,
    #[command(flatten)]
    pub deploy: DeployArgs,
    #[command(flatten)]
    pub export: ExportArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PrepareArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// The time at which the load begins, with the workers that are ready then, such as +3m or 2026-03-01T12:00:00Z
    /// [default: when all workers are ready]
    #[arg(long, value_parser = StartAt::parse, value_name = "TIME")]
    pub start_at: Option<StartAt>,
    /// The name of the run [default: made from the scenario's name and the time]
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    #[command(flatten)]
    pub cost: CostArgs,
    #[command(flatten)]
    pub deploy: DeployArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KubernetesVerb {
    /// Print the Job and the PodDisruptionBudget of a run as YAML, as `launch --fleet kubernetes` creates them
    #[command(
        after_help = "Example:\n  vajra-cloud kubernetes manifests shop.yaml --run r --image vajra-cloud:1 --store s3://bucket\n\nTo apply them without `launch`: store the plan with `vajra-cloud prepare` and the same options, apply the output with\n`kubectl apply -f -`, and start the run with `vajra-cloud attach`."
    )]
    Manifests(Box<ManifestArgs>),
    /// Print the definition of the resource LoadTest as YAML, which `operator` needs
    #[command(after_help = "Example:\n  vajra-cloud kubernetes crd | kubectl apply --server-side -f -")]
    Crd,
}

#[derive(Debug, ClapArgs)]
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

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// A scenario's path or name, or a URL; its targets, length and rate are also checked
    pub scenario: Option<String>,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    pub order: OrderArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub deploy: DeployArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The fleet on which the worker runs
    #[arg(long, value_parser = fleet_kind(), default_value = local::Kind.name(), value_name = "FLEET")]
    pub fleet: &'static dyn FleetKind,
    /// How long to wait for the worker [default: 1m]
    #[arg(long, value_parser = start_timeout, value_name = "TIME")]
    pub start_timeout: Option<Duration>,
    /// The highest rate to try, such as 50k/s [default: the rate of the busiest second of the load]
    #[arg(long, value_parser = Rate::parse, value_name = "RATE")]
    pub up_to: Option<Rate>,
    /// The highest allowed p99 of lag, which is how late arrivals are sent
    #[arg(long, default_value = "1ms", value_parser = duration, value_name = "TIME")]
    pub max_lag: Duration,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub deploy: DeployArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DashboardArgs {
    /// Serve a page that follows the run, with a stop button [default: a free port of 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:0", value_parser = listen_address)]
    pub dashboard: Option<SocketAddr>,
    /// Continue to serve the dashboard after the end of the run, until Ctrl-C
    #[arg(long, requires = "dashboard")]
    pub keep_dashboard: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OutArgs {
    /// Write the report as JSON to this file; for this option and the next ones, `-` prints the document in place of
    /// the text report
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the report as an HTML page that opens offline
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the verdict as JUnit XML, with a test case for each threshold
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the report as Markdown, for a pull request
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write each second of the run as a line of CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the latency as a percentile distribution of HdrHistogram
    #[arg(long, value_name = "FILE")]
    pub hgrm: Option<PathBuf>,
    /// Write the latency of each second as an interval log of HdrHistogram
    #[arg(long, value_name = "FILE")]
    pub hlog: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AttachArgs {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub dashboard: DashboardArgs,
    #[command(flatten)]
    pub export: ExportArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// The name of the run
    pub run: String,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub out: OutArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// The reference: the name of a run, or baseline:NAME
    #[arg(value_name = "A")]
    pub a: String,
    /// The run to compare with the reference: the name of a run, or baseline:NAME
    #[arg(value_name = "B")]
    pub b: String,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Write the comparison as JSON to this file; for this option and the next ones, `-` prints the document in place
    /// of the text
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the comparison as an HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the rules of --fail-if as JUnit XML to this file, for CI systems; an undecided rule counts as skipped
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the comparison as Markdown to this file, for a pull request
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Exit with 98 on this change, such as 'latency p99 > +10%'; may be given again
    #[arg(long, value_parser = RegressionRule::parse, value_name = "RULE")]
    pub fail_if: Vec<RegressionRule>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub verb: BaselineVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineVerb {
    /// Keep a run as the baseline with this name, in place of the previous baseline
    #[command(after_help = "Example:\n  vajra-cloud baseline set main quickstart-20260102-030405-k3f9")]
    Set {
        /// The name of the baseline
        name: String,
        /// The name of the run
        run: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the baselines in a store
    #[command(after_help = "Example:\n  vajra-cloud baseline list --store s3://bucket/prefix")]
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove a baseline; its run is not removed
    #[command(after_help = "Example:\n  vajra-cloud baseline remove main")]
    Remove {
        /// The name of the baseline
        name: String,
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StopArgs {
    /// The name of the run
    pub run: String,
    #[command(flatten)]
    pub store: StoreArgs,
    /// The reason, for the report
    #[arg(long, default_value = "requested with vajra-cloud stop", value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    pub store: StoreArgs,
    /// The name of the run
    #[arg(long)]
    pub run: String,
    /// The shard, from 0
    #[arg(long, value_name = "I", required_unless_present = "index_env")]
    pub shard: Option<u32>,
    /// The environment variable in which a platform passes the index of this process, such as JOB_COMPLETION_INDEX; the
    /// index is the shard, or the position in --shards
    #[arg(long, value_name = "VARIABLE", conflicts_with = "shard")]
    pub index_env: Option<String>,
    /// The index of the first process: 1 for GitLab's CI_NODE_INDEX
    #[arg(long, default_value_t = 0, value_name = "N", requires = "index_env")]
    pub index_base: u32,
    /// The shards, in the order of the index
    #[arg(long, value_delimiter = ',', value_name = "I,…", requires = "index_env")]
    pub shards: Vec<u32>,
    /// The slice to begin with, from 0; the worker continues with each later slice of the shard
    #[arg(long, default_value_t = 0, value_name = "J")]
    pub slice: u32,
    /// Wait this long for the plan of the run
    #[arg(long, default_value = "0s", value_parser = duration, value_name = "TIME")]
    pub wait_for_plan: Duration,
    /// Send only to the targets in VAJRA_ALLOW, and nowhere if it is not set; without this option, a worker may send
    /// anywhere if VAJRA_ALLOW is not set
    #[arg(long)]
    pub deny_by_default: bool,
    /// The number of threads that send the load [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// An environment variable that the run may send as a secret, `env:NAME`; may be given again. Other variables are
    /// not sent; credentials of the machine, such as AWS_*, are never sent
    #[arg(
        long,
        env = "VAJRA_ENV",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "NAME"
    )]
    pub env: Vec<String>,
    /// Write a line to stderr for each change of the worker's state, as `text` or `json`; with `:debug`, also for each
    /// snapshot
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<Log>,
    /// The time between the host's SIGTERM and SIGKILL; after SIGTERM, the worker stops sending, waits for answers, and
    /// stores its result within this time
    #[arg(long, default_value = "20s", value_parser = grace, value_name = "TIME")]
    pub grace: Duration,
    /// The name of this machine in claims and reports, such as the name of the pod [default: its host name]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub host_name: Option<String>,
    /// Shift this process's clock by this many milliseconds, for tests
    #[arg(long, default_value_t = 0, hide = true, allow_negative_numbers = true)]
    pub clock_skew_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    Scenario,
    Report,
    Comparison,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SchemaArgs {
    /// The document
    #[arg(value_enum, default_value_t = SchemaKind::Scenario)]
    pub document: SchemaKind,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// The folder to write to, such as /usr/local/share/man/man1; it is created if it does not exist
    pub folder: PathBuf,
}

fn workers(text: &str) -> Result<Workers, String> {
    if text == "auto" {
        return Ok(Workers::Auto);
    }
    let number = text
        .parse()
        .map_err(|_| "write a number of workers, or `auto`".to_owned())?;
    Ok(Workers::Number(number))
}

/// Parses the name of another tool's file format. The help lists all of these names.
fn import_format() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL
        .iter()
        .map(|format| PossibleValue::new(format.name()).help(format.described()));
    PossibleValuesParser::new(values).map(|name| {
        let named = Format::ALL.into_iter().find(|format| format.name() == name);
        named.unwrap_or_else(|| unreachable!("only names of formats are possible values"))
    })
}

/// Parses the name of a kind of fleet. The help lists all kinds.
fn fleet_kind() -> impl TypedValueParser<Value = &'static dyn FleetKind> {
    let names = KINDS
        .iter()
        .map(|kind| PossibleValue::new(kind.name()).help(kind.about()));
    PossibleValuesParser::new(names)
        .map(|name| kinds::named(&name).unwrap_or_else(|| unreachable!("only names of kinds are possible values")))
}

/// Parses an address to listen on. If the address has no port, the system chooses a free port.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let whole = text.parse::<SocketAddr>();
    let alone = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 0));
    whole
        .or(alone)
        .map_err(|_| format!("`{text}` is not an address; write `127.0.0.1:8000` or `0.0.0.0`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_timeout_below_one_second_is_rejected() {
        for text in ["1ns", "0s", "999ms"] {
            let refused = start_timeout(text).expect_err(text);
            assert!(refused.contains("below the minimum of 1s"), "{text}: {refused}");
        }
        assert_eq!(start_timeout("1s"), Ok(Duration::from_secs(1)));
        let typed = ["vajra-cloud", "launch", "s.yaml", "--start-timeout", "1ns"];
        assert!(Args::try_parse_from(typed).is_err());
        let typed = ["vajra-cloud", "calibrate", "s.yaml", "--start-timeout", "1ns"];
        assert!(Args::try_parse_from(typed).is_err());
    }

    #[test]
    fn a_dashboard_address_without_a_port_takes_a_free_one() {
        let read = |text| listen_address(text).map(|address| address.to_string());
        assert_eq!(read("0.0.0.0").as_deref(), Ok("0.0.0.0:0"));
        assert_eq!(read("::").as_deref(), Ok("[::]:0"));
        assert_eq!(read("10.0.0.7:80").as_deref(), Ok("10.0.0.7:80"));
        assert!(read("here").is_err_and(|why| why.contains("write `127.0.0.1:8000`")));
    }
}
