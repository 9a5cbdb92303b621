//! Reads hosts with fixed addresses.

use super::document::{Node, Value};
use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::hosts::{ADDRESSES_MAX, Address, Hosts};
use crate::rules;

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Hosts> {
    let mut hosts = Hosts::default();
    let Some(entry) = fields.get("hosts") else {
        return Some(hosts);
    };
    let mut sound = matches!(entry.value.value, Value::Map(_));
    for (written, name, value) in entry.named(reading) {
        let host = host(reading, written, name);
        let addresses = addresses(reading, name, value);
        let Some((host, addresses)) = host.zip(addresses) else {
            sound = false;
            continue;
        };
        if hosts.0.insert(host, addresses).is_some() {
            let help = "keep one: host names are case-insensitive";
            reading.problem::<()>(written, format!("the host `{name}` is written twice"), help);
            sound = false;
        }
    }
    sound.then_some(hosts)
}

fn host(reading: &mut ScenarioReader<'_>, written: &Node, name: &str) -> Option<String> {
    match rules::host(name) {
        Some(host) => Some(host),
        None => {
            let message = format!("`{}` is not a valid host name", name.escape_debug());
            let help = "write it as in a URL, without scheme and port, such as `shop.example.com`";
            reading.problem(written, message, help)
        }
    }
}

fn addresses(reading: &mut ScenarioReader<'_>, name: &str, value: &Node) -> Option<Vec<Address>> {
    let items = match &value.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    if !(1..=ADDRESSES_MAX).contains(&items.len()) {
        let message = format!("the host `{name}` has {} addresses", items.len());
        return reading.problem(value, message, format!("write from 1 to {ADDRESSES_MAX}"));
    }
    let read: Vec<Option<Address>> = items.iter().map(|item| address(reading, name, item)).collect();
    read.into_iter().collect()
}

fn address(reading: &mut ScenarioReader<'_>, name: &str, node: &Node) -> Option<Address> {
    let text = reading.text(name, node)?;
    Address::parse(text).map_or_else(|fault| reading.refused(node, &fault), Some)
}
