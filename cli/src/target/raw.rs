//! [`Broken`] is an exchange that ends without a valid HTTP answer.
//!
//! The service returns a `Broken` as its error. The HTTP server then ends without sending a byte, and returns the
//! connection. After that, the target can send any bytes on this connection.

use std::fmt;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Bytes that are not an answer in any version of HTTP.
const GARBAGE: &[u8] = b"\x00\xffthis is not the protocol you are looking for\r\n\r\n";

/// An answer whose head announces 1000 bytes and whose body contains 9 bytes.
const TRUNCATED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\ncut short";

/// The reason why an exchange has no valid answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    Reset,
    Garbage,
    Truncated,
    /// The body of the request is incomplete.
    RequestLost,
}

impl Broken {
    /// Ends the connection as the fault requires. A failure is ignored, because it means that the peer has already
    /// closed the connection.
    pub(crate) async fn end(self, mut stream: TcpStream) {
        match self {
            // If the linger time is zero, closing the connection sends a reset.
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
            Self::RequestLost => "the request's body is incomplete",
        })
    }
}

impl std::error::Error for Broken {}
