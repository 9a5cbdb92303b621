//! Tests that the documented command builds a small zip that contains a worker.

use super::cloud::Cloud;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use whole_runs::machine::{Process, http, root, tool, wait_for};

/// The maximum size of the zip in bytes, as documented in `infra/README.md`.
const BYTES_MAX: u64 = 5_000_000;

/// Returns a lock for building and reading the zip. Two tests write the zip to the same path.
pub(crate) fn building() -> File {
    let folder = root().join("target/lambda");
    std::fs::create_dir_all(&folder).unwrap();
    let file = File::create(folder.join("building")).unwrap();
    file.lock().unwrap();
    file
}

/// Runs `infra/build` with cargo-lambda and its linker in `PATH`. Returns whether `infra/build` succeeded, and its
/// output.
fn build(args: &[&str]) -> (bool, String) {
    let tools = tool("cargo-lambda").parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(tools).chain(std::env::split_paths(&path));
    let output = Command::new(root().join("infra/build"))
        .args(args)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Reads a request. Returns the first line and the body of the request.
fn request(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (first, String::from_utf8(body).unwrap())
}

/// Starts the program of a function, and passes one invocation to the program through the Lambda Runtime API. Returns
/// the answer of the program. The value is `true` for a result, and `false` for an error.
fn invoke(bootstrap: &Path, cloud: &Cloud, store: &str, payload: &str) -> (bool, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(bootstrap);
    cloud.environment(&mut command);
    let process = command
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "vajra-worker")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/vajra-worker")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "one")
        .env("AWS_REGION", "us-east-1")
        .env("VAJRA_ALLOW", "127.0.0.1")
        .env("VAJRA_STORE", store)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut process = Process(process.unwrap());
    let (answered, answers) = std::sync::mpsc::channel();
    let payload = payload.to_owned();
    // The server answers one request on each connection. The program requests an invocation and sends its answer. The
    // program's next request for an invocation gets no answer.
    std::thread::spawn(move || {
        let (mut invoked, mut waiting) = (false, Vec::new());
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (first, body) = request(&stream);
            let (status, head, answer) = if !first.contains("/invocation/next") {
                let result = first.contains("/response");
                if answered.send((result, body)).is_err() {
                    return;
                }
                ("202 Accepted", String::new(), "{}")
            } else if invoked {
                waiting.push(stream);
                continue;
            } else {
                invoked = true;
                let head = "Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:vajra-worker\r\n";
                ("200 OK", head.to_owned(), payload.as_str())
            };
            let length = answer.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
            )
            .unwrap();
        }
    });
    wait_for("the function's answer", Duration::from_secs(60), || {
        let answer = answers.try_recv().ok();
        let ended = process.0.try_wait().unwrap();
        assert!(
            answer.is_some() || ended.is_none(),
            "the function's program has ended: {ended:?}"
        );
        answer
    })
}

pub(crate) fn unpack(zip: &Path, into: &Path) -> PathBuf {
    let unpacked = Command::new(tool("python"))
        .args(["-m", "zipfile", "-e"])
        .args([zip, into])
        .status()
        .unwrap();
    assert!(unpacked.success());
    let bootstrap = into.join("bootstrap");
    // Python does not restore the permissions of files in a zip, but Lambda does.
    std::fs::set_permissions(&bootstrap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bootstrap
}

#[test]
fn the_zip_is_small_and_its_program_works() {
    let building = building();
    let (ok, text) = build(&["--x86-64"]);
    assert!(ok, "{text}");
    let zip = root().join("target/lambda/x86_64/vajra-worker/bootstrap.zip");
    let bytes = std::fs::metadata(&zip).unwrap().len();
    let line = format!("target/lambda/x86_64/vajra-worker/bootstrap.zip: {bytes} bytes");
    assert!(text.contains(&line), "no `{line}` in {text}");
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");

    let folder = tempfile::tempdir().unwrap();
    let bootstrap = unpack(&zip, folder.path());
    drop(building);
    let cloud = Cloud::start();
    http(cloud.address, "PUT", "/example-runs").unwrap();
    let store = format!("s3://example-runs/vajra?endpoint=http://{}", cloud.address);
    let payload = format!(r#"{{"format":1,"store":"{store}","run":"typed-by-hand","shard":0,"slice":0}}"#);
    let (result, answer) = invoke(&bootstrap, &cloud, &store, &payload);
    assert!(!result && answer.contains("there is no run"), "{answer}");
}

#[test]
fn an_unknown_architecture_is_rejected() {
    let (ok, text) = build(&["--amd64"]);
    assert!(!ok && text.contains("use --arm64, --x86-64"), "{text}");
}
