//! Tests of the certificates that the engine accepts, and of the failures that other certificates cause.

use super::server::{Peer, Server, Wire};
use crate::certificates::{authority, config};
use crate::rig::{Expected, Rig, failed, ok, outcome};
use plan::scenario::Protocol::Http1;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use tally::outcome::Failure;
use worker::engine::Engine;

/// Completes the TLS handshake with a client.
pub(super) fn shake(config: &Arc<ServerConfig>, mut socket: TcpStream) -> Option<Box<dyn Wire>> {
    let mut connection = ServerConnection::new(config.clone()).unwrap();
    while connection.is_handshaking() {
        if connection.complete_io(&mut socket).is_err() {
            // `write_tls` sends a TLS alert that contains the reason.
            let _ = connection.write_tls(&mut socket);
            return None;
        }
    }
    Some(Box::new(StreamOwned::new(connection, socket)))
}

/// Starts a target that uses TLS.
pub(super) fn server(config: ServerConfig, behaviour: impl Fn(&mut Peer) + Send + Sync + 'static) -> Server {
    let config = Arc::new(config);
    Server::with_wire(move |socket| shake(&config, socket), behaviour)
}

fn answers(peer: &mut Peer) {
    peer.answer_all("200 OK", "hello");
}

/// Sends arrival 0 to `scheme://127.0.0.1`, and checks the outcome.
#[track_caller]
fn check(server: &Server, scheme: &str, snippet: &str, expected: Expected) {
    let answer = Rig::at(Http1, &format!("{scheme}://127.0.0.1:{}", server.port), snippet).send();
    assert_eq!(outcome(&answer), expected, "{scheme} {snippet}");
}

/// The trusted certificates are read from the environment. So this test runs itself again, with other variables in the
/// environment.
#[test]
fn an_authority_of_the_system_is_trusted() {
    const AGAIN: &str = "ENGINE_TEST_AUTHORITY_KEY";
    if let Some(key) = std::env::var_os(AGAIN) {
        return check_trust(std::path::Path::new(&key));
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (folder.path().join("ca.pem"), folder.path().join("ca.key"));
    let authority = authority();
    std::fs::write(&file, authority.pem()).unwrap();
    std::fs::write(&key, authority.key().serialize_pem()).unwrap();
    for (file, key) in [(&file, key.as_path()), (&folder.path().join("none.pem"), "".as_ref())] {
        let run = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "engine_http::tls::an_authority_of_the_system_is_trusted"])
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR")
            .env(AGAIN, key)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && output.contains("1 passed"), "{output}");
    }
}

/// Checks the engine while `SSL_CERT_FILE` names the certificate of the authority. If `key` is empty, `SSL_CERT_FILE`
/// names a missing file.
fn check_trust(key: &std::path::Path) {
    if key.as_os_str().is_empty() {
        let prepared = Rig::at(Http1, "https://127.0.0.1:1", "").run(async |http| http.prepare().await);
        let problem = prepared.unwrap_err();
        return assert!(problem.contains("SSL_CERT_FILE"), "{problem}");
    }
    let key = KeyPair::from_pem(&std::fs::read_to_string(key).unwrap()).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, key).unwrap();
    let right = server(config("127.0.0.1", Some(&authority)), answers);
    check(&right, "https", "", ok(200));
    let wrong = server(config("other.example", Some(&authority)), answers);
    check(&wrong, "https", "", failed(Failure::Tls, None));
    let named = server(config("localhost", Some(&authority)), answers);
    let answer = Rig::at(Http1, &format!("https://localhost:{}", named.port), "").send();
    assert_eq!(outcome(&answer), ok(200));
}
