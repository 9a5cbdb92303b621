//! The stored form of snapshots and results: an interval log with a JSON header.

use super::counts::{Counts, SecondCounts};
use super::flow::Flow;
use super::health::Health;
use super::reasons::{self, StoredReason};
use crate::format::FormatError;
use crate::histogram::Histogram;
use crate::interval_log::{self, LogLine};
use crate::outcome::Failure;
use crate::provenance::{self, ExpectedSnapshot, SECONDS_BYTES_MAX, check_balance, check_sums, damaged};
use crate::seconds::Seconds;
use crate::snapshot::{self, RESULT, SNAPSHOT, SliceResult, Snapshot, SnapshotLabels};
use crate::tally::{Recorder, RequestTally, Tally, Timings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first format that contains the parts of the lag.
const FORMAT_WITH_PARTS: u32 = 4;
/// The first format that contains the latency of failures by kind.
const FORMAT_WITH_KINDS: u32 = 5;

#[derive(Serialize, Deserialize)]
struct SnapshotHeader {
    format: u32,
    #[serde(default)]
    provenance: Option<Provenance>,
    n: u32,
    from: u64,
    to: u64,
    /// This field is absent in documents of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connections: Option<u64>,
    tally: TallyCounts,
    seconds: BTreeMap<u32, SecondCounts>,
}

#[derive(Serialize, Deserialize)]
struct ResultHeader {
    format: u32,
    #[serde(default)]
    provenance: Option<Provenance>,
    #[serde(with = "End")]
    end: snapshot::SliceEnd,
    paced_until: u64,
    health: Health,
    tally: TallyCounts,
}

#[derive(Serialize, Deserialize)]
struct Provenance {
    run: String,
    shard: u32,
    slice: u32,
    mark: u64,
}

impl From<provenance::Provenance> for Provenance {
    fn from(provenance: provenance::Provenance) -> Provenance {
        let provenance::Provenance {
            run,
            shard,
            slice,
            mark,
        } = provenance;
        Provenance {
            run,
            shard,
            slice,
            mark,
        }
    }
}

impl From<Provenance> for provenance::Provenance {
    fn from(stored: Provenance) -> provenance::Provenance {
        provenance::Provenance {
            run: stored.run,
            shard: stored.shard,
            slice: stored.slice,
            mark: stored.mark,
        }
    }
}

/// The stored words for the end of a slice.
#[derive(Serialize, Deserialize)]
#[serde(remote = "snapshot::SliceEnd", rename_all = "snake_case")]
enum End {
    Finished,
    Stopped,
    Deadline,
    HostStopped,
    Failed(String),
}

#[derive(Serialize, Deserialize)]
struct TallyCounts {
    requests: Vec<NamedCounts>,
    /// The counts of each flow, in the order of the plan's flows. If the plan has no flows, the document does not
    /// contain this field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flows: Vec<Flow>,
    unmeasured: Counts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<StoredReason>,
}

#[derive(Serialize, Deserialize)]
struct NamedCounts {
    name: String,
    counts: Counts,
}

impl TallyCounts {
    fn of(tally: &Tally, names: &[String]) -> TallyCounts {
        TallyCounts {
            requests: names
                .iter()
                .zip(&tally.requests)
                .map(|(name, request)| NamedCounts {
                    name: name.clone(),
                    counts: request.counts.clone().into(),
                })
                .collect(),
            flows: tally.flows.iter().cloned().map(Flow::from).collect(),
            unmeasured: tally.unmeasured.clone().into(),
            reasons: reasons::stored(&tally.reasons),
        }
    }

    fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.requests.iter().map(|named| named.name.as_str())
    }

    /// Returns the names of the requests, the tally, and the stored reasons. The caller must check the counts before it
    /// reads the reasons.
    fn into_tally(self) -> (Vec<String>, Tally, Vec<StoredReason>) {
        let (names, requests) = self
            .requests
            .into_iter()
            .map(|named| {
                (
                    named.name,
                    RequestTally {
                        counts: named.counts.into(),
                        ..RequestTally::default()
                    },
                )
            })
            .unzip();
        let tally = Tally {
            requests,
            flows: self.flows.into_iter().map(Into::into).collect(),
            unmeasured: self.unmeasured.into(),
            ..Tally::default()
        };
        (names, tally, self.reasons)
    }
}

fn json(header: &impl Serialize) -> String {
    serde_json::to_string(header).unwrap_or_else(|_| unreachable!("our own headers are always JSON"))
}

const SECONDS: &str = "all.latency";
/// The tag prefix of the histograms with the parts of the lag. A tag of a request's latency, service time or lag
/// contains `.completed.` or `.failed.`, so it never equals a tag with this prefix.
const LAG: &str = "all.lag.";
/// The tag prefix of the histograms of the latency of failures by kind.
const KIND: &str = "all.failed.latency.";
/// The text in a tag between an origin and a step of opening a connection.
const OPENING: &str = ".opening.";
/// The maximum number of opened connections in a document. No worker opens this many connections. The limit prevents an
/// overflow of the sums.
const OPENED_MAX: u64 = 1 << 40;
/// The tag suffix of the histogram of the times to the first byte of a request.
const FIRST_BYTE: &str = ".first_byte";
/// The tag prefix of the histograms of the times of a flow. The index of the flow in the plan follows the prefix. A tag
/// of a request's latency, service time or lag contains `.completed.` or `.failed.`, so it never equals a tag with this
/// prefix.
const FLOW: &str = "flow.";

fn tally_lines<'a>(tally: &'a Tally, names: &'a [String], from: u64, to: u64) -> impl Iterator<Item = LogLine<'a>> {
    let line = move |tag, histogram| LogLine {
        tag,
        from,
        to,
        histogram,
    };
    let lag = tally.lag.named().into_iter();
    let lag = lag.map(move |(part, histogram)| line(format!("{LAG}{part}"), histogram));
    let openings = tally.openings.iter().flat_map(move |(origin, opening)| {
        let steps = opening.named().into_iter();
        steps.map(move |(step, histogram)| line(format!("{origin}{OPENING}{step}"), histogram))
    });
    let kinds = tally.failure_latency.iter();
    let kinds = kinds.map(move |(kind, latency)| line(format!("{KIND}{}", kind.name()), latency));
    let first_bytes = names.iter().zip(&tally.requests);
    let first_bytes = first_bytes.map(move |(name, request)| line(format!("{name}{FIRST_BYTE}"), &request.first_byte));
    let timings = names.iter().zip(&tally.requests).flat_map(move |(name, request)| {
        [("completed", &request.completed), ("failed", &request.failed)]
            .into_iter()
            .flat_map(move |(class, timings)| {
                [
                    ("latency", &timings.latency),
                    ("service", &timings.service),
                    ("lag", &timings.lag),
                ]
                .into_iter()
                .map(move |(timing, histogram)| line(format!("{name}.{class}.{timing}"), histogram))
            })
    });
    let flows = tally.flows.iter().enumerate().flat_map(move |(at, flow)| {
        let times = [("latency", &flow.latency), ("session", &flow.session)].into_iter();
        times.map(move |(time, histogram)| line(format!("{FLOW}{at}.{time}"), histogram))
    });
    timings
        .chain(first_bytes)
        .chain(kinds)
        .chain(lag)
        .chain(openings)
        .chain(flows)
}

fn histogram_mut<'a>(tag: &str, names: &[String], tally: &'a mut Tally) -> Option<&'a mut Histogram> {
    let known = |name: &str| names.iter().position(|known| known == name);
    if let Some(name) = tag.strip_suffix(FIRST_BYTE) {
        return Some(&mut tally.requests[known(name)?].first_byte);
    }
    // The name of a request may contain any of these prefixes and suffixes.
    if let Some(part) = tag.strip_prefix(LAG).filter(|part| !part.contains('.')) {
        return tally.lag.part_mut(part);
    }
    if let Some(word) = tag.strip_prefix(KIND).filter(|word| !word.contains('.')) {
        let kind = Failure::ALL.into_iter().find(|kind| kind.name() == word)?;
        return Some(tally.failure_latency.entry(kind).or_default());
    }
    if let Some((origin, step)) = tag.rsplit_once(OPENING).filter(|(_, step)| !step.contains('.')) {
        return tally.openings.read_mut(origin, step);
    }
    if let Some((flow, time @ ("latency" | "session"))) = tag.strip_prefix(FLOW).and_then(|rest| rest.split_once('.'))
        && let Ok(flow) = flow.parse::<usize>()
    {
        let flow = tally.flows.get_mut(flow)?;
        return Some(match time {
            "latency" => &mut flow.latency,
            _ => &mut flow.session,
        });
    }
    let (rest, timing) = tag.rsplit_once('.')?;
    let (name, class) = rest.rsplit_once('.')?;
    let request = &mut tally.requests[known(name)?];
    let timings: &mut Timings = match class {
        "completed" => &mut request.completed,
        "failed" => &mut request.failed,
        _ => return None,
    };
    match timing {
        "latency" => Some(&mut timings.latency),
        "service" => Some(&mut timings.service),
        "lag" => Some(&mut timings.lag),
        _ => None,
    }
}

/// Checks that the counts equal the numbers of values in the histograms. The check detects a log in which lines are
/// missing. `format` is the format number of the document.
fn check(document: &'static str, format: u32, tally: &Tally, seconds: &Seconds) -> Result<(), FormatError> {
    let whole = |timings: &Timings, count: u64| {
        let histograms = [&timings.latency, &timings.service, &timings.lag];
        histograms.iter().all(|histogram| histogram.len() == count)
    };
    let requests = tally.requests.iter().all(|request| {
        whole(&request.completed, request.counts.completed) && whole(&request.failed, request.counts.failed_total())
    });
    let finished = |request: &RequestTally| request.counts.completed + request.counts.failed_total();
    let all: u64 = tally.requests.iter().map(finished).sum();
    let first_bytes = tally
        .requests
        .iter()
        .all(|request| request.first_byte.len() <= finished(request));
    let lag = &tally.lag;
    let parts = lag.waiting.len() <= all && lag.opening.len() <= all;
    let generator = lag.generator.len() == if format < FORMAT_WITH_PARTS { 0 } else { all };
    let kinds = of_kinds(format, tally);
    let steps = tally.openings.iter().flat_map(|(_, opening)| opening.named());
    let openings = steps.into_iter().all(|(_, histogram)| histogram.len() <= OPENED_MAX);
    let flows = tally.flows.iter().all(|flow| {
        let times = [&flow.latency, &flow.session];
        times.iter().all(|histogram| histogram.len() == flow.completed)
    });
    let sound = requests
        && flows
        && openings
        && first_bytes
        && parts
        && generator
        && kinds
        && seconds
            .iter()
            .all(|(_, second)| second.latency.len() == second.counts.completed + second.counts.failed);
    match sound {
        true => Ok(()),
        false => Err(FormatError::Damaged {
            document,
            problem: "its histograms do not match its counts".to_owned(),
        }),
    }
}

/// Returns whether the latency histogram of each kind of failure contains one value for each failed request of this
/// kind.
fn of_kinds(format: u32, tally: &Tally) -> bool {
    if format < FORMAT_WITH_KINDS {
        return tally.failure_latency.is_empty();
    }
    let counted = tally.measured().failed.into_iter().filter(|(_, count)| *count > 0);
    let recorded = tally.failure_latency.iter();
    counted.eq(recorded.map(|(kind, latency)| (*kind, latency.len())))
}

impl Snapshot {
    /// Encodes the snapshot in its stored form.
    pub fn encode(&self, labels: SnapshotLabels<'_>) -> Vec<u8> {
        let header = SnapshotHeader {
            format: SNAPSHOT.format,
            provenance: Some(labels.provenance.clone().into()),
            n: self.n,
            from: self.from,
            to: self.to,
            connections: self.connections,
            tally: TallyCounts::of(&self.recorder.tally, labels.requests),
            seconds: self
                .recorder
                .seconds
                .iter()
                .map(|(at, second)| (at, second.counts.clone().into()))
                .collect(),
        };
        let seconds = self.recorder.seconds.iter().map(|(at, second)| LogLine {
            tag: SECONDS.to_owned(),
            from: u64::from(at) * 1_000_000_000,
            to: u64::from(at + 1) * 1_000_000_000,
            histogram: &second.latency,
        });
        let lines = tally_lines(&self.recorder.tally, labels.requests, self.from, self.to).chain(seconds);
        interval_log::write(&json(&header), labels.start, lines)
    }

    /// Reads snapshot `n` from its stored form.
    ///
    /// # Errors
    /// Fails if the document is newer than this version, is damaged, or is not the expected document.
    pub fn decode(log: &[u8], n: u32, expected: &ExpectedSnapshot<'_>) -> Result<Snapshot, FormatError> {
        const DOCUMENT: &str = SNAPSHOT.name;
        let header: SnapshotHeader = SNAPSHOT.read(interval_log::header(DOCUMENT, log)?.as_bytes())?;
        let stated = header.provenance.map(provenance::Provenance::from);
        expected.check_origin(DOCUMENT, stated.as_ref(), header.tally.names())?;
        if header.n != n {
            return damaged(DOCUMENT, "it has another number than its key");
        }
        // Every event of a snapshot happened before the end of the snapshot's interval.
        let last = header.seconds.keys().next_back().map_or(0, |last| u64::from(*last));
        if header.from > header.to || header.to > expected.span.end || last > header.to / 1_000_000_000 {
            return damaged(DOCUMENT, "its seconds are outside its interval");
        }
        if header.connections > Some(OPENED_MAX) {
            return damaged(DOCUMENT, "it has more connections than any worker opens");
        }
        expected.check_seconds(DOCUMENT, header.seconds.keys().copied())?;
        let (names, mut tally, stored) = header.tally.into_tally();
        expected.check_counts(DOCUMENT, &tally)?;
        tally.reasons = reasons::read(DOCUMENT, stored, &|request, kind| tally.failed(request, kind))?;
        let mut seconds = Seconds::default();
        for (at, counts) in header.seconds {
            seconds.at(at).counts = counts.into();
        }
        check_sums(DOCUMENT, &tally, &seconds)?;
        let mut bytes = 0;
        for line in interval_log::histograms(DOCUMENT, log)? {
            let line = line?;
            if line.tag != SECONDS {
                line.add_into(histogram_mut(line.tag, &names, &mut tally))?;
                continue;
            }
            let Some(second) = seconds.get_mut(line.start as u32) else {
                line.add_into(None)?;
                continue;
            };
            let before = second.latency.bytes();
            line.add_into(Some(&mut second.latency))?;
            second.latency.pack();
            bytes = bytes + second.latency.bytes() - before;
            if bytes > SECONDS_BYTES_MAX {
                return damaged(DOCUMENT, "its seconds take more memory than any worker's");
            }
        }
        check(DOCUMENT, header.format, &tally, &seconds)?;
        Ok(Snapshot {
            n: header.n,
            from: header.from,
            to: header.to,
            connections: header.connections,
            recorder: Recorder { tally, seconds },
        })
    }
}

impl SliceResult {
    /// Encodes the result in its stored form.
    pub fn encode(&self, labels: SnapshotLabels<'_>) -> Vec<u8> {
        let header = ResultHeader {
            format: RESULT.format,
            provenance: Some(labels.provenance.clone().into()),
            end: self.end.clone(),
            paced_until: self.paced_until,
            health: self.health.clone().into(),
            tally: TallyCounts::of(&self.tally, labels.requests),
        };
        let lines = tally_lines(&self.tally, labels.requests, 0, self.paced_until);
        interval_log::write(&json(&header), labels.start, lines)
    }

    /// Reads a result from its stored form.
    ///
    /// # Errors
    /// Fails if the document is newer than this version, is damaged, or is not the expected document.
    pub fn decode(log: &[u8], expected: &ExpectedSnapshot<'_>) -> Result<SliceResult, FormatError> {
        const DOCUMENT: &str = RESULT.name;
        let header: ResultHeader = RESULT.read(interval_log::header(DOCUMENT, log)?.as_bytes())?;
        let stated = header.provenance.map(provenance::Provenance::from);
        expected.check_origin(DOCUMENT, stated.as_ref(), header.tally.names())?;
        if !(expected.span.start..=expected.span.end).contains(&header.paced_until) {
            return damaged(DOCUMENT, "it ends outside its slice");
        }
        let (names, mut tally, stored) = header.tally.into_tally();
        expected.check_counts(DOCUMENT, &tally)?;
        tally.reasons = reasons::read(DOCUMENT, stored, &|request, kind| tally.failed(request, kind))?;
        check_balance(DOCUMENT, &tally)?;
        for line in interval_log::histograms(DOCUMENT, log)? {
            let line = line?;
            line.add_into(histogram_mut(line.tag, &names, &mut tally))?;
        }
        check(DOCUMENT, header.format, &tally, &Seconds::default())?;
        Ok(SliceResult {
            end: header.end,
            paced_until: header.paced_until,
            tally,
            health: header.health.into(),
        })
    }
}

#[cfg(test)]
mod tests;
