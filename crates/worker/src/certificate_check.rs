//! Checks the certificates and keys of a scenario before a run, on the machine of the launcher.

use crate::certificates::{self, CertificateFault, Keys};
use crate::secrets::{self, Secret};
use plan::scenario_file::{PemCheck, PemText};
use plan::secret::{Keeper, Reference};
use rustls::RootCertStore;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Checks certificates and keys. A key in a secret is checked only if an environment variable of this machine contains
/// the secret. All other secrets are checked by each worker before the start of the run.
pub struct CertificateCheck<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    /// The keys of each secret that was read so far, by the reference to the secret. One secret may contain the keys of
    /// many certificates.
    keys: RefCell<BTreeMap<String, KnownKeys>>,
}

/// The keys of a secret. `None` if this machine does not have the secret.
type KnownKeys = Option<Result<Rc<Keys>, String>>;

impl std::fmt::Debug for CertificateCheck<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CertificateCheck")
    }
}

impl<'a> CertificateCheck<'a> {
    /// Returns a check that reads environment variables with the function `environment`.
    pub fn new(environment: &'a dyn Fn(&str) -> Option<String>) -> CertificateCheck<'a> {
        CertificateCheck {
            environment,
            keys: RefCell::default(),
        }
    }

    /// Checks the certificates or the keys that `asked` contains.
    ///
    /// # Errors
    /// Returns a text of the form `problem; hint`. The problem is a sentence without its subject: `is not a certificate
    /// in PEM`. The subject is the certificate, or the secret that contains the key.
    pub fn check(&self, asked: &PemCheck<'_>) -> Result<(), String> {
        match asked {
            PemCheck::Authorities(text) => self.with(text, authorities),
            PemCheck::Client(text) => self.with(text, client),
            PemCheck::Key(reference) => match self.keys(reference) {
                Some(Err(fault)) => Err(fault),
                Some(Ok(_)) | None => Ok(()),
            },
            PemCheck::Pair(text, reference) => match self.keys(reference) {
                Some(Ok(keys)) => self.with(text, |text| {
                    // An unusable certificate is accepted here, because `PemCheck::Client` reports this fault.
                    client(text).map_or(Ok(()), |()| {
                        certificates::pair(text, &keys).map(drop).map_err(explained)
                    })
                }),
                Some(Err(_)) | None => Ok(()),
            },
        }
    }

    /// Calls `check` with the bytes of a text. Returns `Ok` if this machine does not have the secret that contains the
    /// text.
    fn with(&self, text: &PemText<'_>, check: impl Fn(&[u8]) -> Result<(), String>) -> Result<(), String> {
        match text {
            PemText::Text(text) => check(text),
            PemText::Secret(reference) => match self.value(reference) {
                Some(secret) => check(secret?.value().as_bytes()),
                None => Ok(()),
            },
        }
    }

    /// Returns the value of a secret, or the reason why the value cannot be read. Returns `None` if this machine does
    /// not have the secret.
    fn value(&self, reference: &Reference) -> Option<Result<Secret, String>> {
        if reference.keeper != Keeper::Env {
            return None;
        }
        let whole = Secret::new((self.environment)(&reference.name)?);
        Some(secrets::part(whole, reference).map_err(|fault| format!("cannot be used: {fault}")))
    }

    fn keys(&self, reference: &Reference) -> KnownKeys {
        let name = reference.to_string();
        if let Some(known) = self.keys.borrow().get(&name) {
            return known.clone();
        }
        let read = |secret: Secret| Keys::read(&name, secret.value()).map(Rc::new).map_err(explained);
        let keys = self.value(reference).map(|secret| secret.and_then(read));
        self.keys.borrow_mut().insert(name, keys.clone());
        keys
    }
}

/// Checks the certificates of trusted authorities.
fn authorities(text: &[u8]) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for authority in certificates::chain(text).map_err(explained)? {
        let unusable =
            |error| format!("contains a certificate that cannot be used: {error}; use certificates in X.509");
        roots.add(authority).map_err(unusable)?;
    }
    Ok(())
}

/// Checks a client certificate with its chain. The first certificate of the text must be the certificate of the client.
fn client(text: &[u8]) -> Result<(), String> {
    let chain = certificates::chain(text).map_err(explained)?;
    let parsed: Result<Vec<_>, _> = chain.iter().map(certificates::parse).collect();
    let parsed = parsed.map_err(explained)?;
    let (first, others) = (&parsed[0], &parsed[1..]);
    let signed =
        |other: &webpki::EndEntityCert<'_>| other.issuer() == first.subject() && other.subject() != first.subject();
    match others.iter().position(signed) {
        Some(index) => Err(format!(
            "does not begin with the certificate of the client: its first certificate is the issuer of certificate \
             {}; {CLIENT_FIRST}",
            index + 2
        )),
        None => Ok(()),
    }
}

const CLIENT_FIRST: &str = "write the certificate of the client first, and then the certificates of its issuers";

/// Returns the text of a certificate fault in the form `problem; hint`.
fn explained(fault: CertificateFault) -> String {
    let hint = match &fault {
        CertificateFault::NoCertificate => {
            "use a text with whole blocks, from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`"
        }
        CertificateFault::OldVersion => "create it with version 3: let your authority add an extension",
        CertificateFault::NoKey => {
            "store the text of an RSA, ECDSA or Ed25519 key, with the lines `-----BEGIN PRIVATE KEY-----` and \
             `-----END PRIVATE KEY-----`"
        }
        CertificateFault::EncryptedKey => "store the key without a passphrase, as `openssl pkey` prints it",
        CertificateFault::OtherKey { .. } => {
            "store the key of this certificate in the secret, or name the certificate of this key"
        }
        CertificateFault::NotFirst { .. } => CLIENT_FIRST,
    };
    format!("{fault}; {hint}")
}
