//! Looks up secrets in the environment variables that the worker may send, and in the AWS account in which the worker
//! runs.

#[cfg(not(feature = "aws"))]
use super::no_vaults::Vaults;
#[cfg(feature = "aws")]
use super::vaults::Vaults;
use super::{Looking, Secret, SecretSource, Variables};
use plan::secret::Keeper;
use tokio::time::Instant;

/// The secrets in the worker's environment and in the worker's AWS account. By default, no environment variable may be
/// sent.
#[derive(Debug, Default)]
pub struct Account {
    variables: Variables,
    vaults: Vaults,
}

impl SecretSource for Account {
    fn look_up<'a>(&'a self, keeper: Keeper, name: &'a str, until: Instant) -> Looking<'a> {
        Box::pin(async move {
            match keeper {
                Keeper::Env => self.variables.value(name).map(Secret::new),
                Keeper::Ssm => self.vaults.parameter(name, until).await,
                Keeper::SecretsManager => self.vaults.secret(name, until).await,
            }
        })
    }
}

impl Account {
    /// Creates a source of secrets. `variables` are the environment variables that may be sent.
    pub fn new(variables: Variables) -> Account {
        Account {
            variables,
            vaults: Vaults::default(),
        }
    }
}
