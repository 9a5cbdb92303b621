//! Tests of the stand-in with kubectl, which is a client that was not written for the stand-in.

use super::*;

/// Writes the manifest of an object to a folder. Returns the path of the manifest.
fn manifest(folder: &tempfile::TempDir, object: &Value) -> String {
    let path = folder.path().join("manifest.json");
    std::fs::write(&path, object.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn a_job_is_applied_waited_for_described_read_and_deleted() {
    let cluster = cluster();
    let folder = tempfile::tempdir().unwrap();
    let job = indexed_job("run", 2, "echo pod $JOB_COMPLETION_INDEX");
    let applied = cluster
        .kubectl(&["apply", "-f", &manifest(&folder, &job)])
        .expect(0, &[]);
    assert_eq!(applied.stdout, "job.batch/run created\n");
    let waited = cluster
        .kubectl(&["wait", "--for=condition=Complete", "job/run", "--timeout=8s"])
        .expect(0, &[]);
    assert_eq!(waited.stdout, "job.batch/run condition met\n");
    let listed = cluster.kubectl(&["get", "jobs,pods"]).expect(0, &[]);
    assert!(
        listed.stdout.contains("job.batch/run") && listed.stdout.contains("pod/run-1-"),
        "{}",
        listed.stdout
    );
    let described = cluster.kubectl(&["describe", "job", "run"]).expect(0, &[]);
    for part in ["Completed Indexes:", "0,1", "SuccessfulCreate", "Pods Statuses:"] {
        assert!(
            described.stdout.contains(part),
            "{part} is not in\n{}",
            described.stdout
        );
    }
    let pod = name_of(&pods_of(&cluster, "run")[1]);
    assert_eq!(cluster.kubectl(&["logs", &pod]).expect(0, &[]).stdout, "pod 1\n");
    let logs = cluster
        .kubectl(&["logs", "-l", "batch.kubernetes.io/job-name=run", "--prefix"])
        .expect(0, &[]);
    assert_eq!(logs.stdout.lines().count(), 2, "{}", logs.stdout);
    let deleted = cluster
        .kubectl(&["delete", "job", "run", "--timeout=8s"])
        .expect(0, &[]);
    assert!(
        deleted.stdout.contains("job.batch \"run\" deleted"),
        "{}",
        deleted.stdout
    );
    cluster.wait_until("the end of the pods", PATIENCE, |cluster| {
        pods_of(cluster, "run").is_empty().then_some(())
    });
}

#[test]
fn an_apply_on_the_server_names_the_conflict() {
    let cluster = cluster();
    let folder = tempfile::tempdir().unwrap();
    let object =
        |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"v": value}});
    let apply = |manager: &str, value: &str, more: &[&str]| {
        let path = manifest(&folder, &object(value));
        let manager = format!("--field-manager={manager}");
        cluster.kubectl(&[&["apply", "--server-side", "-f", &path, &manager], more].concat())
    };
    let applied = apply("one", "1", &[]).expect(0, &[]);
    assert_eq!(applied.stdout, "configmap/a serverside-applied\n");
    apply("two", "2", &[]).expect(1, &["Apply failed with 1 conflict: conflict with \"one\": .data.v"]);
    apply("two", "2", &["--force-conflicts"]).expect(0, &[]);
    cluster.kubectl(&["annotate", "configmap", "a", "x=y"]).expect(0, &[]);
    assert_eq!(
        cluster.get("configmaps", "a").unwrap()["metadata"]["annotations"]["x"],
        "y"
    );
}

#[test]
fn a_running_pod_is_followed_and_deleted() {
    let cluster = cluster();
    cluster.create("jobs", &indexed_job("run", 1, "echo first; sleep 1; echo last"));
    let pods = wait_for_pods(&cluster, "run", "Running", 1);
    let followed = cluster
        .kubectl(&["logs", "--follow", &name_of(&pods[0])])
        .expect(0, &[]);
    assert_eq!(followed.stdout, "first\nlast\n");
    cluster.create(
        "jobs",
        &indexed_job("slow", 1, "trap 'exit 143' TERM; while true; do sleep 0.05; done"),
    );
    let pod = name_of(&wait_for_pods(&cluster, "slow", "Running", 1)[0]);
    cluster.kubectl(&["delete", "pod", &pod, "--timeout=8s"]).expect(0, &[]);
    assert_eq!(cluster.get("pods", &pod), None);
}

#[test]
fn discovery_lists_the_resources_and_their_short_names() {
    let cluster = cluster();
    let listed = cluster.kubectl(&["api-resources", "--api-group=policy"]).expect(0, &[]);
    assert!(
        listed.stdout.contains("poddisruptionbudgets") && listed.stdout.contains("pdb"),
        "{}",
        listed.stdout
    );
    cluster.kubectl(&["get", "pdb,cm,sa,quota,leases"]).expect(0, &[]);
    let version = cluster.kubectl(&["version", "-o", "json"]).expect(0, &[]);
    let version: Value = serde_json::from_str(&version.stdout).unwrap();
    let minor = version["serverVersion"]["minor"]
        .as_str()
        .unwrap()
        .trim_end_matches('+');
    assert!(minor.parse::<u32>().unwrap() >= 33, "{version}");
}
