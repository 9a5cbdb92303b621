//! The allow-list: the hosts and addresses to which a worker may send requests.
//!
//! A deployed function sends requests only to hosts in its environment variable `VAJRA_ALLOW`. Without this rule, a
//! user who can write a plan into the bucket could attack a third party or the network of the functions. A worker
//! checks the name of a host. Before each connection, the worker also checks the address, because each look-up of a
//! name may return different addresses.
//!
//! Invariant: every connection needs a [`Permitted`] address, and only [`Allow::permit`] creates `Permitted` addresses.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The hosts and addresses to which a worker may send requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow(AllowRule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum AllowRule {
    Everything,
    /// No host is allowed. The text is the reason.
    Nothing(String),
    Listed(List),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    names: Vec<Name>,
    ranges: Vec<IpNet>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Exactly(String),
    /// Every name that ends with this suffix. The suffix begins with a dot.
    Below(String),
}

/// A range of addresses that are not public, and its description.
struct ReservedBlock {
    range: IpNet,
    what: &'static str,
}

/// An error for a host or an address that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {hint}")]
pub struct Refusal {
    pub problem: String,
    /// How to allow the host or the address, if an allow-list can allow it.
    pub hint: String,
}

/// An invalid entry of an allow-list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}; {hint}", variable = Allow::VARIABLE)]
pub struct AllowError {
    pub problem: String,
    /// How to correct the entry.
    pub hint: String,
}

/// An address to which the allow-list permits a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted(SocketAddr);

impl Permitted {
    pub(crate) fn address(self) -> SocketAddr {
        self.0
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, what: &'static str) -> ReservedBlock {
    let range = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix));
    ReservedBlock { range, what }
}

const fn v6(head: [u16; 3], last: u16, prefix: u8, what: &'static str) -> ReservedBlock {
    let [a, b, c] = head;
    let range = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, last), prefix));
    ReservedBlock { range, what }
}

/// The blocks of addresses that no allow-list can allow. A server at such an address returns the credentials of the
/// function, or the address does not belong to a single host.
static NEVER: [ReservedBlock; 12] = [
    v4(0, 0, 0, 0, 8, "an unspecified address"),
    v4(169, 254, 0, 0, 16, "a link-local address that serves credentials"),
    v4(100, 100, 100, 200, 32, "a cloud's address that serves credentials"),
    v4(168, 63, 129, 16, 32, "a cloud's address that serves credentials"),
    v4(224, 0, 0, 0, 4, "a multicast address"),
    v4(240, 0, 0, 0, 4, "a reserved or broadcast address"),
    v6([0, 0, 0], 0, 128, "the unspecified address"),
    v6([0xfe80, 0, 0], 0, 10, "a link-local address"),
    v6([0xfd00, 0xec2, 0], 0, 32, "an address that serves credentials"),
    v6(
        [0xfd20, 0xce, 0],
        0x254,
        128,
        "a cloud's address that serves credentials",
    ),
    v6([0xff00, 0, 0], 0, 8, "a multicast address"),
    v6([0x100, 0, 0], 0, 64, "a discard-only address"),
];

/// The blocks of addresses that need an entry of their own. An allow-list allows such an address only with an entry
/// that is within the block. A wider range, such as 0.0.0.0/0, does not allow the address. A user who writes a wide
/// range probably does not mean the machine or the private network of the function.
static INNER: [ReservedBlock; 13] = [
    v4(127, 0, 0, 0, 8, "a loopback address"),
    v4(10, 0, 0, 0, 8, "a private address"),
    v4(172, 16, 0, 0, 12, "a private address"),
    v4(192, 168, 0, 0, 16, "a private address"),
    v4(100, 64, 0, 0, 10, "a shared address of carriers or clouds"),
    v4(192, 0, 0, 0, 24, "an IETF protocol address"),
    v4(198, 18, 0, 0, 15, "a benchmarking address"),
    v6([0, 0, 0], 1, 128, "a loopback address"),
    v6([0xfc00, 0, 0], 0, 7, "a unique local address"),
    v6([0xfec0, 0, 0], 0, 10, "a site-local address"),
    // The next two blocks contain IPv4 addresses in a form that only address translators can decode.
    v6([0x64, 0xff9b, 1], 0, 48, "an address of a translator to IPv4 (NAT64)"),
    v6([0x2001, 0, 0], 0, 32, "an address of a tunnel to IPv4 (Teredo)"),
    // SRv6 segment identifiers are internal to a network.
    v6([0x5f00, 0, 0], 0, 16, "an SRv6 segment identifier"),
];

/// The range that contains all public IPv6 addresses (RFC 4291, 2.4, and the registry of IANA).
const PUBLIC_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
static NOT_PUBLIC_V6: ReservedBlock = v6([0, 0, 0], 0, 0, "not a public address");

/// The kind of an address. The kind decides whether an allow-list can allow the address.
enum Class {
    Public,
    Inner(&'static ReservedBlock),
    Never(&'static ReservedBlock),
}

/// Formats a range of addresses for messages. A range of a single address is shown without its prefix length.
fn shown(range: &IpNet) -> String {
    match range.prefix_len() == range.max_prefix_len() {
        true => range.addr().to_string(),
        false => range.to_string(),
    }
}

/// Returns the IPv4 address that `address` contains, if `address` is an IPv6 form of an IPv4 address. Otherwise,
/// returns `address` itself. Packets to `address` reach the returned address.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let low = v6.to_bits() as u32;
    let within = match v6.segments() {
        // `::` and `::1` do not contain an IPv4 address.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return address,
        // Compatible, mapped and translated addresses (RFC 4291, 2.5.5; RFC 2765, 2.1), and NAT64 addresses (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => low,
        // 6to4 addresses (RFC 3056).
        [0x2002, high, low, ..] => u32::from(high) << 16 | u32::from(low),
        _ => return address,
    };
    IpAddr::V4(Ipv4Addr::from_bits(within))
}

fn class(address: IpAddr) -> Class {
    let of = |blocks: &'static [ReservedBlock]| blocks.iter().find(|block| block.range.contains(&address));
    if let Some(block) = of(&NEVER) {
        return Class::Never(block);
    }
    match of(&INNER) {
        Some(block) => Class::Inner(block),
        None => match address {
            IpAddr::V6(address) if !PUBLIC_V6.contains(&address) => Class::Inner(&NOT_PUBLIC_V6),
            _ => Class::Public,
        },
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

impl Allow {
    /// The environment variable of a worker that contains the allow-list.
    pub const VARIABLE: &str = "VAJRA_ALLOW";

    /// Returns a list that allows every host and address, the default on the user's own machine.
    pub fn everything() -> Allow {
        Allow(AllowRule::Everything)
    }

    /// Returns a list that allows no host and no address, for the reason `why`.
    pub fn nothing(why: impl Into<String>) -> Allow {
        Allow(AllowRule::Nothing(why.into()))
    }

    /// Parses an allow-list. The entries are separated by commas or spaces. An entry is a name (`api.example.com`), all
    /// names below a name (`*.example.com`), an address, or a range of addresses (`10.1.0.0/16`). An empty list allows
    /// nothing.
    ///
    /// # Errors
    /// Returns the first invalid entry.
    pub fn parse(text: &str) -> Result<Allow, AllowError> {
        let mut list = List {
            names: Vec::new(),
            ranges: Vec::new(),
        };
        let entries = text
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|entry| !entry.is_empty());
        for entry in entries {
            list.add(entry)
                .map_err(|(problem, hint)| AllowError { problem, hint })?;
        }
        if list.names.is_empty() && list.ranges.is_empty() {
            return Ok(Allow::nothing(format!("{} is empty or not set", Allow::VARIABLE)));
        }
        Ok(Allow(AllowRule::Listed(list)))
    }

    /// Returns the allow-list of a function, from the environment of the function. An invalid list allows nothing.
    pub fn of_function(text: &str) -> Allow {
        Allow::parse(text).unwrap_or_else(|error| Allow::nothing(error.to_string()))
    }

    /// Returns the allow-list of a worker on the user's own machine, from the environment of the worker. An unset
    /// variable allows everything. An empty variable allows nothing, as for a deployed function.
    ///
    /// # Errors
    /// Returns the first invalid entry.
    pub fn of_machine(text: Option<&str>) -> Result<Allow, AllowError> {
        match text {
            None => Ok(Allow::everything()),
            Some(text) if text.trim().is_empty() => Ok(Allow::nothing(format!(
                "{} is set but empty, which allows nothing",
                Allow::VARIABLE
            ))),
            Some(text) => Allow::parse(text),
        }
    }

    /// Checks whether a host is allowed. The host is written as in a URL.
    ///
    /// # Errors
    /// Fails if the host is not allowed.
    pub fn host(&self, host: &str) -> Result<(), Refusal> {
        let list = match &self.0 {
            AllowRule::Everything => return Ok(()),
            AllowRule::Nothing(why) => return Err(not_named(host, why)),
            AllowRule::Listed(list) => list,
        };
        let unnamed = || not_named(host, &format!("{} does not name it", Allow::VARIABLE));
        if let Some(address) = literal(host) {
            self.address(address)?;
            let address = unwrapped(address);
            let named = list.ranges.iter().any(|range| range.contains(&address));
            return if named { Ok(()) } else { Err(unnamed()) };
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let named = list.names.iter().any(|listed| match listed {
            Name::Exactly(listed) => *listed == name,
            Name::Below(end) => name.len() > end.len() && name.ends_with(end.as_str()),
        });
        if named { Ok(()) } else { Err(unnamed()) }
    }

    /// Checks one address of a host. The caller checks the name of the host separately.
    ///
    /// # Errors
    /// Fails if the address is not allowed.
    pub fn address(&self, address: IpAddr) -> Result<(), Refusal> {
        let list = match &self.0 {
            AllowRule::Everything => return Ok(()),
            AllowRule::Nothing(why) => return Err(not_named(&address.to_string(), why)),
            AllowRule::Listed(list) => list,
        };
        let checked = unwrapped(address);
        let named = match checked == address {
            true => address.to_string(),
            false => format!("{address}, a form of {checked},"),
        };
        match class(checked) {
            Class::Public => Ok(()),
            Class::Never(block) => Err(Refusal {
                problem: format!("{named} is {} ({})", block.what, shown(&block.range)),
                hint: format!("use another target: {} cannot allow this address", Allow::VARIABLE),
            }),
            Class::Inner(block) => {
                let mut listed = list.ranges.iter().filter(|range| range.contains(&checked));
                if listed.any(|range| block.range.contains(range)) {
                    return Ok(());
                }
                Err(Refusal {
                    problem: format!(
                        "{named} is {} ({}), which {} does not name",
                        block.what,
                        shown(&block.range),
                        Allow::VARIABLE
                    ),
                    hint: format!(
                        "if it is yours, add `{checked}` or a range within {} to {} in the worker's environment",
                        shown(&block.range),
                        Allow::VARIABLE
                    ),
                })
            }
        }
    }

    /// Permits a connection to an address of a host.
    ///
    /// # Errors
    /// Fails if the host or the address is not allowed.
    pub fn permit(&self, host: &str, address: SocketAddr) -> Result<Permitted, Refusal> {
        self.host(host)?;
        self.address(address.ip())?;
        Ok(Permitted(address))
    }
}

fn not_named(host: &str, why: &str) -> Refusal {
    Refusal {
        problem: format!("{host} is not an allowed target: {why}"),
        hint: format!(
            "if it is yours, add `{host}` to {} in the worker's environment",
            Allow::VARIABLE
        ),
    }
}

type EntryProblem = (String, String);

impl List {
    fn add(&mut self, entry: &str) -> Result<(), EntryProblem> {
        if let Some((_, rest)) = entry.split_once("://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            return Err((format!("`{entry}` is a URL"), format!("write its host alone, `{host}`")));
        }
        if let Some((first, prefix)) = entry.split_once('/') {
            self.ranges.push(range(entry, first, prefix)?);
            return Ok(());
        }
        if let Some(address) = literal(entry) {
            self.ranges.push(checked(entry, IpNet::from(address))?);
            return Ok(());
        }
        if let Some((host, port)) = entry.rsplit_once(':')
            && port.bytes().all(|byte| byte.is_ascii_digit())
        {
            let hint = format!("write `{host}`: a host is allowed with all its ports");
            return Err((format!("`{entry}` has a port"), hint));
        }
        self.names.push(match entry.strip_prefix("*.") {
            Some(parent) => Name::Below(format!(".{}", name(entry, parent)?)),
            None => Name::Exactly(name(entry, entry)?),
        });
        Ok(())
    }
}

fn range(entry: &str, first: &str, prefix: &str) -> Result<IpNet, EntryProblem> {
    let not_a_range = |hint: String| (format!("`{entry}` is not a range of addresses"), hint);
    let Some(first) = literal(first) else {
        return Err(not_a_range(
            "write one like `10.1.0.0/16` or `2001:db8::/32`".to_owned(),
        ));
    };
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = prefix.parse().ok().filter(|_| digits);
    let Some(range) = prefix.and_then(|prefix| IpNet::new(first, prefix).ok()) else {
        let longest = IpNet::from(first).max_prefix_len();
        return Err(not_a_range(format!(
            "write a number from 0 to {longest} after the slash"
        )));
    };
    if range != range.trunc() {
        let hint = format!(
            "write `{}` for the range, or `{first}` for the single address",
            range.trunc()
        );
        return Err((
            format!("`{entry}` does not begin with the first address of its range"),
            hint,
        ));
    }
    checked(entry, range)
}

/// Rejects a range in which no address can be allowed.
fn checked(entry: &str, range: IpNet) -> Result<IpNet, EntryProblem> {
    let first = range.addr();
    let within = unwrapped(first);
    if within != first {
        let hint = format!("write the IPv4 address itself, such as `{within}`");
        return Err((format!("`{entry}` is another form of an IPv4 address"), hint));
    }
    match NEVER.iter().find(|block| block.range.contains(&range)) {
        Some(block) => Err((
            format!("`{entry}` is {} ({})", block.what, shown(&block.range)),
            "remove it: these addresses cannot be allowed".to_owned(),
        )),
        None => Ok(range),
    }
}

/// Returns a host name in the form that URLs use: in lower case, in ASCII, without the final dot.
fn name(entry: &str, name: &str) -> Result<String, EntryProblem> {
    let wanted = "write names like `api.example.com`, all names below one like `*.example.com`, addresses, and \
                  ranges like `10.1.0.0/16`";
    let not_a_name = || (format!("`{entry}` is not the name of a host"), wanted.to_owned());
    let read = match url::Host::parse(name) {
        Ok(url::Host::Domain(read)) => read,
        Ok(url::Host::Ipv4(address)) => {
            return Err((
                format!("`{entry}` is another form of an address"),
                format!("write `{address}`"),
            ));
        }
        Ok(url::Host::Ipv6(_)) | Err(_) => return Err(not_a_name()),
    };
    let read = read.strip_suffix('.').unwrap_or(&read);
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(plain)
    };
    match read.split('.').all(label) {
        true => Ok(read.to_owned()),
        false => Err(not_a_name()),
    }
}
