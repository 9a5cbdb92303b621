//! Measures the processor time of requests: the lines `closed`, `tls`, `http2` and `cost` of the table.

use crate::Fallible;
use crate::bench::Bench;
use crate::child::Memory;
use crate::contest::{self, Entry, Figure, Target};
use crate::generator::Generator;
use crate::load::{Load, Pacing, Protocol, Shape};
use crate::measured::Measured;
use crate::nginx::Nginx;
use crate::null_http2::{PlainHttp2, STREAMS};
use crate::null_server::{NullServer, PlainHttp};
use crate::null_tls::{Certificate, SecretHttp};
use crate::table::Goal;
use crate::yardsticks::{self, Yardstick};

/// The number of connections with which the yardsticks perform best.
pub(crate) const CONNECTIONS: u32 = 64;
const HTTP2_CONNECTIONS: u32 = 8;
/// The paced rate in requests per second. The rate is below the limit of the generator, so the line shows the cost of
/// pacing.
const PACED: u64 = 20_000;

const WORK: Figure = Figure {
    of: Measured::per_cpu_second,
    full: true,
};
const COST: Figure = Figure {
    of: Measured::cpu_per_million,
    full: false,
};

/// Runs our builds alternately with a yardstick against a server, and prints the rows.
fn run(
    bench: &Bench,
    target: &Target<'_>,
    yardstick: &Yardstick,
    generators: &[Generator],
    entry: Entry,
) -> Fallible<()> {
    let rows = contest::hold(
        bench.options.rounds,
        target,
        Some(yardstick),
        generators,
        &[entry],
        WORK,
        Memory::Unwatched,
    )?;
    bench.print(&rows);
    Ok(())
}

/// Measures requests per processor second over HTTP/1.1 without pauses.
pub(crate) fn closed(bench: &Bench) -> Fallible<()> {
    let server = NullServer::start(PlainHttp)?;
    let url = format!("http://127.0.0.1:{}", server.port());
    let seconds = bench.options.seconds;
    let entry = Entry {
        what: format!("closed: requests per CPU-second, {CONNECTIONS} users"),
        load: Load::new(&url, Shape::Users(CONNECTIONS), CONNECTIONS, seconds),
        goal: Goal::RatioAtLeast(1.25),
    };
    let target = Target {
        cpu: &|| Ok(server.cpu()),
        seen: Some(&|| server.requests()),
    };
    let wrk = yardsticks::wrk(&url, CONNECTIONS, seconds);
    run(bench, &target, &wrk, &bench.generators, entry)?;
    server.stop()?;
    Ok(())
}

/// Measures requests per processor second over TLS 1.3. One server is nginx, and the other server is a null server,
/// which limits the generators less.
pub(crate) fn tls(bench: &Bench) -> Fallible<()> {
    let certificate = Certificate::new()?;
    let encrypted = |port: u16, server: &str, target: &Target<'_>| -> Fallible<()> {
        let url = format!("https://127.0.0.1:{port}");
        let seconds = bench.options.seconds;
        let entry = Entry {
            what: format!("tls: requests per CPU-second, {CONNECTIONS} users, {server}"),
            load: Load::new(&url, Shape::Users(CONNECTIONS), CONNECTIONS, seconds),
            goal: Goal::RatioAtLeast(1.2),
        };
        let wrk = yardsticks::wrk(&url, CONNECTIONS, seconds);
        run(bench, target, &wrk, &bench.generators[..1], entry)?;
        Ok(())
    };
    match Nginx::start(&certificate)? {
        None => bench.unavailable("tls, nginx", "it is not installed"),
        Some(server) => {
            let target = Target {
                cpu: &|| server.cpu(),
                seen: None,
            };
            encrypted(server.port(), "nginx", &target)?;
        }
    }
    let server = NullServer::start(SecretHttp::new(&certificate)?)?;
    let target = Target {
        cpu: &|| Ok(server.cpu()),
        seen: Some(&|| server.requests()),
    };
    encrypted(server.port(), "null", &target)?;
    server.stop()?;
    Ok(())
}

/// Measures requests per processor second over HTTP/2, with many streams on few connections.
pub(crate) fn http2(bench: &Bench) -> Fallible<()> {
    let server = NullServer::start(PlainHttp2)?;
    let url = format!("http://127.0.0.1:{}", server.port());
    let seconds = bench.options.seconds;
    let users = HTTP2_CONNECTIONS * STREAMS;
    let load = Load {
        protocol: Protocol::Http2,
        ..Load::new(&url, Shape::Users(users), HTTP2_CONNECTIONS, seconds)
    };
    if !bench.takes("http2", &load)? {
        return Ok(());
    }
    let entry = Entry {
        what: format!("http2: requests per CPU-second, {HTTP2_CONNECTIONS} x {STREAMS} streams"),
        load,
        goal: Goal::RatioAtLeast(1.0),
    };
    let target = Target {
        cpu: &|| Ok(server.cpu()),
        seen: Some(&|| server.requests()),
    };
    let h2load = yardsticks::h2load(&url, HTTP2_CONNECTIONS, seconds);
    run(bench, &target, &h2load, &bench.generators[..1], entry)?;
    server.stop()?;
    Ok(())
}

/// Measures processor seconds per million paced requests.
pub(crate) fn cost(bench: &Bench) -> Fallible<()> {
    let server = NullServer::start(PlainHttp)?;
    let url = format!("http://127.0.0.1:{}", server.port());
    let seconds = bench.options.seconds;
    let paced = |pacing| Load {
        pacing,
        ..Load::new(&url, Shape::Rate(PACED), CONNECTIONS, seconds)
    };
    let mut entries = Vec::new();
    for (name, pacing, most) in [("precise", Pacing::Precise, 28.0), ("batched", Pacing::Batched, 8.0)] {
        let load = paced(pacing);
        if bench.takes(&format!("cost, {name}"), &load)? {
            entries.push(Entry {
                what: format!("cost: CPU-seconds per million at 20,000/s, {name}"),
                load,
                goal: Goal::AtMost(most),
            });
        }
    }
    if entries.is_empty() {
        // A version without the key `pacing` has only one kind of pacing, and this kind is measured.
        entries.push(Entry {
            what: "cost: CPU-seconds per million at 20,000/s".to_owned(),
            load: paced(Pacing::Unsaid),
            goal: Goal::AtMost(28.0),
        });
    }
    let target = Target {
        cpu: &|| Ok(server.cpu()),
        seen: Some(&|| server.requests()),
    };
    let h2load = yardsticks::h2load_paced(&url, CONNECTIONS, PACED, seconds);
    let rows = contest::hold(
        bench.options.rounds,
        &target,
        Some(&h2load),
        &bench.generators,
        &entries,
        COST,
        Memory::Unwatched,
    )?;
    bench.print(&rows);
    server.stop()?;
    Ok(())
}
