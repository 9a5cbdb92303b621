//! Tests that write the metrics of one small run in every format.

use super::exposure::{Cell, Exposure, FlowCell, Waits, WorkerNumbers};
use super::metrics::{Family, Points, families, parts};
use super::prometheus::render;
use super::remote_write::{WriteRequest, bodies};
use super::samples::samples;
use super::{otlp, remote_write};
use prost::Message;
use tally::flow::{FlowEnd, FlowTally};
use tally::outcome::{Code, Failure, Outcome};
use tally::tally::{Recorder, RequestTally, SampleKind};
use tally::waits::{LagParts, Openings, Step};

fn tally(completed: u64, failed: u64) -> RequestTally {
    let mut recorder = Recorder::new(1);
    let sample = SampleKind::Measured { request: 0.into() };
    for k in 0..completed + failed {
        let due = k * 10_000_000;
        let sent = due + 80_000;
        recorder.sent(sample, sent);
        let outcome = Outcome {
            due,
            sent,
            done: sent + 4_000_000 * (k + 1),
            result: if k < completed { Ok(()) } else { Err(Failure::Status) },
            code: Some(Code::Http(if k < completed { 204 } else { 503 })),
            body_bytes: 100,
            first_byte: Some(sent + 3_000_000),
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
    }
    recorder.sent(sample, 0);
    recorder.dropped(sample, 0);
    recorder.retried(sample, failed as u32, 0);
    recorder.tally.requests.remove(0)
}

fn waits() -> Waits {
    let (mut lag, mut openings) = (LagParts::default(), Openings::default());
    [80_000, 90_000, 100_000]
        .into_iter()
        .for_each(|nanos| lag.generator.record(nanos));
    lag.opening.record(12_000_000);
    openings.record("https://shop.example", Step::Connect, 4_000_000);
    openings.record("https://shop.example", Step::Tls, 8_000_000);
    Waits {
        region: Some("us-east-1".to_owned()),
        lag,
        openings,
    }
}

/// Returns seven started flows and one dropped flow. Of the seven started flows, two completed, three failed (one of
/// them starved), one was stopped, and one was in flight.
fn flows() -> FlowTally {
    let mut tally = FlowTally {
        started: 7,
        dropped: 1,
        ..FlowTally::default()
    };
    let step = 0.into();
    for end in [
        FlowEnd::Completed,
        FlowEnd::Completed,
        FlowEnd::Failed(step),
        FlowEnd::Failed(step),
    ] {
        tally.ended(end, 12_000_000, 4_000_000_000);
    }
    tally.ended(FlowEnd::Starved(step), 0, 0);
    tally.ended(FlowEnd::Stopped, 0, 0);
    tally
}

/// Returns an exposure with two requests in two regions. The name of one request contains every character that must be
/// escaped.
pub(super) fn exposure() -> Exposure {
    let cell = |request: &str, region: Option<&str>, tally| Cell {
        request: request.to_owned(),
        region: region.map(str::to_owned),
        tally,
    };
    Exposure {
        run: "shop-1".to_owned(),
        scenario: "shop".to_owned(),
        fleet: "local".to_owned(),
        at: 1_700_000_005_123_456_789,
        started: 1_700_000_000_000_000_000,
        planned: Some(12),
        workers: WorkerNumbers {
            planned: 4,
            ready: 4,
            done: 1,
            missing: 0,
        },
        cells: vec![
            cell("home", Some("us-east-1"), tally(3, 1)),
            cell("a \"b\"\\c\nd", None, tally(2, 0)),
        ],
        flows: vec![FlowCell {
            flow: "buy".to_owned(),
            region: Some("us-east-1".to_owned()),
            tally: flows(),
        }],
        waits: vec![waits()],
        unmeasured: vec![(Some("us-east-1".to_owned()), tally(5, 0).counts)],
        ended: false,
    }
}

#[test]
fn metrics_are_written_as_text() {
    // The other buckets of a histogram repeat the count of the neighbouring bucket, and most kinds of failure have a
    // count of zero. So the lines of these buckets and kinds are removed.
    let kept = ["0.005", "0.01", "0.015", "+Inf"].map(|bound| format!("le=\"{bound}\""));
    let is_redundant = |line: &str| {
        let bucket = line.contains("_bucket") && !kept.iter().any(|bound| line.contains(bound));
        bucket || line.contains("kind=") && line.ends_with(" 0")
    };
    let text: Vec<String> = render(&families(&exposure()))
        .lines()
        .filter(|line| !is_redundant(line))
        .map(str::to_owned)
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn every_series_occurs_once() {
    let mut seen = std::collections::BTreeSet::new();
    for sample in families(&exposure()).iter().flat_map(samples) {
        let name = format!("{} {:?}", sample.name, sample.labels);
        assert!(seen.insert(name.clone()), "{name} twice");
    }
}

#[test]
fn buckets_sum_and_count_of_a_histogram_agree_with_the_report() {
    let exposure = exposure();
    let all = &exposure.cells[0].tally.all().latency;
    let (mut count, mut sum, mut in_buckets) = (0, 0.0, 0);
    for family in families(&exposure)
        .iter()
        .filter(|family| family.name == "vajra.request.latency")
    {
        let Points::Histogram(points) = &family.points else {
            panic!("{family:?}")
        };
        for point in points
            .iter()
            .filter(|point| point.labels.contains(&("request", "home".to_owned())))
        {
            count += point.count;
            sum += point.sum;
            in_buckets += point.bucket_counts.iter().sum::<u64>();
        }
    }
    assert_eq!((count, in_buckets), (all.len(), all.len()));
    assert!((sum / count as f64 - all.mean() / 1e9).abs() < 1e-12);
}

/// A sample that a test has read: the name, the labels, and the bits of the value.
type Read = (String, Vec<(String, String)>, u64);

#[test]
fn remote_write_reads_back_as_the_same_samples() {
    let exposure = exposure();
    let mut wanted: Vec<Read> = families(&exposure)
        .iter()
        .flat_map(samples)
        .map(|sample| {
            let labels = sample.labels.into_iter().map(|(name, value)| (name.to_owned(), value));
            let mut labels: Vec<(String, String)> = labels.collect();
            labels.sort();
            (sample.name, labels, sample.value.to_bits())
        })
        .collect();
    let mut read: Vec<Read> = Vec::new();
    let mut described = 0;
    for body in bodies(&exposure) {
        let plain = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        let request = WriteRequest::decode(&plain[..]).unwrap();
        described += request.metadata.len();
        for series in request.timeseries {
            let names: Vec<&str> = series.labels.iter().map(|label| label.name.as_str()).collect();
            assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
            let [sample] = series.samples[..] else {
                panic!("{series:?}")
            };
            assert_eq!(sample.timestamp, 1_700_000_005_123);
            let (name, labels): (Vec<_>, Vec<_>) = series
                .labels
                .into_iter()
                .map(|label| (label.name, label.value))
                .partition(|(name, _)| name == "__name__");
            read.push((name[0].1.clone(), labels, sample.value.to_bits()));
        }
    }
    wanted.sort();
    read.sort();
    assert_eq!(read, wanted);
    assert_eq!(described, families(&exposure).len());
}

#[test]
fn a_large_exposure_is_sent_in_parts() {
    let mut large = exposure();
    let cell = large.cells.remove(0);
    large.cells = (0..300)
        .map(|k| Cell {
            request: format!("request {k}"),
            ..cell.clone()
        })
        .collect();
    let series: Vec<usize> = bodies(&large)
        .iter()
        .map(|body| {
            let plain = snap::raw::Decoder::new().decompress_vec(body).unwrap();
            WriteRequest::decode(&plain[..]).unwrap().timeseries.len()
        })
        .collect();
    assert_eq!(
        series.iter().sum::<usize>(),
        families(&large).iter().flat_map(samples).count()
    );
    assert!(
        series.len() > 10 && series.iter().all(|count| *count <= 2_000),
        "{series:?}"
    );
    let requests = otlp::requests(&large);
    assert!(requests.len() > 2);
    // Receivers of gRPC accept messages of up to 4 MiB by default.
    assert!(requests.iter().all(|request| request.encoded_len() < 4 << 20));
}

#[test]
fn parts_contain_every_point_in_order() {
    let whole = families(&exposure());
    let numbers = |families: &[Family]| families.iter().flat_map(samples).collect::<Vec<_>>();
    for most in [1, 2, 3, 7, 1_000] {
        let parts = parts(whole.clone(), most);
        assert!(
            parts
                .iter()
                .all(|part| part.iter().map(Family::len).sum::<usize>() <= most)
        );
        assert!(parts.iter().flatten().all(|family| !family.is_empty()));
        assert_eq!(numbers(&parts.concat()), numbers(&whole));
    }
}

#[test]
fn names_follow_the_translation_of_collectors() {
    let names: Vec<String> = families(&exposure())
        .iter()
        .map(|family| format!("{} [{}] {}", family.name, family.unit.code(), family.prometheus_name()))
        .collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn requests_of_remote_write_have_their_headers() {
    let headers: std::collections::BTreeMap<_, _> = remote_write::HEADERS.into();
    assert_eq!(headers["x-prometheus-remote-write-version"], "0.1.0");
    assert_eq!(headers["content-encoding"], "snappy");
}
