//! Tests of populations: their own arrivals, seeds and names, and the division of each population among the workers.

use plan::plan::{Plan, StripeOf, owed};
use plan::rows::RowSet;
use plan::scenario::{Load, Protocol, Reuse, Sampling, SessionKind};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use test_plans::Planned;

const SHOP: &str = "
name: shop
seed: 7
target: http://127.0.0.1:1
feeds: { ids: { file: ids.csv, pick: once } }
populations:
  people:
    load: { ramp_users: { from: 0, to: 5, duration: 10s } }
    think_time: { min: 2s, max: 8s }
    session: kept
    flows:
      - name: buy
        steps:
          - { name: login, post: /login, capture: { token: header X-Token } }
          - if: token
            steps: [ { name: order, get: '/order/{{ token }}' } ]
  partners:
    start: 2s
    load: { constant: { rate: 3/s, duration: 4s } }
    protocol: http2
    requests:
      - { name: buy, url: '/{{ feed ids.id }}', weight: 3 }
      - { name: home, weight: 1 }
    mix: exact
thresholds:
  - latency p99 of partners < 200ms
  - errors of people/buy < 1%
  - errors of people/buy/order < 1%
  - session p50 of people/buy < 1m
  - latency p50 of partners/buy < 100ms
";

fn csv(rows: u64) -> String {
    let mut text = "id\n".to_owned();
    (0..rows).for_each(|row| text.push_str(&format!("{row}\n")));
    text
}

fn shop() -> Planned {
    Planned::of(SHOP).file("ids.csv", csv(9))
}

#[test]
fn each_population_has_its_own_load_transport_and_names() {
    let plan = shop().workers(3).plan();
    assert_eq!(
        plan.request_names(),
        ["people/buy/login", "people/buy/order", "partners/buy", "partners/home"]
    );
    assert_eq!(plan.flow_names(), ["people/buy"]);
    let [people, partners] = plan.populations.as_slice() else {
        panic!("{:?}", plan.populations)
    };
    assert_eq!((people.requests.clone(), people.flows.clone()), (0..2, 0..1));
    assert_eq!((partners.requests.clone(), partners.flows.clone()), (2..4, 1..1));
    assert_eq!(
        (people.transport.flow_reuse, people.transport.session),
        (Reuse::User, SessionKind::Kept)
    );
    assert_eq!(partners.transport.protocol, Protocol::Http2);
    // The key `start` adds a phase that sends nothing and is not measured.
    let Load::Open { phases, .. } = &partners.load else {
        panic!("{partners:?}")
    };
    assert_eq!(
        (phases[0].shape.duration(), phases[0].sampling),
        (Duration::from_secs(2), Sampling::Unmeasured)
    );
    let [measured] = partners.measured_spans().try_into().unwrap();
    assert_eq!(measured, 2_000_000_000..6_000_000_000);
    assert_eq!(
        (plan.length(), plan.measured_length()),
        (10_000_000_000, 10_000_000_000)
    );
    assert_eq!(plan.arrivals(), None);
    assert_eq!(plan.schedules().unwrap().arrivals(), 12);
    // Decoding the stored form gives the same plan.
    assert_eq!(Plan::decode(&plan.encode()).unwrap(), plan);
}

#[test]
fn a_population_alone_is_a_plan_whose_requests_count_from_zero() {
    let plan = shop().workers(3).plan();
    let (people, partners) = (plan.alone(0), plan.alone(1));
    assert_eq!(people.flows[0].requests, 0..2);
    assert_eq!(partners.request_names(), ["partners/buy", "partners/home"]);
    // The exact mix has the weights 3 and 1. Of 12 arrivals, 9 arrivals use the feed, and each of the 9 arrivals has
    // its own row.
    let (mix, rows) = (partners.mix(), partners.rows());
    let bought: Vec<u64> = (0..12)
        .filter(|k| usize::from(mix.drawn(*k).request().unwrap()) == 0)
        .collect();
    assert_eq!(bought.len(), 9);
    let taken: BTreeSet<u64> = bought.iter().map(|k| rows.row(0, *k)).collect();
    assert_eq!(taken, (0..9).collect());
    let seeds: BTreeSet<u64> = [plan.seed, people.seed, partners.seed].into();
    assert_eq!(seeds.len(), 3);
    // A change of another population does not change this population.
    let text = SHOP.replace("rate: 3/s", "rate: 2/s").replace("seed: 7", "seed: 8");
    let other = Planned::of(&text).file("ids.csv", csv(9)).workers(3).plan();
    assert_ne!(other.alone(0).seed, people.seed);
    let text = SHOP.replace("rate: 3/s", "rate: 2/s");
    let other = Planned::of(&text).file("ids.csv", csv(9)).workers(3).plan();
    assert_eq!(other.alone(0), people);
}

/// Returns the shards that send each arrival or user. The key is the index of the population, and the number of the
/// arrival or user.
fn senders(plan: &Plan, whole: &dyn Fn(u32) -> Option<StripeOf>) -> BTreeMap<(usize, u64), Vec<u32>> {
    let mut senders: BTreeMap<(usize, u64), Vec<u32>> = BTreeMap::new();
    for (index, population) in plan.populations.iter().enumerate() {
        for shard in 0..plan.shards {
            let Some(own) = whole(shard).map(|whole| whole.rotated(plan.first_stripe(index))) else {
                continue;
            };
            let all = population.work().number();
            let mine = (0..all).filter(|k| k % u64::from(own.stripes) == u64::from(own.stripe));
            assert_eq!(owed(&(0..all), own), mine.clone().count() as u64);
            for k in mine {
                senders.entry((index, k)).or_default().push(shard);
            }
        }
    }
    senders
}

proptest! {
    #[test]
    fn workers_tile_every_population_and_none_is_idle(
        sizes in prop::collection::vec((1u64..6, any::<bool>()), 1..5),
        shards in 1u32..12,
        missing in 0u32..4,
        slice in 1u64..5,
    ) {
        let mut text = "name: t\ntarget: http://127.0.0.1:1\npopulations:\n".to_owned();
        for (at, (size, closed)) in sizes.iter().enumerate() {
            let load = match closed {
                true => format!("users: {{ users: {size}, duration: 3s }}"),
                false => format!("constant: {{ rate: {size}/s, duration: 1s }}"),
            };
            text.push_str(&format!("  p{at}: {{ start: {at}s, load: {{ {load} }} }}\n"));
        }
        let whole: u64 = sizes.iter().map(|(size, _)| size).sum();
        let order = Planned::of(&text).workers(shards).slice_max(Duration::from_secs(slice));
        if u64::from(shards) > whole {
            let error = order.try_plan().unwrap_err();
            prop_assert!(error.to_string().contains("some would be idle"), "{}", error);
            prop_assert!(error.hint().contains(&format!("--workers {whole}")), "{}", error.hint());
            return Ok(());
        }
        let plan = order.plan();
        let sent = senders(&plan, &|shard| Some(plan.stripe(shard)));
        prop_assert_eq!(sent.len() as u64, whole);
        prop_assert!(sent.values().all(|shards| shards.len() == 1), "{:?}", sent);
        let busy: BTreeSet<u32> = sent.values().flatten().copied().collect();
        prop_assert_eq!(busy.len() as u32, shards);
        // Each shard sends nearly the same number of arrivals and users. Any two shards differ by at most one.
        let mut counts = vec![0u64; shards as usize];
        sent.values().flatten().for_each(|shard| counts[*shard as usize] += 1);
        prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{:?}", counts);
        // If workers are missing, the ready workers send the same arrivals and users.
        let ready = shards - missing.min(shards - 1);
        let sent = senders(&plan, &|shard| (shard < ready).then_some(StripeOf { stripe: shard, stripes: ready }));
        prop_assert_eq!(sent.len() as u64, whole);
        prop_assert!(sent.values().all(|shards| shards.len() == 1), "{:?}", sent);
        // The slices contain each arrival of the open loads once.
        let owed: u64 = (0..shards).flat_map(|shard| (0..plan.slices.len()).map(move |slice| (shard, slice)))
            .map(|(shard, slice)| plan.owed(shard, slice))
            .sum();
        let open: u64 = sizes.iter().filter(|(_, closed)| !closed).map(|(size, _)| size).sum();
        prop_assert_eq!(owed, open);
        prop_assert_eq!(Plan::decode(&plan.encode()).unwrap(), plan);
    }
}

#[test]
fn a_wrong_population_is_reported_with_its_line_and_what_would_be_right() {
    let check = |lines: &str, problem: &str, help: &str| {
        let text = format!("name: t\ntarget: http://127.0.0.1:1\n{lines}");
        let problems = Planned::of(&text)
            .file("ids.csv", csv(99))
            .read()
            .unwrap_err()
            .render(false);
        assert!(
            problems.contains(problem) && problems.contains(help),
            "{lines}\n{problems}"
        );
    };
    let load = "load: { constant: { rate: 1/s, duration: 1s } }";
    check("", "a scenario needs one of `load`, `populations`", "");
    check(
        &format!("{load}\npopulations: {{ a: {{ {load} }} }}\n"),
        "a scenario can have only one of `load`, `populations`",
        "keep one of them",
    );
    check(
        &format!("requests: [ {{ name: home }} ]\npopulations: {{ a: {{ {load} }} }}\n"),
        "`requests` belongs to one of the populations",
        "write it below the name of the population",
    );
    check("populations: {}\n", "there are no populations", "write `populations: {");
    check(
        "populations: { a: { requests: [ { name: home } ] } }\n",
        "a population needs `load`",
        "",
    );
    check(
        &format!("populations: {{ a: {{ {load} }}, a: {{ {load} }} }}\n"),
        "`a` is written twice",
        "keep one of them",
    );
    check(
        &format!("populations: {{ a/b: {{ {load} }} }}\n"),
        "is not a population name",
        "as in `buy`",
    );
    check(
        &format!("populations: {{ a: {{ {load} }} }}\nthresholds: [ errors of others < 1% ]\n"),
        "the request, flow or population `others` does not exist",
        "populations are `a`, `a/target`",
    );
    check(
        &format!("populations: {{ a: {{ {load} }} }}\nthresholds: [ session p50 of a < 1s ]\n"),
        "`a` is a request",
        "",
    );
    check(
        &format!("populations: {{ a: {{ start: 800h, {load} }} }}\n"),
        "with `start` the load ends after",
        "a run takes at most",
    );
    let name = "n".repeat(60);
    check(
        &format!("populations: {{ crowd: {{ {load}, requests: [ {{ name: {name} }} ] }} }}\n"),
        "is too long for a name",
        "at most 64 characters together",
    );
    let once = "requests: [ { name: r, url: '/{{ feed ids.id }}' } ]";
    check(
        &format!(
            "feeds: {{ ids: {{ file: ids.csv, pick: once }} }}\npopulations: {{ a: {{ {load}, {once} }}, b: {{ {load}, {once} }} }}\n"
        ),
        "two populations use each row of `ids` once",
        "write a feed for each population",
    );
    let flows = |number: usize| {
        let flows: String = (0..number)
            .map(|at| format!("{{ name: f{at}, steps: [ {{ name: s, get: / }} ] }}, "))
            .collect();
        format!("{load}, flows: [ {flows} ]")
    };
    check(
        &format!("populations: {{ a: {{ {} }}, b: {{ {} }} }}\n", flows(60), flows(41)),
        "the populations have 101 flows, more than 100",
        "use fewer flows",
    );
    let phases = "{ constant: { rate: 1/s, duration: 1s } }, ".repeat(1_000);
    check(
        &format!("populations: {{ a: {{ start: 1s, load: [ {phases} ] }} }}\n"),
        "with `start` the load has 1001 phases, more than 1000",
        "remove a phase",
    );
    let eight: String = (0..8).map(|at| format!("  p{at}: {{ {load} }}\n")).collect();
    check(
        &format!("populations:\n{eight}"),
        "8 populations with 128 connections each are more than the 900 that a worker can open",
        "write `limits: { connections: 112 }`",
    );
    let many: String = (0..21).map(|at| format!("  p{at}: {{ {load} }}\n")).collect();
    check(
        &format!("populations:\n{many}"),
        "`populations` has 21 entries, more than 20",
        "",
    );
}

#[test]
fn a_damaged_plan_of_populations_is_rejected() {
    let load = "load: { constant: { rate: 5/s, duration: 1s } }";
    let text = format!(
        "name: t\ntarget: http://127.0.0.1:1\npopulations:\n\
         \x20 a: {{ {load}, requests: [ {{ name: x }}, {{ name: y }}, {{ name: z }} ] }}\n\
         \x20 b: {{ {load}, flows: [ {{ name: f, steps: [ {{ name: s, get: / }} ] }} ] }}\n"
    );
    let plan = Planned::of(&text).plan();
    let check = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut document: serde_json::Value = serde_json::from_slice(&plan.encode()).unwrap();
        change(&mut document);
        Plan::decode(document.to_string().as_bytes()).unwrap_err().to_string()
    };
    // The flow of the second population contains requests of the first population.
    let taken = check(&|plan| {
        plan["requests"][1]["weight"] = 0.into();
        plan["requests"][2]["weight"] = 0.into();
        plan["flows"][0]["requests"] = serde_json::json!([1, 4]);
    });
    assert!(taken.contains("step is in no flow"), "{taken}");
    let named = check(&|plan| plan["requests"][0]["name"] = "b".into());
    assert!(named.contains("does not begin with that of its population"), "{named}");
    let both = check(&|plan| plan["load"] = plan["populations"][0]["load"].clone());
    assert!(both.contains("both `load` and `populations`"), "{both}");
    let beyond = check(&|plan| plan["populations"][1]["requests"] = serde_json::json!({ "start": 3, "end": 9 }));
    assert!(beyond.contains("populations"), "{beyond}");
    let backwards = check(&|plan| plan["populations"][1]["requests"] = serde_json::json!({ "start": 3, "end": 1 }));
    assert!(backwards.contains("populations"), "{backwards}");
}

#[test]
fn a_worker_keeps_the_rows_of_its_arrivals_of_every_population() {
    let text = "name: t\nseed: 7\ntarget: http://127.0.0.1:1\nfeeds: { ids: ids.csv }\npopulations:\n\
                \x20 a: { load: { constant: { rate: 5/s, duration: 1s } }, requests: [ { name: r, url: '/{{ feed ids.id }}' } ] }\n\
                \x20 b: { load: { constant: { rate: 7/s, duration: 1s } }, requests: [ { name: r, url: '/{{ feed ids.id }}' } ] }\n\
                \x20 c: { load: { constant: { rate: 9/s, duration: 1s } } }\n";
    let plan = Planned::of(text).file("ids.csv", csv(99)).workers(4).plan();
    let sent = senders(&plan, &|shard| Some(plan.stripe(shard)));
    for shard in 0..4 {
        let mine = sent.iter().filter(|(_, shards)| shards.contains(&shard));
        // The third population does not use the feed.
        let used: BTreeSet<u32> = mine
            .filter(|((population, _), _)| *population < 2)
            .map(|((_, k), _)| *k as u32)
            .collect();
        let RowSet::Some(kept) = plan.rows_of_stripe(0, 0, plan.stripe(shard)) else {
            panic!("all rows are kept")
        };
        assert_eq!(kept, used.into_iter().collect::<Vec<u32>>());
    }
}

#[test]
fn populations_of_an_included_file_are_added() {
    let load = "load: { constant: { rate: 1/s, duration: 1s } }";
    let text = format!(
        "include: [ api.yaml ]\nname: t\ntarget: http://127.0.0.1:1\npopulations: {{ people: {{ {load} }} }}\n"
    );
    let scenario = Planned::of(&text)
        .file("api.yaml", format!("populations: {{ api: {{ {load} }} }}\n"))
        .scenario();
    let names: Vec<&str> = scenario
        .populations
        .iter()
        .map(|population| population.name.as_str())
        .collect();
    assert_eq!(names, ["people", "api"]);
    // If the scenario has its own load, this load replaces the included populations.
    let text = format!("include: [ api.yaml ]\nname: t\ntarget: http://127.0.0.1:1\n{load}\n");
    let scenario = Planned::of(&text)
        .file("api.yaml", format!("populations: {{ api: {{ {load} }} }}\n"))
        .scenario();
    assert_eq!(scenario.populations[0].name, "");
}
