//! Tests of the deletion of objects in the stand-in: finalizers, grace periods, owners and propagation policies.

use super::*;

fn config_map(name: &str) -> Value {
    json!({"metadata": {"name": name}, "data": {}})
}

#[test]
fn a_finalizer_delays_the_deletion_until_it_is_removed() {
    let cluster = cluster();
    let (api, path) = (cluster.api(), cluster.path("configmaps", "a"));
    let mut object = config_map("a");
    object["metadata"]["finalizers"] = json!(["vajra-cloud.io/stop"]);
    cluster.create("configmaps", &object);
    let deleted = api.delete(&path, &Value::Null).expect(200);
    assert!(deleted["metadata"]["deletionTimestamp"].is_string(), "{deleted}");
    let again = api.delete(&path, &Value::Null).expect(200);
    assert_eq!(
        again["metadata"]["deletionTimestamp"],
        deleted["metadata"]["deletionTimestamp"]
    );
    let more = api.merge(
        &path,
        &json!({"metadata": {"finalizers": ["vajra-cloud.io/stop", "x.y/z"]}}),
    );
    more.expect_failure(
        422,
        "Invalid",
        "no new finalizers can be added if the object is being deleted",
    );
    let changed = api.merge(&path, &json!({"data": {"still": "writable"}})).expect(200);
    assert_eq!(changed["data"]["still"], "writable");
    api.merge(&path, &json!({"metadata": {"finalizers": null}})).expect(200);
    assert_eq!(cluster.get("configmaps", "a"), None);
}

#[test]
fn a_deletion_checks_its_preconditions() {
    let cluster = cluster();
    let object = cluster.create("configmaps", &config_map("a"));
    let path = cluster.path("configmaps", "a");
    let refused = cluster.api().delete(&path, &json!({"preconditions": {"uid": "other"}}));
    refused.expect_failure(409, "Conflict", "Precondition failed: UID in precondition: other");
    let uid = object["metadata"]["uid"].clone();
    let done = cluster
        .api()
        .delete(&path, &json!({"preconditions": {"uid": uid}}))
        .expect(200);
    assert_eq!(
        (&done["kind"], &done["status"], &done["details"]["uid"]),
        (&json!("Status"), &json!("Success"), &uid)
    );
    cluster
        .api()
        .delete(&path, &Value::Null)
        .expect_failure(404, "NotFound", "configmaps \"a\" not found");
}

#[test]
fn objects_are_deleted_with_their_owner() {
    let cluster = cluster();
    let owner = cluster.create("configmaps", &config_map("owner"));
    let mut owned = config_map("owned");
    owned["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"],
    }]);
    cluster.create("configmaps", &owned);
    cluster
        .api()
        .delete(&cluster.path("configmaps", "owner"), &Value::Null)
        .expect(200);
    cluster.wait_until("the end of the owned object", PATIENCE, |cluster| {
        cluster.get("configmaps", "owned").is_none().then_some(())
    });
}

#[test]
fn a_job_orphans_its_pods_unless_the_policy_says_otherwise() {
    let cluster = cluster();
    for (name, policy) in [
        ("default", Value::Null),
        ("back", json!("Background")),
        ("fore", json!("Foreground")),
    ] {
        cluster.create("jobs", &indexed_job(name, 1, "exec sleep 60"));
        wait_for_pods(&cluster, name, "Running", 1);
        let options = json!({"propagationPolicy": policy});
        let reply = cluster.api().delete(&cluster.path("jobs", name), &options);
        let warns = reply
            .head
            .contains("child pods are preserved by default when jobs are deleted");
        assert_eq!(warns, policy.is_null(), "{name}: {}", reply.head);
        let after = reply.expect(200);
        if name == "fore" {
            assert_eq!(after["metadata"]["finalizers"], json!(["foregroundDeletion"]));
            assert!(cluster.get("jobs", name).is_some(), "the Job waits for its pods");
        }
        cluster.wait_until("the end of the Job", PATIENCE, |cluster| {
            cluster.get("jobs", name).is_none().then_some(())
        });
        if policy.is_null() {
            let pods = pods_of(&cluster, name);
            assert!(pods[0]["metadata"]["ownerReferences"].is_null(), "{pods:?}");
            cluster.wait_until("the release of the pod", PATIENCE, |cluster| {
                pods_of(cluster, name)[0]["metadata"]["finalizers"]
                    .is_null()
                    .then_some(())
            });
            let now = json!({"gracePeriodSeconds": 0});
            cluster
                .api()
                .delete(&cluster.path("pods", &name_of(&pods[0])), &now)
                .expect(200);
        } else {
            cluster.wait_until("the end of the pods", PATIENCE, |cluster| {
                pods_of(cluster, name).is_empty().then_some(())
            });
        }
    }
}

#[test]
fn a_deleted_pod_gets_sigterm_and_is_gone_when_its_process_has_ended() {
    let cluster = cluster();
    let script = "trap 'echo stopped; exit 0' TERM; echo ready; while true; do sleep 0.05; done";
    let mut pod = shell(script);
    pod["metadata"] = json!({"name": "a", "finalizers": ["example.test/keep"]});
    cluster.create("pods", &pod);
    cluster.wait_until("the trap", PATIENCE, |cluster| {
        (cluster.log("a") == "ready\n").then_some(())
    });
    let deleted = cluster
        .api()
        .delete(&cluster.path("pods", "a"), &Value::Null)
        .expect(200);
    assert_eq!(deleted["metadata"]["deletionGracePeriodSeconds"], 2);
    let ended = cluster.wait_until("the end of the process", PATIENCE, |cluster| {
        cluster
            .get("pods", "a")
            .filter(|pod| pod["status"]["phase"] == "Succeeded")
    });
    assert_eq!(
        ended["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"],
        0
    );
    assert_eq!(cluster.log("a"), "ready\nstopped\n");
    cluster
        .api()
        .merge(&cluster.path("pods", "a"), &json!({"metadata": {"finalizers": null}}))
        .expect(200);
    cluster.wait_until("the end of the pod", PATIENCE, |cluster| {
        cluster.get("pods", "a").is_none().then_some(())
    });
}

#[test]
fn a_pod_that_ignores_sigterm_is_killed_after_its_grace_period() {
    let cluster = cluster();
    let mut pod = shell("trap '' TERM; echo ready; while true; do sleep 0.05; done");
    pod["metadata"] = json!({"name": "a", "finalizers": ["example.test/keep"]});
    pod["spec"]["terminationGracePeriodSeconds"] = 1.into();
    cluster.create("pods", &pod);
    cluster.wait_until("the trap", PATIENCE, |cluster| {
        (cluster.log("a") == "ready\n").then_some(())
    });
    cluster
        .api()
        .delete(&cluster.path("pods", "a"), &Value::Null)
        .expect(200);
    let ended = cluster.wait_until("the end of the process", PATIENCE, |cluster| {
        cluster
            .get("pods", "a")
            .filter(|pod| pod["status"]["phase"] == "Failed")
    });
    let terminated = &ended["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!(
        (&terminated["exitCode"], &terminated["reason"]),
        (&json!(137), &json!("Error"))
    );
    cluster
        .api()
        .merge(&cluster.path("pods", "a"), &json!({"metadata": {"finalizers": null}}))
        .expect(200);
}

#[test]
fn a_deleted_namespace_takes_its_objects_along() {
    let cluster = cluster();
    let name = format!("{}-b", cluster.namespace());
    let path = format!("/api/v1/namespaces/{name}");
    cluster
        .api()
        .post("/api/v1/namespaces", &json!({"metadata": {"name": name}}))
        .expect(201);
    cluster
        .api()
        .post(&format!("{path}/configmaps"), &config_map("a"))
        .expect(201);
    cluster.api().delete(&path, &Value::Null).expect(200);
    cluster.wait_until("the end of the namespace", PATIENCE, |cluster| {
        (cluster.api().get(&path).status == 404).then_some(())
    });
    cluster
        .api()
        .get(&format!("{path}/configmaps/a"))
        .expect_failure(404, "NotFound", "configmaps \"a\" not found");
}
