//! Tests of flows with random faults. Each flow ends once, and sends its steps in order.
//!
//! The scripted engine returns no bodies, so the steps of these flows capture no values.

use super::invariants::{TICK, violations_with_flows};
use super::mixtures;
use super::run::{Ran, simulate};
use super::truth::Sent;
use super::world::{Content, Invocation, Load, World, seconds};
use plan::mix::Drawn;
use plan::plan::Plan;
use report::run_report::RunReport;
use std::collections::BTreeMap;
use std::time::Duration;
use tally::tally::Tally;

/// The largest seed of the random worlds that are simulated. The smallest seed is 0.
const SEEDS: u64 = 80;

const FLOWS: &str = "connections: kept
defaults: { timeout: 2s }
flows:
  - name: visit
    weight: 4
    steps:
      - { name: home, get: / }
      - pause: 200ms to 900ms
      - repeat: 2
        steps: [ { name: item, get: /item, on_failure: retry 2 after 100ms } ]
      - choose:
          - { weight: 3, steps: [ { name: red, get: /red } ] }
          - { weight: 1, steps: [ { name: blue, get: /blue } ] }
      - { name: order, post: /order, on_failure: continue }
      - pause: 1s
      - { name: bye, get: /bye }
";

/// One request of the flow. The fields are the possible names, the number of retries, whether the flow continues after
/// a failure of the request, and the minimum pause before the request.
struct Expected(&'static [&'static str], u32, bool, Duration);

const NO_PAUSE: Duration = Duration::ZERO;
const STEPS: [Expected; 6] = [
    Expected(&["visit/home"], 0, false, NO_PAUSE),
    Expected(&["visit/item"], 2, false, Duration::from_millis(200)),
    Expected(&["visit/item"], 2, false, NO_PAUSE),
    Expected(&["visit/red", "visit/blue"], 0, false, NO_PAUSE),
    Expected(&["visit/order"], 0, true, NO_PAUSE),
    Expected(&["visit/bye"], 0, false, Duration::from_secs(1)),
];

/// The state of a flow, according to the record of its requests.
#[derive(Debug, PartialEq)]
enum Reached {
    Completed,
    Failed,
    /// The last sent request was answered, and the flow has another request to send.
    Between,
    /// The last sent request was not answered.
    Waiting,
}

/// Compares the sent requests of a flow with the expected requests. Returns the state of the flow.
fn reached(plan: &Plan, sent: &[&Sent]) -> Result<Reached, String> {
    let mut sent = sent.iter().peekable();
    let mut ended = None;
    for Expected(names, retries, continues, pause) in STEPS {
        let mut failed = false;
        for attempt in 0..=retries {
            let Some(one) = sent.next() else {
                return Ok(Reached::Between);
            };
            let name = plan.requests[usize::from(one.request)].name.as_str();
            if !names.contains(&name) {
                return Err(format!("sent {name} in place of {names:?}"));
            }
            let pause = if attempt == 0 {
                pause
            } else {
                Duration::from_millis(100)
            };
            if ended.is_some_and(|ended| one.at + TICK < ended + pause) {
                return Err(format!("{name} was sent before the end of the pause"));
            }
            let Some((at, result)) = one.answered else {
                return match sent.next() {
                    None => Ok(Reached::Waiting),
                    Some(next) => Err(format!("{next:?} was sent before the answer to {name}")),
                };
            };
            ended = Some(at);
            failed = result.is_err();
            if !failed {
                break;
            }
        }
        if failed && !continues {
            return match sent.next() {
                None => Ok(Reached::Failed),
                Some(next) => Err(format!("{next:?} was sent after the end of the flow")),
            };
        }
    }
    match sent.next() {
        None => Ok(Reached::Completed),
        Some(next) => Err(format!("{next:?} was sent after the last step")),
    }
}

/// Returns the requests of each arrival, in the order in which they were sent.
fn by_arrival(ran: &Ran) -> BTreeMap<u64, Vec<&Sent>> {
    let mut arrivals: BTreeMap<u64, Vec<&Sent>> = BTreeMap::new();
    for sent in &ran.truth {
        arrivals.entry(sent.k).or_default().push(sent);
    }
    arrivals
}

/// Checks that one worker sent all requests of an arrival, and that these requests belong to the number of the arrival.
fn arrivals_are_begun_once(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let mix = plan.mix();
    for (k, sent) in by_arrival(ran) {
        if sent
            .iter()
            .any(|one| (one.slice_id, one.number) != (sent[0].slice_id, sent[0].number))
        {
            return Err(format!("arrival {k} was sent by several workers: {sent:?}"));
        }
        match mix.drawn(k) {
            Drawn::Request(request) if sent.len() > 1 || sent[0].request != request => {
                return Err(format!("arrival {k} is one request, and sent {sent:?}"));
            }
            Drawn::Request(_) => {}
            Drawn::Flow(_) => {
                reached(plan, &sent).map_err(|problem| format!("arrival {k} {problem}: {sent:?}"))?;
            }
        }
    }
    Ok(())
}

/// Checks that the counts of flows, of arrivals and of requests in the reports balance.
fn the_report_balances(ran: &Ran) -> Result<(), String> {
    for report in [&ran.report, &ran.report_after] {
        let RunReport { balance, flows, .. } = report;
        let mut started = 0;
        for flow in flows {
            started += flow.started;
            let ended = flow.completed + flow.failed + flow.stopped + flow.in_flight;
            let at_steps: u64 = flow.steps.iter().map(|step| step.failed).sum();
            if flow.started != ended || flow.failed != at_steps {
                return Err(format!("the flow does not balance: {flow:?}"));
            }
        }
        let requests = report.requests.iter().filter(|request| !request.name.contains('/'));
        let begun = started + requests.map(|request| request.sent).sum::<u64>();
        let sent: u64 = report.requests.iter().map(|request| request.sent).sum();
        let planned = match ran.record.plan.schedule() {
            Some(schedule) => schedule.measured().iter().map(|range| range.end - range.start).sum(),
            None => balance.planned,
        };
        if !balance.holds
            || balance.begun != begun
            || balance.sent != sent
            || balance.planned != planned
            || planned != begun + balance.dropped + balance.missing
            || sent != balance.completed + balance.failed + balance.in_flight
        {
            return Err(format!("{planned} planned, {begun} begun, {sent} sent: {balance:?}"));
        }
    }
    Ok(())
}

/// Compares the measured flows in the result of each slice with the record of the engine. The numbers of started flows
/// and of completed flows must be equal.
fn results_match_the_record(ran: &Ran) -> Result<(), String> {
    let plan = &ran.record.plan;
    let mix = plan.mix();
    let arrivals = by_arrival(ran);
    let measured: Vec<_> = match plan.schedule() {
        Some(schedule) => schedule.measured(),
        None => return Ok(()),
    };
    for (slice_id, slice) in &ran.after.slices {
        let Some(result) = &slice.result else { continue };
        let mut counts = [0; 4];
        for (k, sent) in &arrivals {
            let is_measured = measured.iter().any(|range| range.contains(k));
            if sent[0].slice_id == *slice_id && is_measured && matches!(mix.drawn(*k), Drawn::Flow(_)) {
                counts[0] += 1;
                match reached(plan, sent)? {
                    Reached::Completed => counts[1] += 1,
                    Reached::Failed => counts[2] += 1,
                    Reached::Waiting => counts[3] += 1,
                    Reached::Between => {}
                }
            }
        }
        let sum = |of: fn(&tally::flow::FlowTally) -> u64| flows(&result.tally).map(of).sum::<u64>();
        // The record does not show why a flow ended between two requests: it was stopped, starved or abandoned.
        let failed = sum(tally::flow::FlowTally::failed_total) - sum(|flow| flow.starved.values().sum());
        let reported = [sum(|flow| flow.started), sum(|flow| flow.completed)];
        let in_flight = sum(|flow| flow.in_flight);
        if reported != counts[..2] || failed < counts[2] || in_flight < counts[3] {
            return Err(format!(
                "{slice_id:?} reports {reported:?}, {failed} failed and {in_flight} in flight; recorded are {counts:?}"
            ));
        }
    }
    Ok(())
}

fn flows(tally: &Tally) -> impl Iterator<Item = &tally::flow::FlowTally> {
    tally.flows.iter()
}

fn check(seed: u64) -> Ran {
    let world = World {
        lines: FLOWS,
        content: Content::Requests,
        ..mixtures::world(seed)
    };
    let ran = simulate(world);
    let laws = [arrivals_are_begun_once, the_report_balances, results_match_the_record];
    let mut problems = violations_with_flows(&ran);
    problems.extend(laws.into_iter().filter_map(|law| law(&ran).err()));
    assert!(
        problems.is_empty(),
        "SEED={seed}: {}\n{:?}",
        problems.join("\n  "),
        ran.world
    );
    ran
}

#[test]
fn flows_have_one_end_each_and_send_their_steps_in_order_with_random_faults() {
    let seeds = match std::env::var("SEED") {
        Ok(seed) => seed.parse().expect("a number")..=seed.parse().expect("a number"),
        Err(_) => 0..=SEEDS,
    };
    let is_one = seeds.start() == seeds.end();
    let mut ends = [0; 4];
    for seed in seeds {
        for flow in &check(seed).report_after.flows {
            let counts = [flow.completed, flow.failed, flow.stopped, flow.in_flight];
            ends.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    // Flows must end in every way, because the test must check every way in which a flow ends.
    assert!(is_one || ends.iter().all(|count| *count > 0), "{ends:?}");
}

#[test]
fn any_number_of_workers_and_slices_sends_the_same_flows() {
    let sent = |world: World| -> BTreeMap<u64, Vec<String>> {
        let mut world = World {
            seed: 7,
            lines: FLOWS,
            load: Load::Open {
                warm_up: 1,
                rate: 20,
                seconds: 6,
            },
            ..world
        };
        world.engine.failing = 20;
        let ran = simulate(world);
        let names = ran.record.plan.request_names();
        let arrivals = by_arrival(&ran);
        assert_eq!(arrivals.len() as u64, ran.record.plan.arrivals().expect("an open load"));
        let name = |sent: &&Sent| names[usize::from(sent.request)].clone();
        arrivals
            .into_iter()
            .map(|(k, sent)| (k, sent.iter().map(name).collect()))
            .collect()
    };
    let number = |workers: u32| World {
        workers,
        workers_min: workers,
        ..World::calm()
    };
    let one = sent(number(1));
    assert!(one.values().any(|steps| steps.contains(&"visit/blue".to_owned())));
    for workers in 2..=4 {
        assert_eq!(sent(number(workers)), one, "{workers} workers");
    }
    let sliced = World {
        slice_max: Some(seconds(2)),
        ..number(2)
    };
    assert_eq!(sent(sliced), one, "several slices");
    let restriped = World {
        workers_min: 2,
        restripe: true,
        ..number(3)
    };
    assert_eq!(
        sent(restriped.with((1, 0), Invocation::never())),
        one,
        "a re-striped start"
    );
}
