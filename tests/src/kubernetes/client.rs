//! A client of the API for tests. Each request uses a separate connection, and blocks until the answer is read.

use serde_json::Value;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The address of an API, and the token for this API.
#[derive(Clone, Debug)]
pub struct Api {
    pub address: SocketAddr,
    /// The bearer token; `None` if a proxy authenticates the requests.
    pub token: Option<String>,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// The status line and the headers of the answer, in lower case.
    pub head: String,
    pub text: String,
    /// The body of the answer; null if the body is not JSON.
    pub body: Value,
}

impl Reply {
    /// Asserts that the answer has this status. Returns the body of the answer.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}{}", self.head, self.text);
        self.body
    }

    /// Asserts that the request failed with this status, reason and message.
    pub fn expect_failure(&self, status: u16, reason: &str, message: &str) {
        assert_eq!(self.status, status, "{}{}", self.head, self.text);
        assert_eq!(self.body["kind"], "Status", "{}", self.text);
        assert_eq!(self.body["reason"], reason, "{}", self.text);
        let found = self.body["message"].as_str().unwrap_or_default();
        assert!(found.contains(message), "no `{message}` in: {found}");
    }
}

impl Api {
    /// Sends a request, and returns the answer. An error means that the connection ended without an answer.
    pub fn try_send(&self, method: &str, path: &str, kind: &str, body: &Value) -> std::io::Result<Reply> {
        let (head, mut reader) = self.open(method, path, kind, body)?;
        let mut text = String::new();
        match head.contains("transfer-encoding: chunked") {
            true => {
                while let Some(chunk) = chunk(&mut reader)? {
                    text += &chunk;
                }
            }
            false => {
                reader.read_to_string(&mut text)?;
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Reply {
            status: status.ok_or(ErrorKind::InvalidData)?,
            head,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        })
    }

    fn open(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &Value,
    ) -> std::io::Result<(String, BufReader<TcpStream>)> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let token = self
            .token
            .iter()
            .map(|token| format!("authorization: Bearer {token}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{}content-type: {kind}\r\naccept: application/json\r\n\
             user-agent: vajra-tests/1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            token.collect::<String>(),
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok((head.to_ascii_lowercase(), reader))
    }

    pub fn send(&self, method: &str, path: &str, kind: &str, body: &Value) -> Reply {
        self.try_send(method, path, kind, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", &Value::Null)
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, "application/json", body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, "application/json", body)
    }

    /// Sends a merge patch.
    pub fn merge(&self, path: &str, body: &Value) -> Reply {
        self.send("PATCH", path, "application/merge-patch+json", body)
    }

    /// Sends a server-side apply. `query` names the field manager, such as `fieldManager=a&force=true`.
    pub fn apply(&self, path: &str, query: &str, body: &Value) -> Reply {
        let path = format!("{path}?{query}");
        self.send("PATCH", &path, "application/apply-patch+yaml", body)
    }

    pub fn delete(&self, path: &str, options: &Value) -> Reply {
        self.send("DELETE", path, "application/json", options)
    }

    /// Starts a watch. `path` contains the options of the watch.
    pub fn watch(&self, path: &str) -> Watch {
        let (head, reader) = self.open("GET", path, "", &Value::Null).unwrap();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        Watch {
            reader,
            text: String::new(),
        }
    }
}

/// A watch that is open.
#[derive(Debug)]
pub struct Watch {
    reader: BufReader<TcpStream>,
    text: String,
}

impl Watch {
    /// Returns the next event; `None` if the watch has ended.
    pub fn next_event(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let event = serde_json::from_str(line).unwrap();
                self.text = rest.to_owned();
                return Some(event);
            }
            self.text += &chunk(&mut self.reader).ok().flatten()?;
        }
    }

    /// Returns the type and the name of the next event that is not a bookmark.
    pub fn next_change(&mut self) -> (String, String) {
        let until = Instant::now() + TIMEOUT;
        while Instant::now() < until {
            let event = self.next_event().unwrap();
            if event["type"] != "BOOKMARK" {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                return (text(&event["type"]), text(&event["object"]["metadata"]["name"]));
            }
        }
        panic!("only bookmarks for {TIMEOUT:?}");
    }
}

/// Reads the next chunk of a body; `None` after the last chunk.
fn chunk(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let size = usize::from_str_radix(line.trim(), 16).map_err(|_| ErrorKind::UnexpectedEof)?;
    let mut bytes = vec![0; size + 2];
    reader.read_exact(&mut bytes)?;
    bytes.truncate(size);
    let text = String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData)?;
    Ok((size > 0).then_some(text))
}
