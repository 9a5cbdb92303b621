//! The launcher's account of the cost of a run, stored with the run: a report that is made again reads it.

use fleet::crew::Crew;
use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Account, Document};
use store::{RunStore, keys};

/// The wait for the answers of invocations whose results are stored. For later answers, the report uses the clocks of
/// the workers.
const ANSWER_GRACE: Duration = Duration::from_secs(3);

/// Makes and stores the account of a run that this launcher followed.
pub async fn settle(store: &RunStore, run: &str, crew: &mut Crew) -> Account {
    let receipts = crew.receipts(ANSWER_GRACE).await;
    let mut launcher = store.requests().unwrap_or_default();
    // The writes of the account and of the report.
    launcher.writes += 2;
    let account = Account { receipts, launcher };
    // A failure is ignored: without the account, a report that is made again uses the workers' clocks and notes it.
    let _ = store.put(&keys::account(run), account.encode()).await;
    account
}

/// Reads the account of a run that costs anything; `None` if it does not exist or cannot be read. The report names the
/// source of its costs.
pub async fn read(store: &RunStore, plan: &Plan) -> Option<Account> {
    plan.cost.as_ref()?;
    let bytes = store.get(&keys::account(&plan.run)).await.ok()??;
    Account::decode(&bytes).ok()
}
