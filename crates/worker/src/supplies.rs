//! The data that requests need in addition to the plan: bodies, feeds and secrets. Most of the data is read once,
//! before the start.

use crate::clients::ClientCertificates;
use crate::data;
use crate::feed_sheet::{self, ArrivalsOf, FeedSheet};
use crate::secrets::{self, Secret, SecretSource};
use crate::signing::OwnKeys;
use crate::tokens::Token;
use plan::plan::Plan;
use plan::rules;
use plan::template::{Template, TemplatePart};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::RunStore;
use tokio::time::Instant;

/// The bodies, feeds and secrets of a run, in memory.
#[derive(Clone, Debug, Default)]
pub struct Supplies {
    /// The files that are sent as bodies, and the certificates, by the SHA-256 of their content.
    pub bodies: BTreeMap<String, bytes::Bytes>,
    /// The feeds of the plan, in the plan's order.
    pub feeds: Vec<FeedSheet>,
    /// The secrets of the plan, in the plan's order.
    pub secrets: Vec<Secret>,
    /// The tokens of the plan, in the plan's order. The tokens are renewed during the run.
    pub tokens: Vec<Arc<Token>>,
    /// The keys that sign requests, from the worker's environment. `None` if the plan does not use these keys.
    pub own_keys: Option<Arc<OwnKeys>>,
    /// The client certificates of requests.
    pub clients: Arc<ClientCertificates>,
}

impl Supplies {
    /// Returns whether a text contains a secret or a token. Upper and lower case are not distinguished.
    pub(crate) fn hide(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let own_keys = self.own_keys.iter().flat_map(|keys| keys.secrets());
        let secrets = self.secrets.iter().cloned().chain(own_keys);
        let mut secrets = secrets.map(|secret| secret.value().to_lowercase());
        secrets.any(|secret| !secret.is_empty() && text.contains(&secret))
            || self.tokens.iter().any(|token| token.is_in(&text))
    }

    /// Reads the data of a plan that these arrivals need. Looks up the plan's secrets and reads the worker's keys, at
    /// most until `until`.
    ///
    /// # Errors
    /// Returns a sentence that names the object or the reference that caused the error.
    pub(crate) async fn complete(
        store: &RunStore,
        plan: &Plan,
        arrivals: ArrivalsOf,
        source: &dyn SecretSource,
        until: Instant,
    ) -> Result<Supplies, String> {
        let mut supplies = Supplies::fetch(store, plan, arrivals).await?;
        supplies.secrets = secrets::resolve(plan, source, until).await?;
        let Supplies {
            bodies, feeds, secrets, ..
        } = &supplies;
        supplies.clients = Arc::new(ClientCertificates::read(plan, bodies, feeds, secrets)?);
        // The certificates in feeds are kept only in their parsed form.
        let clients = plan.requests.iter().filter_map(|request| request.client.as_ref());
        let of_feeds = clients.filter(|client| client.feed().is_some());
        for blob in of_feeds.filter_map(|client| client.certificate.blob()) {
            supplies.bodies.remove(blob);
        }
        supplies.own_keys = OwnKeys::read(plan, until).await?.map(Arc::new);
        Ok(supplies)
    }

    /// Reads the data of a plan from the store. The store does not contain the secrets.
    ///
    /// # Errors
    /// Returns a sentence that names the missing or damaged object.
    pub(crate) async fn fetch(store: &RunStore, plan: &Plan, arrivals: ArrivalsOf) -> Result<Supplies, String> {
        let mut supplies = Supplies::default();
        let used = |sha256: &String| {
            let sent = plan.requests.iter().map(|request| &request.body);
            let clients = plan.requests.iter().filter_map(|request| request.client.as_ref());
            let mut certificates = plan.tls.certificates().chain(clients.map(|client| &client.certificate));
            sent.into_iter().any(|body| body.blobs().any(|blob| blob == sha256))
                || certificates.any(|pem| pem.blob() == Some(sha256))
        };
        let whole = plan.feeds.iter().filter(|feed| feed.parts.is_empty());
        let whole: BTreeSet<&String> = whole.map(|feed| &feed.blob).collect();
        for name in plan.data.iter().filter(|name| whole.contains(name) || used(name)) {
            let bytes = data::fetch(store, &plan.run, name).await?;
            supplies.bodies.insert(name.clone(), bytes);
        }
        let mut kept_bytes = 0;
        for (index, feed) in plan.feeds.iter().enumerate() {
            let sheet = if feed.parts.is_empty() {
                let bytes = supplies
                    .bodies
                    .get(&feed.blob)
                    .ok_or_else(|| format!("feed {} has no file", feed.name))?;
                FeedSheet::Whole(feed_sheet::parse(bytes, feed, feed.rows)?)
            } else {
                FeedSheet::fetch(store, plan, index, arrivals, &mut kept_bytes).await?
            };
            supplies.feeds.push(sheet);
        }
        cells_fit(plan, &supplies.feeds)?;
        // The file of a feed is kept only as parsed rows.
        supplies.bodies.retain(|sha256, _| used(sha256));
        for request in &plan.requests {
            let mut blobs = request.body.blobs();
            if blobs.any(|sha256| !supplies.bodies.contains_key(sha256)) {
                return Err(format!("the body of {} is not among the plan's data", request.name));
            }
        }
        Ok(supplies)
    }

    /// Reads the rows of large feeds that the worker uses after its stripe has changed. These rows replace the rows of
    /// the planned stripe.
    ///
    /// # Errors
    /// Returns a sentence that names the missing or damaged object, or the limit of memory that was exceeded.
    pub(crate) async fn restripe(&self, store: &RunStore, plan: &Plan, arrivals: ArrivalsOf) -> Result<(), String> {
        let mut kept_bytes = self.feeds.iter().map(FeedSheet::kept_bytes).sum();
        for (index, sheet) in self.feeds.iter().enumerate() {
            sheet.restripe(store, plan, index, arrivals, &mut kept_bytes).await?;
        }
        cells_fit(plan, &self.feeds)
    }
}

/// Checks that the cells of feeds contain only characters that are allowed at the positions of their placeholders. The
/// planner has made the same check. This second check prevents line breaks in headers if another program has written
/// the plan or the feed.
fn cells_fit(plan: &Plan, feeds: &[FeedSheet]) -> Result<(), String> {
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
            if (*column as usize) >= plan.feeds[*feed as usize].columns.len() {
                return Err(format!("feed {feed} has no column {column}"));
            }
            if let Some(row) = sheet.find_unfit(*column as usize, fits) {
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
    use plan::plan::StripeOf;
    use plan::scenario::Feed;
    use plan::sha256;
    use store::keys;
    use test_plans::Planned;

    const CSV: &[u8] = b"id\n7\n8\n";
    const WHOLE: ArrivalsOf = ArrivalsOf::Stripe {
        slice: 0,
        stripe: StripeOf { stripe: 0, stripes: 1 },
    };
    const BODY: &[u8] = b"hello";

    /// Returns a plan with a body and a feed.
    fn plan() -> Plan {
        let scenario = "name: t\ntarget: http://127.0.0.1:1\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                        feeds: { users: users.csv }\nrequests: { name: r, body: { file: body.txt } }\n";
        Planned::of(scenario)
            .file("users.csv", CSV)
            .file("body.txt", BODY)
            .plan()
    }

    /// Reads a plan's data from a store that contains these contents under the right names, and checks the result.
    async fn check(plan: Plan, csv: Option<&[u8]>, body: Option<&[u8]>, expected: Result<(), &str>) {
        let store = RunStore::memory();
        for (name, content) in [(sha256::hex(CSV), csv), (sha256::hex(BODY), body)] {
            if let Some(content) = content {
                let key = keys::data(&plan.run, &name);
                store.put(&key, content.to_vec()).await.expect("a store in memory");
            }
        }
        match (Supplies::fetch(&store, &plan, WHOLE).await, expected) {
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

    /// Returns a plan with a large feed, and a store with the data of the plan. Each of the two workers uses every
    /// second row of the feed.
    async fn large() -> (RunStore, Plan) {
        let rows: String = (0..10_000)
            .map(|row| format!("{row},{}\n", "x".repeat(1_000)))
            .collect();
        let scenario = "name: t\ntarget: http://127.0.0.1:1\nload: { constant: { rate: 9000/s, duration: 1s } }\n\
                        feeds: { users: { file: users.csv, pick: once } }\nrequests: { name: r, url: '/{{ feed users.id }}' }\n";
        let planned = Planned::of(scenario)
            .file("users.csv", format!("id,text\n{rows}"))
            .workers(2);
        let (scenario, store) = (planned.scenario(), RunStore::memory());
        let plan = planned.plan_of(&scenario).expect("a plan");
        for (name, bytes) in scenario.blobs {
            store
                .put(&keys::data(&plan.run, &name), bytes)
                .await
                .expect("a store in memory");
        }
        (store, plan)
    }

    fn stripe(stripe: u32, stripes: u32) -> ArrivalsOf {
        let stripe = StripeOf { stripe, stripes };
        ArrivalsOf::Stripe { slice: 0, stripe }
    }

    #[tokio::test]
    async fn a_worker_keeps_the_rows_of_its_stripe_and_after_a_change_those_of_the_new_one() {
        let (store, plan) = large().await;
        let supplies = Supplies::fetch(&store, &plan, stripe(1, 2)).await.expect("the data");
        let feed = &supplies.feeds[0];
        assert!((1..9_000).step_by(2).all(|row| feed.cell(row, 0) == row.to_string()));
        assert!(supplies.bodies.is_empty(), "a part is kept");
        let planned = feed.kept_bytes();
        // A row consists of the row's number and a thousand bytes.
        assert!((4_500 * 1_000..4_500 * 1_030).contains(&planned), "{planned}");
        supplies.restripe(&store, &plan, stripe(0, 1)).await.expect("the data");
        assert!((0..9_000).all(|row| feed.cell(row, 0) == row.to_string()));
        let one = Supplies::fetch(&store, &plan, ArrivalsOf::Arrival(4_711))
            .await
            .expect("the data");
        assert_eq!(one.feeds[0].cell(4_711, 0), "4711");
        assert!(one.feeds[0].kept_bytes() < 1_030);
    }

    #[tokio::test]
    async fn a_missing_damaged_or_exchanged_part_of_a_feed_is_reported_before_the_start() {
        let (store, plan) = large().await;
        let key = |part: usize| keys::data(&plan.run, &plan.feeds[0].parts[part].blob);
        let fetched = async |plan: &Plan| match Supplies::fetch(&store, plan, stripe(0, 2)).await {
            Ok(_) => String::new(),
            Err(problem) => problem,
        };
        let mut exchanged = plan.clone();
        let parts = &mut exchanged.feeds[0].parts;
        (parts[0].rows, parts[1].rows) = (parts[0].rows - 1, parts[1].rows + 1);
        let problem = fetched(&exchanged).await;
        assert!(
            problem.contains("rows, and") && problem.contains("are planned"),
            "{problem}"
        );
        let mut renamed = plan.clone();
        renamed.feeds[0].columns[1] = "other".to_owned();
        assert!(fetched(&renamed).await.contains("does not have the planned columns"));
        assert_eq!(fetched(&plan).await, "");
        store.put(&key(0), "id,text\n1,2\n").await.expect("a store in memory");
        assert!(fetched(&plan).await.contains("is damaged"));
        store.delete(&key(0)).await.expect("a store in memory");
        assert!(fetched(&plan).await.contains("is not in the store"));
    }
}
