//! Calculates AWS Signature Version 4 with the crate `aws-sigv4`.

use super::{Keys, Unsigned};
use crate::secrets::Secret;
use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use plan::scenario::Signature;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The name of the header that contains the digest of the body.
const DIGEST: &str = "x-amz-content-sha256";

/// Returns the keys of the worker's environment, and their remaining validity. The validity is `None` if the keys do
/// not expire.
pub(super) async fn keys_of_environment() -> Result<(Keys, Option<Duration>), String> {
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let provider = config
        .credentials_provider()
        .ok_or("no AWS credentials are configured")?;
    let credentials = provider.provide_credentials().await.map_err(|why| why.to_string())?;
    let left = |expiry: SystemTime| expiry.duration_since(SystemTime::now()).unwrap_or_default();
    let keys = Keys {
        key: Secret::new(credentials.access_key_id()),
        secret: Secret::new(credentials.secret_access_key()),
        token: credentials.session_token().map(Secret::new),
    };
    Ok((keys, credentials.expiry().map(left)))
}

/// Returns the settings for signing the requests of a service.
fn settings(service: &str, has_digest: bool) -> SigningSettings {
    let mut settings = SigningSettings::default();
    let is_s3 = service.starts_with("s3");
    if is_s3 {
        // S3 expects the path as it is sent. The other services expect the path to be encoded once more.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    // S3 and OpenSearch Serverless require the digest of the body as a header.
    if (is_s3 || service == "aoss") && !has_digest {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

/// Returns the headers that sign a request at `now`, which is in nanoseconds since the Unix epoch. Returns `None` if
/// the request cannot be signed.
pub(crate) fn headers(
    signature: &Signature,
    keys: &Keys,
    unsigned: &Unsigned<'_>,
    now: u64,
) -> Option<Vec<(String, String)>> {
    let own = |wanted: &str| {
        let mut named = unsigned.headers.iter();
        named.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    let digest = own(DIGEST).map(|(_, value)| value.clone());
    let token = keys.token.as_ref().map(|token| token.value().to_owned());
    let identity = Credentials::new(keys.key.value(), keys.secret.value(), token, None, "vajra-cloud").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&signature.region)
        .name(&signature.service)
        .time(UNIX_EPOCH + Duration::from_nanos(now))
        .settings(settings(&signature.service, digest.is_some()))
        .build()
        .ok()?
        .into();
    let host = own("host").is_none().then_some(("host", unsigned.host));
    let headers = unsigned
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let body = match digest {
        Some(digest) => SignableBody::Precomputed(digest),
        None => SignableBody::Bytes(unsigned.body),
    };
    let request = SignableRequest::new(unsigned.method, unsigned.url, headers.chain(host), body).ok()?;
    let (instructions, _) = sign(request, &parameters).ok()?.into_parts();
    let (headers, _) = instructions.into_parts();
    let headers = headers.iter();
    Some(
        headers
            .map(|header| (header.name().to_owned(), header.value().to_owned()))
            .collect(),
    )
}
