//! Reads the facts of a pod that the fleet uses.

use super::names;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStateWaiting, Pod, PodCondition};

/// The label and annotation with the index of a pod in its Job.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// Returns the index of a pod in its Job; `None` if the pod has no index.
pub(super) fn index(pod: &Pod) -> Option<usize> {
    let metadata = &pod.metadata;
    let annotated = metadata.annotations.as_ref().and_then(|all| all.get(INDEX));
    let labelled = metadata.labels.as_ref().and_then(|all| all.get(INDEX));
    annotated.or(labelled)?.parse().ok()
}

pub(super) fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or("without a name")
}

pub(super) fn uid(pod: &Pod) -> &str {
    pod.metadata.uid.as_deref().unwrap_or_default()
}

fn phase(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status.and_then(|status| status.phase.as_deref()).unwrap_or("Pending")
}

pub(super) fn has_failed(pod: &Pod) -> bool {
    phase(pod) == "Failed"
}

/// Returns whether the containers of a pod have ended.
pub(super) fn has_ended(pod: &Pod) -> bool {
    matches!(phase(pod), "Failed" | "Succeeded")
}

/// Returns whether the worker of a pod is running.
pub(super) fn is_running(pod: &Pod) -> bool {
    phase(pod) == "Running"
}

/// Returns the condition of a pod with this type and status; `None` if the pod has no such condition.
pub(super) fn condition<'a>(pod: &'a Pod, type_: &str, status: &str) -> Option<&'a PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| condition.type_ == type_ && condition.status == status)
}

fn state(pod: &Pod) -> Option<&ContainerState> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    let worker = statuses.iter().find(|status| status.name == names::CONTAINER)?;
    worker.state.as_ref()
}

/// Returns the state in which the worker of a pod ended; `None` if the worker has not ended.
pub(super) fn terminated(pod: &Pod) -> Option<&ContainerStateTerminated> {
    state(pod)?.terminated.as_ref()
}

/// Returns the reason why the container of a worker is waiting; `None` if the container is not waiting.
pub(super) fn waiting(pod: &Pod) -> Option<&ContainerStateWaiting> {
    state(pod)?.waiting.as_ref()
}

/// Returns the newest pod of an index.
pub(super) fn newest(pods: &[Pod], of: usize) -> Option<&Pod> {
    let pods = pods.iter().filter(|pod| index(pod) == Some(of));
    // Of two pods that were created in the same second, the pod that has not ended is newer, because a pod is replaced
    // after its end.
    pods.max_by_key(|pod| {
        (
            pod.metadata.creation_timestamp.as_ref().map(|time| time.0),
            !has_ended(pod),
        )
    })
}

/// Parses the list of indexes in the status of a Job, such as `0,3-5,7`.
pub(super) fn indexes(text: Option<&str>) -> Vec<usize> {
    let parts = text.unwrap_or_default().split(',').filter(|part| !part.is_empty());
    let ranges = parts.filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse::<usize>().ok()?..=last.trim().parse::<usize>().ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_single_numbers_and_ranges() {
        assert_eq!(indexes(Some("0,3-5,7")), [0, 3, 4, 5, 7]);
        assert_eq!(indexes(Some("")), [0; 0]);
        assert_eq!(indexes(None), [0; 0]);
        assert_eq!(indexes(Some("x,2")), [2]);
    }
}
