//! Tests of client certificates of users. nginx verifies the certificates and writes their subjects to its log.

use super::{Case, NGINX, TLS, are_installed, desk, start};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use whole_runs::machine::{Desk, Ran, wait_for};

/// The number of users. Each user has its own certificate.
const USERS: usize = 8;

/// nginx accepts client certificates that the authority in `clients.pem` has signed. nginx logs the subject of the
/// certificate of each request.
const VERIFYING: Case = Case {
    name: "client certificates",
    setting: "ssl_client_certificate clients.pem; ssl_verify_client on;
        log_format subject '$connection $status $ssl_client_s_dn $uri$args';
        access_log subjects.log subject;",
    ..TLS
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Returns a certificate for a key in PEM format. The authority `by` signs the certificate.
fn certificate(name: &str, key: &KeyPair, by: &Authority) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.signed_by(key, by).unwrap().pem()
}

/// A folder with a shared certificate and the certificates of the users. `keys` contains the names and values of the
/// environment variables with their keys.
struct Clients {
    desk: Desk,
    keys: Vec<(String, String)>,
}

impl Clients {
    /// Creates the certificates, and a feed with `rows` rows. The users repeat in the rows of the feed.
    fn new(rows: usize) -> Clients {
        let (desk, by) = (desk(), authority());
        desk.write("clients.pem", &by.pem());
        let mut keys = Vec::new();
        let shared = KeyPair::generate().unwrap();
        desk.write("shared.pem", &certificate("shared", &shared, &by));
        keys.push(("SHARED_KEY".to_owned(), shared.serialize_pem()));
        std::fs::create_dir(desk.path("certs")).unwrap();
        for user in 0..USERS {
            let key = KeyPair::generate().unwrap();
            desk.write(
                &format!("certs/{user}.pem"),
                &certificate(&format!("user-{user}"), &key, &by),
            );
            keys.push((format!("USER_{user}_KEY"), key.serialize_pem()));
        }
        let all: String = keys.iter().map(|(_, key)| key.as_str()).collect();
        keys.push(("ALL_KEYS".to_owned(), all));
        let mut feed = "cert,key,pem\n".to_owned();
        for user in (0..rows).map(|row| row % USERS) {
            let pem = std::fs::read_to_string(desk.path(&format!("certs/{user}.pem"))).unwrap();
            writeln!(feed, "certs/{user}.pem,env:USER_{user}_KEY,\"{pem}\"").unwrap();
        }
        desk.write("users.csv", &feed);
        Clients { desk, keys }
    }

    fn launch(&self, scenario: &str) -> Ran {
        self.desk.write("s.yaml", scenario);
        let mut command = self
            .desk
            .command(&["launch", "s.yaml", "--workers", "2", "--out", "out.json"]);
        Ran::new(&command.envs(self.keys.clone()).output().unwrap())
    }

    /// Waits until nginx's log has `lines` lines. Returns each line as connection, status, subject and path.
    fn logged(&self, lines: usize) -> Vec<(String, String, String, String)> {
        let log = || std::fs::read_to_string(self.desk.path("subjects.log")).unwrap();
        let whole = wait_for("the lines of the log", Duration::from_secs(5), || {
            Some(log()).filter(|log| log.lines().count() >= lines)
        });
        let line = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            let mut word = || words.next().unwrap();
            (word(), word(), word(), word())
        };
        whole.lines().map(line).collect()
    }
}

/// Returns a scenario of flows. The first step uses the shared certificate, and the later steps use the certificate of
/// the flow's user.
fn enrolling(port: u16, feed: &str, load: &str, own: &str) -> String {
    format!(
        "name: t\ntarget: https://localhost:{port}\nload: {load}\n\
         feeds: {{ users: {{ file: users.csv, pick: {feed} }} }}\n\
         tls: {{ ca: certificate.pem, cert: shared.pem, key: '{{{{ secret \"env:SHARED_KEY\" }}}}' }}\n\
         flows:\n- name: device\n  steps:\n\
         \x20 - {{ name: enroll, get: /small.txt, query: {{ enroll: 1 }} }}\n\
         \x20 - {{ name: one, get: /small.txt, tls: {{ {own} }} }}\n\
         \x20 - {{ name: two, get: /small.txt, tls: {{ {own} }} }}\n"
    )
}

const BY_REFERENCES: &str = "cert: '{{ feed users.cert }}', key: '{{ feed users.key }}'";
const BY_ONE_SECRET: &str = "cert: '{{ feed users.pem }}', key: '{{ secret \"env:ALL_KEYS\" }}'";

#[test]
fn each_user_shows_its_own_certificate_exactly_as_often_as_planned() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    const FLOWS: usize = 3 * USERS;
    let load = "{ constant: { rate: 12/s, duration: 2s } }";
    for (pick, own) in [
        ("once", BY_REFERENCES),
        ("shuffle", BY_ONE_SECRET),
        ("turn", BY_REFERENCES),
    ] {
        let clients = Clients::new(if pick == "once" { FLOWS } else { USERS });
        let serving = start(&NGINX, &clients.desk, &VERIFYING, 0);
        let ran = clients.launch(&enrolling(serving.port, pick, load, own));
        assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        let report = clients.desk.json("out.json");
        assert_eq!(report["total"]["completed"], 3 * FLOWS, "{report}");
        let lines = clients.logged(3 * FLOWS);
        let mut requests = BTreeMap::<String, usize>::new();
        let mut subjects = BTreeMap::<&String, BTreeSet<&String>>::new();
        for (connection, status, subject, path) in &lines {
            assert_eq!(status, "200");
            assert_eq!(path.ends_with("enroll=1"), subject == "CN=shared", "{subject} {path}");
            *requests.entry(subject.clone()).or_default() += 1;
            subjects.entry(connection).or_default().insert(subject);
        }
        let mut planned: BTreeMap<String, usize> = (0..USERS)
            .map(|user| (format!("CN=user-{user}"), 2 * FLOWS / USERS))
            .collect();
        planned.insert("CN=shared".to_owned(), FLOWS);
        assert_eq!(requests, planned, "{pick}");
        assert!(subjects.values().all(|subjects| subjects.len() == 1));
        assert_eq!(
            subjects.len(),
            2 * FLOWS,
            "{pick}: each flow opens a connection for each certificate"
        );
    }
}

#[test]
fn each_population_shows_its_own_certificates() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    let clients = Clients::new(USERS);
    let serving = start(&NGINX, &clients.desk, &VERIFYING, 0);
    // The arrivals of each population are numbered from 0, so the two populations use the same numbers.
    let scenario = format!(
        "name: t\ntarget: https://localhost:{}\nfeeds: {{ users: users.csv }}\n\
         tls: {{ ca: certificate.pem, cert: shared.pem, key: '{{{{ secret \"env:SHARED_KEY\" }}}}' }}\n\
         populations:\n\
         \x20 partners:\n    load: {{ constant: {{ rate: 10/s, duration: 1s }} }}\n\
         \x20   requests: [ {{ name: a, url: /small.txt }}, {{ name: b, url: /small.txt }} ]\n\
         \x20 people:\n    load: {{ constant: {{ rate: {USERS}/s, duration: 1s }} }}\n\
         \x20   flows:\n    - name: device\n      steps:\n\
         \x20       - {{ name: one, get: /small.txt, tls: {{ {BY_REFERENCES} }} }}\n\
         \x20       - {{ name: two, get: /small.txt, tls: {{ {BY_REFERENCES} }} }}\n",
        serving.port
    );
    let ran = clients.launch(&scenario);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let mut requests = BTreeMap::<String, usize>::new();
    for (_, status, subject, _) in clients.logged(10 + 2 * USERS) {
        assert_eq!(status, "200");
        *requests.entry(subject).or_default() += 1;
    }
    let mut planned: BTreeMap<String, usize> = (0..USERS).map(|user| (format!("CN=user-{user}"), 2)).collect();
    planned.insert("CN=shared".to_owned(), 10);
    assert_eq!(requests, planned);
}

#[test]
fn users_of_a_closed_load_keep_the_certificates_of_their_rows() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    let clients = Clients::new(USERS);
    let serving = start(&NGINX, &clients.desk, &VERIFYING, 0);
    let scenario = format!(
        "name: t\ntarget: https://localhost:{}\nload: {{ users: {{ users: 4, duration: 2s }} }}\nthink_time: {{ min: 20ms, max: 60ms }}\n\
         session: kept\nfeeds: {{ users: {{ file: users.csv, pick: user }} }}\n\
         tls: {{ ca: certificate.pem, {BY_REFERENCES} }}\n\
         flows: [ {{ name: visit, steps: [ {{ name: home, get: /small.txt }} ] }} ]\n",
        serving.port
    );
    let ran = clients.launch(&scenario);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let completed = clients.desk.json("out.json")["total"]["completed"].as_u64().unwrap();
    assert!(completed > 20, "{}", ran.stdout);
    let lines = clients.logged(completed as usize);
    assert_eq!(lines.len() as u64, completed);
    let subjects: BTreeSet<&str> = lines.iter().map(|(_, _, subject, _)| subject.as_str()).collect();
    assert_eq!(
        subjects,
        BTreeSet::from(["CN=user-0", "CN=user-1", "CN=user-2", "CN=user-3"])
    );
    let connections: BTreeSet<(&String, &String)> = lines.iter().map(|(number, _, who, _)| (number, who)).collect();
    assert_eq!(connections.len(), 4, "{connections:?}");
}

#[test]
fn a_rejected_certificate_fails_its_own_user_only() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    let clients = Clients::new(USERS);
    let key = KeyPair::from_pem(&clients.keys[1].1).unwrap();
    clients
        .desk
        .write("certs/0.pem", &certificate("user-0", &key, &authority()));
    let serving = start(&NGINX, &clients.desk, &VERIFYING, 0);
    let load = "{ constant: { rate: 12/s, duration: 2s } }";
    let ran = clients.launch(&enrolling(serving.port, "turn", load, BY_REFERENCES));
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let report = clients.desk.json("out.json");
    // nginx answers a request with a rejected certificate with the status 400. The flow ends after this answer.
    assert_eq!(
        report["total"]["statuses"],
        serde_json::json!({ "200": 24 + 2 * 21, "400": 3 })
    );
}

#[test]
fn a_key_of_another_certificate_is_found_before_the_start_and_no_key_is_stored() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    let mut clients = Clients::new(USERS);
    let serving = start(&NGINX, &clients.desk, &VERIFYING, 0);
    clients.keys[3].1 = clients.keys[4].1.clone();
    let load = "{ constant: { rate: 12/s, duration: 2s } }";
    clients
        .desk
        .write("s.yaml", &enrolling(serving.port, "turn", load, BY_REFERENCES));
    // `prepare` runs without the keys in its environment.
    clients
        .desk
        .run(&["prepare", "s.yaml", "--workers", "1", "--run", "r"])
        .expect(0, &[]);
    let names: Vec<&str> = clients.keys.iter().flat_map(|(name, _)| ["--env", name]).collect();
    let worker = ["worker", "--run", "r", "--shard", "0"];
    let mut command = clients.desk.command(&[&worker[..], &names].concat());
    let ran = Ran::new(&command.envs(clients.keys.clone()).output().unwrap());
    assert_ne!(ran.code, Some(0), "{}", ran.stdout);
    let problem =
        "row 3 of the feed `users`: the certificate `certs/2.pem` does not match a private key in env:USER_2_KEY";
    assert!(ran.stderr.contains(problem), "{}", ran.stderr);
    assert_eq!(clients.logged(0), []);
    for entry in walk(&clients.desk.path("runs")) {
        let content = std::fs::read(&entry).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains("PRIVATE KEY"), "{entry:?}");
    }
}

/// Starts a server with TLS 1.2, and returns its port. The server ends the handshake with a client that has no
/// certificate of this authority. The server answers every request with the status 200.
fn strict_server(desk: &Desk, authority: &str) -> u16 {
    let read = |name: &str| std::fs::read(desk.path(name)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
        .unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(&read("certificate.pem")).unwrap()],
            PrivateKeyDer::from_pem_slice(&read("key.pem")).unwrap(),
        )
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut session = ServerConnection::new(config.clone()).unwrap();
            std::thread::spawn(move || {
                while session.is_handshaking() {
                    if session.complete_io(&mut socket).is_err() {
                        // `write_tls` sends a TLS alert to the client. The alert contains the reason.
                        return drop(session.write_tls(&mut socket));
                    }
                }
                let mut stream = BufReader::new(StreamOwned::new(session, socket));
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if line == "\r\n" {
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        let _ = stream.get_mut().write_all(answer);
                    }
                    line.clear();
                }
            });
        }
    });
    port
}

#[test]
fn a_failed_handshake_fails_its_own_user_only() {
    let clients = Clients::new(USERS);
    let key = KeyPair::from_pem(&clients.keys[1].1).unwrap();
    clients
        .desk
        .write("certs/0.pem", &certificate("user-0", &key, &authority()));
    let port = strict_server(
        &clients.desk,
        &std::fs::read_to_string(clients.desk.path("clients.pem")).unwrap(),
    );
    let load = "{ constant: { rate: 40/s, duration: 2s } }";
    let ran = clients.launch(&enrolling(port, "turn", load, BY_REFERENCES));
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let report = clients.desk.json("out.json");
    assert_eq!(
        report["total"]["failures"],
        serde_json::json!({ "tls": 10 }),
        "{}",
        ran.stdout
    );
    assert_eq!(report["total"]["completed"], 80 + 2 * 70, "{}", ran.stdout);
    assert_eq!(report["requests"][1]["failed"], 10, "{}", ran.stdout);
}

/// Returns all files in a folder and in its subfolders.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| walk(folder)));
    files
}
