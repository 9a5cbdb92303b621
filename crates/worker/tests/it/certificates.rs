//! Creates certificate authorities and certificates for tests of TLS.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// A certificate authority.
pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The certificate and the private key of a server or a client.
pub(crate) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn presented(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        (vec![self.certificate.der().clone()], key)
    }
}

/// Returns a certificate for a name. The certificate is signed by an authority, or is self-signed.
pub(crate) fn identity(name: &str, by: Option<&Authority>) -> Identity {
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

pub(crate) fn config(name: &str, by: Option<&Authority>) -> ServerConfig {
    let (chain, key) = identity(name, by).presented();
    builder().with_no_client_auth().with_single_cert(chain, key).unwrap()
}

/// Returns the settings of a server with a certificate of an authority. The server requires a client certificate of the
/// same authority.
pub(crate) fn mutual(name: &str, authority: &Authority) -> ServerConfig {
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

/// Returns the settings of a server that requires a client certificate of an unknown authority.
pub(crate) fn wants_certificate() -> ServerConfig {
    mutual("127.0.0.1", &authority())
}

/// A part of a scenario that accepts every certificate.
pub(crate) const INSECURE: &str = "limits: { insecure_tls: true }";
