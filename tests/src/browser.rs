//! A headless Chromium that tests control over the Chrome DevTools Protocol.
//!
//! The tests use the domains Browser, Target, Page, Runtime, Network, Log, Emulation and Input of this protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};

/// The maximum time until Chromium answers a call. The maximum is long, because Chromium starts many processes, and the
/// machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// The interval at which a condition of a page is polled.
const POLL: Duration = Duration::from_millis(50);

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: String,
    last_id: u64,
    profile: PathBuf,
    /// All events that Chromium has sent, such as requests and exceptions of the page.
    events: Vec<Value>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After the method `Browser.close`, Chromium also ends its child processes.
        let _ = self.send("Browser.close", &json!({}), None);
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

impl Browser {
    /// Returns the path of Chromium; `None` if it is not installed.
    pub fn program() -> Option<PathBuf> {
        [
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        ]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists())
    }

    /// Starts a browser with an empty page. `width` and `height` are its size in pixels. No other browser may use the
    /// folder `profile`.
    pub fn start(program: &Path, profile: &Path, width: u32, height: u32) -> Browser {
        let mut child = Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={width},{height}"))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let endpoint = loop {
            let line = lines.next().expect("the browser ended").unwrap();
            if let Some(endpoint) = line.strip_prefix("DevTools listening on ") {
                break endpoint.to_owned();
            }
        };
        // The rest of Chromium's output is read and discarded, because a full pipe would block Chromium.
        std::thread::spawn(move || lines.for_each(drop));
        let address = endpoint
            .strip_prefix("ws://")
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(POLL)).unwrap();
        let socket = handshake(&endpoint, stream);
        let mut browser = Browser {
            child,
            socket,
            session: String::new(),
            last_id: 0,
            profile: profile.to_owned(),
            events: Vec::new(),
        };
        browser.attach();
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 }),
        );
        browser
    }

    fn attach(&mut self) {
        let target = self.ask("Target.createTarget", &json!({ "url": "about:blank" }), None);
        let id = target["targetId"].clone();
        let attached = self.ask(
            "Target.attachToTarget",
            &json!({ "targetId": id, "flatten": true }),
            None,
        );
        attached["sessionId"].as_str().unwrap().clone_into(&mut self.session);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Calls a method of Chromium's protocol in the session of the page. Returns the result of the method.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        let session = self.session.clone();
        self.ask(method, params, Some(&session))
    }

    fn send(&mut self, method: &str, params: &Value, session: Option<&str>) -> u64 {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        // If the browser has ended, the next read of a message fails.
        let _ = self.socket.send(Message::text(message.to_string()));
        self.last_id
    }

    fn ask(&mut self, method: &str, params: &Value, session: Option<&str>) -> Value {
        let id = self.send(method, params, session);
        let until = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < until, "the browser did not answer {method} {params}");
            let Some(message) = self.read() else { continue };
            if message["id"] == id {
                // During the call, the browser left the page. The caller may repeat the call on the next page.
                if method == "Runtime.evaluate" && message["error"]["message"] == "Inspected target navigated or closed"
                {
                    return Value::Null;
                }
                assert!(message["error"].is_null(), "{method} {params}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    /// Reads the next message of Chromium; returns `None` if no message has arrived. Stores the message if it is an
    /// event.
    fn read(&mut self) -> Option<Value> {
        match self.socket.read() {
            Ok(Message::Text(text)) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["method"].is_string() {
                    self.events.push(message.clone());
                }
                Some(message)
            }
            Ok(_) => None,
            Err(tungstenite::Error::Io(error)) if is_timeout(&error) => None,
            Err(error) => panic!("the browser has gone: {error}"),
        }
    }

    /// Opens a URL and waits until its page is loaded.
    pub fn open(&mut self, url: &str) {
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait_for("document.readyState === 'complete'");
    }

    /// Evaluates a JavaScript expression, and returns its value as JSON. If the value is a promise, waits for its
    /// result. Returns `null` if the browser leaves the page during the call.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {}",
            result["exceptionDetails"]
        );
        result["result"]["value"].clone()
    }

    /// Waits until the value of a JavaScript expression is truthy.
    pub fn wait_for(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.eval(&format!("Boolean({expression})")) != true {
            assert!(Instant::now() < until, "waited {PATIENCE:?} for {expression}");
            std::thread::sleep(POLL);
        }
    }

    /// Presses a key of the keyboard, such as `Tab`, `Enter`, `Escape` or `ArrowRight`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            other => panic!("no code for {other}"),
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if key == "Enter" && kind == "rawKeyDown" {
                (event["type"], event["text"]) = ("keyDown".into(), "\r".into());
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Emulates a media type, such as `print`, and the preference for dark colours.
    pub fn emulate(&mut self, media: &str, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "media": media, "features": features }),
        );
    }

    /// Takes a screenshot of the upper left corner of the page as a PNG. The size in pixels may exceed the size of the
    /// window.
    pub fn picture(&mut self, width: u32, height: u32) -> Vec<u8> {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let params = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.call("Page.captureScreenshot", &params);
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// Prints the page to a PDF, and returns the PDF.
    pub fn print(&mut self) -> Vec<u8> {
        let printed = self.call("Page.printToPDF", &json!({ "printBackground": true }));
        STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }

    /// Returns every URL that the page has requested.
    pub fn requested(&mut self) -> Vec<String> {
        let requests = self.events_of("Network.requestWillBeSent");
        let urls = requests
            .iter()
            .map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
        urls.collect()
    }

    /// Returns the errors of the page: exceptions, failed requests, and errors on the console.
    pub fn troubles(&mut self) -> Vec<String> {
        let exceptions = self.events_of("Runtime.exceptionThrown");
        let log = self.events_of("Log.entryAdded");
        let log = log
            .into_iter()
            .filter(|event| event["params"]["entry"]["level"] == "error");
        let console = self.events_of("Runtime.consoleAPICalled");
        let console = console.into_iter().filter(|event| event["params"]["type"] == "error");
        exceptions
            .into_iter()
            .chain(log)
            .chain(console)
            .map(|event| event["params"].to_string())
            .collect()
    }

    fn events_of(&mut self, method: &str) -> Vec<Value> {
        // While this call waits for its answer, the browser's earlier events are read and stored.
        self.eval("0");
        self.events
            .iter()
            .filter(|event| event["method"] == method)
            .cloned()
            .collect()
    }
}

fn handshake(endpoint: &str, stream: TcpStream) -> WebSocket<TcpStream> {
    let mut tried = tungstenite::client(endpoint, stream);
    loop {
        match tried {
            Ok((socket, _)) => return socket,
            Err(tungstenite::HandshakeError::Interrupted(rest)) => tried = rest.handshake(),
            Err(tungstenite::HandshakeError::Failure(error)) => {
                panic!("the WebSocket handshake with the browser failed: {error}")
            }
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    )
}
