//! Tests that the terminal, the dashboard, the exporters and the verdict agree on the states of the workers.

use super::invariants::simulate_checked;
use super::outages::Outage;
use super::run::Ran;
use super::world::{Delivery, Invocation, Reply, World, seconds};
use ::run::exposing::exposure;
use ::run::live_view;
use ::run::watching::Watcher;
use fleet::follow::Losses;
use fleet::gather::RunRecord;
use fleet::presence::{Presence, of_shard};
use report::verdict::Verdict;
use report::worker_report::WorkerState;
use serde_json::Value;
use std::collections::BTreeSet;
use store::Op;

/// Three numbers of workers: workers that have prepared, workers that are done, and workers that are missing.
type Numbers = (u64, u64, u64);

/// Returns the three numbers that the terminal, the dashboard and the exporters show at the time `now`.
fn shown(record: &RunRecord, now: u64) -> [Numbers; 3] {
    let watcher = Watcher::new(record);
    let progress = watcher.progress(record, now);
    let terminal = (progress.workers_in, progress.workers_done, progress.workers_missing);
    let page: Value = serde_json::from_str(&live_view::view(record, &watcher, now).json()).expect("a view is JSON");
    let figures = page["live"]["figures"].as_array().expect("the view has figures");
    let figure = figures.iter().find(|figure| figure["label"] == "workers ready");
    let figure = figure.expect("the view has the figure");
    let text = |field: &str| figure[field].as_str().expect("a figure is text");
    // The figure shows "3 of 4", and its note shows "2 done, 1 missing".
    let before = |text: &str, word: &str| -> u64 {
        let number = text.split(", ").find_map(|part| part.strip_suffix(word));
        number.map_or(0, |number| number.parse().expect("a number"))
    };
    let ready = text("value").split(" of ").next().expect("a text has a first part");
    let exported = exposure(record, None, now, None).expect("the run has started").workers;
    let wide = |(a, b, c): (u32, u32, u32)| (a.into(), b.into(), c.into());
    [
        wide(terminal),
        (
            ready.parse().expect("a number"),
            before(text("more"), " done"),
            before(text("more"), " missing"),
        ),
        wide((exported.ready, exported.done, exported.missing)),
    ]
}

/// Returns the shards that the report lists as missing.
fn reported_missing(ran: &Ran) -> BTreeSet<u32> {
    let lost = ran
        .report
        .workers
        .iter()
        .filter(|worker| worker.state == WorkerState::Lost);
    lost.map(|worker| worker.shard).collect()
}

/// Simulates a run of three slices. Worker 1 dies in the second slice. Worker 2 stores no snapshot for 6 s in the first
/// slice. Worker 3 never starts.
fn eventful(restripe: bool) -> Ran {
    let dies = Invocation {
        deliveries: vec![Delivery::dying(seconds(12))],
        reply: Reply::Never,
    };
    let world = World {
        workers: 4,
        workers_min: 3,
        restripe,
        start_timeout: seconds(3),
        slice_max: Some(seconds(12)),
        load: super::world::Load::Open {
            warm_up: 2,
            rate: 30,
            seconds: 34,
        },
        outages: vec![Outage::new(
            &[Op::Put, Op::PutNew],
            "shards/00002/00000/live",
            seconds(6),
            seconds(12),
        )],
        watched: true,
        ..World::calm()
    };
    simulate_checked(world.with((3, 0), Invocation::never()).with((1, 1), dies))
}

fn check(restripe: bool) {
    let ran = eventful(restripe);
    let (mut seen, mut presences) = (BTreeSet::new(), BTreeSet::new());
    for (now, record) in &ran.observations {
        let Some(start) = record.start.as_ref().filter(|start| start.t0 <= *now) else {
            continue;
        };
        let at = (now - start.t0) / 1_000_000;
        let [terminal, page, exported] = shown(record, *now);
        assert!(
            terminal == page && page == exported,
            "{at} ms: {terminal:?} {page:?} {exported:?}"
        );
        seen.insert((terminal.1, terminal.2));
        for shard in 0..4 {
            presences.insert((shard, of_shard(record, shard, *now, &Losses::new())));
        }
    }
    // If the start was restriped, the other workers send the arrivals of the absent worker. If the start was not
    // restriped, the arrivals of the absent worker are missing.
    let absent = u64::from(!restripe);
    assert!(
        seen.contains(&(0, absent)) && seen.contains(&(0, absent + 1)),
        "{seen:?}"
    );
    assert!(seen.contains(&(2, absent + 1)), "{seen:?}");
    let third = if restripe { None } else { Some(Presence::Missing) };
    for expected in [
        (0, Some(Presence::Running)),
        (0, Some(Presence::Done)),
        (1, Some(Presence::Silent)),
        (2, Some(Presence::Silent)),
        (2, Some(Presence::Done)),
        (3, third),
    ] {
        assert!(presences.contains(&expected), "no {expected:?} in {presences:?}");
    }
    // At the end of the run, the numbers of the exporters, the state of the dashboard, and the report must agree.
    let (last, losses) = (ran.observations.last().expect("the world is watched").0, ran.losses());
    let exported = exposure(&ran.record, None, last, Some(losses))
        .expect("the run has started")
        .workers;
    let page = live_view::ended(&ran.record, losses, &ran.report, String::new(), false);
    let missing = reported_missing(&ran);
    assert_eq!(
        (page.workers_in, page.done, page.missing),
        (exported.ready, exported.done, exported.missing)
    );
    assert_eq!(missing.len(), exported.missing as usize, "{missing:?}");
    assert_eq!((exported.done, exported.missing), (2, 1 + u32::from(!restripe)));
    assert_eq!(ran.report.verdict, Verdict::Incomplete);
}

#[test]
fn all_views_agree_on_the_workers_of_a_run_with_a_restriped_start() {
    check(true);
}

#[test]
fn all_views_agree_on_the_workers_of_a_run_with_a_short_start() {
    check(false);
}
