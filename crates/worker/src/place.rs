//! Where a request goes: scheme, host and port, and what the request says of them.

use hyper::Uri;

/// A place that requests go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub secure: bool,
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
    /// The host as requests name it: with its port, unless that is the scheme's own.
    pub host_name: String,
    /// The path of the URL, without a trailing slash.
    pub base: String,
    /// The engine's number for its origin; [`Place::UNKNOWN`] until it has one.
    pub origin: usize,
}

impl Place {
    pub(crate) const UNKNOWN: usize = usize::MAX;

    /// The place that a URL names; `None` if it is not an `http(s)` URL with a host.
    pub(crate) fn of(url: &str) -> Option<Place> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return None,
        };
        let host = uri.host().filter(|host| !host.is_empty())?;
        let own = if secure { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(own);
        Some(Place {
            secure,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            host_name: match port == own {
                true => host.to_owned(),
                false => format!("{host}:{port}"),
            },
            base: uri.path().trim_end_matches('/').to_owned(),
            origin: Place::UNKNOWN,
        })
    }

    /// The place of a URL that no checked plan has; nothing can be sent there.
    pub(crate) fn nowhere() -> Place {
        Place {
            secure: false,
            host: String::new(),
            port: 0,
            host_name: String::new(),
            base: String::new(),
            origin: Place::UNKNOWN,
        }
    }

    /// Path and query of a URL, with the slash that `http://host?x` lacks.
    pub(crate) fn path_of(url: &str) -> Option<String> {
        let uri: Uri = url.parse().ok()?;
        Some(uri.path_and_query().map_or("/".to_owned(), |path| path.to_string()))
    }

    /// Scheme, host and port.
    pub(crate) fn origin_name(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        match self.host.contains(':') {
            true => format!("{scheme}://[{}]:{}", self.host, self.port),
            false => format!("{scheme}://{}:{}", self.host, self.port),
        }
    }

    /// Whether both lead to the same connections.
    pub(crate) fn same_origin(&self, other: &Place) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(Place::of(url).unwrap().host_name, expected, "{url}");
    }

    #[test]
    fn a_host_is_named_with_its_port_unless_it_is_the_usual_one() {
        check("http://shop.example/x", "shop.example");
        check("http://shop.example:80/x", "shop.example");
        check("https://shop.example:443", "shop.example");
        check("https://shop.example:80/", "shop.example:80");
        check("http://shop.example:443/", "shop.example:443");
        check("http://me:secret@shop.example:8080/", "shop.example:8080");
        check("http://[::1]:8080/", "[::1]:8080");
    }

    #[test]
    fn an_origin_is_named_with_its_port_and_without_its_user() {
        let name = |url: &str| Place::of(url).unwrap().origin_name();
        assert_eq!(name("https://me:secret@shop.example/x?y=1"), "https://shop.example:443");
        assert_eq!(name("http://[::1]:8080/"), "http://[::1]:8080");
    }
}
