//! The supplies of requests besides the plan: bodies, feeds and secrets, fetched once before the start.

use crate::clients::ClientCertificates;
use crate::secrets::{self, Secret, SecretSource};
use crate::signing::OwnKeys;
use crate::tokens::Token;
use plan::plan::Plan;
use plan::rules;
use plan::scenario_file::csv::Sheet;
use plan::sha256;
use plan::template::{Template, TemplatePart};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{RunStore, keys};
use tokio::time::Instant;

/// Bodies, feeds and secrets of a run, in memory.
#[derive(Clone, Debug, Default)]
pub struct Supplies {
    /// Files that are sent as bodies, and certificates, by the SHA-256 of their content.
    pub bodies: BTreeMap<String, bytes::Bytes>,
    /// The feeds of the plan, in its order.
    pub feeds: Vec<Sheet>,
    /// The secrets of the plan, in its order.
    pub secrets: Vec<Secret>,
    /// The tokens of the plan, in its order, which are renewed during the run.
    pub tokens: Vec<Arc<Token>>,
    /// The keys of the worker's environment that sign requests, if the plan uses them.
    pub own_keys: Option<Arc<OwnKeys>>,
    /// The client certificates of requests.
    pub clients: Arc<ClientCertificates>,
}

impl Supplies {
    /// Whether a text contains a secret or a token, ignoring case.
    pub(crate) fn hide(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let own_keys = self.own_keys.iter().flat_map(|keys| keys.secrets());
        let secrets = self.secrets.iter().cloned().chain(own_keys);
        let mut secrets = secrets.map(|secret| secret.value().to_lowercase());
        secrets.any(|secret| !secret.is_empty() && text.contains(&secret))
            || self.tokens.iter().any(|token| token.is_in(&text))
    }

    /// Fetches the plan's data, and looks up its secrets and the worker's keys until `until` at most.
    ///
    /// # Errors
    /// A sentence that names the object or the reference.
    pub(crate) async fn complete(
        store: &RunStore,
        plan: &Plan,
        source: &dyn SecretSource,
        until: Instant,
    ) -> Result<Supplies, String> {
        let mut supplies = Supplies::fetch(store, plan).await?;
        supplies.secrets = secrets::resolve(plan, source, until).await?;
        let Supplies {
            bodies, feeds, secrets, ..
        } = &supplies;
        supplies.clients = Arc::new(ClientCertificates::read(plan, bodies, feeds, secrets)?);
        // The certificates of feeds are kept in their parsed form only.
        let clients = plan.requests.iter().filter_map(|request| request.client.as_ref());
        let of_feeds = clients.filter(|client| client.feed().is_some());
        for blob in of_feeds.filter_map(|client| client.certificate.blob()) {
            supplies.bodies.remove(blob);
        }
        supplies.own_keys = OwnKeys::read(plan, until).await?.map(Arc::new);
        Ok(supplies)
    }

    /// Fetches the plan's data from the store, which does not contain the secrets.
    ///
    /// # Errors
    /// A sentence that names the missing or damaged object.
    pub(crate) async fn fetch(store: &RunStore, plan: &Plan) -> Result<Supplies, String> {
        let mut supplies = Supplies::default();
        for name in &plan.data {
            let key = keys::data(&plan.run, name);
            let bytes = match store.get(&key).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Err(format!("{key} is not in the store")),
                Err(error) => return Err(format!("{key} could not be read: {error}")),
            };
            if sha256::hex(&bytes) != *name {
                return Err(format!("{key} is damaged: its content does not match its SHA-256"));
            }
            supplies.bodies.insert(name.clone(), bytes);
        }
        for feed in &plan.feeds {
            let bytes = supplies
                .bodies
                .get(&feed.blob)
                .ok_or_else(|| format!("feed {} has no file", feed.name))?;
            let sheet =
                Sheet::read(bytes, feed.delimiter).map_err(|problem| format!("feed {}: {problem}", feed.name))?;
            if sheet.rows() as u64 != feed.rows {
                return Err(format!(
                    "feed {} has {} rows, and {} are planned",
                    feed.name,
                    sheet.rows(),
                    feed.rows
                ));
            }
            supplies.feeds.push(sheet);
        }
        cells_fit(plan, &supplies.feeds)?;
        // A feed is kept only as a sheet.
        let used = |sha256: &String| {
            let sent = plan.requests.iter().map(|request| &request.body);
            let clients = plan.requests.iter().filter_map(|request| request.client.as_ref());
            let mut certificates = plan.tls.certificates().chain(clients.map(|client| &client.certificate));
            sent.into_iter().any(|body| body.blobs().any(|blob| blob == sha256))
                || certificates.any(|pem| pem.blob() == Some(sha256))
        };
        supplies.bodies.retain(|sha256, _| used(sha256));
        for request in &plan.requests {
            let mut blobs = request.body.blobs();
            if blobs.any(|sha256| !supplies.bodies.contains_key(sha256)) {
                return Err(format!("the body of {} is not among the plan's data", request.name));
            }
        }
        Ok(supplies)
    }
}

/// Checks that the cells of feeds contain only characters that are allowed at their placeholders. The planner has done
/// so, but a plan and a feed from another writer must not put a line break into a header.
fn cells_fit(plan: &Plan, feeds: &[Sheet]) -> Result<(), String> {
    let mut checked = BTreeSet::new();
    let mut check = |template: &Template, is_url: bool| {
        let fits = if is_url { rules::fits_url } else { rules::fits_header };
        for part in &template.0 {
            let TemplatePart::Feed { feed, column, form } = part else {
                continue;
            };
            if !form.is_verbatim() {
                continue;
            }
            let sheet = &feeds[*feed as usize];
            if !checked.insert((*feed, *column, is_url)) {
                continue;
            }
            if (*column as usize) >= sheet.columns().len() {
                return Err(format!("feed {feed} has no column {column}"));
            }
            if let Some(row) = (0..sheet.rows()).find(|row| !fits(sheet.cell(*row, *column as usize))) {
                return Err(format!(
                    "row {} of feed {feed} contains a character that is not allowed there",
                    row + 1
                ));
            }
        }
        Ok(())
    };
    for request in &plan.requests {
        check(&request.url, true)?;
        request.headers.iter().try_for_each(|(_, value)| check(value, false))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::scenario::Feed;
    use test_plans::Planned;

    const CSV: &[u8] = b"id\n7\n8\n";
    const BODY: &[u8] = b"hello";

    /// A plan with a body and a feed.
    fn plan() -> Plan {
        let scenario = "name: t\ntarget: http://127.0.0.1:1\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                        feeds: { users: users.csv }\nrequests: { name: r, body: { file: body.txt } }\n";
        Planned::of(scenario)
            .file("users.csv", CSV)
            .file("body.txt", BODY)
            .plan()
    }

    /// Fetches a plan's data from a store that has these contents under the right names.
    async fn check(plan: Plan, csv: Option<&[u8]>, body: Option<&[u8]>, expected: Result<(), &str>) {
        let store = RunStore::memory();
        for (name, content) in [(sha256::hex(CSV), csv), (sha256::hex(BODY), body)] {
            if let Some(content) = content {
                let key = keys::data(&plan.run, &name);
                store.put(&key, content.to_vec()).await.expect("a store in memory");
            }
        }
        match (Supplies::fetch(&store, &plan).await, expected) {
            (Ok(supplies), Ok(())) => {
                assert_eq!(supplies.feeds[0].cell(1, 0), "8");
                let bodies: Vec<_> = supplies.bodies.values().collect();
                assert_eq!(bodies, [BODY], "the feed is not kept twice");
            }
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{problem}"),
            (fetched, expected) => panic!("{fetched:?}, expected {expected:?}"),
        }
    }

    #[tokio::test]
    async fn missing_and_damaged_data_is_reported_before_the_start() {
        check(plan(), Some(CSV), Some(BODY), Ok(())).await;
        check(plan(), None, Some(BODY), Err("is not in the store")).await;
        check(plan(), Some(CSV), Some(b"hullo"), Err("is damaged")).await;
        let mut unnamed = plan();
        unnamed.data.retain(|name| *name != sha256::hex(BODY));
        check(unnamed, Some(CSV), Some(BODY), Err("the body of r")).await;
        let mut longer = plan();
        let Feed { rows, .. } = &mut longer.feeds[0];
        *rows = 3;
        check(longer, Some(CSV), Some(BODY), Err("has 2 rows, and 3 are planned")).await;
    }
}
