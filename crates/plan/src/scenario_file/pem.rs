//! The questions about certificates and keys whose answers require cryptography, which this crate does not contain.

use crate::secret::Reference;

/// Certificates or keys to check.
#[derive(Clone, Copy, Debug)]
pub enum PemCheck<'a> {
    /// The certificates of trusted authorities.
    Authorities(PemText<'a>),
    /// The certificate of a client, with its chain.
    Client(PemText<'a>),
    /// The secret with the keys of client certificates.
    Key(&'a Reference),
    /// Whether the secret contains the key of the certificate. An unusable certificate or secret passes, because it is
    /// the problem of another check.
    Pair(PemText<'a>, &'a Reference),
}

/// A text in PEM. A check of a secret that this machine does not have passes.
#[derive(Clone, Copy, Debug)]
pub enum PemText<'a> {
    Text(&'a [u8]),
    Secret(&'a Reference),
}
