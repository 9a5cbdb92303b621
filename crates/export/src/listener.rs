//! Accepts connections up to a maximum number.
//!
//! Any client can open connections and leave them idle, so the number of connections is limited. When the maximum is
//! reached, a new connection replaces the connection whose last request is the oldest. Connections without a request
//! are replaced first. A connection that has sent the token of the dashboard is never replaced.

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
    leave: watch::Receiver<bool>,
}

impl Visit {
    /// Records a request. After a `trusted` request, the connection is never closed to make room for another
    /// connection.
    pub fn asks(&self, trusted: bool) {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.last.store(number, Ordering::Relaxed);
        if trusted {
            self.0.trusted.store(true, Ordering::Relaxed);
        }
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
}

/// Returns the index of the connection that is closed for a new connection. Returns `None` if all connections are
/// trusted. The connections are in the order in which they were accepted.
fn to_close<'a>(visits: impl Iterator<Item = &'a Visit>) -> Option<usize> {
    let others = visits
        .enumerate()
        .filter(|(_, visit)| !visit.0.trusted.load(Ordering::Relaxed));
    others.min_by_key(|(_, visit)| visit.last()).map(|(at, _)| at)
}

/// Serves at most [`CONNECTIONS_MAX`] connections at the same time, as [`serve_up_to`] does.
pub async fn serve<F, C>(listener: TcpListener, leave: impl Future<Output = ()>, connection: F)
where
    F: Fn(TcpStream, Visit) -> C,
    C: Future<Output = ()> + Send + 'static,
{
    serve_up_to(CONNECTIONS_MAX, listener, leave, connection).await;
}

/// Accepts up to `connections_max` concurrent connections until `leave` resolves, and then waits until the connections
/// end. `connection` serves one connection. If the future is dropped, all connections end.
pub async fn serve_up_to<F, C>(
    connections_max: usize,
    listener: TcpListener,
    leave: impl Future<Output = ()>,
    connection: F,
) where
    F: Fn(TcpStream, Visit) -> C,
    C: Future<Output = ()> + Send + 'static,
{
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
                let Some(at) = to_close(open.iter().map(|(visit, _)| visit)) else {
                    break;
                };
                open.remove(at).1.abort();
            }
            tasks.join_next().await;
        }
        if tasks.len() >= connections_max {
            // All open connections are trusted, so the new connection is closed.
            continue;
        }
        let visit = Visit(Arc::new(Known {
            requests: requests.clone(),
            last: AtomicU64::new(0),
            trusted: AtomicBool::new(false),
            leave: leaving.clone(),
        }));
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
