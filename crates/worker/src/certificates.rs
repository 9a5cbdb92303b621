//! Reads certificates and private keys in PEM format, and finds the key of a certificate.
//!
//! Workers read the client certificates of their plan with [`pair`]. The launcher checks the certificates of a scenario
//! with the same function. No error contains a key.

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use std::collections::HashMap;
use std::sync::Arc;
use webpki::EndEntityCert;

/// The texts that mark PEM blocks with encrypted keys: first in PKCS #8, then in the older formats.
const ENCRYPTED: [&str; 2] = ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"];

/// The reason why certificates or keys cannot be used. The text of a fault is a sentence without its subject: `is not a
/// certificate in PEM`. The subject is the certificate, or the secret that contains the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CertificateFault {
    #[error("is not a certificate in PEM")]
    NoCertificate,
    #[error("is a certificate of an X.509 version before 3")]
    OldVersion,
    #[error("contains no usable private key in PEM")]
    NoKey,
    #[error("contains an encrypted private key")]
    EncryptedKey,
    /// The private key of the certificate is not in the secret. `keys` is the name of the secret.
    #[error("does not match a private key in {keys}")]
    OtherKey { keys: String },
    /// The first certificate of the text is not the certificate of the client. `number` is the position of the
    /// certificate that matches the private key, counted from 1.
    #[error(
        "does not begin with the certificate of the client: the private key in {keys} belongs to certificate {number}"
    )]
    NotFirst { keys: String, number: usize },
}

/// The private keys that one secret contains, indexed by their public keys.
pub(crate) struct Keys {
    /// The name of the secret in errors.
    name: String,
    by_public_key: HashMap<Vec<u8>, Arc<dyn SigningKey>>,
}

impl Keys {
    /// Parses the private keys of a secret in PEM format. Invalid keys are left out, so no certificate matches an
    /// invalid key. Errors do not contain the parser's own error, because the parser's error may quote a key.
    ///
    /// # Errors
    /// Fails if the secret contains no valid key.
    pub(crate) fn read(name: &str, text: &str) -> Result<Keys, CertificateFault> {
        let read = PrivateKeyDer::pem_slice_iter(text.as_bytes()).filter_map(|key| any_supported_type(&key.ok()?).ok());
        let by_public_key: HashMap<_, _> = read
            .filter_map(|key| Some((key.public_key()?.as_ref().to_vec(), key)))
            .collect();
        match by_public_key.is_empty() {
            false => Ok(Keys {
                name: name.to_owned(),
                by_public_key,
            }),
            true if ENCRYPTED.iter().any(|words| text.contains(words)) => Err(CertificateFault::EncryptedKey),
            true => Err(CertificateFault::NoKey),
        }
    }

    fn of(&self, certificate: &CertificateDer<'_>) -> Result<Option<&Arc<dyn SigningKey>>, CertificateFault> {
        let public_key = parse(certificate)?.subject_public_key_info();
        Ok(self.by_public_key.get(public_key.as_ref()))
    }
}

/// Reads the certificates of a text in PEM format. Fails if the text is malformed or contains no certificate.
pub(crate) fn chain(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(CertificateFault::NoCertificate),
    }
}

/// Parses one certificate.
pub(crate) fn parse<'a>(certificate: &'a CertificateDer<'a>) -> Result<EndEntityCert<'a>, CertificateFault> {
    EndEntityCert::try_from(certificate).map_err(|error| match error {
        webpki::Error::UnsupportedCertVersion => CertificateFault::OldVersion,
        _ => CertificateFault::NoCertificate,
    })
}

/// Reads a client certificate with its chain, and finds the private key of this certificate.
pub(crate) fn pair(text: &[u8], keys: &Keys) -> Result<Arc<CertifiedKey>, CertificateFault> {
    let chain = chain(text)?;
    if let Some(key) = keys.of(&chain[0])? {
        let key = key.clone();
        return Ok(Arc::new(CertifiedKey::new(chain, key)));
    }
    let name = keys.name.clone();
    match chain.iter().position(|other| matches!(keys.of(other), Ok(Some(_)))) {
        Some(index) => Err(CertificateFault::NotFirst {
            keys: name,
            number: index + 1,
        }),
        None => Err(CertificateFault::OtherKey { keys: name }),
    }
}
