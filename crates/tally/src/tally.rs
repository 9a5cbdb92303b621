//! Counts and times of the outcomes of requests and flows.
//!
//! Every tally of a finished slice is balanced: sent = completed + failed + in flight. Each of these four numbers is
//! counted separately, so that the balance can be checked.

use crate::flow::{FlowEnd, FlowIndex, FlowTally};
use crate::histogram::Histogram;
use crate::maps::less;
use crate::outcome::{Code, Failure, Outcome};
use crate::reasons::Reasons;
use crate::request::RequestIndex;
use crate::seconds::{Second, Seconds};
use crate::waits::{LagParts, Openings};
use std::collections::BTreeMap;

/// The numbers of sent, completed, failed and dropped requests, and further counts of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of requests that were handed to a connection, or to an attempt to open a connection.
    pub sent: u64,
    /// The number of requests that were answered and met the success rule.
    pub completed: u64,
    /// For each kind of failure, the number of failed requests. A kind without failures is absent.
    pub failed: BTreeMap<Failure, u64>,
    /// The number of arrivals that were never sent because no connection became free within the maximum wait.
    pub dropped: u64,
    /// The number of requests that were sent and had no outcome when the worker ended.
    pub in_flight: u64,
    /// For each status code, the number of answers.
    pub statuses: BTreeMap<Code, u64>,
    /// The number of bytes of response bodies that were read.
    pub body_bytes: u64,
    /// The number of times that requests were sent again. A request is sent again if the target reports that it has not
    /// processed the request, or if a step of a flow has failed and is retried. No other count includes these retries.
    /// Workers of older versions do not report retries.
    pub retries: u64,
}

impl Counts {
    /// Returns the number of failed requests of all kinds.
    pub fn failed_total(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Adds every count of `other` to the same count of `self`.
    pub fn add(&mut self, other: &Counts) {
        self.sent += other.sent;
        self.completed += other.completed;
        self.dropped += other.dropped;
        self.in_flight += other.in_flight;
        // The number of body bytes in one document is limited, but the number of documents is not limited. The sum of
        // body bytes saturates instead of overflowing.
        self.body_bytes = self.body_bytes.saturating_add(other.body_bytes);
        self.retries += other.retries;
        for (kind, count) in &other.failed {
            *self.failed.entry(*kind).or_default() += count;
        }
        for (code, count) in &other.statuses {
            *self.statuses.entry(*code).or_default() += count;
        }
    }

    /// Returns the counts of `self` minus the counts of `other`; `None` if any count of `other` is higher than the same
    /// count of `self`.
    fn less(&self, other: &Counts) -> Option<Counts> {
        Some(Counts {
            sent: self.sent.checked_sub(other.sent)?,
            completed: self.completed.checked_sub(other.completed)?,
            failed: less(&self.failed, &other.failed)?,
            dropped: self.dropped.checked_sub(other.dropped)?,
            in_flight: self.in_flight.checked_sub(other.in_flight)?,
            statuses: less(&self.statuses, &other.statuses)?,
            body_bytes: self.body_bytes.checked_sub(other.body_bytes)?,
            retries: self.retries.checked_sub(other.retries)?,
        })
    }

    #[inline]
    fn finished(&mut self, outcome: &Outcome) {
        match outcome.result {
            Ok(()) => self.completed += 1,
            Err(kind) => *self.failed.entry(kind).or_default() += 1,
        }
        if let Some(code) = outcome.code {
            *self.statuses.entry(code).or_default() += 1;
        }
        self.body_bytes += outcome.body_bytes;
    }
}

/// The latency, service time and lag of completed requests or of failed requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings {
    /// The end of a request minus its due time.
    pub latency: Histogram,
    /// The end of a request minus the time when it was sent.
    pub service: Histogram,
    /// The time when a request was sent minus its due time.
    pub lag: Histogram,
}

impl Timings {
    /// Adds every histogram of `other` to the same histogram of `self`.
    pub fn add(&mut self, other: &Timings) {
        self.latency.add(&other.latency);
        self.service.add(&other.service);
        self.lag.add(&other.lag);
    }

    fn pack(&mut self) {
        for histogram in [&mut self.latency, &mut self.service, &mut self.lag] {
            histogram.pack();
        }
    }

    fn less(&self, other: &Timings) -> Option<Timings> {
        Some(Timings {
            latency: self.latency.less(&other.latency)?,
            service: self.service.less(&other.service)?,
            lag: self.lag.less(&other.lag)?,
        })
    }

    // The function is inlined because a call would cost 5% of the instructions that record a request.
    #[inline(always)]
    fn record(&mut self, outcome: &Outcome) {
        self.latency.record(outcome.done.saturating_sub(outcome.due));
        self.service.record(outcome.done.saturating_sub(outcome.sent));
        self.lag.record(outcome.sent.saturating_sub(outcome.due));
    }
}

/// The counts and times of the measured requests with the same name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestTally {
    pub counts: Counts,
    /// The times of completed requests.
    pub completed: Timings,
    /// The times of failed requests.
    pub failed: Timings,
    /// For requests with an answer: the time of the first byte of the answer minus the time when the request was sent.
    /// Workers of older versions do not report this time.
    pub first_byte: Histogram,
}

impl RequestTally {
    /// Adds all counts and histograms of `other` to this tally.
    pub fn add(&mut self, other: &RequestTally) {
        self.counts.add(&other.counts);
        self.completed.add(&other.completed);
        self.failed.add(&other.failed);
        self.first_byte.add(&other.first_byte);
    }

    fn less(&self, other: &RequestTally) -> Option<RequestTally> {
        Some(RequestTally {
            counts: self.counts.less(&other.counts)?,
            completed: self.completed.less(&other.completed)?,
            failed: self.failed.less(&other.failed)?,
            first_byte: self.first_byte.less(&other.first_byte)?,
        })
    }

    /// Returns the times of completed and failed requests together.
    pub fn all(&self) -> Timings {
        let mut all = self.completed.clone();
        all.add(&self.failed);
        all
    }
}

/// The counts and times of the outcomes of requests and flows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// The tally of each request, in the order of the plan's requests.
    pub requests: Vec<RequestTally>,
    /// The tally of each flow, in the order of the plan's flows; empty if the plan has no flows.
    pub flows: Vec<FlowTally>,
    /// The counts of the requests of warm-up and cool-down. The percentiles do not include these requests.
    pub unmeasured: Counts,
    /// The reasons for failed measured requests. Workers of older versions do not report reasons.
    pub reasons: Reasons,
    /// The waits of measured requests before the requests were sent. Workers of older versions do not report these
    /// waits.
    pub lag: LagParts,
    /// The durations of opening connections. Workers of older versions do not report these durations.
    pub openings: Openings,
    /// For each kind of failure, the latency of failed measured requests. A kind without failures is absent. Workers of
    /// older versions do not report latency by kind.
    pub failure_latency: FailureLatency,
}

/// For each kind of failure, the latency of failed requests.
pub type FailureLatency = BTreeMap<Failure, Histogram>;

/// Adds every count of `other` to `sum`.
pub(crate) fn add_latency(sum: &mut FailureLatency, other: &FailureLatency) {
    for (kind, latency) in other {
        sum.entry(*kind).or_default().add(latency);
    }
}

fn less_latency(latency: &FailureLatency, other: &FailureLatency) -> Option<FailureLatency> {
    let mut left = latency.clone();
    for (kind, theirs) in other.iter().filter(|(_, theirs)| !theirs.is_empty()) {
        let own = left.get_mut(kind)?;
        *own = own.less(theirs)?;
    }
    left.retain(|_, latency| !latency.is_empty());
    Some(left)
}

impl Tally {
    /// Returns an empty tally for a plan with this number of requests.
    pub fn new(requests: usize) -> Tally {
        Tally {
            requests: vec![RequestTally::default(); requests],
            ..Tally::default()
        }
    }

    /// Adds all counts and histograms of `other` to this tally, request by request.
    pub fn add(&mut self, other: &Tally) {
        if self.requests.len() < other.requests.len() {
            self.requests.resize_with(other.requests.len(), RequestTally::default);
        }
        for (mine, theirs) in self.requests.iter_mut().zip(&other.requests) {
            mine.add(theirs);
        }
        if self.flows.len() < other.flows.len() {
            self.flows.resize_with(other.flows.len(), FlowTally::default);
        }
        for (mine, theirs) in self.flows.iter_mut().zip(&other.flows) {
            mine.add(theirs);
        }
        self.unmeasured.add(&other.unmeasured);
        self.reasons.add(&other.reasons);
        self.lag.add(&other.lag);
        self.openings.add(&other.openings);
        add_latency(&mut self.failure_latency, &other.failure_latency);
    }

    /// Records the latency of a failed request. The function is not inlined, so that the code for completed requests
    /// remains small.
    #[cold]
    #[inline(never)]
    fn record_latency(&mut self, kind: Failure, outcome: &Outcome) {
        let latency = self.failure_latency.entry(kind).or_default();
        latency.record(outcome.done.saturating_sub(outcome.due));
    }

    /// Returns how often this request failed with this kind of failure.
    pub(crate) fn failed(&self, request: RequestIndex, kind: Failure) -> u64 {
        let counts = self
            .requests
            .get(usize::from(request))
            .map(|request| &request.counts.failed);
        counts.and_then(|failed| failed.get(&kind)).copied().unwrap_or(0)
    }

    /// Returns this tally minus `other`; `None` if any count of `other` is higher than the same count of this tally.
    /// The result contains neither the reasons for failures nor the durations of opening connections.
    pub fn less(&self, other: &Tally) -> Option<Tally> {
        let nothing = RequestTally::default();
        let theirs = |at: usize| other.requests.get(at).unwrap_or(&nothing);
        let requests = self.requests.iter().enumerate();
        let requests: Option<Vec<RequestTally>> = requests.map(|(at, mine)| mine.less(theirs(at))).collect();
        let no_flow = FlowTally::default();
        let flows = self.flows.iter().enumerate();
        let flows: Option<Vec<FlowTally>> = flows
            .map(|(at, mine)| mine.less(other.flows.get(at).unwrap_or(&no_flow)))
            .collect();
        let unmeasured = self.unmeasured.less(&other.unmeasured)?;
        let all = other.requests.len() <= self.requests.len() && other.flows.len() <= self.flows.len();
        Some(Tally {
            requests: requests.filter(|_| all)?,
            flows: flows?,
            unmeasured,
            lag: self.lag.less(&other.lag)?,
            failure_latency: less_latency(&self.failure_latency, &other.failure_latency)?,
            ..Tally::default()
        })
    }

    /// Packs the histograms of completed and failed requests. Adding values to a packed histogram unpacks it.
    pub fn pack(&mut self) {
        for request in &mut self.requests {
            request.completed.pack();
            request.failed.pack();
        }
        self.failure_latency.values_mut().for_each(Histogram::pack);
    }

    /// Returns the sum of the tallies of all measured requests.
    pub fn whole(&self) -> RequestTally {
        let mut whole = RequestTally::default();
        self.requests.iter().for_each(|request| whole.add(request));
        whole
    }

    /// Returns the sum of the counts of all measured requests.
    pub fn measured(&self) -> Counts {
        let mut counts = Counts::default();
        self.requests.iter().for_each(|request| counts.add(&request.counts));
        counts
    }
}

/// A tally that a worker fills event by event: totals for each request, and counts for each second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorder {
    pub tally: Tally,
    /// The counts and latencies of each second. The key is the start of the second in whole seconds since T0, the start
    /// of the run.
    pub seconds: Seconds,
}

/// Whether an arrival is measured, and the request to which a measured arrival belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    Measured { request: RequestIndex },
    Unmeasured,
}

impl Recorder {
    /// Returns an empty recorder for a plan with this number of requests.
    pub fn new(requests: usize) -> Recorder {
        Recorder {
            tally: Tally::new(requests),
            seconds: Seconds::default(),
        }
    }

    /// Renumbers the requests and flows for a larger plan, in which other requests and flows precede the requests and
    /// flows of this recorder. `requests` is the number of all requests of the larger plan.
    pub fn number_from(&mut self, first_request: usize, first_flow: usize, requests: usize) {
        let tally = &mut self.tally;
        let others = std::iter::repeat_n(RequestTally::default(), first_request);
        tally.requests.splice(0..0, others);
        for flow in &mut tally.flows {
            flow.number_requests_from(first_request);
        }
        if !tally.flows.is_empty() {
            let others = std::iter::repeat_n(FlowTally::default(), first_flow);
            tally.flows.splice(0..0, others);
        }
        tally.reasons.number_requests_from(first_request);
        let whole = requests.max(tally.requests.len());
        tally.requests.resize_with(whole, RequestTally::default);
    }

    fn counts(&mut self, sample: SampleKind) -> &mut Counts {
        match sample {
            SampleKind::Measured { request } => &mut self.tally.requests[usize::from(request)].counts,
            SampleKind::Unmeasured => &mut self.tally.unmeasured,
        }
    }

    fn second(&mut self, at: u64) -> &mut Second {
        self.seconds.at((at / 1_000_000_000) as u32)
    }

    /// Counts a request as sent. `at` is in nanoseconds after T0, the start of the run.
    #[inline]
    pub fn sent(&mut self, sample: SampleKind, at: u64) {
        self.counts(sample).sent += 1;
        self.second(at).counts.sent += 1;
    }

    /// Counts an arrival that could not be sent. `at` is in nanoseconds after T0, the start of the run.
    pub fn dropped(&mut self, sample: SampleKind, at: u64) {
        self.counts(sample).dropped += 1;
        self.second(at).counts.dropped += 1;
    }

    /// Counts the outcome of a request that was counted as sent.
    #[inline]
    pub fn finished(&mut self, sample: SampleKind, outcome: &Outcome) {
        self.counts(sample).finished(outcome);
        let second = self.second(outcome.done);
        match outcome.result {
            Ok(()) => second.counts.completed += 1,
            Err(kind) => {
                second.counts.failed += 1;
                *second.counts.failures.entry(kind).or_default() += 1;
            }
        }
        second.latency.record(outcome.done.saturating_sub(outcome.due));
        if let SampleKind::Measured { request } = sample {
            self.tally.lag.record(outcome);
            let request = &mut self.tally.requests[usize::from(request)];
            if let Some(first_byte) = outcome.first_byte {
                request.first_byte.record(first_byte.saturating_sub(outcome.sent));
            }
            // Completed and failed requests share one call of `record`, because `record` is inlined.
            let timings = match outcome.result {
                Ok(()) => &mut request.completed,
                Err(_) => &mut request.failed,
            };
            timings.record(outcome);
            if let Err(kind) = outcome.result {
                self.tally.record_latency(kind, outcome);
            }
        }
    }

    /// Counts the retries of a finished request. `at` is the time when the request finished, in nanoseconds after T0,
    /// the start of the run.
    pub fn retried(&mut self, sample: SampleKind, retries: u32, at: u64) {
        self.counts(sample).retries += u64::from(retries);
        self.second(at).counts.retries += u64::from(retries);
    }

    /// Counts a sent request that has no outcome when the worker ends.
    pub fn abandoned(&mut self, sample: SampleKind) {
        self.counts(sample).in_flight += 1;
    }

    /// Counts a measured flow as started.
    pub fn flow_started(&mut self, flow: FlowIndex) {
        self.flow(flow).started += 1;
    }

    /// Counts a measured flow that could not start.
    pub fn flow_dropped(&mut self, flow: FlowIndex) {
        self.flow(flow).dropped += 1;
    }

    /// Counts the end of a measured flow, and the later steps that the flow would have sent. The times are in
    /// nanoseconds.
    pub fn flow_ended(
        &mut self,
        flow: FlowIndex,
        end: FlowEnd,
        (latency, session): (u64, u64),
        not_reached: impl Iterator<Item = RequestIndex>,
    ) {
        let flow = self.flow(flow);
        flow.ended(end, latency, session);
        not_reached.for_each(|step| *flow.not_reached.entry(step).or_default() += 1);
    }

    fn flow(&mut self, flow: FlowIndex) -> &mut FlowTally {
        let (flow, flows) = (usize::from(flow), &mut self.tally.flows);
        if flows.len() <= flow {
            flows.resize_with(flow + 1, FlowTally::default);
        }
        &mut flows[flow]
    }

    /// Adds all counts of `other` to this recorder.
    pub fn add(&mut self, other: &Recorder) {
        self.tally.add(&other.tally);
        self.seconds.add(&other.seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;
    use crate::reasons::{Occurrences, Reason};
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    struct Event {
        sample: SampleKind,
        outcome: Outcome,
        drop: bool,
    }

    fn event() -> impl Strategy<Value = Event> {
        (
            0usize..4,
            0u64..20_000_000_000,
            0u64..2_000_000,
            0u64..3_000_000_000,
            0usize..Failure::ALL.len() + 2,
            any::<bool>(),
        )
            .prop_map(|(request, due, lag, service, failure, drop)| Event {
                sample: if request == 3 {
                    SampleKind::Unmeasured
                } else {
                    SampleKind::Measured {
                        request: request.into(),
                    }
                },
                outcome: Outcome {
                    due,
                    sent: due + lag,
                    done: due + lag + service,
                    result: Failure::ALL.get(failure).map_or(Ok(()), |kind| Err(*kind)),
                    code: Some(Code::Http(200 + failure as u16)),
                    body_bytes: service % 100,
                    first_byte: (service % 3 > 0).then_some(due + lag + service / 2),
                    waiting: lag / 4,
                    opening: (lag % 2) * (lag / 3),
                },
                drop: drop && failure == 0,
            })
    }

    fn record(recorder: &mut Recorder, event: &Event) {
        if event.drop {
            recorder.dropped(event.sample, event.outcome.due);
        } else {
            recorder.sent(event.sample, event.outcome.sent);
            recorder.finished(event.sample, &event.outcome);
            recorder.retried(event.sample, event.outcome.body_bytes as u32 % 2, event.outcome.done);
        }
    }

    #[test]
    fn a_record_of_a_part_of_a_plan_is_numbered_as_in_the_whole_plan() {
        let record = |first: usize, flow: usize, requests: usize| {
            let mut recorder = Recorder::new(requests);
            let request = RequestIndex::from(first + 1);
            let sample = SampleKind::Measured { request };
            recorder.sent(sample, 0);
            let failed = Outcome {
                result: Err(Failure::Status),
                ..Outcome::default()
            };
            recorder.finished(sample, &failed);
            let seen = Occurrences {
                count: 1,
                first: vec![7],
            };
            let reason = Reason {
                cause: Cause::Unknown,
                detail: String::new(),
                origin: String::new(),
            };
            recorder.tally.reasons.record(request, Failure::Status, reason, &seen);
            recorder.flow_started(FlowIndex::from(flow));
            recorder.flow_ended(
                FlowIndex::from(flow),
                FlowEnd::Starved(request),
                (1, 2),
                [RequestIndex::from(first)].into_iter(),
            );
            recorder
        };
        let mut part = record(0, 0, 2);
        part.number_from(3, 1, 6);
        let whole = record(3, 1, 6);
        assert_eq!(part, whole);
        let mut first = record(0, 0, 2);
        first.number_from(0, 0, 6);
        assert_eq!(first, record(0, 0, 6));
    }

    proptest! {
        #[test]
        fn merging_parts_in_any_order_equals_recording_the_whole(
            events in prop::collection::vec(event(), 0..120),
            parts in 1usize..6,
            rotate in 0usize..6,
        ) {
            let mut whole = Recorder::new(3);
            let mut shards = vec![Recorder::new(3); parts];
            for (k, event) in events.iter().enumerate() {
                record(&mut whole, event);
                record(&mut shards[k % parts], event);
            }
            shards.rotate_left(rotate % parts);
            let mut merged = Recorder::default();
            shards.iter().for_each(|shard| merged.add(shard));
            merged.tally.requests.resize_with(3, RequestTally::default);
            prop_assert_eq!(&merged, &whole);

            // The whole minus one part equals the sum of the other parts. A part minus the whole is `None`.
            let mut others = Tally::new(3);
            shards[1..].iter().for_each(|shard| others.add(&shard.tally));
            let left = whole.tally.less(&shards[0].tally).expect("it is a part");
            let sent = |tally: &Tally| tally.measured().sent + tally.unmeasured.sent;
            prop_assert_eq!(sent(&left), sent(&others));
            prop_assert_eq!(left.whole().all(), others.whole().all());
            prop_assert_eq!(&left.failure_latency, &others.failure_latency);
            if sent(&others) > 0 {
                prop_assert_eq!(shards[0].tally.less(&whole.tally), None);
            }

            let measured = whole.tally.measured();
            prop_assert_eq!(measured.sent, measured.completed + measured.failed_total());
            // For each kind of failure, the number of latencies equals the number of failed requests.
            let by_kind = whole.tally.failure_latency.iter().map(|(kind, latency)| (*kind, latency.len()));
            prop_assert!(by_kind.eq(measured.failed.clone()));
            let mut failed = Histogram::default();
            whole.tally.failure_latency.values().for_each(|latency| failed.add(latency));
            prop_assert_eq!(failed, whole.tally.whole().failed.latency);
            let retries = events.iter().filter(|event| !event.drop).map(|event| event.outcome.body_bytes % 2).sum::<u64>();
            prop_assert_eq!(measured.retries + whole.tally.unmeasured.retries, retries);
            let seconds = whole.seconds.iter().map(|(_, second)| second.counts.sent).sum::<u64>();
            prop_assert_eq!(seconds, measured.sent + whole.tally.unmeasured.sent);
            let seconds = whole.seconds.iter().map(|(_, second)| second.counts.retries).sum::<u64>();
            prop_assert_eq!(seconds, retries);
        }
    }
}
