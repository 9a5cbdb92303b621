//! Tests of live metrics. A real Prometheus and a real OTLP receiver receive the metrics.
//!
//! Each received count must equal the count in the report. A receiver with faults must not affect a run.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod dashboard;
mod numbers;
mod otlp;
mod prometheus;
mod server;
mod trouble;

use serde_json::Value;
use whole_runs::machine::Desk;

/// A scenario with requests in two regions and an unmeasured phase. Some requests fail because of their answer, and
/// some requests get no answer.
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

/// The number of measured arrivals and the number of unmeasured arrivals. The unmeasured phase is a ramp from zero.
const MEASURED: u64 = 800;
const UNMEASURED: u64 = 25;

const LAUNCH: [&str; 6] = ["launch", "shop.yaml", "--workers", "5", "--store", "runs"];

/// Runs the scenario with these options. Returns the report, and the text on stderr.
fn launch(desk: &Desk, run: &str, options: &[&str]) -> (Value, String) {
    desk.write("shop.yaml", SCENARIO);
    let out = format!("{run}.json");
    let ran = desk.run(&[&LAUNCH[..], &["--run", run, "--out", &out], options].concat());
    let ran = ran.expect(0, &[]);
    let report = desk.json(&out);
    assert_eq!(report["balance"]["planned"], MEASURED, "{}", report["balance"]);
    (report, ran.stderr)
}
