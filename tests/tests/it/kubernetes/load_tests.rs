//! A shop with a cluster in which load tests are resources. An operator in a separate process runs these load tests.

use super::shop::{RATE, Shop};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{Running, free_port, http, program, wait_for};

/// The name of the load test that the tests create.
pub(super) const NAME: &str = "checkout";
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

pub(super) struct LoadTests {
    pub(super) shop: Shop,
}

/// A running operator. The process of the operator ends when this value is dropped.
pub(super) struct Operator {
    pub(super) process: Running,
    pub(super) address: SocketAddr,
}

impl Operator {
    pub(super) fn get(&self, path: &str) -> String {
        http(self.address, "GET", path).unwrap_or_default()
    }

    /// Kills the operator, so that the operator cannot clean up.
    pub(super) fn kill(self) {
        self.process.signal("KILL");
        self.process.finish();
    }
}

impl LoadTests {
    /// Returns a shop in whose cluster the kind `LoadTest` is defined. Returns `None` on a real cluster.
    pub(super) fn open() -> Option<LoadTests> {
        LoadTests::open_with(program())
    }

    /// Returns a shop whose operator and pods run `program`.
    pub(super) fn open_with(program: &Path) -> Option<LoadTests> {
        let shop = Shop::open_with(program)?;
        let definition = run::operator::crd::definition();
        shop.cluster.api().post(DEFINITIONS, &definition).expect(201);
        shop.wait("the definition", |cluster| {
            let served = cluster.api().get(&cluster.path("loadtests", "")).status == 200;
            served.then_some(())
        });
        Some(LoadTests { shop })
    }

    /// Starts an operator that uses no Lease. Without a Lease, the next operator does not wait until the Lease expires.
    pub(super) fn operator(&self) -> Operator {
        self.operator_with(&["--no-lease"])
    }

    pub(super) fn operator_with(&self, options: &[&str]) -> Operator {
        let operator = self.unready_operator(options);
        wait_for("a ready operator", super::PATIENCE, || {
            (operator.get("/readyz") == "ok\n").then_some(())
        });
        operator
    }

    /// Starts an operator, and does not wait until it has reached the cluster.
    pub(super) fn unready_operator(&self, options: &[&str]) -> Operator {
        let claim = ["--store-claim", Cluster::CLAIM];
        self.operator_by(&[&claim, options].concat(), |_| {})
    }

    /// Starts an operator whose command `change` has changed. Does not wait until the operator has reached the cluster.
    pub(super) fn operator_by(&self, options: &[&str], change: impl FnOnce(&mut Command)) -> Operator {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let image = self.shop.cluster.image();
        let listen = address.to_string();
        let fixed = ["operator", "--image", &image, "--listen", &listen];
        let args = [&fixed[..], &["--log", "json:debug"], options].concat();
        let mut command = self.shop.in_cluster(&args);
        change(&mut command);
        let process = Running::start(&mut command);
        Operator { process, address }
    }

    pub(super) fn scenario(&self, seconds: u64, more: &str) -> String {
        format!(
            "name: shop\ntarget: {}\nload: {{ constant: {{ rate: {RATE}/s, duration: {seconds}s }} }}\n\
             requests: [ {{ name: home, url: /home, timeout: 2s }} ]\nlimits: {{ max_wait: 2s }}\n{more}",
            self.shop.target.url()
        )
    }

    /// Creates the load test with an inline scenario. The members of `changes` replace members of its spec.
    pub(super) fn create(&self, scenario: &str, changes: &Value) -> Value {
        let store = self.shop.store().display().to_string();
        let mut spec = json!({ "scenario": { "inline": scenario }, "store": store, "workers": 4 });
        for (key, value) in changes.as_object().unwrap() {
            spec[key] = value.clone();
        }
        self.shop.cluster.create(
            "loadtests",
            &json!({
                "apiVersion": "vajra-cloud.io/v1alpha1", "kind": "LoadTest",
                "metadata": { "name": NAME }, "spec": spec,
            }),
        )
    }

    pub(super) fn get(&self) -> Value {
        self.shop.cluster.get("loadtests", NAME).unwrap_or_default()
    }

    /// Waits with kubectl until the load test has finished, as a user does. Returns the load test.
    pub(super) fn wait_until_finished(&self) -> Value {
        let wait = ["wait", "--for=condition=Finished", "loadtest/checkout", "--timeout=40s"];
        self.shop.cluster.kubectl(&wait).expect(0, &[]);
        let test = self.get();
        // The operator sends the Event after it has written the status.
        self.shop.wait("the last Event", |_| {
            let reasons = self.event_reasons();
            (reasons.last().map(String::as_str) == test["status"]["phase"].as_str()).then_some(())
        });
        test
    }

    /// Waits until the load test is in a phase.
    pub(super) fn wait_for_phase(&self, phase: &str) {
        self.shop.wait(&format!("the phase {phase}"), |cluster| {
            (cluster.get("loadtests", NAME)?["status"]["phase"] == phase).then_some(())
        });
    }

    /// Merges a change into the load test.
    pub(super) fn merge(&self, change: &Value) -> whole_runs::kubernetes::Reply {
        let cluster = &self.shop.cluster;
        cluster.api().merge(&cluster.path("loadtests", NAME), change)
    }

    /// Returns the reasons of the Events of the load test, in the order of the Events.
    pub(super) fn event_reasons(&self) -> Vec<String> {
        let mut events = self.shop.cluster.list("events");
        events.retain(|event| event["involvedObject"]["kind"] == "LoadTest");
        events.sort_by_key(|event| {
            let version = event["metadata"]["resourceVersion"].as_str().unwrap();
            version.parse::<u64>().unwrap()
        });
        let reasons = events.iter().map(|event| event["reason"].as_str().unwrap().to_owned());
        reasons.collect()
    }

    /// Asserts that the load test has passed. Also asserts that every arrival of a load of `seconds` seconds was sent
    /// and counted once.
    #[track_caller]
    pub(super) fn assert_passed(&self, test: &Value, seconds: u64) {
        let status = &test["status"];
        assert_eq!(status["phase"], "Passed", "{status}");
        let sent = RATE * seconds;
        let arrivals = json!({ "planned": sent, "sent": sent, "dropped": 0, "missing": 0 });
        assert_eq!(status["arrivals"], arrivals, "{status}");
        assert_eq!(status["workers"], json!({ "planned": 4, "in": 4, "missing": 0 }));
        assert_eq!(self.shop.target.requests(), sent, "the count of the target differs");
        assert_eq!(self.shop.cluster.list("jobs").len(), 1);
        assert_eq!(self.runs(), [status["run"].as_str().unwrap()]);
    }

    /// Returns the names of the runs in the store.
    pub(super) fn runs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.shop.store().join("runs")).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Returns the stored report of the only run.
    pub(super) fn report(&self) -> Value {
        let run = self.runs().pop().unwrap();
        let path = self.shop.store().join("runs").join(run).join("report.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }
}

/// Returns the status, the reason and the message of a condition of a load test.
pub(super) fn condition(test: &Value, kind: &str) -> (String, String, String) {
    let conditions = test["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let found = conditions.iter().find(|condition| condition["type"] == kind);
    let found = found.unwrap_or_else(|| panic!("no condition {kind}: {test}"));
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("status"), text("reason"), text("message"))
}

/// Returns the CustomResourceDefinition of the load tests as the program prints it.
pub(super) fn printed_definition() -> String {
    let output = std::process::Command::new(program())
        .args(["kubernetes", "crd"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
