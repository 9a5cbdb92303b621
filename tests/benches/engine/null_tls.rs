//! HTTP/1.1 over TLS 1.3 for the null server. This protocol decrypts requests, counts their ends, and encrypts the
//! answers.
//!
//! A full web server uses more processor time per request than the null server. With a full web server, the server
//! would be the bottleneck. The null server offers one cipher, so all clients use the same cipher.

use crate::Fallible;
use crate::null_server::{PLAIN_ANSWER, Read, STOP_LOOK_MS, Tail, Wire};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{CipherSuite, ServerConfig, ServerConnection};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

/// A self-signed certificate.
pub(crate) struct Certificate {
    made: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Certificate {
    /// Creates a certificate for the host names of loopback.
    pub(crate) fn new() -> Fallible<Certificate> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        Ok(Certificate { made })
    }

    pub(crate) fn pem(&self) -> String {
        self.made.cert.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.made.signing_key.serialize_pem()
    }
}

/// The protocol HTTP/1.1 over TLS 1.3, for requests without bodies.
#[derive(Debug)]
pub(crate) struct SecretHttp {
    settings: Arc<ServerConfig>,
    /// The buffer for decrypted bytes.
    plain: Vec<u8>,
}

/// The state of one TLS connection.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// The TLS state, which is created when the first byte arrives.
    tls: Option<ServerConnection>,
    tail: Tail,
}

impl SecretHttp {
    pub(crate) fn new(certificate: &Certificate) -> Fallible<SecretHttp> {
        let mut provider = aws_lc_rs::default_provider();
        provider
            .cipher_suites
            .retain(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256);
        let key = PrivatePkcs8KeyDer::from(certificate.made.signing_key.serialize_der());
        let settings = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.made.cert.der().clone()], key.into())?;
        Ok(SecretHttp {
            settings: Arc::new(settings),
            plain: vec![0; 16 << 10],
        })
    }
}

impl Wire for SecretHttp {
    type Connection = Session;
    const SLEEP_MS: i32 = STOP_LOOK_MS;
    const STAMPED: bool = false;

    fn received(&mut self, session: &mut Session, mut read: Read<'_>, answer: &mut Vec<u8>) -> io::Result<u64> {
        let tls = match &mut session.tls {
            Some(tls) => tls,
            none => none.insert(ServerConnection::new(Arc::clone(&self.settings)).map_err(io::Error::other)?),
        };
        let mut requests = 0;
        while !read.bytes.is_empty() {
            tls.read_tls(&mut read.bytes)?;
            tls.process_new_packets().map_err(io::Error::other)?;
            loop {
                let ends = match tls.reader().read(&mut self.plain) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(length) => session.tail.ends(&self.plain[..length]),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                };
                for _ in 0..ends {
                    tls.writer().write_all(PLAIN_ANSWER)?;
                }
                requests += ends;
            }
        }
        while tls.wants_write() {
            tls.write_tls(answer)?;
        }
        Ok(requests)
    }
}
