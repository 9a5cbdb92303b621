//! Tests of runs in two clusters. Each region of the scenario is a context of one kubeconfig.

use super::name_of;
use super::shop::{RATE, RUN, Shop};
use serde_json::{Value, json};
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{program, sent};

/// The contexts of the two clusters, which are also the regions of the scenario.
const CONTEXTS: [&str; 2] = ["east", "west"];
const REGIONS: &str = "regions: { east: 50%, west: 50% }\n";

/// A shop whose runs have two workers in each of two clusters. The cluster of the shop is `east`.
struct Regions {
    shop: Shop,
    west: Cluster,
}

/// Returns a kubeconfig with one context for each cluster.
fn kubeconfig(clusters: [(&str, &Cluster); 2]) -> Value {
    let list = |entry: &dyn Fn(&str, &Cluster) -> Value| -> Value {
        clusters.iter().map(|(name, cluster)| entry(name, cluster)).collect()
    };
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": clusters[0].0,
        "clusters": list(&|name, cluster| {
            json!({ "name": name, "cluster": { "server": format!("http://{}", cluster.api().address) } })
        }),
        "users": list(&|name, cluster| json!({ "name": name, "user": { "token": cluster.api().token } })),
        "contexts": list(&|name, cluster| {
            let context = json!({ "cluster": name, "user": name, "namespace": cluster.namespace() });
            json!({ "name": name, "context": context })
        }),
    })
}

impl Regions {
    /// Returns two clusters that mount the same volume; `None` on a real cluster.
    fn open() -> Option<Regions> {
        let mut shop = Shop::open()?;
        let west = Cluster::with_volume(program())?;
        let folder = west.volume();
        std::fs::remove_dir(&folder).unwrap();
        std::os::unix::fs::symlink(shop.store(), folder).unwrap();
        let text = kubeconfig([(CONTEXTS[0], &shop.cluster), (CONTEXTS[1], &west)]).to_string();
        shop.desk.write("kubeconfig", &text);
        shop.kubeconfig = shop.desk.path("kubeconfig");
        shop.scenario_end = REGIONS;
        Some(Regions { shop, west })
    }

    /// Stops the API server of the cluster `west`.
    fn lose_west(&self) {
        self.west.stand_in().unwrap().stop_server();
    }

    /// Asserts that the run has sent nothing, and that no Job is left in the cluster `east`.
    fn assert_nothing_started(&self) {
        self.shop.wait_for_no_job();
        assert_eq!(self.shop.target.requests(), 0, "requests of a run that was not started");
    }
}

#[test]
fn each_cluster_runs_the_workers_of_its_region() {
    let Some(regions) = Regions::open() else { return };
    let ran = regions.shop.launch(3, &[]).finish();
    regions.shop.assert_whole(ran, 3);
    for cluster in [&regions.shop.cluster, &regions.west] {
        let jobs = cluster.list("jobs");
        assert_eq!(jobs.iter().map(name_of).collect::<Vec<_>>(), [RUN]);
        assert_eq!(jobs[0]["spec"]["completions"], 2, "{}", jobs[0]);
        assert_eq!(cluster.list("pods").len(), 2);
    }
}

#[test]
fn a_cluster_that_is_down_is_named_before_a_pod_is_started() {
    let Some(regions) = Regions::open() else { return };
    regions.lose_west();
    let ran = regions.shop.launch(3, &[]).finish();
    ran.expect(1, &["the context west did not answer"]);
    regions.assert_nothing_started();
    assert!(!regions.shop.store().join("runs").exists(), "a plan is stored");
}

#[test]
fn a_cluster_that_fails_before_the_start_is_named_and_the_other_job_is_withdrawn() {
    let Some(regions) = Regions::open() else { return };
    regions.lose_west();
    // The launch skips its checks, like a launch whose cluster fails after the checks.
    let ran = regions
        .shop
        .launch(3, &["--unchecked", "--start-timeout", "6s"])
        .finish();
    ran.expect(
        3,
        &["the run was not started", "workers 1, 3", "its pod in the context west"],
    );
    regions.assert_nothing_started();
}

#[test]
fn a_short_start_leaves_out_the_region_of_a_cluster_that_is_down() {
    let Some(regions) = Regions::open() else { return };
    regions.lose_west();
    let options = ["--unchecked", "--start-timeout", "6s", "--min-workers", "2"];
    regions.shop.launch(3, &options).finish().expect(3, &[]);
    let report = regions.shop.desk.json("report.json");
    let half = RATE * 3 / 2;
    assert_eq!(
        (sent(&report), report["balance"]["missing"].as_u64()),
        (half, Some(half))
    );
    assert_eq!(regions.shop.target.requests(), half, "the count of the target differs");
    let reasons = report["reasons"].to_string();
    assert!(reasons.contains("workers 1, 3: not ready at the start"), "{reasons}");
}
