//! Tests of allow-lists: allowed and refused hosts and addresses, in every form in which an address can be written.

use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use worker::allow::Allow;

fn host(list: &str, host: &str, expected: Result<(), &str>) {
    check(
        &format!("{list} | {host}"),
        Allow::of_function(list).host(host),
        expected,
    );
}

fn address(list: &str, address: &str, expected: Result<(), &str>) {
    let result = Allow::of_function(list).address(address.parse().unwrap());
    check(&format!("{list} | {address}"), result, expected);
}

fn check(case: &str, result: Result<(), worker::allow::Refusal>, expected: Result<(), &str>) {
    match (result, expected) {
        (Ok(()), Ok(())) => {}
        (Err(refusal), Err(part)) => assert!(refusal.to_string().contains(part), "{case}: {refusal}"),
        (result, _) => panic!("{case}: {result:?}, expected {expected:?}"),
    }
}

#[test]
fn only_listed_names_are_allowed() {
    let list = "api.example.com, *.shop.example.com 192.0.2.7,2001:db8:1::/48\n";
    for allowed in [
        "api.example.com",
        "API.Example.COM",
        "api.example.com.",
        "a.shop.example.com",
        "b.a.shop.example.com",
        "192.0.2.7",
        "2001:db8:1::9",
        "[2001:db8:1::9]",
        "::ffff:192.0.2.7",
    ] {
        host(list, allowed, Ok(()));
    }
    for refused in [
        "example.com",
        "shop.example.com",
        ".shop.example.com",
        "xshop.example.com",
        "x.api.example.com",
        "api.example.com.evil.example",
        "api.example.com..",
        "192.0.2.8",
        "2001:db8:2::9",
        "localhost",
        // Some resolvers accept these forms as addresses. The allow-list treats them as names.
        "0300.0.2.7",
        "3221225991",
        "192.0.519",
        "fe80::1%25eth0",
        "",
    ] {
        host(list, refused, Err("VAJRA_ALLOW does not name it"));
        host(list, refused, Err("to VAJRA_ALLOW in the worker's environment"));
    }
}

#[test]
fn a_name_in_any_script_is_compared_in_its_ascii_form() {
    host("bücher.example", "xn--bcher-kva.example", Ok(()));
    host("*.BÜCHER.example.", "a.xn--bcher-kva.example", Ok(()));
}

#[test]
fn an_empty_list_allows_nothing() {
    for list in ["", " ,\n\t, "] {
        host(list, "example.com", Err("VAJRA_ALLOW is empty or not set"));
        host(list, "127.0.0.1", Err("add `127.0.0.1` to VAJRA_ALLOW"));
        address(list, "192.0.2.1", Err("VAJRA_ALLOW is empty or not set"));
    }
}

#[test]
fn an_invalid_entry_allows_nothing_and_its_error_has_a_hint() {
    for (entry, problem, hint) in [
        ("https://api.example.com/x", "is a URL", "`api.example.com`"),
        ("api.example.com:443", "has a port", "write `api.example.com`"),
        ("*", "is not the name of a host", "`*.example.com`"),
        ("api.*.com", "is not the name of a host", "`*.example.com`"),
        ("*.*.com", "is not the name of a host", "`*.example.com`"),
        ("a..example.com", "is not the name of a host", "`api.example.com`"),
        ("me@example.com", "is not the name of a host", "`api.example.com`"),
        ("10.1.0.0/33", "is not a range", "from 0 to 32"),
        ("10.1.0.0/+8", "is not a range", "from 0 to 32"),
        ("2001:db8::/129", "is not a range", "from 0 to 128"),
        ("example.com/24", "is not a range", "10.1.0.0/16"),
        (
            "10.1.2.3/16",
            "does not begin with the first address",
            "write `10.1.0.0/16`",
        ),
        ("127.1", "another form", "write `127.0.0.1`"),
        ("0x7f000001", "another form", "write `127.0.0.1`"),
        ("::ffff:10.0.0.1", "another form of an IPv4 address", "`10.0.0.1`"),
        ("::ffff:10.0.0.0/104", "another form of an IPv4 address", "`10.0.0.0`"),
        ("169.254.169.254", "link-local", "remove it"),
        ("169.254.0.0/16", "link-local", "remove it"),
        ("fe80::1", "link-local", "remove it"),
        ("fd00:ec2::254", "credentials", "remove it"),
        ("0.0.0.0", "unspecified", "remove it"),
        ("::", "unspecified", "remove it"),
        ("255.255.255.255", "broadcast", "remove it"),
    ] {
        let list = format!("api.example.com {entry}");
        let error = Allow::parse(&list).unwrap_err();
        let text = error.to_string();
        assert!(
            error.problem.contains(entry) && error.problem.contains(problem),
            "{text}"
        );
        assert!(error.hint.contains(hint), "{text}");
        assert!(text.starts_with("VAJRA_ALLOW: "), "{text}");
        host(&list, "api.example.com", Err(problem));
    }
}

/// The first and the last address of each range that no allow-list can allow.
const NEVER: [(&str, &str); 12] = [
    ("0.0.0.0", "0.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("100.100.100.200", "100.100.100.200"),
    ("168.63.129.16", "168.63.129.16"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("::", "::"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fd00:ec2::", "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fd20:ce::254", "fd20:ce::254"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
];
/// The first and last address of each range that needs an entry of its own in the list, and the range.
const INNER: [(&str, &str, &str); 13] = [
    ("127.0.0.0", "127.255.255.255", "127.0.0.0/8"),
    ("10.0.0.0", "10.255.255.255", "10.0.0.0/8"),
    ("172.16.0.0", "172.31.255.255", "172.16.0.0/12"),
    ("192.168.0.0", "192.168.255.255", "192.168.0.0/16"),
    ("100.64.0.0", "100.127.255.255", "100.64.0.0/10"),
    ("192.0.0.0", "192.0.0.255", "192.0.0.0/24"),
    ("198.18.0.0", "198.19.255.255", "198.18.0.0/15"),
    ("::1", "::1", "::1"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::/7"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::/10"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::/48"),
    ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001::/32"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::/16"),
];
/// A list with a host and the widest possible ranges of addresses.
const WIDE: &str = "example.com 0.0.0.0/0 ::/0 0.0.0.0/1 128.0.0.0/1";

#[test]
fn some_addresses_cannot_be_allowed() {
    for (first, last) in NEVER {
        for one in [first, last] {
            address(WIDE, one, Err("cannot allow this address"));
            host(WIDE, one, Err("cannot allow this address"));
        }
    }
    for list in ["example.com", WIDE] {
        for public in [
            "1.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "223.255.255.255",
        ] {
            address(list, public, Ok(()));
        }
        address(list, "2001:db8::1", Ok(()));
        address(list, "2606:4700::1111", Ok(()));
    }
}

#[test]
fn inner_addresses_are_allowed_if_a_list_names_them() {
    for (first, last, block) in INNER {
        for one in [first, last] {
            address("example.com", one, Err("which VAJRA_ALLOW does not name"));
            address(
                "example.com",
                one,
                Err(&format!("add `{one}` or a range within {block}")),
            );
            // A list that allows every address does not allow the machine itself.
            address(WIDE, one, Err("which VAJRA_ALLOW does not name"));
            host(WIDE, one, Err("which VAJRA_ALLOW does not name"));
            address(one, one, Ok(()));
            host(one, one, Ok(()));
            address(block, one, Ok(()));
            host(block, one, Ok(()));
        }
    }
    for (list, inside, outside) in [
        ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("fd12:3456::/32", "fd12:3456::1", "fd12:3457::1"),
    ] {
        address(list, inside, Ok(()));
        address(list, outside, Err("does not name"));
    }
    // No registry has assigned this address.
    address("example.com", "4000::1", Err("not a public address"));
    address("4000::/16", "4000::1", Ok(()));
    // These addresses are exceptions within a block that the list allows.
    address("100.64.0.0/10", "100.100.100.200", Err("cannot allow this address"));
    address("fd00::/8", "fd00:ec2::254", Err("cannot allow this address"));
}

/// Returns IPv6 addresses that embed an IPv4 address, each in a different form.
fn ipv6_forms(address: Ipv4Addr) -> Vec<Ipv6Addr> {
    let [a, b, c, d] = address.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let mut forms = vec![
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 0),
        Ipv6Addr::new(0x2002, high, low, 7, 1, 2, 3, 4),
    ];
    // `::` and `::1` are separate addresses, not IPv4-compatible addresses.
    if address.to_bits() > 1 {
        forms.push(Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low));
    }
    forms
}

#[test]
fn every_ipv6_form_of_an_ipv4_address_is_checked_as_that_address() {
    for one in [
        "169.254.169.254",
        "127.0.0.1",
        "10.0.0.1",
        "255.255.255.255",
        "100.64.0.1",
    ] {
        for form in ipv6_forms(one.parse().unwrap()) {
            address("example.com ::/0", &form.to_string(), Err(&format!("a form of {one}")));
            host("example.com ::/0", &form.to_string(), Err(&format!("a form of {one}")));
        }
    }
    for form in ipv6_forms(Ipv4Addr::new(10, 1, 2, 3)) {
        address("10.1.0.0/16", &form.to_string(), Ok(()));
        host("10.1.0.0/16", &form.to_string(), Ok(()));
    }
    for form in ipv6_forms(Ipv4Addr::new(203, 0, 113, 9)) {
        address("example.com", &form.to_string(), Ok(()));
        host("203.0.113.0/24", &form.to_string(), Ok(()));
        host("203.0.112.0/24", &form.to_string(), Err("does not name it"));
    }
}

fn within(first: IpAddr, last: IpAddr) -> BoxedStrategy<IpAddr> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => (first.to_bits()..=last.to_bits())
            .prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
            .boxed(),
        (IpAddr::V6(first), IpAddr::V6(last)) => (first.to_bits()..=last.to_bits())
            .prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
            .boxed(),
        mixed => panic!("{mixed:?}"),
    }
}

/// Generates any address of these ranges, in any form.
fn in_any_form(ranges: Vec<(&'static str, &'static str)>) -> impl Strategy<Value = IpAddr> {
    let ranges = ranges
        .into_iter()
        .map(|(first, last)| within(first.parse().unwrap(), last.parse().unwrap()));
    let plain = proptest::strategy::Union::new(ranges);
    (plain, any::<prop::sample::Index>()).prop_map(|(address, form)| match address {
        IpAddr::V4(v4) => {
            let forms: Vec<IpAddr> = ipv6_forms(v4).into_iter().map(IpAddr::V6).chain([address]).collect();
            *form.get(&forms)
        }
        v6 => v6,
    })
}

fn refuses(allow: &Allow, address: IpAddr) -> bool {
    allow.address(address).is_err()
        && allow.host(&address.to_string()).is_err()
        && allow.permit("example.com", SocketAddr::new(address, 80)).is_err()
        && allow
            .permit(&address.to_string(), SocketAddr::new(address, 80))
            .is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_list_allows_the_excluded_addresses(
        address in in_any_form(NEVER.to_vec()),
        own in any::<[u8; 4]>(),
        prefix in 0u8..=32,
    ) {
        // Generate any valid range. The range may contain the address or not.
        let first = Ipv4Addr::from_bits(u32::from_be_bytes(own) & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0));
        let list = format!("{WIDE} 10.0.0.0/8 100.64.0.0/10 fd00::/8 {first}/{prefix}");
        prop_assert!(refuses(&Allow::of_function(&list), address), "{list}: {address}");
        prop_assert!(refuses(&Allow::parse(WIDE).unwrap(), address), "{address}");
    }

    #[test]
    fn no_list_allows_inner_addresses_that_it_does_not_name(
        address in in_any_form(INNER.iter().map(|(first, last, _)| (*first, *last)).collect()),
    ) {
        for list in ["example.com", WIDE, "example.com 8.0.0.0/6 f000::/4 172.0.0.0/8"] {
            prop_assert!(refuses(&Allow::parse(list).unwrap(), address), "{list}: {address}");
        }
    }

    #[test]
    fn every_parse_error_has_a_problem_and_a_hint(text in "[ -~\u{e0}-\u{fff}]{0,40}") {
        if let Err(error) = Allow::parse(&text) {
            prop_assert!(!error.problem.is_empty() && !error.hint.is_empty());
        }
    }
}

#[test]
fn a_connection_is_permitted_only_if_host_and_address_are_allowed() {
    let allow = Allow::parse("example.com 10.0.0.1").unwrap();
    let permit = |host: &str, address: &str| allow.permit(host, address.parse().unwrap()).map(drop);
    check("", permit("example.com", "192.0.2.1:80"), Ok(()));
    check("", permit("example.com", "10.0.0.1:80"), Ok(()));
    check(
        "",
        permit("example.com", "10.0.0.2:80"),
        Err("10.0.0.2 is a private address"),
    );
    check(
        "",
        permit("other.example", "10.0.0.1:80"),
        Err("other.example is not an allowed target"),
    );
    check("", permit("10.0.0.1", "10.0.0.1:80"), Ok(()));
    let everything = Allow::everything();
    assert_eq!(everything.host("169.254.169.254"), Ok(()));
    assert!(everything.permit("x", "169.254.169.254:80".parse().unwrap()).is_ok());
}
