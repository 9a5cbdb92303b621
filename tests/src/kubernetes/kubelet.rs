//! The scheduler and the kubelet of the only node. The kubelet starts one process for each container, in a separate
//! process group. The kubelet writes to the status of the pod how this process ended.

use super::Shared;
use super::conditions;
use super::containers::{self, Folders, NotReady};
use super::faults::{PodFate, Starting};
use super::jobs;
use super::recording;
use super::resources;
use super::storage::{Key, now, timestamp};
use super::writes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub(super) const NODE: &str = "node-1";
/// The maximum time between two passes over all pods.
const LOOK: Duration = Duration::from_millis(100);
/// The maximum number of bytes of a container's output that the kubelet keeps.
const LOG_BYTES_MAX: usize = 4 << 20;
/// The maximum time for which the kubelet reads the output of a container after the end of the container.
const OUTPUT_WAIT: Duration = Duration::from_secs(1);

/// The output of a container.
pub(super) type Log = Arc<Mutex<Vec<u8>>>;

/// An instruction that the kubelet sends to the task of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    /// The pod was deleted. The containers of the pod must end within this time.
    End(Duration),
    /// The pod is evicted, because the node has too few resources.
    Evict,
    OutOfMemory,
    NodeLost,
    /// The pod no longer exists.
    Forget,
}

/// A pod on the node. A task runs the containers of the pod.
#[derive(Debug)]
pub(super) struct Seat {
    orders: UnboundedSender<Instruction>,
    /// The grace period in seconds of the last instruction to end; `None` if the pod is not deleted.
    ending: Option<i64>,
}

impl Seat {
    pub(super) fn order(&self, order: Instruction) {
        // If the task has ended, the send fails.
        let _ = self.orders.send(order);
    }
}

pub(super) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.storage().changes();
    loop {
        look(&shared);
        let _ = tokio::time::timeout(LOOK, changes.changed()).await;
    }
}

/// Starts the new pods, and ends the deleted pods.
fn look(shared: &Arc<Shared>) {
    let pods: Vec<(Key, Arc<Value>)> = {
        let storage = shared.storage();
        storage
            .keyed("pods", None)
            .map(|(key, pod)| (key.clone(), pod.clone()))
            .collect()
    };
    let mut present = Vec::new();
    for (key, pod) in pods {
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        present.push(uid.clone());
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        let is_over = phase == "Succeeded" || phase == "Failed";
        let is_deleted = pod["metadata"]["deletionTimestamp"].is_string();
        let mut seats = shared.seats.lock().unwrap();
        match seats.get_mut(&uid) {
            Some(seat) if is_deleted => {
                let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
                if seat.ending.is_none_or(|earlier| grace < earlier) {
                    seat.ending = Some(grace);
                    seat.order(Instruction::End(Duration::from_secs(grace.max(0).unsigned_abs())));
                }
            }
            Some(_) => {}
            None if is_deleted => {
                drop(seats);
                finish(shared, &key, &uid, |status| {
                    if !is_over {
                        status["phase"] = "Failed".into();
                    }
                });
            }
            None if is_over => {}
            None => {
                if let Some(fate) = schedule(shared, &key, &pod) {
                    let (orders, receiver) = mpsc::unbounded_channel();
                    seats.insert(uid.clone(), Seat { orders, ending: None });
                    tokio::spawn(live(shared.clone(), key, uid, fate, receiver));
                }
            }
        }
    }
    let mut seats = shared.seats.lock().unwrap();
    seats.retain(|uid, seat| {
        let is_present = present.contains(uid);
        if !is_present {
            seat.order(Instruction::Forget);
        }
        is_present
    });
}

/// Binds a pod to the node. Returns `None` if the pod cannot be scheduled.
fn schedule(shared: &Shared, key: &Key, pod: &Value) -> Option<PodFate> {
    let annotation = |name: &str| -> Option<u32> { pod["metadata"]["annotations"][name].as_str()?.parse().ok() };
    let starting = Starting {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        index: annotation(jobs::INDEX),
        earlier: annotation(jobs::FAILURES).unwrap_or(0) + annotation(jobs::IGNORED).unwrap_or(0),
    };
    let hook = shared.orders().hook();
    let mut fate = hook.map(|hook| hook(&starting)).unwrap_or_default();
    let mut storage = shared.storage();
    let node = storage.get(&Key::new("nodes", "", NODE))?;
    let wanted = pod["spec"]["nodeSelector"].as_object().into_iter().flatten();
    let fits = wanted
        .into_iter()
        .all(|(label, value)| node["metadata"]["labels"][label.as_str()] == *value);
    if !fits && fate.unschedulable.is_none() {
        let why = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes \
                   are available: 1 Preemption is not helpful for scheduling.";
        fate.unschedulable = Some(why.to_owned());
    }
    if let Some(why) = fate.unschedulable {
        let is_new = conditions::get(&pod["status"], "PodScheduled").is_none_or(|one| one["message"] != why.as_str());
        if is_new {
            writes::modify(&mut storage, key, |pod| {
                conditions::set(&mut pod["status"], "PodScheduled", "False", "Unschedulable", &why);
            });
            recording::record(
                &mut storage,
                pod,
                "default-scheduler",
                "Warning",
                "FailedScheduling",
                &why,
            );
        }
        return None;
    }
    let images: Vec<String> = pod["spec"]["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|container| container["image"].as_str().map(str::to_owned))
        .collect();
    let has_no_registry = |image: &&String| image.split('/').next().is_some_and(|host| host.ends_with(".invalid"));
    if let (Some(image), None) = (images.iter().find(has_no_registry), &fate.image_pull_error) {
        let host = image.split('/').next().unwrap_or_default();
        fate.image_pull_error = Some(format!(
            "failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": failed to do request: \
             Head \"https://{host}/v2/\": dial tcp: lookup {host}: no such host"
        ));
    }
    writes::modify(&mut storage, key, |pod| {
        pod["spec"]["nodeName"] = NODE.into();
        let status = &mut pod["status"];
        conditions::set(status, "PodScheduled", "True", "", "");
        status["hostIP"] = "127.0.0.1".into();
        status["startTime"] = timestamp(now());
        for kind in ["Ready", "ContainersReady"] {
            conditions::set(status, kind, "False", "ContainersNotReady", "");
        }
    });
    let message = format!("Successfully assigned {}/{} to {NODE}", key.namespace, key.name);
    recording::record(&mut storage, pod, "default-scheduler", "Normal", "Scheduled", &message);
    Some(fate)
}

/// Changes the status of the pod with this UID. Does nothing if another pod now has the name of this pod.
fn change(shared: &Shared, key: &Key, uid: &str, change: impl FnOnce(&mut Value)) {
    let mut storage = shared.storage();
    if storage.get(key).is_some_and(|pod| pod["metadata"]["uid"] == uid) {
        writes::modify(&mut storage, key, |pod| change(&mut pod["status"]));
    }
}

/// Writes the last status of a pod. If the pod was deleted, the pod is then removed as soon as it has no finalizers.
fn finish(shared: &Shared, key: &Key, uid: &str, last: impl FnOnce(&mut Value)) {
    change(shared, key, uid, last);
    let mut storage = shared.storage();
    let is_deleted = |pod: &Value| pod["metadata"]["deletionTimestamp"].is_string() && pod["metadata"]["uid"] == uid;
    if storage.get(key).is_some_and(|pod| is_deleted(&pod)) {
        writes::modify(&mut storage, key, |pod| {
            pod["metadata"]["deletionGracePeriodSeconds"] = 0.into()
        });
    }
}

/// Sets the condition that shows how a pod was disrupted.
fn disrupt(status: &mut Value, reason: &str, message: &str) {
    conditions::set(status, "DisruptionTarget", "True", reason, message);
}

const EVICTION: &str = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.";

/// Runs a pod on the node, from the start of its containers to its last status.
async fn live(shared: Arc<Shared>, key: Key, uid: String, fate: PodFate, mut orders: UnboundedReceiver<Instruction>) {
    let order = match begin(&shared, &key, &uid, &fate, &mut orders).await {
        Ok(containers) => return tend(&shared, &key, &uid, containers, &mut orders).await,
        Err(order) => order,
    };
    if order == Instruction::Forget {
        return;
    }
    finish(&shared, &key, &uid, |status| {
        status["phase"] = "Failed".into();
        match order {
            Instruction::Evict => {
                status["reason"] = "Evicted".into();
                status["message"] = EVICTION.into();
                disrupt(status, "TerminationByKubelet", EVICTION);
            }
            Instruction::NodeLost => {
                status["reason"] = "NodeLost".into();
                disrupt(status, "DeletionByPodGC", "PodGC: node no longer exists");
            }
            _ => {}
        }
    });
}

/// A container whose process is running or has ended.
struct Running {
    name: String,
    image: String,
    pid: Option<u32>,
    started: Value,
    terminated: Option<Value>,
}

impl Running {
    fn status(&self) -> Value {
        let state = match &self.terminated {
            Some(terminated) => json!({"terminated": terminated}),
            None => json!({"running": {"startedAt": self.started}}),
        };
        json!({
            "name": self.name, "image": self.image, "imageID": self.image, "ready": self.terminated.is_none(),
            "started": self.terminated.is_none(), "restartCount": 0, "state": state, "lastState": {},
        })
    }
}

type Ended = (usize, std::io::Result<ExitStatus>);

/// The processes of a pod.
struct Containers {
    running: Vec<Running>,
    ended: JoinSet<Ended>,
}

/// Waits until all containers of a pod can start, and starts them. If an instruction ends the pod before its start,
/// returns this instruction as the error.
async fn begin(
    shared: &Arc<Shared>,
    key: &Key,
    uid: &str,
    fate: &PodFate,
    orders: &mut UnboundedReceiver<Instruction>,
) -> Result<Containers, Instruction> {
    let mut pause = fate.start_after;
    let mut reported = NotReady {
        reason: "",
        message: String::new(),
    };
    let mut pulls = 0;
    loop {
        tokio::select! {
            Some(order) = orders.recv() => return Err(order),
            () = tokio::time::sleep(pause) => {}
        }
        let problem = match &fate.image_pull_error {
            Some(message) => {
                pulls += 1;
                let reason = if pulls == 1 { "ErrImagePull" } else { "ImagePullBackOff" };
                NotReady {
                    reason,
                    message: message.clone(),
                }
            }
            None => match start(shared, key, uid) {
                Ok(containers) => return Ok(containers),
                Err(problem) => problem,
            },
        };
        if problem != reported {
            report_waiting(shared, key, uid, &problem);
            reported = problem;
        }
        pause = LOOK;
    }
}

fn report_waiting(shared: &Shared, key: &Key, uid: &str, problem: &NotReady) {
    let Some(pod) = shared.storage().get(key) else { return };
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let statuses: Value = containers
        .map(|container| {
            let mut waiting = json!({"reason": problem.reason});
            if problem.reason != "ContainerCreating" {
                waiting["message"] = problem.message.as_str().into();
            }
            json!({
                "name": container["name"], "image": container["image"], "imageID": "", "ready": false,
                "started": false, "restartCount": 0, "state": {"waiting": waiting}, "lastState": {},
            })
        })
        .collect();
    change(shared, key, uid, |status| status["containerStatuses"] = statuses);
    let (reason, message) = match problem.reason {
        "ErrImagePull" => ("Failed", format!("Failed to pull image: {}", problem.message)),
        "ImagePullBackOff" => ("BackOff", "Back-off pulling image".to_owned()),
        "ContainerCreating" => ("FailedMount", problem.message.clone()),
        _ => ("Failed", format!("Error: {}", problem.message)),
    };
    recording::record(&mut shared.storage(), &pod, "kubelet", "Warning", reason, &message);
}

/// Starts the processes of all containers.
fn start(shared: &Arc<Shared>, key: &Key, uid: &str) -> Result<Containers, NotReady> {
    let folder = shared.folder.path().join("pods").join(uid);
    let claims = shared.folder.path().join("claims");
    let _ = std::fs::create_dir_all(&folder);
    let Some(pod) = shared.storage().get(key) else {
        return Err(NotReady {
            reason: "ContainerCreating",
            message: "the pod is gone".to_owned(),
        });
    };
    change(shared, key, uid, |status| status["podIP"] = "127.0.0.1".into());
    let pod = shared.storage().get(key).unwrap_or(pod);
    let specs = pod["spec"]["containers"].as_array().cloned().unwrap_or_default();
    let folders = Folders {
        pod: &folder,
        claims: &claims,
    };
    let mut ready = Vec::new();
    for spec in &specs {
        let storage = shared.storage();
        ready.push(containers::prepare(
            &storage,
            &pod,
            spec,
            &shared.settings.program,
            folders,
        )?);
    }
    let mut containers = Containers {
        running: Vec::new(),
        ended: JoinSet::new(),
    };
    for (at, (spec, ready)) in specs.iter().zip(ready).enumerate() {
        let text = |member: &str| spec[member].as_str().unwrap_or_default().to_owned();
        let mut running = Running {
            name: text("name"),
            image: text("image"),
            pid: None,
            started: timestamp(now()),
            terminated: None,
        };
        let log = Log::default();
        shared
            .logs
            .lock()
            .unwrap()
            .insert((uid.to_owned(), running.name.clone()), log.clone());
        // The lock is kept while the process starts, so that the list of process groups is complete when the cluster
        // ends.
        let mut groups = shared.groups.lock().unwrap();
        let child = match &mut *groups {
            None => Err(std::io::Error::other("the cluster has ended")),
            Some(_) => Command::new(&ready.program)
                .args(&ready.args)
                .env_clear()
                .envs(ready.environment)
                .current_dir(&ready.folder)
                .process_group(0)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn(),
        };
        match child {
            Ok(child) => {
                running.pid = child.id();
                if let Some(groups) = &mut *groups {
                    groups.extend(running.pid);
                }
                containers.ended.spawn(wait(shared.clone(), at, child, log));
            }
            Err(error) => {
                let message = format!("exec: {:?}: {error}", ready.program);
                running.terminated = Some(json!({
                    "exitCode": 128, "reason": "StartError", "message": message, "finishedAt": timestamp(now()),
                }));
            }
        }
        containers.running.push(running);
    }
    for (reason, message) in [("Created", "Container created"), ("Started", "Container started")] {
        recording::record(&mut shared.storage(), &pod, "kubelet", "Normal", reason, message);
    }
    Ok(containers)
}

/// Waits until the first process of a container has ended, and then at most [`OUTPUT_WAIT`] for the rest of the output.
async fn wait(shared: Arc<Shared>, at: usize, mut child: Child, log: Log) -> Ended {
    let pid = child.id();
    let mut readers = JoinSet::new();
    if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
        readers.spawn(keep(stdout, log.clone()));
        readers.spawn(keep(stderr, log));
    }
    let status = child.wait().await;
    if let Some(pid) = pid {
        // When the first process of a container ends, all its other processes are killed.
        signal_group(pid, "KILL");
        if let Some(groups) = &mut *shared.groups.lock().unwrap() {
            groups.remove(&pid);
        }
    }
    let _ = tokio::time::timeout(OUTPUT_WAIT, readers.join_all()).await;
    (at, status)
}

async fn keep(mut output: impl AsyncRead + Unpin, log: Log) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = output.read(&mut buffer).await {
        let mut log = log.lock().unwrap();
        if log.len() < LOG_BYTES_MAX {
            log.extend_from_slice(&buffer[..read]);
        }
    }
}

fn send_signal(target: &str, signal: &str) {
    // If the process has ended, this command fails.
    let _ = std::process::Command::new("kill")
        .args([&format!("-{signal}"), "--", target])
        .stderr(Stdio::null())
        .status();
}

/// Sends a signal to all processes of a container.
pub(super) fn signal_group(pid: u32, signal: &str) {
    send_signal(&format!("-{pid}"), signal);
}

/// Follows the processes of a pod until all have ended.
async fn tend(
    shared: &Arc<Shared>,
    key: &Key,
    uid: &str,
    mut containers: Containers,
    orders: &mut UnboundedReceiver<Instruction>,
) {
    let write = |running: &[Running]| {
        let statuses: Value = running.iter().map(Running::status).collect();
        let is_ready = running.iter().all(|one| one.terminated.is_none());
        change(shared, key, uid, |status| {
            status["containerStatuses"] = statuses;
            for kind in ["Ready", "ContainersReady"] {
                let (value, reason) = if is_ready {
                    ("True", "")
                } else {
                    ("False", "PodCompleted")
                };
                conditions::set(status, kind, value, reason, "");
            }
        });
    };
    change(shared, key, uid, |status| status["phase"] = "Running".into());
    write(&containers.running);
    let (mut is_evicted, mut is_out_of_memory) = (false, false);
    let mut deadline: Option<Instant> = None;
    loop {
        let killed = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let order = tokio::select! {
            ended = containers.ended.join_next() => {
                let Some(ended) = ended else { break };
                if let Ok((at, status)) = ended {
                    let running = &mut containers.running[at];
                    running.terminated = Some(terminated(status, &running.started, is_out_of_memory));
                    if !containers.ended.is_empty() {
                        write(&containers.running);
                    }
                }
                continue;
            }
            Some(order) = orders.recv() => order,
            () = killed => {
                deadline = None;
                signal_all(&containers.running, "KILL");
                continue;
            }
        };
        let grace = match order {
            Instruction::End(grace) => grace,
            Instruction::Evict => {
                is_evicted = true;
                change(shared, key, uid, |status| {
                    disrupt(status, "TerminationByKubelet", EVICTION)
                });
                let pod = shared.storage().get(key);
                let grace = pod.and_then(|pod| pod["spec"]["terminationGracePeriodSeconds"].as_u64());
                Duration::from_secs(grace.unwrap_or(30))
            }
            Instruction::OutOfMemory => {
                is_out_of_memory = true;
                signal_all(&containers.running, "KILL");
                continue;
            }
            Instruction::NodeLost | Instruction::Forget => {
                signal_all(&containers.running, "KILL");
                while containers.ended.join_next().await.is_some() {}
                if order == Instruction::NodeLost {
                    lose(shared, key, uid);
                }
                return;
            }
        };
        if deadline.is_none() {
            for pid in containers.running.iter().filter_map(alive) {
                send_signal(&pid.to_string(), "TERM");
            }
        }
        let end = Instant::now() + grace;
        deadline = Some(deadline.map_or(end, |deadline| deadline.min(end)));
    }
    let is_good = |running: &Running| running.terminated.as_ref().is_some_and(|one| one["exitCode"] == 0);
    let phase = match !is_evicted && containers.running.iter().all(is_good) {
        true => "Succeeded",
        false => "Failed",
    };
    let statuses: Value = containers.running.iter().map(Running::status).collect();
    finish(shared, key, uid, |status| {
        status["phase"] = phase.into();
        status["containerStatuses"] = statuses;
        for kind in ["Ready", "ContainersReady"] {
            conditions::set(status, kind, "False", "PodCompleted", "");
        }
        if is_evicted {
            status["reason"] = "Evicted".into();
            status["message"] = EVICTION.into();
        }
    });
}

fn alive(running: &Running) -> Option<u32> {
    running.pid.filter(|_| running.terminated.is_none())
}

fn signal_all(running: &[Running], signal: &str) {
    running
        .iter()
        .filter_map(alive)
        .for_each(|pid| signal_group(pid, signal));
}

fn terminated(status: std::io::Result<ExitStatus>, started: &Value, is_out_of_memory: bool) -> Value {
    let code = match &status {
        Ok(status) => status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        Err(_) => 255,
    };
    let reason = match code {
        137 if is_out_of_memory => "OOMKilled",
        0 => "Completed",
        _ => "Error",
    };
    json!({"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": timestamp(now())})
}

/// Marks a pod whose node is lost as failed, and deletes the pod, as the garbage collector of pods does. A lost kubelet
/// no longer reports, so the last status of the containers stays.
fn lose(shared: &Shared, key: &Key, uid: &str) {
    change(shared, key, uid, |status| {
        status["phase"] = "Failed".into();
        status["reason"] = "NodeLost".into();
        disrupt(status, "DeletionByPodGC", "PodGC: node no longer exists");
    });
    let mut storage = shared.storage();
    writes::delete(&mut storage, &resources::built_in("pods"), key);
}

/// All pods on the node, by their UIDs.
pub(super) type Seats = Mutex<BTreeMap<String, Seat>>;
