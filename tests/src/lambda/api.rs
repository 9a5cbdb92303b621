//! The parts of the Lambda API that a launcher, a worker and `doctor` call.

use super::fate::{Call, Fate, Refusal, Reply};
use super::sandbox::{Ending, Sandbox};
use super::{Code, Delivery, Invocation, Room, Service};
use crate::serving::{self, Answer, Body, HungUp, whole};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The maximum age of an asynchronous invocation. The deployment in `infra/` configures the same maximum.
const EVENT_AGE_MAX: Duration = Duration::from_secs(60);
const EVENT_PAUSE: Duration = Duration::from_millis(500);
/// The maximum payload of an asynchronous invocation, in bytes.
const EVENT_BYTES_MAX: usize = 256 << 10;
/// The maximum payload of a synchronous invocation, in bytes.
const PAYLOAD_BYTES_MAX: usize = 6 << 20;

pub(super) async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::POST, ["2015-03-31", "functions", name, "invocations"]) => {
            if !is_function(&service, name) {
                return Ok(not_found(name));
            }
            invoke(service, request).await
        }
        (&Method::GET, ["2015-03-31", "functions", name, "configuration"]) => Ok(if is_function(&service, name) {
            reply(200, None, configuration(&service))
        } else {
            not_found(name)
        }),
        (&Method::GET, ["2016-08-19", "account-settings"]) => Ok(reply(200, None, account(&service))),
        _ => Ok(reply(
            404,
            Some("UnknownOperationException"),
            json!({"message": "unknown operation of this stand-in"}),
        )),
    }
}

/// Returns whether a segment of a URL path is the name or the ARN of the function.
fn is_function(service: &Service, name: &str) -> bool {
    let name = name.replace("%3A", ":").replace("%3a", ":");
    let name = name.strip_suffix(":$LATEST").unwrap_or(&name);
    name == service.settings.function || name == service.settings.arn()
}

fn not_found(name: &str) -> Response<Body> {
    reply(
        404,
        Some("ResourceNotFoundException"),
        json!({"Type": "User", "Message": format!("Function not found: {name}")}),
    )
}

fn reply(status: u16, error: Option<&str>, body: Value) -> Response<Body> {
    let mut builder = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    if let Some(error) = error {
        builder = builder.header("x-amzn-errortype", error);
    }
    builder.body(whole(body.to_string())).unwrap()
}

fn configuration(service: &Service) -> Value {
    let settings = &service.settings;
    let environment: serde_json::Map<String, Value> = settings
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    json!({
        "FunctionName": settings.function,
        "FunctionArn": settings.arn(),
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "PackageType": "Zip",
        "Architectures": [settings.architecture],
        "MemorySize": settings.memory_mb,
        "Timeout": settings.timeout.as_secs(),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": {"Variables": environment},
    })
}

fn account(service: &Service) -> Value {
    let concurrency = service.settings.concurrency;
    json!({
        "AccountLimit": {
            "ConcurrentExecutions": concurrency,
            "UnreservedConcurrentExecutions": concurrency,
            "TotalCodeSize": 80_530_636_800_u64,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
        },
        "AccountUsage": {"TotalCodeSize": 0, "FunctionCount": 1},
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn invoke(service: Arc<Service>, request: Request<Incoming>) -> Answer {
    let kind = header(request.headers(), "x-amz-invocation-type").to_owned();
    let tail = header(request.headers(), "x-amz-log-type") == "Tail";
    let payload = serving::body(request.into_body()).await?;
    let event = kind == "Event";
    let allowed = if event { EVENT_BYTES_MAX } else { PAYLOAD_BYTES_MAX };
    if payload.len() > allowed {
        let message = format!(
            "{} byte payload is too large for the {kind} invocation type",
            payload.len()
        );
        return Ok(reply(
            413,
            Some("RequestEntityTooLargeException"),
            json!({"message": message}),
        ));
    }
    if kind == "DryRun" {
        return Ok(Response::builder().status(204).body(whole("")).unwrap());
    }
    let (at, call) = service.enter(&payload, event);
    let fate = (service.hook)(&call);
    if let Some(refusal) = fate.refusal {
        return service.refuse(at, refusal);
    }
    if event {
        let task = Task { call, payload, fate };
        tokio::spawn(deliver_event(service, task));
        return Ok(Response::builder().status(202).body(whole("")).unwrap());
    }
    let task = Task { call, payload, fate };
    let answer = task.fate.reply;
    // The function runs in its own task, so the function continues even if its caller disconnects.
    let (sender, ended) = oneshot::channel();
    let running = service.clone();
    tokio::spawn(async move {
        tokio::time::sleep(task.fate.delay).await;
        let room = match running.admit(task.fate.broken) {
            Ok(room) => room,
            Err(reason) => {
                let _ = sender.send(Err(reason));
                return;
            }
        };
        if let Some(after) = task.fate.again {
            let (service, task) = (running.clone(), task.clone());
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                if let Ok(room) = service.admit(false) {
                    run(service, room, &task).await;
                }
            });
        }
        let _ = sender.send(Ok(run(running, room, &task).await));
    });
    match answer {
        Reply::Truth => {
            let (delivery, log) = match ended.await.map_err(|_| HungUp)? {
                Ok(ran) => ran,
                Err(reason) => {
                    return service.refuse(
                        at,
                        Refusal::Throttled {
                            reason,
                            retry_after: None,
                        },
                    );
                }
            };
            let mut builder = Response::builder()
                .status(200)
                .header("content-type", "application/json")
                .header("x-amz-executed-version", "$LATEST");
            if delivery.error {
                builder = builder.header("x-amz-function-error", "Unhandled");
            }
            if tail {
                builder = builder.header("x-amz-log-result", STANDARD.encode(log));
            }
            Ok(builder.body(whole(delivery.answer)).unwrap())
        }
        Reply::Failed(status, after) => {
            tokio::time::sleep(after).await;
            Ok(service_error(status))
        }
        Reply::HungUp(after) => {
            tokio::time::sleep(after).await;
            Err(HungUp)
        }
        Reply::Silence => std::future::pending().await,
    }
}

fn service_error(status: u16) -> Response<Body> {
    match status {
        500 => reply(
            500,
            Some("ServiceException"),
            json!({"Type": "Service", "Message": "the service failed on purpose"}),
        ),
        // The answer imitates a proxy in front of the service, so the answer is not JSON.
        _ => Response::builder()
            .status(status)
            .header("content-type", "text/html")
            .body(whole("<html>bad gateway</html>"))
            .unwrap(),
    }
}

/// An invocation that the service has accepted.
#[derive(Clone)]
struct Task {
    call: Call,
    payload: Bytes,
    fate: Fate,
}

/// Delivers an asynchronous invocation to the function as soon as the limits of the service permit this. Discards the
/// invocation after [`EVENT_AGE_MAX`]. If the fate contains a repetition, delivers the invocation a second time.
async fn deliver_event(service: Arc<Service>, task: Task) {
    tokio::time::sleep(task.fate.delay).await;
    let until = service.now() + EVENT_AGE_MAX;
    let mut times = 1 + u32::from(task.fate.again.is_some());
    while times > 0 && service.now() < until {
        match service.admit(task.fate.broken) {
            Ok(room) => {
                times -= 1;
                let (service, task) = (service.clone(), task.clone());
                let again = task.fate.again.unwrap_or_default();
                tokio::spawn(async move { run(service, room, &task).await });
                tokio::time::sleep(again).await;
            }
            Err(_) => tokio::time::sleep(EVENT_PAUSE).await,
        }
    }
}

impl Service {
    /// Records a call of `Invoke`. Returns the index of its record, and the call.
    fn enter(&self, payload: &[u8], event: bool) -> (usize, Call) {
        let document: Value = serde_json::from_slice(payload).unwrap_or_default();
        let number = |name: &str| document[name].as_u64().unwrap_or_default() as u32;
        let (shard, slice) = (number("shard"), number("slice"));
        let mut state = self.state.lock().unwrap();
        let earlier = state.earlier.entry((shard, slice)).or_default();
        let call = Call {
            shard,
            slice,
            earlier: *earlier,
            event,
        };
        *earlier += 1;
        state.invocations.push(Invocation {
            shard,
            slice,
            event,
            at: self.now(),
            refused: None,
        });
        (state.invocations.len() - 1, call)
    }

    fn refuse(&self, at: usize, refusal: Refusal) -> Answer {
        let words = match refusal {
            Refusal::Throttled { reason, .. } => reason.to_owned(),
            Refusal::Failed(status) => format!("status {status}"),
            Refusal::HungUp => "hung up".to_owned(),
        };
        self.state.lock().unwrap().invocations[at].refused = Some(words);
        match refusal {
            Refusal::Throttled { reason, retry_after } => {
                let body = json!({"Type": "User", "Reason": reason, "message": "Rate Exceeded."});
                let mut response = reply(429, Some("TooManyRequestsException"), body);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert("retry-after", seconds.into());
                }
                Ok(response)
            }
            Refusal::Failed(status) => Ok(service_error(status)),
            Refusal::HungUp => Err(HungUp),
        }
    }
}

/// Runs the function once, and records the delivery. Returns the delivery, and the last lines of the log.
async fn run(service: Arc<Service>, room: Room, task: &Task) -> (Delivery, String) {
    let (at, id) = {
        let mut state = service.state.lock().unwrap();
        state.requests += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", state.requests);
        state.deliveries.push(Delivery {
            shard: task.call.shard,
            slice: task.call.slice,
            began: service.now(),
            ended: None,
            answer: String::new(),
            error: false,
            billed: Duration::ZERO,
        });
        (state.deliveries.len() - 1, id)
    };
    let settings = &service.settings;
    let program = match (&settings.code, task.fate.broken) {
        (_, true) => Some(Path::new("/bin/false")),
        (Code::Program(program), false) => Some(program.as_path()),
        (Code::Nap(_), false) => None,
    };
    let (ending, sandbox) = match (program, &settings.code) {
        (Some(program), _) => {
            let mut sandbox = match room {
                Some(sandbox) => sandbox,
                None => Sandbox::start(settings, program, service.address, &service.log).await,
            };
            let ending = sandbox
                .run(&id, task.payload.clone(), settings.timeout, task.fate.kill)
                .await;
            let sandbox = ending.alive.then_some(sandbox);
            (ending, sandbox)
        }
        (None, Code::Nap(time)) => {
            tokio::time::sleep(*time).await;
            (nap(), None)
        }
        (None, Code::Program(_)) => unreachable!("a program is run"),
    };
    let mut state = service.state.lock().unwrap();
    state.busy -= 1;
    state.idle.extend(sandbox);
    let now = service.now();
    let delivery = &mut state.deliveries[at];
    let ran = now - delivery.began;
    // AWS bills a function with a custom runtime for its initialisation too. The billed time is rounded up to
    // milliseconds.
    let billed = Duration::from_millis(ran.as_micros().div_ceil(1_000) as u64);
    delivery.ended = Some(now);
    delivery.error = ending.error;
    delivery.answer = String::from_utf8_lossy(&ending.body).into_owned();
    delivery.billed = billed;
    let init = ending.init.map_or_else(String::new, |init| {
        format!("Init Duration: {:.2} ms\t", init.as_secs_f64() * 1e3)
    });
    let duration = ran.saturating_sub(ending.init.unwrap_or_default());
    let log = format!(
        "START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: {:.2} ms\t\
         Billed Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: 40 MB\t{init}\n",
        duration.as_secs_f64() * 1e3,
        billed.as_millis(),
        settings.memory_mb,
    );
    (delivery.clone(), log)
}

fn nap() -> Ending {
    Ending {
        error: false,
        body: Bytes::from_static(br#"{"ended":"napped"}"#),
        alive: false,
        init: None,
    }
}
