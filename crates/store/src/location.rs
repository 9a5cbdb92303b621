//! The location of a store, as a one-line text that can be passed to any worker.
//!
//! Invariant: the text of a [`Location`] can be parsed, and the result is the same location.
//!
//! ```text
//! location = "s3://" bucket [ "/" prefix ] [ "?" option { "&" option } ]
//!          | "file://" absolute-path
//!          | path
//! option   = "endpoint=" http-or-https-url
//!          | "region=" name
//!          | "path_style=" ( "true" | "false" )
//! prefix   = parts of letters, digits, "-", "_" and ".", joined by "/"
//! ```
//!
//! The text is not percent-encoded, because no part of a location may contain a character that needs percent-encoding.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::object::check_key;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    S3(S3Location),
    Folder(PathBuf),
}

/// A bucket, with the settings for requests to the bucket. Only [`Location`]'s parser creates this value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) path_style: Option<bool>,
}

impl S3Location {
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Returns the prefix of every key, without a trailing `/`. The prefix is empty if the store is the whole bucket.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// An error of parsing a location.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    #[error("the store's location is empty")]
    Empty,
    #[error("a store's location cannot begin with `{scheme}://`")]
    Scheme { scheme: String },
    #[error("`{bucket}` is not a valid bucket name")]
    Bucket { bucket: String },
    #[error("`{prefix}` is not a valid prefix")]
    Prefix { prefix: String },
    #[error("the store's location has no option `{name}`")]
    Option { name: String },
    #[error("`{value}` is not a valid value of `{name}`")]
    Value { name: &'static str, value: String },
    #[error("`{name}` is given twice")]
    Twice { name: &'static str },
    #[error("`{text}` is not the absolute path of a folder")]
    FileUrl { text: String },
    #[error("cannot make the path {} absolute", path.display())]
    Absolute { path: PathBuf, source: std::io::Error },
}

impl LocationError {
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Empty | Self::Scheme { .. } => {
                "write s3://BUCKET/PREFIX, or the path of a folder, such as ./runs-store"
            }
            Self::Bucket { .. } => {
                "use a bucket name of 3 to 63 characters: lower-case letters, digits, `-` and `.`, \
                 with a letter or a digit at both ends"
            }
            Self::Prefix { .. } => "use letters, digits, `-`, `_`, `.` and single `/`",
            Self::Option { .. } => "use endpoint, region or path_style",
            Self::Value { name, .. } => match *name {
                "endpoint" => "write endpoint=http://HOST:PORT or endpoint=https://HOST",
                "region" => "write a region such as region=eu-central-1",
                _ => "write path_style=true or path_style=false",
            },
            Self::FileUrl { .. } => "write file:///abs/path, or the path alone",
            Self::Twice { .. } | Self::Absolute { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

impl Location {
    /// Returns the location of the same store with an absolute path. The result is valid in any working directory.
    pub fn absolute(self) -> Result<Self, LocationError> {
        match self {
            Self::Folder(path) => match std::path::absolute(&path) {
                Ok(path) => Ok(Self::Folder(path)),
                Err(source) => Err(LocationError::Absolute { path, source }),
            },
            s3 @ Self::S3(_) => Ok(s3),
        }
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text.trim().is_empty() {
            return Err(LocationError::Empty);
        }
        match text.split_once("://") {
            Some(("s3", rest)) => parse_s3(rest).map(Self::S3),
            Some(("file", path)) if path.starts_with('/') && !path.contains('%') => {
                Ok(Self::Folder(PathBuf::from(path)))
            }
            Some(("file", _)) => Err(LocationError::FileUrl { text: text.to_owned() }),
            Some((scheme, _)) if is_scheme(scheme) => Err(LocationError::Scheme {
                scheme: scheme.to_owned(),
            }),
            _ => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn parse_s3(rest: &str) -> Result<S3Location, LocationError> {
    let (path, options) = match rest.split_once('?') {
        Some((path, options)) => (path, Some(options)),
        None => (rest, None),
    };
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if !is_bucket(bucket) {
        return Err(LocationError::Bucket {
            bucket: bucket.to_owned(),
        });
    }
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if !prefix.is_empty() && check_key(prefix).is_err() {
        return Err(LocationError::Prefix {
            prefix: prefix.to_owned(),
        });
    }
    let mut location = S3Location {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: None,
        region: None,
        path_style: None,
    };
    for option in options.into_iter().flat_map(|all| all.split('&')) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name {
            "endpoint" => set(
                &mut location.endpoint,
                "endpoint",
                value,
                is_endpoint(value).then(|| value.trim_end_matches('/').to_owned()),
            )?,
            "region" => set(
                &mut location.region,
                "region",
                value,
                is_region(value).then(|| value.to_owned()),
            )?,
            "path_style" => set(&mut location.path_style, "path_style", value, value.parse().ok())?,
            _ => {
                return Err(LocationError::Option { name: name.to_owned() });
            }
        }
    }
    Ok(location)
}

fn set<T>(slot: &mut Option<T>, name: &'static str, text: &str, value: Option<T>) -> Result<(), LocationError> {
    if slot.is_some() {
        return Err(LocationError::Twice { name });
    }
    if value.is_none() {
        return Err(LocationError::Value {
            name,
            value: text.to_owned(),
        });
    }
    *slot = value;
    Ok(())
}

fn is_bucket(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    let outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(outer)
        && text.ends_with(outer)
        && !text.contains("..")
}

fn is_endpoint(text: &str) -> bool {
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| {
        !host.trim_end_matches('/').is_empty()
            && !host.starts_with('/')
            && host
                .chars()
                .all(|c| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '%' | '@'))
    })
}

fn is_region(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !text.is_empty() && text.bytes().all(allowed)
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3(location) => location.fmt(f),
        }
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        let options = [
            ("endpoint", self.endpoint.clone()),
            ("region", self.region.clone()),
            ("path_style", self.path_style.map(|on| on.to_string())),
        ];
        let mut separator = '?';
        for (name, value) in options {
            if let Some(value) = value {
                write!(f, "{separator}{name}={value}")?;
                separator = '&';
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, printed: &str) {
        let location: Location = text.parse().unwrap_or_else(|e| panic!("{text} is not a location: {e}"));
        assert_eq!(location.to_string(), printed);
        let again: Location = printed
            .parse()
            .unwrap_or_else(|e| panic!("{printed} is not a location: {e}"));
        assert_eq!(again, location);
    }

    fn check_error(text: &str, expected: &str) {
        let error = text.parse::<Location>().expect_err("this text is not a location");
        assert_eq!(error.to_string(), expected, "{text}");
    }

    #[test]
    fn a_printed_location_parses_back_to_itself() {
        check("s3://runs", "s3://runs");
        check("s3://runs/", "s3://runs");
        check("s3://runs/team/a/", "s3://runs/team/a");
        check(
            "s3://runs/a?path_style=true&region=us-east-1&endpoint=http://127.0.0.1:9000/",
            "s3://runs/a?endpoint=http://127.0.0.1:9000&region=us-east-1&path_style=true",
        );
        check(
            "s3://runs?endpoint=http://[::1]:9000&path_style=false",
            "s3://runs?endpoint=http://[::1]:9000&path_style=false",
        );
        check("./runs-store", "./runs-store");
        check("/abs/runs", "/abs/runs");
        check("file:///abs/runs", "/abs/runs");
        check("runs with spaces?", "runs with spaces?");
    }

    #[test]
    fn an_invalid_location_is_rejected_with_the_problem() {
        check_error("", "the store's location is empty");
        check_error("gs://runs", "a store's location cannot begin with `gs://`");
        check_error("s3://", "`` is not a valid bucket name");
        check_error("s3://Runs", "`Runs` is not a valid bucket name");
        check_error("s3://runs/../up", "`../up` is not a valid prefix");
        check_error("s3://runs/a//b", "`a//b` is not a valid prefix");
        check_error("s3://runs?colour=red", "the store's location has no option `colour`");
        check_error("s3://runs?", "the store's location has no option ``");
        check_error(
            "s3://runs?endpoint=127.0.0.1:9000",
            "`127.0.0.1:9000` is not a valid value of `endpoint`",
        );
        check_error("s3://runs?path_style=yes", "`yes` is not a valid value of `path_style`");
        check_error("s3://runs?region=a&region=b", "`region` is given twice");
        check_error("file://runs", "`file://runs` is not the absolute path of a folder");
    }

    #[test]
    fn an_invalid_location_gets_a_hint() {
        let hint = |text: &str| {
            let error = text.parse::<Location>().expect_err("not a location");
            error.hint().expect("this error has a hint")
        };
        assert!(hint("gs://runs").contains("s3://BUCKET/PREFIX"));
        assert!(hint("s3://runs?endpoint=x").contains("endpoint=http://HOST:PORT"));
    }

    #[test]
    fn a_folder_can_be_made_absolute() {
        let location: Location = "./runs-store".parse().expect("a folder");
        let here = std::env::current_dir().expect("a working directory");
        let absolute = location.absolute().expect("it can be made absolute");
        assert_eq!(absolute, Location::Folder(here.join("runs-store")));
    }
}
