//! Tests of the built-in target as a separate process.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;
use whole_runs::machine::{Desk, Process, http, wait_for};

const TIMEOUT: Duration = Duration::from_secs(30);
/// The number of descriptors that the target may open, and the number of these descriptors that it does not use for
/// connections.
const DESCRIPTORS: usize = 96;
const RESERVE: usize = 32;
/// The maximum number of open connections that the target has accepted.
const HELD: usize = DESCRIPTORS - RESERVE;

#[test]
fn connections_above_the_limit_of_the_target_wait_until_others_end() {
    let desk = Desk::new();
    let script = format!("ulimit -n {DESCRIPTORS} && exec \"$0\" \"$@\"");
    let mut limited = desk.under(&["sh", "-c", &script], &["target", "--listen", "127.0.0.1:0"]);
    let mut target = Process(limited.stdout(Stdio::piped()).spawn().unwrap());
    let pid = target.0.id();
    let mut line = String::new();
    BufReader::new(target.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address: SocketAddr = line
        .trim()
        .strip_prefix("listening on http://")
        .unwrap()
        .parse()
        .unwrap();
    let open = || std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let before = open();

    let idle: Vec<TcpStream> = (0..2 * HELD).map(|_| TcpStream::connect(address).unwrap()).collect();
    wait_for("the accepted connections", TIMEOUT, || {
        (open() >= before + HELD).then_some(())
    });
    // The target accepts this connection only after another connection has ended.
    let mut asking = TcpStream::connect(address).unwrap();
    asking.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    write!(asking, "GET /late HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").unwrap();
    let waiting = asking.read(&mut [0]).unwrap_err();
    assert_eq!(waiting.kind(), std::io::ErrorKind::WouldBlock, "{waiting}");
    assert_eq!(open(), before + HELD, "more descriptors are open than the limit");

    drop(idle);
    asking.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut answer = String::new();
    asking.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let counts: Value = serde_json::from_str(&http(address, "GET", "/_target/counts").unwrap()).unwrap();
    assert_eq!(counts["by_path"]["/late"], 1, "{counts}");
    assert_eq!(
        counts["accept_failures"], 0,
        "the target hit the limit of the system: {counts}"
    );
}
