//! Tests of exact mixes and of the rows of feeds. Each result is compared with a slow and simple computation.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue must fail")]

use plan::mix::Drawn;
use plan::plan::{Plan, StripeOf, stripe};
use plan::rows::RowSet;
use plan::scenario::{MixOrder, Pick};
use plan::scenario_file::csv::Sheet;
use plan::users::arrival_of;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use test_plans::Planned;

fn csv(rows: u64) -> String {
    let mut text = "id\n".to_owned();
    (0..rows).for_each(|row| text.push_str(&format!("{row}\n")));
    text
}

/// Returns a scenario with two requests and a flow. The request `enrol` and the step `buy/pay` use the feed `ids`.
fn text(pick: &str, mix: &str, load: &str) -> String {
    format!(
        "name: t\nseed: 7\ntarget: http://127.0.0.1:1\nload: {load}\nmix: {mix}\n\
         feeds: {{ ids: {{ file: ids.csv, pick: {pick} }} }}\n\
         requests:\n- {{ name: browse, weight: 10 }}\n\
         - {{ name: enrol, weight: 4, method: POST, body: '{{{{ feed ids.id }}}}' }}\n\
         flows:\n- {{ name: buy, weight: 2, steps: [ {{ name: cart, get: / }}, {{ name: pay, get: '/{{{{ feed ids.id base64 }}}}' }} ] }}\n"
    )
}

fn rate(arrivals: u64) -> String {
    format!("{{ constant: {{ rate: {arrivals}/s, duration: 1s }} }}")
}

fn planned(pick: &str, mix: &str, load: &str, rows: u64) -> Planned {
    Planned::of(&text(pick, mix, load)).file("ids.csv", csv(rows))
}

fn uses_the_feed(drawn: Drawn) -> bool {
    match drawn {
        Drawn::Request(request) => usize::from(request) == 1,
        Drawn::Flow(_) => true,
    }
}

/// Returns the row that each arrival sends, for all shards of a plan.
fn sent(plan: &Plan, shards: u32) -> BTreeMap<u64, u64> {
    let (rows, mix, schedule) = (plan.rows(), plan.mix(), plan.schedule().unwrap());
    let mut sent = BTreeMap::new();
    for slice in &plan.slices {
        for shard in 0..shards {
            for arrival in stripe(&schedule, slice, shard, shards) {
                if uses_the_feed(mix.drawn(arrival.k)) {
                    assert_eq!(sent.insert(arrival.k, rows.row(0, arrival.k)), None);
                }
            }
        }
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_rows_of_a_stripe_are_those_of_its_arrivals(
        arrivals in 8u64..2_000,
        rows in 1u64..600,
        shards in 1u32..9,
        cut in 100u64..1_000,
        pick in prop::sample::select(vec!["turn", "once", "shuffle", "random"]),
        is_exact: bool,
    ) {
        let mix = if is_exact { "exact" } else { "drawn" };
        let rows = if pick == "once" { arrivals + 8 } else { rows };
        let plan = planned(pick, mix, &rate(arrivals), rows)
            .workers(shards)
            .slice_max(Duration::from_millis(cut))
            .plan();
        let (all, mix, schedule) = (plan.rows(), plan.mix(), plan.schedule().unwrap());
        let most = plan.slices.iter().map(|slice| slice.arrivals[0].end - slice.arrivals[0].start).max().unwrap();
        for (index, slice) in plan.slices.iter().enumerate() {
            for shard in 0..shards {
                let used: BTreeSet<u64> = stripe(&schedule, slice, shard, shards)
                    .filter(|arrival| uses_the_feed(mix.drawn(arrival.k)))
                    .map(|arrival| all.row(0, arrival.k))
                    .collect();
                let most = all.of_worker_max(0, most, shards);
                prop_assert!(used.len() as u64 <= most, "{} of {most}", used.len());
                match plan.rows_of_stripe(0, index, StripeOf { stripe: shard, stripes: shards }) {
                    RowSet::All => prop_assert!(pick != "once" || used.len() as u64 == rows),
                    RowSet::Some(kept) => prop_assert!(kept.into_iter().map(u64::from).eq(used)),
                }
            }
        }
    }

    #[test]
    fn the_rows_of_users_are_those_of_a_stripe_of_users(users in 1u32..300, rows in 1u64..200, shards in 1u32..7) {
        prop_assume!(shards <= users);
        let load = format!("{{ users: {{ users: {users}, duration: 1s }} }}");
        let text = text("user", "drawn", &load).replace("flows:", "connections: kept\nflows:");
        let plan = Planned::of(&text).file("ids.csv", csv(rows)).workers(shards).plan();
        for shard in 0..shards {
            let used: BTreeSet<u64> = (0..users).filter(|user| user % shards == shard).map(|user| u64::from(user) % rows).collect();
            prop_assert!(used.len() as u64 <= plan.rows().of_worker_max(0, 0, shards));
            match plan.rows_of_stripe(0, 0, StripeOf { stripe: shard, stripes: shards }) {
                RowSet::All => prop_assert_eq!(used.len() as u64, rows),
                RowSet::Some(kept) => prop_assert!(kept.into_iter().map(u64::from).eq(used)),
            }
        }
    }

    #[test]
    fn rows_picked_once_are_sent_once_by_any_number_of_workers_and_slices(
        blocks in 1u64..60,
        rest in 0u64..8,
        shards in 1u32..7,
        restriped in 1u32..7,
        cut in 100u64..1_000,
        is_exact: bool,
    ) {
        // Reduced to the smallest whole numbers, the weights are 5, 2 and 1.
        let arrivals = blocks * 8 + rest;
        let (mix, needed) = match is_exact {
            true => ("exact", arrivals.div_ceil(8) * 3),
            false => ("drawn", arrivals),
        };
        let of = |rows: u64| {
            planned("once", mix, &rate(arrivals), rows)
                .workers(shards.min(arrivals as u32))
                .slice_max(Duration::from_millis(cut))
        };
        let plan = of(needed).plan();
        let rows = sent(&plan, plan.shards);
        prop_assert_eq!(&sent(&plan, restriped), &rows);
        let unique: BTreeSet<u64> = rows.values().copied().collect();
        prop_assert_eq!(unique.len(), rows.len());
        prop_assert!(unique.last().is_none_or(|last| *last < needed));
        if is_exact && rest == 0 {
            prop_assert!(unique.into_iter().eq(0..needed));
        }
        let problem = of(needed - 1).read().unwrap_err().to_string();
        prop_assert!(problem.contains(&format!("the run needs {needed}")), "{}", problem);
    }

    #[test]
    fn shuffled_rows_are_sent_once_per_pass_in_changing_orders(rows in 2u64..40, shards in 1u32..5) {
        let arrivals = rows * 8 * 3;
        let plan = planned("shuffle", "exact", &rate(arrivals), rows).plan();
        // The test counts each row over all passes through the feed, and lists the rows of each pass.
        let sent = sent(&plan, shards);
        let mut counts = vec![0u64; rows as usize];
        sent.values().for_each(|row| counts[*row as usize] += 1);
        prop_assert_eq!(counts, vec![9; rows as usize]);
        let alone = Planned::of(&format!(
            "name: t\nseed: 7\ntarget: http://127.0.0.1:1\nload: {}\nfeeds: {{ ids: {{ file: ids.csv, pick: shuffle }} }}\n\
             requests: [ {{ name: a, url: '/{{{{ feed ids.id }}}}' }} ]\n",
            rate(arrivals)
        ));
        let order = alone.file("ids.csv", csv(rows)).plan().rows();
        let passes: BTreeSet<Vec<u64>> = (0..24)
            .map(|pass| (0..rows).map(|k| order.row(0, pass * rows + k)).collect())
            .collect();
        prop_assert!(passes.len() > 1);
        for pass in passes {
            let unique: BTreeSet<u64> = pass.into_iter().collect();
            prop_assert!(unique.into_iter().eq(0..rows));
        }
    }
}

#[test]
fn a_hundred_thousand_users_log_in_once_each_with_any_number_of_workers() {
    let plan = planned("once", "drawn", &rate(100_000), 100_000).workers(3).plan();
    let all = sent(&plan, 3);
    let unique: BTreeSet<u64> = all.values().copied().collect();
    assert_eq!(unique.len(), all.len());
    assert_eq!(all, sent(&plan, 17));
    assert!(all.iter().all(|(k, row)| k == row));
}

#[test]
fn rows_are_used_in_turn_by_default() {
    let plan = planned("turn", "drawn", &rate(50), 7).plan();
    assert!(sent(&plan, 1).into_iter().all(|(k, row)| row == k % 7));
}

#[test]
fn drawn_rows_are_uniform_and_independent_of_other_feeds() {
    let text =
        text("random", "drawn", &rate(50)).replace("feeds: { ", "feeds: { more: { file: ids.csv, pick: random }, ");
    let rows = Planned::of(&text).file("ids.csv", csv(5)).plan().rows();
    let mut counts = [[0u32; 5]; 5];
    for k in 0..50_000 {
        counts[rows.row(0, k) as usize][rows.row(1, k) as usize] += 1;
    }
    assert!(
        counts.iter().flatten().all(|count| (1_700..2_300).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_user_has_one_row_in_all_iterations_and_slices() {
    let load = "{ ramp_users: { from: 0, to: 12, duration: 5s } }";
    let rows = planned("user", "drawn", load, 5).plan().rows();
    for user in 0..12 {
        for iteration in [0, 1, 2, 1 << 32, (1 << 32) + 5] {
            assert_eq!(rows.row(0, arrival_of(user, iteration, 12)), user % 5);
        }
    }
}

#[test]
fn picks_that_do_not_fit_the_load_are_refused_with_a_hint() {
    let users = "{ users: { users: 5, duration: 1s } }";
    let check = |pick: &str, mix: &str, load: &str, parts: &[&str]| {
        let problems = planned(pick, mix, load, 9).read().unwrap_err();
        assert_eq!(problems.count(), 1, "{problems}");
        for part in parts {
            assert!(problems.to_string().contains(part), "no `{part}` in\n{problems}");
        }
    };
    check(
        "once",
        "drawn",
        users,
        &["`pick: once` of the feed `ids`", "write `pick: user`"],
    );
    check(
        "user",
        "drawn",
        &rate(5),
        &["`pick: user` of the feed `ids`", "write `pick: once`"],
    );
    check(
        "once",
        "drawn",
        &rate(10),
        &["has 9 rows, and the run needs 10", "write `mix: exact`"],
    );
    check(
        "once",
        "exact",
        &rate(25),
        &["has 9 rows, and the run needs 12", "add rows, or shorten"],
    );
    check("twice", "drawn", &rate(5), &["`twice` is not a choice of rows"]);
    check("turn", "exact", users, &["`mix: exact` is for a load of rates"]);
    check("turn", "even", &rate(5), &["`even` is not an order of a mix"]);
    let large = text("turn", "exact", &rate(5)).replace("weight: 10", "weight: 999999");
    let problems = Planned::of(&large)
        .file("ids.csv", csv(1))
        .read()
        .unwrap_err()
        .to_string();
    assert!(
        problems.contains("would have 1000005 arrivals, more than 1000000"),
        "{problems}"
    );
}

#[test]
fn the_rows_of_a_run_are_described() {
    let check = |pick: &str, mix: &str, load: &str, expected: &str| {
        let scenario = planned(pick, mix, load, 9).scenario();
        let described: Vec<String> = scenario.rows_of(&scenario.populations[0]).describe().collect();
        assert_eq!(described, [format!("ids: {expected}")], "{pick} {mix} {load}");
    };
    check("turn", "drawn", &rate(5), "9 rows in turn");
    check("shuffle", "drawn", &rate(5), "9 rows, shuffled for each pass");
    check("random", "drawn", &rate(5), "9 rows, drawn for each arrival");
    check("once", "drawn", &rate(5), "rows 1 to 5 of 9, each at most once");
    check("once", "exact", &rate(16), "rows 1 to 6 of 9, each once");
    check("once", "exact", &rate(17), "rows 1 to 9 of 9, each at most once");
    let users = |users: u32| format!("{{ users: {{ users: {users}, duration: 1s }} }}");
    check("user", "drawn", &users(5), "rows 1 to 5 of 9, one for each user");
    check("user", "drawn", &users(10), "9 rows, shared by 10 users");
}

#[test]
fn picks_and_the_order_of_a_mix_are_stored_only_if_they_are_not_those_of_older_plans() {
    let plan = planned("once", "exact", &rate(16), 9).plan();
    let stored: Value = serde_json::from_slice(&plan.encode()).unwrap();
    assert_eq!(
        (&stored["mix"], &stored["feeds"][0]["pick"]),
        (&"exact".into(), &"once".into())
    );
    assert_eq!(Plan::decode(&plan.encode()).unwrap(), plan);
    let older = planned("turn", "drawn", &rate(16), 9).plan();
    let stored: Value = serde_json::from_slice(&older.encode()).unwrap();
    assert!(stored.get("mix").is_none() && stored["feeds"][0].get("pick").is_none());
    let read = Plan::decode(stored.to_string().as_bytes()).unwrap();
    assert_eq!(
        (read.only().mix_order, read.feeds[0].pick),
        (MixOrder::Drawn, Pick::Turn)
    );
}

#[test]
fn a_stored_plan_whose_rows_do_not_suffice_is_rejected() {
    let plan = planned("once", "exact", &rate(16), 9).plan();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut stored: Value = serde_json::from_slice(&plan.encode()).unwrap();
        change(&mut stored);
        Plan::decode(stored.to_string().as_bytes()).unwrap_err().to_string()
    };
    let few = changed(&|stored| stored["feeds"][0]["rows"] = 5.into());
    assert!(few.contains("has 5 rows, and the run needs 6"), "{few}");
    let user = changed(&|stored| stored["feeds"][0]["pick"] = "user".into());
    assert!(user.contains("`pick: user`"), "{user}");
    let large = changed(&|stored| stored["requests"][0]["weight"] = 999_999.into());
    assert!(large.contains("do not permit an exact mix"), "{large}");
}

#[test]
fn a_large_feed_is_stored_in_parts_that_have_its_rows() {
    let large = |pick: &str| {
        let rows: String = (0..9_000)
            .map(|row| format!("{row};\"{}\n\"\r\n", "x".repeat(1_000)))
            .collect();
        Planned::of(&text(pick, "drawn", &rate(5))).file("ids.csv", format!("\u{feff}id;text\r\n{rows}"))
    };
    let scenario = large("once").scenario();
    let feed = &scenario.feeds[0];
    assert!(
        !scenario.blobs.contains_key(&feed.blob) && feed.parts.len() == 5,
        "{feed:?}"
    );
    let mut row = 0;
    for part in &feed.parts {
        let sheet = Sheet::read(&scenario.blobs[&part.blob], None).unwrap();
        assert_eq!((sheet.columns(), sheet.rows() as u64), (&feed.columns[..], part.rows));
        for index in 0..sheet.rows() {
            assert_eq!(sheet.cell(index, 0), (row + index).to_string());
        }
        row += sheet.rows();
    }
    assert_eq!(row as u64, feed.rows);
    let plan = large("once").plan();
    assert_eq!(Plan::decode(&plan.encode()).unwrap(), plan);
    let mut stored: Value = serde_json::from_slice(&plan.encode()).unwrap();
    stored["feeds"][0]["parts"][0]["rows"] = 1.into();
    let error = Plan::decode(stored.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("the parts of a feed do not have its rows"), "{error}");
    let small = planned("once", "drawn", &rate(5), 5).plan();
    assert!(small.feeds[0].parts.is_empty() && !small.has_large_feeds());
}

#[test]
fn the_rows_of_a_stripe_are_those_of_all_populations() {
    let request = |name: &str| format!("requests: {{ name: {name}, url: '/{{{{ feed ids.id }}}}' }}");
    let text = format!(
        "name: t\nseed: 7\ntarget: http://127.0.0.1:1\nfeeds: {{ ids: {{ file: ids.csv, pick: shuffle }} }}\npopulations:\n\
         \x20 first: {{ load: {{ constant: {{ rate: 11/s, duration: 1s }} }}, {} }}\n\
         \x20 second: {{ start: 500ms, load: {{ constant: {{ rate: 50/s, duration: 2s }} }}, {} }}\n",
        request("a"),
        request("b")
    );
    let plan = Planned::of(&text)
        .file("ids.csv", csv(1_000))
        .workers(3)
        .slice_max(Duration::from_secs(1))
        .plan();
    for slice in 0..plan.slices.len() {
        for shard in 0..3 {
            let mut used = BTreeSet::new();
            for population in 0..2 {
                let own = plan.stripe(shard).rotated(plan.first_stripe(population));
                let (alone, window) = (plan.alone(population), plan.slices[slice].arrivals[population].clone());
                let rows = alone.rows();
                used.extend(
                    window
                        .filter(|k| k % 3 == u64::from(own.stripe))
                        .map(|k| rows.row(0, k) as u32),
                );
            }
            let kept = plan.rows_of_stripe(0, slice, plan.stripe(shard));
            assert_eq!(
                kept,
                RowSet::Some(used.into_iter().collect()),
                "slice {slice}, shard {shard}"
            );
        }
    }
}
