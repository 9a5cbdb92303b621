//! Tests of the reports of flows. The counts of a report equal the counts of the server.

use serde_json::Value;
use whole_runs::machine::{Desk, Target};

const FLOWS: &str = "
load: { constant: { rate: 20/s, duration: 3s } }
flows:
  - name: buy
    weight: 3
    steps:
      - { name: login, post: /login }
      - pause: 200ms to 300ms
      - repeat: 2
        steps: [ { name: list, get: /list } ]
      - { name: order, post: /order }
  - name: broken
    steps:
      - { name: order, get: /status/503, on_failure: retry 1 }
      - { name: thanks, get: /thanks }
thresholds:
  - latency p95 of buy < 200ms
  - session p50 of buy >= 200ms
  - session p95 of buy < 2s
  - errors of buy <= 0%
  - errors of broken < 1%
  - rate of buy > 1/s
";

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a count"))
}

#[test]
fn a_run_with_flows_reports_flows_and_steps_as_the_server_counts_them() {
    let (desk, target) = (Desk::new(), Target::start("latency 1ms"));
    desk.write("shop.yaml", &format!("name: shop\ntarget: {}\n{FLOWS}", target.url()));
    let args = "launch shop.yaml --run r --workers 2 --out shop.json --junit shop.xml --csv shop.csv --html shop.html";
    let args: Vec<&str> = args.split(' ').collect();
    let text = desk.run(&args).expect(99, &[]).stdout;

    let report = desk.json("shop.json");
    let [buy, broken] = [0, 1].map(|at| &report["flows"][at]);
    let (bought, failed) = (number(&buy["started"]), number(&broken["started"]));
    assert_eq!(bought + failed, 60);
    assert!(bought > 0 && failed > 0, "{bought} {failed}");
    assert_eq!((&buy["completed"], &buy["failed"]), (&bought.into(), &0.into()));
    assert_eq!((&broken["completed"], &broken["failed"]), (&0.into(), &failed.into()));
    let steps = &broken["steps"];
    assert_eq!(
        (&steps[0]["name"], &steps[0]["failed"]),
        (&"broken/order".into(), &failed.into())
    );
    assert_eq!(
        (&steps[1]["name"], &steps[1]["not_reached"]),
        (&"broken/thanks".into(), &failed.into())
    );
    let pauses = buy["session"]["mean_ms"].as_f64().unwrap() - buy["latency"]["mean_ms"].as_f64().unwrap();
    assert!((200.0..400.0).contains(&pauses), "{pauses} ms of pauses");

    let by_path = target.by_path();
    let served = |path: &str| by_path.get(path).copied().unwrap_or(0);
    let sent = |name: &str| {
        let requests = report["requests"].as_array().unwrap();
        let request = requests.iter().find(|request| request["name"] == name).unwrap();
        (number(&request["sent"]), number(&request["retries"]))
    };
    assert_eq!(sent("buy/login"), (served("/login"), 0));
    assert_eq!(sent("buy/list"), (served("/list"), 0));
    assert_eq!(sent("buy/list").0, 2 * bought);
    assert_eq!(sent("buy/order"), (served("/order"), 0));
    assert_eq!(sent("broken/order"), (failed, failed));
    assert_eq!(served("/status/503"), 2 * failed);
    assert_eq!((sent("broken/thanks"), served("/thanks")), ((0, 0), 0));

    let all = 4 * bought + failed;
    let lines = [
        "arrivals   60 planned = 60 begun + 0 dropped + 0 missing".to_owned(),
        format!("flows      60 started = {bought} completed + {failed} failed + 0 stopped + 0 in flight"),
        format!(
            "requests   {all} sent = {} completed + {failed} failed + 0 in flight",
            4 * bought
        ),
    ];
    for line in lines {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    let judged = |line: &str| {
        let all = report["thresholds"].as_array().unwrap();
        all.iter().find(|judged| judged["threshold"] == line).unwrap()["kept"].clone()
    };
    for line in FLOWS
        .lines()
        .filter_map(|line| line.strip_prefix("  - "))
        .filter(|line| line.contains(" of "))
    {
        assert_eq!(judged(line), (line != "errors of broken < 1%"), "{line}\n{text}");
    }
    let html = std::fs::read_to_string(desk.path("shop.html")).unwrap();
    assert!(html.contains("\"session_p50\""), "the page has no flows");
}
