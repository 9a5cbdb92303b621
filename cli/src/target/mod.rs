//! `target`: a test server for load tests.
//!
//! The server listens on loopback only. The server causes the faults that its [`Script`] and the requested path ask
//! for, and counts requests and answers. Invariant: each complete request is counted once, and an answer is counted
//! only when all of its bytes have been passed to the connection. So the numbers of a load generator can be compared
//! exactly with these counts.

mod activity;
mod counts;
mod listen;
mod payload;
mod raw;
mod route;
mod server;
#[cfg(test)]
mod tests;

use anyhow::Context as _;
use listen::ListenAddress;
use plan::target_script::Script;
use server::{Arrivals, Settings, serve};
use std::io::Write as _;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

const EXAMPLES: &str = "\
Examples:
  vajra-cloud target
  vajra-cloud target --listen 127.0.0.1:0 --script \"latency 1ms..9ms, errors 1%\" --idle-exit 30s
  vajra-cloud target --script \"latency 5ms, stall 1s every 5s\" --record-arrivals

Paths with special answers:
  /status/404  /delay/20ms  /bytes/1000  /chunked/1000  /echo  /redirect/3  /close
  /fault/reset  /fault/hang  /fault/garbage  /fault/endless  /fault/truncated
Counters: GET /_target/counts, GET /_target/arrivals, GET /_target/answers, POST /_target/reset";

/// Serve HTTP on loopback for trying out load tests, with faults on request
#[derive(clap::Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct TargetArgs {
    /// The loopback address and port to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: ListenAddress,

    /// The behaviour of answers: `latency 5ms` or `latency 1ms..9ms`, `errors 1%`, `stall 1s every 5s`, `body 100`;
    /// separated by commas
    #[arg(long, default_value = "", hide_default_value = true)]
    script: Script,

    /// End when no request has been in progress for this long
    #[arg(long, value_name = "DURATION", value_parser = idle_exit)]
    idle_exit: Option<Duration>,

    /// Record the arrival and answer times of the first 2,000,000 requests
    #[arg(long)]
    record_arrivals: bool,
}

fn idle_exit(text: &str) -> Result<Duration, String> {
    match plan::span::parse(text)? {
        Duration::ZERO => Err("it would end at once; write a duration such as `30s`".to_owned()),
        length => Ok(length),
    }
}

/// Serves until the process receives SIGINT or SIGTERM, or until the server has been idle for `--idle-exit`.
///
/// # Errors
/// Fails if the server cannot listen on the address, or if stdout is closed.
pub async fn run(args: TargetArgs) -> anyhow::Result<()> {
    // The signal handlers are set before the line is printed. A process that waits for this line may send a signal as
    // soon as it reads the line.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;

    let listener = args
        .listen
        .bind()
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("cannot find the port of the listener")?;
    announce(&format!("listening on http://{address}")).context("cannot print the address")?;

    let settings = Settings {
        script: args.script,
        idle_exit: args.idle_exit,
        arrivals: if args.record_arrivals {
            Arrivals::Recorded
        } else {
            Arrivals::Counted
        },
    };
    tokio::select! {
        () = serve(listener, settings) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Prints the only line on stdout. A parent process reads the port from this line.
fn announce(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
