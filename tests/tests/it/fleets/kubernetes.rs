//! Runs the suite on pods of the stand-in for a cluster. The store is a folder on a volume of the cluster.

use super::suite::{TestFleet, Traits, check};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use whole_runs::kubernetes::{Cluster, StandIn};
use whole_runs::machine::{Desk, program};

/// The maximum time that a pod of the suite takes to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// The shard whose worker is killed.
const KILLED: u32 = 1;

struct Pods {
    desk: Desk,
    cluster: Cluster,
}

impl Pods {
    fn stand_in(&self) -> &StandIn {
        self.cluster.stand_in().unwrap()
    }

    /// Returns the pods of a shard.
    fn pods(&self, run: &str, shard: u32) -> Vec<Value> {
        let (mut pods, shard) = (self.cluster.list("pods"), shard.to_string());
        pods.retain(|pod| {
            let metadata = &pod["metadata"];
            metadata["labels"]["batch.kubernetes.io/job-name"] == run
                && metadata["annotations"]["batch.kubernetes.io/job-completion-index"] == shard.as_str()
        });
        pods
    }

    fn object(&self, key: &str) -> PathBuf {
        self.cluster.volume().join(key)
    }
}

pub(super) const TRAITS: Traits = Traits {
    name: "kubernetes",
    replaces_workers: true,
};

impl TestFleet for Pods {
    fn traits(&self) -> &'static Traits {
        &TRAITS
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn fleet(&self) -> Vec<String> {
        let image = self.cluster.image();
        [
            "--fleet",
            "kubernetes",
            "--image",
            &image,
            "--store-claim",
            Cluster::CLAIM,
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn store(&self) -> String {
        self.object("").display().to_string()
    }

    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("HOME", self.desk.path(""))
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.object(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn has(&self, key: &str) -> bool {
        self.object(key).exists()
    }

    fn deliver(&self, run: &str, shard: u32) -> bool {
        let pod = self.stand_in().double(self.cluster.namespace(), run, shard);
        let code = self
            .cluster
            .wait_until("the end of the second pod", PATIENCE, |cluster| {
                let pod = cluster.get("pods", &pod)?;
                pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"].as_i64()
            });
        assert!(matches!(code, 0 | 76), "exit code {code}: {}", self.cluster.log(&pod));
        code == 0
    }

    fn kill_a_worker(&self, run: &str) {
        let pods = self.pods(run, KILLED);
        let name = pods[0]["metadata"]["name"].as_str().unwrap();
        self.stand_in().kill_out_of_memory(self.cluster.namespace(), name);
    }

    fn replacements(&self, run: &str, least: usize) -> usize {
        self.cluster.wait_until("the end of the replacements", PATIENCE, |_| {
            let pods = self.pods(run, KILLED);
            let is_over = |pod: &Value| matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
            (pods.len() > least && pods.iter().all(is_over)).then(|| pods.len() - 1)
        })
    }
}

#[test]
fn pods_of_the_stand_in_pass_every_case_of_the_suite() {
    let Some(cluster) = Cluster::with_volume(program()) else {
        return;
    };
    check(&Pods {
        desk: Desk::new(),
        cluster,
    });
}
