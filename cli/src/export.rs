//! Converts `--prometheus`, `--prometheus-listen`, `--otlp` and `--export-header` to the options of exporters.
//!
//! Invariant: the values of headers are never printed. Only the option `--otlp env` reads the environment variables of
//! OpenTelemetry. So the environment alone never causes an export.

use crate::printer::{Printer, Stated};
use ::export::endpoint::{self, Otlp};
use ::export::{ExportError, ExportOptions, Exporters};
use clap::Args as ClapArgs;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The receivers of a run's live metrics.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Export")]
pub(crate) struct ExportArgs {
    /// Send live metrics by Prometheus remote write, such as to http://127.0.0.1:9090/api/v1/write
    #[arg(long, value_name = "URL")]
    pub prometheus: Option<String>,
    /// Answer scrapes of Prometheus on this address while the run is followed, such as 127.0.0.1:9464; a port alone
    /// listens on loopback
    #[arg(long, value_name = "ADDRESS", value_parser = listen_address)]
    pub prometheus_listen: Option<SocketAddr>,
    /// Send live metrics by OTLP to grpc://HOST:4317 (grpcs:// with TLS) or http(s)://HOST:4318/v1/metrics; `env` takes
    /// the settings from the variables OTEL_EXPORTER_OTLP_*
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
    /// A header for every receiver, such as 'X-Scope-OrgID: team'; `Name: env:VARIABLE` takes the value from the
    /// environment; may be given again
    #[arg(long, value_name = "NAME: VALUE")]
    pub export_header: Vec<String>,
}

/// Starts the exporters that the options select.
pub(crate) fn start(args: &ExportArgs, printer: &Printer) -> Result<Exporters, Stated> {
    let options = options(args, |name| std::env::var(name).ok())?;
    let exporters = Exporters::start(options).map_err(|error| match &error {
        ExportError::Listen { source, .. } => Stated::usage(format!("{error}: {source}"), error.hint()),
        _ => Stated::usage(&error, error.hint()),
    })?;
    if let Some(address) = exporters.listening() {
        printer.note(&format!("metrics are at http://{address}/metrics"));
    }
    Ok(exporters)
}

/// Ends the exporters, and prints the result of each.
pub(crate) async fn finish(exporters: Exporters, printer: &Printer) {
    if let Some(waiting) = exporters.waiting() {
        printer.note(&waiting);
    }
    for closing in exporters.finish().await {
        match closing.whole {
            true => printer.note(&closing.line),
            false => printer.say(&format!("caution: {}", closing.line)),
        }
    }
}

fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix(':').unwrap_or(text).parse::<u16>();
    match port {
        Ok(port) => Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        Err(_) => text
            .parse()
            .map_err(|_| "write an address and a port, such as 127.0.0.1:9464, or a port".to_owned()),
    }
}

fn options(args: &ExportArgs, variable: impl Fn(&str) -> Option<String>) -> Result<ExportOptions, Stated> {
    let refused = |flag: &str, error: ExportError| Stated::usage(format!("{flag} {error}"), error.hint());
    let mut options = ExportOptions {
        scrape: args.prometheus_listen,
        ..ExportOptions::default()
    };
    if let Some(url) = &args.prometheus {
        options.remote_write = Some(endpoint::remote_write(url).map_err(|error| refused("--prometheus", error))?);
    }
    match args.otlp.as_deref() {
        Some("env") => (options.otlp, options.otlp_headers) = from_variables(&variable)?,
        Some(url) => options.otlp = Some(endpoint::otlp(url).map_err(|error| refused("--otlp", error))?),
        None => {}
    }
    let receivers = [options.remote_write.is_some(), options.otlp.is_some()];
    if let Some(header) = args.export_header.first().filter(|_| receivers == [false, false]) {
        let name = header.split(':').next().unwrap_or_default();
        return Err(Stated::usage(
            format!("--export-header {name} has no receiver"),
            "add --prometheus or --otlp; responses to scrapes do not carry the header",
        ));
    }
    for header in &args.export_header {
        let (name, value) = header_of(header, &variable)?;
        options.headers.append(name, value);
    }
    Ok(options)
}

/// Parses a header of the form `Name: value` or `Name: env:VARIABLE`.
fn header_of(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<(HeaderName, HeaderValue), Stated> {
    const HINT: &str = "write --export-header 'Name: value', or 'Name: env:VARIABLE' with the value in the environment";
    // The error does not contain the text, because the text may be a secret value.
    let Some((name, value)) = text.split_once(':') else {
        return Err(Stated::usage("--export-header has no colon", HINT));
    };
    let value = value.trim();
    let value = match value.strip_prefix("env:") {
        None => value.to_owned(),
        Some(from) => variable(from).ok_or_else(|| {
            Stated::usage(
                format!("--export-header {name}: the variable {from} is not set"),
                format!("export {from} first"),
            )
        })?,
    };
    header(name, &value).map_err(|problem| Stated::usage(format!("--export-header {name}: {problem}"), HINT))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = name.trim().parse().map_err(|_| "the name is not valid")?;
    let mut value = HeaderValue::from_str(value).map_err(|_| "the value is not valid")?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// Reads the receiver and the headers from the environment variables for OpenTelemetry's exporters. Some settings have
/// two variables: one for metrics, and one for all signals. The variable for metrics takes precedence.
///
/// Source: OpenTelemetry, "OpenTelemetry Protocol Exporter", configuration options.
fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<(Option<Otlp>, HeaderMap), Stated> {
    let own = |name: &str| variable(&format!("OTEL_EXPORTER_OTLP_METRICS_{name}")).filter(|value| !value.is_empty());
    let shared = |name: &str| variable(&format!("OTEL_EXPORTER_OTLP_{name}")).filter(|value| !value.is_empty());
    let protocol = own("PROTOCOL").or_else(|| shared("PROTOCOL"));
    let by_grpc = match protocol.as_deref() {
        Some("grpc") => true,
        Some("http/protobuf") | None => false,
        Some(other) => {
            return Err(Stated::usage(
                format!("--otlp env: the protocol {other} is not supported"),
                "set OTEL_EXPORTER_OTLP_PROTOCOL to grpc or http/protobuf",
            ));
        }
    };
    // The variable for metrics contains the complete URL. The variable for all signals contains a base URL, to which a
    // path is appended.
    let url = match (own("ENDPOINT"), shared("ENDPOINT"), by_grpc) {
        (Some(url), ..) | (None, Some(url), true) => url,
        (None, Some(base), false) => format!("{}/v1/metrics", base.trim_end_matches('/')),
        (None, None, _) => {
            return Err(Stated::usage(
                "--otlp env: OTEL_EXPORTER_OTLP_ENDPOINT is not set",
                "set it, or give the URL: --otlp http://127.0.0.1:4318/v1/metrics",
            ));
        }
    };
    let url = match url.split_once("://") {
        Some(("http", rest)) if by_grpc => format!("grpc://{rest}"),
        Some(("https", rest)) if by_grpc => format!("grpcs://{rest}"),
        _ => url,
    };
    let receiver = endpoint::otlp(&url).map_err(|error| Stated::usage(format!("--otlp env: {error}"), error.hint()))?;
    let mut headers = HeaderMap::new();
    let listed = own("HEADERS").or_else(|| shared("HEADERS")).unwrap_or_default();
    for pair in listed.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let refused = |problem: &str| {
            Stated::usage(
                format!("--otlp env: OTEL_EXPORTER_OTLP_HEADERS: {problem}"),
                "write name=value,name=value",
            )
        };
        let (name, value) = pair.split_once('=').ok_or_else(|| refused("a header has no ="))?;
        let (name, value) = header(name, &percent_decode_str(value.trim()).decode_utf8_lossy()).map_err(refused)?;
        headers.append(name, value);
    }
    Ok((Some(receiver), headers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn given(args: &ExportArgs, variables: &[(&str, &str)]) -> Result<ExportOptions, Stated> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        options(args, |name| variables.get(name).map(|value| (*value).to_owned()))
    }

    fn refused(args: &ExportArgs, variables: &[(&str, &str)], words: &[&str]) {
        let text = given(args, variables).unwrap_err().text;
        for word in words {
            assert!(text.contains(word), "no `{word}` in {text}");
        }
        assert!(!text.contains("hidden"), "{text}");
    }

    fn otlp(url: &str) -> ExportArgs {
        ExportArgs {
            otlp: Some(url.to_owned()),
            ..ExportArgs::default()
        }
    }

    #[test]
    fn headers_are_read_from_the_option_or_the_environment_and_never_printed() {
        let mut args = otlp("http://h:4318");
        args.export_header = vec!["X-Scope-OrgID: team".to_owned(), "authorization: env:TOKEN".to_owned()];
        let options = given(&args, &[("TOKEN", "Bearer hidden")]).unwrap();
        assert_eq!(options.headers["x-scope-orgid"], "team");
        assert_eq!(options.headers["authorization"], "Bearer hidden");
        assert!(!format!("{options:?}").contains("hidden"), "{options:?}");
        refused(&args, &[], &["the variable TOKEN is not set", "hint: export TOKEN"]);
        args.export_header = vec!["hidden".to_owned()];
        refused(&args, &[], &["has no colon"]);
        args.export_header = vec!["not a name: hidden".to_owned()];
        refused(&args, &[], &["the name is not valid"]);
        args.export_header = vec!["name: hidden\nhidden".to_owned()];
        refused(&args, &[], &["the value is not valid"]);
        args.otlp = None;
        args.export_header = vec!["name: hidden".to_owned()];
        refused(&args, &[], &["has no receiver", "--prometheus"]);
    }

    #[test]
    fn variables_of_opentelemetry_are_read_for_otlp_env_only() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318/");
        let chosen = |variables: &[(&str, &str)]| given(&otlp("env"), variables).unwrap();
        let http = |url: &str| Some(Otlp::Http(url.parse().unwrap()));
        assert_eq!(chosen(&[endpoint]).otlp, http("http://h:4318/v1/metrics"));
        let own = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://m/x");
        assert_eq!(chosen(&[endpoint, own]).otlp, http("https://m/x"));
        let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        assert_eq!(
            chosen(&[endpoint, grpc]).otlp,
            Some(Otlp::Grpc("http://h:4318/".parse().unwrap()))
        );
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%2Cb, x=100%, y=%+1%c3%a9");
        let options = chosen(&[endpoint, headers]);
        assert_eq!(options.otlp_headers["api-key"], "a,b");
        assert_eq!(options.otlp_headers["x"], "100%");
        assert_eq!(options.otlp_headers["y"].as_bytes(), "%+1é".as_bytes());
        assert!(options.headers.is_empty());
        refused(&otlp("env"), &[], &["OTEL_EXPORTER_OTLP_ENDPOINT is not set"]);
        refused(
            &otlp("env"),
            &[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")],
            &["http/json"],
        );
        refused(
            &otlp("env"),
            &[endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", "hidden")],
            &["has no ="],
        );
        // Without `--otlp env`, the environment variables are ignored.
        assert_eq!(given(&ExportArgs::default(), &[endpoint]).unwrap().otlp, None);
    }

    #[test]
    fn a_port_without_an_address_listens_on_loopback() {
        let local = |text| listen_address(text).unwrap().to_string();
        assert_eq!(local("9464"), "127.0.0.1:9464");
        assert_eq!(local(":0"), "127.0.0.1:0");
        assert_eq!(local("0.0.0.0:9464"), "0.0.0.0:9464");
        assert!(listen_address("here").is_err());
    }
}
