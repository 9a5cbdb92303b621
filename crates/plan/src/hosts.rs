//! Hosts with fixed addresses. Workers use the fixed addresses instead of the addresses from DNS.
//!
//! ```text
//! hosts   = { host: address | [ address, … ] }
//! address = ip | ip ":" port
//! ```
//! The `Host` header of requests, TLS, and the check against the allow-list still use the name of the host.

use core::net::{IpAddr, SocketAddr};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The maximum number of hosts, and the maximum number of addresses of a host.
pub const HOSTS_MAX: usize = 100;
pub const ADDRESSES_MAX: usize = 100;

/// The fixed addresses of hosts. The key is the name of the host as written in URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(pub BTreeMap<String, Vec<Address>>);

/// A fixed address of a host. Connections to the host are opened to this address instead of the addresses from DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub ip: IpAddr,
    /// The port of the address; `None` if the port of the URL is used.
    pub port: Option<u16>,
}

impl Address {
    /// Parses a fixed address.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn parse(text: &str) -> Result<Address, String> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let ip = bare.unwrap_or(text).parse().map(|ip| Address { ip, port: None });
        let with_port = || text.parse::<SocketAddr>().ok().filter(|address| address.port() > 0);
        let socket = |address: SocketAddr| Address {
            ip: address.ip(),
            port: Some(address.port()),
        };
        ip.ok().or_else(|| with_port().map(socket)).ok_or_else(|| {
            format!("`{text}` is not an IP address; write one like `10.1.2.3`, `10.1.2.3:8443` or `[2001:db8::1]:8443`")
        })
    }
}

impl Hosts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the fixed addresses of a host; `None` if the host has no fixed address. An address without a port gets
    /// the port `port`.
    pub fn addresses(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        if self.0.is_empty() {
            return None;
        }
        let addresses = self.0.get(&host.to_ascii_lowercase())?;
        let socket = |address: &Address| SocketAddr::new(address.ip, address.port.unwrap_or(port));
        Some(addresses.iter().map(socket).collect())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}", SocketAddr::new(self.ip, port)),
            None => write!(f, "{}", self.ip),
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        Address::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_gets_the_port_of_the_url() {
        for (text, expected) in [
            ("10.1.2.3", "10.1.2.3:443"),
            ("10.1.2.3:8443", "10.1.2.3:8443"),
            ("::1", "[::1]:443"),
            ("[::1]", "[::1]:443"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string().parse(), Ok(address));
            let hosts = Hosts([("shop.example".to_owned(), vec![address])].into());
            let found = hosts.addresses("Shop.example", 443).unwrap();
            assert_eq!(found, [expected.parse().unwrap()], "{text}");
            assert_eq!(hosts.addresses("www.shop.example", 443), None);
        }
        for text in [
            "",
            "shop.example",
            "10.1.2",
            "10.1.2.3:0",
            "10.1.2.3:",
            "10.1.2.3/8",
            "[::1",
        ] {
            assert!(Address::parse(text).unwrap_err().contains("; write one like"), "{text}");
        }
    }
}
