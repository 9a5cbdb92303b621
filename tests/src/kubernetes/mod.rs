//! A cluster of Kubernetes for tests: a stand-in, or a real cluster.
//!
//! [`Cluster::start`] starts the stand-in: an API server on loopback, the controllers of Jobs and of garbage
//! collection, and a node whose kubelet starts a real process for each container. If `VAJRA_TEST_KUBECONFIG` names a
//! kubeconfig, the same tests run on the cluster of its current context. Tests access both kinds of clusters through
//! [`Cluster::kubeconfig`]. The functions of [`Cluster::stand_in`] exist only in the stand-in, and a test that needs
//! these functions prints SKIPPED on a real cluster.
//!
//! # What the product depends on
//!
//! Each line names a behaviour of real servers (Kubernetes 1.33 and later) that the stand-in also has. The second
//! column names the file, in `tests/tests/it/kubernetes` or in this folder, whose tests check this behaviour.
//!
//! | behaviour | checked by |
//! | --- | --- |
//! | errors are `Status` objects with the real codes, reasons and messages | `stand_in_objects` |
//! | one growing resourceVersion; an update of an old version fails with 409 | `stand_in_objects` |
//! | a write that changes nothing does not change the resourceVersion | `stand_in_objects` |
//! | uid, creationTimestamp, generateName; a generation that counts changes of the spec | `stand_in_objects` |
//! | lists with label and field selectors, limit and continue | `stand_in_objects` |
//! | finalizers delay a deletion; owners, and the three propagation policies; a Job orphans by default | `stand_in_deletion` |
//! | watches from a resourceVersion, with selectors, bookmarks, initial events, timeout, 410 | `stand_in_watches` |
//! | server-side apply: conflicts, force, removal, list items by key, managed fields | `stand_in_apply`, `apply.rs` |
//! | CustomResourceDefinitions: pruning, defaults, validation, rules on the old value, status subresource | `stand_in_custom`, `schema.rs`, `cel.rs` |
//! | RBAC of service accounts, SelfSubjectAccessReview, the message of a 403 | `stand_in_access`, `access.rs` |
//! | Jobs: indexes, failure policy, backoff, replacement, suspend, deadline, TTL, conditions | `stand_in_jobs`, `jobs.rs` |
//! | pods: environment, volumes, exit codes, SIGTERM and SIGKILL, logs | `stand_in_pods`, `containers.rs` |
//! | eviction and PodDisruptionBudgets, quotas, unschedulable pods, missing images | `stand_in_pods`, `stand_in_faults` |
//! | kubectl apply, get, describe, wait, logs, annotate, delete, api-resources | `stand_in_kubectl` |
//!
//! # Where the stand-in differs
//!
//! - The first replacement of a failed pod is created after `Settings::backoff` (1 s), and not after 10 s. This pause
//!   doubles with each failure. For pods without an index, and for pods that cannot be created, the pause does not
//!   grow.
//! - If an object has changed, a bookmark is sent each second, and not each minute.
//! - A mount is a folder. The path of this folder replaces the mount path in arguments, in the environment and in the
//!   working directory (`containers.rs`). `projected`, `downwardAPI` and CSI volumes do not exist, so a pod has no
//!   service account token.
//! - A container is a process without any isolation: security context, resources and probes have no effect. A container
//!   is ready as soon as it runs, and is never restarted. Init containers are not run. Every image contains the program
//!   under test.
//! - All pods have the address 127.0.0.1. Images from registries in the domain `.invalid` cannot be pulled.
//! - Objects of built-in kinds are not checked for unknown fields. Jobs are validated only in the parts that the
//!   product uses. Unsupported rules of CEL are refused when a CustomResourceDefinition is created.
//! - A strategic merge patch with lists fails with 415. All bodies must be JSON, including the bodies of apply patches.
//!   So `kubectl auth can-i` fails, because this command sends protobuf.
//! - A continued list contains the newest objects, and not the objects at the resourceVersion of its first page.
//! - kubectl sends no tokens over plain HTTP. So each kubeconfig has its own port, and the port determines the user of
//!   a request without a token. An unknown token fails with 401.
//! - There are no Deployments, Services, LimitRanges, admission webhooks or CRD versions that need conversion.

mod access;
mod admission;
mod apply;
mod call;
mod cel;
mod client;
mod conditions;
mod containers;
mod controllers;
mod discovery;
mod events;
mod failure;
mod faults;
mod fields;
mod job_rules;
mod jobs;
mod kubelet;
mod patch;
mod quotas;
mod recording;
mod resources;
mod schema;
mod selectors;
mod server;
mod stand_in;
mod storage;
mod subresources;
mod table;
mod watches;
mod writes;

pub use client::{Api, Reply, Watch};
pub use faults::{PodFate, Reply as OrderedReply, Starting};
pub use stand_in::{Seen, Settings, StandIn};

use crate::machine::{Process, Ran, tool, wait_for};
use serde_json::{Value, json};
use stand_in::Shared;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The environment variable that contains the path of the kubeconfig of a real cluster.
const REAL: &str = "VAJRA_TEST_KUBECONFIG";
/// The environment variable that contains the name of the image for a real cluster. The entry point of this image must
/// be the program.
const REAL_IMAGE: &str = "VAJRA_TEST_IMAGE";
/// The pause before the first replacement of a failed pod.
const BACKOFF: Duration = Duration::from_secs(1);

/// A cluster, with a separate namespace for the test.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    folder: TempDir,
    kubeconfig: PathBuf,
    namespace: String,
    api: Api,
}

#[derive(Debug)]
enum Place {
    StandIn(StandIn),
    /// A real cluster, which tests access through `kubectl proxy`.
    Real {
        _proxy: Process,
    },
}

/// The resources that tests use, each with the API path of the resource.
const PATHS: [(&str, &str); 16] = [
    ("pods", "/api/v1"),
    ("configmaps", "/api/v1"),
    ("persistentvolumeclaims", "/api/v1"),
    ("secrets", "/api/v1"),
    ("serviceaccounts", "/api/v1"),
    ("events", "/api/v1"),
    ("resourcequotas", "/api/v1"),
    ("jobs", "/apis/batch/v1"),
    ("poddisruptionbudgets", "/apis/policy/v1"),
    ("leases", "/apis/coordination.k8s.io/v1"),
    ("roles", "/apis/rbac.authorization.k8s.io/v1"),
    ("rolebindings", "/apis/rbac.authorization.k8s.io/v1"),
    ("networkpolicies", "/apis/networking.k8s.io/v1"),
    ("loadtests", "/apis/vajra-cloud.io/v1alpha1"),
    ("things", "/apis/example.test/v1"),
    ("widgets", "/apis/example.test/v1"),
];

impl Cluster {
    /// The name of the claim for the volume of the store.
    pub const CLAIM: &str = "runs";

    /// Starts a stand-in whose containers run `program` as `vajra-cloud`, or connects to the real cluster of
    /// `VAJRA_TEST_KUBECONFIG`.
    pub fn start(program: &Path) -> Cluster {
        let program = program.to_owned();
        Cluster::start_with(Settings {
            program,
            backoff: BACKOFF,
        })
    }

    /// Starts a stand-in with these settings, or connects to the real cluster, which ignores the settings.
    pub fn start_with(settings: Settings) -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        let namespace = format!("vajra-test-{}", storage::suffix());
        let (place, api) = match std::env::var_os(REAL) {
            Some(real) => connect(Path::new(&real), &kubeconfig, &namespace),
            None => {
                let stand_in = StandIn::start(settings);
                let token = access::ADMINISTRATOR;
                let server = format!("http://{}", stand_in.address());
                std::fs::write(&kubeconfig, kubeconfig_text(&server, token, &namespace)).unwrap();
                let api = Api {
                    address: stand_in.address(),
                    token: Some(token.to_owned()),
                };
                (Place::StandIn(stand_in), api)
            }
        };
        let body = json!({"metadata": {"name": namespace}});
        api.post("/api/v1/namespaces", &body).expect(201);
        Cluster {
            place,
            folder,
            kubeconfig,
            namespace,
            api,
        }
    }

    /// Starts a stand-in whose pods may send requests to loopback addresses. The claim [`Cluster::CLAIM`] is a volume
    /// for the store. Returns `None` on a real cluster, because the test cannot access a volume of a real cluster.
    pub fn with_volume(program: &Path) -> Option<Cluster> {
        let cluster = Cluster::start(program);
        cluster.stand_in()?;
        let allowed = json!({"metadata": {"name": "vajra-cloud-allow"}, "data": {"targets": "127.0.0.1"}});
        cluster.create("configmaps", &allowed);
        let claim = json!({"metadata": {"name": Cluster::CLAIM}, "spec": {"accessModes": ["ReadWriteMany"]}});
        cluster.create("persistentvolumeclaims", &claim);
        Some(cluster)
    }

    /// Returns the folder of the volume for the store.
    pub fn volume(&self) -> PathBuf {
        self.stand_in().unwrap().claim_folder(&self.namespace, Cluster::CLAIM)
    }

    /// Returns the path of a kubeconfig whose current context is this cluster and the namespace of the test. The user
    /// of this kubeconfig may perform every action.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig.clone()
    }

    /// Returns the path of a kubeconfig for a service account of the namespace. The service account must exist.
    pub fn kubeconfig_of(&self, service_account: &str) -> PathBuf {
        let path = self.path("serviceaccounts", &format!("{service_account}/token"));
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let answer = self.api.post(&path, &request).expect(201);
        let token = answer["status"]["token"].as_str().unwrap();
        let path = self.folder.path().join(format!("kubeconfig-{service_account}"));
        match &self.place {
            Place::StandIn(stand_in) => {
                let server = format!("http://{}", stand_in.open(token));
                std::fs::write(&path, kubeconfig_text(&server, token, &self.namespace)).unwrap();
            }
            Place::Real { .. } => {
                std::fs::copy(&self.kubeconfig, &path).unwrap();
                kubectl(&path, &["config", "set-credentials", "account", "--token", token]).expect(0, &[]);
                kubectl(&path, &["config", "set-context", "--current", "--user", "account"]).expect(0, &[]);
            }
        }
        path
    }

    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns the image whose entry point is the program.
    pub fn image(&self) -> String {
        std::env::var(REAL_IMAGE).unwrap_or_else(|_| "vajra-cloud:test".to_owned())
    }

    /// Returns a client of the API with the permissions of the administrator.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Returns the stand-in, which can order faults. On a real cluster, prints that the test is skipped.
    pub fn stand_in(&self) -> Option<&StandIn> {
        match &self.place {
            Place::StandIn(stand_in) => Some(stand_in),
            Place::Real { .. } => {
                // The text is not printed with a macro, because the output of such macros is shown only for failed
                // tests.
                let mut stderr = std::io::stderr();
                writeln!(stderr, "SKIPPED: a real cluster does not take orders for faults").unwrap();
                None
            }
        }
    }

    /// Runs kubectl with the kubeconfig of the administrator.
    pub fn kubectl(&self, args: &[&str]) -> Ran {
        kubectl(&self.kubeconfig, args)
    }

    /// Returns the API path of an object in the namespace of the test. If the name is empty, returns the path of all
    /// objects of the resource.
    pub fn path(&self, plural: &str, name: &str) -> String {
        let (_, prefix) = PATHS.iter().find(|(one, _)| *one == plural).unwrap();
        let path = format!("{prefix}/namespaces/{}/{plural}/{name}", self.namespace);
        path.trim_end_matches('/').to_owned()
    }

    pub fn create(&self, plural: &str, object: &Value) -> Value {
        self.api.post(&self.path(plural, ""), object).expect(201)
    }

    /// Returns an object of the namespace; `None` if the object does not exist.
    pub fn get(&self, plural: &str, name: &str) -> Option<Value> {
        let reply = self.api.get(&self.path(plural, name));
        (reply.status != 404).then(|| reply.expect(200))
    }

    /// Returns all objects of a resource in the namespace.
    pub fn list(&self, plural: &str) -> Vec<Value> {
        let list = self.api.get(&self.path(plural, "")).expect(200);
        list["items"].as_array().unwrap().clone()
    }

    /// Calls `done` repeatedly until `done` returns a value, and returns this value. Panics if `done` returns no value
    /// within the time `patience`.
    pub fn wait_until<T>(&self, what: &str, patience: Duration, done: impl Fn(&Cluster) -> Option<T>) -> T {
        wait_for(what, patience, || done(self))
    }

    /// Returns the output of a pod.
    pub fn log(&self, pod: &str) -> String {
        self.api.get(&self.path("pods", &format!("{pod}/log"))).text
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Place::Real { .. } = &self.place {
            // The test already has its result, so a failed cleanup does not fail the test.
            let path = format!("/api/v1/namespaces/{}", self.namespace);
            let _ = self.api.try_send("DELETE", &path, "", &Value::Null);
        }
    }
}

fn kubectl(kubeconfig: &Path, args: &[&str]) -> Ran {
    let output = Command::new(tool("kubectl"))
        .args(args)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", kubeconfig.parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran::new(&output)
}

fn kubeconfig_text(server: &str, token: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters: [{{ name: test, cluster: {{ server: \"{server}\" }} }}]\n\
         users: [{{ name: test, user: {{ token: \"{token}\" }} }}]\n\
         contexts: [{{ name: test, context: {{ cluster: test, user: test, namespace: {namespace} }} }}]\n"
    )
}

/// Copies the current context of a real cluster's kubeconfig, and starts a proxy that authenticates the requests of the
/// test.
fn connect(real: &Path, kubeconfig: &Path, namespace: &str) -> (Place, Api) {
    let view = kubectl(real, &["config", "view", "--flatten", "--minify", "--raw"]).expect(0, &[]);
    std::fs::write(kubeconfig, view.stdout).unwrap();
    kubectl(
        kubeconfig,
        &["config", "set-context", "--current", "--namespace", namespace],
    )
    .expect(0, &[]);
    let mut proxy = Command::new(tool("kubectl"))
        .args(["proxy", "--port", "0"])
        .env("KUBECONFIG", kubeconfig)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(proxy.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
    let place = Place::Real { _proxy: Process(proxy) };
    (place, Api { address, token: None })
}
