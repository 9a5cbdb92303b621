//! The reasons why a text is not allowed in its position.

use crate::{form, rules};

/// The rule that a text violates in its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    ForHeader,
    ForUrl,
    /// The text contains a `#` in a URL. The text after the `#` would never be sent.
    Fragment,
    /// The text contains a `%` that two hexadecimal digits do not follow.
    Percent,
    /// The text needs escaping inside a JSON string.
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
