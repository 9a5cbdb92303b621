//! The text of an error together with its causes.

use std::error::Error;

/// Returns the message of an error, followed by the messages of its sources. The messages are separated by `: `.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let messages: Vec<String> = chain.map(ToString::to_string).collect();
    messages.join(": ")
}
