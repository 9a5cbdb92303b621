//! Checks the checksums that a client sends with a body.

use crate::answer::S3Error;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use hyper::HeaderMap;
use md5::{Digest, Md5};

/// The beginning of the names of headers with checksums.
pub(crate) const PREFIX: &str = "x-amz-checksum-";
/// The headers that begin with [`PREFIX`] and contain no checksum.
const OTHERS: [&str; 3] = ["algorithm", "type", "mode"];
const CONTENT_MD5: &str = "content-md5";

/// Compares the body with each checksum in the headers and in the trailer.
///
/// # Errors
/// Fails if a checksum differs, or if the server cannot compute it.
pub(crate) fn check(headers: &HeaderMap, trailer: &[(String, String)], body: &[u8]) -> Result<(), S3Error> {
    let sent = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let trailed = trailer.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    for (name, value) in sent.chain(trailed) {
        let Some(computed) = compute(name, body)? else {
            continue;
        };
        if STANDARD.decode(value).ok().as_deref() != Some(&computed[..]) {
            return Err(S3Error::bad_digest(name));
        }
    }
    Ok(())
}

/// Returns whether a header contains a checksum with a name of its own.
pub(crate) fn is_checksum(header: &str) -> bool {
    header.strip_prefix(PREFIX).is_some_and(|name| !OTHERS.contains(&name))
}

/// Computes the checksum that a header contains; `None` if it is another header.
fn compute(header: &str, body: &[u8]) -> Result<Option<Vec<u8>>, S3Error> {
    if header == CONTENT_MD5 {
        return Ok(Some(Md5::digest(body).to_vec()));
    }
    let crc = |algorithm| crc_fast::checksum(algorithm, body).to_be_bytes();
    let computed = match header.strip_prefix(PREFIX) {
        None => return Ok(None),
        Some(other) if OTHERS.contains(&other) => return Ok(None),
        Some("crc32") => crc(CrcAlgorithm::Crc32IsoHdlc)[4..].to_vec(),
        Some("crc32c") => crc(CrcAlgorithm::Crc32Iscsi)[4..].to_vec(),
        Some("crc64nvme") => crc(CrcAlgorithm::Crc64Nvme).to_vec(),
        Some("sha1") => digest(&SHA1_FOR_LEGACY_USE_ONLY, body).as_ref().to_vec(),
        Some("sha256") => digest(&SHA256, body).as_ref().to_vec(),
        Some(other) => return Err(S3Error::not_implemented(&format!("the checksum {other}"))),
    };
    Ok(Some(computed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn check_one(name: &'static str, value: &'static str) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        assert_eq!(check(&headers, &[], b"123456789"), Ok(()), "{name}");
        let trailer = [(name.to_owned(), value.to_owned())];
        assert_eq!(check(&HeaderMap::new(), &trailer, b"123456789"), Ok(()), "{name}");
        assert_eq!(check(&headers, &[], b"123456780"), Err(S3Error::bad_digest(name)));
        assert_eq!(
            check(&HeaderMap::new(), &trailer, b"123456780"),
            Err(S3Error::bad_digest(name))
        );
    }

    /// The check values of the catalogue of CRCs, and the digests of the same text by coreutils.
    #[test]
    fn each_checksum_matches_its_published_value() {
        check_one("x-amz-checksum-crc32", "y/Q5Jg==");
        check_one("x-amz-checksum-crc32c", "4waSgw==");
        check_one("x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
        check_one("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=");
        check_one("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
        check_one("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==");
    }

    #[test]
    fn an_unknown_checksum_is_not_ignored() {
        let trailer = [("x-amz-checksum-md4".to_owned(), "AAAA".to_owned())];
        let error = check(&HeaderMap::new(), &trailer, b"").expect_err("unknown");
        assert_eq!(error.code, "NotImplemented");
        let trailer = [("x-amz-checksum-crc32".to_owned(), "not base64".to_owned())];
        assert_eq!(
            check(&HeaderMap::new(), &trailer, b""),
            Err(S3Error::bad_digest("x-amz-checksum-crc32"))
        );
    }
}
