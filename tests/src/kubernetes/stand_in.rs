//! The running stand-in: its server, its controllers and its kubelet, and the faults that a test orders.

use super::access::{ADMINISTRATOR, User};
use super::call::Target;
use super::faults::{self, Orders, PodFate, Starting};
use super::kubelet::{self, Instruction, Log, Seats};
use super::storage::{Key, Storage, suffix};
use super::{controllers, server, writes};
use crate::serving;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The settings of a stand-in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program that containers run as `vajra-cloud`.
    pub program: PathBuf,
    /// The pause before the first replacement of a failed pod. The pause doubles with each failure. In a real cluster,
    /// the first pause is 10 s.
    pub backoff: Duration,
}

/// A request that the server has received.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The RBAC verb of the request, such as `list`.
    pub verb: String,
    /// The plural name of the resource, with the subresource, such as `jobs/status`.
    pub resource: String,
    pub user: String,
}

impl Seen {
    pub(super) fn new(verb: &str, target: &Target, user: &str) -> Seen {
        Seen {
            verb: verb.to_owned(),
            resource: match target.subresource.as_str() {
                "" => target.plural.clone(),
                subresource => format!("{}/{subresource}", target.plural),
            },
            user: user.to_owned(),
        }
    }
}

/// The state that the server, the controllers and the kubelet share.
///
/// A task that needs both locks locks `storage` before `orders`.
pub(super) struct Shared {
    storage: Mutex<Storage>,
    orders: Mutex<Orders>,
    pub settings: Settings,
    pub seats: Seats,
    pub logs: Mutex<BTreeMap<(String, String), Log>>,
    pub seen: Mutex<Vec<Seen>>,
    tokens: Mutex<BTreeMap<String, User>>,
    /// The process groups of all running containers; `None` when the stand-in has ended.
    pub groups: Mutex<Option<BTreeSet<u32>>>,
    pub folder: TempDir,
    /// A number that changes each time a test drops all watches.
    pub watches: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn storage(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().unwrap()
    }

    pub(super) fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap()
    }

    pub(super) fn user(&self, token: &str) -> Option<User> {
        self.tokens.lock().unwrap().get(token).cloned()
    }

    pub(super) fn new_token(&self, user: User) -> String {
        let token = format!("token-{}{}{}", suffix(), suffix(), suffix());
        self.tokens.lock().unwrap().insert(token.clone(), user);
        token
    }
}

/// A port of the server, which belongs to one user. The port determines the user of a request without a token, because
/// kubectl sends no tokens over plain HTTP.
#[derive(Debug)]
struct Port {
    address: SocketAddr,
    token: String,
    /// The task that serves this port; `None` while the server is stopped.
    serving: Option<AbortHandle>,
}

/// A running stand-in for a cluster. Some methods order faults. Other methods return facts that a real cluster does not
/// show.
pub struct StandIn {
    shared: Arc<Shared>,
    /// The ports of the server. The first port belongs to the administrator.
    ports: Mutex<Vec<Port>>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stand-in for a cluster at {}", self.address())
    }
}

impl StandIn {
    pub(super) fn start(settings: Settings) -> StandIn {
        let runtime = serving::runtime();
        let mut storage = Storage::default();
        for namespace in ["default", "kube-system"] {
            add(
                &mut storage,
                "namespaces",
                json!({
                    "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}, "status": {"phase": "Active"},
                }),
            );
        }
        add(
            &mut storage,
            "nodes",
            json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": kubelet::NODE, "labels": {
                    "kubernetes.io/hostname": kubelet::NODE, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                }},
                "spec": {},
                "status": {
                    "allocatable": {"cpu": "64", "memory": "256Gi", "pods": "1000"},
                    "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
                },
            }),
        );
        let shared = Arc::new(Shared {
            storage: storage.into(),
            orders: Mutex::default(),
            settings,
            seats: Seats::default(),
            logs: Mutex::default(),
            seen: Mutex::default(),
            tokens: Mutex::new(BTreeMap::from([(ADMINISTRATOR.to_owned(), User::Administrator)])),
            groups: Mutex::new(Some(BTreeSet::new())),
            folder: tempfile::tempdir().unwrap(),
            watches: watch::Sender::new(0),
        });
        runtime.spawn(controllers::run(shared.clone()));
        runtime.spawn(kubelet::run(shared.clone()));
        let stand_in = StandIn {
            shared,
            ports: Mutex::default(),
            runtime: Some(runtime),
        };
        stand_in.open(ADMINISTRATOR);
        stand_in
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().unwrap()
    }

    fn serve(&self, port: &mut Port, listener: TcpListener) {
        let (shared, token) = (self.shared.clone(), port.token.clone());
        let serving = serving::serve(listener, move |request| {
            server::answer(shared.clone(), token.clone(), request)
        });
        port.serving = Some(self.runtime().spawn(serving).abort_handle());
    }

    /// Opens a port for the user with this token.
    pub(super) fn open(&self, token: &str) -> SocketAddr {
        let listener = self.runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let mut port = Port {
            address: listener.local_addr().unwrap(),
            token: token.to_owned(),
            serving: None,
        };
        let address = port.address;
        self.serve(&mut port, listener);
        self.ports.lock().unwrap().push(port);
        address
    }

    /// Returns the address of the administrator's port.
    pub fn address(&self) -> SocketAddr {
        self.ports.lock().unwrap()[0].address
    }

    /// Replaces the answers to the next `times` matching requests by `reply`. A request matches if its method is
    /// `method`, and if its path and query contain `path`. An empty `method` matches all methods.
    pub fn fail(&self, times: u32, method: &str, path: &str, reply: faults::Reply) {
        self.shared.orders().add(times, method, path, reply);
    }

    /// Carries out the requests that the server holds because of the reply `Held`.
    pub fn release_held(&self) {
        self.shared.orders().release();
    }

    /// Closes all connections, and refuses new connections. Pods, controllers and stored objects are not affected.
    pub fn stop_server(&self) {
        for port in &mut *self.ports.lock().unwrap() {
            if let Some(task) = port.serving.take() {
                task.abort();
            }
            // The port is closed only when its task has ended.
            crate::machine::wait_for("the end of the server", Duration::from_secs(5), || {
                std::net::TcpStream::connect(port.address).is_err().then_some(())
            });
        }
        self.drop_watches();
    }

    /// Starts the server again, at the same addresses.
    pub fn start_server(&self) {
        for port in &mut *self.ports.lock().unwrap() {
            let listener = self.runtime().block_on(TcpListener::bind(port.address)).unwrap();
            self.serve(port, listener);
        }
    }

    /// Ends all watches by closing their connections.
    pub fn drop_watches(&self) {
        self.shared.watches.send_modify(|count| *count += 1);
    }

    /// Deletes the history of changes. Earlier watches and continued lists then fail with 410.
    pub fn compact_history(&self) {
        self.shared.storage().compact();
    }

    /// Sets the function that returns the fate of each pod that starts from now on.
    pub fn on_pod(&self, hook: impl Fn(&Starting) -> PodFate + Send + Sync + 'static) {
        self.shared.orders().set_hook(hook);
    }

    /// Refuses the next `times` new pods with the status 403 and a reason, such as `exceeded quota: …`.
    pub fn refuse_pods(&self, times: u32, why: &str) {
        self.shared.orders().refuse_pods(times, why);
    }

    /// Forbids a verb even to the administrator. `*` forbids all verbs.
    pub fn forbid(&self, verb: &str, resource: &str) {
        self.shared.orders().forbid(verb, resource);
    }

    /// Creates a second pod for an index of a Job, which the Job controller does not read. Returns the name of the pod.
    pub fn double(&self, namespace: &str, job: &str, index: u32) -> String {
        let mut storage = self.shared.storage();
        let job = storage.get(&Key::new("jobs.batch", namespace, job)).unwrap();
        controllers::double(&mut storage, &job, index)
    }

    /// Evicts a pod because its node has too few resources. The pod receives SIGTERM, and ends in the phase `Failed`.
    pub fn evict(&self, namespace: &str, pod: &str) {
        self.order(namespace, pod, Instruction::Evict);
    }

    /// Kills the containers of a pod with the reason `OOMKilled`.
    pub fn kill_out_of_memory(&self, namespace: &str, pod: &str) {
        self.order(namespace, pod, Instruction::OutOfMemory);
    }

    /// Kills the processes of a pod, and removes the pod as the control plane does after the loss of a node.
    pub fn lose_node(&self, namespace: &str, pod: &str) {
        self.order(namespace, pod, Instruction::NodeLost);
    }

    fn order(&self, namespace: &str, pod: &str, order: Instruction) {
        let object = self.shared.storage().get(&Key::new("pods", namespace, pod));
        let object = object.unwrap_or_else(|| panic!("no pod {pod}"));
        let uid = object["metadata"]["uid"].as_str().unwrap();
        let seats = self.shared.seats.lock().unwrap();
        seats
            .get(uid)
            .unwrap_or_else(|| panic!("the pod {pod} has not started"))
            .order(order);
    }

    /// Returns all requests that the server has received so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Returns the number of requests for each verb and resource, without the first `mark` requests.
    pub fn requests_since(&self, mark: usize) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for seen in &self.shared.seen.lock().unwrap()[mark..] {
            *counts.entry((seen.verb.clone(), seen.resource.clone())).or_default() += 1;
        }
        counts
    }

    /// Returns the process IDs of the running containers.
    pub fn processes(&self) -> Vec<u32> {
        let groups = self.shared.groups.lock().unwrap();
        groups.iter().flatten().copied().collect()
    }

    /// Returns the folder of the volume for this claim. The folder exists as long as the stand-in.
    pub fn claim_folder(&self, namespace: &str, claim: &str) -> PathBuf {
        let folder = self
            .shared
            .folder
            .path()
            .join("claims")
            .join(format!("{namespace}-{claim}"));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Changes a stored object without the checks of the API.
    pub fn modify(&self, resource: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) {
        writes::modify(&mut self.shared.storage(), &Key::new(resource, namespace, name), change);
    }
}

fn add(storage: &mut Storage, resource: &str, mut object: Value) {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    object["metadata"]["uid"] = super::storage::uid().into();
    object["metadata"]["creationTimestamp"] = super::storage::timestamp(super::storage::now());
    storage.put(&Key::new(resource, "", &name), object);
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let groups = self.shared.groups.lock().unwrap().take().unwrap_or_default();
        for pid in groups {
            kubelet::signal_group(pid, "KILL");
        }
        if let Some(runtime) = self.runtime.take() {
            serving::end(runtime);
        }
    }
}
