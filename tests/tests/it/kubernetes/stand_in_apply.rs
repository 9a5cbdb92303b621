//! Tests of server-side apply in the stand-in, through the API.

use super::*;

fn map(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data})
}

#[test]
fn an_apply_creates_the_object_and_records_its_manager() {
    let cluster = cluster();
    let path = cluster.path("configmaps", "a");
    let created = cluster
        .api()
        .apply(&path, "fieldManager=vajra", &map(json!({"x": "1"})))
        .expect(201);
    let managed = &created["metadata"]["managedFields"];
    assert_eq!(managed.as_array().unwrap().len(), 1, "{managed}");
    assert_eq!(
        (&managed[0]["manager"], &managed[0]["operation"]),
        (&json!("vajra"), &json!("Apply"))
    );
    assert_eq!(managed[0]["fieldsV1"], json!({"f:data": {"f:x": {}}}));
    let unnamed = cluster.api().apply(&path, "", &map(json!({})));
    unnamed.expect_failure(
        422,
        "Invalid",
        "fieldManager: Required value: is required for apply patch",
    );
}

#[test]
fn fields_of_another_manager_conflict_unless_forced() {
    let cluster = cluster();
    let path = cluster.path("configmaps", "a");
    let apply = |query: &str, data: Value| cluster.api().apply(&path, query, &map(data));
    apply("fieldManager=one", json!({"x": "1", "y": "1"})).expect(201);
    let refused = apply("fieldManager=two", json!({"x": "2", "y": "2"}));
    refused.expect_failure(
        409,
        "Conflict",
        "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.x\n- .data.y",
    );
    let cause = json!({"reason": "FieldManagerConflict", "message": "conflict with \"one\"", "field": ".data.x"});
    assert_eq!(refused.body["details"]["causes"][0], cause);
    apply("fieldManager=two&force=true", json!({"x": "2"})).expect(200);
    let after = apply("fieldManager=one", json!({})).expect(200);
    assert_eq!(after["data"], json!({"x": "2"}), "the first manager owned only y");
}

#[test]
fn an_update_by_another_client_conflicts_with_a_later_apply() {
    let cluster = cluster();
    let path = cluster.path("configmaps", "a");
    cluster
        .api()
        .apply(&path, "fieldManager=one", &map(json!({"x": "1"})))
        .expect(201);
    cluster
        .api()
        .merge(&format!("{path}?fieldManager=edit"), &json!({"data": {"x": "2"}}))
        .expect(200);
    let refused = cluster.api().apply(&path, "fieldManager=one", &map(json!({"x": "1"})));
    refused.expect_failure(409, "Conflict", "conflict with \"edit\" using v1 at ");
}

#[test]
fn finalizers_of_two_managers_are_a_set() {
    let cluster = cluster();
    let path = cluster.path("configmaps", "a");
    let apply = |manager: &str, finalizers: Value| {
        let mut object = map(json!({}));
        object["metadata"]["finalizers"] = finalizers;
        cluster.api().apply(&path, &format!("fieldManager={manager}"), &object)
    };
    apply("one", json!(["x.y/one"])).expect(201);
    let both = apply("two", json!(["x.y/two"])).expect(200);
    assert_eq!(both["metadata"]["finalizers"], json!(["x.y/one", "x.y/two"]));
    let rest = apply("one", json!([])).expect(200);
    assert_eq!(rest["metadata"]["finalizers"], json!(["x.y/two"]));
    apply("two", json!([])).expect(200);
}

#[test]
fn a_job_is_applied_and_its_status_belongs_to_the_controller() {
    let cluster = cluster();
    let path = cluster.path("jobs", "run");
    let job = indexed_job("run", 1, "exit 0");
    cluster.api().apply(&path, "fieldManager=vajra", &job).expect(201);
    wait_for_condition(&cluster, "run", "Complete");
    let again = cluster.api().apply(&path, "fieldManager=vajra", &job).expect(200);
    assert_eq!(condition(&again, "Complete").as_deref(), Some("True"), "{again}");
    assert_eq!(again["metadata"]["generation"], 1);
}
