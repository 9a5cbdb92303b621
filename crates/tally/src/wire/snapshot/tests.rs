//! Tests of encoding and decoding snapshots and results.

mod older;

use super::*;
use crate::account::Requests;
use crate::cause::Cause;
use crate::outcome::{Code, Failure, Outcome};
use crate::provenance::Provenance;
use crate::reasons::{Occurrences, Reason, Reasons};
use crate::snapshot::{Health, SliceEnd, TokenRequests};
use crate::tally::SampleKind;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

fn recorder() -> Recorder {
    let mut recorder = Recorder::new(2);
    for k in 0..2_000u64 {
        let sample = if k % 10 == 0 {
            SampleKind::Unmeasured
        } else {
            SampleKind::Measured {
                request: ((k % 2) as usize).into(),
            }
        };
        let (due, sent) = (k * 1_000_000, k * 1_000_000 + 40_000);
        recorder.sent(sample, sent);
        let result = if k % 7 == 0 { Err(Failure::Timeout) } else { Ok(()) };
        let outcome = Outcome {
            due,
            sent,
            done: sent + 3_000 * k,
            result,
            code: Some(Code::Http(200)),
            body_bytes: 9,
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
        if let (Err(kind), SampleKind::Measured { request }) = (result, sample) {
            let mut seen = Occurrences::default();
            seen.count(k);
            recorder.tally.reasons.record(request, kind, reason(k % 2), &seen);
        }
    }
    recorder.dropped(SampleKind::Measured { request: 1.into() }, 5);
    recorder.retried(SampleKind::Measured { request: 1.into() }, 2, 1_000_000_000);
    recorder.sent(SampleKind::Measured { request: 0.into() }, 6);
    recorder.abandoned(SampleKind::Measured { request: 0.into() });
    recorder
}

fn reason(n: u64) -> Reason {
    Reason {
        cause: Cause::Timeout,
        detail: "while reading the body".to_owned(),
        origin: format!("http://{n}.example:80"),
    }
}

fn from() -> Provenance {
    Provenance {
        run: "r".to_owned(),
        shard: 3,
        slice: 1,
        mark: 77,
    }
}

fn expected<'a>(from: &'a Provenance, names: &'a [String]) -> ExpectedSnapshot<'a> {
    ExpectedSnapshot {
        provenance: from,
        stated: true,
        requests: names,
        flows: 2,
        arrivals_max: 2_002,
        requests_max: 1,
        span: 0..100_000_000_000,
    }
}

fn decode(log: &[u8], n: u32) -> Result<Snapshot, FormatError> {
    Snapshot::decode(log, n, &expected(&from(), &names()))
}

fn decode_result(log: &[u8]) -> Result<SliceResult, FormatError> {
    SliceResult::decode(log, &expected(&from(), &names()))
}

const START: u64 = 1_700_000_000_123_000_000;

fn names() -> Vec<String> {
    vec!["home".to_owned(), "cart/v1.2".to_owned()]
}

fn labels<'a>(from: &'a Provenance, names: &'a [String]) -> SnapshotLabels<'a> {
    SnapshotLabels {
        provenance: from,
        requests: names,
        start: START,
    }
}

/// Returns snapshot 7 of the worker that [`from`] describes.
fn snapshot() -> Snapshot {
    Snapshot {
        n: 7,
        from: 0,
        to: 2_500_000_000,
        connections: Some(12),
        recorder: recorder(),
    }
}

fn encoded(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.encode(labels(&from(), &names()))
}

#[test]
fn a_snapshot_reads_back_unchanged() {
    let snapshot = snapshot();
    let log = encoded(&snapshot);
    assert_eq!(decode(&log, 7), Ok(snapshot));
}

#[test]
fn a_result_reads_back_unchanged() {
    let health = Health {
        start_skew: 5,
        clock_offset: Some(-3),
        clock_uncertainty: Some(2),
        hand_over_problem: Some("throttled".to_owned()),
        snapshots: 2,
        cpu: 9,
        in_flight_max: 4,
        load_cpu: 5,
        load_wall: 6,
        run_queue: 7,
        throttled: Some(8),
        descriptors_max: 9,
        ran: Some(10),
        requests: Some(Requests {
            writes: 11,
            lists: 12,
            reads: 13,
            written_bytes: 14,
            read_bytes: 15,
        }),
        tokens: None,
    };
    for end in [
        SliceEnd::Finished,
        SliceEnd::Stopped,
        SliceEnd::Deadline,
        SliceEnd::HostStopped,
        SliceEnd::Failed(
            "no
route"
                .to_owned(),
        ),
    ] {
        let result = SliceResult {
            end,
            paced_until: 9,
            tally: recorder().tally,
            health: health.clone(),
        };
        let log = result.encode(labels(&from(), &names()));
        assert_eq!(decode_result(&log), Ok(result));
    }
}

#[test]
fn other_tools_read_the_log() {
    let snapshot = snapshot();
    let log = encoded(&snapshot);
    let mut intervals = 0;
    for entry in IntervalLogIterator::new(&log) {
        match entry.unwrap() {
            LogEntry::StartTime(start) => assert_eq!(start.as_millis(), 1_700_000_000_123),
            LogEntry::Interval(interval)
                if interval
                    .tag()
                    .is_some_and(|tag| tag.as_str() == "home.completed.latency") =>
            {
                let bytes = STANDARD.decode(interval.encoded_histogram()).unwrap();
                let histogram: hdrhistogram::Histogram<u64> = hdrhistogram::serialization::Deserializer::new()
                    .deserialize(&mut bytes.as_slice())
                    .unwrap();
                let ours = &snapshot.recorder.tally.requests[0].completed.latency;
                assert_eq!(histogram.len(), ours.len());
                assert_eq!(histogram.value_at_quantile(0.99), ours.quantile(990_000));
                intervals += 1;
            }
            _ => {}
        }
    }
    assert_eq!(intervals, 1);
}

#[test]
fn a_cut_or_newer_log_is_refused() {
    let snapshot = Snapshot {
        n: 1,
        from: 0,
        to: 1,
        connections: None,
        recorder: recorder(),
    };
    let log = encoded(&snapshot);
    let cut = &log[..log.len() - 30];
    assert!(matches!(decode(cut, 1), Err(FormatError::Damaged { .. })));
    let newer = String::from_utf8(log)
        .unwrap()
        .replacen(&format!("\"format\":{}", SNAPSHOT.format), "\"format\":9", 1);
    assert!(matches!(
        decode(newer.as_bytes(), 1),
        Err(FormatError::Newer { found: 9, .. })
    ));
    assert!(decode(b"", 1).is_err());
    assert!(decode(b"\xff\xfe", 1).is_err());
}

#[test]
fn a_snapshot_with_seconds_outside_its_interval_is_rejected() {
    let snapshot = Snapshot {
        n: 1,
        from: 0,
        to: 60_000_000_000,
        connections: None,
        recorder: recorder(),
    };
    assert!(decode(&encoded(&snapshot), 1).is_ok());
    let short = Snapshot {
        to: 500_000_000,
        ..snapshot.clone()
    };
    assert!(decode(&encoded(&short), 1).is_err());
    let text = String::from_utf8(encoded(&snapshot)).unwrap();
    let backwards = text.replacen("\"from\":0", "\"from\":61000000000", 1);
    assert_ne!(backwards, text);
    assert!(decode(backwards.as_bytes(), 1).is_err());
    // One second in the far future would cause a series with billions of points.
    let second = "\"seconds\":{\"4294967295\":{\"sent\":0,\"completed\":0,\"failed\":0,\"dropped\":0},";
    let far = text.replacen("\"seconds\":{", second, 1);
    assert_ne!(far, text);
    assert!(decode(far.as_bytes(), 1).is_err());
}

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[test]
fn a_log_truncated_at_any_byte_is_damaged() {
    let mut recorder = Recorder::new(1);
    let sample = SampleKind::Measured { request: 0.into() };
    for at in 0..3 {
        let done = at * 1_000_000_000 + 5_000;
        recorder.sent(sample, done - 5_000);
        let outcome = Outcome {
            due: done - 5_000,
            sent: done - 4_000,
            done,
            result: Ok(()),
            code: Some(Code::Http(200)),
            body_bytes: 1,
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
    }
    let names = ["home".to_owned()];
    let snapshot = Snapshot {
        n: 1,
        from: 0,
        to: 3_000_000_000,
        connections: None,
        recorder,
    };
    let log = snapshot.encode(SnapshotLabels {
        provenance: &from(),
        requests: &names,
        start: 0,
    });
    assert!(Snapshot::decode(&log, 1, &expected(&from(), &names)).is_ok());
    for length in 0..log.len() - 1 {
        assert!(
            Snapshot::decode(&log[..length], 1, &expected(&from(), &names)).is_err(),
            "{length} of {} bytes",
            log.len()
        );
    }
}

/// Checks the error of reading a document in which `text` is replaced by `other`.
fn check_changed(log: &[u8], text: &str, other: &str, expected: &str) {
    let log = std::str::from_utf8(log).unwrap();
    let changed = log.replacen(text, other, 1);
    assert_ne!(changed, log, "{text} is not in the document");
    let problem = match changed.contains("\"paced_until\"") {
        true => decode_result(changed.as_bytes()).unwrap_err(),
        false => decode(changed.as_bytes(), 7).unwrap_err(),
    };
    assert!(problem.to_string().contains(expected), "{other}: {problem}");
}

#[test]
fn a_document_of_another_slice_or_worker_is_refused() {
    let snapshot = snapshot();
    let result = SliceResult {
        end: SliceEnd::Finished,
        paced_until: 9,
        tally: recorder().tally,
        health: Health::default(),
    };
    let (names, from) = (names(), from());
    let labels = labels(&from, &names);
    for log in [snapshot.encode(labels), result.encode(labels)] {
        let check = |text, other, expected| check_changed(&log, text, other, expected);
        check("\"run\":\"r\"", "\"run\":\"s\"", "another slice");
        check("\"shard\":3", "\"shard\":2", "another slice");
        check("\"slice\":1", "\"slice\":0", "another slice");
        check("\"mark\":77", "\"mark\":78", "another worker's claim");
        check("\"provenance\":", "\"unknown\":", "does not state its provenance");
        check("\"name\":\"home\"", "\"name\":\"away\"", "not those of the plan");
        check(
            "\"sent\":801",
            "\"sent\":9223372036854775807",
            "exceed the arrivals of its slice",
        );
        check(
            "\"dropped\":1",
            "\"dropped\":18446744073709551615",
            "exceed the arrivals of its slice",
        );
    }
    check_changed(
        &snapshot.encode(labels),
        "\"n\":7",
        "\"n\":8",
        "another number than its key",
    );
    check_changed(
        &snapshot.encode(labels),
        "\"connections\":12",
        "\"connections\":18446744073709551615",
        "more connections than any worker opens",
    );
    check_changed(
        &snapshot.encode(labels),
        "\"sent\":801",
        "\"sent\":800",
        "do not add up",
    );
    check_changed(
        &result.encode(labels),
        "\"sent\":801",
        "\"sent\":800",
        "completed, failed or in flight",
    );
    check_changed(
        &result.encode(labels),
        "\"paced_until\":9",
        "\"paced_until\":900000000000",
        "outside its slice",
    );
}

#[test]
fn seconds_that_take_much_memory_are_refused() {
    // The encoded text is small because each second contains every distinct value once.
    let mut latency = Histogram::default();
    let mut next = 0;
    while next < crate::histogram::HIGHEST_NS {
        latency.record(next);
        next = crate::histogram::highest_equivalent(next) + 1;
    }
    let decoded = decoded_with_seconds(2_100, &latency);
    let problem = decoded.unwrap_err().to_string();
    assert!(problem.contains("more memory than any worker's"), "{problem}");
}

/// If the store fails for hours, a worker puts the seconds of all these hours into its next snapshot.
#[test]
fn hours_of_seconds_are_read_in_little_memory() {
    let mut latency = Histogram::default();
    (0..12).for_each(|doubling| latency.record(100_000 << doubling));
    let recorder = decoded_with_seconds(4 * 3_600, &latency).unwrap().recorder;
    let bytes: usize = recorder.seconds.iter().map(|(_, second)| second.latency.bytes()).sum();
    assert!(bytes < 1 << 20, "{bytes}");
    assert!(recorder.seconds.iter().all(|(_, second)| second.latency == latency));
}

/// Encodes a snapshot of `seconds` equal seconds, decodes the snapshot, and returns the result of decoding.
fn decoded_with_seconds(seconds: u32, latency: &Histogram) -> Result<Snapshot, FormatError> {
    let mut recorder = Recorder::new(2);
    for at in 0..seconds {
        let second = recorder.seconds.at(at);
        second.latency = latency.clone();
        second.latency.pack();
        second.counts.sent = latency.len();
        second.counts.completed = latency.len();
        recorder.tally.unmeasured.sent += latency.len();
        recorder.tally.unmeasured.completed += latency.len();
    }
    let (names, from) = (names(), from());
    let snapshot = Snapshot {
        n: 7,
        from: 0,
        to: u64::from(seconds) * 1_000_000_000,
        connections: None,
        recorder,
    };
    let mut expected = expected(&from, &names);
    expected.span = 0..snapshot.to + 1;
    expected.arrivals_max = u64::from(u32::MAX);
    Snapshot::decode(&encoded(&snapshot), 7, &expected)
}

#[test]
fn retries_may_exceed_the_arrivals_but_are_bounded() {
    let (names, from) = (names(), from());
    let decoded = |retries| {
        let mut recorder = recorder();
        recorder.retried(SampleKind::Measured { request: 1.into() }, retries, 1_000_000_000);
        let result = SliceResult {
            end: SliceEnd::Finished,
            paced_until: 9,
            tally: recorder.tally,
            health: Health::default(),
        };
        SliceResult::decode(&result.encode(labels(&from, &names)), &expected(&from, &names))
    };
    assert!(decoded(2 * 2_002).is_ok());
    let error = decoded(22 * 2_002).expect_err("two retries are recorded already");
    assert!(
        error.to_string().contains("exceed the arrivals of its slice"),
        "{error}"
    );
}

/// Returns the encoded snapshot after `from_text` in it is replaced by `to_text`.
fn with(from_text: &str, to_text: &str) -> Vec<u8> {
    let log = encoded(&snapshot());
    let text = String::from_utf8(log).unwrap();
    assert!(text.contains(from_text), "{from_text} is not in {text}");
    text.replacen(from_text, to_text, 1).into_bytes()
}

#[test]
fn a_cause_of_a_newer_version_is_read_as_unknown() {
    let log = with("\"cause\":\"timeout\"", "\"cause\":\"sunspots\"");
    let snapshot = decode(&log, 7).unwrap();
    let causes: Vec<Cause> = snapshot
        .recorder
        .tally
        .reasons
        .iter()
        .map(|(_, _, reason, _)| reason.cause)
        .collect();
    assert_eq!(causes, [Cause::Unknown, Cause::Timeout]);
}

#[test]
fn reasons_that_no_worker_stores_are_refused() {
    let count = recorder().tally.reasons.known(0.into(), Failure::Timeout);
    let first: Vec<u64> = recorder().tally.reasons.iter().next().unwrap().3.first.clone();
    let first = format!("\"first\":{}", serde_json::to_string(&first).unwrap());
    let long = format!("\"detail\":\"{}\"", "x".repeat(Reasons::DETAIL_MAX + 1));
    for (of, to, problem) in [
        (
            format!("\"count\":{count}"),
            format!("\"count\":{}", count + 1),
            "that no worker stores",
        ),
        (
            format!("\"count\":{count}"),
            format!("\"count\":{}", u64::MAX),
            "that no worker stores",
        ),
        (
            format!("\"count\":{count}"),
            "\"count\":0".to_owned(),
            "that no worker stores",
        ),
        (first.clone(), "\"first\":[7,7,8]".to_owned(), "that no worker stores"),
        (first, "\"first\":[1,2,3,4]".to_owned(), "that no worker stores"),
        (
            "\"cause\":\"timeout\"".to_owned(),
            "\"cause\":\"refused\"".to_owned(),
            "that no worker stores",
        ),
        (
            "\"detail\":\"while reading the body\"".to_owned(),
            long,
            "that no worker stores",
        ),
        (
            "\"reasons\":[{\"request\":0".to_owned(),
            "\"reasons\":[{\"request\":2".to_owned(),
            "that no worker stores",
        ),
        (
            "\"reasons\":[".to_owned(),
            "\"reasons\":[{\"request\":0,\"kind\":\"timeout\",\"cause\":\"timeout\",\"count\":1,\"first\":[]},"
                .to_owned(),
            "more failures than it has",
        ),
    ] {
        let refused = decode(&with(&of, &to), 7).unwrap_err().to_string();
        assert!(refused.contains(problem), "{of} -> {to}: {refused}");
    }
    let many: Vec<String> = (0..=Reasons::KEPT_MAX)
        .map(|n| {
            format!("{{\"request\":0,\"kind\":\"timeout\",\"cause\":\"timeout\",\"detail\":\"{n}\",\"count\":1,\"first\":[]}}")
        })
        .collect();
    let log = with("\"reasons\":[", &format!("\"reasons\":[{},", many.join(",")));
    let refused = decode(&log, 7).unwrap_err().to_string();
    assert!(refused.contains("more reasons"), "{refused}");
}

/// Returns the JSON header of a log, without the `#` at the beginning of the line.
fn header(log: &[u8]) -> String {
    let first = String::from_utf8_lossy(log).lines().next().unwrap().to_owned();
    first.strip_prefix("#vajra-cloud ").unwrap().to_owned()
}

/// Returns a recorder with answered, failed, retried and dropped requests.
fn three() -> Recorder {
    let mut recorder = Recorder::new(2);
    let first = SampleKind::Measured { request: 0.into() };
    let outcomes = [
        (SampleKind::Unmeasured, Ok(())),
        (first, Ok(())),
        (first, Err(Failure::Status)),
        (first, Err(Failure::NotAllowed)),
    ];
    for (k, (sample, result)) in outcomes.into_iter().enumerate() {
        recorder.sent(sample, 1_500_000_000);
        let outcome = Outcome {
            done: 2_000_000_000,
            result,
            code: (k < 3).then_some(Code::Http(200 + 300 * (k as u16 / 2))),
            body_bytes: 9,
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
    }
    recorder.dropped(first, 5);
    recorder.retried(first, 2, 2_000_000_000);
    let mut seen = Occurrences::default();
    [4, 9].into_iter().for_each(|k| seen.count(k));
    let bare = Reason {
        cause: Cause::Timeout,
        detail: String::new(),
        origin: String::new(),
    };
    recorder.tally.reasons.record(0.into(), Failure::Timeout, bare, &seen);
    recorder
        .tally
        .reasons
        .record(0.into(), Failure::Timeout, reason(1), &seen);
    recorder
}

#[test]
fn the_stored_header_of_a_snapshot_is_stable() {
    let snapshot = Snapshot {
        n: 7,
        from: 1,
        to: 2_500_000_000,
        connections: Some(12),
        recorder: three(),
    };
    let stored = concat!(
        r#"{"format":6,"provenance":{"run":"r","shard":3,"slice":1,"mark":77},"n":7,"from":1,"to":2500000000,"connections":12,"#,
        r#""tally":{"requests":[{"name":"home","counts":{"sent":3,"completed":1,"failed":{"not_allowed":1,"status":1},"#,
        r#""dropped":1,"in_flight":0,"statuses":{"200":1,"500":1},"body_bytes":27,"retries":2}},"#,
        r#"{"name":"cart/v1.2","counts":{"sent":0,"completed":0,"failed":{},"dropped":0,"in_flight":0,"statuses":{},"#,
        r#""body_bytes":0,"retries":0}}],"unmeasured":{"sent":1,"completed":1,"failed":{},"dropped":0,"in_flight":0,"#,
        r#""statuses":{"200":1},"body_bytes":9,"retries":0},"#,
        r#""reasons":[{"request":0,"kind":"timeout","cause":"timeout","count":2,"first":[4,9]},"#,
        r#"{"request":0,"kind":"timeout","cause":"timeout","detail":"while reading the body","#,
        r#""origin":"http://1.example:80","count":2,"first":[4,9]}]},"#,
        r#""seconds":{"0":{"sent":0,"completed":0,"failed":0,"dropped":1},"1":{"sent":4,"completed":0,"failed":0,"dropped":0},"#,
        r#""2":{"sent":0,"completed":2,"failed":2,"dropped":0,"failures":{"not_allowed":1,"status":1},"retries":2}}}"#,
    );
    assert_eq!(header(&encoded(&snapshot)), stored);
}

#[test]
fn the_stored_header_of_a_result_is_stable() {
    let ends = [
        SliceEnd::Failed("no network".to_owned()),
        SliceEnd::Finished,
        SliceEnd::Stopped,
        SliceEnd::Deadline,
        SliceEnd::HostStopped,
    ];
    let health = Health {
        start_skew: 5,
        clock_offset: Some(-3),
        clock_uncertainty: Some(4),
        snapshots: 6,
        cpu: 7,
        in_flight_max: 8,
        load_cpu: 9,
        load_wall: 10,
        run_queue: 11,
        throttled: Some(12),
        descriptors_max: 13,
        hand_over_problem: Some("throttled".to_owned()),
        ran: Some(14),
        requests: Some(Requests {
            writes: 15,
            lists: 16,
            reads: 17,
            written_bytes: 18,
            read_bytes: 19,
        }),
        tokens: Some(TokenRequests {
            sent: 20,
            failed: 21,
            problem: Some("status 503".to_owned()),
        }),
    };
    let headers: Vec<String> = ends
        .into_iter()
        .map(|end| {
            let result = SliceResult {
                end,
                paced_until: 9,
                tally: Tally::new(1),
                health: health.clone(),
            };
            header(&result.encode(labels(&from(), &names()[..1])))
        })
        .collect();
    let stored = concat!(
        r#"{"format":6,"provenance":{"run":"r","shard":3,"slice":1,"mark":77},"end":{"failed":"no network"},"#,
        r#""paced_until":9,"health":{"start_skew":5,"clock_offset":-3,"clock_uncertainty":4,"snapshots":6,"cpu":7,"#,
        r#""in_flight_max":8,"load_cpu":9,"load_wall":10,"run_queue":11,"throttled":12,"descriptors_max":13,"#,
        r#""hand_over_problem":"throttled","ran":14,"requests":{"writes":15,"lists":16,"reads":17,"written_bytes":18,"#,
        r#""read_bytes":19},"tokens":{"sent":20,"failed":21,"problem":"status 503"}},"tally":{"requests":[{"name":"home","counts":{"sent":0,"completed":0,"failed":{},"dropped":0,"#,
        r#""in_flight":0,"statuses":{},"body_bytes":0,"retries":0}}],"unmeasured":{"sent":0,"completed":0,"failed":{},"#,
        r#""dropped":0,"in_flight":0,"statuses":{},"body_bytes":0,"retries":0}}}"#,
    );
    assert_eq!(headers[0], stored);
    let words = ["finished", "stopped", "deadline", "host_stopped"];
    for (header, word) in headers[1..].iter().zip(words) {
        assert_eq!(
            *header,
            headers[0].replace(r#"{"failed":"no network"}"#, &format!("\"{word}\""))
        );
    }
    let plain = SliceResult {
        end: SliceEnd::Finished,
        paced_until: 0,
        tally: Tally::new(0),
        health: Health::default(),
    };
    let stored = concat!(
        r#"{"format":6,"provenance":{"run":"r","shard":3,"slice":1,"mark":77},"end":"finished","paced_until":0,"#,
        r#""health":{"start_skew":0,"clock_offset":null,"clock_uncertainty":null,"snapshots":0,"cpu":0,"in_flight_max":0,"#,
        r#""load_cpu":0,"load_wall":0,"run_queue":0,"throttled":null,"descriptors_max":0,"hand_over_problem":null,"#,
        r#""ran":null,"requests":null},"tally":{"requests":[],"unmeasured":{"sent":0,"completed":0,"failed":{},"#,
        r#""dropped":0,"in_flight":0,"statuses":{},"body_bytes":0,"retries":0}}}"#,
    );
    assert_eq!(header(&plain.encode(labels(&from(), &[]))), stored);
}

#[test]
fn an_unknown_word_in_a_header_is_reported_as_unknown() {
    let check = |log: &[u8], word: &str| {
        let log = String::from_utf8(log.to_vec()).unwrap();
        let changed = log.replacen(word, &word.replacen('"', "\"newer_", 1), 1);
        assert_ne!(log, changed, "{word}");
        let error = match log.contains("paced_until") {
            true => decode_result(changed.as_bytes()).map(drop),
            false => decode(changed.as_bytes(), 7).map(drop),
        };
        let error = error.unwrap_err();
        assert!(matches!(error, FormatError::Unknown { .. }), "{word}: {error}");
    };
    let log = encoded(&snapshot());
    check(&log, r#""timeout":"#);
    check(&log, r#""timeout","cause""#);
    let result = |end| {
        let result = SliceResult {
            end,
            paced_until: 9,
            tally: Tally::new(2),
            health: Health::default(),
        };
        result.encode(labels(&from(), &names()))
    };
    check(&result(SliceEnd::Finished), r#""finished""#);
    check(&result(SliceEnd::Failed("no network".to_owned())), r#""failed":"no"#);
}
