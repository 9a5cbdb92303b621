//! The pod of the Deployment in `infra/kubernetes/operator`, with the service account and the Role of the same folder.

use super::load_tests::{LoadTests, NAME};
use super::name_of;
use super::shop::RATE;
use crate::infra::kubernetes::objects;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{free_port, http, wait_for};

/// The objects of the folders that a test does not create. The stand-in has no Deployments, and the test has defined the
/// resource already.
const LEFT_OUT: [&str; 2] = ["Deployment", "CustomResourceDefinition"];
const ACCOUNT: &str = "vajra-operator";

/// A namespace in which a user has applied the overlay `volume` and the operator for it.
struct Installed {
    tests: LoadTests,
    template: Value,
    account: std::path::PathBuf,
}

/// A pod of the operator.
struct OperatorPod {
    name: String,
    address: SocketAddr,
    probes: Vec<String>,
}

impl Installed {
    /// `None` on a real cluster.
    fn open() -> Option<Installed> {
        let tests = LoadTests::open()?;
        let cluster = &tests.shop.cluster;
        let rendered = [objects("overlays/volume"), objects("operator/volume")].concat();
        let deployment = rendered.iter().find(|object| object["kind"] == "Deployment").unwrap();
        let template = deployment["spec"]["template"].clone();
        let mut applied = Vec::new();
        for mut object in rendered {
            if LEFT_OUT.iter().any(|kind| object["kind"] == *kind) {
                continue;
            }
            object["metadata"]["namespace"] = cluster.namespace().into();
            for subject in object["subjects"].as_array_mut().into_iter().flatten() {
                subject["namespace"] = cluster.namespace().into();
            }
            if object["kind"] == "ConfigMap" {
                object["data"]["targets"] = "127.0.0.1".into();
            }
            applied.push(object.to_string());
        }
        tests.shop.desk.write("objects.yaml", &applied.join("\n---\n"));
        let path = tests.shop.desk.path("objects.yaml").display().to_string();
        cluster.kubectl(&["apply", "-f", &path]).expect(0, &[]);
        Some(Installed {
            account: cluster.kubeconfig_of(ACCOUNT),
            tests,
            template,
        })
    }

    /// Creates a pod from the template, as the controller of the Deployment does, and waits until it is ready. The
    /// stand-in has no addresses of pods, no tokens in pods and no mounts. So the pod gets a port of its own, a kubeconfig
    /// with the permissions of its service account, and the volume at the path of its folder.
    fn pod(&self) -> OperatorPod {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut spec = self.template["spec"].clone();
        assert_eq!(spec["serviceAccountName"], ACCOUNT);
        spec["volumes"][0]["persistentVolumeClaim"]["claimName"] = Cluster::CLAIM.into();
        let container = &mut spec["containers"][0];
        container["volumeMounts"][0]["mountPath"] = self.tests.shop.store().display().to_string().into();
        let probes = ["livenessProbe", "readinessProbe"].map(|probe| {
            let path = &container[probe]["httpGet"]["path"];
            path.as_str().unwrap().to_owned()
        });
        for argument in container["args"].as_array_mut().unwrap() {
            let text = argument.as_str().unwrap();
            if text.starts_with("--listen=") {
                *argument = format!("--listen={address}").into();
            } else if text.starts_with("--store-claim=") {
                *argument = format!("--store-claim={}", Cluster::CLAIM).into();
            }
        }
        let variables = container["env"].as_array_mut().unwrap();
        variables.push(json!({ "name": "KUBECONFIG", "value": self.account.display().to_string() }));
        let mut metadata = self.template["metadata"].clone();
        metadata["generateName"] = format!("{ACCOUNT}-").into();
        let created = self
            .tests
            .shop
            .cluster
            .create("pods", &json!({ "metadata": metadata, "spec": spec }));
        let pod = OperatorPod {
            name: name_of(&created),
            address,
            probes: probes.to_vec(),
        };
        wait_for("a ready pod", super::PATIENCE, || {
            let answers = |path: &String| http(pod.address, "GET", path).is_ok_and(|answer| answer == "ok\n");
            pod.probes.iter().all(answers).then_some(())
        });
        pod
    }

    /// Creates the load test in the tree, with another scenario, and with the folder of the volume as its store.
    fn create(&self, seconds: u64) {
        let example = objects("examples/load-test");
        let cluster = &self.tests.shop.cluster;
        for mut object in example {
            object["metadata"]["namespace"] = cluster.namespace().into();
            if object["kind"] == "ConfigMap" {
                object["data"]["shop.yaml"] = self.tests.scenario(seconds, "").into();
                cluster.create("configmaps", &object);
                continue;
            }
            object["metadata"]["name"] = NAME.into();
            object["spec"]["store"] = self.tests.shop.store().display().to_string().into();
            cluster.create("loadtests", &object);
        }
    }
}

#[test]
fn the_pod_of_the_deployment_runs_the_example_with_the_permissions_in_the_tree() {
    let Some(installed) = Installed::open() else { return };
    let pod = installed.pod();
    assert_eq!(pod.probes, ["/healthz", "/readyz"]);
    installed.create(3);
    let tests = &installed.tests;
    tests.assert_passed(&tests.wait_until_finished(), 3);
    let metrics = http(pod.address, "GET", "/metrics").unwrap();
    assert!(metrics.contains("vajra_operator_errors_total 0\n"), "{metrics}");
    let log = tests.shop.cluster.log(&pod.name);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stored = |line: &Value| line.to_string().contains("the report is stored");
    assert!(lines.iter().any(stored) && !log.contains("forbidden"), "{log}");
    let workers = tests.shop.cluster.list("pods").into_iter();
    let accounts: Vec<Value> = workers
        .filter(|one| name_of(one) != pod.name)
        .map(|one| one["spec"]["serviceAccountName"].clone())
        .collect();
    assert_eq!(accounts, ["vajra-worker"; 4]);
}

#[test]
fn a_pod_that_is_replaced_leaves_its_run_to_the_next() {
    let Some(installed) = Installed::open() else { return };
    let pod = installed.pod();
    installed.create(6);
    let tests = &installed.tests;
    tests.shop.target.wait_for_more_than(RATE);
    let cluster = &tests.shop.cluster;
    // SIGKILL follows only after the grace period, which is longer than this test waits.
    cluster
        .api()
        .delete(&cluster.path("pods", &pod.name), &json!({}))
        .expect(200);
    tests.shop.wait("the end of the pod", |cluster| {
        cluster.get("pods", &pod.name).is_none().then_some(())
    });
    let before = tests.shop.target.requests();
    assert!(before < RATE * 6, "the run ended before the pod");
    assert_eq!(cluster.list("jobs").len(), 1);
    tests.shop.target.wait_for_more_than(before + RATE);
    let next = installed.pod();
    assert_ne!(next.name, pod.name);
    tests.assert_passed(&tests.wait_until_finished(), 6);
    assert_eq!(tests.event_reasons(), ["Accepted", "Started", "Passed"]);
}
