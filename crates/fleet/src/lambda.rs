//! Workers as Lambda functions.
//!
//! Each worker is one synchronous invocation that carries a reference to the plan, never the plan.
//! The answer only says whether somebody is still at it: the result is in the store. The SDK's
//! retries and timeouts are off: an invocation is repeated after a throttle for as long as there is
//! time, and a few times after a failure of the service or the connection. It may then run already:
//! the repeated one finds the slice claimed, and leaves.

use crate::fleet::{Fleet, LaunchError, Launching, Limits};
use crate::log_tail;
use crate::turnstile::Turnstile;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use serde::Deserialize;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Location;
use tally::account::Receipt;
use tokio::time::Instant;
use worker::invocation::{self, Invocation};
use worker::shard::Assignment;

/// The default limit of concurrent executions of an account in a region, and the longest that a
/// function may live.
pub const LIMITS: Limits = Limits {
    workers_max: 1_000,
    lifetime_max: Some(Duration::from_secs(900)),
};
/// The service answers a connection attempt at once or is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The first pause before an invocation is repeated; doubled, with full jitter, up to the longest.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often a service that fails is asked: a moment of trouble passes meanwhile, and a wrong
/// address is still known within seconds.
const FAILURES_MAX: u32 = 5;

/// Invokes functions.
#[derive(Clone, Debug)]
pub struct Lambda {
    client: Client,
    function: String,
    store: Location,
    start_timeout: Duration,
    turnstile: Arc<Turnstile>,
    ledger: Arc<Ledger>,
}

/// What is known of the invocations.
#[derive(Debug, Default)]
struct Ledger {
    under_way: AtomicUsize,
    receipts: Mutex<Vec<Receipt>>,
}

/// An invocation that has not been answered.
struct UnderWay<'a>(&'a Ledger);

impl<'a> UnderWay<'a> {
    fn new(ledger: &'a Ledger) -> UnderWay<'a> {
        ledger.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(ledger)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Which function, and how to reach it.
#[derive(Clone, Debug)]
pub struct LambdaSettings {
    /// Its name or ARN.
    pub function: String,
    pub region: Option<String>,
    /// Where the Lambda API is, if not at AWS.
    pub endpoint: Option<String>,
    pub start_timeout: Duration,
}

impl LambdaSettings {
    /// Credentials and region, from where the AWS tools look for them.
    pub(crate) async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        loader.load().await
    }

    /// A client of the Lambda API, wherever that is.
    pub(crate) fn client(&self, config: &SdkConfig) -> Builder {
        let mut builder = Builder::from(config);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint);
            if config.region().is_none() {
                // An emulator has no regions, but every request is signed for one.
                builder = builder.region(Region::from_static("us-east-1"));
            }
        }
        builder
    }
}

impl Lambda {
    /// A fleet with credentials and region from the environment or the profile.
    pub async fn new(settings: LambdaSettings, store: Location) -> Lambda {
        let config = settings.config().await;
        Lambda::with_config(settings, store, &config)
    }

    /// A fleet with the given credentials and region.
    pub fn with_config(settings: LambdaSettings, store: Location, config: &SdkConfig) -> Lambda {
        let builder = settings
            .client(config)
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build());
        let client = Client::from_conf(builder.build());
        Lambda {
            client,
            function: settings.function,
            store,
            start_timeout: settings.start_timeout,
            ledger: Arc::default(),
            turnstile: Arc::new(Turnstile::new()),
        }
    }
}

impl Fleet for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn receipts(&self) -> Vec<Receipt> {
        let receipts = self.ledger.receipts.lock();
        receipts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn under_way(&self) -> usize {
        self.ledger.under_way.load(Ordering::Relaxed)
    }

    fn launch(&self, assignment: Assignment, _: Option<&str>) -> Launching {
        let Assignment { run, shard, slice } = assignment;
        let payload = Invocation {
            format: invocation::FORMAT,
            store: self.store.to_string(),
            run,
            shard,
            slice,
        };
        let fleet = self.clone();
        Box::pin(async move {
            let payload = serde_json::to_vec(&payload).map_err(|error| LaunchError::Other {
                problem: error.to_string(),
            })?;
            let _under_way = UnderWay::new(&fleet.ledger);
            let until = Instant::now() + fleet.start_timeout;
            let mut pause = PAUSE;
            let mut failures = 0;
            loop {
                if !fleet.turnstile.pass(until).await {
                    return Err(fleet.crowded_out());
                }
                let invocation = fleet
                    .client
                    .invoke()
                    .function_name(&fleet.function)
                    .invocation_type(InvocationType::RequestResponse)
                    // The end of its log says what it billed.
                    .log_type(LogType::Tail)
                    .payload(Blob::new(payload.clone()))
                    .send()
                    .await;
                let error = match invocation {
                    Ok(output) => {
                        fleet.ledger.note(receipt(shard, slice, &output));
                        return outcome(&output);
                    }
                    Err(error) => error,
                };
                let mut wait = pause.mul_f64(rand::random());
                let last = if let Some(throttle) = throttle(&error) {
                    fleet.turnstile.refused(&throttle.limit);
                    wait = throttle.wait.unwrap_or(wait);
                    LaunchError::Throttled { limit: throttle.limit }
                } else {
                    let explained = fleet.explain(&error);
                    failures += 1;
                    if !explained.leaves_doubt() || failures == FAILURES_MAX {
                        return Err(explained);
                    }
                    explained
                };
                if Instant::now() + wait >= until {
                    return Err(last);
                }
                tokio::time::sleep(wait).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        })
    }
}

/// The region of a function: as it is named, as its ARN says, or from the environment or the profile.
pub async fn region(named: Option<&str>, function: &str) -> Option<String> {
    let of_arn = || function.strip_prefix("arn:")?.split(':').nth(2);
    if let Some(region) = named.or_else(of_arn).filter(|region| !region.is_empty()) {
        return Some(region.to_owned());
    }
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    let region = chain.or_else(ProfileFileRegionProvider::new()).region().await;
    region.map(|region| region.to_string())
}

impl Ledger {
    fn note(&self, receipt: Receipt) {
        // Nobody panics while they hold it.
        let mut receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        receipts.push(receipt);
    }
}

/// What an answer says of what the invocation cost.
fn receipt(shard: u32, slice: u32, output: &InvokeOutput) -> Receipt {
    /// What a function of ours answers.
    #[derive(Deserialize)]
    struct Answer {
        ended: String,
    }
    let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
    let answer: Option<Answer> = serde_json::from_slice(body).ok();
    Receipt {
        shard,
        slice,
        billed: output.log_result().and_then(log_tail::billed),
        left: answer.is_some_and(|answer| answer.ended == "already claimed"),
    }
}

/// The service said that it did not begin.
struct Throttle {
    limit: String,
    wait: Option<Duration>,
}

fn throttle(error: &SdkError<InvokeError>) -> Option<Throttle> {
    match error.as_service_error()? {
        InvokeError::TooManyRequestsException(inner) => Some(Throttle {
            limit: inner
                .reason()
                .map_or("TooManyRequests", |reason| reason.as_str())
                .to_owned(),
            // The service gives whole seconds; a little jitter keeps workers from coming back at once.
            wait: inner
                .retry_after_seconds()
                .and_then(|seconds| seconds.parse().ok())
                .map(|seconds: u64| Duration::from_secs(seconds) + PAUSE.mul_f64(rand::random())),
        }),
        InvokeError::Ec2ThrottledException(_) => Some(Throttle {
            limit: "EC2Throttled".to_owned(),
            wait: None,
        }),
        _ => None,
    }
}

/// What the platform says of a function that ended on its own.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FunctionError {
    error_type: String,
    error_message: String,
}

fn outcome(output: &InvokeOutput) -> Result<(), LaunchError> {
    if output.function_error().is_none() {
        return Ok(());
    }
    let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
    let error: FunctionError = serde_json::from_slice(body).unwrap_or_default();
    let message = if error.error_message.is_empty() {
        String::from_utf8_lossy(body).into_owned()
    } else {
        error.error_message
    };
    if error.error_type == "Sandbox.Timedout" || message.contains("Task timed out") {
        return Err(LaunchError::TimedOut { message });
    }
    let kind = if error.error_type.is_empty() {
        "an error".to_owned()
    } else {
        error.error_type
    };
    Err(LaunchError::Function { kind, message })
}

impl Lambda {
    /// The start timeout passed before there was a turn: others were throttled meanwhile.
    fn crowded_out(&self) -> LaunchError {
        match self.turnstile.limit() {
            Some(limit) => LaunchError::Throttled { limit },
            None => LaunchError::Other {
                problem: "the start timeout passed before it could begin".to_owned(),
            },
        }
    }

    fn explain(&self, error: &SdkError<InvokeError>) -> LaunchError {
        let function = self.function.clone();
        match error {
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => LaunchError::Unreachable {
                place: "the Lambda API".to_owned(),
                problem: causes(error),
            },
            SdkError::ConstructionFailure(_) => LaunchError::Other { problem: causes(error) },
            _ => {
                let status = error.raw_response().map_or(0, |response| response.status().as_u16());
                let said = error.message().or(error.code()).map(str::to_owned);
                let problem = said.unwrap_or_else(|| match status {
                    0 => causes(error),
                    status => format!("it answered {status}"),
                });
                match (error.code(), status) {
                    (Some("ResourceNotFoundException"), _) | (None, 404) => LaunchError::NoFunction { function },
                    (Some("AccessDeniedException"), _) | (_, 403) => LaunchError::Denied { function, problem },
                    // An answer that broke off, too.
                    (_, 0..300 | 500..) => LaunchError::Failing { problem },
                    _ => LaunchError::Other { problem },
                }
            }
        }
    }
}

/// An error and what lies beneath it, in words.
fn causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let words: Vec<String> = chain.map(ToString::to_string).collect();
    words.join(": ")
}
