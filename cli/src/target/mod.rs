//! A server to try load tests on: `vajra-cloud target`.
//!
//! It answers on loopback only, misbehaves as its [`Script`] and the asked path say, and counts
//! what it got. The law: every request that came whole is counted once, and an answer is counted
//! only when all of it has been handed to the connection, so that a load generator's own numbers
//! can be held against these exactly.

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

Paths that do something else than answer 200:
  /status/404  /delay/20ms  /bytes/1000  /chunked/1000  /echo  /redirect/3  /close
  /fault/reset  /fault/hang  /fault/garbage  /fault/endless  /fault/truncated
Counts: GET /_target/counts, GET /_target/arrivals, GET /_target/answers, POST /_target/reset";

/// Serve HTTP on loopback to try load tests on, misbehaving as told
#[derive(clap::Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct TargetArgs {
    /// Loopback address and port to answer on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: ListenAddress,

    /// What to do to answers: `latency 5ms` or `latency 1ms..9ms`, `errors 1%`,
    /// `stall 1s every 5s`, `body 100`; separated by commas
    #[arg(long, default_value = "", hide_default_value = true)]
    script: Script,

    /// End when no request has been under way for this long
    #[arg(long, value_name = "DURATION", value_parser = idle_exit)]
    idle_exit: Option<Duration>,

    /// Keep the times at which each of the first 2,000,000 requests arrived and was answered
    #[arg(long)]
    record_arrivals: bool,
}

fn idle_exit(text: &str) -> Result<Duration, String> {
    match plan::span::parse(text)? {
        Duration::ZERO => Err("it would end at once; write a duration such as `30s`".to_owned()),
        length => Ok(length),
    }
}

/// Serves until it is interrupted, told to terminate, or idle for `--idle-exit`.
///
/// # Errors
/// When the address cannot be listened on or standard output is closed.
pub async fn run(args: TargetArgs) -> anyhow::Result<()> {
    // Before the line is printed, so that whoever waits for it may end this process at once.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for an interrupt")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for a termination")?;

    let listener = args
        .listen
        .bind()
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("cannot tell which port was taken")?;
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

/// Prints the only line that standard output gets; a parent process reads the port from it.
fn announce(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
