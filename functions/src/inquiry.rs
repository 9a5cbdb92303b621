//! Answers an inquiry before a run. The answer contains the version of the function, and whether the function can use
//! the store and the targets.

use lambda_runtime::Context;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use store::{RunStore, keys};
use worker::invocation::{Inquiry, Knowledge, PLANS_READ, Question, RESULTS_WRITTEN, judge_target};

/// Answers an inquiry. If the function finds a problem, the answer contains the problem, and the invocation succeeds.
pub(crate) async fn answer(inquiry: Inquiry, context: &Context) -> Knowledge {
    let Question { targets, hosts, store } = inquiry.question;
    let allow = crate::allow();
    // The system's resolver blocks the thread that calls it.
    let judged = tokio::task::spawn_blocking(move || {
        let judged = targets
            .into_iter()
            .map(|target| (judge_target(&allow, &target, &hosts), target));
        judged
            .filter_map(|(judgement, target)| Some((target, judgement.err()?)))
            .collect::<BTreeMap<_, _>>()
    });
    let store_problem = match &store {
        Some(store) => store_problem(store).await,
        None => None,
    };
    Knowledge {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        format: PLANS_READ,
        results: Some(RESULTS_WRITTEN),
        memory_mb: u32::try_from(context.env_config.memory).unwrap_or(0),
        lifetime: lifetime(context.deadline),
        refused: judged.await.unwrap_or_default(),
        store_problem,
    }
}

async fn store_problem(named: &str) -> Option<String> {
    let location = match crate::own_store().hold(named) {
        Ok(location) => location,
        Err(refusal) => return Some(refusal.to_string()),
    };
    let tried = async { RunStore::open(&location).await?.check_create_only(&keys::probe()).await };
    let error = tried.await.err()?;
    Some(match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    })
}

/// Returns the time until the deadline of this invocation, rounded up to whole seconds. Returns `None` if the deadline
/// has passed. Some emulators always set a deadline in the past. At the start of an invocation, this time is the
/// timeout of the Lambda function.
fn lifetime(deadline_millis: u64) -> Option<Duration> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let left = Duration::from_millis(deadline_millis).checked_sub(now)?;
    Some(Duration::from_secs(left.as_millis().div_ceil(1_000) as u64))
}
