//! Text with placeholders that are filled for each arrival.
//!
//! What a placeholder becomes depends on (seed, arrival) alone, never on the shard that sends it.
//!
//! Grammar, inside `{{` and `}}`:
//! ```text
//! placeholder = "arrival" | "uuid" | "random" int int | "feed" name "." column | "env" string
//! ```
//! `env` is filled when the run is planned; the others when the request is sent.

use serde::{Deserialize, Serialize};

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(String),
    /// The number of the arrival in the run, from 0.
    Arrival,
    /// A version 4 UUID drawn from (seed, arrival, slot).
    Uuid {
        slot: u32,
    },
    /// A whole number in `min..=max` drawn from (seed, arrival, slot).
    Random {
        slot: u32,
        min: i64,
        max: i64,
    },
    /// A cell of a feed: the row is the arrival number modulo the feed's rows.
    Feed {
        feed: u32,
        column: u32,
    },
}

/// Text with placeholders; the parts in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(pub Vec<Part>);

impl Template {
    /// A template without placeholders.
    pub fn fixed(text: impl Into<String>) -> Template {
        Template(vec![Part::Text(text.into())])
    }

    /// The text, if nothing in it varies.
    pub fn as_fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}
