//! The causes of failed requests. Each version of the program has a fixed list of causes. Each cause except
//! [`Cause::Unknown`] belongs to one kind of failure.
//!
//! A cause is stored as its code. A code that this version does not contain is read as [`Cause::Unknown`], so this
//! version can read the documents of newer versions.

use crate::outcome::Failure;

/// Declares the causes of failed requests. Each entry is the name, the code and the kind of failure of one cause.
macro_rules! causes {
    ($($name:ident $code:literal $kind:ident,)*) => {
        /// The cause of a failed request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $($name,)*
            /// The worker did not record the cause, or this version has no cause with the stored code. `Unknown` can be
            /// the cause of every kind of failure.
            Unknown,
        }

        impl Cause {
            /// All causes except [`Cause::Unknown`].
            pub const ALL: &[Cause] = &[$(Cause::$name,)*];

            /// Returns the code under which the cause is stored.
            pub fn code(self) -> &'static str {
                match self {
                    $(Cause::$name => $code,)*
                    Cause::Unknown => "unknown",
                }
            }

            /// Returns the kind of failure to which the cause belongs; `None` for [`Cause::Unknown`], which can belong
            /// to every kind of failure.
            pub fn kind(self) -> Option<Failure> {
                match self {
                    $(Cause::$name => Some(Failure::$kind),)*
                    Cause::Unknown => None,
                }
            }
        }
    };
}

causes! {
    NoSuchName "no_such_name" Resolve,
    ResolverFailed "resolver_failed" Resolve,
    ResolverTimeout "resolver_timeout" Resolve,
    HostNotAllowed "host_not_allowed" NotAllowed,
    NoLocalPort "no_local_port" Local,
    NoDescriptor "no_descriptor" Local,
    NoBuffers "no_buffers" Local,
    NoRoute "no_route" Local,
    LocallyForbidden "locally_forbidden" Local,
    SystemRefused "system_refused" Local,
    Refused "refused" Connect,
    Unreachable "unreachable" Connect,
    ConnectTimeout "connect_timeout" Connect,
    ConnectReset "connect_reset" Connect,
    ConnectFailed "connect_failed" Connect,
    HandshakeTimeout "handshake_timeout" Connect,
    UnknownIssuer "unknown_issuer" Tls,
    WrongName "wrong_name" Tls,
    CertificateExpired "certificate_expired" Tls,
    CertificateNotYetValid "certificate_not_yet_valid" Tls,
    CertificateRevoked "certificate_revoked" Tls,
    BadCertificate "bad_certificate" Tls,
    ClientCertificateRequired "client_certificate_required" Tls,
    TlsVersion "tls_version" Tls,
    NothingInCommon "nothing_in_common" Tls,
    TlsAlert "tls_alert" Tls,
    NotTls "not_tls" Tls,
    HandshakeClosed "handshake_closed" Tls,
    HandshakeReset "handshake_reset" Tls,
    TlsBroken "tls_broken" Tls,
    Timeout "timeout" Timeout,
    Closed "closed" Reset,
    Reset "reset" Reset,
    StreamReset "stream_reset" Reset,
    GoAway "go_away" Reset,
    StatusLine "status_line" Protocol,
    HeaderLine "header_line" Protocol,
    TooManyHeaders "too_many_headers" Protocol,
    HeadTooLarge "head_too_large" Protocol,
    ContentLength "content_length" Protocol,
    TransferEncoding "transfer_encoding" Protocol,
    Chunk "chunk" Protocol,
    Trailer "trailer" Protocol,
    TlsAnswer "tls_answer" Protocol,
    NoHttp2 "no_http2" Protocol,
    Http2Error "http2_error" Protocol,
    BadUrl "bad_url" Protocol,
    BodyTooLarge "body_too_large" BodyTooLarge,
    Status "status" Status,
    TooManyRedirects "too_many_redirects" Status,
    RedirectNotFollowed "redirect_not_followed" Status,
    TextNotFound "text_not_found" Check,
    CheckNotMet "check_not_met" Check,
    NotCaptured "not_captured" Check,
    UnfitValue "unfit_value" Check,
    KeptClosed "kept_closed" Closed,
}

impl Cause {
    /// Returns the cause with this code; [`Cause::Unknown`] if this version has no cause with this code.
    pub fn of_code(code: &str) -> Cause {
        let known = Cause::ALL.iter().find(|cause| cause.code() == code);
        known.copied().unwrap_or(Cause::Unknown)
    }

    /// Returns whether a failure of this kind can have this cause.
    pub fn fits(self, kind: Failure) -> bool {
        self.kind().is_none_or(|own| own == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_code_and_every_kind_has_a_cause() {
        for cause in Cause::ALL {
            assert_eq!(Cause::of_code(cause.code()), *cause);
        }
        assert_eq!(Cause::of_code("of a newer version"), Cause::Unknown);
        for kind in Failure::ALL {
            assert!(Cause::ALL.iter().any(|cause| cause.kind() == Some(kind)), "{kind:?}");
        }
    }
}
