//! The options of each platform. An option that is not set comes from the deployment of the fleet, or has a default.

use std::path::PathBuf;

/// The options of all kinds of fleets; each kind reads its own.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    pub lambda: LambdaOptions,
}

/// The functions to use, and their endpoint.
#[derive(Clone, Debug, Default)]
pub struct LambdaOptions {
    /// The output `fleet` of Terraform.
    pub fleet_file: Option<PathBuf>,
    pub function: Option<String>,
    pub region: Option<String>,
    /// The endpoint of the Lambda API, if it is not that of AWS.
    pub endpoint: Option<String>,
}
