//! The cookies of one arrival or user (RFC 6265).
//!
//! A cookie is kept until its arrival ends. With `session: kept`, a cookie is kept until its user ends. Expiry dates
//! are not compared exactly. A cookie is deleted if its `Max-Age` is not positive or its `Expires` is in a past year.
//! All other cookies count as valid until the arrival or the user ends. The module `vectors` compares the jar with a
//! public test suite, and lists the intended differences.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

/// The maximum number of cookies of an arrival. The next constant is the maximum length of a cookie. Each maximum is
/// the minimum that browsers must support (RFC 6265, 6.1). Further cookies and longer cookies are dropped.
pub(crate) const COOKIES_MAX: usize = 50;
pub(crate) const COOKIE_BYTES_MAX: usize = 4_096;

/// The cookies of an arrival or a user.
#[derive(Clone, Default)]
pub(crate) struct Jar(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    /// The cookie is sent to this host. Unless `host_only` is true, it is also sent to the hosts below this host.
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
}

impl std::fmt::Debug for Jar {
    /// Shows only the number of cookies, because their values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jar({} cookies)", self.0.len())
    }
}

impl Jar {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of the first cookie with this name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|cookie| cookie.name == name);
        found.map(|cookie| cookie.value.as_str())
    }

    /// Removes every cookie. The allocated memory of the list is kept.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Stores the cookie of a `Set-Cookie` header in the answer from a URL. Ignores a cookie that is malformed, or that
    /// is not meant for the host of the URL.
    pub(crate) fn set(&mut self, from: &Url, header: &[u8]) {
        let Some(host) = from.host_str() else { return };
        let Ok(header) = std::str::from_utf8(header) else {
            return;
        };
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let (name, value) = (name.trim(), value.trim());
        let fits = !name.is_empty() && header.len() <= COOKIE_BYTES_MAX && !header.chars().any(char::is_control);
        if !fits {
            return;
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: host.to_owned(),
            host_only: true,
            path: default_path(from).to_owned(),
            secure: false,
        };
        let (mut expired, mut max_age, mut domain) = (false, None, None);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => {
                    domain = Some(value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase());
                }
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "path" => cookie.path = default_path(from).to_owned(),
                "secure" => cookie.secure = true,
                "max-age" => max_age = value.parse::<i64>().ok().or(max_age),
                "expires" => expired = has_passed(value),
                _ => {}
            }
        }
        // If an attribute is repeated, the last value is used.
        if let Some(domain) = domain.filter(|domain| !domain.is_empty()) {
            // A domain without a dot belongs to a registry, unless the domain is the host itself.
            if !domain_matches(host, &domain) || !domain.contains('.') && domain != host {
                return;
            }
            (cookie.domain, cookie.host_only) = (domain, false);
        }
        let known = self.0.iter().position(|known| {
            (&known.name, &known.domain, &known.path) == (&cookie.name, &cookie.domain, &cookie.path)
        });
        match (known, max_age.map_or(!expired, |seconds| seconds > 0)) {
            // A cookie that is set again keeps its position among the cookies with the same path (RFC 6265, 5.3).
            (Some(known), true) => self.0[known] = cookie,
            (Some(known), false) => drop(self.0.remove(known)),
            (None, true) if self.0.len() < COOKIES_MAX => self.0.push(cookie),
            (None, _) => {}
        }
    }

    /// Returns the `Cookie` header of a request to a URL, if any cookie is sent. The header begins with the cookies
    /// that the scenario sets for this request, without those that an answer has set again. The cookies of the jar
    /// follow.
    pub(crate) fn header(&self, own: Option<&str>, to: &Url) -> Option<String> {
        let host = to.host_str()?;
        let mut sent: Vec<&Cookie> = self
            .0
            .iter()
            .filter(|cookie| match cookie.host_only {
                true => cookie.domain == host,
                false => domain_matches(host, &cookie.domain),
            })
            .filter(|cookie| path_matches(to.path(), &cookie.path))
            .filter(|cookie| !cookie.secure || to.scheme() == "https")
            .collect();
        // Cookies with longer paths are first (RFC 6265, 5.4).
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let own = own.into_iter().flat_map(|own| own.split(';')).map(str::trim);
        let kept = own.filter(|pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name.trim());
            !pair.is_empty() && !sent.iter().any(|cookie| cookie.name == name)
        });
        let pairs = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let all: Vec<String> = kept.map(str::to_owned).chain(pairs).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// Returns whether a host matches a cookie's domain (RFC 6265, 5.1.3).
fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || host.parse::<IpAddr>().is_err()
            && host
                .strip_suffix(domain)
                .is_some_and(|front| front.ends_with('.') && !front.starts_with('['))
}

/// Returns the path of a cookie that has no `Path` attribute (RFC 6265, 5.1.4).
fn default_path(from: &Url) -> &str {
    match from.path().rfind('/') {
        None | Some(0) => "/",
        Some(end) => &from.path()[..end],
    }
}

/// Returns whether a path matches a cookie's path (RFC 6265, 5.1.4).
fn path_matches(path: &str, wanted: &str) -> bool {
    path.strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || wanted.ends_with('/') || rest.starts_with('/'))
}

/// Returns whether the year of a date is over. Servers send such a date to delete a cookie.
fn has_passed(date: &str) -> bool {
    let words = date.split(|c: char| !c.is_ascii_digit());
    let year = words
        .filter(|word| word.len() == 4)
        .find_map(|word| word.parse::<u64>().ok());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    // A year is counted as 366 days. So the end of a year may be detected some weeks late, but never early.
    year.is_some_and(|year| year < 1970 + now / (366 * 86_400))
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, set: &[&str], own: Option<&str>, to: &str, expected: Option<&str>) {
        let mut jar = Jar::default();
        let from = Url::parse(from).unwrap();
        set.iter().for_each(|header| jar.set(&from, header.as_bytes()));
        let header = jar.header(own, &Url::parse(to).unwrap());
        assert_eq!(header.as_deref(), expected, "{set:?} to {to}");
    }

    #[test]
    fn cookies_are_sent_only_to_their_domain_and_path() {
        let shop = "http://shop.example/login/now";
        check(shop, &["a=1"], None, "http://shop.example/login/x", Some("a=1"));
        check(shop, &["a=1"], None, "http://shop.example/", None);
        check(shop, &["a=1; Path=/"], None, "http://shop.example/", Some("a=1"));
        check(shop, &["a=1; Path=/"], None, "http://shop.example:8080/", Some("a=1"));
        check(shop, &["a=1; Path=/"], None, "http://www.shop.example/", None);
        check(shop, &["a=1; Path=/ho"], None, "http://shop.example/home", None);
        let wide = "a=1; path=/; domain=.Shop.Example";
        check(shop, &[wide], None, "http://www.shop.example/", Some("a=1"));
        check(shop, &[wide], None, "http://myshop.example/", None);
        check(shop, &["a=1; Path=/; Domain=other.example"], None, shop, None);
        check(shop, &["a=1; Path=/; Domain=example"], None, shop, None);
        let local = "http://127.0.0.1/";
        check(local, &["a=1; domain=0.0.1"], None, local, None);
        check(
            "http://localhost/",
            &["a=1; domain=localhost"],
            None,
            "http://localhost/",
            Some("a=1"),
        );
        let secure = "a=1; Path=/; Secure; HttpOnly";
        check(shop, &[secure], None, "http://shop.example/", None);
        check(shop, &[secure], None, "https://shop.example/", Some("a=1"));
    }

    #[test]
    fn a_later_cookie_replaces_an_earlier_one_and_may_delete_it() {
        let to = "http://shop.example/";
        check(to, &["a=1", "a=2", "b=3"], None, to, Some("a=2; b=3"));
        check(to, &["a=1", "a=; Max-Age=0"], None, to, None);
        check(
            to,
            &["a=1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
            None,
            to,
            None,
        );
        check(
            to,
            &["a=1; Expires=Wed, 09 Jun 2999 10:18:14 GMT"],
            None,
            to,
            Some("a=1"),
        );
        check(
            to,
            &["a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
            None,
            to,
            Some("a=1"),
        );
        check(to, &["a=1"], Some("a=0; c=4"), to, Some("c=4; a=1"));
        check(to, &[], Some("a=0; c=4"), to, Some("a=0; c=4"));
        check(to, &["a", "=b", "c=\u{1}"], None, to, None);
    }

    #[test]
    fn cookies_are_bounded() {
        let url = Url::parse("http://shop.example/").unwrap();
        let mut jar = Jar::default();
        for number in 0..1_000 {
            jar.set(&url, format!("c{number}=x").as_bytes());
        }
        jar.set(&url, format!("long={}", "x".repeat(COOKIE_BYTES_MAX)).as_bytes());
        assert_eq!(jar.0.len(), COOKIES_MAX);
        assert!(!jar.header(None, &url).unwrap().contains("long"));
    }
}
