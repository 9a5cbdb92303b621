//! The rules for the certificates of a plan.

use crate::plan::Plan;
use crate::scenario::{ClientCertificate, ClientKey, Pem, Protocol, Reuse};
use std::collections::BTreeSet;

/// Checks that certificates and keys refer to data, feeds and secrets of the plan. The function also checks that a
/// request with its own certificate does not share its connection with other users.
pub(super) fn check(plan: &Plan, data: &BTreeSet<&str>) -> Result<(), String> {
    let is_secret = |number: u32| (number as usize) < plan.secrets.len();
    let is_column = |feed: u32, column: u32| {
        let feed = plan.feeds.get(feed as usize);
        feed.is_some_and(|feed| {
            (column as usize) < feed.columns.len() && feed.rows <= ClientCertificate::ROWS_MAX && feed.parts.is_empty()
        })
    };
    let exists = |pem: &Pem| match pem {
        Pem::Blob(blob) => data.contains(blob.as_str()),
        Pem::Secret(secret) => is_secret(*secret),
        Pem::Cells { feed, column, blob } => data.contains(blob.as_str()) && is_column(*feed, *column),
    };
    let client = |client: &ClientCertificate| {
        let key = match client.key {
            ClientKey::Secret(secret) => is_secret(secret),
            ClientKey::Cells { feed, column } => client.feed() == Some(feed) && is_column(feed, column),
        };
        exists(&client.certificate) && key
    };
    let of_plan = plan.tls.client.as_ref();
    let of_requests = plan.requests.iter().filter_map(|request| request.client.as_ref());
    if !plan.tls.ca.iter().all(exists)
        || !of_plan.into_iter().chain(of_requests).all(client)
        || of_plan.is_some_and(|client| client.feed().is_some())
    {
        return Err("a certificate or key of `tls` is not among the plan's data, feeds or secrets".to_owned());
    }
    let has_own = |index: &usize| plan.requests[*index].client.is_some();
    let mut with_own = (0..plan.requests.len()).filter(has_own);
    let fits = |index: usize| {
        let (_, population) = plan.population_of(index);
        population.transport.protocol == Protocol::Http1 && plan.reuse_of(index.into()) == Reuse::User
    };
    match with_own.all(fits) && plan.tokens.iter().all(|token| token.client.is_none()) {
        true => Ok(()),
        false => Err("a request with a client certificate has no connection of one user".to_owned()),
    }
}
