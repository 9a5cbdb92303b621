//! The settings of one function: its name, region and endpoint.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::Builder;

/// A function's name, region and endpoint.
#[derive(Clone, Debug)]
pub struct LambdaSettings {
    /// The name or the ARN of the function.
    pub function: String,
    pub region: Option<String>,
    /// The endpoint of the Lambda API; `None` for the endpoint of AWS.
    pub endpoint: Option<String>,
}

impl LambdaSettings {
    /// Loads the credentials and the region as the AWS tools do. A region in these settings takes precedence.
    pub(super) async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        loader.load().await
    }

    /// Returns a builder for a client of the Lambda API at the endpoint of these settings.
    pub(super) fn client(&self, config: &SdkConfig) -> Builder {
        let mut builder = Builder::from(config);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint);
            if config.region().is_none() {
                // An emulator has no regions, but a signature must contain a region.
                builder = builder.region(Region::from_static("us-east-1"));
            }
        }
        builder
    }
}
