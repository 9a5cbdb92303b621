//! Tests of authentication with a real OAuth server. The server issues tokens that are valid for some seconds.

use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Ran, free_port, http, root, sent, tool, wait_for};

const SECRET: &str = "s3cret:/+ é";
const PASSWORD: &str = "p&w";

/// A process that runs the OAuth server in `tests/oauth_server.py`.
struct OAuth {
    _process: Process,
    address: SocketAddr,
}

impl OAuth {
    /// Starts an OAuth server whose tokens are valid for `life` seconds.
    fn start(life: u32) -> OAuth {
        let port = free_port();
        let process = Command::new(tool("python"))
            .arg(root().join("tests/oauth_server.py"))
            .args([port.to_string(), life.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let server = OAuth {
            _process: Process(process),
            address,
        };
        wait_for("the OAuth server", Duration::from_secs(60), || {
            http(address, "GET", "/counts").ok()
        });
        server
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&http(self.address, "GET", path).unwrap()).unwrap()
    }

    fn count(&self, name: &str) -> u64 {
        self.json("/counts")[name].as_u64().unwrap()
    }

    fn tokens(&self) -> Vec<String> {
        serde_json::from_value(self.json("/tokens")).unwrap()
    }

    fn outage(&self, state: &str) {
        http(self.address, "POST", &format!("/outage/{state}")).unwrap();
    }

    /// Returns a scenario in which every request needs a token. The load is 40 requests per second for `duration`.
    fn scenario(&self, duration: &str, auth: &str) -> String {
        let address = self.address;
        format!(
            "name: t\ntarget: http://{address}\nload: {{ constant: {{ rate: 40/s, duration: {duration} }} }}\n\
             auth:\n  api: {{ oauth: {{ url: 'http://{address}/token', client_id: shop, scope: read, {auth} }} }}\n\
             defaults: {{ auth: api }}\n"
        )
    }
}

/// The line of a scenario that reads the secret of the OAuth client from an environment variable.
const BY_SECRET: &str = "client_secret: '{{ secret \"env:SHOP_SECRET\" }}'";

fn launch(desk: &Desk, options: &[&str]) -> Command {
    let mut command = desk.command(&[&["launch", "s.yaml", "--run", "r", "--out", "out.json"], options].concat());
    command.env("SHOP_SECRET", SECRET).env("ANN_PASSWORD", PASSWORD);
    command
}

/// Returns the names and contents of all files in a folder and its subfolders.
pub(super) fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                let content = std::fs::read(&path).unwrap();
                found.push((
                    path.display().to_string(),
                    String::from_utf8_lossy(&content).into_owned(),
                ));
            }
        }
    }
    found
}

#[test]
fn a_run_longer_than_its_token_sends_a_valid_token_with_every_request() {
    let (desk, server) = (Desk::new(), OAuth::start(2));
    let mut scenario = server.scenario("5s", BY_SECRET);
    scenario += "requests:\n- { name: client, get: /api }\n- { name: user, get: /api, auth: ann }\n\
         flows:\n- name: visit\n  steps: [ { name: one, post: /api }, { name: two, get: /api, auth: ann } ]\n\
         thresholds: [ errors < 0.1% ]\n";
    let own = format!(
        "auth:\n  ann: {{ oauth: {{ url: 'http://{}/token', client_id: shop, client_auth: body, scope: read, \
         {BY_SECRET}, user: ann, password: '{{{{ secret \"env:ANN_PASSWORD\" }}}}' }} }}\n",
        server.address
    );
    desk.write("s.yaml", &scenario.replacen("auth:\n", &own, 1));
    let output = launch(&desk, &["--workers", "2"]).output().unwrap();
    let ran = Ran::new(&output).expect(0, &[]);
    let report = desk.json("out.json");
    assert_eq!(server.count("rejected"), 0);
    assert_eq!(report["balance"]["holds"], true);
    assert_eq!(server.count("accepted"), report["balance"]["sent"].as_u64().unwrap());
    // The scenario needs two kinds of tokens. A token is valid for 2 s, and a worker uses each token for less than 2 s.
    // In 5 s, each of the two workers needs at least three tokens of each kind.
    assert!(server.count("issued") >= 12, "{}", server.json("/counts"));
    // No secret and no token is stored or printed.
    let tokens = server.tokens();
    assert!(tokens.len() >= 12);
    let texts = files(&desk.path("runs"));
    assert!(texts.len() >= 8, "{texts:?}");
    let shown = [
        ("stdout", ran.stdout),
        ("stderr", ran.stderr),
        ("report", report.to_string()),
    ];
    let shown = shown.map(|(name, text)| (name.to_owned(), text));
    for (name, text) in texts.iter().chain(&shown) {
        let mut values = tokens.iter().map(String::as_str).chain([SECRET, PASSWORD]);
        assert!(!values.any(|value| text.contains(value)), "{name}\n{text}");
    }
}

#[test]
fn a_failed_renewal_keeps_the_old_token_and_is_noted() {
    let (desk, server) = (Desk::new(), OAuth::start(6));
    desk.write(
        "s.yaml",
        &(server.scenario("7s", BY_SECRET) + "requests: [ { name: api, get: /api } ]\n"),
    );
    let mut command = launch(&desk, &["--workers", "1"]);
    let running = whole_runs::machine::Running::start(&mut command);
    wait_for("some load", Duration::from_secs(60), || {
        (server.count("accepted") > 0).then_some(())
    });
    server.outage("on");
    wait_for("a renewal", Duration::from_secs(60), || {
        (server.count("outages") > 0).then_some(())
    });
    server.outage("off");
    running.finish().expect(0, &[]);
    let report = desk.json("out.json");
    assert_eq!(server.count("rejected"), 0, "{report}");
    assert_eq!(server.count("accepted"), sent(&report));
    assert!(server.count("issued") >= 2);
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("requests for tokens failed") && notes.contains("`api`: the server answered with status 503"),
        "{notes}"
    );
}

#[test]
fn a_worker_without_its_first_token_fails_before_the_start() {
    let (desk, server) = (Desk::new(), OAuth::start(60));
    desk.write("s.yaml", &server.scenario("1s", "client_secret: wrong"));
    let output = launch(&desk, &["--workers", "1"]).output().unwrap();
    let reason = "no token for `api`: the server answered with status 401, invalid_client";
    let ran = Ran::new(&output);
    assert_ne!(ran.code, Some(0));
    assert!(ran.stderr.contains(reason), "{}", ran.stderr);
    assert_eq!((server.count("accepted"), server.count("rejected")), (0, 0));
}

#[test]
fn a_token_server_must_be_on_the_allow_list() {
    let (desk, server) = (Desk::new(), OAuth::start(60));
    let elsewhere = server
        .scenario("1s", BY_SECRET)
        .replace("'http://127.0.0.1:", "'http://127.0.0.2:");
    desk.write("s.yaml", &elsewhere);
    let mut command = launch(&desk, &["--workers", "1"]);
    let output = command.env("VAJRA_ALLOW", "127.0.0.1").output().unwrap();
    let ran = Ran::new(&output);
    assert_ne!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("127.0.0.2") && ran.stderr.contains("VAJRA_ALLOW"),
        "{}",
        ran.stderr
    );
    assert_eq!((server.count("issued"), server.count("rejected")), (0, 0));
}
