//! The options of each platform. If an option is not set, its value comes from the deployed fleet, or is a default.

use std::path::PathBuf;

/// The options of all kinds of fleets. Each kind reads only its own options.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    pub lambda: LambdaOptions,
}

/// The functions to invoke, and their endpoint.
#[derive(Clone, Debug, Default)]
pub struct LambdaOptions {
    /// The file with the output `fleet` of Terraform.
    pub fleet_file: Option<PathBuf>,
    pub function: Option<String>,
    pub region: Option<String>,
    /// The endpoint of the Lambda API; `None` for the endpoint of AWS.
    pub endpoint: Option<String>,
}
