//! Secrets of the worker's own environment, and of the AWS account that it runs in.
//!
//! The clients are made when the first reference asks for one. Workers that start together ask
//! together, and Parameter Store answers 40 of them a second unless the account pays for more; so
//! whoever is throttled asks again, later and later, until the time is over.

use super::{Looking, Secret, SecretSource};
use crate::pacer::wait_until;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use plan::secret::Keeper;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// The first pause of whoever is throttled; each is twice the one before it, up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(8);
/// How long a connection, and one try, may take.
const CONNECT_MAX: Duration = Duration::from_secs(3);
const TRY_MAX: Duration = Duration::from_secs(5);

/// What the worker's environment and its AWS account keep.
#[derive(Debug, Default)]
pub struct Account {
    config: OnceCell<SdkConfig>,
}

impl SecretSource for Account {
    fn look_up<'a>(&'a self, keeper: Keeper, name: &'a str, until: Instant) -> Looking<'a> {
        Box::pin(async move {
            match keeper {
                Keeper::Env => std::env::var(name).map(Secret::new).map_err(|error| match error {
                    std::env::VarError::NotPresent => {
                        format!("the environment of the worker has no `{name}`; set it there")
                    }
                    std::env::VarError::NotUnicode(_) => "it is not text; keep text".to_owned(),
                }),
                Keeper::Ssm => self.parameter(name, until).await,
                Keeper::SecretsManager => self.secret(name, until).await,
            }
        })
    }
}

impl Account {
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
        // An ARN says where it is, and functions may be in several regions.
        let named = name.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
        let named = named.filter(|region| !region.is_empty());
        let region = named.map(|region| Region::new(region.to_owned()));
        let region = region
            .or_else(|| config.region().cloned())
            .ok_or("no AWS region is set; set AWS_REGION")?;
        Ok((config, region))
    }

    async fn parameter(&self, name: &str, until: Instant) -> Result<Secret, String> {
        let (config, region) = self.config(name).await?;
        let own = aws_sdk_ssm::config::Builder::from(config).region(region.clone());
        let client = aws_sdk_ssm::Client::from_conf(own.build());
        let ask = || client.get_parameter().name(name).with_decryption(true).send();
        let found = patiently(until, ask).await.map_err(|trouble| {
            trouble.sentence(&Wording {
                service: "Parameter Store",
                region: region.as_ref(),
                unknown: &["ParameterNotFound", "ParameterVersionNotFound"],
                permission: "ssm:GetParameter (and kms:Decrypt on its key)",
            })
        })?;
        let value = found.parameter.and_then(|parameter| parameter.value);
        value
            .map(Secret::new)
            .ok_or_else(|| "it has no value; store one".to_owned())
    }

    async fn secret(&self, name: &str, until: Instant) -> Result<Secret, String> {
        let (config, region) = self.config(name).await?;
        let own = aws_sdk_secretsmanager::config::Builder::from(config).region(region.clone());
        let client = aws_sdk_secretsmanager::Client::from_conf(own.build());
        let ask = || client.get_secret_value().secret_id(name).send();
        let found = patiently(until, ask).await.map_err(|trouble| {
            trouble.sentence(&Wording {
                service: "Secrets Manager",
                region: region.as_ref(),
                unknown: &["ResourceNotFoundException"],
                permission: "secretsmanager:GetSecretValue (and kms:Decrypt on its key)",
            })
        })?;
        found
            .secret_string
            .map(Secret::new)
            .ok_or_else(|| "it is not text; store it as a string".to_owned())
    }
}

/// How a service says things.
struct Wording<'a> {
    service: &'a str,
    region: &'a str,
    /// The codes for a name that it does not know.
    unknown: &'a [&'a str],
    /// What a role needs.
    permission: &'a str,
}

/// Why there is no answer.
struct Trouble {
    /// The service's code; none if it was not reached.
    code: Option<String>,
    text: String,
}

impl Trouble {
    fn sentence(&self, wording: &Wording<'_>) -> String {
        let Wording {
            service,
            region,
            unknown,
            permission,
        } = wording;
        match self.code.as_deref() {
            None => format!(
                "{service} in {region} could not be asked: {}; see to the worker's network and credentials",
                self.text
            ),
            Some(code) if unknown.contains(&code) => {
                format!("{service} has none of this name in {region}; create it there, or correct the name")
            }
            Some(code) if code.contains("AccessDenied") => {
                format!(
                    "{service} in {region} denied it: {}; give the worker's role {permission}",
                    self.text
                )
            }
            Some(code) => format!("{service} in {region} answered {code}: {}", self.text),
        }
    }

    /// Whether it would be answered later.
    fn may_pass(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        [
            "Throttl",
            "TooManyRequests",
            "RateExceeded",
            "InternalServ",
            "ServiceUnavailable",
        ]
        .iter()
        .any(|part| code.contains(part))
    }
}

/// What an error says; never what the service answered, which may be the secret.
fn told<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(said) => said.err().message().unwrap_or("it does not say why").to_owned(),
        SdkError::ResponseError(_) => "its answer cannot be read".to_owned(),
        _ => {
            let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
            let causes: Vec<String> = causes.map(ToString::to_string).collect();
            causes.join(": ")
        }
    }
}

/// Asks until there is an answer other than that others are asking too.
async fn patiently<T, E, F>(until: Instant, mut ask: impl FnMut() -> F) -> Result<T, Trouble>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let mut pause = PAUSE_MIN;
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let code = error.as_service_error().map(|error| error.code().unwrap_or("an error"));
        let trouble = Trouble {
            code: code.map(str::to_owned),
            text: told(&error),
        };
        // Drawn from the upper half, so that those who were turned away together come back apart.
        let drawn = RandomState::new().hash_one(pause) % 1_000;
        let wake = Instant::now() + pause / 2 + (pause / 2).mul_f64(drawn as f64 / 1_000.0);
        if !trouble.may_pass() || wake >= until {
            return Err(trouble);
        }
        wait_until(wake).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
