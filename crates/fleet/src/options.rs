//! What a user can choose of each platform. What is left out comes from where the fleet was deployed, or has a default.

use std::path::PathBuf;

/// The options of all kinds of fleets; each kind reads its own.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    pub lambda: LambdaOptions,
}

/// Which functions to use, and how to reach them.
#[derive(Clone, Debug, Default)]
pub struct LambdaOptions {
    /// The output `fleet` of Terraform.
    pub fleet_file: Option<PathBuf>,
    pub function: Option<String>,
    pub region: Option<String>,
    /// Where the Lambda API is, if not at AWS.
    pub endpoint: Option<String>,
}
