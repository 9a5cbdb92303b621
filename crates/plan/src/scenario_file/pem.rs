//! The checks of certificates and keys that require cryptography. This crate contains no cryptography, so a caller
//! performs these checks.

use crate::secret::Reference;

/// A check of certificates or keys.
#[derive(Clone, Copy, Debug)]
pub enum PemCheck<'a> {
    /// Whether the certificates of trusted authorities can be used.
    Authorities(PemText<'a>),
    /// Whether the certificate of a client, with its chain, can be used.
    Client(PemText<'a>),
    /// Whether the secret contains usable keys of client certificates.
    Key(&'a Reference),
    /// Whether the secret contains the key of the certificate. An unusable certificate or secret passes this check,
    /// because another check reports this problem.
    Pair(PemText<'a>, &'a Reference),
}

/// A text in PEM format. If the text is in a secret that this machine does not have, every check of the text passes.
#[derive(Clone, Copy, Debug)]
pub enum PemText<'a> {
    Text(&'a [u8]),
    Secret(&'a Reference),
}
