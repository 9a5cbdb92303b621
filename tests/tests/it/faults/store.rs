//! The store: requests that are refused, slow, cut off, or done without an answer.

use super::cloud::Cloud;
use std::time::Duration;
use whole_runs::s3_proxy::Trouble;

const S: Duration = Duration::from_secs(1);

/// Every n-th request, whatever it is.
fn every(n: u64, trouble: Trouble) -> impl Fn(&whole_runs::s3_proxy::Asked) -> Trouble {
    move |asked| match asked.number % n {
        0 => trouble,
        _ => Trouble::None,
    }
}

#[test]
fn a_store_that_says_slow_down_is_asked_again() {
    let cloud = Cloud::with_troubles(every(4, Trouble::Refused(503, "SlowDown")));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20, "{}", cloud.proxy.troubles().len());
}

#[test]
fn a_store_that_fails_inside_is_asked_again() {
    let cloud = Cloud::with_troubles(every(4, Trouble::Refused(500, "InternalError")));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn claims_that_meet_others_are_tried_again() {
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
        .filter(|(asked, _)| asked.puts("/claim"))
        .count();
    assert_eq!(claims, 4 * 3);
}

#[test]
fn a_write_that_was_done_without_an_answer_is_known_as_ones_own() {
    // Claims, plan and start: each was written, and is refused at the second try.
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
    assert_eq!((lost("/claim"), lost("/plan.json"), lost("/start")), (4, 1, 1));
}

#[test]
fn an_own_claim_is_known_even_when_the_store_fails_meanwhile() {
    // The claim is written without an answer, and then nobody can look whose it is for a while.
    let cloud = Cloud::with_troubles(|asked| {
        let claim = asked.path.ends_with("/claim");
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
fn answers_that_break_off_are_asked_for_again() {
    let cloud = Cloud::with_troubles(|asked| match (asked.method.as_str(), asked.number % 3) {
        ("GET", 0) => Trouble::CutOff,
        _ => Trouble::None,
    });
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn answers_that_are_lost_are_asked_for_again() {
    let cloud = Cloud::with_troubles(every(5, Trouble::AnswerLost));
    let ran = cloud.launch(3, &[]);
    cloud.assert_whole(&ran, 300);
    assert!(cloud.proxy.troubles().len() > 20);
}

#[test]
fn a_run_does_without_listings_that_are_slow_and_loses_nothing() {
    let cloud = Cloud::with_troubles(|asked| match asked.list {
        true => Trouble::Slow(5 * S),
        false => Trouble::None,
    });
    let ran = cloud.launch(8, &[]);
    cloud.assert_whole(&ran, 800);
    assert!(!cloud.proxy.troubles().is_empty());
}

#[test]
fn results_that_hang_at_first_are_stored_in_the_end() {
    let cloud = Cloud::with_troubles(|asked| match asked.puts("/result") && asked.earlier == 0 {
        true => Trouble::Swallowed(60 * S),
        false => Trouble::None,
    });
    let ran = cloud.launch(2, &[]);
    cloud.assert_whole(&ran, 200);
}

#[test]
fn a_store_that_is_gone_for_some_seconds_loses_nothing() {
    // From the middle of the load on: every request, whoever asks.
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
fn a_store_that_is_gone_for_good_ends_the_run_and_is_named() {
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
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    ran.says(&["the store", "too busy", "hint:"]);
    ran.within(60);
    assert_eq!(cloud.target.requests(), 400, "the load itself needs no store");
}

#[test]
fn a_run_goes_well_where_the_bucket_may_be_listed_below_a_prefix_only() {
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
