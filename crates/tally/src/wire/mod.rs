//! The stored form of measurements. For computing, this crate has separate types in its other modules.
//!
//! Each type of this module has the field names and the shape of the stored document. Explicit code converts between a
//! type of this module and a type of another module. The stored form changes only if this module changes. A change of
//! the stored form requires a new format number.

pub mod account;
mod counts;
mod flow;
mod health;
mod reasons;
mod snapshot;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// A value that is stored as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<T>(pub T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<T>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Text).map_err(D::Error::custom)
    }
}
