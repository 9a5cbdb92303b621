//! The checks of certificates and keys that require cryptography. This crate contains no cryptography, so a caller of
//! this crate performs these checks.

use crate::secret::Reference;

/// A check of certificates or keys.
#[derive(Clone, Copy, Debug)]
pub enum PemCheck<'a> {
    /// Checks whether the certificates of trusted authorities can be used.
    Authorities(PemText<'a>),
    /// Checks whether the certificate of a client can be used. The chain of the certificate is included.
    Client(PemText<'a>),
    /// Checks whether the secret contains usable keys of client certificates.
    Key(&'a Reference),
    /// Checks whether the secret contains the key of the certificate. An unusable certificate or secret passes this
    /// check, because another check reports this problem.
    Pair(PemText<'a>, &'a Reference),
}

/// A text in PEM format, or a secret that contains such a text. If this machine does not have the secret, every check
/// of the text passes.
#[derive(Clone, Copy, Debug)]
pub enum PemText<'a> {
    Text(&'a [u8]),
    Secret(&'a Reference),
}
