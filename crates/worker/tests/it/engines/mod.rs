//! The conformance suite of the trait `Engine`. Every case runs with each engine, against a target that uses its
//! protocol.
//!
//! A new engine is a protocol: add it to `for_each_engine`, to [`crate::rig::Rig`] and to [`target`].

/// Makes a test of each case for each engine.
macro_rules! for_each_engine {
    ($($case:ident,)*) => {
        mod http1 {
            $(#[test]
            fn $case() {
                super::$case(plan::scenario::Protocol::Http1);
            })*
        }

        mod http2 {
            $(#[test]
            fn $case() {
                super::$case(plan::scenario::Protocol::Http2);
            })*
        }
    };
}

mod allowed;
mod answers;
mod bodies;
mod connections;
mod elsewhere;
mod names;
mod reasons;
mod redirects;
mod requests;
pub(crate) mod target;
mod tls;
mod waits;
