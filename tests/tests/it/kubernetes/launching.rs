//! Tests of runs whose workers are pods. The stand-in for a cluster starts a real worker process for each pod.

use super::shop::{RATE, RUN, Shop};
use serde_json::json;
use std::time::{Duration, Instant};
use whole_runs::kubernetes::{OrderedReply, PodFate};
use whole_runs::machine::{Running, root};

#[test]
fn four_pods_send_every_arrival_once() {
    let Some(shop) = Shop::open() else { return };
    let ran = shop.launch(3, &[]).finish();
    shop.assert_whole(ran, 3);
    let job = shop.wait("the end of the Job", |cluster| {
        cluster.get("jobs", RUN).filter(|job| job["status"]["succeeded"] == 4)
    });
    assert_eq!(job["status"]["completedIndexes"], "0-3");
    let budget = shop.cluster.get("poddisruptionbudgets", RUN).unwrap();
    assert_eq!(budget["metadata"]["ownerReferences"][0]["uid"], job["metadata"]["uid"]);
}

#[test]
fn a_pod_that_is_evicted_before_the_start_is_replaced() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().on_pod(|pod| PodFate {
        start_after: Duration::from_secs(if pod.index == Some(3) { 4 } else { 0 }),
        ..PodFate::default()
    });
    let launch = shop.launch(2, &[]);
    let pod = shop.wait_for_claim(0);
    shop.stand_in().evict(shop.cluster.namespace(), &pod);
    shop.assert_whole(launch.finish(), 2);
    assert_eq!(shop.pods(0).len(), 2);
}

#[test]
fn a_pod_that_runs_out_of_memory_before_the_start_is_replaced() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().on_pod(|pod| PodFate {
        start_after: Duration::from_secs(if pod.index == Some(3) { 5 } else { 0 }),
        ..PodFate::default()
    });
    let launch = shop.launch(2, &[]);
    let pod = shop.wait_for_claim(1);
    shop.stand_in().kill_out_of_memory(shop.cluster.namespace(), &pod);
    shop.assert_whole(launch.finish(), 2);
    assert_eq!(shop.pods(1).len(), 2);
}

#[test]
fn a_pod_that_is_evicted_while_it_sends_stores_its_result() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(5, &[]);
    shop.target.wait_for_more_than(RATE * 2);
    let pod = shop.pods(2).pop().unwrap();
    shop.stand_in().evict(shop.cluster.namespace(), &pod);
    let ran = launch.finish();
    shop.assert_incomplete(ran, 5, &["worker 2", "stopped by its host"]);
    // The evicted pod has stored the counts of all requests that it sent.
    let report = shop.desk.json("report.json");
    assert_eq!(whole_runs::machine::sent(&report), shop.target.requests());
}

#[test]
fn a_pod_that_runs_out_of_memory_while_it_sends_is_named_with_the_reason() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(6, &[]);
    shop.target.wait_for_more_than(RATE * 3);
    let pod = shop.pods(1).pop().unwrap();
    shop.stand_in().kill_out_of_memory(shop.cluster.namespace(), &pod);
    let words = ["worker 1", &pod, "exceeded its memory limit (OOMKilled)", "are missing"];
    shop.assert_incomplete(launch.finish(), 6, &words);
}

#[test]
fn a_pod_on_a_node_that_is_lost_before_the_start_is_replaced() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().on_pod(|pod| PodFate {
        start_after: Duration::from_secs(if pod.index == Some(3) { 4 } else { 0 }),
        ..PodFate::default()
    });
    let launch = shop.launch(2, &[]);
    let lost = shop.wait_for_claim(1);
    shop.stand_in().lose_node(shop.cluster.namespace(), &lost);
    shop.assert_whole(launch.finish(), 2);
    assert_ne!(shop.pods(1).pop().unwrap(), lost);
}

#[test]
fn a_node_that_is_lost_while_its_pod_sends_is_named() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(6, &[]);
    shop.target.wait_for_more_than(RATE * 3);
    let pod = shop.pods(3).pop().unwrap();
    shop.stand_in().lose_node(shop.cluster.namespace(), &pod);
    shop.assert_incomplete(
        launch.finish(),
        6,
        &["worker 3", &pod, "was lost with its node", "are missing"],
    );
}

/// Launches a run whose pod with index 2 does not start. Asserts that the error contains `words`, and that the Job is
/// withdrawn.
#[track_caller]
fn check_abort(shop: &Shop, words: &[&str]) {
    let ran = shop.launch(3, &["--start-timeout", "5s"]).finish();
    ran.expect(3, &[&["the run was not started", "worker 2"], words].concat());
    shop.wait_for_no_job();
    shop.wait("the end of the pods", |cluster| {
        cluster.list("pods").is_empty().then_some(())
    });
    assert_eq!(shop.target.requests(), 0, "requests of a run that was not started");
}

#[test]
fn a_pod_that_cannot_be_scheduled_is_named_and_the_job_is_withdrawn() {
    let Some(shop) = Shop::open() else { return };
    let reason = "0/3 nodes are available: 3 Insufficient cpu.";
    shop.stand_in().on_pod(move |pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| reason.to_owned()),
        ..PodFate::default()
    });
    check_abort(&shop, &["cannot be scheduled", reason, "--cpu"]);
}

#[test]
fn an_image_that_cannot_be_pulled_is_named_and_the_job_is_withdrawn() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().on_pod(|pod| PodFate {
        image_pull_error: (pod.index == Some(2)).then(|| "manifest unknown".to_owned()),
        ..PodFate::default()
    });
    check_abort(&shop, &["cannot pull its image", "manifest unknown", "--image"]);
}

#[test]
fn a_quota_that_refuses_pods_is_named_and_the_job_is_withdrawn() {
    let Some(shop) = Shop::open() else { return };
    let quota = json!({ "metadata": { "name": "team" }, "spec": { "hard": { "pods": "2" } } });
    shop.cluster.create("resourcequotas", &quota);
    // The launch skips its checks, because the checks would report the quota before the launch creates pods.
    let ran = shop.launch(3, &["--start-timeout", "5s", "--unchecked"]).finish();
    ran.expect(3, &["could not be created", "exceeded quota: team", "ResourceQuota"]);
    shop.wait_for_no_job();
    assert_eq!(shop.target.requests(), 0);
}

#[test]
fn of_two_pods_for_an_index_one_sends() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(4, &[]);
    shop.target.wait_for_more_than(RATE);
    let double = shop.stand_in().double(shop.cluster.namespace(), RUN, 1);
    let code = shop.wait("the end of the second pod", |cluster| {
        let pod = cluster.get("pods", &double)?;
        pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"].as_i64()
    });
    assert_eq!(code, 76);
    shop.assert_whole(launch.finish(), 4);
}

#[test]
fn a_run_continues_without_its_launcher_and_without_the_api_server() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(5, &[]);
    shop.target.wait_for_more_than(RATE);
    launch.signal("KILL");
    launch.finish();
    shop.stand_in().stop_server();
    let attach = Running::start(&mut shop.command(&["attach", RUN, "--out", "report.json"]));
    shop.assert_whole(attach.finish(), 5);
}

#[test]
fn a_launcher_follows_a_run_while_the_api_server_is_down() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(6, &[]);
    shop.target.wait_for_more_than(RATE);
    shop.stand_in().stop_server();
    shop.target.wait_for_more_than(RATE * 3);
    shop.stand_in().start_server();
    shop.assert_whole(launch.finish(), 6);
}

#[test]
fn failures_of_the_api_server_delay_the_launch() {
    let Some(shop) = Shop::open() else { return };
    let stand_in = shop.stand_in();
    stand_in.fail(1, "POST", "/jobs", OrderedReply::Failed(500));
    stand_in.fail(1, "POST", "/jobs", OrderedReply::TooManyRequests { retry_after: 1 });
    stand_in.fail(1, "POST", "/jobs", OrderedReply::LostAnswer);
    stand_in.fail(1, "POST", "/poddisruptionbudgets", OrderedReply::Failed(503));
    stand_in.fail(2, "GET", "/pods", OrderedReply::HungUp);
    let ran = shop.launch(2, &[]).finish();
    shop.assert_whole(ran, 2);
    assert_eq!(shop.cluster.list("jobs").len(), 1);
}

#[test]
fn a_run_without_changes_makes_no_requests_to_the_api_server() {
    let Some(shop) = Shop::open() else { return };
    let stand_in = shop.stand_in();
    let launch = shop.launch(10, &[]);
    shop.target.wait_for_more_than(RATE * 3);
    let mark = stand_in.seen().len();
    shop.target.wait_for_more_than(RATE * 8);
    let quiet = stand_in.requests_since(mark);
    shop.assert_whole(launch.finish(), 10);
    assert!(quiet.is_empty(), "{quiet:?}");
}

#[test]
fn a_dropped_watch_does_not_hide_a_pod_that_dies() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(8, &[]);
    shop.target.wait_for_more_than(RATE * 2);
    shop.stand_in().compact_history();
    shop.stand_in().drop_watches();
    let pod = shop.pods(1).pop().unwrap();
    shop.stand_in().kill_out_of_memory(shop.cluster.namespace(), &pod);
    let words = ["worker 1", &pod, "exceeded its memory limit (OOMKilled)", "are missing"];
    launch.finish().expect(3, &[]);
    let reasons = shop.desk.json("report.json")["reasons"].to_string();
    for word in words {
        assert!(reasons.contains(word), "no `{word}` in {reasons}");
    }
}

#[test]
fn a_launcher_that_may_not_watch_jobs_still_reads_them() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().forbid("watch", "jobs");
    // The launch skips its checks, because these checks would find the missing permission first.
    let launch = shop.launch(6, &["--unchecked"]);
    shop.target.wait_for_more_than(RATE * 2);
    let pod = shop.pods(2).pop().unwrap();
    shop.stand_in().kill_out_of_memory(shop.cluster.namespace(), &pod);
    launch.finish().expect(3, &[]);
    let reasons = shop.desk.json("report.json")["reasons"].to_string();
    assert!(reasons.contains("exceeded its memory limit (OOMKilled)"), "{reasons}");
}

#[test]
fn an_interrupted_run_sends_nothing_after_two_seconds() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(60, &[]);
    shop.target.wait_for_more_than(RATE);
    launch.signal("INT");
    let pressed = Instant::now();
    shop.wait("two seconds", |_| {
        (pressed.elapsed() > Duration::from_secs(2)).then_some(())
    });
    let sent_then = shop.target.requests();
    let ran = launch.finish().expect(130, &["stopping"]);
    assert!(
        ran.stdout.contains("the run was stopped: interrupted"),
        "{}",
        ran.stdout
    );
    let sent = whole_runs::machine::sent(&shop.desk.json("report.json"));
    assert_eq!((shop.target.requests(), sent), (sent_then, sent_then));
}

#[test]
fn a_deleted_job_gives_a_report_of_what_was_sent() {
    let Some(shop) = Shop::open() else { return };
    let launch = shop.launch(20, &[]);
    shop.target.wait_for_more_than(RATE);
    let background = json!({ "propagationPolicy": "Background" });
    shop.cluster
        .api()
        .delete(&shop.cluster.path("jobs", RUN), &background)
        .expect(200);
    launch.finish().expect(3, &[]);
    let report = shop.desk.json("report.json");
    assert_eq!(whole_runs::machine::sent(&report), shop.target.requests());
}

/// Lets the launcher use a service account whose only permissions are in the Role of `infra/kubernetes`.
pub(super) fn become_launcher(shop: &mut Shop) {
    let role = root().join("infra/kubernetes/base/launcher-role.yaml");
    let apply = ["apply", "-f", &role.display().to_string()];
    shop.cluster.kubectl(&apply).expect(0, &[]);
    let account = json!({ "metadata": { "name": "launcher" } });
    shop.cluster.create("serviceaccounts", &account);
    let subject = json!({ "kind": "ServiceAccount", "name": "launcher", "namespace": shop.cluster.namespace() });
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "vajra-cloud-launcher" });
    let binding = json!({ "metadata": { "name": "launchers" }, "subjects": [subject], "roleRef": role });
    shop.cluster.create("rolebindings", &binding);
    shop.use_account("launcher");
}

#[test]
fn a_launcher_needs_only_the_role_in_the_tree() {
    let Some(mut shop) = Shop::open() else { return };
    become_launcher(&mut shop);
    let ran = shop.launch(2, &[]).finish();
    shop.assert_whole(ran, 2);
}

#[test]
fn an_abort_needs_only_the_role_in_the_tree() {
    let Some(mut shop) = Shop::open() else { return };
    become_launcher(&mut shop);
    shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "no node fits".to_owned()),
        ..PodFate::default()
    });
    check_abort(&shop, &["cannot be scheduled: no node fits"]);
}

#[test]
fn a_stop_with_a_pod_that_never_began_lets_the_other_pods_store_their_results() {
    let Some(shop) = Shop::open() else { return };
    shop.stand_in().on_pod(|pod| PodFate {
        unschedulable: (pod.index == Some(2)).then(|| "no node fits".to_owned()),
        ..PodFate::default()
    });
    let launch = shop.launch(60, &["--start-timeout", "6s", "--min-workers", "3"]);
    let deadline = |job: &serde_json::Value| job["spec"]["activeDeadlineSeconds"].as_i64().unwrap();
    shop.target.wait_for_more_than(RATE);
    let before = deadline(&shop.cluster.get("jobs", RUN).unwrap());
    launch.signal("INT");
    launch.finish().expect(130, &["stopping"]);
    let report = shop.desk.json("report.json");
    assert_eq!(whole_runs::machine::sent(&report), shop.target.requests());
    let after = deadline(&shop.cluster.get("jobs", RUN).unwrap());
    assert!(
        after < before,
        "the pod that is not scheduled would be kept for {after} s of {before} s"
    );
}

#[test]
fn doctor_names_what_must_change() {
    let Some(shop) = Shop::open() else { return };
    let doctor = |options: &[&str]| {
        Running::start(&mut shop.on_fleet("doctor", 3, &[&["--workers", "4"], options].concat())).finish()
    };
    let ran = doctor(&[]).expect(0, &[]);
    for words in [
        "ok       cluster",
        "ok       permissions",
        "ok       quota",
        "ok       targets",
        "4 workers can be",
    ] {
        assert!(ran.stdout.contains(words), "no `{words}` in {}", ran.stdout);
    }
    let quota = json!({ "metadata": { "name": "team" }, "spec": { "hard": { "requests.cpu": "3" } } });
    shop.cluster.create("resourcequotas", &quota);
    shop.wait("the quota", |cluster| {
        cluster.get("resourcequotas", "team")?.get("status").map(drop)
    });
    let map = shop.cluster.path("configmaps", "vajra-cloud-allow");
    shop.cluster
        .api()
        .merge(&map, &json!({ "data": { "targets": "shop.example.com" } }))
        .expect(200);
    let ran = doctor(&[]).expect(1, &[]);
    for words in ["no room for 4 pods", "requests.cpu", "is refused", "2 problems"] {
        assert!(ran.stdout.contains(words), "no `{words}` in {}", ran.stdout);
    }
    shop.stand_in().forbid("create", "jobs");
    shop.stand_in().forbid("list", "pods");
    let ran = doctor(&[]).expect(1, &[]);
    assert!(
        ran.stdout.contains("you may not create jobs, list pods"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("launcher-role.yaml"), "{}", ran.stdout);
}
