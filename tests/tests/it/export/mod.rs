//! Live metrics equal the report. Each count that a real Prometheus or a real OTLP receiver has received must equal the
//! count in the report, and a receiver with faults must not affect a run.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod dashboard;
mod numbers;
mod otlp;
mod prometheus;
mod server;
mod trouble;

use serde_json::Value;
use whole_runs::machine::Desk;

/// A scenario with requests in two regions. Some answers are failures, some requests get no answer, and one phase is
/// not measured.
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

/// The numbers of measured and unmeasured arrivals. The warm-up is a ramp that begins at zero.
const MEASURED: u64 = 800;
const UNMEASURED: u64 = 25;

const LAUNCH: [&str; 6] = ["launch", "shop.yaml", "--workers", "5", "--store", "runs"];

/// Runs the scenario with these options for exports. Returns the report and the stderr.
fn launch(desk: &Desk, run: &str, options: &[&str]) -> (Value, String) {
    desk.write("shop.yaml", SCENARIO);
    let out = format!("{run}.json");
    let ran = desk.run(&[&LAUNCH[..], &["--run", run, "--out", &out], options].concat());
    let ran = ran.expect(0, &[]);
    let report = desk.json(&out);
    assert_eq!(report["balance"]["planned"], MEASURED, "{}", report["balance"]);
    (report, ran.stderr)
}
