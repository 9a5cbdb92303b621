//! The certificate of the server.

use crate::error::ServerError;
use crate::settings::Tls;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use store::plain_file;
use tokio_rustls::TlsAcceptor;

/// The maximum size of a file with certificates or a key.
const PEM_BYTES_MAX: u64 = 1 << 20;

/// Reads the certificate and its key.
///
/// # Errors
/// Fails if a file cannot be read, or if the key does not belong to the certificate. No text contains the key.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, ServerError> {
    let missing = |path: &Path, what| ServerError::Pem {
        path: path.to_owned(),
        what,
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&read(&tls.certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| missing(&tls.certificate, "certificate"))?;
    if certificates.is_empty() {
        return Err(missing(&tls.certificate, "certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&tls.key)?).map_err(|_| missing(&tls.key, "private key"))?;
    let unusable = |problem: rustls::Error| ServerError::Certificate {
        certificate: tls.certificate.clone(),
        problem: problem.to_string(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read(path: &Path) -> Result<Vec<u8>, ServerError> {
    plain_file::read_or_pipe(path, PEM_BYTES_MAX).map_err(|source| ServerError::Unreadable {
        path: path.to_owned(),
        source,
    })
}
