//! Answers of all kinds, however they are cut into pieces, and what hyper's client makes of the same bytes.

mod agreement;
mod answers;
mod streams;
