//! Tests of documents that older workers stored. Documents of older workers lack the fields of later formats.

use super::*;

#[test]
fn a_snapshot_without_retry_counts_is_read() {
    let mut snapshot = snapshot();
    let log = encoded(&snapshot);
    let text = String::from_utf8(log).unwrap();
    let older = text.replace(",\"retries\":0", "").replace(",\"retries\":2", "");
    assert!(older != text && !older.contains("retries"));
    snapshot.recorder.tally.requests[1].counts.retries = 0;
    snapshot.recorder.seconds.at(1).counts.retries = 0;
    assert_eq!(decode(older.as_bytes(), 7), Ok(snapshot));
}

#[test]
fn a_snapshot_without_reasons_of_failures_is_read() {
    let mut snapshot = snapshot();
    let log = encoded(&snapshot).len();
    snapshot.recorder.tally.reasons = Reasons::default();
    let without = encoded(&snapshot);
    assert!(!String::from_utf8(without.clone()).unwrap().contains("\"reasons\""));
    assert!(without.len() < log);
    assert_eq!(decode(&without, 7), Ok(snapshot));
}

/// Returns a snapshot in format 4. A snapshot in format 4 contains neither the latency of each kind of failure nor the
/// number of open connections.
fn in_format_4(log: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(log.to_vec()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("Tag=all.failed.latency."));
    let older: String = lines.map(|line| format!("{line}\n")).collect();
    let older = older.replacen("\"connections\":12,", "", 1);
    older.replacen("\"format\":6", "\"format\":4", 1).into_bytes()
}

#[test]
fn documents_without_latency_by_kind_of_failure_and_open_connections_are_read() {
    let mut snapshot = snapshot();
    let mut result = SliceResult {
        end: SliceEnd::Finished,
        paced_until: 9,
        tally: recorder().tally,
        health: Health::default(),
    };
    let log = encoded(&snapshot);
    let result_log = result.encode(labels(&from(), &names()));
    let expected = recorder().tally.failure_latency;
    assert_eq!(decode(&log, 7).unwrap().recorder.tally.failure_latency, expected);
    assert_eq!(decode_result(&result_log).unwrap().tally.failure_latency, expected);
    assert_eq!(expected.keys().collect::<Vec<_>>(), [&Failure::Timeout]);
    snapshot.recorder.tally.failure_latency.clear();
    snapshot.connections = None;
    result.tally.failure_latency.clear();
    assert_eq!(decode(&in_format_4(&log), 7), Ok(snapshot));
    assert_eq!(decode_result(&in_format_4(&result_log)), Ok(result));
}

#[test]
fn latency_by_kind_that_does_not_match_the_counts_is_refused() {
    let log = String::from_utf8(encoded(&snapshot())).unwrap();
    let line = log
        .lines()
        .find(|line| line.starts_with("Tag=all.failed.latency.timeout"))
        .unwrap();
    let mismatch = "its histograms do not match its counts";
    for (changed, problem) in [
        (log.replacen(&format!("{line}\n"), "", 1), mismatch),
        (log.replacen("\"format\":6", "\"format\":4", 1), mismatch),
        (log.replacen("latency.timeout", "latency.reset", 1), mismatch),
        (log.replacen(line, &format!("{line}\n{line}"), 1), mismatch),
        (log.replacen("latency.timeout", "latency.bored", 1), "unknown tag"),
    ] {
        assert_ne!(changed, log);
        let error = decode(changed.as_bytes(), 7).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
