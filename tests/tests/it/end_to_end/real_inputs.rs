//! Runs of the program with inputs that caused problems for users of load generators. Each kind of input has a test.
//!
//! | kind | test |
//! | --- | --- |
//! | a folded header line | `folded_header_lines_are_read` |
//! | credentials in a URL | `invalid_scenarios_are_rejected_with_a_hint` |
//! | a target with a path | `the_path_of_a_target_is_requested_as_written` |
//! | redirects: methods, credentials, cookies | `redirects_are_followed_as_in_browsers` |
//! | a check of a compressed body | `compressed_bodies_are_decoded_before_they_are_searched` |
//! | a check of a text far into the body | `a_text_after_the_first_megabyte_is_found` |
//! | one header twice | `a_header_is_sent_twice_if_its_value_is_a_list` |
//! | an untrusted certificate | `an_untrusted_certificate_fails_with_a_remedy` |
//! | a server that requires a client certificate | `the_client_certificate_of_the_scenario_is_presented` |
//! | another address for a host name | `hosts_overrides_the_address_but_keeps_the_server_name` |
//! | no free port on the worker | `exhausted_ports_are_a_failure_of_the_worker` |
//! | a feed cell in a JSON body | `feed_cells_are_escaped_for_json` |
//! | a UUID in every run | `scenarios::each_launch_draws_its_own_seed_unless_the_scenario_has_one` |
//! | targets that take turns | `targets_take_turns_with_either_key`, `scenarios::requests_take_turns_among_targets_with_their_paths` |
//! | a scenario from a pipe | `scenarios::a_scenario_is_read_from_stdin_or_a_pipe` |
//! | the rate of an interrupted run | `stopping::the_rate_of_an_interrupted_run_is_over_its_actual_duration` |
//! | dropped arrivals | `dropped_arrivals_cross_a_run_whose_other_thresholds_are_kept` |
//! | more users than connections | `bad_input::more_users_than_connections_print_a_caution` |
//! | a proxy in the environment | `a_proxy_in_the_environment_prints_a_caution` |
//! | thresholds that no run can meet | `invalid_scenarios_are_rejected_with_a_hint` |
//! | cells in a path | `feed_cells_in_a_path_or_query_are_percent_encoded` |
//! | `timeout`, which sends its signal twice | `stopping::signals_close_together_count_as_one` |
//! | an invalid or international host name | `invalid_scenarios_are_rejected_with_a_hint`, `an_international_host_name_is_sent_in_its_ascii_form` |
//! | a calibration that fails | `local::a_mix_that_fails_is_not_calibrated` |
//! | a list as the target | `targets_take_turns_with_either_key` |
//! | a placeholder in the load | `invalid_scenarios_are_rejected_with_a_hint` |
//! | two reasons for late requests | `arrivals_that_wait_for_a_connection_print_a_note`; both together: `report_schema::every_reason_for_late_requests_is_noted_with_its_remedy` |
//! | a name whose address changes, over HTTP/2 | `engine_http2::a_name_is_looked_up_again_and_connections_follow_it`: a run cannot shorten its interval of 30 s |
//! | a dead target, over HTTP/2 | `connections_to_a_dead_target_are_retried_slowly_over_both_protocols` |

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use test_servers::{ClosedPort, ScriptedAnswer, ScriptedServer, WireRequest};
use whole_runs::machine::{Desk, Ran, Target, sent};

fn ok() -> ScriptedAnswer {
    ScriptedAnswer::new("200 OK", "", "fine")
}

/// Returns a scenario with this target and these additional lines. The load has this rate and lasts one second.
fn scenario(target: &str, rate: &str, rest: &str) -> String {
    format!("name: real\ntarget: {target}\nload: {{ constant: {{ rate: {rate}, duration: 1s }} }}\n{rest}\n")
}

/// Runs a scenario with one worker. Returns the output of the command and the report. Asserts that the counts of the
/// report balance.
fn run(desk: &Desk, scenario: &str, code: i32) -> (Ran, Value) {
    run_with(desk, scenario, code, |_| {})
}

fn run_with(desk: &Desk, scenario: &str, code: i32, change: impl FnOnce(&mut Command)) -> (Ran, Value) {
    desk.write("s.yaml", scenario);
    let mut command = desk.command(&["launch", "s.yaml", "--workers", "1", "--out", "r.json"]);
    change(&mut command);
    let ran = Ran::new(&command.output().unwrap()).expect(code, &[]);
    let report = desk.json("r.json");
    sent(&report);
    (ran, report)
}

/// Asserts that `requests` requests completed and that no request failed.
fn all_completed(report: &Value, requests: u64) {
    let balance = &report["balance"];
    assert_eq!(balance["completed"], requests, "{balance} {}", report["failures"]);
    assert_eq!(balance["failed"], 0, "{balance}");
}

/// Counts the request lines without their HTTP version.
fn lines(server: &ScriptedServer) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for request in server.requests() {
        let line = request.head.lines().next().unwrap().replace(" HTTP/1.1", "");
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// Returns all values of a header, in the order in which they were received.
fn header(request: &WireRequest, name: &str) -> Vec<String> {
    let lines = request.head.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn folded_header_lines_are_read() {
    let desk = Desk::new();
    let server = ScriptedServer::start(|_| {
        ScriptedAnswer::new("200 OK", "X-Policy: none;\r\n\tscripts *;\r\n  images *\r\n", "fine")
    });
    let (_, report) = run(
        &desk,
        &scenario(&server.url(), "20/s", "requests: [ { name: folded } ]"),
        0,
    );
    all_completed(&report, 20);
}

#[test]
fn the_path_of_a_target_is_requested_as_written() {
    let desk = Desk::new();
    let server = ScriptedServer::start(|_| ok());
    let target = format!("{}/shop/items", server.url());
    let requests = "requests: [ { name: plain }, { name: page, query: { page: 2 } } ]";
    let (_, report) = run(&desk, &scenario(&target, "20/s", requests), 0);
    all_completed(&report, 20);
    let requested: Vec<String> = lines(&server).into_keys().collect();
    assert_eq!(requested, ["GET /shop/items", "GET /shop/items?page=2"]);
}

#[test]
fn targets_take_turns_with_either_key() {
    for key in ["target", "targets"] {
        let desk = Desk::new();
        let server = ScriptedServer::start(|_| ok());
        let list = format!("[ '{0}/north', '{0}/south' ]", server.url());
        let text = scenario(&list, "12/s", "requests: [ { name: home, url: /home } ]");
        let (_, report) = run(&desk, &text.replace("\ntarget: ", &format!("\n{key}: ")), 0);
        all_completed(&report, 12);
        let even = ["GET /north/home", "GET /south/home"].map(|line| (line.to_owned(), 6));
        assert_eq!(lines(&server), BTreeMap::from(even), "{key}");
    }
}

#[test]
fn redirects_are_followed_as_in_browsers() {
    let desk = Desk::new();
    let server = ScriptedServer::start(|request| {
        let (path, port) = (request.path(), header(request, "host").concat());
        let port = port.rsplit(':').next().unwrap_or_default();
        let to = |status: &str, place: &str, more: &str| {
            ScriptedAnswer::new(status, &format!("Location: {place}\r\n{more}"), "")
        };
        match path {
            "/see" => to("302 Found", "/seen", ""),
            "/keep" => to("307 Temporary Redirect", "/kept", ""),
            "/move" => to("301 Moved Permanently", "/moved", ""),
            "/away" => to("302 Found", &format!("http://localhost:{port}/there"), ""),
            "/login" => to("302 Found", "/account", "Set-Cookie: session=7; Path=/; HttpOnly\r\n"),
            "/account" if header(request, "cookie") != ["session=7"] => to("302 Found", "/login", ""),
            "/round" => to("302 Found", "/round", ""),
            _ => ok(),
        }
    });
    let send = "body: x, headers: { Authorization: Bearer t }, follow_redirects: 3";
    let requests = format!(
        "seed: 3\nrequests:\n  - {{ name: see, method: POST, url: /see, {send} }}\n\
         \x20 - {{ name: keep, method: POST, url: /keep, {send} }}\n  - {{ name: move, method: PUT, url: /move, {send} }}\n\
         \x20 - {{ name: away, url: /away, headers: {{ Authorization: Bearer t, X-Api-Key: k }}, follow_redirects: 3 }}\n\
         \x20 - {{ name: login, url: /login, follow_redirects: 3 }}\n\
         \x20 - {{ name: round, url: /round, follow_redirects: 3 }}\n"
    );
    let (_, report) = run(&desk, &scenario(&server.url(), "60/s", &requests), 0);
    for request in report["requests"].as_array().unwrap() {
        let (all, none) = match request["name"] == "round" {
            true => ("failed", "completed"),
            false => ("completed", "failed"),
        };
        assert!(request[all].as_u64() > Some(0) && request[none] == 0, "{request}");
    }
    let reason = "more redirects than follow_redirects allows";
    assert_eq!(report["failures"][0]["reason"], reason);
    let counts = lines(&server);
    for (from, to) in [
        ("POST /see", "GET /seen"),
        ("POST /keep", "POST /kept"),
        ("PUT /move", "PUT /moved"),
        ("GET /away", "GET /there"),
        ("GET /login", "GET /account"),
    ] {
        assert!(
            counts[from] > 0 && counts[from] == counts[to],
            "{from} {to}: {counts:?}"
        );
    }
    for request in server.requests() {
        let authorized = header(&request, "authorization") == ["Bearer t"];
        match request.path() {
            "/seen" => assert!(request.body.is_empty() && authorized, "{request:?}"),
            "/kept" | "/moved" => assert!(request.body == b"x" && authorized, "{request:?}"),
            "/there" => {
                let (key, host) = (header(&request, "x-api-key"), header(&request, "host").concat());
                assert!(
                    !authorized && key.is_empty() && host.starts_with("localhost:"),
                    "{request:?}"
                );
            }
            // A cookie is kept only for one chain of redirects. The request for `/login` begins a chain, so this
            // request has no cookie.
            "/login" => assert!(header(&request, "cookie").is_empty(), "{request:?}"),
            _ => {}
        }
    }
}

#[test]
fn compressed_bodies_are_decoded_before_they_are_searched() {
    let body = br#"{"state":"open"}"#.repeat(50);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&body).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&body).unwrap();
    let bodies = [
        ("", body),
        ("Content-Encoding: gzip\r\n", gzip.finish().unwrap()),
        ("Content-Encoding: deflate\r\n", zlib.finish().unwrap()),
    ];
    let server = ScriptedServer::start(move |request| {
        let (coding, body) = match request.path() {
            "/gzip" => &bodies[1],
            "/deflate" => &bodies[2],
            _ => &bodies[0],
        };
        ScriptedAnswer::new("200 OK", coding, body)
    });
    let check = r#"headers: { Accept-Encoding: "gzip, deflate" }, success: { body_contains: '"state":"open"' }"#;
    let requests: Vec<String> = ["plain", "gzip", "deflate"]
        .map(|name| format!("  - {{ name: {name}, url: /{name}, {check} }}"))
        .into();
    let rest = format!("requests:\n{}", requests.join("\n"));
    let (_, report) = run(&Desk::new(), &scenario(&server.url(), "30/s", &rest), 0);
    all_completed(&report, 30);
    assert_eq!(lines(&server).len(), 3);
}

#[test]
fn a_text_after_the_first_megabyte_is_found() {
    let page = format!("<main>{}</main>", "-".repeat(2 << 20));
    let server = ScriptedServer::start(move |_| ScriptedAnswer::new("200 OK", "", &page));
    let request = |text: &str| {
        let rest = format!("requests: [ {{ name: page, success: {{ body_contains: '{text}' }} }} ]");
        scenario(&server.url(), "5/s", &rest)
    };
    let (_, report) = run(&Desk::new(), &request("</main>"), 0);
    all_completed(&report, 5);
    let (_, report) = run(&Desk::new(), &request("</body>"), 99);
    assert_eq!(report["total"]["failures"]["check"], 5);
}

#[test]
fn a_header_is_sent_twice_if_its_value_is_a_list() {
    let (desk, server) = (Desk::new(), ScriptedServer::start(|_| ok()));
    let request = |headers: &str| {
        let rest = format!("requests: [ {{ name: via, headers: {{ {headers} }} }} ]");
        scenario(&server.url(), "5/s", &rest)
    };
    desk.write("s.yaml", &request("X-Via: north, x-via: south"));
    desk.run(&["check", "s.yaml"]).expect(
        2,
        &[
            "`x-via` is written twice",
            "write `x-via: [ONE, OTHER]` to send it twice",
        ],
    );
    let (_, report) = run(&desk, &request("X-Via: [ north, south ]"), 0);
    all_completed(&report, 5);
    for request in server.requests() {
        assert_eq!(header(&request, "x-via"), ["north", "south"]);
    }
}

/// A certificate authority.
type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(name: &str, by: &Authority) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.signed_by(&key, by).unwrap(), key)
}

/// A request that the TLS server has recorded. The fields are the server name that the client requested, whether the
/// client presented a certificate, and the header `Host`.
type Seen = (Option<String>, bool, String);

/// A TLS server whose certificate is valid for one name. If the server was started with `mutual`, it accepts only
/// clients with a certificate of the same authority.
struct TlsServer {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl TlsServer {
    fn start(name: &str, authority: &Authority, mutual: bool) -> TlsServer {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match mutual {
            true => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
            false => builder.with_no_client_auth(),
        };
        let (certificate, key) = certificate(name, authority);
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (config, seen) = (Arc::new(config), Arc::new(Mutex::new(Vec::new())));
        let recorded = seen.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (config, recorded) = (config.clone(), recorded.clone());
                // If the client closes the connection, an error is expected and ignored.
                std::thread::spawn(move || drop(serve(socket, config, &recorded)));
            }
        });
        TlsServer { port, seen }
    }

    /// Returns the recorded requests. A request that equals the previous request is left out.
    fn seen(&self) -> Vec<Seen> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.dedup();
        seen
    }
}

fn serve(mut socket: TcpStream, config: Arc<ServerConfig>, recorded: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let mut session = ServerConnection::new(config).unwrap();
    while session.is_handshaking() {
        if let Err(error) = session.complete_io(&mut socket) {
            // `write_tls` sends a TLS alert to the client. The alert contains the reason of the failure.
            let _ = session.write_tls(&mut socket);
            return Err(error);
        }
    }
    let name = session.server_name().map(str::to_owned);
    let has_certificate = session.peer_certificates().is_some();
    let mut stream = BufReader::new(StreamOwned::new(session, socket));
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let host = head.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.or_else(|| head.lines().find_map(|line| line.strip_prefix("Host: ")));
        recorded
            .lock()
            .unwrap()
            .push((name.clone(), has_certificate, host.unwrap_or_default().to_owned()));
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

#[test]
fn an_untrusted_certificate_fails_with_a_remedy() {
    let desk = Desk::new();
    let server = TlsServer::start("localhost", &authority(), false);
    let target = format!("https://localhost:{}", server.port);
    let (ran, report) = run(&desk, &scenario(&target, "10/s", "requests: [ { name: home } ]"), 99);
    assert_eq!(report["total"]["failures"]["tls"], 10);
    let failure = &report["failures"][0];
    assert_eq!(failure["reason"], "certificate signed by an unknown issuer");
    let advice = failure["advice"].as_str().unwrap();
    for remedy in ["SSL_CERT_FILE", "insecure_tls"] {
        assert!(advice.contains(remedy), "{advice}");
    }
    assert!(ran.stdout.contains(advice), "{}", ran.stdout);
    assert_eq!(server.seen(), []);
}

#[test]
fn the_client_certificate_of_the_scenario_is_presented() {
    let (desk, authority) = (Desk::new(), authority());
    let server = TlsServer::start("localhost", &authority, true);
    let (client, key) = certificate("client", &authority);
    desk.write("ca.pem", &authority.pem());
    desk.write("client.pem", &client.pem());
    let text = |tls: &str| {
        let rest = format!("tls: {{ {tls} }}\nrequests: [ {{ name: home }} ]");
        scenario(&format!("https://localhost:{}", server.port), "10/s", &rest)
    };
    let (_, report) = run(&desk, &text("ca: ca.pem"), 99);
    assert_eq!(
        report["failures"][0]["reason"],
        "the server asks for a client certificate"
    );
    assert_eq!(server.seen(), []);
    let with = "ca: ca.pem, cert: client.pem, key: '{{ secret \"env:CLIENT_PEM\" }}'";
    let (_, report) = run_with(&desk, &text(with), 0, |command| {
        command.env("CLIENT_PEM", key.serialize_pem());
    });
    all_completed(&report, 10);
    let host = format!("localhost:{}", server.port);
    assert_eq!(server.seen(), [(Some("localhost".to_owned()), true, host)]);
}

#[test]
fn hosts_overrides_the_address_but_keeps_the_server_name() {
    let (desk, authority) = (Desk::new(), authority());
    let server = TlsServer::start("shop.example", &authority, false);
    desk.write("ca.pem", &authority.pem());
    let rest = format!(
        "hosts: {{ shop.example: '127.0.0.1:{}' }}\ntls: {{ ca: ca.pem }}\nrequests: [ {{ name: home }} ]",
        server.port
    );
    let (_, report) = run(&desk, &scenario("https://shop.example", "10/s", &rest), 0);
    all_completed(&report, 10);
    let name = "shop.example".to_owned();
    assert_eq!(server.seen(), [(Some(name.clone()), false, name)]);
}

#[test]
fn exhausted_ports_are_a_failure_of_the_worker() {
    const ISOLATED: [&str; 3] = ["--user", "--map-root-user", "--net"];
    // The new network namespace has only forty ports for connections. The target and the worker need some of the ports
    // for other purposes.
    const FEW: &str = "ip link set lo up && echo '45000 45039' > /proc/sys/net/ipv4/ip_local_port_range";
    let possible = Command::new("unshare")
        .args(ISOLATED)
        .args(["sh", "-c", FEW])
        .stderr(Stdio::null())
        .status();
    if !possible.is_ok_and(|status| status.success()) {
        println!("SKIPPED exhausted ports: this user may not create a network namespace");
        return;
    }
    let desk = Desk::new();
    let rest = "limits: { connections: 100, max_wait: 5s }\nrequests: [ { name: home, timeout: 5s } ]";
    desk.write("s.yaml", &scenario("{ builtin: latency 2s }", "100/s", rest));
    let script = format!("{FEW} && exec \"$0\" \"$@\"");
    let wrapper = [&["unshare"], &ISOLATED[..], &["sh", "-c", &script]].concat();
    let args = ["launch", "s.yaml", "--workers", "1", "--out", "r.json"];
    let ran = Ran::new(&desk.under(&wrapper, &args).output().unwrap()).expect(0, &[]);
    let report = desk.json("r.json");
    let failures = &report["total"]["failures"];
    let local = failures["local"].as_u64().unwrap();
    assert_eq!(report["balance"]["failed"], local, "{failures}");
    assert!(
        local > 0 && report["balance"]["completed"].as_u64() > Some(0),
        "{report:#}"
    );
    for words in [
        "this worker has no free port for a connection to 127.0.0.1:",
        "the generator, not the target",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
}

#[test]
fn feed_cells_are_escaped_for_json() {
    let desk = Desk::new();
    let names = ["plain", "with \"quotes\"", "back\\slash", "two\nlines"];
    desk.write(
        "people.csv",
        "name\nplain\n\"with \"\"quotes\"\"\"\nback\\slash\n\"two\nlines\"\n",
    );
    let server = ScriptedServer::start(|_| ok());
    let text = |cell: &str| {
        let rest = format!(
            "feeds: {{ people: people.csv }}\nrequests:\n  - name: create\n    method: POST\n\
             \x20   headers: {{ Content-Type: application/json }}\n    body: '{{\"name\": \"{cell}\"}}'"
        );
        scenario(&server.url(), "8/s", &rest)
    };
    desk.write("s.yaml", &text("{{ feed people.name }}"));
    desk.run(&["launch", "s.yaml"]).expect(
        2,
        &[
            "row 2 of the feed `people` needs escaping in a JSON text",
            "write `{{ feed people.name json }}`",
        ],
    );
    let (_, report) = run(&desk, &text("{{ feed people.name json }}"), 0);
    all_completed(&report, 8);
    let mut counts = BTreeMap::new();
    for request in server.requests() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        *counts.entry(body["name"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(counts, names.map(|name| (name.to_owned(), 2)).into());
}

#[test]
fn feed_cells_in_a_path_or_query_are_percent_encoded() {
    let desk = Desk::new();
    let cells = ["half%", "a?b=c", "a/b", "..", "%zz"];
    let encoded = ["half%25", "a%3Fb%3Dc", "a%2Fb", "%2E%2E", "%25zz"];
    desk.write("parts.csv", &format!("part\n{}\n", cells.join("\n")));
    let server = ScriptedServer::start(|_| ok());
    for (url, start) in [
        ("url: '/parts/{{ feed parts.part }}'", "GET /parts/"),
        (
            "url: /find, query: { part: '{{ feed parts.part }}' }",
            "GET /find?part=",
        ),
    ] {
        let rest = format!("feeds: {{ parts: parts.csv }}\nrequests: [ {{ name: part, {url} }} ]");
        let (_, report) = run(&desk, &scenario(&server.url(), "10/s", &rest), 0);
        all_completed(&report, 10);
        let counts = lines(&server);
        let found = counts.into_iter().filter(|(line, _)| line.starts_with(start));
        let expected = encoded.map(|cell| (format!("{start}{cell}"), 2));
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected.into());
    }
}

#[test]
fn an_international_host_name_is_sent_in_its_ascii_form() {
    let (desk, server) = (Desk::new(), ScriptedServer::start(|_| ok()));
    let rest = format!(
        "hosts: {{ xn--mnchen-3ya.example: '{}' }}\nrequests: [ {{ name: home, url: 'http://münchen.example/x' }} ]",
        server.address()
    );
    let (_, report) = run(&desk, &scenario(&server.url(), "5/s", &rest), 0);
    all_completed(&report, 5);
    for request in server.requests() {
        assert_eq!(header(&request, "host"), ["xn--mnchen-3ya.example"]);
    }
}

#[test]
fn dropped_arrivals_cross_a_run_whose_other_thresholds_are_kept() {
    let (desk, target) = (Desk::new(), Target::start("latency 500ms"));
    let text = |thresholds: &str| {
        let rest = format!(
            "requests: [ {{ name: slow }} ]\nlimits: {{ connections: 5, max_wait: 300ms }}\nthresholds: [ {thresholds} ]"
        );
        scenario(&target.url(), "100/s", &rest)
    };
    let (ran, report) = run(&desk, &text("latency p99 < 5s, errors < 1%"), 99);
    assert_eq!(report["verdict"], "crossed");
    let (planned, dropped) = (&report["balance"]["planned"], report["balance"]["dropped"].as_u64());
    assert!(*planned == 100 && dropped > Some(50), "{}", report["balance"]);
    for words in ["not met    dropped <= 0 (by default)", "sent requests, but not the"] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    run(&desk, &text("latency p99 < 5s, dropped < 100%"), 0);
}

#[test]
fn arrivals_that_wait_for_a_connection_print_a_note() {
    let (desk, target) = (Desk::new(), Target::start("latency 100ms"));
    let rest = "requests: [ { name: home } ]\nlimits: { connections: 3 }";
    let (ran, _) = run(&desk, &scenario(&target.url(), "100/s", rest), 0);
    let note = "all of a worker's 3 connections were in use; raise `limits: connections`?";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
}

#[test]
fn a_proxy_in_the_environment_prints_a_caution() {
    let (desk, server) = (Desk::new(), ScriptedServer::start(|_| ok()));
    let text = scenario(&server.url(), "5/s", "requests: [ { name: home } ]");
    let (ran, report) = run_with(&desk, &text, 0, |command| {
        command.env("HTTP_PROXY", "http://user:pa55word@127.0.0.1:1");
    });
    all_completed(&report, 5);
    let ran = ran.expect(0, &["caution: HTTP_PROXY is set, and the load does not use a proxy"]);
    assert!(!ran.stderr.contains("pa55word"), "{}", ran.stderr);
}

#[test]
fn invalid_scenarios_are_rejected_with_a_hint() {
    let desk = Desk::new();
    let rest = "requests: [ { name: home } ]";
    let at = |url: &str| {
        let rest = format!("requests: [ {{ name: home, url: '{url}' }} ]");
        scenario("http://127.0.0.1:9", "5/s", &rest)
    };
    let plain = scenario("http://127.0.0.1:9", "5/s", rest);
    let with = |threshold: &str| format!("{plain}thresholds: [ {threshold} ]\n");
    let in_place = "only variables are allowed here";
    let cases: [(String, &[&str]); 8] = [
        (
            at("http://ann:pa55@127.0.0.1:9/x"),
            &[
                "a URL must not contain a user name or password",
                "`Authorization` header",
            ],
        ),
        (
            at("http://{{ env \"UNSET_OR_EMPTY\" }}/x"),
            &["has no host", "write one like `https://"],
        ),
        (with("errors < 0%"), &["no run can meet `errors < 0%`", "write `<= 0%`"]),
        (with("rate < 0/s"), &["no run can meet `rate < 0/s`", "write `<= 0/s`"]),
        (
            with("dropped < 0%"),
            &["no run can meet `dropped < 0%`", "write `<= 0%`"],
        ),
        (with("'latency p99 < {{ env \"P99\" }}'"), &[in_place, "vars: {"]),
        (
            plain.replace("5/s", "'{{ env \"RATE\" }}'"),
            &[in_place, "`rate` is read before the run"],
        ),
        (
            plain.replace("name: home", "name: home, weight: '{{ env \"W\" }}'"),
            &[in_place, "`weight` is read before the run"],
        ),
    ];
    for (text, words) in &cases {
        desk.write("s.yaml", text);
        for verb in ["check", "launch"] {
            let mut command = desk.command(&[verb, "s.yaml"]);
            let variables = [("UNSET_OR_EMPTY", ""), ("P99", "1s"), ("RATE", "5/s"), ("W", "1")];
            let ran = Ran::new(&command.envs(variables).output().unwrap());
            ran.expect(2, words);
        }
    }
    assert!(!desk.path("runs").exists(), "a run was started");
}

#[test]
fn connections_to_a_dead_target_are_retried_slowly_over_both_protocols() {
    let closed = ClosedPort::new().unwrap();
    let attempts = ["http1", "http2"].map(|protocol| {
        let text = format!(
            "name: dead\ntarget: {}\nprotocol: {protocol}\nload: {{ users: {{ users: 20, duration: 2s }} }}\n\
             requests: [ {{ name: home }} ]\n",
            closed.url()
        );
        let (_, report) = run(&Desk::new(), &text, 99);
        let failures = &report["total"]["failures"];
        assert_eq!(report["balance"]["sent"], failures["connect"], "{failures}");
        report["balance"]["sent"].as_u64().unwrap()
    });
    // After a failed connection, the worker opens no connection for up to 100 ms. `most` is the number of attempts of
    // 20 users for an average pause of 20 ms.
    let most = 20 * Duration::from_secs(2).as_millis() as u64 / 20;
    assert!(
        attempts.iter().all(|attempts| (20..=most).contains(attempts)),
        "{attempts:?}"
    );
    assert!(attempts[1] <= 2 * attempts[0], "{attempts:?}");
}
