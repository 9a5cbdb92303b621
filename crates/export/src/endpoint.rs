//! Parses the URLs of receivers before a run starts.
//!
//! The receiver is not contacted, because a receiver that is not running must not prevent a run from starting. A URL
//! with credentials is rejected, because the program prints URLs.

use super::ExportError;
use hyper::Uri;
use hyper::http::uri::{PathAndQuery, Scheme};

/// The path for metrics in OTLP over HTTP (OTLP specification, section "OTLP/HTTP request").
const HTTP_PATH: &str = "/v1/metrics";

/// The address of a receiver of OTLP, with the protocol of the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Otlp {
    /// Protobuf over HTTP. The whole URL is used, including the path.
    Http(Uri),
    /// gRPC. Only the origin of the URL is used.
    Grpc(Uri),
}

/// Parses the URL of a receiver of remote write, such as `http://127.0.0.1:9090/api/v1/write`.
///
/// # Errors
/// Fails if the text is not a URL, or the URL cannot belong to a receiver of remote write.
pub fn remote_write(text: &str) -> Result<Uri, ExportError> {
    const HINT: &str = "write the whole URL, such as http://127.0.0.1:9090/api/v1/write";
    let uri = read(text, HINT)?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.path() == "/" => Err(refused(
            text,
            "it has no path, but receivers of remote write have one",
            HINT,
        )),
        Some("http" | "https") => Ok(uri),
        _ => Err(refused(text, "it is neither http:// nor https://", HINT)),
    }
}

/// Parses the URL of a receiver of OTLP: `grpc://HOST:PORT`, `grpcs://HOST:PORT` with TLS,
/// `http://HOST:PORT/v1/metrics`, or `https://HOST:PORT/v1/metrics`. If the path of an HTTP URL is missing, the path
/// `/v1/metrics` is added.
///
/// # Errors
/// Fails if the text is not a URL, or the URL cannot belong to a receiver of OTLP.
pub fn otlp(text: &str) -> Result<Otlp, ExportError> {
    const HINT: &str = "write grpc://127.0.0.1:4317 (grpcs:// with TLS) or http://127.0.0.1:4318/v1/metrics";
    let uri = read(text, HINT)?;
    let pathless = uri.path() == "/" && uri.query().is_none();
    match uri.scheme_str() {
        Some("http" | "https") if pathless => Ok(Otlp::Http(with(uri, None, HTTP_PATH))),
        Some("http" | "https") => Ok(Otlp::Http(uri)),
        Some("grpc") if pathless => Ok(Otlp::Grpc(with(uri, Some(Scheme::HTTP), "/"))),
        Some("grpcs") if pathless => Ok(Otlp::Grpc(with(uri, Some(Scheme::HTTPS), "/"))),
        Some("grpc" | "grpcs") => Err(refused(text, "a gRPC receiver has no path", HINT)),
        _ => Err(refused(
            text,
            "it is none of grpc://, grpcs://, http:// and https://",
            HINT,
        )),
    }
}

/// Returns a URL without its query, because the query may contain a secret key.
pub fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", uri.path())
}

fn read(text: &str, hint: &str) -> Result<Uri, ExportError> {
    let uri: Uri = text
        .parse()
        .map_err(|error: hyper::http::uri::InvalidUri| refused(text, &error.to_string(), hint))?;
    let Some(authority) = uri.authority().filter(|_| uri.scheme().is_some()) else {
        return Err(refused(text, "it has no scheme or no host", hint));
    };
    if authority.as_str().contains('@') {
        return Err(refused(
            text,
            "it has credentials in it, but URLs are printed",
            "pass them as a header: --export-header 'Authorization: env:NAME'",
        ));
    }
    Ok(uri)
}

fn with(uri: Uri, scheme: Option<Scheme>, path: &'static str) -> Uri {
    let mut parts = uri.into_parts();
    parts.scheme = scheme.or(parts.scheme);
    parts.path_and_query = Some(PathAndQuery::from_static(path));
    Uri::from_parts(parts).unwrap_or_else(|_| unreachable!("it had a scheme and a host"))
}

fn refused(text: &str, problem: &str, hint: &str) -> ExportError {
    // The error must contain neither the credentials before the `@` nor the query.
    let plain = text.split('?').next().unwrap_or_default();
    let url = plain
        .rsplit_once('@')
        .map_or(plain.to_owned(), |(_, rest)| format!("…@{rest}"));
    ExportError::Url {
        url,
        problem: problem.to_owned(),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_receivers_are_parsed() {
        let http = |url: &str| Otlp::Http(url.parse().unwrap());
        let grpc = |url: &str| Otlp::Grpc(url.parse().unwrap());
        assert_eq!(otlp("http://h:4318").unwrap(), http("http://h:4318/v1/metrics"));
        assert_eq!(otlp("https://h/v1/metrics").unwrap(), http("https://h/v1/metrics"));
        assert_eq!(
            otlp("https://h/otlp/v1/metrics?a=b").unwrap(),
            http("https://h/otlp/v1/metrics?a=b")
        );
        assert_eq!(otlp("grpc://h:4317").unwrap(), grpc("http://h:4317/"));
        assert_eq!(otlp("grpcs://h:4317/").unwrap(), grpc("https://h:4317/"));
        let url = "http://127.0.0.1:9090/api/v1/write";
        assert_eq!(remote_write(url).unwrap().to_string(), url);
        assert_eq!(
            shown(&"https://h:1/write?key=hidden".parse().unwrap()),
            "https://h:1/write"
        );
    }

    #[test]
    fn wrong_urls_are_rejected_without_their_secrets() {
        let refused = |error: ExportError, words: &[&str]| {
            let text = format!("{error}\n{}", error.hint());
            words
                .iter()
                .for_each(|word| assert!(text.contains(word), "{word}: {text}"));
            assert!(!text.contains("hidden"), "{text}");
        };
        refused(remote_write("").unwrap_err(), &["empty", "/api/v1/write"]);
        refused(remote_write("localhost:9090").unwrap_err(), &["no scheme"]);
        refused(remote_write("http://h:9090").unwrap_err(), &["no path"]);
        refused(remote_write("ftp://h/write").unwrap_err(), &["neither http://"]);
        refused(
            remote_write("http://user:hidden@h/write?k=hidden").unwrap_err(),
            &["…@h/write", "--export-header"],
        );
        refused(remote_write("http://u:hidden@h:port/w").unwrap_err(), &["…@h:port/w"]);
        refused(otlp("grpc://h:4317/v1/metrics").unwrap_err(), &["has no path"]);
        refused(otlp("h:4317").unwrap_err(), &["no scheme"]);
        refused(otlp("tcp://h:4317").unwrap_err(), &["none of grpc://"]);
    }
}
