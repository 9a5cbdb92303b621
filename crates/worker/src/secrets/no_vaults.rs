//! The secrets of AWS in a build without the feature `aws`: there are none.

use super::Secret;
use tally::full_build;
use tokio::time::Instant;

/// Nothing can be looked up in it.
#[derive(Debug, Default)]
pub(super) struct Vaults;

impl Vaults {
    pub(super) async fn parameter(&self, _name: &str, _until: Instant) -> Result<Secret, String> {
        Err(without_aws())
    }

    pub(super) async fn secret(&self, _name: &str, _until: Instant) -> Result<Secret, String> {
        Err(without_aws())
    }
}

fn without_aws() -> String {
    format!("this program was built without AWS; {}", full_build::HINT)
}
