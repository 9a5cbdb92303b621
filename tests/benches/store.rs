//! Measures `vajra-cloud store serve` on one processor.
//! Run `taskset -c 1 cargo bench --workspace --profile dev --bench store`.
//!
//! First, 1,000 workers store a snapshot every 5 seconds, each on its own connection. Every snapshot is due at a fixed
//! time, and its latency counts from this time. It fails if the server falls behind. Then 64 connections store
//! snapshots as fast as the server answers.

#![expect(clippy::print_stdout, reason = "the program prints a table")]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use whole_runs::store_server::{ACCESS_KEY, SECRET, StoreServer};

const WORKERS: u32 = 1_000;
const INTERVAL: Duration = Duration::from_secs(5);
const LENGTH: Duration = Duration::from_secs(30);
/// The size of a snapshot of one request name (`LOG_BYTES` and `LOG_NAME_BYTES` in `crates/plan/src/usage/estimate.rs`).
const SNAPSHOT_BYTES: usize = 4_000;
const CLOSED_CONNECTIONS: u32 = 64;
const CLOSED_LENGTH: Duration = Duration::from_secs(10);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A connection of one worker.
struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    body: Arc<Vec<u8>>,
    hash: String,
}

impl Connection {
    async fn open(address: SocketAddr) -> Outcome<Connection> {
        let body: Vec<u8> = (0..SNAPSHOT_BYTES).map(|n| (n % 251) as u8).collect();
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            address,
            hash: hex::encode(digest(&SHA256, &body)),
            body: Arc::new(body),
        })
    }

    /// Stores one object, and waits for the answer.
    async fn put(&mut self, key: &str) -> Outcome<()> {
        let now = OffsetDateTime::now_utc();
        let day = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
        let date = format!("{day}T{:02}{:02}{:02}Z", now.hour(), now.minute(), now.second());
        let (host, hash) = (self.address, &self.hash);
        let signed = "host;x-amz-content-sha256;x-amz-date";
        let headers = format!("host:{host}\nx-amz-content-sha256:{hash}\nx-amz-date:{date}\n");
        let canonical = format!("PUT\n/vajra/{key}\n\n{headers}\n{signed}\n{hash}");
        let scope = format!("{day}/us-east-1/s3/aws4_request");
        let canonical = hex::encode(digest(&SHA256, canonical.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
        let first = Key::new(HMAC_SHA256, format!("AWS4{SECRET}").as_bytes());
        let signing = scope.split('/').fold(first, |key, part| {
            Key::new(HMAC_SHA256, sign(&key, part.as_bytes()).as_ref())
        });
        let signature = hex::encode(sign(&signing, text.as_bytes()));
        let mut request = format!(
            "PUT /vajra/{key} HTTP/1.1\r\n{}authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, \
             SignedHeaders={signed}, Signature={signature}\r\ncontent-length: {SNAPSHOT_BYTES}\r\n\r\n",
            headers.replace('\n', "\r\n")
        )
        .into_bytes();
        request.extend_from_slice(&self.body);
        self.stream.write_all(&request).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if self.stream.read_buf(&mut answer).await? == 0 {
                return Err("the server has closed the connection".into());
            }
        }
        match answer.starts_with(b"HTTP/1.1 200 ") {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&answer).into_owned().into()),
        }
    }
}

/// Stores the snapshots of one worker at their due times. Returns the latency of each snapshot.
async fn worker(address: SocketAddr, number: u32, began: Instant) -> Outcome<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    for snapshot in 0.. {
        let due = began + INTERVAL * snapshot + INTERVAL * number / WORKERS;
        if due >= began + LENGTH {
            break;
        }
        sleep_until(due).await;
        connection
            .put(&format!("runs/r/shards/{number:05}/00000/live/{snapshot:05}"))
            .await?;
        latencies.push(due.elapsed());
    }
    Ok(latencies)
}

/// Stores snapshots one after the other.
async fn closed(address: SocketAddr, number: u32, end: Instant) -> Outcome<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let sent = Instant::now();
        connection
            .put(&format!("runs/closed/{number:05}/{:05}", latencies.len()))
            .await?;
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}

/// Returns the latencies of all tasks, sorted.
async fn all(mut tasks: JoinSet<Outcome<Vec<Duration>>>) -> Outcome<Vec<Duration>> {
    let mut latencies = Vec::new();
    while let Some(task) = tasks.join_next().await {
        latencies.extend(task??);
    }
    latencies.sort_unstable();
    Ok(latencies)
}

/// Returns the processor time of a process so far.
fn processor_time(pid: u32) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .flat_map(str::parse)
        .collect();
    // Linux reports 100 ticks per second to programs.
    Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

fn line(name: &str, latencies: &[Duration], length: Duration, busy: Duration) {
    let last = latencies.len().saturating_sub(1);
    let ms = |quantile: f64| latencies[(last as f64 * quantile) as usize].as_secs_f64() * 1e3;
    println!(
        "| {name} | {:.0}/s | {:.1} ms | {:.1} ms | {:.1} ms | {:.0}% |",
        latencies.len() as f64 / length.as_secs_f64(),
        ms(0.5),
        ms(0.99),
        ms(1.0),
        100.0 * busy.as_secs_f64() / length.as_secs_f64()
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let options = ["--listen", "127.0.0.1:0"];
    let server = StoreServer::start_by(&["taskset", "-c", "0"], folder.path(), &options);
    let address: SocketAddr = server.endpoint.trim_start_matches("http://").parse()?;
    println!("| | writes | p50 | p99 | max | server's processor |\n| --- | --- | --- | --- | --- | --- |");

    let before = processor_time(server.pid())?;
    let began = Instant::now() + Duration::from_secs(1);
    let mut tasks = JoinSet::new();
    (0..WORKERS).for_each(|number| drop(tasks.spawn(worker(address, number, began))));
    let latencies = all(tasks).await?;
    let took = began.elapsed();
    line(
        "1,000 workers, each 5 s",
        &latencies,
        took,
        processor_time(server.pid())? - before,
    );
    let planned = u64::from(WORKERS) * LENGTH.as_secs() / INTERVAL.as_secs();
    let keeps_up = latencies.len() as u64 == planned && took < LENGTH + Duration::from_secs(1);

    let before = processor_time(server.pid())?;
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    (0..CLOSED_CONNECTIONS).for_each(|number| drop(tasks.spawn(closed(address, number, began + CLOSED_LENGTH))));
    let latencies = all(tasks).await?;
    line(
        "64 connections, closed loop",
        &latencies,
        began.elapsed(),
        processor_time(server.pid())? - before,
    );
    match keeps_up {
        true => Ok(()),
        false => Err("the server fell behind 1,000 workers".into()),
    }
}
