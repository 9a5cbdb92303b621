//! The stored form of hosts with fixed addresses, for `#[serde(with = …)]`.

use crate::hosts::{Address, Hosts};
use serde::{Deserialize, Deserializer, Serializer};
use std::collections::BTreeMap;
use tally::wire::Text;

/// Serialises hosts with their addresses. Each address is stored as text.
///
/// # Errors
/// Returns the errors of the serializer.
pub fn serialize<S: Serializer>(hosts: &Hosts, serializer: S) -> Result<S::Ok, S::Error> {
    let texts = |addresses: &[Address]| addresses.iter().copied().map(Text).collect::<Vec<_>>();
    serializer.collect_map(hosts.0.iter().map(|(host, addresses)| (host, texts(addresses))))
}

/// Deserialises hosts with their addresses. Each address is parsed from text.
///
/// # Errors
/// Returns the errors of the deserializer, and an error for a text that is not an address.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hosts, D::Error> {
    let stored = BTreeMap::<String, Vec<Text<Address>>>::deserialize(deserializer)?;
    let addresses = |texts: Vec<Text<Address>>| texts.into_iter().map(|text| text.0).collect();
    Ok(Hosts(
        stored
            .into_iter()
            .map(|(host, texts)| (host, addresses(texts)))
            .collect(),
    ))
}
