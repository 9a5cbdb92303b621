//! Tests that the stand-in supports CustomResourceDefinitions and objects of the defined kinds, as a real API server
//! does.

use super::*;

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// Creates the CustomResourceDefinition of the kind `Thing`, and waits until the server accepts this kind. The
/// CustomResourceDefinition is deleted when the returned value is dropped.
fn define(cluster: &Cluster) -> Definition<'_> {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.test"},
        "spec": {
            "group": "example.test", "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing", "shortNames": ["th"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "additionalPrinterColumns": [{"name": "Phase", "type": "string", "jsonPath": ".status.phase"}],
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {
                        "type": "object", "required": ["store"],
                        "properties": {
                            "store": {"type": "string"},
                            "workers": {"type": "integer", "minimum": 1, "default": 2},
                            "stop": {"type": "boolean", "default": false},
                        },
                        "x-kubernetes-validations": [
                            {"rule": "self.store == oldSelf.store", "message": "store is immutable"},
                            {"rule": "!oldSelf.stop || self.stop", "message": "a stopped run cannot start again"},
                        ],
                    },
                    "status": {"type": "object", "properties": {
                        "phase": {"type": "string"},
                        "conditions": {
                            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                            "items": {"type": "object", "required": ["type"], "properties": {
                                "type": {"type": "string"}, "status": {"type": "string"},
                            }},
                        },
                    }},
                }}},
            }],
        },
    });
    cluster.api().post(DEFINITIONS, &definition).expect(201);
    cluster.wait_until("the established definition", PATIENCE, |cluster| {
        let found = cluster.api().get(&format!("{DEFINITIONS}/things.example.test")).body;
        let served = cluster.api().get(&cluster.path("things", "")).status == 200;
        (served && condition(&found, "Established")? == "True").then_some(())
    });
    Definition(cluster)
}

struct Definition<'a>(&'a Cluster);

impl Drop for Definition<'_> {
    fn drop(&mut self) {
        let path = format!("{DEFINITIONS}/things.example.test");
        // All tests share one real cluster, so the CustomResourceDefinition must be deleted.
        let _ = self.0.api().try_send("DELETE", &path, "", &Value::Null);
    }
}

fn thing(spec: Value) -> Value {
    json!({"apiVersion": "example.test/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec})
}

#[test]
fn unknown_fields_are_pruned_and_missing_ones_get_defaults() {
    let cluster = cluster();
    let _definition = define(&cluster);
    let reply = cluster
        .api()
        .post(&cluster.path("things", ""), &thing(json!({"store": "s", "other": 1})));
    let created = reply.expect(201);
    assert_eq!(created["spec"], json!({"store": "s", "workers": 2, "stop": false}));
    assert_eq!(created["metadata"]["generation"], 1);
    let strict = format!("{}?fieldValidation=Strict", cluster.path("things", ""));
    let mut other = thing(json!({"store": "s", "other": 1}));
    other["metadata"]["name"] = "b".into();
    let refused = cluster.api().post(&strict, &other);
    refused.expect_failure(400, "BadRequest", "strict decoding error: unknown field \"spec.other\"");
}

#[test]
fn values_that_break_the_schema_or_a_rule_are_refused() {
    let cluster = cluster();
    let _definition = define(&cluster);
    let refused = cluster
        .api()
        .post(&cluster.path("things", ""), &thing(json!({"workers": 0})));
    refused.expect_failure(422, "Invalid", "Thing.example.test \"a\" is invalid: [");
    refused.expect_failure(422, "Invalid", "spec.store: Required value");
    refused.expect_failure(
        422,
        "Invalid",
        "spec.workers in body should be greater than or equal to 1",
    );
    cluster.create("things", &thing(json!({"store": "s"})));
    let path = cluster.path("things", "a");
    let refused = cluster.api().merge(&path, &json!({"spec": {"store": "t"}}));
    refused.expect_failure(422, "Invalid", "store is immutable");
    cluster.api().merge(&path, &json!({"spec": {"stop": true}})).expect(200);
    let refused = cluster.api().merge(&path, &json!({"spec": {"stop": false}}));
    refused.expect_failure(422, "Invalid", "a stopped run cannot start again");
    let unversioned = cluster.api().put(&path, &thing(json!({"store": "s", "stop": true})));
    unversioned.expect_failure(422, "Invalid", "metadata.resourceVersion: Invalid value");
}

#[test]
fn spec_and_status_are_written_apart() {
    let cluster = cluster();
    let _definition = define(&cluster);
    let mut object = thing(json!({"store": "s"}));
    object["status"] = json!({"phase": "Forged"});
    let created = cluster.create("things", &object);
    assert!(created["status"].is_null(), "{created}");
    let (path, status) = (cluster.path("things", "a"), cluster.path("things", "a/status"));
    let changed = json!({"status": {"phase": "Running"}, "spec": {"workers": 9}});
    let after = cluster.api().merge(&status, &changed).expect(200);
    assert_eq!(
        (&after["status"]["phase"], &after["spec"]["workers"]),
        (&json!("Running"), &json!(2))
    );
    assert_eq!(after["metadata"]["generation"], 1);
    let changed = json!({"status": {"phase": "Forged"}, "spec": {"workers": 3}});
    let after = cluster.api().merge(&path, &changed).expect(200);
    assert_eq!(
        (&after["status"]["phase"], &after["spec"]["workers"]),
        (&json!("Running"), &json!(3))
    );
    assert_eq!(after["metadata"]["generation"], 2);
}

#[test]
fn conditions_of_two_managers_are_merged_by_type() {
    let cluster = cluster();
    let _definition = define(&cluster);
    cluster.create("things", &thing(json!({"store": "s"})));
    let status = cluster.path("things", "a/status");
    let apply = |manager: &str, kind: &str, value: &str| {
        let mut body = thing(Value::Null);
        body.as_object_mut().unwrap().remove("spec");
        body["status"] = json!({"conditions": [{"type": kind, "status": value}]});
        cluster.api().apply(&status, &format!("fieldManager={manager}"), &body)
    };
    apply("one", "Started", "True").expect(200);
    apply("two", "Finished", "False").expect(200);
    let after = apply("one", "Started", "False").expect(200);
    let conditions = json!([{"type": "Started", "status": "False"}, {"type": "Finished", "status": "False"}]);
    assert_eq!(after["status"]["conditions"], conditions);
    apply("two", "Started", "True").expect_failure(
        409,
        "Conflict",
        "conflict with \"one\" with subresource \"status\": .status.conditions[type=\"Started\"].status",
    );
    assert_eq!(apply("two", "Started", "False").status, 200, "equal values are shared");
}

#[test]
fn objects_of_a_deleted_definition_are_gone() {
    let cluster = cluster();
    let definition = define(&cluster);
    cluster.create("things", &thing(json!({"store": "s"})));
    drop(definition);
    cluster.wait_until("the end of the API", PATIENCE, |cluster| {
        (cluster.api().get(&cluster.path("things", "")).status == 404).then_some(())
    });
    let _definition = define(&cluster);
    assert_eq!(cluster.list("things"), [] as [Value; 0]);
}
