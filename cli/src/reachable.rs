//! The address by which other machines reach a listener.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Returns an address that a client can open. If the listener uses all addresses of this machine, returns the address
/// by which other machines reach this machine, or loopback if this machine has no network.
pub(crate) fn reachable(address: SocketAddr, outward: impl Fn(bool) -> Option<IpAddr>) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let v4 = address.is_ipv4();
    let loopback: IpAddr = if v4 {
        Ipv4Addr::LOCALHOST.into()
    } else {
        Ipv6Addr::LOCALHOST.into()
    };
    SocketAddr::new(outward(v4).unwrap_or(loopback), address.port())
}

/// Returns the address from which this machine sends. Nothing is sent, because connecting a UDP socket only selects a
/// route. The destination is an address that is reserved for documentation.
pub(crate) fn outward(v4: bool) -> Option<IpAddr> {
    let (any, far): (IpAddr, IpAddr) = if v4 {
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into())
    } else {
        (
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        )
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(far, 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified()).then_some(own)
}
