//! The processes that a test starts, and the folder in which a test runs commands.
//!
//! The processes listen on free ports, and end when the test ends.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Returns the root folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the path of the program under test, which `cargo test --workspace` builds next to this test.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("vajra-cloud");
        assert!(program.exists(), "{} is not built: run tests/run", program.display());
        program
    })
}

/// Returns the path of a Python tool that `tests/run` has installed.
pub fn tool(name: &str) -> PathBuf {
    installed(&format!("venv/bin/{name}"))
}

/// Returns the path of a file that `tests/run` has installed below `.tools`.
pub fn installed(path: &str) -> PathBuf {
    let path = root().join(".tools").join(path);
    assert!(
        path.exists(),
        "{} is missing: run tests/run, which installs it",
        path.display()
    );
    path
}

/// The name of the environment variable that is set on machines on which programs cannot be installed.
const WITHOUT: &str = "VAJRA_TESTS_WITHOUT_SERVERS";

/// Returns whether a program is installed. The Debian package of the program must have the same name.
///
/// If the program is not installed, panics. If `VAJRA_TESTS_WITHOUT_SERVERS` is set, prints in place of the panic that
/// the test is skipped.
pub fn is_installed(program: &str) -> bool {
    if Path::new("/usr/bin").join(program).exists() {
        return true;
    }
    assert!(
        std::env::var_os(WITHOUT).is_some(),
        "{program} is not installed: run tests/run as root, or apt-get install {program}; or set {WITHOUT}=1"
    );
    // The text is written directly, because the test runner hides the output of the macros if the test passes.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED: {program} is not installed").unwrap();
    false
}

/// A process that ends when this value is dropped.
#[derive(Debug)]
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Calls `done` until it returns a value, and returns this value. Panics if the time `patience` has passed.
pub fn wait_for<T>(what: &str, patience: Duration, mut done: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + patience;
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(Instant::now() < until, "waited {patience:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The range of ports for tests. All ports are below the ephemeral ports of Linux, so that no connection uses them by
/// chance.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// Returns a port on which no process listens, and reserves the port until this process ends.
pub fn free_port() -> u16 {
    static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = std::env::temp_dir().join("vajra-test-ports");
    std::fs::create_dir_all(&folder).unwrap();
    // Each process begins its search at a different port.
    let begin = (std::process::id() as usize * 97 + held.len()) % PORTS.len();
    let (before, after) = (PORTS.take(begin), PORTS.skip(begin));
    for port in after.chain(before) {
        let file = File::create(folder.join(port.to_string())).unwrap();
        if file.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            held.push(file);
            return port;
        }
    }
    panic!("all of the ports {PORTS:?} are taken");
}

/// Starts a process that emulates AWS's services.
pub fn moto() -> (Process, SocketAddr) {
    let port = free_port();
    let process = Command::new(tool("python"))
        .arg(root().join("tests/moto_server.py"))
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (process, address) = (Process(process), SocketAddr::from(([127, 0, 0, 1], port)));
    wait_for("the server of AWS's services", Duration::from_secs(60), || {
        http(address, "GET", "/moto-api/data.json").ok()
    });
    (process, address)
}

/// Adds credentials to the environment of a command. The emulated services of AWS accept these credentials.
pub fn aws(command: &mut Command) -> &mut Command {
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
}

/// Sends an HTTP request without a body. Reads the answer until the server closes the connection, and returns its body.
pub fn http(address: SocketAddr, method: &str, path: &str) -> std::io::Result<String> {
    http_with(address, method, path, &[])
}

/// Sends an HTTP request. Reads the answer until the server closes the connection, and returns its body.
pub fn http_with(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default())
}

/// The built-in target as a separate process.
#[derive(Debug)]
pub struct Target {
    _process: Process,
    address: SocketAddr,
}

impl Target {
    pub fn start(script: &str) -> Target {
        Target::start_with(script, &[])
    }

    /// Starts a target that records the time when each request arrived and the time when it was answered.
    pub fn recording(script: &str) -> Target {
        Target::start_with(script, &["--record-arrivals"])
    }

    fn start_with(script: &str, options: &[&str]) -> Target {
        let mut command = Command::new(program());
        command.args(["target", "--listen", "127.0.0.1:0", "--script", script]);
        command.args(options);
        let mut process = Process(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        Target {
            _process: process,
            address,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the counts of requests that the target has recorded.
    pub fn counts(&self) -> Value {
        self.page("counts")
    }

    /// Fetches a page of the target's own API.
    pub fn page(&self, name: &str) -> Value {
        serde_json::from_str(&http(self.address, "GET", &format!("/_target/{name}")).unwrap()).unwrap()
    }

    pub fn requests(&self) -> u64 {
        self.counts()["requests"].as_u64().unwrap()
    }

    /// Waits until the target has answered more than `requests` requests.
    pub fn wait_for_more_than(&self, requests: u64) {
        wait_for("some load", Duration::from_secs(30), || {
            (self.requests() > requests).then_some(())
        });
    }

    pub fn by_path(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.counts()["by_path"].clone()).unwrap()
    }
}

/// Returns a scenario with one kind of request, which is sent to `/home` at a constant rate.
pub fn constant(target: &str, rate: &str, duration: &str) -> String {
    format!(
        "name: small\ntarget: {target}\nload: {{ constant: {{ rate: {rate}, duration: {duration} }} }}\n\
         requests: [ {{ name: home, url: /home }} ]\n"
    )
}

/// A folder with scenarios and a store, in which a test runs commands.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn new(output: &Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts that the command ended with this exit code, and that its stderr contains each of `words`.
    pub fn expect(self, code: i32, words: &[&str]) -> Ran {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}` in stderr:\n{}", self.stderr);
        }
        self
    }
}

impl Default for Desk {
    fn default() -> Desk {
        Desk::new()
    }
}

impl Desk {
    /// Returns an empty folder. The folder is removed when the value is dropped.
    pub fn new() -> Desk {
        Desk {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, such as a scenario.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Returns a command that runs the program under test in this folder.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_of(program(), args)
    }

    /// Returns the same command, but of another build of the program.
    pub fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("VAJRA_STORE")
            .env_remove("VAJRA_ALLOW")
            .env_remove("VAJRA_ENV")
            .stdin(Stdio::null());
        command
    }

    /// Returns a command that runs the program under test through a wrapper, such as a shell that sets a limit first.
    pub fn under(&self, wrapper: &[&str], args: &[&str]) -> Command {
        let inner = self.command(args);
        let mut command = Command::new(wrapper[0]);
        command
            .args(&wrapper[1..])
            .arg(inner.get_program())
            .args(inner.get_args());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::new(&self.command(args).output().unwrap())
    }

    pub fn spawn(&self, args: &[&str]) -> Running {
        Running::start(&mut self.command(args))
    }

    /// Writes the scenario to `s.yaml`, and starts `vajra-cloud launch` for the run `r`. Returns without waiting for
    /// the end of the command.
    pub fn launch(&self, scenario: &str, options: &[&str]) -> Running {
        self.write("s.yaml", scenario);
        self.spawn(&[&["launch", "s.yaml", "--run", "r"], options].concat())
    }

    /// Prepares a run of `s.yaml` for this number of workers, as an orchestrator would do. The load of the run starts
    /// two seconds after the preparation.
    pub fn publish(&self, run: &str, workers: u32) {
        self.publish_with(run, workers, &[]);
    }

    /// Prepares a run like [`Desk::publish`], with additional options of the command `prepare`.
    pub fn publish_with(&self, run: &str, workers: u32, options: &[&str]) {
        let workers = workers.to_string();
        let prepare = ["prepare", "s.yaml", "--workers", &workers, "--run", run];
        let times = ["--start-at", "+2s", "--snapshot-interval", "1s"];
        self.run(&[&prepare[..], &times, options].concat()).expect(0, &[]);
    }

    /// Returns the process ID of the newest worker of a shard in the first slice of the run `r`; `None` if no worker
    /// has claimed the shard.
    pub fn worker(&self, shard: u32) -> Option<u32> {
        self.worker_of("r", shard)
    }

    /// Returns the process ID of the newest worker of a shard in the first slice of a run; `None` if no worker has
    /// claimed the shard.
    pub fn worker_of(&self, run: &str, shard: u32) -> Option<u32> {
        let claims = std::fs::read_dir(self.path(&format!("runs/{run}/shards/{shard:05}/00000/claims"))).ok()?;
        let newest = claims.filter_map(|claim| Some(claim.ok()?.path())).max()?;
        let claim = std::fs::read(newest).ok()?;
        let claim: Value = serde_json::from_slice(&claim).ok()?;
        claim["worker"].as_str()?.split(' ').nth(1)?.parse().ok()
    }

    /// Reads a JSON file in this folder.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}

/// A command that is still running.
#[derive(Debug)]
pub struct Running(Process);

impl Running {
    pub fn start(command: &mut Command) -> Running {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(Process(command.spawn().unwrap()))
    }

    pub fn pid(&self) -> u32 {
        self.0.0.id()
    }

    pub fn signal(&self, signal: &str) {
        kill(self.pid(), signal);
    }

    pub fn finish(mut self) -> Ran {
        // One thread reads each pipe, because a full pipe would block the command.
        let (mut stdout, mut stderr) = (self.0.0.stdout.take().unwrap(), self.0.0.stderr.take().unwrap());
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text)
        });
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        let stderr = reader.join().unwrap().unwrap();
        Ran {
            code: self.0.0.wait().unwrap().code(),
            stdout: text,
            stderr,
        }
    }
}

/// Sends a signal to a process that the test started.
pub fn kill(pid: u32, signal: &str) {
    let status = Command::new("kill")
        .args([&format!("-{signal}"), &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "no process {pid}");
}

/// Asserts that the counts of a report balance. Returns the number of sent requests, including requests that were not
/// measured.
pub fn sent(report: &Value) -> u64 {
    let balance = &report["balance"];
    let number = |name: &str| balance[name].as_u64().unwrap();
    assert_eq!(balance["holds"], true, "{balance}");
    assert_eq!(
        number("planned"),
        number("begun") + number("dropped") + number("missing"),
        "{balance}"
    );
    assert_eq!(
        number("sent"),
        number("completed") + number("failed") + number("in_flight"),
        "{balance}"
    );
    number("sent") + number("unmeasured_sent")
}
