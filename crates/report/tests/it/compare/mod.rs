//! Tests of comparisons of two simulated runs. The true difference of the two runs is known.

#![expect(clippy::unwrap_used, reason = "a failed step fails its test")]

mod documents;
mod made;
mod truth;
mod views;

pub(crate) use views::comparison as example;
