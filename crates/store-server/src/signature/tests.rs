//! Tests with the signer of the AWS SDK as the other side.

use super::*;
use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use hyper::Request;
use proptest::prelude::*;
use std::time::{Duration as StdDuration, SystemTime};

const SECRET: &str = "0123456789abcdef/+";
const HOST: &str = "127.0.0.1:9000";

/// 2026-03-01T12:00:00Z.
fn signed_at() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_366_400).unwrap()
}

fn keys() -> Credentials {
    Credentials::parse(&format!("team {SECRET}\ndash {SECRET} read-only")).unwrap()
}

/// A request that the AWS SDK has signed.
fn request(
    method: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
    body: SignableBody<'_>,
    expires: Option<u64>,
    secret: &str,
) -> Parts {
    let credentials = AwsCredentials::new("team", secret, None, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if let Some(seconds) = expires {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(StdDuration::from_secs(seconds));
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    }
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region("eu-central-1")
        .name("s3")
        .time(SystemTime::from(signed_at()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = format!("http://{HOST}{path_and_query}");
    let signable = SignableRequest::new(method, &uri, headers.iter().copied(), body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let mut request = Request::builder().method(method).uri(&uri).header("host", HOST);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    let path = request.uri().path_and_query().unwrap().as_str().to_owned();
    *request.uri_mut() = path.parse().unwrap();
    request.into_parts().0
}

fn code(parts: &Parts, seconds_later: i64) -> Result<Access, &'static str> {
    let verified = verify(parts, &keys(), signed_at() + Duration::seconds(seconds_later));
    verified.map(|verified| verified.access).map_err(|error| error.code)
}

fn plain(method: &str, path: &str) -> Parts {
    request(method, path, &[], SignableBody::Bytes(b"body"), None, SECRET)
}

#[test]
fn a_signed_request_is_valid_for_fifteen_minutes_before_and_after_its_date() {
    let parts = plain("PUT", "/vajra/runs/a");
    for seconds in [0, 900, -900] {
        assert_eq!(code(&parts, seconds), Ok(Access::Full), "{seconds}");
    }
    for seconds in [901, -901, 1_000_000] {
        assert_eq!(code(&parts, seconds), Err("RequestTimeTooSkewed"), "{seconds}");
    }
    let verified = verify(&parts, &keys(), signed_at()).unwrap();
    assert!(matches!(verified.payload, Payload::Hash(hash) if hash == sha256(b"body")));
}

#[test]
fn a_presigned_request_reads_until_it_expires() {
    let presigned = |method: &str| {
        let body = SignableBody::UnsignedPayload;
        request(method, "/vajra/runs/a?x-id=GetObject", &[], body, Some(3_600), SECRET)
    };
    assert_eq!(code(&presigned("GET"), 0), Ok(Access::ReadOnly));
    assert_eq!(code(&presigned("GET"), 3_600), Ok(Access::ReadOnly));
    assert_eq!(code(&presigned("GET"), 3_601), Err("AccessDenied"));
    assert_eq!(code(&presigned("GET"), -901), Err("RequestTimeTooSkewed"));
    assert_eq!(
        code(&presigned("PUT"), 0),
        Err("AccessDenied"),
        "it could be repeated for days"
    );
    let mut parts = presigned("GET");
    let longer = parts
        .uri
        .to_string()
        .replace("X-Amz-Expires=3600", "X-Amz-Expires=9000");
    parts.uri = longer.parse().unwrap();
    assert_eq!(code(&parts, 0), Err("SignatureDoesNotMatch"));
}

#[test]
fn a_request_without_a_valid_signature_is_refused_with_the_code_of_s3() {
    let mut parts = plain("GET", "/vajra/a");
    parts.headers.remove(AUTHORIZATION);
    assert_eq!(code(&parts, 0), Err("AccessDenied"));
    let wrong = request(
        "GET",
        "/vajra/a",
        &[],
        SignableBody::Bytes(b""),
        None,
        "another secret 123",
    );
    assert_eq!(code(&wrong, 0), Err("SignatureDoesNotMatch"));
    let with = |change: &dyn Fn(&str) -> String| {
        let mut parts = plain("GET", "/vajra/a");
        let text = change(parts.headers[AUTHORIZATION].to_str().unwrap());
        parts.headers.insert(AUTHORIZATION, text.parse().unwrap());
        code(&parts, 0)
    };
    assert_eq!(with(&|text| text.to_owned()), Ok(Access::Full));
    assert_eq!(with(&|text| text.replace(", ", ",")), Ok(Access::Full));
    assert_eq!(
        with(&|text| text.replace("Credential=team", "Credential=who")),
        Err("InvalidAccessKeyId")
    );
    assert_eq!(
        with(&|text| text.replace("team", "dash")),
        Ok(Access::ReadOnly),
        "both keys have one secret"
    );
    for (from, to) in [
        ("/s3/", "/ec2/"),
        ("Signature=", "Sig="),
        ("AWS4-HMAC-SHA256", "AWS4-X"),
        ("20260301", "20260302"),
    ] {
        assert_eq!(
            with(&|text| text.replace(from, to)),
            Err("AuthorizationHeaderMalformed"),
            "{from}"
        );
    }
    assert_eq!(
        with(&|text| text.replace("host;", "")),
        Err("AccessDenied"),
        "the host is not signed"
    );
    assert_eq!(
        with(&|text| text[..text.len() - 1].to_owned()),
        Err("SignatureDoesNotMatch")
    );
    assert_eq!(
        with(&|_| "Basic dGVhbTp4".to_owned()),
        Err("AuthorizationHeaderMalformed")
    );
}

#[test]
fn a_header_that_is_added_to_a_signed_request_is_refused() {
    for name in ["x-amz-meta-mark", "x-amz-copy-source", "content-md5"] {
        let mut parts = plain("PUT", "/vajra/a");
        parts.headers.insert(name, "x".parse().unwrap());
        assert_eq!(code(&parts, 0), Err("AccessDenied"), "{name}");
    }
    let mut parts = plain("PUT", "/vajra/a");
    parts.headers.insert("x-amz-security-token", "x".parse().unwrap());
    assert_eq!(code(&parts, 0), Err("InvalidToken"));
}

fn any_key() -> impl Strategy<Value = String> {
    "[ -~äöü]{1,20}".prop_map(|key| utf8_path(&key))
}

/// Encodes a key as a client does.
fn utf8_path(key: &str) -> String {
    percent_encode(key.as_bytes(), ENCODED_IN_PATHS).to_string()
}

proptest! {
    #[test]
    fn any_request_of_the_sdk_is_accepted_and_any_change_of_it_is_refused(
        method in prop::sample::select(vec!["GET", "PUT", "DELETE", "HEAD"]),
        key in any_key(),
        query in prop::collection::vec(("[a-z-]{1,8}", "[ -~ä]{0,8}"), 0..4),
        mark in "[a-z0-9 ]{0,12}",
        body in prop::collection::vec(any::<u8>(), 0..50),
        change in 0..5_usize,
    ) {
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent_encode(value.as_bytes(), ENCODED)))
            .collect();
        let uri = format!("/vajra/{key}?{}", query.join("&"));
        let uri = uri.trim_end_matches('?');
        let mark = mark.trim().to_owned();
        let headers = [("x-amz-meta-mark", mark.as_str()), ("if-none-match", "*")];
        let mut parts = request(method, uri, &headers, SignableBody::Bytes(&body), None, SECRET);
        prop_assert_eq!(code(&parts, 0), Ok(Access::Full));
        match change {
            0 => parts.method = Method::PATCH,
            1 => parts.uri = format!("{uri}{}x=y", if uri.contains('?') { "&" } else { "?" }).parse().unwrap(),
            2 => parts.uri = format!("/vajra/x{key}").parse().unwrap(),
            3 => drop(parts.headers.insert("x-amz-meta-mark", "changed-mark".parse().unwrap())),
            _ => drop(parts.headers.insert(CONTENT_HASH, hex::encode(sha256(b"other")).parse().unwrap())),
        }
        prop_assert_eq!(code(&parts, 0), Err("SignatureDoesNotMatch"));
    }

    #[test]
    fn any_text_as_a_signature_is_refused(text in "[ -~]{0,80}", query in "[!-~&&[^#]]{0,80}") {
        let mut parts = plain("GET", "/vajra/a");
        parts.headers.insert(AUTHORIZATION, format!("AWS4-HMAC-SHA256 {text}").parse().unwrap());
        prop_assert!(code(&parts, 0).is_err());
        parts.headers.remove(AUTHORIZATION);
        if let Ok(uri) = format!("/vajra/a?X-Amz-Signature=0&{query}").parse() {
            parts.uri = uri;
            prop_assert!(code(&parts, 0).is_err());
        }
    }
}

#[test]
fn a_day_of_the_calendar_is_required() {
    for text in ["20260301T120000Z", "20240229T235959Z"] {
        assert!(instant(text).is_some(), "{text}");
    }
    for text in [
        "",
        "20260229T120000Z",
        "20260301T240000Z",
        "20260301 120000Z",
        "2026+301T120000Z",
        "äöüäöüäö",
    ] {
        assert!(instant(text).is_none(), "{text}");
    }
}

/// The example of the documentation of S3: "Transferring payload in multiple chunks".
#[test]
fn signed_chunks_have_the_signatures_of_the_documentation() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let keys = Credentials::single("AKIAIOSFODNN7EXAMPLE", secret).unwrap();
    let signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    let signed = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
                  x-amz-decoded-content-length;x-amz-storage-class";
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders={signed},Signature={signature}"
    );
    let request = Request::builder()
        .method("PUT")
        .uri("/examplebucket/chunkObject.txt")
        .header("host", "s3.amazonaws.com")
        .header("x-amz-date", "20130524T000000Z")
        .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
        .header("authorization", authorization)
        .header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", "66560")
        .header("content-length", "66824");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let signatures = [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];
    let encode = |sizes: [usize; 3], fill: &str| {
        let chunk = |(size, signature)| format!("{size:x};chunk-signature={signature}\r\n{}\r\n", fill.repeat(size));
        sizes.into_iter().zip(signatures).map(chunk).collect::<String>()
    };
    let decode = |body: String| {
        let verified = verify(&parts, &keys, instant("20130524T000000Z").unwrap()).expect("the documented signature");
        let Payload::Chunks { signer, has_trailer } = verified.payload else {
            panic!("not chunks: {:?}", verified.payload);
        };
        crate::chunks::decode(body.as_bytes().into(), 66_560, signer, has_trailer)
    };
    let decoded = decode(encode([65_536, 1_024, 0], "a")).expect("the documented chunks");
    assert!(decoded.bytes == "a".repeat(66_560));
    for body in [encode([65_536, 1_024, 0], "b"), encode([1_024, 65_536, 0], "a")] {
        assert_eq!(decode(body).expect_err("another body").code, "SignatureDoesNotMatch");
    }
}
