//! The stored form of a plan, apart from what the plan means, and the form of price files.
//!
//! Each type here has the names and the shape that documents have, and is converted explicitly. So the stored form
//! changes only where somebody changes this module, together with the number of a format. Enums of words are described
//! by a remote derive, which lists what is stored and does not compile when the enum gets another variant.

mod cost;
pub mod hosts;
pub mod load;
mod plan;
mod prices;
pub mod request;
mod threshold;
pub mod transport;

/// Converts each item of a list.
fn each<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(B::from).collect()
}
