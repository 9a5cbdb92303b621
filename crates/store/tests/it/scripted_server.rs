//! A tiny HTTP server whose answers a test writes: for what a healthy store never does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use store::RunStore;

/// A request: its head, in lower case, without its body.
pub type Script = Box<dyn FnMut(&str) -> Answer + Send>;

pub enum Answer {
    /// A status line and headers, each ended by `\r\n`, and a body.
    Say {
        head: &'static str,
        headers: String,
        body: &'static str,
    },
    /// Read the request, then close the connection without a word.
    HangUp,
}

pub fn say(head: &'static str, headers: &str) -> Answer {
    Answer::Say {
        head,
        headers: headers.to_owned(),
        body: "",
    }
}

/// Opens a store on a server that follows the script. The server ends with the test.
pub fn store(script: Script) -> RunStore {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let script = Arc::new(Mutex::new(script));
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let script = Arc::clone(&script);
            std::thread::spawn(move || serve(&connection, &script));
        }
    });
    crate::moto::open("s3://runs", &format!("http://{address}"))
}

fn serve(connection: &TcpStream, script: &Mutex<Script>) {
    let mut reader = BufReader::new(connection);
    while let Some(head) = read_request(&mut reader) {
        let answer = (script.lock().expect("the script did not panic"))(&head);
        let Answer::Say { head, headers, body } = answer else {
            return;
        };
        let length = if headers.contains("content-length") {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let text = format!("HTTP/1.1 {head}\r\n{headers}{length}\r\n{body}");
        let mut writer = connection;
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    head.make_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |text| text.parse().expect("a length is a number"));
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).ok()?;
    Some(head)
}
