//! The authority of a URL: scheme, host and port. The check of a scenario and the workers use the same parser, so both
//! accept the same URLs.

use url::Host;

/// The server that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Whether the scheme of the URL is https.
    pub secure: bool,
    /// The host: a name in ASCII, or an IP address without brackets.
    pub host: String,
    pub port: u16,
}

/// The maximum length of a DNS name, and the maximum length of one label of the name (RFC 1035, 2.3.4).
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

const WANTED: &str = "write one like `https://shop.example.com/path`";

impl Authority {
    /// Parses the authority of an http or https URL. Returns the authority, and the text after the authority: path and
    /// query. A non-ASCII name is converted to its ASCII form (IDNA).
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn read(url: &str) -> Result<(Authority, &str), String> {
        let secure = match url.split_once("://") {
            Some(("http", _)) => false,
            Some(("https", _)) => true,
            _ => return Err(format!("`{url}` is not an http or https URL; {WANTED}")),
        };
        let begin = if secure { "https://".len() } else { "http://".len() };
        let end = begin + end(&url[begin..]).unwrap_or(url.len() - begin);
        let authority = &url[begin..end];
        if authority.is_empty() {
            return Err(format!("`{url}` has no host; {WANTED}"));
        }
        if authority.contains('@') {
            return Err(
                "a URL must not contain a user name or password; write an `Authorization` header, such as `Basic {{ \
                 \"NAME:\" secret \"ssm:/name\" base64 }}`"
                    .to_owned(),
            );
        }
        let no_host = |why: &str| format!("`{authority}` is not a host: {why}; {WANTED}");
        if authority.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(no_host("it has a space or control character"));
        }
        let read = url::Url::parse(&url[..end]).map_err(|why| no_host(&why.to_string()))?;
        let host = match read.host() {
            Some(Host::Domain(name)) if is_name(name) => name.to_owned(),
            Some(Host::Domain(_)) => {
                return Err(no_host(
                    "its labels must have 1 to 63 characters, and the whole name at most 253",
                ));
            }
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(format!("`{url}` has no host; {WANTED}")),
        };
        let port = read.port_or_known_default().unwrap_or(0);
        Ok((Authority { secure, host, port }, &url[end..]))
    }

    /// Returns the host as the header `Host` contains it. The port is included unless it is the default port of the
    /// scheme.
    pub fn host_name(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        let own = if self.secure { 443 } else { 80 };
        match self.port == own {
            true => host,
            false => format!("{host}:{}", self.port),
        }
    }

    /// Returns the URL of the server, without a path. The port is omitted if it is the default port of the scheme.
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host_name())
    }
}

/// Returns the position in `text` at which the authority ends; `None` if neither a path, nor a query, nor a fragment
/// follows the authority.
pub(crate) fn end(text: &str) -> Option<usize> {
    text.find(['/', '?', '#', '\\'])
}

fn is_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= NAME_MAX && name.split('.').all(|label| (1..=LABEL_MAX).contains(&label.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, origin: &str, host: &str, rest: &str) {
        let (authority, after) = Authority::read(url).unwrap_or_else(|fault| panic!("{url}: {fault}"));
        assert_eq!((authority.origin().as_str(), after), (origin, rest), "{url}");
        assert_eq!(authority.host, host);
        // Parsing the origin gives the same authority.
        assert_eq!(Authority::read(&authority.origin()), Ok((authority, "")));
    }

    fn refused(url: &str, part: &str) {
        let fault = Authority::read(url).expect_err(url);
        assert!(fault.contains(part), "{url}: {fault}");
    }

    #[test]
    fn host_and_port_are_parsed_and_the_rest_is_unchanged() {
        check("http://shop.example/x?y", "http://shop.example", "shop.example", "/x?y");
        check("http://shop.example:80?y", "http://shop.example", "shop.example", "?y");
        check("https://shop.example:443", "https://shop.example", "shop.example", "");
        check(
            "https://shop.example:80/",
            "https://shop.example:80",
            "shop.example",
            "/",
        );
        check(
            "http://Shop.Example./a/../b%20#c",
            "http://shop.example.",
            "shop.example.",
            "/a/../b%20#c",
        );
        check("http://[::1]:8080/", "http://[::1]:8080", "::1", "/");
        check("http://127.0.0.1:9/", "http://127.0.0.1:9", "127.0.0.1", "/");
    }

    #[test]
    fn non_ascii_names_are_converted_to_ascii() {
        let host = "xn--bcher-kva.example";
        for url in [
            "http://bücher.example/x",
            "http://BÜCHER.example/x",
            "http://b%C3%BCcher.example/x",
        ] {
            check(url, &format!("http://{host}"), host, "/x");
        }
    }

    #[test]
    fn urls_without_a_valid_host_are_rejected() {
        refused("http:///x", "has no host");
        refused("http://", "has no host");
        refused("http://:80/", "is not a host");
        refused("http://?x", "has no host");
        refused("ftp://a.example", "not an http or https URL");
        refused("a.example", "not an http or https URL");
        refused("http://me@a.example/", "user name or password");
        refused("http://me:pw@a.example/", "write an `Authorization` header");
        refused("http://a..example/", "labels must have 1 to 63");
        refused(
            &format!("http://{}.example/", "a".repeat(64)),
            "labels must have 1 to 63",
        );
        refused(&format!("http://{}example/", "abcdefg.".repeat(32)), "at most 253");
        refused("http://a.example:99999/", "is not a host");
        refused("http://a b.example/", "space or control");
        refused("http://a\tb.example/", "space or control");
        refused("http://a%00b.example/", "is not a host");
        refused("http://256.1.1.1/", "is not a host");
        refused("http://[::1/", "is not a host");
    }
}
