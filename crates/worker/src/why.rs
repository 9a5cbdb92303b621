//! The reason of a failed request, in a form that can be shown as text. A reason allocates no memory. A reason contains
//! no part of an answer's body and no secret.

use crate::reading::{Bad, MalformedAnswer};
use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use tally::cause::Cause;
use tally::outcome::Failure;

/// The cause of a failure, and a detail of the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    pub cause: Cause,
    pub detail: Detail,
}

/// A detail of a cause. The detail can be displayed as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    None,
    Words(&'static str),
    Number(u32),
    Address(SocketAddr),
    /// The number of a system error.
    System(i32),
    /// The number of a TLS alert.
    Alert(u8),
    /// The number of an HTTP/2 error.
    Http2(u32),
    /// The number of a check in the request's success rule.
    Check(u16),
    /// The number of a capture among the captures of the request.
    Capture(u16),
}

impl Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Detail::None => Ok(()),
            Detail::Words(words) => f.write_str(words),
            Detail::Number(number) => number.fmt(f),
            Detail::Address(address) => address.fmt(f),
            Detail::System(number) => io::Error::from_raw_os_error(*number).fmt(f),
            Detail::Alert(number) => write!(f, "{:?}", AlertDescription::from(*number)),
            // The code that logs failures replaces this number by the text of the check or capture.
            Detail::Check(number) | Detail::Capture(number) => number.fmt(f),
            Detail::Http2(number) => write!(f, "{:?}", h2::Reason::from(*number)),
        }
    }
}

/// The phase of a request: the event for which the request waits, or for which it waited when its connection ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestPhase {
    #[default]
    Resolving,
    Waiting,
    Connecting,
    Sending,
    FirstByte,
    Head,
    Body,
}

impl RequestPhase {
    /// Returns the phase as text.
    fn words(self) -> &'static str {
        match self {
            RequestPhase::Resolving => "while resolving the name",
            RequestPhase::Waiting => "while waiting for a free connection",
            RequestPhase::Connecting => "while connecting",
            RequestPhase::Sending => "while sending the request",
            RequestPhase::FirstByte => "while waiting for the first byte",
            RequestPhase::Head => "while reading the head",
            RequestPhase::Body => "while reading the body",
        }
    }
}

impl From<Cause> for Why {
    fn from(cause: Cause) -> Why {
        Why {
            cause,
            detail: Detail::None,
        }
    }
}

impl Why {
    pub(crate) fn new(cause: Cause, detail: Detail) -> Why {
        Why { cause, detail }
    }

    /// Returns a cause with the phase in which the cause occurred.
    pub(crate) fn during(cause: Cause, phase: RequestPhase) -> Why {
        Why::new(cause, Detail::Words(phase.words()))
    }

    /// Returns the cause for a kept connection that the target had closed before the last request arrived. A reset is
    /// returned unchanged, because a reset does not show when the target closed the connection.
    pub(crate) fn of_kept(self) -> Why {
        match self.cause {
            Cause::Closed => Why::new(Cause::KeptClosed, self.detail),
            _ => self,
        }
    }

    /// Returns the kind of failure to which the cause belongs.
    pub fn kind(self) -> Failure {
        // Every cause that an engine reports has a kind.
        self.cause.kind().unwrap_or(Failure::Protocol)
    }

    /// Returns the failure that is reported after one more failed attempt to connect. The first failure whose cause is
    /// at the target is reported. If no failure has its cause at the target, the last failure is reported.
    pub(crate) fn after(known: Option<Why>, failed: Why) -> Why {
        known.filter(|known| known.kind() != Failure::Local).unwrap_or(failed)
    }

    /// Returns why a connection to an address could not be opened.
    ///
    /// A missing port, descriptor, buffer or route counts as a failure of the worker. A host that the network cannot
    /// reach counts as a failure of the target.
    pub(crate) fn connecting(error: &io::Error, address: SocketAddr) -> Why {
        let number = error.raw_os_error().unwrap_or(0);
        let cause = match number {
            libc::EADDRNOTAVAIL => Cause::NoLocalPort,
            libc::EMFILE | libc::ENFILE => return Cause::NoDescriptor.into(),
            libc::ENOBUFS | libc::ENOMEM => return Cause::NoBuffers.into(),
            libc::ENETUNREACH | libc::EAFNOSUPPORT => Cause::NoRoute,
            libc::EACCES | libc::EPERM => Cause::LocallyForbidden,
            libc::ECONNREFUSED => Cause::Refused,
            libc::EHOSTUNREACH | libc::EHOSTDOWN | libc::ENETDOWN => Cause::Unreachable,
            libc::ETIMEDOUT => Cause::ConnectTimeout,
            libc::ECONNRESET => Cause::ConnectReset,
            _ if number != 0 => return Why::new(Cause::ConnectFailed, Detail::System(number)),
            _ => Cause::ConnectFailed,
        };
        Why::new(cause, Detail::Address(address))
    }

    /// Returns why the operating system of the worker refused an operation on a connection.
    pub(crate) fn system(error: &io::Error) -> Why {
        match error.raw_os_error() {
            Some(libc::EMFILE | libc::ENFILE) => Cause::NoDescriptor.into(),
            Some(libc::ENOBUFS | libc::ENOMEM) => Cause::NoBuffers.into(),
            number => Why::new(Cause::SystemRefused, number.map_or(Detail::None, Detail::System)),
        }
    }

    /// Returns why a host name has no addresses.
    pub(crate) fn resolving(error: &io::Error) -> Why {
        if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
            return Cause::NoDescriptor.into();
        }
        // The standard library returns the errors of the system's resolver only as text.
        let text = error.to_string();
        let unknown = ["not known", "No address", "has no address", "not found"];
        match unknown.iter().any(|words| text.contains(words)) {
            true => Cause::NoSuchName.into(),
            false => Cause::ResolverFailed.into(),
        }
    }

    /// Returns why a TLS handshake failed, from the error that the socket returned.
    pub(crate) fn shaking(error: &io::Error) -> Why {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match (inner, error.kind()) {
            (Some(error), _) => Why::tls(error),
            (None, ErrorKind::UnexpectedEof) => Cause::HandshakeClosed.into(),
            (None, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => Cause::HandshakeReset.into(),
            (None, _) => {
                let number = error.raw_os_error();
                Why::new(Cause::TlsBroken, number.map_or(Detail::None, Detail::System))
            }
        }
    }

    /// Returns why a TLS session failed.
    pub(crate) fn tls(error: &rustls::Error) -> Why {
        use rustls::Error as Tls;
        let broken = |words| Why::new(Cause::TlsBroken, Detail::Words(words));
        match error {
            Tls::InvalidCertificate(error) => Why::certificate(error),
            Tls::NoCertificatesPresented => Why::new(Cause::BadCertificate, Detail::Words("the server sent none")),
            Tls::AlertReceived(AlertDescription::CertificateRequired) => Cause::ClientCertificateRequired.into(),
            Tls::AlertReceived(AlertDescription::ProtocolVersion) => Cause::TlsVersion.into(),
            Tls::AlertReceived(alert) => Why::new(Cause::TlsAlert, Detail::Alert(u8::from(*alert))),
            Tls::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled,
            ) => Cause::TlsVersion.into(),
            Tls::PeerIncompatible(_) => Cause::NothingInCommon.into(),
            Tls::NoApplicationProtocol => Why::new(Cause::TlsBroken, Detail::Words("no common protocol (ALPN)")),
            Tls::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
                Cause::NotTls.into()
            }
            Tls::InvalidMessage(InvalidMessage::MessageTooLarge) | Tls::PeerSentOversizedRecord => Cause::NotTls.into(),
            Tls::InvalidMessage(_) => broken("a message is malformed"),
            Tls::InappropriateMessage { .. } | Tls::InappropriateHandshakeMessage { .. } => {
                broken("a message is out of order")
            }
            Tls::PeerMisbehaved(_) => broken("the server violated the TLS protocol"),
            Tls::DecryptError => broken("a record could not be decrypted"),
            _ => Cause::TlsBroken.into(),
        }
    }

    fn certificate(error: &CertificateError) -> Why {
        use CertificateError as Bad;
        let bad = |words| Why::new(Cause::BadCertificate, Detail::Words(words));
        match error {
            Bad::UnknownIssuer => Cause::UnknownIssuer.into(),
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Cause::WrongName.into(),
            Bad::Expired | Bad::ExpiredContext { .. } => Cause::CertificateExpired.into(),
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => Cause::CertificateNotYetValid.into(),
            Bad::Revoked => Cause::CertificateRevoked.into(),
            Bad::BadEncoding => bad("it is malformed"),
            Bad::BadSignature => bad("its signature is invalid"),
            Bad::InvalidPurpose | Bad::InvalidPurposeContext { .. } => bad("it is not valid for servers"),
            Bad::UnhandledCriticalExtension => bad("it has an unknown critical extension"),
            // webpki has no separate error for a server that uses a CA certificate as its own certificate.
            Bad::Other(_) => bad("it is a CA certificate, or the TLS library rejects it for an unknown reason"),
            _ => bad("its signature algorithm is not supported"),
        }
    }

    /// Returns why an answer is incomplete or malformed. `phase` is the phase of the request.
    pub(crate) fn reading(bad: Bad, phase: RequestPhase) -> Why {
        match bad {
            Bad::Malformed(fault) => match fault {
                MalformedAnswer::StatusLine => Cause::StatusLine.into(),
                MalformedAnswer::HeaderLine(number) => Why::new(Cause::HeaderLine, Detail::Number(number.into())),
                MalformedAnswer::TooManyHeaders => Cause::TooManyHeaders.into(),
                MalformedAnswer::HeadTooLarge => Cause::HeadTooLarge.into(),
                MalformedAnswer::ContentLength => Cause::ContentLength.into(),
                MalformedAnswer::TransferEncoding => Cause::TransferEncoding.into(),
                MalformedAnswer::Chunk => Cause::Chunk.into(),
                MalformedAnswer::Trailer => Cause::Trailer.into(),
                MalformedAnswer::Tls => Cause::TlsAnswer.into(),
            },
            Bad::CutOff => Why::during(Cause::Closed, phase),
            Bad::Refused => Cause::BodyTooLarge.into(),
        }
    }

    /// Returns why an exchange over HTTP/2 failed, from the HTTP/2 error if it is available.
    pub(crate) fn http2(error: Option<&h2::Error>, phase: RequestPhase) -> Why {
        let Some(error) = error else {
            return Why::during(Cause::Closed, phase);
        };
        let reason = error
            .reason()
            .map_or(Detail::None, |reason| Detail::Http2(reason.into()));
        match error.get_io().map(io::Error::kind) {
            Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => Why::during(Cause::Reset, phase),
            Some(_) => Why::during(Cause::Closed, phase),
            None if error.is_reset() => Why::new(Cause::StreamReset, reason),
            None if error.is_go_away() && error.is_remote() => Why::new(Cause::GoAway, reason),
            None => Why::new(Cause::Http2Error, reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: i32, kind: Failure, detail: &str) {
        let address = "127.0.0.1:81".parse().unwrap();
        let why = Why::connecting(&io::Error::from_raw_os_error(number), address);
        assert_eq!(
            (why.kind(), why.detail.to_string().as_str()),
            (kind, detail),
            "{number}"
        );
    }

    #[test]
    fn a_lack_of_resources_at_the_worker_is_a_local_failure() {
        check(libc::EADDRNOTAVAIL, Failure::Local, "127.0.0.1:81");
        check(libc::EMFILE, Failure::Local, "");
        check(libc::ENFILE, Failure::Local, "");
        check(libc::ENOBUFS, Failure::Local, "");
        check(libc::ENOMEM, Failure::Local, "");
        check(libc::ENETUNREACH, Failure::Local, "127.0.0.1:81");
        check(libc::EPERM, Failure::Local, "127.0.0.1:81");
        check(libc::ECONNREFUSED, Failure::Connect, "127.0.0.1:81");
        check(libc::EHOSTUNREACH, Failure::Connect, "127.0.0.1:81");
        check(libc::ETIMEDOUT, Failure::Connect, "127.0.0.1:81");
        check(libc::ECONNRESET, Failure::Connect, "127.0.0.1:81");
        check(libc::EIO, Failure::Connect, "Input/output error (os error 5)");
    }

    #[test]
    fn a_cause_at_the_target_has_precedence_over_one_at_the_worker() {
        let (local, refused, late) = (
            Why::from(Cause::NoLocalPort),
            Why::from(Cause::Refused),
            Why::from(Cause::ConnectTimeout),
        );
        let after = |tries: &[Why]| {
            tries
                .iter()
                .fold(None, |known, why| Some(Why::after(known, *why)))
                .unwrap()
        };
        assert_eq!(after(&[local, local]), local);
        assert_eq!(after(&[local, refused, local]), refused);
        assert_eq!(after(&[refused, late]), refused);
    }
}
