//! The data of a run that a comparison requires. A baseline stores this data as one document.
//!
//! Invariant: the sum of the intervals of a sample equals the counts of the sample and the histogram of its report. The
//! invariant is checked when a sample is created and when it is read, so the percentiles of a sample equal the
//! percentiles of the report.
//!
//! ```text
//! {"format": 1, "run": …, "requests": ["home", …], "intervals": [{"length": ns, "requests":
//!     [{"sent": n, "completed": n, "failed": n, "latency": base64 of HdrHistogram V2}, …]}, …], …}
//! ```

use crate::run_report::RunReport;
use crate::verdict::Verdict;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plan::cost::money::Money;
use plan::plan::Plan;
use plan::scenario::{Load, Population};
use plan::wire::load;
use serde::{Deserialize, Serialize};
use tally::encoding;
use tally::format::{DocumentKind, FormatError};
use tally::histogram::Histogram;
use tally::interval::{Brief, INTERVALS_MAX, Interval};

/// The maximum memory of a sample's histograms, in bytes. A limit is required because a histogram of two distant values
/// takes a few bytes in the stored form, and a quarter of a megabyte in memory.
const HISTOGRAM_BYTES_MAX: usize = 256 << 20;

/// The name and format of the stored form.
const BASELINE: DocumentKind = DocumentKind::new("baseline", 1);

/// The data of a run that a comparison requires.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSample {
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// T0, as RFC 3339 in UTC; `None` for a run that never started.
    pub started: Option<String>,
    pub verdict: Verdict,
    /// The signs that the generator, and not the target, limited the rate.
    pub generator: Vec<String>,
    /// The load of each population.
    pub loads: Vec<Load>,
    /// The length of the measured part of the run, in nanoseconds.
    pub measured: u64,
    pub counts: Arrivals,
    pub cost: Option<Money>,
    /// The names of the requests, in the order of the plan.
    pub requests: Vec<String>,
    /// The names of the flows, in the order of the plan.
    pub flows: Vec<String>,
    /// The populations, in the order of the plan; empty if the run has only one population.
    pub populations: Vec<PopulationNames>,
    /// Consecutive intervals of the run; at most [`INTERVALS_MAX`].
    pub intervals: Vec<Interval>,
}

/// The numbers of requests and flows of one population. In the lists of names of a run, the names of the first
/// population come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationNames {
    pub requests: usize,
    pub flows: usize,
}

/// The numbers of the measured arrivals by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    pub planned: u64,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    pub missing: u64,
}

impl PopulationNames {
    fn of(population: &Population) -> PopulationNames {
        PopulationNames {
            requests: population.requests.len(),
            flows: population.flows.len(),
        }
    }
}

/// The reason why a run cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("the intervals of {run} do not add up to its report: {problem}")]
    Unsound { run: String, problem: String },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    run: String,
    scenario: String,
    fleet: String,
    started: Option<String>,
    verdict: Verdict,
    generator: Vec<String>,
    /// The load of a run with one population, in the form of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    load: Option<load::Load>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    loads: Vec<load::Load>,
    measured: u64,
    counts: Arrivals,
    /// The cost of the run in nano-dollars.
    cost: Option<u64>,
    requests: Vec<String>,
    /// The names of the flows. The field is absent if the run has no flows, and in baselines of older versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flows: Vec<String>,
    /// The field is absent if the run has one population, and in baselines of older versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    populations: Vec<PopulationNames>,
    intervals: Vec<StoredInterval>,
}

#[derive(Serialize, Deserialize)]
struct StoredInterval {
    length: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    population_lengths: Vec<u64>,
    requests: Vec<StoredBrief>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flows: Vec<StoredBrief>,
}

#[derive(Serialize, Deserialize)]
struct StoredBrief {
    sent: u64,
    completed: u64,
    failed: u64,
    /// The histogram in base64; empty if the histogram is empty.
    latency: String,
}

impl RunSample {
    /// Returns the sample of a run from its report and intervals.
    ///
    /// # Errors
    /// Fails if the sum of the intervals does not equal the counts of the report.
    pub fn new(plan: &Plan, report: &RunReport, intervals: Vec<Interval>) -> Result<RunSample, SampleError> {
        let balance = &report.balance;
        let sample = RunSample {
            run: report.run.clone(),
            scenario: report.scenario.clone(),
            fleet: report.fleet.clone(),
            started: report.started.clone(),
            verdict: report.verdict,
            generator: report.generator.signs.clone(),
            loads: plan.populations.iter().map(|one| one.load.clone()).collect(),
            measured: (report.measured_s * 1e9).round() as u64,
            counts: Arrivals {
                planned: balance.planned,
                sent: balance.sent,
                completed: balance.completed,
                failed: balance.failed,
                dropped: balance.dropped,
                missing: balance.missing,
            },
            cost: report.cost.as_ref().map(|cost| cost.actual_bill.total()),
            requests: plan.request_names(),
            flows: plan.flow_names(),
            populations: match plan.populations.as_slice() {
                [_] => Vec::new(),
                several => several.iter().map(PopulationNames::of).collect(),
            },
            intervals,
        };
        let mut problem = sample.problem();
        if problem.is_none() && !sample.flows_agree(report) {
            problem = Some("their flows differ from those of the report".to_owned());
        }
        if problem.is_none() && sample.whole().latency != report.total.latency.values {
            problem = Some("their latencies differ from those of the report".to_owned());
        }
        match problem {
            None => Ok(sample),
            Some(problem) => Err(SampleError::Unsound {
                run: sample.run,
                problem,
            }),
        }
    }

    /// Returns whether the sum of the flows of all intervals equals the flows of the report.
    fn flows_agree(&self, report: &RunReport) -> bool {
        let sums = (self.requests.len()..).zip(&report.flows);
        sums.map(|(place, flow)| (self.sum_of(place), flow)).all(|(sum, flow)| {
            (sum.sent, sum.completed, sum.failed) == (flow.started, flow.completed, flow.failed)
                && sum.latency == flow.latency.values
        })
    }

    /// Returns the names of the requests, followed by the names of the flows. A place is an index into this list.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.requests.iter().chain(&self.flows)
    }

    /// Returns the counts of the request or flow at a place, in one interval; `None` if the interval does not contain
    /// that place.
    pub(super) fn at<'i>(&self, interval: &'i Interval, place: usize) -> Option<&'i Brief> {
        match place.checked_sub(self.requests.len()) {
            None => interval.requests.get(place),
            Some(flow) => interval.flows.get(flow),
        }
    }

    /// Returns a function from an interval to its measured time. With `place`, the function returns the measured time
    /// of one population: the population of the request or flow at this place. Without `place`, the function returns
    /// the measured time of the whole run.
    pub(super) fn length_of(&self, place: Option<usize>) -> impl Fn(&Interval) -> u64 {
        let population = place.and_then(|place| self.population_of(place));
        move |interval| {
            let own = population.and_then(|population| interval.population_lengths.get(population));
            own.copied().unwrap_or(interval.length)
        }
    }

    /// Returns the population of the request or flow at a place; `None` if the run has only one population.
    fn population_of(&self, place: usize) -> Option<usize> {
        let (index, number): (usize, fn(&PopulationNames) -> usize) = match place.checked_sub(self.requests.len()) {
            None => (place, |names| names.requests),
            Some(flow) => (flow, |names| names.flows),
        };
        let mut end = 0;
        self.populations.iter().position(|names| {
            end += number(names);
            index < end
        })
    }

    /// Returns the counts of the request or flow at a place, added up over all intervals.
    pub(super) fn sum_of(&self, place: usize) -> Brief {
        let mut sum = Brief::default();
        let briefs = self.intervals.iter().filter_map(|interval| self.at(interval, place));
        briefs.for_each(|brief| sum.add(brief));
        sum
    }

    /// Returns the counts of all requests together, added up over all intervals.
    pub fn whole(&self) -> Brief {
        let mut whole = Brief::default();
        self.intervals.iter().for_each(|interval| whole.add(&interval.whole()));
        whole
    }

    /// Encodes the sample in its stored form.
    pub fn encode(&self) -> Vec<u8> {
        let brief = |brief: &Brief| StoredBrief {
            sent: brief.sent,
            completed: brief.completed,
            failed: brief.failed,
            latency: match brief.latency.is_empty() {
                true => String::new(),
                false => STANDARD.encode(encoding::encode(&brief.latency)),
            },
        };
        let intervals = self.intervals.iter().map(|interval| StoredInterval {
            length: interval.length,
            population_lengths: interval.population_lengths.clone(),
            requests: interval.requests.iter().map(brief).collect(),
            flows: interval.flows.iter().map(brief).collect(),
        });
        let (only, several) = match self.loads.as_slice() {
            [only] => (Some(only.clone()), [].as_slice()),
            several => (None, several),
        };
        let stored = Stored {
            format: BASELINE.format,
            run: self.run.clone(),
            scenario: self.scenario.clone(),
            fleet: self.fleet.clone(),
            started: self.started.clone(),
            verdict: self.verdict,
            generator: self.generator.clone(),
            load: only.map(Into::into),
            loads: several.iter().cloned().map(Into::into).collect(),
            measured: self.measured,
            counts: self.counts,
            cost: self.cost.map(Money::as_nanodollars),
            requests: self.requests.clone(),
            flows: self.flows.clone(),
            populations: self.populations.clone(),
            intervals: intervals.collect(),
        };
        serde_json::to_vec(&stored).unwrap_or_else(|_| unreachable!("a sample is always JSON"))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// Fails if the document is newer than this version, or damaged.
    pub fn decode(json: &[u8]) -> Result<RunSample, FormatError> {
        let stored: Stored = BASELINE.read(json)?;
        let mut room = HISTOGRAM_BYTES_MAX;
        let intervals = stored.intervals.iter().map(|stored| interval(stored, &mut room));
        let intervals: Result<Vec<Interval>, FormatError> = intervals.collect();
        let sample = RunSample {
            run: stored.run,
            scenario: stored.scenario,
            fleet: stored.fleet,
            started: stored.started,
            verdict: stored.verdict,
            generator: stored.generator,
            loads: stored.load.into_iter().chain(stored.loads).map(Into::into).collect(),
            measured: stored.measured,
            counts: stored.counts,
            cost: stored.cost.map(Money::nanodollars),
            requests: stored.requests,
            flows: stored.flows,
            populations: stored.populations,
            intervals: intervals?,
        };
        match sample.problem() {
            None => Ok(sample),
            Some(problem) => Err(BASELINE.damaged(problem)),
        }
    }

    /// Returns an inconsistency of the sample as text; `None` if the sample is consistent.
    fn problem(&self) -> Option<String> {
        if self.intervals.is_empty() || self.intervals.len() > INTERVALS_MAX {
            return Some(format!("it has {} intervals", self.intervals.len()));
        }
        if self.intervals.iter().any(|i| i.requests.len() != self.requests.len()) {
            return Some("an interval has other requests".to_owned());
        }
        if self.intervals.iter().any(|i| i.flows.len() > self.flows.len()) {
            return Some("an interval has other flows".to_owned());
        }
        let differs = |interval: &Interval| {
            let lengths = &interval.population_lengths;
            lengths.len() != self.populations.len() || lengths.iter().any(|length| *length > interval.length)
        };
        if self.intervals.iter().any(differs) {
            return Some("an interval has other populations".to_owned());
        }
        let mut flows = self.intervals.iter().flat_map(|interval| &interval.flows);
        if flows.any(|brief| brief.completed != brief.latency.len()) {
            return Some("the counts of a histogram and of its flows differ".to_owned());
        }
        let briefs = || self.intervals.iter().flat_map(|interval| &interval.requests);
        let outcomes = |brief: &Brief| brief.completed.checked_add(brief.failed);
        if briefs().any(|brief| outcomes(brief) != Some(brief.latency.len())) {
            return Some("the counts of a histogram and of its outcomes differ".to_owned());
        }
        let sum = |count: fn(&Brief) -> u64| briefs().map(count).try_fold(0u64, u64::checked_add);
        let length = self.intervals.iter().map(|i| i.length).try_fold(0u64, u64::checked_add);
        let counts = &self.counts;
        let sums = [
            ("sent", sum(|brief| brief.sent), counts.sent),
            ("completed", sum(|brief| brief.completed), counts.completed),
            ("failed", sum(|brief| brief.failed), counts.failed),
            ("measured nanoseconds", length, self.measured),
        ];
        sums.into_iter()
            .find(|(_, sum, whole)| *sum != Some(*whole))
            .map(|(what, sum, whole)| match sum {
                Some(sum) => format!("{sum} {what} in its intervals, {whole} in total"),
                None => format!("the sum of {what} in its intervals overflows"),
            })
    }
}

/// Reads an interval, and reduces `room` by the memory that the interval needs.
fn interval(stored: &StoredInterval, room: &mut usize) -> Result<Interval, FormatError> {
    let mut briefs = |stored: &[StoredBrief]| -> Result<Vec<Brief>, FormatError> {
        let briefs = stored.iter().map(|stored| {
            let brief = brief(stored)?;
            let left = room.checked_sub(brief.latency.bytes());
            *room = left.ok_or_else(|| BASELINE.damaged("its histograms need more memory than those of any run"))?;
            Ok(brief)
        });
        briefs.collect()
    };
    Ok(Interval {
        length: stored.length,
        population_lengths: stored.population_lengths.clone(),
        requests: briefs(&stored.requests)?,
        flows: briefs(&stored.flows)?,
    })
}

fn brief(stored: &StoredBrief) -> Result<Brief, FormatError> {
    let mut latency = Histogram::default();
    if !stored.latency.is_empty() {
        let bytes = STANDARD
            .decode(&stored.latency)
            .map_err(|error| BASELINE.damaged(error.to_string()))?;
        encoding::decode_into(&bytes, &mut latency).map_err(|error| BASELINE.damaged(error.to_string()))?;
    }
    Ok(Brief {
        sent: stored.sent,
        completed: stored.completed,
        failed: stored.failed,
        latency,
    })
}
