//! Checks whether a run can start, and reports the problems that prevent the start.

use crate::capacity;
use crate::deployment::Deployment;
use crate::order::{self, BUILTIN};
use fleet::finding::{Demand, Finding, FindingState};
use plan::plan::Plan;
use std::collections::BTreeSet;
use std::time::Duration;
use store::{RunStore, keys};

/// Checks the store. For a kind of fleet that is inspected before a run, also checks all requirements of the plan. A
/// worker must answer within `answer_timeout`.
pub async fn examine(deployment: &Deployment, plan: &Plan, store: &RunStore, answer_timeout: Duration) -> Vec<Finding> {
    let mut findings = vec![here(store).await];
    if !deployment.fleet.capabilities().inspected {
        return findings;
    }
    findings.extend(capacity::judge(plan, deployment, store).await);
    let demand = Demand {
        plan,
        lifetime: order::lifetime(plan),
        targets: targets(plan),
        store: deployment.location.to_string(),
        answer_timeout,
    };
    findings.extend(deployment.fleet.inspect(&demand).await);
    findings
}

/// Checks that this machine can use the store.
async fn here(store: &RunStore) -> Finding {
    let found = match store.check_create_only(&keys::probe()).await {
        Ok(()) => FindingState::Good("this machine can write to it, and it keeps create-only writes".to_owned()),
        Err(error) => FindingState::Bad {
            hint: error
                .hint()
                .unwrap_or_else(|| "check --store and the credentials".to_owned()),
            problem: format!("the store cannot be used: {error}"),
        },
    };
    Finding { about: "store", found }
}

/// Returns the targets of a plan, and the hosts of all requests and token requests whose URL is not relative to a
/// target.
fn targets(plan: &Plan) -> Vec<String> {
    // A host that contains a template is omitted. A worker checks this host when it resolves the host.
    let own = plan.requests.iter().chain(&plan.tokens).filter_map(|request| {
        let (host, _) = request.url.cut_url();
        host.as_fixed().filter(|host| !host.is_empty()).map(str::to_owned)
    });
    let targets = plan.targets.iter().filter(|target| *target != BUILTIN).cloned();
    let all: BTreeSet<String> = targets.chain(own).collect();
    all.into_iter().collect()
}
