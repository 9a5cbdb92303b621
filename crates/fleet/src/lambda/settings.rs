//! Which function is invoked, and how it is reached.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::Builder;

/// Which function, and how to reach it.
#[derive(Clone, Debug)]
pub struct LambdaSettings {
    /// Its name or ARN.
    pub function: String,
    pub region: Option<String>,
    /// Where the Lambda API is, if not at AWS.
    pub endpoint: Option<String>,
}

impl LambdaSettings {
    /// Credentials and region, from where the AWS tools look for them.
    pub(super) async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        loader.load().await
    }

    /// A client of the Lambda API, wherever that is.
    pub(super) fn client(&self, config: &SdkConfig) -> Builder {
        let mut builder = Builder::from(config);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint);
            if config.region().is_none() {
                // An emulator has no regions, but every request is signed for one.
                builder = builder.region(Region::from_static("us-east-1"));
            }
        }
        builder
    }
}
