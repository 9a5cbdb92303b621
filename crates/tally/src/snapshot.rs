//! What a worker stores: snapshots while it runs, one result when it ends.
//!
//! A snapshot is what happened since the one before it, with its seconds; a result is the whole
//! slice. So the result is the truth about a slice that ended, and the snapshots are all that is
//! known of one that did not: they are never added to a result. Both are interval logs.

use crate::account::Requests;
use crate::format::{self, FORMAT, FormatError};
use crate::histogram::Histogram;
use crate::interval_log::{self, Line};
use crate::seconds::{SecondCounts, Seconds};
use crate::tally::{Counts, Recorder, RequestTally, Tally, Timings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened on one slice in an interval. Snapshot 0 is empty: it says that the worker is
/// prepared and waits for the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub n: u32,
    /// The interval in nanoseconds since T0.
    pub from: u64,
    pub to: u64,
    pub recorder: Recorder,
}

/// Why a worker's slice ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Everything that was due in its window was sent or dropped.
    Finished,
    /// The stop key was there.
    Stopped,
    /// Its host was about to end it.
    Deadline,
    /// It never sent anything, for this reason.
    Failed(String),
}

/// What happened on one slice, from its claim to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceResult {
    pub end: End,
    /// Until when arrivals were paced, in nanoseconds since T0: what was due later was not sent.
    pub paced_until: u64,
    pub tally: Tally,
    pub health: Health,
}

/// How the generator itself was doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// How long after its window opened the worker began to pace, in nanoseconds.
    pub start_skew: u64,
    /// The worker's clock minus the launcher's, in nanoseconds, where they differed by more than
    /// the measurement can tell; the worker has corrected for it.
    pub clock_offset: Option<i64>,
    /// How far off that measurement can be, in nanoseconds; `None` where nothing could be measured.
    #[serde(default)]
    pub clock_uncertainty: Option<u64>,
    /// Snapshots that were written.
    pub snapshots: u32,
    /// Processor time of the worker's process, in nanoseconds.
    pub cpu: u64,
    /// The most requests that were in flight at once.
    pub in_flight_max: u64,
    /// Of the threads that sent the load, added up, in nanoseconds: their processor time, how long
    /// they were there, and how long they had something to do and no processor to do it on.
    #[serde(default)]
    pub load_cpu: u64,
    #[serde(default)]
    pub load_wall: u64,
    #[serde(default)]
    pub run_queue: u64,
    /// How long the worker's container was held back for having used up its share of the
    /// processor, in nanoseconds, where the system tells.
    #[serde(default)]
    pub throttled: Option<u64>,
    /// The most files and sockets that were seen open at once.
    #[serde(default)]
    pub descriptors_max: u64,
    /// Why the worker of the next slice could not be started from here.
    #[serde(default)]
    pub hand_over_problem: Option<String>,
    /// How long the worker was there, in nanoseconds: from the beginning of its invocation until it
    /// had put its result together. Older workers did not say.
    #[serde(default)]
    pub ran: Option<u64>,
    /// What it asked of the store, the writing of its result included; `None` where nobody counts.
    #[serde(default)]
    pub requests: Option<Requests>,
}

/// What a stored document needs beside the tally: which names its requests have, and when T0 was.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub requests: &'a [String],
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
}

#[derive(Serialize, Deserialize)]
struct SnapshotHeader {
    format: u32,
    n: u32,
    from: u64,
    to: u64,
    tally: TallyCounts,
    seconds: BTreeMap<u32, SecondCounts>,
}

#[derive(Serialize, Deserialize)]
struct ResultHeader {
    format: u32,
    end: End,
    paced_until: u64,
    health: Health,
    tally: TallyCounts,
}

#[derive(Serialize, Deserialize)]
struct TallyCounts {
    requests: Vec<NamedCounts>,
    unmeasured: Counts,
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
                    counts: request.counts.clone(),
                })
                .collect(),
            unmeasured: tally.unmeasured.clone(),
        }
    }

    fn into_tally(self) -> (Vec<String>, Tally) {
        let (names, requests) = self
            .requests
            .into_iter()
            .map(|named| {
                (
                    named.name,
                    RequestTally {
                        counts: named.counts,
                        ..RequestTally::default()
                    },
                )
            })
            .unzip();
        (
            names,
            Tally {
                requests,
                unmeasured: self.unmeasured,
            },
        )
    }
}

fn json(header: &impl Serialize) -> String {
    serde_json::to_string(header).unwrap_or_else(|_| unreachable!("our own headers are always JSON"))
}

const SECONDS: &str = "all.latency";

fn tally_lines<'a>(tally: &'a Tally, names: &'a [String], from: u64, to: u64) -> impl Iterator<Item = Line<'a>> {
    names.iter().zip(&tally.requests).flat_map(move |(name, request)| {
        [("completed", &request.completed), ("failed", &request.failed)]
            .into_iter()
            .flat_map(move |(class, timings)| {
                [
                    ("latency", &timings.latency),
                    ("service", &timings.service),
                    ("lag", &timings.lag),
                ]
                .into_iter()
                .map(move |(timing, histogram)| Line {
                    tag: format!("{name}.{class}.{timing}"),
                    from,
                    to,
                    histogram,
                })
            })
    })
}

fn place<'a>(tag: &str, names: &[String], tally: &'a mut Tally) -> Option<&'a mut Histogram> {
    let (rest, timing) = tag.rsplit_once('.')?;
    let (name, class) = rest.rsplit_once('.')?;
    let index = names.iter().position(|known| known == name)?;
    let request = &mut tally.requests[index];
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

/// Every outcome is in the counts and in each of its histograms: a log that lost lines shows.
fn check(document: &'static str, tally: &Tally, seconds: &Seconds) -> Result<(), FormatError> {
    let whole = |timings: &Timings, count: u64| {
        let histograms = [&timings.latency, &timings.service, &timings.lag];
        histograms.iter().all(|histogram| histogram.len() == count)
    };
    let requests = tally.requests.iter().all(|request| {
        whole(&request.completed, request.counts.completed) && whole(&request.failed, request.counts.failed_total())
    });
    let sound = requests
        && seconds
            .iter()
            .all(|(_, second)| second.latency.len() == second.counts.completed + second.counts.failed);
    match sound {
        true => Ok(()),
        false => Err(FormatError::Damaged {
            document,
            problem: "its histograms do not hold what its counts say".to_owned(),
        }),
    }
}

impl Snapshot {
    /// The stored form.
    pub fn encode(&self, labels: Labels<'_>) -> Vec<u8> {
        let header = SnapshotHeader {
            format: FORMAT,
            n: self.n,
            from: self.from,
            to: self.to,
            tally: TallyCounts::of(&self.recorder.tally, labels.requests),
            seconds: self
                .recorder
                .seconds
                .iter()
                .map(|(at, second)| (at, second.counts.clone()))
                .collect(),
        };
        let seconds = self.recorder.seconds.iter().map(|(at, second)| Line {
            tag: SECONDS.to_owned(),
            from: u64::from(at) * 1_000_000_000,
            to: u64::from(at + 1) * 1_000_000_000,
            histogram: &second.latency,
        });
        let lines = tally_lines(&self.recorder.tally, labels.requests, self.from, self.to).chain(seconds);
        interval_log::write(&json(&header), labels.start, lines)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is newer than this version, or damaged.
    pub fn decode(log: &[u8]) -> Result<Snapshot, FormatError> {
        const DOCUMENT: &str = "snapshot";
        let header: SnapshotHeader = format::read(DOCUMENT, interval_log::header(DOCUMENT, log)?.as_bytes())?;
        let (names, mut tally) = header.tally.into_tally();
        let mut seconds = Seconds::default();
        for (at, counts) in header.seconds {
            seconds.at(at).counts = counts;
        }
        for line in interval_log::histograms(DOCUMENT, log)? {
            let line = line?;
            line.add_into(match line.tag {
                SECONDS => seconds.get_mut(line.start as u32).map(|second| &mut second.latency),
                tag => place(tag, &names, &mut tally),
            })?;
        }
        check(DOCUMENT, &tally, &seconds)?;
        // Everything in a snapshot had happened by its end.
        if header.from > header.to || u64::from(seconds.end()) > header.to / 1_000_000_000 + 1 {
            return Err(FormatError::Damaged {
                document: DOCUMENT,
                problem: "its seconds do not lie in its interval".to_owned(),
            });
        }
        Ok(Snapshot {
            n: header.n,
            from: header.from,
            to: header.to,
            recorder: Recorder { tally, seconds },
        })
    }
}

impl SliceResult {
    /// The stored form.
    pub fn encode(&self, labels: Labels<'_>) -> Vec<u8> {
        let header = ResultHeader {
            format: FORMAT,
            end: self.end.clone(),
            paced_until: self.paced_until,
            health: self.health.clone(),
            tally: TallyCounts::of(&self.tally, labels.requests),
        };
        let lines = tally_lines(&self.tally, labels.requests, 0, self.paced_until);
        interval_log::write(&json(&header), labels.start, lines)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is newer than this version, or damaged.
    pub fn decode(log: &[u8]) -> Result<SliceResult, FormatError> {
        const DOCUMENT: &str = "result";
        let header: ResultHeader = format::read(DOCUMENT, interval_log::header(DOCUMENT, log)?.as_bytes())?;
        let (names, mut tally) = header.tally.into_tally();
        for line in interval_log::histograms(DOCUMENT, log)? {
            let line = line?;
            line.add_into(place(line.tag, &names, &mut tally))?;
        }
        check(DOCUMENT, &tally, &Seconds::default())?;
        Ok(SliceResult {
            end: header.end,
            paced_until: header.paced_until,
            tally,
            health: header.health,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Failure, Outcome};
    use crate::tally::Sample;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    fn recorder() -> Recorder {
        let mut recorder = Recorder::new(2);
        for k in 0..2_000u64 {
            let sample = if k % 10 == 0 {
                Sample::Unmeasured
            } else {
                Sample::Measured {
                    request: (k % 2) as usize,
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
                status: Some(200),
                body_bytes: 9,
            };
            recorder.finished(sample, &outcome);
        }
        recorder.dropped(Sample::Measured { request: 1 }, 5);
        recorder.retried(Sample::Measured { request: 1 }, 2);
        recorder.abandoned(Sample::Measured { request: 0 });
        recorder
    }

    const START: u64 = 1_700_000_000_123_000_000;

    fn names() -> Vec<String> {
        vec!["home".to_owned(), "cart/v1.2".to_owned()]
    }

    #[test]
    fn a_snapshot_reads_back_as_it_was() {
        let snapshot = Snapshot {
            n: 7,
            from: 0,
            to: 2_500_000_000,
            recorder: recorder(),
        };
        let log = snapshot.encode(Labels {
            requests: &names(),
            start: START,
        });
        assert_eq!(Snapshot::decode(&log), Ok(snapshot));
    }

    #[test]
    fn a_result_reads_back_as_it_was() {
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
        };
        for end in [
            End::Finished,
            End::Stopped,
            End::Deadline,
            End::Failed(
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
            let log = result.encode(Labels {
                requests: &names(),
                start: START,
            });
            assert_eq!(SliceResult::decode(&log), Ok(result));
        }
    }

    #[test]
    fn a_snapshot_of_a_version_that_counted_no_retries_is_read() {
        let mut snapshot = Snapshot {
            n: 7,
            from: 0,
            to: 2_500_000_000,
            recorder: recorder(),
        };
        let log = snapshot.encode(Labels {
            requests: &names(),
            start: START,
        });
        let text = String::from_utf8(log).unwrap();
        let older = text.replace(",\"retries\":0", "").replace(",\"retries\":2", "");
        assert!(older != text && !older.contains("retries"));
        snapshot.recorder.tally.requests[1].counts.retries = 0;
        assert_eq!(Snapshot::decode(older.as_bytes()), Ok(snapshot));
    }

    #[test]
    fn other_tools_read_the_log() {
        let snapshot = Snapshot {
            n: 7,
            from: 0,
            to: 2_500_000_000,
            recorder: recorder(),
        };
        let log = snapshot.encode(Labels {
            requests: &names(),
            start: START,
        });
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
            recorder: recorder(),
        };
        let log = snapshot.encode(Labels {
            requests: &names(),
            start: START,
        });
        let cut = &log[..log.len() - 30];
        assert!(matches!(Snapshot::decode(cut), Err(FormatError::Damaged { .. })));
        let newer = String::from_utf8(log)
            .unwrap()
            .replacen("\"format\":1", "\"format\":9", 1);
        assert!(matches!(
            Snapshot::decode(newer.as_bytes()),
            Err(FormatError::Newer { found: 9, .. })
        ));
        assert!(Snapshot::decode(b"").is_err());
        assert!(Snapshot::decode(b"\xff\xfe").is_err());
    }

    #[test]
    fn a_snapshot_whose_seconds_lie_outside_of_it_is_refused() {
        let snapshot = Snapshot {
            n: 1,
            from: 0,
            to: 60_000_000_000,
            recorder: recorder(),
        };
        let labels = Labels {
            requests: &names(),
            start: START,
        };
        assert!(Snapshot::decode(&snapshot.encode(labels)).is_ok());
        let short = Snapshot {
            to: 500_000_000,
            ..snapshot.clone()
        };
        assert!(Snapshot::decode(&short.encode(labels)).is_err());
        let text = String::from_utf8(snapshot.encode(labels)).unwrap();
        let backwards = text.replacen("\"from\":0", "\"from\":61000000000", 1);
        assert_ne!(backwards, text);
        assert!(Snapshot::decode(backwards.as_bytes()).is_err());
        // A single second far away would make a series of billions.
        let second = "\"seconds\":{\"4294967295\":{\"sent\":0,\"completed\":0,\"failed\":0,\"dropped\":0},";
        let far = text.replacen("\"seconds\":{", second, 1);
        assert_ne!(far, text);
        assert!(Snapshot::decode(far.as_bytes()).is_err());
    }

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_log_that_lost_lines_is_damaged_wherever_it_was_cut() {
        let mut recorder = Recorder::new(1);
        let sample = Sample::Measured { request: 0 };
        for at in 0..3 {
            let done = at * 1_000_000_000 + 5_000;
            recorder.sent(sample, done - 5_000);
            let outcome = Outcome {
                due: done - 5_000,
                sent: done - 4_000,
                done,
                result: Ok(()),
                status: Some(200),
                body_bytes: 1,
            };
            recorder.finished(sample, &outcome);
        }
        let names = ["home".to_owned()];
        let snapshot = Snapshot {
            n: 1,
            from: 0,
            to: 3_000_000_000,
            recorder,
        };
        let log = snapshot.encode(Labels {
            requests: &names,
            start: 0,
        });
        assert!(Snapshot::decode(&log).is_ok());
        for length in 0..log.len() - 1 {
            assert!(
                Snapshot::decode(&log[..length]).is_err(),
                "{length} of {} bytes",
                log.len()
            );
        }
    }
}
