//! The report of a run. The report is computed once, and all formats show the same values.
//!
//! Times of requests in the JSON are in milliseconds. Their precision is the precision of the histograms: about three
//! significant digits. The JSON also contains each histogram, in HdrHistogram's V2 encoding (compressed, base64, values
//! in nanoseconds). A reader can compute other statistics from these histograms.

use crate::arrivals::{Arrivals, of_users};
use crate::cost::{self, CostReport};
use crate::failures::{FailureReport, failures};
use crate::flow_report;
pub use crate::flow_report::{FlowReport, FlowStepReport};
use crate::generator::Generator;
use crate::part::measured_between;
pub use crate::part::{Facts, SliceReport, SliceState};
use crate::series::{SecondReport, series};
use crate::show::{RETRIED, RETRIED_STEPS, count, line, moment};
pub use crate::timing::{Quantiles, TimingReport};
use crate::verdict::{Evidence, Judged, PopulationEvidence, Verdict, broken_rules, judge, per_second};
use crate::waits::{LagReport, OriginReport, origins};
use crate::worker_report::{WorkerReport, WorkerState, worker};
use plan::plan::{Plan, name_shards};
use plan::scenario::{Pacing, Population};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tally::flow::FlowTally;
use tally::interval::Timeline;
use tally::series::Series;
use tally::tally::{Counts, RequestTally, Tally};

/// The format number of the JSON report.
const FORMAT: u32 = 1;

/// The report of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunReport {
    pub format: u32,
    pub run: String,
    pub scenario: String,
    pub fleet: String,
    /// T0, the start time of the load, as RFC 3339 in UTC; null if the run never started.
    pub started: Option<String>,
    /// The planned length of the load, in seconds.
    pub duration_s: f64,
    /// The length of the load that was sent, in seconds. The length is less than `duration_s` if the run ended early.
    pub lasted_s: f64,
    /// The length of the measured part of the load that was sent, in seconds. Warm-up and cool-down are not measured.
    pub measured_s: f64,
    pub verdict: Verdict,
    /// The reasons for a verdict other than `passed`.
    pub reasons: Vec<String>,
    /// Facts that limit the validity of the numbers.
    pub notes: Vec<String>,
    /// Whether the generator, not the target, limited the rate.
    pub generator: Generator,
    pub balance: Balance,
    pub thresholds: Vec<Judged>,
    /// The results of all measured requests together.
    pub total: RequestReport,
    /// The results of the requests of the mix, and of the steps of flows.
    pub requests: Vec<RequestReport>,
    /// The results of flows; empty for a scenario without flows.
    pub flows: Vec<FlowReport>,
    /// The results of all requests of each population; empty for a scenario without populations. The rate of a
    /// population is computed over the measured time of this population.
    pub populations: Vec<RequestReport>,
    /// The results of all requests of each region; empty if the load is not shared among regions.
    pub regions: Vec<RequestReport>,
    /// The parts of the lag of all measured requests.
    pub lag_parts: LagReport,
    /// The times for opening connections, by origin. The list contains the first 16 origins in alphabetical order.
    pub openings: Vec<OriginReport>,
    /// The reasons why measured requests failed, by kind of failure. For each kind, the most frequent known reason is
    /// first.
    pub failures: Vec<FailureReport>,
    /// The latency of failed measured requests, by kind of failure. Results that older versions of the worker wrote do
    /// not contain this latency.
    pub failure_latency: BTreeMap<String, TimingReport>,
    pub workers: Vec<WorkerReport>,
    /// The cost of the run; null for a fleet without prices.
    pub cost: Option<CostReport>,
    /// An entry for each second of the run, including warm-up and cool-down. In a run of more than 2,000 seconds, an
    /// entry covers 2, 4, 8 … seconds, so that the list has at most 2,000 entries.
    pub seconds: Vec<SecondReport>,
    /// Measured requests over time, for pages; empty if the run was read for another format.
    #[serde(skip)]
    pub timeline: Arc<Timeline>,
}

/// The outcomes of all arrivals and their requests. Two equations hold: `planned = begun + dropped + missing`, and
/// `sent = completed + failed + in_flight`. An arrival of one request begins when the request is sent, so `begun`
/// equals `sent` in a run without flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Balance {
    pub planned: u64,
    /// Arrivals that began: the single requests that were sent, plus the flows that were started.
    pub begun: u64,
    /// Requests that were sent, including the requests of flows.
    pub sent: u64,
    /// Arrivals that were not sent, because no connection was free within `max_wait`, or because the run was stopped.
    pub dropped: u64,
    /// Steps of started flows that were not sent, because no connection was free within `max_wait`.
    pub starved: u64,
    /// Arrivals that their worker did not reach or did not report.
    pub missing: u64,
    pub completed: u64,
    pub failed: u64,
    pub in_flight: u64,
    /// Requests of warm-up and cool-down that were sent. No other number includes these requests.
    pub unmeasured_sent: u64,
    /// Arrivals of warm-up and cool-down that were dropped. No other number includes these arrivals.
    pub unmeasured_dropped: u64,
    /// Whether both equations of the balance hold, and whether every finished worker sent or dropped all of its
    /// arrivals.
    pub holds: bool,
}

/// The results of all requests, of one region, of one population, or of the requests with one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequestReport {
    pub name: String,
    pub sent: u64,
    pub completed: u64,
    pub failed: u64,
    pub dropped: u64,
    /// Failures by kind.
    pub failures: BTreeMap<String, u64>,
    /// Answers by status.
    pub statuses: BTreeMap<String, u64>,
    pub body_bytes: u64,
    /// The number of times that requests were sent again. A request is sent again if an HTTP/2 target reports that it
    /// has not processed the request, or if a step of a flow has failed and is retried. No other number includes
    /// retries.
    pub retries: u64,
    /// Completed requests divided by the measured time.
    pub rate_per_s: f64,
    /// A sentence about the dropped arrivals and steps, which the percentiles exclude; null if nothing was dropped.
    pub percentiles_of: Option<String>,
    /// The time from the due time of a request to the end of its answer, for completed and failed requests.
    pub latency: TimingReport,
    /// The time from the sending of a request to the end of its answer.
    pub service: TimingReport,
    /// The time from the due time of a request to its sending.
    pub lag: TimingReport,
    /// The time from the sending of a request to the first byte of its answer, for requests with an answer.
    pub first_byte: TimingReport,
    /// The latency of completed requests.
    pub latency_completed: TimingReport,
    /// The latency of failed requests.
    pub latency_failed: TimingReport,
}

impl Balance {
    /// Returns text such as `2,400 planned = 2,364 sent + 36 dropped + 0 missing`. If the scenario has flows, the text
    /// contains `begun` in place of `sent`, because an arrival that is a flow may send several requests or none.
    pub(crate) fn arrivals(&self, with_flows: bool) -> String {
        let (begun, dropped, missing) = (count(self.begun), count(self.dropped), count(self.missing));
        let verb = begun_word(with_flows);
        let planned = count(self.planned);
        format!("{planned} planned = {begun} {verb} + {dropped} dropped + {missing} missing")
    }

    /// Returns text such as `2,364 sent = 2,300 completed + 64 failed + 0 in flight`.
    pub(crate) fn requests(&self) -> String {
        let (completed, failed, in_flight) = (count(self.completed), count(self.failed), count(self.in_flight));
        let sent = count(self.sent);
        format!("{sent} sent = {completed} completed + {failed} failed + {in_flight} in flight")
    }
}

/// Returns text such as `60 started = 50 completed + 8 failed + 1 stopped + 1 in flight`, with sums over all flows.
pub(crate) fn flows_in_words(flows: &[FlowReport]) -> String {
    let sum = |of: fn(&FlowReport) -> u64| count(flows.iter().map(of).sum());
    format!(
        "{} started = {} completed + {} failed + {} stopped + {} in flight",
        sum(|flow| flow.started),
        sum(|flow| flow.completed),
        sum(|flow| flow.failed),
        sum(|flow| flow.stopped),
        sum(|flow| flow.in_flight),
    )
}

/// Returns the word for an arrival that was neither dropped nor missing.
pub(crate) fn begun_word(with_flows: bool) -> &'static str {
    if with_flows { "begun" } else { "sent" }
}

impl RunReport {
    /// Returns whether the scenario has flows.
    pub(crate) fn has_flows(&self) -> bool {
        !self.flows.is_empty()
    }

    /// Returns the sentence about flows that ended because no connection was free for a step; `None` if no flow ended
    /// for this reason.
    pub(crate) fn starved(&self) -> Option<String> {
        let flows = match self.balance.starved {
            0 => return None,
            1 => "1 flow".to_owned(),
            several => format!("{} flows", count(several)),
        };
        Some(format!(
            "{flows} failed because no connection was free for a later step within max_wait"
        ))
    }

    /// Returns text such as `12 of requests that the target had not processed`; `None` if no request was sent again.
    pub(crate) fn retries(&self) -> Option<String> {
        let retries = (self.total.retries > 0).then(|| count(self.total.retries))?;
        let of = if self.has_flows() { RETRIED_STEPS } else { RETRIED };
        Some(format!("{retries} {of}"))
    }

    /// Adds up the data of all slices and judges the run. `parts` contains the data of each slice of each shard in the
    /// plan. `merged` contains the counts of the run over time.
    pub fn new(plan: &Plan, facts: &Facts, parts: &[SliceReport<'_>], merged: &Series) -> RunReport {
        let names = plan.request_names();
        let mut tally = Tally::new(names.len());
        for part in parts {
            tally.add(&part.tally);
            if matches!(part.state, SliceState::Lost(_)) {
                count_in_flight(&part.tally, &mut tally);
            }
        }
        let whole = tally.whole();
        let has_rates = plan.populations.iter().any(Population::is_open);
        let measured = has_rates.then(|| plan.measured());
        let workers: Vec<WorkerReport> = parts
            .iter()
            .map(|part| worker(plan, measured.as_deref(), part))
            .collect();
        let lasted = lasted(plan, facts);
        let measured_time = Duration::from_nanos(measured_until(plan, lasted));
        let arrivals = Arrivals::of(plan, &tally);
        let balance = balance(plan, measured.as_deref(), &arrivals, &tally, &whole.counts, &workers);
        let flow_names = plan.flow_names();
        let populations = PopulationEvidence::of(plan, &tally, lasted);
        let evidence = Evidence {
            names: &names,
            flow_names: &flow_names,
            tally: &tally,
            whole: &whole,
            planned: balance.planned,
            starved: balance.starved,
            measured_time,
            populations: &populations,
        };
        let mut thresholds = judge(&plan.thresholds, &evidence);
        // The thresholds are not decided while the run is in progress.
        if facts.until.is_none() {
            thresholds.splice(0..0, broken_rules(&plan.thresholds, &evidence));
        }
        let flows = flow_report::flows(plan, &tally, &populations);
        let mut reasons = incomplete(facts, &balance, &flows, &workers);
        let verdict = match (reasons.is_empty(), thresholds.iter().all(|judged| judged.kept)) {
            (false, _) if is_aborted_by_rule(facts, &balance, &workers) => Verdict::Crossed,
            (false, _) => Verdict::Incomplete,
            (true, false) => Verdict::Crossed,
            (true, true) if plan.thresholds.is_empty() => Verdict::Unjudged,
            (true, true) => Verdict::Passed,
        };
        let crossed = thresholds
            .iter()
            .filter(|judged| verdict == Verdict::Crossed && !judged.kept);
        reasons.extend(crossed.map(Judged::reason));
        let requests = names.iter().zip(&tally.requests).enumerate();
        let generator = Generator::judge(plan, facts, &tally, parts);
        RunReport {
            format: FORMAT,
            run: plan.run.clone(),
            scenario: plan.scenario.clone(),
            fleet: plan.fleet.clone(),
            started: facts.started.and_then(moment),
            duration_s: plan.length() as f64 / 1e9,
            lasted_s: lasted as f64 / 1e9,
            measured_s: measured_time.as_secs_f64(),
            verdict,
            reasons: reasons.iter().map(|reason| line(reason)).collect(),
            notes: notes(plan, facts, parts, &generator)
                .iter()
                .map(|note| line(note))
                .collect(),
            generator,
            balance,
            thresholds,
            total: request(plan, "all", &whole, measured_time),
            requests: requests
                .map(|(index, (name, tally))| {
                    let (population, _) = plan.population_of(index);
                    request(plan, name, tally, populations[population].measured_time)
                })
                .collect(),
            flows,
            populations: populations
                .iter()
                .filter(|population| !population.name.is_empty())
                .map(|one| request(plan, &one.name, &one.whole, one.measured_time))
                .collect(),
            lag_parts: LagReport::of(&tally.lag),
            openings: origins(&tally),
            regions: regions(plan, parts, measured_time),
            failures: failures(&names, &tally),
            failure_latency: tally
                .failure_latency
                .iter()
                .map(|(kind, latency)| (kind.name().to_owned(), TimingReport::of(latency)))
                .collect(),
            workers,
            cost: cost::account(plan, facts, parts),
            seconds: series(plan, merged, parts, load_known_until(plan, facts, parts)),
            timeline: facts.timeline.clone(),
        }
    }

    /// Returns the report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_else(|_| unreachable!("a report is always JSON"))
    }

    /// Returns the JSON Schema of [`RunReport::json`].
    pub fn schema() -> String {
        let schema = schemars::schema_for!(RunReport);
        serde_json::to_string_pretty(&schema).unwrap_or_else(|_| unreachable!("a schema is always JSON"))
    }
}

/// Counts requests of a lost worker as in flight if they had no outcome in the worker's last snapshot.
fn count_in_flight(lost: &Tally, tally: &mut Tally) {
    let open = |lost: &Counts| {
        lost.sent
            .saturating_sub(lost.completed + lost.failed_total() + lost.in_flight)
    };
    for (lost, request) in lost.requests.iter().zip(&mut tally.requests) {
        request.counts.in_flight += open(&lost.counts);
    }
    tally.unmeasured.in_flight += open(&lost.unmeasured);
    for (lost, flow) in lost.flows.iter().zip(&mut tally.flows) {
        let ended = lost.completed + lost.failed_total() + lost.stopped + lost.in_flight;
        flow.in_flight += lost.started.saturating_sub(ended);
    }
}

/// Returns the length of the load in nanoseconds. For a run in progress, this is the length so far.
fn lasted(plan: &Plan, facts: &Facts) -> u64 {
    match facts.started {
        None => 0,
        Some(_) => facts.until.or(facts.ended).unwrap_or(u64::MAX).min(plan.length()),
    }
}

/// Returns the time before which every due arrival must be sent or reported as dropped, in nanoseconds since T0. This
/// time is the end of the plan, unless the run is in progress or ended earlier. In a run without a stop, the time is
/// also the end of the plan if a worker is lost, because the remaining arrivals of this worker count as missing.
fn load_known_until(plan: &Plan, facts: &Facts, parts: &[SliceReport<'_>]) -> u64 {
    let complete = parts.iter().all(|part| matches!(part.state, SliceState::Ended(_)));
    match facts.started {
        Some(_) if facts.until.is_some() || complete || facts.stopped.is_some() => lasted(plan, facts),
        _ => plan.length(),
    }
}

impl RequestReport {
    /// Returns the name of the request, and the number of requests that its percentiles describe.
    pub(crate) fn counted(&self) -> (&str, u64) {
        (&self.name, self.latency.count)
    }
}

/// Returns the length of the measured part of the time before `until`, in nanoseconds.
fn measured_until(plan: &Plan, until: u64) -> u64 {
    measured_between(plan, 0, until)
}

fn request(plan: &Plan, name: &str, tally: &RequestTally, measured_time: Duration) -> RequestReport {
    let (counts, all) = (&tally.counts, tally.all());
    let what = match plan.flows.is_empty() {
        true => "arrivals",
        false => "arrivals and steps",
    };
    RequestReport {
        name: name.to_owned(),
        sent: counts.sent,
        completed: counts.completed,
        failed: counts.failed_total(),
        dropped: counts.dropped,
        failures: counts
            .failed
            .iter()
            .map(|(kind, count)| (kind.name().to_owned(), *count))
            .collect(),
        statuses: counts
            .statuses
            .iter()
            .map(|(code, count)| (code.to_string(), *count))
            .collect(),
        body_bytes: counts.body_bytes,
        retries: counts.retries,
        rate_per_s: per_second(counts.completed, measured_time),
        percentiles_of: (counts.dropped > 0).then(|| {
            let (sent, dropped) = (count(counts.sent), count(counts.dropped));
            format!("percentiles include the {sent} sent requests, but not the {dropped} dropped {what}")
        }),
        latency: TimingReport::of(&all.latency),
        service: TimingReport::of(&all.service),
        lag: TimingReport::of(&all.lag),
        first_byte: TimingReport::of(&tally.first_byte),
        latency_completed: TimingReport::of(&tally.completed.latency),
        latency_failed: TimingReport::of(&tally.failed.latency),
    }
}

fn regions(plan: &Plan, parts: &[SliceReport<'_>], measured_time: Duration) -> Vec<RequestReport> {
    let placed = plan.regions.iter();
    placed
        .map(|region| {
            let mut tally = Tally::new(plan.requests.len());
            for part in parts.iter().filter(|part| region.shards.contains(&part.shard)) {
                tally.add(&part.tally);
            }
            request(plan, &region.name, &tally.whole(), measured_time)
        })
        .collect()
}

fn balance(
    plan: &Plan,
    measured: Option<&[Vec<std::ops::Range<u64>>]>,
    arrivals: &Arrivals,
    tally: &Tally,
    counts: &Counts,
    workers: &[WorkerReport],
) -> Balance {
    // The plan of a closed load has users and does not contain the number of arrivals. So every arrival that these
    // users began or dropped counts as planned.
    let planned = match measured {
        Some(measured) => {
            let ranges = measured.iter().flatten();
            ranges.map(|range| range.end - range.start).sum::<u64>() + of_users(plan, tally)
        }
        None => arrivals.begun + arrivals.dropped,
    };
    let missing = workers.iter().map(|worker| worker.missing).sum::<u64>();
    let finished = workers
        .iter()
        .filter(|worker| worker.state == WorkerState::Finished)
        .all(|worker| worker.owed.is_none_or(|owed| owed == worker.begun + worker.dropped));
    let failed = counts.failed_total();
    Balance {
        planned,
        begun: arrivals.begun,
        sent: counts.sent,
        dropped: arrivals.dropped,
        starved: counts.dropped.saturating_sub(arrivals.dropped),
        missing,
        completed: counts.completed,
        failed,
        in_flight: counts.in_flight,
        unmeasured_sent: tally.unmeasured.sent,
        unmeasured_dropped: tally.unmeasured.dropped,
        holds: finished
            && planned == arrivals.begun + arrivals.dropped + missing
            && tally.flows.iter().all(FlowTally::is_balanced)
            && counts.sent == counts.completed + failed + counts.in_flight,
    }
}

/// Returns whether a broken `abort_if` rule is the only reason why the run is not complete. The result is false if a
/// worker has not reported all work that it did before the stop.
fn is_aborted_by_rule(facts: &Facts, balance: &Balance, workers: &[WorkerReport]) -> bool {
    let has_reported = |worker: &WorkerReport| match worker.state {
        WorkerState::Finished | WorkerState::Stopped => true,
        // The window of this slice had not begun, so no worker had claimed the slice.
        WorkerState::Lost => worker.worker.is_none(),
        WorkerState::Deadline | WorkerState::HostStopped | WorkerState::Failed => false,
    };
    facts.rule.is_some()
        && facts.started.is_some()
        && facts.damaged.is_empty()
        && balance.holds
        && workers.iter().all(has_reported)
}

/// Returns the reasons why a run is incomplete.
fn incomplete(facts: &Facts, balance: &Balance, flows: &[FlowReport], workers: &[WorkerReport]) -> Vec<String> {
    let mut reasons = Vec::new();
    if facts.started.is_none() {
        reasons.push("the run never started".to_owned());
    }
    // A stop that was written after the end of all work has no effect.
    let cost = balance.missing + balance.dropped > 0 || workers.iter().any(|w| w.state != WorkerState::Finished);
    if let Some(why) = facts.stopped.as_ref().filter(|_| cost) {
        reasons.push(format!("the run was stopped: {why}"));
    }
    // Many workers may have the same reason. Each reason is reported once, with all of its workers.
    let mut by_reason: BTreeMap<(&str, u32), Vec<u32>> = BTreeMap::new();
    for worker in workers.iter().filter(|worker| worker.state != WorkerState::Finished) {
        let why = worker.why.as_deref().unwrap_or("unknown");
        by_reason.entry((why, worker.slice)).or_default().push(worker.shard);
    }
    for ((why, slice), shards) in by_reason {
        let slice = if slice > 0 {
            format!(", slice {slice}")
        } else {
            String::new()
        };
        reasons.push(format!("{}{slice}: {why}", name_shards(&shards)));
    }
    if balance.missing > 0 {
        let (missing, planned) = (count(balance.missing), count(balance.planned));
        reasons.push(format!("{missing} of {planned} arrivals are missing"));
    }
    match balance.in_flight {
        0 => {}
        1 => reasons.push("1 request has no outcome".to_owned()),
        several => reasons.push(format!("{} requests have no outcome", count(several))),
    }
    match flows.iter().map(|flow| flow.in_flight).sum() {
        0 => {}
        1 => reasons.push("1 flow has not ended".to_owned()),
        several => reasons.push(format!("{} flows have not ended", count(several))),
    }
    if !balance.holds {
        reasons.push("the counts do not balance: this is a bug of vajra-cloud, please report it".to_owned());
    }
    reasons.extend(
        facts
            .damaged
            .iter()
            .map(|(key, why)| format!("{key} could not be read: {why}")),
    );
    reasons
}

/// The note about the latencies of a closed load.
const CLOSED_LOOP: &str = "closed loop: each user waits for an answer before it sends again, so a target that stalls is \
    sent fewer requests, and these latencies do not show the stall; use a load with a rate to see it";

/// The note about batched pacing. With batched pacing, an arrival that is due at any time in a millisecond is sent at
/// the end of that millisecond.
const BATCHED: &str = "pacing: batched sends all arrivals of a millisecond at its end, which adds 0.5 ms to lag and \
    latency on average, and at most 1 ms; service does not include it, and pacing: precise does not add it";

fn notes(plan: &Plan, facts: &Facts, parts: &[SliceReport<'_>], generator: &Generator) -> Vec<String> {
    let is_closed = !plan.populations.iter().all(Population::is_open);
    let batched = |population: &Population| population.transport.pacing == Pacing::Batched && population.is_open();
    let is_batched = plan.populations.iter().any(batched);
    let of_load = [(is_closed, CLOSED_LOOP), (is_batched, BATCHED)].into_iter();
    let mut notes: Vec<String> = of_load
        .filter(|(is_so, _)| *is_so && facts.started.is_some())
        .map(|(_, note)| note.to_owned())
        .collect();
    notes.extend(generator.notes.iter().cloned());
    if !facts.left_out.is_empty() {
        notes.push(format!(
            "{} {} not ready at the start; the others sent all arrivals",
            name_shards(&facts.left_out),
            if facts.left_out.len() == 1 { "was" } else { "were" },
        ));
    }
    for part in parts {
        if let Some(offset) = part.health.as_ref().and_then(|health| health.clock_offset) {
            notes.push(format!(
                "the clock of worker {} is {} {} the launcher's; its start was corrected for it",
                part.shard,
                crate::show::time(offset.unsigned_abs()),
                if offset > 0 { "ahead of" } else { "behind" },
            ));
        }
    }
    notes.extend(token_problem(parts));
    notes
}

/// The note about requests for tokens that failed.
fn token_problem(parts: &[SliceReport<'_>]) -> Option<String> {
    let mut shards = Vec::new();
    let (mut sent, mut failed, mut problem) = (0, 0, None);
    for part in parts {
        let Some(tokens) = part.health.as_ref().and_then(|health| health.tokens.as_ref()) else {
            continue;
        };
        sent += tokens.sent;
        if tokens.failed > 0 {
            shards.push(part.shard);
            failed += tokens.failed;
            problem = problem.or(tokens.problem.as_deref());
        }
    }
    shards.sort_unstable();
    shards.dedup();
    let problem = problem?;
    Some(format!(
        "{failed} of {sent} requests for tokens failed ({}), such as {problem}; a worker sends its old token until it \
         obtains a new one",
        name_shards(&shards)
    ))
}
