//! The start of a server: what it prints, and what it refuses.

use std::io::Read;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Ran, http, wait_for};
use whole_runs::store_server::{SECRET, StoreServer};

fn run(desk: &Desk, options: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = desk.command(&[&["store", "serve", "store"], options].concat());
    command.envs(variables.iter().copied());
    Ran::new(&command.output().unwrap())
}

#[test]
fn a_server_without_usable_access_keys_is_refused() {
    let desk = Desk::new();
    desk.write("none.txt", "# no keys\n");
    desk.write("short.txt", "team s3cret\n");
    run(&desk, &[], &[]).expect(
        2,
        &[
            "the server has no access key",
            "give --credentials FILE, or set VAJRA_STORE_ACCESS_KEY",
        ],
    );
    run(&desk, &[], &[("VAJRA_STORE_ACCESS_KEY", "team")]).expect(2, &["the server has no access key"]);
    run(&desk, &["--credentials", "missing.txt"], &[]).expect(2, &["--credentials missing.txt: "]);
    run(&desk, &["--credentials", "none.txt"], &[]).expect(2, &["no access key is given"]);
    let refused = run(&desk, &["--credentials", "short.txt"], &[]).expect(2, &["the secret of team has not 16"]);
    assert!(!refused.stderr.contains("s3cret"));
    assert!(!desk.path("store").exists());
}

#[test]
fn plain_http_is_served_only_on_loopback() {
    let desk = Desk::new();
    desk.write("keys.txt", &format!("team {SECRET}\n"));
    desk.write("text.pem", "text");
    let keys = ["--credentials", "keys.txt"];
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:9000"] {
        run(&desk, &[&keys[..], &["--listen", address]].concat(), &[]).expect(
            2,
            &[
                "without a certificate, other machines cannot connect",
                "--tls-cert and --tls-key",
            ],
        );
    }
    let pem = ["--tls-cert", "text.pem", "--tls-key", "text.pem"];
    run(&desk, &[&keys[..], &pem].concat(), &[]).expect(2, &["text.pem contains no certificate in PEM"]);
    run(&desk, &[&keys[..], &["--bucket", "Runs"]].concat(), &[]).expect(2, &["`Runs` is not a valid bucket name"]);
    desk.write("store", "a file");
    run(&desk, &keys, &[]).expect(2, &["store is not a folder"]);
}

#[test]
fn a_folder_that_is_not_writable_is_refused() {
    let desk = Desk::new();
    desk.write("keys.txt", &format!("team {SECRET}\n"));
    // No user can create files in this folder.
    let mut command = desk.command(&["store", "serve", "/proc/self", "--credentials", "keys.txt"]);
    let ran = Ran::new(&command.args(["--listen", "127.0.0.1:0"]).output().unwrap());
    assert!(
        ran.code != Some(0) && ran.stderr.contains("/proc/self"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let desk = Desk::new();
    let server = StoreServer::start(&desk.path("store"));
    // A request whose body never arrives keeps the server from ending.
    let half = super::client(&server, "half").spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let began = std::time::Instant::now();
    whole_runs::machine::kill(server.pid(), "INT");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(server.end("INT"), Some(130));
    assert!(began.elapsed() < Duration::from_secs(3));
    drop(half.wait_with_output());
}

#[test]
fn credentials_that_others_can_read_are_reported() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.write("keys.txt", &format!("team {SECRET}\n"));
    desk.write("store", "a file, so that the server ends");
    for (mode, warns) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(desk.path("keys.txt"), std::fs::Permissions::from_mode(mode)).unwrap();
        let ran = run(&desk, &["--credentials", "keys.txt"], &[]);
        assert_eq!(ran.stderr.contains("chmod 600 keys.txt"), warns, "{}", ran.stderr);
    }
}

#[test]
fn the_probe_needs_no_credentials_and_reveals_nothing_else() {
    let desk = Desk::new();
    let server = StoreServer::start(&desk.path("store"));
    let address: SocketAddr = server.endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    assert_eq!(http(address, "GET", "/-/healthz").unwrap(), "ok\n");
    for path in ["/", "/healthz", "/vajra/-/healthz", "/-/healthz/", "/vajra/runs"] {
        assert!(
            http(address, "GET", path)
                .unwrap()
                .contains("<Code>AccessDenied</Code>"),
            "{path}"
        );
    }
}

#[test]
fn the_log_has_denied_requests_as_json_without_secrets() {
    let desk = Desk::new();
    desk.write("keys.txt", &format!("team {SECRET}\n"));
    let options = ["--listen", "127.0.0.1:0", "--credentials", "keys.txt", "--log", "json"];
    let mut command = desk.command(&[&["store", "serve", "store"], &options[..]].concat());
    let mut process = Process(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut line = [0; 200];
    let read = process.0.stdout.as_mut().unwrap().read(&mut line).unwrap();
    let line = std::str::from_utf8(&line[..read]).unwrap();
    let address = line
        .strip_prefix("s3://vajra?endpoint=http://")
        .and_then(|rest| rest.split('&').next());
    assert!(line.ends_with("&region=us-east-1&path_style=true\n"), "{line}");
    let answer = http(address.unwrap().parse().unwrap(), "GET", "/vajra/runs").unwrap();
    assert!(answer.contains("<RequestId>"), "{answer}");
    let address: SocketAddr = address.unwrap().parse().unwrap();
    let malformed = {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "GET /vajra/a HTTP/1.1\r\nhost: x\r\nauthorization: Basic x\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(malformed.contains("AuthorizationHeaderMalformed"), "{malformed}");
    whole_runs::machine::kill(process.0.id(), "TERM");
    wait_for("the end of the server", Duration::from_secs(20), || {
        process.0.try_wait().unwrap()
    });
    let mut log = String::new();
    process.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let events: Vec<serde_json::Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let denied = events
        .iter()
        .find(|event| event["message"] == "denied")
        .unwrap_or_else(|| panic!("{log}"));
    assert_eq!(denied["code"], "AccessDenied");
    assert!(answer.contains(denied["id"].as_str().unwrap()));
    assert!(denied["client"].as_str().unwrap().starts_with("127.0.0.1:"), "{denied}");
    let codes: Vec<&serde_json::Value> = events.iter().map(|event| &event["code"]).collect();
    assert!(
        codes.iter().any(|code| **code == "AuthorizationHeaderMalformed"),
        "{log}"
    );
    assert!(
        events.iter().any(|event| event["message"] == "the server ends"),
        "{log}"
    );
    assert!(!log.contains(SECRET));
}
