//! Lists the runs in a store.

use plan::plan::Plan;
use report::outcome::Headline;
use report::show::moment;
use serde::Serialize;
use std::time::Duration;
use store::{RunStore, StoreError, keys};
use worker::retry::may_pass;

const SECOND: u64 = 1_000_000_000;

/// A run in a store.
#[derive(Debug, Serialize)]
pub struct ListedRun {
    pub run: String,
    pub scenario: String,
    /// The name of the verdict. If the run has no verdict, the text is the reason why.
    pub verdict: String,
    /// The number of completed requests per second; `None` if the run has no report.
    #[serde(skip)]
    pub rate: Option<f64>,
    /// The 99th percentile of latency in nanoseconds; `None` if the run has no report, or the report has no
    /// percentiles.
    #[serde(skip)]
    pub p99: Option<u64>,
    /// The time at which the run was planned, as RFC 3339; `None` if the plan cannot be read.
    pub created: Option<String>,
    pub workers: u32,
    pub length: String,
}

/// Returns the runs of a store, the newest run first.
pub async fn rows(store: &RunStore) -> Result<Vec<ListedRun>, StoreError> {
    let mut rows = Vec::new();
    for run in store.list_dirs(&keys::runs()).await? {
        match row(store, &run).await {
            Ok(row) => rows.extend(row),
            // A run that cannot be read does not hide the other runs. If the store cannot be reached, the whole list
            // fails.
            Err(error) if !may_pass(&error) => rows.push((0, ListedRun::unreadable(run, error.to_string()))),
            Err(error) => return Err(error),
        }
    }
    rows.sort_by(|a, b| (b.0, &b.1.run).cmp(&(a.0, &a.1.run)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Returns a run, and the time at which it was planned, in nanoseconds since the Unix epoch. Returns `None` if the run
/// has no plan.
async fn row(store: &RunStore, run: &str) -> Result<Option<(u64, ListedRun)>, StoreError> {
    let Some(bytes) = store.get(&keys::plan(run)).await? else {
        return Ok(None);
    };
    Ok(Some(match Plan::decode(&bytes) {
        Ok(plan) => (plan.created, ListedRun::of(store, &plan).await?),
        Err(error) => (0, ListedRun::unreadable(run.to_owned(), error.to_string())),
    }))
}

impl ListedRun {
    async fn of(store: &RunStore, plan: &Plan) -> Result<ListedRun, StoreError> {
        let (verdict, outcome) = match store.get(&keys::report(&plan.run)).await {
            Ok(Some(report)) => match Headline::of_report(&report) {
                Some(outcome) => (outcome.verdict.name(), Some(outcome)),
                None => ("unreadable report", None),
            },
            Err(error) if !may_pass(&error) => ("unreadable report", None),
            Err(error) => return Err(error),
            Ok(None) if store.get(&keys::start(&plan.run)).await?.is_some() => ("no report yet", None),
            Ok(None) => ("not started", None),
        };
        Ok(ListedRun {
            run: plan.run.clone(),
            scenario: plan.scenario.clone(),
            verdict: verdict.to_owned(),
            rate: outcome.and_then(|outcome| outcome.rate_per_s),
            p99: outcome
                .and_then(|outcome| outcome.p99_ms)
                .map(|ms| (ms * 1e6).round() as u64),
            created: moment(plan.created / SECOND * SECOND),
            workers: plan.shards,
            length: plan::span::show(Duration::from_nanos(plan.length())),
        })
    }

    fn unreadable(run: String, problem: String) -> ListedRun {
        ListedRun {
            run,
            scenario: String::new(),
            verdict: problem,
            rate: None,
            p99: None,
            created: None,
            workers: 0,
            length: String::new(),
        }
    }
}
