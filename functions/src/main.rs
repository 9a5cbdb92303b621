//! The AWS Lambda function that runs workers. Each invocation runs one worker.
//!
//! The payload of an invocation contains the location of the store and the slice to send. The function stores its
//! measurements, and its answer contains only how the worker ended. Before a run, the function answers an inquiry about
//! its version and its access to the store and the targets.

mod inquiry;
mod succession;

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::{RunStore, keys};
use succession::Succession;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::assignment::Assignment;
use worker::client::Client;
use worker::clock::Clock;
use worker::host::{Host, Placement};
use worker::invocation::{Inquiry, Invocation, InvocationAnswer};
use worker::log::Log;
use worker::notice::Notice;
use worker::own_store::OwnStore;
use worker::secrets::{Account, Variables};
use worker::shard;

#[tokio::main]
async fn main() -> Result<(), Error> {
    if let Some(log) = log()? {
        log.start(std::io::stderr);
    }
    lambda_runtime::run(service_fn(call)).await
}

async fn call(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    Ok(if payload.get("question").is_some() {
        let inquiry: Inquiry = serde_json::from_value(payload)?;
        serde_json::to_value(inquiry::answer(inquiry, &context).await)?
    } else {
        serde_json::to_value(work(serde_json::from_value(payload)?, &context).await?)?
    })
}

async fn work(payload: Invocation, context: &Context) -> Result<InvocationAnswer, Error> {
    let began = Instant::now();
    payload.check()?;
    keys::check_run_id(&payload.run)?;
    let store = RunStore::open(&own_store().hold(&payload.store)?).await?;
    let host = Host {
        name: format!(
            "function {} of {}, request {}",
            context.env_config.version, context.env_config.function_name, context.request_id
        ),
        clock: Clock::tie(0),
        began,
        deadline: deadline(context.deadline),
        threads: threads(context.env_config.memory),
        placement: Placement::OwnThread,
        hand_over: Some(Arc::new(Succession {
            function: context.env_config.function_name.clone(),
            version: context.env_config.version.clone(),
            invoked: payload.clone(),
        })),
        allow: Arc::new(allow()),
        // Lambda does not notify a function before the deadline of the invocation.
        notice: Notice::never(),
        secrets: Arc::new(Account::new(variables()?)),
    };
    let assignment = Assignment {
        run: payload.run,
        shard: payload.shard,
        slice: payload.slice,
    };
    let ended = shard::run(&store, &assignment, &host, Client::new).await?;
    Ok(InvocationAnswer::of(&assignment, ended))
}

/// Returns the log of this function. Returns `None` if the environment of the function does not enable the log.
fn log() -> Result<Option<Log>, String> {
    let asked = std::env::var(Log::VARIABLE).unwrap_or_default();
    let log = (!asked.is_empty()).then(|| asked.parse()).transpose();
    log.map_err(|problem| format!("{}: {problem}", Log::VARIABLE))
}

/// Returns the targets to which this function may send.
fn allow() -> Allow {
    Allow::of_function(&std::env::var(Allow::VARIABLE).unwrap_or_default())
}

/// Returns the environment variables that this function may send in requests.
fn variables() -> Result<Variables, String> {
    let names = std::env::var(Variables::LIST).unwrap_or_default();
    Variables::named(names.split(',')).map_err(|problem| format!("{}: {problem}", Variables::LIST))
}

/// Returns the store that this function may use.
fn own_store() -> OwnStore {
    OwnStore::of_function(&std::env::var(OwnStore::VARIABLE).unwrap_or_default())
}

/// Returns the number of load threads: one thread for each whole processor of the function, and at least one thread. A
/// function has one processor for every 1,769 MB of memory (AWS Lambda, Configuring function memory).
fn threads(memory_mb: i32) -> NonZeroUsize {
    const PROCESSOR_MB: i32 = 1_769;
    let paid = NonZeroUsize::new((memory_mb / PROCESSOR_MB).max(1) as usize).unwrap_or(NonZeroUsize::MIN);
    let available = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    paid.min(available)
}

/// Returns the instant at which the platform ends this invocation. `millis` is this instant in milliseconds since the
/// Unix epoch. Returns `None` if this instant has passed. Some emulators always set a deadline in the past.
fn deadline(millis: u64) -> Option<Instant> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Duration::from_millis(millis)
        .checked_sub(now)
        .map(|left| Instant::now() + left)
}
