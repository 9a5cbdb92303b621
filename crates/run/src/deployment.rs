//! Which functions there are, and which store is theirs: from what was named, or from what Terraform
//! says it has deployed.

use crate::environment;
use crate::error::{Refused, RunError};
use fleet::fleet::{Fleet, Limits};
use fleet::lambda::{Lambda, LambdaSettings};
use fleet::local::Local;
use fleet::regions::Regions;
use plan::cost::Architecture;
use plan::plan::SHARDS_MAX;
use plan::scenario::{Scenario, Target};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use store::Location;
use tally::format::Kind;
use worker::secrets::Variables;

/// What is looked for in the current folder, and where Terraform may have been used.
const FILE: &str = "vajra-cloud.json";
const FLEET_FILE: Kind = Kind::new("fleet file", 1);
const TERRAFORM: &str = "infra/terraform";
/// What the function is called when nobody says.
const FUNCTION: &str = "vajra-worker";

/// The output `fleet` of `infra/terraform`.
#[derive(Clone, Debug, Default, Deserialize)]
struct FleetFile {
    store: String,
    regions: BTreeMap<String, FleetRegion>,
    /// Where the Lambda API is, if not at AWS.
    lambda_endpoint: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct FleetRegion {
    function: String,
    memory_mb: u32,
    timeout_s: u64,
    architecture: String,
}

/// Where workers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetKind {
    /// Processes of this machine.
    Local,
    /// Lambda functions.
    Lambda,
    /// Wherever somebody else starts them.
    None,
}

impl FleetKind {
    /// What plans and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            FleetKind::Local => "local",
            FleetKind::Lambda => "lambda",
            FleetKind::None => "none",
        }
    }
}

/// Which functions to use, and how to reach them. What is `None` comes from the fleet file or has a usual value.
#[derive(Clone, Debug, Default)]
pub struct FunctionChoices {
    pub fleet_file: Option<PathBuf>,
    pub function: Option<String>,
    pub region: Option<String>,
    pub lambda_endpoint: Option<String>,
}

/// A function in a region.
#[derive(Clone, Debug)]
pub struct Deployed {
    pub region: Option<String>,
    pub function: String,
    pub timeout: Option<Duration>,
}

/// Where workers run and results go.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub location: Location,
    pub kind: FleetKind,
    /// What a run uses: one, or one for each region of its scenario.
    pub functions: Vec<Deployed>,
    pub lambda_endpoint: Option<String>,
    pub memory_mb: Option<u32>,
    pub architecture: Option<Architecture>,
}

/// The store that was named, or the one that the fleet of this folder uses, or this folder.
pub fn locate(named: Option<&str>) -> Result<Location, Refused> {
    match (named, runs_here()) {
        (Some(store), _) => parse_location(store),
        (None, true) => parse_location("."),
        (None, false) => match FleetFile::find(None)? {
            Some(file) => parse_location(&file.store),
            None => parse_location("."),
        },
    }
}

/// The fleet that one who names none means: functions, if some are deployed.
pub fn usual(deploy: &FunctionChoices) -> FleetKind {
    let deployed = deploy.lambda_endpoint.is_some()
        || FleetFile::find(deploy.fleet_file.as_deref()).is_ok_and(|file| file.is_some());
    if deployed { FleetKind::Lambda } else { FleetKind::Local }
}

/// Whether local runs are kept in this folder.
fn runs_here() -> bool {
    Path::new("runs").is_dir()
}

/// Reads a store's location as it was typed.
pub fn parse_location(text: &str) -> Result<Location, Refused> {
    let wrong = |error: store::LocationError| {
        let hint = error
            .hint()
            .unwrap_or_else(|| "name a folder, or s3://bucket/prefix".to_owned());
        Refused::new(format!("--store {text}: {error}"), hint)
    };
    let location: Location = text.parse().map_err(wrong)?;
    location.absolute().map_err(wrong)
}

/// A fleet file names some regions.
const FILE_BYTES_MAX: u64 = 1 << 20;

impl FleetFile {
    /// The file that was named, or that of this folder, or what Terraform says that has been used below it.
    fn find(named: Option<&Path>) -> Result<Option<FleetFile>, Refused> {
        const HINT: &str = "make it again: terraform -chdir=infra/terraform output -json fleet > vajra-cloud.json";
        let path = named.map_or_else(|| PathBuf::from(FILE), Path::to_owned);
        let bytes = match store::plain_file::read(&path, FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if named.is_some() => {
                return Err(Refused::new(
                    format!("{} cannot be read: {error}", path.display()),
                    HINT,
                ));
            }
            Err(_) => match terraform_output() {
                Some(bytes) => bytes,
                None => return Ok(None),
            },
        };
        let file: FleetFile = FLEET_FILE
            .read(&bytes)
            .map_err(|error| Refused::new(format!("{}: {error}", path.display()), HINT))?;
        if file.regions.is_empty() {
            return Err(Refused::new(format!("{} names no region", path.display()), HINT));
        }
        Ok(Some(file))
    }

    /// Where workers are when the scenario does not say: where the store is.
    fn home(&self) -> String {
        let store = self.store.parse().ok();
        let region = match &store {
            Some(Location::S3(bucket)) => bucket.region().map(str::to_owned),
            _ => None,
        };
        region
            .filter(|region| self.regions.contains_key(region))
            .or_else(|| self.regions.keys().next().cloned())
            .unwrap_or_default()
    }
}

/// What Terraform says, where it has been used.
fn terraform_output() -> Option<Vec<u8>> {
    if !Path::new(TERRAFORM).join(".terraform").is_dir() {
        return None;
    }
    let output = Command::new("terraform")
        .args([&format!("-chdir={TERRAFORM}"), "output", "-json", "fleet"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

impl Deployment {
    /// What a run of this scenario uses.
    pub fn find(
        kind: FleetKind,
        deploy: &FunctionChoices,
        store: Option<&str>,
        scenario: &Scenario,
    ) -> Result<Deployment, Refused> {
        if kind != FleetKind::Lambda {
            return Ok(Deployment {
                location: parse_location(store.unwrap_or("."))?,
                kind,
                functions: Vec::new(),
                lambda_endpoint: None,
                memory_mb: None,
                architecture: None,
            });
        }
        let file = FleetFile::find(deploy.fleet_file.as_deref())?;
        Deployment::of_functions(deploy, store, scenario, file)
    }

    /// The same for one who only plans, and needs no store.
    pub fn planned(kind: FleetKind, deploy: &FunctionChoices, scenario: &Scenario) -> Result<Deployment, Refused> {
        let anywhere = match kind {
            FleetKind::Local | FleetKind::None => ".",
            FleetKind::Lambda => "s3://planned",
        };
        Deployment::find(kind, deploy, Some(anywhere), scenario)
    }

    fn of_functions(
        deploy: &FunctionChoices,
        store: Option<&str>,
        scenario: &Scenario,
        file: Option<FleetFile>,
    ) -> Result<Deployment, Refused> {
        let kind = FleetKind::Lambda;
        let named = store.or(file.as_ref().map(|file| file.store.as_str()));
        let location = parse_location(named.unwrap_or("."))?;
        if let Location::Folder(_) = location {
            let problem = format!("functions cannot reach the folder {location}");
            let hint =
                "use --store s3://bucket/prefix, or write vajra-cloud.json as infra/README.md of the source code says";
            return Err(Refused::new(problem, hint));
        }
        let regions: Vec<String> = scenario.regions.iter().map(|region| region.name.clone()).collect();
        let home = file.as_ref().map(FleetFile::home);
        let functions = if regions.is_empty() {
            vec![function(deploy, file.as_ref(), deploy.region.clone().or(home))?]
        } else {
            let each = regions
                .into_iter()
                .map(|region| function(deploy, file.as_ref(), Some(region)));
            each.collect::<Result<_, _>>()?
        };
        let region = |deployed: &Deployed| Some(file.as_ref()?.regions.get(deployed.region.as_ref()?)?.clone());
        let first = functions.first().and_then(region);
        Ok(Deployment {
            location,
            kind,
            lambda_endpoint: deploy
                .lambda_endpoint
                .clone()
                .or_else(|| file.as_ref().and_then(|file| file.lambda_endpoint.clone())),
            memory_mb: first.as_ref().map(|region| region.memory_mb),
            architecture: first.map(|region| match region.architecture.as_str() {
                "x86_64" => Architecture::X86,
                _ => Architecture::Arm64,
            }),
            functions,
        })
    }

    /// What the fleet can run, as far as it is known without asking anybody.
    pub fn limits(&self) -> Limits {
        let limits = match self.kind {
            FleetKind::Local => return fleet::local::LIMITS,
            FleetKind::Lambda => fleet::lambda::LIMITS,
            FleetKind::None => {
                return Limits {
                    workers_max: SHARDS_MAX,
                    lifetime_max: None,
                };
            }
        };
        let shortest = self.functions.iter().filter_map(|function| function.timeout).min();
        Limits {
            workers_max: limits.workers_max * self.functions.len() as u32,
            lifetime_max: shortest.or(limits.lifetime_max),
        }
    }

    /// How to reach one of the functions.
    pub fn settings(&self, deployed: &Deployed, start_timeout: Duration) -> LambdaSettings {
        LambdaSettings {
            function: deployed.function.clone(),
            region: deployed.region.clone(),
            endpoint: self.lambda_endpoint.clone(),
            start_timeout,
        }
    }

    /// The fleet itself, if there is one. Local workers are processes of `program`.
    pub async fn fleet(
        &self,
        scenario: &Scenario,
        start_timeout: Duration,
        program: &Path,
    ) -> Result<Option<Arc<dyn Fleet>>, RunError> {
        if self.kind == FleetKind::None {
            return Ok(None);
        }
        if self.kind == FleetKind::Local {
            // Its workers inherit the list, and would refuse it one by one.
            environment::allow()?;
            let variables = Variables::referenced(&scenario.secrets);
            return Ok(Some(Arc::new(Local::new(
                program.to_owned(),
                self.location.clone(),
                variables,
            ))));
        }
        let builtin = scenario
            .targets
            .iter()
            .any(|target| matches!(target, Target::Builtin(_)));
        if builtin && self.lambda_endpoint.is_none() {
            let problem = "the scenario uses the built-in target, which functions at AWS cannot reach";
            return Err(Refused::new(problem, "set `target:` to a URL, or use --lambda-endpoint").into());
        }
        let mut fleets: BTreeMap<String, Arc<dyn Fleet>> = BTreeMap::new();
        for deployed in &self.functions {
            let fleet = Lambda::new(self.settings(deployed, start_timeout), self.location.clone()).await;
            fleets.insert(deployed.region.clone().unwrap_or_default(), Arc::new(fleet));
        }
        if scenario.regions.is_empty() {
            let only = fleets.into_values().next();
            return only.map(Some).ok_or_else(no_function);
        }
        let home = scenario.regions[0].name.clone();
        let regions = Regions::new(fleets, &home).ok_or_else(no_function)?;
        Ok(Some(Arc::new(regions)))
    }
}

fn no_function() -> RunError {
    Refused::new("there is no function", "name one with --function").into()
}

/// The function of a region: what was typed, what the file says, or the usual name.
fn function(deploy: &FunctionChoices, file: Option<&FleetFile>, region: Option<String>) -> Result<Deployed, Refused> {
    let known = match (file, &region) {
        (Some(file), Some(region)) => match file.regions.get(region) {
            Some(known) => Some(known),
            None if deploy.function.is_some() => None,
            None => {
                let there: Vec<&str> = file.regions.keys().map(String::as_str).collect();
                let problem = format!("the fleet has no function in {region}");
                let hint = format!(
                    "it is deployed in {}; add the region to infra/terraform",
                    there.join(", ")
                );
                return Err(Refused::new(problem, hint));
            }
        },
        _ => None,
    };
    Ok(Deployed {
        function: deploy
            .function
            .clone()
            .or_else(|| known.map(|known| known.function.clone()))
            .unwrap_or_else(|| FUNCTION.to_owned()),
        timeout: known.map(|known| Duration::from_secs(known.timeout_s)),
        region,
    })
}
