//! What a function is told: which slice of which shard of which run, and where the plan is.

use serde::{Deserialize, Serialize};
use tally::format::FORMAT;

/// A reference to a plan, never the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    pub format: u32,
    /// The store's location, as every worker can read it.
    pub store: String,
    pub run: String,
    pub shard: u32,
    #[serde(default)]
    pub slice: u32,
    /// Where the Lambda API is, for the hand-over to the next slice, if not at AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lambda_endpoint: Option<String>,
}

impl Invocation {
    /// Checks that this version understands it.
    ///
    /// # Errors
    /// A sentence that says what to deploy.
    pub fn check(&self) -> Result<(), String> {
        if self.format <= FORMAT {
            return Ok(());
        }
        Err(format!(
            "the invocation is in format {}, and this function reads up to {FORMAT}: deploy the function again",
            self.format
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_invocation_says_what_to_deploy() {
        let invocation = |format| Invocation {
            format,
            store: "s3://bucket/prefix".to_owned(),
            run: "r".to_owned(),
            shard: 0,
            slice: 0,
            lambda_endpoint: None,
        };
        assert_eq!(invocation(FORMAT).check(), Ok(()));
        assert!(
            invocation(FORMAT + 1)
                .check()
                .unwrap_err()
                .contains("deploy the function again")
        );
    }
}
