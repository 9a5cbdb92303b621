//! A deployed function uses only the store in its environment variable `VAJRA_STORE`.
//!
//! Without this rule, any caller of a function could name another store, or any HTTP address. The function would then
//! send its signed requests to this address.

use crate::allow::Refusal;
use store::{Location, S3Location};

/// The only store that a function may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnStore(Result<S3Location, Refusal>);

impl OwnStore {
    /// The environment variable of a function that contains the location of the store.
    pub const VARIABLE: &str = "VAJRA_STORE";

    /// Parses the environment variable of a function. If the variable does not name a bucket, the function has no
    /// store.
    pub fn of_function(text: &str) -> OwnStore {
        let refused = |problem: String| Refusal {
            problem: format!("{}: {problem}", OwnStore::VARIABLE),
            hint: "set it to s3://BUCKET/PREFIX in the function's environment, as Terraform does".to_owned(),
        };
        OwnStore(match text.parse() {
            _ if text.is_empty() => Err(refused("it is empty or not set".to_owned())),
            Ok(Location::S3(bucket)) => Ok(bucket),
            Ok(Location::Folder(_)) => Err(refused("a function cannot use a folder as its store".to_owned())),
            Err(error) => Err(refused(error.to_string())),
        })
    }

    /// Returns the function's own store if `named` has the same bucket, prefix and endpoint as this store. The region
    /// and the address style of `named` are ignored.
    ///
    /// # Errors
    /// Fails if `named` is another store, or if the function has no store.
    pub fn hold(&self, named: &str) -> Result<Location, Refusal> {
        let OwnStore(own) = self;
        let own = own.clone()?;
        match named.parse() {
            Ok(Location::S3(other)) if identity(&other) == identity(&own) => Ok(Location::S3(own)),
            _ => Err(Refusal {
                problem: format!("{named} is not the store of this function, which is {own}"),
                hint: format!(
                    "use --store {own}, or a function with another {} in its environment",
                    OwnStore::VARIABLE
                ),
            }),
        }
    }
}

fn identity(location: &S3Location) -> (&str, &str, Option<&str>) {
    (location.bucket(), location.prefix(), location.endpoint())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "s3://runs/team?endpoint=http://127.0.0.1:9000&region=eu-west-1";

    #[test]
    fn a_function_accepts_only_its_own_store() {
        let own = OwnStore::of_function(OWN);
        let expected: Location = OWN.parse().unwrap();
        for named in [
            OWN,
            "s3://runs/team?endpoint=http://127.0.0.1:9000",
            "s3://runs/team/?region=us-east-1&endpoint=http://127.0.0.1:9000/&path_style=true",
        ] {
            assert_eq!(own.hold(named), Ok(expected.clone()), "{named}");
        }
        for named in [
            "s3://runs/team",
            "s3://runs/team?endpoint=http://127.0.0.1:9001",
            "s3://runs/team?endpoint=https://127.0.0.1:9000",
            "s3://runs/team/a?endpoint=http://127.0.0.1:9000",
            "s3://runs?endpoint=http://127.0.0.1:9000",
            "s3://other/team?endpoint=http://127.0.0.1:9000",
            "file:///tmp/runs",
            "runs/team",
            "gs://runs/team",
            "",
        ] {
            let refusal = own.hold(named).unwrap_err().to_string();
            assert!(
                refusal.contains(&format!("which is {OWN}; use --store {OWN}")),
                "{named}: {refusal}"
            );
        }
    }

    #[test]
    fn a_function_without_a_bucket_in_its_environment_accepts_no_store() {
        for (text, words) in [
            ("", "it is empty or not set"),
            ("/var/runs", "a function cannot use a folder as its store"),
            ("file:///var/runs", "a function cannot use a folder as its store"),
            ("s3://Runs", "`Runs` is not a valid bucket name"),
        ] {
            let refusal = OwnStore::of_function(text).hold("s3://runs/team").unwrap_err();
            assert_eq!(refusal.problem, format!("VAJRA_STORE: {words}"));
            assert!(refusal.hint.contains("s3://BUCKET/PREFIX"), "{refusal}");
            assert!(OwnStore::of_function(text).hold(text).is_err(), "{text}");
        }
    }
}
