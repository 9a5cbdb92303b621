//! The conformance suite of the trait `Engine`. Every case runs with every engine, against a target that uses the
//! protocol of the engine.
//!
//! To add an engine, add its protocol to `for_each_engine`, to [`crate::rig::Rig`] and to [`target`].

/// Defines a test for each pair of a case and an engine.
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
