//! Tests of the rules of Indexed Jobs.

use super::*;
use crate::kubernetes::storage::now;

const BACKOFF: Duration = Duration::from_secs(10);

/// Returns a Job with the same failure policy as the Jobs of the product.
fn job(completions: u32, parallelism: u32) -> Value {
    json!({
        "metadata": {"name": "run", "namespace": "load"},
        "spec": {
            "completionMode": "Indexed", "completions": completions, "parallelism": parallelism,
            "backoffLimitPerIndex": 2, "backoffLimit": i32::MAX, "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "FailIndex", "onExitCodes": {"containerName": "worker", "operator": "In", "values": [2, 3, 76]}},
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            ]},
        },
        "status": {},
    })
}

/// Returns a pod that ended `ago` seconds ago with the exit code `code`. If `code` is `None`, the pod is running.
fn pod(index: u32, failures: u32, code: Option<i64>, ago: i64) -> Value {
    let phase = match code {
        None => "Running",
        Some(0) => "Succeeded",
        Some(_) => "Failed",
    };
    let finished = timestamp(now() - time::Duration::seconds(ago));
    let state = code.map_or(
        json!({"running": {}}),
        |code| json!({"terminated": {"exitCode": code, "finishedAt": finished}}),
    );
    json!({
        "metadata": {
            "name": format!("run-{index}-{failures}"), "namespace": "load", "finalizers": [TRACKING],
            "annotations": {INDEX: index.to_string(), FAILURES: failures.to_string()},
        },
        "status": {"phase": phase, "containerStatuses": [{"name": "worker", "state": state}]},
    })
}

fn decide(job: &Value, pods: &[Value]) -> Decision {
    reconcile(job, &pods.iter().collect::<Vec<_>>(), now(), BACKOFF)
}

fn created(decision: &Decision) -> Vec<(u32, u32, u32)> {
    let pods = decision.actions.iter().filter_map(|action| match action {
        Action::Create(pod) => Some(pod),
        _ => None,
    });
    pods.map(|pod| {
        let (failures, ignored) = pod.failures.unwrap();
        (pod.index.unwrap(), failures, ignored)
    })
    .collect()
}

fn status(decision: &Decision) -> Value {
    let status = decision.actions.iter().find_map(|action| match action {
        Action::Status(status) => Some(status.clone()),
        _ => None,
    });
    status.unwrap()
}

fn releases(decision: &Decision) -> usize {
    decision
        .actions
        .iter()
        .filter(|action| matches!(action, Action::Release(_)))
        .count()
}

#[test]
fn a_new_job_gets_one_pod_for_each_index_up_to_its_parallelism() {
    assert_eq!(created(&decide(&job(3, 3), &[])), [(0, 0, 0), (1, 0, 0), (2, 0, 0)]);
    assert_eq!(created(&decide(&job(3, 2), &[])), [(0, 0, 0), (1, 0, 0)]);
    let decision = decide(&job(3, 2), &[pod(0, 0, Some(0), 1), pod(1, 0, None, 0)]);
    assert_eq!(created(&decision), [(2, 0, 0)]);
    assert_eq!(status(&decision)["completedIndexes"], "0");
}

#[test]
fn a_counted_failure_is_replaced_after_the_backoff_with_a_higher_count() {
    let early = decide(&job(1, 1), &[pod(0, 0, Some(75), 1)]);
    assert_eq!(created(&early), []);
    assert!(early.again.is_some_and(|again| again <= BACKOFF), "{early:?}");
    assert_eq!(releases(&early), 0, "the failed pod stays until its replacement exists");
    assert_eq!(created(&decide(&job(1, 1), &[pod(0, 0, Some(75), 11)])), [(0, 1, 0)]);
    assert_eq!(
        created(&decide(&job(1, 1), &[pod(0, 1, Some(75), 11)])),
        [],
        "the second pause is twice as long"
    );
    assert_eq!(created(&decide(&job(1, 1), &[pod(0, 1, Some(75), 21)])), [(0, 2, 0)]);
    let replaced = decide(&job(1, 1), &[pod(0, 0, Some(75), 11), pod(0, 1, None, 0)]);
    assert_eq!(
        (releases(&replaced), status(&replaced)["failed"].clone()),
        (1, json!(1))
    );
}

#[test]
fn an_index_fails_after_its_limit_or_by_a_rule() {
    let ended = decide(&job(2, 2), &[pod(0, 2, Some(75), 99), pod(1, 0, None, 0)]);
    assert_eq!(status(&ended)["failedIndexes"], "0");
    assert_eq!(created(&ended), []);
    let by_rule = decide(&job(2, 2), &[pod(0, 0, Some(76), 99), pod(1, 0, None, 0)]);
    assert_eq!(status(&by_rule)["failedIndexes"], "0");
    assert_eq!((releases(&by_rule), status(&by_rule)["failed"].clone()), (1, json!(1)));
}

#[test]
fn a_disrupted_pod_is_replaced_without_a_counted_failure_unless_an_earlier_rule_matches() {
    let disrupted = |code: i64| {
        let mut pod = pod(0, 0, Some(code), 99);
        conditions::set(
            &mut pod["status"],
            "DisruptionTarget",
            "True",
            "TerminationByKubelet",
            "",
        );
        pod["status"]["phase"] = "Failed".into();
        pod
    };
    assert_eq!(created(&decide(&job(1, 1), &[disrupted(143)])), [(0, 0, 1)]);
    assert_eq!(created(&decide(&job(1, 1), &[disrupted(0)])), [(0, 0, 1)]);
    assert_eq!(status(&decide(&job(1, 1), &[disrupted(3)]))["failedIndexes"], "0");
}

#[test]
fn a_job_with_failed_indexes_fails_when_every_index_has_ended() {
    let mut job = job(2, 2);
    let decision = decide(&job, &[pod(0, 0, Some(3), 9), pod(1, 0, Some(0), 9)]);
    let after = status(&decision);
    for kind in ["FailureTarget", "Failed"] {
        let condition = conditions::get(&after, kind).unwrap();
        assert_eq!(condition["reason"], "FailedIndexes");
        assert_eq!(condition["message"], "Job has failed indexes");
    }
    assert_eq!(
        (&after["completedIndexes"], &after["failedIndexes"]),
        (&json!("1"), &json!("0"))
    );
    assert!(after["completionTime"].is_null());
    job["status"] = after;
    assert_eq!(decide(&job, &[]), Decision::default(), "a finished Job stays as it is");
}

#[test]
fn a_job_completes_when_all_indexes_have_succeeded() {
    let after = status(&decide(&job(2, 2), &[pod(0, 0, Some(0), 9), pod(1, 0, Some(0), 9)]));
    assert!(
        conditions::is_true(&after, "SuccessCriteriaMet") && conditions::is_true(&after, "Complete"),
        "{after}"
    );
    assert_eq!(
        (&after["succeeded"], &after["completedIndexes"]),
        (&json!(2), &json!("0,1"))
    );
    assert!(after["completionTime"].is_string());
}

#[test]
fn a_terminating_pod_is_replaced_only_when_it_has_ended() {
    let mut ending = pod(0, 0, None, 0);
    ending["metadata"]["deletionTimestamp"] = timestamp(now());
    assert_eq!(created(&decide(&job(1, 1), &[ending.clone()])), []);
    let mut other = job(1, 1);
    other["spec"]["podReplacementPolicy"] = "TerminatingOrFailed".into();
    other["spec"].as_object_mut().unwrap().remove("podFailurePolicy");
    ending["metadata"]["creationTimestamp"] = timestamp(now() - time::Duration::seconds(99));
    assert_eq!(created(&decide(&other, &[ending])), [(0, 1, 0)]);
}

#[test]
fn a_suspended_job_has_no_pods_and_starts_again_when_it_is_resumed() {
    let mut job = job(1, 1);
    job["spec"]["suspend"] = true.into();
    let decision = decide(&job, &[pod(0, 0, None, 0)]);
    assert!(decision.actions.contains(&Action::Delete("run-0-0".to_owned())));
    job["status"] = status(&decision);
    assert!(conditions::is_true(&job["status"], "Suspended") && job["status"]["startTime"].is_null());
    job["spec"]["suspend"] = false.into();
    let decision = decide(&job, &[]);
    assert_eq!(created(&decision), [(0, 0, 0)]);
    assert!(status(&decision)["startTime"].is_string());
}

#[test]
fn a_job_fails_at_its_deadline() {
    let mut job = job(1, 1);
    job["spec"]["activeDeadlineSeconds"] = 5.into();
    job["status"]["startTime"] = timestamp(now() - time::Duration::seconds(2));
    assert!(decide(&job, &[pod(0, 0, None, 0)]).again.is_some());
    job["status"]["startTime"] = timestamp(now() - time::Duration::seconds(6));
    let decision = decide(&job, &[pod(0, 0, None, 0)]);
    let after = status(&decision);
    assert_eq!(
        conditions::get(&after, "FailureTarget").unwrap()["reason"],
        "DeadlineExceeded"
    );
    assert!(decision.actions.contains(&Action::Delete("run-0-0".to_owned())));
}

#[test]
fn indexes_are_shown_as_ranges() {
    for text in ["", "3", "0,1", "0-2", "0-3,5,7,8"] {
        assert_eq!(show_indexes(&parse_indexes(text)), text);
    }
}
