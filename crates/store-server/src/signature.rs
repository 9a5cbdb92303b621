//! Checks the AWS Signature Version 4 of a request, in the header `Authorization` or in the query (presigned).
//!
//! Invariants: a request without a valid signature of a known key reaches no object. A signed request is valid for 15
//! minutes before and after its date. A presigned request only reads, because it is valid for up to 7 days. Signatures
//! are compared in constant time.

use crate::answer::S3Error;
use crate::credentials::{Access, AccessKey, Credentials};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const CONTENT_HASH: &str = "x-amz-content-sha256";
const DATE: &str = "x-amz-date";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// The largest difference between the clocks of a client and of the server, as in S3. A signed request can be repeated
/// for this long.
const SKEW_MAX: Duration = Duration::minutes(15);
/// The longest life of a presigned request, as in S3.
const EXPIRES_MAX: i64 = 7 * 24 * 60 * 60;

/// The characters that a signature encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
pub(crate) const ENCODED_IN_PATHS: &AsciiSet = &ENCODED.remove(b'/');

/// What the signature guarantees about the body.
#[derive(Debug)]
pub(crate) enum Payload {
    /// The SHA-256 of the body.
    Hash([u8; 32]),
    Unsigned,
    /// The body consists of chunks (`aws-chunked`), which may be signed and may have a trailer.
    Chunks {
        signer: Option<ChunkSigner>,
        has_trailer: bool,
    },
}

/// A request with a valid signature.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) access_key: String,
    pub(crate) access: Access,
    pub(crate) payload: Payload,
}

/// Checks the signatures of chunks. Each one covers the signature before it.
pub(crate) struct ChunkSigner {
    key: Box<hmac::Key>,
    date: String,
    scope: String,
    previous: String,
}

impl std::fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkSigner").field("scope", &self.scope).finish()
    }
}

impl ChunkSigner {
    /// Returns whether the signature of the next chunk is valid.
    pub(crate) fn is_next(&mut self, signature: &str, chunk: &[u8]) -> bool {
        let hashes = format!("{}\n{}", hex::encode(sha256(b"")), hex::encode(sha256(chunk)));
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &hashes, signature)
    }

    /// Returns whether the signature of the trailer is valid. `lines` are its lines, each with a line break.
    pub(crate) fn is_trailer(&mut self, signature: &str, lines: &str) -> bool {
        let hash = hex::encode(sha256(lines.as_bytes()));
        self.check("AWS4-HMAC-SHA256-TRAILER", &hash, signature)
    }

    fn check(&mut self, name: &str, hashes: &str, signature: &str) -> bool {
        let text = format!("{name}\n{}\n{}\n{}\n{hashes}", self.date, self.scope, self.previous);
        let is_valid = is_signature(&self.key, &text, signature);
        signature.clone_into(&mut self.previous);
        is_valid
    }
}

/// The parts of a signature that the client sends.
struct Claimed {
    access_key: String,
    scope: Scope,
    signed_headers: Vec<String>,
    signature: String,
}

/// The day, the region and the service for which a signature is valid.
struct Scope {
    day: String,
    region: String,
}

impl Scope {
    fn text(&self) -> String {
        format!("{}/{}/s3/aws4_request", self.day, self.region)
    }
}

/// Checks the signature of a request.
///
/// # Errors
/// Returns the error that S3 returns for a request without a valid signature.
pub(crate) fn verify(request: &Parts, keys: &Credentials, now: OffsetDateTime) -> Result<Verified, S3Error> {
    let query = query(request);
    if request.headers.contains_key("x-amz-security-token") || find(&query, "X-Amz-Security-Token").is_some() {
        let text = "this server has no temporary credentials";
        return Err(S3Error::new(StatusCode::BAD_REQUEST, "InvalidToken", text));
    }
    match request.headers.get(AUTHORIZATION) {
        Some(_) if find(&query, "X-Amz-Signature").is_some() => {
            Err(S3Error::argument("the request has two signatures"))
        }
        Some(value) => {
            let text = value.to_str().map_err(|_| malformed("it is not a text"))?;
            signed(request, &query, text, keys, now)
        }
        None if find(&query, "X-Amz-Signature").is_some() => presigned(request, &query, keys, now),
        None => Err(S3Error::denied("the request has no AWS Signature Version 4")),
    }
}

/// Checks a signature in the header `Authorization`.
fn signed(
    request: &Parts,
    query: &[(String, String)],
    authorization: &str,
    keys: &Credentials,
    now: OffsetDateTime,
) -> Result<Verified, S3Error> {
    let claimed = authorization_parts(authorization)?;
    let key = known(keys, &claimed.access_key)?;
    let date = single(&request.headers, DATE).ok_or_else(|| S3Error::denied("the request has no header x-amz-date"))?;
    let at = instant(date).ok_or_else(|| S3Error::denied("the header x-amz-date is not a date"))?;
    if (now - at).abs() > SKEW_MAX {
        return Err(skewed(at, now));
    }
    check_signed_headers(&request.headers, &claimed.signed_headers)?;
    let content = single(&request.headers, CONTENT_HASH)
        .ok_or_else(|| S3Error::argument(format!("the request has no header {CONTENT_HASH}")))?;
    let signing = check(request, query, &claimed, key, date, content)?;
    let chunks = |is_signed: bool, has_trailer: bool| Payload::Chunks {
        signer: is_signed.then(|| ChunkSigner {
            key: Box::new(signing.clone()),
            date: date.to_owned(),
            scope: claimed.scope.text(),
            previous: claimed.signature.clone(),
        }),
        has_trailer,
    };
    let payload = match content {
        UNSIGNED => Payload::Unsigned,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => chunks(true, false),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => chunks(true, true),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => chunks(false, true),
        hash => Payload::Hash(digest_of(hash).ok_or_else(|| {
            S3Error::argument(format!(
                "the header {CONTENT_HASH} is neither a hash nor a known kind of body"
            ))
        })?),
    };
    Ok(Verified {
        access: key.access,
        access_key: claimed.access_key,
        payload,
    })
}

/// Checks a signature in the query.
fn presigned(
    request: &Parts,
    query: &[(String, String)],
    keys: &Credentials,
    now: OffsetDateTime,
) -> Result<Verified, S3Error> {
    let given = |name: &str| find(query, name).ok_or_else(|| bad_query(&format!("{name} is missing")));
    if given("X-Amz-Algorithm")? != ALGORITHM {
        return Err(bad_query("X-Amz-Algorithm is not AWS4-HMAC-SHA256"));
    }
    let (access_key, scope) =
        credential(given("X-Amz-Credential")?).ok_or_else(|| bad_query("X-Amz-Credential is not a credential"))?;
    let claimed = Claimed {
        access_key,
        scope,
        signed_headers: given("X-Amz-SignedHeaders")?.split(';').map(str::to_owned).collect(),
        signature: given("X-Amz-Signature")?.to_owned(),
    };
    let key = known(keys, &claimed.access_key)?;
    let date = given("X-Amz-Date")?;
    let at = instant(date).ok_or_else(|| bad_query("X-Amz-Date is not a date"))?;
    let seconds: Option<i64> = given("X-Amz-Expires")?.parse().ok();
    let seconds = seconds
        .filter(|seconds| (1..=EXPIRES_MAX).contains(seconds))
        .ok_or_else(|| bad_query("X-Amz-Expires is not a number from 1 to 604800"))?;
    if at - now > SKEW_MAX {
        return Err(skewed(at, now));
    }
    if now - at > Duration::seconds(seconds) {
        return Err(S3Error::denied("Request has expired"));
    }
    check_signed_headers(&request.headers, &claimed.signed_headers)?;
    check(request, query, &claimed, key, date, UNSIGNED)?;
    if ![Method::GET, Method::HEAD].contains(&request.method) {
        return Err(S3Error::denied("a presigned request to this server can only read"));
    }
    Ok(Verified {
        access_key: claimed.access_key,
        access: Access::ReadOnly,
        payload: Payload::Unsigned,
    })
}

/// Compares the signature of a request with the right one. Returns the key for further signatures.
fn check(
    request: &Parts,
    query: &[(String, String)],
    claimed: &Claimed,
    key: &AccessKey,
    date: &str,
    content: &str,
) -> Result<hmac::Key, S3Error> {
    if !date.starts_with(&claimed.scope.day) {
        return Err(malformed("its day is not the day of the request"));
    }
    let canonical = canonical_request(request, query, &claimed.signed_headers, content);
    let hash = hex::encode(sha256(canonical.as_bytes()));
    let text = format!("{ALGORITHM}\n{date}\n{}\n{hash}", claimed.scope.text());
    let signing = signing_key(&key.secret, &claimed.scope);
    match is_signature(&signing, &text, &claimed.signature) {
        true => Ok(signing),
        false => {
            let text = "the signature does not match the request; check the secret and the endpoint";
            Err(S3Error::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", text))
        }
    }
}

fn signing_key(secret: &str, scope: &Scope) -> hmac::Key {
    let parts = [scope.day.as_str(), &scope.region, "s3", "aws4_request"];
    let first = hmac::Key::new(HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    parts.iter().fold(first, |key, part| {
        hmac::Key::new(HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
    })
}

/// Compares in constant time.
fn is_signature(key: &hmac::Key, text: &str, signature: &str) -> bool {
    digest_of(signature).is_some_and(|signature| hmac::verify(key, text.as_bytes(), &signature).is_ok())
}

fn canonical_request(request: &Parts, query: &[(String, String)], signed_headers: &[String], content: &str) -> String {
    let path: Vec<u8> = percent_decode_str(request.uri.path()).collect();
    let path = percent_encode(&path, ENCODED_IN_PATHS);
    let encode = |text: &str| percent_encode(text.as_bytes(), ENCODED).to_string();
    let mut query: Vec<(String, String)> = query
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    query.sort_unstable();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = format!("{}\n{path}\n{}\n", request.method, query.join("&"));
    for name in signed_headers {
        let values = request.headers.get_all(name).iter();
        let values: Vec<String> = values.map(|value| trimmed(value.as_bytes())).collect();
        text.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    text.push_str(&format!("\n{}\n{content}", signed_headers.join(";")));
    text
}

/// Removes spaces around a value, and all but one space between its words.
fn trimmed(value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    value
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Checks that the signature covers the host and each header that changes the meaning of the request.
fn check_signed_headers(headers: &HeaderMap, signed: &[String]) -> Result<(), S3Error> {
    let is_signed = |name: &str| signed.iter().any(|signed| signed == name);
    if !is_signed("host") {
        return Err(S3Error::denied("the signature does not cover the header host"));
    }
    for name in headers.keys() {
        let matters = name.as_str().starts_with("x-amz-") || name == "content-md5";
        if matters && !is_signed(name.as_str()) {
            return Err(S3Error::denied(format!(
                "the signature does not cover the header {name}"
            )));
        }
    }
    Ok(())
}

fn authorization_parts(text: &str) -> Result<Claimed, S3Error> {
    let parts = text
        .strip_prefix(ALGORITHM)
        .ok_or_else(|| malformed("it is not AWS4-HMAC-SHA256"))?;
    let parts: Vec<(&str, &str)> = parts
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    let part = |name: &str| {
        let found = parts.iter().find(|(found, _)| *found == name);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| malformed(&format!("it has no {name}")))
    };
    let (access_key, scope) =
        credential(part("Credential")?).ok_or_else(|| malformed("its Credential is not a credential"))?;
    Ok(Claimed {
        access_key,
        scope,
        signed_headers: part("SignedHeaders")?.split(';').map(str::to_owned).collect(),
        signature: part("Signature")?.to_owned(),
    })
}

/// Parses `ACCESS_KEY/DAY/REGION/s3/aws4_request`.
fn credential(text: &str) -> Option<(String, Scope)> {
    let parts: Vec<&str> = text.split('/').collect();
    let [access_key, day, region, "s3", "aws4_request"] = parts[..] else {
        return None;
    };
    let scope = Scope {
        day: day.to_owned(),
        region: region.to_owned(),
    };
    Some((access_key.to_owned(), scope)).filter(|_| day.len() == 8)
}

fn known<'a>(keys: &'a Credentials, access_key: &str) -> Result<&'a AccessKey, S3Error> {
    keys.find(access_key).ok_or_else(|| {
        let text = "this server does not have this access key";
        S3Error::new(StatusCode::FORBIDDEN, "InvalidAccessKeyId", text)
    })
}

/// Returns the names and values of the query, decoded.
pub(crate) fn query(request: &Parts) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let parts = request.uri.query().unwrap_or_default().split('&');
    parts
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (decode(name), decode(value)),
            None => (decode(part), String::new()),
        })
        .collect()
}

/// Returns the value of a name in the query.
pub(crate) fn find<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = query.iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value.as_str())
}

/// Returns the value of a header that occurs once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Parses a time such as `20260102T030405Z`.
fn instant(text: &str) -> Option<OffsetDateTime> {
    let is_shape = text.len() == 16 && text.is_ascii() && &text[8..9] == "T" && text.ends_with('Z');
    let number = |range: std::ops::Range<usize>| {
        let digits = text
            .get(range)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<u16>().ok()
    };
    let small = |at: usize| u8::try_from(number(at..at + 2)?).ok();
    if !is_shape {
        return None;
    }
    let month = Month::try_from(small(4)?).ok()?;
    let date = Date::from_calendar_date(number(0..4)?.into(), month, small(6)?).ok()?;
    let time = Time::from_hms(small(9)?, small(11)?, small(13)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

fn malformed(problem: &str) -> S3Error {
    let text = format!("the header Authorization cannot be used: {problem}");
    S3Error::new(StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed", text)
}

fn bad_query(problem: &str) -> S3Error {
    S3Error::new(StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError", problem)
}

fn skewed(at: OffsetDateTime, now: OffsetDateTime) -> S3Error {
    let seconds = (now - at).whole_seconds();
    let text = format!("the clocks of the client and of the server differ by {seconds} s");
    S3Error::new(StatusCode::FORBIDDEN, "RequestTimeTooSkewed", text)
}

#[cfg(test)]
mod tests;
