//! The address of the target: a [`ListenAddress`] is always a loopback address.
//!
//! A server that hangs, sends invalid answers and resets connections on request must not be reachable from a network.
//! So the parser rejects all addresses except loopback, and a [`ListenAddress`] cannot contain another address.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use tokio::net::{TcpListener, TcpSocket};

/// The number of connections that the kernel may queue before they are accepted.
///
/// A load test may open hundreds of connections at once. If a connection does not fit into the queue, the client
/// retries it after a second. This second would be measured as latency of the target. By default, the kernel limits the
/// queue to 4096 connections.
const BACKLOG: u32 = 4096;

/// A loopback address and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListenAddress(SocketAddr);

impl ListenAddress {
    /// Starts to listen. This function must be called on a tokio runtime.
    pub(crate) fn bind(self) -> std::io::Result<TcpListener> {
        let socket = if self.0.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // With this option, a target that is restarted immediately can bind the same port.
        socket.set_reuseaddr(true)?;
        socket.bind(self.0)?;
        socket.listen(BACKLOG)
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = match text.strip_prefix("localhost:") {
            Some(port) => port
                .parse()
                .ok()
                .map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            None => text.parse().ok(),
        };
        let address = read.ok_or_else(|| {
            format!("`{text}` is not an address and a port; write `127.0.0.1:8080`, or port 0 for a free one")
        })?;
        if !address.ip().is_loopback() {
            return Err(format!(
                "`{}` is not a loopback address and the target answers this machine only; \
                 write `127.0.0.1:{port}` or `[::1]:{port}`",
                address.ip(),
                port = address.port()
            ));
        }
        Ok(Self(address))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        match (text.parse::<ListenAddress>(), expected) {
            (Ok(address), Ok(shown)) => assert_eq!(address.to_string(), shown, "{text}"),
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{text}: {problem}"),
            (got, wanted) => panic!("{text}: {got:?}, wanted {wanted:?}"),
        }
    }

    #[test]
    fn addresses_other_than_loopback_are_rejected() {
        check("127.0.0.1:8080", Ok("127.0.0.1:8080"));
        check("127.9.9.9:0", Ok("127.9.9.9:0"));
        check("[::1]:80", Ok("[::1]:80"));
        check("localhost:8080", Ok("127.0.0.1:8080"));
        check("0.0.0.0:8080", Err("write `127.0.0.1:8080`"));
        check("192.168.1.2:80", Err("not a loopback address"));
        check("[::]:80", Err("not a loopback address"));
        check("[::ffff:10.0.0.1]:80", Err("not a loopback address"));
        check("example.com:80", Err("not an address and a port"));
        check("127.0.0.1", Err("not an address and a port"));
        check("localhost:99999", Err("not an address and a port"));
    }
}
