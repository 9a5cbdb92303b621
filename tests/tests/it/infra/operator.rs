//! Tests of the objects of the operator in `infra/kubernetes/operator`, and of its part of the Helm chart.

use super::kubernetes::{chart, objects};
use serde_json::{Value, json};
use whole_runs::machine::Desk;

/// The folders of the operator that users apply.
const FOLDERS: [&str; 3] = ["operator/s3-irsa", "operator/s3-pod-identity", "operator/volume"];

fn find(objects: &[Value], kind: &str) -> Value {
    let mut found = objects.iter().filter(|object| object["kind"] == kind);
    let object = found.next().unwrap_or_else(|| panic!("no {kind}")).clone();
    assert!(found.next().is_none(), "two objects of the kind {kind}");
    object
}

#[test]
fn the_operator_runs_with_existing_options() {
    for name in FOLDERS {
        let deployment = find(&objects(name), "Deployment");
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let arguments = container["args"].as_array().unwrap();
        let mut arguments: Vec<&str> = arguments.iter().map(|argument| argument.as_str().unwrap()).collect();
        assert_eq!(arguments[0], "operator", "{name}");
        // With `--help`, the command still parses all options before `--help`, but does nothing else.
        arguments.push("--help");
        Desk::new().run(&arguments).expect(0, &[]);
    }
}

#[test]
fn the_probes_and_the_policy_use_the_port_on_which_the_operator_listens() {
    for name in FOLDERS {
        let objects = objects(name);
        let deployment = find(&objects, "Deployment");
        let template = &deployment["spec"]["template"];
        let container = &template["spec"]["containers"][0];
        let port = &container["ports"][0];
        let listen = format!("--listen=[::]:{}", port["containerPort"]);
        assert!(container["args"].as_array().unwrap().contains(&json!(listen)), "{name}");
        for probe in ["livenessProbe", "readinessProbe"] {
            assert_eq!(container[probe]["httpGet"]["port"], port["name"], "{name}");
        }
        let policy = find(&objects, "NetworkPolicy");
        let ingress = json!([{ "ports": [{ "protocol": "TCP", "port": port["containerPort"] }] }]);
        assert_eq!(policy["spec"]["ingress"], ingress, "{name}");
        let labels = template["metadata"]["labels"].as_object().unwrap();
        for selector in [
            &policy["spec"]["podSelector"]["matchLabels"],
            &deployment["spec"]["selector"]["matchLabels"],
        ] {
            let mut wanted = selector.as_object().unwrap().iter();
            assert!(wanted.all(|(key, value)| labels.get(key) == Some(value)), "{name}");
        }
    }
}

#[test]
fn the_operator_mounts_the_claim_that_its_workers_mount() {
    let objects = objects("operator/volume");
    let pod = find(&objects, "Deployment")["spec"]["template"]["spec"].clone();
    let claim = pod["volumes"][0]["persistentVolumeClaim"]["claimName"]
        .as_str()
        .unwrap();
    let option = json!(format!("--store-claim={claim}"));
    let container = &pod["containers"][0];
    assert!(container["args"].as_array().unwrap().contains(&option), "{container}");
    assert_eq!(
        container["volumeMounts"],
        json!([{ "name": "runs", "mountPath": "/runs" }])
    );
    let created = find(&super::kubernetes::objects("overlays/volume"), "PersistentVolumeClaim");
    assert_eq!(created["metadata"]["name"], claim);
}

/// Returns the kinds of the objects of the chart that belong to the operator, with these values.
fn rendered_kinds(values: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("values.yaml");
    std::fs::write(&path, values).unwrap();
    let ran = chart(Some(&path)).expect(0, &[]);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    let objects = result["objects"].as_array().unwrap().iter();
    let own = objects.filter(|object| {
        let name = object["metadata"]["name"].as_str().unwrap();
        name.contains("operator") || name.contains("loadtests")
    });
    let mut kinds: Vec<String> = own.map(|object| object["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

#[test]
fn a_release_of_a_second_namespace_leaves_the_definition_to_the_first() {
    let image = format!("registry.example.com/vajra-cloud@sha256:{}", "0".repeat(64));
    let mut kinds = rendered_kinds(&format!("operator: {{ enabled: true, image: '{image}' }}\n"));
    assert_eq!(kinds.remove(0), "CustomResourceDefinition");
    let without = rendered_kinds(&format!(
        "operator: {{ enabled: true, crd: false, image: '{image}' }}\n"
    ));
    assert_eq!(kinds, without);
    assert_eq!(without.len(), 5, "{without:?}");
    assert_eq!(rendered_kinds("operator: { enabled: false }\n"), [""; 0]);
}

#[test]
fn the_example_uses_the_names_of_the_other_objects() {
    let objects = objects("examples/load-test");
    let test = find(&objects, "LoadTest");
    let source = &test["spec"]["scenario"]["configMap"];
    let map = find(&objects, "ConfigMap");
    assert_eq!(source["name"], map["metadata"]["name"]);
    assert!(map["data"].get(source["key"].as_str().unwrap()).is_some(), "{map}");
    let base = super::kubernetes::objects("base");
    let account = &test["spec"]["pod"]["serviceAccountName"];
    let mut accounts = base.iter().filter(|object| object["kind"] == "ServiceAccount");
    assert!(
        accounts.any(|object| object["metadata"]["name"] == *account),
        "{account}"
    );
}
