//! Tests of access control in the stand-in: tokens, roles, and requests of a user for its own permissions.

use super::*;
use std::process::Command;
use whole_runs::machine::{Ran, tool};

/// Creates a service account with the permissions in `rules`. Returns a function that runs kubectl as this service
/// account.
fn account<'a>(cluster: &'a Cluster, rules: Value) -> impl Fn(&[&str]) -> Ran + use<'a> {
    let name = "launcher";
    cluster.create("serviceaccounts", &json!({"metadata": {"name": name}}));
    cluster.create("roles", &json!({"metadata": {"name": name}, "rules": rules}));
    cluster.create(
        "rolebindings",
        &json!({
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": cluster.namespace()}],
        }),
    );
    let kubeconfig = cluster.kubeconfig_of(name);
    move |args| {
        let output = Command::new(tool("kubectl"))
            .args(args)
            .env("KUBECONFIG", &kubeconfig)
            .output()
            .unwrap();
        Ran::new(&output)
    }
}

#[test]
fn a_service_account_gets_403_with_the_verb_and_the_resource() {
    let cluster = cluster();
    let rules = json!([{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]);
    let kubectl = account(&cluster, rules);
    kubectl(&["get", "configmaps"]).expect(0, &[]);
    let namespace = cluster.namespace();
    let message = format!(
        "User \"system:serviceaccount:{namespace}:launcher\" cannot list resource \"jobs\" in API group \"batch\" in the \
         namespace \"{namespace}\""
    );
    kubectl(&["get", "jobs"]).expect(1, &["jobs.batch is forbidden", &message]);
    kubectl(&["get", "nodes"]).expect(
        1,
        &["cannot list resource \"nodes\" in API group \"\" at the cluster scope"],
    );
    kubectl(&["delete", "configmap", "a"]).expect(1, &["configmaps \"a\" is forbidden", "cannot delete resource"]);
}

#[test]
fn a_user_can_ask_what_it_may_do() {
    let cluster = cluster();
    let rules = json!([{"apiGroups": ["batch"], "resources": ["jobs", "jobs/status"], "verbs": ["create", "get"]}]);
    let kubectl = account(&cluster, rules);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("review.json").display().to_string();
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let check = |verb: &str, subresource: &str, expected: bool| {
        let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {
            "resourceAttributes": {
                "namespace": cluster.namespace(), "verb": verb, "group": "batch", "resource": "jobs",
                "subresource": subresource,
            },
        }});
        std::fs::write(&file, review.to_string()).unwrap();
        let answer = kubectl(&["create", "--raw", path, "-f", &file]).expect(0, &[]);
        let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(answer["status"]["allowed"], expected, "{verb} {subresource}");
        let own = cluster.api().post(path, &review).expect(201);
        assert_eq!(own["status"]["allowed"], true, "the administrator may do everything");
    };
    check("create", "", true);
    check("get", "status", true);
    check("delete", "", false);
    check("patch", "status", false);
}

#[test]
fn a_verb_can_be_forbidden_to_the_administrator() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    stand_in.forbid("create", "jobs");
    let refused = cluster
        .api()
        .post(&cluster.path("jobs", ""), &indexed_job("a", 1, "true"));
    refused.expect_failure(
        403,
        "Forbidden",
        "cannot create resource \"jobs\" in API group \"batch\"",
    );
    let review = json!({"spec": {"resourceAttributes": {
        "namespace": cluster.namespace(), "verb": "create", "group": "batch", "resource": "jobs",
    }}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    assert_eq!(
        cluster.api().post(path, &review).expect(201)["status"]["allowed"],
        false
    );
}

#[test]
fn an_unknown_token_fails_with_401() {
    let cluster = cluster();
    let Some(stand_in) = cluster.stand_in() else { return };
    let api = whole_runs::kubernetes::Api {
        address: stand_in.address(),
        token: Some("wrong".to_owned()),
    };
    api.get("/api/v1/namespaces")
        .expect_failure(401, "Unauthorized", "Unauthorized");
}
