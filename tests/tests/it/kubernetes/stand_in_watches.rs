//! Tests of watches in the stand-in: the events that a client receives, and the end of a watch.

use super::*;
use whole_runs::kubernetes::Watch;

fn config_map(name: &str, label: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"v": label}}})
}

fn watch(cluster: &Cluster, query: &str) -> Watch {
    cluster
        .api()
        .watch(&format!("{}?watch=true&{query}", cluster.path("configmaps", "")))
}

fn version(cluster: &Cluster) -> String {
    let list = cluster.api().get(&cluster.path("configmaps", "")).expect(200);
    list["metadata"]["resourceVersion"].as_str().unwrap().to_owned()
}

fn change(kind: &str, name: &str) -> (String, String) {
    (kind.to_owned(), name.to_owned())
}

#[test]
fn a_watch_reports_the_changes_after_its_version() {
    let cluster = cluster();
    cluster.create("configmaps", &config_map("before", "1"));
    let version = version(&cluster);
    cluster.create("configmaps", &config_map("a", "1"));
    let mut watch = watch(&cluster, &format!("resourceVersion={version}&timeoutSeconds=5"));
    assert_eq!(watch.next_change(), change("ADDED", "a"));
    let path = cluster.path("configmaps", "a");
    cluster.api().merge(&path, &json!({"data": {"x": "1"}})).expect(200);
    assert_eq!(watch.next_change(), change("MODIFIED", "a"));
    cluster.api().delete(&path, &Value::Null).expect(200);
    assert_eq!(watch.next_change(), change("DELETED", "a"));
}

#[test]
fn a_watch_without_a_version_begins_with_all_objects() {
    let cluster = cluster();
    cluster.create("configmaps", &config_map("a", "1"));
    let only = "fieldSelector=metadata.name%3Da&resourceVersion=0&timeoutSeconds=5";
    assert_eq!(watch(&cluster, only).next_change(), change("ADDED", "a"));
    let query = "fieldSelector=metadata.name%3Da&sendInitialEvents=true&resourceVersionMatch=NotOlderThan\
                 &allowWatchBookmarks=true&timeoutSeconds=5";
    let mut initial = watch(&cluster, query);
    assert_eq!(initial.next_change(), change("ADDED", "a"));
    let bookmark = initial.next_event().unwrap();
    assert_eq!(bookmark["type"], "BOOKMARK");
    assert_eq!(
        bookmark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"],
        "true"
    );
}

#[test]
fn an_object_that_leaves_the_selection_is_reported_as_deleted() {
    let cluster = cluster();
    let version = version(&cluster);
    let query = format!("resourceVersion={version}&labelSelector=v%3D1&timeoutSeconds=5");
    let mut watch = watch(&cluster, &query);
    cluster.create("configmaps", &config_map("other", "2"));
    cluster.create("configmaps", &config_map("a", "1"));
    let relabel = |label: &str| {
        let labels = json!({"metadata": {"labels": {"v": label}}});
        cluster
            .api()
            .merge(&cluster.path("configmaps", "a"), &labels)
            .expect(200);
    };
    assert_eq!(watch.next_change(), change("ADDED", "a"));
    relabel("2");
    assert_eq!(watch.next_change(), change("DELETED", "a"));
    relabel("1");
    assert_eq!(watch.next_change(), change("ADDED", "a"));
}

#[test]
fn a_watch_ends_after_its_timeout_with_a_bookmark() {
    let cluster = cluster();
    let query = format!(
        "resourceVersion={}&timeoutSeconds=1&allowWatchBookmarks=true",
        version(&cluster)
    );
    let mut watch = watch(&cluster, &query);
    let mut last = Value::Null;
    while let Some(event) = watch.next_event() {
        last = event;
    }
    assert_eq!(
        (&last["type"], &last["object"]["kind"]),
        (&json!("BOOKMARK"), &json!("ConfigMap"))
    );
}

#[test]
fn a_watch_from_before_the_history_fails_with_410() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let old = version(&cluster);
    for name in ["a", "b"] {
        cluster.create("configmaps", &config_map(name, "1"));
    }
    let list = |query: &str| {
        cluster
            .api()
            .get(&format!("{}?{query}", cluster.path("configmaps", "")))
    };
    let page = list("limit=1").expect(200);
    stand_in.compact_history();
    let mut watch = watch(&cluster, &format!("resourceVersion={old}"));
    let event = watch.next_event().unwrap();
    assert_eq!(event["type"], "ERROR");
    assert_eq!(
        (&event["object"]["code"], &event["object"]["reason"]),
        (&json!(410), &json!("Expired"))
    );
    let message = event["object"]["message"].as_str().unwrap();
    assert!(
        message.starts_with(&format!("too old resource version: {old} (")),
        "{message}"
    );
    assert_eq!(watch.next_event(), None);
    let token = page["metadata"]["continue"].as_str().unwrap();
    list(&format!("limit=1&continue={token}")).expect_failure(410, "Expired", "continue parameter is too old");
}

#[test]
fn dropped_watches_end_without_an_event() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let mut watch = watch(&cluster, &format!("resourceVersion={}", version(&cluster)));
    cluster.create("configmaps", &config_map("a", "1"));
    assert_eq!(watch.next_change(), change("ADDED", "a"));
    stand_in.drop_watches();
    assert_eq!(watch.next_event(), None);
}
