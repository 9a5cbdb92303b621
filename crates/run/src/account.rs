//! The launcher's account of the cost of a run. The account is stored with the run. A report that is made later is
//! computed from the stored account.

use fleet::crew::Crew;
use plan::plan::Plan;
use std::time::Duration;
use store::documents::{Account, Document};
use store::{RunStore, keys};

/// The maximum wait for the answers of invocations whose results are already stored. If an answer arrives later, the
/// report uses the time that the worker measured.
const ANSWER_GRACE: Duration = Duration::from_secs(3);

/// Makes the account of a run that this launcher followed, and stores it.
pub async fn settle(store: &RunStore, run: &str, crew: &mut Crew) -> Account {
    let receipts = crew.receipts(ANSWER_GRACE).await;
    let mut launcher = store.requests().unwrap_or_default();
    // The two additional writes are the writes of the account and of the report.
    launcher.writes += 2;
    let account = Account { receipts, launcher };
    // A failure is ignored. If the account is missing, a later report uses the times that the workers measured, and
    // contains a note about this.
    let _ = store.put(&keys::account(run), account.encode()).await;
    account
}

/// Reads the account of a run. Returns `None` if the run has no cost, or if the account does not exist or cannot be
/// read. In these cases, the report states how its costs were computed.
pub async fn read(store: &RunStore, plan: &Plan) -> Option<Account> {
    plan.cost.as_ref()?;
    let bytes = store.get(&keys::account(&plan.run)).await.ok()??;
    Account::decode(&bytes).ok()
}
