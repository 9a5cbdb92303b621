//! Whom the engine believes, and what it says of the others.

use super::rig::{Expected, Rig, failed, ok, outcome, send};
use super::server::{Peer, Server, Wire};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tally::outcome::Failure;
use worker::engine::Engine;

/// Who vouches for a server.
pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(super) fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a server or a client presents.
pub(super) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    pub(super) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn presented(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        (vec![self.certificate.der().clone()], key)
    }
}

/// A certificate for a name, by an authority or by itself.
pub(super) fn identity(name: &str, by: Option<&Authority>) -> Identity {
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        Some(authority) => params.signed_by(&key, authority),
        None => params.self_signed(&key),
    };
    Identity {
        certificate: certificate.unwrap(),
        key,
    }
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
}

pub(super) fn config(name: &str, by: Option<&Authority>) -> ServerConfig {
    let (chain, key) = identity(name, by).presented();
    builder().with_no_client_auth().with_single_cert(chain, key).unwrap()
}

/// A server that has a certificate by an authority, and wants one by the same of its client.
pub(super) fn mutual(name: &str, authority: &Authority) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    let (chain, key) = identity(name, Some(authority)).presented();
    builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap()
}

/// Shakes hands after a pause, and looks at the session.
pub(super) fn shake(
    config: ServerConfig,
    pause: Duration,
    look: impl Fn(&ServerConnection) + Send + Sync,
) -> impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync {
    let config = Arc::new(config);
    move |mut socket| {
        std::thread::sleep(pause);
        let mut connection = ServerConnection::new(config.clone()).unwrap();
        while connection.is_handshaking() {
            if connection.complete_io(&mut socket).is_err() {
                // The alert that says why is on its way.
                let _ = connection.write_tls(&mut socket);
                return None;
            }
        }
        look(&connection);
        Some(Box::new(StreamOwned::new(connection, socket)))
    }
}

pub(super) fn server(config: ServerConfig, behaviour: impl Fn(&mut Peer) + Send + Sync + 'static) -> Server {
    Server::with_wire(shake(config, Duration::ZERO, |_| {}), behaviour)
}

fn answers(peer: &mut Peer) {
    peer.answer_all("200 OK", "hello");
}

/// Sends arrival 0 to `scheme://127.0.0.1`.
#[track_caller]
fn check(server: &Server, scheme: &str, snippet: &str, expected: Expected) {
    let answer = Rig::at(&format!("{scheme}://127.0.0.1:{}", server.port), snippet).send();
    assert_eq!(outcome(&answer), expected, "{scheme} {snippet}");
}

pub(super) const INSECURE: &str = "limits: { insecure_tls: true }";

#[test]
fn a_certificate_that_nobody_vouches_for_is_a_failure_of_tls() {
    let server = server(config("127.0.0.1", None), answers);
    check(&server, "https", "", failed(Failure::Tls, None));
    check(&server, "https", INSECURE, ok(200));
}

#[test]
fn any_name_will_do_for_whoever_is_insecure() {
    let server = server(config("other.example", None), answers);
    check(&server, "https", INSECURE, ok(200));
}

#[test]
fn a_target_that_speaks_plainly_is_a_failure_of_tls() {
    let server = Server::start(|peer| {
        peer.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        peer.until_closed();
    });
    check(&server, "https", INSECURE, failed(Failure::Tls, None));
    let server = Server::start(|_| {});
    check(&server, "https", INSECURE, failed(Failure::Tls, None));
}

#[test]
fn a_target_that_is_spoken_to_too_plainly_is_no_success() {
    let server = server(config("127.0.0.1", None), answers);
    let answer = Rig::new(server.port, "").send();
    assert!(
        matches!(answer.result, Err(Failure::Protocol | Failure::Reset)),
        "{answer:?}"
    );
    assert_eq!(answer.code, None);
}

/// A target that asks for a certificate of the client.
pub(super) fn wants_certificate() -> ServerConfig {
    mutual("127.0.0.1", &authority())
}

#[test]
fn a_target_that_wants_a_certificate_of_the_client_is_a_failure_of_tls() {
    let server = server(wants_certificate(), answers);
    check(&server, "https", INSECURE, failed(Failure::Tls, None));
}

#[test]
fn a_handshake_that_takes_too_long_is_a_failure_to_connect() {
    let server = Server::start(|peer| {
        peer.until_closed();
    });
    let limits = "limits: { insecure_tls: true, connect_timeout: 150ms }";
    check(&server, "https", limits, failed(Failure::Connect, None));
}

#[test]
fn a_connection_is_used_again_and_one_closed_while_idle_is_no_failure() {
    let (closed, closings) = std::sync::mpsc::channel();
    let server = server(config("127.0.0.1", None), move |peer| {
        if peer.number > 0 {
            return answers(peer);
        }
        for _ in 0..3 {
            peer.request();
            peer.answer("200 OK", "hello");
        }
        // Without the alert that TLS would have.
        peer.shut(false);
        closed.send(()).unwrap();
    });
    let closings = Arc::new(std::sync::Mutex::new(closings));
    Rig::at(&format!("https://127.0.0.1:{}", server.port), INSECURE).run(async |http| {
        for k in 0..3 {
            assert_eq!(outcome(&send(http, k).await), ok(200));
        }
        let closings = closings.clone();
        tokio::task::spawn_blocking(move || closings.lock().unwrap().recv().unwrap())
            .await
            .unwrap();
        tokio::task::yield_now().await;
        assert_eq!(outcome(&send(http, 3).await), ok(200));
    });
    assert_eq!(server.connections(), [0, 0, 0, 1]);
}

#[test]
fn the_wait_for_a_connection_is_lag_and_not_service() {
    let pause = Duration::from_millis(400);
    let server = Server::with_wire(shake(config("127.0.0.1", None), pause, |_| {}), answers);
    Rig::at(&format!("https://127.0.0.1:{}", server.port), INSECURE).run(async |http| {
        let due = tokio::time::Instant::now();
        let answer = send(http, 0).await;
        assert_eq!(outcome(&answer), ok(200));
        let (lag, service) = (answer.sent - due, answer.done - answer.sent);
        assert!(lag >= pause, "{lag:?}");
        assert!(service < pause, "{service:?}");
        let due = tokio::time::Instant::now();
        let answer = send(http, 1).await;
        assert!(answer.sent - due < pause, "the connection is there already");
    });
}

/// Which certificates are believed is read from the environment, so this test runs itself again.
#[test]
fn an_authority_is_believed_if_the_system_does() {
    const AGAIN: &str = "ENGINE_TEST_AUTHORITY_KEY";
    if let Some(key) = std::env::var_os(AGAIN) {
        return believes(std::path::Path::new(&key));
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (folder.path().join("ca.pem"), folder.path().join("ca.key"));
    let authority = authority();
    std::fs::write(&file, authority.pem()).unwrap();
    std::fs::write(&key, authority.key().serialize_pem()).unwrap();
    for (file, key) in [(&file, key.as_path()), (&folder.path().join("none.pem"), "".as_ref())] {
        let run = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "engine_http::tls::an_authority_is_believed_if_the_system_does",
            ])
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR")
            .env(AGAIN, key)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
    }
}

/// What must hold with the certificate of the authority in `SSL_CERT_FILE`; or with nothing there,
/// if there is no key.
fn believes(key: &std::path::Path) {
    if key.as_os_str().is_empty() {
        let prepared = Rig::at("https://127.0.0.1:1", "").run(async |http| http.prepare().await);
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
    let answer = Rig::at(&format!("https://localhost:{}", named.port), "").send();
    assert_eq!(outcome(&answer), ok(200));
}
