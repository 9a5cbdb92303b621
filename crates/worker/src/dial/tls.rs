//! The TLS configuration, with the trusted certificate authorities.
//!
//! The engines trust the authorities of the system, of Mozilla's list and of the scenario. Mozilla's list is needed
//! because the container image of a function may contain no certificate store. The store of the system may contain the
//! authority of a company.

use crate::certificates::{self, Keys};
use crate::clients::Identity;
use crate::secrets::Secret;
use crate::supplies::Supplies;
use crate::why::{Detail, Why};
use plan::plan::Plan;
use plan::scenario::{ClientKey, Pem};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use tally::cause::Cause;

/// The TLS settings of a plan, for one protocol.
pub(crate) struct TlsClient {
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    protocol: &'static [u8],
    /// The TLS configuration of the plan. The configuration is created when it is first needed, because reading
    /// certificates takes time.
    config: OnceCell<Result<Arc<ClientConfig>, String>>,
    /// The TLS configurations with client certificates of requests. Each of them is created when it is first needed.
    own: RefCell<HashMap<Identity, Arc<ClientConfig>>>,
}

/// The maximum number of TLS configurations with client certificates of requests. When this number is reached, all
/// these configurations are removed, and are created again when they are needed.
const OWN_MAX: usize = 10_000;
/// The description, in errors, of the secret that contains the key of the plan's client certificate.
const KEY: &str = "the secret of `tls: key`";
/// The number of TLS sessions that the configuration for one client certificate keeps for resumption.
const OWN_SESSIONS: usize = 8;

impl TlsClient {
    pub(crate) fn new(plan: &Arc<Plan>, supplies: &Arc<Supplies>, protocol: &'static [u8]) -> TlsClient {
        TlsClient {
            plan: plan.clone(),
            supplies: supplies.clone(),
            protocol,
            config: OnceCell::new(),
            own: RefCell::default(),
        }
    }

    /// Returns the TLS configuration of the plan.
    ///
    /// # Errors
    /// Returns an error as a sentence, if TLS cannot be set up, in general or with the plan's certificates.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, String> {
        let make = || config(&self.plan, &self.supplies, self.protocol);
        self.config.get_or_init(make).clone()
    }

    /// Returns the TLS configuration and the server name for a session with a host. `identity` is the client
    /// certificate of a request.
    ///
    /// # Errors
    /// Fails if no session with the host is possible.
    pub(crate) fn session(
        &self,
        host: &str,
        identity: Option<Identity>,
    ) -> Result<(Arc<ClientConfig>, ServerName<'static>), Why> {
        let unusable = Why::new(Cause::TlsBroken, Detail::Words("TLS cannot be set up on the worker"));
        let config = self.config().map_err(|_| unusable)?;
        let config = match identity {
            Some(identity) => self.own(identity, &config).ok_or(unusable)?,
            None => config,
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Cause::WrongName)?;
        Ok((config, name))
    }

    /// Returns the plan's TLS configuration with another client certificate. This configuration has a separate session
    /// cache, because a resumed session keeps the certificate of its original handshake.
    fn own(&self, identity: Identity, config: &ClientConfig) -> Option<Arc<ClientConfig>> {
        let mut own = self.own.borrow_mut();
        if let Some(known) = own.get(&identity) {
            return Some(known.clone());
        }
        if own.len() >= OWN_MAX {
            own.clear();
        }
        let key = self.supplies.clients.key(identity)?;
        let mut config = config.clone();
        config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(key));
        config.resumption = Resumption::in_memory_sessions(OWN_SESSIONS);
        let config = Arc::new(config);
        own.insert(identity, config.clone());
        Some(config)
    }
}

/// Returns the TLS configuration of a client for a plan and a protocol. With `insecure_tls`, any certificate is
/// accepted.
///
/// # Errors
/// Returns an error as a sentence, if TLS cannot be set up, in general or with the plan's certificates.
fn config(plan: &Plan, supplies: &Supplies, protocol: &[u8]) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let builder = if plan.limits.insecure_tls {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
    } else {
        builder.with_root_certificates(roots(plan, supplies)?)
    };
    let mut config = match &plan.tls.client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let key = match client.key {
                ClientKey::Secret(secret) => supplies.secrets.get(secret as usize).map_or("", Secret::value),
                // Certificates in feeds belong to single requests, not to the plan.
                ClientKey::Cells { .. } => "",
            };
            let keys = Keys::read(KEY, key).map_err(|fault| format!("{KEY} {fault}"))?;
            let pair = certificates::pair(bytes(supplies, &client.certificate), &keys)
                .map_err(|fault| format!("`tls: cert` {fault}"))?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(config))
}

/// Returns the trusted certificate authorities.
fn roots(plan: &Plan, supplies: &Supplies) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let native = rustls_native_certs::load_native_certs();
    let asked = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find(|name| std::env::var_os(name).is_some());
    if let (Some(name), true, Some(error)) = (asked, native.certs.is_empty(), native.errors.first()) {
        return Err(format!(
            "{name} is set, but no certificate can be read from it: {error}"
        ));
    }
    roots.add_parsable_certificates(native.certs);
    if let Some(ca) = &plan.tls.ca {
        let authorities = certificates::chain(bytes(supplies, ca)).map_err(|fault| format!("`tls: ca` {fault}"))?;
        for authority in authorities {
            roots
                .add(authority)
                .map_err(|error| format!("a certificate of `tls: ca` cannot be used: {error}"))?;
        }
    }
    Ok(roots)
}

/// Returns the bytes of certificates in PEM format.
fn bytes<'s>(supplies: &'s Supplies, pem: &Pem) -> &'s [u8] {
    match pem {
        Pem::Cells { .. } => &[],
        Pem::Blob(sha256) => supplies.bodies.get(sha256).map_or(&[], |bytes| bytes),
        Pem::Secret(secret) => supplies
            .secrets
            .get(*secret as usize)
            .map_or(&[], |secret| secret.value().as_bytes()),
    }
}

/// Accepts any certificate, but rejects an invalid signature of the handshake.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
