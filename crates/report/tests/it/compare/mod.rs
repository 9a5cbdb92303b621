//! Tests of comparisons, on simulated pairs of runs whose true difference is known.

#![expect(clippy::unwrap_used, reason = "a failed step fails its test")]

mod documents;
mod made;
mod truth;
mod views;

pub(crate) use views::comparison as example;
