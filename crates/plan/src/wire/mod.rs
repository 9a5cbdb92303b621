//! The stored form of plans, and the form of price files. For computing, this crate has separate types in its other
//! modules.
//!
//! Each type of this module has the field names and the shape of the stored document. Explicit code converts between a
//! type of this module and a type of another module. The stored form changes only if this module changes. A change of
//! the stored form requires a new format number. Enums that are stored as words use a remote derive of serde. The
//! remote derive lists the stored words, and does not compile if the original enum gets another variant.

mod cost;
pub mod flow;
pub mod hosts;
pub mod load;
mod plan;
mod prices;
pub mod request;
mod threshold;
pub mod transport;

/// Converts each element of a list. Fails if an element cannot be converted.
fn try_each<A, B: TryFrom<A>>(items: Vec<A>) -> Result<Vec<B>, B::Error> {
    items.into_iter().map(B::try_from).collect()
}

/// Converts each element of a list.
fn each<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(B::from).collect()
}
