//! The command `store serve`: serves a folder as a store in S3.

use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::reachable::{outward, reachable};
use ::worker::descriptors;
use ::worker::log::Log;
use ::worker::signals::Signals;
use anyhow::Context;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use store::plain_file;
use store_server::{Bucket, CONNECTIONS_MAX, Credentials, LOG, Server, ServerError, Settings, Tls};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The environment variables with one access key and its secret.
const ACCESS_KEY: &str = "VAJRA_STORE_ACCESS_KEY";
const SECRET_KEY: &str = "VAJRA_STORE_SECRET_KEY";
/// The maximum size of a file with access keys.
const CREDENTIALS_BYTES_MAX: u64 = 1 << 20;
/// The number of descriptors for files of the folder, in addition to the connections.
const DESCRIPTORS_OF_FILES: u64 = 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Serve a folder as a bucket with create-only writes and signed requests, until a signal arrives
    #[command(
        after_help = "Example:\n  vajra-cloud store serve runs-store --credentials keys.txt\n\nThe first line of the output is the value of --store for commands and workers. They use one of the\naccess keys as AWS_ACCESS_KEY_ID, and its secret as AWS_SECRET_ACCESS_KEY.\n\nEnvironment:\n  VAJRA_STORE_ACCESS_KEY  one access key with full access, in place of --credentials\n  VAJRA_STORE_SECRET_KEY  its secret, of at least 16 characters"
    )]
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder; it is created if it does not exist
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The address to listen on; without a certificate, only an address of this machine
    #[arg(long, default_value = "127.0.0.1:9000", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The name of the bucket
    #[arg(long, default_value = "vajra", value_name = "NAME")]
    pub bucket: Bucket,
    /// A file with an access key and its secret in each line, and `read-only` after the keys that may only read
    /// [default: the access key in the environment]
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// The certificate of the server and those of its issuers, in PEM
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Write a line to stderr when a request is denied or the folder fails, as `text` or `json`; with `:debug`, for
    /// every request
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<Log>,
}

pub(crate) async fn run(verb: StoreVerb, printer: &Printer) -> anyhow::Result<Exit> {
    let StoreVerb::Serve(args) = verb;
    // The handlers are set before the location is printed, because a process that waits for the location may send a
    // signal immediately afterwards.
    let mut signals = Signals::listen().context("signals cannot be handled")?;
    if let Some(log) = args.log {
        log.start_for(&[LOG], std::io::stderr);
    }
    let tls = args.tls_cert.zip(args.tls_key);
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    if tls.is_none() && !args.listen.ip().to_canonical().is_loopback() {
        let problem = format!(
            "--listen {}: without a certificate, other machines cannot connect",
            args.listen
        );
        return Err(Stated::usage(problem, "give --tls-cert and --tls-key, or listen on 127.0.0.1").into());
    }
    if let Some(path) = args.credentials.as_deref().filter(|path| is_public(path)) {
        let shown = path.display();
        printer.say(&format!(
            "other users of this machine can read {shown}; run `chmod 600 {shown}`"
        ));
    }
    let settings = Settings {
        credentials: credentials(args.credentials.as_deref())?,
        folder: args.folder,
        bucket: args.bucket.clone(),
        tls,
    };
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let server = Server::open(settings).map_err(explain)?;
    // With fewer descriptors, connections wait until they are accepted.
    let _ = descriptors::raise(CONNECTIONS_MAX as u64 + DESCRIPTORS_OF_FILES);
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("cannot find the port of the listener")?;
    let address = reachable(address, outward);
    printer.result(&format!(
        "s3://{}?endpoint={scheme}://{address}&region=us-east-1&path_style=true\n",
        args.bucket
    ))?;
    printer.note("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key of this server and its secret");
    let (first, leave) = oneshot::channel::<()>();
    let served = server.serve(listener, async { drop(leave.await) });
    let interrupted = async {
        signals.next().await;
        drop(first);
        signals.next().await;
    };
    tokio::select! {
        () = served => Ok(Exit::Passed),
        () = interrupted => Ok(Exit::Interrupted),
    }
}

/// Returns whether other users may read or change a file. A pipe belongs to its two processes.
fn is_public(path: &Path) -> bool {
    let metadata = std::fs::metadata(path);
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o077 != 0)
}

/// Reads the access keys. They are never taken from the command line, because other users of the machine can read it.
fn credentials(file: Option<&Path>) -> Result<Credentials, Stated> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let hint = "write `ACCESS_KEY SECRET` in each line of the file, with secrets of 16 or more characters";
    match (file, variable(ACCESS_KEY), variable(SECRET_KEY)) {
        (Some(path), ..) => {
            let shown = path.display();
            let bytes = plain_file::read_or_pipe(path, CREDENTIALS_BYTES_MAX)
                .map_err(|error| Stated::usage(format!("--credentials {shown}: {error}"), hint))?;
            let text = String::from_utf8_lossy(&bytes);
            Credentials::parse(&text).map_err(|fault| Stated::usage(format!("--credentials {shown}: {fault}"), hint))
        }
        (None, Some(access_key), Some(secret)) => {
            Credentials::single(access_key.trim(), secret.trim()).map_err(|fault| {
                Stated::usage(
                    format!("{ACCESS_KEY} and {SECRET_KEY}: {fault}"),
                    "change the variables",
                )
            })
        }
        (None, ..) => {
            let hint = format!("give --credentials FILE, or set {ACCESS_KEY} and {SECRET_KEY}");
            Err(Stated::usage("the server has no access key", hint))
        }
    }
}

fn explain(error: ServerError) -> anyhow::Error {
    match error.hint() {
        Some(hint) => Stated::usage(format!("{:#}", anyhow::Error::from(error)), hint).into(),
        None => error.into(),
    }
}
