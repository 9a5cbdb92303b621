//! The fleet of a run, and the store that it and its launcher share.

use crate::error::{Refused, RunError};
use fleet::fleet::{Fleet, FleetKind, Opening};
use fleet::kinds;
use fleet::options::FleetOptions;
use plan::scenario::Scenario;
use std::path::Path;
use std::sync::Arc;
use store::Location;

/// Where workers run and results go.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub location: Location,
    pub fleet: Arc<dyn Fleet>,
}

/// The store that was named, or the one that the fleet of this folder uses, or this folder.
///
/// # Errors
/// When the text is no location, or the file of the fleet cannot be read.
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

/// Whether local runs are kept in this folder.
fn runs_here() -> bool {
    Path::new("runs").is_dir()
}

/// Reads a store's location as it was typed.
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
    /// The fleet and the store of a run of this scenario. Local workers are processes of `program`.
    ///
    /// # Errors
    /// When the fleet was deployed without what the scenario needs, or its workers cannot reach the store.
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
    /// When it cannot.
    pub fn check(&self, scenario: &Scenario) -> Result<(), Refused> {
        Ok(self.fleet.check(scenario)?)
    }

    /// The fleet for one who only plans a run, and needs no store.
    ///
    /// # Errors
    /// When the fleet was deployed without what the scenario needs.
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
