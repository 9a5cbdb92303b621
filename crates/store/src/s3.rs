//! A store in an S3 bucket, or on any S3-compatible server that supports create-only writes.
//!
//! A create-only write may be sent several times, if the answer to the first attempt was lost. Invariant: such a write
//! reports correctly whether it created the object. Every create-only write stores a unique mark with the object. If
//! the key is taken, the writer compares the stored mark with its own mark.
//!
//! If the caller may not list the whole bucket, S3 answers "denied" to a read of a missing key. To distinguish a
//! missing key from a denied read, the store then lists this key, because the caller may list keys below the prefix.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, ConfigBag, Intercept, Region, RequestChecksumCalculation, RuntimeComponents,
};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use bytes::{Bytes, BytesMut};
use tally::account::Requests;
use tokio::time::Instant;

use crate::common_clock::{CommonClock, StoreTime};
use crate::error::{Cause, StoreError};
use crate::location::S3Location;
use crate::meter::{Meter, Metered};
use crate::object::{Created, check_key, check_size};

/// The timeout for connecting. The store is polled constantly, so a store that takes longer to connect is treated as
/// unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The timeout of one attempt at a small request. S3 answers within a second. After ten seconds, a retry on a new
/// connection is more likely to succeed than waiting for the answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The timeout of all attempts at a request together. A stop must take effect within seconds, so no request may block
/// for longer.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The lowest throughput, in bytes per second, at which the transfer of a large object succeeds. The timeout is
/// extended by the time that the object takes at this throughput.
const BYTES_PER_SECOND_MIN: u64 = 1024 * 1024;

/// The maximum number of attempts at a request. Five attempts are enough if the server throttles for a short time. More
/// attempts would hide a lasting problem.
const ATTEMPTS_MAX: u32 = 5;

/// The backoff after the first attempt. The backoff doubles after each attempt, and is randomised. The pauses of five
/// attempts last at most three seconds in total, so a wrong address is detected within a few seconds.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);

/// The maximum number of attempts after an answer with status 409. S3 answers 409 while another create-only write of
/// the same key is in progress. Such a write takes milliseconds, so it ends during the growing pauses of eight
/// attempts.
const CONFLICT_ATTEMPTS_MAX: u32 = 8;

/// Half of the maximum pause after the first answer with status 409, in milliseconds. The maximum pause doubles with
/// each attempt.
const CONFLICT_PAUSE_MS_MAX: u64 = 25;

/// The maximum number of attempts to read a body. The library retries a request only until the answer begins. So this
/// module retries if the connection breaks during the body.
const BODY_ATTEMPTS_MAX: u32 = 3;

/// The name of the object metadata that contains the mark of the write. The mark identifies the write that created the
/// object.
const MARK: &str = "created-by-write";

#[derive(Debug)]
pub(crate) struct S3 {
    client: Client,
    bucket: String,
    /// The prefix of every key. The prefix is empty or ends in `/`.
    prefix: String,
    place: String,
    clock: Arc<CommonClock>,
    meter: Arc<Meter>,
    /// Whether an earlier answer has proved that "denied" means "missing" for keys below the prefix.
    denied_is_missing: AtomicBool,
}

/// The meaning of the answer "denied" to a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    Missing,
    /// The object exists, or the store cannot determine whether it exists.
    Refused,
}

/// Loads the credentials, the region and the endpoint from the environment and the profile files. The settings in the
/// location have precedence.
async fn load_config(location: &S3Location) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest());
    let loader = if let Some(region) = &location.region {
        loader.region(Region::new(region.clone()))
    } else if location.endpoint.is_some() || endpoint_in_environment().is_some() {
        // A self-hosted server has no regions, but the signature of every request contains a region.
        loader.region(
            RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(ProfileFileRegionProvider::new())
                .or_else("us-east-1"),
        )
    } else {
        loader
    };
    loader.load().await
}

fn endpoint_in_environment() -> Option<String> {
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

impl S3 {
    /// Opens the store. Credentials and region come from the same sources as in the tools of AWS.
    pub(crate) async fn open(location: &S3Location) -> Result<Self, StoreError> {
        Self::open_with(location, &load_config(location).await)
    }

    pub(crate) fn open_with(location: &S3Location, config: &SdkConfig) -> Result<Self, StoreError> {
        if config.credentials_provider().is_none() {
            return Err(StoreError::NoCredentials { source: None });
        }
        let endpoint = location
            .endpoint
            .clone()
            .or_else(endpoint_in_environment)
            .or_else(|| config.endpoint_url().map(str::to_owned));
        let region = match (&location.region, config.region(), &endpoint) {
            (Some(region), _, _) => Region::new(region.clone()),
            (None, Some(region), _) => region.clone(),
            (None, None, Some(_)) => Region::from_static("us-east-1"),
            (None, None, None) => {
                return Err(StoreError::NoRegion {
                    bucket: location.bucket.clone(),
                });
            }
        };
        let place = endpoint.clone().unwrap_or_else(|| format!("S3 in {region}"));
        let mut s3 = aws_sdk_s3::config::Builder::from(config)
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .force_path_style(location.path_style.unwrap_or(endpoint.is_some()))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS_MAX)
                    .with_initial_backoff(FIRST_BACKOFF),
            )
            .timeout_config(timeouts(0));
        if let Some(endpoint) = endpoint {
            s3 = s3.endpoint_url(endpoint);
            if config.request_checksum_calculation().is_none() {
                // Many S3-compatible servers reject the checksum headers of newer S3 clients.
                s3 = s3.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
            }
        }
        let clock = Arc::new(CommonClock::new());
        let s3 = s3.interceptor(DateReader(clock.clone()));
        let prefix = match location.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let meter = Arc::new(Meter::default());
        let s3 = s3.interceptor(Metered(meter.clone()));
        Ok(Self {
            client: Client::from_conf(s3.build()),
            bucket: location.bucket.clone(),
            prefix,
            place,
            clock,
            meter,
            denied_is_missing: AtomicBool::new(false),
        })
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn now(&self) -> Option<StoreTime> {
        self.clock.now()
    }

    pub(crate) fn requests(&self) -> Requests {
        self.meter.requests()
    }

    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        let timeouts = override_timeouts(bytes.len() as u64);
        self.put_request(key, bytes)
            .customize()
            .config_override(timeouts)
            .send()
            .await
            .map_err(|e| self.translate("PUT", key, e))?;
        Ok(())
    }

    pub(crate) async fn put_new(&self, key: &str, bytes: Bytes) -> Result<Created, StoreError> {
        let mark = format!("{:032x}", rand::random::<u128>());
        let mut attempt = 1;
        loop {
            let sent = self
                .put_request(key, bytes.clone())
                .if_none_match("*")
                .metadata(MARK, &mark)
                .customize()
                .config_override(override_timeouts(bytes.len() as u64))
                .send()
                .await;
            let Err(error) = sent else {
                return Ok(Created::Yes);
            };
            match status(&error) {
                Some(412) => return self.check_owner(key, &mark).await,
                Some(409) if attempt < CONFLICT_ATTEMPTS_MAX => {
                    let longest = CONFLICT_PAUSE_MS_MAX << attempt;
                    let pause = rand::random_range(longest / 2..=longest);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    attempt += 1;
                }
                Some(501) => {
                    return Err(StoreError::NotCreateOnly {
                        place: self.place.clone(),
                    });
                }
                _ => return Err(self.translate("PUT", key, error)),
            }
        }
    }

    /// Determines whether the existing object was created by an earlier attempt of this write, whose answer was lost.
    async fn check_owner(&self, key: &str, mark: &str) -> Result<Created, StoreError> {
        let head = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(self.full(key))
            .send()
            .await;
        match head {
            Ok(head) => {
                let found = head.metadata().and_then(|metadata| metadata.get(MARK));
                if found.is_some_and(|found| found == mark) {
                    Ok(Created::Yes)
                } else {
                    Ok(Created::AlreadyThere)
                }
            }
            // Another caller created the object, and the object was deleted after that.
            Err(error) if status(&error) == Some(404) => Ok(Created::AlreadyThere),
            // The answer to a HEAD request has no body and so no error code. Therefore, the status is compared.
            Err(error) if status(&error) == Some(403) && self.denied(key).await == Denied::Missing => {
                Ok(Created::AlreadyThere)
            }
            Err(error) => Err(self.translate("HEAD", key, error)),
        }
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let mut attempt = 1;
        loop {
            let answer = self
                .client
                .get_object()
                .bucket(&self.bucket)
                .key(self.full(key))
                .send()
                .await;
            let answer = match answer {
                Ok(answer) => answer,
                // Only this error code means that the object is missing. A 404 without this code may come from a server
                // that is not a store.
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                Err(error) if error.code() == Some("AccessDenied") && self.denied(key).await == Denied::Missing => {
                    return Ok(None);
                }
                Err(error) => return Err(self.translate("GET", key, error)),
            };
            let announced = u64::try_from(answer.content_length().unwrap_or(0)).unwrap_or(0);
            check_size(key, announced)?;
            match self.read_body(key, answer.body, announced).await {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(StoreError::Unreachable { .. }) if attempt < BODY_ATTEMPTS_MAX => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Determines the meaning of the answer "denied" to a read of this key. If a listing has proved that "denied" means
    /// "missing", the result is used for all keys. A listing costs as much as twelve reads (Amazon S3 pricing).
    async fn denied(&self, key: &str) -> Denied {
        if self.denied_is_missing.load(Ordering::Relaxed) {
            return Denied::Missing;
        }
        let full = self.full(key);
        // This key sorts before all longer keys that begin with this key.
        match self.list_request(key).max_keys(1).send().await {
            Ok(page) if page.contents().iter().all(|object| object.key() != Some(full.as_str())) => {
                self.denied_is_missing.store(true, Ordering::Relaxed);
                Denied::Missing
            }
            _ => Denied::Refused,
        }
    }

    async fn read_body(&self, key: &str, mut body: ByteStream, announced: u64) -> Result<Bytes, StoreError> {
        let broken = |source: Cause| StoreError::Unreachable {
            place: self.place.clone(),
            source: Some(source),
        };
        let read = async {
            let mut bytes = BytesMut::new();
            while let Some(part) = body.try_next().await.map_err(|e| broken(e.into()))? {
                check_size(key, (bytes.len() + part.len()) as u64)?;
                self.meter.read(part.len());
                bytes.extend_from_slice(&part);
            }
            Ok(bytes.freeze())
        };
        tokio::time::timeout(allowed(OPERATION_TIMEOUT, announced), read)
            .await
            .unwrap_or_else(|elapsed| Err(broken(elapsed.into())))
    }

    /// Lists all keys that begin with `below`. `below` is empty or ends in `/`.
    pub(crate) async fn list(&self, below: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        let mut pages = self.list_request(below).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| self.translate("LIST", below, e))?;
            let found = page.contents().iter().filter_map(|object| object.key());
            found.clone().for_each(|key| self.meter.listed(key));
            keys.extend(
                found
                    .filter_map(|key| key.strip_prefix(&self.prefix))
                    .filter(|key| check_key(key).is_ok())
                    .map(str::to_owned),
            );
        }
        keys.sort_unstable();
        Ok(keys)
    }

    pub(crate) async fn list_dirs(&self, below: &str) -> Result<Vec<String>, StoreError> {
        let full = self.full(below);
        let mut names = Vec::new();
        let request = self.list_request(below).delimiter("/");
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| self.translate("LIST", below, e))?;
            let found = page.common_prefixes().iter().filter_map(|p| p.prefix());
            names.extend(
                found
                    .filter_map(|prefix| prefix.strip_prefix(&full)?.strip_suffix('/'))
                    .filter(|name| check_key(name).is_ok())
                    .map(str::to_owned),
            );
        }
        names.sort_unstable();
        Ok(names)
    }

    pub(crate) async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(self.full(key))
            .send()
            .await;
        match deleted {
            Err(e) if e.code() != Some("NoSuchKey") => Err(self.translate("DELETE", key, e)),
            _ => Ok(()),
        }
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn put_request(&self, key: &str, bytes: Bytes) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(self.full(key))
            .body(ByteStream::from(bytes))
    }

    fn list_request(
        &self,
        below: &str,
    ) -> aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder {
        self.client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(self.full(below))
    }

    fn translate<E>(&self, verb: &str, key: &str, error: SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if is_credentials_error(&error) {
            return StoreError::NoCredentials {
                source: Some(error.into()),
            };
        }
        let place = self.place.clone();
        let bucket = self.bucket.clone();
        let status = status(&error);
        let code = error
            .code()
            .map(str::to_owned)
            .or_else(|| status.map(|status| status.to_string()));
        let what = || format!("{verb} s3://{}/{}", self.bucket, self.full(key));
        match (&error, code.as_deref(), status) {
            (SdkError::TimeoutError(_) | SdkError::DispatchFailure(_), _, _) => StoreError::Unreachable {
                place,
                source: Some(error.into()),
            },
            (_, Some("NoSuchBucket"), _) => StoreError::NoBucket { bucket, place },
            (
                _,
                Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"),
                _,
            )
            | (_, _, Some(301)) => StoreError::WrongRegion {
                bucket,
                expected: header(&error, "x-amz-bucket-region"),
            },
            (_, Some(code), Some(401 | 403)) | (_, Some(code @ ("ExpiredToken" | "InvalidToken")), _) => {
                StoreError::AccessDenied {
                    what: what(),
                    code: code.to_owned(),
                    source: Some(error.into()),
                }
            }
            (_, Some(code), Some(409 | 429 | 500..)) => StoreError::Busy {
                place,
                code: code.to_owned(),
                source: Some(error.into()),
            },
            _ => StoreError::Other {
                what: what(),
                code,
                source: Some(error.into()),
            },
        }
    }
}

/// Reads the `Date` header of every answer, to estimate the store's clock.
#[derive(Debug)]
struct DateReader(Arc<CommonClock>);

/// The instant just before a request was sent.
#[derive(Clone, Copy, Debug)]
struct SentAt(Instant);

impl Storable for SentAt {
    type Storer = StoreReplace<SentAt>;
}

impl Intercept for DateReader {
    fn name(&self) -> &'static str {
        "stamps"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(SentAt(Instant::now()));
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let stamp = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        if let (Some(SentAt(asked)), Some(stamp)) = (config.load::<SentAt>(), stamp) {
            let second = u64::try_from(stamp.secs()).unwrap_or(0) * 1_000_000_000;
            self.0.saw(*asked, Instant::now(), second, second + 999_999_999);
        }
        Ok(())
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn header<E>(error: &SdkError<E>, name: &str) -> Option<String> {
    let value = error.raw_response()?.headers().get(name)?;
    Some(value.to_owned())
}

fn is_credentials_error(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(|error| error.is::<CredentialsError>())
}

/// Returns the timeout `base`, extended by the time that a body of `bytes` bytes takes on a slow connection.
fn allowed(base: Duration, bytes: u64) -> Duration {
    base + Duration::from_secs(bytes / BYTES_PER_SECOND_MIN)
}

fn timeouts(bytes: u64) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(allowed(ATTEMPT_TIMEOUT, bytes))
        .operation_timeout(allowed(OPERATION_TIMEOUT, bytes))
        .build()
}

fn override_timeouts(bytes: u64) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().timeout_config(timeouts(bytes))
}
