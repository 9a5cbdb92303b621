//! Converts parsed arguments to the options of other crates.

use crate::args::{ArchitectureName, CalibrateArgs, CostArgs, DeployArgs, OrderArgs, StoreArgs};
use anyhow::Context;
use fleet::fleet::FleetKind;
use fleet::local;
use fleet::options::{FleetOptions, LambdaOptions};
use plan::cost::Architecture;
use run::calibrate::CalibrationChoices;
use run::cost::CostChoices;
use run::deployment;
use run::error::Refused;
use run::order::Choices;
use std::path::PathBuf;
use store::Location;

/// The path of this program, which also runs the local workers and the built-in target.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("cannot find the path of this program")
}

impl OrderArgs {
    /// Returns the choices for a run. If `--fleet` is not given, the fleet consists of local workers.
    pub(crate) fn choices(&self) -> Choices {
        self.choices_on(&local::Kind)
    }

    /// Returns the choices for a run. If `--fleet` is not given, the kind of fleet is `usual`.
    pub(crate) fn choices_on(&self, usual: &'static dyn FleetKind) -> Choices {
        Choices {
            workers: self.workers,
            fleet: self.fleet.unwrap_or(usual),
            start_timeout: self.start_timeout,
            min_workers: self.min_workers,
            restripe: self.restripe,
            dead_man: self.dead_man,
            snapshot_interval: self.snapshot_interval,
            slice: self.slice,
        }
    }
}

impl DeployArgs {
    pub(crate) fn options(&self) -> FleetOptions {
        FleetOptions {
            lambda: LambdaOptions {
                fleet_file: self.fleet_file.clone(),
                function: self.function.clone(),
                region: self.region.clone(),
                endpoint: self.lambda_endpoint.clone(),
            },
            kubernetes: self.kubernetes.options(),
        }
    }
}

impl CostArgs {
    pub(crate) fn choices(&self) -> CostChoices {
        CostChoices {
            max_cost: self.max_cost,
            prices: self.prices.clone(),
            memory_mb: self.memory_mb,
            architecture: self.architecture.map(|name| match name {
                ArchitectureName::Arm64 => Architecture::Arm64,
                ArchitectureName::X86 => Architecture::X86,
            }),
        }
    }
}

impl CalibrateArgs {
    pub(crate) fn choices(&self) -> CalibrationChoices {
        CalibrationChoices {
            fleet: self.fleet,
            start_timeout: self.start_timeout,
            up_to: self.up_to,
            max_lag: self.max_lag,
        }
    }
}

impl StoreArgs {
    /// Returns the store that `--store` names, or the default of [`deployment::locate`].
    pub(crate) fn locate(&self) -> Result<Location, Refused> {
        deployment::locate(self.store.as_deref())
    }

    /// Returns a command of this program as text. `words` are its subcommand and arguments. If `--store` is set for the
    /// present command, the text contains `--store` too.
    pub(crate) fn command(&self, words: &str) -> String {
        match &self.store {
            Some(store) => format!("vajra-cloud {words} --store '{store}'"),
            None => format!("vajra-cloud {words}"),
        }
    }
}
