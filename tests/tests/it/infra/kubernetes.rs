//! Tests of the objects in `infra/kubernetes`. Kubernetes accepts the objects, and a scanner finds no problem in them.
//! The Helm chart renders the same objects. The names in the objects are the names that the fleet uses.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use whole_runs::machine::{Desk, Ran, installed, root, tool};

/// The folders of objects that users apply.
const FOLDERS: [&str; 14] = [
    "base",
    "overlays/namespace",
    "overlays/s3-irsa",
    "overlays/s3-pod-identity",
    "overlays/store-server",
    "overlays/volume",
    "operator/base",
    "operator/s3-irsa",
    "operator/s3-pod-identity",
    "operator/volume",
    "examples/load-test",
    "examples/nightly",
    "examples/nightly-volume",
    "examples/once",
];
/// The values files of the Helm chart, each with the folders that contain the same objects. `None` stands for the
/// default values of the chart.
const CHARTS: [(Option<&str>, &[&str]); 4] = [
    (None, &["base"]),
    (
        Some("chart/ci/s3-irsa-values.yaml"),
        &["overlays/s3-irsa", "operator/s3-irsa", "examples/nightly"],
    ),
    (
        Some("chart/ci/s3-pod-identity-values.yaml"),
        &[
            "overlays/s3-pod-identity",
            "operator/s3-pod-identity",
            "examples/nightly",
        ],
    ),
    (
        Some("chart/ci/volume-values.yaml"),
        &["overlays/volume", "operator/volume", "examples/nightly-volume"],
    ),
];
/// The versions of Kubernetes for which the objects must be valid.
const VERSIONS: [&str; 3] = ["1.33", "1.35", "1.37"];
/// The checks of the scanner that the tests skip, each with the reason.
const SKIPPED: [(&str, &str); 2] = [
    (
        "CKV_K8S_11",
        "a CPU limit would delay the launcher or the operator while it starts a run and follows its workers",
    ),
    (
        "CKV_K8S_38",
        "a launcher and the operator need the token of their service account to create the Job of the workers",
    ),
];

fn folder(name: &str) -> PathBuf {
    root().join("infra/kubernetes").join(name)
}

/// Renders the objects of a folder with kustomize as YAML.
fn rendered(name: &str) -> String {
    let output = Command::new(tool("kubectl"))
        .arg("kustomize")
        .arg(folder(name))
        .output()
        .unwrap();
    Ran::new(&output).expect(0, &[]).stdout
}

fn python(arguments: &[&str], input: &str) -> Ran {
    let mut process = Command::new(installed("checkov/bin/python"))
        .arg(root().join("tests/kubernetes_objects.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::new(&process.wait_with_output().unwrap())
}

fn documents(yaml: &str) -> Vec<Value> {
    let ran = python(&["documents"], yaml).expect(0, &[]);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Returns the objects of a folder, as kustomize renders them.
pub(crate) fn objects(name: &str) -> Vec<Value> {
    documents(&rendered(name))
}

/// Returns the objects of all folders that users apply.
fn all_objects() -> Vec<Value> {
    FOLDERS.iter().flat_map(|name| objects(name)).collect()
}

/// Runs the linter on the Helm chart, and renders the chart with the file `values`. The output contains the findings of
/// the linter and the rendered objects.
pub(super) fn chart(values: Option<&Path>) -> Ran {
    let chart = folder("chart");
    let mut arguments = vec!["chart", chart.to_str().unwrap()];
    arguments.extend(values.map(|values| values.to_str().unwrap()));
    python(&arguments, "")
}

/// Returns the objects by kind and name. Lists whose order has no meaning are sorted, so that objects can be compared.
fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    for mut object in objects {
        if let Some(pod) = pod_mut(&mut object) {
            sort_by_name(&mut pod["volumes"]);
            for container in pod["containers"].as_array_mut().unwrap() {
                for list in ["env", "volumeMounts"] {
                    sort_by_name(&mut container[list]);
                }
            }
        }
        let name = format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]));
        let twice = found.insert(name.clone(), object);
        assert!(twice.is_none(), "{name} appears twice");
    }
    found
}

fn sort_by_name(list: &mut Value) {
    let Some(list) = list.as_array_mut() else { return };
    list.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
}

/// Returns the JSON pointer of the pod in an object; `None` if the object contains no pod.
fn pod_path(object: &Value) -> Option<&'static str> {
    match object["kind"].as_str() {
        Some("Job" | "Deployment") => Some("/spec/template/spec"),
        Some("CronJob") => Some("/spec/jobTemplate/spec/template/spec"),
        _ => None,
    }
}

fn pod_mut(object: &mut Value) -> Option<&mut Value> {
    let path = pod_path(object)?;
    object.pointer_mut(path)
}

/// Returns the pods of all folders, each with the kind of its object.
fn pods() -> Vec<(String, Value)> {
    let objects = all_objects().into_iter();
    let pods: Vec<_> = objects
        .filter_map(|object| Some((object["kind"].to_string(), object.pointer(pod_path(&object)?)?.clone())))
        .collect();
    assert_eq!(pods.len(), 8, "{pods:#?}");
    pods
}

/// Returns the pods of launchers.
fn launchers() -> Vec<(String, Value)> {
    let mut pods = pods();
    pods.retain(|(kind, _)| !kind.contains("Deployment"));
    assert_eq!(pods.len(), 3, "{pods:#?}");
    pods
}

fn validate(yaml: &str, version: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("objects.yaml");
    std::fs::write(&path, yaml).unwrap();
    let output = Command::new(tool("kubernetes-validate"))
        .args(["--strict", "-k", version])
        .arg(&path)
        .output()
        .unwrap();
    Ran::new(&output)
}

#[test]
fn every_folder_renders_valid_objects() {
    for name in FOLDERS {
        let yaml = rendered(name);
        for version in VERSIONS {
            let ran = validate(&yaml, version);
            assert_eq!(ran.code, Some(0), "{name} {version}: {}{}", ran.stdout, ran.stderr);
        }
    }
    let wrong = rendered("examples/once").replace("backoffLimit:", "backofLimit:");
    assert_ne!(
        validate(&wrong, VERSIONS[0]).code,
        Some(0),
        "an unknown field was accepted"
    );
}

#[test]
fn the_chart_renders_the_objects_of_the_folders() {
    for (values, folders) in CHARTS {
        let ran = chart(values.map(folder).as_deref()).expect(0, &[]);
        let result: Value = serde_json::from_str(&ran.stdout).unwrap();
        // A message with severity 1 is only a note, such as the note that a chart may have an icon.
        let messages = result["messages"].as_array().unwrap();
        let problems: Vec<_> = messages.iter().filter(|message| message["severity"] != 1).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        let mut of_chart = by_name(result["objects"].as_array().unwrap().clone());
        for (name, object) in &mut of_chart {
            // Only Helm needs this annotation, so that it keeps the definition and all load tests of the cluster.
            let annotations = object["metadata"].get_mut("annotations").and_then(Value::as_object_mut);
            let policy = annotations.and_then(|all| all.remove("helm.sh/resource-policy"));
            let is_definition = name.starts_with("CustomResourceDefinition ");
            assert_eq!(policy, is_definition.then(|| json!("keep")), "{name}");
            if is_definition {
                object["metadata"].as_object_mut().unwrap().remove("annotations");
            }
        }
        let of_folders = by_name(folders.iter().flat_map(|name| objects(name)).collect());
        let names: BTreeSet<_> = of_chart.keys().chain(of_folders.keys()).collect();
        for name in names {
            assert_eq!(of_chart.get(name), of_folders.get(name), "{values:?}: {name}");
        }
    }
}

#[test]
fn values_of_the_chart_that_are_not_valid_are_refused() {
    let check = |values: &str, words: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.yaml");
        std::fs::write(&path, values).unwrap();
        chart(Some(&path)).expect(1, words);
    };
    check("alow: [shop.example.com]\n", &["alow"]);
    check(
        "nightly: { enabled: true, image: 'registry.example.com/vajra-cloud:latest', store: 's3://a', scenarios: { a: b } }\n",
        &["/nightly/image"],
    );
    check(
        "nightly: { enabled: true }\n",
        &["/nightly/image", "/nightly/store", "/nightly/scenarios"],
    );
    check("operator: { enabled: true }\n", &["/operator/image"]);
}

#[test]
fn the_chart_has_the_version_of_the_program() {
    let text = std::fs::read_to_string(folder("chart/Chart.yaml")).unwrap();
    let chart = &documents(&text)[0];
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"));
}

fn scan(yaml: &str, skipped: &[&str]) -> Value {
    // The scanner does not read folders whose names begin with a dot.
    let folder = tempfile::Builder::new().prefix("objects").tempdir().unwrap();
    std::fs::write(folder.path().join("objects.yaml"), yaml).unwrap();
    let mut command = Command::new(installed("checkov/bin/checkov"));
    for id in skipped {
        command.args(["--skip-check", id]);
    }
    let output = command
        .args(["--framework", "kubernetes", "--skip-download", "--compact"])
        .args(["--output", "json", "--directory"])
        .arg(folder.path())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Returns the failed checks of a scan, such as `CKV_K8S_11 CronJob.load.vajra-nightly`.
fn failed(report: &Value) -> BTreeSet<String> {
    let checks = report["results"]["failed_checks"].as_array().unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    checks
        .iter()
        .map(|check| format!("{} {}", text(check, "check_id"), text(check, "resource")))
        .collect()
}

#[test]
fn the_scanner_finds_no_unexplained_problems_in_the_objects() {
    let yaml = [
        "overlays/namespace",
        "overlays/s3-pod-identity",
        "operator/s3-pod-identity",
        "overlays/store-server",
        "examples/nightly",
        "examples/once",
    ]
    .map(rendered)
    .join("---\n");
    let skipped = SKIPPED.map(|(id, _)| id);
    let report = scan(&yaml, &skipped);
    assert_eq!(failed(&report), BTreeSet::new());
    assert_eq!(report["results"]["parsing_errors"], json!([]));
    let passed = report["results"]["passed_checks"].as_array().unwrap().len();
    assert!(passed > 100, "only {passed} checks");
    // Each check in the list fails if it is not skipped. A check that passes must not be in the list.
    let without = failed(&scan(&yaml, &[]));
    for (id, _) in SKIPPED {
        assert!(
            without.iter().any(|check| check.starts_with(&format!("{id} "))),
            "{id} need not be skipped"
        );
    }
    let privileged = yaml.replace("allowPrivilegeEscalation: false", "privileged: true");
    assert!(!failed(&scan(&privileged, &skipped)).is_empty());
}

#[test]
fn pods_keep_the_restricted_profile_and_run_images_by_digest() {
    for (kind, pod) in pods() {
        let security = &pod["securityContext"];
        assert_eq!(security["runAsNonRoot"], true, "{kind}");
        assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault", "{kind}");
        for container in pod["containers"].as_array().unwrap() {
            let expected = json!({
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] },
            });
            assert_eq!(container["securityContext"], expected, "{kind}");
            let image = container["image"].as_str().unwrap();
            let digest = image.split_once("@sha256:").map(|(_, digest)| digest.len());
            assert_eq!(digest, Some(64), "{kind}: {image}");
            // The store server starts no workers.
            if container["args"][0] == "store" {
                continue;
            }
            // The workers must run the same image as the launcher and the operator.
            let variables = container["env"].as_array().unwrap();
            let for_workers = variables.iter().find(|variable| variable["name"] == "VAJRA_IMAGE");
            assert_eq!(for_workers.unwrap()["value"], image, "{kind}");
        }
    }
}

#[test]
fn the_store_server_starts_with_existing_options_and_is_reached_by_workers() {
    let objects = by_name(objects("overlays/store-server"));
    let deployment = &objects["Deployment vajra-store"]["spec"];
    assert_eq!(
        (&deployment["replicas"], &deployment["strategy"]["type"]),
        (&json!(1), &json!("Recreate"))
    );
    let pod = &deployment["template"]["spec"];
    let container = &pod["containers"][0];
    let mut arguments: Vec<&str> = container["args"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    assert_eq!(arguments[..2], ["store", "serve"]);
    arguments.push("--help");
    Desk::new().run(&arguments).expect(0, &[]);
    for probe in ["readinessProbe", "livenessProbe"] {
        let expected = json!({ "path": "/-/healthz", "port": "https", "scheme": "HTTPS" });
        assert_eq!(container[probe]["httpGet"], expected);
    }
    // The grace period is longer than the time in which the server finishes its requests.
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() > 25);
    assert_eq!(
        objects["PersistentVolumeClaim vajra-store"]["spec"]["accessModes"],
        json!(["ReadWriteOnce"])
    );
    let labels = &deployment["template"]["metadata"]["labels"];
    assert_eq!(&objects["Service vajra-store"]["spec"]["selector"], labels);
    let egress = objects["NetworkPolicy vajra-worker"]["spec"]["egress"]
        .as_array()
        .unwrap();
    let to_server = egress
        .iter()
        .find(|rule| &rule["to"][0]["podSelector"]["matchLabels"] == labels);
    assert_eq!(
        to_server.unwrap()["ports"],
        json!([{ "protocol": "TCP", "port": 9000 }])
    );
    assert_eq!(objects["NetworkPolicy vajra-store"]["spec"]["egress"], json!([]));
}

#[test]
fn the_launchers_run_a_valid_scenario_with_existing_options() {
    let desk = Desk::new();
    let scenario = folder("examples/scenario/shop.yaml");
    desk.run(&["check", scenario.to_str().unwrap()]).expect(0, &[]);
    for (kind, pod) in launchers() {
        let arguments = pod["containers"][0]["args"].as_array().unwrap();
        let mut arguments: Vec<&str> = arguments.iter().map(|argument| argument.as_str().unwrap()).collect();
        assert_eq!(arguments[..2], ["launch", "/scenarios/shop.yaml"], "{kind}");
        // With `--help`, the command parses the other options and does nothing else.
        arguments.push("--help");
        desk.run(&arguments).expect(0, &[]);
    }
}

#[test]
fn a_worker_may_do_nothing_in_the_cluster() {
    for object in all_objects() {
        match object["kind"].as_str().unwrap() {
            "ServiceAccount" => assert_eq!(object["automountServiceAccountToken"], false, "{object}"),
            "RoleBinding" => {
                let name = &object["metadata"]["name"];
                assert!(name == "vajra-launcher" || name == "vajra-operator", "{object}");
                let expected = json!([{ "kind": "ServiceAccount", "name": name, "namespace": "load" }]);
                assert_eq!(object["subjects"], expected);
            }
            "ClusterRole" | "ClusterRoleBinding" => panic!("{object}"),
            _ => {}
        }
    }
    for (kind, pod) in pods() {
        assert_ne!(pod["serviceAccountName"], "vajra-worker", "{kind}");
    }
    for (kind, pod) in launchers() {
        assert_eq!(pod["serviceAccountName"], "vajra-launcher", "{kind}");
    }
}

#[test]
fn the_allow_list_of_the_base_is_empty() {
    let base = by_name(objects("base"));
    assert_eq!(base["ConfigMap vajra-cloud-allow"]["data"], json!({ "targets": "" }));
}

#[test]
fn the_objects_use_the_names_of_the_pods_that_the_fleet_creates() {
    let path = root().join("tests/fixtures/kubernetes/objects.yaml");
    let printed = documents(&std::fs::read_to_string(path).unwrap());
    let job = printed.iter().find(|object| object["kind"] == "Job").unwrap();
    let template = &job["spec"]["template"];
    let labels = template["metadata"]["labels"].as_object().unwrap();
    let environment = template["spec"]["containers"][0]["env"].as_array().unwrap();
    let allow = environment
        .iter()
        .find(|variable| variable["name"] == "VAJRA_ALLOW")
        .unwrap();
    let allow = &allow["valueFrom"]["configMapKeyRef"];

    let base = by_name(objects("base"));
    let list = &base[&format!("ConfigMap {}", allow["name"].as_str().unwrap())];
    assert!(list["data"].get(allow["key"].as_str().unwrap()).is_some(), "{list}");
    let selector = &base["NetworkPolicy vajra-worker"]["spec"]["podSelector"]["matchExpressions"][0];
    assert_eq!(selector["operator"], "Exists");
    assert!(labels.contains_key(selector["key"].as_str().unwrap()), "{labels:?}");
    // The NetworkPolicies of launchers and of the operator must not select workers.
    let operator = by_name(objects("operator/base"));
    for policy in [
        &base["NetworkPolicy vajra-launcher"],
        &operator["NetworkPolicy vajra-operator"],
    ] {
        let wanted = &policy["spec"]["podSelector"]["matchLabels"];
        let mut wanted = wanted.as_object().unwrap().iter();
        assert!(!wanted.all(|(key, value)| labels.get(key) == Some(value)), "{policy}");
    }
}
