//! The parts of the input that are not in the scenario, with the reasons.

use std::fmt;

/// The maximum number of places in the input that are listed for each reason.
const PLACES_MAX: usize = 3;
/// The maximum number of different reasons that are listed.
const REASONS_MAX: usize = 200;

/// The number of places in the input, and the first of these places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    first: Vec<String>,
    more: usize,
}

impl Places {
    pub(crate) fn of(place: &str) -> Places {
        let mut places = Places::default();
        places.add(place);
        places
    }

    pub(crate) fn add(&mut self, place: &str) {
        if self.first.iter().any(|known| known == place) {
            return;
        }
        match self.first.len() < PLACES_MAX {
            true => self.first.push(place.to_owned()),
            false => self.more += 1,
        }
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.join(", "))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// A reason for leaving out parts of the input, and the places of these parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub places: Places,
    pub what: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.places, self.what)
    }
}

/// The list of the parts of the input that were left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOuts {
    found: Vec<LeftOut>,
    more: usize,
}

impl LeftOuts {
    /// Adds a part of the input to the list. Parts with the same reason have one common line in the list.
    pub(crate) fn add(&mut self, place: &str, what: impl Into<String>) {
        let what = what.into();
        if let Some(found) = self.found.iter_mut().find(|found| found.what == what) {
            found.places.add(place);
        } else if self.found.len() < REASONS_MAX {
            let places = Places::of(place);
            self.found.push(LeftOut { places, what });
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn into_list(mut self) -> Vec<LeftOut> {
        if self.more > 0 {
            self.found.push(LeftOut {
                places: Places::of("elsewhere"),
                what: format!("{} more parts", self.more),
            });
        }
        self.found
    }
}

/// Returns a name from the input, shortened for a message.
pub(crate) fn shown(name: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut chars = name.chars().map(printable);
    let short: String = chars.by_ref().take(60).collect();
    match chars.next() {
        Some(_) => short + "…",
        None => short,
    }
}
