//! Looks up secrets in the AWS account in which a worker runs.
//!
//! The AWS configuration is loaded when the first reference is looked up. Workers that start together send their
//! look-ups together, but Parameter Store answers only 40 requests a second, unless the account pays for more. So a
//! throttled worker retries with growing pauses until its deadline.

use super::Secret;
use crate::aws_call::{CallError, Service, call};
use crate::retry::{Pauses, retry_until};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// The pauses between the attempts of a throttled worker.
const PAUSES: Pauses = Pauses {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(8),
    drawn: true,
};
/// The maximum number of attempts to call an unreachable service.
const UNREACHABLE_TRIES_MAX: u32 = 3;
/// The timeout of connecting to a service. The next constant is the timeout of one attempt.
const CONNECT_MAX: Duration = Duration::from_secs(3);
const TRY_MAX: Duration = Duration::from_secs(5);

/// The two AWS services that store secrets: Parameter Store and Secrets Manager.
#[derive(Debug, Default)]
pub(super) struct Vaults {
    config: OnceCell<SdkConfig>,
}

impl Vaults {
    async fn config(&self, name: &str) -> Result<(&SdkConfig, Region), String> {
        let load = || {
            let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(ProfileFileRegionProvider::new());
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(CONNECT_MAX)
                .operation_attempt_timeout(TRY_MAX);
            aws_config::defaults(BehaviorVersion::latest())
                .region(region)
                .timeout_config(timeouts.build())
                .load()
        };
        let config = self.config.get_or_init(load).await;
        // An ARN contains the region of its secret, and functions may run in several regions.
        let named = name.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
        let named = named.filter(|region| !region.is_empty());
        let region = named.map(|region| Region::new(region.to_owned()));
        let region = region
            .or_else(|| config.region().cloned())
            .ok_or("no AWS region is set; set AWS_REGION")?;
        Ok((config, region))
    }

    /// Returns the value of a parameter in Parameter Store.
    pub(super) async fn parameter(&self, name: &str, until: Instant) -> Result<Secret, String> {
        let input = json!({ "Name": name, "WithDecryption": true });
        let output = self.ask(&PARAMETER_STORE, name, &input, until).await?;
        let value = output["Parameter"]["Value"].as_str();
        value
            .map(Secret::new)
            .ok_or_else(|| "it has no value; store one".to_owned())
    }

    /// Returns the value of a secret in Secrets Manager.
    pub(super) async fn secret(&self, name: &str, until: Instant) -> Result<Secret, String> {
        let input = json!({ "SecretId": name });
        let output = self.ask(&SECRETS_MANAGER, name, &input, until).await?;
        let value = output["SecretString"].as_str();
        value
            .map(Secret::new)
            .ok_or_else(|| "it is not text; store it as a string".to_owned())
    }

    async fn ask(&self, vault: &Vault, name: &str, input: &Value, until: Instant) -> Result<Value, String> {
        let (config, region) = self.config(name).await?;
        let ask = || call(config, &region, &vault.service, vault.operation, input);
        let mut tries = 0;
        let again = |error: &CallError| {
            tries += 1;
            may_pass(error, tries)
        };
        let answer = retry_until(until, PAUSES, again, ask).await;
        answer.map_err(|error| vault.sentence(&error, region.as_ref()))
    }
}

/// An AWS service that stores secrets, and the texts for errors about this service.
struct Vault {
    service: Service,
    operation: &'static str,
    title: &'static str,
    /// The error codes that mean that the name does not exist.
    unknown: &'static [&'static str],
    /// The permissions that a role needs to read a secret of this service.
    permission: &'static str,
}

const PARAMETER_STORE: Vault = Vault {
    service: Service {
        name: "ssm",
        id: "SSM",
        target: "AmazonSSM",
        json: "1.1",
    },
    operation: "GetParameter",
    title: "Parameter Store",
    unknown: &["ParameterNotFound", "ParameterVersionNotFound"],
    permission: "ssm:GetParameter (and kms:Decrypt on its key)",
};

const SECRETS_MANAGER: Vault = Vault {
    service: Service {
        name: "secretsmanager",
        id: "Secrets Manager",
        target: "secretsmanager",
        json: "1.1",
    },
    operation: "GetSecretValue",
    title: "Secrets Manager",
    unknown: &["ResourceNotFoundException"],
    permission: "secretsmanager:GetSecretValue (and kms:Decrypt on its key)",
};

impl Vault {
    fn sentence(&self, error: &CallError, region: &str) -> String {
        let Vault {
            title,
            unknown,
            permission,
            ..
        } = self;
        match error {
            CallError::Unreachable(why) | CallError::Unsigned(why) => {
                format!("{title} in {region} could not be called: {why}; check the worker's network and credentials")
            }
            CallError::Unreadable => format!(
                "{title} in {region} sent an answer that cannot be read; check the worker's network and credentials"
            ),
            CallError::Refused { code, .. } if unknown.contains(&code.as_str()) => {
                format!("{title} has no secret with this name in {region}; create it there, or correct the name")
            }
            CallError::Refused { code, message, .. } if code.contains("AccessDenied") => {
                format!("{title} in {region} denied access: {message}; give the worker's role {permission}")
            }
            CallError::Refused { code, message, .. } => format!("{title} in {region} answered {code}: {message}"),
        }
    }
}

/// Returns whether a call may succeed later.
fn may_pass(error: &CallError, tries: u32) -> bool {
    match error {
        CallError::Refused { status, code, .. } => {
            let throttled = ["Throttl", "TooManyRequests", "RateExceeded"];
            *status >= 500 || throttled.iter().any(|part| code.contains(part))
        }
        CallError::Unreachable(_) => tries < UNREACHABLE_TRIES_MAX,
        CallError::Unreadable | CallError::Unsigned(_) => false,
    }
}
