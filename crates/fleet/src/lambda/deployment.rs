//! Finds the functions of a fleet and their store, from the options or from Terraform's output.

use crate::fleet::{FailureKind, FleetError};
use crate::options::LambdaOptions;
use plan::cost::Architecture;
use plan::scenario::Scenario;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::Location;
use tally::format::DocumentKind;

/// The name of the fleet file in the current folder.
const FILE: &str = "vajra-cloud.json";
const FLEET_FILE: DocumentKind = DocumentKind::new("fleet file", 1);
/// The folder in which the user may have run Terraform.
const TERRAFORM: &str = "infra/terraform";
/// The default name of the function.
const FUNCTION: &str = "vajra-worker";
/// The maximum size of a fleet file, in bytes. A fleet file lists a few regions.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A fleet file, which is the output `fleet` of `infra/terraform`.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct FleetFile {
    pub(super) store: String,
    regions: BTreeMap<String, FleetRegion>,
    lambda_endpoint: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct FleetRegion {
    function: String,
    memory_mb: u32,
    timeout_s: u64,
    architecture: String,
}

/// The functions that a run invokes.
#[derive(Clone, Debug)]
pub(super) struct Functions {
    /// The functions, one for each region of the scenario, in the order of the scenario. A scenario without regions has
    /// one function.
    pub(super) functions: Vec<Deployed>,
    pub(super) endpoint: Option<String>,
    pub(super) memory_mb: Option<u32>,
    pub(super) architecture: Option<Architecture>,
}

/// A function that is deployed in a region.
#[derive(Clone, Debug)]
pub(super) struct Deployed {
    pub(super) region: Option<String>,
    pub(super) function: String,
    pub(super) timeout: Option<Duration>,
}

fn refused(problem: impl std::fmt::Display, hint: impl std::fmt::Display) -> FleetError {
    FleetError::new(FailureKind::Refused, problem).hint(hint)
}

impl FleetFile {
    /// Reads the fleet file at the path `named`. Without a path, this function reads the fleet file in the current
    /// folder or, if that file cannot be read, the output of Terraform in `infra/terraform`. Returns `None` if no path
    /// is given, and neither the file nor the output can be read.
    pub(super) fn find(named: Option<&Path>) -> Result<Option<FleetFile>, FleetError> {
        const HINT: &str = "write it again: terraform -chdir=infra/terraform output -json fleet > vajra-cloud.json";
        let path = named.map_or_else(|| PathBuf::from(FILE), Path::to_owned);
        let bytes = match store::plain_file::read(&path, FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if named.is_some() => {
                return Err(refused(format!("{} cannot be read: {error}", path.display()), HINT));
            }
            Err(_) => match terraform_output() {
                Some(bytes) => bytes,
                None => return Ok(None),
            },
        };
        let file: FleetFile = FLEET_FILE
            .read(&bytes)
            .map_err(|error| refused(format!("{}: {error}", path.display()), HINT))?;
        if file.regions.is_empty() {
            return Err(refused(format!("{} names no region", path.display()), HINT));
        }
        Ok(Some(file))
    }

    /// Returns the region for a scenario without regions: the region of the store if the fleet has a function there, or
    /// else the first region of the fleet.
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

/// Returns the output of Terraform; `None` if Terraform was not used in the folder [`TERRAFORM`], or if the command
/// fails.
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

impl Functions {
    /// Finds the functions for a run of this scenario.
    pub(super) fn find(options: &LambdaOptions, scenario: &Scenario) -> Result<Functions, FleetError> {
        let file = FleetFile::find(options.fleet_file.as_deref())?;
        let regions: Vec<String> = scenario.regions.iter().map(|region| region.name.clone()).collect();
        let home = file.as_ref().map(FleetFile::home);
        let functions = if regions.is_empty() {
            vec![function(options, file.as_ref(), options.region.clone().or(home))?]
        } else {
            let each = regions
                .into_iter()
                .map(|region| function(options, file.as_ref(), Some(region)));
            each.collect::<Result<_, _>>()?
        };
        let region = |deployed: &Deployed| Some(file.as_ref()?.regions.get(deployed.region.as_ref()?)?.clone());
        let first = functions.first().and_then(region);
        Ok(Functions {
            endpoint: options
                .endpoint
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
}

/// Returns the function in a region: the function that the options name, or else the function in the fleet file. If no
/// fleet file was read, the default is [`FUNCTION`]. Fails if the options name no function, and the fleet file does not
/// list the region.
fn function(options: &LambdaOptions, file: Option<&FleetFile>, region: Option<String>) -> Result<Deployed, FleetError> {
    let known = match (file, &region) {
        (Some(file), Some(region)) => match file.regions.get(region) {
            Some(known) => Some(known),
            None if options.function.is_some() => None,
            None => {
                let there: Vec<&str> = file.regions.keys().map(String::as_str).collect();
                let problem = format!("the fleet has no function in {region}");
                let hint = format!("use one of {}, or add the region to infra/terraform", there.join(", "));
                return Err(refused(problem, hint));
            }
        },
        _ => None,
    };
    Ok(Deployed {
        function: options
            .function
            .clone()
            .or_else(|| known.map(|known| known.function.clone()))
            .unwrap_or_else(|| FUNCTION.to_owned()),
        timeout: known.map(|known| Duration::from_secs(known.timeout_s)),
        region,
    })
}
