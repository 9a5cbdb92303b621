//! Answers that are not HTTP: a [`Broken`] exchange.
//!
//! The service ends its exchange with a `Broken` as the error; the HTTP server then stops without
//! a byte, and the bare connection is handed back for what no HTTP server would send.

use std::fmt;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Not an answer by any version of HTTP.
const GARBAGE: &[u8] = b"\x00\xffthis is not the protocol you are looking for\r\n\r\n";

/// Promises 1000 bytes and brings 9.
const TRUNCATED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\ncut short";

/// How an exchange ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    Reset,
    Garbage,
    Truncated,
    /// The request's body did not come whole.
    RequestLost,
}

impl Broken {
    /// Ends the connection. The peer may be gone already; then nothing is left to spoil, so
    /// failures are of no interest.
    pub(crate) async fn end(self, mut stream: TcpStream) {
        match self {
            // With nothing to linger for, closing sends a reset.
            Self::Reset => drop(stream.set_zero_linger()),
            Self::Garbage => drop(send(&mut stream, GARBAGE).await),
            Self::Truncated => drop(send(&mut stream, TRUNCATED).await),
            Self::RequestLost => {}
        }
    }
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "reset as asked",
            Self::Garbage => "garbage as asked",
            Self::Truncated => "truncated as asked",
            Self::RequestLost => "the request's body did not come whole",
        })
    }
}

impl std::error::Error for Broken {}
