//! Where the target listens: a [`ListenAddress`] is always a loopback address.
//!
//! A server that hangs, lies and resets on request has no business on a network, so an address
//! that others could reach is refused when it is read and cannot be held by the type.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use tokio::net::{TcpListener, TcpSocket};

/// Connections the kernel may hold before they are accepted. A load test opens hundreds at once;
/// what does not fit waits a second for its retry, which would be measured as the target's
/// latency. The kernel caps this at its own limit, which is 4096 by default.
const BACKLOG: u32 = 4096;

/// A loopback address and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListenAddress(SocketAddr);

impl ListenAddress {
    /// Starts listening. Needs a tokio runtime.
    pub(crate) fn bind(self) -> std::io::Result<TcpListener> {
        let socket = if self.0.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A target that is started again at once must get its port back.
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
    fn only_loopback_addresses_are_taken() {
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
