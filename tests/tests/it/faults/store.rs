//! Tests of faults of the store. Requests to the store are rejected, slow or cut off, or their answers are lost.

use super::cloud::Cloud;
use std::time::Duration;
use whole_runs::s3_proxy::Trouble;

const S: Duration = Duration::from_secs(1);

/// Returns a function that gives a fault to each request whose number is a multiple of `n`.
fn every(n: u64, trouble: Trouble) -> impl Fn(&whole_runs::s3_proxy::Asked) -> Trouble {
    move |asked| match asked.number % n {
        0 => trouble,
        _ => Trouble::None,
    }
}

#[test]
fn requests_are_retried_after_slow_down() {
    let cloud = Cloud::with_troubles(every(4, Trouble::Refused(503, "SlowDown")));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20, "{}", cloud.proxy.troubles().len());
}

#[test]
fn requests_are_retried_after_an_internal_error() {
    let cloud = Cloud::with_troubles(every(4, Trouble::Refused(500, "InternalError")));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn conflicting_claims_are_retried() {
    let cloud = Cloud::with_troubles(|asked| match (asked.create_only, asked.earlier) {
        (true, 0..3) => Trouble::Refused(409, "ConditionalRequestConflict"),
        _ => Trouble::None,
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
    let claims = cloud
        .proxy
        .troubles()
        .iter()
        .filter(|(asked, _)| asked.puts("/claims/00001"))
        .count();
    assert_eq!(claims, 4 * 3);
}

#[test]
fn a_write_with_a_lost_response_is_recognised_on_retry() {
    // The first attempt of each create-only write succeeds, but its answer is lost. The second attempt is rejected,
    // because the object exists. The plan, the start and the claims are written in this way.
    let cloud = Cloud::with_troubles(|asked| match (asked.create_only, asked.earlier) {
        (true, 0) => Trouble::AnswerLost,
        _ => Trouble::None,
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
    let lost = |end: &str| {
        cloud
            .proxy
            .troubles()
            .iter()
            .filter(|(asked, _)| asked.puts(end))
            .count()
    };
    assert_eq!((lost("/claims/00001"), lost("/plan.json"), lost("/start")), (4, 1, 1));
}

#[test]
fn a_worker_recognises_its_claim_after_a_temporary_failure_of_the_store() {
    // The claim is stored, but the answer is lost. After the write, six attempts to read the claim fail.
    let cloud = Cloud::with_troubles(|asked| {
        let claim = asked.path.ends_with("/claims/00001");
        match (asked.method.as_str(), claim, asked.earlier) {
            ("PUT", true, 0) => Trouble::AnswerLost,
            ("HEAD", true, 0..6) => Trouble::Refused(503, "SlowDown"),
            _ => Trouble::None,
        }
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
}

#[test]
fn truncated_responses_are_retried() {
    let cloud = Cloud::with_troubles(|asked| match (asked.method.as_str(), asked.number % 3) {
        ("GET", 0) => Trouble::CutOff,
        _ => Trouble::None,
    });
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn lost_responses_are_retried() {
    let cloud = Cloud::with_troubles(every(5, Trouble::AnswerLost));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn slow_listings_lose_no_requests() {
    let cloud = Cloud::with_troubles(|asked| match asked.list {
        true => Trouble::Slow(5 * S),
        false => Trouble::None,
    });
    let ran = cloud.launch(8, &[]);
    cloud.assert_whole(&ran, 800);
    assert!(!cloud.proxy.troubles().is_empty());
}

#[test]
fn results_whose_first_write_hangs_are_stored() {
    let cloud = Cloud::with_troubles(|asked| match asked.puts("/result") && asked.earlier == 0 {
        true => Trouble::Swallowed(60 * S),
        false => Trouble::None,
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
}

#[test]
fn a_store_outage_of_some_seconds_loses_no_requests() {
    // From the middle of the load on, every request fails for eight seconds.
    let begun = std::sync::OnceLock::new();
    let cloud = Cloud::with_troubles(move |asked| {
        if asked.puts("/live/00002") {
            begun.get_or_init(std::time::Instant::now);
        }
        match begun.get().is_some_and(|begun| begun.elapsed() < 8 * S) {
            true => Trouble::Refused(503, "ServiceUnavailable"),
            false => Trouble::None,
        }
    });
    let ran = cloud.launch(6, &[]);
    cloud.assert_whole(&ran, 600);
    assert!(cloud.proxy.troubles().len() > 10);
}

#[test]
fn a_permanent_store_outage_ends_the_run_and_is_reported() {
    let begun = std::sync::OnceLock::new();
    let cloud = Cloud::with_troubles(move |asked| {
        if asked.puts("/live/00002") {
            begun.get_or_init(|| ());
        }
        match begun.get() {
            Some(()) => Trouble::Refused(503, "ServiceUnavailable"),
            None => Trouble::None,
        }
    });
    let ran = cloud.launch(4, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.output);
    ran.assert_output(&["the store", "too busy", "hint:"]);
    ran.within(60);
    assert_eq!(cloud.target.requests(), 400, "the load must not depend on the store");
}

#[test]
fn a_run_works_if_only_a_prefix_of_the_bucket_can_be_listed() {
    let cloud = Cloud::with_troubles(|asked| match (asked.list, &asked.prefix) {
        (true, Some(prefix)) if prefix.starts_with("team-") => Trouble::None,
        (true, _) => Trouble::Refused(403, "AccessDenied"),
        (false, _) => Trouble::Hidden,
    });
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    let troubles = cloud.proxy.troubles();
    assert!(troubles.iter().any(|(asked, _)| asked.path.ends_with("/start")));
    assert!(
        troubles.iter().all(|(_, trouble)| *trouble == Trouble::Hidden),
        "{troubles:?}"
    );
}
