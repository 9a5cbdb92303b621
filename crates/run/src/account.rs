//! What the launcher alone knows of the cost of a run, kept beside the run: whoever makes the report
//! again has it too.

use fleet::crew::Crew;
use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Account, Document};
use store::{RunStore, keys};

/// How long to wait for the answers of invocations whose results are there. What comes later is taken
/// from the workers' own clocks.
const ANSWER_GRACE: Duration = Duration::from_secs(3);

/// Makes the account of a run that this launcher followed, and keeps it.
pub async fn settle(store: &RunStore, run: &str, crew: &mut Crew) -> Account {
    let receipts = crew.receipts(ANSWER_GRACE).await;
    let mut launcher = store.requests().unwrap_or_default();
    // This, and the report.
    launcher.writes += 2;
    let account = Account { receipts, launcher };
    // Without it, a report that is made again stands on the workers' clocks, and says so.
    let _ = store.put(&keys::account(run), account.encode()).await;
    account
}

/// Reads the account that the launcher kept, of a run that cost anything; one that is not there or cannot be read is done without,
/// and the report says what it stands on.
pub async fn read(store: &RunStore, plan: &Plan) -> Option<Account> {
    plan.cost.as_ref()?;
    let bytes = store.get(&keys::account(&plan.run)).await.ok()??;
    Account::decode(&bytes).ok()
}
