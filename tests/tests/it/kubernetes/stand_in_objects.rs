//! Tests of the objects that the API of the stand-in stores: metadata, errors, versions and lists.

use super::*;

fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"v": value}}, "data": {"v": value}})
}

#[test]
fn a_new_object_has_a_uid_a_version_and_a_time() {
    let cluster = cluster();
    let created = cluster.create("configmaps", &config_map("a", "1"));
    let metadata = &created["metadata"];
    assert_eq!(metadata["uid"].as_str().unwrap().len(), 36, "{created}");
    assert_eq!(metadata["namespace"], cluster.namespace());
    assert!(
        metadata["creationTimestamp"].as_str().unwrap().ends_with('Z'),
        "{created}"
    );
    assert!(
        metadata["generation"].is_null(),
        "a ConfigMap has no generation: {created}"
    );
    let generated = json!({"metadata": {"generateName": "b-"}});
    let name = name_of(&cluster.create("configmaps", &generated));
    assert!(name.starts_with("b-") && name.len() == 7, "{name}");
    assert_ne!(name_of(&cluster.create("configmaps", &generated)), name);
}

#[test]
fn failures_have_the_reasons_and_messages_of_a_real_server() {
    let cluster = cluster();
    let (api, maps) = (cluster.api(), cluster.path("configmaps", ""));
    cluster.create("configmaps", &config_map("a", "1"));
    let again = api.post(&maps, &config_map("a", "1"));
    again.expect_failure(409, "AlreadyExists", "configmaps \"a\" already exists");
    let missing = api.get(&cluster.path("jobs", "b"));
    missing.expect_failure(404, "NotFound", "jobs.batch \"b\" not found");
    assert_eq!(
        missing.body["details"],
        json!({"name": "b", "group": "batch", "kind": "jobs"})
    );
    let upper = api.post(&maps, &config_map("B", "1"));
    upper.expect_failure(
        422,
        "Invalid",
        "ConfigMap \"B\" is invalid: metadata.name: Invalid value: \"B\"",
    );
    let nameless = api.post(&maps, &json!({"metadata": {}}));
    nameless.expect_failure(422, "Invalid", "name or generateName is required");
    let elsewhere = api.post("/api/v1/namespaces/no-such/configmaps", &config_map("a", "1"));
    elsewhere.expect_failure(404, "NotFound", "namespaces \"no-such\" not found");
    let unknown = api.get("/apis/no.such/v1/things");
    unknown.expect_failure(404, "NotFound", "the server could not find the requested resource");
    let kind = api.post(&maps, &json!({"kind": "Secret", "metadata": {"name": "c"}}));
    kind.expect_failure(400, "BadRequest", "kind");
}

#[test]
fn an_update_of_an_old_version_conflicts() {
    let cluster = cluster();
    let (api, path) = (cluster.api(), cluster.path("configmaps", "a"));
    let first = cluster.create("configmaps", &config_map("a", "1"));
    let mut new = first.clone();
    new["data"]["v"] = "2".into();
    let second = api.put(&path, &new).expect(200);
    let version = |object: &Value| {
        object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert!(version(&second) > version(&first));
    let stale = api.put(&path, &new);
    stale.expect_failure(
        409,
        "Conflict",
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to \
         the latest version and try again",
    );
    let stale_patch = api.merge(
        &path,
        &json!({"metadata": {"resourceVersion": version(&first).to_string()}, "data": {}}),
    );
    stale_patch.expect_failure(409, "Conflict", "the object has been modified");
    let patched = api.merge(&path, &json!({"data": {"v": null, "w": "3"}})).expect(200);
    assert_eq!(patched["data"], json!({"w": "3"}));
    let other = json!({"metadata": {"name": "a", "uid": "other"}, "data": {}});
    api.put(&path, &other)
        .expect_failure(409, "Conflict", "Precondition failed: UID in precondition: other");
}

#[test]
fn a_write_that_changes_nothing_keeps_the_version() {
    let cluster = cluster();
    let (api, path) = (cluster.api(), cluster.path("configmaps", "a"));
    let first = cluster.create("configmaps", &config_map("a", "1"));
    assert_eq!(api.put(&path, &first).expect(200), first);
    assert_eq!(api.merge(&path, &json!({"data": {"v": "1"}})).expect(200), first);
    let applied = api
        .apply(&path, "fieldManager=x", &json!({"data": {"w": "1"}}))
        .expect(200);
    let again = api
        .apply(&path, "fieldManager=x", &json!({"data": {"w": "1"}}))
        .expect(200);
    assert_eq!(applied, again);
}

#[test]
fn a_dry_run_stores_nothing() {
    let cluster = cluster();
    let path = format!("{}?dryRun=All", cluster.path("configmaps", ""));
    assert_eq!(
        name_of(&cluster.api().post(&path, &config_map("a", "1")).expect(201)),
        "a"
    );
    assert_eq!(cluster.get("configmaps", "a"), None);
}

#[test]
fn lists_are_selected_by_labels_and_fields_and_cut_into_pages() {
    let cluster = cluster();
    for (name, value) in [("a", "1"), ("b", "2"), ("c", "1"), ("d", "1")] {
        cluster.create("configmaps", &config_map(name, value));
    }
    let list = |query: &str| {
        cluster
            .api()
            .get(&format!("{}?{query}", cluster.path("configmaps", "")))
    };
    let names = |list: &Value| -> Vec<String> { list["items"].as_array().unwrap().iter().map(name_of).collect() };
    assert_eq!(names(&list("labelSelector=v%3D1").expect(200)), ["a", "c", "d"]);
    assert_eq!(names(&list("labelSelector=v%20in%20(2%2C3)").expect(200)), ["b"]);
    assert_eq!(names(&list("fieldSelector=metadata.name%3Dc").expect(200)), ["c"]);
    list("fieldSelector=data.v%3D1").expect_failure(400, "BadRequest", "field label not supported: data.v");
    let page = list("labelSelector=v%3D1&limit=2").expect(200);
    assert_eq!(names(&page), ["a", "c"]);
    let token = page["metadata"]["continue"].as_str().unwrap();
    let rest = list(&format!("labelSelector=v%3D1&limit=2&continue={token}")).expect(200);
    assert_eq!(names(&rest), ["d"]);
    assert!(rest["metadata"]["continue"].is_null(), "{rest}");
    assert_eq!(rest["kind"], "ConfigMapList");
}

#[test]
fn the_generation_counts_changes_of_the_spec_only() {
    let cluster = cluster();
    let budget =
        json!({"metadata": {"name": "a"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"x": "y"}}}});
    let created = cluster.create("poddisruptionbudgets", &budget);
    assert_eq!(created["metadata"]["generation"], 1);
    let path = cluster.path("poddisruptionbudgets", "a");
    let labelled = cluster
        .api()
        .merge(&path, &json!({"metadata": {"labels": {"l": "1"}}}))
        .expect(200);
    assert_eq!(labelled["metadata"]["generation"], 1);
    let changed = cluster
        .api()
        .merge(&path, &json!({"spec": {"minAvailable": 2}}))
        .expect(200);
    assert_eq!(changed["metadata"]["generation"], 2);
}

#[test]
fn events_are_the_same_objects_in_both_groups() {
    let cluster = cluster();
    let path = format!("/apis/events.k8s.io/v1/namespaces/{}/events", cluster.namespace());
    let event = json!({
        "metadata": {"name": "e.1"}, "regarding": {"kind": "Pod", "name": "p", "namespace": cluster.namespace()},
        "reason": "Started", "note": "The run has started", "type": "Normal", "action": "Start",
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "vajra", "reportingInstance": "1",
    });
    cluster.api().post(&path, &event).expect(201);
    let core = cluster.get("events", "e.1").unwrap();
    assert_eq!(
        (&core["message"], &core["involvedObject"]["name"]),
        (&json!("The run has started"), &json!("p"))
    );
    let same = cluster.api().get(&format!("{path}/e.1")).expect(200);
    assert_eq!(
        (&same["note"], &same["apiVersion"]),
        (&json!("The run has started"), &json!("events.k8s.io/v1"))
    );
    let selected = format!("{}?fieldSelector=involvedObject.name%3Dp", cluster.path("events", ""));
    assert_eq!(
        cluster.api().get(&selected).expect(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let incomplete = json!({"metadata": {"name": "e.2"}, "regarding": {}, "reason": "x"});
    cluster
        .api()
        .post(&path, &incomplete)
        .expect_failure(422, "Invalid", "eventTime: Required value");
}
