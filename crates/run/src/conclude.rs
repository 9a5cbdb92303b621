//! Makes the report of a run that is over, and stores this report with the run.

use crate::{account, summary};
use fleet::crew::Crew;
use fleet::follow::Losses;
use fleet::gather::Gatherer;
use report::run_report::RunReport;
use store::{RunStore, StoreError, keys};

/// Makes the report of a run that is over. If there is a crew, also stores the account of the run's cost.
pub async fn report(store: &RunStore, gatherer: &Gatherer, crew: Option<&mut Crew>, losses: &Losses) -> RunReport {
    let plan = &gatherer.record.plan;
    let account = match crew {
        // This report uses the account even if the account could not be stored.
        Some(crew) if plan.cost.is_some() => Some(account::settle(store, &plan.run, crew).await),
        _ => account::read(store, plan).await,
    };
    summary::report(&gatherer.record, losses, account)
}

/// Stores a report with the run that it describes.
///
/// # Errors
/// Fails if the store fails.
pub async fn keep(store: &RunStore, report: &RunReport) -> Result<(), StoreError> {
    store.put(&keys::report(&report.run), report.json()).await
}
