//! The name of a bucket.

use std::fmt;
use std::str::FromStr;
use store::Location;

/// The name of the only bucket of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket(String);

impl Bucket {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bucket {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match format!("s3://{name}").parse::<Location>() {
            Ok(Location::S3(location)) if location.bucket() == name => Ok(Self(name.to_owned())),
            Ok(_) => Err(format!("`{name}` is not a valid bucket name")),
            Err(error) => Err(match error.hint() {
                Some(hint) => format!("{error}; {hint}"),
                None => error.to_string(),
            }),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_valid_name_and_nothing_else() {
        assert_eq!("vajra".parse::<Bucket>().as_ref().map(Bucket::as_str), Ok("vajra"));
        for name in ["", "a", "Runs", "runs/a", "runs/", "runs?region=x", "-", "_health"] {
            assert!(name.parse::<Bucket>().is_err(), "{name:?}");
        }
    }
}
