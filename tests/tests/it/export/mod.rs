//! Live metrics, held against the report: each count that a real Prometheus and a real receiver of OTLP were given must
//! be the report's, to the request, and no receiver, however bad, may change a run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dashboard;
mod numbers;
mod otlp;
mod prometheus;
mod server;
mod trouble;

use serde_json::Value;
use whole_runs::machine::Desk;

/// Two names in two regions; some answers are failures, some requests get none, and one phase is not measured.
const SCENARIO: &str = "\
name: shop
target: { builtin: 'latency 1ms..9ms, errors 10%, body 100' }
regions: { us-east-1: 60%, eu-west-1: 40% }
load:
  - warm_up: { rate: 50/s, duration: 1s }
  - constant: { rate: 200/s, duration: 4s }
requests:
  - { name: home, weight: 6, url: / }
  - { name: order, weight: 3, url: /status/404 }
  - { name: broken, weight: 1, url: /fault/reset }
";

/// Arrivals of it that are measured, and that are not: a warm-up begins at nothing.
const MEASURED: u64 = 800;
const UNMEASURED: u64 = 25;

const LAUNCH: [&str; 6] = ["launch", "shop.yaml", "--workers", "5", "--store", "runs"];

/// A run of it, exported as `how` says; its report.
fn launch(desk: &Desk, run: &str, how: &[&str]) -> (Value, String) {
    desk.write("shop.yaml", SCENARIO);
    let out = format!("{run}.json");
    let ran = desk.run(&[&LAUNCH[..], &["--run", run, "--out", &out], how].concat());
    let ran = ran.expect(0, &[]);
    let report = desk.json(&out);
    assert_eq!(report["balance"]["planned"], MEASURED, "{}", report["balance"]);
    (report, ran.stderr)
}
