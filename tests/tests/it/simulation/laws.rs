//! What must hold of every run, whatever happened to it. Each law says how it was broken.

#![expect(clippy::unwrap_used, reason = "a law that cannot be checked fails")]

use super::hosts::Life;
use super::run::{Launched, Ran, simulate};
use super::truth::Sent;
use super::weather::ALL;
use super::world::{Load, Word, World};
use fleet::gather::{Place, RunRecord};
use plan::scenario::Sampling;
use report::run_report::RunReport;
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::Op;
use tally::outcome::Failure;
use tally::snapshot::End;
use tally::tally::{Counts, Tally};

/// What a run may take beyond its length and its start: T0 lies a second ahead, a result may come
/// 15 s after the longest request, a store may fail for a while, and clocks may be 10 s wrong.
const SLACK: Duration = Duration::from_secs(45);
/// A worker waits this much longer for a start than the launcher does.
const WORKER_GRACE: Duration = Duration::from_secs(30);
/// A worker tries this long to store its result.
const RESULT_PATIENCE: Duration = Duration::from_secs(60);
/// The runtime's timers wake in whole milliseconds.
pub(crate) const TICK: Duration = Duration::from_millis(3);
/// A clock that is off is known to this: the store's clock, in memory, is read to the nanosecond.
pub(crate) const CALIBRATED: Duration = Duration::from_millis(1);
/// Clocks that differ by less are taken as equal.
pub(crate) const TRUSTED: Duration = Duration::from_millis(20);

type Law = fn(&Ran) -> Result<(), String>;

/// Every way in which a run broke the laws.
pub(crate) fn broken(ran: &Ran) -> Vec<String> {
    let mut problems = Vec::new();
    let laws: [Law; 10] = [
        the_run_ends_by_itself,
        workers_end_by_themselves,
        the_report_balances,
        nothing_is_sent_twice,
        the_report_tells_the_truth,
        only_a_whole_run_passes,
        arrivals_leave_when_they_are_due,
        the_order_of_reading_does_not_matter,
        stop_is_quick,
        users_take_turns,
    ];
    for law in laws {
        problems.extend(law(ran).err());
    }
    problems
}

/// Runs a world, checks every law, and returns what happened.
pub(crate) fn happen(world: World) -> Ran {
    let ran = simulate(world);
    let problems = broken(&ran);
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

macro_rules! law {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

/// Law 1.
fn the_run_ends_by_itself(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let starts = 1 + u32::from(ran.world.attach.is_some());
    let taken_up = ran
        .world
        .attach
        .as_ref()
        .map_or(Duration::ZERO, |attach| attach.taken_up);
    let bound = taken_up + ran.world.start_timeout * starts + Duration::from_nanos(plan.length()) + plan.wait_max();
    // When the store fails for longer than anybody bears with it, somebody has to look again.
    let outages = ran
        .world
        .outages
        .iter()
        .map(|outage| outage.to)
        .max()
        .unwrap_or_default();
    let bound = bound + outages;
    match ran.ended {
        Some(ended) => law!(
            ended <= bound + SLACK,
            "the run ended after {ended:?}, {bound:?} and slack are allowed"
        ),
        None => law!(false, "the run never ended"),
    }
    Ok(())
}

fn workers_end_by_themselves(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let length = Duration::from_nanos(plan.length());
    let bound = ran.world.start_timeout + WORKER_GRACE + length + plan.wait_max() + RESULT_PATIENCE + SLACK;
    for life in &ran.lives {
        match life.to {
            Some(to) => law!(
                to - life.from <= bound,
                "a worker lived from {:?} to {to:?}: {life:?}",
                life.from
            ),
            None => law!(false, "a worker never ended: {life:?}"),
        }
    }
    Ok(())
}

/// Law 2, for what was reported at the end of the run and for what is reported ever after.
fn the_report_balances(ran: &Ran) -> Result<(), String> {
    for (report, record) in [(&ran.report, &ran.record), (&ran.report_after, &ran.after)] {
        let balance = &report.balance;
        law!(balance.holds, "the report does not balance: {balance:?}");
        let planned = match record.plan.schedule() {
            Some(schedule) => {
                let mut cursor = schedule.cursor();
                let all = (0..schedule.arrivals()).map(|k| cursor.at(k));
                all.filter(|arrival| arrival.sampling == Sampling::Measured).count() as u64
            }
            None => balance.sent + balance.dropped,
        };
        law!(
            balance.planned == planned,
            "{} planned, {planned} measured arrivals",
            balance.planned
        );
        law!(
            planned == balance.sent + balance.dropped + balance.missing
                && balance.sent == balance.completed + balance.failed + balance.in_flight,
            "the equations do not hold: {balance:?}"
        );
        let missing: u64 = report.workers.iter().map(|worker| worker.missing).sum();
        let requests: u64 = report.requests.iter().map(|request| request.sent).sum();
        law!(
            missing == balance.missing && requests == balance.sent,
            "parts do not add up: {balance:?}"
        );
        let late: u64 = report.total.latency.count;
        law!(
            late == balance.completed + balance.failed,
            "{late} latencies: {balance:?}"
        );
    }
    // The series is all that was sent, unless a snapshot was kept from the store to the very end.
    let live = |outage: &super::weather::Outage| outage.hits(Op::Put, "/live/");
    if !ran.world.outages.iter().any(live) {
        let report = &ran.report_after;
        let series: u64 = report.seconds.iter().map(|second| second.sent).sum();
        let counts = report.balance.sent + report.balance.unmeasured_sent;
        law!(series == counts, "{series} sent in the series, {counts} in the counts");
    }
    Ok(())
}

/// Laws 3 and 7: no arrival is sent twice, and each sends what its number says.
fn nothing_is_sent_twice(ran: &Ran) -> Result<(), String> {
    let mut seen = BTreeMap::new();
    let mix = ran.record.plan.mix();
    for sent in &ran.truth {
        let twin = seen.insert(sent.k, sent);
        law!(
            twin.is_none(),
            "arrival {} was sent twice: {twin:?} and {sent:?}",
            sent.k
        );
        law!(
            sent.request == mix.request(sent.k),
            "not what arrival {} sends: {sent:?}",
            sent.k
        );
    }
    law!(
        ran.t0.is_some() || ran.truth.is_empty(),
        "a run that never started sent something"
    );
    Ok(())
}

fn all_counts(tally: &Tally) -> Counts {
    let mut counts = tally.measured();
    counts.add(&tally.unmeasured);
    counts
}

/// Law 3: what is reported of a slice is what its engine saw.
fn the_report_tells_the_truth(ran: &Ran) -> Result<(), String> {
    let mut by_place: BTreeMap<Place, Vec<&Sent>> = BTreeMap::new();
    for sent in &ran.truth {
        by_place.entry(sent.place).or_default().push(sent);
    }
    for place in by_place
        .keys()
        .chain(ran.after.slices.keys())
        .copied()
        .collect::<BTreeSet<_>>()
    {
        let sent = by_place.get(&place).map(Vec::as_slice).unwrap_or_default();
        let claimants: BTreeSet<usize> = sent.iter().map(|sent| sent.delivery).collect();
        law!(claimants.len() <= 1, "several workers sent for {place:?}");
        match ran.after.slice(place).and_then(|slice| slice.result.as_ref()) {
            Some(result) => whole(place, result, sent)?,
            None => checkpointed(ran, place, sent)?,
        }
    }
    let reported = |report: &RunReport| report.balance.sent + report.balance.unmeasured_sent;
    let (then, now, truth) = (
        reported(&ran.report),
        reported(&ran.report_after),
        ran.truth.len() as u64,
    );
    law!(
        then <= now && now <= truth,
        "{then} were reported, {now} later, and {truth} sent"
    );
    Ok(())
}

/// A slice with a result: to the request, the truth.
fn whole(place: Place, result: &tally::snapshot::SliceResult, sent: &[&Sent]) -> Result<(), String> {
    let counts = all_counts(&result.tally);
    let ended = |wanted: fn(&Result<(), Failure>) -> bool| {
        let answers = sent.iter().filter_map(|sent| sent.answered.as_ref());
        answers.filter(|(_, answer)| wanted(answer)).count() as u64
    };
    let open = sent.iter().filter(|sent| sent.answered.is_none()).count() as u64;
    let truth = (sent.len() as u64, ended(Result::is_ok), ended(Result::is_err), open);
    let told = (counts.sent, counts.completed, counts.failed_total(), counts.in_flight);
    law!(
        told == truth,
        "{place:?} reports (sent, completed, failed, open) {told:?}, in truth {truth:?}"
    );
    Ok(())
}

/// A slice without a result: what its last snapshot says is the truth until then, and no more than
/// an interval is lost unless the store failed.
fn checkpointed(ran: &Ran, place: Place, sent: &[&Sent]) -> Result<(), String> {
    let Some(record) = ran.after.slice(place) else {
        law!(sent.is_empty(), "{place:?} was never claimed, and sent");
        return Ok(());
    };
    let Some(life) = worker_of(ran, place, sent) else {
        return Ok(());
    };
    let told = all_counts(&record.told).sent;
    law!(
        told <= sent.len() as u64,
        "{place:?} told of {told}, and sent {}",
        sent.len()
    );
    let delivery = &ran.world.invocation(place).deliveries[life.delivery];
    if delivery.skew != 0 || ran.launcher_skew != 0 {
        return Ok(());
    }
    let until = ran.t0.unwrap_or_default() + Duration::from_nanos(record.known_until);
    let before = sent.iter().filter(|sent| sent.at < until).count() as u64;
    let by = sent.iter().filter(|sent| sent.at <= until).count() as u64;
    law!(
        record.snapshots.is_empty() || (before..=by).contains(&told),
        "{place:?} told of {told} until {until:?}, in truth {before} to {by}"
    );
    let fails = ran.world.outages.iter().any(|outage| outage.hits(Op::Put, "/live/"));
    let last = sent.iter().map(|sent| sent.at).max().unwrap_or_default();
    let allowed = until.max(window(ran, place).0) + ran.world.snapshot_interval + TICK;
    law!(
        fails || last <= allowed,
        "{place:?} was known until {until:?}, and sent until {last:?}"
    );
    Ok(())
}

/// The life of the worker that sent for a place.
fn worker_of<'a>(ran: &'a Ran, place: Place, sent: &[&Sent]) -> Option<&'a Life> {
    let first = sent.first()?;
    ran.lives
        .iter()
        .find(|life| life.place == place && life.delivery == first.delivery)
}

/// A slice's window, in time of the simulation.
fn window(ran: &Ran, place: Place) -> (Duration, Duration) {
    let slice = &ran.record.plan.slices[place.1 as usize];
    let t0 = ran.t0.unwrap_or_default();
    (
        t0 + Duration::from_nanos(slice.from),
        t0 + Duration::from_nanos(slice.to),
    )
}

/// Whether a reason such as `workers 0-2, 5, slice 1: why` is about a shard's slice.
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

/// Law 4.
fn only_a_whole_run_passes(ran: &Ran) -> Result<(), String> {
    for (report, record) in [(&ran.report, &ran.record), (&ran.report_after, &ran.after)] {
        let given_up = record.stop.as_ref().is_some_and(|stop| stop.rule.is_some());
        let unfinished: Vec<_> = report
            .workers
            .iter()
            .filter(|worker| worker.state != WorkerState::Finished)
            .collect();
        let whole = unfinished.is_empty() && report.balance.missing == 0 && report.balance.in_flight == 0;
        law!(
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
            law!(named, "{name} is not named in {:?}", report.reasons);
            law!(worker.why.is_some(), "no reason for {name}");
        }
    }
    // When nothing goes wrong, nothing may be found wrong.
    let world = &ran.world;
    let eventless = world.stop.is_none()
        && world.outages.is_empty()
        && world.attach.is_none()
        && (world.engine.timeout.is_some() || (world.engine.hanging == 0 && world.engine.stall.is_none()))
        && world.engine.prepares.is_some()
        && world.launcher_skew == 0
        && world.invocations.values().all(|invocation| {
            let harmless = |index: usize| {
                let delivery = &invocation.deliveries[index];
                delivery.dies.is_none() && delivery.lifetime.is_none() && delivery.after < Duration::from_secs(1)
            };
            invocation.word != Word::Never
                && (0..invocation.deliveries.len()).all(harmless)
                && !invocation.deliveries.is_empty()
        });
    let lost_words = world
        .invocations
        .values()
        .any(|invocation| matches!(invocation.word, Word::LostAfter(_)));
    if eventless && !lost_words {
        law!(
            ran.report.verdict != Verdict::Incomplete,
            "nothing happened, and the verdict is {:?}: {:?}",
            ran.report.verdict,
            ran.report.reasons
        );
    }
    Ok(())
}

/// Law 5. A worker that was late, or whose connections were all waiting, may send late, but never early.
fn arrivals_leave_when_they_are_due(ran: &Ran) -> Result<(), String> {
    let (Some(schedule), Some(t0)) = (ran.record.plan.schedule(), ran.t0) else {
        return Ok(());
    };
    let blind = ran.world.outages.iter().any(|outage| {
        let kept_from_it = outage.hits(Op::Get, "/start") || outage.hits(Op::Get, "plan.json");
        kept_from_it || outage.hits(Op::PutNew, "/claim") || outage.ops == ALL
    });
    for sent in &ran.truth {
        let invocation = ran.world.invocation(sent.place);
        let off = invocation.deliveries[sent.delivery].skew - ran.launcher_skew;
        let off = Duration::from_nanos(off.unsigned_abs());
        let tolerance = if off <= TRUSTED { off } else { CALIBRATED } + TICK;
        let due = t0 + Duration::from_nanos(schedule.due(sent.k));
        law!(
            sent.at + tolerance >= due,
            "arrival {} was due at {due:?}, and left early: {sent:?}",
            sent.k
        );
        let came_in_time = ran.lives.iter().any(|life| {
            let prepared = life.from + ran.world.engine.prepares.unwrap_or_default();
            (life.place, life.delivery) == (sent.place, sent.delivery) && prepared + TICK < window(ran, sent.place).0
        });
        let prompt = came_in_time && !blind && !ran.world.engine.blocks() && ran.world.connections >= 64;
        law!(
            !prompt || sent.at <= due + tolerance,
            "arrival {} was due at {due:?}, and left late: {sent:?}",
            sent.k
        );
    }
    Ok(())
}

/// Law 6.
fn the_order_of_reading_does_not_matter(ran: &Ran) -> Result<(), String> {
    law!(
        ran.report_after.json() == ran.json_shuffled,
        "two readings of the same store differ"
    );
    let known = |record: &RunRecord| -> Vec<_> {
        let slices = record.slices.iter();
        slices
            .map(|(place, slice)| (*place, slice.snapshots.numbers().clone(), slice.result.is_some()))
            .collect()
    };
    let Some(Launched::Followed(losses)) = &ran.launched else {
        return Ok(());
    };
    if known(&ran.record) == known(&ran.after) && ran.record.stop == ran.after.stop {
        let (then, after) = (&ran.report, &ran.report_after);
        law!(
            then.verdict == after.verdict && then.balance == after.balance,
            "the report changed: {:?}, {:?}",
            then.balance,
            after.balance
        );
        law!(
            !losses.is_empty() || then.json() == after.json(),
            "the report's words changed"
        );
    }
    Ok(())
}

/// Law 9.
fn stop_is_quick(ran: &Ran) -> Result<(), String> {
    let blind = ran.world.outages.iter().any(|outage| outage.hits(Op::Get, "/stop"));
    let (Some(stopped), false) = (ran.stopped, blind) else {
        return Ok(());
    };
    if let Some(late) = ran.truth.iter().find(|sent| sent.at > stopped + Duration::from_secs(2)) {
        law!(false, "stopped at {stopped:?}, and sent {late:?}");
    }
    for (place, slice) in &ran.after.slices {
        let finished = slice.result.as_ref().is_some_and(|result| result.end == End::Finished);
        let (_, closed) = window(ran, *place);
        let soon = stopped + Duration::from_secs(2);
        law!(
            !finished || clocks_are_wrong(ran) || closed <= soon,
            "stopped at {stopped:?}, and {place:?} says that it finished, at {closed:?}"
        );
    }
    Ok(())
}

fn clocks_are_wrong(ran: &Ran) -> bool {
    let mut deliveries = ran
        .world
        .invocations
        .values()
        .flat_map(|invocation| &invocation.deliveries);
    ran.launcher_skew != 0 || deliveries.any(|delivery| delivery.skew != 0)
}

/// Law 8. Between slices a user's last request may still be on its way.
fn users_take_turns(ran: &Ran) -> Result<(), String> {
    let Load::Closed { users, .. } = ran.world.load else {
        return Ok(());
    };
    let mut last: BTreeMap<(u64, u32), &Sent> = BTreeMap::new();
    for sent in &ran.truth {
        let user = sent.k % u64::from(users);
        let start = ran.after.start.as_ref();
        let home = start.and_then(|start| start.stripe(sent.place.0, ran.world.workers));
        law!(
            home.is_some_and(|home| user % u64::from(home.stripes) == u64::from(home.stripe)),
            "user {user} is not at home: {sent:?}"
        );
        if let Some(before) = last.insert((user, sent.place.1), sent) {
            let answered = before.answered.as_ref().map(|(at, _)| *at);
            law!(
                answered.is_some_and(|at| at <= sent.at),
                "user {user} overtook itself: {before:?}, {sent:?}"
            );
        }
        law!(
            sent.at <= window(ran, sent.place).1 + ran.record.plan.limits.max_wait + Duration::from_secs(11),
            "user {user} stayed: {sent:?}"
        );
    }
    Ok(())
}
