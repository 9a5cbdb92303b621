//! The endpoint of a request: scheme, host, port and path.

use crate::index::OriginNumber;
use plan::authority::Authority;

/// An endpoint that receives requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub secure: bool,
    /// A host name, or an address without brackets.
    pub host: String,
    pub port: u16,
    /// The host as in the `host` header. The port is included, unless it is the default port of the scheme.
    pub host_name: String,
    /// The path of the URL, without a trailing slash. The path of a request is appended to this path.
    pub base: String,
    /// The path of the URL without changes, or `/` if the URL has no path.
    pub path: String,
    /// The number of this endpoint's origin in the engine, once it is assigned.
    pub origin: Option<OriginNumber>,
}

impl Endpoint {
    /// Returns the endpoint of a URL. Returns `None` if the URL is not an `http(s)` URL with a host.
    pub(crate) fn of(url: &str) -> Option<Endpoint> {
        let (authority, rest) = Authority::read(url).ok()?;
        let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        Some(Endpoint {
            host_name: authority.host_name(),
            secure: authority.secure,
            host: authority.host,
            port: authority.port,
            base: path.trim_end_matches('/').to_owned(),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            origin: None,
        })
    }

    /// Returns the endpoint for an invalid URL. No request is sent to this endpoint, because no checked plan has an
    /// invalid URL.
    pub(crate) fn nowhere() -> Endpoint {
        Endpoint {
            secure: false,
            host: String::new(),
            port: 0,
            host_name: String::new(),
            base: String::new(),
            path: "/".to_owned(),
            origin: None,
        }
    }

    /// Returns the path and query of a URL. Adds a slash if the URL has no path, such as `http://host?x`.
    pub(crate) fn path_of(url: &str) -> Option<String> {
        let (_, rest) = Authority::read(url).ok()?;
        let rest = &rest[..rest.find('#').unwrap_or(rest.len())];
        let slash = if rest.starts_with('/') { "" } else { "/" };
        Some(format!("{slash}{rest}"))
    }

    /// Returns the scheme, host and port of this endpoint.
    pub(crate) fn origin_name(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        match self.host.contains(':') {
            true => format!("{scheme}://[{}]:{}", self.host, self.port),
            false => format!("{scheme}://{}:{}", self.host, self.port),
        }
    }

    /// Returns whether this endpoint and `other` have the same origin, so that they can share connections.
    pub(crate) fn same_origin(&self, other: &Endpoint) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(Endpoint::of(url).unwrap().host_name, expected, "{url}");
    }

    #[test]
    fn a_host_name_has_the_port_unless_it_is_the_default() {
        check("http://shop.example/x", "shop.example");
        check("http://shop.example:80/x", "shop.example");
        check("https://shop.example:443", "shop.example");
        check("https://shop.example:80/", "shop.example:80");
        check("http://shop.example:443/", "shop.example:443");
        check("http://[::1]:8080/", "[::1]:8080");
    }
    #[test]
    fn path_and_query_are_sent_as_they_are() {
        for (url, path) in [
            ("http://a", "/"),
            ("http://a?x=1", "/?x=1"),
            ("http://a/b/../%2E?x=/#y", "/b/../%2E?x=/"),
        ] {
            assert_eq!(Endpoint::path_of(url).as_deref(), Some(path), "{url}");
        }
        let endpoint = Endpoint::of("http://a/b/?c").unwrap();
        assert_eq!((endpoint.base.as_str(), endpoint.path.as_str()), ("/b", "/b/"));
        assert_eq!(Endpoint::of("http://me:pw@a/"), None);
        assert_eq!(Endpoint::of("http:///a"), None);
    }

    #[test]
    fn an_origin_is_named_with_its_port() {
        let name = |url: &str| Endpoint::of(url).unwrap().origin_name();
        assert_eq!(name("https://shop.example/x?y=1"), "https://shop.example:443");
        assert_eq!(name("http://[::1]:8080/"), "http://[::1]:8080");
    }
}
