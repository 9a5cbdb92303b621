//! Decodes bodies of the encoding `aws-chunked`.
//!
//! ```text
//! body    = { chunk } last { trailer } [ "x-amz-trailer-signature:" signature CRLF ] CRLF
//! chunk   = hex-size [ ";chunk-signature=" signature ] CRLF bytes CRLF
//! last    = "0" [ ";chunk-signature=" signature ] CRLF
//! trailer = name ":" value CRLF
//! ```

use crate::answer::S3Error;
use crate::signature::ChunkSigner;
use bytes::{Bytes, BytesMut};
use hyper::StatusCode;

/// The maximum number of lines in a trailer. Clients send one checksum and one signature.
const TRAILER_LINES_MAX: usize = 8;
/// The maximum length of a line.
const LINE_BYTES_MAX: usize = 512;
/// The maximum number of digits of a size. Objects have at most 64 MiB.
const SIZE_DIGITS_MAX: usize = 8;

/// A decoded body, and the lines of its trailer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) bytes: Bytes,
    pub(crate) trailer: Vec<(String, String)>,
}

/// Decodes a body in its own memory, and checks the signatures of its chunks.
///
/// # Errors
/// Fails if the body is not in this encoding, if a signature is wrong, and if the length is not `length`.
pub(crate) fn decode(
    mut body: BytesMut,
    length: usize,
    mut signer: Option<ChunkSigner>,
    has_trailer: bool,
) -> Result<Decoded, S3Error> {
    // The chunks so far are at the beginning of the memory, and `at` is the end of the bytes that were read.
    let (mut decoded, mut at) = (0, 0);
    loop {
        let mut rest = &body[at..];
        let (size, signature) = head(line(&mut rest)?)?;
        let chunk = rest
            .split_off(..size)
            .ok_or_else(|| incomplete("a chunk is not complete"))?;
        if let Some(signer) = &mut signer {
            check(signer.is_next(signature.unwrap_or_default(), chunk))?;
        }
        let end = body.len() - rest.len();
        if size == 0 {
            at = end;
            break;
        }
        if decoded + size > length {
            return Err(incomplete("the body has more bytes than x-amz-decoded-content-length"));
        }
        if !line(&mut rest)?.is_empty() {
            return Err(incomplete("a chunk has more bytes than its size"));
        }
        at = body.len() - rest.len();
        body.copy_within(end - size..end, decoded);
        decoded += size;
    }
    if decoded != length {
        return Err(incomplete("the body has fewer bytes than x-amz-decoded-content-length"));
    }
    let mut rest = &body[at..];
    let trailer = match has_trailer {
        true => trailer(&mut rest, signer.as_mut())?,
        false => Vec::new(),
    };
    // Some clients leave out the last line break.
    let is_end = matches!(rest, b"" | b"\r\n");
    body.truncate(decoded);
    match is_end {
        true => Ok(Decoded {
            bytes: body.freeze(),
            trailer,
        }),
        false => Err(incomplete("the body continues after its last chunk")),
    }
}

fn trailer(rest: &mut &[u8], signer: Option<&mut ChunkSigner>) -> Result<Vec<(String, String)>, S3Error> {
    let mut trailer = Vec::new();
    let mut signature = None;
    while !rest.is_empty() && *rest != b"\r\n" {
        let line = line(rest)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| incomplete("a line of the trailer has no `:`"))?;
        match name {
            "x-amz-trailer-signature" => signature = Some(value.trim().to_owned()),
            _ => trailer.push((name.to_ascii_lowercase(), value.trim().to_owned())),
        }
        if trailer.len() > TRAILER_LINES_MAX {
            return Err(incomplete("the trailer has too many lines"));
        }
    }
    if let Some(signer) = signer {
        let lines: String = trailer
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        check(signer.is_trailer(&signature.unwrap_or_default(), &lines))?;
    }
    Ok(trailer)
}

/// Takes the next line, without its line break.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, S3Error> {
    let window = &rest[..rest.len().min(LINE_BYTES_MAX)];
    let end = window
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or_else(|| incomplete("a line of the encoding has no end"))?;
    let line = std::str::from_utf8(&rest[..end]).map_err(|_| incomplete("a line of the encoding is not a text"))?;
    *rest = &rest[end + 2..];
    Ok(line)
}

/// Parses the head of a chunk: its size, and its signature.
fn head(line: &str) -> Result<(usize, Option<&str>), S3Error> {
    let (size, signature) = match line.split_once(';') {
        Some((size, extension)) => (size, extension.strip_prefix("chunk-signature=")),
        None => (line, None),
    };
    let is_size = !size.is_empty() && size.len() <= SIZE_DIGITS_MAX && size.bytes().all(|b| b.is_ascii_hexdigit());
    let size = usize::from_str_radix(size, 16).ok().filter(|_| is_size);
    Ok((size.ok_or_else(|| incomplete("a chunk has no size"))?, signature))
}

fn check(is_valid: bool) -> Result<(), S3Error> {
    match is_valid {
        true => Ok(()),
        false => {
            let text = "the signature of a chunk does not match it";
            Err(S3Error::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", text))
        }
    }
}

fn incomplete(text: &str) -> S3Error {
    S3Error::new(StatusCode::BAD_REQUEST, "IncompleteBody", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(chunks: &[Vec<u8>], trailer: &str) -> Vec<u8> {
        let mut body = Vec::new();
        for chunk in chunks {
            body.extend(format!("{:x}\r\n", chunk.len()).bytes());
            body.extend(chunk);
            body.extend(b"\r\n");
        }
        body.extend(format!("0\r\n{trailer}\r\n").bytes());
        body
    }

    proptest! {
        #[test]
        fn a_body_decodes_to_its_chunks_and_never_if_it_is_cut(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = chunks.concat();
            let body = encode(&chunks, "x-amz-checksum-crc32: AAAAAA==\r\n");
            let decoded = decode(BytesMut::from(&body[..]), whole.len(), None, true).expect("a valid body");
            prop_assert_eq!(&decoded.bytes[..], &whole[..]);
            prop_assert_eq!(decoded.trailer, vec![("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]);
            prop_assert!(decode(BytesMut::from(&body[..]), whole.len() + 1, None, true).is_err());
            // Without its end, a body decodes at most to the same bytes.
            let cut = cut.index(body.len());
            if let Ok(decoded) = decode(BytesMut::from(&body[..cut]), whole.len(), None, true) {
                prop_assert_eq!(&decoded.bytes[..], &whole[..]);
            }
        }

        #[test]
        fn any_bytes_are_decoded_or_rejected(body in prop::collection::vec(any::<u8>(), 0..200), length in 0..100_usize) {
            if let Ok(decoded) = decode(BytesMut::from(&body[..]), length, None, true) {
                prop_assert_eq!(decoded.bytes.len(), length);
            }
        }
    }

    #[test]
    fn a_body_with_a_wrong_size_is_rejected() {
        for body in [
            &b""[..],
            b"5\r\nabc\r\n0\r\n\r\n",
            b"2\r\nabc\r\n0\r\n\r\n",
            b"ffffffff\r\nabc",
            b"ffffffffffffffffff\r\nabc",
            b"-3\r\nabc\r\n0\r\n\r\n",
            b"3\r\nabc\r\n",
            b"3\r\nabc\r\n0\r\n\r\nmore",
        ] {
            assert!(
                decode(BytesMut::from(body), 3, None, false).is_err(),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        assert!(decode(BytesMut::from(&b"3\r\nabc\r\n0\r\n\r\n"[..]), 3, None, false).is_ok());
    }
}
