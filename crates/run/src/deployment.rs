//! The fleet of a run, and the store that the workers and the launcher share.

use crate::error::{Refused, RunError};
use fleet::fleet::{Fleet, FleetKind, Opening};
use fleet::kinds;
use fleet::options::FleetOptions;
use plan::scenario::Scenario;
use std::path::Path;
use std::sync::Arc;
use store::Location;

/// The fleet of a run, and the location of the store.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub location: Location,
    pub fleet: Arc<dyn Fleet>,
}

/// Returns the location of the store. If the user names no location, the location is the current folder if it contains
/// the folder `runs`. Otherwise, the location is the store of the fleet that is deployed from the current folder, or
/// else the current folder.
///
/// # Errors
/// Fails if the text is not a location, or the fleet file cannot be read.
pub fn locate(named: Option<&str>) -> Result<Location, Refused> {
    match named {
        Some(store) => parse_location(store),
        None if runs_here() => parse_location("."),
        None => match kinds::deployed_store(&FleetOptions::default())? {
            Some(store) => parse_location(&store),
            None => parse_location("."),
        },
    }
}

/// Returns whether the current folder contains local runs.
fn runs_here() -> bool {
    Path::new("runs").is_dir()
}

/// Parses the location of a store.
fn parse_location(text: &str) -> Result<Location, Refused> {
    let wrong = |error: store::LocationError| {
        let hint = error
            .hint()
            .unwrap_or_else(|| "name a folder, or s3://bucket/prefix".to_owned());
        Refused::new(format!("--store {text}: {error}"), hint)
    };
    let location: Location = text.parse().map_err(wrong)?;
    location.absolute().map_err(wrong)
}

impl Deployment {
    /// Finds the fleet and the store for a run of this scenario. Local workers are processes of `program`.
    ///
    /// # Errors
    /// Fails if the deployed fleet lacks a region of the scenario, or if its workers cannot reach the store.
    pub async fn find(
        kind: &dyn FleetKind,
        options: &FleetOptions,
        store: Option<&str>,
        scenario: &Scenario,
        program: &Path,
    ) -> Result<Deployment, RunError> {
        let deployed = match store {
            Some(_) => None,
            None => kind.store(options).map_err(Refused::from)?,
        };
        let location = parse_location(store.or(deployed.as_deref()).unwrap_or("."))?;
        let deployment = Deployment::open(kind, options, location, scenario, program).await?;
        let checked = deployment.fleet.check_store(&deployment.location);
        checked.map_err(Refused::from)?;
        Ok(deployment)
    }

    /// Checks that the fleet can run a scenario.
    ///
    /// # Errors
    /// Fails if the fleet cannot run the scenario.
    pub fn check(&self, scenario: &Scenario) -> Result<(), Refused> {
        Ok(self.fleet.check(scenario)?)
    }

    /// Opens the fleet only for planning a run, which requires no store.
    ///
    /// # Errors
    /// Fails if the deployed fleet lacks a region of the scenario.
    pub async fn planned(
        kind: &dyn FleetKind,
        options: &FleetOptions,
        scenario: &Scenario,
        program: &Path,
    ) -> Result<Deployment, RunError> {
        Deployment::open(kind, options, parse_location(".")?, scenario, program).await
    }

    async fn open(
        kind: &dyn FleetKind,
        options: &FleetOptions,
        location: Location,
        scenario: &Scenario,
        program: &Path,
    ) -> Result<Deployment, RunError> {
        let opening = Opening {
            options,
            scenario,
            store: &location,
            program,
        };
        let fleet = kind.open(opening).await.map_err(Refused::from)?;
        Ok(Deployment { location, fleet })
    }
}
