//! The conformance suite of the trait `Engine`. Every case runs with each engine. The target of a case uses the
//! protocol of the engine.
//!
//! Each engine has its own protocol. To test a new engine, add its protocol to `for_each_engine`, to
//! [`crate::rig::Rig`] and to [`target`].

/// Generates a test for each case and each engine.
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
