//! One function, and the invocations of it.
//!
//! The SDK's retries and timeouts are off: an invocation is repeated after a throttle for as long as there is time, and
//! a few times after a failure of the service or the connection. It may then run already: the repeated one finds the
//! slice claimed, and leaves.

use super::log_tail;
use super::settings::LambdaSettings;
use super::turnstile::Turnstile;
use crate::fleet::{Event, Events, FailureKind, FleetError};
use crate::gather::Place;
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
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use store::Location;
use tally::account::Receipt;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use worker::assignment::Assignment;
use worker::invocation::{self, Answer, Invocation, WorkerEnd};

/// The service answers a connection attempt at once or is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The first pause before an invocation is repeated; doubled, with full jitter, up to the longest.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often a service that fails is asked: a moment of trouble passes meanwhile, and a wrong
/// address is still known within seconds.
const FAILURES_MAX: u32 = 5;

/// A function that is invoked.
#[derive(Debug)]
pub(super) struct Function {
    settings: LambdaSettings,
    client: OnceCell<Client>,
    turnstile: Turnstile,
    under_way: UnderWay<Stage>,
}

/// How far an invocation is.
#[derive(Clone, Debug)]
enum Stage {
    /// It waits for its turn.
    Waiting,
    /// The service was asked, and has not answered.
    Asked,
    /// It will be repeated after this answer.
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
    /// A function that is reached with the user's credentials.
    pub(super) fn new(settings: LambdaSettings) -> Function {
        Function {
            settings,
            client: OnceCell::new(),
            turnstile: Turnstile::new(),
            under_way: UnderWay::default(),
        }
    }

    /// A function that is reached with these credentials.
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

    /// Begins to invoke the function for a worker.
    pub(super) fn start(
        self: &Arc<Function>,
        assignment: Assignment,
        store: &Location,
        within: Duration,
        events: &Events,
    ) {
        let (function, events) = (Arc::clone(self), events.clone());
        let place = (assignment.shard, assignment.slice);
        let payload = Invocation {
            format: invocation::FORMAT,
            store: store.to_string(),
            run: assignment.run,
            shard: assignment.shard,
            slice: assignment.slice,
        };
        self.under_way.note(place, Stage::Waiting);
        tokio::spawn(async move {
            let answer = function.invoke(place, &payload, Instant::now() + within).await;
            // A launcher that has left reads no events.
            let event = match answer {
                Ok(output) => {
                    let _ = events.send(Event::Billed(receipt(place, &output)));
                    outcome(&output)
                }
                Err(error) => Err(error),
            };
            function.under_way.forget(place);
            let _ = events.send(match event {
                Ok(()) => Event::Ended(place),
                Err(error) => Event::Failed(place, error),
            });
        });
    }

    /// Why a worker is not in, while its invocation is under way.
    pub(super) fn why(&self, place: Place) -> Option<FleetError> {
        Some(match self.under_way.stage(place)? {
            Stage::Waiting => self.waits(),
            Stage::Asked => FleetError::new(FailureKind::Lost, "its invocation has not been answered"),
            Stage::Repeating(error) if error.kind == FailureKind::Throttled => self.waits(),
            Stage::Repeating(error) => error,
        })
    }

    /// Why an invocation has not begun, while there is time.
    fn waits(&self) -> FleetError {
        match self.turnstile.limit() {
            Some(limit) => {
                FleetError::new(FailureKind::Throttled, format!("throttled by the limit {limit}")).hint(ROOM)
            }
            None => FleetError::new(FailureKind::Throttled, "it waits for its turn to be invoked"),
        }
    }

    pub(super) fn withdraw(&self, run: &str) {
        self.under_way.withdraw(run);
    }

    async fn client(&self) -> &Client {
        let open = || async { client(&self.settings, &self.settings.config().await) };
        self.client.get_or_init(open).await
    }

    /// Invokes the function until it answers, for as long as that makes sense.
    async fn invoke(&self, place: Place, payload: &Invocation, until: Instant) -> Result<InvokeOutput, FleetError> {
        let withdrawn = || FleetError::new(FailureKind::Refused, WITHDRAWN);
        let run = &payload.run;
        let payload = serde_json::to_vec(payload).map_err(|error| FleetError::new(FailureKind::Refused, error))?;
        let client = self.client().await;
        let mut pause = PAUSE;
        let mut failures = 0;
        loop {
            let turn = self.under_way.unless_withdrawn(run, self.turnstile.pass(until)).await;
            if !turn.ok_or_else(withdrawn)? {
                return Err(self.crowded_out());
            }
            self.under_way.note(place, Stage::Asked);
            let invocation = client
                .invoke()
                .function_name(&self.settings.function)
                .invocation_type(InvocationType::RequestResponse)
                // The end of its log says what it billed.
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
            self.under_way.note(place, Stage::Repeating(last));
            let rested = self.under_way.unless_withdrawn(run, tokio::time::sleep(wait)).await;
            rested.ok_or_else(withdrawn)?;
            self.under_way.note(place, Stage::Waiting);
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// The start timeout passed before there was a turn: others were throttled meanwhile.
    fn crowded_out(&self) -> FleetError {
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
                let problem = format!("the Lambda API could not be reached: {}", causes(error));
                let hint = "is it running, and is the endpoint right?";
                FleetError::new(FailureKind::Unreachable, problem).hint(hint)
            }
            SdkError::ConstructionFailure(_) => failed(&causes(error)),
            _ => {
                let status = error.raw_response().map_or(0, |response| response.status().as_u16());
                let said = error.message().or(error.code()).map(str::to_owned);
                let problem = said.unwrap_or_else(|| match status {
                    0 => causes(error),
                    status => format!("it answered {status}"),
                });
                match (error.code(), status) {
                    (Some("ResourceNotFoundException"), _) | (None, 404) => {
                        let problem = format!("there is no function named {function} in this account and region");
                        let hint = "deploy the function, or name it with --function; check --region and the endpoint";
                        FleetError::new(FailureKind::Refused, problem).hint(hint)
                    }
                    (Some("AccessDeniedException"), _) | (_, 403) => {
                        let problem = format!("these credentials may not invoke {function}: {problem}");
                        FleetError::new(FailureKind::Refused, problem)
                            .hint("allow lambda:InvokeFunction on this function")
                    }
                    // An answer that broke off, too.
                    (_, 0..300 | 500..) => {
                        let problem = format!("the Lambda API failed again and again: {problem}");
                        let hint =
                            "the service, or what stands before it, has trouble of its own: try again in a while";
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

/// What helps against throttles.
const ROOM: &str = "use fewer --workers, a longer --start-timeout, or ask for more concurrency";

fn throttled(limit: &str) -> FleetError {
    let problem = format!("throttled until the start timeout, by the limit {limit}");
    FleetError::new(FailureKind::Throttled, problem).hint(ROOM)
}

/// What an answer says of what the invocation cost.
fn receipt((shard, slice): Place, output: &InvokeOutput) -> Receipt {
    let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
    let answer: Option<Answer> = serde_json::from_slice(body).ok();
    Receipt {
        shard,
        slice,
        billed: output.log_result().and_then(log_tail::billed),
        left: answer.is_some_and(|answer| answer.ended == WorkerEnd::AlreadyClaimed),
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
        return Err(FleetError::new(FailureKind::Died, problem).hint("raise the function's timeout"));
    }
    let kind = match error_type.as_str() {
        "" => "an error",
        kind => kind,
    };
    let problem = format!("the function failed with {kind}: {message}");
    Err(FleetError::new(FailureKind::Died, problem).hint("look at the function's log"))
}

/// An error and what lies beneath it, in words.
fn causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    let words: Vec<String> = chain.map(ToString::to_string).collect();
    words.join(": ")
}
