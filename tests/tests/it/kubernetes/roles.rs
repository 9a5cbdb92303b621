//! Tests that the Roles in `infra/kubernetes` contain no permission that the program does not use.

use super::launching::become_launcher;
use super::load_tests::{LoadTests, NAME};
use super::operator::become_operator;
use super::shop::{RATE, RUN, Shop};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use whole_runs::kubernetes::{Cluster, OrderedReply, PodFate};

/// Returns the texts in a list.
fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Asserts that a service account has used each verb of its Role.
#[track_caller]
fn assert_all_used(cluster: &Cluster, account: &str, role: &str) {
    let role = cluster.get("roles", role).unwrap();
    let allowed: BTreeSet<(String, String)> = role["rules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|rule| {
            let resources = texts(&rule["resources"]).into_iter();
            resources.flat_map(|resource| {
                let verbs = texts(&rule["verbs"]).into_iter();
                verbs.map(move |verb| (verb, resource.clone()))
            })
        })
        .collect();
    let user = format!("system:serviceaccount:{}:{account}", cluster.namespace());
    let seen = cluster.stand_in().unwrap().seen().into_iter();
    let used: BTreeSet<(String, String)> = seen
        .filter(|seen| seen.user == user)
        .map(|seen| (seen.verb, seen.resource))
        .collect();
    let unused: Vec<_> = allowed.difference(&used).collect();
    assert!(unused.is_empty(), "not used: {unused:?}, used: {used:?}");
}

/// Lets the pod with index 2 wait for a node.
fn no_node(shop: &Shop) {
    shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "no node fits".to_owned()),
        ..PodFate::default()
    });
}

#[test]
fn a_launcher_uses_each_permission_of_its_role() {
    let Some(mut shop) = Shop::open() else { return };
    become_launcher(&mut shop);
    no_node(&shop);
    let aborted = shop.launch(3, &["--start-timeout", "5s"]).finish();
    aborted.expect(3, &["the run was not started"]);
    shop.wait_for_no_job();
    std::fs::remove_dir_all(shop.store().join("runs").join(RUN)).unwrap();
    let stopped = shop.launch(60, &["--start-timeout", "6s", "--min-workers", "3"]);
    shop.target.wait_for_more_than(RATE);
    stopped.signal("INT");
    stopped.finish().expect(130, &["stopping"]);
    assert_all_used(&shop.cluster, "launcher", "vajra-cloud-launcher");
}

#[test]
fn an_operator_uses_each_permission_of_its_role() {
    let Some(mut tests) = LoadTests::open() else { return };
    become_operator(&mut tests);
    let text = tests.scenario(60, "");
    let config_map = json!({ "metadata": { "name": "shop" }, "data": { "s.yaml": text } });
    tests.shop.cluster.create("configmaps", &config_map);
    let source = json!({ "configMap": { "name": "shop", "key": "s.yaml" } });
    no_node(&tests.shop);
    let operator = tests.operator_with(&[]);
    let removed = |tests: &LoadTests| {
        tests
            .shop
            .cluster
            .wait_until("the removal", Duration::from_secs(20), |cluster| {
                cluster.get("loadtests", NAME).is_none().then_some(())
            });
    };
    let spec = json!({ "scenario": source, "startTimeout": "4s", "ttlAfterFinished": "1s" });
    tests.create("", &spec);
    removed(&tests);
    let conflict = OrderedReply::Conflict;
    tests.shop.stand_in().fail(1, "PATCH", "/loadtests", conflict);
    let spec = json!({ "scenario": source, "startTimeout": "6s", "minWorkers": 3 });
    tests.create("", &spec);
    tests.shop.target.wait_for_more_than(RATE);
    let delete = ["delete", "loadtest", NAME, "--timeout=30s"];
    tests.shop.cluster.kubectl(&delete).expect(0, &[]);
    operator.process.signal("TERM");
    operator.process.finish().expect(0, &[]);
    assert_all_used(&tests.shop.cluster, "operator", "vajra-cloud-operator");
}
