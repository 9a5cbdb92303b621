//! Tests of populations from the scenario to the report. The counts of the report equal the counts of the server.

use super::trying::http2_server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use whole_runs::machine::{Desk, Target};

const SHOP: &str = "
seed: 3
defaults: { headers: { X-Id: '{{ uuid }}' } }
feeds: { rows: rows.csv }
populations:
  people:
    load: { users: { users: 4, duration: 2s } }
    think_time: 100ms
    flows:
      - name: buy
        steps:
          - { name: list, get: /people/list }
          - pause: 50ms
          - { name: order, post: /people/order, body: '{{ feed rows.id }}' }
  partners:
    start: 1s
    load: { constant: { rate: 30/s, duration: 2s } }
    connections: fresh
    mix: exact
    requests:
      - { name: stock, url: /partners/stock, weight: 2 }
      - { name: gone, url: /status/503, weight: 1 }
  nightly:
    load: { constant: { rate: 1/s, duration: 2s } }
    requests: [ { name: sync, url: '/nightly/{{ arrival }}' } ]
  calls:
    load: { constant: { rate: 10/s, duration: 1s } }
    protocol: http2
    requests: [ { name: call, url: 'HTTP2/call/{{ arrival }}' } ]
thresholds:
  - latency p99 of partners < 2s
  - errors of partners < 10%
  - errors of people/buy <= 0%
  - rate of partners >= 20/s
  - rate of partners <= 20/s
  - rate of nightly/sync >= 1/s
";

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a count"))
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut list = list.as_array().unwrap().iter();
    list.find(|item| item["name"] == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn each_population_sends_its_own_load_and_is_reported_as_the_server_counts_it() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("rows.csv", "id\n1\n2\n3\n");
    let (http2, seen) = http2_server();
    let text = format!("name: shop\ntarget: {}\n{SHOP}", target.url());
    desk.write("shop.yaml", &text.replace("HTTP2", &http2));
    let args =
        "launch shop.yaml --run r --workers 3 --out shop.json --junit shop.xml --html shop.html --markdown shop.md";
    let text = desk.run(&args.split(' ').collect::<Vec<_>>()).expect(99, &[]).stdout;

    let report = desk.json("shop.json");
    let by_path = target.by_path();
    let served = |path: &str| by_path.get(path).copied().unwrap_or(0);
    let sent = |name: &str| number(&named(&report["requests"], name)["sent"]);
    assert_eq!((sent("partners/stock"), served("/partners/stock")), (40, 40));
    assert_eq!((sent("partners/gone"), served("/status/503")), (20, 20));
    assert_eq!(
        (sent("nightly/sync"), served("/nightly/0"), served("/nightly/1")),
        (2, 1, 1)
    );
    assert_eq!(sent("people/buy/list"), served("/people/list"));
    assert_eq!(sent("people/buy/order"), served("/people/order"));
    let called: BTreeSet<String> = seen.lock().unwrap().iter().map(|(_, path, ..)| path.clone()).collect();
    assert_eq!(called, (0..10).map(|k| format!("/call/{k}")).collect());
    assert_eq!((sent("calls/call"), seen.lock().unwrap().len()), (10, 10));
    let flows = number(&named(&report["flows"], "people/buy")["started"]);
    assert!((20..=60).contains(&flows), "{flows} flows of 4 users in 2 s");
    assert_eq!(flows, sent("people/buy/list"));

    // The rate of a population is computed over the measured time of this population.
    let population = |name: &str| named(&report["populations"], name).clone();
    let partners = population("partners");
    assert_eq!((number(&partners["sent"]), number(&partners["failed"])), (60, 20));
    assert!(
        (partners["rate_per_s"].as_f64().unwrap() - 20.0).abs() < 1e-9,
        "{partners}"
    );
    assert_eq!(
        number(&population("people")["sent"]),
        sent("people/buy/list") + sent("people/buy/order")
    );
    assert!(
        (named(&report["requests"], "nightly/sync")["rate_per_s"]
            .as_f64()
            .unwrap()
            - 1.0)
            .abs()
            < 1e-9
    );
    assert!((report["measured_s"].as_f64().unwrap() - 3.0).abs() < 1e-9);

    // A comparison shows the same rates as the report.
    desk.run(&["compare", "r", "r", "--out", "compare.json"]).expect(0, &[]);
    let compared = desk.json("compare.json");
    let rows = compared["rows"].as_array().unwrap().iter();
    let rates: Vec<&Value> = rows
        .filter(|row| row["statistic"] == "rate" && row["request"].is_string())
        .collect();
    for row in &rates {
        let name = row["request"].as_str().unwrap();
        let list = if name == "people/buy" { "flows" } else { "requests" };
        let expected = named(&report[list], name)["rate_per_s"].as_f64().unwrap();
        assert!(
            (row["a"].as_f64().unwrap() - expected).abs() < 1e-9,
            "{row}, not {expected}"
        );
    }
    assert_eq!(rates.len(), 7, "{rates:?}");

    // The number of planned arrivals includes the arrivals of users. No arrival is missing.
    let balance = &report["balance"];
    assert_eq!(number(&balance["planned"]), 72 + flows);
    assert_eq!((number(&balance["missing"]), number(&balance["dropped"])), (0, 0));
    let judged = |line: &str| {
        let all = report["thresholds"].as_array().unwrap();
        all.iter().find(|judged| judged["threshold"] == line).unwrap()["kept"].clone()
    };
    assert_eq!(judged("errors of partners < 10%"), false);
    for met in [
        "errors of people/buy <= 0%",
        "rate of partners >= 20/s",
        "rate of partners <= 20/s",
        "rate of nightly/sync >= 1/s",
    ] {
        assert_eq!(judged(met), true, "{met}");
    }
    let failures = &report["failures"][0];
    assert_eq!(failures["request"], "partners/gone");
    let first = number(&failures["first"][0]);
    assert!(
        text.contains(&format!("vajra-cloud try SCENARIO --arrival {first} --of partners")),
        "{text}"
    );
    assert!(text.contains("population"), "{text}");
    let markdown = std::fs::read_to_string(desk.path("shop.md")).unwrap();
    assert!(markdown.contains("| all of partners |"), "{markdown}");

    // `try` sends the same request as the run for an arrival of a population.
    let tried = desk.run(&["try", "shop.yaml", "--arrival", &first.to_string(), "--of", "partners"]);
    assert!(tried.expect(99, &[]).stdout.contains("partners/gone"));
    let arrival = desk.run(&["try", "shop.yaml", "--arrival", "1"]);
    assert!(
        arrival
            .expect(2, &[])
            .stderr
            .contains("add --of NAME with one of: people, partners, nightly, calls")
    );
    let tried = desk.run(&["try", "shop.yaml", "--of", "nightly"]);
    assert!(tried.expect(0, &[]).stdout.contains("/nightly/0"));
}

#[test]
fn populations_are_calibrated_together() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let text = |rates: [&str; 2], users: &str| {
        format!(
            "name: c\ntarget: {}\npopulations:\n\
             \x20 a:\n    load: {{ constant: {{ rate: {}, duration: 2s }} }}\n    requests: [ {{ name: one, url: /one }} ]\n\
             \x20 b:\n    load: {{ constant: {{ rate: {}, duration: 2s }} }}\n    requests: [ {{ name: two, url: /two }} ]\n{users}",
            target.url(),
            rates[0],
            rates[1],
        )
    };
    desk.write("s.yaml", &text(["90/s", "30/s"], ""));
    desk.run(&["launch", "s.yaml", "--workers", "auto"])
        .expect(2, &["no calibration of this mix"]);
    let ran = desk
        .run(&["calibrate", "s.yaml", "--max-lag", "50ms"])
        .expect(0, &["one worker, at most 120.0/s"]);
    assert!(
        ran.stdout.starts_with("one worker can send at least 120.0/s of c") && ran.stdout.contains("need 1 worker "),
        "{}",
        ran.stdout
    );
    // The calibration needed one step of 2 s. The populations sent in proportion to their rates.
    let by_path = target.by_path();
    assert_eq!((by_path["/one"], by_path["/two"]), (180, 60));
    // All rates are multiplied by three, so the mix and its calibration stay the same.
    desk.write("s.yaml", &text(["270/s", "90/s"], ""));
    desk.run(&["launch", "s.yaml", "--workers", "auto", "--out", "out.json"])
        .expect(0, &[]);
    assert_eq!(desk.json("out.json")["workers"].as_array().unwrap().len(), 4);
    let users = "  c:\n    load: { users: { users: 2, duration: 2s } }\n    requests: [ { name: three } ]\n";
    desk.write("s.yaml", &text(["9/s", "3/s"], users));
    for args in [&["calibrate", "s.yaml"][..], &["launch", "s.yaml", "--workers", "auto"]] {
        desk.run(args).expect(2, &["a population has users and no rates"]);
    }
}

#[test]
fn the_number_of_workers_and_slices_changes_nothing_that_populations_send() {
    let content = |workers: &str, slice: &[&str]| {
        let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
        let text = "seed: 5\npopulations:\n\
            \x20 a: { load: { constant: { rate: 20/s, duration: 2s } }, requests: [ { name: r, url: '/a/{{ random 1 1000000 }}' } ] }\n\
            \x20 b: { start: 1s, load: { constant: { rate: 10/s, duration: 2s } }, requests: [ { name: r, url: '/b/{{ random 1 1000000 }}' } ] }\n";
        desk.write("s.yaml", &format!("name: s\ntarget: {}\n{text}", target.url()));
        let mut args = vec!["launch", "s.yaml", "--workers", workers];
        args.extend(slice);
        desk.run(&args).expect(0, &[]);
        target.by_path()
    };
    let one = content("1", &[]);
    assert_eq!(one.values().sum::<u64>(), 60);
    assert_eq!(one, content("3", &[]));
    assert_eq!(one, content("2", &["--slice", "1s"]));
    // If the population `z` is listed before the population `a`, the requests of `a` do not change.
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    let only = format!(
        "name: s\ntarget: {}\nseed: 5\npopulations:\n\
         \x20 z: {{ load: {{ constant: {{ rate: 1/s, duration: 1s }} }}, requests: [ {{ name: r, url: '/z/{{{{ uuid }}}}' }} ] }}\n\
         \x20 a: {{ load: {{ constant: {{ rate: 20/s, duration: 2s }} }}, requests: [ {{ name: r, url: '/a/{{{{ random 1 1000000 }}}}' }} ] }}\n",
        target.url()
    );
    desk.write("s.yaml", &only);
    desk.run(&["launch", "s.yaml"]).expect(0, &[]);
    let of_first = |paths: BTreeMap<String, u64>| {
        let paths = paths.into_iter().filter(|(path, _)| path.starts_with("/a/"));
        paths.collect::<BTreeMap<_, _>>()
    };
    assert_eq!(of_first(target.by_path()), of_first(one.clone()));
    // A scenario with only the population `a` sends the same requests of `a` as the scenario with two populations.
    // `try` sends one of these requests.
    let alone: String = only
        .lines()
        .filter(|line| !line.contains("z: {"))
        .map(|line| format!("{line}\n"))
        .collect();
    desk.write("s.yaml", &alone);
    let before = of_first(target.by_path());
    desk.run(&["launch", "s.yaml"]).expect(0, &[]);
    let twice: BTreeMap<String, u64> = before.iter().map(|(path, count)| (path.clone(), 2 * count)).collect();
    assert_eq!(of_first(target.by_path()), twice);
    let tried = desk
        .run(&["try", "s.yaml", "--of", "a", "--arrival", "7"])
        .expect(0, &[])
        .stdout;
    assert!(tried.contains("seed 5\n"), "{tried}");
    assert!(
        before.keys().any(|path| tried.contains(&format!("> GET {path} "))),
        "{tried}"
    );
    // The two populations send different random values.
    let suffixes = |population: &str| {
        let paths = one.keys().filter_map(|path| path.strip_prefix(population));
        paths.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert!(suffixes("/a/").is_disjoint(&suffixes("/b/")));
}
