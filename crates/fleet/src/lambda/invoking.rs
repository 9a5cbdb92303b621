//! A Lambda function and its invocations.
//!
//! The retries and timeouts of the SDK are turned off. An invocation that was throttled is retried until the start
//! timeout. If the service or the connection failed, an invocation is retried a few times. In this case, the failed
//! call may have started a worker. A second worker then finds that the slice is claimed, and exits.

use super::log_tail;
use super::settings::LambdaSettings;
use super::turnstile::Turnstile;
use crate::fleet::{Events, FailureKind, FleetError, WorkerEvent};
use crate::gather::SliceId;
use crate::under_way::{UnderWay, WITHDRAWN};
use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::StalledStreamProtectionConfig;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use store::Location;
use store::causes::with_causes;
use tally::account::Receipt;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use worker::assignment::Assignment;
use worker::invocation::{self, Invocation, InvocationAnswer, WorkerEnd};

/// The connect timeout. The timeout is short because a service accepts a connection at once if the service can be
/// reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The first backoff before a retry. The backoff doubles with each retry up to [`PAUSE_MAX`], with full jitter.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The maximum number of failed calls for one invocation. A short failure of the service ends within this number of
/// calls, and a wrong address is still reported within seconds.
const FAILURES_MAX: u32 = 5;

/// A Lambda function, and the state of its invocations.
#[derive(Debug)]
pub(super) struct Function {
    settings: LambdaSettings,
    client: OnceCell<Client>,
    turnstile: Turnstile,
    under_way: UnderWay<Stage>,
}

/// The progress of an invocation.
#[derive(Clone, Debug)]
enum Stage {
    /// The invocation waits for its turn.
    Waiting,
    /// The invocation was sent, and has no answer yet.
    Asked,
    /// The invocation will be retried. The last call failed with this error.
    Repeating(FleetError),
}

fn client(settings: &LambdaSettings, config: &SdkConfig) -> Client {
    let builder = settings
        .client(config)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build());
    Client::from_conf(builder.build())
}

impl Function {
    /// Returns a function that is invoked with the user's credentials.
    pub(super) fn new(settings: LambdaSettings) -> Function {
        Function {
            settings,
            client: OnceCell::new(),
            turnstile: Turnstile::new(),
            under_way: UnderWay::default(),
        }
    }

    /// Returns a function that is invoked with these credentials.
    pub(super) fn with_config(settings: LambdaSettings, config: &SdkConfig) -> Function {
        Function {
            client: OnceCell::from(client(&settings, config)),
            ..Function::new(settings)
        }
    }

    pub(super) fn settings(&self) -> &LambdaSettings {
        &self.settings
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.settings.region.as_deref()
    }

    pub(super) fn is_at_aws(&self) -> bool {
        self.settings.endpoint.is_none()
    }

    /// Begins to invoke the function to start a worker.
    pub(super) fn start(
        self: &Arc<Function>,
        assignment: Assignment,
        store: &Location,
        within: Duration,
        events: &Events,
    ) {
        let (function, events) = (Arc::clone(self), events.clone());
        let slice_id = (assignment.shard, assignment.slice);
        let payload = Invocation {
            format: invocation::FORMAT,
            store: store.to_string(),
            run: assignment.run,
            shard: assignment.shard,
            slice: assignment.slice,
        };
        self.under_way.note(slice_id, Stage::Waiting);
        tokio::spawn(async move {
            let answer = function.invoke(slice_id, &payload, Instant::now() + within).await;
            // The send fails if the launcher, which reads the events, has ended.
            let event = match answer {
                Ok(output) => {
                    let _ = events.send(WorkerEvent::Billed(receipt(slice_id, &output)));
                    outcome(&output)
                }
                Err(error) => Err(error),
            };
            function.under_way.forget(slice_id);
            let _ = events.send(match event {
                Ok(()) => WorkerEvent::Ended(slice_id),
                Err(error) => WorkerEvent::Failed(slice_id, error),
            });
        });
    }

    /// Returns the reason why a worker is not ready; `None` if no invocation for the worker is in progress.
    pub(super) fn why(&self, slice_id: SliceId) -> Option<FleetError> {
        Some(match self.under_way.stage(slice_id)? {
            Stage::Waiting => self.waits(),
            Stage::Asked => FleetError::new(FailureKind::Lost, "its invocation has not been answered"),
            Stage::Repeating(error) if error.kind == FailureKind::Throttled => self.waits(),
            Stage::Repeating(error) => error,
        })
    }

    /// Returns the reason why an invocation has not begun yet.
    fn waits(&self) -> FleetError {
        match self.turnstile.limit() {
            Some(limit) => {
                FleetError::new(FailureKind::Throttled, format!("throttled by the limit {limit}")).hint(ROOM)
            }
            None => FleetError::new(FailureKind::Throttled, "its invocation waits for its turn"),
        }
    }

    pub(super) fn withdraw(&self, run: &str) {
        self.under_way.withdraw(run);
    }

    async fn client(&self) -> &Client {
        let open = || async { client(&self.settings, &self.settings.config().await) };
        self.client.get_or_init(open).await
    }

    /// Invokes the function. Failed calls are retried until the function answers, until `until` has passed, or until a
    /// retry would not help.
    async fn invoke(
        &self,
        slice_id: SliceId,
        payload: &Invocation,
        until: Instant,
    ) -> Result<InvokeOutput, FleetError> {
        let withdrawn = || FleetError::new(FailureKind::Refused, WITHDRAWN);
        let run = &payload.run;
        let payload = serde_json::to_vec(payload).map_err(|error| FleetError::new(FailureKind::Refused, error))?;
        let client = self.client().await;
        let mut pause = PAUSE;
        let mut failures = 0;
        loop {
            let turn = self.under_way.unless_withdrawn(run, self.turnstile.pass(until)).await;
            if !turn.ok_or_else(withdrawn)? {
                return Err(self.no_turn_in_time());
            }
            self.under_way.note(slice_id, Stage::Asked);
            let invocation = client
                .invoke()
                .function_name(&self.settings.function)
                .invocation_type(InvocationType::RequestResponse)
                // The end of the function's log contains the billed duration.
                .log_type(LogType::Tail)
                .payload(Blob::new(payload.clone()))
                .send()
                .await;
            let error = match invocation {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            let mut wait = pause.mul_f64(rand::random());
            let last = if let Some(throttle) = throttle(&error) {
                self.turnstile.refused(&throttle.limit);
                wait = throttle.wait.unwrap_or(wait);
                throttled(&throttle.limit)
            } else {
                let explained = self.explain(&error);
                failures += 1;
                if !explained.leaves_doubt() || failures == FAILURES_MAX {
                    return Err(explained);
                }
                explained
            };
            if Instant::now() + wait >= until {
                return Err(last);
            }
            self.under_way.note(slice_id, Stage::Repeating(last));
            let rested = self.under_way.unless_withdrawn(run, tokio::time::sleep(wait)).await;
            rested.ok_or_else(withdrawn)?;
            self.under_way.note(slice_id, Stage::Waiting);
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Returns the error for an invocation that had no turn before the start timeout, because other invocations were
    /// throttled.
    fn no_turn_in_time(&self) -> FleetError {
        match self.turnstile.limit() {
            Some(limit) => throttled(&limit),
            None => FleetError::new(
                FailureKind::Throttled,
                "the start timeout passed before it could be invoked",
            ),
        }
    }

    fn explain(&self, error: &SdkError<InvokeError>) -> FleetError {
        let function = &self.settings.function;
        match error {
            SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
                let problem = format!("the Lambda API could not be reached: {}", with_causes(error));
                let hint = "check the region, the endpoint, and whether it is running";
                FleetError::new(FailureKind::Unreachable, problem).hint(hint)
            }
            SdkError::ConstructionFailure(_) => failed(&with_causes(error)),
            _ => {
                let status = error.raw_response().map_or(0, |response| response.status().as_u16());
                let message = error.message().or(error.code()).map(str::to_owned);
                let problem = message.unwrap_or_else(|| match status {
                    0 => with_causes(error),
                    status => format!("it answered {status}"),
                });
                match (error.code(), status) {
                    (Some("ResourceNotFoundException"), _) | (None, 404) => {
                        let problem = format!("no function named {function} in this account and region");
                        let hint = "deploy the function, or name it with --function; check --region and the endpoint";
                        FleetError::new(FailureKind::Refused, problem).hint(hint)
                    }
                    (Some("AccessDeniedException"), _) | (_, 403) => {
                        let problem = format!("these credentials may not invoke {function}: {problem}");
                        FleetError::new(FailureKind::Refused, problem)
                            .hint("allow lambda:InvokeFunction on this function")
                    }
                    // A status from 0 to 299 here means that the answer was cut off.
                    (_, 0..300 | 500..) => {
                        let problem = format!("the Lambda API failed repeatedly: {problem}");
                        let hint = "try again later: the service, or a proxy in front of it, fails";
                        FleetError::new(FailureKind::Lost, problem).hint(hint)
                    }
                    _ => failed(&problem),
                }
            }
        }
    }
}

fn failed(problem: &str) -> FleetError {
    FleetError::new(FailureKind::Refused, format!("the invocation failed: {problem}"))
}

/// The hint for an invocation that was throttled.
const ROOM: &str = "use fewer --workers, a longer --start-timeout, or ask for more concurrency";

fn throttled(limit: &str) -> FleetError {
    let problem = format!("throttled until the start timeout, by the limit {limit}");
    FleetError::new(FailureKind::Throttled, problem).hint(ROOM)
}

/// Returns the receipt of an invocation from its answer.
fn receipt((shard, slice): SliceId, output: &InvokeOutput) -> Receipt {
    let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
    let answer: Option<InvocationAnswer> = serde_json::from_slice(body).ok();
    Receipt {
        shard,
        slice,
        billed: output.log_result().and_then(log_tail::billed),
        left: answer.is_some_and(|answer| answer.ended == WorkerEnd::AlreadyClaimed),
    }
}

/// A limit of the service that prevented an invocation.
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
            // The service returns whole seconds. A little jitter distributes the retries of the workers.
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

/// The platform's description of the error of a function.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FunctionError {
    error_type: String,
    error_message: String,
}

fn outcome(output: &InvokeOutput) -> Result<(), FleetError> {
    if output.function_error().is_none() {
        return Ok(());
    }
    let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
    let FunctionError {
        error_type,
        error_message,
    } = serde_json::from_slice(body).unwrap_or_default();
    let message = match error_message.as_str() {
        "" => String::from_utf8_lossy(body),
        message => message.into(),
    };
    if error_type == "Sandbox.Timedout" || message.contains("Task timed out") {
        let problem = format!("the function was ended by its own timeout: {message}");
        return Err(FleetError::new(FailureKind::Failed, problem).hint("raise the function's timeout"));
    }
    let kind = match error_type.as_str() {
        "" => "an error",
        kind => kind,
    };
    let problem = format!("the function failed with {kind}: {message}");
    // Lambda reports the type `Runtime.ExitError` if the process of the function has ended, for example because the
    // process had too little memory.
    let failure = match error_type.as_str() {
        "Runtime.ExitError" => FailureKind::Died,
        _ => FailureKind::Failed,
    };
    Err(FleetError::new(failure, problem).hint("look at the function's log"))
}
