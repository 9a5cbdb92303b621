//! Runs commands with bash and curl, and compares the request that curl sends with the imported request.

use crate::{import_as, read};
use plan::scenario::{Body, Request};
use plan::template::Template;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

/// A request, as the server received it.
#[derive(Debug)]
struct Received {
    method: String,
    target: String,
    /// The header fields. The names are in lower case.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Runs a command in bash. Returns the request that curl sends to the listener.
fn sent_by_curl(listener: &TcpListener, command: &str) -> Received {
    let mut curl = Command::new("timeout")
        .args(["10", "bash", "-c", command])
        .env("HOME", "/nonexistent")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().unwrap();
        }
        headers.push((name, value));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    curl.wait().unwrap();
    Received {
        method,
        target,
        headers,
        body,
    }
}

/// Returns the only request of the scenario that is imported from a command.
fn imported(command: &str) -> Request {
    let imported = import_as(command.as_bytes(), None).unwrap_or_else(|error| panic!("{command}: {error}"));
    let scenario = read(&imported.yaml).unwrap_or_else(|problems| panic!("{}\n{problems}", imported.yaml));
    scenario.requests.into_iter().next().unwrap()
}

/// Returns the text of a template. Each placeholder is replaced by `?`.
fn shown(template: &Template) -> String {
    let part = |part: &plan::template::TemplatePart| match part {
        plan::template::TemplatePart::Text(text) => text.clone(),
        _ => "?".to_owned(),
    };
    template.0.iter().map(part).collect()
}

#[test]
fn the_imported_request_is_the_one_that_curl_sends() {
    // The headers that curl adds. The next constant contains the headers whose values are secrets.
    const OWN: [&str; 5] = ["host", "content-length", "expect", "user-agent", "accept"];
    const SECRET: [&str; 3] = ["authorization", "cookie", "x-api-key"];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    for options in [
        "/",
        "'/items?page=2&q=a%20b#top'",
        "/x -X DELETE",
        "/x -d a=1 -d 'b=2 3'",
        "/x --data-raw '@file' -H 'Content-Type: text/plain'",
        "/x --data-binary $'a\\r\\n\\tb\\u00fc'",
        "/x -G -d a=1 --data-urlencode 'q=ü &' --data-urlencode '=x y'",
        "'/x?z=1' -G -d a=1",
        "'/x?z=1' --url-query 'a=b c'",
        "/x --json '{\"a\":1}' --json '[2]'",
        "/x --json '{}' -H 'Accept: text/html'",
        "/x -u ann:pw -b 'a=b; c=d' -e http://y/ -A agent",
        "/x -H 'X-A: 1' -H 'X-A: 2' -H 'X-Empty;' -H 'X-Gone:'",
        "/x -H X-Api-Key:k --oauth2-bearer t",
        "/x -d '' -H 'Content-Type:'",
        "/x -r 0-9 --compressed -H 'Accept-Encoding: gzip'",
        "-sSLXPUT /x -d1",
        "/x -X PATCH --data-raw 'it'\\''s \"quoted\" {{x}}'",
    ] {
        let options = options.replacen('/', &format!("{url}/"), 1);
        let command = format!("curl {options}");
        let (curl, own) = (sent_by_curl(&listener, &command), imported(&command));
        assert_eq!(own.method, curl.method, "{command}");
        // The case of hexadecimal digits differs between versions of curl.
        let (url, target) = (shown(&own.url), curl.target);
        assert!(url.eq_ignore_ascii_case(&target), "{command}: {url}, not {target}");
        let body = match &own.body {
            Body::Empty => String::new(),
            Body::Inline(body) => shown(body),
            other => panic!("{command}: {other:?}"),
        };
        assert_eq!(body.as_bytes(), curl.body, "{command}");
        let headers: Vec<(String, String)> = own
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), shown(value)))
            .collect();
        for (name, value) in curl.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            let is_secret = SECRET.contains(&name.as_str());
            let found = headers
                .iter()
                .any(|(own, text)| own == name && (is_secret || text == value));
            assert!(found, "{command}: curl sends {name}: {value}, not {headers:?}");
        }
        for (name, value) in &headers {
            let is_secret = SECRET.contains(&name.as_str());
            let found = curl
                .headers
                .iter()
                .any(|(own, text)| own == name && (is_secret || text == value));
            assert!(
                found,
                "{command}: curl does not send {name}: {value}, only {:?}",
                curl.headers
            );
        }
    }
}

#[test]
fn words_are_split_as_bash_splits_them() {
    const PIECES: [&str; 22] = [
        "a",
        "'b c'",
        "\"d e\"",
        "\"q\\\"r\"",
        "\"\\$x\\`y\\z\"",
        "$'f\\tg'",
        "$'\\x41\\101\\u00e9\\''",
        "\\ ",
        "\\'",
        "\\\"",
        "''",
        "\"\"",
        "é",
        "{",
        "}",
        "=",
        "@",
        "%",
        "'#'",
        "a#b",
        "\\\n",
        "'two\nlines'",
    ];
    let strategy = prop::collection::vec(0..PIECES.len(), 1..8);
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let mut words = Vec::new();
    for _ in 0..300 {
        let drawn = strategy.new_tree(&mut runner).unwrap().current();
        let word: String = drawn.into_iter().map(|at| PIECES[at]).collect();
        words.push(word);
    }
    let script: String = words.iter().map(|word| format!("printf '%s\\0' x{word}\n")).collect();
    let ran = Command::new("bash")
        .env("LC_ALL", "C.UTF-8")
        .args(["-c", &script])
        .output()
        .unwrap();
    let output = String::from_utf8(ran.stdout).unwrap();
    let expected: Vec<&str> = output.trim_end_matches('\0').split('\0').collect();
    assert_eq!(expected.len(), words.len(), "{}", String::from_utf8_lossy(&ran.stderr));
    for (word, expected) in words.iter().zip(expected) {
        let own = imported(&format!(
            "curl http://x/ -H 'Content-Type: text/plain' --data-raw x{word}"
        ));
        let Body::Inline(body) = &own.body else {
            panic!("{word}")
        };
        assert_eq!(shown(body), expected, "{word}");
    }
}
