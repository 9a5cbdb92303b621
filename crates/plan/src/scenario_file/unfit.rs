//! Text that is not allowed where it stands.

use crate::{form, rules};

/// Text that is not allowed somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    ForHeader,
    ForUrl,
    /// What follows a `#` in a URL is never sent.
    Fragment,
    /// A `%` that encodes nothing.
    Percent,
    /// Within the quotes of a JSON string.
    ForJson,
}

impl Unfit {
    pub(super) fn is(self, text: &str) -> bool {
        match self {
            Unfit::ForHeader => !rules::fits_header(text),
            Unfit::ForUrl => !rules::fits_url(text),
            Unfit::Fragment => text.contains('#'),
            Unfit::Percent => !rules::is_percent_encoded(text),
            Unfit::ForJson => !form::fits_json(text),
        }
    }
}
