//! Accepts connections up to a maximum number.
//!
//! Any client can open connections and leave them idle, so the number of connections is limited. When the maximum is
//! reached, a new connection replaces an open one. A [`Rule`] selects it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// The maximum number of open connections. This number is enough for a few scrapers, and for people who view the
/// dashboard.
pub const CONNECTIONS_MAX: usize = 64;
/// The maximum time for receiving the head of a request.
pub const HEAD_MAX: Duration = Duration::from_secs(30);
/// The pause after a failed attempt to accept a connection.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// How long a new connection may take until its first authorised request. After this time, it is closed first.
const GRACE: Duration = Duration::from_secs(10);

/// Selects the connection that is closed when a listener has no room for a new one.
#[derive(Clone, Copy)]
pub enum Rule<'a> {
    /// The connection whose last request is the oldest. Connections without a request are first. A trusted connection
    /// is never closed, and if all connections are trusted, the new one is closed.
    KeepTrusted,
    /// The connection whose last authorised request, or else whose beginning, is the longest ago. Connections that have
    /// no authorised request after [`GRACE`] are first, and connections with an authorised write are last.
    CloseIdle {
        /// The time since any fixed instant.
        clock: fn() -> Duration,
        /// Called when a connection is closed.
        closed: &'a (dyn Fn() + Sync),
    },
}

impl std::fmt::Debug for Rule<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Rule::KeepTrusted => "KeepTrusted",
            Rule::CloseIdle { .. } => "CloseIdle",
        })
    }
}

impl Rule<'_> {
    /// Returns the index of the connection that is closed. The connections are in the order in which they were accepted.
    fn to_close<'a>(self, visits: impl Iterator<Item = &'a Visit>) -> Option<usize> {
        let visits = visits.enumerate();
        let found = match self {
            Rule::KeepTrusted => visits
                .filter(|(_, visit)| !visit.is_trusted())
                .min_by_key(|(_, visit)| visit.last()),
            Rule::CloseIdle { clock, .. } => {
                let now = clock();
                visits.min_by_key(|(_, visit)| visit.rank(now))
            }
        };
        found.map(|(at, _)| at)
    }
}

/// The listener's record of one connection.
#[derive(Clone, Debug)]
pub struct Visit(Arc<Known>);

#[derive(Debug)]
struct Known {
    /// The number of requests on all connections so far.
    requests: Arc<AtomicU64>,
    /// The value of `requests` at the last request of this connection. 0 before the first request.
    last: AtomicU64,
    trusted: AtomicBool,
    clock: fn() -> Duration,
    /// The time of the last authorised request, or else of the beginning, in nanoseconds.
    since: AtomicU64,
    authorised: AtomicBool,
    leave: watch::Receiver<bool>,
}

impl Visit {
    fn new(requests: Arc<AtomicU64>, clock: fn() -> Duration, leave: watch::Receiver<bool>) -> Visit {
        Visit(Arc::new(Known {
            requests,
            last: AtomicU64::new(0),
            trusted: AtomicBool::new(false),
            clock,
            since: AtomicU64::new(clock().as_nanos() as u64),
            authorised: AtomicBool::new(false),
            leave,
        }))
    }

    /// Records a request. After a `trusted` request, the connection is never closed to make room for another
    /// connection.
    pub fn asks(&self, trusted: bool) {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.last.store(number, Ordering::Relaxed);
        if trusted {
            self.0.trusted.store(true, Ordering::Relaxed);
        }
    }

    /// Records a request that was authorised. With `writes`, the client may also write.
    pub fn asks_authorised(&self, writes: bool) {
        self.asks(writes);
        let now = (self.0.clock)().as_nanos() as u64;
        self.0.since.store(now, Ordering::Relaxed);
        self.0.authorised.store(true, Ordering::Relaxed);
    }

    /// Resolves when the listener ends. The connection must then finish the answer that is in progress, and end.
    pub async fn leaving(&self) {
        let mut leave = self.0.leave.clone();
        // If the listener was dropped, the listener has aborted its connections, so nothing is left to do.
        if leave.wait_for(|leave| *leave).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn last(&self) -> u64 {
        self.0.last.load(Ordering::Relaxed)
    }

    fn is_trusted(&self) -> bool {
        self.0.trusted.load(Ordering::Relaxed)
    }

    /// The rank of a connection: the least is closed first.
    fn rank(&self, now: Duration) -> (u8, u64) {
        let since = self.0.since.load(Ordering::Relaxed);
        let is_old = now.saturating_sub(Duration::from_nanos(since)) > GRACE;
        let class = match self.0.authorised.load(Ordering::Relaxed) {
            false if is_old => 0,
            _ if !self.is_trusted() => 1,
            _ => 2,
        };
        (class, since)
    }
}

/// Serves at most [`CONNECTIONS_MAX`] connections at the same time, as [`serve_up_to`] does.
pub async fn serve<F, C>(listener: TcpListener, leave: impl Future<Output = ()>, connection: F)
where
    F: Fn(TcpStream, Visit) -> C,
    C: Future<Output = ()> + Send + 'static,
{
    serve_up_to(CONNECTIONS_MAX, Rule::KeepTrusted, listener, leave, connection).await;
}

/// Accepts up to `connections_max` concurrent connections until `leave` resolves, and then waits until the connections
/// end. `connection` serves one connection. If the future is dropped, all connections end.
pub async fn serve_up_to<F, C>(
    connections_max: usize,
    rule: Rule<'_>,
    listener: TcpListener,
    leave: impl Future<Output = ()>,
    connection: F,
) where
    F: Fn(TcpStream, Visit) -> C,
    C: Future<Output = ()> + Send + 'static,
{
    let clock = match rule {
        Rule::KeepTrusted => || Duration::ZERO,
        Rule::CloseIdle { clock, .. } => clock,
    };
    let (leaver, leaving) = watch::channel(false);
    let requests = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    let mut open: Vec<(Visit, AbortHandle)> = Vec::new();
    let mut leave = std::pin::pin!(leave);
    loop {
        let accepted = tokio::select! {
            () = &mut leave => break,
            Some(_) = tasks.join_next() => {
                open.retain(|(_, task)| !task.is_finished());
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        // If the connection ended before it was accepted, the next connection can be accepted. If the process has no
        // free descriptors, some descriptors become free after a while.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_REST).await;
            continue;
        };
        while tasks.len() >= connections_max {
            open.retain(|(_, task)| !task.is_finished());
            if open.len() >= connections_max {
                let Some(at) = rule.to_close(open.iter().map(|(visit, _)| visit)) else {
                    break;
                };
                open.remove(at).1.abort();
                if let Rule::CloseIdle { closed, .. } = rule {
                    closed();
                }
            }
            tasks.join_next().await;
        }
        if tasks.len() >= connections_max {
            // All open connections are trusted, so the new connection is closed.
            continue;
        }
        let visit = Visit::new(requests.clone(), clock, leaving.clone());
        let task = tasks.spawn(connection(stream, visit.clone()));
        open.push((visit, task));
    }
    drop(listener);
    leaver.send_replace(true);
    // A connection without a request waits for no answer, so the connection is closed at once.
    open.iter()
        .filter(|(visit, _)| visit.last() == 0)
        .for_each(|(_, task)| task.abort());
    while tasks.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::SocketAddr;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    /// Starts a listener with a test protocol. Each byte is a request. The answer is the number of requests that were
    /// sent so far on the connection. The byte `t` is a trusted request.
    async fn start() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (leave, left) = oneshot::channel::<()>();
        let served = serve(listener, async { drop(left.await) }, |mut stream, visit| async move {
            let (mut byte, mut count) = ([0], 0u8);
            while let Ok(1) = stream.read(&mut byte).await {
                visit.asks(byte == [b't']);
                count += 1;
                if stream.write_all(&[count]).await.is_err() {
                    return;
                }
            }
        });
        (address, leave, tokio::spawn(served))
    }

    /// Connections that began, or had their last authorised request, at these seconds.
    fn rank_order(visits: &[(u64, Option<bool>)], now: u64) -> Vec<usize> {
        let (_leaver, leave) = watch::channel(false);
        let visits: Vec<Visit> = visits
            .iter()
            .map(|(since, access)| {
                let visit = Visit::new(Arc::default(), || Duration::ZERO, leave.clone());
                if let Some(writes) = access {
                    visit.asks_authorised(*writes);
                }
                visit.0.since.store(since * 1_000_000_000, Ordering::Relaxed);
                visit
            })
            .collect();
        let mut order: Vec<usize> = (0..visits.len()).collect();
        order.sort_by_key(|at| visits[*at].rank(Duration::from_secs(now)));
        order
    }

    #[test]
    fn idle_connections_are_closed_before_writers_and_new_ones() {
        let (none, reads, writes) = (None, Some(false), Some(true));
        // At 100 s, the connections of the last 10 s without a request are new.
        let visits = [
            (100, none),
            (50, reads),
            (99, reads),
            (10, writes),
            (98, writes),
            (60, none),
            (95, none),
        ];
        assert_eq!(rank_order(&visits, 100), [5, 1, 6, 2, 0, 3, 4]);
        assert_eq!(
            rank_order(&[(5, writes), (4, writes)], 100),
            [1, 0],
            "no connection is kept for ever"
        );
    }

    fn connect(address: SocketAddr) -> std::net::TcpStream {
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn ask(stream: &mut std::net::TcpStream, byte: u8) -> Option<u8> {
        let mut answer = [0];
        stream.write_all(&[byte]).ok()?;
        stream.read_exact(&mut answer).ok()?;
        Some(answer[0])
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn idle_connections_are_closed_for_new_ones_and_trusted_ones_are_kept() {
        let (address, _leave, _served) = start().await;
        tokio::task::spawn_blocking(move || {
            let mut trusted = connect(address);
            assert_eq!(ask(&mut trusted, b't'), Some(1));
            let mut asking = connect(address);
            assert_eq!(ask(&mut asking, b'x'), Some(1));
            let mut idle: Vec<_> = (0..200).map(|_| connect(address)).collect();
            // When the last connection gets an answer, all earlier connections have been accepted.
            let mut last = connect(address);
            assert_eq!(ask(&mut last, b'x'), Some(1));
            assert_eq!(
                ask(&mut asking, b'x'),
                Some(2),
                "connections without a request are closed first"
            );
            let began = Instant::now();
            let mut byte = [0];
            let closed = |read: std::io::Result<usize>| match read {
                Ok(read) => read == 0,
                Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
            };
            // 64 connections are open: the three connections with a request, and the newest idle connections.
            for stream in &mut idle[..200 - (CONNECTIONS_MAX - 3)] {
                assert!(closed(stream.read(&mut byte)), "an old idle connection is closed");
            }
            assert!(began.elapsed() < Duration::from_secs(5), "without a timeout");
            let mut askers: Vec<_> = (0..CONNECTIONS_MAX)
                .map(|_| {
                    let mut stream = connect(address);
                    assert_eq!(ask(&mut stream, b'x'), Some(1));
                    stream
                })
                .collect();
            assert_eq!(ask(&mut trusted, b't'), Some(2));
            assert_eq!(ask(&mut asking, b'x'), None, "its last request was longest ago");
            assert_eq!(ask(askers.last_mut().unwrap(), b'x'), Some(2));
        })
        .await
        .unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_listener_that_ends_does_not_wait_for_idle_connections() {
        let (address, leave, served) = start().await;
        let idle = tokio::task::spawn_blocking(move || {
            let idle = connect(address);
            let mut asking = connect(address);
            assert_eq!(ask(&mut asking, b'x'), Some(1));
            idle
        })
        .await
        .unwrap();
        leave.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), served)
            .await
            .unwrap()
            .unwrap();
        drop(idle);
    }
}
