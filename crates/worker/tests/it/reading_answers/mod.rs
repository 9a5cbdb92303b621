//! Tests of reading answers of all kinds, in pieces of every length. The results are compared with hyper's client.

mod agreement;
mod answers;
mod streams;
