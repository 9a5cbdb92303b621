//! The text of an error together with its causes.

use std::error::Error;

/// Returns the messages of an error and of its sources, as one text.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let messages: Vec<String> = chain.map(ToString::to_string).collect();
    messages.join(": ")
}
