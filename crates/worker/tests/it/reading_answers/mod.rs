//! Reading answers of all kinds, in pieces of every length, compared with hyper's client.

mod agreement;
mod answers;
mod streams;
