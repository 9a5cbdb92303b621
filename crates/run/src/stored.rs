//! Opens stored runs and makes their reports. A run can be opened any number of times, and its report can be made each
//! time.

use crate::error::{Refused, RunError};
use crate::{account, summary};
use fleet::follow::losses;
use fleet::gather::{GatherError, Gatherer};
use report::compare::sample::RunSample;
use report::run_report::RunReport;
use store::{RunStore, keys};

/// Opens a stored run.
///
/// # Errors
/// Fails if the store has no run of this name, or if the plan of the run cannot be used.
pub async fn open(store: &RunStore, run: &str) -> Result<Gatherer, RunError> {
    keys::check_run_id(run).map_err(|error| Refused::new(format!("{run}: {error}"), error.hint()))?;
    Gatherer::open(store, run).await.map_err(|error| match error {
        GatherError::NoRun { .. } => Refused::new(&error, "`vajra-cloud list` shows the runs in this store").into(),
        error => error.into(),
    })
}

/// Reads all objects of a run, and makes its report.
///
/// # Errors
/// Fails if the run cannot be read.
pub async fn report(store: &RunStore, gatherer: &mut Gatherer) -> Result<RunReport, RunError> {
    gatherer.poll_listing().await?;
    let record = &gatherer.record;
    let account = account::read(store, &record.plan).await;
    Ok(summary::report(record, &losses(record), account))
}

/// Reads the sample of a run, for a comparison.
///
/// # Errors
/// Fails if the run cannot be read, or if its objects contradict each other.
pub async fn sample(store: &RunStore, run: &str) -> Result<RunSample, RunError> {
    let mut gatherer = open(store, run).await?;
    gatherer.keep_intervals();
    let report = report(store, &mut gatherer).await?;
    Ok(RunSample::new(&gatherer.record.plan, &report, gatherer.intervals()?)?)
}
