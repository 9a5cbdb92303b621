//! The invariants of every run, with any faults. The function of an invariant returns a description if a run violates
//! the invariant.

#![expect(clippy::unwrap_used, reason = "an invariant that cannot be checked fails")]

use super::hosts::Life;
use super::outages::ALL;
use super::run::{Launched, Ran, simulate};
use super::truth::Sent;
use super::world::{FLOW_REQUESTS, Invocation, Reply, WorkerNumber, World};
use fleet::gather::{RunRecord, SliceId};
use plan::mix::{Drawn, Mix};
use plan::plan::Plan;
use plan::rows::Work;
use plan::scenario::Sampling;
use plan::schedule::Schedule;
use report::run_report::RunReport;
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::Op;
use tally::outcome::Failure;
use tally::snapshot::SliceEnd;
use tally::tally::{Counts, Tally};

/// The time by which a run may exceed the sum of its length and its start timeout.
///
/// T0 is a second after `start` is written. A result may be stored 15 s after the longest request. The store may fail
/// for a while, and clocks may be wrong by 10 s.
const SLACK: Duration = Duration::from_secs(45);
/// The time by which a worker's wait for the start exceeds the launcher's wait.
const WORKER_GRACE: Duration = Duration::from_secs(30);
/// The maximum time for which a worker tries to store its result.
const RESULT_RETRIES: Duration = Duration::from_secs(60);
/// The maximum delay of a timer. The runtime wakes timers at whole milliseconds.
pub(crate) const TICK: Duration = Duration::from_millis(3);
/// The maximum error of a corrected clock. The clock of the store in memory has a resolution of nanoseconds.
pub(crate) const CALIBRATED: Duration = Duration::from_millis(1);
/// The maximum error of a clock that is not corrected.
pub(crate) const TRUSTED: Duration = Duration::from_millis(20);

type Invariant = fn(&Ran) -> Result<(), String>;

/// Returns a description of every invariant that a run violates.
pub(crate) fn violations(ran: &Ran) -> Vec<String> {
    let mut problems = Vec::new();
    let invariants: [Invariant; 11] = [
        the_run_ends,
        workers_end,
        the_report_balances,
        no_arrival_is_sent_twice,
        the_report_matches_the_record,
        only_a_complete_run_passes,
        a_shard_with_a_ready_worker_takes_part,
        arrivals_are_sent_when_they_are_due,
        the_order_of_reading_does_not_matter,
        a_stop_takes_effect_within_two_seconds,
        users_send_one_request_at_a_time,
    ];
    for invariant in invariants {
        problems.extend(invariant(ran).err());
    }
    problems
}

/// Checks the invariants that also apply to runs with flows. Returns a description of every violated invariant.
pub(crate) fn violations_with_flows(ran: &Ran) -> Vec<String> {
    let invariants: [Invariant; 4] = [
        the_run_ends,
        workers_end,
        only_a_complete_run_passes,
        a_stop_takes_effect_within_two_seconds,
    ];
    invariants
        .into_iter()
        .filter_map(|invariant| invariant(ran).err())
        .collect()
}

/// Simulates the run of a world, and asserts that the run violates no invariant. Returns the run.
pub(crate) fn simulate_checked(world: World) -> Ran {
    let ran = simulate(world);
    let problems = violations(&ran);
    assert!(
        problems.is_empty(),
        "{}\n{:#?}\nreasons: {:#?}\nlives: {:#?}",
        problems.join("\n"),
        ran.world,
        ran.report_after.reasons,
        ran.lives,
    );
    ran
}

macro_rules! require {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

/// Invariant 1: the run ends within a time limit.
fn the_run_ends(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let starts = 1 + u32::from(ran.world.attach.is_some());
    let attached = ran
        .world
        .attach
        .as_ref()
        .map_or(Duration::ZERO, |attach| attach.attached);
    let bound = attached + ran.world.start_timeout * starts + Duration::from_nanos(plan.length()) + plan.arrival_max();
    // While the store fails for longer than all retries, a command fails, and the user must attach to the run again.
    let outages = ran
        .world
        .outages
        .iter()
        .map(|outage| outage.to)
        .max()
        .unwrap_or_default();
    let bound = bound + outages;
    match ran.ended {
        Some(ended) => require!(
            ended <= bound + SLACK,
            "the run ended after {ended:?}, more than {bound:?} plus slack"
        ),
        None => require!(false, "the run never ended"),
    }
    Ok(())
}

fn workers_end(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let length = Duration::from_nanos(plan.length());
    let bound = ran.world.start_timeout + WORKER_GRACE + length + plan.arrival_max() + RESULT_RETRIES + SLACK;
    for life in &ran.lives {
        let bound = bound + frozen(ran, life).map_or(Duration::ZERO, |(from, to)| to - from);
        match life.to {
            Some(to) => require!(
                to - life.from <= bound,
                "a worker lived from {:?} to {to:?}: {life:?}",
                life.from
            ),
            None => require!(false, "a worker never ended: {life:?}"),
        }
    }
    Ok(())
}

/// Invariant 2: the report balances. The report at the end of the run and a later report both balance.
fn the_report_balances(ran: &Ran) -> Result<(), String> {
    for (report, record) in [(&ran.report, &ran.record), (&ran.report_after, &ran.after)] {
        let balance = &report.balance;
        require!(balance.holds, "the report does not balance: {balance:?}");
        let measured = |schedule: Schedule| {
            let mut cursor = schedule.cursor();
            let all = (0..schedule.arrivals()).map(|k| cursor.at(k));
            all.filter(|arrival| arrival.sampling == Sampling::Measured).count() as u64
        };
        let plan = &record.plan;
        let schedules = plan.populations.iter().map(|population| population.schedule(plan.seed));
        let schedules: Vec<Option<Schedule>> = schedules.collect();
        let has_users = schedules.iter().any(Option::is_none);
        let planned: u64 = schedules.into_iter().flatten().map(measured).sum();
        // The number of users' arrivals is not known in advance, so the variable `planned` counts only the other
        // arrivals.
        require!(
            balance.planned == planned || has_users && balance.planned >= planned,
            "{} planned, {planned} measured arrivals",
            balance.planned
        );
        require!(
            balance.planned == balance.begun + balance.dropped + balance.missing
                && balance.sent == balance.completed + balance.failed + balance.in_flight,
            "the equations do not hold: {balance:?}"
        );
        for flow in &report.flows {
            let ended = flow.completed + flow.failed + flow.stopped + flow.in_flight;
            require!(flow.started == ended, "the flow does not balance: {flow:?}");
        }
        let missing: u64 = report.workers.iter().map(|worker| worker.missing).sum();
        let requests: u64 = report.requests.iter().map(|request| request.sent).sum();
        require!(
            missing == balance.missing && requests == balance.sent,
            "parts do not add up: {balance:?}"
        );
        let late: u64 = report.total.latency.count;
        require!(
            late == balance.completed + balance.failed,
            "{late} latencies: {balance:?}"
        );
    }
    // The seconds of the report contain all sent requests. The sum is not checked if an outage affected the writing of
    // snapshots.
    let live = |outage: &super::outages::Outage| outage.hits(Op::Put, "/live/");
    if !ran.world.outages.iter().any(live) {
        let report = &ran.report_after;
        let series: u64 = report.seconds.iter().map(|second| second.sent).sum();
        let counts = report.balance.sent + report.balance.unmeasured_sent;
        require!(series == counts, "{series} sent in the series, {counts} in the counts");
    }
    Ok(())
}

/// Invariants 3 and 7: no arrival is sent twice. Each arrival sends the request or the flow that belongs to its number.
/// A flow sends its steps one after another.
fn no_arrival_is_sent_twice(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let alone: Vec<Plan> = (0..plan.populations.len()).map(|index| plan.alone(index)).collect();
    let mixes: Vec<Mix> = alone.iter().map(Plan::mix).collect();
    let mut arrivals: BTreeMap<(usize, u64), Vec<&Sent>> = BTreeMap::new();
    for sent in &ran.truth {
        arrivals.entry((sent.population, sent.k)).or_default().push(sent);
    }
    for ((population, k), all) in arrivals {
        let requests: Vec<usize> = all.iter().map(|sent| usize::from(sent.request)).collect();
        let wanted = match mixes[population].drawn(k) {
            Drawn::Request(request) => vec![usize::from(request)],
            Drawn::Flow(flow) => {
                let first = alone[population].flows[usize::from(flow)].requests.start;
                FLOW_REQUESTS.iter().map(|step| first + step).collect()
            }
        };
        require!(
            wanted.starts_with(&requests),
            "arrival {k} of population {population} sent {requests:?} instead of {wanted:?}: {all:?}"
        );
        for pair in all.windows(2) {
            let together = pair[0].slice_id == pair[1].slice_id && pair[0].number == pair[1].number;
            let answered = pair[0].answered.as_ref().is_some_and(|(at, _)| *at <= pair[1].at);
            require!(
                together && answered,
                "arrival {k} of population {population} sent two steps at once: {pair:?}"
            );
        }
    }
    require!(
        ran.t0.is_some() || ran.truth.is_empty(),
        "a run that did not start sent requests"
    );
    Ok(())
}

fn all_counts(tally: &Tally) -> Counts {
    let mut counts = tally.measured();
    counts.add(&tally.unmeasured);
    counts
}

/// Invariant 3: the stored counts of a slice equal the record of the slice's engine.
fn the_report_matches_the_record(ran: &Ran) -> Result<(), String> {
    let mut by_place: BTreeMap<SliceId, Vec<&Sent>> = BTreeMap::new();
    for sent in &ran.truth {
        by_place.entry(sent.slice_id).or_default().push(sent);
    }
    for slice_id in by_place
        .keys()
        .chain(ran.after.slices.keys())
        .copied()
        .collect::<BTreeSet<_>>()
    {
        let sent = by_place.get(&slice_id).map(Vec::as_slice).unwrap_or_default();
        let claimants: BTreeSet<WorkerNumber> = sent.iter().map(|sent| sent.number).collect();
        require!(claimants.len() <= 1, "several workers sent for {slice_id:?}");
        match ran.after.slice(slice_id).and_then(|slice| slice.result.as_ref()) {
            Some(result) => result_matches(slice_id, result, sent)?,
            None => snapshots_match(ran, slice_id, sent)?,
        }
    }
    let reported = |report: &RunReport| report.balance.sent + report.balance.unmeasured_sent;
    let (then, now, truth) = (
        reported(&ran.report),
        reported(&ran.report_after),
        ran.truth.len() as u64,
    );
    require!(
        then <= now && now <= truth,
        "{then} requests were reported at the end, {now} later, and {truth} were sent"
    );
    Ok(())
}

/// Checks that the counts in the result of a slice equal the record of the engine.
fn result_matches(slice_id: SliceId, result: &tally::snapshot::SliceResult, sent: &[&Sent]) -> Result<(), String> {
    let counts = all_counts(&result.tally);
    let ended = |wanted: fn(&Result<(), Failure>) -> bool| {
        let answers = sent.iter().filter_map(|sent| sent.answered.as_ref());
        answers.filter(|(_, answer)| wanted(answer)).count() as u64
    };
    let open = sent.iter().filter(|sent| sent.answered.is_none()).count() as u64;
    let truth = (sent.len() as u64, ended(Result::is_ok), ended(Result::is_err), open);
    let reported = (counts.sent, counts.completed, counts.failed_total(), counts.in_flight);
    require!(
        reported == truth,
        "{slice_id:?} reports (sent, completed, failed, open) {reported:?}, recorded are {truth:?}"
    );
    Ok(())
}

/// Checks the snapshots of a slice without a result. Up to the last snapshot, their counts equal the record of the
/// engine, if no clock is wrong. After the last snapshot, the worker sent requests for at most one interval, unless the
/// store failed.
fn snapshots_match(ran: &Ran, slice_id: SliceId, sent: &[&Sent]) -> Result<(), String> {
    let Some(record) = ran.after.slice(slice_id) else {
        require!(sent.is_empty(), "{slice_id:?} was never claimed, but sent requests");
        return Ok(());
    };
    let Some(life) = worker_of(ran, slice_id, sent) else {
        return Ok(());
    };
    let reported = all_counts(&record.told).sent;
    require!(
        reported <= sent.len() as u64,
        "{slice_id:?} reported {reported}, and sent {}",
        sent.len()
    );
    let delivery = ran.world.delivery(slice_id, life.number);
    if delivery.skew != 0 || ran.launcher_skew != 0 {
        return Ok(());
    }
    let until = ran.t0.unwrap_or_default() + Duration::from_nanos(record.known_until);
    let before = sent.iter().filter(|sent| sent.at < until).count() as u64;
    let through = sent.iter().filter(|sent| sent.at <= until).count() as u64;
    require!(
        record.snapshots.is_empty() || (before..=through).contains(&reported),
        "{slice_id:?} reported {reported} until {until:?}, recorded are {before} to {through}"
    );
    let fails = ran.world.outages.iter().any(|outage| outage.hits(Op::Put, "/live/"));
    let last = sent.iter().map(|sent| sent.at).max().unwrap_or_default();
    let allowed = until.max(window(ran, slice_id).0) + ran.world.snapshot_interval + TICK;
    require!(
        fails || last <= allowed,
        "{slice_id:?} was reported until {until:?}, and sent until {last:?}"
    );
    Ok(())
}

/// Returns the worker that sent the requests of a slice, or `None` if the slice sent no request.
fn worker_of<'a>(ran: &'a Ran, slice_id: SliceId, sent: &[&Sent]) -> Option<&'a Life> {
    let first = sent.first()?;
    ran.lives
        .iter()
        .find(|life| life.slice_id == slice_id && life.number == first.number)
}

/// Returns the begin and the end of a slice's window in simulated time.
fn window(ran: &Ran, slice_id: SliceId) -> (Duration, Duration) {
    let slice = &ran.record.plan.slices[slice_id.1 as usize];
    let t0 = ran.t0.unwrap_or_default();
    (
        t0 + Duration::from_nanos(slice.from),
        t0 + Duration::from_nanos(slice.to),
    )
}

/// Returns whether a reason such as `workers 0-2, 5, slice 1: why` names this shard and this slice.
fn names(reason: &str, shard: u32, slice: u32) -> bool {
    let Some((who, _)) = reason.split_once(": ") else {
        return false;
    };
    let Some(list) = who.strip_prefix("workers ").or_else(|| who.strip_prefix("worker ")) else {
        return false;
    };
    let (mut shards, mut of_slice) = (Vec::new(), 0);
    for part in list.split(", ") {
        if let Some(number) = part.strip_prefix("slice ") {
            of_slice = number.parse().unwrap();
        } else if let Some((first, last)) = part.split_once('-') {
            shards.extend(first.parse::<u32>().unwrap()..=last.parse().unwrap());
        } else {
            shards.push(part.parse().unwrap());
        }
    }
    of_slice == slice && shards.contains(&shard)
}

/// Invariant 4: a run passes only if it is complete, and the report names every worker that did not finish.
fn only_a_complete_run_passes(ran: &Ran) -> Result<(), String> {
    for (report, record) in [(&ran.report, &ran.record), (&ran.report_after, &ran.after)] {
        let given_up = record.stop.as_ref().is_some_and(|stop| stop.rule.is_some());
        let unfinished: Vec<_> = report
            .workers
            .iter()
            .filter(|worker| worker.state != WorkerState::Finished)
            .collect();
        let whole = unfinished.is_empty() && report.balance.missing == 0 && report.balance.in_flight == 0;
        require!(
            report.verdict == Verdict::Incomplete
                || (whole && report.started.is_some())
                || (given_up && report.verdict == Verdict::Crossed),
            "the verdict is {:?} with {:?}",
            report.verdict,
            report.balance
        );
        for worker in unfinished {
            let name = format!("shard {} slice {}", worker.shard, worker.slice);
            let named = report
                .reasons
                .iter()
                .any(|reason| names(reason, worker.shard, worker.slice));
            require!(named, "{name} is not named in {:?}", report.reasons);
            require!(worker.why.is_some(), "{name} has no reason");
        }
    }
    // A run without faults is not incomplete.
    let world = &ran.world;
    let eventless = world.stop.is_none()
        && world.outages.is_empty()
        && world.attach.is_none()
        && (world.engine.timeout.is_some() || (world.engine.hanging == 0 && world.engine.stall.is_none()))
        && world.engine.prepares.is_some()
        && world.launcher_skew == 0
        && world
            .invocations
            .values()
            .chain(world.replacements.values())
            .all(|invocation: &Invocation| {
                let harmless = |index: usize| {
                    let delivery = &invocation.deliveries[index];
                    delivery.dies.is_none()
                        && delivery.lifetime.is_none()
                        && delivery.freeze.is_none()
                        && delivery.after < Duration::from_secs(1)
                };
                invocation.reply != Reply::Never
                    && (0..invocation.deliveries.len()).all(harmless)
                    && !invocation.deliveries.is_empty()
            });
    let lost_words = world
        .invocations
        .values()
        .any(|invocation| matches!(invocation.reply, Reply::LostAfter(_)));
    if eventless && !lost_words {
        require!(
            ran.report.verdict != Verdict::Incomplete,
            "the run had no faults, and the verdict is {:?}: {:?}",
            ran.report.verdict,
            ran.report.reasons
        );
    }
    Ok(())
}

/// Invariant 4: the start leaves out a shard only if none of its workers was ready.
///
/// A worker that has died does not count as ready. Any other worker counts as ready if it finished its preparation more
/// than [`READY_MARGIN`] before T0.
fn a_shard_with_a_ready_worker_takes_part(ran: &Ran) -> Result<(), String> {
    let (Some(start), Some(t0)) = (&ran.record.start, ran.t0) else {
        return Ok(());
    };
    let world = &ran.world;
    let Some(prepares) = world
        .engine
        .prepares
        .filter(|_| world.outages.is_empty() && world.attach.is_none())
    else {
        return Ok(());
    };
    let left_out = (0..world.workers).filter(|shard| !start.shards.contains(shard));
    for shard in left_out {
        let ready = ran.lives.iter().find(|life| {
            let prepared = life.from + prepares;
            let alive = life.to.is_none_or(|to| to > t0) && life.ended.is_some();
            let is_frozen = frozen(ran, life).is_some_and(|(from, _)| from < t0);
            life.slice_id == (shard, 0) && alive && !is_frozen && prepared + READY_MARGIN < t0
        });
        require!(
            ready.is_none(),
            "shard {shard} is not in the start, and its worker was ready: {ready:?}"
        );
    }
    Ok(())
}

/// Invariant 5: no arrival is sent before it is due. An arrival may be late if its worker started late, or if all
/// connections of its worker were in use.
fn arrivals_are_sent_when_they_are_due(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let Some(t0) = ran.t0 else {
        return Ok(());
    };
    let schedules = plan.populations.iter().map(|population| population.schedule(plan.seed));
    let schedules: Vec<Option<Schedule>> = schedules.collect();
    let blind = ran.world.outages.iter().any(|outage| {
        let start_unreadable = outage.hits(Op::Get, "/start") || outage.hits(Op::Get, "plan.json");
        start_unreadable || outage.hits(Op::PutNew, "/claims/") || outage.ops == ALL
    });
    // Only the first request of an arrival is checked. A later step of a flow is due when the previous step has ended.
    let mut begun = BTreeSet::new();
    let first = ran.truth.iter().filter(|sent| begun.insert((sent.population, sent.k)));
    for sent in first {
        let Some(schedule) = &schedules[sent.population] else {
            continue;
        };
        let off = ran.world.delivery(sent.slice_id, sent.number).skew - ran.launcher_skew;
        let off = Duration::from_nanos(off.unsigned_abs());
        let tolerance = if off <= TRUSTED { off } else { CALIBRATED } + TICK;
        let due = t0 + Duration::from_nanos(schedule.due(sent.k));
        require!(
            sent.at + tolerance >= due,
            "arrival {} was due at {due:?}, and was sent early: {sent:?}",
            sent.k
        );
        let came_in_time = ran.lives.iter().any(|life| {
            let prepared = life.from + ran.world.engine.prepares.unwrap_or_default();
            (life.slice_id, life.number) == (sent.slice_id, sent.number)
                && frozen(ran, life).is_none()
                && prepared + TICK < window(ran, sent.slice_id).0
        });
        let prompt = came_in_time && !blind && !ran.world.engine.blocks() && ran.world.connections >= 64;
        require!(
            !prompt || sent.at <= due + tolerance,
            "arrival {} was due at {due:?}, and was sent late: {sent:?}",
            sent.k
        );
    }
    Ok(())
}

/// Invariant 6: the report does not depend on the order in which stored objects are read.
fn the_order_of_reading_does_not_matter(ran: &Ran) -> Result<(), String> {
    require!(
        ran.report_after.json() == ran.json_shuffled,
        "two readings of the same store differ"
    );
    let known = |record: &RunRecord| -> Vec<_> {
        let slices = record.slices.iter();
        slices
            .map(|(slice_id, slice)| (*slice_id, slice.snapshots.numbers().clone(), slice.result.is_some()))
            .collect()
    };
    let Some(Launched::Followed(losses)) = &ran.launched else {
        return Ok(());
    };
    if known(&ran.record) == known(&ran.after) && ran.record.stop == ran.after.stop {
        let (then, after) = (&ran.report, &ran.report_after);
        require!(
            then.verdict == after.verdict && then.balance == after.balance,
            "the report changed: {:?}, {:?}",
            then.balance,
            after.balance
        );
        require!(!losses.is_empty() || then.json() == after.json(), "the report changed");
    }
    Ok(())
}

/// Returns the time span in which a worker does not run; `None` if the worker is never frozen.
fn frozen(ran: &Ran, life: &Life) -> Option<(Duration, Duration)> {
    let freeze = ran.world.delivery(life.slice_id, life.number).freeze?;
    let from = life.from + freeze.after;
    Some((from, from + freeze.length))
}

/// Invariant 9: no request is sent later than two seconds after a stop. A worker that is frozen at the stop sends no
/// request later than two seconds after it runs again.
fn a_stop_takes_effect_within_two_seconds(ran: &Ran) -> Result<(), String> {
    let blind = ran.world.outages.iter().any(|outage| outage.hits(Op::Get, "/stop"));
    let (Some(stopped), false) = (ran.stopped, blind) else {
        return Ok(());
    };
    let soon = stopped + Duration::from_secs(2);
    for late in ran.truth.iter().filter(|sent| sent.at > soon) {
        let own = |life: &&Life| (life.slice_id, life.number) == (late.slice_id, late.number);
        let thawed = ran.lives.iter().find(own).and_then(|life| frozen(ran, life));
        let is_thawed = thawed.is_some_and(|(from, to)| from < soon && late.at <= to + Duration::from_secs(2));
        require!(is_thawed, "stopped at {stopped:?}, and sent {late:?}");
    }
    for (slice_id, slice) in &ran.after.slices {
        let finished = slice
            .result
            .as_ref()
            .is_some_and(|result| result.end == SliceEnd::Finished);
        let (_, closed) = window(ran, *slice_id);
        let own = ran.lives.iter().filter(|life| life.slice_id == *slice_id);
        let is_frozen = own.map(|life| frozen(ran, life)).any(|span| span.is_some());
        require!(
            !finished || clocks_are_wrong(ran) || is_frozen || closed <= soon,
            "stopped at {stopped:?}, and {slice_id:?} finished, whose window closes at {closed:?}"
        );
    }
    Ok(())
}

/// If a worker ends its preparation at least this long before T0, the launcher must have read that the worker is ready.
/// The launcher writes the start before T0, and the margin includes this interval.
const READY_MARGIN: Duration = Duration::from_secs(3);

fn clocks_are_wrong(ran: &Ran) -> bool {
    let invocations = ran.world.invocations.values().chain(ran.world.replacements.values());
    let mut deliveries = invocations.flat_map(|invocation| &invocation.deliveries);
    ran.launcher_skew != 0 || deliveries.any(|delivery| delivery.skew != 0)
}

/// Invariant 8: a user has at most one request in flight in each slice. When a slice begins, the last request of the
/// previous slice may be in flight.
fn users_send_one_request_at_a_time(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let mut last: BTreeMap<(usize, u64, u32), &Sent> = BTreeMap::new();
    for sent in &ran.truth {
        let Work::Users(users) = plan.populations[sent.population].work() else {
            continue;
        };
        let user = sent.k % u64::from(users);
        let start = ran.after.start.as_ref();
        let home = start.and_then(|start| start.stripe(sent.slice_id.0, ran.world.workers));
        let home = home.map(|home| home.rotated(plan.first_stripe(sent.population)));
        require!(
            home.is_some_and(|home| user % u64::from(home.stripes) == u64::from(home.stripe)),
            "user {user} was on another shard: {sent:?}"
        );
        if let Some(before) = last.insert((sent.population, user, sent.slice_id.1), sent) {
            let answered = before.answered.as_ref().map(|(at, _)| *at);
            require!(
                answered.is_some_and(|at| at <= sent.at),
                "user {user} sent two requests at once: {before:?}, {sent:?}"
            );
        }
        require!(
            sent.at <= window(ran, sent.slice_id).1 + plan.arrival_max() + Duration::from_secs(11),
            "user {user} sent after the end: {sent:?}"
        );
    }
    Ok(())
}
