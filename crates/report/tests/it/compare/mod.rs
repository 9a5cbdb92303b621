//! Two runs side by side, on pairs of runs whose truth is known because they are made here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod documents;
mod made;
mod truth;
mod views;

pub(crate) use views::comparison as example;
