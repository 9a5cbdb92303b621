//! A shop for tests: a target, a scenario for this target, and a cluster with a volume for the store.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use whole_runs::kubernetes::{Cluster, StandIn};
use whole_runs::machine::{Desk, Ran, Running, Target, program, sent, wait_for};

/// The maximum time that a test waits for one event.
const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const RATE: u64 = 80;

/// The name of the run, which is also the name of its Job.
pub(super) const RUN: &str = "r";

#[derive(Debug)]
pub(super) struct Shop {
    pub(super) cluster: Cluster,
    pub(super) desk: Desk,
    pub(super) target: Target,
    pub(super) kubeconfig: PathBuf,
    /// The program that the launcher and the pods run.
    program: PathBuf,
    /// The last lines of the scenario.
    pub(super) scenario_end: &'static str,
}

impl Shop {
    /// Returns a shop whose workers may send requests to its target. Returns `None` on a real cluster, because the test
    /// cannot access the volume of a real cluster.
    pub(super) fn open() -> Option<Shop> {
        Shop::open_with(program())
    }

    /// Returns a shop whose launcher runs the program under test, and whose pods run another program. Returns `None` on
    /// a real cluster.
    pub(super) fn open_with_pods(of_pods: &Path) -> Option<Shop> {
        let shop = Shop::open_with(of_pods)?;
        Some(Shop {
            program: program().to_owned(),
            ..shop
        })
    }

    /// Returns a shop whose launcher and pods run `program`. Returns `None` on a real cluster.
    pub(super) fn open_with(program: &Path) -> Option<Shop> {
        let cluster = Cluster::with_volume(program)?;
        Some(Shop {
            kubeconfig: cluster.kubeconfig(),
            cluster,
            desk: Desk::new(),
            target: Target::start("latency 2ms"),
            program: program.to_owned(),
            scenario_end: "",
        })
    }

    pub(super) fn stand_in(&self) -> &StandIn {
        self.cluster.stand_in().unwrap()
    }

    /// Uses the permissions of a service account for all later commands.
    pub(super) fn use_account(&mut self, account: &str) {
        self.kubeconfig = self.cluster.kubeconfig_of(account);
    }

    pub(super) fn store(&self) -> PathBuf {
        self.cluster.volume()
    }

    /// Returns a command that uses the store.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let store = format!("--store={}", self.store().display());
        self.in_cluster(&[args, &[&store]].concat())
    }

    /// Returns a command that uses the cluster.
    pub(super) fn in_cluster(&self, args: &[&str]) -> Command {
        let mut command = self.desk.command_of(&self.program, args);
        command
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", self.desk.path(""));
        command
    }

    /// Returns a command that uses the scenario and the fleet `kubernetes`. The load lasts `seconds` seconds.
    pub(super) fn on_fleet(&self, verb: &str, seconds: u64, options: &[&str]) -> Command {
        let scenario = format!(
            "name: shop\ntarget: {}\nload: {{ constant: {{ rate: {RATE}/s, duration: {seconds}s }} }}\n\
             requests: [ {{ name: home, url: /home, timeout: 2s }} ]\nlimits: {{ max_wait: 2s }}\n{}",
            self.target.url(),
            self.scenario_end
        );
        self.desk.write("shop.yaml", &scenario);
        let image = self.cluster.image();
        let fleet = [
            "--fleet",
            "kubernetes",
            "--image",
            &image,
            "--store-claim",
            Cluster::CLAIM,
        ];
        self.command(&[&[verb, "shop.yaml"], &fleet[..], options].concat())
    }

    /// Launches the run with four workers.
    pub(super) fn launch(&self, seconds: u64, options: &[&str]) -> Running {
        let fixed = [
            "--run",
            RUN,
            "--workers",
            "4",
            "--snapshot-interval",
            "1s",
            "--out",
            "report.json",
        ];
        Running::start(&mut self.on_fleet("launch", seconds, &[&fixed[..], options].concat()))
    }

    /// Asserts that the run has sent and counted every arrival of a load of `seconds` seconds once.
    #[track_caller]
    pub(super) fn assert_whole(&self, ran: Ran, seconds: u64) {
        ran.expect(0, &[]);
        let report = self.desk.json("report.json");
        assert_eq!(sent(&report), RATE * seconds, "{report}");
        assert_eq!(
            self.target.requests(),
            RATE * seconds,
            "the count of the target differs"
        );
    }

    /// Asserts that some arrivals of the run are missing, and that the reasons in the report contain all `words`.
    #[track_caller]
    pub(super) fn assert_incomplete(&self, ran: Ran, seconds: u64, words: &[&str]) {
        ran.expect(3, &[]);
        let report = self.desk.json("report.json");
        let missing = report["balance"]["missing"].as_u64().unwrap();
        assert_eq!(sent(&report) + missing, RATE * seconds, "{report}");
        assert!(missing > 0 && missing < RATE * seconds / 4, "{missing}");
        let reasons = report["reasons"].to_string();
        for word in words {
            assert!(reasons.contains(word), "no `{word}` in {reasons}");
        }
    }

    pub(super) fn wait<T>(&self, what: &str, done: impl Fn(&Cluster) -> Option<T>) -> T {
        self.cluster.wait_until(what, PATIENCE, done)
    }

    /// Returns the names of the pods of an index, in the order of their creation.
    pub(super) fn pods(&self, index: u32) -> Vec<String> {
        let mut pods = self.cluster.list("pods");
        let of_index = |pod: &Value| {
            let found = &pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"];
            found.as_str() == Some(&index.to_string())
        };
        pods.retain(of_index);
        let version = |pod: &Value| pod["metadata"]["creationTimestamp"].as_str().map(str::to_owned);
        pods.sort_by_key(version);
        pods.iter()
            .filter_map(|pod| Some(pod["metadata"]["name"].as_str()?.to_owned()))
            .collect()
    }

    /// Waits until the pod of an index has claimed its shard. Returns the name of the pod.
    pub(super) fn wait_for_claim(&self, index: u32) -> String {
        wait_for("a claim", PATIENCE, || {
            let pod = self.pods(index).pop()?;
            self.claims(index).contains(&pod).then_some(pod)
        })
    }

    /// Returns all claims of a shard, joined to one text.
    fn claims(&self, shard: u32) -> String {
        let prefix = format!("runs/{RUN}/shards/{shard:05}/00000");
        let Ok(entries) = std::fs::read_dir(self.store().join(prefix)) else {
            return String::new();
        };
        let mut text = String::new();
        for entry in entries.flatten() {
            let path = entry.path();
            let inner = std::fs::read_dir(&path)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path());
            for file in inner.chain([path.clone()]).filter(|path| path.is_file()) {
                let shown = file.display().to_string();
                if shown.contains("claim") {
                    text += &String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default());
                }
            }
        }
        text
    }

    /// Waits until the Job no longer exists.
    pub(super) fn wait_for_no_job(&self) {
        self.wait("the end of the Job", |cluster| {
            cluster.get("jobs", RUN).is_none().then_some(())
        });
    }
}
