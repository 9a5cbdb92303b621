//! Tests of Jobs that wait in a queue of Kueue. The tests admit the Jobs in place of Kueue.

use super::condition;
use super::shop::{RUN, Shop};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use whole_runs::machine::Running;

/// How long a test observes that nothing starts. The stand-in and the launcher act several times within this time.
const OBSERVED: Duration = Duration::from_secs(3);

/// Launches a run whose Job waits in the queue `load-tests`. Returns the process, and the Job as soon as the Job is
/// suspended.
fn launch(shop: &Shop, options: &[&str]) -> (Running, Value) {
    let launch = shop.launch(2, &[&["--queue", "load-tests"], options].concat());
    let job = shop.wait("the suspended Job", |cluster| {
        let job = cluster.get("jobs", RUN)?;
        (condition(&job, "Suspended")? == "True").then_some(job)
    });
    (launch, job)
}

#[test]
fn a_job_in_a_queue_starts_its_pods_when_the_queue_admits_it() {
    let Some(shop) = Shop::open() else { return };
    let (launch, job) = launch(&shop, &[]);
    assert_eq!(job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"], "load-tests");
    assert_eq!(job["spec"]["suspend"], true);
    let began = Instant::now();
    shop.wait("the time of the observation", |cluster| {
        assert!(cluster.list("pods").is_empty(), "a pod of a suspended Job");
        (began.elapsed() > OBSERVED).then_some(())
    });
    let run = shop.store().join("runs").join(RUN);
    assert!(run.join("plan.json").exists() && !run.join("start").exists());
    let admitted = json!({ "spec": { "suspend": false } });
    shop.cluster
        .api()
        .merge(&shop.cluster.path("jobs", RUN), &admitted)
        .expect(200);
    shop.assert_whole(launch.finish(), 2);
}

#[test]
fn a_job_that_its_queue_does_not_admit_is_named_and_withdrawn() {
    let Some(shop) = Shop::open() else { return };
    let (launch, _) = launch(&shop, &["--start-timeout", "4s"]);
    launch
        .finish()
        .expect(3, &["the run was not started", "workers 0-3", "suspended"]);
    shop.wait_for_no_job();
    assert_eq!(shop.target.requests(), 0, "requests of a run that was not started");
}
